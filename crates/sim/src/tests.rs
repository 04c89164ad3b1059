//! What continuous integration runs of the simulation. More seeds: `cargo xtask sim`.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use crate::{Outcome, Plan, crash, run, space::Side};

const SEEDS: u64 = 100;
/// Every so many-th commit of the fixed script is died at; `cargo xtask sim --crash` dies at each.
const CRASH_STEP: usize = 24;

/// Runs the jobs on all cores and gives back what their outcomes complain of.
fn failures(jobs: u64, job: impl Fn(u64) -> Vec<Outcome> + Sync) -> Vec<String> {
    let (next, found) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= jobs {
                return;
            }
            let mut failed: Vec<String> = job(number).iter().filter_map(failure).collect();
            found.lock().expect("no panic holds it").append(&mut failed);
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
    let Outcome { seed, commits, lines, failures, .. } = outcome;
    let again = format!("cargo xtask sim --seed {seed} --trace");
    (!failures.is_empty()).then(|| {
        format!("seed {seed}, {commits} commits: {}\n{}\nagain: {again}", failures.join("\n"), lines.join("\n"))
    })
}

#[test]
fn a_hundred_seeds_converge_and_fall_silent() {
    let failures = failures(SEEDS, |seed| vec![run(Plan::seeded(seed))]);
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
    let calm = crash::calm();
    assert_eq!(failure(&calm), None);
    assert!(calm.commits > 100, "the fixed script does something: {} commits", calm.commits);
    let commits: Vec<u64> = (1..=calm.commits).step_by(CRASH_STEP).collect();
    let failures = failures(u64::try_from(commits.len()).expect("few"), |number| {
        let number = commits[usize::try_from(number).expect("few")];
        [Side::Before, Side::After].map(|side| run(Plan { death: Some((number, side)), ..Plan::seeded(number) })).into()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
