//! What a write does, decided without I/O: `admit(current, request, env)` answers the object to write, that nothing changes,
//! that the object goes away, or a `Status`. The shell (`objects::write`) reads, asks, commits on the condition that the
//! object is still the one that was read, and asks again when it is not.

mod create;
mod decode;
mod delete;
mod generation;
mod kinds;
mod metadata;
pub(crate) mod pod;
pub(crate) mod scale;
pub(crate) mod service;
mod update;
pub(crate) mod webhook;
mod workloads;

use api::{ObjectExt, status::Cause, status::Status};
use machinery::{apply, patch};
use serde_json::Value;

use crate::{Identity, Limits, Resource, admission::SharedAdmission};

pub(crate) use delete::{DeleteOptions, Propagation};

/// The field manager of the server's own writes.
const OWN_MANAGER: &str = "windlass";

/// `fieldValidation`: what happens to fields that the schema does not know, and to fields that are given twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Validation {
    Ignore,
    #[default]
    Warn,
    Strict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatchKind {
    Json,
    Merge,
    Strategic,
}

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Create(Value),
    Update(Value),
    Patch(PatchKind, Value),
    Apply { applied: Value, force: bool },
    Delete(DeleteOptions),
}

/// A write as it was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) resource: &'a Resource,
    /// Empty, `status`, `finalize`, `scale`, or `binding` of a pod.
    pub(crate) subresource: &'a str,
    pub(crate) namespace: &'a str,
    /// Empty for a create: the body names the object.
    pub(crate) name: &'a str,
    pub(crate) operation: Operation,
    /// The field manager.
    pub(crate) manager: &'a str,
    pub(crate) validation: Validation,
    /// What strict decoding of the body found already: `duplicate field "spec.x"`.
    pub(crate) duplicates: Vec<String>,
    /// Who asks, for admission webhooks; the server's own writes are not shown to them.
    pub(crate) caller: Option<&'a Identity>,
}

impl<'a> Request<'a> {
    /// The server's own: nobody is asked or warned about it.
    pub(crate) fn own(
        resource: &'a Resource,
        subresource: &'a str,
        namespace: &'a str,
        name: &'a str,
        operation: Operation,
    ) -> Self {
        let (manager, validation, duplicates) = (OWN_MANAGER, Validation::Ignore, Vec::new());
        Self { resource, subresource, namespace, name, operation, manager, validation, duplicates, caller: None }
    }
}

/// Whether the object's namespace takes new objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NamespaceState {
    /// Also for cluster-scoped objects.
    Active,
    Terminating,
    Missing,
}

/// What the shell knows and the request does not: time, randomness, the state of the namespace.
#[derive(Clone, Debug)]
pub(crate) struct Env {
    /// RFC 3339.
    pub(crate) now: String,
    pub(crate) uid: String,
    /// Five characters for `generateName`.
    pub(crate) suffix: String,
    pub(crate) namespace: NamespaceState,
    pub(crate) admission: SharedAdmission,
    pub(crate) limits: Limits,
    /// Pods run in this cluster, or pretend to.
    pub(crate) workloads: bool,
    /// What other Services hold; empty for other kinds.
    pub(crate) taken: service::Taken,
    /// The object goes to mutating webhooks and comes back through [`settle`]: it is not judged yet.
    pub(crate) proposing: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    Write(Value),
    /// The stored object is already what was asked for: no write, no event, the same resourceVersion.
    Unchanged,
    /// The object goes; watchers see this last state.
    Delete(Value),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision {
    pub(crate) verdict: Verdict,
    /// For `Warning` headers.
    pub(crate) warnings: Vec<String>,
}

/// Decides one write. `current` is the stored object in the request's version.
pub(crate) fn admit(current: Option<&Value>, request: &Request<'_>, env: &Env) -> Result<Decision, Status> {
    let mut warnings: Vec<String> =
        request.resource.custom().and_then(|custom| custom.deprecation.clone()).into_iter().collect();
    let verdict = match (&request.operation, current) {
        (Operation::Create(_), Some(current)) => {
            let name = current.name().unwrap_or_default();
            return Err(Status::already_exists(&request.resource.group, &request.resource.plural, name));
        }
        (Operation::Update(_) | Operation::Patch(..) | Operation::Apply { .. }, current)
            if request.subresource == "scale" =>
        {
            scale::write(current, request, env, &mut warnings)?
        }
        (Operation::Create(body), None) => create::create(body.clone(), None, request, env, &mut warnings)?,
        (Operation::Update(body), Some(current)) => {
            update::update(current, body.clone(), update::Via::Put, request, env, &mut warnings)?
        }
        (Operation::Patch(kind, patch), Some(current)) => {
            let patched = apply_patch(*kind, current, patch, request)?;
            update::update(current, patched, update::Via::Patch, request, env, &mut warnings)?
        }
        (Operation::Apply { applied, force }, current) => {
            apply_configuration(current, applied, *force, request, env, &mut warnings)?
        }
        (Operation::Delete(options), Some(current)) => delete::delete(current, options, request, env)?,
        (Operation::Update(_) | Operation::Patch(..) | Operation::Delete(_), None) => {
            return Err(not_found(request));
        }
    };
    Ok(Decision { verdict, warnings })
}

/// The second half of [`admit`], for an object that webhooks changed after it was proposed.
pub(crate) fn settle(
    current: Option<&Value>,
    proposed: &Value,
    changed: Value,
    request: &Request<'_>,
    env: &Env,
) -> Result<Decision, Status> {
    let mut warnings = Vec::new();
    // What the author wrote was checked; what webhooks add is pruned in silence.
    let request = &Request { validation: Validation::Ignore, duplicates: Vec::new(), ..request.clone() };
    let verdict = match current {
        None => create::settle(proposed, changed, request, env, &mut warnings)?,
        Some(current) => update::settle(current, changed, request, env, &mut warnings)?,
    };
    Ok(Decision { verdict, warnings })
}

fn not_found(request: &Request<'_>) -> Status {
    Status::not_found(&request.resource.group, &request.resource.plural, request.name)
}

fn invalid(request: &Request<'_>, name: &str, causes: Vec<Cause>) -> Status {
    Status::invalid(&request.resource.group, &request.resource.kind, name, causes)
}

fn cause(reason: &str, field: &str, message: impl Into<String>) -> Cause {
    Cause { reason: reason.into(), field: field.into(), message: message.into() }
}

fn apply_patch(kind: PatchKind, current: &Value, patch: &Value, request: &Request<'_>) -> Result<Value, Status> {
    match kind {
        PatchKind::Json => patch::json(current, patch),
        PatchKind::Merge if !patch.is_object() => {
            Err(Status::bad_request("json: cannot unmarshal the merge patch: it must be an object"))
        }
        PatchKind::Merge => Ok(patch::merge(current, patch)),
        PatchKind::Strategic => patch::strategic(request.resource.schema(), current, patch),
    }
}

fn context<'a>(request: &'a Request<'_>, api_version: &'a str, env: &'a Env, force: bool) -> apply::Context<'a> {
    const STATUS: &[&[&str]] = &[&["status"]];
    const NOT_STATUS: &[&[&str]] = &[&["metadata"], &["spec"]];
    let has_status = request.resource.part("status").is_some();
    let reset = match request.subresource {
        "" if has_status => STATUS,
        "status" => NOT_STATUS,
        _ => &[],
    };
    apply::Context {
        subresource: request.subresource,
        force,
        reset,
        ..apply::Context::new(request.manager, api_version, &env.now, request.resource.schema())
    }
}

/// Server-side apply: creates what is absent, merges into what is there.
fn apply_configuration(
    current: Option<&Value>,
    applied: &Value,
    force: bool,
    request: &Request<'_>,
    env: &Env,
    warnings: &mut Vec<String>,
) -> Result<Verdict, Status> {
    let mut applied = applied.clone();
    decode::identify(&mut applied, request)?;
    if applied.pointer("/metadata/managedFields").and_then(Value::as_array).is_some_and(|list| !list.is_empty()) {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    if current.is_none() && !request.subresource.is_empty() {
        return Err(not_found(request));
    }
    if current.is_none() && applied.uid().is_some_and(|uid| !uid.is_empty()) {
        let why = "uid mismatch: the provided object specified uid ".to_string()
            + applied.uid().unwrap_or_default()
            + ", and no existing object was found";
        let resource = request.resource;
        return Err(Status::conflict(&resource.group, &resource.plural, request.name, &why));
    }
    if let Some(metadata) = applied.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("creationTimestamp");
        metadata.remove("managedFields");
    }
    let api_version = request.resource.api_version();
    let context = context(request, &api_version, env, force);
    let merged = apply::apply(current, &applied, &context)?;
    match current {
        Some(current) => update::update(current, merged, update::Via::Apply, request, env, warnings),
        None => {
            let managed = merged.pointer("/metadata/managedFields").cloned();
            create::create(merged, managed, request, env, warnings)
        }
    }
}

#[cfg(test)]
mod tests;
