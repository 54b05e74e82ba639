//! The executor's promises, with time moved by hand.

mod bench;
mod checks;
mod exits;
mod groups;
mod kills;
mod launches;
mod subscriptions;
