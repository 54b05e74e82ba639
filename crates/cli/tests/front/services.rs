//! `/service/{name}`: frameworks with a web interface, Marathon the best known of them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use crate::client::Dcos;
use crate::framework::Framework;
use crate::world::World;

/// Answers every request with what it was, as JSON.
struct Mirror {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Mirror {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let heads = seen.clone();
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    if reader.read_line(&mut head).unwrap_or(0) == 0 {
                        break;
                    }
                }
                let length = head
                    .to_ascii_lowercase()
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
                let mut body = vec![0; length.unwrap_or(0)];
                reader.read_exact(&mut body).unwrap();
                let line = head.lines().next().unwrap_or_default().to_owned();
                let told = serde_json::json!({
                    "line": line.trim_end_matches(" HTTP/1.1"),
                    "body": String::from_utf8_lossy(&body),
                });
                heads.lock().unwrap().push(head);
                let text = told.to_string();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nMarathon-Deployment-Id: d-1\r\n\
                     Connection: close\r\nContent-Length: {}\r\n\r\n{text}",
                    text.len()
                );
                let mut stream = stream;
                // The caller may not want all of it.
                drop(stream.write_all(answer.as_bytes()));
            }
        });
        Self { url, seen }
    }
}

/// Every request that the client makes of Marathon arrives there as it was sent: method, path, query and body.
#[tokio::test(flavor = "multi_thread")]
async fn requests_of_marathon_arrive_as_they_were_sent() {
    let world = World::start(0).await;
    let marathon = Mirror::start();
    let _framework = Framework::with(&world, |info| {
        "marathon".clone_into(&mut info.name);
        info.hostname = Some("127.0.0.1".to_owned());
        info.webui_url = Some(marathon.url.clone());
    })
    .await;
    let dcos = Dcos::of(&world);
    let resolved = dcos.get("/mesos_dns/v1/hosts/marathon.mesos").json();
    assert_eq!(resolved[0]["ip"], "127.0.0.1");
    for (method, path, body) in [
        ("GET", "/ping", ""),
        ("GET", "/v2/info", ""),
        ("GET", "/v2/leader", ""),
        ("DELETE", "/v2/leader", ""),
        ("GET", "/v2/apps", ""),
        ("POST", "/v2/apps/", r#"{"id":"/x"}"#),
        ("POST", "/v2/apps", r#"{"id":"/x"}"#),
        ("GET", "/v2/apps/x", ""),
        ("PUT", "/v2/apps/x?force=true", r#"{"id":"/x","instances":2,"ports":null}"#),
        ("DELETE", "/v2/apps/x?force=true", ""),
        ("POST", "/v2/apps/x/restart", "{}"),
        ("DELETE", "/v2/apps/x/tasks?host=h", ""),
        ("GET", "/v2/apps/x/versions", ""),
        ("GET", "/v2/apps/x/versions/2024-01-01T00:00:00.000Z", ""),
        ("GET", "/v2/deployments", ""),
        ("DELETE", "/v2/deployments/d-1?force=true", ""),
        ("GET", "/v2/queue?embed=lastUnusedOffers", ""),
        ("DELETE", "/v2/queue//x/delay", ""),
        ("GET", "/v2/tasks", ""),
        ("POST", "/v2/tasks/delete?scale=True", r#"{"ids":["t"]}"#),
        ("GET", "/v2/groups", ""),
        ("PUT", "/v2/groups/g", r#"{"scaleBy":2.0}"#),
        ("GET", "/v2/groups/g/versions/v", ""),
        ("HEAD", "/v2/pods", ""),
        ("POST", "/v2/pods", "{}"),
        ("GET", "/v2/pods/::status", ""),
        ("DELETE", "/v2/pods/p::instances", r#"["i"]"#),
        ("GET", "/v2/plugins", ""),
    ] {
        let headers =
            ["Content-Type: application/json", "Accept: application/json", "Authorization: token="];
        let whole = format!("/service/marathon{path}");
        let answer = dcos.send(method, &whole, &headers, body.as_bytes());
        assert_eq!(answer.status, 200, "{method} {path}");
        assert_eq!(answer.header("Marathon-Deployment-Id"), Some("d-1"));
        if method != "HEAD" {
            let told = answer.json();
            assert_eq!(told["line"], format!("{method} {path}").as_str());
            assert_eq!(told["body"], body);
        }
    }
    let seen = marathon.seen.lock().unwrap().clone();
    let named = |name: &str| seen.iter().all(|head| head.to_ascii_lowercase().contains(name));
    assert!(named("\r\nvia: 1.1 ebb-") && named("\r\naccept: application/json"), "{:?}", seen[0]);
    world.end().await;
}

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
    let (status, text) = asked("marathon");
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
#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_shut_down_by_its_id() {
    let world = World::start(0).await;
    let framework = Framework::subscribe(&world).await;
    let dcos = Dcos::of(&world);
    let call = |id: &str| {
        let id = format!(r#"{{"value":"{id}"}}"#);
        dcos.call(&format!(r#"{{"type":"TEARDOWN","teardown":{{"framework_id":{id}}}}}"#)).status
    };
    assert_eq!(call(framework.id()), 200);
    framework.ended().await;
    assert_eq!(call("no-such"), 400);
    world.end().await;
}
