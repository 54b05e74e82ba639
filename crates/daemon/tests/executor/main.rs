//! `ebb executor` and `ebb launch` as real processes with real tasks; the agent is played by a small
//! server, as the executor is what is on trial.

mod agent;
mod commands;
mod gate;
mod groups;
mod kills;
mod launches;
mod owner;
mod reconnects;
