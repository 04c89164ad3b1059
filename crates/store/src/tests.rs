use futures::{FutureExt, executor::block_on};

use super::*;

fn put(key: &str, expect: Expect, value: &'static str) -> Write {
    Write { key: key.into(), expect, change: Change::Put(Box::new(move |_| Bytes::from_static(value.as_bytes()))) }
}

#[test]
fn a_memory_commit_is_done_when_the_call_returns() {
    let store = Memory::new();
    let space = store.space("a").expect("a space");
    let commit = space.commit(vec![put("k", Expect::Absent, "v")]);
    assert_eq!(space.revision(), Revision(1));
    assert!(commit.now_or_never().expect("ready at once").is_ok());
    let mut watch = space.watch("", Revision(0)).expect("a cursor");
    assert_eq!(block_on(watch.next()).expect("events").len(), 1);
    assert_eq!(watch.position(), Revision(1));
}

#[test]
fn a_fork_goes_its_own_way_from_the_same_revision() {
    let store = Memory::new();
    let space = store.space("a").expect("a space");
    block_on(space.commit(vec![put("x", Expect::Absent, "1"), put("y", Expect::Absent, "2")])).expect("written");
    let fork = Memory::new().fork_of("a", space.as_ref()).expect("a fork");
    assert_eq!(fork.revision(), Revision(2));
    block_on(fork.commit(vec![put("x", Expect::At(Revision(1)), "3")])).expect("the revision of x came along");
    assert_eq!(space.get("x").expect("x").value, "1");
    assert_eq!(
        fork.watch("", Revision(0)).err(),
        Some(Error::Compacted { requested: Revision(0), oldest: Revision(2) })
    );
}
