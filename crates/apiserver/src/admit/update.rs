//! Updates: PUT, the result of a patch, and the result of an apply, on the object or one of its subresources.

use api::{ObjectExt, status::Status};
use machinery::apply;
use serde_json::{Value, json};

use super::{Env, Request, Verdict, cause, context, decode, generation, invalid, kinds, metadata, service};
use crate::{Resource, crd};

/// How the new object came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Via {
    Put,
    Patch,
    /// managedFields are done.
    Apply,
}

pub(super) fn update(
    current: &Value,
    mut new: Value,
    via: Via,
    request: &Request<'_>,
    env: &Env,
    warnings: &mut Vec<String>,
) -> Result<Verdict, Status> {
    let resource = request.resource;
    let name = current.name().unwrap_or_default().to_string();
    // What is there already was read when it came, and changes hands no more; it is judged and warned about like any other.
    let is_repeated = via != Via::Put && !env.proposing && request.duplicates.is_empty();
    if is_repeated && apply::unchanged(current, &new) {
        return finish(current, new, request, env, warnings);
    }
    decode::read(&mut new, request, warnings)?;
    if via == Via::Put && new.resource_version().is_none() && metadata::requires_version(request) {
        let message = "Invalid value: 0x0: must be specified for an update";
        return Err(invalid(request, &name, vec![cause("FieldValueInvalid", "metadata.resourceVersion", message)]));
    }
    metadata::check_preconditions(current, &new, request)?;
    let mut new = complete(current, new, request)?;
    if request.subresource.is_empty() {
        if resource.is_custom() {
            env.admission.default(&resource.group, &resource.kind, &mut new);
        }
        if crd::is_definition(resource) {
            crd::prepare(&mut new);
        }
    }
    count(current, &mut new, resource);
    let api_version = resource.api_version();
    let new = match via {
        Via::Apply => new,
        Via::Put | Via::Patch => apply::track_update(Some(current), new, &context(request, &api_version, env, false)),
    };
    if env.proposing {
        return Ok(Verdict::Write(new));
    }
    finish(current, new, request, env, warnings)
}

/// After mutating webhooks.
pub(super) fn settle(
    current: &Value,
    mut new: Value,
    request: &Request<'_>,
    env: &Env,
    warnings: &mut Vec<String>,
) -> Result<Verdict, Status> {
    decode::read(&mut new, request, warnings)?;
    let mut new = complete(current, new, request)?;
    count(current, &mut new, request.resource);
    finish(current, new, request, env, warnings)
}

/// The part of the object that the request may change, with what the server keeps and fills in.
fn complete(current: &Value, new: Value, request: &Request<'_>) -> Result<Value, Status> {
    let mut new = isolate(current, new, request);
    metadata::keep_system_fields(current, &mut new);
    if request.subresource.is_empty() {
        kinds::prepare_update(request, current, &mut new)?;
    }
    Ok(new)
}

/// A change of what counts is a new generation.
fn count(current: &Value, new: &mut Value, resource: &Resource) {
    if generation::is_counted(resource) && generation::is_changed(resource, current, new) {
        new.metadata_mut().insert("generation".into(), json!(current.generation() + 1));
    }
}

/// The object is judged, and what the write comes to is settled.
fn finish(
    current: &Value,
    new: Value,
    request: &Request<'_>,
    env: &Env,
    warnings: &mut Vec<String>,
) -> Result<Verdict, Status> {
    let resource = request.resource;
    let name = current.name().unwrap_or_default().to_string();
    let mut causes = metadata::validate(&new, request, env, warnings);
    causes.extend(metadata::check_finalizers(current, &new));
    causes.extend(kinds::validate(request, &new, Some(current), warnings));
    let mut new = new;
    if causes.is_empty() && resource.is("", "services") && request.subresource.is_empty() {
        let seed = current.uid().unwrap_or_default();
        causes.extend(service::assign(&mut new, Some(current), &env.taken, seed));
    }
    if !causes.is_empty() {
        return Err(invalid(request, &name, causes));
    }
    if is_finished(request, &new) {
        return Ok(Verdict::Delete(new));
    }
    // Once more after pruning and defaulting: what they put back is no change, and a new time alone is none either.
    Ok(if apply::unchanged(current, &new) { Verdict::Unchanged } else { Verdict::Write(new) })
}

/// The main endpoint does not change status, `/status` changes nothing else, `/finalize` only a namespace's finalizers.
fn isolate(current: &Value, new: Value, request: &Request<'_>) -> Value {
    let only = |field: &str, new: Value| {
        let mut isolated = current.clone();
        let managed = new.pointer("/metadata/managedFields").cloned();
        match (isolated.as_object_mut(), new.get(field)) {
            (Some(fields), Some(value)) => fields.insert(field.into(), value.clone()),
            (Some(fields), None) => fields.remove(field),
            (None, _) => None,
        };
        match managed {
            Some(managed) => isolated.metadata_mut().insert("managedFields".into(), managed),
            None => isolated.metadata_mut().remove("managedFields"),
        };
        isolated
    };
    match request.subresource {
        "status" | "approval" => only("status", new),
        "finalize" => only("spec", new),
        // Decided by this server, from the object as it is.
        "binding" => new,
        _ if decode::has_status(request.resource) => {
            let mut new = new;
            if let Some(fields) = new.as_object_mut() {
                match current.get("status") {
                    Some(status) => fields.insert("status".into(), status.clone()),
                    None => fields.remove("status"),
                };
            }
            new
        }
        _ => new,
    }
}

/// Whether nothing holds a deleted object any more.
fn is_finished(request: &Request<'_>, new: &Value) -> bool {
    let held_by_spec = request.resource.is("", "namespaces")
        && new.pointer("/spec/finalizers").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let grace = new.pointer("/metadata/deletionGracePeriodSeconds").and_then(Value::as_i64).unwrap_or(0);
    new.deletion_timestamp().is_some() && new.finalizers().is_empty() && !held_by_spec && grace == 0
}
