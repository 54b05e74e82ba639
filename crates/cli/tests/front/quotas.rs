//! `dcos quota …`.

use serde_json::{Value, json};

use crate::client::Dcos;
use crate::world::World;

/// What the client shows of a role's quota.
fn shown(dcos: &Dcos, role: &str) -> Option<Value> {
    let answer = dcos.get("/mesos/roles").json();
    let roles = answer["roles"].as_array().unwrap();
    let quota = roles.iter().map(|it| &it["quota"]).find(|it| it["role"] == role)?;
    // It takes numbers as they come, and what has none for unlimited.
    let limit = |name: &str| quota["limit"][name].as_f64();
    let consumed = |name: &str| quota["consumed"][name].as_f64().unwrap_or_default();
    Some(json!({
        "cpus": limit("cpus"), "mem": limit("mem"), "disk": limit("disk"),
        "consumed": consumed("cpus"),
    }))
}

/// A limit is set with a null where the client has nothing to say, shown with the role, changed, and removed in
/// protobuf; what makes no sense is refused.
///
/// Row: quota.
#[tokio::test(flavor = "multi_thread")]
async fn a_quota_is_set_shown_and_removed() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    let update = |limits: &str| {
        let config = format!(r#"{{"role":"dev","guarantees":null,"limits":{limits}}}"#);
        let part = format!(r#"{{"force":false,"quota_configs":[{config}]}}"#);
        dcos.call(&format!(r#"{{"type":"UPDATE_QUOTA","update_quota":{part}}}"#))
    };
    let remove = |role: &str| {
        let call = wire::master::Call {
            r#type: Some(wire::master::call::Type::RemoveQuota.into()),
            remove_quota: Some(wire::master::call::RemoveQuota { role: role.to_owned() }),
            ..wire::master::Call::default()
        };
        dcos.ask("/mesos/api/v1", &wire::protobuf::encode(&call)).status
    };
    assert_eq!(shown(&dcos, "dev"), None);
    let answer = update(r#"{"cpus":{"value":4},"mem":{"value":512.5}}"#);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let expected = json!({"cpus": 4.0, "mem": 512.5, "disk": null, "consumed": 0.0});
    assert_eq!(shown(&dcos, "dev"), Some(expected));
    assert_eq!(update(r#"{"cpus":{"value":2}}"#).status, 200);
    let expected = json!({"cpus": 2.0, "mem": null, "disk": null, "consumed": 0.0});
    assert_eq!(shown(&dcos, "dev"), Some(expected));
    assert_eq!(update(r#"{"cpus":{"value":-1}}"#).status, 400);

    assert_eq!(remove("dev"), 200);
    // The client takes a quota without limits for none.
    let left = shown(&dcos, "dev").unwrap_or(json!({"cpus": null}));
    assert_eq!(left["cpus"], Value::Null, "{left}");
    dcos.replayed("quota");
    world.end().await;
}
