//! What clients of the four APIs and of the older endpoints can count on, as tables: each call and
//! endpoint with what it answers in JSON and in protobuf, and with what it refuses.
//!
//! Nothing here knows the implementation. `EBB_CONTRACT_MASTER` and `EBB_CONTRACT_AGENT` (URLs, such as
//! `http://10.0.0.1:5050`) aim the suite at a cluster that runs; without them it starts one of its own for
//! each test. At a cluster that is given, tests take turns by themselves, with whatever runs them; it has to be
//! alone with them. A new call is an entry in `surface/`, from which `cargo xtask reference` writes the tables of
//! `docs/reference/`, too.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "all of it is test code, though not every function is a #[test]"
)]

mod answers;
mod api;
#[path = "../guide/gaps.rs"]
mod gaps;
mod http;
mod scheduler;
mod shape;
mod surface;
mod target;

mod attach;
mod calls;
mod captures;
mod completeness;
mod endpoints;
mod executors;
mod heads;
mod parameters;
mod python;
mod refusals;
mod streams;
