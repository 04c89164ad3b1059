//! Versioned bytes by key, with watch: the one thing that remembers.
//!
//! A [`Store`] has named [`Space`]s (one per hosted cluster, one for the twin), each with its own revisions and history; all
//! spaces of a store share its fsync. Two engines: memory, and a durable embedded one on redb with group commit.
//! This crate knows no Kubernetes: keys are text, values are bytes.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use futures::future::BoxFuture;

mod cursor;
mod durable;
mod history;
mod memory;
#[cfg(test)]
mod tests;

pub use durable::Durable;
pub use memory::Memory;

/// A point in a space's history. Strictly increasing; 0 is before the first write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// Makes the value once its revision is known: objects carry their own resourceVersion. Must be quick and must not block.
pub type Encode = Box<dyn FnOnce(Revision) -> Bytes + Send>;

/// How much history a space keeps. Whatever is over is forgotten, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub events: usize,
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { events: 10_000, bytes: 64 << 20 }
    }
}

/// What must hold for a write to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    Anything,
    Absent,
    /// The key's current value was written at exactly this revision.
    At(Revision),
}

pub enum Change {
    Put(Encode),
    /// The key must exist, whatever is expected besides: otherwise the precondition fails.
    /// Watchers get the last state that `Encode` makes, under the revision of the deletion.
    Delete(Encode),
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Put(_) => "Put",
            Self::Delete(_) => "Delete",
        })
    }
}

#[derive(Debug)]
pub struct Write {
    pub key: String,
    pub expect: Expect,
    pub change: Change,
}

/// A value as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub key: Arc<str>,
    pub revision: Revision,
    pub value: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    Put,
    Delete,
}

/// One change of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    pub key: Arc<str>,
    pub revision: Revision,
    /// The new value, or the last state for a deletion.
    pub value: Bytes,
    /// The value before, when there was one: selectors need it to tell "left the selection".
    pub previous: Option<Bytes>,
}

/// A consistent piece of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub items: Vec<Stored>,
    /// The snapshot that the items belong to.
    pub revision: Revision,
    /// Whether keys follow, and how many.
    pub remaining: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The precondition of write number `index` did not hold; nothing of the batch was written.
    #[error("precondition failed for {key}")]
    Precondition { index: usize, key: String, current: Option<Stored> },
    /// History before `oldest` is gone.
    #[error("revision {} has been compacted, the oldest is {}", .requested.0, .oldest.0)]
    Compacted { requested: Revision, oldest: Revision },
    #[error("revision {} is in the future, the current one is {}", .requested.0, .current.0)]
    Future { requested: Revision, current: Revision },
    /// Another process (or another open store of this one) has the data directory.
    #[error("data directory {dir} is in use{}", .pid.map(|pid| format!(" by process {pid}")).unwrap_or_default())]
    Locked { dir: String, pid: Option<u32> },
    #[error("the store failed: {0}")]
    Failed(String),
}

/// One key space: its own revisions and history.
pub trait Space: Send + Sync + fmt::Debug {
    fn revision(&self) -> Revision;
    fn get(&self, key: &str) -> Option<Stored>;
    /// Keys that start with `prefix`, in order, from after `after`, at a revision (`None`: now), at most `limit` (0: all).
    fn list(&self, prefix: &str, at: Option<Revision>, after: Option<&str>, limit: usize) -> Result<Page, Error>;
    /// All or nothing, in order, each write with a revision of its own. Resolves when it is durable and visible to readers.
    /// Under way as soon as this returns: dropping the future does not take the writes back.
    fn commit(&self, writes: Vec<Write>) -> BoxFuture<'static, Result<Vec<Stored>, Error>>;
    /// Every change of keys under `prefix` after `from`, each once, in order.
    fn watch(&self, prefix: &str, from: Revision) -> Result<Box<dyn Watch>, Error>;
    /// Forgets history (never current values) up to and including `through`.
    fn compact(&self, through: Revision);
}

/// A cursor over a space's changes. Slow readers cost nothing but history; once that is compacted they get an error.
pub trait Watch: Send {
    /// Waits for at least one change under the prefix and returns all that are there.
    fn next(&mut self) -> BoxFuture<'_, Result<Vec<Event>, Error>>;
    /// How far this cursor has read: every change up to here was returned or is outside of the prefix. For bookmarks.
    fn position(&self) -> Revision;
}

pub trait Store: Send + Sync + fmt::Debug {
    /// The space of that name, made when it is not there.
    fn space(&self, name: &str) -> Result<Arc<dyn Space>, Error>;
}
