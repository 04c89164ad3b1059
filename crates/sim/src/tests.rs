//! What continuous integration runs of the simulation. More seeds: `cargo xtask sim`.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::{Outcome, Plan, Story, crash, run};

const SEEDS: u64 = 100;
/// Every so many-th commit of a fixed script is died at; `cargo xtask sim --crash` dies at each.
const CRASH_STEP: usize = 24;

/// Runs the plans on all cores and gives back what their outcomes complain of.
fn failures(plans: &[Plan]) -> Vec<String> {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(plan) = plans.get(next.fetch_add(1, Ordering::Relaxed)) {
            let failed = failure(&run(*plan));
            found.lock().expect("no panic holds it").extend(failed);
        }
    };
    thread::scope(|scope| {
        (0..thread::available_parallelism().map_or(1, usize::from)).for_each(|_| {
            scope.spawn(work);
        });
    });
    found.into_inner().expect("no panic holds it")
}

fn failure(outcome: &Outcome) -> Option<String> {
    let Outcome { plan, commits, lines, failures, .. } = outcome;
    (!failures.is_empty()).then(|| {
        let (failures, lines) = (failures.join("\n"), lines.join("\n"));
        format!("{:?}, {commits} commits: {failures}\n{lines}\nagain: {}", plan.story, plan.command())
    })
}

#[test]
fn a_hundred_seeds_converge_and_fall_silent() {
    let plans: Vec<Plan> = (0..SEEDS).map(Plan::seeded).collect();
    let failures = failures(&plans);
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 0..10 {
        let (first, second) = (run(Plan::seeded(seed)), run(Plan::seeded(seed)));
        assert_eq!(
            (first.hash, first.events, first.commits),
            (second.hash, second.events, second.commits),
            "seed {seed}"
        );
    }
}

#[test]
fn a_death_at_any_commit_is_harmless() {
    let calm = crash::calm(Story::Vault);
    assert_eq!(failure(&calm), None);
    assert!(calm.commits > 100, "the fixed script does something: {} commits", calm.commits);
    let failures = failures(&crash::sweep(Story::Vault, calm.commits, CRASH_STEP));
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn sample_1_is_made_changed_and_removed_and_then_all_is_silent() {
    let calm = crash::calm(Story::Sample1);
    assert_eq!(failure(&calm), None);
    assert!(calm.commits > 500, "the fixed script does something: {} commits", calm.commits);
}
