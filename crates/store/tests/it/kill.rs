//! kill -9 of a real process under load, again and again on the same directory.
//!
//! The process is this test binary itself, run for the one test that is the writer.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use futures::executor::block_on;
use store::{Durable, Expect, Revision, Store};
use testkit::SeededEntropy;

use crate::engine::{drain, put};

const DIR: &str = "STORE_KILL_TEST_DIR";
const SPACES: [&str; 2] = ["one", "two"];
const WRITERS: usize = 4;
const KILLS: u64 = 20;

#[expect(clippy::disallowed_methods, reason = "how the parent tells the writer where to write; no code under test")]
fn directory() -> Option<PathBuf> {
    std::env::var_os(DIR).map(PathBuf::from)
}

/// Not a test by itself: what the killed process runs.
#[test]
fn writer_process() {
    let Some(dir) = directory() else { return };
    let store = Durable::open(&dir).expect("opens, whenever the one before was killed");
    thread::scope(|scope| {
        for name in SPACES {
            for writer in 0..WRITERS {
                let space = store.space(name).expect("a space");
                scope.spawn(move || {
                    let [first, second] = ["a", "b"].map(|key| format!("{writer}/{key}"));
                    let mut round: u64 = value(space.get(&first).map(|stored| stored.value));
                    loop {
                        round += 1;
                        let text = round.to_string();
                        let writes = vec![put(&first, Expect::Anything, &text), put(&second, Expect::Anything, &text)];
                        let stored = block_on(space.commit(writes)).expect("written");
                        let line = format!("\nack {name} {writer} {round} {}\n", stored[1].revision.0);
                        std::io::stdout().write_all(line.as_bytes()).expect("the parent reads");
                    }
                });
            }
        }
    });
}

fn value(bytes: Option<bytes::Bytes>) -> u64 {
    bytes.map_or(0, |bytes| String::from_utf8_lossy(&bytes).parse().expect("a number"))
}

type Acknowledged = BTreeMap<(String, usize), (u64, u64)>;

/// Runs the writer, kills it after `after` acknowledgements, and returns all that it said before it died.
fn run_and_kill(dir: &Path, after: u64) -> Acknowledged {
    let mut child = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "kill::writer_process", "--nocapture", "--test-threads=1"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the writer starts");
    let mut acknowledged = Acknowledged::new();
    let mut seen = 0;
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    for line in output.lines() {
        let line = line.expect("text");
        let Some(fields) = line.strip_prefix("ack ") else { continue };
        let fields: Vec<&str> = fields.split(' ').collect();
        // The last line may be cut off.
        let [name, writer, round, revision] = fields[..] else { continue };
        let (Ok(writer), Ok(round), Ok(revision)) = (writer.parse(), round.parse(), revision.parse()) else { continue };
        acknowledged.insert((name.to_owned(), writer), (round, revision));
        seen += 1;
        if seen == after {
            child.kill().expect("killed");
        }
    }
    child.wait().expect("ended");
    assert!(seen >= after, "the writer ended by itself after {seen} writes");
    acknowledged
}

fn check(dir: &Path, acknowledged: &Acknowledged) {
    let store = Durable::open(dir).expect("opens after a kill");
    for name in SPACES {
        let space = store.space(name).expect("a space");
        for writer in 0..WRITERS {
            let [first, second] = ["a", "b"].map(|key| space.get(&format!("{writer}/{key}")));
            let revisions = [&first, &second].map(|stored| stored.as_ref().map_or(0, |stored| stored.revision.0));
            let [first, second] = [first, second].map(|stored| value(stored.map(|stored| stored.value)));
            assert_eq!(first, second, "half a batch");
            let (round, revision) = acknowledged.get(&(name.to_owned(), writer)).copied().unwrap_or_default();
            assert!(first >= round, "{name}/{writer}: round {round} was acknowledged, {first} is there");
            assert!(revisions[1] >= revision && (first == 0 || revisions[1] == revisions[0] + 1));
        }
        let from = Revision(space.revision().0.saturating_sub(1_000));
        let events = drain(&mut *space.watch("", from).expect("history survives a kill"));
        assert!(events.iter().zip(from.0 + 1..).all(|(event, revision)| event.revision.0 == revision));
        assert_eq!(events.last().map_or(0, |event| event.revision.0), space.revision().0);
    }
}

#[test]
fn kill_9_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().expect("a directory");
    let chance = SeededEntropy::new(9);
    for _ in 0..KILLS {
        let acknowledged = run_and_kill(dir.path(), 1 + chance.below(120));
        check(dir.path(), &acknowledged);
    }
}
