//! An engine under test, and short forms of writes.

use std::sync::Arc;

use bytes::Bytes;
use futures::{FutureExt, executor::block_on};
use store::{Change, Durable, Error, Event, Expect, Limits, Memory, Revision, Space, Store, Stored, Watch, Write};
use tempfile::TempDir;

pub(crate) struct Engine {
    pub(crate) store: Option<Arc<dyn Store>>,
    limits: Limits,
    dir: Option<TempDir>,
}

impl Engine {
    pub(crate) fn memory(limits: Limits) -> Self {
        Self { store: Some(Memory::with_limits(limits)), limits, dir: None }
    }

    pub(crate) fn durable(limits: Limits) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Durable::open_with_limits(dir.path(), limits).expect("a store");
        Self { store: Some(store), limits, dir: Some(dir) }
    }

    pub(crate) fn space(&self, name: &str) -> Arc<dyn Space> {
        self.store.as_ref().expect("the store is open").space(name).expect("a space")
    }

    /// Closes and opens a durable engine; memory stays as it is. Spaces must be asked for again.
    pub(crate) fn reopen(&mut self) {
        if let Some(dir) = &self.dir {
            self.store = None;
            self.store = Some(Durable::open_with_limits(dir.path(), self.limits).expect("opens again"));
        }
    }
}

pub(crate) fn put(key: &str, expect: Expect, value: &str) -> Write {
    let value = Bytes::copy_from_slice(value.as_bytes());
    Write { key: key.into(), expect, change: Change::Put(Box::new(move |_| value)) }
}

pub(crate) fn delete(key: &str, expect: Expect, last: &str) -> Write {
    let last = Bytes::copy_from_slice(last.as_bytes());
    Write { key: key.into(), expect, change: Change::Delete(Box::new(move |_| last)) }
}

pub(crate) fn commit(space: &dyn Space, writes: Vec<Write>) -> Result<Vec<Stored>, Error> {
    block_on(space.commit(writes))
}

/// Writes that must succeed; the revision of the last.
pub(crate) fn written(space: &dyn Space, writes: Vec<Write>) -> Revision {
    commit(space, writes).expect("written").last().expect("a write").revision
}

/// Everything that is there to read without waiting.
pub(crate) fn drain(watch: &mut dyn Watch) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(more) = watch.next().now_or_never() {
        events.extend(more.expect("the history is there"));
    }
    events
}

/// One line for each value: `key@revision=value`.
pub(crate) fn line(stored: &Stored) -> String {
    format!("{}@{}={}", stored.key, stored.revision.0, String::from_utf8_lossy(&stored.value))
}

pub(crate) fn lines(items: &[Stored]) -> Vec<String> {
    items.iter().map(line).collect()
}

/// One line for each event: `put key@revision=value (was value)`.
pub(crate) fn event_line(event: &Event) -> String {
    let kind = format!("{:?}", event.kind).to_lowercase();
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
    let was = event.previous.as_ref().map(|previous| format!(" (was {})", text(previous))).unwrap_or_default();
    format!("{kind} {}@{}={}{was}", event.key, event.revision.0, text(&event.value))
}
