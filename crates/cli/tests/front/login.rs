//! A cluster that wants to know who calls: logging in, and what a token opens.

use std::path::Path;

use cli::cluster::{Cluster, Options, Who};
use daemon::http::auth::Credential;
use wire::media::MediaType;

use crate::client::{Answer, Dcos};
use crate::framework::Framework;
use crate::job::Job;
use crate::sessions::{Exec, task_exec};
use crate::world::{NODE, PATIENCE, World};

pub(crate) const SECRET: &str = "s3cret";

/// Master and agents with credentials; each side knows others than the other.
pub(crate) async fn start(dir: &Path) -> Cluster {
    let file = |name: &str, text: String| {
        let path = dir.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let one = |principal: &str, secret: &str| {
        format!(r#"{{"principal":"{principal}","secret":"{secret}"}}"#)
    };
    let of_master =
        format!(r#"{{"credentials":[{},{}]}}"#, one("ops", SECRET), one("agents", "join"));
    let of_agents = format!(r#"{{"credentials":[{}]}}"#, one("local", "only"));
    let ops = Credential { principal: "ops".to_owned(), secret: SECRET.to_owned() };
    let options = Options {
        program: env!("CARGO_BIN_EXE_ebb").into(),
        agents: 1,
        master_flags: vec![format!("--credentials={}", file("master.json", of_master))],
        agent_flags: vec![
            "--registration-backoff-factor=10ms".to_owned(),
            format!("--http-credentials={}", file("agents.json", of_agents)),
            format!("--credential={}", file("agent.json", one("agents", "join"))),
        ],
        authorization: Some(ops.basic()),
        ..Options::new(dir)
    };
    Box::pin(Cluster::start(options)).await.unwrap()
}

fn log_in(dcos: &Dcos, uid: &str, password: &str) -> Answer {
    let body = serde_json::json!({"password": password, "uid": uid}).to_string();
    let headers = ["Content-Type: application/json"];
    dcos.send("POST", "/acs/api/v1/auth/login", &headers, body.as_bytes())
}

/// Logging in gives a token that opens everything, agents behind the master included, and nothing is open
/// without one.
///
/// Row: login.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_the_cluster_and_its_agents() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = start(dir.path()).await;
    let dcos = Dcos::of(&cluster);

    // What the client asks before it can log in.
    assert_eq!(dcos.head("/").status, 200);
    let closed = dcos.head("/pkgpanda/active.buildinfo.full.json");
    assert_eq!((closed.status, closed.header("WWW-Authenticate")), (401, Some("acsjwt")));
    let providers = dcos.get("/acs/api/v1/auth/providers").json();
    let provider = &providers["dcos-users"];
    assert_eq!(provider["authentication-type"], "dcos-uid-password");
    assert_eq!(provider["client-method"], "dcos-usercredential-post-receive-authtoken");
    assert_eq!(provider["config"]["start_flow_url"], "/acs/api/v1/auth/login");
    assert!(provider["description"].is_string());
    assert_eq!(dcos.get("/dcos-metadata/dcos-version.json").status, 200);

    let wrong = log_in(&dcos, "ops", "guess");
    assert_eq!(wrong.status, 401);
    let error: serde_json::Value = serde_json::from_slice(&wrong.body).unwrap();
    for name in ["title", "description", "code"] {
        assert!(error[name].is_string(), "{error}");
    }
    let token = log_in(&dcos, "ops", SECRET).json()["token"].as_str().unwrap().to_owned();
    let known = dcos.clone().with_token(&token);

    let agent =
        cluster.api().agents().await.unwrap().agents[0].agent_info.id.clone().unwrap().value;
    let paths = [
        "/metadata".to_owned(),
        "/pkgpanda/active.buildinfo.full.json".to_owned(),
        "/cluster/v1/links".to_owned(),
        "/mesos_dns/v1/hosts/leader.mesos".to_owned(),
        "/net/v1/nodes".to_owned(),
        "/system/health/v1/nodes".to_owned(),
        "/acs/api/v1/users".to_owned(),
        format!("/agent/{agent}/version"),
    ];
    for path in &paths {
        let without = dcos.get(path);
        assert_eq!(
            (without.status, without.header("WWW-Authenticate")),
            (401, Some("acsjwt")),
            "{path}"
        );
        // As the client sends it where it has none.
        assert_eq!(dcos.clone().with_token("").get(path).status, 401, "{path}");
        assert_eq!(known.get(path).status, 200, "{path}");
    }
    assert_eq!(dcos.ask("/mesos/api/v1", &[0x08, 0x0a]).status, 401);
    // Mesos' own paths ask as Mesos does.
    for (path, realm) in [
        ("/state", "mesos-master-readonly"),
        ("/api/v1", "mesos-master-readwrite"),
        ("/quota", "mesos-master-readwrite"),
        ("/master/api/v1/scheduler", "mesos-master-scheduler"),
    ] {
        let refused = dcos.get(path);
        let expected = format!("Basic realm=\"{realm}\"");
        assert_eq!(
            (refused.status, refused.header("WWW-Authenticate")),
            (401, Some(&*expected)),
            "{path}"
        );
    }
    assert_eq!(known.ask("/mesos/api/v1", &[0x08, 0x0a]).status, 200);

    // The agent knows neither the token nor whose it is, and takes its master's word.
    let call = br#"{"type":"GET_STATE"}"#;
    let headers = ["Content-Type: application/json", "Accept: application/json"];
    let path = format!("/slave/{agent}/api/v1");
    assert!(known.send("POST", &path, &headers, call).json()["get_state"].is_object());
    assert_eq!(dcos.send("POST", &path, &headers, call).status, 401);
    dcos.replayed("login");
    Box::pin(cluster.stop()).await.unwrap();
}

/// A command beside a task, on an agent that knows nothing of tokens: each of its streams is opened by the token, and none
/// without one.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_sessions() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("credentials.json");
    let text = format!(r#"{{"credentials":[{{"principal":"ops","secret":"{SECRET}"}}]}}"#);
    std::fs::write(&file, text).unwrap();
    std::fs::write(
        dir.path().join("own.json"),
        format!(r#"{{"principal":"ops","secret":"{SECRET}"}}"#),
    )
    .unwrap();
    let world = World::with(1, |options| {
        let ops = Credential { principal: "ops".to_owned(), secret: SECRET.to_owned() };
        options.authorization = Some(ops.basic());
        options.master_flags.push(format!("--credentials={}", file.display()));
        options.agent_flags.push(format!("--http-credentials={}", file.display()));
        let own = dir.path().join("own.json");
        options.agent_flags.push(format!("--credential={}", own.display()));
    })
    .await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.pid_of("web").await;
    let dcos = Dcos::of(&world);
    let token = log_in(&dcos, "ops", SECRET).json()["token"].as_str().unwrap().to_owned();
    let known = dcos.clone().with_token(&token);
    let exec = Exec { command: &["sh", "-c", "cat; exit 6"], ..Exec::default() };
    let ended = task_exec(&known, "web", exec, Some(b"in and out")).unwrap();
    assert_eq!((ended.code, ended.stdout.as_str()), (6, "in and out"));
    let refused = task_exec(&dcos, "web", exec, None);
    let text = "authentication failed, please run `dcos auth login`";
    assert_eq!(refused, crate::commands::error(text));
    let agent = world.id(NODE).await.value;
    let headers =
        ["Content-Type: application/recordio", "Message-Content-Type: application/x-protobuf"];
    let input = dcos.send("POST", &format!("/slave/{agent}/api/v1"), &headers, b"");
    assert_eq!(input.status, 401);
    world.end().await;
}

/// An agent takes nobody's word but its master's: what its master does not know does not open it, nor does the
/// form of such a word.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_takes_nobody_elses_word() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = start(dir.path()).await;
    let address = cluster.address(Who::Agent(0)).unwrap();
    let local = Credential { principal: "local".to_owned(), secret: "only".to_owned() };
    let ops = Credential { principal: "ops".to_owned(), secret: SECRET.to_owned() };
    let forged = daemon::http::auth::Voucher::random().vouch("ops");
    for (authorization, expected) in [(local.basic(), 200), (ops.basic(), 401), (forged, 401)] {
        let client = daemon::http::client::Client::new(Some(authorization.clone()));
        let url = format!("http://{address}/api/v1");
        let json = MediaType::Json.name();
        let body = bytes::Bytes::from_static(br#"{"type":"GET_STATE"}"#);
        let asked = tokio::time::timeout(PATIENCE, client.post(&url, json, json, &[], body)).await;
        let response = asked.unwrap().unwrap().response;
        assert_eq!(response.status().as_u16(), expected, "{authorization}");
        let challenge = response.headers().get("WWW-Authenticate").map(|it| it.to_str().unwrap());
        let expected = (expected == 401).then_some(r#"Basic realm="mesos-agent-readwrite""#);
        assert_eq!(challenge, expected, "{authorization}");
    }
    Box::pin(cluster.stop()).await.unwrap();
}

/// Who can log in is shown to who has, and is not changed there.
#[tokio::test(flavor = "multi_thread")]
async fn who_can_log_in_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = start(dir.path()).await;
    let dcos = Dcos::of(&cluster);
    let token = log_in(&dcos, "agents", "join").json()["token"].as_str().unwrap().to_owned();
    let dcos = dcos.with_token(&token);
    let users = dcos.get("/acs/api/v1/users").json();
    let uids: Vec<&str> = users["array"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["uid"].as_str().unwrap())
        .collect();
    assert_eq!(uids, ["agents", "ops"]);
    assert_eq!(dcos.get("/acs/api/v1/users/ops").json()["uid"], "ops");
    assert_eq!(dcos.get("/acs/api/v1/users/ops/groups").json()["array"], serde_json::json!([]));
    assert_eq!(dcos.get("/acs/api/v1/users/nobody").status, 404);
    let headers = ["Content-Type: application/json"];
    assert_eq!(dcos.send("PUT", "/acs/api/v1/users/new", &headers, b"{}").status, 403);
    assert!(!users.to_string().contains(SECRET));
    let log = std::fs::read_to_string(cluster.member(Who::Master).log()).unwrap();
    assert!(log.contains("logged in") && !log.contains(&token), "{log}");
    Box::pin(cluster.stop()).await.unwrap();
}

/// Where nobody has to log in, trying to says so, and any token is as good as none.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_cluster_needs_no_login() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    let answer = log_in(&dcos, "ops", SECRET);
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("nobody has to log in"), "{}", answer.text());
    for token in ["", "old"] {
        assert_eq!(dcos.clone().with_token(token).get("/metadata").status, 200);
    }
    world.end().await;
}
