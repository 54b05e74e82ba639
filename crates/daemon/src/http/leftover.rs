//! What an answer leaves of a request's body is read all the same.
//!
//! Mesos reads every body before it answers. Here a refusal comes first, and a connection whose client was still
//! sending would be closed: the client gets an error instead of the answer, or with its next call.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};

/// Larger leftovers end the connection: to read them would cost more than a new one.
const LIMIT_BYTES: usize = 64 * 1024;

/// A body that is read on when it is dropped.
#[derive(Debug)]
pub(super) struct Leftover(Option<Incoming>);

impl From<Incoming> for Leftover {
    fn from(body: Incoming) -> Self {
        Self(Some(body))
    }
}

impl hyper::body::Body for Leftover {
    type Data = bytes::Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let Some(body) = &mut self.0 else { return Poll::Ready(None) };
        let frame = std::task::ready!(Pin::new(body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.0 = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), Incoming::size_hint)
    }
}

impl Drop for Leftover {
    fn drop(&mut self) {
        let left = self.0.take().filter(|body| !body.is_end_stream());
        // Without a runtime there is no connection any more.
        if let (Some(left), Ok(runtime)) = (left, tokio::runtime::Handle::try_current()) {
            runtime.spawn(super::discard(Body::new(left), LIMIT_BYTES));
        }
    }
}
