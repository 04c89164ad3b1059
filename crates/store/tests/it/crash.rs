//! Power cuts at every operation of the disk: nothing that was acknowledged is lost, no batch is there by half.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::executor::block_on;
use store::{Change, Durable, Error, Expect, Limits, Revision, Store, Write};
use testkit::SeededEntropy;

use crate::{
    disk::{Disk, Failure},
    engine::{delete, drain, put},
};

const LIMITS: Limits = Limits { events: 16, bytes: 1 << 20 };
const SPACES: [&str; 2] = ["one", "two"];
const ROUNDS: u64 = 10;

/// What a client knows: the last round that was acknowledged, by space and pair of keys, with its revision.
type Acknowledged = BTreeMap<(&'static str, u64), (u64, Revision)>;

/// An empty store. Making one is not cut here: a directory gets its database by a rename.
fn empty() -> Vec<u8> {
    let disk = Disk::new(Vec::new(), None);
    drop(Durable::open_with_backend(disk.clone(), LIMITS).expect("a new store"));
    disk.synced()
}

/// Writes pairs of keys that must always be equal. Several commits are in the queue at a time.
fn workload(disk: &Disk) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    let Ok(store) = Durable::open_with_backend(disk.clone(), LIMITS) else { return acknowledged };
    let spaces = SPACES.map(|name| (name, store.space(name).expect("a space")));
    for round in 1..=ROUNDS {
        let mut queued = Vec::new();
        for (name, space) in &spaces {
            for pair in 0..2 {
                let value = format!("{round}:{}", "x".repeat((round * 300 + pair) as usize));
                let keys = [format!("{pair}/a"), format!("{pair}/b")];
                let mut writes: Vec<_> = keys.iter().map(|key| put(key, Expect::Anything, &value)).collect();
                // Now and then through a deletion, so that those are cut, too.
                if round % 4 == 0 {
                    writes.splice(0..0, keys.iter().map(|key| delete(key, Expect::Anything, "")));
                }
                queued.push((*name, pair, space.commit(writes)));
            }
        }
        for (name, pair, commit) in queued {
            match block_on(commit) {
                Ok(stored) => {
                    let revision = stored.last().expect("a write").revision;
                    acknowledged.insert((name, pair), (round, revision));
                }
                Err(error) => assert!(matches!(error, Error::Failed(_)), "{error}"),
            }
        }
        if round == 5 {
            spaces[0].1.compact(Revision(9));
        }
    }
    acknowledged
}

fn check(image: Vec<u8>, acknowledged: &Acknowledged, context: &str) {
    let store = match Durable::open_with_backend(Disk::new(image, None), LIMITS) {
        Ok(store) => store,
        Err(error) => panic!("{context}: does not open again: {error}"),
    };
    for name in SPACES {
        let space = store.space(name).expect("a space");
        for pair in 0..2 {
            let values = ["a", "b"].map(|key| space.get(&format!("{pair}/{key}")));
            let [first, second] = values.map(|stored| stored.map(|stored| (stored.value, stored.revision)));
            assert_eq!(
                first.as_ref().map(|(value, _)| value),
                second.as_ref().map(|(value, _)| value),
                "{context}: half a batch in {name}"
            );
            let round = second.map_or(0, |(value, _)| {
                String::from_utf8_lossy(&value).split(':').next().and_then(|round| round.parse().ok()).expect("a round")
            });
            let (expected, revision) = acknowledged.get(&(name, pair)).copied().unwrap_or_default();
            assert!(round >= expected, "{context}: {name}/{pair} has round {round}, {expected} was acknowledged");
            assert!(space.revision() >= revision, "{context}: the revision of {name} went back");
        }
        let from = space.revision().0.saturating_sub(4);
        match space.watch("", Revision(from)) {
            Ok(mut watch) => assert_eq!(drain(&mut *watch).len() as u64, space.revision().0 - from, "{context}"),
            Err(error) => assert!(matches!(error, Error::Compacted { .. }), "{context}: {error}"),
        }
        let last = space.revision();
        let next = block_on(space.commit(vec![put("after", Expect::Anything, "")])).expect("writes go on");
        assert_eq!(next[0].revision.0, last.0 + 1, "{context}");
    }
}

/// Fails each operation in turn until the workload gets through without reaching it.
fn cut_everywhere(failure: Failure, check: impl Fn(&Disk, &Acknowledged, &str)) {
    let empty = empty();
    let mut cuts = 0;
    for at in 1.. {
        let disk = Disk::new(empty.clone(), Some((at, failure)));
        let acknowledged = workload(&disk);
        if !disk.failed() {
            assert_eq!(acknowledged.len(), 4);
            break;
        }
        cuts += 1;
        check(&disk, &acknowledged, &format!("{failure:?} at operation {at}"));
    }
    assert!(cuts > 100, "only {cuts} operations were cut: the workload tests nothing");
}

#[test]
fn a_power_cut_at_any_operation_loses_nothing_acknowledged() {
    cut_everywhere(Failure::Dead, |disk, acknowledged, context| check(disk.synced(), acknowledged, context));
}

#[test]
fn torn_writes_lose_nothing_acknowledged() {
    let chance = SeededEntropy::new(20);
    cut_everywhere(Failure::Dead, |disk, acknowledged, context| {
        for _ in 0..2 {
            check(disk.torn(&chance), acknowledged, context);
        }
    });
}

#[test]
fn a_single_failed_operation_loses_nothing_acknowledged() {
    cut_everywhere(Failure::Once, |disk, acknowledged, context| {
        check(disk.synced(), acknowledged, context);
    });
}

#[test]
fn after_a_failure_no_write_is_acknowledged_and_reads_go_on() {
    let disk = Disk::new(empty(), Some((60, Failure::Once)));
    let store = Durable::open_with_backend(disk.clone(), LIMITS).expect("opens");
    let space = store.space("one").expect("a space");
    let mut outcomes = Vec::new();
    for _ in 0..40 {
        outcomes.push(block_on(space.commit(vec![put("k", Expect::Anything, &"x".repeat(9_000))])));
    }
    let failed = outcomes.iter().position(Result::is_err).expect("the disk failed once");
    assert!(outcomes[failed..].iter().all(|outcome| matches!(outcome, Err(Error::Failed(_)))), "{outcomes:?}");
    let acknowledged = outcomes[..failed].last().map(|outcome| outcome.as_ref().expect("written")[0].revision);
    if let Some(revision) = acknowledged {
        assert_eq!(space.get("k").map(|stored| stored.revision), Some(revision), "what failed is not visible");
    }
}

#[test]
fn whatever_is_queued_shares_one_sync() {
    let disk = Disk::new(empty(), None);
    let store = Durable::open_with_backend(disk.clone(), LIMITS).expect("opens");
    let spaces = SPACES.map(|name| store.space(name).expect("a space"));
    // Making the file longer costs a sync of its own, which is not what is counted here: it is made long enough first.
    for space in &spaces {
        let writes = (0..500).map(|index| put(&format!("room{index}"), Expect::Anything, "")).collect();
        assert!(block_on(space.commit(writes)).is_ok());
    }
    let before = disk.syncs();
    assert!(block_on(spaces[0].commit(vec![put("one", Expect::Anything, "")])).is_ok());
    let alone = disk.syncs() - before;
    // The committer is held up in this encoder until all the others are queued.
    let (release, wait) = std::sync::mpsc::channel();
    let change = Change::Put(Box::new(move |_| {
        wait.recv().expect("released");
        Bytes::new()
    }));
    let first = spaces[0].commit(vec![Write { key: "first".into(), expect: Expect::Anything, change }]);
    let queued: Vec<_> =
        (0..500).map(|index| spaces[index % 2].commit(vec![put(&format!("k{index}"), Expect::Absent, "")])).collect();
    let before = disk.syncs();
    release.send(()).expect("it waits");
    assert!(block_on(first).is_ok());
    assert!(queued.into_iter().all(|commit| block_on(commit).is_ok()));
    let syncs = disk.syncs() - before;
    assert!(syncs <= 2 * alone, "{syncs} syncs for 501 commits, {alone} for one");
}
