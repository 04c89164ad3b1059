//! Resource hooks: which objects are hooks, in which phases they run, when they are deleted. Argo CD's annotations win over
//! Helm's, object by object. Hooks of deletion are not run; whoever names one is told.

use std::collections::{BTreeMap, BTreeSet};

use actions::{Action, Reason, Verb, Write};
use api::{ObjectExt, names::ObjectRef};
use serde_json::{Value, json};

use super::tasks::{Phase, Task};

const HOOK: &str = "argocd.argoproj.io/hook";
const HELM_HOOK: &str = "helm.sh/hook";

/// Keeps a hook from being gone before its end was seen.
pub(crate) const FINALIZER: &str = "argocd.argoproj.io/hook-finalizer";

/// When a hook's object is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    BeforeHookCreation,
    Succeeded,
    Failed,
}

fn words(object: &Value, annotation: &str) -> Vec<String> {
    let text = object.annotation(annotation).unwrap_or_default();
    text.split(',').map(|word| word.trim().to_string()).filter(|word| !word.is_empty()).collect()
}

/// An object that takes no part at all.
pub(crate) fn is_skipped(object: &Value) -> bool {
    words(object, HOOK) == ["Skip"]
}

/// Whether the object is a hook, be it of a phase that nobody knows.
pub(crate) fn is_hook(object: &Value) -> bool {
    if object.annotation(HOOK).is_some() {
        return !is_skipped(object);
    }
    // What helm 2 called a hook of definitions is a definition.
    object.annotation(HELM_HOOK).is_some_and(|hook| hook != "crd-install")
}

/// The phases in which it runs.
pub(crate) fn phases(object: &Value) -> Vec<Phase> {
    let own = words(object, HOOK);
    let known = ["PreSync", "Sync", "PostSync", "SyncFail", "PreDelete", "PostDelete", "Skip"];
    let found: BTreeSet<Phase> = if own.iter().any(|word| known.contains(&word.as_str())) {
        own.iter().filter_map(|word| Phase::parse(word)).collect()
    } else {
        words(object, HELM_HOOK).iter().filter_map(|word| of_helm(word)).collect()
    };
    found.into_iter().collect()
}

fn of_helm(word: &str) -> Option<Phase> {
    match word {
        "pre-install" | "pre-upgrade" => Some(Phase::PreSync),
        "post-install" | "post-upgrade" => Some(Phase::PostSync),
        _ => None,
    }
}

/// What a person asked for and does not get. Helm's tests and rollbacks are nobody's business here, as upstream.
pub(crate) fn unheard(object: &Value) -> Option<String> {
    let name = object.name().or_else(|| object.pointer("/metadata/generateName")?.as_str()).unwrap_or_default();
    let told = |annotation: &str, word: &str| {
        let kind = object.kind().unwrap_or_default();
        format!("annotation {annotation}: {word} of {kind}/{name} has no effect: hooks of deletion are not run")
    };
    let of_deletion =
        |word: &&String| matches!(word.as_str(), "PreDelete" | "PostDelete" | "pre-delete" | "post-delete");
    if let Some(word) = words(object, HOOK).iter().find(of_deletion) {
        return Some(told(HOOK, word));
    }
    let own = !words(object, HOOK).is_empty();
    if own && phases(object).is_empty() {
        let given = object.annotation(HOOK).unwrap_or_default();
        return Some(format!(
            "annotation {HOOK}: {given} of {}/{name} names no hook: the object is never applied",
            object.kind().unwrap_or_default()
        ));
    }
    words(object, HELM_HOOK).iter().filter(|_| !own).find(of_deletion).map(|word| told(HELM_HOOK, word))
}

/// Argo CD's and Helm's together; before the next creation when there is none.
pub(crate) fn policies(object: &Value) -> Vec<Policy> {
    let own = words(object, "argocd.argoproj.io/hook-delete-policy");
    let own = own.iter().filter_map(|word| match word.as_str() {
        "BeforeHookCreation" => Some(Policy::BeforeHookCreation),
        "HookSucceeded" => Some(Policy::Succeeded),
        "HookFailed" => Some(Policy::Failed),
        _ => None,
    });
    let helms = words(object, "helm.sh/hook-delete-policy");
    let helms = helms.iter().filter_map(|word| match word.as_str() {
        "before-hook-creation" => Some(Policy::BeforeHookCreation),
        "hook-succeeded" => Some(Policy::Succeeded),
        "hook-failed" => Some(Policy::Failed),
        _ => None,
    });
    let found: Vec<Policy> = own.chain(helms).collect();
    if found.is_empty() { vec![Policy::BeforeHookCreation] } else { found }
}

/// Takes the finalizer of the live object away, where it has it.
pub(crate) fn release(reference: &ObjectRef, live: &Value, reason: &str) -> Option<Action> {
    let finalizers = live.finalizers();
    if !finalizers.contains(&FINALIZER) {
        return None;
    }
    let others: Vec<&str> = finalizers.into_iter().filter(|finalizer| *finalizer != FINALIZER).collect();
    let patch = json!({ "metadata": {
        "finalizers": others,
        "resourceVersion": live.resource_version().unwrap_or_default(),
    }});
    let verb = Verb::Merge { patch };
    Some(Action::Write(Write { target: reference.clone(), verb, reason: Reason(reason.into()) }))
}

/// [`release`] for the hooks of a sync.
pub(super) fn release_all<'a>(tasks: impl Iterator<Item = &'a Task>, reason: &str) -> Vec<Action> {
    // One object may be the hook of several phases.
    let hooks: BTreeMap<&ObjectRef, &Task> =
        tasks.filter(|task| task.hook).map(|task| (&task.reference, task)).collect();
    hooks.into_values().filter_map(|task| release(&task.reference, task.live.as_ref()?, reason)).collect()
}
