//! The engine that forgets when the process ends: for tests, `plan` and simulation.
//!
//! Everything happens synchronously inside of the call: no threads, no tasks, and a commit's future is ready at once.

use std::{collections::BTreeMap, sync::Arc};

use futures::{
    FutureExt,
    future::{self, BoxFuture},
};
use parking_lot::Mutex;

use crate::{
    Error, Limits, Page, Revision, Space, Store, Stored, Watch, Write,
    cursor::Shared,
    history::{History, Pending},
};

#[derive(Debug, Default)]
pub struct Memory {
    limits: Limits,
    spaces: Mutex<BTreeMap<String, Arc<MemorySpace>>>,
}

impl Memory {
    pub fn new() -> Arc<Self> {
        Self::with_limits(Limits::default())
    }

    pub fn with_limits(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, spaces: Mutex::default() })
    }

    /// A space of this store with the current values and the revision of `original`, and no history.
    /// Replaces a space of that name for those who ask for it from now on.
    pub fn fork_of(&self, name: &str, original: &dyn Space) -> Result<Arc<dyn Space>, Error> {
        let Page { items, revision, .. } = original.list("", None, None, 0)?;
        Ok(self.insert(name, History::with(self.limits, items, revision)))
    }

    /// Every space of this store, copied as [`Memory::fork_of`] does: neither side sees the other's later writes.
    pub fn fork(&self) -> Result<Arc<Self>, Error> {
        let spaces = self.spaces.lock().clone();
        Self::copy_of(self.limits, &spaces)
    }

    /// A store with a copy of each of these spaces.
    pub(crate) fn copy_of<S: Space>(limits: Limits, spaces: &BTreeMap<String, Arc<S>>) -> Result<Arc<Self>, Error> {
        let copy = Self::with_limits(limits);
        for (name, space) in spaces {
            copy.fork_of(name, space.as_ref())?;
        }
        Ok(copy)
    }

    /// The names of the spaces that were made so far.
    pub fn names(&self) -> Vec<String> {
        self.spaces.lock().keys().cloned().collect()
    }

    pub(crate) fn insert(&self, name: &str, history: History) -> Arc<dyn Space> {
        let space = MemorySpace::new(history);
        self.spaces.lock().insert(name.to_owned(), space.clone());
        space
    }
}

impl Store for Memory {
    fn space(&self, name: &str) -> Result<Arc<dyn Space>, Error> {
        let mut spaces = self.spaces.lock();
        let space = spaces.entry(name.to_owned()).or_insert_with(|| MemorySpace::new(History::new(self.limits)));
        Ok(space.clone())
    }
}

#[derive(Debug)]
struct MemorySpace(Arc<Shared>);

impl MemorySpace {
    fn new(history: History) -> Arc<Self> {
        Arc::new(Self(Shared::new(history)))
    }

    fn commit_now(&self, writes: Vec<Write>) -> Result<Vec<Stored>, Error> {
        let mut history = self.0.history.write();
        let mut pending = Pending::default();
        let answer = pending.accept(&history, writes)?;
        history.publish(pending.entries);
        drop(history);
        self.0.announce();
        Ok(answer)
    }
}

impl Space for MemorySpace {
    fn revision(&self) -> Revision {
        self.0.history.read().revision()
    }

    fn get(&self, key: &str) -> Option<Stored> {
        self.0.history.read().get(key).cloned()
    }

    fn list(&self, prefix: &str, at: Option<Revision>, after: Option<&str>, limit: usize) -> Result<Page, Error> {
        self.0.history.read().list(prefix, at, after, limit)
    }

    fn commit(&self, writes: Vec<Write>) -> BoxFuture<'static, Result<Vec<Stored>, Error>> {
        future::ready(self.commit_now(writes)).boxed()
    }

    fn watch(&self, prefix: &str, from: Revision) -> Result<Box<dyn Watch>, Error> {
        self.0.watch(prefix, from)
    }

    fn compact(&self, through: Revision) {
        self.0.history.write().compact(through);
        self.0.announce();
    }
}
