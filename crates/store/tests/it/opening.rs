//! Opening, locking and copying of a data directory.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use store::{Durable, Error, Expect, Memory, Revision, Store};

use crate::engine::{commit, drain, event_line, lines, put, written};

fn filled(dir: &Path) -> Arc<Durable> {
    let store = Durable::open(dir).expect("a store");
    let space = store.space("one").expect("a space");
    written(&*space, vec![put("a", Expect::Absent, "1"), put("a", Expect::Anything, "2")]);
    written(&*store.space("two").expect("a space"), vec![put("b", Expect::Absent, "3")]);
    store
}

#[test]
fn a_second_opening_says_who_has_the_directory() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = filled(dir.path());
    let locked = Error::Locked { dir: dir.path().display().to_string(), pid: Some(std::process::id()) };
    assert_eq!(Durable::open(dir.path()).err(), Some(locked.clone()));
    assert_eq!(Memory::load(dir.path()).err(), Some(locked.clone()));
    let expected = format!("data directory {} is in use by process {}", dir.path().display(), std::process::id());
    assert_eq!(locked.to_string(), expected);
    drop(first);
    assert!(Durable::open(dir.path()).is_ok());
}

#[test]
fn files_are_private() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("deep/data");
    drop(filled(&data));
    let mode = |path: &Path| fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for entry in fs::read_dir(&data).expect("a listing") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_copy_leaves_the_directory_as_it_is() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(filled(dir.path()));
    let before = fs::read(dir.path().join("store.redb")).expect("the file");
    let copy = Memory::load(dir.path()).expect("a copy");
    assert_eq!(copy.names(), ["one", "two"]);
    let one = copy.space("one").expect("a space");
    assert_eq!(lines(&one.list("", None, None, 0).expect("all").items), ["a@2=2"]);
    let events = drain(&mut *one.watch("", Revision(0)).expect("history comes along"));
    assert_eq!(events.iter().map(event_line).collect::<Vec<_>>(), ["put a@1=1", "put a@2=2 (was 1)"]);
    assert_eq!(written(&*one, vec![put("a", Expect::At(Revision(2)), "3")]), Revision(3));
    assert_eq!(fs::read(dir.path().join("store.redb")).expect("the file"), before);
}

#[test]
fn a_fork_of_a_running_store_goes_its_own_way() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = filled(dir.path());
    let fork = store.fork().expect("a fork");
    let (original, copy) = (store.space("one").expect("a space"), fork.space("one").expect("a space"));
    assert_eq!(copy.revision(), original.revision());
    written(&*copy, vec![put("a", Expect::At(Revision(2)), "fork")]);
    assert_eq!(lines(&original.list("", None, None, 0).expect("all").items), ["a@2=2"]);
}

#[test]
fn what_is_no_store_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let missing = Memory::load(dir.path()).expect_err("nothing there").to_string();
    assert_eq!(missing, format!("the store failed: {} holds no data (no file store.redb)", dir.path().display()));
    fs::write(dir.path().join("store.redb"), "not a database at all, but long enough to look at").expect("written");
    assert!(matches!(Durable::open(dir.path()), Err(Error::Failed(_))));
}

#[test]
fn writes_after_closing_are_refused_and_those_before_are_kept() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = filled(dir.path());
    let space = store.space("one").expect("a space");
    let queued: Vec<_> =
        (0..50).map(|index| space.commit(vec![put(&format!("q{index}"), Expect::Absent, "")])).collect();
    drop(store);
    assert!(queued.into_iter().all(|commit| futures::executor::block_on(commit).is_ok()));
    let late = commit(&*space, vec![put("late", Expect::Absent, "")]);
    assert_eq!(late, Err(Error::Failed("the store is closed".into())));
    let again = Durable::open(dir.path()).expect("opens again");
    assert_eq!(again.space("one").expect("a space").list("q", None, None, 0).expect("all").items.len(), 50);
}

#[test]
fn a_crash_while_making_the_store_is_made_good() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("store.redb.new"), [0u8; 9_000]).expect("written");
    drop(filled(dir.path()));
    assert!(!dir.path().join("store.redb.new").exists());
    assert_eq!(Memory::load(dir.path()).expect("a copy").names(), ["one", "two"]);
}
