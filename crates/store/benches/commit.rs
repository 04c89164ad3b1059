//! Group commit: 64 writers of 2 KB values against one. Prints figures; asserts only what does not depend on the machine.

use std::{path::Path, sync::Arc, thread, time::Instant};

use bytes::Bytes;
use futures::executor::block_on;
use store::{Change, Durable, Expect, Space, Store, Write};

const VALUE_BYTES: usize = 2_048;

fn main() {
    for (writers, rounds) in [(1, 200), (8, 100), (64, 100)] {
        let dir = tempfile::tempdir_in(place()).expect("a directory");
        let store = Durable::open(dir.path()).expect("a store");
        let space = store.space("bench").expect("a space");
        let (seconds, mut latencies) = measure(&space, writers, rounds);
        let commits = writers * rounds;
        assert_eq!(space.revision().0, commits as u64);
        latencies.sort_unstable_by(f64::total_cmp);
        let at = |part: f64| latencies[((commits - 1) as f64 * part) as usize] * 1e3;
        report(&format!(
            "{writers:>3} writers: {:>7.0} commits/s, p50 {:>6.2} ms, p99 {:>6.2} ms ({commits} commits of {VALUE_BYTES} B)",
            commits as f64 / seconds,
            at(0.5),
            at(0.99),
        ));
        drop(store);
        reopen(dir.path(), commits as u64);
    }
}

/// On the disk of the build, not on a temporary file system in memory.
fn place() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn report(line: &str) {
    println!("{line}");
}

fn measure(space: &Arc<dyn Space>, writers: usize, rounds: usize) -> (f64, Vec<f64>) {
    let start = now();
    let threads: Vec<_> = (0..writers)
        .map(|writer| {
            let space = space.clone();
            thread::spawn(move || {
                let value = Bytes::from(vec![b'x'; VALUE_BYTES]);
                let commit = |round: usize| {
                    let (value, start) = (value.clone(), now());
                    let change = Change::Put(Box::new(move |_| value));
                    let write = Write { key: format!("/w{writer}/{round}"), expect: Expect::Absent, change };
                    block_on(space.commit(vec![write])).expect("written");
                    start.elapsed().as_secs_f64()
                };
                (0..rounds).map(commit).collect::<Vec<f64>>()
            })
        })
        .collect();
    let latencies = threads.into_iter().flat_map(|thread| thread.join().expect("a writer")).collect();
    (start.elapsed().as_secs_f64(), latencies)
}

fn reopen(dir: &Path, revision: u64) {
    let start = now();
    let store = Durable::open(dir).expect("opens again");
    let space = store.space("bench").expect("a space");
    assert_eq!(space.revision().0, revision);
    report(&format!("    reopened with {revision} values in {:.1} ms", start.elapsed().as_secs_f64() * 1e3));
}
