//! All chance of a run, from its seed. Drawn in the order in which the run asks, which is the same in every replay.

use parking_lot::Mutex;

#[derive(Debug)]
pub(crate) struct Dice(Mutex<fastrand::Rng>);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.0.lock().u64(0..bound)
    }

    /// True in so many of a thousand cases.
    pub(crate) fn permille(&self, chance: u64) -> bool {
        self.below(1000) < chance
    }
}
