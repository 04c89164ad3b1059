//! Readers' side of a space: the history behind a lock, and cursors that wait for it to grow.
//!
//! All watchers read the one log; a wake-up carries no data. `Notify` wakes in the order of waiting, which keeps a
//! simulation repeatable.

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};
use parking_lot::RwLock;
use tokio::sync::Notify;

use crate::{Error, Event, Revision, Watch, history::History};

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) history: RwLock<History>,
    changed: Notify,
}

impl Shared {
    pub(crate) fn new(history: History) -> Arc<Self> {
        Arc::new(Self { history: RwLock::new(history), changed: Notify::new() })
    }

    /// Tells every cursor that there is something to read. Called after the history's lock is released.
    pub(crate) fn announce(&self) {
        self.changed.notify_waiters();
    }

    pub(crate) fn watch(self: &Arc<Self>, prefix: &str, from: Revision) -> Result<Box<dyn Watch>, Error> {
        self.history.read().check_readable(from)?;
        Ok(Box::new(Cursor { shared: self.clone(), prefix: prefix.into(), position: from }))
    }
}

struct Cursor {
    shared: Arc<Shared>,
    prefix: Box<str>,
    position: Revision,
}

impl Cursor {
    fn read(&mut self) -> Result<Vec<Event>, Error> {
        let history = self.shared.history.read();
        let events = history.events(&self.prefix, self.position)?;
        self.position = history.revision();
        Ok(events)
    }
}

impl Watch for Cursor {
    fn next(&mut self) -> BoxFuture<'_, Result<Vec<Event>, Error>> {
        async move {
            let shared = self.shared.clone();
            loop {
                // Made before reading: a change that is published in between wakes it.
                let changed = shared.changed.notified();
                let events = self.read()?;
                if !events.is_empty() {
                    return Ok(events);
                }
                changed.await;
            }
        }
        .boxed()
    }

    fn position(&self) -> Revision {
        self.position
    }
}
