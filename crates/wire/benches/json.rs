//! What it costs to answer `GET_STATE` of a large cluster.

use divan::Bencher;
use divan::counter::BytesCount;
use wire::master::{Response, response};
use wire::v1;

fn main() {
    divan::main();
}

fn task(index: u32) -> v1::Task {
    let scalar = |name: &str, value: f64| v1::Resource {
        name: name.to_owned(),
        r#type: v1::value::Type::Scalar.into(),
        scalar: Some(v1::value::Scalar { value }),
        ..v1::Resource::default()
    };
    v1::Task {
        name: format!("web-{index}"),
        task_id: v1::TaskId { value: format!("web.{index}.0c2a6f4e-8a55-4b1e-9d35-7f5b8a3e2d10") },
        framework_id: v1::FrameworkId { value: "3f0e1d5c-framework-0000".to_owned() },
        agent_id: v1::AgentId { value: format!("3f0e1d5c-agent-S{}", index % 1000) },
        state: v1::TaskState::TaskRunning.into(),
        resources: vec![scalar("cpus", 0.5), scalar("mem", 512.0), scalar("disk", 100.25)],
        statuses: vec![v1::TaskStatus {
            task_id: v1::TaskId { value: format!("web.{index}.0c2a6f4e") },
            state: v1::TaskState::TaskRunning.into(),
            timestamp: Some(1_763_835_479.123_45 + f64::from(index)),
            uuid: Some(vec![7_u8; 16].into()),
            ..v1::TaskStatus::default()
        }],
        ..v1::Task::default()
    }
}

fn state(tasks: u32) -> Response {
    Response {
        r#type: Some(response::Type::GetState.into()),
        get_state: Some(response::GetState {
            get_tasks: Some(response::GetTasks {
                tasks: (0..tasks).map(task).collect(),
                ..response::GetTasks::default()
            }),
            ..response::GetState::default()
        }),
        ..Response::default()
    }
}

#[divan::bench]
fn state_of_10_000_tasks_as_json(bencher: Bencher<'_, '_>) {
    let state = state(10_000);
    bencher
        .counter(BytesCount::new(wire::json::to_vec(&state).len()))
        .bench(|| wire::json::to_vec(&state));
}

#[divan::bench]
fn state_of_10_000_tasks_as_protobuf(bencher: Bencher<'_, '_>) {
    let state = state(10_000);
    bencher
        .counter(BytesCount::new(wire::protobuf::encode(&state).len()))
        .bench(|| wire::protobuf::encode(&state));
}

#[divan::bench]
fn state_of_10_000_tasks_from_json(bencher: Bencher<'_, '_>) {
    let text = wire::json::to_vec(&state(10_000));
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| wire::json::from_slice::<Response>(&text).expect("just written"));
}

#[divan::bench]
fn state_of_10_000_tasks_from_protobuf(bencher: Bencher<'_, '_>) {
    let bytes = wire::protobuf::encode(&state(10_000));
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench(|| wire::protobuf::decode::<Response>(&bytes).expect("just written"));
}
