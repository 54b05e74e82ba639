//! What goes to the program: what is typed, the size of the terminal, and signs of life.

use std::time::Duration;

use bytes::Bytes;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at};
use wire::agent::ProcessIo;
use wire::agent::process_io::{self, Control, Data, control, data};
use wire::v1::{DurationInfo, TtyInfo, tty_info::WindowSize};

use super::detach::Detach;
use super::streams::Input;
use super::terminal::size;

/// Read at a time.
const PIECE_BYTES: usize = 4096;
/// Pieces that wait for the network.
const QUEUE: usize = 4;
// Mesos: the same.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Why no more input is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// The keys for it were pressed.
    Detached,
    /// Nobody takes it any more.
    Refused,
}

/// Sends input until nobody takes it any more. What it reads ends with an empty piece, after which the
/// connection stays open for sizes.
pub(super) async fn feed(mut input: Input, reads: bool, is_terminal: bool) -> Over {
    let mut typed = reads.then(read_stdin);
    // Nothing else can be done about a terminal whose size is not known.
    let mut resized = is_terminal.then(|| signal(SignalKind::window_change()).ok()).flatten();
    let mut detach = (is_terminal && reads).then(Detach::default);
    let mut window = Window { is_there: is_terminal, told: None };
    if let Some(size) = window.news()
        && !input.send(size).await
    {
        return Over::Refused;
    }
    let mut beats = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    loop {
        let message = tokio::select! {
            piece = next(&mut typed) => {
                let Some(piece) = piece else {
                    typed = None;
                    let rest = detach.as_mut().map(Detach::rest).unwrap_or_default();
                    if !rest.is_empty() && !input.send(stdin(rest)).await {
                        return Over::Refused;
                    }
                    // Mesos: an empty piece is the end.
                    if !input.send(stdin(Vec::new())).await {
                        return Over::Refused;
                    }
                    continue;
                };
                match &mut detach {
                    None => Some(stdin(piece)),
                    Some(detach) => {
                        let (passed, left) = detach.pass(&piece);
                        if left {
                            return Over::Detached;
                        }
                        if passed.is_empty() {
                            continue;
                        }
                        Some(stdin(passed))
                    }
                }
            }
            () = changed(&mut resized) => None,
            _ = beats.tick() => Some(heartbeat()),
        };
        // A change of size goes before what was typed after it, however late its signal comes.
        for message in window.news().into_iter().chain(message) {
            if !input.send(message).await {
                return Over::Refused;
            }
        }
    }
}

async fn next(typed: &mut Option<mpsc::Receiver<Vec<u8>>>) -> Option<Vec<u8>> {
    match typed {
        Some(typed) => typed.recv().await,
        None => std::future::pending().await,
    }
}

async fn changed(resized: &mut Option<tokio::signal::unix::Signal>) {
    match resized {
        Some(resized) => {
            resized.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Standard input in pieces, by a thread that ends with the process: reading it can't be broken off.
fn read_stdin() -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(QUEUE);
    std::thread::spawn(move || {
        let mut buffer = [0; PIECE_BYTES];
        loop {
            match rustix::io::read(std::io::stdin(), &mut buffer[..]) {
                Ok(0) => return,
                Ok(length) => {
                    if sender.blocking_send(buffer[..length].to_vec()).is_err() {
                        return;
                    }
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
        }
    });
    receiver
}

fn stdin(bytes: Vec<u8>) -> ProcessIo {
    let data = Data { r#type: Some(data::Type::Stdin.into()), data: Some(Bytes::from(bytes)) };
    ProcessIo {
        r#type: Some(process_io::Type::Data.into()),
        data: Some(data),
        ..ProcessIo::default()
    }
}

fn control(control: Control) -> ProcessIo {
    ProcessIo {
        r#type: Some(process_io::Type::Control.into()),
        control: Some(control),
        ..ProcessIo::default()
    }
}

/// The size of the terminal here, and what was said of it.
struct Window {
    is_there: bool,
    told: Option<(u32, u32)>,
}

impl Window {
    /// The size, if it is another one than was said last.
    fn news(&mut self) -> Option<ProcessIo> {
        if !self.is_there {
            return None;
        }
        let (rows, columns) = size().or(self.told).unwrap_or((24, 80));
        (self.told.replace((rows, columns)) != Some((rows, columns))).then(|| {
            control(Control {
                r#type: Some(control::Type::TtyInfo.into()),
                tty_info: Some(TtyInfo { window_size: Some(WindowSize { rows, columns }) }),
                ..Control::default()
            })
        })
    }
}

fn heartbeat() -> ProcessIo {
    let nanoseconds = i64::try_from(HEARTBEAT.as_nanos()).unwrap_or(i64::MAX);
    control(Control {
        r#type: Some(control::Type::Heartbeat.into()),
        heartbeat: Some(control::Heartbeat { interval: Some(DurationInfo { nanoseconds }) }),
        ..Control::default()
    })
}
