//! The resource reconciler that the three kinds share: server-side apply of each entry, in order, its readiness, and the
//! deletion of what left the list.

use actions::{Action, Requeue, Verb, Write};
use api::{
    ObjectExt, condition,
    names::{GroupVersionKind, ObjectRef, split_api_version},
};
use serde_json::{Value, json};

use crate::{
    conditions::{Draft, NotReady, READY, Severity},
    names::INFRASTRUCTURE_API_VERSION,
    observed::Outcome,
    pass::{self, Pass, Stop, text},
};

/// What became of the entries.
#[derive(Debug)]
pub(super) struct Reconciled {
    /// Deletions of what is no more listed.
    pub(super) actions: Vec<Action>,
    /// The first entry that is not ready, and when to look again.
    pub(super) problem: Option<(NotReady, Requeue)>,
}

/// The entries of `spec.resources` as they were written; what is no object of Kubernetes is refused by its place.
pub(super) fn parse(pass: &Pass<'_>) -> Result<Vec<Value>, NotReady> {
    let list = pass.object.pointer("/spec/resources").and_then(Value::as_array);
    let list: Vec<Value> = list.cloned().unwrap_or_default();
    for (index, entry) in list.iter().enumerate() {
        let missing = ["apiVersion", "kind"].into_iter().find(|field| text(entry, &format!("/{field}")).is_empty());
        let missing = missing.or_else(|| entry.name().is_none().then_some("metadata.name"));
        if let Some(field) = missing {
            let message = format!("spec.resources[{index}].{field}: Required value");
            return Err(NotReady::error("InvalidResource", message));
        }
    }
    Ok(list)
}

pub(super) fn target_of(pass: &Pass<'_>, resource: &Value) -> ObjectRef {
    pass.beside(text(resource, "/apiVersion"), text(resource, "/kind"), resource.name().unwrap_or_default())
}

/// Applies every entry, then puts `status.resources` into the draft.
pub(super) fn reconcile(pass: &Pass<'_>, resources: &[Value], draft: &mut Draft<'_>) -> Result<Reconciled, Stop> {
    let unapplied: Vec<Action> = resources
        .iter()
        .filter(|resource| !pass.observed.applied.contains_key(&target_of(pass, resource)))
        .map(|resource| apply(pass, resource))
        .collect();
    if !unapplied.is_empty() {
        return Err(Stop::Done(Outcome::again(unapplied)));
    }
    let (mut statuses, mut problem) = (Vec::new(), None);
    for resource in resources {
        let target = target_of(pass, resource);
        let not_ready = match pass.observed.applied.get(&target) {
            Some(Ok(live)) => readiness(&target, live).err().map(|it| (it, Requeue::OnChange)),
            Some(Err(refusal)) => {
                let message = format!("failed to apply resource {}/{}: {refusal}", target.kind, target.name);
                Some((NotReady::error("ApplyFailed", message), Requeue::Backoff))
            }
            None => Some((NotReady::info("Reconciling", "the resource is not applied yet"), Requeue::Backoff)),
        };
        statuses.push(entry(&target, not_ready.is_none()));
        problem = worse(problem, not_ready);
    }
    let mut actions = Vec::new();
    let listed = |old: &Value| {
        resources.iter().any(|resource| {
            let (group, _) = split_api_version(text(resource, "/apiVersion"));
            group == text(old, "/group")
                && old["kind"] == resource["kind"]
                && Some(text(old, "/name")) == resource.name()
        })
    };
    for old in recorded(pass).into_iter().filter(|old| !listed(old)) {
        let target = recorded_target(pass, old);
        if let Some(live) = pass.get(&target)? {
            if live.deletion_timestamp().is_none() {
                actions.push(pass.delete(&target, live, "it is no more in spec.resources"));
            }
            let state = readiness(&target, live);
            statuses.push(entry(&target, state.is_ok()));
            let going = NotReady::info("Deleting", format!("{}/{} is being deleted", target.kind, target.name));
            problem = worse(problem, Some((going, Requeue::OnChange)));
        }
    }
    draft.set("resources", json!(statuses));
    Ok(Reconciled { actions, problem })
}

/// The more severe one; of equals the first.
fn worse(known: Option<(NotReady, Requeue)>, new: Option<(NotReady, Requeue)>) -> Option<(NotReady, Requeue)> {
    let rank = |it: &(NotReady, Requeue)| match it.0.severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    };
    match (known, new) {
        (Some(known), Some(new)) => Some(if rank(&new) < rank(&known) { new } else { known }),
        (known, new) => known.or(new),
    }
}

fn apply(pass: &Pass<'_>, resource: &Value) -> Action {
    let object = owned(pass, resource);
    let target = target_of(pass, resource);
    let reason = format!("spec.resources of {}", pass.target).into();
    Action::Write(Write { target, verb: Verb::Apply { object, force: true }, reason })
}

/// The entry with the namespace and the owner that it gets from its holder.
fn owned(pass: &Pass<'_>, resource: &Value) -> Value {
    let mut object = resource.clone();
    let mut references: Vec<Value> = object.owner_references().to_vec();
    references.push(pass::owner_reference(pass.object, INFRASTRUCTURE_API_VERSION, true));
    let metadata = object.metadata_mut();
    metadata.insert("namespace".into(), json!(pass.namespace()));
    metadata.insert("ownerReferences".into(), json!(references));
    object
}

/// Pause: the entries as their author wrote them, with the policy that keeps ASO from acting. A user's own other policy is
/// refused, as are fields that somebody else took.
pub(super) fn pause(pass: &Pass<'_>, resources: Vec<Value>) -> Result<Vec<Action>, NotReady> {
    let mut actions = Vec::new();
    for (index, mut resource) in resources.into_iter().enumerate() {
        let policy = resource.annotation(crate::names::RECONCILE_POLICY).map(str::to_string);
        if let Some(policy) = policy.filter(|policy| policy != "skip") {
            let location = format!("spec.resources[{index}].metadata.annotations.{}", crate::names::RECONCILE_POLICY);
            let message =
                super::mutate::incompatible(&location, &policy, "skip", "because the CAPZ resource is paused");
            return Err(NotReady::error("IncompatibleValue", format!("failed to pause resources: {message}")));
        }
        resource.set_annotation(crate::names::RECONCILE_POLICY, "skip");
        let target = target_of(pass, &resource);
        let reason = format!("{} is paused", pass.target).into();
        let verb = Verb::Apply { object: owned(pass, &resource), force: false };
        actions.push(Action::Write(Write { target, verb, reason }));
    }
    Ok(actions)
}

/// Deletes what is recorded, and what is listed and ours although it was never recorded. Answers what is left and the
/// deletions; the entries of what is left are in the draft.
pub(super) fn delete(pass: &Pass<'_>, draft: &mut Draft<'_>) -> Result<(Vec<ObjectRef>, Vec<Action>), Stop> {
    let mut targets: Vec<ObjectRef> = recorded(pass).into_iter().map(|old| recorded_target(pass, old)).collect();
    for resource in pass.object.pointer("/spec/resources").and_then(Value::as_array).into_iter().flatten() {
        let target = target_of(pass, resource);
        let same =
            |known: &ObjectRef| known.group == target.group && known.kind == target.kind && known.name == target.name;
        if target.name.is_empty() || target.version.is_empty() || targets.iter().any(same) {
            continue;
        }
        let live = pass.get(&target)?;
        let ours =
            |live: &Value| live.owner_references().iter().any(|owner| owner["uid"].as_str() == pass.object.uid());
        if live.is_some_and(ours) {
            targets.push(target);
        }
    }
    let (mut left, mut actions, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
    for target in targets {
        let Some(live) = pass.get(&target)? else { continue };
        if live.deletion_timestamp().is_none() {
            actions.push(pass.delete(&target, live, format!("{} is deleted", pass.target)));
        }
        statuses.push(entry(&target, readiness(&target, live).is_ok()));
        left.push(target);
    }
    draft.set("resources", json!(statuses));
    Ok((left, actions))
}

/// What the ASO object says about itself, in its own words (which are Azure's).
fn readiness(target: &ObjectRef, live: &Value) -> Result<(), NotReady> {
    let name = format!("{}/{}", target.kind, target.name);
    let Some(ready) = condition::find(live, READY) else {
        return Err(NotReady::info("Reconciling", format!("{name}: waiting for ASO to reconcile the resource")));
    };
    let outdated = ready["observedGeneration"].as_i64().unwrap_or(0) < live.generation();
    match text(ready, "/status") {
        "True" if !outdated => Ok(()),
        "True" => Err(NotReady::info("Reconciling", format!("{name}: waiting for ASO to reconcile the resource"))),
        _ => {
            let severity = Severity::parse(text(ready, "/severity"));
            let (reason, message) = (text(ready, "/reason"), text(ready, "/message"));
            let reason = if reason.is_empty() { "Reconciling" } else { reason };
            Err(NotReady::new(severity, reason, format!("{name}: {message}").trim_end_matches([':', ' '])))
        }
    }
}

fn entry(target: &ObjectRef, ready: bool) -> Value {
    let resource = json!({"group": target.group, "version": target.version, "kind": target.kind, "name": target.name});
    json!({"resource": resource, "ready": ready})
}

fn recorded<'a>(pass: &Pass<'a>) -> Vec<&'a Value> {
    let list = pass.object.pointer("/status/resources").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|entry| entry.get("resource")).collect()
}

fn recorded_target(pass: &Pass<'_>, recorded: &Value) -> ObjectRef {
    let gvk = GroupVersionKind::new(text(recorded, "/group"), text(recorded, "/version"), text(recorded, "/kind"));
    ObjectRef::new(&gvk, pass.namespace(), text(recorded, "/name"))
}
