//! The events of a subscription, read off the answer's body.

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use wire::recordio::Decoder;
use wire::scheduler::Event;

use super::SchedulerError;

/// Longest event taken. Offers of a large cluster come in one.
const EVENT_LIMIT_BYTES: usize = 256 << 20;

/// The events of a framework, in order. The subscription lasts until this is dropped.
#[derive(Debug)]
pub struct EventStream {
    body: Incoming,
    decoder: Decoder,
}

impl EventStream {
    pub(super) fn new(body: Incoming) -> Self {
        Self { body, decoder: Decoder::new(EVENT_LIMIT_BYTES) }
    }

    /// The next event, heartbeats included; `None` when the master closed the stream. May be dropped
    /// while waiting without losing an event.
    ///
    /// # Errors
    /// When the connection broke or what came is no event.
    pub async fn next(&mut self) -> Result<Option<Event>, SchedulerError> {
        let broken = |cause: String| SchedulerError::Stream(cause);
        loop {
            if let Some(record) = self.decoder.next().map_err(|e| broken(e.to_string()))? {
                let event = wire::protobuf::decode(&record).map_err(|e| broken(e.to_string()))?;
                return Ok(Some(event));
            }
            match self.body.frame().await {
                None if self.decoder.is_between_records() => return Ok(None),
                None => return Err(broken("it ended in the middle of an event".to_owned())),
                Some(Err(error)) => return Err(broken(error.to_string())),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.decoder.push(&data);
                    }
                }
            }
        }
    }
}
