//! What the client asks of Marathon, by way of the master: all of it arrives as it was sent, and so do the answers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::client::Dcos;
use crate::framework::Framework;
use crate::rows::{Request, Row};
use crate::world::World;

/// A request as it arrived.
#[derive(Clone, Debug)]
struct Arrived {
    line: String,
    head: String,
    body: String,
}

/// A server in the place of Marathon's: it keeps each request, and gives the answer that it was told to.
struct Stand {
    world: World,
    dcos: Dcos,
    /// Status and reason, and the body.
    reply: Arc<Mutex<(String, String)>>,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    _framework: Framework,
}

impl Stand {
    async fn start() -> Self {
        let world = World::start(0).await;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let reply = Arc::new(Mutex::new(("200 OK".to_owned(), "{}".to_owned())));
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let (said, kept) = (reply.clone(), arrived.clone());
        std::thread::spawn(move || serve(&listener, &said, &kept));
        let framework = Framework::with(&world, |info| {
            "marathon".clone_into(&mut info.name);
            info.webui_url = Some(url);
        })
        .await;
        let dcos = Dcos::of(&world);
        Self { world, dcos, reply, arrived, _framework: framework }
    }

    /// Sends a request as the client does, which gets the answer given.
    fn send(&self, request: Request<'_>, status: &str, text: &str) -> crate::client::Answer {
        *self.reply.lock().unwrap() = (status.to_owned(), text.to_owned());
        let headers =
            ["Content-Type: application/json", "Accept: application/json", "Authorization: token="];
        self.dcos.send(request.method, request.path, &headers, request.rest.as_bytes())
    }

    /// Sends all requests of a row.
    fn send_row(&self, row: &str) {
        for (number, request) in Row::named(row).requests().enumerate() {
            let text = json!({"number": number, "text": "grün ✓"}).to_string();
            let answer = self.send(request, "200 OK", &text);
            let arrived = self.arrived.lock().unwrap().last().unwrap().clone();
            let path = request.path.strip_prefix("/service/marathon").unwrap();
            assert_eq!(arrived.line, format!("{} {path} HTTP/1.1", request.method));
            assert_eq!(arrived.body, request.rest, "{request:?}");
            let head = arrived.head.to_ascii_lowercase();
            for line in [
                "\r\ncontent-type: application/json\r\n",
                "\r\naccept: application/json\r\n",
                "\r\nuser-agent: dcos-cli/1.2.0 linux\r\n",
                "\r\nvia: 1.1 ebb-",
            ] {
                assert!(head.contains(line), "{line:?} is not in {head}");
            }
            assert_eq!(answer.status, 200, "{request:?}");
            assert_eq!(answer.header("Marathon-Deployment-Id"), Some("d-1"));
            assert_eq!(answer.header("Content-Type"), Some("application/json"));
            if request.method != "HEAD" {
                assert_eq!(answer.text(), text, "{request:?}");
            }
        }
    }

    async fn end(self) {
        self.world.end().await;
    }
}

fn serve(listener: &TcpListener, reply: &Mutex<(String, String)>, arrived: &Mutex<Vec<Arrived>>) {
    while let Ok((mut stream, _)) = listener.accept() {
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
        let body = String::from_utf8(body).unwrap();
        let is_head = line.starts_with("HEAD ");
        arrived.lock().unwrap().push(Arrived { line, head, body });
        let (status, text) = reply.lock().unwrap().clone();
        let mut answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nMarathon-Deployment-Id: d-1\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n",
            text.len()
        );
        if !is_head {
            answer.push_str(&text);
        }
        // The caller may not want all of it.
        drop(stream.write_all(answer.as_bytes()));
    }
}

/// Row: marathon itself.
#[tokio::test(flavor = "multi_thread")]
async fn marathon_itself_is_asked() {
    let stand = Stand::start().await;
    stand.send_row("marathon itself");
    stand.dcos.replayed("marathon itself");
    stand.end().await;
}

/// Row: apps of marathon.
#[tokio::test(flavor = "multi_thread")]
async fn apps_are_listed_and_added() {
    let stand = Stand::start().await;
    stand.send_row("apps of marathon");
    stand.dcos.replayed("apps of marathon");
    stand.end().await;
}

/// Row: one app of marathon.
#[tokio::test(flavor = "multi_thread")]
async fn one_app_is_shown_and_changed() {
    let stand = Stand::start().await;
    stand.send_row("one app of marathon");
    stand.dcos.replayed("one app of marathon");
    stand.end().await;
}

/// Row: deployments of marathon.
#[tokio::test(flavor = "multi_thread")]
async fn deployments_are_listed_and_stopped() {
    let stand = Stand::start().await;
    stand.send_row("deployments of marathon");
    stand.dcos.replayed("deployments of marathon");
    stand.end().await;
}

/// Row: queue of marathon.
#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_shown_and_delays_are_reset() {
    let stand = Stand::start().await;
    stand.send_row("queue of marathon");
    stand.dcos.replayed("queue of marathon");
    stand.end().await;
}

/// Row: tasks of marathon.
#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_listed_and_killed() {
    let stand = Stand::start().await;
    stand.send_row("tasks of marathon");
    stand.dcos.replayed("tasks of marathon");
    stand.end().await;
}

/// Row: groups of marathon.
#[tokio::test(flavor = "multi_thread")]
async fn groups_are_shown_and_changed() {
    let stand = Stand::start().await;
    stand.send_row("groups of marathon");
    stand.dcos.replayed("groups of marathon");
    stand.end().await;
}

/// Row: pods of marathon.
#[tokio::test(flavor = "multi_thread")]
async fn pods_are_shown_and_changed() {
    let stand = Stand::start().await;
    stand.send_row("pods of marathon");
    stand.dcos.replayed("pods of marathon");
    stand.end().await;
}

/// Row: plugins of marathon.
#[tokio::test(flavor = "multi_thread")]
async fn plugins_are_listed() {
    let stand = Stand::start().await;
    stand.send_row("plugins of marathon");
    stand.dcos.replayed("plugins of marathon");
    stand.end().await;
}

/// What Marathon refuses comes back with its own status and words, which the client shows.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_marathon_come_back_as_they_are() {
    let stand = Stand::start().await;
    let put = Request { method: "PUT", path: "/service/marathon/v2/apps/x", rest: "{}" };
    for (status, text) in [
        ("201 Created", r#"{"deployments":[{"id":"d-1"}]}"#),
        ("202 Accepted", ""),
        ("204 No Content", ""),
        (
            "400 Bad Request",
            r#"{"message":"Invalid JSON","details":[{"path":"/id","errors":["x"]}]}"#,
        ),
        ("401 Unauthorized", r#"{"message":"Invalid username or password."}"#),
        ("403 Forbidden", r#"{"message":"Not Authorized to perform this action!"}"#),
        ("404 Not Found", r#"{"message":"App '/x' does not exist"}"#),
        ("409 Conflict", r#"{"message":"App is locked","deployments":[{"id":"d-0"}]}"#),
        ("422 Unprocessable Entity", r#"{"message":"Object is not valid","details":[]}"#),
        ("500 Internal Server Error", "<html>"),
        ("503 Service Unavailable", r#"{"message":"Could not find leader"}"#),
    ] {
        let answer = stand.send(put, status, text);
        assert_eq!(format!("{} ", answer.status), status[..4]);
        assert_eq!(answer.text(), text, "{status}");
    }
    stand.end().await;
}

/// Without a Marathon its clients get a status that none of them takes for a missing app, and words in the form in
/// which they show them; others get the same words as text.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_marathon_its_clients_say_so() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    let words = "503 Service Unavailable: no framework named `marathon` is registered";
    for path in ["/ping", "/v2/info", "/v2/apps/x", "/v2/groups", "/v2/pods/::status"] {
        let path = format!("/service/marathon{path}");
        let answer = dcos.get_as(&path, "application/json");
        assert_eq!((answer.status, answer.header("Content-Type")), (503, Some("application/json")));
        let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(told, json!({"message": words}));
        let plain = dcos.get(&path);
        assert_eq!((plain.status, plain.text().as_str()), (503, words));
    }
    assert_eq!(dcos.head("/service/marathon/v2/pods").status, 503);
    // So do those of the scheduler of jobs.
    for path in ["/v1/jobs?embed=activeRuns", "/v1/jobs/x"] {
        assert_eq!(dcos.get(&format!("/service/metronome{path}")).status, 503, "{path}");
    }
    // A name that nobody has: an empty list to the client, not an error.
    let nobody = dcos.get("/mesos_dns/v1/hosts/marathon.mesos").json();
    assert_eq!(nobody, json!([{"host": "", "ip": ""}]));
    world.end().await;
}
