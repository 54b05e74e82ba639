//! Every message that arrives from outside, in both formats.

use wire::media::{BodyError, MediaType};
use wire::{Message, media};

/// A message as JSON: its kind in the first byte.
pub fn json(data: &[u8]) {
    by_kind(data, MediaType::Json);
}

/// A message as protobuf: its kind in the first byte.
pub fn protobuf(data: &[u8]) {
    by_kind(data, MediaType::Protobuf);
}

macro_rules! kinds {
    ($($number:literal => $message:ty,)*) => {
        fn by_kind(data: &[u8], format: MediaType) {
            let Some((kind, body)) = data.split_first() else { return };
            match kind {
                $($number => round_trip::<$message>(body, format),)*
                _ => {}
            }
        }
    };
}

kinds! {
    // Letters, so that seeds and findings can be read.
    b'm' => wire::master::Call,
    b's' => wire::scheduler::Call,
    b'e' => wire::executor::Call,
    b'a' => wire::agent::Call,
    b'h' => wire::link::Hello,
    b'b' => wire::link::Batch,
    b'l' => wire::link::Event,
    b'M' => wire::master::Response,
    b'W' => wire::master::Event,
    b'A' => wire::agent::Response,
    b'S' => wire::scheduler::Event,
    b'E' => wire::executor::Event,
    b'r' => wire::registry::AgentRecord,
    b'f' => wire::registry::FrameworkRecord,
    b'x' => wire::checkpoint::ExecutorRecord,
    b't' => wire::checkpoint::TaskRecord,
}

/// What is read can be written in either format and reads the same again.
fn round_trip<T: Message>(body: &[u8], format: MediaType) {
    let message: T = match media::decode(format, body) {
        Ok(message) => message,
        Err(error) => {
            assert!(!error.answer(format).is_empty());
            return;
        }
    };
    // Compared as text: a NaN is no other's equal.
    let text = wire::json::to_string(&message);
    let bytes = media::encode(MediaType::Protobuf, &message);
    for (format, body) in [(MediaType::Json, text.as_bytes()), (MediaType::Protobuf, &bytes)] {
        let again: Result<T, BodyError> = media::decode(format, body);
        match again {
            Ok(again) => assert_eq!(wire::json::to_string(&again), text, "{format:?}"),
            Err(error) => panic!("what was written as {format:?} can't be read: {error}: {text}"),
        }
    }
}
