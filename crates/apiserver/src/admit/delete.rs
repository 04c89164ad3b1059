//! Deletes: preconditions, propagation as finalizers, grace of pods, and what holds an object.

use api::{ObjectExt, condition, status::Status};
use serde_json::{Value, json};

use super::{
    Env, Request, Verdict,
    metadata::{FOREGROUND, ORPHAN, uid_conflict},
};
use crate::crd;

/// What happens to dependents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagation {
    Background,
    Foreground,
    Orphan,
}

/// `metav1.DeleteOptions`, as far as it matters to one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeleteOptions {
    pub(crate) uid: Option<String>,
    pub(crate) resource_version: Option<String>,
    pub(crate) propagation: Option<Propagation>,
    pub(crate) grace_period_secs: Option<i64>,
}

/// Namespaces that a cluster cannot be without.
const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

pub(super) fn delete(
    current: &Value,
    options: &DeleteOptions,
    request: &Request<'_>,
    env: &Env,
) -> Result<Verdict, Status> {
    check_preconditions(current, options, request)?;
    let (resource, name) = (request.resource, current.name().unwrap_or_default());
    let is_namespace = resource.is("", "namespaces");
    if is_namespace && IMMORTAL.contains(&name) {
        return Err(Status::forbidden("", "namespaces", name, "this namespace may not be deleted"));
    }
    let mut new = current.clone();
    set_finalizers(&mut new, options.propagation, crd::is_definition(resource));
    let grace = grace_secs(request, current, options);
    let held = !new.finalizers().is_empty() || grace > 0 || (is_namespace && has_spec_finalizers(&new));
    if !held {
        return Ok(Verdict::Delete(new));
    }
    mark(&mut new, grace, env);
    if is_namespace {
        new["status"]["phase"] = json!("Terminating");
    }
    if crd::is_definition(resource) && current.deletion_timestamp().is_none() {
        mark_definition(&mut new, env);
    }
    Ok(if new == *current { Verdict::Unchanged } else { Verdict::Write(new) })
}

fn check_preconditions(current: &Value, options: &DeleteOptions, request: &Request<'_>) -> Result<(), Status> {
    let name = current.name().unwrap_or_default();
    if let Some(uid) = &options.uid
        && Some(uid.as_str()) != current.uid()
    {
        return Err(uid_conflict(request, name, uid, current.uid().unwrap_or_default()));
    }
    match &options.resource_version {
        Some(version) if Some(version.as_str()) != current.resource_version() => {
            let why = format!(
                "Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {}",
                current.resource_version().unwrap_or_default()
            );
            Err(Status::conflict(&request.resource.group, &request.resource.plural, name, &why))
        }
        _ => Ok(()),
    }
}

/// Propagation is remembered as a finalizer; no policy keeps what is there.
fn set_finalizers(new: &mut Value, propagation: Option<Propagation>, is_definition: bool) {
    let mut finalizers: Vec<String> = new.finalizers().into_iter().map(Into::into).collect();
    if let Some(propagation) = propagation {
        finalizers.retain(|finalizer| finalizer != ORPHAN && finalizer != FOREGROUND);
        match propagation {
            Propagation::Background => {}
            Propagation::Foreground => finalizers.push(FOREGROUND.into()),
            Propagation::Orphan => finalizers.push(ORPHAN.into()),
        }
    }
    if is_definition && new.deletion_timestamp().is_none() && !finalizers.iter().any(|f| f == crd::CLEANUP_FINALIZER) {
        finalizers.push(crd::CLEANUP_FINALIZER.into());
    }
    let metadata = new.metadata_mut();
    if finalizers.is_empty() {
        metadata.remove("finalizers");
    } else {
        metadata.insert("finalizers".into(), json!(finalizers));
    }
}

fn has_spec_finalizers(namespace: &Value) -> bool {
    namespace.pointer("/spec/finalizers").and_then(Value::as_array).is_some_and(|list| !list.is_empty())
}

/// Pods on a node are stopped by its kubelet, which then deletes them without grace.
fn grace_secs(request: &Request<'_>, current: &Value, options: &DeleteOptions) -> i64 {
    let is_bound = current.pointer("/spec/nodeName").and_then(Value::as_str).is_some_and(|node| !node.is_empty());
    let phase = current.pointer("/status/phase").and_then(Value::as_str);
    if !request.resource.is("", "pods") || !is_bound || matches!(phase, Some("Succeeded" | "Failed")) {
        return 0;
    }
    let of_pod = current.pointer("/spec/terminationGracePeriodSeconds").and_then(Value::as_i64).unwrap_or(30);
    let asked = options.grace_period_secs.unwrap_or(of_pod).max(0);
    // A second delete may only shorten the grace.
    match current.pointer("/metadata/deletionGracePeriodSeconds").and_then(Value::as_i64) {
        Some(running) => running.min(asked),
        None => asked,
    }
}

fn mark(new: &mut Value, grace_secs: i64, env: &Env) {
    let first = new.deletion_timestamp().is_none();
    let generation = new.generation();
    let metadata = new.metadata_mut();
    if first {
        let at = env
            .now
            .parse::<jiff::Timestamp>()
            .ok()
            .and_then(|now| now.checked_add(jiff::SignedDuration::from_secs(grace_secs)).ok())
            .map_or_else(|| env.now.clone(), api::env::rfc3339);
        metadata.insert("deletionTimestamp".into(), json!(at));
        if generation > 0 {
            metadata.insert("generation".into(), json!(generation + 1));
        }
    }
    metadata.insert("deletionGracePeriodSeconds".into(), json!(grace_secs));
}

fn mark_definition(new: &mut Value, env: &Env) {
    let mut conditions = new.pointer("/status/conditions").and_then(Value::as_array).cloned().unwrap_or_default();
    let terminating = condition::Condition {
        kind: "Terminating".into(),
        status: "True".into(),
        reason: "InstanceDeletionPending".into(),
        message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon".into(),
        severity: None,
        observed_generation: None,
    };
    condition::set(&mut conditions, &terminating, &env.now);
    new["status"]["conditions"] = Value::Array(conditions);
}
