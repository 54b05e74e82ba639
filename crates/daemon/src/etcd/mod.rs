//! The few calls of etcd's API that a registry and an election need, over gRPC.
//!
//! One connection per member; a call that fails goes to the next one. Every call may be made twice because of
//! that, so callers make only such that have the same effect twice.

mod channel;
mod client;
#[expect(
    clippy::pedantic,
    clippy::enum_variant_names,
    unreachable_pub,
    reason = "written by prost-build"
)]
pub(crate) mod generated {
    include!("generated/etcdserverpb.rs");
}
mod target;
mod watch;

pub use client::{Change, Client, Condition, KeyValue, Outcome, Page};
pub use target::{Target, TargetError, Tls};
pub use watch::Watch;

use std::time::Duration;

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For one member; after it the next one is asked.
    pub each: Duration,
    /// For the call as a whole.
    pub all: Duration,
}

/// Why a call came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EtcdError {
    /// Nobody answered usefully. The call may still have had its effect.
    #[error("no member of {registry} answers: {cause}")]
    Unavailable { registry: String, cause: String },
    #[error(
        "{registry} wants credentials; give --registry-credential=FILE with its user and password"
    )]
    NoCredential { registry: String },
    #[error("{registry} does not accept the user and password of --registry-credential: {cause}")]
    Authentication { registry: String, cause: String },
    #[error("{registry} does not let this user read and write below {prefix}: {cause}")]
    Permission { registry: String, prefix: String, cause: String },
    /// The lease is not there (any more).
    #[error("the lease has ended")]
    NoLease,
    #[error("{registry} refused a call: {cause}")]
    Refused { registry: String, cause: String },
    #[error("{registry} sent an answer that cannot be understood: {cause}")]
    Garbled { registry: String, cause: String },
}

impl EtcdError {
    /// Whether the same call may go well later without anybody changing anything.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Whether it is about who may do what, which somebody may change.
    pub fn is_about_rights(&self) -> bool {
        matches!(
            self,
            Self::NoCredential { .. } | Self::Authentication { .. } | Self::Permission { .. }
        )
    }
}
