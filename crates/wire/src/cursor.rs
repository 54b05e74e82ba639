//! The protobuf encoding below the level of messages: keys, varints, lengths.

/// Bytes that are no protobuf encoding.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// One value as it stands in the bytes; the field's kind says how to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
    /// A group, skipped: no message of ours has one.
    Group,
}

const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;
const GROUP: u64 = 3;
const GROUP_END: u64 = 4;
const FIXED32: u64 = 5;

/// Reads the fields of one message in the order of the bytes.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// `position` beyond the end reads as the end.
    pub(crate) fn at(bytes: &'a [u8], position: usize) -> Self {
        Self { bytes, position: position.min(bytes.len()) }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// The next field's number and value; `None` at the end.
    #[expect(
        clippy::inline_always,
        reason = "else the value goes through memory twice, half the time of writing JSON"
    )]
    #[inline(always)]
    pub(crate) fn next(&mut self) -> Result<Option<(u32, Value<'a>)>, Malformed> {
        if self.position == self.bytes.len() {
            return Ok(None);
        }
        let (number, wire_type) = self.key()?;
        let value = match wire_type {
            GROUP => {
                self.skip_group()?;
                Value::Group
            }
            _ => self.value(wire_type)?,
        };
        Ok(Some((number, value)))
    }

    /// A varint, for walking the contents of a packed field; `None` at the end.
    pub(crate) fn next_packed_varint(&mut self) -> Result<Option<u64>, Malformed> {
        if self.position == self.bytes.len() { Ok(None) } else { self.varint().map(Some) }
    }

    /// A packed value of fixed size; `None` at the end.
    pub(crate) fn next_packed_fixed<const N: usize>(
        &mut self,
    ) -> Result<Option<[u8; N]>, Malformed> {
        if self.position == self.bytes.len() { Ok(None) } else { self.array().map(Some) }
    }

    #[inline]
    fn key(&mut self) -> Result<(u32, u64), Malformed> {
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).map_err(|_| Malformed)?;
        Ok((number, key & 7))
    }

    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn value(&mut self, wire_type: u64) -> Result<Value<'a>, Malformed> {
        Ok(match wire_type {
            VARINT => Value::Varint(self.varint()?),
            FIXED64 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            FIXED32 => Value::Fixed32(u32::from_le_bytes(self.array()?)),
            BYTES => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
                Value::Bytes(self.take(length)?)
            }
            _ => return Err(Malformed),
        })
    }

    // A counter instead of recursion: depth costs nothing.
    fn skip_group(&mut self) -> Result<(), Malformed> {
        let mut open = 1_usize;
        while open > 0 {
            match self.key()?.1 {
                GROUP => open += 1,
                GROUP_END => open -= 1,
                other => {
                    self.value(other)?;
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Malformed> {
        // Keys, lengths and most numbers are one byte.
        match self.bytes.get(self.position) {
            Some(byte) if *byte < 0x80 => {
                self.position += 1;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0_u64;
        for (count, byte) in self.bytes[self.position..].iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * count);
            if byte & 0x80 == 0 {
                self.position += count + 1;
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    #[inline]
    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let end = self.position.checked_add(length).ok_or(Malformed)?;
        let taken = self.bytes.get(self.position..end).ok_or(Malformed)?;
        self.position = end;
        Ok(taken)
    }
}

/// A length whose place is reserved before the content is known.
#[derive(Debug)]
pub(crate) struct OpenLength(usize);

#[inline]
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(low_bits(value) | 0x80);
        value >>= 7;
    }
    out.push(low_bits(value));
}

pub(crate) fn put_varint_field(out: &mut Vec<u8>, number: u32, value: u64) {
    put_varint(out, u64::from(number) << 3 | VARINT);
    put_varint(out, value);
}

pub(crate) fn put_fixed64_field(out: &mut Vec<u8>, number: u32, value: u64) {
    put_varint(out, u64::from(number) << 3 | FIXED64);
    out.extend_from_slice(&value.to_le_bytes());
}

pub(crate) fn put_fixed32_field(out: &mut Vec<u8>, number: u32, value: u32) {
    put_varint(out, u64::from(number) << 3 | FIXED32);
    out.extend_from_slice(&value.to_le_bytes());
}

pub(crate) fn put_bytes_field(out: &mut Vec<u8>, number: u32, value: &[u8]) {
    put_bytes_key(out, number);
    put_varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// How long a field of so many bytes is, with its key and its length.
pub(crate) fn bytes_field_length(number: u32, bytes: usize) -> u64 {
    let bytes = bytes as u64;
    (varint_length(u64::from(number) << 3) + varint_length(bytes)) as u64 + bytes
}

/// Begins a field with bytes, whose length and content are the caller's to write.
#[inline]
pub(crate) fn put_bytes_key(out: &mut Vec<u8>, number: u32) {
    put_varint(out, u64::from(number) << 3 | BYTES);
}

fn varint_length(value: u64) -> usize {
    let bits = u64::BITS - (value | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// Begins a length in its shortest form, which [`close_short_length`] fills in.
pub(crate) fn open_short_length(out: &mut Vec<u8>) -> OpenLength {
    out.push(0);
    OpenLength(out.len() - 1)
}

/// Most contents fit the one byte that was reserved; longer ones, which are few and not so long, move.
pub(crate) fn close_short_length(out: &mut Vec<u8>, open: &OpenLength) {
    let begin = open.0 + 1;
    let length = out.len() - begin;
    if length < 0x80 {
        out[open.0] = low_bits(length as u64);
        return;
    }
    let (end, bytes) = (out.len(), varint_length(length as u64));
    out.resize(end + bytes - 1, 0);
    out.copy_within(begin..end, open.0 + bytes);
    let place = &mut out[open.0..open.0 + bytes];
    place.copy_from_slice(&padded_length(length)[..bytes]);
    place[bytes - 1] &= 0x7f;
}

/// Begins a field whose length [`close_length`] fills in.
pub(crate) fn open_length(out: &mut Vec<u8>, number: u32) -> OpenLength {
    put_varint(out, u64::from(number) << 3 | BYTES);
    let at = out.len();
    out.extend_from_slice(&[0; LENGTH_BYTES]);
    OpenLength(at)
}

// Longer than the shortest form and as valid: the content needn't move.
const LENGTH_BYTES: usize = 5;

pub(crate) fn close_length(out: &mut [u8], open: &OpenLength) {
    let length = out.len() - open.0 - LENGTH_BYTES;
    out[open.0..open.0 + LENGTH_BYTES].copy_from_slice(&padded_length(length));
}

/// Begins a field whose length is written over the bytes at the end, as many as are returned, with
/// [`padded_length`].
pub(crate) fn put_open_length(out: &mut Vec<u8>, number: u32) -> usize {
    open_length(out, number);
    LENGTH_BYTES
}

pub(crate) fn padded_length(mut length: usize) -> [u8; LENGTH_BYTES] {
    let mut bytes = [0; LENGTH_BYTES];
    for byte in &mut bytes {
        *byte = low_bits(length as u64) | 0x80;
        length >>= 7;
    }
    // Five times seven bits hold 32 GiB, more than any body may have.
    bytes[LENGTH_BYTES - 1] &= 0x7f;
    bytes
}

fn low_bits(value: u64) -> u8 {
    (value & 0x7f) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Truncated, overlong and unknown encodings are errors and never panics.
    #[test]
    fn malformed_bytes_are_errors() {
        for bytes in [
            &[0x80][..],
            &[0xff; 11],
            &[0x0a, 0x05, 1],
            &[0x09, 1, 2],
            &[0x0d, 1],
            &[0x0f],
            &[0x0c],
            &[0x0b, 0x0b, 0x0c],
            &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        ] {
            let mut cursor = Cursor::new(bytes);
            let outcome = loop {
                match cursor.next() {
                    Ok(Some(_)) => {}
                    other => break other,
                }
            };
            assert_eq!(outcome, Err(Malformed), "{bytes:?}");
        }
    }

    /// A short length is as short as can be, whatever the content's size.
    #[test]
    fn short_lengths_are_as_if_known_before() {
        for size in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0x20_0000] {
            let content: Vec<u8> = (0..size).map(low_bits).collect();
            let mut known = b"before".to_vec();
            put_bytes_field(&mut known, 3, &content);
            assert_eq!(bytes_field_length(3, content.len()), (known.len() - 6) as u64);
            let mut open = b"before".to_vec();
            put_bytes_key(&mut open, 3);
            let length = open_short_length(&mut open);
            open.extend_from_slice(&content);
            close_short_length(&mut open, &length);
            assert!(open == known, "{size}");
        }
    }

    /// A length filled in later reads as the length of what came between.
    #[test]
    fn reserved_lengths_read_back() {
        let mut out = Vec::new();
        let open = open_length(&mut out, 3);
        put_varint_field(&mut out, 1, 300);
        close_length(&mut out, &open);
        let Ok(Some((3, Value::Bytes(inner)))) = Cursor::new(&out).next() else {
            panic!("no field 3 in {out:?}")
        };
        assert_eq!(Cursor::new(inner).next(), Ok(Some((1, Value::Varint(300)))));
    }
}
