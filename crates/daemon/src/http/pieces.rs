//! Large bodies: written piece by piece, shared by those who get the same one.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use wire::compose::Sink;

/// Size of a piece. A large body is never one block of memory, and is given back bit by bit as it leaves: large
/// enough to be no part of the heap (`sys::heap`).
const PIECE_BYTES: usize = 256 * 1024;

/// How many bytes of such bodies there are in the process: kept, or on their way.
#[derive(Clone, Debug, Default)]
pub struct Held(Arc<AtomicUsize>);

impl Held {
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A finished body. Cloning it shares its bytes.
#[derive(Clone, Debug)]
pub struct Pieces {
    list: Arc<[Counted]>,
    bytes: usize,
    gzip: bool,
}

/// A piece that is counted as long as anybody has it.
#[derive(Clone, Debug)]
struct Counted(Bytes);

#[derive(Debug)]
struct Owned {
    bytes: Vec<u8>,
    held: Held,
}

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.held.0.fetch_sub(self.bytes.capacity(), Ordering::Relaxed);
    }
}

impl Pieces {
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether the content is compressed.
    pub fn is_gzip(&self) -> bool {
        self.gzip
    }

    /// A body of this content, whose length is announced.
    pub fn body(&self) -> Body {
        let rest = self.list.iter().map(|piece| piece.0.clone()).collect();
        Body::new(PiecesBody { rest, bytes: self.bytes })
    }

    /// The pieces in order.
    pub fn iter(&self) -> impl Iterator<Item = Bytes> {
        self.list.iter().map(|piece| piece.0.clone())
    }

    /// Everything in one.
    pub fn concatenated(&self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.bytes);
        for piece in &*self.list {
            all.extend_from_slice(&piece.0);
        }
        all
    }
}

struct PiecesBody {
    rest: VecDeque<Bytes>,
    bytes: usize,
}

impl hyper::body::Body for PiecesBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let piece = this.rest.pop_front();
        this.bytes -= piece.as_ref().map_or(0, Bytes::len);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes as u64)
    }
}

/// Takes a body down. Also a [`Write`], which never fails.
#[derive(Debug)]
pub struct PieceWriter {
    full: Vec<Owned>,
    /// Of the full pieces.
    bytes: usize,
    open: Vec<u8>,
    held: Held,
}

impl PieceWriter {
    pub fn new(held: &Held) -> Self {
        Self { full: Vec::new(), bytes: 0, open: Vec::new(), held: held.clone() }
    }

    pub fn len(&self) -> usize {
        self.bytes + self.open.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn finish(mut self) -> Pieces {
        let mut last = std::mem::take(&mut self.open);
        last.shrink_to_fit();
        self.close(last);
        let list = self.full.into_iter().map(|piece| Counted(Bytes::from_owner(piece)));
        Pieces { list: list.collect(), bytes: self.bytes, gzip: false }
    }

    /// The same, compressed.
    pub fn gzip(self) -> io::Result<Pieces> {
        let out = Self::new(&self.held);
        let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
        for piece in self.finish().iter() {
            encoder.write_all(&piece)?;
        }
        Ok(Pieces { gzip: true, ..encoder.finish()?.finish() })
    }

    fn close(&mut self, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        self.bytes += bytes.len();
        self.held.0.fetch_add(bytes.capacity(), Ordering::Relaxed);
        self.full.push(Owned { bytes, held: self.held.clone() });
    }
}

impl Sink for PieceWriter {
    fn end(&mut self) -> &mut Vec<u8> {
        &mut self.open
    }

    fn turn(&mut self) {
        if self.open.len() >= PIECE_BYTES {
            let next = Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 16);
            let full = std::mem::replace(&mut self.open, next);
            self.close(full);
        }
    }

    fn position(&mut self) -> usize {
        self.len()
    }

    fn patch(&mut self, position: usize, bytes: &[u8]) {
        if let Some(at) = position.checked_sub(self.bytes) {
            return self.open.patch(at, bytes);
        }
        let mut begin = 0;
        for Owned { bytes: piece, .. } in &mut self.full {
            if position < begin + piece.len() {
                return piece.patch(position - begin, bytes);
            }
            begin += piece.len();
        }
    }
}

impl Write for PieceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open.extend_from_slice(bytes);
        self.turn();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written comes out, in pieces of bounded size, and is counted until the last copy is gone.
    #[test]
    fn bodies_are_whole_and_counted() {
        let held = Held::default();
        let mut writer = PieceWriter::new(&held);
        let text: Vec<u8> = (0..2_000_000_u32).map(|number| (number % 251) as u8).collect();
        for part in text.chunks(7_919) {
            writer.write_all(part).unwrap();
        }
        let pieces = writer.finish();
        assert_eq!(pieces.concatenated(), text);
        assert!(pieces.iter().all(|piece| piece.len() < PIECE_BYTES + 7_919));
        assert!(
            held.bytes() >= text.len() && held.bytes() < text.len() * 5 / 4,
            "{}",
            held.bytes()
        );
        let copy = pieces.clone();
        let one = pieces.iter().next();
        drop(pieces);
        drop(copy);
        assert!(held.bytes() < 2 * PIECE_BYTES, "only one piece is left");
        drop(one);
        assert_eq!(held.bytes(), 0);
    }

    /// A compressed body unpacks to what was written.
    #[test]
    fn compressed_bodies_unpack_to_what_was_written() {
        let mut writer = PieceWriter::new(&Held::default());
        let text = b"to be and what to be and to be ".repeat(50_000);
        writer.write_all(&text).unwrap();
        let packed = writer.gzip().unwrap().concatenated();
        let mut unpacked = Vec::new();
        io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*packed), &mut unpacked).unwrap();
        assert!(unpacked == text && packed.len() < text.len() / 10);
    }
}
