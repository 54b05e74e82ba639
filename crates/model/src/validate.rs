//! Checks of what comes in from outside, as pure functions.

pub mod role;
