//! The only place with `unsafe`: the few Linux calls that neither std nor rustix offers.
//!
//! Everything exported here is safe to call; each block says why it is sound.

pub mod clone;
pub mod heap;
pub mod owner;
pub mod user;
pub mod watch;
