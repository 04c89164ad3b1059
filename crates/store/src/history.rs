//! The state of one space in memory: current values, the log of changes, and what a batch of writes would do to them.
//!
//! Plain synchronous data, no locks and no I/O. Revisions are dense: every write takes the next one, so that the log is
//! an array that starts right after the last forgotten revision.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Bound,
    sync::Arc,
};

use bytes::Bytes;

use crate::{Change, Error, Event, EventKind, Expect, Limits, Page, Revision, Stored, Write};

/// One change, with all that is needed to publish it and to undo it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) kind: EventKind,
    pub(crate) key: Arc<str>,
    pub(crate) revision: Revision,
    pub(crate) value: Bytes,
    pub(crate) previous: Option<(Revision, Bytes)>,
}

impl Entry {
    fn event(&self) -> Event {
        Event {
            kind: self.kind,
            key: self.key.clone(),
            revision: self.revision,
            value: self.value.clone(),
            previous: self.previous.as_ref().map(|(_, value)| value.clone()),
        }
    }

    /// What the commit answers for this write.
    pub(crate) fn stored(&self) -> Stored {
        Stored { key: self.key.clone(), revision: self.revision, value: self.value.clone() }
    }

    fn after(&self) -> Option<Stored> {
        (self.kind == EventKind::Put).then(|| self.stored())
    }

    pub(crate) fn before(&self) -> Option<Stored> {
        let (revision, value) = self.previous.clone()?;
        Some(Stored { key: self.key.clone(), revision, value })
    }

    /// The previous value is the value of an older entry: it is not counted twice.
    fn size(&self) -> usize {
        self.value.len() + self.key.len()
    }
}

#[derive(Debug)]
pub(crate) struct History {
    current: BTreeMap<Arc<str>, Stored>,
    log: VecDeque<Entry>,
    log_bytes: usize,
    /// Changes up to and including this one are forgotten.
    compacted: Revision,
    revision: Revision,
    limits: Limits,
}

impl History {
    pub(crate) fn new(limits: Limits) -> Self {
        Self::with(limits, Vec::new(), Revision(0))
    }

    /// Current values without history, as of `revision`.
    pub(crate) fn with(limits: Limits, values: Vec<Stored>, revision: Revision) -> Self {
        Self {
            current: values.into_iter().map(|stored| (stored.key.clone(), stored)).collect(),
            log: VecDeque::new(),
            log_bytes: 0,
            compacted: revision,
            revision,
            limits,
        }
    }

    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }

    pub(crate) fn compacted(&self) -> Revision {
        self.compacted
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Stored> {
        self.current.get(key)
    }

    pub(crate) fn list(
        &self,
        prefix: &str,
        at: Option<Revision>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page, Error> {
        let revision = at.unwrap_or(self.revision);
        self.check_readable(revision)?;
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let live =
            self.current.range::<str, _>((start, Bound::Unbounded)).take_while(|(key, _)| key.starts_with(prefix));
        if revision == self.revision {
            return Ok(page(live.map(|(_, stored)| stored.clone()), limit, revision));
        }
        let mut values: BTreeMap<&str, Stored> = live.map(|(key, stored)| (key.as_ref(), stored.clone())).collect();
        let selected = |key: &str| key.starts_with(prefix) && after.is_none_or(|after| key > after);
        for entry in self.since(revision).rev().filter(|entry| selected(&entry.key)) {
            match entry.before() {
                Some(before) => values.insert(&entry.key, before),
                None => values.remove(entry.key.as_ref()),
            };
        }
        Ok(page(values.into_values(), limit, revision))
    }

    /// Whether a reader may start from `revision`.
    pub(crate) fn check_readable(&self, revision: Revision) -> Result<(), Error> {
        if revision > self.revision {
            return Err(Error::Future { requested: revision, current: self.revision });
        }
        if revision < self.compacted {
            return Err(Error::Compacted { requested: revision, oldest: self.compacted });
        }
        Ok(())
    }

    /// The changes under `prefix` after `from`.
    pub(crate) fn events(&self, prefix: &str, from: Revision) -> Result<Vec<Event>, Error> {
        self.check_readable(from)?;
        Ok(self.since(from).filter(|entry| entry.key.starts_with(prefix)).map(Entry::event).collect())
    }

    fn since(&self, from: Revision) -> impl DoubleEndedIterator<Item = &Entry> {
        let known = usize::try_from(from.0 - self.compacted.0).unwrap_or(usize::MAX);
        self.log.range(known.min(self.log.len())..)
    }

    /// Makes changes visible. They must follow the current revision without a gap.
    pub(crate) fn publish(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            assert_eq!(entry.revision.0, self.revision.0 + 1, "a change is published out of order");
            self.revision = entry.revision;
            match entry.after() {
                Some(stored) => self.current.insert(entry.key.clone(), stored),
                None => self.current.remove(&entry.key),
            };
            self.log_bytes += entry.size();
            self.log.push_back(entry);
        }
        while self.log.len() > self.limits.events || self.log_bytes > self.limits.bytes {
            self.forget_oldest();
        }
    }

    pub(crate) fn compact(&mut self, through: Revision) {
        while self.compacted < through.min(self.revision) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(entry) = self.log.pop_front() {
            self.log_bytes -= entry.size();
            self.compacted = entry.revision;
        }
    }
}

fn page(mut values: impl Iterator<Item = Stored>, limit: usize, revision: Revision) -> Page {
    let items: Vec<Stored> = values.by_ref().take(if limit == 0 { usize::MAX } else { limit }).collect();
    Page { items, revision, remaining: values.count() }
}

/// Writes that were accepted but are not published yet, seen by the preconditions of those that follow.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    overlay: BTreeMap<Arc<str>, Option<Stored>>,
    pub(crate) entries: Vec<Entry>,
}

impl Pending {
    /// Accepts the whole batch or nothing of it. `Encode` runs only for a batch whose preconditions hold.
    pub(crate) fn accept(&mut self, history: &History, writes: Vec<Write>) -> Result<Vec<Stored>, Error> {
        self.check(history, &writes)?;
        let mut revision = self.entries.last().map_or(history.revision(), |entry| entry.revision);
        let mut batch: Vec<Entry> = Vec::with_capacity(writes.len());
        let mut overlay: BTreeMap<Arc<str>, Option<Stored>> = BTreeMap::new();
        for write in writes {
            revision.0 += 1;
            let previous = match overlay.get(write.key.as_str()) {
                Some(pending) => pending.as_ref(),
                None => self.current(history, &write.key),
            };
            let key = previous.map_or_else(|| Arc::from(write.key.as_str()), |stored| stored.key.clone());
            let previous = previous.map(|stored| (stored.revision, stored.value.clone()));
            let (kind, value) = match write.change {
                Change::Put(encode) => (EventKind::Put, encode(revision)),
                Change::Delete(encode) => (EventKind::Delete, encode(revision)),
            };
            let entry = Entry { kind, key, revision, value, previous };
            overlay.insert(entry.key.clone(), entry.after());
            batch.push(entry);
        }
        let answer = batch.iter().map(Entry::stored).collect();
        self.overlay.extend(overlay);
        self.entries.extend(batch);
        Ok(answer)
    }

    fn current<'a>(&'a self, history: &'a History, key: &str) -> Option<&'a Stored> {
        match self.overlay.get(key) {
            Some(pending) => pending.as_ref(),
            None => history.get(key),
        }
    }

    fn check(&self, history: &History, writes: &[Write]) -> Result<(), Error> {
        // Keys that earlier writes of this very batch touched: whether they exist then. Their revision cannot be expected.
        let mut touched: BTreeMap<&str, bool> = BTreeMap::new();
        for (index, write) in writes.iter().enumerate() {
            let current = self.current(history, &write.key);
            let own = touched.get(write.key.as_str());
            let exists = own.copied().unwrap_or(current.is_some());
            let deletes = matches!(write.change, Change::Delete(_));
            let holds = match write.expect {
                Expect::Anything => true,
                Expect::Absent => !exists,
                Expect::At(revision) => own.is_none() && current.is_some_and(|stored| stored.revision == revision),
            };
            if !holds || (deletes && !exists) {
                return Err(Error::Precondition { index, key: write.key.clone(), current: current.cloned() });
            }
            touched.insert(&write.key, !deletes);
        }
        Ok(())
    }
}
