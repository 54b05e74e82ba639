//! Reads: answered from snapshots, beside the core's thread.
//!
//! The core's thread only takes a [`Snapshot`], which is cheap. A thread of its own makes the body from it, one
//! for all who ask the same at the same time, and it serves whoever asks later while nothing has changed.
//!
//! A read never shows less than what was answered before it began: a body is given only to those who asked before
//! its snapshot was taken, or after it was seen that nothing has changed since.
//!
//! A new read that everybody gets alike is a [`Question`] with a name of its own, passed to [`Reads::answer`];
//! one with parameters goes through [`Reads::answer_once`], which keeps nothing.

mod desk;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, header};
use master::{Master, Snapshot};
use wire::compose::{self, Composer};
use wire::media::MediaType;

use self::desk::Desk;
use crate::driver::Mailbox;
use crate::http::pieces::{Held, PieceWriter, Pieces};
use crate::http::{ApiError, answer};

/// Bytes of answers that may be kept and on their way together. Beyond it reads are turned away: somebody asks
/// for more than is fetched.
const HELD_LIMIT_BYTES: usize = 1 << 30;

/// What is asked; the same for all who may get the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Question {
    /// Unique among reads, such as `GET_STATE` or `/state`.
    pub(super) name: &'static str,
    pub(super) media: MediaType,
    pub(super) gzip: bool,
}

/// Makes a body from a snapshot.
pub(super) type Render = Box<dyn FnOnce(&Snapshot, &mut PieceWriter) + Send>;
/// Runs on the core's thread, at the moment at which the snapshot is taken.
pub(super) type AtSnapshot = Box<dyn FnOnce(&Master) + Send>;

/// The one who answers reads. Cloning it gives another handle.
#[derive(Clone, Debug)]
pub(super) struct Reads {
    desk: Arc<Desk>,
}

impl Reads {
    pub(super) fn new(mailbox: Mailbox<Master>) -> Self {
        Self { desk: Arc::new(Desk::new(mailbox, HELD_LIMIT_BYTES)) }
    }

    /// 200 with what `render` writes, as `media`, compressed where the client likes it.
    ///
    /// `render` must write the same for the same snapshot.
    pub(super) async fn answer(
        &self,
        headers: &HeaderMap,
        name: &'static str,
        media: MediaType,
        render: impl FnOnce(&Snapshot, &mut PieceWriter) + Send + 'static,
    ) -> Result<Response<Body>, ApiError> {
        let question = Question { name, media, gzip: answer::accepts_gzip(headers) };
        let pieces = self.desk.ask(question, Box::new(render), None).await?;
        Ok(response(media.name(), &pieces))
    }

    /// [`Reads::answer`] with a message that `write` writes, as JSON or protobuf.
    pub(super) async fn message<M: wire::Message>(
        &self,
        headers: &HeaderMap,
        name: &'static str,
        media: MediaType,
        write: fn(&Snapshot, &mut Composer<'_>),
    ) -> Result<Response<Body>, ApiError> {
        let render = move |snapshot: &Snapshot, out: &mut PieceWriter| {
            compose::message::<M>(media, out, |message| write(snapshot, message));
        };
        self.answer(headers, name, media, render).await
    }

    /// The same for one caller only: nothing is kept.
    pub(super) async fn answer_once(
        &self,
        headers: &HeaderMap,
        content_type: &str,
        render: impl FnOnce(&Snapshot, &mut PieceWriter) + Send + 'static,
    ) -> Result<Response<Body>, ApiError> {
        let gzip = answer::accepts_gzip(headers);
        let pieces = self.desk.ask_once(gzip, Box::new(render)).await?;
        Ok(response(content_type, &pieces))
    }

    /// A body for `question`, whose snapshot is taken at the very moment at which `then` runs.
    pub(super) async fn body_at(
        &self,
        question: Question,
        render: Render,
        then: AtSnapshot,
    ) -> Result<Pieces, ApiError> {
        self.desk.ask(question, render, Some(then)).await
    }

    /// Bytes of answers that are kept or on their way.
    pub(super) fn held(&self) -> &Held {
        self.desk.held()
    }
}

fn response(content_type: &str, pieces: &Pieces) -> Response<Body> {
    let mut builder =
        Response::builder().status(StatusCode::OK).header(header::CONTENT_TYPE, content_type);
    if pieces.is_gzip() {
        builder = builder.header(header::CONTENT_ENCODING, "gzip");
    }
    builder.body(pieces.body()).expect("status and headers are valid")
}
