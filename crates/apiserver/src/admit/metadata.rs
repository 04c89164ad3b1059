//! Rules of object metadata that hold for every kind.

use api::{ObjectExt, status::Cause, status::Status};
use machinery::schema;
use serde_json::{Map, Value};

use super::{Env, Request, cause};

/// Finalizers that the server itself sets and clears.
pub(crate) const ORPHAN: &str = "orphan";
pub(crate) const FOREGROUND: &str = "foregroundDeletion";

/// Metadata as upstream's types would print it: what is empty is absent.
pub(crate) fn canonical(object: &mut Value) {
    let metadata = object.metadata_mut();
    metadata.remove("selfLink");
    // An empty managedFields is a request to reset it; `apply::track_update` consumes it.
    metadata.retain(|name, value| match value {
        Value::Array(_) if name == "managedFields" => true,
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    });
    if let Some(Value::Array(list)) = metadata.get_mut("finalizers") {
        let mut seen = std::collections::BTreeSet::new();
        list.retain(|finalizer| seen.insert(finalizer.to_string()));
    }
}

fn copy(from: &Value, to: &mut Map<String, Value>, field: &str) {
    match from.get("metadata").and_then(|metadata| metadata.get(field)) {
        Some(value) => to.insert(field.into(), value.clone()),
        None => to.remove(field),
    };
}

/// The fields that only the server sets stay as they are.
pub(super) fn keep_system_fields(current: &Value, new: &mut Value) {
    let metadata = new.metadata_mut();
    for field in ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"] {
        copy(current, metadata, field);
    }
    copy(current, metadata, "resourceVersion");
    copy(current, metadata, "namespace");
    copy(current, metadata, "name");
    copy(current, metadata, "generateName");
}

/// resourceVersion and uid of an update are preconditions.
pub(super) fn check_preconditions(current: &Value, new: &Value, request: &Request<'_>) -> Result<(), Status> {
    let (resource, name) = (request.resource, current.name().unwrap_or_default());
    if let Some(uid) = new.uid().filter(|uid| !uid.is_empty())
        && Some(uid) != current.uid()
    {
        return Err(uid_conflict(request, name, uid, current.uid().unwrap_or_default()));
    }
    match new.resource_version() {
        Some("0") | None => Ok(()),
        Some(version) if Some(version) == current.resource_version() => Ok(()),
        Some(version) if version.parse::<u64>().is_err() => {
            let message = format!("Invalid value: \"{version}\": must be a number");
            Err(super::invalid(request, name, vec![cause("FieldValueInvalid", "metadata.resourceVersion", message)]))
        }
        Some(_) => Err(Status::stale(&resource.group, &resource.plural, name)),
    }
}

pub(super) fn uid_conflict(request: &Request<'_>, name: &str, wanted: &str, found: &str) -> Status {
    let why = format!("Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}");
    Status::conflict(&request.resource.group, &request.resource.plural, name, &why)
}

/// A PUT of kinds that do not take last-write-wins must say which version it replaces.
pub(super) fn requires_version(request: &Request<'_>) -> bool {
    let resource = request.resource;
    resource.is_custom()
        || resource.is("coordination.k8s.io", "leases")
        || resource.is("apiextensions.k8s.io", "customresourcedefinitions")
}

/// Once an object is being deleted, finalizers only go.
pub(super) fn check_finalizers(current: &Value, new: &Value) -> Vec<Cause> {
    if current.deletion_timestamp().is_none() {
        return Vec::new();
    }
    let old = current.finalizers();
    let added: Vec<&str> = new.finalizers().into_iter().filter(|finalizer| !old.contains(finalizer)).collect();
    if added.is_empty() {
        return Vec::new();
    }
    let message = format!(
        "Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
        added.iter().map(|finalizer| format!("{finalizer:?}")).collect::<Vec<_>>().join(", ")
    );
    vec![cause("FieldValueForbidden", "metadata.finalizers", message)]
}

/// Names, labels, annotations and owners. Annotations may be larger here than upstream takes them, which is said.
pub(super) fn validate(new: &Value, request: &Request<'_>, env: &Env, warnings: &mut Vec<String>) -> Vec<Cause> {
    let (size, most) = (schema::annotations_size(new), env.limits.annotations_bytes);
    if size > schema::ANNOTATIONS_SIZE_MAX && size <= most {
        warnings.push(format!(
            "metadata.annotations: {size} bytes: Kubernetes refuses this object (Too long: may not be more than {} bytes), this \
             server takes up to {most}; use kubectl apply --server-side, which needs no last-applied annotation",
            schema::ANNOTATIONS_SIZE_MAX
        ));
    }
    schema::validate_metadata(new, request.resource.namespaced, most)
}
