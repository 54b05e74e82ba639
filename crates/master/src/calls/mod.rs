//! Calls of schedulers: one function per call, here or beside what the call is about.

mod accept;
mod operations;
mod scheduler;
