//! The agent core in a world of virtual time: no socket, process, disk or clock.

mod drains;
mod executors;
mod kills;
mod launches;
mod link;
mod recovery;
mod scripts;
mod updates;
mod world;
