//! Time and randomness of a sandbox: the clock is tokio's (which a test pauses), the randomness is a seed's.

use std::time::Duration;

use api::env::{Clock, Entropy};
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::time::Instant;

/// A fixed start plus what tokio's clock has moved since. Under a paused runtime it moves only while everybody waits.
#[derive(Debug)]
pub struct VirtualClock {
    epoch: Timestamp,
    start: Instant,
}

impl VirtualClock {
    /// Must be called within the runtime whose clock it follows.
    pub fn starting_at(epoch: Timestamp) -> Self {
        Self { epoch, start: Instant::now() }
    }

    /// How much time has passed since the start.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.epoch.checked_add(self.start.elapsed()).unwrap_or(Timestamp::MAX)
    }
}

/// Repeatable randomness: two sandboxes with one seed make the same uids. Nothing outside of the process trusts its keys.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<fastrand::Rng>);

impl SeededEntropy {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().fill(bytes);
    }
}
