//! What was written last, to be copied where it comes again.

/// The fields that [`Composer::alike`](super::Composer::alike) wrote last, and for which key. For fields of one message
/// type, written in one answer.
#[derive(Debug)]
pub struct Memo<K> {
    key: Option<K>,
    written: Vec<u8>,
    /// Where in its message what was written ends.
    next: usize,
}

impl<K> Default for Memo<K> {
    fn default() -> Self {
        Self { key: None, written: Vec::new(), next: 0 }
    }
}

impl<K: PartialEq> Memo<K> {
    pub(super) fn of(&self, key: &K) -> Option<(&[u8], usize)> {
        (self.key.as_ref() == Some(key)).then_some((&*self.written, self.next))
    }

    pub(super) fn keep(&mut self, key: K, written: &[u8], next: usize) {
        self.key = Some(key);
        self.written.clear();
        self.written.extend_from_slice(written);
        self.next = next;
    }
}
