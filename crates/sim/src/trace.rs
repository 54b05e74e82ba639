//! What happened, as a hash and, where wanted, as text.

use std::collections::VecDeque;

/// Lines kept for whoever asks why a run failed.
const KEPT: usize = 400;

/// Every happening of a run in order. Two runs with the same hash were the same run.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    /// The last lines, if they are wanted.
    lines: Option<VecDeque<String>>,
}

impl Trace {
    pub(crate) fn new(keep_lines: bool) -> Self {
        Self { hash: 0xCBF2_9CE4_8422_2325, lines: keep_lines.then(VecDeque::new) }
    }

    /// Takes numbers that identify what happened into the hash.
    pub(crate) fn mix(&mut self, numbers: &[u64]) {
        for number in numbers {
            self.hash = (self.hash ^ number).wrapping_mul(0x0000_0100_0000_01B3);
            self.hash ^= self.hash >> 29;
        }
    }

    /// Keeps a line; made only where lines are wanted.
    pub(crate) fn line(&mut self, text: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            if lines.len() == KEPT {
                lines.pop_front();
            }
            lines.push_back(text());
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn into_lines(self) -> Vec<String> {
        self.lines.unwrap_or_default().into()
    }
}
