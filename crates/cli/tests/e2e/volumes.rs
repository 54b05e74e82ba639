//! Reservations and persistent volumes: data outlives the tasks that wrote it, and goes when its volume does.

use cli::cluster::Who;
use serde_json::{Value, json};
use wire::v1::offer::{Operation, operation};
use wire::v1::resource::disk_info::Persistence;
use wire::v1::resource::{DiskInfo, ReservationInfo, reservation_info};
use wire::v1::{Resource, TaskGroupInfo, TaskInfo, TaskState, Volume, value, volume};

use crate::framework::{Framework, state};
use crate::http;
use crate::job::{self, Job};
use crate::world::{NODE, World};

fn disk(size: f64) -> Resource {
    let reservation = ReservationInfo {
        r#type: Some(reservation_info::Type::Dynamic.into()),
        role: Some("db".to_owned()),
        ..ReservationInfo::default()
    };
    Resource {
        name: "disk".to_owned(),
        r#type: value::Type::Scalar.into(),
        scalar: Some(value::Scalar { value: size }),
        reservations: vec![reservation],
        ..Resource::default()
    }
}

fn data() -> Resource {
    let info = DiskInfo {
        persistence: Some(Persistence { id: "books".to_owned(), principal: None }),
        volume: Some(Volume {
            container_path: "data".to_owned(),
            mode: volume::Mode::Rw.into(),
            ..Volume::default()
        }),
        source: None,
    };
    Resource { disk: Some(Box::new(info)), ..disk(64.0) }
}

fn operation(kind: operation::Type, fill: impl FnOnce(&mut Operation)) -> Operation {
    let mut operation = Operation { r#type: Some(kind.into()), ..Operation::default() };
    fill(&mut operation);
    operation
}

fn launch(task: TaskInfo) -> Operation {
    let launch = operation::Launch { task_infos: vec![task] };
    operation(operation::Type::Launch, |it| it.launch = Some(launch))
}

async fn subscribe(world: &World) -> Framework {
    use wire::v1::framework_info::{Capability, capability::Type};
    Framework::with(world, |info| {
        info.roles = vec!["db".to_owned()];
        let refined = [Type::MultiRole, Type::ReservationRefinement];
        let capability = |kind: Type| Capability { r#type: Some(kind.into()) };
        info.capabilities.extend(refined.map(capability));
    })
    .await
}

fn agent(world: &World) -> Value {
    let master = world.address(Who::Master).unwrap();
    let answer = http::post(master, r#"{"type":"GET_AGENTS"}"#).json();
    answer["get_agents"]["agents"][0].clone()
}

/// What a task wrote to its volume, the next ones read: after `kill -9` of agent and master, alone and in a group. An
/// operator who destroys the volume deletes its data, gets its reservation back, and can then drain the node.
#[tokio::test]
async fn volumes_keep_data_until_they_are_destroyed() {
    let mut world = World::with(1, |options| {
        "cpus:2;mem:512;disk:256;ports:[31000-31099]".clone_into(&mut options.resources);
    })
    .await;
    let framework = subscribe(&world).await;
    let task = |world: &World, job: Job, agent| {
        let mut info = job.info(agent, world.out());
        info.resources.push(data());
        info
    };

    let offer = framework.offer(NODE).await;
    let writer = Job::shell("writer", "echo kept > data/book");
    let reserve = operation::Reserve { resources: vec![disk(100.0)], source: Vec::new() };
    let create = operation::Create { volumes: vec![data()] };
    let operations = vec![
        operation(operation::Type::Reserve, |it| it.reserve = Some(reserve)),
        operation(operation::Type::Create, |it| it.create = Some(create)),
        launch(task(&world, writer, &offer.agent_id)),
    ];
    framework.scheduler().accept(vec![offer.id], operations, 0.0).await.unwrap();
    assert_eq!(state(&framework.outcome("writer").await), TaskState::TaskFinished);
    let folder = world.member(NODE).work_dir().join("volumes/roles/db/books");
    assert_eq!(std::fs::read_to_string(folder.join("book")).unwrap(), "kept\n");

    world.kill(NODE).await.unwrap();
    world.kill(Who::Master).await.unwrap();
    world.restart(Who::Master).await.unwrap();
    world.restart(NODE).await.unwrap();
    let framework = framework.resubscribe(&world).await;
    // What a task gave back comes by itself: offers of one agent are used together.
    let with_volume = async || {
        let (mut ids, mut all) = (Vec::new(), model::Resources::new());
        loop {
            let offer = framework.offer(NODE).await;
            ids.push(offer.id);
            all.add(&model::Resources::from_wire(&offer.resources).unwrap());
            if !all.volumes().is_empty() && all.cpus().as_f64() > 1.0 {
                return (ids, offer.agent_id);
            }
        }
    };
    let (offers, agent_id) = with_volume().await;
    let reader = Job::shell("reader", "cat data/book > $OUT/alone");
    let operations = vec![launch(task(&world, reader, &agent_id))];
    framework.scheduler().accept(offers, operations, 0.0).await.unwrap();
    assert_eq!(state(&framework.outcome("reader").await), TaskState::TaskFinished);
    assert_eq!(world.file(&world.out().join("alone")).await, "kept\n");

    let (offers, agent_id) = with_volume().await;
    let member = Job::shell("member", "cat data/book > $OUT/grouped");
    let tasks = vec![task(&world, member, &agent_id)];
    let mut executor = job::default_executor("group");
    executor.framework_id = Some(framework.scheduler().framework_id().clone());
    // Of what is not reserved there is disk, too.
    let group = operation::LaunchGroup { executor, task_group: TaskGroupInfo { tasks } };
    let group = Some(Box::new(group));
    let operations = vec![operation(operation::Type::LaunchGroup, |it| it.launch_group = group)];
    framework.scheduler().accept(offers, operations, 0.0).await.unwrap();
    let ended = framework.outcome("member").await;
    assert_eq!(state(&ended), TaskState::TaskFinished, "{ended:?}");
    assert_eq!(world.file(&world.out().join("grouped")).await, "kept\n");

    let master = world.address(Who::Master).unwrap();
    let id = world.id(NODE).await.value;
    let volume: Value = serde_json::from_str(&wire::json::to_string(&data())).unwrap();
    let destroy = json!({"type": "DESTROY_VOLUMES",
        "destroy_volumes": {"agent_id": {"value": id}, "volumes": [volume]}});
    let destroyed = async || {
        let answer = http::post(master, &destroy.to_string());
        // Until the group's executor has ended the volume is in use.
        assert!([202, 400].contains(&answer.status), "{answer:?}");
        (answer.status == 202).then_some(())
    };
    world.until("the volume is destroyed", destroyed).await;
    world.until("its data is gone", async || (!folder.exists()).then_some(())).await;
    let unreserve = json!({"type": "UNRESERVE_RESOURCES", "unreserve_resources":
        {"agent_id": {"value": id}, "resources": [
            serde_json::from_str::<Value>(&wire::json::to_string(&disk(100.0))).unwrap()]}});
    let answer = http::post(master, &unreserve.to_string());
    assert_eq!((answer.status, answer.body.as_str()), (202, ""));
    let total = agent(&world)["total_resources"].to_string();
    assert!(!total.contains("\"db\""), "{total}");

    world.drain(NODE, None).await;
    world.drained(NODE).await;
    let answer = http::post(master, &unreserve.to_string());
    assert_eq!(answer.status, 409, "{answer:?}");
    world.end().await;
}
