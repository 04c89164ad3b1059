//! A death at every commit of the fixed script, on both sides of it.

use crate::{Outcome, Plan, run, space::Side};

/// The run without any fault: how many commits there are.
pub fn calm() -> Outcome {
    run(Plan { calm: true, ..Plan::seeded(0) })
}

/// Runs of deaths at each `step`th of `commits`, beginning with the `first`th. Gives every outcome to `each`.
pub fn sweep(commits: u64, first: u64, step: usize, mut each: impl FnMut(u64, Side, Outcome)) {
    for number in (first.max(1)..=commits).step_by(step) {
        for side in [Side::Before, Side::After] {
            each(number, side, run(Plan { death: Some((number, side)), ..Plan::seeded(number) }));
        }
    }
}
