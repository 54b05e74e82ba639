//! Ids, tokens and jitter from the seed.

use std::time::Duration;

use bytes::Bytes;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Everything random in an agent; the same seed gives the same run.
#[derive(Clone, Debug)]
pub(crate) struct Generator(ChaCha20Rng);

impl Generator {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// A random (version 4) UUID as text.
    pub(crate) fn uuid(&mut self) -> String {
        self.make_uuid().to_string()
    }

    /// A random (version 4) UUID as it stands in status updates.
    pub(crate) fn uuid_bytes(&mut self) -> Bytes {
        Bytes::copy_from_slice(self.make_uuid().as_bytes())
    }

    /// 256 unguessable bits in hexadecimal.
    pub(crate) fn token(&mut self) -> String {
        let [a, b, c, d] = std::array::from_fn(|_| self.0.next_u64());
        format!("{a:016x}{b:016x}{c:016x}{d:016x}")
    }

    /// A duration up to `bound`, evenly spread.
    pub(crate) fn jitter(&mut self, bound: Duration) -> Duration {
        let bound = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.0.next_u64() % bound.saturating_add(1))
    }

    fn make_uuid(&mut self) -> uuid::Uuid {
        let mut random = [0; 16];
        self.0.fill_bytes(&mut random);
        uuid::Builder::from_random_bytes(random).into_uuid()
    }
}
