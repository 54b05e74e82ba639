//! `dcos cluster setup`, `dcos cluster list`, and a web page's first questions.

use crate::client::Dcos;
use crate::world::World;

/// A cluster is set up without a login where nobody has to log in: every step is answered as the client insists.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_set_up_without_a_login() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);

    assert_eq!(dcos.head("/").status, 200);
    // 200 says that authentication is off.
    assert_eq!(dcos.head("/pkgpanda/active.buildinfo.full.json").status, 200);
    assert_eq!(dcos.get("/acs/api/v1/auth/providers").json(), serde_json::json!({}));

    let metadata = dcos.get("/metadata").json();
    let id = metadata["CLUSTER_ID"].as_str().unwrap();
    let uuid: Vec<&str> = id.split('-').collect();
    assert_eq!(uuid.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert!(uuid[2].starts_with('4'), "{id}");
    assert_eq!(metadata["PUBLIC_IPV4"], "127.0.0.1");

    let version = dcos.get("/dcos-metadata/dcos-version.json").json();
    assert_eq!(version["dcos-variant"], "open");
    assert!(version["version"].as_str().unwrap().starts_with("2."), "{version}");
    for name in ["dcos-image-commit", "bootstrap-id"] {
        assert!(version[name].is_string(), "{version}");
    }

    assert_eq!(dcos.get("/cluster/v1/links").json(), serde_json::json!({"links": []}));
    // Only asked for where there is TLS with an authority of its own.
    assert_eq!(dcos.get("/ca/dcos-ca.crt").status, 404);
    world.end().await;
}

/// The id by which tools remember a cluster stays with its registry.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_keeps_its_id() {
    use cli::cluster::Who;
    let mut world = World::start(0).await;
    let before = Dcos::of(&world).get("/metadata").json();
    world.kill(Who::Master).await.unwrap();
    world.restart(Who::Master).await.unwrap();
    assert_eq!(Dcos::of(&world).get("/metadata").json(), before);
    world.end().await;
}

/// A package that is asked for is refused as such, in the words of a package service.
#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_packages() {
    let world = World::start(0).await;
    let media = "application/vnd.dcos.package.describe-request+json;charset=utf-8;version=v1";
    let answer = Dcos::of(&world).send(
        "POST",
        "/package/describe",
        &[&format!("Content-Type: {media}"), "Authorization: token="],
        br#"{"packageName":"dcos-core-cli"}"#,
    );
    assert_eq!(answer.status, 404);
    let error: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(error["type"], "PackageNotFound");
    assert_eq!(error["data"]["packageName"], "dcos-core-cli");
    assert!(error["message"].as_str().unwrap().contains("dcos-core-cli"), "{error}");
    world.end().await;
}

/// A web page that starts finds its configuration, the version and the leader.
#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_can_start() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    let config = dcos.get("/dcos-metadata/ui-config.json").json();
    assert_eq!(config["uiConfiguration"]["plugins"], serde_json::json!({}));
    for (query, field) in
        [("GET_MASTER", "get_master"), ("GET_VERSION", "get_version"), ("GET_FLAGS", "get_flags")]
    {
        let body = format!(r#"{{"type":"{query}"}}"#);
        let headers = ["Content-Type: application/json", "Accept: application/json"];
        let path = format!("/mesos/api/v1?{query}");
        let answer = dcos.send("POST", &path, &headers, body.as_bytes()).json();
        assert!(answer[field].is_object(), "{answer}");
    }
    world.end().await;
}
