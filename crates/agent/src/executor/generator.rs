//! Ids and jitter from a seed: the same seed gives the same sequence.

use std::time::Duration;

/// Two interleaved `SplitMix64` sequences, one per half of the seed.
#[derive(Clone, Debug)]
pub(super) struct Generator {
    high: u64,
    low: u64,
}

impl Generator {
    pub(super) fn new(seed: u128) -> Self {
        let bytes = seed.to_be_bytes();
        let half = |at: usize| {
            bytes[at..at + 8].iter().fold(0_u64, |sum, &byte| (sum << 8) | u64::from(byte))
        };
        Self { high: half(0), low: half(8) }
    }

    /// A random (version 4) UUID.
    pub(super) fn uuid(&mut self) -> uuid::Uuid {
        let number = (u128::from(next(&mut self.high)) << 64) | u128::from(next(&mut self.low));
        uuid::Builder::from_random_bytes(number.to_be_bytes()).into_uuid()
    }

    /// A duration between half of `bound` and `bound`.
    pub(super) fn jitter(&mut self, bound: Duration) -> Duration {
        let half = u64::try_from(bound.as_nanos() / 2).unwrap_or(u64::MAX);
        bound.saturating_sub(Duration::from_nanos(next(&mut self.low) % half.saturating_add(1)))
    }
}

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
