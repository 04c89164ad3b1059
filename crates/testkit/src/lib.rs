//! What tests of several crates share: a clock that moves when told, entropy that repeats, waiting without sleeping blindly.
//!
//! Only tests may depend on this crate.

use std::{future::Future, time::Duration};

use api::env::{Clock, Entropy};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

#[cfg(test)]
mod tests;

/// Stands still until it is told to move.
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    pub fn new(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// At an RFC 3339 time.
    ///
    /// # Panics
    /// When the text is not a time: a mistake of the test.
    pub fn at(text: &str) -> Self {
        Self::new(text.parse().unwrap_or_else(|error| panic!("{text} is no time: {error}")))
    }

    pub fn set(&self, now: Timestamp) {
        *self.0.lock() = now;
    }

    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock();
        *now =
            now.saturating_add(SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX)).unwrap_or(Timestamp::MAX);
    }
}

impl Default for FixedClock {
    /// The workshop's year, at a time that is easy to see in golden text.
    fn default() -> Self {
        Self::at("2025-06-01T12:00:00Z")
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

/// The same bytes for the same seed (SplitMix64). Never for real keys.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    /// The next number of the sequence: for tests that make their own choices.
    pub fn next_u64(&self) -> u64 {
        let mut state = self.0.lock();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound` (0 when `bound` is 0).
    pub fn below(&self, bound: u64) -> u64 {
        self.next_u64().checked_rem(bound).unwrap_or(0)
    }
}

impl Default for SeededEntropy {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let random = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
    }
}

/// Asks `probe` until it says `Some`, at most for `deadline`; on a paused clock that takes no real time.
///
/// # Panics
/// When the deadline passes: the test failed.
pub async fn eventually_some<T, F, P>(what: &str, deadline: Duration, mut probe: P) -> T
where
    P: FnMut() -> F,
    F: Future<Output = Option<T>>,
{
    let waiting = async {
        loop {
            if let Some(found) = probe().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    match tokio::time::timeout(deadline, waiting).await {
        Ok(found) => found,
        Err(_) => panic!("not within {deadline:?}: {what}"),
    }
}

/// Waits until `predicate` holds, at most for `deadline`.
///
/// # Panics
/// When the deadline passes: the test failed.
pub async fn eventually<P: FnMut() -> bool>(mut predicate: P, deadline: Duration) {
    eventually_some("the predicate holds", deadline, || {
        let held = predicate();
        async move { held.then_some(()) }
    })
    .await;
}
