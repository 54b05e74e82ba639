use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;

use super::*;

fn key() -> CheckKey {
    (TaskId::new("t"), CheckKind::Health)
}

async fn outcome(checks: &mut Checks) -> Outcome {
    let Event::CheckFinished { run: 7, outcome, .. } = checks.next().await else {
        panic!("the outcome of the run")
    };
    outcome
}

async fn network(probe: Probe) -> Outcome {
    let mut checks = Checks::default();
    checks.connect(key(), 7, probe);
    outcome(&mut checks).await
}

/// A server on the loopback interface that answers every request with these bytes.
fn server(answer: &'static str) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0_u8; 4096];
            // Whatever was asked; who hangs up gets no answer.
            if stream.read(&mut request).is_ok() {
                stream.write_all(answer.as_bytes()).ok();
            }
        }
    });
    port
}

/// An HTTP check says the status of the answer, and that there was none.
#[tokio::test]
async fn an_http_check_says_the_status() {
    let port = server("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
    let url = format!("http://127.0.0.1:{port}/health");
    assert_eq!(network(Probe::Http { url }).await, Outcome::Status(503));

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{nobody}/");
    let Outcome::Failed(why) = network(Probe::Http { url }).await else { panic!("it failed") };
    assert!(why.contains("refused"), "{why}");
}

/// Redirects are followed, as curl does for Mesos.
#[tokio::test]
async fn an_http_check_follows_redirects() {
    let end = server("HTTP/1.1 204 No Content\r\n\r\n");
    let head = format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{end}/\r\n");
    let start = server(Box::leak(format!("{head}content-length: 0\r\n\r\n").into_boxed_str()));
    let url = format!("http://127.0.0.1:{start}");
    assert_eq!(network(Probe::Http { url }).await, Outcome::Status(204));
}

/// A TCP check says whether somebody takes the connection.
#[tokio::test]
async fn a_tcp_check_says_whether_somebody_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    assert_eq!(network(Probe::Tcp { port, ipv6: false }).await, Outcome::Connected(true));
    drop(listener);
    assert_eq!(network(Probe::Tcp { port, ipv6: false }).await, Outcome::Connected(false));
}

/// A check that hangs ends when it is stopped.
#[tokio::test]
async fn a_check_that_hangs_can_be_stopped() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    let mut checks = Checks::default();
    checks.connect(key(), 7, Probe::Http { url });
    checks.stop(&key());
    assert!(matches!(outcome(&mut checks).await, Outcome::Failed(_)));
}

/// A command's outcome is its exit status, however much it writes, and comes only once it is gone.
#[tokio::test]
async fn a_command_can_write_as_much_as_it_likes() {
    let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).unwrap();
    let mut checks = Checks::default();
    checks.command_started(key(), 7, Output::read(read));
    let writer = std::thread::spawn(move || {
        let mut write = std::fs::File::from(write);
        for _ in 0..64 {
            write.write_all(&[b'x'; 4096]).unwrap();
        }
    });
    checks.command_exited(&key(), 3 << 8);
    tokio::task::spawn_blocking(|| writer.join().unwrap()).await.unwrap();
    checks.command_gone(key());
    assert_eq!(outcome(&mut checks).await, Outcome::Exited(3));
}

/// A command that a signal ended has failed, with the signal's number in the text.
#[test]
fn a_signal_is_a_failure() {
    assert_eq!(ExitStatus::from_raw(9).signal(), Some(9));
    assert_eq!(outcome_of(Some(9)), Outcome::Failed("signal 9 ended the command".to_owned()));
    assert!(matches!(outcome_of(None), Outcome::Failed(_)));
}
