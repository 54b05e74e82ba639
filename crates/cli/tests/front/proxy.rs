//! Calls that the master passes on to an agent.

use std::io::{BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;

use cli::cluster::Who;
use wire::ebb::Reachability;

use crate::client::{Dcos, read_chunk, read_head};
use crate::framework::Framework;
use crate::world::{NODE, PATIENCE, World};

/// An agent's own API answers below both names that tools give it, with what follows as the path.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_answers_below_both_of_its_names() {
    let world = World::start(2).await;
    let dcos = Dcos::of(&world);
    for (who, name) in [(NODE, "node-1"), (Who::Agent(1), "node-2")] {
        let id = world.id(who).await.value;
        for prefix in ["agent", "slave"] {
            let path = format!("/{prefix}/{id}/slave(1)/version");
            assert_eq!(dcos.get(&path).json()["version"], "1.12.0");
            let headers = ["Content-Type: application/json", "Accept: application/json"];
            let path = format!("/{prefix}/{id}/api/v1?GET_AGENT");
            let answer = dcos.send("POST", &path, &headers, br#"{"type":"GET_AGENT"}"#).json();
            assert_eq!(answer["get_agent"]["agent_info"]["hostname"], name);
        }
        // Errors keep their texts, which this client shows.
        let headers = ["Content-Type: application/json"];
        let refused = dcos.send("POST", &format!("/slave/{id}/api/v1"), &headers, b"{}");
        assert_eq!(refused.status, 400);
        assert!(refused.text().contains("Expecting 'type' to be present"), "{}", refused.text());
    }
    world.end().await;
}

/// Only agents that can be expected to answer are asked; for others there is a status and a reason.
#[tokio::test(flavor = "multi_thread")]
async fn agents_that_are_not_there_are_not_asked() {
    let mut world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let unknown = dcos.get("/agent/no-such/version");
    assert_eq!((unknown.status, unknown.text().contains("no-such")), (404, true));
    let id = world.id(NODE).await.value;
    world.kill(NODE).await.unwrap();
    world.has(NODE, Reachability::Disconnected).await;
    let away = dcos.get(&format!("/agent/{id}/version"));
    assert_eq!(away.status, 503);
    assert!(away.text().contains("its link is down"), "{}", away.text());
    world.restart(NODE).await.unwrap();
    world.has(NODE, Reachability::Registered).await;
    assert_eq!(dcos.get(&format!("/agent/{id}/version")).status, 200);
    world.end().await;
}

/// Passes one connection to the test, as a service with a web page does.
fn service() -> (SocketAddr, mpsc::Receiver<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, accepted) = mpsc::channel();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            if sender.send(stream).is_err() {
                return;
            }
        }
    });
    (address, accepted)
}

async fn register(world: &World, address: SocketAddr) -> Framework {
    Framework::with(world, |info| {
        "echo".clone_into(&mut info.name);
        info.webui_url = Some(format!("http://{address}"));
    })
    .await
}

fn chunk(data: &str) -> String {
    format!("{:x}\r\n{data}\r\n", data.len())
}

/// Both bodies stream: what one side has sent arrives at the other while neither has ended.
#[tokio::test(flavor = "multi_thread")]
async fn both_bodies_stream() {
    let world = World::start(0).await;
    let (address, accepted) = service();
    let _framework = register(&world, address).await;
    let dcos = Dcos::of(&world);
    let headers =
        ["Content-Type: application/recordio", "Message-Content-Type: application/x-protobuf"];
    let mut ours = dcos.begin("POST", "/service/echo/in", &headers, None);
    ours.write_all(chunk("one").as_bytes()).unwrap();

    let theirs = accepted.recv_timeout(PATIENCE).unwrap();
    let mut reader = BufReader::new(theirs.try_clone().unwrap());
    let mut writer = theirs;
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        std::io::BufRead::read_line(&mut reader, &mut head).unwrap();
    }
    let lower = head.to_ascii_lowercase();
    assert!(lower.starts_with("post /in http/1.1"), "{head}");
    assert!(lower.contains("message-content-type: application/x-protobuf"), "{head}");
    assert_eq!(read_chunk(&mut reader).unwrap(), b"one");
    // The answer's head goes out while the request still comes; it has no content type, and gets none.
    writer.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    writer.write_all(chunk("ONE").as_bytes()).unwrap();
    let mut answer = BufReader::new(ours.try_clone().unwrap());
    let head = read_head(&mut answer);
    assert_eq!((head.status, head.header("Content-Type")), (200, None));
    assert_eq!(read_chunk(&mut answer).unwrap(), b"ONE");
    for (question, reply) in [("two", "TWO"), ("three", "THREE")] {
        ours.write_all(chunk(question).as_bytes()).unwrap();
        assert_eq!(read_chunk(&mut reader).unwrap(), question.as_bytes());
        writer.write_all(chunk(reply).as_bytes()).unwrap();
        assert_eq!(read_chunk(&mut answer).unwrap(), reply.as_bytes());
    }
    ours.write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(read_chunk(&mut reader), None);
    writer.write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(read_chunk(&mut answer), None);
    world.end().await;
}

/// When the caller goes away, so does its call: the other side sees the end of the connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_takes_its_call_with_it() {
    let world = World::start(0).await;
    let (address, accepted) = service();
    let _framework = register(&world, address).await;
    let dcos = Dcos::of(&world);
    let ours = dcos.begin("GET", "/service/echo/follow", &[], Some(0));
    let mut theirs = accepted.recv_timeout(PATIENCE).unwrap();
    let mut head = [0; 1];
    theirs.read_exact(&mut head).unwrap();
    theirs.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    theirs.write_all(chunk("x").as_bytes()).unwrap();
    let mut answer = BufReader::new(ours.try_clone().unwrap());
    assert_eq!(read_head(&mut answer).status, 200);
    drop(answer);
    drop(ours);
    // To the end of the stream; the read has a time limit.
    std::io::copy(&mut theirs, &mut std::io::sink()).unwrap();
    world.end().await;
}
