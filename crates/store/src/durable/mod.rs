//! The engine that survives the process: the memory engine's reads, with every write synced to redb before it shows.
//!
//! **Flow.** A commit is queued to one committer thread. It takes all that is queued, judges the preconditions in order,
//! writes everything in one transaction, and only after the sync publishes to readers and watchers and answers.
//! **Guarantees.** What was answered `Ok` survives a crash; nobody ever reads what could still be lost; a batch is there
//! whole or not at all; history survives a restart as far as it was not compacted.
//! **Caveats.** A commit waits for a thread and a disk, so that a paused clock would run ahead of it: the sandbox uses
//! [`Memory`]. After an I/O error the store is poisoned: reads go on, every later commit fails with [`Error::Failed`].

use std::{collections::BTreeMap, path::Path, sync::Arc, thread::JoinHandle};

use futures::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use redb::StorageBackend;

use crate::{Error, Limits, Memory, Page, Revision, Space, Store, Stored, Watch, Write, cursor::Shared};

mod committer;
mod directory;
mod tables;

use committer::{Job, Queue};
use directory::Directory;

#[derive(Debug)]
pub struct Durable {
    limits: Limits,
    queue: Queue,
    spaces: Mutex<BTreeMap<String, Arc<DurableSpace>>>,
    committer: Mutex<Option<JoinHandle<()>>>,
}

impl Durable {
    /// Opens the store in `dir`, making both when they are not there. [`Error::Locked`] while another process has it.
    pub fn open(dir: &Path) -> Result<Arc<Self>, Error> {
        Self::open_with_limits(dir, Limits::default())
    }

    pub fn open_with_limits(dir: &Path, limits: Limits) -> Result<Arc<Self>, Error> {
        let directory = Directory::lock(dir)?;
        let backend = directory.database(|new| tables::open(new).map(drop))?;
        Self::start(backend, Some(directory), limits)
    }

    /// On any storage, without a lock: for crash tests. Unlike in a directory, making a new store is not one step.
    pub fn open_with_backend(backend: impl StorageBackend, limits: Limits) -> Result<Arc<Self>, Error> {
        Self::start(backend, None, limits)
    }

    fn start(backend: impl StorageBackend, directory: Option<Directory>, limits: Limits) -> Result<Arc<Self>, Error> {
        let database = tables::open(backend)?;
        let loaded = tables::load(&database, limits)?;
        let (queue, committer) = committer::start(database, directory)?;
        let space = |loaded: tables::Loaded| {
            Arc::new(DurableSpace {
                id: loaded.id,
                name: loaded.name,
                shared: Shared::new(loaded.history),
                queue: queue.clone(),
            })
        };
        let spaces = loaded.into_iter().map(|loaded| (loaded.name.clone(), space(loaded))).collect();
        Ok(Arc::new(Self { limits, queue, spaces: Mutex::new(spaces), committer: Mutex::new(Some(committer)) }))
    }

    /// Current values and revisions of every space, copied into memory: neither side sees the other's later writes.
    pub fn fork(&self) -> Result<Arc<Memory>, Error> {
        let spaces = self.spaces.lock().clone();
        Memory::copy_of(self.limits, &spaces)
    }

    /// The names of the spaces that were made so far.
    pub fn names(&self) -> Vec<String> {
        self.spaces.lock().keys().cloned().collect()
    }
}

impl Memory {
    /// A copy of the store in `dir`, which is left as it is, even when it needs repair after a crash.
    /// [`Error::Locked`] while a process is running on it.
    pub fn load(dir: &Path) -> Result<Arc<Self>, Error> {
        let directory = Directory::lock_existing(dir)?;
        let database = tables::open(directory.copy_to_memory()?)?;
        let limits = Limits::default();
        let memory = Self::with_limits(limits);
        for loaded in tables::load(&database, limits)? {
            memory.insert(&loaded.name, loaded.history);
        }
        Ok(memory)
    }
}

impl Store for Durable {
    fn space(&self, name: &str) -> Result<Arc<dyn Space>, Error> {
        let mut spaces = self.spaces.lock();
        if let Some(space) = spaces.get(name) {
            return Ok(space.clone());
        }
        // A number that no space has, on disk or not: it reaches the disk with the first write.
        let id = spaces.values().map(|space| space.id + 1).max().unwrap_or(0);
        let space = Arc::new(DurableSpace {
            id,
            name: name.to_owned(),
            shared: Shared::new(crate::history::History::new(self.limits)),
            queue: self.queue.clone(),
        });
        spaces.insert(name.to_owned(), space.clone());
        Ok(space)
    }
}

impl Drop for Durable {
    /// Writes what is queued and closes the files, so that the next open finds a clean store.
    fn drop(&mut self) {
        self.queue.stop();
        if let Some(committer) = self.committer.lock().take()
            && committer.thread().id() != std::thread::current().id()
            && committer.join().is_err()
        {
            tracing::error!("the committer thread panicked");
        }
    }
}

#[derive(Debug)]
struct DurableSpace {
    id: u32,
    name: String,
    shared: Arc<Shared>,
    queue: Queue,
}

/// What the committer needs of a space; it must not keep the queue alive.
#[derive(Clone, Debug)]
struct Target {
    id: u32,
    name: String,
    shared: Arc<Shared>,
}

impl DurableSpace {
    fn target(&self) -> Target {
        Target { id: self.id, name: self.name.clone(), shared: self.shared.clone() }
    }
}

impl Space for DurableSpace {
    fn revision(&self) -> Revision {
        self.shared.history.read().revision()
    }

    fn get(&self, key: &str) -> Option<Stored> {
        self.shared.history.read().get(key).cloned()
    }

    fn list(&self, prefix: &str, at: Option<Revision>, after: Option<&str>, limit: usize) -> Result<Page, Error> {
        self.shared.history.read().list(prefix, at, after, limit)
    }

    fn commit(&self, writes: Vec<Write>) -> BoxFuture<'static, Result<Vec<Stored>, Error>> {
        self.queue.commit(self.target(), writes).boxed()
    }

    fn watch(&self, prefix: &str, from: Revision) -> Result<Box<dyn Watch>, Error> {
        self.shared.watch(prefix, from)
    }

    fn compact(&self, through: Revision) {
        self.shared.history.write().compact(through);
        self.shared.announce();
        self.queue.send(Job::Trim(self.target()));
    }
}
