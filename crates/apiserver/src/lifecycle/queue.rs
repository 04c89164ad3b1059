//! What is to be looked at: each key once, whatever the number of reasons; failures again after a pause. Pure but for the
//! instants it is given.

use std::collections::{BTreeMap, BTreeSet};

use api::Class;
use tokio::time::{Duration, Instant};

/// A key of one of the controllers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Work {
    /// An object, by storage key.
    Collect(String),
    Namespace(String),
    Definition(String),
    /// What every namespace has.
    Defaults(String),
    /// A Secret that is to carry a service account's token, by storage key.
    TokenSecret(String),
    AggregatedRoles,
    Events,
}

const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(crate) struct Queue {
    ready: BTreeSet<Work>,
    /// Failed, how often, and when next.
    failed: BTreeMap<Work, (u32, Instant)>,
}

impl Queue {
    pub(crate) fn add(&mut self, work: Work) {
        self.ready.insert(work);
    }

    /// Takes up to `most` keys that are due.
    pub(crate) fn take(&mut self, most: usize, now: Instant) -> Vec<Work> {
        let due: Vec<Work> =
            self.failed.iter().filter(|(_, (_, at))| *at <= now).map(|(work, _)| work.clone()).collect();
        self.ready.extend(due);
        let taken: Vec<Work> = self.ready.iter().take(most).cloned().collect();
        for work in &taken {
            self.ready.remove(work);
            // Not again before this attempt has ended.
            if let Some((_, at)) = self.failed.get_mut(work) {
                *at = now + PAUSE_MAX;
            }
        }
        taken
    }

    pub(crate) fn done(&mut self, work: &Work) {
        self.failed.remove(work);
    }

    /// To be tried again later; the pause doubles. A conflict means that somebody wrote, not that something is broken.
    pub(crate) fn failed(&mut self, work: Work, class: Class, now: Instant) {
        let before = self.failed.get(&work).map_or(0, |(count, _)| *count);
        let count = if class == Class::Conflict { before.min(3) } else { before };
        let pause = PAUSE_MIN.saturating_mul(1u32.checked_shl(count).unwrap_or(u32::MAX)).min(PAUSE_MAX);
        self.failed.insert(work, (before.saturating_add(1), now + pause));
    }

    /// When the next failure is due.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.failed.values().map(|(_, at)| *at).min()
    }
}
