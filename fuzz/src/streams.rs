//! `RecordIO`: streams cut anywhere.

use bytes::{Bytes, BytesMut};
use wire::recordio::{Decoder, RecordError, encode};

/// The first byte is the longest record that is taken; the second says how the stream is cut: the size
/// of each piece follows from those before it.
pub fn recordio(data: &[u8]) {
    let [limit, cut, stream @ ..] = data else { return };
    let limit = usize::from(*limit);
    let whole = read(limit, std::iter::once(stream));
    let mut state = u32::from(*cut) + 1;
    let mut rest = stream;
    let pieces = std::iter::from_fn(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let size = ((state >> 24) as usize % 9).min(rest.len());
        let (piece, later) = rest.split_at(size);
        rest = later;
        (!piece.is_empty() || !rest.is_empty()).then_some(piece)
    });
    let cut = read(limit, pieces);
    assert_eq!(cut, whole, "however a stream is cut, the same records come out");

    let (records, end) = whole;
    assert!(records.iter().all(|record| record.len() <= limit), "no record is above the limit");
    let mut again = BytesMut::new();
    for record in &records {
        encode(record, &mut again);
    }
    assert!(stream.starts_with(&again), "records are written as they were read");
    if end == Ok(true) {
        assert_eq!(&again[..], stream, "a whole stream is nothing but its records");
    }
}

/// The records of a stream; and whether it may end where it does, or what is wrong with it.
fn read<'a>(
    limit: usize,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> (Vec<Bytes>, Result<bool, RecordError>) {
    let mut decoder = Decoder::new(limit);
    let mut records = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        loop {
            match decoder.next() {
                Ok(Some(record)) => records.push(record),
                Ok(None) => break,
                Err(error) => {
                    assert!(!decoder.is_between_records());
                    assert_eq!(decoder.next(), Err(error), "an error is for good");
                    return (records, Err(error));
                }
            }
        }
    }
    (records, Ok(decoder.is_between_records()))
}
