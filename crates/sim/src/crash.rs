//! A death at every commit of a story's fixed script, on both sides of it.

use crate::{Outcome, Plan, Story, run, space::Side};

/// The run without any fault: how many commits there are.
pub fn calm(story: Story) -> Outcome {
    run(Plan::fixed(story))
}

/// The plans of deaths at each `step`th of `commits`.
pub fn sweep(story: Story, commits: u64, step: usize) -> Vec<Plan> {
    let numbers = (1..=commits).step_by(step);
    numbers.flat_map(|at| [Side::Before, Side::After].map(|side| Plan::dying(story, at, side))).collect()
}
