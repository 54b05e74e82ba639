//! Conversations with the master core: virtual time, no network, every effect looked at.

mod agents;
mod chaos;
mod drain;
mod peers;
mod reads;
mod recovery;
mod world;
