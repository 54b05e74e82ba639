//! The program as people and scripts meet it: exit codes, what is data and what is talk, errors.

mod client;
mod daemons;
mod lost_launch;
mod masters;
mod played;
mod program;
mod registry;
