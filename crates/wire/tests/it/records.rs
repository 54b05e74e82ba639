//! Streams of records.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use wire::recordio::{Decoder, encode};

fn drain(decoder: &mut Decoder) -> Vec<Bytes> {
    std::iter::from_fn(|| decoder.next().unwrap()).collect()
}

proptest! {
    /// Records come out as they went in, however the stream is cut.
    #[test]
    fn records_survive_any_cut(
        records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8),
        pieces in prop::collection::vec(1_usize..30, 1..20),
    ) {
        let mut stream = BytesMut::new();
        for record in &records {
            encode(record, &mut stream);
        }
        let mut decoder = Decoder::new(40);
        let mut got = Vec::new();
        for length in pieces.iter().cycle() {
            if stream.is_empty() {
                break;
            }
            decoder.push(&stream.split_to((*length).min(stream.len())));
            got.extend(drain(&mut decoder));
        }
        prop_assert_eq!(got, records);
        prop_assert!(decoder.is_between_records());
    }

    /// Arbitrary bytes give records or an error, and never more bytes than went in.
    #[test]
    fn arbitrary_bytes_are_records_or_an_error(
        stream in prop::collection::vec(prop_oneof![Just(b'\n'), b'0'..=b'9', any::<u8>()], 0..100),
    ) {
        let mut decoder = Decoder::new(64);
        decoder.push(&stream);
        let mut taken = 0;
        while let Ok(Some(record)) = decoder.next() {
            taken += record.len();
        }
        prop_assert!(taken <= stream.len());
    }
}
