//! The operation slot: a sync from its request to its result, with retries.
//!
//! A pending retry is recorded as upstream records it: phase Running with `finishedAt` set.

use std::time::Duration;

use actions::{Action, Propagation, Verb, Write};
use api::{
    ObjectExt,
    argoproj::{Application, History, Operation, OperationState, Retry, SyncResult},
    env::rfc3339,
    names::{GroupVersionKind, ObjectRef},
};
use jiff::Timestamp;

use crate::{
    compare::{self, Against, Comparison},
    duration,
    observed::{Observed, Query},
    recorded,
    sync::{Naming, Progress, Request, hooks, options::Options, step},
    validate::{INVALID_SPEC, Validated},
};

const DEFAULT_BACKOFF: Duration = Duration::from_secs(5);
const DEFAULT_BACKOFF_MAX: Duration = Duration::from_secs(180);
const DEFAULT_FACTOR: i64 = 2;
const DEFAULT_HISTORY_LIMIT: i64 = 10;
/// While an operation waits, it is looked at this often even if no watch says anything.
const LOOK_INTERVAL: Duration = Duration::from_secs(30);
/// A definition that is not served yet is looked at more often.
const SHORT_LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What a look at a running operation leads to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Need(Vec<Query>),
    Act(Vec<Action>),
    /// To be recorded; the operation goes on, and is looked at again after that time at the latest.
    Running(Box<OperationState>, Duration),
    /// To be recorded together with clearing the slot.
    Finished(Box<OperationState>),
}

/// `operationState` of an operation that nobody has started yet.
pub(crate) fn started(operation: &Operation, now: Timestamp) -> OperationState {
    OperationState {
        operation: operation.clone(),
        phase: "Running".into(),
        started_at: rfc3339(now),
        ..OperationState::default()
    }
}

pub(crate) fn is_in_progress(app: &Application) -> bool {
    app.status.operation_state.as_ref().is_some_and(|state| !is_completed(&state.phase))
}

pub(crate) fn is_completed(phase: &str) -> bool {
    matches!(phase, "Succeeded" | "Failed" | "Error")
}

/// The next step of the operation in progress.
pub(crate) fn look(
    observed: &Observed,
    app: &Application,
    spec: Result<&Validated, &str>,
    current: Option<&Comparison>,
    now: Timestamp,
) -> Step {
    let mut state = app.status.operation_state.clone().unwrap_or_default();
    if state.phase == "Terminating" {
        return terminate(observed, state, now);
    }
    if !state.finished_at.is_empty() {
        match retry_at(&state, now) {
            Err(message) => return finished(state, "Error", message, false, now),
            Ok(wait) if !wait.is_zero() => return Step::Running(Box::new(state), wait),
            Ok(_) => restart(&mut state),
        }
    }
    let spec = match spec {
        Ok(spec) => spec,
        Err(message) => return finished(state, "Error", message.to_string(), true, now),
    };
    let refused = state.operation.sync.as_ref().map_or(
        Some("Invalid operation request: no operation specified".to_string()),
        |sync| {
            let unsupported =
                ["manifests", "sources", "revisions"].iter().find(|field| sync.rest.contains_key(**field));
            let strategy = sync.rest.get("syncStrategy");
            let forced = ["apply", "hook"]
                .into_iter()
                .find(|name| strategy.is_some_and(|strategy| strategy[*name]["force"] == true));
            unsupported
                .map(|field| format!("operation.sync.{field} is not supported yet"))
                .or_else(|| forced.map(|name| format!("operation.sync.syncStrategy.{name}.force is not supported yet")))
        },
    );
    match refused {
        Some(message) => finished(state, "Error", message, false, now),
        None => sync(observed, app, spec, current, state, now),
    }
}

/// Hooks that run are deleted, then the operation is over.
fn terminate(observed: &Observed, mut state: OperationState, now: Timestamp) -> Step {
    let mut needs = Vec::new();
    let mut releases = Vec::new();
    let mut deletes = Vec::new();
    let results = state.sync_result.iter_mut().flat_map(|result| &mut result.resources);
    for result in results.filter(|result| !result.hook_type.is_empty() && result.hook_phase == "Running") {
        let gvk = GroupVersionKind::new(&result.group, &result.version, &result.kind);
        let reference = ObjectRef::new(&gvk, &result.namespace, &result.name);
        result.hook_phase = "Failed".into();
        result.message = "Terminated".into();
        let Some(live) = observed.live.get(&reference) else {
            needs.push(Query::Live(reference));
            continue;
        };
        let tried = observed.written.iter().any(|written| written.deleted && written.target == reference);
        let Some(live) = live.as_ref().ok().and_then(Option::as_ref).filter(|_| !tried) else { continue };
        releases.extend(hooks::release(&reference, live, "the operation is terminated"));
        if live.deletion_timestamp().is_none() {
            let uid = live.uid().unwrap_or_default().to_string();
            let verb = Verb::Delete { uid, propagation: Propagation::Foreground };
            deletes.push(Action::Write(Write {
                target: reference,
                verb,
                reason: "the operation is terminated".into(),
            }));
        }
    }
    match (needs.is_empty(), releases.is_empty(), deletes.is_empty()) {
        (false, ..) => Step::Need(needs),
        (true, false, _) => Step::Act(releases),
        (true, true, false) => Step::Act(deletes),
        (true, true, true) => finished(state, "Failed", "Operation terminated".into(), false, now),
    }
}

fn restart(state: &mut OperationState) {
    let refresh = state.operation.retry.refresh;
    let extra = if refresh { " with latest revisions" } else { "" };
    state.message = format!("Retrying operation{extra}. Attempt #{}", state.retry_count);
    state.finished_at.clear();
    state.sync_result = None;
    if refresh && let Some(sync) = &mut state.operation.sync {
        sync.revision.clear();
    }
}

fn sync(
    observed: &Observed,
    app: &Application,
    spec: &Validated,
    current: Option<&Comparison>,
    mut state: OperationState,
    now: Timestamp,
) -> Step {
    let request = state.operation.sync.clone().unwrap_or_default();
    let mut result = state.sync_result.take().unwrap_or_default();
    let source = recorded::meant(request.source.as_ref(), &spec.source);
    let revision = [&result.revision, &request.revision, &source.target_revision]
        .into_iter()
        .find(|revision| !revision.is_empty())
        .map_or("HEAD", String::as_str);
    let against = Against { source: source.clone(), revision: revision.to_string() };
    let own;
    let comparison = match current.filter(|c| c.source == against.source && c.revision == against.revision) {
        Some(current) => current,
        None => match compare::compare(observed, app, spec, &against) {
            Err(needs) => return Step::Need(needs),
            Ok(comparison) => {
                own = comparison;
                &own
            }
        },
    };
    result.revision = comparison.revision.clone();
    result.source = Some(source);
    if let Some((phase, message)) = obstacle(comparison, Options(&request.sync_options)) {
        state.sync_result = Some(result);
        return finished(state, phase, message, true, now);
    }
    let policy = app.spec.sync_policy.as_ref();
    let started_at = state.started_at.clone();
    let naming = Naming {
        revision: &comparison.revision,
        started_at: &started_at,
        instance: &spec.instance,
        destination_namespace: &spec.destination_namespace,
    };
    let applies_only = request.rest.get("syncStrategy").is_some_and(|strategy| strategy["apply"].is_object());
    let recorded = result.resources.clone();
    let progress = step(
        observed,
        comparison,
        &Request {
            prune: request.prune,
            dry_run: request.dry_run,
            selected: &request.resources,
            options: Options(&request.sync_options),
            destination_namespace: &spec.destination_namespace,
            namespace_metadata: policy.and_then(|policy| policy.managed_namespace_metadata.as_ref()),
            results: &recorded,
            hooks: Some(naming).filter(|_| request.resources.is_empty() && !applies_only),
        },
    );
    result.managed_namespace_metadata = policy.and_then(|policy| policy.managed_namespace_metadata.clone());
    conclude(progress, state, result, now)
}

/// What stops a sync before its first task.
fn obstacle(comparison: &Comparison, options: Options<'_>) -> Option<(&'static str, String)> {
    let shared = comparison.findings.iter().find(|(kind, _)| *kind == "SharedResourceWarning");
    if let Some((_, message)) = shared
        && options.has("FailOnSharedResource=true")
    {
        return Some(("Failed", format!("Shared resource found: {message}")));
    }
    let errors: Vec<String> = comparison
        .findings
        .iter()
        .filter(|(kind, _)| [compare::COMPARISON_ERROR, INVALID_SPEC].contains(kind))
        .map(|(kind, message)| format!("{kind}: {message}"))
        .collect();
    (!errors.is_empty()).then(|| ("Error", errors.join(";")))
}

fn conclude(progress: Progress, mut state: OperationState, mut result: SyncResult, now: Timestamp) -> Step {
    match progress {
        Progress::Need(queries) => Step::Need(queries),
        Progress::Act(actions) => Step::Act(actions),
        Progress::Wait(message, results) => {
            result.resources = results;
            let definition = message.contains("/CustomResourceDefinition/");
            state.message = message;
            state.sync_result = Some(result);
            Step::Running(Box::new(state), if definition { SHORT_LOOK_INTERVAL } else { LOOK_INTERVAL })
        }
        Progress::Done { phase, message, results } => {
            result.resources = results;
            state.sync_result = Some(result);
            finished(state, phase, message, true, now)
        }
    }
}

/// The end of an attempt: of the operation too, unless it may be retried.
fn finished(mut state: OperationState, phase: &str, message: String, may_retry: bool, now: Timestamp) -> Step {
    let retry = state.operation.retry.clone();
    let again = may_retry && phase != "Succeeded" && (state.retry_count < retry.limit || retry.limit < 0);
    state.finished_at = rfc3339(now);
    if again {
        match backoff(&retry, state.retry_count) {
            Ok(wait) => {
                let at = now.checked_add(jiff::SignedDuration::try_from(wait).unwrap_or_default()).unwrap_or(now);
                state.retry_count += 1;
                state.phase = "Running".into();
                state.message =
                    format!("{message}. Retrying attempt #{} at {}.", state.retry_count, at.strftime("%-I:%M%p"));
                return Step::Running(Box::new(state), wait);
            }
            Err(error) => {
                state.phase = "Error".into();
                state.message = format!("{message} (failed to retry: {error})");
                return Step::Finished(Box::new(state));
            }
        }
    }
    state.phase = phase.to_string();
    state.message = match state.retry_count {
        count if count > 0 && phase != "Succeeded" => format!("{message} (retried {count} times)."),
        _ => message,
    };
    Step::Finished(Box::new(state))
}

/// `duration * factor^attempt`, at most `maxDuration`.
fn backoff(retry: &Retry, attempt: i64) -> Result<Duration, String> {
    let given = retry.backoff.clone().unwrap_or_default();
    let read = |text: &str, default: Duration| if text.is_empty() { Ok(default) } else { duration::parse(text) };
    let first = read(&given.duration, DEFAULT_BACKOFF)?;
    let max = read(&given.max_duration, DEFAULT_BACKOFF_MAX)?;
    let factor = given.factor.unwrap_or(DEFAULT_FACTOR).max(0) as f64;
    let wait = first.as_secs_f64() * factor.powi(i32::try_from(attempt).unwrap_or(i32::MAX));
    let wait = if max.is_zero() { wait } else { wait.min(max.as_secs_f64()) };
    Ok(Duration::try_from_secs_f64(wait).unwrap_or(max))
}

/// Until the pending retry starts; zero when it is due.
fn retry_at(state: &OperationState, now: Timestamp) -> Result<Duration, String> {
    let ended: Timestamp =
        state.finished_at.parse().map_err(|_| format!("finishedAt {:?} is no time", state.finished_at))?;
    let wait = backoff(&state.operation.retry, state.retry_count - 1)?;
    let elapsed = Duration::try_from(now.duration_since(ended)).unwrap_or_default();
    Ok(wait.saturating_sub(elapsed))
}

/// History after a full, successful sync.
pub(crate) fn record(app: &Application, state: &OperationState, now: Timestamp) -> Vec<History> {
    let mut history = app.status.history.clone();
    let sync = state.operation.sync.clone().unwrap_or_default();
    if state.phase != "Succeeded" || sync.dry_run || !sync.resources.is_empty() {
        return history;
    }
    let result = state.sync_result.clone().unwrap_or_default();
    history.push(History {
        deploy_started_at: state.started_at.clone(),
        deployed_at: rfc3339(now),
        id: history.last().map_or(0, |last| last.id + 1),
        initiated_by: state.operation.initiated_by.clone(),
        revision: result.revision,
        source: result.source,
        ..History::default()
    });
    let limit = app.spec.revision_history_limit.unwrap_or(DEFAULT_HISTORY_LIMIT).max(0);
    let excess = history.len().saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
    history.drain(..excess);
    history
}
