//! `dcos cluster setup` and `dcos cluster list`.

use crate::client::Dcos;
use crate::world::World;

/// Every step of the setup is answered as the client insists where nobody has to log in.
///
/// Row: what the cluster is.
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
    dcos.replayed("what the cluster is");
    world.end().await;
}

/// A cluster has links to no others.
///
/// Row: links.
#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_links() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    assert_eq!(dcos.get("/cluster/v1/links").json(), serde_json::json!({"links": []}));
    dcos.replayed("links");
    world.end().await;
}

/// A certificate is asked for where there is TLS with an authority of its own, which is not here.
///
/// Row: certificate.
#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_certificate() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    assert_eq!(dcos.get("/ca/dcos-ca.crt").status, 404);
    dcos.replayed("certificate");
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
///
/// Row: packages.
#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_packages() {
    let world = World::start(0).await;
    let media = "application/vnd.dcos.package.describe-request+json;charset=utf-8;version=v1";
    let dcos = Dcos::of(&world);
    let answer = dcos.send(
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
    dcos.replayed("packages");
    world.end().await;
}
