//! The way out of a sync that fails: hooks that still run are waited for, SyncFail hooks run, hooks to be deleted on failure go.

use super::{
    hooks::{self, Policy},
    results::{Results, Settled},
    step::{Progress, Request, deletions, failed, start},
    tasks::Task,
};
use crate::observed::Observed;

/// Why the sync fails.
pub(super) struct Failure {
    pub(super) message: &'static str,
    pub(super) reasons: Option<String>,
}

/// `tasks` are those of the other phases, `hooks` those of SyncFail.
pub(super) fn run(
    observed: &Observed,
    tasks: &[Task],
    hooks: &[Task],
    request: &Request<'_>,
    mut results: Results,
    failure: Failure,
) -> Progress {
    if let Settled::Waiting(message) = results.settle_hooks(tasks) {
        return Progress::Wait(message, results.list());
    }
    let completed = tasks.iter().filter(|task| results.is_completed(task));
    let releases = hooks::release_all(completed, "the hook has ended");
    if !releases.is_empty() {
        return Progress::Act(releases);
    }
    let deletes = deletions(observed, tasks, &results, Policy::Failed, request);
    if !deletes.is_empty() {
        return Progress::Act(deletes);
    }
    let pending: Vec<&Task> = hooks.iter().filter(|task| results.of(task).is_none()).collect();
    if !pending.is_empty() {
        return start(observed, &pending, hooks, request, results);
    }
    if let Settled::Waiting(message) = results.settle_hooks(hooks) {
        return Progress::Wait(message, results.list());
    }
    let releases = hooks::release_all(hooks.iter(), "the hook has ended");
    if !releases.is_empty() {
        return Progress::Act(releases);
    }
    let Failure { message, reasons } = failure;
    match results.failures_of(hooks) {
        None => failed(message, reasons, results),
        Some(of_hooks) => {
            let reasons = reasons.unwrap_or_default();
            let told = format!("{reasons}\none or more SyncFail hooks failed, reason: {of_hooks}");
            failed(message, Some(told), results)
        }
    }
}
