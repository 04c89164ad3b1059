//! Kinds that are watched from when somebody first looks at them, each once: passes say what they look at, one trigger loop
//! watches it.

use std::{collections::BTreeSet, time::Duration};

use api::names::GroupVersionKind;
use futures::{
    StreamExt,
    stream::{BoxStream, SelectAll},
};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{Change, Cluster};

/// When a kind that could not be looked up is looked up again.
const AGAIN: Duration = Duration::from_secs(1);

/// What passes want to be watched.
#[derive(Debug)]
pub(crate) struct Kinds {
    any_version: bool,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    wanted: BTreeSet<GroupVersionKind>,
    watched: BTreeSet<GroupVersionKind>,
}

impl Kinds {
    /// Each version of a kind is watched for itself.
    pub(crate) fn each_version() -> Self {
        Self { any_version: false, state: Mutex::default(), changed: Notify::new() }
    }

    /// One version of a kind tells of all: they are views of the same objects.
    pub(crate) fn any_version() -> Self {
        Self { any_version: true, ..Self::each_version() }
    }

    pub(crate) fn want(&self, gvk: &GroupVersionKind) {
        let mut state = self.state.lock();
        if !state.watched.contains(&self.watch_of(gvk)) && state.wanted.insert(gvk.clone()) {
            self.changed.notify_one();
        }
    }

    fn watch_of(&self, gvk: &GroupVersionKind) -> GroupVersionKind {
        let version = if self.any_version { "" } else { &gvk.version };
        GroupVersionKind::new(&gvk.group, version, &gvk.kind)
    }

    fn take(&self) -> BTreeSet<GroupVersionKind> {
        std::mem::take(&mut self.state.lock().wanted)
    }

    fn put_back(&self, gvk: GroupVersionKind) {
        self.state.lock().wanted.insert(gvk);
    }

    /// Whether it is watched for the first time.
    fn watch(&self, gvk: &GroupVersionKind) -> bool {
        self.state.lock().watched.insert(self.watch_of(gvk))
    }
}

/// The changes of everything that is wanted.
pub(crate) struct Watching<'a> {
    kinds: &'a Kinds,
    streams: SelectAll<BoxStream<'static, Change>>,
    /// Some kind could not be looked up.
    again: bool,
}

impl<'a> Watching<'a> {
    pub(crate) fn new(kinds: &'a Kinds) -> Self {
        Self { kinds, streams: SelectAll::new(), again: false }
    }

    /// Watches what is wanted since the last call, through the cluster that `of` gives for a kind. What is not served is
    /// forgotten: who looks at it wants it again. Must not be cancelled.
    pub(crate) async fn open<'c>(&mut self, of: impl Fn(&GroupVersionKind) -> &'c Cluster) {
        self.again = false;
        for gvk in self.kinds.take() {
            let cluster = of(&gvk);
            match cluster.served(&gvk).await {
                Ok(None) => {}
                Ok(Some(served)) if self.kinds.watch(&gvk) => self.streams.push(cluster.changes(&gvk, &served.plural)),
                Ok(Some(_)) => {}
                Err(error) => {
                    tracing::warn!(kind = %gvk, error = error.message(), "the kind cannot be looked up");
                    self.kinds.put_back(gvk);
                    self.again = true;
                }
            }
        }
    }

    /// The next change; `None` when [`Watching::open`] has work.
    pub(crate) async fn next(&mut self) -> Option<Change> {
        tokio::select! {
            biased;
            () = self.kinds.changed.notified() => None,
            Some(change) = self.streams.next(), if !self.streams.is_empty() => Some(change),
            () = tokio::time::sleep(AGAIN), if self.again => None,
        }
    }
}
