//! Whether a comparison starts a sync by itself: one attempt per revision and source, self-healing with a growing pause.

use std::time::Duration;

use api::argoproj::{Application, InitiatedBy, Operation, OperationState, Retry, Source, SyncOperation, SyncResource};
use jiff::Timestamp;

use crate::{
    compare::{Comparison, Verdict},
    operation::is_completed,
    recorded,
    validate::Validated,
};

const DEFAULT_RETRIES: i64 = 5;
const HEAL_PAUSE: Duration = Duration::from_secs(2);
const HEAL_FACTOR: u32 = 3;
const HEAL_PAUSE_MAX: Duration = Duration::from_secs(300);
/// After this long without healing the pause starts small again.
const HEAL_COOLDOWN: Duration = Duration::from_secs(330);

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Automation {
    Nothing,
    Start(Box<Operation>),
    /// Not yet: the next self-heal is allowed after this.
    After(Duration),
    /// A SyncError condition with this message.
    Refused(String),
}

pub(crate) fn automate(
    app: &Application,
    spec: &Validated,
    comparison: &Comparison,
    verdict: &Verdict,
    now: Timestamp,
) -> Automation {
    let Some(automated) = &spec.automated else { return Automation::Nothing };
    if !verdict.is_out_of_sync() || comparison.failed {
        return Automation::Nothing;
    }
    let open = verdict.resources.iter().filter(|resource| resource.status == "OutOfSync");
    let only_prunes = open.clone().all(|resource| resource.requires_pruning);
    let no_resource = open.clone().count() == 0;
    if only_prunes && !no_resource && (!automated.prune || all_leaving(comparison)) {
        return Automation::Nothing;
    }
    let mut sync = SyncOperation {
        revision: comparison.revision.clone(),
        prune: automated.prune,
        source: Some(spec.source.clone()),
        sync_options: app.spec.sync_policy.as_ref().map(|policy| policy.sync_options.clone()).unwrap_or_default(),
        ..SyncOperation::default()
    };
    if let Some(last) = attempted(app, &comparison.revision, &spec.source) {
        if last.phase != "Succeeded" {
            let revision = last.sync_result.as_ref().map(|r| r.revision.as_str()).unwrap_or_default();
            return Automation::Refused(format!("Failed last sync attempt to [{revision}]: {}", last.message));
        }
        if !automated.self_heal {
            return Automation::Nothing;
        }
        let (attempts, wait) = heal_pause(last, now);
        if !wait.is_zero() {
            return Automation::After(wait);
        }
        sync.self_heal_attempts = attempts + 1;
        sync.resources = open
            .map(|resource| SyncResource {
                group: resource.group.clone(),
                kind: resource.kind.clone(),
                name: resource.name.clone(),
                namespace: String::new(),
            })
            .collect();
    }
    let mut resources = verdict.resources.iter().filter(|resource| !resource.hook);
    if automated.prune && !automated.allow_empty && resources.all(|resource| resource.requires_pruning) {
        return Automation::Refused(format!(
            "Skipping sync attempt to [{}]: auto-sync will wipe out all resources",
            comparison.revision
        ));
    }
    let retry = app.spec.sync_policy.as_ref().and_then(|policy| policy.retry.clone());
    Automation::Start(Box::new(Operation {
        sync: Some(sync),
        initiated_by: InitiatedBy { automated: true, ..InitiatedBy::default() },
        retry: retry.unwrap_or(Retry { limit: DEFAULT_RETRIES, ..Retry::default() }),
        ..Operation::default()
    }))
}

/// Everything that differs is already being deleted: there is nothing left to start.
fn all_leaving(comparison: &Comparison) -> bool {
    use api::ObjectExt;
    comparison
        .items
        .iter()
        .filter(|item| item.requires_pruning())
        .all(|item| item.live.as_ref().is_some_and(|live| live.deletion_timestamp().is_some()))
}

/// The last operation, if it was an attempt at the same revision of the same source.
fn attempted<'a>(app: &'a Application, revision: &str, source: &Source) -> Option<&'a OperationState> {
    let last = app.status.operation_state.as_ref().filter(|state| is_completed(&state.phase))?;
    match &last.sync_result {
        None => Some(last),
        Some(result) => (result.revision == revision && recorded::is(result.source.as_ref(), source)).then_some(last),
    }
}

/// How many heals there were in a row, and how long to wait for the next: 0, 2, 6, 18, ... seconds after the last one.
fn heal_pause(last: &OperationState, now: Timestamp) -> (i64, Duration) {
    let since = last.finished_at.parse::<Timestamp>().ok().map(|ended| now.duration_since(ended));
    let since = since.and_then(|since| Duration::try_from(since).ok()).unwrap_or_default();
    if since >= HEAL_COOLDOWN {
        return (0, Duration::ZERO);
    }
    let attempts = last.operation.sync.as_ref().map_or(0, |sync| sync.self_heal_attempts).max(0);
    let steps = u32::try_from(attempts).unwrap_or(u32::MAX).min(16);
    let pause = match steps {
        0 => Duration::ZERO,
        steps => HEAL_PAUSE.saturating_mul(HEAL_FACTOR.saturating_pow(steps - 1)).min(HEAL_PAUSE_MAX),
    };
    (attempts, pause.saturating_sub(since))
}
