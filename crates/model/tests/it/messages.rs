//! Small builders of messages.

use wire::v1::resource::{AllocationInfo, DiskInfo, ReservationInfo, disk_info, reservation_info};
use wire::v1::{
    AgentId, CommandInfo, ExecutorId, ExecutorInfo, Resource, TaskId, TaskInfo, Value,
    executor_info, value,
};

pub(crate) fn scalar(name: &str, amount: f64) -> Resource {
    Resource {
        name: name.to_owned(),
        r#type: value::Type::Scalar as i32,
        scalar: Some(value::Scalar { value: amount }),
        ..Resource::default()
    }
}

pub(crate) fn ranges(name: &str, pairs: &[(u64, u64)]) -> Resource {
    let range = pairs.iter().map(|&(begin, end)| value::Range { begin, end }).collect();
    Resource {
        name: name.to_owned(),
        r#type: value::Type::Ranges as i32,
        ranges: Some(value::Ranges { range }),
        ..Resource::default()
    }
}

pub(crate) fn set(name: &str, items: &[&str]) -> Resource {
    Resource {
        name: name.to_owned(),
        r#type: value::Type::Set as i32,
        set: Some(value::Set { item: items.iter().map(|item| (*item).to_owned()).collect() }),
        ..Resource::default()
    }
}

pub(crate) fn allocated(resource: Resource, role: &str) -> Resource {
    let allocation_info = Some(AllocationInfo { role: Some(role.to_owned()) });
    Resource { allocation_info, ..resource }
}

pub(crate) fn reserved(resource: Resource, chain: &[(reservation_info::Type, &str)]) -> Resource {
    let reservations = chain
        .iter()
        .map(|(kind, role)| ReservationInfo {
            r#type: Some(*kind as i32),
            role: Some((*role).to_owned()),
            ..ReservationInfo::default()
        })
        .collect();
    Resource { reservations, ..resource }
}

pub(crate) fn volume(role: &str, id: &str, mib: f64) -> Resource {
    let persistence = disk_info::Persistence { id: id.to_owned(), principal: None };
    let resource = reserved(scalar("disk", mib), &[(reservation_info::Type::Dynamic, role)]);
    let disk = DiskInfo { persistence: Some(persistence), ..DiskInfo::default() };
    let disk = Some(Box::new(disk));
    Resource { disk, ..resource }
}

pub(crate) fn task_id(id: &str) -> TaskId {
    TaskId { value: id.to_owned() }
}

pub(crate) fn sleep() -> CommandInfo {
    CommandInfo { value: Some("sleep 1000".to_owned()), ..CommandInfo::default() }
}

pub(crate) fn task(id: &str) -> TaskInfo {
    TaskInfo {
        name: "sleeper".to_owned(),
        task_id: task_id(id),
        agent_id: AgentId { value: "S0".to_owned() },
        resources: vec![scalar("cpus", 0.1), scalar("mem", 32.0)],
        command: Some(sleep()),
        ..TaskInfo::default()
    }
}

pub(crate) fn executor(kind: executor_info::Type) -> ExecutorInfo {
    ExecutorInfo {
        r#type: Some(kind as i32),
        executor_id: ExecutorId { value: "default".to_owned() },
        resources: vec![scalar("cpus", 0.1), scalar("mem", 32.0), scalar("disk", 32.0)],
        command: (kind == executor_info::Type::Custom).then(sleep),
        ..ExecutorInfo::default()
    }
}

/// A resource whose type contradicts its value.
pub(crate) fn mistyped() -> Resource {
    let as_ranges = Value { r#type: value::Type::Ranges as i32, ..Value::default() };
    Resource { r#type: as_ranges.r#type, ..scalar("cpus", 1.0) }
}
