//! A batch of writes in pieces that one transaction of etcd takes.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::store::Write;

/// etcd takes 128 operations by default; the fence's own are among them.
const OPERATIONS: usize = 120;
/// etcd takes requests of 1.5 MiB by default.
const BYTES: usize = 1 << 20;

/// Consecutive parts of `writes`, each small enough. The writes of one event stay together where they fit;
/// `ends` has where those of each event end.
pub(super) fn pieces(writes: &[Write], ends: &[usize]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut open = Size::default();
    let mut begin = 0;
    for end in ends.iter().copied().chain([writes.len()]) {
        if end <= begin {
            continue;
        }
        let event = Size::of(&writes[begin..end]);
        if let Some(piece) = pieces.last_mut()
            && open.plus(event).fits()
        {
            piece.end = end;
            open = open.plus(event);
        } else if event.fits() {
            pieces.push(begin..end);
            open = event;
        } else {
            open = split(writes, begin..end, &mut pieces);
        }
        begin = end;
    }
    pieces
}

/// Cuts up one event that is too large. One write that is too large stays whole: etcd says so.
fn split(writes: &[Write], event: Range<usize>, pieces: &mut Vec<Range<usize>>) -> Size {
    let mut open = Size::default();
    let mut begin = event.start;
    for index in event.clone() {
        let size = Size::of(&writes[index..=index]);
        if begin < index && !open.plus(size).fits() {
            pieces.push(begin..index);
            begin = index;
            open = Size::default();
        }
        open = open.plus(size);
    }
    pieces.push(begin..event.end);
    open
}

/// The last write of each key: a transaction takes a key once.
pub(super) fn last_of_each(writes: &[Write]) -> impl Iterator<Item = &Write> {
    let mut last: BTreeMap<&str, &Write> = BTreeMap::new();
    for write in writes {
        last.insert(key(write), write);
    }
    last.into_values()
}

fn key(write: &Write) -> &str {
    match write {
        Write::Put(key, _) | Write::Delete(key) => key,
    }
}

#[derive(Clone, Copy, Default)]
struct Size {
    operations: usize,
    bytes: usize,
}

impl Size {
    fn of(writes: &[Write]) -> Self {
        let bytes = writes.iter().map(|write| match write {
            Write::Put(key, value) => key.len() + value.len(),
            Write::Delete(key) => key.len(),
        });
        Self { operations: writes.len(), bytes: bytes.sum() }
    }

    fn plus(self, other: Self) -> Self {
        Self { operations: self.operations + other.operations, bytes: self.bytes + other.bytes }
    }

    fn fits(self) -> bool {
        self.operations <= OPERATIONS && self.bytes <= BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: usize, bytes: usize) -> Write {
        Write::Put(format!("{key}"), vec![0; bytes])
    }

    /// Pieces cover the batch in order, fit, and cut through no event that fits itself.
    #[test]
    fn pieces_fit_and_keep_events_together() {
        // Events of 1 to 40 writes, two of 300, one of large values.
        let mut writes = Vec::new();
        let mut ends = Vec::new();
        for count in (1..40).chain([300]).chain(1..40).chain([300, 1]) {
            writes.extend((0..count).map(|n| put(n, 10)));
            ends.push(writes.len());
        }
        writes.extend((0..5).map(|n| put(n, BYTES / 3)));
        ends.push(writes.len());
        let pieces = pieces(&writes, &ends);
        let mut next = 0;
        for piece in &pieces {
            assert_eq!(piece.start, next);
            assert!(Size::of(&writes[piece.clone()]).fits(), "{piece:?}");
            next = piece.end;
        }
        assert_eq!(next, writes.len());
        let mut begin = 0;
        for end in ends {
            let cuts = pieces.iter().filter(|piece| begin < piece.start && piece.start < end);
            assert!(cuts.count() == 0 || !Size::of(&writes[begin..end]).fits(), "{begin}..{end}");
            begin = end;
        }
        assert!(pieces.len() < 25, "{}", pieces.len());
    }

    /// A write that is too large for itself is a piece of its own, and no writes are no pieces.
    #[test]
    fn a_write_that_is_too_large_stands_alone() {
        let writes = [put(0, 1), put(1, 2 * BYTES), put(2, 1)];
        assert_eq!(pieces(&writes, &[3]), [0..1, 1..2, 2..3]);
        assert!(pieces(&[], &[]).is_empty());
        assert_eq!(pieces(&[put(0, 1), put(1, BYTES)], &[]), [0..1, 1..2]);
    }

    /// Of several writes of one key only the last counts.
    #[test]
    fn only_the_last_write_of_a_key_counts() {
        let writes = [put(1, 1), Write::Delete("2".to_owned()), put(1, 2), put(2, 3)];
        let last: Vec<&Write> = last_of_each(&writes).collect();
        assert_eq!(last, [&put(1, 2), &put(2, 3)]);
    }
}
