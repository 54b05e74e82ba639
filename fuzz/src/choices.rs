//! Input as a series of choices: from it messages are made that mean something, so that what a target
//! does gets deep, with now and then a byte of them changed.

use arbitrary::Unstructured;
use wire::Message;
use wire::media::{self, MediaType};

/// Numbers at which something may tip over.
const NUMBERS: [u64; 16] = [
    0,
    1,
    2,
    3,
    999_999_999,
    1_000_000_000,
    1 << 31,
    1 << 32,
    (1 << 33) + 1,
    i64::MAX as u64 - 1,
    i64::MAX as u64,
    i64::MAX as u64 + 1,
    u64::MAX - (1 << 33),
    u64::MAX - (1 << 32),
    u64::MAX - 1,
    u64::MAX,
];

/// Without any input left every choice is the first one.
#[derive(Debug)]
pub(crate) struct Choices<'a>(Unstructured<'a>);

impl<'a> Choices<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self(Unstructured::new(data))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// One of `0..count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.0.int_in_range(0..=count.saturating_sub(1)).unwrap_or(0)
    }

    pub(crate) fn one_of<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.below(options.len())]
    }

    /// True in one of `of` cases.
    pub(crate) fn rarely(&mut self, of: usize) -> bool {
        self.below(of) == of - 1
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.rarely(2)
    }

    pub(crate) fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }

    pub(crate) fn some<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| make(self)).collect()
    }

    pub(crate) fn number(&mut self) -> u64 {
        if self.rarely(4) { self.0.arbitrary().unwrap_or(0) } else { self.one_of(&NUMBERS) }
    }

    pub(crate) fn signed(&mut self) -> i64 {
        self.number().cast_signed()
    }

    pub(crate) fn bytes(&mut self, most: usize) -> &'a [u8] {
        let length = self.below(most + 1).min(self.0.len());
        self.0.bytes(length).unwrap_or_default()
    }

    /// What arrives of `message`: it goes through the format it is sent in, and seldom a few of its bytes
    /// change on the way. `None` if it can't be read then.
    pub(crate) fn arrived<T: Message>(&mut self, message: &T) -> Option<T> {
        let mut bytes = media::encode(MediaType::Protobuf, message);
        if self.rarely(4) {
            bytes = self.changed(bytes);
        }
        media::decode(MediaType::Protobuf, &bytes).ok()
    }

    pub(crate) fn changed(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len() + 1);
            match self.below(4) {
                0 if at < bytes.len() => bytes[at] = self.0.arbitrary().unwrap_or(0),
                1 => bytes.truncate(at),
                2 => bytes.splice(at..at, self.bytes(8).iter().copied()).for_each(drop),
                _ => bytes.splice(at..(at + 1).min(bytes.len()), []).for_each(drop),
            }
        }
        bytes
    }
}

impl Choices<'_> {
    /// One of the latest; `None` if there is none.
    pub(crate) fn one_of_deque<T: Clone>(
        &mut self,
        options: &std::collections::VecDeque<T>,
    ) -> Option<T> {
        let back = self.below(options.len());
        options.iter().rev().nth(back).cloned()
    }
}
