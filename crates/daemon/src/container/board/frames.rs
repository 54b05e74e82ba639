//! What an agent and the owner of a container say to each other about its standard streams: frames of one
//! byte for the kind, four for the length, and the payload.

use std::io;

use bytes::{BufMut as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Largest payload of a frame.
pub const PAYLOAD_LIMIT_BYTES: usize = 1 << 20;

/// What is said of streams that are pipes; an owner of an earlier version says nothing either way.
pub const NO_TERMINAL: &[u8] = b"no terminal";

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// First of a connection: it wants the output from now on.
    WantOutput,
    /// First of a connection: it brings input.
    BringInput,
    /// For [`Self::BringInput`]: go on. Says [`NO_TERMINAL`] where there is none.
    Accepted,
    /// For [`Self::BringInput`]: why not. Nothing follows.
    Refused,
    /// Input; nothing in it is the end of input.
    Stdin,
    /// Rows and columns of the terminal, two bytes each.
    Window,
    Stdout,
    Stderr,
}

const KINDS: [(Kind, u8); 8] = [
    (Kind::WantOutput, b'O'),
    (Kind::BringInput, b'I'),
    (Kind::Accepted, b'Y'),
    (Kind::Refused, b'N'),
    (Kind::Stdin, b'0'),
    (Kind::Stdout, b'1'),
    (Kind::Stderr, b'2'),
    (Kind::Window, b'W'),
];

/// One thing said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: Kind,
    pub payload: Bytes,
}

impl Frame {
    pub fn new(kind: Kind, payload: impl Into<Bytes>) -> Self {
        Self { kind, payload: payload.into() }
    }

    pub fn window(rows: u16, columns: u16) -> Self {
        let mut payload = BytesMut::with_capacity(4);
        payload.put_u16(rows);
        payload.put_u16(columns);
        Self::new(Kind::Window, payload)
    }

    /// Rows and columns of a [`Kind::Window`].
    pub fn size(&self) -> Option<(u16, u16)> {
        let bytes: [u8; 4] = self.payload.as_ref().try_into().ok()?;
        let [a, b, c, d] = bytes;
        (self.kind == Kind::Window)
            .then_some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
    }
}

/// Reads the next frame; `None` at the end between two of them. Not to be dropped half-way.
///
/// # Errors
/// The stream broke, or holds something else.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Frame>> {
    let mut head = [0; 5];
    if stream.read(&mut head[..1]).await? == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut head[1..]).await?;
    let [kind, a, b, c, d] = head;
    let other = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let kind = KINDS.iter().find(|(_, byte)| *byte == kind).map(|(kind, _)| *kind);
    let kind = kind.ok_or_else(|| other("a frame of an unknown kind"))?;
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    if length > PAYLOAD_LIMIT_BYTES {
        return Err(other("a frame that is too long"));
    }
    let mut payload = BytesMut::zeroed(length);
    stream.read_exact(&mut payload).await?;
    Ok(Some(Frame { kind, payload: payload.freeze() }))
}

/// Writes one frame, in one piece where the stream takes it.
///
/// # Errors
/// The stream broke, or the payload is larger than [`PAYLOAD_LIMIT_BYTES`].
pub async fn write(stream: &mut (impl AsyncWrite + Unpin), frame: &Frame) -> io::Result<()> {
    if frame.payload.len() > PAYLOAD_LIMIT_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a frame that is too long"));
    }
    let (_, kind) = KINDS.iter().find(|(kind, _)| *kind == frame.kind).expect("all are listed");
    let mut bytes = BytesMut::with_capacity(5 + frame.payload.len());
    bytes.put_u8(*kind);
    bytes.put_u32(u32::try_from(frame.payload.len()).expect("checked above"));
    bytes.put_slice(&frame.payload);
    stream.write_all(&bytes).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind of frame is read as it was written, and the end between frames is no error.
    #[tokio::test]
    async fn frames_are_read_as_they_were_written() {
        let mut bytes = Vec::new();
        for (kind, _) in KINDS {
            write(&mut bytes, &Frame::new(kind, format!("{kind:?}"))).await.unwrap();
        }
        let mut rest = bytes.as_slice();
        for (kind, _) in KINDS {
            let frame = read(&mut rest).await.unwrap().unwrap();
            assert_eq!(frame, Frame::new(kind, format!("{kind:?}")));
        }
        assert_eq!(read(&mut rest).await.unwrap(), None);
        assert_eq!(Frame::window(24, 80).size(), Some((24, 80)));
        assert_eq!(Frame::new(Kind::Stdin, "four").size(), None);
    }

    /// What is no frame, too long or cut off is an error, not a wait or a large allocation.
    #[tokio::test]
    async fn what_is_no_frame_is_refused() {
        for bytes in [&b"X\0\0\0\0"[..], b"0\xff\xff\xff\xff", b"0\0\0\0\x05abc", b"0\0"] {
            assert!(read(&mut &bytes[..]).await.is_err(), "{bytes:?}");
        }
        let long = Frame::new(Kind::Stdin, vec![0; PAYLOAD_LIMIT_BYTES + 1]);
        assert!(write(&mut Vec::new(), &long).await.is_err());
    }
}
