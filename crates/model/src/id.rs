//! Identifiers, one type each, cheap to clone.

use std::fmt;
use std::sync::Arc;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident => $wire:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }

            #[allow(clippy::needless_update, reason = "a container id has a second field")]
            pub fn to_wire(&self) -> $wire {
                use $wire as Wire;
                Wire { value: self.0.to_string(), ..Wire::default() }
            }
        }

        impl From<&$wire> for $name {
            fn from(id: &$wire) -> Self {
                Self::new(&id.value)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

ids! {
    /// An agent, for as long as it keeps its work directory: `<master uuid>-S<n>`.
    AgentId => wire::v1::AgentId;
    /// A framework through all its failovers: `<master uuid>-<nnnn>`.
    FrameworkId => wire::v1::FrameworkId;
    /// A task; unique within its framework, chosen by the framework.
    TaskId => wire::v1::TaskId;
    /// An executor; unique within framework and agent.
    ExecutorId => wire::v1::ExecutorId;
    /// An offer: `<master uuid>-O<n>`.
    OfferId => wire::v1::OfferId;
    /// One run of an executor on an agent: a UUID.
    ContainerId => wire::v1::ContainerId;
}
