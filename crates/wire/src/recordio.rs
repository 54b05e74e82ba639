//! `RecordIO`, the framing of streams: each record is its length in decimal digits, a newline, and the
//! bytes.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

/// Why bytes are no records. A decoder that met one of these gives nothing but it from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Where a length should stand is something else.
    #[error("a record's length must be decimal digits and a newline, not byte 0x{0:02x}")]
    NotALength(u8),
    /// The line of the length has no digits.
    #[error("a record's length is empty")]
    EmptyLength,
    /// `007` instead of `7`: no encoder writes this, so the stream is out of step.
    #[error("a record's length begins with a zero")]
    LeadingZero,
    /// The record is longer than this decoder takes.
    #[error("a record is longer than {limit_bytes} bytes")]
    TooLong {
        /// The decoder's limit.
        limit_bytes: usize,
    },
}

/// Appends one record to `out`.
pub fn encode(record: &[u8], out: &mut BytesMut) {
    let before = head(record.len());
    out.reserve(before.len() + record.len());
    out.put_slice(before.as_bytes());
    out.put_slice(record);
}

/// What stands before a record of so many bytes.
pub fn head(bytes: usize) -> String {
    format!("{bytes}\n")
}

/// Takes a stream in pieces of any size and gives its records.
#[derive(Debug)]
pub struct Decoder {
    limit_bytes: usize,
    buffer: BytesMut,
    /// Length of the record whose bytes come next.
    expected: Option<usize>,
    failed: Option<RecordError>,
}

impl Decoder {
    /// A decoder that refuses records longer than `limit_bytes`.
    pub fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes, buffer: BytesMut::new(), expected: None, failed: None }
    }

    /// Takes the next bytes of the stream. Take the records out before pushing more: what is pushed is
    /// kept until then.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next record, or `None` until more bytes come.
    ///
    /// # Errors
    /// When the bytes are no records or a record is too long; the stream can't be read any further.
    #[allow(clippy::should_implement_trait, reason = "`None` is not the end")]
    pub fn next(&mut self) -> Result<Option<Bytes>, RecordError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let outcome = self.advance();
        if let Err(error) = outcome {
            self.failed = Some(error);
            self.buffer = BytesMut::new();
        }
        outcome
    }

    /// Whether the stream may end here: no record has been begun.
    pub fn is_between_records(&self) -> bool {
        self.failed.is_none() && self.expected.is_none() && self.buffer.is_empty()
    }

    fn advance(&mut self) -> Result<Option<Bytes>, RecordError> {
        let length = match self.expected {
            Some(length) => length,
            None => match self.length()? {
                Some(length) => *self.expected.insert(length),
                None => return Ok(None),
            },
        };
        if self.buffer.len() < length {
            return Ok(None);
        }
        self.expected = None;
        Ok(Some(self.buffer.split_to(length).freeze()))
    }

    /// Reads the line of the length. It is bounded, since a number above the limit is refused.
    fn length(&mut self) -> Result<Option<usize>, RecordError> {
        let too_long = RecordError::TooLong { limit_bytes: self.limit_bytes };
        let mut length = 0_usize;
        for (at, byte) in self.buffer.iter().enumerate() {
            match byte {
                b'\n' if at == 0 => return Err(RecordError::EmptyLength),
                b'\n' => {
                    self.buffer.advance(at + 1);
                    return Ok(Some(length));
                }
                b'0'..=b'9' if at == 1 && length == 0 => return Err(RecordError::LeadingZero),
                b'0'..=b'9' => {
                    let digit = usize::from(byte - b'0');
                    length = length
                        .checked_mul(10)
                        .and_then(|length| length.checked_add(digit))
                        .filter(|length| *length <= self.limit_bytes)
                        .ok_or(too_long)?;
                }
                other => return Err(RecordError::NotALength(*other)),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(decoder: &mut Decoder) -> Result<Vec<Bytes>, RecordError> {
        let mut records = Vec::new();
        while let Some(record) = decoder.next()? {
            records.push(record);
        }
        Ok(records)
    }

    /// Whatever way a stream is cut in three, its records come out the same.
    #[test]
    fn records_survive_every_cut_in_three() {
        let records: [&[u8]; 4] = [b"", b"abc", b"0123456789ab", b"7\nx"];
        let mut stream = BytesMut::new();
        for record in records {
            encode(record, &mut stream);
        }
        for first in 0..=stream.len() {
            for second in first..=stream.len() {
                let mut decoder = Decoder::new(12);
                let mut got = Vec::new();
                for part in [&stream[..first], &stream[first..second], &stream[second..]] {
                    decoder.push(part);
                    got.extend(all(&mut decoder).unwrap());
                }
                assert_eq!(got, records);
                assert!(decoder.is_between_records());
            }
        }
    }

    /// What is no length is refused at its first wrong byte, and the decoder stays refused.
    #[test]
    fn wrong_lengths_are_refused_for_good() {
        let too_long = RecordError::TooLong { limit_bytes: 100 };
        for (stream, error) in [
            ("\n", RecordError::EmptyLength),
            ("007\n", RecordError::LeadingZero),
            ("00", RecordError::LeadingZero),
            ("-1\n", RecordError::NotALength(b'-')),
            ("+1\n", RecordError::NotALength(b'+')),
            (" 1\n", RecordError::NotALength(b' ')),
            ("1\r\n", RecordError::NotALength(b'\r')),
            ("{}", RecordError::NotALength(b'{')),
            ("101", too_long),
            ("99999999999999999999999999", too_long),
        ] {
            let mut decoder = Decoder::new(100);
            decoder.push(stream.as_bytes());
            assert_eq!(decoder.next(), Err(error), "{stream:?}");
            decoder.push(b"1\nx");
            assert_eq!(decoder.next(), Err(error), "{stream:?}");
            assert!(!decoder.is_between_records());
        }
    }

    /// A stream that ends within a record is told from one that ends between records.
    #[test]
    fn a_truncated_stream_is_not_between_records() {
        for stream in ["3", "3\n", "3\nab"] {
            let mut decoder = Decoder::new(100);
            decoder.push(stream.as_bytes());
            assert_eq!(decoder.next(), Ok(None));
            assert!(!decoder.is_between_records(), "{stream:?}");
        }
    }
}
