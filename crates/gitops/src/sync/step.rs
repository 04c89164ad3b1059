//! The next step of a running sync: which wave to execute now, what to wait for, or how it ended.
//!
//! There is no memory but the results recorded so far (`operationState.syncResult.resources`) and what was written in this
//! pass, so that a restart goes on where the last recorded wave ended, and applies that one again at worst.
//! Upstream's pause of two seconds between waves does not exist: a wave is waited for by the health of its objects.

use actions::{Action, Propagation, Reason, Verb, Write};
use api::{
    ObjectExt,
    argoproj::{NamespaceMetadata, ResourceResult, SyncResource},
    names::{GroupVersionKind, ObjectRef},
};

use super::{
    hooks,
    options::{self, Options},
    order,
    results::{FAILED, Results, SYNCED, Settled, resource_name},
    tasks::{self, Phase, Task},
};
use crate::{
    compare::{Comparison, served},
    observed::{Observed, Query},
};

/// What the operation asks for.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) prune: bool,
    pub(crate) dry_run: bool,
    pub(crate) selected: &'a [SyncResource],
    pub(crate) options: Options<'a>,
    pub(crate) destination_namespace: &'a str,
    pub(crate) namespace_metadata: Option<&'a NamespaceMetadata>,
    /// Results of earlier passes of this attempt.
    pub(crate) results: &'a [ResourceResult],
}

/// Where a sync stands after a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Progress {
    Need(Vec<Query>),
    /// Execute these and ask again.
    Act(Vec<Action>),
    /// Nothing to do until something gets healthy or is gone.
    Wait(String, Vec<ResourceResult>),
    /// `Succeeded` or `Failed`, with its message.
    Done {
        phase: &'static str,
        message: String,
        results: Vec<ResourceResult>,
    },
}

pub(crate) fn step(observed: &Observed, comparison: &Comparison, request: &Request<'_>) -> Progress {
    let mut tasks = tasks::build(comparison, request.selected, request.options);
    let mut results = Results::new(request.results);
    if request.options.has("CreateNamespace=true") && !request.destination_namespace.is_empty() {
        let gvk = GroupVersionKind::new("", "v1", "Namespace");
        let reference = ObjectRef::new(&gvk, "", request.destination_namespace);
        let Some(live) = observed.live.get(&reference) else { return Progress::Need(vec![Query::Live(reference)]) };
        let live = live.as_ref().ok().and_then(Option::as_ref);
        tasks.extend(tasks::namespace(request.destination_namespace, live, request.namespace_metadata, &tasks));
    }
    order::sort(&mut tasks);
    results.read(&observed.written, &tasks, request.options.has("ServerSideApply=true"));
    if let Some(failed) = refuse(observed, comparison, &tasks, request, &mut results) {
        return failed;
    }
    if request.dry_run {
        return dry_run(observed, &tasks, request, results);
    }
    advance(observed, tasks, request, results)
}

/// The checks that stop a sync before it changes anything: hooks, and kinds that nobody serves.
fn refuse(
    observed: &Observed,
    comparison: &Comparison,
    tasks: &[Task],
    request: &Request<'_>,
    results: &mut Results,
) -> Option<Progress> {
    let mut messages = Vec::new();
    if request.selected.is_empty() {
        messages.extend(comparison.hooks.iter().map(hooks::refusal));
    }
    for task in tasks.iter().filter(|task| task.target.is_some()) {
        let gvk = task.reference.gvk();
        if results.of(task).is_some() {
            continue;
        }
        if matches!(task.phase, Phase::PreSync) || served(observed, &gvk) || may_be_missing(task, tasks, request) {
            continue;
        }
        let message = missing_kind(task, observed);
        results.set(task, FAILED, "", &message);
        messages.push(message);
    }
    if messages.is_empty() {
        return None;
    }
    messages.sort();
    messages.dedup();
    let message = format!("one or more synchronization tasks are not valid: {}", messages.join("; "));
    Some(Progress::Done { phase: "Failed", message, results: std::mem::take(results).list() })
}

fn may_be_missing(task: &Task, tasks: &[Task], request: &Request<'_>) -> bool {
    request.options.has("SkipDryRunOnMissingResource=true")
        || options::of_object(task.object()).iter().any(|option| option == "SkipDryRunOnMissingResource=true")
        || defines(tasks, task).is_some()
}

/// The task of this sync that brings the kind of another one.
fn defines<'a>(tasks: &'a [Task], needing: &Task) -> Option<&'a Task> {
    let wanted = format!("{}/{}", needing.reference.group, needing.reference.kind);
    tasks.iter().find(|task| task.target.as_ref().and_then(order::kind_defined).as_ref() == Some(&wanted))
}

fn missing_kind(task: &Task, observed: &Observed) -> String {
    let ObjectRef { group, version, kind, namespace, name } = &task.reference;
    let other = observed.kinds.keys().find(|gvk| gvk.group_kind() == (group, kind) && served(observed, gvk));
    match other {
        Some(gvk) => format!(
            "The Kubernetes API could not find version {version:?} of {group}/{kind} for requested resource {namespace}/{name}. Version {:?} of {group}/{kind} is installed on the destination cluster.",
            gvk.version
        ),
        None => format!(
            "The Kubernetes API could not find {group}/{kind} for requested resource {namespace}/{name}. Make sure the {kind:?} CRD is installed on the destination cluster."
        ),
    }
}

/// A dry-run operation changes nothing and reports what the server says to each object.
fn dry_run(observed: &Observed, tasks: &[Task], request: &Request<'_>, mut results: Results) -> Progress {
    let mut needs = Vec::new();
    for task in tasks {
        match &task.target {
            None => {
                let (status, message) = prune_verdict(task, request).unwrap_or(("Pruned", "pruned (dry run)"));
                results.set(task, status, "Succeeded", message);
            }
            Some(object) => match observed.dry_runs.get(&task.reference) {
                None => needs.push(Query::DryRun { target: task.reference.clone(), object: object.clone() }),
                Some(run) => match &run.result {
                    Ok(_) => results.set(task, SYNCED, "Succeeded", &format!("{} (dry run)", resource_name(task))),
                    Err(status) => results.set(task, FAILED, "Failed", &status.message),
                },
            },
        }
    }
    if !needs.is_empty() {
        return Progress::Need(needs);
    }
    match results.failures() {
        None => Progress::Done {
            phase: "Succeeded",
            message: "successfully synced (all tasks run)".into(),
            results: results.list(),
        },
        Some(_) => failed("one or more objects failed to apply (dry run)", None, results),
    }
}

fn failed(message: &str, reasons: Option<String>, results: Results) -> Progress {
    let message = match reasons.filter(|reasons| !reasons.is_empty()) {
        Some(reasons) => format!("{message}, reason: {reasons}"),
        None => message.to_string(),
    };
    Progress::Done { phase: "Failed", message, results: results.list() }
}

fn advance(observed: &Observed, mut tasks: Vec<Task>, request: &Request<'_>, mut results: Results) -> Progress {
    if let Some(reasons) = results.failures() {
        return failed("one or more objects failed to apply", Some(reasons), results);
    }
    if request.options.has("ApplyOutOfSyncOnly=true") {
        tasks.retain(|task| task.modified || task.is_prune() || results.of(task).is_some());
    }
    let pending: Vec<Task> = tasks.iter().filter(|task| results.of(task).is_none()).cloned().collect();
    let Some(next) = pending.first() else {
        let message = if tasks.is_empty() { "no more tasks" } else { "all tasks run" };
        let message = format!("successfully synced ({message})");
        return Progress::Done { phase: "Succeeded", message, results: results.list() };
    };
    // More is to come: what ran before has to be healthy, or gone, first.
    match results.settle(&tasks) {
        Settled::Unhealthy(reasons) => {
            return failed("one or more synchronization tasks completed unsuccessfully", Some(reasons), results);
        }
        Settled::Waiting(message) => return Progress::Wait(message, results.list()),
        Settled::Done => {}
    }
    let (phase, wave) = (next.phase, next.wave);
    let now: Vec<&Task> = pending.iter().filter(|task| (task.phase, task.wave) == (phase, wave)).collect();
    if let Some(definition) = now.iter().find_map(|task| unready_definition(observed, task, &tasks, &results)) {
        return Progress::Wait(format!("waiting for healthy state of {}", definition.title()), results.list());
    }
    let mut acts = Vec::new();
    for task in now.iter().filter(|task| task.is_prune()) {
        match prune_verdict(task, request) {
            Some((status, message)) => results.set(task, status, "Succeeded", message),
            None => acts.push(prune(task, request.options.propagation())),
        }
    }
    let applicable = now.iter().filter(|task| !task.is_prune() && !awaits_definition(observed, task, &tasks, &results));
    acts.extend(applicable.map(|task| apply(task)));
    if acts.is_empty() { advance(observed, tasks, request, results) } else { Progress::Act(acts) }
}

/// Whether the definition of the task's kind is to be applied first, in this very wave.
fn awaits_definition(observed: &Observed, task: &Task, tasks: &[Task], results: &Results) -> bool {
    !served(observed, &task.reference.gvk())
        && defines(tasks, task).is_some_and(|definition| results.of(definition).is_none())
}

/// A definition of this sync that was applied but is not served yet, although this task needs it.
fn unready_definition<'a>(observed: &Observed, task: &Task, tasks: &'a [Task], results: &Results) -> Option<&'a Task> {
    if served(observed, &task.reference.gvk()) {
        return None;
    }
    defines(tasks, task).filter(|definition| results.of(definition).is_some())
}

/// A prune that is not to happen: its status and message.
fn prune_verdict(task: &Task, request: &Request<'_>) -> Option<(&'static str, &'static str)> {
    if !request.prune {
        return Some(("PruneSkipped", "ignored (requires pruning)"));
    }
    match options::value(task.object(), request.options, "Prune").as_deref() {
        Some("false") => Some(("PruneSkipped", "ignored (no prune)")),
        Some("confirm") => Some(("PruneSkipped", "ignored (Prune=confirm is not supported yet)")),
        // Deleting again what is being deleted would only be noise.
        _ if task.live.as_ref().is_some_and(|live| live.deletion_timestamp().is_some()) => Some(("Pruned", "pruned")),
        _ => None,
    }
}

fn apply(task: &Task) -> Action {
    let object = task.target.clone().unwrap_or_default();
    let reason = match (&task.live, task.phase) {
        (None, Phase::PreSync) => "syncOptions CreateNamespace=true and the destination namespace does not exist",
        (Some(_), Phase::PreSync) => "syncPolicy.managedNamespaceMetadata differs from the namespace",
        (None, Phase::Sync) => "in Git and not in the cluster",
        (Some(_), Phase::Sync) if task.modified => "in Git and different in the cluster",
        (Some(_), Phase::Sync) => "in Git; applied as part of the sync",
    };
    Action::Write(Write {
        target: task.reference.clone(),
        verb: Verb::Apply { object, force: true },
        reason: Reason(reason.into()),
    })
}

fn prune(task: &Task, propagation: Propagation) -> Action {
    let uid = task.object().uid().unwrap_or_default().to_string();
    Action::Write(Write {
        target: task.reference.clone(),
        verb: Verb::Delete { uid, propagation },
        reason: Reason("no longer in Git and prune was asked for".into()),
    })
}
