//! Written by `cargo xtask codegen`.

pub mod ebb {
    pub mod checkpoint {
        pub mod v1 {
            include!("ebb.checkpoint.v1.rs");
        }
    }
    pub mod link {
        pub mod v1 {
            include!("ebb.link.v1.rs");
        }
    }
    pub mod registry {
        pub mod v1 {
            include!("ebb.registry.v1.rs");
        }
    }
    pub mod v1 {
        include!("ebb.v1.rs");
    }
}
pub mod google {
    pub mod protobuf {
        include!("google.protobuf.rs");
    }
}
pub mod mesos {
    pub mod v1 {
        include!("mesos.v1.rs");
        pub mod agent {
            include!("mesos.v1.agent.rs");
        }
        pub mod allocator {
            include!("mesos.v1.allocator.rs");
        }
        pub mod executor {
            include!("mesos.v1.executor.rs");
        }
        pub mod maintenance {
            include!("mesos.v1.maintenance.rs");
        }
        pub mod master {
            include!("mesos.v1.master.rs");
        }
        pub mod quota {
            include!("mesos.v1.quota.rs");
        }
        pub mod resource_provider {
            include!("mesos.v1.resource_provider.rs");
        }
        pub mod scheduler {
            include!("mesos.v1.scheduler.rs");
        }
    }
}
pub(crate) mod tables {
    include!("tables.rs");
}
