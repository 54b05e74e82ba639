//! The shell around the cores: processes, disks, clocks and sockets.

pub mod agent;
pub mod causes;
pub mod clock;
pub mod container;
pub mod driver;
pub mod election;
pub mod etcd;
pub mod executor;
pub mod exposition;
pub mod fetch;
pub mod http;
pub mod journal;
pub mod logging;
pub mod master;
pub mod random;
pub mod registry;
pub mod store;
pub mod sys;
pub mod system;
pub mod version;
