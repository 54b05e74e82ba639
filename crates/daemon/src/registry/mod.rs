//! Where what a core writes down is kept: a file of its own, or etcd under the fence of one leader.

pub mod etcd;
mod pieces;
pub mod tenure;

pub use etcd::FencedWriter;
pub use tenure::{Standing, Tenure};

use crate::store::Store;

/// What the loop around a core commits to.
#[derive(Debug)]
pub enum Registry {
    Embedded(Store),
    Etcd(Box<FencedWriter>),
}

impl Registry {
    /// The leadership under which it may be written; none where nobody else can.
    pub fn tenure(&self) -> Option<&Tenure> {
        match self {
            Self::Embedded(_) => None,
            Self::Etcd(writer) => Some(writer.tenure()),
        }
    }
}

impl From<Store> for Registry {
    fn from(store: Store) -> Self {
        Self::Embedded(store)
    }
}

impl From<FencedWriter> for Registry {
    fn from(writer: FencedWriter) -> Self {
        Self::Etcd(Box::new(writer))
    }
}
