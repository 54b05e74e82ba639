//! `RecordIO` event streams with a bounded queue per reader.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Frame;
use tokio::sync::mpsc;
use wire::media::{MediaType, put_record};

/// Events a reader may lag behind before it is cut off.
pub const QUEUE: usize = 16_384;

/// The sending end of a stream. Dropping it ends the stream once what was sent has left.
#[derive(Debug)]
pub struct Sender<T> {
    events: mpsc::Sender<Arc<T>>,
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { events: self.events.clone() }
    }
}

/// The reader is too far behind, or gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutOff;

impl<T> Sender<T> {
    /// Events that wait for the reader.
    pub fn waiting(&self) -> usize {
        self.events.max_capacity() - self.events.capacity()
    }

    /// Queues an event; never waits.
    pub fn send(&self, event: Arc<T>) -> Result<(), CutOff> {
        self.events.try_send(event).map_err(|_full_or_closed| CutOff)
    }
}

/// The receiving end, which becomes the body of an answer.
#[derive(Debug)]
pub struct Receiver<T> {
    events: mpsc::Receiver<Arc<T>>,
}

pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (Sender { events: sender }, Receiver { events: receiver })
}

/// Runs when the stream's connection is gone, whoever ended it.
pub type OnClose = Box<dyn FnOnce() + Send>;

/// 200 with a `RecordIO` stream in `media`.
// Mesos: the content type is that of the records, not `application/recordio`.
pub fn response<T: wire::Message + Send + Sync + 'static>(
    media: MediaType,
    receiver: Receiver<T>,
    extra: Option<(&'static str, String)>,
    on_close: OnClose,
) -> Response<Body> {
    let mut builder =
        Response::builder().status(StatusCode::OK).header(header::CONTENT_TYPE, media.name());
    if let Some((name, value)) = extra {
        builder = builder.header(name, value);
    }
    let body = EventBody { media, events: receiver.events, on_close: Some(on_close) };
    builder.body(Body::new(body.boxed_unsync())).expect("status and headers are valid")
}

struct EventBody<T> {
    media: MediaType,
    events: mpsc::Receiver<Arc<T>>,
    on_close: Option<OnClose>,
}

impl<T: wire::Message + Send + Sync> hyper::body::Body for EventBody<T> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let next = std::task::ready!(this.events.poll_recv(context));
        // Mesos: each record is a chunk, and there are clients that take a chunk for a record. The connection writes
        // what is there of them at once.
        Poll::Ready(next.map(|event| {
            let mut record = BytesMut::new();
            put_record(this.media, &*event, &mut record);
            Ok(Frame::data(record.freeze()))
        }))
    }
}

impl<T> Drop for EventBody<T> {
    fn drop(&mut self) {
        if let Some(on_close) = self.on_close.take() {
            on_close();
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use wire::scheduler::Event;
    use wire::scheduler::event::{Error, Type};

    use super::*;

    /// Events that wait together leave as a chunk each: clients made for Mesos take a chunk for a record.
    #[tokio::test]
    async fn each_record_is_a_chunk() {
        let (sender, receiver) = channel();
        for message in ["one", "two"] {
            let error = Error { message: message.to_owned() };
            let event =
                Event { r#type: Some(Type::Error as i32), error: Some(error), ..Event::default() };
            sender.send(Arc::new(event)).unwrap();
        }
        drop(sender);
        let mut body = response(MediaType::Json, receiver, None, Box::new(|| ())).into_body();
        for message in ["one", "two"] {
            let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
            let json = format!(r#"{{"type":"ERROR","error":{{"message":"{message}"}}}}"#);
            assert_eq!(frame, format!("{}\n{json}", json.len()));
        }
        assert!(body.frame().await.is_none());
    }
}
