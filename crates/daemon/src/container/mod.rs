//! Processes of a container: start them, hear of their end, and prove that none is left.
//!
//! A container's processes all descend from its owner, the executor, which is a child subreaper:
//! whoever loses its parent inside the tree becomes a child of the owner. Where cgroup v2 can be
//! written the container is a cgroup as well. Every process also carries
//! [`marker::CONTAINER_ID`] in its environment, for the case that the owner itself was killed.

pub mod board;
pub mod cgroup;
pub mod destroy;
pub mod logs;
pub mod marker;
pub mod pidfd;
pub mod proc;
pub mod reaper;
pub mod spawn;
pub mod terminate;
pub mod tree;
pub mod usage;
pub mod volumes;

#[cfg(test)]
mod testing;
