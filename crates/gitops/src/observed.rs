//! What `decide` may ask for, and everything it was told so far. The shell fills this in; nothing here looks anything up.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use api::{
    files::FileSet,
    names::{GroupVersionKind, ObjectRef},
    status::Status,
};
use jiff::Timestamp;
use serde_json::Value;

use crate::helm;

/// One thing that `decide` needs to know before it can go on. Ordered, so that a script of queries is reproducible.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// The commit that a revision points at now. Answer: [`Observed::resolved`].
    Resolve { url: String, revision: String },
    /// The files below a path at a commit. Answer: [`Observed::trees`].
    Tree { url: String, commit: String, path: String },
    /// Every version of a chart that its repository has. Answer: [`Observed::versions`].
    Versions { repository: String, chart: String },
    /// The files of a chart. Answer: [`Observed::charts`].
    Chart(ChartKey),
    /// What the destination is and serves. Answer: [`Observed::capabilities`].
    Capabilities,
    /// What a chart makes. Answer: [`Observed::rendered`], by [`helm::Request::digest`].
    Render(Box<helm::Request>),
    /// Whether a kind is served, and how it is scoped. Answer: [`Observed::kinds`].
    Kind(GroupVersionKind),
    /// An object as it is now. Answer: [`Observed::live`].
    Live(ObjectRef),
    /// Every object of these kinds whose tracking id names this instance. Answer: [`Observed::tracked`].
    Tracked { instance: String, kinds: Vec<GroupVersionKind> },
    /// What a forced server-side apply of the object would make of it. Answer: [`Observed::dry_runs`].
    DryRun { target: ObjectRef, object: Value },
}

/// One version of a chart, as the spec names it: `v0.4.2` also means `0.4.2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChartKey {
    pub repository: String,
    pub chart: String,
    pub version: String,
    /// Credentials of the repository also go to the host that its index names.
    pub pass_credentials: bool,
}

/// A chart as its repository has it.
#[derive(Clone, Debug)]
pub struct ChartFiles {
    /// Of the content.
    pub digest: String,
    pub files: Arc<chart::files::FileSet>,
    /// Why this is another chart than the one that was asked for.
    pub substituted: Option<String>,
}

/// What templates may ask about the destination cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// `v1.33.1`
    pub kube_version: String,
    /// `apps/v1` and `apps/v1/Deployment`, sorted.
    pub api_versions: Vec<String>,
}

/// How a kind is scoped in the destination cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Namespaced,
    Cluster,
    NotServed,
}

/// Why a repository gave no answer: the shell's `source::Error` without its crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFailure {
    pub kind: SourceFailureKind,
    /// Names the repository and the revision or path; never credentials.
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceFailureKind {
    Unreachable,
    Denied,
    /// No commits yet: somebody made the Application before the first push.
    Empty,
    RevisionMissing,
    PathMissing,
    NotAllowed,
    TooLarge,
    Other,
}

/// The answer to a dry run: the object as it would be, or the API server's refusal; and its warnings.
#[derive(Clone, Debug, PartialEq)]
pub struct DryRun {
    pub result: Result<Value, Status>,
    pub warnings: Vec<String>,
}

/// What became of an action of this pass, in the order of execution.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    pub target: ObjectRef,
    pub deleted: bool,
    /// The object as it was observed before; kubectl's `created` or `configured` depends on it.
    pub before: Option<Value>,
    /// The object after the write; `Null` after a delete.
    pub result: Result<Value, Status>,
    pub warnings: Vec<String>,
}

/// Repository URL and revision.
pub type RevisionKey = (String, String);
/// Repository URL, commit and path.
pub type TreeKey = (String, String, String);

/// Everything known in this pass. After a write the shell replaces `application` or the entry in `live` with what the API
/// server returned and forgets the target's dry run; after a write of a CustomResourceDefinition it forgets `kinds`.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    pub application: Value,
    pub resolved: BTreeMap<RevisionKey, Result<String, SourceFailure>>,
    pub trees: BTreeMap<TreeKey, Result<Arc<FileSet>, SourceFailure>>,
    /// By repository and chart.
    pub versions: BTreeMap<(String, String), Result<Vec<String>, SourceFailure>>,
    pub charts: BTreeMap<ChartKey, Result<ChartFiles, SourceFailure>>,
    pub capabilities: Option<Capabilities>,
    pub rendered: BTreeMap<String, Result<Arc<helm::Rendered>, String>>,
    pub kinds: BTreeMap<GroupVersionKind, Scope>,
    /// `Ok(None)`: there is no such object. `Err`: the API server would not say (403).
    pub live: BTreeMap<ObjectRef, Result<Option<Value>, Status>>,
    pub tracked: Option<Vec<Value>>,
    pub dry_runs: BTreeMap<ObjectRef, DryRun>,
    pub written: Vec<Written>,
}

/// The surroundings of a pass: captured once at its start, the same in all of its rounds.
#[derive(Clone, Debug)]
pub struct Env {
    pub now: Timestamp,
    /// Where the control plane runs; Applications elsewhere carry their namespace in tracking ids.
    pub control_namespace: String,
    /// Leave out objects of kinds that nobody serves, with a warning, where Argo CD fails the whole sync: for plans, which
    /// would otherwise say nothing about all the others.
    pub skip_unserved_kinds: bool,
    /// Say which values of a chart nobody reads, and which of its defaults are probably not meant: for plans.
    pub track_values: bool,
    pub polling: Polling,
}

/// What the shell remembers of its looks at Git. Lost at a restart, which costs one look.
#[derive(Clone, Debug, Default)]
pub struct Polling {
    /// `None` switches polling off.
    pub interval: Option<Duration>,
    /// This Application's share of the random spread.
    pub jitter: Duration,
    pub last: Option<Timestamp>,
    /// A push or a webhook said that there may be something new.
    pub woken: bool,
}

impl Polling {
    /// Whether sources have to be asked in this pass.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let Some(last) = self.last else { return true };
        self.woken || self.interval.is_some_and(|_| self.remaining(last, now).is_zero())
    }

    /// Until the next look; `None` when polling is off.
    pub(crate) fn next(&self, now: Timestamp) -> Option<Duration> {
        self.interval?;
        Some(if self.is_due(now) { self.period() } else { self.remaining(self.last.unwrap_or(now), now) })
    }

    fn period(&self) -> Duration {
        self.interval.unwrap_or_default() + self.jitter
    }

    fn remaining(&self, last: Timestamp, now: Timestamp) -> Duration {
        let elapsed = Duration::try_from(now.duration_since(last)).unwrap_or_default();
        self.period().saturating_sub(elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_is_asked_at_the_start_when_woken_and_after_interval_and_jitter() {
        let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
        let secs = Duration::from_secs;
        let polling = Polling { interval: Some(secs(120)), jitter: secs(30), last: Some(at(1000)), woken: false };
        for (polling, now, due, next) in [
            (Polling { last: None, ..polling.clone() }, 1000, true, Some(secs(150))),
            (polling.clone(), 1000, false, Some(secs(150))),
            (polling.clone(), 1149, false, Some(secs(1))),
            (polling.clone(), 1150, true, Some(secs(150))),
            (Polling { woken: true, ..polling.clone() }, 1001, true, Some(secs(150))),
            (Polling { interval: None, ..polling.clone() }, 9999, false, None),
            (Polling { interval: None, woken: true, ..polling }, 1001, true, None),
        ] {
            assert_eq!((polling.is_due(at(now)), polling.next(at(now))), (due, next), "{polling:?} at {now}");
        }
    }
}
