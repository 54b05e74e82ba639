//! `/service/{name}`: frameworks with a web interface.

use std::net::TcpListener;

use crate::client::Dcos;
use crate::commands;
use crate::framework::Framework;
use crate::world::World;

/// A service that can't be passed on to is refused with why: not there, not connected, without an address, or
/// with nobody at its address.
#[tokio::test(flavor = "multi_thread")]
async fn services_that_cannot_be_reached_say_why() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    let asked = |name: &str| {
        let answer = dcos.get(&format!("/service/{name}/ping"));
        (answer.status, answer.text())
    };
    let (status, text) = asked("nobody");
    assert_eq!(status, 404);
    assert!(text.contains("service not found"), "{text}");

    let silent = Framework::with(&world, |info| "silent".clone_into(&mut info.name)).await;
    let (status, text) = asked("silent");
    assert_eq!(status, 503);
    assert!(text.contains("webui_url"), "{text}");
    let _away = silent.disconnect();
    world
        .until("the framework is away", async || {
            asked("silent").1.contains("not connected").then_some(())
        })
        .await;

    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let _dead = Framework::with(&world, |info| {
        "dead".clone_into(&mut info.name);
        info.webui_url = Some(format!("http://{nobody}"));
    })
    .await;
    let (status, text) = asked("dead");
    assert_eq!(status, 502);
    assert!(text.contains("service `dead`"), "{text}");

    let own = world.master_url();
    let _circle = Framework::with(&world, |info| {
        "circle".clone_into(&mut info.name);
        info.webui_url = Some(format!("{own}/service/circle"));
    })
    .await;
    let (status, text) = asked("circle");
    assert_eq!(status, 508, "{text}");
    world.end().await;
}

/// A framework is torn down by its id.
///
/// Row: teardown.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_shut_down_by_its_id() {
    let world = World::start(0).await;
    let framework = Framework::subscribe(&world).await;
    let dcos = Dcos::of(&world);
    commands::shutdown(&dcos, framework.id()).unwrap();
    framework.ended().await;
    assert_eq!(commands::shutdown(&dcos, "no-such"), commands::error("HTTP 400 error"),);
    dcos.replayed("teardown");
    world.end().await;
}
