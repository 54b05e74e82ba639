//! Conversations with the master core: virtual time, no network, every effect looked at.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod agents;
mod chaos;
mod drain;
mod frameworks;
mod maintenance;
mod market;
mod offers;
mod operations;
mod peers;
mod quota;
mod reconcile;
mod recovery;
mod reservations;
mod running;
mod scheduler_api;
mod service;
mod snapshot;
mod tasks;
mod world;
