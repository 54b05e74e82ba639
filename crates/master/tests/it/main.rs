//! Conversations with the master core: virtual time, no network, every effect looked at.

mod agents;
mod chaos;
mod drain;
mod peers;
mod running;
mod recovery;
mod world;
