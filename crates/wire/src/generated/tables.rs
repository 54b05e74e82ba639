// Written by `cargo xtask codegen`.
use crate::table::{Message, EnumTable, FieldTable, Kind, Label, MessageTable};

#[rustfmt::skip]
static EBB_LINK_V1_CALL_TYPE: EnumTable = EnumTable {
    name: "ebb.link.v1.Call.Type",
    values: &[
        ("UNKNOWN", 0),
        ("STATUS_UPDATE", 1),
        ("EXITED_EXECUTOR", 2),
        ("MESSAGE", 3),
        ("PONG", 4),
        ("DRAIN_PROGRESS", 5),
        ("OPERATION_UPDATE", 6),
        ("UNREGISTER", 7),
    ],
};

#[rustfmt::skip]
static EBB_LINK_V1_EVENT_TYPE: EnumTable = EnumTable {
    name: "ebb.link.v1.Event.Type",
    values: &[
        ("UNKNOWN", 0),
        ("REGISTERED", 1),
        ("PING", 2),
        ("DRAIN", 3),
        ("REACTIVATE", 4),
        ("RUN_TASK", 5),
        ("RUN_TASK_GROUP", 6),
        ("KILL_TASK", 7),
        ("SHUTDOWN_EXECUTOR", 8),
        ("SHUTDOWN_FRAMEWORK", 9),
        ("ACKNOWLEDGE_STATUS", 10),
        ("ACKNOWLEDGE_OPERATION", 11),
        ("UPDATE_FRAMEWORK", 12),
        ("RECONCILE_TASKS", 13),
        ("MESSAGE", 14),
        ("SHUTDOWN", 15),
        ("APPLY_OPERATION", 20),
    ],
};

#[rustfmt::skip]
static EBB_REGISTRY_V1_ADMISSION: EnumTable = EnumTable {
    name: "ebb.registry.v1.Admission",
    values: &[
        ("ADMISSION_UNKNOWN", 0),
        ("ADMITTED", 1),
        ("UNREACHABLE", 2),
        ("GONE", 3),
        ("REMOVED", 4),
    ],
};

#[rustfmt::skip]
static EBB_V1_BLOCKER_KIND: EnumTable = EnumTable {
    name: "ebb.v1.BlockerKind",
    values: &[
        ("BLOCKER_UNKNOWN", 0),
        ("TASK_STILL_RUNNING", 1),
        ("KILL_IN_PROGRESS", 2),
        ("UPDATE_NOT_ACKNOWLEDGED", 3),
        ("FRAMEWORK_DISCONNECTED", 4),
        ("OPERATION_PENDING", 5),
        ("AGENT_NOT_REACHABLE", 6),
        ("AGENT_NOT_CONFIRMED", 7),
    ],
};

#[rustfmt::skip]
static EBB_V1_REACHABILITY: EnumTable = EnumTable {
    name: "ebb.v1.Reachability",
    values: &[
        ("REACHABILITY_UNKNOWN", 0),
        ("REGISTERED", 1),
        ("DISCONNECTED", 2),
        ("RECOVERED", 3),
        ("UNREACHABLE", 4),
        ("GONE", 5),
        ("REMOVED", 6),
    ],
};

#[rustfmt::skip]
static MESOS_V1_AGENT_INFO_CAPABILITY_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.AgentInfo.Capability.Type",
    values: &[
        ("UNKNOWN", 0),
        ("MULTI_ROLE", 1),
        ("HIERARCHICAL_ROLE", 2),
        ("RESERVATION_REFINEMENT", 3),
        ("RESOURCE_PROVIDER", 4),
        ("RESIZE_VOLUME", 5),
        ("AGENT_OPERATION_FEEDBACK", 6),
        ("AGENT_DRAINING", 7),
        ("TASK_RESOURCE_LIMITS", 8),
    ],
};

#[rustfmt::skip]
static MESOS_V1_CSI_PLUGIN_CONTAINER_INFO_SERVICE: EnumTable = EnumTable {
    name: "mesos.v1.CSIPluginContainerInfo.Service",
    values: &[
        ("UNKNOWN", 0),
        ("CONTROLLER_SERVICE", 1),
        ("NODE_SERVICE", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_CAPABILITY_INFO_CAPABILITY: EnumTable = EnumTable {
    name: "mesos.v1.CapabilityInfo.Capability",
    values: &[
        ("UNKNOWN", 0),
        ("CHOWN", 1000),
        ("DAC_OVERRIDE", 1001),
        ("DAC_READ_SEARCH", 1002),
        ("FOWNER", 1003),
        ("FSETID", 1004),
        ("KILL", 1005),
        ("SETGID", 1006),
        ("SETUID", 1007),
        ("SETPCAP", 1008),
        ("LINUX_IMMUTABLE", 1009),
        ("NET_BIND_SERVICE", 1010),
        ("NET_BROADCAST", 1011),
        ("NET_ADMIN", 1012),
        ("NET_RAW", 1013),
        ("IPC_LOCK", 1014),
        ("IPC_OWNER", 1015),
        ("SYS_MODULE", 1016),
        ("SYS_RAWIO", 1017),
        ("SYS_CHROOT", 1018),
        ("SYS_PTRACE", 1019),
        ("SYS_PACCT", 1020),
        ("SYS_ADMIN", 1021),
        ("SYS_BOOT", 1022),
        ("SYS_NICE", 1023),
        ("SYS_RESOURCE", 1024),
        ("SYS_TIME", 1025),
        ("SYS_TTY_CONFIG", 1026),
        ("MKNOD", 1027),
        ("LEASE", 1028),
        ("AUDIT_WRITE", 1029),
        ("AUDIT_CONTROL", 1030),
        ("SETFCAP", 1031),
        ("MAC_OVERRIDE", 1032),
        ("MAC_ADMIN", 1033),
        ("SYSLOG", 1034),
        ("WAKE_ALARM", 1035),
        ("BLOCK_SUSPEND", 1036),
        ("AUDIT_READ", 1037),
        ("PERFMON", 1038),
        ("BPF", 1039),
        ("CHECKPOINT_RESTORE", 1040),
    ],
};

#[rustfmt::skip]
static MESOS_V1_CGROUP_INFO_BLKIO_OPERATION: EnumTable = EnumTable {
    name: "mesos.v1.CgroupInfo.Blkio.Operation",
    values: &[
        ("UNKNOWN", 0),
        ("TOTAL", 1),
        ("READ", 2),
        ("WRITE", 3),
        ("SYNC", 4),
        ("ASYNC", 5),
        ("DISCARD", 6),
    ],
};

#[rustfmt::skip]
static MESOS_V1_CHECK_INFO_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.CheckInfo.Type",
    values: &[
        ("UNKNOWN", 0),
        ("COMMAND", 1),
        ("HTTP", 2),
        ("TCP", 3),
    ],
};

#[rustfmt::skip]
static MESOS_V1_CONTAINER_INFO_DOCKER_INFO_NETWORK: EnumTable = EnumTable {
    name: "mesos.v1.ContainerInfo.DockerInfo.Network",
    values: &[
        ("HOST", 1),
        ("BRIDGE", 2),
        ("NONE", 3),
        ("USER", 4),
    ],
};

#[rustfmt::skip]
static MESOS_V1_CONTAINER_INFO_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.ContainerInfo.Type",
    values: &[
        ("DOCKER", 1),
        ("MESOS", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_DISCOVERY_INFO_VISIBILITY: EnumTable = EnumTable {
    name: "mesos.v1.DiscoveryInfo.Visibility",
    values: &[
        ("FRAMEWORK", 0),
        ("CLUSTER", 1),
        ("EXTERNAL", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_DRAIN_STATE: EnumTable = EnumTable {
    name: "mesos.v1.DrainState",
    values: &[
        ("UNKNOWN", 0),
        ("DRAINING", 1),
        ("DRAINED", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_ENVIRONMENT_VARIABLE_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.Environment.Variable.Type",
    values: &[
        ("UNKNOWN", 0),
        ("VALUE", 1),
        ("SECRET", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_INFO_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.ExecutorInfo.Type",
    values: &[
        ("UNKNOWN", 0),
        ("DEFAULT", 1),
        ("CUSTOM", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_FRAMEWORK_INFO_CAPABILITY_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.FrameworkInfo.Capability.Type",
    values: &[
        ("UNKNOWN", 0),
        ("REVOCABLE_RESOURCES", 1),
        ("TASK_KILLING_STATE", 2),
        ("GPU_RESOURCES", 3),
        ("SHARED_RESOURCES", 4),
        ("PARTITION_AWARE", 5),
        ("MULTI_ROLE", 6),
        ("RESERVATION_REFINEMENT", 7),
        ("REGION_AWARE", 8),
    ],
};

#[rustfmt::skip]
static MESOS_V1_HEALTH_CHECK_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.HealthCheck.Type",
    values: &[
        ("UNKNOWN", 0),
        ("COMMAND", 1),
        ("HTTP", 2),
        ("TCP", 3),
    ],
};

#[rustfmt::skip]
static MESOS_V1_IMAGE_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.Image.Type",
    values: &[
        ("APPC", 1),
        ("DOCKER", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_LINUX_INFO_IPC_MODE: EnumTable = EnumTable {
    name: "mesos.v1.LinuxInfo.IpcMode",
    values: &[
        ("UNKNOWN", 0),
        ("PRIVATE", 1),
        ("SHARE_PARENT", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_MACHINE_INFO_MODE: EnumTable = EnumTable {
    name: "mesos.v1.MachineInfo.Mode",
    values: &[
        ("UP", 1),
        ("DRAINING", 2),
        ("DOWN", 3),
    ],
};

#[rustfmt::skip]
static MESOS_V1_MASTER_INFO_CAPABILITY_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.MasterInfo.Capability.Type",
    values: &[
        ("UNKNOWN", 0),
        ("AGENT_UPDATE", 1),
        ("AGENT_DRAINING", 2),
        ("QUOTA_V2", 3),
    ],
};

#[rustfmt::skip]
static MESOS_V1_MOUNT_PROPAGATION_MODE: EnumTable = EnumTable {
    name: "mesos.v1.MountPropagation.Mode",
    values: &[
        ("UNKNOWN", 0),
        ("HOST_TO_CONTAINER", 1),
        ("BIDIRECTIONAL", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_NETWORK_INFO_PROTOCOL: EnumTable = EnumTable {
    name: "mesos.v1.NetworkInfo.Protocol",
    values: &[
        ("IPv4", 1),
        ("IPv6", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_OFFER_OPERATION_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.Offer.Operation.Type",
    values: &[
        ("UNKNOWN", 0),
        ("LAUNCH", 1),
        ("LAUNCH_GROUP", 6),
        ("RESERVE", 2),
        ("UNRESERVE", 3),
        ("CREATE", 4),
        ("DESTROY", 5),
        ("GROW_VOLUME", 11),
        ("SHRINK_VOLUME", 12),
        ("CREATE_DISK", 13),
        ("DESTROY_DISK", 14),
    ],
};

#[rustfmt::skip]
static MESOS_V1_OPERATION_STATE: EnumTable = EnumTable {
    name: "mesos.v1.OperationState",
    values: &[
        ("OPERATION_UNSUPPORTED", 0),
        ("OPERATION_PENDING", 1),
        ("OPERATION_FINISHED", 2),
        ("OPERATION_FAILED", 3),
        ("OPERATION_ERROR", 4),
        ("OPERATION_DROPPED", 5),
        ("OPERATION_UNREACHABLE", 6),
        ("OPERATION_GONE_BY_OPERATOR", 7),
        ("OPERATION_RECOVERING", 8),
        ("OPERATION_UNKNOWN", 9),
    ],
};

#[rustfmt::skip]
static MESOS_V1_R_LIMIT_INFO_R_LIMIT_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.RLimitInfo.RLimit.Type",
    values: &[
        ("UNKNOWN", 0),
        ("RLMT_AS", 1),
        ("RLMT_CORE", 2),
        ("RLMT_CPU", 3),
        ("RLMT_DATA", 4),
        ("RLMT_FSIZE", 5),
        ("RLMT_LOCKS", 6),
        ("RLMT_MEMLOCK", 7),
        ("RLMT_MSGQUEUE", 8),
        ("RLMT_NICE", 9),
        ("RLMT_NOFILE", 10),
        ("RLMT_NPROC", 11),
        ("RLMT_RSS", 12),
        ("RLMT_RTPRIO", 13),
        ("RLMT_RTTIME", 14),
        ("RLMT_SIGPENDING", 15),
        ("RLMT_STACK", 16),
    ],
};

#[rustfmt::skip]
static MESOS_V1_RESOURCE_DISK_INFO_SOURCE_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.Resource.DiskInfo.Source.Type",
    values: &[
        ("UNKNOWN", 0),
        ("PATH", 1),
        ("MOUNT", 2),
        ("BLOCK", 3),
        ("RAW", 4),
    ],
};

#[rustfmt::skip]
static MESOS_V1_RESOURCE_RESERVATION_INFO_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.Resource.ReservationInfo.Type",
    values: &[
        ("UNKNOWN", 0),
        ("STATIC", 1),
        ("DYNAMIC", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_SECRET_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.Secret.Type",
    values: &[
        ("UNKNOWN", 0),
        ("REFERENCE", 1),
        ("VALUE", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_STATUS: EnumTable = EnumTable {
    name: "mesos.v1.Status",
    values: &[
        ("DRIVER_NOT_STARTED", 1),
        ("DRIVER_RUNNING", 2),
        ("DRIVER_ABORTED", 3),
        ("DRIVER_STOPPED", 4),
    ],
};

#[rustfmt::skip]
static MESOS_V1_TASK_STATE: EnumTable = EnumTable {
    name: "mesos.v1.TaskState",
    values: &[
        ("TASK_STAGING", 6),
        ("TASK_STARTING", 0),
        ("TASK_RUNNING", 1),
        ("TASK_KILLING", 8),
        ("TASK_FINISHED", 2),
        ("TASK_FAILED", 3),
        ("TASK_KILLED", 4),
        ("TASK_ERROR", 7),
        ("TASK_LOST", 5),
        ("TASK_DROPPED", 9),
        ("TASK_UNREACHABLE", 10),
        ("TASK_GONE", 11),
        ("TASK_GONE_BY_OPERATOR", 12),
        ("TASK_UNKNOWN", 13),
    ],
};

#[rustfmt::skip]
static MESOS_V1_TASK_STATUS_REASON: EnumTable = EnumTable {
    name: "mesos.v1.TaskStatus.Reason",
    values: &[
        ("REASON_COMMAND_EXECUTOR_FAILED", 0),
        ("REASON_CONTAINER_LAUNCH_FAILED", 21),
        ("REASON_CONTAINER_LIMITATION", 19),
        ("REASON_CONTAINER_LIMITATION_DISK", 20),
        ("REASON_CONTAINER_LIMITATION_MEMORY", 8),
        ("REASON_CONTAINER_PREEMPTED", 17),
        ("REASON_CONTAINER_UPDATE_FAILED", 22),
        ("REASON_MAX_COMPLETION_TIME_REACHED", 33),
        ("REASON_EXECUTOR_REGISTRATION_TIMEOUT", 23),
        ("REASON_EXECUTOR_REREGISTRATION_TIMEOUT", 24),
        ("REASON_EXECUTOR_TERMINATED", 1),
        ("REASON_EXECUTOR_UNREGISTERED", 2),
        ("REASON_FRAMEWORK_REMOVED", 3),
        ("REASON_GC_ERROR", 4),
        ("REASON_INVALID_FRAMEWORKID", 5),
        ("REASON_INVALID_OFFERS", 6),
        ("REASON_IO_SWITCHBOARD_EXITED", 27),
        ("REASON_MASTER_DISCONNECTED", 7),
        ("REASON_RECONCILIATION", 9),
        ("REASON_RESOURCES_UNKNOWN", 18),
        ("REASON_AGENT_DISCONNECTED", 10),
        ("REASON_AGENT_DRAINING", 34),
        ("REASON_AGENT_REMOVED", 11),
        ("REASON_AGENT_REMOVED_BY_OPERATOR", 31),
        ("REASON_AGENT_REREGISTERED", 32),
        ("REASON_AGENT_RESTARTED", 12),
        ("REASON_AGENT_UNKNOWN", 13),
        ("REASON_TASK_KILLED_DURING_LAUNCH", 30),
        ("REASON_TASK_CHECK_STATUS_UPDATED", 28),
        ("REASON_TASK_HEALTH_CHECK_STATUS_UPDATED", 29),
        ("REASON_TASK_GROUP_INVALID", 25),
        ("REASON_TASK_GROUP_UNAUTHORIZED", 26),
        ("REASON_TASK_INVALID", 14),
        ("REASON_TASK_UNAUTHORIZED", 15),
        ("REASON_TASK_UNKNOWN", 16),
    ],
};

#[rustfmt::skip]
static MESOS_V1_TASK_STATUS_SOURCE: EnumTable = EnumTable {
    name: "mesos.v1.TaskStatus.Source",
    values: &[
        ("SOURCE_MASTER", 0),
        ("SOURCE_AGENT", 1),
        ("SOURCE_EXECUTOR", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_VALUE_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.Value.Type",
    values: &[
        ("SCALAR", 0),
        ("RANGES", 1),
        ("SET", 2),
        ("TEXT", 3),
    ],
};

#[rustfmt::skip]
static MESOS_V1_VOLUME_MODE: EnumTable = EnumTable {
    name: "mesos.v1.Volume.Mode",
    values: &[
        ("RW", 1),
        ("RO", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY_ACCESS_MODE_MODE: EnumTable = EnumTable {
    name: "mesos.v1.Volume.Source.CSIVolume.VolumeCapability.AccessMode.Mode",
    values: &[
        ("UNKNOWN", 0),
        ("SINGLE_NODE_WRITER", 1),
        ("SINGLE_NODE_READER_ONLY", 2),
        ("MULTI_NODE_READER_ONLY", 3),
        ("MULTI_NODE_SINGLE_WRITER", 4),
        ("MULTI_NODE_MULTI_WRITER", 5),
    ],
};

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_SANDBOX_PATH_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.Volume.Source.SandboxPath.Type",
    values: &[
        ("UNKNOWN", 0),
        ("SELF", 1),
        ("PARENT", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.Volume.Source.Type",
    values: &[
        ("UNKNOWN", 0),
        ("DOCKER_VOLUME", 1),
        ("HOST_PATH", 4),
        ("SANDBOX_PATH", 2),
        ("SECRET", 3),
        ("CSI_VOLUME", 5),
    ],
};

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_ATTACH_CONTAINER_INPUT_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.agent.Call.AttachContainerInput.Type",
    values: &[
        ("UNKNOWN", 0),
        ("CONTAINER_ID", 1),
        ("PROCESS_IO", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.agent.Call.Type",
    values: &[
        ("UNKNOWN", 0),
        ("GET_HEALTH", 1),
        ("GET_FLAGS", 2),
        ("GET_VERSION", 3),
        ("GET_METRICS", 4),
        ("GET_LOGGING_LEVEL", 5),
        ("SET_LOGGING_LEVEL", 6),
        ("LIST_FILES", 7),
        ("READ_FILE", 8),
        ("GET_STATE", 9),
        ("GET_CONTAINERS", 10),
        ("GET_FRAMEWORKS", 11),
        ("GET_EXECUTORS", 12),
        ("GET_OPERATIONS", 31),
        ("GET_TASKS", 13),
        ("GET_AGENT", 20),
        ("GET_RESOURCE_PROVIDERS", 26),
        ("LAUNCH_NESTED_CONTAINER", 14),
        ("WAIT_NESTED_CONTAINER", 15),
        ("KILL_NESTED_CONTAINER", 16),
        ("REMOVE_NESTED_CONTAINER", 21),
        ("LAUNCH_NESTED_CONTAINER_SESSION", 17),
        ("ATTACH_CONTAINER_INPUT", 18),
        ("ATTACH_CONTAINER_OUTPUT", 19),
        ("LAUNCH_CONTAINER", 22),
        ("WAIT_CONTAINER", 23),
        ("KILL_CONTAINER", 24),
        ("REMOVE_CONTAINER", 25),
        ("ADD_RESOURCE_PROVIDER_CONFIG", 27),
        ("UPDATE_RESOURCE_PROVIDER_CONFIG", 28),
        ("REMOVE_RESOURCE_PROVIDER_CONFIG", 29),
        ("MARK_RESOURCE_PROVIDER_GONE", 32),
        ("PRUNE_IMAGES", 30),
    ],
};

#[rustfmt::skip]
static MESOS_V1_AGENT_PROCESS_IO_CONTROL_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.agent.ProcessIO.Control.Type",
    values: &[
        ("UNKNOWN", 0),
        ("TTY_INFO", 1),
        ("HEARTBEAT", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_AGENT_PROCESS_IO_DATA_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.agent.ProcessIO.Data.Type",
    values: &[
        ("UNKNOWN", 0),
        ("STDIN", 1),
        ("STDOUT", 2),
        ("STDERR", 3),
    ],
};

#[rustfmt::skip]
static MESOS_V1_AGENT_PROCESS_IO_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.agent.ProcessIO.Type",
    values: &[
        ("UNKNOWN", 0),
        ("DATA", 1),
        ("CONTROL", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.agent.Response.Type",
    values: &[
        ("UNKNOWN", 0),
        ("GET_HEALTH", 1),
        ("GET_FLAGS", 2),
        ("GET_VERSION", 3),
        ("GET_METRICS", 4),
        ("GET_LOGGING_LEVEL", 5),
        ("LIST_FILES", 6),
        ("READ_FILE", 7),
        ("GET_STATE", 8),
        ("GET_CONTAINERS", 9),
        ("GET_FRAMEWORKS", 10),
        ("GET_EXECUTORS", 11),
        ("GET_OPERATIONS", 17),
        ("GET_TASKS", 12),
        ("GET_AGENT", 14),
        ("GET_RESOURCE_PROVIDERS", 16),
        ("WAIT_NESTED_CONTAINER", 13),
        ("WAIT_CONTAINER", 15),
    ],
};

#[rustfmt::skip]
static MESOS_V1_ALLOCATOR_INVERSE_OFFER_STATUS_STATUS: EnumTable = EnumTable {
    name: "mesos.v1.allocator.InverseOfferStatus.Status",
    values: &[
        ("UNKNOWN", 1),
        ("ACCEPT", 2),
        ("DECLINE", 3),
    ],
};

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_CALL_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.executor.Call.Type",
    values: &[
        ("UNKNOWN", 0),
        ("SUBSCRIBE", 1),
        ("UPDATE", 2),
        ("MESSAGE", 3),
        ("HEARTBEAT", 4),
    ],
};

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_EVENT_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.executor.Event.Type",
    values: &[
        ("UNKNOWN", 0),
        ("SUBSCRIBED", 1),
        ("LAUNCH", 2),
        ("LAUNCH_GROUP", 8),
        ("KILL", 3),
        ("ACKNOWLEDGED", 4),
        ("MESSAGE", 5),
        ("ERROR", 6),
        ("SHUTDOWN", 7),
        ("HEARTBEAT", 9),
    ],
};

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.master.Call.Type",
    values: &[
        ("UNKNOWN", 0),
        ("GET_HEALTH", 1),
        ("GET_FLAGS", 2),
        ("GET_VERSION", 3),
        ("GET_METRICS", 4),
        ("GET_LOGGING_LEVEL", 5),
        ("SET_LOGGING_LEVEL", 6),
        ("LIST_FILES", 7),
        ("READ_FILE", 8),
        ("GET_STATE", 9),
        ("GET_AGENTS", 10),
        ("GET_FRAMEWORKS", 11),
        ("GET_EXECUTORS", 12),
        ("GET_OPERATIONS", 33),
        ("GET_TASKS", 13),
        ("GET_ROLES", 14),
        ("GET_WEIGHTS", 15),
        ("UPDATE_WEIGHTS", 16),
        ("GET_MASTER", 17),
        ("SUBSCRIBE", 18),
        ("RESERVE_RESOURCES", 19),
        ("UNRESERVE_RESOURCES", 20),
        ("CREATE_VOLUMES", 21),
        ("DESTROY_VOLUMES", 22),
        ("GROW_VOLUME", 34),
        ("SHRINK_VOLUME", 35),
        ("GET_MAINTENANCE_STATUS", 23),
        ("GET_MAINTENANCE_SCHEDULE", 24),
        ("UPDATE_MAINTENANCE_SCHEDULE", 25),
        ("START_MAINTENANCE", 26),
        ("STOP_MAINTENANCE", 27),
        ("DRAIN_AGENT", 37),
        ("DEACTIVATE_AGENT", 38),
        ("REACTIVATE_AGENT", 39),
        ("GET_QUOTA", 28),
        ("UPDATE_QUOTA", 36),
        ("SET_QUOTA", 29),
        ("REMOVE_QUOTA", 30),
        ("TEARDOWN", 31),
        ("MARK_AGENT_GONE", 32),
    ],
};

#[rustfmt::skip]
static MESOS_V1_MASTER_EVENT_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.master.Event.Type",
    values: &[
        ("UNKNOWN", 0),
        ("SUBSCRIBED", 1),
        ("TASK_ADDED", 2),
        ("TASK_UPDATED", 3),
        ("AGENT_ADDED", 4),
        ("AGENT_REMOVED", 5),
        ("FRAMEWORK_ADDED", 6),
        ("FRAMEWORK_UPDATED", 7),
        ("FRAMEWORK_REMOVED", 8),
        ("HEARTBEAT", 9),
        ("AGENT_DISCONNECTED", 1001),
        ("AGENT_RECONNECTED", 1002),
        ("AGENT_UNREACHABLE", 1003),
        ("AGENT_GONE", 1004),
        ("AGENT_DEACTIVATED", 1005),
        ("AGENT_REACTIVATED", 1006),
        ("AGENT_DRAIN_STARTED", 1007),
        ("AGENT_DRAIN_TIGHTENED", 1008),
        ("AGENT_DRAINED", 1009),
        ("AGENT_DRAIN_REOPENED", 1010),
        ("ERROR", 1100),
    ],
};

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.master.Response.Type",
    values: &[
        ("UNKNOWN", 0),
        ("GET_HEALTH", 1),
        ("GET_FLAGS", 2),
        ("GET_VERSION", 3),
        ("GET_METRICS", 4),
        ("GET_LOGGING_LEVEL", 5),
        ("LIST_FILES", 6),
        ("READ_FILE", 7),
        ("GET_STATE", 8),
        ("GET_AGENTS", 9),
        ("GET_FRAMEWORKS", 10),
        ("GET_EXECUTORS", 11),
        ("GET_OPERATIONS", 19),
        ("GET_TASKS", 12),
        ("GET_ROLES", 13),
        ("GET_WEIGHTS", 14),
        ("GET_MASTER", 15),
        ("GET_MAINTENANCE_STATUS", 16),
        ("GET_MAINTENANCE_SCHEDULE", 17),
        ("GET_QUOTA", 18),
    ],
};

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_CALL_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.resource_provider.Call.Type",
    values: &[
        ("UNKNOWN", 0),
        ("SUBSCRIBE", 1),
        ("UPDATE_OPERATION_STATUS", 2),
        ("UPDATE_STATE", 3),
        ("UPDATE_PUBLISH_RESOURCES_STATUS", 4),
    ],
};

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_CALL_UPDATE_PUBLISH_RESOURCES_STATUS_STATUS: EnumTable = EnumTable {
    name: "mesos.v1.resource_provider.Call.UpdatePublishResourcesStatus.Status",
    values: &[
        ("UNKNOWN", 0),
        ("OK", 1),
        ("FAILED", 2),
    ],
};

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_EVENT_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.resource_provider.Event.Type",
    values: &[
        ("UNKNOWN", 0),
        ("SUBSCRIBED", 1),
        ("APPLY_OPERATION", 2),
        ("PUBLISH_RESOURCES", 3),
        ("ACKNOWLEDGE_OPERATION_STATUS", 4),
        ("RECONCILE_OPERATIONS", 5),
        ("TEARDOWN", 6),
    ],
};

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_SELECTOR_PSEUDOATTRIBUTE_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.scheduler.AttributeConstraint.Selector.PseudoattributeType",
    values: &[
        ("UNKNOWN", 0),
        ("HOSTNAME", 1),
        ("REGION", 2),
        ("ZONE", 3),
    ],
};

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.scheduler.Call.Type",
    values: &[
        ("UNKNOWN", 0),
        ("SUBSCRIBE", 1),
        ("TEARDOWN", 2),
        ("ACCEPT", 3),
        ("DECLINE", 4),
        ("ACCEPT_INVERSE_OFFERS", 13),
        ("DECLINE_INVERSE_OFFERS", 14),
        ("REVIVE", 5),
        ("KILL", 6),
        ("SHUTDOWN", 7),
        ("ACKNOWLEDGE", 8),
        ("ACKNOWLEDGE_OPERATION_STATUS", 15),
        ("RECONCILE", 9),
        ("RECONCILE_OPERATIONS", 16),
        ("MESSAGE", 10),
        ("REQUEST", 11),
        ("SUPPRESS", 12),
        ("UPDATE_FRAMEWORK", 17),
    ],
};

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_EVENT_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.scheduler.Event.Type",
    values: &[
        ("UNKNOWN", 0),
        ("SUBSCRIBED", 1),
        ("OFFERS", 2),
        ("INVERSE_OFFERS", 9),
        ("RESCIND", 3),
        ("RESCIND_INVERSE_OFFER", 10),
        ("UPDATE", 4),
        ("UPDATE_OPERATION_STATUS", 11),
        ("MESSAGE", 5),
        ("FAILURE", 6),
        ("ERROR", 7),
        ("HEARTBEAT", 8),
    ],
};

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_RESPONSE_TYPE: EnumTable = EnumTable {
    name: "mesos.v1.scheduler.Response.Type",
    values: &[
        ("UNKNOWN", 0),
        ("RECONCILE_OPERATIONS", 1),
    ],
};

#[rustfmt::skip]
static EBB_CHECKPOINT_V1_AGENT_RECORD: MessageTable = MessageTable::new(
    "ebb.checkpoint.v1.AgentRecord",
    &[
        FieldTable::new(",\"schema_version\":", 1, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"info\":", 2, Kind::Message(&MESOS_V1_AGENT_INFO), Label::Optional),
        FieldTable::new(",\"boot_id\":", 3, Kind::String, Label::Optional),
        FieldTable::new(",\"port\":", 4, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"gone\":", 5, Kind::String, Label::Optional),
        FieldTable::new(",\"admission_key\":", 6, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6],
    true,
);
impl Message for super::ebb::checkpoint::v1::AgentRecord {
    const TABLE: &'static MessageTable = &EBB_CHECKPOINT_V1_AGENT_RECORD;
}

#[rustfmt::skip]
static EBB_CHECKPOINT_V1_DRAIN_RECORD: MessageTable = MessageTable::new(
    "ebb.checkpoint.v1.DrainRecord",
    &[
        FieldTable::new(",\"generation\":", 1, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"config\":", 2, Kind::Message(&MESOS_V1_DRAIN_CONFIG), Label::Optional),
        FieldTable::new(",\"started_at\":", 3, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"empty\":", 4, Kind::Bool, Label::Optional),
    ],
    &[0, 1, 2, 3, 4],
    false,
);
impl Message for super::ebb::checkpoint::v1::DrainRecord {
    const TABLE: &'static MessageTable = &EBB_CHECKPOINT_V1_DRAIN_RECORD;
}

#[rustfmt::skip]
static EBB_CHECKPOINT_V1_EXECUTOR_RECORD: MessageTable = MessageTable::new(
    "ebb.checkpoint.v1.ExecutorRecord",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"info\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_INFO), Label::Optional),
        FieldTable::new(",\"container_id\":", 3, Kind::String, Label::Optional),
        FieldTable::new(",\"generated\":", 4, Kind::Bool, Label::Optional),
        FieldTable::new(",\"pid\":", 5, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"pid_started\":", 6, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"token\":", 7, Kind::String, Label::Optional),
        FieldTable::new(",\"directory\":", 8, Kind::String, Label::Optional),
        FieldTable::new(",\"user\":", 9, Kind::String, Label::Optional),
        FieldTable::new(",\"used\":", 10, Kind::Bool, Label::Optional),
        FieldTable::new(",\"subscribed\":", 11, Kind::Bool, Label::Optional),
        FieldTable::new(",\"next\":", 12, Kind::Message(&EBB_CHECKPOINT_V1_NEXT_EXECUTOR), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    true,
);
impl Message for super::ebb::checkpoint::v1::ExecutorRecord {
    const TABLE: &'static MessageTable = &EBB_CHECKPOINT_V1_EXECUTOR_RECORD;
}

#[rustfmt::skip]
static EBB_CHECKPOINT_V1_FRAMEWORK_RECORD: MessageTable = MessageTable::new(
    "ebb.checkpoint.v1.FrameworkRecord",
    &[
        FieldTable::new(",\"info\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Optional),
    ],
    &[0, 1],
    true,
);
impl Message for super::ebb::checkpoint::v1::FrameworkRecord {
    const TABLE: &'static MessageTable = &EBB_CHECKPOINT_V1_FRAMEWORK_RECORD;
}

#[rustfmt::skip]
static EBB_CHECKPOINT_V1_KILL_RECORD: MessageTable = MessageTable::new(
    "ebb.checkpoint.v1.KillRecord",
    &[
        FieldTable::new(",\"asked_at\":", 1, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"deadline\":", 2, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"drain_generation\":", 3, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"due\":", 4, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"said\":", 5, Kind::Bool, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5],
    false,
);
impl Message for super::ebb::checkpoint::v1::KillRecord {
    const TABLE: &'static MessageTable = &EBB_CHECKPOINT_V1_KILL_RECORD;
}

#[rustfmt::skip]
static EBB_CHECKPOINT_V1_NEXT_EXECUTOR: MessageTable = MessageTable::new(
    "ebb.checkpoint.v1.NextExecutor",
    &[
        FieldTable::new(",\"info\":", 1, Kind::Message(&MESOS_V1_EXECUTOR_INFO), Label::Optional),
        FieldTable::new(",\"generated\":", 2, Kind::Bool, Label::Optional),
        FieldTable::new(",\"user\":", 3, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::ebb::checkpoint::v1::NextExecutor {
    const TABLE: &'static MessageTable = &EBB_CHECKPOINT_V1_NEXT_EXECUTOR;
}

#[rustfmt::skip]
static EBB_CHECKPOINT_V1_OPERATION_RECORD: MessageTable = MessageTable::new(
    "ebb.checkpoint.v1.OperationRecord",
    &[
        FieldTable::new(",\"operation\":", 1, Kind::Message(&MESOS_V1_OPERATION), Label::Optional),
    ],
    &[0, 1],
    true,
);
impl Message for super::ebb::checkpoint::v1::OperationRecord {
    const TABLE: &'static MessageTable = &EBB_CHECKPOINT_V1_OPERATION_RECORD;
}

#[rustfmt::skip]
static EBB_CHECKPOINT_V1_RESOURCES_RECORD: MessageTable = MessageTable::new(
    "ebb.checkpoint.v1.ResourcesRecord",
    &[
        FieldTable::new(",\"checkpointed\":", 1, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::ebb::checkpoint::v1::ResourcesRecord {
    const TABLE: &'static MessageTable = &EBB_CHECKPOINT_V1_RESOURCES_RECORD;
}

#[rustfmt::skip]
static EBB_CHECKPOINT_V1_TASK_RECORD: MessageTable = MessageTable::new(
    "ebb.checkpoint.v1.TaskRecord",
    &[
        FieldTable::new(",\"task\":", 1, Kind::Message(&MESOS_V1_TASK), Label::Optional),
        FieldTable::new(",\"info\":", 2, Kind::Message(&MESOS_V1_TASK_INFO), Label::Optional),
        FieldTable::new(",\"group\":", 3, Kind::String, Label::Optional),
        FieldTable::new(",\"kill\":", 4, Kind::Message(&EBB_CHECKPOINT_V1_KILL_RECORD), Label::Optional),
        FieldTable::new(",\"pending\":", 5, Kind::Message(&MESOS_V1_TASK_STATUS), Label::Repeated),
    ],
    &[0, 1, 2, 3, 4, 5],
    true,
);
impl Message for super::ebb::checkpoint::v1::TaskRecord {
    const TABLE: &'static MessageTable = &EBB_CHECKPOINT_V1_TASK_RECORD;
}

#[rustfmt::skip]
static EBB_LINK_V1_ACKNOWLEDGE_OPERATION: MessageTable = MessageTable::new(
    "ebb.link.v1.AcknowledgeOperation",
    &[
        FieldTable::new(",\"operation_uuid\":", 1, Kind::Bytes, Label::Optional),
        FieldTable::new(",\"status_uuid\":", 2, Kind::Bytes, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::ebb::link::v1::AcknowledgeOperation {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_ACKNOWLEDGE_OPERATION;
}

#[rustfmt::skip]
static EBB_LINK_V1_ACKNOWLEDGE_STATUS: MessageTable = MessageTable::new(
    "ebb.link.v1.AcknowledgeStatus",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"task_id\":", 2, Kind::Message(&MESOS_V1_TASK_ID), Label::Optional),
        FieldTable::new(",\"uuid\":", 3, Kind::Bytes, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::ebb::link::v1::AcknowledgeStatus {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_ACKNOWLEDGE_STATUS;
}

#[rustfmt::skip]
static EBB_LINK_V1_AGENT_DRAIN: MessageTable = MessageTable::new(
    "ebb.link.v1.AgentDrain",
    &[
        FieldTable::new(",\"generation\":", 1, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"config\":", 2, Kind::Message(&MESOS_V1_DRAIN_CONFIG), Label::Optional),
        FieldTable::new(",\"started_at\":", 3, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"tasks_left\":", 4, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"executors_left\":", 5, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"operations_left\":", 6, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"empty\":", 7, Kind::Bool, Label::Optional),
        FieldTable::new(",\"last_kill_at\":", 8, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"default_grace\":", 9, Kind::Message(&MESOS_V1_DURATION_INFO), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    false,
);
impl Message for super::ebb::link::v1::AgentDrain {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_AGENT_DRAIN;
}

#[rustfmt::skip]
static EBB_LINK_V1_APPLY_OPERATION: MessageTable = MessageTable::new(
    "ebb.link.v1.ApplyOperation",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"info\":", 2, Kind::Message(&MESOS_V1_OFFER_OPERATION), Label::Optional),
        FieldTable::new(",\"operation_uuid\":", 3, Kind::Bytes, Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::ebb::link::v1::ApplyOperation {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_APPLY_OPERATION;
}

#[rustfmt::skip]
static EBB_LINK_V1_BATCH: MessageTable = MessageTable::new(
    "ebb.link.v1.Batch",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"link_id\":", 2, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"calls\":", 3, Kind::Message(&EBB_LINK_V1_CALL), Label::Repeated),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::ebb::link::v1::Batch {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_BATCH;
}

#[rustfmt::skip]
static EBB_LINK_V1_CALL: MessageTable = MessageTable::new(
    "ebb.link.v1.Call",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&EBB_LINK_V1_CALL_TYPE), Label::Optional),
        FieldTable::new(",\"status_update\":", 2, Kind::Message(&EBB_LINK_V1_STATUS_UPDATE), Label::Optional),
        FieldTable::new(",\"exited_executor\":", 3, Kind::Message(&EBB_LINK_V1_EXITED_EXECUTOR), Label::Optional),
        FieldTable::new(",\"message\":", 4, Kind::Message(&EBB_LINK_V1_FRAMEWORK_MESSAGE), Label::Optional),
        FieldTable::new(",\"drain_progress\":", 5, Kind::Message(&EBB_LINK_V1_AGENT_DRAIN), Label::Optional),
        FieldTable::new(",\"operation_update\":", 6, Kind::Message(&EBB_LINK_V1_OPERATION_UPDATE), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6],
    true,
);
impl Message for super::ebb::link::v1::Call {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_CALL;
}

#[rustfmt::skip]
static EBB_LINK_V1_DRAIN: MessageTable = MessageTable::new(
    "ebb.link.v1.Drain",
    &[
        FieldTable::new(",\"generation\":", 1, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"config\":", 2, Kind::Message(&MESOS_V1_DRAIN_CONFIG), Label::Optional),
        FieldTable::new(",\"started_at\":", 3, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::ebb::link::v1::Drain {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_DRAIN;
}

#[rustfmt::skip]
static EBB_LINK_V1_EVENT: MessageTable = MessageTable::new(
    "ebb.link.v1.Event",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&EBB_LINK_V1_EVENT_TYPE), Label::Optional),
        FieldTable::new(",\"registered\":", 2, Kind::Message(&EBB_LINK_V1_REGISTERED), Label::Optional),
        FieldTable::new(",\"drain\":", 3, Kind::Message(&EBB_LINK_V1_DRAIN), Label::Optional),
        FieldTable::new(",\"reactivate\":", 4, Kind::Message(&EBB_LINK_V1_REACTIVATE), Label::Optional),
        FieldTable::new(",\"run_task\":", 5, Kind::Message(&EBB_LINK_V1_RUN_TASK), Label::Optional),
        FieldTable::new(",\"run_task_group\":", 6, Kind::Message(&EBB_LINK_V1_RUN_TASK_GROUP), Label::Optional),
        FieldTable::new(",\"kill_task\":", 7, Kind::Message(&EBB_LINK_V1_KILL_TASK), Label::Optional),
        FieldTable::new(",\"shutdown_executor\":", 8, Kind::Message(&EBB_LINK_V1_SHUTDOWN_EXECUTOR), Label::Optional),
        FieldTable::new(",\"shutdown_framework\":", 9, Kind::Message(&EBB_LINK_V1_SHUTDOWN_FRAMEWORK), Label::Optional),
        FieldTable::new(",\"acknowledge_status\":", 10, Kind::Message(&EBB_LINK_V1_ACKNOWLEDGE_STATUS), Label::Optional),
        FieldTable::new(",\"acknowledge_operation\":", 11, Kind::Message(&EBB_LINK_V1_ACKNOWLEDGE_OPERATION), Label::Optional),
        FieldTable::new(",\"update_framework\":", 12, Kind::Message(&EBB_LINK_V1_UPDATE_FRAMEWORK), Label::Optional),
        FieldTable::new(",\"reconcile_tasks\":", 13, Kind::Message(&EBB_LINK_V1_RECONCILE_TASKS), Label::Optional),
        FieldTable::new(",\"message\":", 14, Kind::Message(&EBB_LINK_V1_FRAMEWORK_MESSAGE), Label::Optional),
        FieldTable::new(",\"shutdown\":", 15, Kind::Message(&EBB_LINK_V1_SHUTDOWN), Label::Optional),
        FieldTable::new(",\"apply_operation\":", 20, Kind::Message(&EBB_LINK_V1_APPLY_OPERATION), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 16],
    true,
);
impl Message for super::ebb::link::v1::Event {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_EVENT;
}

#[rustfmt::skip]
static EBB_LINK_V1_EXECUTOR_REPORT: MessageTable = MessageTable::new(
    "ebb.link.v1.ExecutorReport",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"executor_info\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_INFO), Label::Optional),
        FieldTable::new(",\"generated\":", 3, Kind::Bool, Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::ebb::link::v1::ExecutorReport {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_EXECUTOR_REPORT;
}

#[rustfmt::skip]
static EBB_LINK_V1_EXITED_EXECUTOR: MessageTable = MessageTable::new(
    "ebb.link.v1.ExitedExecutor",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"executor_id\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Optional),
        FieldTable::new(",\"status\":", 3, Kind::Int32, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::ebb::link::v1::ExitedExecutor {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_EXITED_EXECUTOR;
}

#[rustfmt::skip]
static EBB_LINK_V1_FRAMEWORK_MESSAGE: MessageTable = MessageTable::new(
    "ebb.link.v1.FrameworkMessage",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"executor_id\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Optional),
        FieldTable::new(",\"data\":", 3, Kind::Bytes, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::ebb::link::v1::FrameworkMessage {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_FRAMEWORK_MESSAGE;
}

#[rustfmt::skip]
static EBB_LINK_V1_HELLO: MessageTable = MessageTable::new(
    "ebb.link.v1.Hello",
    &[
        FieldTable::new(",\"protocol_version\":", 1, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"agent_info\":", 2, Kind::Message(&MESOS_V1_AGENT_INFO), Label::Optional),
        FieldTable::new(",\"version\":", 3, Kind::String, Label::Optional),
        FieldTable::new(",\"capabilities\":", 4, Kind::Message(&MESOS_V1_AGENT_INFO_CAPABILITY), Label::Repeated),
        FieldTable::new(",\"resource_version_uuid\":", 5, Kind::Bytes, Label::Optional),
        FieldTable::new(",\"tasks\":", 6, Kind::Message(&MESOS_V1_TASK), Label::Repeated),
        FieldTable::new(",\"executors\":", 7, Kind::Message(&EBB_LINK_V1_EXECUTOR_REPORT), Label::Repeated),
        FieldTable::new(",\"frameworks\":", 8, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Repeated),
        FieldTable::new(",\"operations\":", 9, Kind::Message(&MESOS_V1_OPERATION), Label::Repeated),
        FieldTable::new(",\"drain\":", 10, Kind::Message(&EBB_LINK_V1_AGENT_DRAIN), Label::Optional),
        FieldTable::new(",\"machine_id\":", 11, Kind::String, Label::Optional),
        FieldTable::new(",\"boot_id\":", 12, Kind::String, Label::Optional),
        FieldTable::new(",\"ip\":", 13, Kind::String, Label::Optional),
        FieldTable::new(",\"admission_key\":", 14, Kind::String, Label::Optional),
        FieldTable::new(",\"total_resources\":", 15, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    true,
);
impl Message for super::ebb::link::v1::Hello {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_HELLO;
}

#[rustfmt::skip]
static EBB_LINK_V1_KILL_TASK: MessageTable = MessageTable::new(
    "ebb.link.v1.KillTask",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"task_id\":", 2, Kind::Message(&MESOS_V1_TASK_ID), Label::Optional),
        FieldTable::new(",\"kill_policy\":", 3, Kind::Message(&MESOS_V1_KILL_POLICY), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::ebb::link::v1::KillTask {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_KILL_TASK;
}

#[rustfmt::skip]
static EBB_LINK_V1_OPERATION_UPDATE: MessageTable = MessageTable::new(
    "ebb.link.v1.OperationUpdate",
    &[
        FieldTable::new(",\"operation\":", 1, Kind::Message(&MESOS_V1_OPERATION), Label::Optional),
    ],
    &[0, 1],
    true,
);
impl Message for super::ebb::link::v1::OperationUpdate {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_OPERATION_UPDATE;
}

#[rustfmt::skip]
static EBB_LINK_V1_REACTIVATE: MessageTable = MessageTable::new(
    "ebb.link.v1.Reactivate",
    &[
        FieldTable::new(",\"generation\":", 1, Kind::Uint64, Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::ebb::link::v1::Reactivate {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_REACTIVATE;
}

#[rustfmt::skip]
static EBB_LINK_V1_RECONCILE_TASKS: MessageTable = MessageTable::new(
    "ebb.link.v1.ReconcileTasks",
    &[
        FieldTable::new(",\"tasks\":", 1, Kind::Message(&EBB_LINK_V1_RECONCILE_TASKS_TASK), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::ebb::link::v1::ReconcileTasks {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_RECONCILE_TASKS;
}

#[rustfmt::skip]
static EBB_LINK_V1_RECONCILE_TASKS_TASK: MessageTable = MessageTable::new(
    "ebb.link.v1.ReconcileTasks.Task",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"task_id\":", 2, Kind::Message(&MESOS_V1_TASK_ID), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::ebb::link::v1::reconcile_tasks::Task {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_RECONCILE_TASKS_TASK;
}

#[rustfmt::skip]
static EBB_LINK_V1_REGISTERED: MessageTable = MessageTable::new(
    "ebb.link.v1.Registered",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"link_id\":", 2, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"ping_interval_seconds\":", 3, Kind::Double, Label::Optional),
        FieldTable::new(",\"total_ping_timeout_seconds\":", 4, Kind::Double, Label::Optional),
    ],
    &[0, 1, 2, 3, 4],
    false,
);
impl Message for super::ebb::link::v1::Registered {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_REGISTERED;
}

#[rustfmt::skip]
static EBB_LINK_V1_RUN_TASK: MessageTable = MessageTable::new(
    "ebb.link.v1.RunTask",
    &[
        FieldTable::new(",\"framework_info\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Optional),
        FieldTable::new(",\"task\":", 2, Kind::Message(&MESOS_V1_TASK_INFO), Label::Optional),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::ebb::link::v1::RunTask {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_RUN_TASK;
}

#[rustfmt::skip]
static EBB_LINK_V1_RUN_TASK_GROUP: MessageTable = MessageTable::new(
    "ebb.link.v1.RunTaskGroup",
    &[
        FieldTable::new(",\"framework_info\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Optional),
        FieldTable::new(",\"executor\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_INFO), Label::Optional),
        FieldTable::new(",\"task_group\":", 3, Kind::Message(&MESOS_V1_TASK_GROUP_INFO), Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::ebb::link::v1::RunTaskGroup {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_RUN_TASK_GROUP;
}

#[rustfmt::skip]
static EBB_LINK_V1_SHUTDOWN: MessageTable = MessageTable::new(
    "ebb.link.v1.Shutdown",
    &[
        FieldTable::new(",\"message\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"gone\":", 2, Kind::Bool, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::ebb::link::v1::Shutdown {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_SHUTDOWN;
}

#[rustfmt::skip]
static EBB_LINK_V1_SHUTDOWN_EXECUTOR: MessageTable = MessageTable::new(
    "ebb.link.v1.ShutdownExecutor",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"executor_id\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::ebb::link::v1::ShutdownExecutor {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_SHUTDOWN_EXECUTOR;
}

#[rustfmt::skip]
static EBB_LINK_V1_SHUTDOWN_FRAMEWORK: MessageTable = MessageTable::new(
    "ebb.link.v1.ShutdownFramework",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::ebb::link::v1::ShutdownFramework {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_SHUTDOWN_FRAMEWORK;
}

#[rustfmt::skip]
static EBB_LINK_V1_STATUS_UPDATE: MessageTable = MessageTable::new(
    "ebb.link.v1.StatusUpdate",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"executor_id\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Optional),
        FieldTable::new(",\"status\":", 3, Kind::Message(&MESOS_V1_TASK_STATUS), Label::Optional),
        FieldTable::new(",\"latest_state\":", 4, Kind::Enum(&MESOS_V1_TASK_STATE), Label::Optional),
    ],
    &[0, 1, 2, 3, 4],
    true,
);
impl Message for super::ebb::link::v1::StatusUpdate {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_STATUS_UPDATE;
}

#[rustfmt::skip]
static EBB_LINK_V1_UPDATE_FRAMEWORK: MessageTable = MessageTable::new(
    "ebb.link.v1.UpdateFramework",
    &[
        FieldTable::new(",\"framework_info\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Optional),
    ],
    &[0, 1],
    true,
);
impl Message for super::ebb::link::v1::UpdateFramework {
    const TABLE: &'static MessageTable = &EBB_LINK_V1_UPDATE_FRAMEWORK;
}

#[rustfmt::skip]
static EBB_REGISTRY_V1_AGENT_RECORD: MessageTable = MessageTable::new(
    "ebb.registry.v1.AgentRecord",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"info\":", 2, Kind::Message(&MESOS_V1_AGENT_INFO), Label::Optional),
        FieldTable::new(",\"admission\":", 3, Kind::Enum(&EBB_REGISTRY_V1_ADMISSION), Label::Optional),
        FieldTable::new(",\"since\":", 4, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"registered_at\":", 5, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"deactivation\":", 6, Kind::Message(&EBB_V1_DEACTIVATION), Label::Optional),
        FieldTable::new(",\"drain\":", 7, Kind::Message(&EBB_REGISTRY_V1_DRAIN), Label::Optional),
        FieldTable::new(",\"last_generation\":", 8, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"machine_id\":", 9, Kind::String, Label::Optional),
        FieldTable::new(",\"ip\":", 10, Kind::String, Label::Optional),
        FieldTable::new(",\"version\":", 11, Kind::String, Label::Optional),
        FieldTable::new(",\"capabilities\":", 12, Kind::Message(&MESOS_V1_AGENT_INFO_CAPABILITY), Label::Repeated),
        FieldTable::new(",\"admission_key\":", 13, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
    true,
);
impl Message for super::ebb::registry::v1::AgentRecord {
    const TABLE: &'static MessageTable = &EBB_REGISTRY_V1_AGENT_RECORD;
}

#[rustfmt::skip]
static EBB_REGISTRY_V1_DRAIN: MessageTable = MessageTable::new(
    "ebb.registry.v1.Drain",
    &[
        FieldTable::new(",\"generation\":", 1, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"state\":", 2, Kind::Enum(&MESOS_V1_DRAIN_STATE), Label::Optional),
        FieldTable::new(",\"config\":", 3, Kind::Message(&MESOS_V1_DRAIN_CONFIG), Label::Optional),
        FieldTable::new(",\"started_at\":", 4, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"finished_at\":", 5, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"reason\":", 6, Kind::String, Label::Optional),
        FieldTable::new(",\"requested_by\":", 7, Kind::String, Label::Optional),
        FieldTable::new(",\"for_maintenance\":", 8, Kind::Bool, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8],
    false,
);
impl Message for super::ebb::registry::v1::Drain {
    const TABLE: &'static MessageTable = &EBB_REGISTRY_V1_DRAIN;
}

#[rustfmt::skip]
static EBB_REGISTRY_V1_FRAMEWORK_RECORD: MessageTable = MessageTable::new(
    "ebb.registry.v1.FrameworkRecord",
    &[
        FieldTable::new(",\"info\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Optional),
        FieldTable::new(",\"registered_at\":", 2, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"completed_at\":", 3, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"reregistered_at\":", 4, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
    ],
    &[0, 1, 2, 3, 4],
    true,
);
impl Message for super::ebb::registry::v1::FrameworkRecord {
    const TABLE: &'static MessageTable = &EBB_REGISTRY_V1_FRAMEWORK_RECORD;
}

#[rustfmt::skip]
static EBB_REGISTRY_V1_MAINTENANCE_RECORD: MessageTable = MessageTable::new(
    "ebb.registry.v1.MaintenanceRecord",
    &[
        FieldTable::new(",\"schedule\":", 1, Kind::Message(&MESOS_V1_MAINTENANCE_SCHEDULE), Label::Optional),
        FieldTable::new(",\"down\":", 2, Kind::Message(&MESOS_V1_MACHINE_ID), Label::Repeated),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::ebb::registry::v1::MaintenanceRecord {
    const TABLE: &'static MessageTable = &EBB_REGISTRY_V1_MAINTENANCE_RECORD;
}

#[rustfmt::skip]
static EBB_REGISTRY_V1_META: MessageTable = MessageTable::new(
    "ebb.registry.v1.Meta",
    &[
        FieldTable::new(",\"schema_version\":", 1, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"cluster_id\":", 2, Kind::String, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::ebb::registry::v1::Meta {
    const TABLE: &'static MessageTable = &EBB_REGISTRY_V1_META;
}

#[rustfmt::skip]
static EBB_REGISTRY_V1_ROLE_RECORD: MessageTable = MessageTable::new(
    "ebb.registry.v1.RoleRecord",
    &[
        FieldTable::new(",\"role\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"quota\":", 2, Kind::Message(&MESOS_V1_QUOTA_QUOTA_CONFIG), Label::Optional),
        FieldTable::new(",\"weight\":", 3, Kind::Double, Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::ebb::registry::v1::RoleRecord {
    const TABLE: &'static MessageTable = &EBB_REGISTRY_V1_ROLE_RECORD;
}

#[rustfmt::skip]
static EBB_V1_ABSENT_AGENT: MessageTable = MessageTable::new(
    "ebb.v1.AbsentAgent",
    &[
        FieldTable::new(",\"agent_info\":", 1, Kind::Message(&MESOS_V1_AGENT_INFO), Label::Optional),
        FieldTable::new(",\"reachability\":", 2, Kind::Enum(&EBB_V1_REACHABILITY), Label::Optional),
        FieldTable::new(",\"since\":", 3, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"deactivated\":", 4, Kind::Bool, Label::Optional),
        FieldTable::new(",\"deactivation\":", 5, Kind::Message(&EBB_V1_DEACTIVATION), Label::Optional),
        FieldTable::new(",\"drain_info\":", 6, Kind::Message(&MESOS_V1_DRAIN_INFO), Label::Optional),
        FieldTable::new(",\"drain_status\":", 7, Kind::Message(&EBB_V1_DRAIN_STATUS), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7],
    true,
);
impl Message for super::ebb::v1::AbsentAgent {
    const TABLE: &'static MessageTable = &EBB_V1_ABSENT_AGENT;
}

#[rustfmt::skip]
static EBB_V1_AGENT_LIFECYCLE: MessageTable = MessageTable::new(
    "ebb.v1.AgentLifecycle",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"hostname\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"reachability\":", 3, Kind::Enum(&EBB_V1_REACHABILITY), Label::Optional),
        FieldTable::new(",\"deactivation\":", 4, Kind::Message(&EBB_V1_DEACTIVATION), Label::Optional),
        FieldTable::new(",\"drain_status\":", 5, Kind::Message(&EBB_V1_DRAIN_STATUS), Label::Optional),
        FieldTable::new(",\"drain_generation\":", 6, Kind::Uint64, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6],
    false,
);
impl Message for super::ebb::v1::AgentLifecycle {
    const TABLE: &'static MessageTable = &EBB_V1_AGENT_LIFECYCLE;
}

#[rustfmt::skip]
static EBB_V1_BLOCKER: MessageTable = MessageTable::new(
    "ebb.v1.Blocker",
    &[
        FieldTable::new(",\"kind\":", 1, Kind::Enum(&EBB_V1_BLOCKER_KIND), Label::Optional),
        FieldTable::new(",\"owner\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"since\":", 3, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"message\":", 4, Kind::String, Label::Optional),
        FieldTable::new(",\"remedy\":", 5, Kind::String, Label::Optional),
        FieldTable::new(",\"framework_id\":", 6, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"task_id\":", 7, Kind::Message(&MESOS_V1_TASK_ID), Label::Optional),
        FieldTable::new(",\"until\":", 8, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"operation_uuid\":", 9, Kind::Bytes, Label::Optional),
        FieldTable::new(",\"resource_provider_id\":", 10, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_ID), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    false,
);
impl Message for super::ebb::v1::Blocker {
    const TABLE: &'static MessageTable = &EBB_V1_BLOCKER;
}

#[rustfmt::skip]
static EBB_V1_DEACTIVATION: MessageTable = MessageTable::new(
    "ebb.v1.Deactivation",
    &[
        FieldTable::new(",\"since\":", 1, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"reason\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"requested_by\":", 3, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::ebb::v1::Deactivation {
    const TABLE: &'static MessageTable = &EBB_V1_DEACTIVATION;
}

#[rustfmt::skip]
static EBB_V1_DRAIN_PROGRESS: MessageTable = MessageTable::new(
    "ebb.v1.DrainProgress",
    &[
        FieldTable::new(",\"tasks_left\":", 1, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"updates_unacknowledged\":", 2, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"operations_left\":", 3, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"executors_left\":", 4, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"last_kill_at\":", 5, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"services\":", 6, Kind::Message(&EBB_V1_SERVICE_PROGRESS), Label::Repeated),
        FieldTable::new(",\"confirmed_by_agent\":", 7, Kind::Bool, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7],
    false,
);
impl Message for super::ebb::v1::DrainProgress {
    const TABLE: &'static MessageTable = &EBB_V1_DRAIN_PROGRESS;
}

#[rustfmt::skip]
static EBB_V1_DRAIN_STATUS: MessageTable = MessageTable::new(
    "ebb.v1.DrainStatus",
    &[
        FieldTable::new(",\"generation\":", 1, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"state\":", 2, Kind::Enum(&MESOS_V1_DRAIN_STATE), Label::Optional),
        FieldTable::new(",\"config\":", 3, Kind::Message(&MESOS_V1_DRAIN_CONFIG), Label::Optional),
        FieldTable::new(",\"started_at\":", 4, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"finished_at\":", 5, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"reason\":", 6, Kind::String, Label::Optional),
        FieldTable::new(",\"requested_by\":", 7, Kind::String, Label::Optional),
        FieldTable::new(",\"blockers\":", 8, Kind::Message(&EBB_V1_BLOCKER), Label::Repeated),
        FieldTable::new(",\"blockers_total\":", 9, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"progress\":", 10, Kind::Message(&EBB_V1_DRAIN_PROGRESS), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    false,
);
impl Message for super::ebb::v1::DrainStatus {
    const TABLE: &'static MessageTable = &EBB_V1_DRAIN_STATUS;
}

#[rustfmt::skip]
static EBB_V1_SERVICE_PROGRESS: MessageTable = MessageTable::new(
    "ebb.v1.ServiceProgress",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"name\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"tasks_left\":", 3, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"updates_unacknowledged\":", 4, Kind::Uint32, Label::Optional),
    ],
    &[0, 1, 2, 3, 4],
    false,
);
impl Message for super::ebb::v1::ServiceProgress {
    const TABLE: &'static MessageTable = &EBB_V1_SERVICE_PROGRESS;
}

#[rustfmt::skip]
static GOOGLE_PROTOBUF_DURATION: MessageTable = MessageTable::new(
    "google.protobuf.Duration",
    &[
        FieldTable::new(",\"seconds\":", 1, Kind::Int64, Label::Optional),
        FieldTable::new(",\"nanos\":", 2, Kind::Int32, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::google::protobuf::Duration {
    const TABLE: &'static MessageTable = &GOOGLE_PROTOBUF_DURATION;
}

#[rustfmt::skip]
static MESOS_V1_ADDRESS: MessageTable = MessageTable::new(
    "mesos.v1.Address",
    &[
        FieldTable::new(",\"hostname\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"ip\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"port\":", 3, Kind::Int32, Label::Required),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::Address {
    const TABLE: &'static MessageTable = &MESOS_V1_ADDRESS;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_ID: MessageTable = MessageTable::new(
    "mesos.v1.AgentID",
    &[
        FieldTable::new(",\"value\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::AgentId {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_ID;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_INFO: MessageTable = MessageTable::new(
    "mesos.v1.AgentInfo",
    &[
        FieldTable::new(",\"hostname\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"port\":", 8, Kind::Int32, Label::Optional).with_default("5051"),
        FieldTable::new(",\"resources\":", 3, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"attributes\":", 5, Kind::Message(&MESOS_V1_ATTRIBUTE), Label::Repeated),
        FieldTable::new(",\"id\":", 6, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"domain\":", 10, Kind::Message(&MESOS_V1_DOMAIN_INFO), Label::Optional),
    ],
    &[0, 1, 0, 3, 0, 4, 5, 0, 2, 0, 6],
    true,
);
impl Message for super::mesos::v1::AgentInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_INFO;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_INFO_CAPABILITY: MessageTable = MessageTable::new(
    "mesos.v1.AgentInfo.Capability",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_AGENT_INFO_CAPABILITY_TYPE), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent_info::Capability {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_INFO_CAPABILITY;
}

#[rustfmt::skip]
static MESOS_V1_ATTRIBUTE: MessageTable = MessageTable::new(
    "mesos.v1.Attribute",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"type\":", 2, Kind::Enum(&MESOS_V1_VALUE_TYPE), Label::Required),
        FieldTable::new(",\"scalar\":", 3, Kind::Message(&MESOS_V1_VALUE_SCALAR), Label::Optional),
        FieldTable::new(",\"ranges\":", 4, Kind::Message(&MESOS_V1_VALUE_RANGES), Label::Optional),
        FieldTable::new(",\"set\":", 6, Kind::Message(&MESOS_V1_VALUE_SET), Label::Optional),
        FieldTable::new(",\"text\":", 5, Kind::Message(&MESOS_V1_VALUE_TEXT), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 6, 5],
    false,
);
impl Message for super::mesos::v1::Attribute {
    const TABLE: &'static MessageTable = &MESOS_V1_ATTRIBUTE;
}

#[rustfmt::skip]
static MESOS_V1_CSI_PLUGIN_CONTAINER_INFO: MessageTable = MessageTable::new(
    "mesos.v1.CSIPluginContainerInfo",
    &[
        FieldTable::new(",\"services\":", 1, Kind::Enum(&MESOS_V1_CSI_PLUGIN_CONTAINER_INFO_SERVICE), Label::Repeated),
        FieldTable::new(",\"command\":", 2, Kind::Message(&MESOS_V1_COMMAND_INFO), Label::Optional),
        FieldTable::new(",\"resources\":", 3, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"container\":", 4, Kind::Message(&MESOS_V1_CONTAINER_INFO), Label::Optional),
    ],
    &[0, 1, 2, 3, 4],
    true,
);
impl Message for super::mesos::v1::CsiPluginContainerInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_CSI_PLUGIN_CONTAINER_INFO;
}

#[rustfmt::skip]
static MESOS_V1_CSI_PLUGIN_ENDPOINT: MessageTable = MessageTable::new(
    "mesos.v1.CSIPluginEndpoint",
    &[
        FieldTable::new(",\"csi_service\":", 1, Kind::Enum(&MESOS_V1_CSI_PLUGIN_CONTAINER_INFO_SERVICE), Label::Required),
        FieldTable::new(",\"endpoint\":", 2, Kind::String, Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::CsiPluginEndpoint {
    const TABLE: &'static MessageTable = &MESOS_V1_CSI_PLUGIN_ENDPOINT;
}

#[rustfmt::skip]
static MESOS_V1_CSI_PLUGIN_INFO: MessageTable = MessageTable::new(
    "mesos.v1.CSIPluginInfo",
    &[
        FieldTable::new(",\"type\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"name\":", 2, Kind::String, Label::Optional).with_default("\"default\""),
        FieldTable::new(",\"containers\":", 3, Kind::Message(&MESOS_V1_CSI_PLUGIN_CONTAINER_INFO), Label::Repeated),
        FieldTable::new(",\"endpoints\":", 4, Kind::Message(&MESOS_V1_CSI_PLUGIN_ENDPOINT), Label::Repeated),
        FieldTable::new(",\"target_path_root\":", 5, Kind::String, Label::Optional),
        FieldTable::new(",\"target_path_exists\":", 6, Kind::Bool, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6],
    true,
);
impl Message for super::mesos::v1::CsiPluginInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_CSI_PLUGIN_INFO;
}

#[rustfmt::skip]
static MESOS_V1_CAPABILITY_INFO: MessageTable = MessageTable::new(
    "mesos.v1.CapabilityInfo",
    &[
        FieldTable::new(",\"capabilities\":", 1, Kind::Enum(&MESOS_V1_CAPABILITY_INFO_CAPABILITY), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::CapabilityInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_CAPABILITY_INFO;
}

#[rustfmt::skip]
static MESOS_V1_CGROUP_INFO: MessageTable = MessageTable::new(
    "mesos.v1.CgroupInfo",
    &[
        FieldTable::new(",\"net_cls\":", 1, Kind::Message(&MESOS_V1_CGROUP_INFO_NET_CLS), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::CgroupInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_CGROUP_INFO;
}

#[rustfmt::skip]
static MESOS_V1_CGROUP_INFO_BLKIO: MessageTable = MessageTable::new(
    "mesos.v1.CgroupInfo.Blkio",
    &[
    ],
    &[0],
    false,
);
impl Message for super::mesos::v1::cgroup_info::Blkio {
    const TABLE: &'static MessageTable = &MESOS_V1_CGROUP_INFO_BLKIO;
}

#[rustfmt::skip]
static MESOS_V1_CGROUP_INFO_BLKIO_CFQ: MessageTable = MessageTable::new(
    "mesos.v1.CgroupInfo.Blkio.CFQ",
    &[
    ],
    &[0],
    false,
);
impl Message for super::mesos::v1::cgroup_info::blkio::Cfq {
    const TABLE: &'static MessageTable = &MESOS_V1_CGROUP_INFO_BLKIO_CFQ;
}

#[rustfmt::skip]
static MESOS_V1_CGROUP_INFO_BLKIO_CFQ_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.CgroupInfo.Blkio.CFQ.Statistics",
    &[
        FieldTable::new(",\"device\":", 1, Kind::Message(&MESOS_V1_DEVICE_NUMBER), Label::Optional),
        FieldTable::new(",\"sectors\":", 2, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"time\":", 3, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"io_serviced\":", 4, Kind::Message(&MESOS_V1_CGROUP_INFO_BLKIO_VALUE), Label::Repeated),
        FieldTable::new(",\"io_service_bytes\":", 5, Kind::Message(&MESOS_V1_CGROUP_INFO_BLKIO_VALUE), Label::Repeated),
        FieldTable::new(",\"io_service_time\":", 6, Kind::Message(&MESOS_V1_CGROUP_INFO_BLKIO_VALUE), Label::Repeated),
        FieldTable::new(",\"io_wait_time\":", 7, Kind::Message(&MESOS_V1_CGROUP_INFO_BLKIO_VALUE), Label::Repeated),
        FieldTable::new(",\"io_merged\":", 8, Kind::Message(&MESOS_V1_CGROUP_INFO_BLKIO_VALUE), Label::Repeated),
        FieldTable::new(",\"io_queued\":", 9, Kind::Message(&MESOS_V1_CGROUP_INFO_BLKIO_VALUE), Label::Repeated),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    false,
);
impl Message for super::mesos::v1::cgroup_info::blkio::cfq::Statistics {
    const TABLE: &'static MessageTable = &MESOS_V1_CGROUP_INFO_BLKIO_CFQ_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_CGROUP_INFO_BLKIO_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.CgroupInfo.Blkio.Statistics",
    &[
        FieldTable::new(",\"cfq\":", 1, Kind::Message(&MESOS_V1_CGROUP_INFO_BLKIO_CFQ_STATISTICS), Label::Repeated),
        FieldTable::new(",\"cfq_recursive\":", 2, Kind::Message(&MESOS_V1_CGROUP_INFO_BLKIO_CFQ_STATISTICS), Label::Repeated),
        FieldTable::new(",\"throttling\":", 3, Kind::Message(&MESOS_V1_CGROUP_INFO_BLKIO_THROTTLING_STATISTICS), Label::Repeated),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::cgroup_info::blkio::Statistics {
    const TABLE: &'static MessageTable = &MESOS_V1_CGROUP_INFO_BLKIO_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_CGROUP_INFO_BLKIO_THROTTLING: MessageTable = MessageTable::new(
    "mesos.v1.CgroupInfo.Blkio.Throttling",
    &[
    ],
    &[0],
    false,
);
impl Message for super::mesos::v1::cgroup_info::blkio::Throttling {
    const TABLE: &'static MessageTable = &MESOS_V1_CGROUP_INFO_BLKIO_THROTTLING;
}

#[rustfmt::skip]
static MESOS_V1_CGROUP_INFO_BLKIO_THROTTLING_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.CgroupInfo.Blkio.Throttling.Statistics",
    &[
        FieldTable::new(",\"device\":", 1, Kind::Message(&MESOS_V1_DEVICE_NUMBER), Label::Optional),
        FieldTable::new(",\"io_serviced\":", 2, Kind::Message(&MESOS_V1_CGROUP_INFO_BLKIO_VALUE), Label::Repeated),
        FieldTable::new(",\"io_service_bytes\":", 3, Kind::Message(&MESOS_V1_CGROUP_INFO_BLKIO_VALUE), Label::Repeated),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::cgroup_info::blkio::throttling::Statistics {
    const TABLE: &'static MessageTable = &MESOS_V1_CGROUP_INFO_BLKIO_THROTTLING_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_CGROUP_INFO_BLKIO_VALUE: MessageTable = MessageTable::new(
    "mesos.v1.CgroupInfo.Blkio.Value",
    &[
        FieldTable::new(",\"op\":", 1, Kind::Enum(&MESOS_V1_CGROUP_INFO_BLKIO_OPERATION), Label::Optional),
        FieldTable::new(",\"value\":", 2, Kind::Uint64, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::cgroup_info::blkio::Value {
    const TABLE: &'static MessageTable = &MESOS_V1_CGROUP_INFO_BLKIO_VALUE;
}

#[rustfmt::skip]
static MESOS_V1_CGROUP_INFO_NET_CLS: MessageTable = MessageTable::new(
    "mesos.v1.CgroupInfo.NetCls",
    &[
        FieldTable::new(",\"classid\":", 1, Kind::Uint32, Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::cgroup_info::NetCls {
    const TABLE: &'static MessageTable = &MESOS_V1_CGROUP_INFO_NET_CLS;
}

#[rustfmt::skip]
static MESOS_V1_CHECK_INFO: MessageTable = MessageTable::new(
    "mesos.v1.CheckInfo",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_CHECK_INFO_TYPE), Label::Optional),
        FieldTable::new(",\"command\":", 2, Kind::Message(&MESOS_V1_CHECK_INFO_COMMAND), Label::Optional),
        FieldTable::new(",\"http\":", 3, Kind::Message(&MESOS_V1_CHECK_INFO_HTTP), Label::Optional),
        FieldTable::new(",\"tcp\":", 7, Kind::Message(&MESOS_V1_CHECK_INFO_TCP), Label::Optional),
        FieldTable::new(",\"delay_seconds\":", 4, Kind::Double, Label::Optional).with_default("15.0"),
        FieldTable::new(",\"interval_seconds\":", 5, Kind::Double, Label::Optional).with_default("10.0"),
        FieldTable::new(",\"timeout_seconds\":", 6, Kind::Double, Label::Optional).with_default("20.0"),
    ],
    &[0, 1, 2, 3, 5, 6, 7, 4],
    false,
);
impl Message for super::mesos::v1::CheckInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_CHECK_INFO;
}

#[rustfmt::skip]
static MESOS_V1_CHECK_INFO_COMMAND: MessageTable = MessageTable::new(
    "mesos.v1.CheckInfo.Command",
    &[
        FieldTable::new(",\"command\":", 1, Kind::Message(&MESOS_V1_COMMAND_INFO), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::check_info::Command {
    const TABLE: &'static MessageTable = &MESOS_V1_CHECK_INFO_COMMAND;
}

#[rustfmt::skip]
static MESOS_V1_CHECK_INFO_HTTP: MessageTable = MessageTable::new(
    "mesos.v1.CheckInfo.Http",
    &[
        FieldTable::new(",\"port\":", 1, Kind::Uint32, Label::Required),
        FieldTable::new(",\"path\":", 2, Kind::String, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::check_info::Http {
    const TABLE: &'static MessageTable = &MESOS_V1_CHECK_INFO_HTTP;
}

#[rustfmt::skip]
static MESOS_V1_CHECK_INFO_TCP: MessageTable = MessageTable::new(
    "mesos.v1.CheckInfo.Tcp",
    &[
        FieldTable::new(",\"port\":", 1, Kind::Uint32, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::check_info::Tcp {
    const TABLE: &'static MessageTable = &MESOS_V1_CHECK_INFO_TCP;
}

#[rustfmt::skip]
static MESOS_V1_CHECK_STATUS_INFO: MessageTable = MessageTable::new(
    "mesos.v1.CheckStatusInfo",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_CHECK_INFO_TYPE), Label::Optional),
        FieldTable::new(",\"command\":", 2, Kind::Message(&MESOS_V1_CHECK_STATUS_INFO_COMMAND), Label::Optional),
        FieldTable::new(",\"http\":", 3, Kind::Message(&MESOS_V1_CHECK_STATUS_INFO_HTTP), Label::Optional),
        FieldTable::new(",\"tcp\":", 4, Kind::Message(&MESOS_V1_CHECK_STATUS_INFO_TCP), Label::Optional),
    ],
    &[0, 1, 2, 3, 4],
    false,
);
impl Message for super::mesos::v1::CheckStatusInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_CHECK_STATUS_INFO;
}

#[rustfmt::skip]
static MESOS_V1_CHECK_STATUS_INFO_COMMAND: MessageTable = MessageTable::new(
    "mesos.v1.CheckStatusInfo.Command",
    &[
        FieldTable::new(",\"exit_code\":", 1, Kind::Int32, Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::check_status_info::Command {
    const TABLE: &'static MessageTable = &MESOS_V1_CHECK_STATUS_INFO_COMMAND;
}

#[rustfmt::skip]
static MESOS_V1_CHECK_STATUS_INFO_HTTP: MessageTable = MessageTable::new(
    "mesos.v1.CheckStatusInfo.Http",
    &[
        FieldTable::new(",\"status_code\":", 1, Kind::Uint32, Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::check_status_info::Http {
    const TABLE: &'static MessageTable = &MESOS_V1_CHECK_STATUS_INFO_HTTP;
}

#[rustfmt::skip]
static MESOS_V1_CHECK_STATUS_INFO_TCP: MessageTable = MessageTable::new(
    "mesos.v1.CheckStatusInfo.Tcp",
    &[
        FieldTable::new(",\"succeeded\":", 1, Kind::Bool, Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::check_status_info::Tcp {
    const TABLE: &'static MessageTable = &MESOS_V1_CHECK_STATUS_INFO_TCP;
}

#[rustfmt::skip]
static MESOS_V1_COMMAND_INFO: MessageTable = MessageTable::new(
    "mesos.v1.CommandInfo",
    &[
        FieldTable::new(",\"uris\":", 1, Kind::Message(&MESOS_V1_COMMAND_INFO_URI), Label::Repeated),
        FieldTable::new(",\"environment\":", 2, Kind::Message(&MESOS_V1_ENVIRONMENT), Label::Optional),
        FieldTable::new(",\"shell\":", 6, Kind::Bool, Label::Optional).with_default("true"),
        FieldTable::new(",\"value\":", 3, Kind::String, Label::Optional),
        FieldTable::new(",\"arguments\":", 7, Kind::String, Label::Repeated),
        FieldTable::new(",\"user\":", 5, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 4, 0, 6, 3, 5],
    false,
);
impl Message for super::mesos::v1::CommandInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_COMMAND_INFO;
}

#[rustfmt::skip]
static MESOS_V1_COMMAND_INFO_URI: MessageTable = MessageTable::new(
    "mesos.v1.CommandInfo.URI",
    &[
        FieldTable::new(",\"value\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"executable\":", 2, Kind::Bool, Label::Optional),
        FieldTable::new(",\"extract\":", 3, Kind::Bool, Label::Optional).with_default("true"),
        FieldTable::new(",\"cache\":", 4, Kind::Bool, Label::Optional),
        FieldTable::new(",\"output_file\":", 5, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5],
    false,
);
impl Message for super::mesos::v1::command_info::Uri {
    const TABLE: &'static MessageTable = &MESOS_V1_COMMAND_INFO_URI;
}

#[rustfmt::skip]
static MESOS_V1_CONTAINER_ID: MessageTable = MessageTable::new(
    "mesos.v1.ContainerID",
    &[
        FieldTable::new(",\"value\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"parent\":", 2, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::ContainerId {
    const TABLE: &'static MessageTable = &MESOS_V1_CONTAINER_ID;
}

#[rustfmt::skip]
static MESOS_V1_CONTAINER_INFO: MessageTable = MessageTable::new(
    "mesos.v1.ContainerInfo",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_CONTAINER_INFO_TYPE), Label::Required),
        FieldTable::new(",\"volumes\":", 2, Kind::Message(&MESOS_V1_VOLUME), Label::Repeated),
        FieldTable::new(",\"hostname\":", 4, Kind::String, Label::Optional),
        FieldTable::new(",\"docker\":", 3, Kind::Message(&MESOS_V1_CONTAINER_INFO_DOCKER_INFO), Label::Optional),
        FieldTable::new(",\"mesos\":", 5, Kind::Message(&MESOS_V1_CONTAINER_INFO_MESOS_INFO), Label::Optional),
        FieldTable::new(",\"network_infos\":", 7, Kind::Message(&MESOS_V1_NETWORK_INFO), Label::Repeated),
        FieldTable::new(",\"linux_info\":", 8, Kind::Message(&MESOS_V1_LINUX_INFO), Label::Optional),
        FieldTable::new(",\"rlimit_info\":", 9, Kind::Message(&MESOS_V1_R_LIMIT_INFO), Label::Optional),
        FieldTable::new(",\"tty_info\":", 10, Kind::Message(&MESOS_V1_TTY_INFO), Label::Optional),
    ],
    &[0, 1, 2, 4, 3, 5, 0, 6, 7, 8, 9],
    true,
);
impl Message for super::mesos::v1::ContainerInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_CONTAINER_INFO;
}

#[rustfmt::skip]
static MESOS_V1_CONTAINER_INFO_DOCKER_INFO: MessageTable = MessageTable::new(
    "mesos.v1.ContainerInfo.DockerInfo",
    &[
        FieldTable::new(",\"image\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"network\":", 2, Kind::Enum(&MESOS_V1_CONTAINER_INFO_DOCKER_INFO_NETWORK), Label::Optional).with_default("\"HOST\""),
        FieldTable::new(",\"port_mappings\":", 3, Kind::Message(&MESOS_V1_CONTAINER_INFO_DOCKER_INFO_PORT_MAPPING), Label::Repeated),
        FieldTable::new(",\"privileged\":", 4, Kind::Bool, Label::Optional).with_default("false"),
        FieldTable::new(",\"parameters\":", 5, Kind::Message(&MESOS_V1_PARAMETER), Label::Repeated),
        FieldTable::new(",\"force_pull_image\":", 6, Kind::Bool, Label::Optional),
        FieldTable::new(",\"volume_driver\":", 7, Kind::String, Label::Optional).deprecated(),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7],
    false,
);
impl Message for super::mesos::v1::container_info::DockerInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_CONTAINER_INFO_DOCKER_INFO;
}

#[rustfmt::skip]
static MESOS_V1_CONTAINER_INFO_DOCKER_INFO_PORT_MAPPING: MessageTable = MessageTable::new(
    "mesos.v1.ContainerInfo.DockerInfo.PortMapping",
    &[
        FieldTable::new(",\"host_port\":", 1, Kind::Uint32, Label::Required),
        FieldTable::new(",\"container_port\":", 2, Kind::Uint32, Label::Required),
        FieldTable::new(",\"protocol\":", 3, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::container_info::docker_info::PortMapping {
    const TABLE: &'static MessageTable = &MESOS_V1_CONTAINER_INFO_DOCKER_INFO_PORT_MAPPING;
}

#[rustfmt::skip]
static MESOS_V1_CONTAINER_INFO_MESOS_INFO: MessageTable = MessageTable::new(
    "mesos.v1.ContainerInfo.MesosInfo",
    &[
        FieldTable::new(",\"image\":", 1, Kind::Message(&MESOS_V1_IMAGE), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::container_info::MesosInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_CONTAINER_INFO_MESOS_INFO;
}

#[rustfmt::skip]
static MESOS_V1_CONTAINER_STATUS: MessageTable = MessageTable::new(
    "mesos.v1.ContainerStatus",
    &[
        FieldTable::new(",\"container_id\":", 4, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Optional),
        FieldTable::new(",\"network_infos\":", 1, Kind::Message(&MESOS_V1_NETWORK_INFO), Label::Repeated),
        FieldTable::new(",\"cgroup_info\":", 2, Kind::Message(&MESOS_V1_CGROUP_INFO), Label::Optional),
        FieldTable::new(",\"executor_pid\":", 3, Kind::Uint32, Label::Optional),
    ],
    &[0, 2, 3, 4, 1],
    false,
);
impl Message for super::mesos::v1::ContainerStatus {
    const TABLE: &'static MessageTable = &MESOS_V1_CONTAINER_STATUS;
}

#[rustfmt::skip]
static MESOS_V1_CREDENTIAL: MessageTable = MessageTable::new(
    "mesos.v1.Credential",
    &[
        FieldTable::new(",\"principal\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"secret\":", 2, Kind::String, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::Credential {
    const TABLE: &'static MessageTable = &MESOS_V1_CREDENTIAL;
}

#[rustfmt::skip]
static MESOS_V1_CREDENTIALS: MessageTable = MessageTable::new(
    "mesos.v1.Credentials",
    &[
        FieldTable::new(",\"credentials\":", 1, Kind::Message(&MESOS_V1_CREDENTIAL), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::Credentials {
    const TABLE: &'static MessageTable = &MESOS_V1_CREDENTIALS;
}

#[rustfmt::skip]
static MESOS_V1_DEVICE: MessageTable = MessageTable::new(
    "mesos.v1.Device",
    &[
        FieldTable::new(",\"path\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"number\":", 2, Kind::Message(&MESOS_V1_DEVICE_NUMBER), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::Device {
    const TABLE: &'static MessageTable = &MESOS_V1_DEVICE;
}

#[rustfmt::skip]
static MESOS_V1_DEVICE_NUMBER: MessageTable = MessageTable::new(
    "mesos.v1.Device.Number",
    &[
        FieldTable::new(",\"major_number\":", 1, Kind::Uint64, Label::Required),
        FieldTable::new(",\"minor_number\":", 2, Kind::Uint64, Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::device::Number {
    const TABLE: &'static MessageTable = &MESOS_V1_DEVICE_NUMBER;
}

#[rustfmt::skip]
static MESOS_V1_DEVICE_ACCESS: MessageTable = MessageTable::new(
    "mesos.v1.DeviceAccess",
    &[
        FieldTable::new(",\"device\":", 1, Kind::Message(&MESOS_V1_DEVICE), Label::Required),
        FieldTable::new(",\"access\":", 2, Kind::Message(&MESOS_V1_DEVICE_ACCESS_ACCESS), Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::DeviceAccess {
    const TABLE: &'static MessageTable = &MESOS_V1_DEVICE_ACCESS;
}

#[rustfmt::skip]
static MESOS_V1_DEVICE_ACCESS_ACCESS: MessageTable = MessageTable::new(
    "mesos.v1.DeviceAccess.Access",
    &[
        FieldTable::new(",\"read\":", 1, Kind::Bool, Label::Optional),
        FieldTable::new(",\"write\":", 2, Kind::Bool, Label::Optional),
        FieldTable::new(",\"mknod\":", 3, Kind::Bool, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::device_access::Access {
    const TABLE: &'static MessageTable = &MESOS_V1_DEVICE_ACCESS_ACCESS;
}

#[rustfmt::skip]
static MESOS_V1_DEVICE_WHITELIST: MessageTable = MessageTable::new(
    "mesos.v1.DeviceWhitelist",
    &[
        FieldTable::new(",\"allowed_devices\":", 1, Kind::Message(&MESOS_V1_DEVICE_ACCESS), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::DeviceWhitelist {
    const TABLE: &'static MessageTable = &MESOS_V1_DEVICE_WHITELIST;
}

#[rustfmt::skip]
static MESOS_V1_DISCOVERY_INFO: MessageTable = MessageTable::new(
    "mesos.v1.DiscoveryInfo",
    &[
        FieldTable::new(",\"visibility\":", 1, Kind::Enum(&MESOS_V1_DISCOVERY_INFO_VISIBILITY), Label::Required),
        FieldTable::new(",\"name\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"environment\":", 3, Kind::String, Label::Optional),
        FieldTable::new(",\"location\":", 4, Kind::String, Label::Optional),
        FieldTable::new(",\"version\":", 5, Kind::String, Label::Optional),
        FieldTable::new(",\"ports\":", 6, Kind::Message(&MESOS_V1_PORTS), Label::Optional),
        FieldTable::new(",\"labels\":", 7, Kind::Message(&MESOS_V1_LABELS), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7],
    false,
);
impl Message for super::mesos::v1::DiscoveryInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_DISCOVERY_INFO;
}

#[rustfmt::skip]
static MESOS_V1_DISK_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.DiskStatistics",
    &[
        FieldTable::new(",\"source\":", 1, Kind::Message(&MESOS_V1_RESOURCE_DISK_INFO_SOURCE), Label::Optional),
        FieldTable::new(",\"persistence\":", 2, Kind::Message(&MESOS_V1_RESOURCE_DISK_INFO_PERSISTENCE), Label::Optional),
        FieldTable::new(",\"limit_bytes\":", 3, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"used_bytes\":", 4, Kind::Uint64, Label::Optional),
    ],
    &[0, 1, 2, 3, 4],
    false,
);
impl Message for super::mesos::v1::DiskStatistics {
    const TABLE: &'static MessageTable = &MESOS_V1_DISK_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_DOMAIN_INFO: MessageTable = MessageTable::new(
    "mesos.v1.DomainInfo",
    &[
        FieldTable::new(",\"fault_domain\":", 1, Kind::Message(&MESOS_V1_DOMAIN_INFO_FAULT_DOMAIN), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::DomainInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_DOMAIN_INFO;
}

#[rustfmt::skip]
static MESOS_V1_DOMAIN_INFO_FAULT_DOMAIN: MessageTable = MessageTable::new(
    "mesos.v1.DomainInfo.FaultDomain",
    &[
        FieldTable::new(",\"region\":", 1, Kind::Message(&MESOS_V1_DOMAIN_INFO_FAULT_DOMAIN_REGION_INFO), Label::Required),
        FieldTable::new(",\"zone\":", 2, Kind::Message(&MESOS_V1_DOMAIN_INFO_FAULT_DOMAIN_ZONE_INFO), Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::domain_info::FaultDomain {
    const TABLE: &'static MessageTable = &MESOS_V1_DOMAIN_INFO_FAULT_DOMAIN;
}

#[rustfmt::skip]
static MESOS_V1_DOMAIN_INFO_FAULT_DOMAIN_REGION_INFO: MessageTable = MessageTable::new(
    "mesos.v1.DomainInfo.FaultDomain.RegionInfo",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::domain_info::fault_domain::RegionInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_DOMAIN_INFO_FAULT_DOMAIN_REGION_INFO;
}

#[rustfmt::skip]
static MESOS_V1_DOMAIN_INFO_FAULT_DOMAIN_ZONE_INFO: MessageTable = MessageTable::new(
    "mesos.v1.DomainInfo.FaultDomain.ZoneInfo",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::domain_info::fault_domain::ZoneInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_DOMAIN_INFO_FAULT_DOMAIN_ZONE_INFO;
}

#[rustfmt::skip]
static MESOS_V1_DRAIN_CONFIG: MessageTable = MessageTable::new(
    "mesos.v1.DrainConfig",
    &[
        FieldTable::new(",\"max_grace_period\":", 1, Kind::Message(&MESOS_V1_DURATION_INFO), Label::Optional),
        FieldTable::new(",\"mark_gone\":", 2, Kind::Bool, Label::Optional).with_default("false"),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::DrainConfig {
    const TABLE: &'static MessageTable = &MESOS_V1_DRAIN_CONFIG;
}

#[rustfmt::skip]
static MESOS_V1_DRAIN_INFO: MessageTable = MessageTable::new(
    "mesos.v1.DrainInfo",
    &[
        FieldTable::new(",\"state\":", 1, Kind::Enum(&MESOS_V1_DRAIN_STATE), Label::Required),
        FieldTable::new(",\"config\":", 2, Kind::Message(&MESOS_V1_DRAIN_CONFIG), Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::DrainInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_DRAIN_INFO;
}

#[rustfmt::skip]
static MESOS_V1_DURATION_INFO: MessageTable = MessageTable::new(
    "mesos.v1.DurationInfo",
    &[
        FieldTable::new(",\"nanoseconds\":", 1, Kind::Int64, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::DurationInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_DURATION_INFO;
}

#[rustfmt::skip]
static MESOS_V1_ENVIRONMENT: MessageTable = MessageTable::new(
    "mesos.v1.Environment",
    &[
        FieldTable::new(",\"variables\":", 1, Kind::Message(&MESOS_V1_ENVIRONMENT_VARIABLE), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::Environment {
    const TABLE: &'static MessageTable = &MESOS_V1_ENVIRONMENT;
}

#[rustfmt::skip]
static MESOS_V1_ENVIRONMENT_VARIABLE: MessageTable = MessageTable::new(
    "mesos.v1.Environment.Variable",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"type\":", 3, Kind::Enum(&MESOS_V1_ENVIRONMENT_VARIABLE_TYPE), Label::Optional).with_default("\"VALUE\""),
        FieldTable::new(",\"value\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"secret\":", 4, Kind::Message(&MESOS_V1_SECRET), Label::Optional),
    ],
    &[0, 1, 3, 2, 4],
    false,
);
impl Message for super::mesos::v1::environment::Variable {
    const TABLE: &'static MessageTable = &MESOS_V1_ENVIRONMENT_VARIABLE;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_ID: MessageTable = MessageTable::new(
    "mesos.v1.ExecutorID",
    &[
        FieldTable::new(",\"value\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::ExecutorId {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_ID;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_INFO: MessageTable = MessageTable::new(
    "mesos.v1.ExecutorInfo",
    &[
        FieldTable::new(",\"type\":", 15, Kind::Enum(&MESOS_V1_EXECUTOR_INFO_TYPE), Label::Optional),
        FieldTable::new(",\"executor_id\":", 1, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Required),
        FieldTable::new(",\"framework_id\":", 8, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"command\":", 7, Kind::Message(&MESOS_V1_COMMAND_INFO), Label::Optional),
        FieldTable::new(",\"container\":", 11, Kind::Message(&MESOS_V1_CONTAINER_INFO), Label::Optional),
        FieldTable::new(",\"resources\":", 5, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"name\":", 9, Kind::String, Label::Optional),
        FieldTable::new(",\"source\":", 10, Kind::String, Label::Optional).deprecated(),
        FieldTable::new(",\"data\":", 4, Kind::Bytes, Label::Optional),
        FieldTable::new(",\"discovery\":", 12, Kind::Message(&MESOS_V1_DISCOVERY_INFO), Label::Optional),
        FieldTable::new(",\"shutdown_grace_period\":", 13, Kind::Message(&MESOS_V1_DURATION_INFO), Label::Optional),
        FieldTable::new(",\"labels\":", 14, Kind::Message(&MESOS_V1_LABELS), Label::Optional),
    ],
    &[0, 2, 0, 0, 9, 6, 0, 4, 3, 7, 8, 5, 10, 11, 12, 1],
    true,
);
impl Message for super::mesos::v1::ExecutorInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_INFO;
}

#[rustfmt::skip]
static MESOS_V1_FILE_INFO: MessageTable = MessageTable::new(
    "mesos.v1.FileInfo",
    &[
        FieldTable::new(",\"path\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"nlink\":", 2, Kind::Int32, Label::Optional),
        FieldTable::new(",\"size\":", 3, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mtime\":", 4, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"mode\":", 5, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"uid\":", 6, Kind::String, Label::Optional),
        FieldTable::new(",\"gid\":", 7, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7],
    false,
);
impl Message for super::mesos::v1::FileInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_FILE_INFO;
}

#[rustfmt::skip]
static MESOS_V1_FILTERS: MessageTable = MessageTable::new(
    "mesos.v1.Filters",
    &[
        FieldTable::new(",\"refuse_seconds\":", 1, Kind::Double, Label::Optional).with_default("5.0"),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::Filters {
    const TABLE: &'static MessageTable = &MESOS_V1_FILTERS;
}

#[rustfmt::skip]
static MESOS_V1_FLAG: MessageTable = MessageTable::new(
    "mesos.v1.Flag",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"value\":", 2, Kind::String, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::Flag {
    const TABLE: &'static MessageTable = &MESOS_V1_FLAG;
}

#[rustfmt::skip]
static MESOS_V1_FRAMEWORK_ID: MessageTable = MessageTable::new(
    "mesos.v1.FrameworkID",
    &[
        FieldTable::new(",\"value\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::FrameworkId {
    const TABLE: &'static MessageTable = &MESOS_V1_FRAMEWORK_ID;
}

#[rustfmt::skip]
static MESOS_V1_FRAMEWORK_INFO: MessageTable = MessageTable::new(
    "mesos.v1.FrameworkInfo",
    &[
        FieldTable::new(",\"user\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"name\":", 2, Kind::String, Label::Required),
        FieldTable::new(",\"id\":", 3, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"failover_timeout\":", 4, Kind::Double, Label::Optional).with_default("0.0"),
        FieldTable::new(",\"checkpoint\":", 5, Kind::Bool, Label::Optional).with_default("false"),
        FieldTable::new(",\"role\":", 6, Kind::String, Label::Optional).deprecated().with_default("\"*\""),
        FieldTable::new(",\"roles\":", 12, Kind::String, Label::Repeated),
        FieldTable::new(",\"hostname\":", 7, Kind::String, Label::Optional),
        FieldTable::new(",\"principal\":", 8, Kind::String, Label::Optional),
        FieldTable::new(",\"webui_url\":", 9, Kind::String, Label::Optional),
        FieldTable::new(",\"capabilities\":", 10, Kind::Message(&MESOS_V1_FRAMEWORK_INFO_CAPABILITY), Label::Repeated),
        FieldTable::new(",\"labels\":", 11, Kind::Message(&MESOS_V1_LABELS), Label::Optional),
        FieldTable::new(",\"offer_filters\":", 13, Kind::Map(&MESOS_V1_FRAMEWORK_INFO_OFFER_FILTERS_ENTRY), Label::Repeated),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 7, 13],
    true,
);
impl Message for super::mesos::v1::FrameworkInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_FRAMEWORK_INFO;
}

#[rustfmt::skip]
static MESOS_V1_FRAMEWORK_INFO_CAPABILITY: MessageTable = MessageTable::new(
    "mesos.v1.FrameworkInfo.Capability",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_FRAMEWORK_INFO_CAPABILITY_TYPE), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::framework_info::Capability {
    const TABLE: &'static MessageTable = &MESOS_V1_FRAMEWORK_INFO_CAPABILITY;
}

#[rustfmt::skip]
static MESOS_V1_FRAMEWORK_INFO_OFFER_FILTERS_ENTRY: MessageTable = MessageTable::new(
    "mesos.v1.FrameworkInfo.OfferFiltersEntry",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"value\":", 2, Kind::Message(&MESOS_V1_OFFER_FILTERS), Label::Optional),
    ],
    &[0, 1, 2],
    true,
);

#[rustfmt::skip]
static MESOS_V1_HEALTH_CHECK: MessageTable = MessageTable::new(
    "mesos.v1.HealthCheck",
    &[
        FieldTable::new(",\"delay_seconds\":", 2, Kind::Double, Label::Optional).with_default("15.0"),
        FieldTable::new(",\"interval_seconds\":", 3, Kind::Double, Label::Optional).with_default("10.0"),
        FieldTable::new(",\"timeout_seconds\":", 4, Kind::Double, Label::Optional).with_default("20.0"),
        FieldTable::new(",\"consecutive_failures\":", 5, Kind::Uint32, Label::Optional).with_default("3"),
        FieldTable::new(",\"grace_period_seconds\":", 6, Kind::Double, Label::Optional).with_default("10.0"),
        FieldTable::new(",\"type\":", 8, Kind::Enum(&MESOS_V1_HEALTH_CHECK_TYPE), Label::Optional),
        FieldTable::new(",\"command\":", 7, Kind::Message(&MESOS_V1_COMMAND_INFO), Label::Optional),
        FieldTable::new(",\"http\":", 1, Kind::Message(&MESOS_V1_HEALTH_CHECK_HTTP_CHECK_INFO), Label::Optional),
        FieldTable::new(",\"tcp\":", 9, Kind::Message(&MESOS_V1_HEALTH_CHECK_TCP_CHECK_INFO), Label::Optional),
    ],
    &[0, 8, 1, 2, 3, 4, 5, 7, 6, 9],
    false,
);
impl Message for super::mesos::v1::HealthCheck {
    const TABLE: &'static MessageTable = &MESOS_V1_HEALTH_CHECK;
}

#[rustfmt::skip]
static MESOS_V1_HEALTH_CHECK_HTTP_CHECK_INFO: MessageTable = MessageTable::new(
    "mesos.v1.HealthCheck.HTTPCheckInfo",
    &[
        FieldTable::new(",\"protocol\":", 5, Kind::Enum(&MESOS_V1_NETWORK_INFO_PROTOCOL), Label::Optional).with_default("\"IPv4\""),
        FieldTable::new(",\"scheme\":", 3, Kind::String, Label::Optional),
        FieldTable::new(",\"port\":", 1, Kind::Uint32, Label::Required),
        FieldTable::new(",\"path\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"statuses\":", 4, Kind::Uint32, Label::Repeated),
    ],
    &[0, 3, 4, 2, 5, 1],
    false,
);
impl Message for super::mesos::v1::health_check::HttpCheckInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_HEALTH_CHECK_HTTP_CHECK_INFO;
}

#[rustfmt::skip]
static MESOS_V1_HEALTH_CHECK_TCP_CHECK_INFO: MessageTable = MessageTable::new(
    "mesos.v1.HealthCheck.TCPCheckInfo",
    &[
        FieldTable::new(",\"protocol\":", 2, Kind::Enum(&MESOS_V1_NETWORK_INFO_PROTOCOL), Label::Optional).with_default("\"IPv4\""),
        FieldTable::new(",\"port\":", 1, Kind::Uint32, Label::Required),
    ],
    &[0, 2, 1],
    false,
);
impl Message for super::mesos::v1::health_check::TcpCheckInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_HEALTH_CHECK_TCP_CHECK_INFO;
}

#[rustfmt::skip]
static MESOS_V1_ICMP_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.IcmpStatistics",
    &[
        FieldTable::new(",\"InMsgs\":", 1, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InErrors\":", 2, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InCsumErrors\":", 3, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InDestUnreachs\":", 4, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InTimeExcds\":", 5, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InParmProbs\":", 6, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InSrcQuenchs\":", 7, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InRedirects\":", 8, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InEchos\":", 9, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InEchoReps\":", 10, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InTimestamps\":", 11, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InTimestampReps\":", 12, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InAddrMasks\":", 13, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InAddrMaskReps\":", 14, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutMsgs\":", 15, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutErrors\":", 16, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutDestUnreachs\":", 17, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutTimeExcds\":", 18, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutParmProbs\":", 19, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutSrcQuenchs\":", 20, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutRedirects\":", 21, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutEchos\":", 22, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutEchoReps\":", 23, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutTimestamps\":", 24, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutTimestampReps\":", 25, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutAddrMasks\":", 26, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutAddrMaskReps\":", 27, Kind::Int64, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27],
    false,
);
impl Message for super::mesos::v1::IcmpStatistics {
    const TABLE: &'static MessageTable = &MESOS_V1_ICMP_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_IMAGE: MessageTable = MessageTable::new(
    "mesos.v1.Image",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_IMAGE_TYPE), Label::Required),
        FieldTable::new(",\"appc\":", 2, Kind::Message(&MESOS_V1_IMAGE_APPC), Label::Optional),
        FieldTable::new(",\"docker\":", 3, Kind::Message(&MESOS_V1_IMAGE_DOCKER), Label::Optional),
        FieldTable::new(",\"cached\":", 4, Kind::Bool, Label::Optional).with_default("true"),
    ],
    &[0, 1, 2, 3, 4],
    false,
);
impl Message for super::mesos::v1::Image {
    const TABLE: &'static MessageTable = &MESOS_V1_IMAGE;
}

#[rustfmt::skip]
static MESOS_V1_IMAGE_APPC: MessageTable = MessageTable::new(
    "mesos.v1.Image.Appc",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"id\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"labels\":", 3, Kind::Message(&MESOS_V1_LABELS), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::image::Appc {
    const TABLE: &'static MessageTable = &MESOS_V1_IMAGE_APPC;
}

#[rustfmt::skip]
static MESOS_V1_IMAGE_DOCKER: MessageTable = MessageTable::new(
    "mesos.v1.Image.Docker",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"credential\":", 2, Kind::Message(&MESOS_V1_CREDENTIAL), Label::Optional).deprecated(),
        FieldTable::new(",\"config\":", 3, Kind::Message(&MESOS_V1_SECRET), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::image::Docker {
    const TABLE: &'static MessageTable = &MESOS_V1_IMAGE_DOCKER;
}

#[rustfmt::skip]
static MESOS_V1_INVERSE_OFFER: MessageTable = MessageTable::new(
    "mesos.v1.InverseOffer",
    &[
        FieldTable::new(",\"id\":", 1, Kind::Message(&MESOS_V1_OFFER_ID), Label::Required),
        FieldTable::new(",\"url\":", 2, Kind::Message(&MESOS_V1_URL), Label::Optional),
        FieldTable::new(",\"framework_id\":", 3, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Required),
        FieldTable::new(",\"agent_id\":", 4, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"unavailability\":", 5, Kind::Message(&MESOS_V1_UNAVAILABILITY), Label::Required),
        FieldTable::new(",\"resources\":", 6, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2, 3, 4, 5, 6],
    true,
);
impl Message for super::mesos::v1::InverseOffer {
    const TABLE: &'static MessageTable = &MESOS_V1_INVERSE_OFFER;
}

#[rustfmt::skip]
static MESOS_V1_IP_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.IpStatistics",
    &[
        FieldTable::new(",\"Forwarding\":", 1, Kind::Int64, Label::Optional),
        FieldTable::new(",\"DefaultTTL\":", 2, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InReceives\":", 3, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InHdrErrors\":", 4, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InAddrErrors\":", 5, Kind::Int64, Label::Optional),
        FieldTable::new(",\"ForwDatagrams\":", 6, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InUnknownProtos\":", 7, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InDiscards\":", 8, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InDelivers\":", 9, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutRequests\":", 10, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutDiscards\":", 11, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutNoRoutes\":", 12, Kind::Int64, Label::Optional),
        FieldTable::new(",\"ReasmTimeout\":", 13, Kind::Int64, Label::Optional),
        FieldTable::new(",\"ReasmReqds\":", 14, Kind::Int64, Label::Optional),
        FieldTable::new(",\"ReasmOKs\":", 15, Kind::Int64, Label::Optional),
        FieldTable::new(",\"ReasmFails\":", 16, Kind::Int64, Label::Optional),
        FieldTable::new(",\"FragOKs\":", 17, Kind::Int64, Label::Optional),
        FieldTable::new(",\"FragFails\":", 18, Kind::Int64, Label::Optional),
        FieldTable::new(",\"FragCreates\":", 19, Kind::Int64, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
    false,
);
impl Message for super::mesos::v1::IpStatistics {
    const TABLE: &'static MessageTable = &MESOS_V1_IP_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_KILL_POLICY: MessageTable = MessageTable::new(
    "mesos.v1.KillPolicy",
    &[
        FieldTable::new(",\"grace_period\":", 1, Kind::Message(&MESOS_V1_DURATION_INFO), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::KillPolicy {
    const TABLE: &'static MessageTable = &MESOS_V1_KILL_POLICY;
}

#[rustfmt::skip]
static MESOS_V1_LABEL: MessageTable = MessageTable::new(
    "mesos.v1.Label",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"value\":", 2, Kind::String, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::Label {
    const TABLE: &'static MessageTable = &MESOS_V1_LABEL;
}

#[rustfmt::skip]
static MESOS_V1_LABELS: MessageTable = MessageTable::new(
    "mesos.v1.Labels",
    &[
        FieldTable::new(",\"labels\":", 1, Kind::Message(&MESOS_V1_LABEL), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::Labels {
    const TABLE: &'static MessageTable = &MESOS_V1_LABELS;
}

#[rustfmt::skip]
static MESOS_V1_LINUX_INFO: MessageTable = MessageTable::new(
    "mesos.v1.LinuxInfo",
    &[
        FieldTable::new(",\"capability_info\":", 1, Kind::Message(&MESOS_V1_CAPABILITY_INFO), Label::Optional).deprecated(),
        FieldTable::new(",\"bounding_capabilities\":", 2, Kind::Message(&MESOS_V1_CAPABILITY_INFO), Label::Optional),
        FieldTable::new(",\"effective_capabilities\":", 3, Kind::Message(&MESOS_V1_CAPABILITY_INFO), Label::Optional),
        FieldTable::new(",\"share_pid_namespace\":", 4, Kind::Bool, Label::Optional),
        FieldTable::new(",\"seccomp\":", 5, Kind::Message(&MESOS_V1_SECCOMP_INFO), Label::Optional),
        FieldTable::new(",\"ipc_mode\":", 6, Kind::Enum(&MESOS_V1_LINUX_INFO_IPC_MODE), Label::Optional),
        FieldTable::new(",\"shm_size\":", 7, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"share_cgroups\":", 8, Kind::Bool, Label::Optional).with_default("true"),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8],
    false,
);
impl Message for super::mesos::v1::LinuxInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_LINUX_INFO;
}

#[rustfmt::skip]
static MESOS_V1_MACHINE_ID: MessageTable = MessageTable::new(
    "mesos.v1.MachineID",
    &[
        FieldTable::new(",\"hostname\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"ip\":", 2, Kind::String, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::MachineId {
    const TABLE: &'static MessageTable = &MESOS_V1_MACHINE_ID;
}

#[rustfmt::skip]
static MESOS_V1_MACHINE_INFO: MessageTable = MessageTable::new(
    "mesos.v1.MachineInfo",
    &[
        FieldTable::new(",\"id\":", 1, Kind::Message(&MESOS_V1_MACHINE_ID), Label::Required),
        FieldTable::new(",\"mode\":", 2, Kind::Enum(&MESOS_V1_MACHINE_INFO_MODE), Label::Optional),
        FieldTable::new(",\"unavailability\":", 3, Kind::Message(&MESOS_V1_UNAVAILABILITY), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::MachineInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_MACHINE_INFO;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_INFO: MessageTable = MessageTable::new(
    "mesos.v1.MasterInfo",
    &[
        FieldTable::new(",\"id\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"ip\":", 2, Kind::Uint32, Label::Required),
        FieldTable::new(",\"port\":", 3, Kind::Uint32, Label::Required).with_default("5050"),
        FieldTable::new(",\"pid\":", 4, Kind::String, Label::Optional),
        FieldTable::new(",\"hostname\":", 5, Kind::String, Label::Optional),
        FieldTable::new(",\"version\":", 6, Kind::String, Label::Optional),
        FieldTable::new(",\"address\":", 7, Kind::Message(&MESOS_V1_ADDRESS), Label::Optional),
        FieldTable::new(",\"domain\":", 8, Kind::Message(&MESOS_V1_DOMAIN_INFO), Label::Optional),
        FieldTable::new(",\"capabilities\":", 9, Kind::Message(&MESOS_V1_MASTER_INFO_CAPABILITY), Label::Repeated),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    false,
);
impl Message for super::mesos::v1::MasterInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_INFO;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_INFO_CAPABILITY: MessageTable = MessageTable::new(
    "mesos.v1.MasterInfo.Capability",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_MASTER_INFO_CAPABILITY_TYPE), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master_info::Capability {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_INFO_CAPABILITY;
}

#[rustfmt::skip]
static MESOS_V1_METRIC: MessageTable = MessageTable::new(
    "mesos.v1.Metric",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"value\":", 2, Kind::Double, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::Metric {
    const TABLE: &'static MessageTable = &MESOS_V1_METRIC;
}

#[rustfmt::skip]
static MESOS_V1_MOUNT_PROPAGATION: MessageTable = MessageTable::new(
    "mesos.v1.MountPropagation",
    &[
        FieldTable::new(",\"mode\":", 1, Kind::Enum(&MESOS_V1_MOUNT_PROPAGATION_MODE), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::MountPropagation {
    const TABLE: &'static MessageTable = &MESOS_V1_MOUNT_PROPAGATION;
}

#[rustfmt::skip]
static MESOS_V1_NETWORK_INFO: MessageTable = MessageTable::new(
    "mesos.v1.NetworkInfo",
    &[
        FieldTable::new(",\"ip_addresses\":", 5, Kind::Message(&MESOS_V1_NETWORK_INFO_IP_ADDRESS), Label::Repeated),
        FieldTable::new(",\"name\":", 6, Kind::String, Label::Optional),
        FieldTable::new(",\"groups\":", 3, Kind::String, Label::Repeated),
        FieldTable::new(",\"labels\":", 4, Kind::Message(&MESOS_V1_LABELS), Label::Optional),
        FieldTable::new(",\"port_mappings\":", 7, Kind::Message(&MESOS_V1_NETWORK_INFO_PORT_MAPPING), Label::Repeated),
    ],
    &[0, 0, 0, 3, 4, 1, 2, 5],
    false,
);
impl Message for super::mesos::v1::NetworkInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_NETWORK_INFO;
}

#[rustfmt::skip]
static MESOS_V1_NETWORK_INFO_IP_ADDRESS: MessageTable = MessageTable::new(
    "mesos.v1.NetworkInfo.IPAddress",
    &[
        FieldTable::new(",\"protocol\":", 1, Kind::Enum(&MESOS_V1_NETWORK_INFO_PROTOCOL), Label::Optional).with_default("\"IPv4\""),
        FieldTable::new(",\"ip_address\":", 2, Kind::String, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::network_info::IpAddress {
    const TABLE: &'static MessageTable = &MESOS_V1_NETWORK_INFO_IP_ADDRESS;
}

#[rustfmt::skip]
static MESOS_V1_NETWORK_INFO_PORT_MAPPING: MessageTable = MessageTable::new(
    "mesos.v1.NetworkInfo.PortMapping",
    &[
        FieldTable::new(",\"host_port\":", 1, Kind::Uint32, Label::Required),
        FieldTable::new(",\"container_port\":", 2, Kind::Uint32, Label::Required),
        FieldTable::new(",\"protocol\":", 3, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::network_info::PortMapping {
    const TABLE: &'static MessageTable = &MESOS_V1_NETWORK_INFO_PORT_MAPPING;
}

#[rustfmt::skip]
static MESOS_V1_OFFER: MessageTable = MessageTable::new(
    "mesos.v1.Offer",
    &[
        FieldTable::new(",\"id\":", 1, Kind::Message(&MESOS_V1_OFFER_ID), Label::Required),
        FieldTable::new(",\"framework_id\":", 2, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Required),
        FieldTable::new(",\"agent_id\":", 3, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
        FieldTable::new(",\"hostname\":", 4, Kind::String, Label::Required),
        FieldTable::new(",\"url\":", 8, Kind::Message(&MESOS_V1_URL), Label::Optional),
        FieldTable::new(",\"domain\":", 11, Kind::Message(&MESOS_V1_DOMAIN_INFO), Label::Optional),
        FieldTable::new(",\"resources\":", 5, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"attributes\":", 7, Kind::Message(&MESOS_V1_ATTRIBUTE), Label::Repeated),
        FieldTable::new(",\"executor_ids\":", 6, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Repeated),
        FieldTable::new(",\"unavailability\":", 9, Kind::Message(&MESOS_V1_UNAVAILABILITY), Label::Optional),
        FieldTable::new(",\"allocation_info\":", 10, Kind::Message(&MESOS_V1_RESOURCE_ALLOCATION_INFO), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 7, 9, 8, 5, 10, 11, 6],
    true,
);
impl Message for super::mesos::v1::Offer {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_OPERATION: MessageTable = MessageTable::new(
    "mesos.v1.Offer.Operation",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_OFFER_OPERATION_TYPE), Label::Optional),
        FieldTable::new(",\"id\":", 12, Kind::Message(&MESOS_V1_OPERATION_ID), Label::Optional),
        FieldTable::new(",\"launch\":", 2, Kind::Message(&MESOS_V1_OFFER_OPERATION_LAUNCH), Label::Optional),
        FieldTable::new(",\"launch_group\":", 7, Kind::Message(&MESOS_V1_OFFER_OPERATION_LAUNCH_GROUP), Label::Optional),
        FieldTable::new(",\"reserve\":", 3, Kind::Message(&MESOS_V1_OFFER_OPERATION_RESERVE), Label::Optional),
        FieldTable::new(",\"unreserve\":", 4, Kind::Message(&MESOS_V1_OFFER_OPERATION_UNRESERVE), Label::Optional),
        FieldTable::new(",\"create\":", 5, Kind::Message(&MESOS_V1_OFFER_OPERATION_CREATE), Label::Optional),
        FieldTable::new(",\"destroy\":", 6, Kind::Message(&MESOS_V1_OFFER_OPERATION_DESTROY), Label::Optional),
        FieldTable::new(",\"grow_volume\":", 13, Kind::Message(&MESOS_V1_OFFER_OPERATION_GROW_VOLUME), Label::Optional),
        FieldTable::new(",\"shrink_volume\":", 14, Kind::Message(&MESOS_V1_OFFER_OPERATION_SHRINK_VOLUME), Label::Optional),
        FieldTable::new(",\"create_disk\":", 15, Kind::Message(&MESOS_V1_OFFER_OPERATION_CREATE_DISK), Label::Optional),
        FieldTable::new(",\"destroy_disk\":", 16, Kind::Message(&MESOS_V1_OFFER_OPERATION_DESTROY_DISK), Label::Optional),
    ],
    &[0, 1, 3, 5, 6, 7, 8, 4, 0, 0, 0, 0, 2, 9, 10, 11, 12],
    true,
);
impl Message for super::mesos::v1::offer::Operation {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_OPERATION;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_OPERATION_CREATE: MessageTable = MessageTable::new(
    "mesos.v1.Offer.Operation.Create",
    &[
        FieldTable::new(",\"volumes\":", 1, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::offer::operation::Create {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_OPERATION_CREATE;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_OPERATION_CREATE_DISK: MessageTable = MessageTable::new(
    "mesos.v1.Offer.Operation.CreateDisk",
    &[
        FieldTable::new(",\"source\":", 1, Kind::Message(&MESOS_V1_RESOURCE), Label::Required),
        FieldTable::new(",\"target_type\":", 2, Kind::Enum(&MESOS_V1_RESOURCE_DISK_INFO_SOURCE_TYPE), Label::Required),
        FieldTable::new(",\"target_profile\":", 3, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::offer::operation::CreateDisk {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_OPERATION_CREATE_DISK;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_OPERATION_DESTROY: MessageTable = MessageTable::new(
    "mesos.v1.Offer.Operation.Destroy",
    &[
        FieldTable::new(",\"volumes\":", 1, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::offer::operation::Destroy {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_OPERATION_DESTROY;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_OPERATION_DESTROY_DISK: MessageTable = MessageTable::new(
    "mesos.v1.Offer.Operation.DestroyDisk",
    &[
        FieldTable::new(",\"source\":", 1, Kind::Message(&MESOS_V1_RESOURCE), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::offer::operation::DestroyDisk {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_OPERATION_DESTROY_DISK;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_OPERATION_GROW_VOLUME: MessageTable = MessageTable::new(
    "mesos.v1.Offer.Operation.GrowVolume",
    &[
        FieldTable::new(",\"volume\":", 1, Kind::Message(&MESOS_V1_RESOURCE), Label::Required),
        FieldTable::new(",\"addition\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Required),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::offer::operation::GrowVolume {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_OPERATION_GROW_VOLUME;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_OPERATION_LAUNCH: MessageTable = MessageTable::new(
    "mesos.v1.Offer.Operation.Launch",
    &[
        FieldTable::new(",\"task_infos\":", 1, Kind::Message(&MESOS_V1_TASK_INFO), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::offer::operation::Launch {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_OPERATION_LAUNCH;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_OPERATION_LAUNCH_GROUP: MessageTable = MessageTable::new(
    "mesos.v1.Offer.Operation.LaunchGroup",
    &[
        FieldTable::new(",\"executor\":", 1, Kind::Message(&MESOS_V1_EXECUTOR_INFO), Label::Required),
        FieldTable::new(",\"task_group\":", 2, Kind::Message(&MESOS_V1_TASK_GROUP_INFO), Label::Required),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::offer::operation::LaunchGroup {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_OPERATION_LAUNCH_GROUP;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_OPERATION_RESERVE: MessageTable = MessageTable::new(
    "mesos.v1.Offer.Operation.Reserve",
    &[
        FieldTable::new(",\"source\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"resources\":", 1, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 2, 1],
    true,
);
impl Message for super::mesos::v1::offer::operation::Reserve {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_OPERATION_RESERVE;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_OPERATION_SHRINK_VOLUME: MessageTable = MessageTable::new(
    "mesos.v1.Offer.Operation.ShrinkVolume",
    &[
        FieldTable::new(",\"volume\":", 1, Kind::Message(&MESOS_V1_RESOURCE), Label::Required),
        FieldTable::new(",\"subtract\":", 2, Kind::Message(&MESOS_V1_VALUE_SCALAR), Label::Required),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::offer::operation::ShrinkVolume {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_OPERATION_SHRINK_VOLUME;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_OPERATION_UNRESERVE: MessageTable = MessageTable::new(
    "mesos.v1.Offer.Operation.Unreserve",
    &[
        FieldTable::new(",\"resources\":", 1, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::offer::operation::Unreserve {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_OPERATION_UNRESERVE;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_FILTERS: MessageTable = MessageTable::new(
    "mesos.v1.OfferFilters",
    &[
        FieldTable::new(",\"min_allocatable_resources\":", 1, Kind::Message(&MESOS_V1_OFFER_FILTERS_MIN_ALLOCATABLE_RESOURCES), Label::Optional),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::OfferFilters {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_FILTERS;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_FILTERS_MIN_ALLOCATABLE_RESOURCES: MessageTable = MessageTable::new(
    "mesos.v1.OfferFilters.MinAllocatableResources",
    &[
        FieldTable::new(",\"quantities\":", 1, Kind::Message(&MESOS_V1_OFFER_FILTERS_RESOURCE_QUANTITIES), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::offer_filters::MinAllocatableResources {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_FILTERS_MIN_ALLOCATABLE_RESOURCES;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_FILTERS_RESOURCE_QUANTITIES: MessageTable = MessageTable::new(
    "mesos.v1.OfferFilters.ResourceQuantities",
    &[
        FieldTable::new(",\"quantities\":", 1, Kind::Map(&MESOS_V1_OFFER_FILTERS_RESOURCE_QUANTITIES_QUANTITIES_ENTRY), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::offer_filters::ResourceQuantities {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_FILTERS_RESOURCE_QUANTITIES;
}

#[rustfmt::skip]
static MESOS_V1_OFFER_FILTERS_RESOURCE_QUANTITIES_QUANTITIES_ENTRY: MessageTable = MessageTable::new(
    "mesos.v1.OfferFilters.ResourceQuantities.QuantitiesEntry",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"value\":", 2, Kind::Message(&MESOS_V1_VALUE_SCALAR), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);

#[rustfmt::skip]
static MESOS_V1_OFFER_ID: MessageTable = MessageTable::new(
    "mesos.v1.OfferID",
    &[
        FieldTable::new(",\"value\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::OfferId {
    const TABLE: &'static MessageTable = &MESOS_V1_OFFER_ID;
}

#[rustfmt::skip]
static MESOS_V1_OPERATION: MessageTable = MessageTable::new(
    "mesos.v1.Operation",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"agent_id\":", 2, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"info\":", 3, Kind::Message(&MESOS_V1_OFFER_OPERATION), Label::Required),
        FieldTable::new(",\"latest_status\":", 4, Kind::Message(&MESOS_V1_OPERATION_STATUS), Label::Required),
        FieldTable::new(",\"statuses\":", 5, Kind::Message(&MESOS_V1_OPERATION_STATUS), Label::Repeated),
        FieldTable::new(",\"uuid\":", 6, Kind::Message(&MESOS_V1_UUID), Label::Required),
    ],
    &[0, 1, 2, 3, 4, 5, 6],
    true,
);
impl Message for super::mesos::v1::Operation {
    const TABLE: &'static MessageTable = &MESOS_V1_OPERATION;
}

#[rustfmt::skip]
static MESOS_V1_OPERATION_ID: MessageTable = MessageTable::new(
    "mesos.v1.OperationID",
    &[
        FieldTable::new(",\"value\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::OperationId {
    const TABLE: &'static MessageTable = &MESOS_V1_OPERATION_ID;
}

#[rustfmt::skip]
static MESOS_V1_OPERATION_STATUS: MessageTable = MessageTable::new(
    "mesos.v1.OperationStatus",
    &[
        FieldTable::new(",\"operation_id\":", 1, Kind::Message(&MESOS_V1_OPERATION_ID), Label::Optional),
        FieldTable::new(",\"state\":", 2, Kind::Enum(&MESOS_V1_OPERATION_STATE), Label::Required),
        FieldTable::new(",\"message\":", 3, Kind::String, Label::Optional),
        FieldTable::new(",\"converted_resources\":", 4, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"uuid\":", 5, Kind::Message(&MESOS_V1_UUID), Label::Optional),
        FieldTable::new(",\"agent_id\":", 6, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"resource_provider_id\":", 7, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_ID), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7],
    true,
);
impl Message for super::mesos::v1::OperationStatus {
    const TABLE: &'static MessageTable = &MESOS_V1_OPERATION_STATUS;
}

#[rustfmt::skip]
static MESOS_V1_PARAMETER: MessageTable = MessageTable::new(
    "mesos.v1.Parameter",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"value\":", 2, Kind::String, Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::Parameter {
    const TABLE: &'static MessageTable = &MESOS_V1_PARAMETER;
}

#[rustfmt::skip]
static MESOS_V1_PARAMETERS: MessageTable = MessageTable::new(
    "mesos.v1.Parameters",
    &[
        FieldTable::new(",\"parameter\":", 1, Kind::Message(&MESOS_V1_PARAMETER), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::Parameters {
    const TABLE: &'static MessageTable = &MESOS_V1_PARAMETERS;
}

#[rustfmt::skip]
static MESOS_V1_PERF_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.PerfStatistics",
    &[
        FieldTable::new(",\"timestamp\":", 1, Kind::Double, Label::Required),
        FieldTable::new(",\"duration\":", 2, Kind::Double, Label::Required),
        FieldTable::new(",\"cycles\":", 3, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"stalled_cycles_frontend\":", 4, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"stalled_cycles_backend\":", 5, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"instructions\":", 6, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"cache_references\":", 7, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"cache_misses\":", 8, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"branches\":", 9, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"branch_misses\":", 10, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"bus_cycles\":", 11, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"ref_cycles\":", 12, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"cpu_clock\":", 13, Kind::Double, Label::Optional),
        FieldTable::new(",\"task_clock\":", 14, Kind::Double, Label::Optional),
        FieldTable::new(",\"page_faults\":", 15, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"minor_faults\":", 16, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"major_faults\":", 17, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"context_switches\":", 18, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"cpu_migrations\":", 19, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"alignment_faults\":", 20, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"emulation_faults\":", 21, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"l1_dcache_loads\":", 22, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"l1_dcache_load_misses\":", 23, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"l1_dcache_stores\":", 24, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"l1_dcache_store_misses\":", 25, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"l1_dcache_prefetches\":", 26, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"l1_dcache_prefetch_misses\":", 27, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"l1_icache_loads\":", 28, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"l1_icache_load_misses\":", 29, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"l1_icache_prefetches\":", 30, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"l1_icache_prefetch_misses\":", 31, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"llc_loads\":", 32, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"llc_load_misses\":", 33, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"llc_stores\":", 34, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"llc_store_misses\":", 35, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"llc_prefetches\":", 36, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"llc_prefetch_misses\":", 37, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"dtlb_loads\":", 38, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"dtlb_load_misses\":", 39, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"dtlb_stores\":", 40, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"dtlb_store_misses\":", 41, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"dtlb_prefetches\":", 42, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"dtlb_prefetch_misses\":", 43, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"itlb_loads\":", 44, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"itlb_load_misses\":", 45, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"branch_loads\":", 46, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"branch_load_misses\":", 47, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"node_loads\":", 48, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"node_load_misses\":", 49, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"node_stores\":", 50, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"node_store_misses\":", 51, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"node_prefetches\":", 52, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"node_prefetch_misses\":", 53, Kind::Uint64, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53],
    false,
);
impl Message for super::mesos::v1::PerfStatistics {
    const TABLE: &'static MessageTable = &MESOS_V1_PERF_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_PORT: MessageTable = MessageTable::new(
    "mesos.v1.Port",
    &[
        FieldTable::new(",\"number\":", 1, Kind::Uint32, Label::Required),
        FieldTable::new(",\"name\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"protocol\":", 3, Kind::String, Label::Optional),
        FieldTable::new(",\"visibility\":", 4, Kind::Enum(&MESOS_V1_DISCOVERY_INFO_VISIBILITY), Label::Optional),
        FieldTable::new(",\"labels\":", 5, Kind::Message(&MESOS_V1_LABELS), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5],
    false,
);
impl Message for super::mesos::v1::Port {
    const TABLE: &'static MessageTable = &MESOS_V1_PORT;
}

#[rustfmt::skip]
static MESOS_V1_PORTS: MessageTable = MessageTable::new(
    "mesos.v1.Ports",
    &[
        FieldTable::new(",\"ports\":", 1, Kind::Message(&MESOS_V1_PORT), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::Ports {
    const TABLE: &'static MessageTable = &MESOS_V1_PORTS;
}

#[rustfmt::skip]
static MESOS_V1_R_LIMIT_INFO: MessageTable = MessageTable::new(
    "mesos.v1.RLimitInfo",
    &[
        FieldTable::new(",\"rlimits\":", 1, Kind::Message(&MESOS_V1_R_LIMIT_INFO_R_LIMIT), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::RLimitInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_R_LIMIT_INFO;
}

#[rustfmt::skip]
static MESOS_V1_R_LIMIT_INFO_R_LIMIT: MessageTable = MessageTable::new(
    "mesos.v1.RLimitInfo.RLimit",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_R_LIMIT_INFO_R_LIMIT_TYPE), Label::Optional),
        FieldTable::new(",\"hard\":", 2, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"soft\":", 3, Kind::Uint64, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::r_limit_info::RLimit {
    const TABLE: &'static MessageTable = &MESOS_V1_R_LIMIT_INFO_R_LIMIT;
}

#[rustfmt::skip]
static MESOS_V1_RATE_LIMIT: MessageTable = MessageTable::new(
    "mesos.v1.RateLimit",
    &[
        FieldTable::new(",\"qps\":", 1, Kind::Double, Label::Optional),
        FieldTable::new(",\"principal\":", 2, Kind::String, Label::Required),
        FieldTable::new(",\"capacity\":", 3, Kind::Uint64, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::RateLimit {
    const TABLE: &'static MessageTable = &MESOS_V1_RATE_LIMIT;
}

#[rustfmt::skip]
static MESOS_V1_RATE_LIMITS: MessageTable = MessageTable::new(
    "mesos.v1.RateLimits",
    &[
        FieldTable::new(",\"limits\":", 1, Kind::Message(&MESOS_V1_RATE_LIMIT), Label::Repeated),
        FieldTable::new(",\"aggregate_default_qps\":", 2, Kind::Double, Label::Optional),
        FieldTable::new(",\"aggregate_default_capacity\":", 3, Kind::Uint64, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::RateLimits {
    const TABLE: &'static MessageTable = &MESOS_V1_RATE_LIMITS;
}

#[rustfmt::skip]
static MESOS_V1_REQUEST: MessageTable = MessageTable::new(
    "mesos.v1.Request",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"resources\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::Request {
    const TABLE: &'static MessageTable = &MESOS_V1_REQUEST;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE: MessageTable = MessageTable::new(
    "mesos.v1.Resource",
    &[
        FieldTable::new(",\"provider_id\":", 12, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_ID), Label::Optional),
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"type\":", 2, Kind::Enum(&MESOS_V1_VALUE_TYPE), Label::Required),
        FieldTable::new(",\"scalar\":", 3, Kind::Message(&MESOS_V1_VALUE_SCALAR), Label::Optional),
        FieldTable::new(",\"ranges\":", 4, Kind::Message(&MESOS_V1_VALUE_RANGES), Label::Optional),
        FieldTable::new(",\"set\":", 5, Kind::Message(&MESOS_V1_VALUE_SET), Label::Optional),
        FieldTable::new(",\"role\":", 6, Kind::String, Label::Optional).deprecated().with_default("\"*\""),
        FieldTable::new(",\"allocation_info\":", 11, Kind::Message(&MESOS_V1_RESOURCE_ALLOCATION_INFO), Label::Optional),
        FieldTable::new(",\"reservation\":", 8, Kind::Message(&MESOS_V1_RESOURCE_RESERVATION_INFO), Label::Optional),
        FieldTable::new(",\"reservations\":", 13, Kind::Message(&MESOS_V1_RESOURCE_RESERVATION_INFO), Label::Repeated),
        FieldTable::new(",\"disk\":", 7, Kind::Message(&MESOS_V1_RESOURCE_DISK_INFO), Label::Optional),
        FieldTable::new(",\"revocable\":", 9, Kind::Message(&MESOS_V1_RESOURCE_REVOCABLE_INFO), Label::Optional),
        FieldTable::new(",\"shared\":", 10, Kind::Message(&MESOS_V1_RESOURCE_SHARED_INFO), Label::Optional),
    ],
    &[0, 2, 3, 4, 5, 6, 7, 11, 9, 12, 13, 8, 1, 10],
    true,
);
impl Message for super::mesos::v1::Resource {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_ALLOCATION_INFO: MessageTable = MessageTable::new(
    "mesos.v1.Resource.AllocationInfo",
    &[
        FieldTable::new(",\"role\":", 1, Kind::String, Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::resource::AllocationInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_ALLOCATION_INFO;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_DISK_INFO: MessageTable = MessageTable::new(
    "mesos.v1.Resource.DiskInfo",
    &[
        FieldTable::new(",\"persistence\":", 1, Kind::Message(&MESOS_V1_RESOURCE_DISK_INFO_PERSISTENCE), Label::Optional),
        FieldTable::new(",\"volume\":", 2, Kind::Message(&MESOS_V1_VOLUME), Label::Optional),
        FieldTable::new(",\"source\":", 3, Kind::Message(&MESOS_V1_RESOURCE_DISK_INFO_SOURCE), Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::resource::DiskInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_DISK_INFO;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_DISK_INFO_PERSISTENCE: MessageTable = MessageTable::new(
    "mesos.v1.Resource.DiskInfo.Persistence",
    &[
        FieldTable::new(",\"id\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"principal\":", 2, Kind::String, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::resource::disk_info::Persistence {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_DISK_INFO_PERSISTENCE;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_DISK_INFO_SOURCE: MessageTable = MessageTable::new(
    "mesos.v1.Resource.DiskInfo.Source",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_RESOURCE_DISK_INFO_SOURCE_TYPE), Label::Required),
        FieldTable::new(",\"path\":", 2, Kind::Message(&MESOS_V1_RESOURCE_DISK_INFO_SOURCE_PATH), Label::Optional),
        FieldTable::new(",\"mount\":", 3, Kind::Message(&MESOS_V1_RESOURCE_DISK_INFO_SOURCE_MOUNT), Label::Optional),
        FieldTable::new(",\"vendor\":", 7, Kind::String, Label::Optional),
        FieldTable::new(",\"id\":", 4, Kind::String, Label::Optional),
        FieldTable::new(",\"metadata\":", 5, Kind::Message(&MESOS_V1_LABELS), Label::Optional),
        FieldTable::new(",\"profile\":", 6, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3, 5, 6, 7, 4],
    false,
);
impl Message for super::mesos::v1::resource::disk_info::Source {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_DISK_INFO_SOURCE;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_DISK_INFO_SOURCE_MOUNT: MessageTable = MessageTable::new(
    "mesos.v1.Resource.DiskInfo.Source.Mount",
    &[
        FieldTable::new(",\"root\":", 1, Kind::String, Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::resource::disk_info::source::Mount {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_DISK_INFO_SOURCE_MOUNT;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_DISK_INFO_SOURCE_PATH: MessageTable = MessageTable::new(
    "mesos.v1.Resource.DiskInfo.Source.Path",
    &[
        FieldTable::new(",\"root\":", 1, Kind::String, Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::resource::disk_info::source::Path {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_DISK_INFO_SOURCE_PATH;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_RESERVATION_INFO: MessageTable = MessageTable::new(
    "mesos.v1.Resource.ReservationInfo",
    &[
        FieldTable::new(",\"type\":", 4, Kind::Enum(&MESOS_V1_RESOURCE_RESERVATION_INFO_TYPE), Label::Optional),
        FieldTable::new(",\"role\":", 3, Kind::String, Label::Optional),
        FieldTable::new(",\"principal\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"labels\":", 2, Kind::Message(&MESOS_V1_LABELS), Label::Optional),
    ],
    &[0, 3, 4, 2, 1],
    false,
);
impl Message for super::mesos::v1::resource::ReservationInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_RESERVATION_INFO;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_REVOCABLE_INFO: MessageTable = MessageTable::new(
    "mesos.v1.Resource.RevocableInfo",
    &[
    ],
    &[0],
    false,
);
impl Message for super::mesos::v1::resource::RevocableInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_REVOCABLE_INFO;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_SHARED_INFO: MessageTable = MessageTable::new(
    "mesos.v1.Resource.SharedInfo",
    &[
    ],
    &[0],
    false,
);
impl Message for super::mesos::v1::resource::SharedInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_SHARED_INFO;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_ID: MessageTable = MessageTable::new(
    "mesos.v1.ResourceProviderID",
    &[
        FieldTable::new(",\"value\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::ResourceProviderId {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_ID;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_INFO: MessageTable = MessageTable::new(
    "mesos.v1.ResourceProviderInfo",
    &[
        FieldTable::new(",\"id\":", 1, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_ID), Label::Optional),
        FieldTable::new(",\"attributes\":", 2, Kind::Message(&MESOS_V1_ATTRIBUTE), Label::Repeated),
        FieldTable::new(",\"type\":", 3, Kind::String, Label::Required),
        FieldTable::new(",\"name\":", 4, Kind::String, Label::Required),
        FieldTable::new(",\"default_reservations\":", 5, Kind::Message(&MESOS_V1_RESOURCE_RESERVATION_INFO), Label::Repeated),
        FieldTable::new(",\"storage\":", 6, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_INFO_STORAGE), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6],
    true,
);
impl Message for super::mesos::v1::ResourceProviderInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_INFO;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_INFO_STORAGE: MessageTable = MessageTable::new(
    "mesos.v1.ResourceProviderInfo.Storage",
    &[
        FieldTable::new(",\"plugin\":", 1, Kind::Message(&MESOS_V1_CSI_PLUGIN_INFO), Label::Required),
        FieldTable::new(",\"reconciliation_interval_seconds\":", 2, Kind::Double, Label::Optional),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::resource_provider_info::Storage {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_INFO_STORAGE;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.ResourceStatistics",
    &[
        FieldTable::new(",\"timestamp\":", 1, Kind::Double, Label::Required),
        FieldTable::new(",\"processes\":", 30, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"threads\":", 31, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"cpus_user_time_secs\":", 2, Kind::Double, Label::Optional),
        FieldTable::new(",\"cpus_system_time_secs\":", 3, Kind::Double, Label::Optional),
        FieldTable::new(",\"cpus_limit\":", 4, Kind::Double, Label::Optional),
        FieldTable::new(",\"cpus_soft_limit\":", 45, Kind::Double, Label::Optional),
        FieldTable::new(",\"cpus_nr_periods\":", 7, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"cpus_nr_throttled\":", 8, Kind::Uint32, Label::Optional),
        FieldTable::new(",\"cpus_throttled_time_secs\":", 9, Kind::Double, Label::Optional),
        FieldTable::new(",\"mem_total_bytes\":", 36, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_total_memsw_bytes\":", 37, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_kmem_usage_bytes\":", 52, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_kmem_tcp_usage_bytes\":", 53, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_limit_bytes\":", 6, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_soft_limit_bytes\":", 38, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_file_bytes\":", 10, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_anon_bytes\":", 11, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_cache_bytes\":", 39, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_rss_bytes\":", 5, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_mapped_file_bytes\":", 12, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_swap_bytes\":", 40, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_unevictable_bytes\":", 41, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_low_pressure_counter\":", 32, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_medium_pressure_counter\":", 33, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"mem_critical_pressure_counter\":", 34, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"disk_limit_bytes\":", 26, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"disk_used_bytes\":", 27, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"disk_statistics\":", 43, Kind::Message(&MESOS_V1_DISK_STATISTICS), Label::Repeated),
        FieldTable::new(",\"blkio_statistics\":", 44, Kind::Message(&MESOS_V1_CGROUP_INFO_BLKIO_STATISTICS), Label::Optional),
        FieldTable::new(",\"perf\":", 13, Kind::Message(&MESOS_V1_PERF_STATISTICS), Label::Optional),
        FieldTable::new(",\"net_rx_packets\":", 14, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_rx_bytes\":", 15, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_rx_errors\":", 16, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_rx_dropped\":", 17, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_tx_packets\":", 18, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_tx_bytes\":", 19, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_tx_errors\":", 20, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_tx_dropped\":", 21, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_tx_rate_limit\":", 46, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_tx_burst_rate_limit\":", 47, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_tx_burst_size\":", 48, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_rx_rate_limit\":", 49, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_rx_burst_rate_limit\":", 50, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_rx_burst_size\":", 51, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"net_rate_statistics\":", 54, Kind::Message(&MESOS_V1_RESOURCE_STATISTICS_RATE_STATISTICS), Label::Optional),
        FieldTable::new(",\"net_ephemeral_ports\":", 55, Kind::Message(&MESOS_V1_VALUE_RANGE), Label::Optional),
        FieldTable::new(",\"net_tcp_rtt_microsecs_p50\":", 22, Kind::Double, Label::Optional),
        FieldTable::new(",\"net_tcp_rtt_microsecs_p90\":", 23, Kind::Double, Label::Optional),
        FieldTable::new(",\"net_tcp_rtt_microsecs_p95\":", 24, Kind::Double, Label::Optional),
        FieldTable::new(",\"net_tcp_rtt_microsecs_p99\":", 25, Kind::Double, Label::Optional),
        FieldTable::new(",\"net_tcp_active_connections\":", 28, Kind::Double, Label::Optional),
        FieldTable::new(",\"net_tcp_time_wait_connections\":", 29, Kind::Double, Label::Optional),
        FieldTable::new(",\"net_traffic_control_statistics\":", 35, Kind::Message(&MESOS_V1_TRAFFIC_CONTROL_STATISTICS), Label::Repeated),
        FieldTable::new(",\"net_snmp_statistics\":", 42, Kind::Message(&MESOS_V1_SNMP_STATISTICS), Label::Optional),
    ],
    &[0, 1, 4, 5, 6, 20, 15, 8, 9, 10, 17, 18, 21, 31, 32, 33, 34, 35, 36, 37, 38, 39, 48, 49, 50, 51, 27, 28, 52, 53, 2, 3, 24, 25, 26, 54, 11, 12, 16, 19, 22, 23, 55, 29, 30, 7, 40, 41, 42, 43, 44, 45, 13, 14, 46, 47],
    false,
);
impl Message for super::mesos::v1::ResourceStatistics {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_STATISTICS_RATE_PERCENTILES: MessageTable = MessageTable::new(
    "mesos.v1.ResourceStatistics.RatePercentiles",
    &[
        FieldTable::new(",\"min\":", 1, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"max\":", 2, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"p50\":", 3, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"p90\":", 4, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"p95\":", 5, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"p99\":", 6, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"p999\":", 7, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"p9999\":", 8, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"samples\":", 9, Kind::Uint64, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    false,
);
impl Message for super::mesos::v1::resource_statistics::RatePercentiles {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_STATISTICS_RATE_PERCENTILES;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_STATISTICS_RATE_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.ResourceStatistics.RateStatistics",
    &[
        FieldTable::new(",\"rx_rate\":", 1, Kind::Message(&MESOS_V1_RESOURCE_STATISTICS_RATE_PERCENTILES), Label::Optional),
        FieldTable::new(",\"rx_packet_rate\":", 2, Kind::Message(&MESOS_V1_RESOURCE_STATISTICS_RATE_PERCENTILES), Label::Optional),
        FieldTable::new(",\"rx_drop_rate\":", 3, Kind::Message(&MESOS_V1_RESOURCE_STATISTICS_RATE_PERCENTILES), Label::Optional),
        FieldTable::new(",\"rx_error_rate\":", 4, Kind::Message(&MESOS_V1_RESOURCE_STATISTICS_RATE_PERCENTILES), Label::Optional),
        FieldTable::new(",\"tx_rate\":", 5, Kind::Message(&MESOS_V1_RESOURCE_STATISTICS_RATE_PERCENTILES), Label::Optional),
        FieldTable::new(",\"tx_packet_rate\":", 6, Kind::Message(&MESOS_V1_RESOURCE_STATISTICS_RATE_PERCENTILES), Label::Optional),
        FieldTable::new(",\"tx_drop_rate\":", 7, Kind::Message(&MESOS_V1_RESOURCE_STATISTICS_RATE_PERCENTILES), Label::Optional),
        FieldTable::new(",\"tx_error_rate\":", 8, Kind::Message(&MESOS_V1_RESOURCE_STATISTICS_RATE_PERCENTILES), Label::Optional),
        FieldTable::new(",\"sampling_window_secs\":", 9, Kind::Double, Label::Optional),
        FieldTable::new(",\"sampling_interval_secs\":", 10, Kind::Double, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    false,
);
impl Message for super::mesos::v1::resource_statistics::RateStatistics {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_STATISTICS_RATE_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_USAGE: MessageTable = MessageTable::new(
    "mesos.v1.ResourceUsage",
    &[
        FieldTable::new(",\"executors\":", 1, Kind::Message(&MESOS_V1_RESOURCE_USAGE_EXECUTOR), Label::Repeated),
        FieldTable::new(",\"total\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::ResourceUsage {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_USAGE;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_USAGE_EXECUTOR: MessageTable = MessageTable::new(
    "mesos.v1.ResourceUsage.Executor",
    &[
        FieldTable::new(",\"executor_info\":", 1, Kind::Message(&MESOS_V1_EXECUTOR_INFO), Label::Required),
        FieldTable::new(",\"allocated\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"statistics\":", 3, Kind::Message(&MESOS_V1_RESOURCE_STATISTICS), Label::Optional),
        FieldTable::new(",\"container_id\":", 4, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Required),
        FieldTable::new(",\"tasks\":", 5, Kind::Message(&MESOS_V1_RESOURCE_USAGE_EXECUTOR_TASK), Label::Repeated),
    ],
    &[0, 1, 2, 3, 4, 5],
    true,
);
impl Message for super::mesos::v1::resource_usage::Executor {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_USAGE_EXECUTOR;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_USAGE_EXECUTOR_TASK: MessageTable = MessageTable::new(
    "mesos.v1.ResourceUsage.Executor.Task",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"id\":", 2, Kind::Message(&MESOS_V1_TASK_ID), Label::Required),
        FieldTable::new(",\"resources\":", 3, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"labels\":", 4, Kind::Message(&MESOS_V1_LABELS), Label::Optional),
    ],
    &[0, 1, 2, 3, 4],
    true,
);
impl Message for super::mesos::v1::resource_usage::executor::Task {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_USAGE_EXECUTOR_TASK;
}

#[rustfmt::skip]
static MESOS_V1_ROLE: MessageTable = MessageTable::new(
    "mesos.v1.Role",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"weight\":", 2, Kind::Double, Label::Required),
        FieldTable::new(",\"frameworks\":", 3, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Repeated),
        FieldTable::new(",\"resources\":", 4, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2, 3, 4],
    true,
);
impl Message for super::mesos::v1::Role {
    const TABLE: &'static MessageTable = &MESOS_V1_ROLE;
}

#[rustfmt::skip]
static MESOS_V1_SNMP_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.SNMPStatistics",
    &[
        FieldTable::new(",\"ip_stats\":", 1, Kind::Message(&MESOS_V1_IP_STATISTICS), Label::Optional),
        FieldTable::new(",\"icmp_stats\":", 2, Kind::Message(&MESOS_V1_ICMP_STATISTICS), Label::Optional),
        FieldTable::new(",\"tcp_stats\":", 3, Kind::Message(&MESOS_V1_TCP_STATISTICS), Label::Optional),
        FieldTable::new(",\"udp_stats\":", 4, Kind::Message(&MESOS_V1_UDP_STATISTICS), Label::Optional),
    ],
    &[0, 1, 2, 3, 4],
    false,
);
impl Message for super::mesos::v1::SnmpStatistics {
    const TABLE: &'static MessageTable = &MESOS_V1_SNMP_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_SECCOMP_INFO: MessageTable = MessageTable::new(
    "mesos.v1.SeccompInfo",
    &[
        FieldTable::new(",\"profile_name\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"unconfined\":", 2, Kind::Bool, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::SeccompInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_SECCOMP_INFO;
}

#[rustfmt::skip]
static MESOS_V1_SECRET: MessageTable = MessageTable::new(
    "mesos.v1.Secret",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_SECRET_TYPE), Label::Optional),
        FieldTable::new(",\"reference\":", 2, Kind::Message(&MESOS_V1_SECRET_REFERENCE), Label::Optional),
        FieldTable::new(",\"value\":", 3, Kind::Message(&MESOS_V1_SECRET_VALUE), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::Secret {
    const TABLE: &'static MessageTable = &MESOS_V1_SECRET;
}

#[rustfmt::skip]
static MESOS_V1_SECRET_REFERENCE: MessageTable = MessageTable::new(
    "mesos.v1.Secret.Reference",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"key\":", 2, Kind::String, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::secret::Reference {
    const TABLE: &'static MessageTable = &MESOS_V1_SECRET_REFERENCE;
}

#[rustfmt::skip]
static MESOS_V1_SECRET_VALUE: MessageTable = MessageTable::new(
    "mesos.v1.Secret.Value",
    &[
        FieldTable::new(",\"data\":", 1, Kind::Bytes, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::secret::Value {
    const TABLE: &'static MessageTable = &MESOS_V1_SECRET_VALUE;
}

#[rustfmt::skip]
static MESOS_V1_TTY_INFO: MessageTable = MessageTable::new(
    "mesos.v1.TTYInfo",
    &[
        FieldTable::new(",\"window_size\":", 1, Kind::Message(&MESOS_V1_TTY_INFO_WINDOW_SIZE), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::TtyInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_TTY_INFO;
}

#[rustfmt::skip]
static MESOS_V1_TTY_INFO_WINDOW_SIZE: MessageTable = MessageTable::new(
    "mesos.v1.TTYInfo.WindowSize",
    &[
        FieldTable::new(",\"rows\":", 1, Kind::Uint32, Label::Required),
        FieldTable::new(",\"columns\":", 2, Kind::Uint32, Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::tty_info::WindowSize {
    const TABLE: &'static MessageTable = &MESOS_V1_TTY_INFO_WINDOW_SIZE;
}

#[rustfmt::skip]
static MESOS_V1_TASK: MessageTable = MessageTable::new(
    "mesos.v1.Task",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"task_id\":", 2, Kind::Message(&MESOS_V1_TASK_ID), Label::Required),
        FieldTable::new(",\"framework_id\":", 3, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Required),
        FieldTable::new(",\"executor_id\":", 4, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Optional),
        FieldTable::new(",\"agent_id\":", 5, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
        FieldTable::new(",\"state\":", 6, Kind::Enum(&MESOS_V1_TASK_STATE), Label::Required),
        FieldTable::new(",\"resources\":", 7, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"statuses\":", 8, Kind::Message(&MESOS_V1_TASK_STATUS), Label::Repeated),
        FieldTable::new(",\"status_update_state\":", 9, Kind::Enum(&MESOS_V1_TASK_STATE), Label::Optional),
        FieldTable::new(",\"status_update_uuid\":", 10, Kind::Bytes, Label::Optional),
        FieldTable::new(",\"labels\":", 11, Kind::Message(&MESOS_V1_LABELS), Label::Optional),
        FieldTable::new(",\"discovery\":", 12, Kind::Message(&MESOS_V1_DISCOVERY_INFO), Label::Optional),
        FieldTable::new(",\"container\":", 13, Kind::Message(&MESOS_V1_CONTAINER_INFO), Label::Optional),
        FieldTable::new(",\"health_check\":", 15, Kind::Message(&MESOS_V1_HEALTH_CHECK), Label::Optional),
        FieldTable::new(",\"kill_policy\":", 16, Kind::Message(&MESOS_V1_KILL_POLICY), Label::Optional),
        FieldTable::new(",\"user\":", 14, Kind::String, Label::Optional),
        FieldTable::new(",\"limits\":", 17, Kind::Map(&MESOS_V1_TASK_LIMITS_ENTRY), Label::Repeated),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 14, 15, 17],
    true,
);
impl Message for super::mesos::v1::Task {
    const TABLE: &'static MessageTable = &MESOS_V1_TASK;
}

#[rustfmt::skip]
static MESOS_V1_TASK_LIMITS_ENTRY: MessageTable = MessageTable::new(
    "mesos.v1.Task.LimitsEntry",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"value\":", 2, Kind::Message(&MESOS_V1_VALUE_SCALAR), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);

#[rustfmt::skip]
static MESOS_V1_TASK_GROUP_INFO: MessageTable = MessageTable::new(
    "mesos.v1.TaskGroupInfo",
    &[
        FieldTable::new(",\"tasks\":", 1, Kind::Message(&MESOS_V1_TASK_INFO), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::TaskGroupInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_TASK_GROUP_INFO;
}

#[rustfmt::skip]
static MESOS_V1_TASK_ID: MessageTable = MessageTable::new(
    "mesos.v1.TaskID",
    &[
        FieldTable::new(",\"value\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::TaskId {
    const TABLE: &'static MessageTable = &MESOS_V1_TASK_ID;
}

#[rustfmt::skip]
static MESOS_V1_TASK_INFO: MessageTable = MessageTable::new(
    "mesos.v1.TaskInfo",
    &[
        FieldTable::new(",\"name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"task_id\":", 2, Kind::Message(&MESOS_V1_TASK_ID), Label::Required),
        FieldTable::new(",\"agent_id\":", 3, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
        FieldTable::new(",\"resources\":", 4, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"executor\":", 5, Kind::Message(&MESOS_V1_EXECUTOR_INFO), Label::Optional),
        FieldTable::new(",\"command\":", 7, Kind::Message(&MESOS_V1_COMMAND_INFO), Label::Optional),
        FieldTable::new(",\"container\":", 9, Kind::Message(&MESOS_V1_CONTAINER_INFO), Label::Optional),
        FieldTable::new(",\"health_check\":", 8, Kind::Message(&MESOS_V1_HEALTH_CHECK), Label::Optional),
        FieldTable::new(",\"check\":", 13, Kind::Message(&MESOS_V1_CHECK_INFO), Label::Optional),
        FieldTable::new(",\"kill_policy\":", 12, Kind::Message(&MESOS_V1_KILL_POLICY), Label::Optional),
        FieldTable::new(",\"data\":", 6, Kind::Bytes, Label::Optional),
        FieldTable::new(",\"labels\":", 10, Kind::Message(&MESOS_V1_LABELS), Label::Optional),
        FieldTable::new(",\"discovery\":", 11, Kind::Message(&MESOS_V1_DISCOVERY_INFO), Label::Optional),
        FieldTable::new(",\"max_completion_time\":", 14, Kind::Message(&MESOS_V1_DURATION_INFO), Label::Optional),
        FieldTable::new(",\"limits\":", 15, Kind::Map(&MESOS_V1_TASK_INFO_LIMITS_ENTRY), Label::Repeated),
    ],
    &[0, 1, 2, 3, 4, 5, 11, 6, 8, 7, 12, 13, 10, 9, 14, 15],
    true,
);
impl Message for super::mesos::v1::TaskInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_TASK_INFO;
}

#[rustfmt::skip]
static MESOS_V1_TASK_INFO_LIMITS_ENTRY: MessageTable = MessageTable::new(
    "mesos.v1.TaskInfo.LimitsEntry",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"value\":", 2, Kind::Message(&MESOS_V1_VALUE_SCALAR), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);

#[rustfmt::skip]
static MESOS_V1_TASK_RESOURCE_LIMITATION: MessageTable = MessageTable::new(
    "mesos.v1.TaskResourceLimitation",
    &[
        FieldTable::new(",\"resources\":", 1, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::TaskResourceLimitation {
    const TABLE: &'static MessageTable = &MESOS_V1_TASK_RESOURCE_LIMITATION;
}

#[rustfmt::skip]
static MESOS_V1_TASK_STATUS: MessageTable = MessageTable::new(
    "mesos.v1.TaskStatus",
    &[
        FieldTable::new(",\"task_id\":", 1, Kind::Message(&MESOS_V1_TASK_ID), Label::Required),
        FieldTable::new(",\"state\":", 2, Kind::Enum(&MESOS_V1_TASK_STATE), Label::Required),
        FieldTable::new(",\"message\":", 4, Kind::String, Label::Optional),
        FieldTable::new(",\"source\":", 9, Kind::Enum(&MESOS_V1_TASK_STATUS_SOURCE), Label::Optional),
        FieldTable::new(",\"reason\":", 10, Kind::Enum(&MESOS_V1_TASK_STATUS_REASON), Label::Optional),
        FieldTable::new(",\"data\":", 3, Kind::Bytes, Label::Optional),
        FieldTable::new(",\"agent_id\":", 5, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"executor_id\":", 7, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Optional),
        FieldTable::new(",\"timestamp\":", 6, Kind::Double, Label::Optional),
        FieldTable::new(",\"uuid\":", 11, Kind::Bytes, Label::Optional),
        FieldTable::new(",\"healthy\":", 8, Kind::Bool, Label::Optional),
        FieldTable::new(",\"check_status\":", 15, Kind::Message(&MESOS_V1_CHECK_STATUS_INFO), Label::Optional),
        FieldTable::new(",\"labels\":", 12, Kind::Message(&MESOS_V1_LABELS), Label::Optional),
        FieldTable::new(",\"container_status\":", 13, Kind::Message(&MESOS_V1_CONTAINER_STATUS), Label::Optional),
        FieldTable::new(",\"unreachable_time\":", 14, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"limitation\":", 16, Kind::Message(&MESOS_V1_TASK_RESOURCE_LIMITATION), Label::Optional),
    ],
    &[0, 1, 2, 6, 3, 7, 9, 8, 11, 4, 5, 10, 13, 14, 15, 12, 16],
    true,
);
impl Message for super::mesos::v1::TaskStatus {
    const TABLE: &'static MessageTable = &MESOS_V1_TASK_STATUS;
}

#[rustfmt::skip]
static MESOS_V1_TCP_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.TcpStatistics",
    &[
        FieldTable::new(",\"RtoAlgorithm\":", 1, Kind::Int64, Label::Optional),
        FieldTable::new(",\"RtoMin\":", 2, Kind::Int64, Label::Optional),
        FieldTable::new(",\"RtoMax\":", 3, Kind::Int64, Label::Optional),
        FieldTable::new(",\"MaxConn\":", 4, Kind::Int64, Label::Optional),
        FieldTable::new(",\"ActiveOpens\":", 5, Kind::Int64, Label::Optional),
        FieldTable::new(",\"PassiveOpens\":", 6, Kind::Int64, Label::Optional),
        FieldTable::new(",\"AttemptFails\":", 7, Kind::Int64, Label::Optional),
        FieldTable::new(",\"EstabResets\":", 8, Kind::Int64, Label::Optional),
        FieldTable::new(",\"CurrEstab\":", 9, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InSegs\":", 10, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutSegs\":", 11, Kind::Int64, Label::Optional),
        FieldTable::new(",\"RetransSegs\":", 12, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InErrs\":", 13, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutRsts\":", 14, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InCsumErrors\":", 15, Kind::Int64, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    false,
);
impl Message for super::mesos::v1::TcpStatistics {
    const TABLE: &'static MessageTable = &MESOS_V1_TCP_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_TIME_INFO: MessageTable = MessageTable::new(
    "mesos.v1.TimeInfo",
    &[
        FieldTable::new(",\"nanoseconds\":", 1, Kind::Int64, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::TimeInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_TIME_INFO;
}

#[rustfmt::skip]
static MESOS_V1_TRAFFIC_CONTROL_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.TrafficControlStatistics",
    &[
        FieldTable::new(",\"id\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"backlog\":", 2, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"bytes\":", 3, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"drops\":", 4, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"overlimits\":", 5, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"packets\":", 6, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"qlen\":", 7, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"ratebps\":", 8, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"ratepps\":", 9, Kind::Uint64, Label::Optional),
        FieldTable::new(",\"requeues\":", 10, Kind::Uint64, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    false,
);
impl Message for super::mesos::v1::TrafficControlStatistics {
    const TABLE: &'static MessageTable = &MESOS_V1_TRAFFIC_CONTROL_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_URL: MessageTable = MessageTable::new(
    "mesos.v1.URL",
    &[
        FieldTable::new(",\"scheme\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"address\":", 2, Kind::Message(&MESOS_V1_ADDRESS), Label::Required),
        FieldTable::new(",\"path\":", 3, Kind::String, Label::Optional),
        FieldTable::new(",\"query\":", 4, Kind::Message(&MESOS_V1_PARAMETER), Label::Repeated),
        FieldTable::new(",\"fragment\":", 5, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5],
    false,
);
impl Message for super::mesos::v1::Url {
    const TABLE: &'static MessageTable = &MESOS_V1_URL;
}

#[rustfmt::skip]
static MESOS_V1_UUID: MessageTable = MessageTable::new(
    "mesos.v1.UUID",
    &[
        FieldTable::new(",\"value\":", 1, Kind::Bytes, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::Uuid {
    const TABLE: &'static MessageTable = &MESOS_V1_UUID;
}

#[rustfmt::skip]
static MESOS_V1_UDP_STATISTICS: MessageTable = MessageTable::new(
    "mesos.v1.UdpStatistics",
    &[
        FieldTable::new(",\"InDatagrams\":", 1, Kind::Int64, Label::Optional),
        FieldTable::new(",\"NoPorts\":", 2, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InErrors\":", 3, Kind::Int64, Label::Optional),
        FieldTable::new(",\"OutDatagrams\":", 4, Kind::Int64, Label::Optional),
        FieldTable::new(",\"RcvbufErrors\":", 5, Kind::Int64, Label::Optional),
        FieldTable::new(",\"SndbufErrors\":", 6, Kind::Int64, Label::Optional),
        FieldTable::new(",\"InCsumErrors\":", 7, Kind::Int64, Label::Optional),
        FieldTable::new(",\"IgnoredMulti\":", 8, Kind::Int64, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8],
    false,
);
impl Message for super::mesos::v1::UdpStatistics {
    const TABLE: &'static MessageTable = &MESOS_V1_UDP_STATISTICS;
}

#[rustfmt::skip]
static MESOS_V1_UNAVAILABILITY: MessageTable = MessageTable::new(
    "mesos.v1.Unavailability",
    &[
        FieldTable::new(",\"start\":", 1, Kind::Message(&MESOS_V1_TIME_INFO), Label::Required),
        FieldTable::new(",\"duration\":", 2, Kind::Message(&MESOS_V1_DURATION_INFO), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::Unavailability {
    const TABLE: &'static MessageTable = &MESOS_V1_UNAVAILABILITY;
}

#[rustfmt::skip]
static MESOS_V1_VALUE: MessageTable = MessageTable::new(
    "mesos.v1.Value",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_VALUE_TYPE), Label::Required),
        FieldTable::new(",\"scalar\":", 2, Kind::Message(&MESOS_V1_VALUE_SCALAR), Label::Optional),
        FieldTable::new(",\"ranges\":", 3, Kind::Message(&MESOS_V1_VALUE_RANGES), Label::Optional),
        FieldTable::new(",\"set\":", 4, Kind::Message(&MESOS_V1_VALUE_SET), Label::Optional),
        FieldTable::new(",\"text\":", 5, Kind::Message(&MESOS_V1_VALUE_TEXT), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5],
    false,
);
impl Message for super::mesos::v1::Value {
    const TABLE: &'static MessageTable = &MESOS_V1_VALUE;
}

#[rustfmt::skip]
static MESOS_V1_VALUE_RANGE: MessageTable = MessageTable::new(
    "mesos.v1.Value.Range",
    &[
        FieldTable::new(",\"begin\":", 1, Kind::Uint64, Label::Required),
        FieldTable::new(",\"end\":", 2, Kind::Uint64, Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::value::Range {
    const TABLE: &'static MessageTable = &MESOS_V1_VALUE_RANGE;
}

#[rustfmt::skip]
static MESOS_V1_VALUE_RANGES: MessageTable = MessageTable::new(
    "mesos.v1.Value.Ranges",
    &[
        FieldTable::new(",\"range\":", 1, Kind::Message(&MESOS_V1_VALUE_RANGE), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::value::Ranges {
    const TABLE: &'static MessageTable = &MESOS_V1_VALUE_RANGES;
}

#[rustfmt::skip]
static MESOS_V1_VALUE_SCALAR: MessageTable = MessageTable::new(
    "mesos.v1.Value.Scalar",
    &[
        FieldTable::new(",\"value\":", 1, Kind::Double, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::value::Scalar {
    const TABLE: &'static MessageTable = &MESOS_V1_VALUE_SCALAR;
}

#[rustfmt::skip]
static MESOS_V1_VALUE_SET: MessageTable = MessageTable::new(
    "mesos.v1.Value.Set",
    &[
        FieldTable::new(",\"item\":", 1, Kind::String, Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::value::Set {
    const TABLE: &'static MessageTable = &MESOS_V1_VALUE_SET;
}

#[rustfmt::skip]
static MESOS_V1_VALUE_TEXT: MessageTable = MessageTable::new(
    "mesos.v1.Value.Text",
    &[
        FieldTable::new(",\"value\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::value::Text {
    const TABLE: &'static MessageTable = &MESOS_V1_VALUE_TEXT;
}

#[rustfmt::skip]
static MESOS_V1_VERSION_INFO: MessageTable = MessageTable::new(
    "mesos.v1.VersionInfo",
    &[
        FieldTable::new(",\"version\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"build_date\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"build_time\":", 3, Kind::Double, Label::Optional),
        FieldTable::new(",\"build_user\":", 4, Kind::String, Label::Optional),
        FieldTable::new(",\"git_sha\":", 5, Kind::String, Label::Optional),
        FieldTable::new(",\"git_branch\":", 6, Kind::String, Label::Optional),
        FieldTable::new(",\"git_tag\":", 7, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7],
    false,
);
impl Message for super::mesos::v1::VersionInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_VERSION_INFO;
}

#[rustfmt::skip]
static MESOS_V1_VOLUME: MessageTable = MessageTable::new(
    "mesos.v1.Volume",
    &[
        FieldTable::new(",\"mode\":", 3, Kind::Enum(&MESOS_V1_VOLUME_MODE), Label::Required),
        FieldTable::new(",\"container_path\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"host_path\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"image\":", 4, Kind::Message(&MESOS_V1_IMAGE), Label::Optional),
        FieldTable::new(",\"source\":", 5, Kind::Message(&MESOS_V1_VOLUME_SOURCE), Label::Optional),
    ],
    &[0, 2, 3, 1, 4, 5],
    true,
);
impl Message for super::mesos::v1::Volume {
    const TABLE: &'static MessageTable = &MESOS_V1_VOLUME;
}

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_VOLUME_SOURCE_TYPE), Label::Optional),
        FieldTable::new(",\"docker_volume\":", 2, Kind::Message(&MESOS_V1_VOLUME_SOURCE_DOCKER_VOLUME), Label::Optional),
        FieldTable::new(",\"host_path\":", 5, Kind::Message(&MESOS_V1_VOLUME_SOURCE_HOST_PATH), Label::Optional),
        FieldTable::new(",\"sandbox_path\":", 3, Kind::Message(&MESOS_V1_VOLUME_SOURCE_SANDBOX_PATH), Label::Optional),
        FieldTable::new(",\"secret\":", 4, Kind::Message(&MESOS_V1_SECRET), Label::Optional),
        FieldTable::new(",\"csi_volume\":", 6, Kind::Message(&MESOS_V1_VOLUME_SOURCE_CSI_VOLUME), Label::Optional),
    ],
    &[0, 1, 2, 4, 5, 3, 6],
    true,
);
impl Message for super::mesos::v1::volume::Source {
    const TABLE: &'static MessageTable = &MESOS_V1_VOLUME_SOURCE;
}

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_CSI_VOLUME: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source.CSIVolume",
    &[
        FieldTable::new(",\"plugin_name\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"static_provisioning\":", 2, Kind::Message(&MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_STATIC_PROVISIONING), Label::Optional),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::volume::source::CsiVolume {
    const TABLE: &'static MessageTable = &MESOS_V1_VOLUME_SOURCE_CSI_VOLUME;
}

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_STATIC_PROVISIONING: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source.CSIVolume.StaticProvisioning",
    &[
        FieldTable::new(",\"volume_id\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"volume_capability\":", 2, Kind::Message(&MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY), Label::Required),
        FieldTable::new(",\"node_stage_secrets\":", 3, Kind::Map(&MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_STATIC_PROVISIONING_NODE_STAGE_SECRETS_ENTRY), Label::Repeated),
        FieldTable::new(",\"node_publish_secrets\":", 4, Kind::Map(&MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_STATIC_PROVISIONING_NODE_PUBLISH_SECRETS_ENTRY), Label::Repeated),
        FieldTable::new(",\"volume_context\":", 5, Kind::Map(&MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_STATIC_PROVISIONING_VOLUME_CONTEXT_ENTRY), Label::Repeated),
    ],
    &[0, 1, 2, 3, 4, 5],
    true,
);
impl Message for super::mesos::v1::volume::source::csi_volume::StaticProvisioning {
    const TABLE: &'static MessageTable = &MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_STATIC_PROVISIONING;
}

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_STATIC_PROVISIONING_NODE_PUBLISH_SECRETS_ENTRY: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source.CSIVolume.StaticProvisioning.NodePublishSecretsEntry",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"value\":", 2, Kind::Message(&MESOS_V1_SECRET), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_STATIC_PROVISIONING_NODE_STAGE_SECRETS_ENTRY: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source.CSIVolume.StaticProvisioning.NodeStageSecretsEntry",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"value\":", 2, Kind::Message(&MESOS_V1_SECRET), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_STATIC_PROVISIONING_VOLUME_CONTEXT_ENTRY: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source.CSIVolume.StaticProvisioning.VolumeContextEntry",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"value\":", 2, Kind::String, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source.CSIVolume.VolumeCapability",
    &[
        FieldTable::new(",\"block\":", 1, Kind::Message(&MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY_BLOCK_VOLUME), Label::Optional),
        FieldTable::new(",\"mount\":", 2, Kind::Message(&MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY_MOUNT_VOLUME), Label::Optional),
        FieldTable::new(",\"access_mode\":", 3, Kind::Message(&MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY_ACCESS_MODE), Label::Required),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::volume::source::csi_volume::VolumeCapability {
    const TABLE: &'static MessageTable = &MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY;
}

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY_ACCESS_MODE: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source.CSIVolume.VolumeCapability.AccessMode",
    &[
        FieldTable::new(",\"mode\":", 1, Kind::Enum(&MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY_ACCESS_MODE_MODE), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::volume::source::csi_volume::volume_capability::AccessMode {
    const TABLE: &'static MessageTable = &MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY_ACCESS_MODE;
}

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY_BLOCK_VOLUME: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source.CSIVolume.VolumeCapability.BlockVolume",
    &[
    ],
    &[0],
    false,
);
impl Message for super::mesos::v1::volume::source::csi_volume::volume_capability::BlockVolume {
    const TABLE: &'static MessageTable = &MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY_BLOCK_VOLUME;
}

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY_MOUNT_VOLUME: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source.CSIVolume.VolumeCapability.MountVolume",
    &[
        FieldTable::new(",\"fs_type\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"mount_flags\":", 2, Kind::String, Label::Repeated),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::volume::source::csi_volume::volume_capability::MountVolume {
    const TABLE: &'static MessageTable = &MESOS_V1_VOLUME_SOURCE_CSI_VOLUME_VOLUME_CAPABILITY_MOUNT_VOLUME;
}

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_DOCKER_VOLUME: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source.DockerVolume",
    &[
        FieldTable::new(",\"driver\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"name\":", 2, Kind::String, Label::Required),
        FieldTable::new(",\"driver_options\":", 3, Kind::Message(&MESOS_V1_PARAMETERS), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::volume::source::DockerVolume {
    const TABLE: &'static MessageTable = &MESOS_V1_VOLUME_SOURCE_DOCKER_VOLUME;
}

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_HOST_PATH: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source.HostPath",
    &[
        FieldTable::new(",\"path\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"mount_propagation\":", 2, Kind::Message(&MESOS_V1_MOUNT_PROPAGATION), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::volume::source::HostPath {
    const TABLE: &'static MessageTable = &MESOS_V1_VOLUME_SOURCE_HOST_PATH;
}

#[rustfmt::skip]
static MESOS_V1_VOLUME_SOURCE_SANDBOX_PATH: MessageTable = MessageTable::new(
    "mesos.v1.Volume.Source.SandboxPath",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_VOLUME_SOURCE_SANDBOX_PATH_TYPE), Label::Optional),
        FieldTable::new(",\"path\":", 2, Kind::String, Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::volume::source::SandboxPath {
    const TABLE: &'static MessageTable = &MESOS_V1_VOLUME_SOURCE_SANDBOX_PATH;
}

#[rustfmt::skip]
static MESOS_V1_WEIGHT_INFO: MessageTable = MessageTable::new(
    "mesos.v1.WeightInfo",
    &[
        FieldTable::new(",\"weight\":", 1, Kind::Double, Label::Required),
        FieldTable::new(",\"role\":", 2, Kind::String, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::WeightInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_WEIGHT_INFO;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_AGENT_CALL_TYPE), Label::Optional),
        FieldTable::new(",\"get_metrics\":", 2, Kind::Message(&MESOS_V1_AGENT_CALL_GET_METRICS), Label::Optional),
        FieldTable::new(",\"set_logging_level\":", 3, Kind::Message(&MESOS_V1_AGENT_CALL_SET_LOGGING_LEVEL), Label::Optional),
        FieldTable::new(",\"list_files\":", 4, Kind::Message(&MESOS_V1_AGENT_CALL_LIST_FILES), Label::Optional),
        FieldTable::new(",\"read_file\":", 5, Kind::Message(&MESOS_V1_AGENT_CALL_READ_FILE), Label::Optional),
        FieldTable::new(",\"get_containers\":", 20, Kind::Message(&MESOS_V1_AGENT_CALL_GET_CONTAINERS), Label::Optional),
        FieldTable::new(",\"launch_nested_container\":", 6, Kind::Message(&MESOS_V1_AGENT_CALL_LAUNCH_NESTED_CONTAINER), Label::Optional).deprecated(),
        FieldTable::new(",\"wait_nested_container\":", 7, Kind::Message(&MESOS_V1_AGENT_CALL_WAIT_NESTED_CONTAINER), Label::Optional).deprecated(),
        FieldTable::new(",\"kill_nested_container\":", 8, Kind::Message(&MESOS_V1_AGENT_CALL_KILL_NESTED_CONTAINER), Label::Optional).deprecated(),
        FieldTable::new(",\"remove_nested_container\":", 12, Kind::Message(&MESOS_V1_AGENT_CALL_REMOVE_NESTED_CONTAINER), Label::Optional).deprecated(),
        FieldTable::new(",\"launch_nested_container_session\":", 9, Kind::Message(&MESOS_V1_AGENT_CALL_LAUNCH_NESTED_CONTAINER_SESSION), Label::Optional),
        FieldTable::new(",\"attach_container_input\":", 10, Kind::Message(&MESOS_V1_AGENT_CALL_ATTACH_CONTAINER_INPUT), Label::Optional),
        FieldTable::new(",\"attach_container_output\":", 11, Kind::Message(&MESOS_V1_AGENT_CALL_ATTACH_CONTAINER_OUTPUT), Label::Optional),
        FieldTable::new(",\"launch_container\":", 13, Kind::Message(&MESOS_V1_AGENT_CALL_LAUNCH_CONTAINER), Label::Optional),
        FieldTable::new(",\"wait_container\":", 14, Kind::Message(&MESOS_V1_AGENT_CALL_WAIT_CONTAINER), Label::Optional),
        FieldTable::new(",\"kill_container\":", 15, Kind::Message(&MESOS_V1_AGENT_CALL_KILL_CONTAINER), Label::Optional),
        FieldTable::new(",\"remove_container\":", 16, Kind::Message(&MESOS_V1_AGENT_CALL_REMOVE_CONTAINER), Label::Optional),
        FieldTable::new(",\"add_resource_provider_config\":", 17, Kind::Message(&MESOS_V1_AGENT_CALL_ADD_RESOURCE_PROVIDER_CONFIG), Label::Optional),
        FieldTable::new(",\"update_resource_provider_config\":", 18, Kind::Message(&MESOS_V1_AGENT_CALL_UPDATE_RESOURCE_PROVIDER_CONFIG), Label::Optional),
        FieldTable::new(",\"remove_resource_provider_config\":", 19, Kind::Message(&MESOS_V1_AGENT_CALL_REMOVE_RESOURCE_PROVIDER_CONFIG), Label::Optional),
        FieldTable::new(",\"mark_resource_provider_gone\":", 22, Kind::Message(&MESOS_V1_AGENT_CALL_MARK_RESOURCE_PROVIDER_GONE), Label::Optional),
        FieldTable::new(",\"prune_images\":", 21, Kind::Message(&MESOS_V1_AGENT_CALL_PRUNE_IMAGES), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 10, 14, 15, 16, 17, 18, 19, 20, 6, 22, 21],
    true,
);
impl Message for super::mesos::v1::agent::Call {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_ADD_RESOURCE_PROVIDER_CONFIG: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.AddResourceProviderConfig",
    &[
        FieldTable::new(",\"info\":", 1, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_INFO), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::agent::call::AddResourceProviderConfig {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_ADD_RESOURCE_PROVIDER_CONFIG;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_ATTACH_CONTAINER_INPUT: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.AttachContainerInput",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_AGENT_CALL_ATTACH_CONTAINER_INPUT_TYPE), Label::Optional),
        FieldTable::new(",\"container_id\":", 2, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Optional),
        FieldTable::new(",\"process_io\":", 3, Kind::Message(&MESOS_V1_AGENT_PROCESS_IO), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::agent::call::AttachContainerInput {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_ATTACH_CONTAINER_INPUT;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_ATTACH_CONTAINER_OUTPUT: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.AttachContainerOutput",
    &[
        FieldTable::new(",\"container_id\":", 1, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::call::AttachContainerOutput {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_ATTACH_CONTAINER_OUTPUT;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_GET_CONTAINERS: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.GetContainers",
    &[
        FieldTable::new(",\"show_nested\":", 1, Kind::Bool, Label::Optional),
        FieldTable::new(",\"show_standalone\":", 2, Kind::Bool, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::agent::call::GetContainers {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_GET_CONTAINERS;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_GET_METRICS: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.GetMetrics",
    &[
        FieldTable::new(",\"timeout\":", 1, Kind::Message(&MESOS_V1_DURATION_INFO), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::call::GetMetrics {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_GET_METRICS;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_KILL_CONTAINER: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.KillContainer",
    &[
        FieldTable::new(",\"container_id\":", 1, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Required),
        FieldTable::new(",\"signal\":", 2, Kind::Int32, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::agent::call::KillContainer {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_KILL_CONTAINER;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_KILL_NESTED_CONTAINER: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.KillNestedContainer",
    &[
        FieldTable::new(",\"container_id\":", 1, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Required),
        FieldTable::new(",\"signal\":", 2, Kind::Int32, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::agent::call::KillNestedContainer {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_KILL_NESTED_CONTAINER;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_LAUNCH_CONTAINER: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.LaunchContainer",
    &[
        FieldTable::new(",\"container_id\":", 1, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Required),
        FieldTable::new(",\"command\":", 2, Kind::Message(&MESOS_V1_COMMAND_INFO), Label::Optional),
        FieldTable::new(",\"resources\":", 3, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"container\":", 4, Kind::Message(&MESOS_V1_CONTAINER_INFO), Label::Optional),
        FieldTable::new(",\"limits\":", 5, Kind::Map(&MESOS_V1_AGENT_CALL_LAUNCH_CONTAINER_LIMITS_ENTRY), Label::Repeated),
    ],
    &[0, 1, 2, 3, 4, 5],
    true,
);
impl Message for super::mesos::v1::agent::call::LaunchContainer {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_LAUNCH_CONTAINER;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_LAUNCH_CONTAINER_LIMITS_ENTRY: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.LaunchContainer.LimitsEntry",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"value\":", 2, Kind::Message(&MESOS_V1_VALUE_SCALAR), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_LAUNCH_NESTED_CONTAINER: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.LaunchNestedContainer",
    &[
        FieldTable::new(",\"container_id\":", 1, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Required),
        FieldTable::new(",\"command\":", 2, Kind::Message(&MESOS_V1_COMMAND_INFO), Label::Optional),
        FieldTable::new(",\"container\":", 3, Kind::Message(&MESOS_V1_CONTAINER_INFO), Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::agent::call::LaunchNestedContainer {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_LAUNCH_NESTED_CONTAINER;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_LAUNCH_NESTED_CONTAINER_SESSION: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.LaunchNestedContainerSession",
    &[
        FieldTable::new(",\"container_id\":", 1, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Required),
        FieldTable::new(",\"command\":", 2, Kind::Message(&MESOS_V1_COMMAND_INFO), Label::Optional),
        FieldTable::new(",\"container\":", 3, Kind::Message(&MESOS_V1_CONTAINER_INFO), Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::agent::call::LaunchNestedContainerSession {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_LAUNCH_NESTED_CONTAINER_SESSION;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_LIST_FILES: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.ListFiles",
    &[
        FieldTable::new(",\"path\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::call::ListFiles {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_LIST_FILES;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_MARK_RESOURCE_PROVIDER_GONE: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.MarkResourceProviderGone",
    &[
        FieldTable::new(",\"resource_provider_id\":", 1, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::call::MarkResourceProviderGone {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_MARK_RESOURCE_PROVIDER_GONE;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_PRUNE_IMAGES: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.PruneImages",
    &[
        FieldTable::new(",\"excluded_images\":", 1, Kind::Message(&MESOS_V1_IMAGE), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::call::PruneImages {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_PRUNE_IMAGES;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_READ_FILE: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.ReadFile",
    &[
        FieldTable::new(",\"path\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"offset\":", 2, Kind::Uint64, Label::Required),
        FieldTable::new(",\"length\":", 3, Kind::Uint64, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::agent::call::ReadFile {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_READ_FILE;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_REMOVE_CONTAINER: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.RemoveContainer",
    &[
        FieldTable::new(",\"container_id\":", 1, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::call::RemoveContainer {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_REMOVE_CONTAINER;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_REMOVE_NESTED_CONTAINER: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.RemoveNestedContainer",
    &[
        FieldTable::new(",\"container_id\":", 1, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::call::RemoveNestedContainer {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_REMOVE_NESTED_CONTAINER;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_REMOVE_RESOURCE_PROVIDER_CONFIG: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.RemoveResourceProviderConfig",
    &[
        FieldTable::new(",\"type\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"name\":", 2, Kind::String, Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::agent::call::RemoveResourceProviderConfig {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_REMOVE_RESOURCE_PROVIDER_CONFIG;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_SET_LOGGING_LEVEL: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.SetLoggingLevel",
    &[
        FieldTable::new(",\"level\":", 1, Kind::Uint32, Label::Required),
        FieldTable::new(",\"duration\":", 2, Kind::Message(&MESOS_V1_DURATION_INFO), Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::agent::call::SetLoggingLevel {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_SET_LOGGING_LEVEL;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_UPDATE_RESOURCE_PROVIDER_CONFIG: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.UpdateResourceProviderConfig",
    &[
        FieldTable::new(",\"info\":", 1, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_INFO), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::agent::call::UpdateResourceProviderConfig {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_UPDATE_RESOURCE_PROVIDER_CONFIG;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_WAIT_CONTAINER: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.WaitContainer",
    &[
        FieldTable::new(",\"container_id\":", 1, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::call::WaitContainer {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_WAIT_CONTAINER;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_CALL_WAIT_NESTED_CONTAINER: MessageTable = MessageTable::new(
    "mesos.v1.agent.Call.WaitNestedContainer",
    &[
        FieldTable::new(",\"container_id\":", 1, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::call::WaitNestedContainer {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_CALL_WAIT_NESTED_CONTAINER;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_PROCESS_IO: MessageTable = MessageTable::new(
    "mesos.v1.agent.ProcessIO",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_AGENT_PROCESS_IO_TYPE), Label::Optional),
        FieldTable::new(",\"data\":", 2, Kind::Message(&MESOS_V1_AGENT_PROCESS_IO_DATA), Label::Optional),
        FieldTable::new(",\"control\":", 3, Kind::Message(&MESOS_V1_AGENT_PROCESS_IO_CONTROL), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::agent::ProcessIo {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_PROCESS_IO;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_PROCESS_IO_CONTROL: MessageTable = MessageTable::new(
    "mesos.v1.agent.ProcessIO.Control",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_AGENT_PROCESS_IO_CONTROL_TYPE), Label::Optional),
        FieldTable::new(",\"tty_info\":", 2, Kind::Message(&MESOS_V1_TTY_INFO), Label::Optional),
        FieldTable::new(",\"heartbeat\":", 3, Kind::Message(&MESOS_V1_AGENT_PROCESS_IO_CONTROL_HEARTBEAT), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::agent::process_io::Control {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_PROCESS_IO_CONTROL;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_PROCESS_IO_CONTROL_HEARTBEAT: MessageTable = MessageTable::new(
    "mesos.v1.agent.ProcessIO.Control.Heartbeat",
    &[
        FieldTable::new(",\"interval\":", 1, Kind::Message(&MESOS_V1_DURATION_INFO), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::process_io::control::Heartbeat {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_PROCESS_IO_CONTROL_HEARTBEAT;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_PROCESS_IO_DATA: MessageTable = MessageTable::new(
    "mesos.v1.agent.ProcessIO.Data",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_AGENT_PROCESS_IO_DATA_TYPE), Label::Optional),
        FieldTable::new(",\"data\":", 2, Kind::Bytes, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::agent::process_io::Data {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_PROCESS_IO_DATA;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_AGENT_RESPONSE_TYPE), Label::Optional),
        FieldTable::new(",\"get_health\":", 2, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_HEALTH), Label::Optional),
        FieldTable::new(",\"get_flags\":", 3, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_FLAGS), Label::Optional),
        FieldTable::new(",\"get_version\":", 4, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_VERSION), Label::Optional),
        FieldTable::new(",\"get_metrics\":", 5, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_METRICS), Label::Optional),
        FieldTable::new(",\"get_logging_level\":", 6, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_LOGGING_LEVEL), Label::Optional),
        FieldTable::new(",\"list_files\":", 7, Kind::Message(&MESOS_V1_AGENT_RESPONSE_LIST_FILES), Label::Optional),
        FieldTable::new(",\"read_file\":", 8, Kind::Message(&MESOS_V1_AGENT_RESPONSE_READ_FILE), Label::Optional),
        FieldTable::new(",\"get_state\":", 9, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_STATE), Label::Optional),
        FieldTable::new(",\"get_containers\":", 10, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_CONTAINERS), Label::Optional),
        FieldTable::new(",\"get_frameworks\":", 11, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_FRAMEWORKS), Label::Optional),
        FieldTable::new(",\"get_executors\":", 12, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_EXECUTORS), Label::Optional),
        FieldTable::new(",\"get_operations\":", 18, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_OPERATIONS), Label::Optional),
        FieldTable::new(",\"get_tasks\":", 13, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_TASKS), Label::Optional),
        FieldTable::new(",\"get_agent\":", 15, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_AGENT), Label::Optional),
        FieldTable::new(",\"get_resource_providers\":", 17, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_RESOURCE_PROVIDERS), Label::Optional),
        FieldTable::new(",\"wait_nested_container\":", 14, Kind::Message(&MESOS_V1_AGENT_RESPONSE_WAIT_NESTED_CONTAINER), Label::Optional),
        FieldTable::new(",\"wait_container\":", 16, Kind::Message(&MESOS_V1_AGENT_RESPONSE_WAIT_CONTAINER), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 17, 15, 18, 16, 13],
    true,
);
impl Message for super::mesos::v1::agent::Response {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_AGENT: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetAgent",
    &[
        FieldTable::new(",\"agent_info\":", 1, Kind::Message(&MESOS_V1_AGENT_INFO), Label::Optional),
        FieldTable::new(",\"drain_config\":", 2, Kind::Message(&MESOS_V1_DRAIN_CONFIG), Label::Optional),
        FieldTable::new(",\"estimated_drain_start_time\":", 3, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::agent::response::GetAgent {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_AGENT;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_CONTAINERS: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetContainers",
    &[
        FieldTable::new(",\"containers\":", 1, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_CONTAINERS_CONTAINER), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::response::GetContainers {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_CONTAINERS;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_CONTAINERS_CONTAINER: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetContainers.Container",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"executor_id\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Optional),
        FieldTable::new(",\"executor_name\":", 3, Kind::String, Label::Optional),
        FieldTable::new(",\"container_id\":", 4, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Required),
        FieldTable::new(",\"container_status\":", 5, Kind::Message(&MESOS_V1_CONTAINER_STATUS), Label::Optional),
        FieldTable::new(",\"resource_statistics\":", 6, Kind::Message(&MESOS_V1_RESOURCE_STATISTICS), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6],
    false,
);
impl Message for super::mesos::v1::agent::response::get_containers::Container {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_CONTAINERS_CONTAINER;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_EXECUTORS: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetExecutors",
    &[
        FieldTable::new(",\"executors\":", 1, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_EXECUTORS_EXECUTOR), Label::Repeated).shown_empty(),
        FieldTable::new(",\"completed_executors\":", 2, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_EXECUTORS_EXECUTOR), Label::Repeated).shown_empty(),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::agent::response::GetExecutors {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_EXECUTORS;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_EXECUTORS_EXECUTOR: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetExecutors.Executor",
    &[
        FieldTable::new(",\"executor_info\":", 1, Kind::Message(&MESOS_V1_EXECUTOR_INFO), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::agent::response::get_executors::Executor {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_EXECUTORS_EXECUTOR;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_FLAGS: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetFlags",
    &[
        FieldTable::new(",\"flags\":", 1, Kind::Message(&MESOS_V1_FLAG), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::response::GetFlags {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_FLAGS;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_FRAMEWORKS: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetFrameworks",
    &[
        FieldTable::new(",\"frameworks\":", 1, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_FRAMEWORKS_FRAMEWORK), Label::Repeated).shown_empty(),
        FieldTable::new(",\"completed_frameworks\":", 2, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_FRAMEWORKS_FRAMEWORK), Label::Repeated).shown_empty(),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::agent::response::GetFrameworks {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_FRAMEWORKS;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_FRAMEWORKS_FRAMEWORK: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetFrameworks.Framework",
    &[
        FieldTable::new(",\"framework_info\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::agent::response::get_frameworks::Framework {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_FRAMEWORKS_FRAMEWORK;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_HEALTH: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetHealth",
    &[
        FieldTable::new(",\"healthy\":", 1, Kind::Bool, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::response::GetHealth {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_HEALTH;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_LOGGING_LEVEL: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetLoggingLevel",
    &[
        FieldTable::new(",\"level\":", 1, Kind::Uint32, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::response::GetLoggingLevel {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_LOGGING_LEVEL;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_METRICS: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetMetrics",
    &[
        FieldTable::new(",\"metrics\":", 1, Kind::Message(&MESOS_V1_METRIC), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::response::GetMetrics {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_METRICS;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_OPERATIONS: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetOperations",
    &[
        FieldTable::new(",\"operations\":", 1, Kind::Message(&MESOS_V1_OPERATION), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::agent::response::GetOperations {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_OPERATIONS;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_RESOURCE_PROVIDERS: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetResourceProviders",
    &[
        FieldTable::new(",\"resource_providers\":", 1, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_RESOURCE_PROVIDERS_RESOURCE_PROVIDER), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::agent::response::GetResourceProviders {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_RESOURCE_PROVIDERS;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_RESOURCE_PROVIDERS_RESOURCE_PROVIDER: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetResourceProviders.ResourceProvider",
    &[
        FieldTable::new(",\"resource_provider_info\":", 1, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_INFO), Label::Required),
        FieldTable::new(",\"total_resources\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::agent::response::get_resource_providers::ResourceProvider {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_RESOURCE_PROVIDERS_RESOURCE_PROVIDER;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_STATE: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetState",
    &[
        FieldTable::new(",\"get_tasks\":", 1, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_TASKS), Label::Optional),
        FieldTable::new(",\"get_executors\":", 2, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_EXECUTORS), Label::Optional),
        FieldTable::new(",\"get_frameworks\":", 3, Kind::Message(&MESOS_V1_AGENT_RESPONSE_GET_FRAMEWORKS), Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::agent::response::GetState {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_STATE;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_TASKS: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetTasks",
    &[
        FieldTable::new(",\"pending_tasks\":", 1, Kind::Message(&MESOS_V1_TASK), Label::Repeated).shown_empty(),
        FieldTable::new(",\"queued_tasks\":", 2, Kind::Message(&MESOS_V1_TASK), Label::Repeated).shown_empty(),
        FieldTable::new(",\"launched_tasks\":", 3, Kind::Message(&MESOS_V1_TASK), Label::Repeated).shown_empty(),
        FieldTable::new(",\"terminated_tasks\":", 4, Kind::Message(&MESOS_V1_TASK), Label::Repeated).shown_empty(),
        FieldTable::new(",\"completed_tasks\":", 5, Kind::Message(&MESOS_V1_TASK), Label::Repeated).shown_empty(),
    ],
    &[0, 1, 2, 3, 4, 5],
    true,
);
impl Message for super::mesos::v1::agent::response::GetTasks {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_TASKS;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_GET_VERSION: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.GetVersion",
    &[
        FieldTable::new(",\"version_info\":", 1, Kind::Message(&MESOS_V1_VERSION_INFO), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::response::GetVersion {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_GET_VERSION;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_LIST_FILES: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.ListFiles",
    &[
        FieldTable::new(",\"file_infos\":", 1, Kind::Message(&MESOS_V1_FILE_INFO), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::agent::response::ListFiles {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_LIST_FILES;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_READ_FILE: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.ReadFile",
    &[
        FieldTable::new(",\"size\":", 1, Kind::Uint64, Label::Required),
        FieldTable::new(",\"data\":", 2, Kind::Bytes, Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::agent::response::ReadFile {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_READ_FILE;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_WAIT_CONTAINER: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.WaitContainer",
    &[
        FieldTable::new(",\"exit_status\":", 1, Kind::Int32, Label::Optional),
        FieldTable::new(",\"state\":", 2, Kind::Enum(&MESOS_V1_TASK_STATE), Label::Optional),
        FieldTable::new(",\"reason\":", 3, Kind::Enum(&MESOS_V1_TASK_STATUS_REASON), Label::Optional),
        FieldTable::new(",\"limitation\":", 4, Kind::Message(&MESOS_V1_TASK_RESOURCE_LIMITATION), Label::Optional),
        FieldTable::new(",\"message\":", 5, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5],
    true,
);
impl Message for super::mesos::v1::agent::response::WaitContainer {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_WAIT_CONTAINER;
}

#[rustfmt::skip]
static MESOS_V1_AGENT_RESPONSE_WAIT_NESTED_CONTAINER: MessageTable = MessageTable::new(
    "mesos.v1.agent.Response.WaitNestedContainer",
    &[
        FieldTable::new(",\"exit_status\":", 1, Kind::Int32, Label::Optional),
        FieldTable::new(",\"state\":", 2, Kind::Enum(&MESOS_V1_TASK_STATE), Label::Optional),
        FieldTable::new(",\"reason\":", 3, Kind::Enum(&MESOS_V1_TASK_STATUS_REASON), Label::Optional),
        FieldTable::new(",\"limitation\":", 4, Kind::Message(&MESOS_V1_TASK_RESOURCE_LIMITATION), Label::Optional),
        FieldTable::new(",\"message\":", 5, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5],
    true,
);
impl Message for super::mesos::v1::agent::response::WaitNestedContainer {
    const TABLE: &'static MessageTable = &MESOS_V1_AGENT_RESPONSE_WAIT_NESTED_CONTAINER;
}

#[rustfmt::skip]
static MESOS_V1_ALLOCATOR_INVERSE_OFFER_STATUS: MessageTable = MessageTable::new(
    "mesos.v1.allocator.InverseOfferStatus",
    &[
        FieldTable::new(",\"status\":", 1, Kind::Enum(&MESOS_V1_ALLOCATOR_INVERSE_OFFER_STATUS_STATUS), Label::Required),
        FieldTable::new(",\"framework_id\":", 2, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Required),
        FieldTable::new(",\"timestamp\":", 3, Kind::Message(&MESOS_V1_TIME_INFO), Label::Required),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::allocator::InverseOfferStatus {
    const TABLE: &'static MessageTable = &MESOS_V1_ALLOCATOR_INVERSE_OFFER_STATUS;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_CALL: MessageTable = MessageTable::new(
    "mesos.v1.executor.Call",
    &[
        FieldTable::new(",\"executor_id\":", 1, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Required),
        FieldTable::new(",\"framework_id\":", 2, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Required),
        FieldTable::new(",\"type\":", 3, Kind::Enum(&MESOS_V1_EXECUTOR_CALL_TYPE), Label::Optional),
        FieldTable::new(",\"subscribe\":", 4, Kind::Message(&MESOS_V1_EXECUTOR_CALL_SUBSCRIBE), Label::Optional),
        FieldTable::new(",\"update\":", 5, Kind::Message(&MESOS_V1_EXECUTOR_CALL_UPDATE), Label::Optional),
        FieldTable::new(",\"message\":", 6, Kind::Message(&MESOS_V1_EXECUTOR_CALL_MESSAGE), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6],
    true,
);
impl Message for super::mesos::v1::executor::Call {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_CALL;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_CALL_MESSAGE: MessageTable = MessageTable::new(
    "mesos.v1.executor.Call.Message",
    &[
        FieldTable::new(",\"data\":", 2, Kind::Bytes, Label::Required),
    ],
    &[0, 0, 1],
    false,
);
impl Message for super::mesos::v1::executor::call::Message {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_CALL_MESSAGE;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_CALL_SUBSCRIBE: MessageTable = MessageTable::new(
    "mesos.v1.executor.Call.Subscribe",
    &[
        FieldTable::new(",\"unacknowledged_tasks\":", 1, Kind::Message(&MESOS_V1_TASK_INFO), Label::Repeated),
        FieldTable::new(",\"unacknowledged_updates\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_CALL_UPDATE), Label::Repeated),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::executor::call::Subscribe {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_CALL_SUBSCRIBE;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_CALL_UPDATE: MessageTable = MessageTable::new(
    "mesos.v1.executor.Call.Update",
    &[
        FieldTable::new(",\"status\":", 1, Kind::Message(&MESOS_V1_TASK_STATUS), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::executor::call::Update {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_CALL_UPDATE;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_EVENT: MessageTable = MessageTable::new(
    "mesos.v1.executor.Event",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_EXECUTOR_EVENT_TYPE), Label::Optional),
        FieldTable::new(",\"subscribed\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_EVENT_SUBSCRIBED), Label::Optional),
        FieldTable::new(",\"acknowledged\":", 3, Kind::Message(&MESOS_V1_EXECUTOR_EVENT_ACKNOWLEDGED), Label::Optional),
        FieldTable::new(",\"launch\":", 4, Kind::Message(&MESOS_V1_EXECUTOR_EVENT_LAUNCH), Label::Optional),
        FieldTable::new(",\"launch_group\":", 8, Kind::Message(&MESOS_V1_EXECUTOR_EVENT_LAUNCH_GROUP), Label::Optional),
        FieldTable::new(",\"kill\":", 5, Kind::Message(&MESOS_V1_EXECUTOR_EVENT_KILL), Label::Optional),
        FieldTable::new(",\"message\":", 6, Kind::Message(&MESOS_V1_EXECUTOR_EVENT_MESSAGE), Label::Optional),
        FieldTable::new(",\"error\":", 7, Kind::Message(&MESOS_V1_EXECUTOR_EVENT_ERROR), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 6, 7, 8, 5],
    true,
);
impl Message for super::mesos::v1::executor::Event {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_EVENT;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_EVENT_ACKNOWLEDGED: MessageTable = MessageTable::new(
    "mesos.v1.executor.Event.Acknowledged",
    &[
        FieldTable::new(",\"task_id\":", 1, Kind::Message(&MESOS_V1_TASK_ID), Label::Required),
        FieldTable::new(",\"uuid\":", 2, Kind::Bytes, Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::executor::event::Acknowledged {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_EVENT_ACKNOWLEDGED;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_EVENT_ERROR: MessageTable = MessageTable::new(
    "mesos.v1.executor.Event.Error",
    &[
        FieldTable::new(",\"message\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::executor::event::Error {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_EVENT_ERROR;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_EVENT_KILL: MessageTable = MessageTable::new(
    "mesos.v1.executor.Event.Kill",
    &[
        FieldTable::new(",\"task_id\":", 1, Kind::Message(&MESOS_V1_TASK_ID), Label::Required),
        FieldTable::new(",\"kill_policy\":", 2, Kind::Message(&MESOS_V1_KILL_POLICY), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::executor::event::Kill {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_EVENT_KILL;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_EVENT_LAUNCH: MessageTable = MessageTable::new(
    "mesos.v1.executor.Event.Launch",
    &[
        FieldTable::new(",\"task\":", 1, Kind::Message(&MESOS_V1_TASK_INFO), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::executor::event::Launch {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_EVENT_LAUNCH;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_EVENT_LAUNCH_GROUP: MessageTable = MessageTable::new(
    "mesos.v1.executor.Event.LaunchGroup",
    &[
        FieldTable::new(",\"task_group\":", 1, Kind::Message(&MESOS_V1_TASK_GROUP_INFO), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::executor::event::LaunchGroup {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_EVENT_LAUNCH_GROUP;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_EVENT_MESSAGE: MessageTable = MessageTable::new(
    "mesos.v1.executor.Event.Message",
    &[
        FieldTable::new(",\"data\":", 1, Kind::Bytes, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::executor::event::Message {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_EVENT_MESSAGE;
}

#[rustfmt::skip]
static MESOS_V1_EXECUTOR_EVENT_SUBSCRIBED: MessageTable = MessageTable::new(
    "mesos.v1.executor.Event.Subscribed",
    &[
        FieldTable::new(",\"executor_info\":", 1, Kind::Message(&MESOS_V1_EXECUTOR_INFO), Label::Required),
        FieldTable::new(",\"framework_info\":", 2, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Required),
        FieldTable::new(",\"agent_info\":", 3, Kind::Message(&MESOS_V1_AGENT_INFO), Label::Required),
        FieldTable::new(",\"container_id\":", 4, Kind::Message(&MESOS_V1_CONTAINER_ID), Label::Optional),
    ],
    &[0, 1, 2, 3, 4],
    true,
);
impl Message for super::mesos::v1::executor::event::Subscribed {
    const TABLE: &'static MessageTable = &MESOS_V1_EXECUTOR_EVENT_SUBSCRIBED;
}

#[rustfmt::skip]
static MESOS_V1_MAINTENANCE_CLUSTER_STATUS: MessageTable = MessageTable::new(
    "mesos.v1.maintenance.ClusterStatus",
    &[
        FieldTable::new(",\"draining_machines\":", 1, Kind::Message(&MESOS_V1_MAINTENANCE_CLUSTER_STATUS_DRAINING_MACHINE), Label::Repeated),
        FieldTable::new(",\"down_machines\":", 2, Kind::Message(&MESOS_V1_MACHINE_ID), Label::Repeated),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::maintenance::ClusterStatus {
    const TABLE: &'static MessageTable = &MESOS_V1_MAINTENANCE_CLUSTER_STATUS;
}

#[rustfmt::skip]
static MESOS_V1_MAINTENANCE_CLUSTER_STATUS_DRAINING_MACHINE: MessageTable = MessageTable::new(
    "mesos.v1.maintenance.ClusterStatus.DrainingMachine",
    &[
        FieldTable::new(",\"id\":", 1, Kind::Message(&MESOS_V1_MACHINE_ID), Label::Required),
        FieldTable::new(",\"statuses\":", 2, Kind::Message(&MESOS_V1_ALLOCATOR_INVERSE_OFFER_STATUS), Label::Repeated),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::maintenance::cluster_status::DrainingMachine {
    const TABLE: &'static MessageTable = &MESOS_V1_MAINTENANCE_CLUSTER_STATUS_DRAINING_MACHINE;
}

#[rustfmt::skip]
static MESOS_V1_MAINTENANCE_SCHEDULE: MessageTable = MessageTable::new(
    "mesos.v1.maintenance.Schedule",
    &[
        FieldTable::new(",\"windows\":", 1, Kind::Message(&MESOS_V1_MAINTENANCE_WINDOW), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::maintenance::Schedule {
    const TABLE: &'static MessageTable = &MESOS_V1_MAINTENANCE_SCHEDULE;
}

#[rustfmt::skip]
static MESOS_V1_MAINTENANCE_WINDOW: MessageTable = MessageTable::new(
    "mesos.v1.maintenance.Window",
    &[
        FieldTable::new(",\"machine_ids\":", 1, Kind::Message(&MESOS_V1_MACHINE_ID), Label::Repeated),
        FieldTable::new(",\"unavailability\":", 2, Kind::Message(&MESOS_V1_UNAVAILABILITY), Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::maintenance::Window {
    const TABLE: &'static MessageTable = &MESOS_V1_MAINTENANCE_WINDOW;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL: MessageTable = MessageTable::new(
    "mesos.v1.master.Call",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_MASTER_CALL_TYPE), Label::Optional),
        FieldTable::new(",\"get_metrics\":", 2, Kind::Message(&MESOS_V1_MASTER_CALL_GET_METRICS), Label::Optional),
        FieldTable::new(",\"set_logging_level\":", 3, Kind::Message(&MESOS_V1_MASTER_CALL_SET_LOGGING_LEVEL), Label::Optional),
        FieldTable::new(",\"list_files\":", 4, Kind::Message(&MESOS_V1_MASTER_CALL_LIST_FILES), Label::Optional),
        FieldTable::new(",\"read_file\":", 5, Kind::Message(&MESOS_V1_MASTER_CALL_READ_FILE), Label::Optional),
        FieldTable::new(",\"update_weights\":", 6, Kind::Message(&MESOS_V1_MASTER_CALL_UPDATE_WEIGHTS), Label::Optional),
        FieldTable::new(",\"reserve_resources\":", 7, Kind::Message(&MESOS_V1_MASTER_CALL_RESERVE_RESOURCES), Label::Optional),
        FieldTable::new(",\"unreserve_resources\":", 8, Kind::Message(&MESOS_V1_MASTER_CALL_UNRESERVE_RESOURCES), Label::Optional),
        FieldTable::new(",\"create_volumes\":", 9, Kind::Message(&MESOS_V1_MASTER_CALL_CREATE_VOLUMES), Label::Optional),
        FieldTable::new(",\"destroy_volumes\":", 10, Kind::Message(&MESOS_V1_MASTER_CALL_DESTROY_VOLUMES), Label::Optional),
        FieldTable::new(",\"grow_volume\":", 18, Kind::Message(&MESOS_V1_MASTER_CALL_GROW_VOLUME), Label::Optional),
        FieldTable::new(",\"shrink_volume\":", 19, Kind::Message(&MESOS_V1_MASTER_CALL_SHRINK_VOLUME), Label::Optional),
        FieldTable::new(",\"update_maintenance_schedule\":", 11, Kind::Message(&MESOS_V1_MASTER_CALL_UPDATE_MAINTENANCE_SCHEDULE), Label::Optional),
        FieldTable::new(",\"start_maintenance\":", 12, Kind::Message(&MESOS_V1_MASTER_CALL_START_MAINTENANCE), Label::Optional),
        FieldTable::new(",\"stop_maintenance\":", 13, Kind::Message(&MESOS_V1_MASTER_CALL_STOP_MAINTENANCE), Label::Optional),
        FieldTable::new(",\"drain_agent\":", 21, Kind::Message(&MESOS_V1_MASTER_CALL_DRAIN_AGENT), Label::Optional),
        FieldTable::new(",\"deactivate_agent\":", 22, Kind::Message(&MESOS_V1_MASTER_CALL_DEACTIVATE_AGENT), Label::Optional),
        FieldTable::new(",\"reactivate_agent\":", 23, Kind::Message(&MESOS_V1_MASTER_CALL_REACTIVATE_AGENT), Label::Optional),
        FieldTable::new(",\"update_quota\":", 20, Kind::Message(&MESOS_V1_MASTER_CALL_UPDATE_QUOTA), Label::Optional),
        FieldTable::new(",\"teardown\":", 16, Kind::Message(&MESOS_V1_MASTER_CALL_TEARDOWN), Label::Optional),
        FieldTable::new(",\"mark_agent_gone\":", 17, Kind::Message(&MESOS_V1_MASTER_CALL_MARK_AGENT_GONE), Label::Optional),
        FieldTable::new(",\"set_quota\":", 14, Kind::Message(&MESOS_V1_MASTER_CALL_SET_QUOTA), Label::Optional).deprecated(),
        FieldTable::new(",\"remove_quota\":", 15, Kind::Message(&MESOS_V1_MASTER_CALL_REMOVE_QUOTA), Label::Optional).deprecated(),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 22, 23, 20, 21, 11, 12, 19, 16, 17, 18],
    true,
);
impl Message for super::mesos::v1::master::Call {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_CREATE_VOLUMES: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.CreateVolumes",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
        FieldTable::new(",\"volumes\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::master::call::CreateVolumes {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_CREATE_VOLUMES;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_DEACTIVATE_AGENT: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.DeactivateAgent",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
        FieldTable::new(",\"reason\":", 1001, Kind::String, Label::Optional),
        FieldTable::new(",\"requested_by\":", 1002, Kind::String, Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::call::DeactivateAgent {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_DEACTIVATE_AGENT;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_DESTROY_VOLUMES: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.DestroyVolumes",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
        FieldTable::new(",\"volumes\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::master::call::DestroyVolumes {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_DESTROY_VOLUMES;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_DRAIN_AGENT: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.DrainAgent",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
        FieldTable::new(",\"max_grace_period\":", 2, Kind::Message(&GOOGLE_PROTOBUF_DURATION), Label::Optional),
        FieldTable::new(",\"mark_gone\":", 3, Kind::Bool, Label::Optional).with_default("false"),
        FieldTable::new(",\"reason\":", 1001, Kind::String, Label::Optional),
        FieldTable::new(",\"requested_by\":", 1002, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::master::call::DrainAgent {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_DRAIN_AGENT;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_GET_METRICS: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.GetMetrics",
    &[
        FieldTable::new(",\"timeout\":", 1, Kind::Message(&MESOS_V1_DURATION_INFO), Label::Optional),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::call::GetMetrics {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_GET_METRICS;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_GROW_VOLUME: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.GrowVolume",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"volume\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Required),
        FieldTable::new(",\"addition\":", 3, Kind::Message(&MESOS_V1_RESOURCE), Label::Required),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::master::call::GrowVolume {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_GROW_VOLUME;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_LIST_FILES: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.ListFiles",
    &[
        FieldTable::new(",\"path\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::call::ListFiles {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_LIST_FILES;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_MARK_AGENT_GONE: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.MarkAgentGone",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::call::MarkAgentGone {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_MARK_AGENT_GONE;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_REACTIVATE_AGENT: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.ReactivateAgent",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::call::ReactivateAgent {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_REACTIVATE_AGENT;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_READ_FILE: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.ReadFile",
    &[
        FieldTable::new(",\"path\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"offset\":", 2, Kind::Uint64, Label::Required),
        FieldTable::new(",\"length\":", 3, Kind::Uint64, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::master::call::ReadFile {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_READ_FILE;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_REMOVE_QUOTA: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.RemoveQuota",
    &[
        FieldTable::new(",\"role\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::call::RemoveQuota {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_REMOVE_QUOTA;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_RESERVE_RESOURCES: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.ReserveResources",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
        FieldTable::new(",\"source\":", 3, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"resources\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 3, 2],
    true,
);
impl Message for super::mesos::v1::master::call::ReserveResources {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_RESERVE_RESOURCES;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_SET_LOGGING_LEVEL: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.SetLoggingLevel",
    &[
        FieldTable::new(",\"level\":", 1, Kind::Uint32, Label::Required),
        FieldTable::new(",\"duration\":", 2, Kind::Message(&MESOS_V1_DURATION_INFO), Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::master::call::SetLoggingLevel {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_SET_LOGGING_LEVEL;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_SET_QUOTA: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.SetQuota",
    &[
        FieldTable::new(",\"quota_request\":", 1, Kind::Message(&MESOS_V1_QUOTA_QUOTA_REQUEST), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::master::call::SetQuota {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_SET_QUOTA;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_SHRINK_VOLUME: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.ShrinkVolume",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"volume\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Required),
        FieldTable::new(",\"subtract\":", 3, Kind::Message(&MESOS_V1_VALUE_SCALAR), Label::Required),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::master::call::ShrinkVolume {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_SHRINK_VOLUME;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_START_MAINTENANCE: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.StartMaintenance",
    &[
        FieldTable::new(",\"machines\":", 1, Kind::Message(&MESOS_V1_MACHINE_ID), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::call::StartMaintenance {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_START_MAINTENANCE;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_STOP_MAINTENANCE: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.StopMaintenance",
    &[
        FieldTable::new(",\"machines\":", 1, Kind::Message(&MESOS_V1_MACHINE_ID), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::call::StopMaintenance {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_STOP_MAINTENANCE;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_TEARDOWN: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.Teardown",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::call::Teardown {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_TEARDOWN;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_UNRESERVE_RESOURCES: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.UnreserveResources",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
        FieldTable::new(",\"resources\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::master::call::UnreserveResources {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_UNRESERVE_RESOURCES;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_UPDATE_MAINTENANCE_SCHEDULE: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.UpdateMaintenanceSchedule",
    &[
        FieldTable::new(",\"schedule\":", 1, Kind::Message(&MESOS_V1_MAINTENANCE_SCHEDULE), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::call::UpdateMaintenanceSchedule {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_UPDATE_MAINTENANCE_SCHEDULE;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_UPDATE_QUOTA: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.UpdateQuota",
    &[
        FieldTable::new(",\"force\":", 1, Kind::Bool, Label::Optional),
        FieldTable::new(",\"quota_configs\":", 2, Kind::Message(&MESOS_V1_QUOTA_QUOTA_CONFIG), Label::Repeated),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::master::call::UpdateQuota {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_UPDATE_QUOTA;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_CALL_UPDATE_WEIGHTS: MessageTable = MessageTable::new(
    "mesos.v1.master.Call.UpdateWeights",
    &[
        FieldTable::new(",\"weight_infos\":", 1, Kind::Message(&MESOS_V1_WEIGHT_INFO), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::call::UpdateWeights {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_CALL_UPDATE_WEIGHTS;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_EVENT: MessageTable = MessageTable::new(
    "mesos.v1.master.Event",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_MASTER_EVENT_TYPE), Label::Optional),
        FieldTable::new(",\"subscribed\":", 2, Kind::Message(&MESOS_V1_MASTER_EVENT_SUBSCRIBED), Label::Optional),
        FieldTable::new(",\"task_added\":", 3, Kind::Message(&MESOS_V1_MASTER_EVENT_TASK_ADDED), Label::Optional),
        FieldTable::new(",\"task_updated\":", 4, Kind::Message(&MESOS_V1_MASTER_EVENT_TASK_UPDATED), Label::Optional),
        FieldTable::new(",\"agent_added\":", 5, Kind::Message(&MESOS_V1_MASTER_EVENT_AGENT_ADDED), Label::Optional),
        FieldTable::new(",\"agent_removed\":", 6, Kind::Message(&MESOS_V1_MASTER_EVENT_AGENT_REMOVED), Label::Optional),
        FieldTable::new(",\"framework_added\":", 7, Kind::Message(&MESOS_V1_MASTER_EVENT_FRAMEWORK_ADDED), Label::Optional),
        FieldTable::new(",\"framework_updated\":", 8, Kind::Message(&MESOS_V1_MASTER_EVENT_FRAMEWORK_UPDATED), Label::Optional),
        FieldTable::new(",\"framework_removed\":", 9, Kind::Message(&MESOS_V1_MASTER_EVENT_FRAMEWORK_REMOVED), Label::Optional),
        FieldTable::new(",\"agent_lifecycle\":", 1001, Kind::Message(&EBB_V1_AGENT_LIFECYCLE), Label::Optional),
        FieldTable::new(",\"error\":", 1100, Kind::Message(&MESOS_V1_MASTER_EVENT_ERROR), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    true,
);
impl Message for super::mesos::v1::master::Event {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_EVENT;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_EVENT_AGENT_ADDED: MessageTable = MessageTable::new(
    "mesos.v1.master.Event.AgentAdded",
    &[
        FieldTable::new(",\"agent\":", 1, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_AGENTS_AGENT), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::master::event::AgentAdded {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_EVENT_AGENT_ADDED;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_EVENT_AGENT_REMOVED: MessageTable = MessageTable::new(
    "mesos.v1.master.Event.AgentRemoved",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::event::AgentRemoved {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_EVENT_AGENT_REMOVED;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_EVENT_ERROR: MessageTable = MessageTable::new(
    "mesos.v1.master.Event.Error",
    &[
        FieldTable::new(",\"message\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::event::Error {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_EVENT_ERROR;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_EVENT_FRAMEWORK_ADDED: MessageTable = MessageTable::new(
    "mesos.v1.master.Event.FrameworkAdded",
    &[
        FieldTable::new(",\"framework\":", 1, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_FRAMEWORKS_FRAMEWORK), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::master::event::FrameworkAdded {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_EVENT_FRAMEWORK_ADDED;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_EVENT_FRAMEWORK_REMOVED: MessageTable = MessageTable::new(
    "mesos.v1.master.Event.FrameworkRemoved",
    &[
        FieldTable::new(",\"framework_info\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::master::event::FrameworkRemoved {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_EVENT_FRAMEWORK_REMOVED;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_EVENT_FRAMEWORK_UPDATED: MessageTable = MessageTable::new(
    "mesos.v1.master.Event.FrameworkUpdated",
    &[
        FieldTable::new(",\"framework\":", 1, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_FRAMEWORKS_FRAMEWORK), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::master::event::FrameworkUpdated {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_EVENT_FRAMEWORK_UPDATED;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_EVENT_SUBSCRIBED: MessageTable = MessageTable::new(
    "mesos.v1.master.Event.Subscribed",
    &[
        FieldTable::new(",\"get_state\":", 1, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_STATE), Label::Optional),
        FieldTable::new(",\"heartbeat_interval_seconds\":", 2, Kind::Double, Label::Optional),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::master::event::Subscribed {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_EVENT_SUBSCRIBED;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_EVENT_TASK_ADDED: MessageTable = MessageTable::new(
    "mesos.v1.master.Event.TaskAdded",
    &[
        FieldTable::new(",\"task\":", 1, Kind::Message(&MESOS_V1_TASK), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::master::event::TaskAdded {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_EVENT_TASK_ADDED;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_EVENT_TASK_UPDATED: MessageTable = MessageTable::new(
    "mesos.v1.master.Event.TaskUpdated",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Required),
        FieldTable::new(",\"status\":", 2, Kind::Message(&MESOS_V1_TASK_STATUS), Label::Required),
        FieldTable::new(",\"state\":", 3, Kind::Enum(&MESOS_V1_TASK_STATE), Label::Required),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::master::event::TaskUpdated {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_EVENT_TASK_UPDATED;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE: MessageTable = MessageTable::new(
    "mesos.v1.master.Response",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_MASTER_RESPONSE_TYPE), Label::Optional),
        FieldTable::new(",\"get_health\":", 2, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_HEALTH), Label::Optional),
        FieldTable::new(",\"get_flags\":", 3, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_FLAGS), Label::Optional),
        FieldTable::new(",\"get_version\":", 4, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_VERSION), Label::Optional),
        FieldTable::new(",\"get_metrics\":", 5, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_METRICS), Label::Optional),
        FieldTable::new(",\"get_logging_level\":", 6, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_LOGGING_LEVEL), Label::Optional),
        FieldTable::new(",\"list_files\":", 7, Kind::Message(&MESOS_V1_MASTER_RESPONSE_LIST_FILES), Label::Optional),
        FieldTable::new(",\"read_file\":", 8, Kind::Message(&MESOS_V1_MASTER_RESPONSE_READ_FILE), Label::Optional),
        FieldTable::new(",\"get_state\":", 9, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_STATE), Label::Optional),
        FieldTable::new(",\"get_agents\":", 10, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_AGENTS), Label::Optional),
        FieldTable::new(",\"get_frameworks\":", 11, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_FRAMEWORKS), Label::Optional),
        FieldTable::new(",\"get_executors\":", 12, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_EXECUTORS), Label::Optional),
        FieldTable::new(",\"get_operations\":", 20, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_OPERATIONS), Label::Optional),
        FieldTable::new(",\"get_tasks\":", 13, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_TASKS), Label::Optional),
        FieldTable::new(",\"get_roles\":", 14, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_ROLES), Label::Optional),
        FieldTable::new(",\"get_weights\":", 15, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_WEIGHTS), Label::Optional),
        FieldTable::new(",\"get_master\":", 16, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_MASTER), Label::Optional),
        FieldTable::new(",\"get_maintenance_status\":", 17, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_MAINTENANCE_STATUS), Label::Optional),
        FieldTable::new(",\"get_maintenance_schedule\":", 18, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_MAINTENANCE_SCHEDULE), Label::Optional),
        FieldTable::new(",\"get_quota\":", 19, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_QUOTA), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 13],
    true,
);
impl Message for super::mesos::v1::master::Response {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_AGENTS: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetAgents",
    &[
        FieldTable::new(",\"agents\":", 1, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_AGENTS_AGENT), Label::Repeated).shown_empty(),
        FieldTable::new(",\"recovered_agents\":", 2, Kind::Message(&MESOS_V1_AGENT_INFO), Label::Repeated).shown_empty(),
        FieldTable::new(",\"absent_agents\":", 1001, Kind::Message(&EBB_V1_ABSENT_AGENT), Label::Repeated),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::master::response::GetAgents {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_AGENTS;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_AGENTS_AGENT: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetAgents.Agent",
    &[
        FieldTable::new(",\"agent_info\":", 1, Kind::Message(&MESOS_V1_AGENT_INFO), Label::Required),
        FieldTable::new(",\"active\":", 2, Kind::Bool, Label::Required),
        FieldTable::new(",\"deactivated\":", 12, Kind::Bool, Label::Optional),
        FieldTable::new(",\"version\":", 3, Kind::String, Label::Required),
        FieldTable::new(",\"pid\":", 4, Kind::String, Label::Optional),
        FieldTable::new(",\"registered_time\":", 5, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"reregistered_time\":", 6, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"total_resources\":", 7, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"allocated_resources\":", 8, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"offered_resources\":", 9, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"capabilities\":", 10, Kind::Message(&MESOS_V1_AGENT_INFO_CAPABILITY), Label::Repeated),
        FieldTable::new(",\"resource_providers\":", 11, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_AGENTS_AGENT_RESOURCE_PROVIDER), Label::Repeated),
        FieldTable::new(",\"drain_info\":", 13, Kind::Message(&MESOS_V1_DRAIN_INFO), Label::Optional),
        FieldTable::new(",\"estimated_drain_start_time\":", 14, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"reachability\":", 1001, Kind::Enum(&EBB_V1_REACHABILITY), Label::Optional),
        FieldTable::new(",\"drain_status\":", 1002, Kind::Message(&EBB_V1_DRAIN_STATUS), Label::Optional),
        FieldTable::new(",\"deactivation\":", 1003, Kind::Message(&EBB_V1_DEACTIVATION), Label::Optional),
    ],
    &[0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 3, 13, 14],
    true,
);
impl Message for super::mesos::v1::master::response::get_agents::Agent {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_AGENTS_AGENT;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_AGENTS_AGENT_RESOURCE_PROVIDER: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetAgents.Agent.ResourceProvider",
    &[
        FieldTable::new(",\"resource_provider_info\":", 1, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_INFO), Label::Required),
        FieldTable::new(",\"total_resources\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::master::response::get_agents::agent::ResourceProvider {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_AGENTS_AGENT_RESOURCE_PROVIDER;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_EXECUTORS: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetExecutors",
    &[
        FieldTable::new(",\"executors\":", 1, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_EXECUTORS_EXECUTOR), Label::Repeated).shown_empty(),
        FieldTable::new(",\"orphan_executors\":", 2, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_EXECUTORS_EXECUTOR), Label::Repeated).deprecated(),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::master::response::GetExecutors {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_EXECUTORS;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_EXECUTORS_EXECUTOR: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetExecutors.Executor",
    &[
        FieldTable::new(",\"executor_info\":", 1, Kind::Message(&MESOS_V1_EXECUTOR_INFO), Label::Required),
        FieldTable::new(",\"agent_id\":", 2, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::master::response::get_executors::Executor {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_EXECUTORS_EXECUTOR;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_FLAGS: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetFlags",
    &[
        FieldTable::new(",\"flags\":", 1, Kind::Message(&MESOS_V1_FLAG), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::response::GetFlags {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_FLAGS;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_FRAMEWORKS: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetFrameworks",
    &[
        FieldTable::new(",\"frameworks\":", 1, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_FRAMEWORKS_FRAMEWORK), Label::Repeated).shown_empty(),
        FieldTable::new(",\"completed_frameworks\":", 2, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_FRAMEWORKS_FRAMEWORK), Label::Repeated).shown_empty(),
        FieldTable::new(",\"recovered_frameworks\":", 3, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Repeated).deprecated(),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::master::response::GetFrameworks {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_FRAMEWORKS;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_FRAMEWORKS_FRAMEWORK: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetFrameworks.Framework",
    &[
        FieldTable::new(",\"framework_info\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Required),
        FieldTable::new(",\"active\":", 2, Kind::Bool, Label::Required),
        FieldTable::new(",\"connected\":", 3, Kind::Bool, Label::Required),
        FieldTable::new(",\"recovered\":", 11, Kind::Bool, Label::Required),
        FieldTable::new(",\"registered_time\":", 4, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"reregistered_time\":", 5, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"unregistered_time\":", 6, Kind::Message(&MESOS_V1_TIME_INFO), Label::Optional),
        FieldTable::new(",\"offers\":", 7, Kind::Message(&MESOS_V1_OFFER), Label::Repeated),
        FieldTable::new(",\"inverse_offers\":", 8, Kind::Message(&MESOS_V1_INVERSE_OFFER), Label::Repeated),
        FieldTable::new(",\"allocated_resources\":", 9, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"offered_resources\":", 10, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"offer_constraints\":", 12, Kind::Message(&MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS), Label::Optional),
    ],
    &[0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 4, 12],
    true,
);
impl Message for super::mesos::v1::master::response::get_frameworks::Framework {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_FRAMEWORKS_FRAMEWORK;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_HEALTH: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetHealth",
    &[
        FieldTable::new(",\"healthy\":", 1, Kind::Bool, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::response::GetHealth {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_HEALTH;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_LOGGING_LEVEL: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetLoggingLevel",
    &[
        FieldTable::new(",\"level\":", 1, Kind::Uint32, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::response::GetLoggingLevel {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_LOGGING_LEVEL;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_MAINTENANCE_SCHEDULE: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetMaintenanceSchedule",
    &[
        FieldTable::new(",\"schedule\":", 1, Kind::Message(&MESOS_V1_MAINTENANCE_SCHEDULE), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::response::GetMaintenanceSchedule {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_MAINTENANCE_SCHEDULE;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_MAINTENANCE_STATUS: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetMaintenanceStatus",
    &[
        FieldTable::new(",\"status\":", 1, Kind::Message(&MESOS_V1_MAINTENANCE_CLUSTER_STATUS), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::response::GetMaintenanceStatus {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_MAINTENANCE_STATUS;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_MASTER: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetMaster",
    &[
        FieldTable::new(",\"master_info\":", 1, Kind::Message(&MESOS_V1_MASTER_INFO), Label::Optional),
        FieldTable::new(",\"start_time\":", 2, Kind::Double, Label::Optional),
        FieldTable::new(",\"elected_time\":", 3, Kind::Double, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::master::response::GetMaster {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_MASTER;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_METRICS: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetMetrics",
    &[
        FieldTable::new(",\"metrics\":", 1, Kind::Message(&MESOS_V1_METRIC), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::response::GetMetrics {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_METRICS;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_OPERATIONS: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetOperations",
    &[
        FieldTable::new(",\"operations\":", 1, Kind::Message(&MESOS_V1_OPERATION), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::master::response::GetOperations {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_OPERATIONS;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_QUOTA: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetQuota",
    &[
        FieldTable::new(",\"status\":", 1, Kind::Message(&MESOS_V1_QUOTA_QUOTA_STATUS), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::master::response::GetQuota {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_QUOTA;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_ROLES: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetRoles",
    &[
        FieldTable::new(",\"roles\":", 1, Kind::Message(&MESOS_V1_ROLE), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::master::response::GetRoles {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_ROLES;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_STATE: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetState",
    &[
        FieldTable::new(",\"get_tasks\":", 1, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_TASKS), Label::Optional),
        FieldTable::new(",\"get_executors\":", 2, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_EXECUTORS), Label::Optional),
        FieldTable::new(",\"get_frameworks\":", 3, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_FRAMEWORKS), Label::Optional),
        FieldTable::new(",\"get_agents\":", 4, Kind::Message(&MESOS_V1_MASTER_RESPONSE_GET_AGENTS), Label::Optional),
    ],
    &[0, 1, 2, 3, 4],
    true,
);
impl Message for super::mesos::v1::master::response::GetState {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_STATE;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_TASKS: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetTasks",
    &[
        FieldTable::new(",\"pending_tasks\":", 1, Kind::Message(&MESOS_V1_TASK), Label::Repeated).deprecated(),
        FieldTable::new(",\"tasks\":", 2, Kind::Message(&MESOS_V1_TASK), Label::Repeated).shown_empty(),
        FieldTable::new(",\"unreachable_tasks\":", 5, Kind::Message(&MESOS_V1_TASK), Label::Repeated).shown_empty(),
        FieldTable::new(",\"completed_tasks\":", 3, Kind::Message(&MESOS_V1_TASK), Label::Repeated).shown_empty(),
        FieldTable::new(",\"orphan_tasks\":", 4, Kind::Message(&MESOS_V1_TASK), Label::Repeated).deprecated(),
    ],
    &[0, 1, 2, 4, 5, 3],
    true,
);
impl Message for super::mesos::v1::master::response::GetTasks {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_TASKS;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_VERSION: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetVersion",
    &[
        FieldTable::new(",\"version_info\":", 1, Kind::Message(&MESOS_V1_VERSION_INFO), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::response::GetVersion {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_VERSION;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_GET_WEIGHTS: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.GetWeights",
    &[
        FieldTable::new(",\"weight_infos\":", 1, Kind::Message(&MESOS_V1_WEIGHT_INFO), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::response::GetWeights {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_GET_WEIGHTS;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_LIST_FILES: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.ListFiles",
    &[
        FieldTable::new(",\"file_infos\":", 1, Kind::Message(&MESOS_V1_FILE_INFO), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::master::response::ListFiles {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_LIST_FILES;
}

#[rustfmt::skip]
static MESOS_V1_MASTER_RESPONSE_READ_FILE: MessageTable = MessageTable::new(
    "mesos.v1.master.Response.ReadFile",
    &[
        FieldTable::new(",\"size\":", 1, Kind::Uint64, Label::Required),
        FieldTable::new(",\"data\":", 2, Kind::Bytes, Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::master::response::ReadFile {
    const TABLE: &'static MessageTable = &MESOS_V1_MASTER_RESPONSE_READ_FILE;
}

#[rustfmt::skip]
static MESOS_V1_QUOTA_QUOTA_CONFIG: MessageTable = MessageTable::new(
    "mesos.v1.quota.QuotaConfig",
    &[
        FieldTable::new(",\"role\":", 1, Kind::String, Label::Required),
        FieldTable::new(",\"guarantees\":", 2, Kind::Map(&MESOS_V1_QUOTA_QUOTA_CONFIG_GUARANTEES_ENTRY), Label::Repeated),
        FieldTable::new(",\"limits\":", 3, Kind::Map(&MESOS_V1_QUOTA_QUOTA_CONFIG_LIMITS_ENTRY), Label::Repeated),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::quota::QuotaConfig {
    const TABLE: &'static MessageTable = &MESOS_V1_QUOTA_QUOTA_CONFIG;
}

#[rustfmt::skip]
static MESOS_V1_QUOTA_QUOTA_CONFIG_GUARANTEES_ENTRY: MessageTable = MessageTable::new(
    "mesos.v1.quota.QuotaConfig.GuaranteesEntry",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"value\":", 2, Kind::Message(&MESOS_V1_VALUE_SCALAR), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);

#[rustfmt::skip]
static MESOS_V1_QUOTA_QUOTA_CONFIG_LIMITS_ENTRY: MessageTable = MessageTable::new(
    "mesos.v1.quota.QuotaConfig.LimitsEntry",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"value\":", 2, Kind::Message(&MESOS_V1_VALUE_SCALAR), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);

#[rustfmt::skip]
static MESOS_V1_QUOTA_QUOTA_INFO: MessageTable = MessageTable::new(
    "mesos.v1.quota.QuotaInfo",
    &[
        FieldTable::new(",\"role\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"principal\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"guarantee\":", 3, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::quota::QuotaInfo {
    const TABLE: &'static MessageTable = &MESOS_V1_QUOTA_QUOTA_INFO;
}

#[rustfmt::skip]
static MESOS_V1_QUOTA_QUOTA_REQUEST: MessageTable = MessageTable::new(
    "mesos.v1.quota.QuotaRequest",
    &[
        FieldTable::new(",\"force\":", 1, Kind::Bool, Label::Optional),
        FieldTable::new(",\"role\":", 2, Kind::String, Label::Optional),
        FieldTable::new(",\"guarantee\":", 3, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::quota::QuotaRequest {
    const TABLE: &'static MessageTable = &MESOS_V1_QUOTA_QUOTA_REQUEST;
}

#[rustfmt::skip]
static MESOS_V1_QUOTA_QUOTA_STATUS: MessageTable = MessageTable::new(
    "mesos.v1.quota.QuotaStatus",
    &[
        FieldTable::new(",\"infos\":", 1, Kind::Message(&MESOS_V1_QUOTA_QUOTA_INFO), Label::Repeated).deprecated(),
        FieldTable::new(",\"configs\":", 2, Kind::Message(&MESOS_V1_QUOTA_QUOTA_CONFIG), Label::Repeated),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::quota::QuotaStatus {
    const TABLE: &'static MessageTable = &MESOS_V1_QUOTA_QUOTA_STATUS;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_CALL: MessageTable = MessageTable::new(
    "mesos.v1.resource_provider.Call",
    &[
        FieldTable::new(",\"resource_provider_id\":", 1, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_ID), Label::Optional),
        FieldTable::new(",\"type\":", 2, Kind::Enum(&MESOS_V1_RESOURCE_PROVIDER_CALL_TYPE), Label::Optional),
        FieldTable::new(",\"subscribe\":", 3, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_CALL_SUBSCRIBE), Label::Optional),
        FieldTable::new(",\"update_operation_status\":", 4, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_CALL_UPDATE_OPERATION_STATUS), Label::Optional),
        FieldTable::new(",\"update_state\":", 5, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_CALL_UPDATE_STATE), Label::Optional),
        FieldTable::new(",\"update_publish_resources_status\":", 6, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_CALL_UPDATE_PUBLISH_RESOURCES_STATUS), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6],
    true,
);
impl Message for super::mesos::v1::resource_provider::Call {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_CALL;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_CALL_SUBSCRIBE: MessageTable = MessageTable::new(
    "mesos.v1.resource_provider.Call.Subscribe",
    &[
        FieldTable::new(",\"resource_provider_info\":", 1, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_INFO), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::resource_provider::call::Subscribe {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_CALL_SUBSCRIBE;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_CALL_UPDATE_OPERATION_STATUS: MessageTable = MessageTable::new(
    "mesos.v1.resource_provider.Call.UpdateOperationStatus",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"status\":", 2, Kind::Message(&MESOS_V1_OPERATION_STATUS), Label::Required),
        FieldTable::new(",\"latest_status\":", 3, Kind::Message(&MESOS_V1_OPERATION_STATUS), Label::Optional),
        FieldTable::new(",\"operation_uuid\":", 4, Kind::Message(&MESOS_V1_UUID), Label::Required),
    ],
    &[0, 1, 2, 3, 4],
    true,
);
impl Message for super::mesos::v1::resource_provider::call::UpdateOperationStatus {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_CALL_UPDATE_OPERATION_STATUS;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_CALL_UPDATE_PUBLISH_RESOURCES_STATUS: MessageTable = MessageTable::new(
    "mesos.v1.resource_provider.Call.UpdatePublishResourcesStatus",
    &[
        FieldTable::new(",\"uuid\":", 1, Kind::Message(&MESOS_V1_UUID), Label::Required),
        FieldTable::new(",\"status\":", 2, Kind::Enum(&MESOS_V1_RESOURCE_PROVIDER_CALL_UPDATE_PUBLISH_RESOURCES_STATUS_STATUS), Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::resource_provider::call::UpdatePublishResourcesStatus {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_CALL_UPDATE_PUBLISH_RESOURCES_STATUS;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_CALL_UPDATE_STATE: MessageTable = MessageTable::new(
    "mesos.v1.resource_provider.Call.UpdateState",
    &[
        FieldTable::new(",\"operations\":", 1, Kind::Message(&MESOS_V1_OPERATION), Label::Repeated),
        FieldTable::new(",\"resources\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
        FieldTable::new(",\"resource_version_uuid\":", 3, Kind::Message(&MESOS_V1_UUID), Label::Required),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::resource_provider::call::UpdateState {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_CALL_UPDATE_STATE;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_EVENT: MessageTable = MessageTable::new(
    "mesos.v1.resource_provider.Event",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_RESOURCE_PROVIDER_EVENT_TYPE), Label::Optional),
        FieldTable::new(",\"subscribed\":", 2, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_EVENT_SUBSCRIBED), Label::Optional),
        FieldTable::new(",\"apply_operation\":", 3, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_EVENT_APPLY_OPERATION), Label::Optional),
        FieldTable::new(",\"publish_resources\":", 4, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_EVENT_PUBLISH_RESOURCES), Label::Optional),
        FieldTable::new(",\"acknowledge_operation_status\":", 5, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_EVENT_ACKNOWLEDGE_OPERATION_STATUS), Label::Optional),
        FieldTable::new(",\"reconcile_operations\":", 6, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_EVENT_RECONCILE_OPERATIONS), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6],
    true,
);
impl Message for super::mesos::v1::resource_provider::Event {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_EVENT;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_EVENT_ACKNOWLEDGE_OPERATION_STATUS: MessageTable = MessageTable::new(
    "mesos.v1.resource_provider.Event.AcknowledgeOperationStatus",
    &[
        FieldTable::new(",\"status_uuid\":", 1, Kind::Message(&MESOS_V1_UUID), Label::Required),
        FieldTable::new(",\"operation_uuid\":", 2, Kind::Message(&MESOS_V1_UUID), Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::resource_provider::event::AcknowledgeOperationStatus {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_EVENT_ACKNOWLEDGE_OPERATION_STATUS;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_EVENT_APPLY_OPERATION: MessageTable = MessageTable::new(
    "mesos.v1.resource_provider.Event.ApplyOperation",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"info\":", 2, Kind::Message(&MESOS_V1_OFFER_OPERATION), Label::Required),
        FieldTable::new(",\"operation_uuid\":", 3, Kind::Message(&MESOS_V1_UUID), Label::Required),
        FieldTable::new(",\"resource_version_uuid\":", 4, Kind::Message(&MESOS_V1_UUID), Label::Required),
    ],
    &[0, 1, 2, 3, 4],
    true,
);
impl Message for super::mesos::v1::resource_provider::event::ApplyOperation {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_EVENT_APPLY_OPERATION;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_EVENT_PUBLISH_RESOURCES: MessageTable = MessageTable::new(
    "mesos.v1.resource_provider.Event.PublishResources",
    &[
        FieldTable::new(",\"uuid\":", 1, Kind::Message(&MESOS_V1_UUID), Label::Required),
        FieldTable::new(",\"resources\":", 2, Kind::Message(&MESOS_V1_RESOURCE), Label::Repeated),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::resource_provider::event::PublishResources {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_EVENT_PUBLISH_RESOURCES;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_EVENT_RECONCILE_OPERATIONS: MessageTable = MessageTable::new(
    "mesos.v1.resource_provider.Event.ReconcileOperations",
    &[
        FieldTable::new(",\"operation_uuids\":", 1, Kind::Message(&MESOS_V1_UUID), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::resource_provider::event::ReconcileOperations {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_EVENT_RECONCILE_OPERATIONS;
}

#[rustfmt::skip]
static MESOS_V1_RESOURCE_PROVIDER_EVENT_SUBSCRIBED: MessageTable = MessageTable::new(
    "mesos.v1.resource_provider.Event.Subscribed",
    &[
        FieldTable::new(",\"provider_id\":", 1, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::resource_provider::event::Subscribed {
    const TABLE: &'static MessageTable = &MESOS_V1_RESOURCE_PROVIDER_EVENT_SUBSCRIBED;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_API_RESULT: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.APIResult",
    &[
        FieldTable::new(",\"status_code\":", 1, Kind::Uint32, Label::Required),
        FieldTable::new(",\"response\":", 2, Kind::Message(&MESOS_V1_SCHEDULER_RESPONSE), Label::Optional),
        FieldTable::new(",\"error\":", 3, Kind::String, Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::scheduler::ApiResult {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_API_RESULT;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.AttributeConstraint",
    &[
        FieldTable::new(",\"selector\":", 1, Kind::Message(&MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_SELECTOR), Label::Required),
        FieldTable::new(",\"predicate\":", 2, Kind::Message(&MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE), Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::scheduler::AttributeConstraint {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.AttributeConstraint.Predicate",
    &[
        FieldTable::new(",\"exists\":", 1, Kind::Message(&MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_EXISTS), Label::Optional),
        FieldTable::new(",\"not_exists\":", 2, Kind::Message(&MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_NOT_EXISTS), Label::Optional),
        FieldTable::new(",\"text_equals\":", 3, Kind::Message(&MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_TEXT_EQUALS), Label::Optional),
        FieldTable::new(",\"text_not_equals\":", 4, Kind::Message(&MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_TEXT_NOT_EQUALS), Label::Optional),
        FieldTable::new(",\"text_matches\":", 5, Kind::Message(&MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_TEXT_MATCHES), Label::Optional),
        FieldTable::new(",\"text_not_matches\":", 6, Kind::Message(&MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_TEXT_NOT_MATCHES), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 6],
    false,
);
impl Message for super::mesos::v1::scheduler::attribute_constraint::Predicate {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_EXISTS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.AttributeConstraint.Predicate.Exists",
    &[
    ],
    &[0],
    false,
);
impl Message for super::mesos::v1::scheduler::attribute_constraint::predicate::Exists {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_EXISTS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_NOT_EXISTS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.AttributeConstraint.Predicate.NotExists",
    &[
    ],
    &[0],
    false,
);
impl Message for super::mesos::v1::scheduler::attribute_constraint::predicate::NotExists {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_NOT_EXISTS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_TEXT_EQUALS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.AttributeConstraint.Predicate.TextEquals",
    &[
        FieldTable::new(",\"value\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::attribute_constraint::predicate::TextEquals {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_TEXT_EQUALS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_TEXT_MATCHES: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.AttributeConstraint.Predicate.TextMatches",
    &[
        FieldTable::new(",\"regex\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::attribute_constraint::predicate::TextMatches {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_TEXT_MATCHES;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_TEXT_NOT_EQUALS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.AttributeConstraint.Predicate.TextNotEquals",
    &[
        FieldTable::new(",\"value\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::attribute_constraint::predicate::TextNotEquals {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_TEXT_NOT_EQUALS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_TEXT_NOT_MATCHES: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.AttributeConstraint.Predicate.TextNotMatches",
    &[
        FieldTable::new(",\"regex\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::attribute_constraint::predicate::TextNotMatches {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_PREDICATE_TEXT_NOT_MATCHES;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_SELECTOR: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.AttributeConstraint.Selector",
    &[
        FieldTable::new(",\"pseudoattribute_type\":", 1, Kind::Enum(&MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_SELECTOR_PSEUDOATTRIBUTE_TYPE), Label::Optional),
        FieldTable::new(",\"attribute_name\":", 2, Kind::String, Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::scheduler::attribute_constraint::Selector {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT_SELECTOR;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Optional),
        FieldTable::new(",\"type\":", 2, Kind::Enum(&MESOS_V1_SCHEDULER_CALL_TYPE), Label::Optional),
        FieldTable::new(",\"subscribe\":", 3, Kind::Message(&MESOS_V1_SCHEDULER_CALL_SUBSCRIBE), Label::Optional),
        FieldTable::new(",\"accept\":", 4, Kind::Message(&MESOS_V1_SCHEDULER_CALL_ACCEPT), Label::Optional),
        FieldTable::new(",\"decline\":", 5, Kind::Message(&MESOS_V1_SCHEDULER_CALL_DECLINE), Label::Optional),
        FieldTable::new(",\"accept_inverse_offers\":", 13, Kind::Message(&MESOS_V1_SCHEDULER_CALL_ACCEPT_INVERSE_OFFERS), Label::Optional),
        FieldTable::new(",\"decline_inverse_offers\":", 14, Kind::Message(&MESOS_V1_SCHEDULER_CALL_DECLINE_INVERSE_OFFERS), Label::Optional),
        FieldTable::new(",\"revive\":", 15, Kind::Message(&MESOS_V1_SCHEDULER_CALL_REVIVE), Label::Optional),
        FieldTable::new(",\"kill\":", 6, Kind::Message(&MESOS_V1_SCHEDULER_CALL_KILL), Label::Optional),
        FieldTable::new(",\"shutdown\":", 7, Kind::Message(&MESOS_V1_SCHEDULER_CALL_SHUTDOWN), Label::Optional),
        FieldTable::new(",\"acknowledge\":", 8, Kind::Message(&MESOS_V1_SCHEDULER_CALL_ACKNOWLEDGE), Label::Optional),
        FieldTable::new(",\"acknowledge_operation_status\":", 17, Kind::Message(&MESOS_V1_SCHEDULER_CALL_ACKNOWLEDGE_OPERATION_STATUS), Label::Optional),
        FieldTable::new(",\"reconcile\":", 9, Kind::Message(&MESOS_V1_SCHEDULER_CALL_RECONCILE), Label::Optional),
        FieldTable::new(",\"reconcile_operations\":", 18, Kind::Message(&MESOS_V1_SCHEDULER_CALL_RECONCILE_OPERATIONS), Label::Optional),
        FieldTable::new(",\"message\":", 10, Kind::Message(&MESOS_V1_SCHEDULER_CALL_MESSAGE), Label::Optional),
        FieldTable::new(",\"request\":", 11, Kind::Message(&MESOS_V1_SCHEDULER_CALL_REQUEST), Label::Optional),
        FieldTable::new(",\"suppress\":", 16, Kind::Message(&MESOS_V1_SCHEDULER_CALL_SUPPRESS), Label::Optional),
        FieldTable::new(",\"update_framework\":", 19, Kind::Message(&MESOS_V1_SCHEDULER_CALL_UPDATE_FRAMEWORK), Label::Optional),
    ],
    &[0, 1, 2, 3, 4, 5, 9, 10, 11, 13, 15, 16, 0, 6, 7, 8, 17, 12, 14, 18],
    true,
);
impl Message for super::mesos::v1::scheduler::Call {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_ACCEPT: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.Accept",
    &[
        FieldTable::new(",\"offer_ids\":", 1, Kind::Message(&MESOS_V1_OFFER_ID), Label::Repeated),
        FieldTable::new(",\"operations\":", 2, Kind::Message(&MESOS_V1_OFFER_OPERATION), Label::Repeated),
        FieldTable::new(",\"filters\":", 3, Kind::Message(&MESOS_V1_FILTERS), Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::scheduler::call::Accept {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_ACCEPT;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_ACCEPT_INVERSE_OFFERS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.AcceptInverseOffers",
    &[
        FieldTable::new(",\"inverse_offer_ids\":", 1, Kind::Message(&MESOS_V1_OFFER_ID), Label::Repeated),
        FieldTable::new(",\"filters\":", 2, Kind::Message(&MESOS_V1_FILTERS), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::scheduler::call::AcceptInverseOffers {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_ACCEPT_INVERSE_OFFERS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_ACKNOWLEDGE: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.Acknowledge",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
        FieldTable::new(",\"task_id\":", 2, Kind::Message(&MESOS_V1_TASK_ID), Label::Required),
        FieldTable::new(",\"uuid\":", 3, Kind::Bytes, Label::Required),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::scheduler::call::Acknowledge {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_ACKNOWLEDGE;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_ACKNOWLEDGE_OPERATION_STATUS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.AcknowledgeOperationStatus",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"resource_provider_id\":", 2, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_ID), Label::Optional),
        FieldTable::new(",\"uuid\":", 3, Kind::Bytes, Label::Required),
        FieldTable::new(",\"operation_id\":", 4, Kind::Message(&MESOS_V1_OPERATION_ID), Label::Required),
    ],
    &[0, 1, 2, 3, 4],
    false,
);
impl Message for super::mesos::v1::scheduler::call::AcknowledgeOperationStatus {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_ACKNOWLEDGE_OPERATION_STATUS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_DECLINE: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.Decline",
    &[
        FieldTable::new(",\"offer_ids\":", 1, Kind::Message(&MESOS_V1_OFFER_ID), Label::Repeated),
        FieldTable::new(",\"filters\":", 2, Kind::Message(&MESOS_V1_FILTERS), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::scheduler::call::Decline {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_DECLINE;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_DECLINE_INVERSE_OFFERS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.DeclineInverseOffers",
    &[
        FieldTable::new(",\"inverse_offer_ids\":", 1, Kind::Message(&MESOS_V1_OFFER_ID), Label::Repeated),
        FieldTable::new(",\"filters\":", 2, Kind::Message(&MESOS_V1_FILTERS), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::scheduler::call::DeclineInverseOffers {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_DECLINE_INVERSE_OFFERS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_KILL: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.Kill",
    &[
        FieldTable::new(",\"task_id\":", 1, Kind::Message(&MESOS_V1_TASK_ID), Label::Required),
        FieldTable::new(",\"agent_id\":", 2, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"kill_policy\":", 3, Kind::Message(&MESOS_V1_KILL_POLICY), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::scheduler::call::Kill {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_KILL;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_MESSAGE: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.Message",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
        FieldTable::new(",\"executor_id\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Required),
        FieldTable::new(",\"data\":", 3, Kind::Bytes, Label::Required),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::scheduler::call::Message {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_MESSAGE;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_RECONCILE: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.Reconcile",
    &[
        FieldTable::new(",\"tasks\":", 1, Kind::Message(&MESOS_V1_SCHEDULER_CALL_RECONCILE_TASK), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::call::Reconcile {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_RECONCILE;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_RECONCILE_TASK: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.Reconcile.Task",
    &[
        FieldTable::new(",\"task_id\":", 1, Kind::Message(&MESOS_V1_TASK_ID), Label::Required),
        FieldTable::new(",\"agent_id\":", 2, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::scheduler::call::reconcile::Task {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_RECONCILE_TASK;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_RECONCILE_OPERATIONS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.ReconcileOperations",
    &[
        FieldTable::new(",\"operations\":", 1, Kind::Message(&MESOS_V1_SCHEDULER_CALL_RECONCILE_OPERATIONS_OPERATION), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::call::ReconcileOperations {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_RECONCILE_OPERATIONS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_RECONCILE_OPERATIONS_OPERATION: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.ReconcileOperations.Operation",
    &[
        FieldTable::new(",\"operation_id\":", 1, Kind::Message(&MESOS_V1_OPERATION_ID), Label::Required),
        FieldTable::new(",\"agent_id\":", 2, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"resource_provider_id\":", 3, Kind::Message(&MESOS_V1_RESOURCE_PROVIDER_ID), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::scheduler::call::reconcile_operations::Operation {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_RECONCILE_OPERATIONS_OPERATION;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_REQUEST: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.Request",
    &[
        FieldTable::new(",\"requests\":", 1, Kind::Message(&MESOS_V1_REQUEST), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::scheduler::call::Request {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_REQUEST;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_REVIVE: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.Revive",
    &[
        FieldTable::new(",\"roles\":", 1, Kind::String, Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::call::Revive {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_REVIVE;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_SHUTDOWN: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.Shutdown",
    &[
        FieldTable::new(",\"executor_id\":", 1, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Required),
        FieldTable::new(",\"agent_id\":", 2, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
    ],
    &[0, 1, 2],
    false,
);
impl Message for super::mesos::v1::scheduler::call::Shutdown {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_SHUTDOWN;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_SUBSCRIBE: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.Subscribe",
    &[
        FieldTable::new(",\"framework_info\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Required),
        FieldTable::new(",\"suppressed_roles\":", 2, Kind::String, Label::Repeated),
        FieldTable::new(",\"offer_constraints\":", 3, Kind::Message(&MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS), Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::scheduler::call::Subscribe {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_SUBSCRIBE;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_SUPPRESS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.Suppress",
    &[
        FieldTable::new(",\"roles\":", 1, Kind::String, Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::call::Suppress {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_SUPPRESS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_CALL_UPDATE_FRAMEWORK: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Call.UpdateFramework",
    &[
        FieldTable::new(",\"framework_info\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_INFO), Label::Required),
        FieldTable::new(",\"suppressed_roles\":", 2, Kind::String, Label::Repeated),
        FieldTable::new(",\"offer_constraints\":", 3, Kind::Message(&MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS), Label::Optional),
    ],
    &[0, 1, 2, 3],
    true,
);
impl Message for super::mesos::v1::scheduler::call::UpdateFramework {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_CALL_UPDATE_FRAMEWORK;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_EVENT: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Event",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_SCHEDULER_EVENT_TYPE), Label::Optional),
        FieldTable::new(",\"subscribed\":", 2, Kind::Message(&MESOS_V1_SCHEDULER_EVENT_SUBSCRIBED), Label::Optional),
        FieldTable::new(",\"offers\":", 3, Kind::Message(&MESOS_V1_SCHEDULER_EVENT_OFFERS), Label::Optional),
        FieldTable::new(",\"inverse_offers\":", 9, Kind::Message(&MESOS_V1_SCHEDULER_EVENT_INVERSE_OFFERS), Label::Optional),
        FieldTable::new(",\"rescind\":", 4, Kind::Message(&MESOS_V1_SCHEDULER_EVENT_RESCIND), Label::Optional),
        FieldTable::new(",\"rescind_inverse_offer\":", 10, Kind::Message(&MESOS_V1_SCHEDULER_EVENT_RESCIND_INVERSE_OFFER), Label::Optional),
        FieldTable::new(",\"update\":", 5, Kind::Message(&MESOS_V1_SCHEDULER_EVENT_UPDATE), Label::Optional),
        FieldTable::new(",\"update_operation_status\":", 11, Kind::Message(&MESOS_V1_SCHEDULER_EVENT_UPDATE_OPERATION_STATUS), Label::Optional),
        FieldTable::new(",\"message\":", 6, Kind::Message(&MESOS_V1_SCHEDULER_EVENT_MESSAGE), Label::Optional),
        FieldTable::new(",\"failure\":", 7, Kind::Message(&MESOS_V1_SCHEDULER_EVENT_FAILURE), Label::Optional),
        FieldTable::new(",\"error\":", 8, Kind::Message(&MESOS_V1_SCHEDULER_EVENT_ERROR), Label::Optional),
    ],
    &[0, 1, 2, 3, 5, 7, 9, 10, 11, 4, 6, 8],
    true,
);
impl Message for super::mesos::v1::scheduler::Event {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_EVENT;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_EVENT_ERROR: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Event.Error",
    &[
        FieldTable::new(",\"message\":", 1, Kind::String, Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::event::Error {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_EVENT_ERROR;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_EVENT_FAILURE: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Event.Failure",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Optional),
        FieldTable::new(",\"executor_id\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Optional),
        FieldTable::new(",\"status\":", 3, Kind::Int32, Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::scheduler::event::Failure {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_EVENT_FAILURE;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_EVENT_INVERSE_OFFERS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Event.InverseOffers",
    &[
        FieldTable::new(",\"inverse_offers\":", 1, Kind::Message(&MESOS_V1_INVERSE_OFFER), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::scheduler::event::InverseOffers {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_EVENT_INVERSE_OFFERS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_EVENT_MESSAGE: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Event.Message",
    &[
        FieldTable::new(",\"agent_id\":", 1, Kind::Message(&MESOS_V1_AGENT_ID), Label::Required),
        FieldTable::new(",\"executor_id\":", 2, Kind::Message(&MESOS_V1_EXECUTOR_ID), Label::Required),
        FieldTable::new(",\"data\":", 3, Kind::Bytes, Label::Required),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::scheduler::event::Message {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_EVENT_MESSAGE;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_EVENT_OFFERS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Event.Offers",
    &[
        FieldTable::new(",\"offers\":", 1, Kind::Message(&MESOS_V1_OFFER), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::scheduler::event::Offers {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_EVENT_OFFERS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_EVENT_RESCIND: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Event.Rescind",
    &[
        FieldTable::new(",\"offer_id\":", 1, Kind::Message(&MESOS_V1_OFFER_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::event::Rescind {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_EVENT_RESCIND;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_EVENT_RESCIND_INVERSE_OFFER: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Event.RescindInverseOffer",
    &[
        FieldTable::new(",\"inverse_offer_id\":", 1, Kind::Message(&MESOS_V1_OFFER_ID), Label::Required),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::event::RescindInverseOffer {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_EVENT_RESCIND_INVERSE_OFFER;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_EVENT_SUBSCRIBED: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Event.Subscribed",
    &[
        FieldTable::new(",\"framework_id\":", 1, Kind::Message(&MESOS_V1_FRAMEWORK_ID), Label::Required),
        FieldTable::new(",\"heartbeat_interval_seconds\":", 2, Kind::Double, Label::Optional),
        FieldTable::new(",\"master_info\":", 3, Kind::Message(&MESOS_V1_MASTER_INFO), Label::Optional),
    ],
    &[0, 1, 2, 3],
    false,
);
impl Message for super::mesos::v1::scheduler::event::Subscribed {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_EVENT_SUBSCRIBED;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_EVENT_UPDATE: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Event.Update",
    &[
        FieldTable::new(",\"status\":", 1, Kind::Message(&MESOS_V1_TASK_STATUS), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::scheduler::event::Update {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_EVENT_UPDATE;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_EVENT_UPDATE_OPERATION_STATUS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Event.UpdateOperationStatus",
    &[
        FieldTable::new(",\"status\":", 1, Kind::Message(&MESOS_V1_OPERATION_STATUS), Label::Required),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::scheduler::event::UpdateOperationStatus {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_EVENT_UPDATE_OPERATION_STATUS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.OfferConstraints",
    &[
        FieldTable::new(",\"role_constraints\":", 1, Kind::Map(&MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS_ROLE_CONSTRAINTS_ENTRY), Label::Repeated),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::scheduler::OfferConstraints {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS_ROLE_CONSTRAINTS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.OfferConstraints.RoleConstraints",
    &[
        FieldTable::new(",\"groups\":", 1, Kind::Message(&MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS_ROLE_CONSTRAINTS_GROUP), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::offer_constraints::RoleConstraints {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS_ROLE_CONSTRAINTS;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS_ROLE_CONSTRAINTS_GROUP: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.OfferConstraints.RoleConstraints.Group",
    &[
        FieldTable::new(",\"attribute_constraints\":", 1, Kind::Message(&MESOS_V1_SCHEDULER_ATTRIBUTE_CONSTRAINT), Label::Repeated),
    ],
    &[0, 1],
    false,
);
impl Message for super::mesos::v1::scheduler::offer_constraints::role_constraints::Group {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS_ROLE_CONSTRAINTS_GROUP;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS_ROLE_CONSTRAINTS_ENTRY: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.OfferConstraints.RoleConstraintsEntry",
    &[
        FieldTable::new(",\"key\":", 1, Kind::String, Label::Optional),
        FieldTable::new(",\"value\":", 2, Kind::Message(&MESOS_V1_SCHEDULER_OFFER_CONSTRAINTS_ROLE_CONSTRAINTS), Label::Optional),
    ],
    &[0, 1, 2],
    false,
);

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_RESPONSE: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Response",
    &[
        FieldTable::new(",\"type\":", 1, Kind::Enum(&MESOS_V1_SCHEDULER_RESPONSE_TYPE), Label::Optional),
        FieldTable::new(",\"reconcile_operations\":", 2, Kind::Message(&MESOS_V1_SCHEDULER_RESPONSE_RECONCILE_OPERATIONS), Label::Optional).deprecated(),
    ],
    &[0, 1, 2],
    true,
);
impl Message for super::mesos::v1::scheduler::Response {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_RESPONSE;
}

#[rustfmt::skip]
static MESOS_V1_SCHEDULER_RESPONSE_RECONCILE_OPERATIONS: MessageTable = MessageTable::new(
    "mesos.v1.scheduler.Response.ReconcileOperations",
    &[
        FieldTable::new(",\"operation_statuses\":", 1, Kind::Message(&MESOS_V1_OPERATION_STATUS), Label::Repeated).deprecated(),
    ],
    &[0, 1],
    true,
);
impl Message for super::mesos::v1::scheduler::response::ReconcileOperations {
    const TABLE: &'static MessageTable = &MESOS_V1_SCHEDULER_RESPONSE_RECONCILE_OPERATIONS;
}
