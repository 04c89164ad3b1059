//! What every engine must do. Each case runs on each engine.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use bytes::Bytes;
use futures::{FutureExt, executor::block_on};
use store::{Change, Error, Expect, Limits, Revision, Write};

use crate::engine::{Engine, commit, delete, drain, event_line, line, lines, put, written};

macro_rules! on_every_engine {
    ($($case:ident),* $(,)?) => {
        mod memory {
            $(#[test] fn $case() { super::$case(crate::engine::Engine::memory(super::LIMITS)); })*
        }
        mod durable {
            $(#[test] fn $case() { super::$case(crate::engine::Engine::durable(super::LIMITS)); })*
        }
    };
}

on_every_engine!(
    values_are_read_back_and_listed_in_order,
    pages_belong_to_one_snapshot,
    lists_at_every_revision_show_that_state,
    preconditions_are_checked,
    a_batch_is_all_or_nothing,
    a_batch_sees_its_own_writes,
    encoders_get_the_revision_and_run_only_when_written,
    spaces_have_their_own_revisions,
    a_watch_from_every_revision_sees_each_change_once,
    a_watch_waits_and_wakes,
    a_watch_sees_only_its_prefix_and_its_position_moves_on,
    compaction_takes_history_and_no_values,
    old_history_is_forgotten_over_the_limit,
    the_future_is_refused,
    concurrent_writers_lose_nothing,
    only_one_of_many_wins_a_precondition,
    a_thousand_watchers_share_the_bytes,
    a_panicking_encoder_harms_nobody_else,
    an_empty_batch_writes_nothing,
);

const LIMITS: Limits = Limits { events: 2_000, bytes: 1 << 20 };
const ANY: Expect = Expect::Anything;

fn values_are_read_back_and_listed_in_order(engine: Engine) {
    let space = engine.space("s");
    assert_eq!(space.revision(), Revision(0));
    assert_eq!(space.get("a"), None);
    written(&*space, vec![put("b/2", ANY, "two"), put("a", ANY, "a"), put("b/1", ANY, "one"), put("c", ANY, "c")]);
    assert_eq!(line(&space.get("b/1").expect("b/1")), "b/1@3=one");
    let page = space.list("b/", None, None, 0).expect("a page");
    assert_eq!(lines(&page.items), ["b/1@3=one", "b/2@1=two"]);
    assert_eq!((page.revision, page.remaining), (Revision(4), 0));
    written(&*space, vec![delete("b/2", ANY, "gone")]);
    assert_eq!(space.get("b/2"), None);
    assert_eq!(lines(&space.list("", None, None, 0).expect("all").items), ["a@2=a", "b/1@3=one", "c@4=c"]);
}

fn pages_belong_to_one_snapshot(engine: Engine) {
    let space = engine.space("s");
    for index in 0..7 {
        written(&*space, vec![put(&format!("k/{index}"), ANY, "old")]);
    }
    let first = space.list("k/", None, None, 3).expect("the first page");
    assert_eq!((first.items.len(), first.remaining), (3, 4));
    written(&*space, vec![put("k/5", ANY, "new"), delete("k/6", ANY, ""), put("k/35", ANY, "new"), put("l", ANY, "")]);
    let at = Some(first.revision);
    let second = space.list("k/", at, Some("k/2"), 3).expect("the second page");
    assert_eq!(lines(&second.items), ["k/3@4=old", "k/4@5=old", "k/5@6=old"]);
    assert_eq!((second.revision, second.remaining), (first.revision, 1));
    let third = space.list("k/", at, Some("k/5"), 3).expect("the third page");
    assert_eq!((lines(&third.items), third.remaining), (vec!["k/6@7=old".to_owned()], 0));
    assert_eq!(space.list("k/", at, Some("k/6"), 3).expect("nothing").items, []);
}

fn lists_at_every_revision_show_that_state(engine: Engine) {
    let space = engine.space("s");
    let mut states = vec![Vec::new()];
    for round in 0..30 {
        let key = format!("k{}", round * 7 % 5);
        let gone = round % 4 == 3 && space.get(&key).is_some();
        let write = if gone { delete(&key, ANY, "") } else { put(&key, ANY, &round.to_string()) };
        written(&*space, vec![write]);
        states.push(space.list("", None, None, 0).expect("now").items);
    }
    for (revision, state) in states.iter().enumerate() {
        let page = space.list("", Some(Revision(revision as u64)), None, 0).expect("then");
        assert_eq!(&page.items, state, "at revision {revision}");
    }
}

fn preconditions_are_checked(engine: Engine) {
    let space = engine.space("s");
    let first = written(&*space, vec![put("a", Expect::Absent, "1")]);
    let again = commit(&*space, vec![put("a", Expect::Absent, "2")]);
    let current = space.get("a");
    assert_eq!(again, Err(Error::Precondition { index: 0, key: "a".into(), current: current.clone() }));
    let second = written(&*space, vec![put("a", Expect::At(first), "2")]);
    assert!(commit(&*space, vec![put("a", Expect::At(first), "3")]).is_err(), "a stale revision");
    assert!(commit(&*space, vec![delete("a", Expect::At(first), "")]).is_err(), "a stale deletion");
    assert!(commit(&*space, vec![put("b", Expect::At(second), "3")]).is_err(), "a key that is not there");
    let missing = commit(&*space, vec![delete("b", ANY, "")]);
    assert_eq!(missing, Err(Error::Precondition { index: 0, key: "b".into(), current: None }));
    written(&*space, vec![delete("a", Expect::At(second), "")]);
    assert_eq!(written(&*space, vec![put("a", Expect::Absent, "4")]), Revision(4), "failures take no revision");
}

fn a_batch_is_all_or_nothing(engine: Engine) {
    let space = engine.space("s");
    written(&*space, vec![put("c", ANY, "1")]);
    let failed =
        commit(&*space, vec![put("a", ANY, "1"), delete("c", ANY, ""), put("b", Expect::At(Revision(9)), "1")]);
    assert_eq!(failed, Err(Error::Precondition { index: 2, key: "b".into(), current: None }));
    assert_eq!(lines(&space.list("", None, None, 0).expect("all").items), ["c@1=1"]);
    assert_eq!(space.revision(), Revision(1));
}

fn a_batch_sees_its_own_writes(engine: Engine) {
    let space = engine.space("s");
    let batch =
        vec![put("a", Expect::Absent, "1"), put("a", ANY, "2"), delete("a", ANY, "3"), put("a", Expect::Absent, "4")];
    written(&*space, batch);
    let mut watch = space.watch("", Revision(0)).expect("a cursor");
    let events: Vec<_> = drain(&mut *watch).iter().map(event_line).collect();
    assert_eq!(events, ["put a@1=1", "put a@2=2 (was 1)", "delete a@3=3 (was 2)", "put a@4=4"]);
    assert!(commit(&*space, vec![put("b", Expect::Absent, ""), put("b", Expect::Absent, "")]).is_err());
}

fn encoders_get_the_revision_and_run_only_when_written(engine: Engine) {
    let space = engine.space("s");
    let ran = Arc::new(AtomicUsize::new(0));
    let counted = |key: &str, expect| {
        let ran = ran.clone();
        let encode = move |revision: Revision| {
            ran.fetch_add(1, Ordering::SeqCst);
            Bytes::from(format!("at {}", revision.0))
        };
        Write { key: key.into(), expect, change: Change::Put(Box::new(encode)) }
    };
    let stored = commit(&*space, vec![counted("a", ANY), counted("b", ANY)]).expect("written");
    assert_eq!(lines(&stored), ["a@1=at 1", "b@2=at 2"]);
    assert!(commit(&*space, vec![counted("c", ANY), counted("a", Expect::Absent)]).is_err());
    assert_eq!(ran.load(Ordering::SeqCst), 2);
}

fn spaces_have_their_own_revisions(engine: Engine) {
    let (one, two) = (engine.space("one"), engine.space("two"));
    written(&*one, vec![put("k", ANY, "1"), put("k", ANY, "2")]);
    assert_eq!(written(&*two, vec![put("k", Expect::Absent, "other")]), Revision(1));
    assert_eq!(line(&one.get("k").expect("k")), "k@2=2");
    assert_eq!(line(&engine.space("two").get("k").expect("k")), "k@1=other", "the same name is the same space");
}

fn a_watch_from_every_revision_sees_each_change_once(engine: Engine) {
    let space = engine.space("s");
    for round in 0..12 {
        let value = round.to_string();
        let key = format!("k{}", round % 3);
        let gone = round % 5 == 4 && space.get(&key).is_some();
        written(&*space, vec![if gone { delete(&key, ANY, &value) } else { put(&key, ANY, &value) }]);
    }
    let mut watch = space.watch("", Revision(0)).expect("a cursor");
    let all = drain(&mut *watch);
    assert_eq!(all.iter().map(|event| event.revision.0).collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>());
    for from in 0..=12 {
        let mut watch = space.watch("", Revision(from)).expect("a cursor");
        assert_eq!(drain(&mut *watch), all[from as usize..], "from revision {from}");
    }
}

fn a_watch_waits_and_wakes(engine: Engine) {
    let space = engine.space("s");
    let mut watch = space.watch("a", Revision(0)).expect("a cursor");
    assert!(watch.next().now_or_never().is_none());
    let reader = thread::spawn(move || block_on(watch.next()).map(|events| event_line(&events[0])));
    // Another prefix must not end the wait, whichever of the two comes first.
    written(&*space, vec![put("b", ANY, "not this")]);
    written(&*space, vec![put("a", ANY, "this")]);
    assert_eq!(reader.join().expect("a reader"), Ok("put a@2=this".to_owned()));
}

fn a_watch_sees_only_its_prefix_and_its_position_moves_on(engine: Engine) {
    let space = engine.space("s");
    let mut watch = space.watch("a/", Revision(0)).expect("a cursor");
    written(&*space, vec![put("a/1", ANY, ""), put("b/1", ANY, ""), put("a", ANY, "")]);
    assert_eq!(drain(&mut *watch).iter().map(event_line).collect::<Vec<_>>(), ["put a/1@1="]);
    written(&*space, vec![put("b/2", ANY, "")]);
    assert_eq!(drain(&mut *watch), []);
    assert_eq!(watch.position(), Revision(4));
}

fn compaction_takes_history_and_no_values(mut engine: Engine) {
    let space = engine.space("s");
    let mut late = space.watch("", Revision(0)).expect("a cursor");
    for value in ["1", "2", "3", "4"] {
        written(&*space, vec![put("a", ANY, value), put(value, ANY, value)]);
    }
    space.compact(Revision(5));
    let compacted = |requested| Error::Compacted { requested: Revision(requested), oldest: Revision(5) };
    assert_eq!(late.next().now_or_never(), Some(Err(compacted(0))));
    drop((space, late));
    for _ in 0..2 {
        let space = engine.space("s");
        assert_eq!(space.watch("", Revision(4)).err(), Some(compacted(4)));
        assert_eq!(space.list("", Some(Revision(4)), None, 0), Err(compacted(4)));
        let then = space.list("", Some(Revision(5)), None, 0).expect("the oldest");
        assert_eq!(lines(&then.items), ["1@2=1", "2@4=2", "a@5=3"]);
        let mut watch = space.watch("", Revision(5)).expect("a cursor");
        let events: Vec<_> = drain(&mut *watch).iter().map(event_line).collect();
        assert_eq!(events, ["put 3@6=3", "put a@7=4 (was 3)", "put 4@8=4"]);
        engine.reopen();
    }
    let space = engine.space("s");
    space.compact(Revision(99));
    assert_eq!(lines(&space.list("", None, None, 0).expect("all").items).len(), 5);
    assert_eq!(space.revision(), Revision(8));
    assert_eq!(written(&*space, vec![put("a", Expect::At(Revision(7)), "5")]), Revision(9));
}

fn old_history_is_forgotten_over_the_limit(mut engine: Engine) {
    let space = engine.space("s");
    for round in 0..25 {
        written(&*space, (0..100).map(|index| put(&format!("k{index}"), ANY, &round.to_string())).collect());
    }
    drop(space);
    engine.reopen();
    let space = engine.space("s");
    assert_eq!(space.revision(), Revision(2_500));
    assert!(matches!(space.watch("", Revision(499)), Err(Error::Compacted { oldest: Revision(500), .. })));
    let mut watch = space.watch("", Revision(500)).expect("the oldest");
    assert_eq!(drain(&mut *watch).len(), 2_000);
    // The limit in bytes counts as well: one large value pushes out many small ones.
    let large = "x".repeat((1 << 20) - 8);
    written(&*space, vec![put("large", ANY, &large)]);
    assert!(matches!(space.watch("", Revision(2_499)), Err(Error::Compacted { .. })));
    assert_eq!(space.list("", None, None, 0).expect("all").items.len(), 101);
}

fn the_future_is_refused(engine: Engine) {
    let space = engine.space("s");
    let now = written(&*space, vec![put("a", ANY, "")]);
    let future = Error::Future { requested: Revision(2), current: now };
    assert_eq!(space.watch("", Revision(2)).err(), Some(future.clone()));
    assert_eq!(space.list("", Some(Revision(2)), None, 0), Err(future));
    assert!(space.watch("", now).is_ok());
}

fn concurrent_writers_lose_nothing(engine: Engine) {
    const WRITERS: usize = 8;
    const ROUNDS: usize = 50;
    let space = engine.space("s");
    let mut watch = space.watch("", Revision(0)).expect("a cursor");
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let space = space.clone();
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    written(&*space, vec![put(&format!("w{writer}"), ANY, &round.to_string())]);
                }
            });
        }
    });
    let events = drain(&mut *watch);
    assert_eq!(events.len(), WRITERS * ROUNDS);
    assert!(events.iter().zip(1..).all(|(event, revision)| event.revision.0 == revision));
    for writer in 0..WRITERS {
        let key = format!("w{writer}");
        let own: Vec<_> = events.iter().filter(|event| *event.key == *key).map(|event| event.value.clone()).collect();
        assert!(own.iter().enumerate().all(|(round, value)| value == round.to_string().as_bytes()), "{own:?}");
    }
}

fn only_one_of_many_wins_a_precondition(engine: Engine) {
    let space = engine.space("s");
    let first = written(&*space, vec![put("counter", ANY, "0")]);
    // All are queued before any is answered, so that a durable engine judges them against its pending writes.
    let races: Vec<_> = (0..20).map(|_| space.commit(vec![put("counter", Expect::At(first), "1")])).collect();
    let won = races.into_iter().map(block_on).filter(Result::is_ok).count();
    assert_eq!((won, space.revision()), (1, Revision(2)));
}

fn a_thousand_watchers_share_the_bytes(engine: Engine) {
    let space = engine.space("s");
    let mut watches: Vec<_> = (0..1_000).map(|_| space.watch("", Revision(0)).expect("a cursor")).collect();
    let stored = commit(&*space, vec![put("a", ANY, "some bytes")]).expect("written");
    for watch in &mut watches {
        let events = drain(&mut **watch);
        assert_eq!(events[0].value.as_ptr(), stored[0].value.as_ptr());
    }
}

fn a_panicking_encoder_harms_nobody_else(engine: Engine) {
    let space = engine.space("s");
    let panics =
        || vec![Write { key: "a".into(), expect: ANY, change: Change::Put(Box::new(|_| panic!("as tested"))) }];
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| commit(&*space, panics())));
    assert!(!matches!(outcome, Ok(Ok(_))));
    assert_eq!(written(&*space, vec![put("a", Expect::Absent, "")]), Revision(1));
}

fn an_empty_batch_writes_nothing(engine: Engine) {
    let space = engine.space("s");
    assert_eq!(commit(&*space, Vec::new()), Ok(Vec::new()));
    assert_eq!(space.revision(), Revision(0));
}
