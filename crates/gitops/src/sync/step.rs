//! The next step of a running sync: which wave to execute now, what to wait for, or how it ended.
//!
//! There is no memory but the results recorded so far (`operationState.syncResult.resources`) and what was written in this
//! pass, so that a restart goes on where the last recorded wave ended, and applies that one again at worst.
//! Upstream's pause of two seconds between waves does not exist: a wave is waited for by the health of its objects.

use std::collections::{BTreeMap, BTreeSet};

use actions::{Action, Propagation, Reason, Verb, Write};
use api::{
    ObjectExt,
    argoproj::{NamespaceMetadata, ResourceResult, SyncResource},
    names::{GroupVersionKind, ObjectRef},
};

use super::{
    failing::{self, Failure},
    hooks::{self, Policy},
    options::{self, Options},
    order,
    results::{FAILED, Results, SYNCED, Settled, resource_name, sentence},
    tasks::{self, Naming, Phase, Task},
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
    /// Absent where hooks do not run: in partial syncs, and where the strategy is `apply`.
    pub(crate) hooks: Option<Naming<'a>>,
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
    if let Some(naming) = request.hooks {
        match tasks::hooks(observed, comparison, naming) {
            Ok(hooks) => tasks.extend(hooks),
            Err(needs) => return Progress::Need(needs),
        }
    }
    if request.options.has("CreateNamespace=true") && !request.destination_namespace.is_empty() {
        let gvk = GroupVersionKind::new("", "v1", "Namespace");
        let reference = ObjectRef::new(&gvk, "", request.destination_namespace);
        let Some(live) = observed.live.get(&reference) else { return Progress::Need(vec![Query::Live(reference)]) };
        let live = live.as_ref().ok().and_then(Option::as_ref);
        tasks.extend(tasks::namespace(request.destination_namespace, live, request.namespace_metadata, &tasks));
    }
    order::sort(&mut tasks);
    results.read(&observed.written, &tasks, request.options.has("ServerSideApply=true"));
    if let Some(failed) = refuse(observed, &tasks, request, &mut results) {
        return failed;
    }
    if request.dry_run {
        return dry_run(observed, &tasks, request, results);
    }
    advance(observed, tasks, request, results)
}

/// What stops a sync before it changes anything: kinds that nobody serves.
fn refuse(observed: &Observed, tasks: &[Task], request: &Request<'_>, results: &mut Results) -> Option<Progress> {
    let mut messages = Vec::new();
    for task in tasks.iter().filter(|task| task.target.is_some()) {
        let gvk = task.reference.gvk();
        if results.of(task).is_some() {
            continue;
        }
        if task.is_made_namespace() || served(observed, &gvk) || may_be_missing(task, tasks, request) {
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
            // The live object of an earlier sync would stand in its way, and is to go first.
            Some(_) if task.hook => {
                results.set(task, SYNCED, "Succeeded", &format!("{} (dry run)", resource_name(task)));
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

pub(super) fn failed(message: &str, reasons: Option<String>, results: Results) -> Progress {
    let message = match reasons.filter(|reasons| !reasons.is_empty()) {
        Some(reasons) => format!("{message}, reason: {reasons}"),
        None => message.to_string(),
    };
    Progress::Done { phase: "Failed", message, results: results.list() }
}

fn advance(observed: &Observed, tasks: Vec<Task>, request: &Request<'_>, mut results: Results) -> Progress {
    let steps: BTreeSet<(Phase, i64)> = tasks.iter().map(|task| (task.phase, task.wave)).collect();
    let (failing, mut tasks): (Vec<Task>, Vec<Task>) =
        tasks.into_iter().partition(|task| task.phase == Phase::SyncFail);
    let fail = |tasks: &[Task], results, message, reasons| {
        failing::run(observed, tasks, &failing, request, results, Failure { message, reasons })
    };
    if let Some(reasons) = results.failures() {
        return fail(&tasks, results, "one or more objects failed to apply", Some(reasons));
    }
    if request.options.has("ApplyOutOfSyncOnly=true") {
        tasks.retain(|task| task.hook || task.modified || task.is_prune() || results.of(task).is_some());
    }
    let pending: Vec<&Task> = tasks.iter().filter(|task| results.of(task).is_none()).collect();
    let last = tasks.iter().map(|task| (task.phase, task.wave)).max();
    let ends_with_hook = tasks.iter().any(|task| task.hook && Some((task.phase, task.wave)) == last);
    if pending.is_empty() && !ends_with_hook {
        return finish(
            observed,
            &tasks,
            request,
            results,
            if tasks.is_empty() { "no more tasks" } else { "all tasks run" },
        );
    }
    // More is to come, or hooks run: what ran before has to be healthy, or gone, first.
    let settled =
        if steps.len() > 1 || !pending.is_empty() { results.settle(&tasks) } else { results.settle_hooks(&tasks) };
    if let Settled::Waiting(message) = settled {
        return Progress::Wait(message, results.list());
    }
    if let Some(reasons) = results.unsuccessful() {
        return fail(&tasks, results, "one or more synchronization tasks completed unsuccessfully", Some(reasons));
    }
    let completed = tasks.iter().filter(|task| results.is_completed(task));
    let releases = hooks::release_all(completed, "the hook has ended");
    if !releases.is_empty() {
        return Progress::Act(releases);
    }
    let Some((phase, wave)) = pending.first().map(|task| (task.phase, task.wave)) else {
        return finish(observed, &tasks, request, results, "no more tasks");
    };
    let now: Vec<&Task> = pending.into_iter().filter(|task| (task.phase, task.wave) == (phase, wave)).collect();
    match start(observed, &now, &tasks, request, results) {
        // Nothing of this wave is to be done: prunes that are not wanted.
        Progress::Wait(message, recorded) if message.is_empty() => {
            let results = Results::new(&recorded);
            advance(observed, [tasks, failing].concat(), request, results)
        }
        progress => progress,
    }
}

/// The end of a sync that succeeded; hooks that are to go then go.
fn finish(observed: &Observed, tasks: &[Task], request: &Request<'_>, results: Results, how: &str) -> Progress {
    let deletes = deletions(observed, tasks, &results, Policy::Succeeded, request);
    if !deletes.is_empty() {
        return Progress::Act(deletes);
    }
    let message = format!("successfully synced ({how})");
    Progress::Done { phase: "Succeeded", message, results: results.list() }
}

/// Hooks that have ended and are to be deleted by that policy, each tried once.
pub(super) fn deletions(
    observed: &Observed,
    tasks: &[Task],
    results: &Results,
    policy: Policy,
    request: &Request<'_>,
) -> Vec<Action> {
    let tried =
        |task: &Task| observed.written.iter().any(|w| w.deleted && w.result.is_err() && w.target == task.reference);
    let ended = tasks.iter().filter(|task| task.hook && results.is_completed(task) && !tried(task));
    let doomed = ended.filter(|task| {
        let live = task.live.as_ref();
        live.is_some_and(|live| live.deletion_timestamp().is_none()) && hooks::policies(task.object()).contains(&policy)
    });
    let reason =
        if policy == Policy::Succeeded { "hook-delete-policy HookSucceeded" } else { "hook-delete-policy HookFailed" };
    // One object may be the hook of several phases.
    let doomed: BTreeMap<&ObjectRef, &Task> = doomed.map(|task| (&task.reference, task)).collect();
    doomed.into_values().map(|task| delete(task, request.options.propagation(), reason)).collect()
}

/// Executes one wave: prunes and hooks of earlier syncs go first. An empty wait says that there is nothing to do.
pub(super) fn start(
    observed: &Observed,
    now: &[&Task],
    tasks: &[Task],
    request: &Request<'_>,
    mut results: Results,
) -> Progress {
    if let Some(definition) = now.iter().find_map(|task| unready_definition(observed, task, tasks, &results)) {
        let message = sentence("healthy state of", &definition.title(), 1, "resources");
        return Progress::Wait(message, results.list());
    }
    let releases = hooks::release_all(now.iter().copied(), "the hook runs again");
    if !releases.is_empty() {
        return Progress::Act(releases);
    }
    let propagation = request.options.propagation();
    let mut acts = Vec::new();
    for task in now.iter().filter(|task| task.is_prune()) {
        match prune_verdict(task, request) {
            Some((status, message)) => results.set(task, status, "Succeeded", message),
            None => acts.push(delete(task, propagation, "no longer in Git and prune was asked for")),
        }
    }
    let earlier = |task: &&&Task| {
        task.hook && task.live.is_some() && hooks::policies(task.object()).contains(&Policy::BeforeHookCreation)
    };
    let earlier: Vec<&&Task> = now.iter().filter(earlier).collect();
    let leaving = |task: &&&Task| task.live.as_ref().is_some_and(|live| live.deletion_timestamp().is_some());
    let (leaving, staying): (Vec<&Task>, Vec<&Task>) = earlier.into_iter().copied().partition(|task| leaving(&task));
    if !staying.is_empty() {
        acts.extend(staying.iter().map(|task| delete(task, propagation, "hook-delete-policy BeforeHookCreation")));
        return Progress::Act(acts);
    }
    if let Some(task) = leaving.first().filter(|_| acts.is_empty()) {
        let message = sentence("deletion of hook", &task.title(), leaving.len(), "hooks");
        return Progress::Wait(message, results.list());
    }
    let applicable = now.iter().filter(|task| !task.is_prune() && !awaits_definition(observed, task, tasks, &results));
    acts.extend(applicable.map(|task| apply(task)));
    if acts.is_empty() { Progress::Wait(String::new(), results.list()) } else { Progress::Act(acts) }
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
        _ if task.hook => format!("hook {}", task.phase.as_str()),
        (None, _) if task.is_made_namespace() => {
            "syncOptions CreateNamespace=true and the destination namespace does not exist".into()
        }
        (Some(_), _) if task.is_made_namespace() => {
            "syncPolicy.managedNamespaceMetadata differs from the namespace".into()
        }
        (None, _) => "in Git and not in the cluster".into(),
        (Some(_), _) if task.modified => "in Git and different in the cluster".into(),
        (Some(_), _) => "in Git; applied as part of the sync".into(),
    };
    Action::Write(Write {
        target: task.reference.clone(),
        verb: Verb::Apply { object, force: true },
        reason: Reason(reason),
    })
}

fn delete(task: &Task, propagation: Propagation, reason: &str) -> Action {
    let live = task.live.as_ref().unwrap_or_else(|| task.object());
    let uid = live.uid().unwrap_or_default().to_string();
    let verb = Verb::Delete { uid, propagation };
    Action::Write(Write { target: task.reference.clone(), verb, reason: Reason(reason.into()) })
}
