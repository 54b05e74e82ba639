//! Waiting for a change of a key.

use tonic::Streaming;

use super::generated as pb;

/// An open watch. It says that something changed, not what: reading the key again is the way to know.
#[derive(Debug)]
pub struct Watch {
    events: Streaming<pb::WatchResponse>,
}

impl Watch {
    pub(super) fn new(events: Streaming<pb::WatchResponse>) -> Self {
        Self { events }
    }

    /// Returns once the key has changed or the watch has broken off; both are reasons to read it.
    pub async fn changed(&mut self) {
        loop {
            match self.events.message().await {
                Ok(Some(response)) if response.events.is_empty() && !response.canceled => {}
                Ok(Some(_) | None) => return,
                Err(status) => {
                    tracing::debug!(cause = status.message(), "etcd: the watch broke off");
                    return;
                }
            }
        }
    }
}
