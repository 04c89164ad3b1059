//! A body as an object of the kind: identity filled in from the address, unknown fields found and dropped, defaults set.

use api::{ObjectExt, status::Status};
use machinery::{builtin, schema};
use serde_json::{Map, Value};

use super::{Operation, Request, Validation, metadata};
use crate::Resource;

/// Both: what the object is, and what is in it.
pub(super) fn read(object: &mut Value, request: &Request<'_>, warnings: &mut Vec<String>) -> Result<(), Status> {
    identify(object, request)?;
    decode(object, request, warnings)
}

/// Fills in apiVersion, kind and namespace, and refuses an object that is not what the address says.
pub(super) fn identify(object: &mut Value, request: &Request<'_>) -> Result<(), Status> {
    let resource = request.resource;
    let api_version = resource.api_version();
    let Some(fields) = object.as_object_mut() else {
        let kind = &resource.kind;
        let version = &resource.version;
        return Err(Status::bad_request(format!(
            "{kind} in version \"{version}\" cannot be handled as a {kind}: the body is not a JSON object"
        )));
    };
    match fields.get("apiVersion").and_then(Value::as_str) {
        None | Some("") if resource.is_custom() => return Err(missing("apiVersion", fields)),
        Some(given) if !given.is_empty() && given != api_version => {
            return Err(Status::bad_request(format!(
                "the API version in the data ({given}) does not match the expected API version ({api_version})"
            )));
        }
        _ => fields.insert("apiVersion".into(), api_version.into()),
    };
    match fields.get("kind").and_then(Value::as_str) {
        None | Some("") if resource.is_custom() => return Err(missing("Kind", fields)),
        Some(given) if !given.is_empty() && given != resource.kind => {
            return Err(Status::bad_request(format!(
                "{given} in version \"{}\" cannot be handled as a {}: the kind in the data does not match the address",
                resource.version, resource.kind
            )));
        }
        _ => fields.insert("kind".into(), resource.kind.clone().into()),
    };
    if fields.get("metadata").is_some_and(|metadata| !metadata.is_object() && !metadata.is_null()) {
        return Err(Status::bad_request("metadata must be an object"));
    }
    place(object, request)
}

fn missing(what: &str, fields: &Map<String, Value>) -> Status {
    let shown = serde_json::to_string(fields).unwrap_or_default();
    Status::bad_request(format!("Object '{what}' is missing in '{shown}'"))
}

/// Namespace and name of the address win; an object that names others is refused.
fn place(object: &mut Value, request: &Request<'_>) -> Result<(), Status> {
    let namespace = if request.resource.namespaced { request.namespace } else { "" };
    if object.namespace().is_some_and(|given| given != namespace) {
        return Err(Status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    match (object.name(), request.name) {
        (Some(given), name) if !name.is_empty() && given != name => {
            return Err(Status::bad_request(format!(
                "the name of the object ({given}) does not match the name on the URL ({name})"
            )));
        }
        (None, name) if !name.is_empty() => {
            object.metadata_mut().insert("name".into(), name.into());
        }
        _ => {}
    }
    let metadata = object.metadata_mut();
    if namespace.is_empty() {
        metadata.remove("namespace");
    } else {
        metadata.insert("namespace".into(), namespace.into());
    }
    Ok(())
}

/// Types are checked, unknown fields go (and are said, or refused), defaults come in.
fn decode(object: &mut Value, request: &Request<'_>, warnings: &mut Vec<String>) -> Result<(), Status> {
    let resource = request.resource;
    let kind_schema = resource.schema();
    let handled = |why: &str| {
        let (kind, version) = (&resource.kind, &resource.version);
        Status::bad_request(format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {why}"))
    };
    if !resource.is_custom() {
        drop_nulls(object);
        if let Some(why) = schema::decode_errors(kind_schema, object) {
            return Err(handled(&why));
        }
    }
    let mut unknown = schema::prune(kind_schema, object);
    if resource.is_custom() {
        unknown.extend(prune_metadata(object));
    }
    let mut found = request.duplicates.clone();
    found.extend(unknown.into_iter().map(|path| format!("unknown field \"{path}\"")));
    match request.validation {
        _ if found.is_empty() => {}
        Validation::Ignore => {}
        Validation::Warn => warnings.extend(found),
        Validation::Strict => return Err(strict(object, request, &found.join(", "), handled)),
    }
    if resource.is_custom() {
        schema::default(kind_schema, object);
    } else {
        builtin::default(&resource.group, &resource.version, &resource.kind, object);
    }
    canonical(object, request);
    Ok(())
}

/// As upstream's types print it; of custom resources the metadata. Definitions are left out: they have a form of their own, and their schemas are large.
pub(super) fn canonical(object: &mut Value, request: &Request<'_>) {
    let resource = request.resource;
    if !resource.is_custom() && !crate::crd::is_definition(resource) {
        builtin::canonicalize(&resource.group, &resource.version, &resource.kind, object);
    }
    metadata::canonical(object);
}

/// Upstream words strict errors by verb: a patch is invalid in its result, an object cannot be handled.
fn strict(object: &Value, request: &Request<'_>, found: &str, handled: impl Fn(&str) -> Status) -> Status {
    let why = format!("strict decoding error: {found}");
    match request.operation {
        Operation::Patch(..) => {
            let shown = serde_json::to_string(object).unwrap_or_default();
            let message = format!("Invalid value: {}: {why}", serde_json::to_string(&shown).unwrap_or_default());
            Status::invalid("", "", "", vec![super::cause("FieldValueInvalid", "patch", message)])
        }
        _ => handled(&why),
    }
}

/// Typed decoding upstream knows no null: it is the same as absent. What is below a CRD's schema is data, not structure.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            for (name, field) in fields.iter_mut() {
                if name != "openAPIV3Schema" {
                    drop_nulls(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// ObjectMeta of custom resources is a known type too.
fn prune_metadata(object: &mut Value) -> Vec<String> {
    let Some(known) = builtin::types().get("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta") else {
        return Vec::new();
    };
    let Some(Value::Object(fields)) = object.get_mut("metadata") else { return Vec::new() };
    let schema::Shape::Object(shape) = &known.shape else { return Vec::new() };
    let unknown: Vec<String> =
        fields.keys().filter(|name| !shape.properties.contains_key(name.as_str())).cloned().collect();
    fields.retain(|name, value| !value.is_null() && !unknown.contains(name));
    unknown.into_iter().map(|name| format!("metadata.{name}")).collect()
}

/// Whether status is written through its own endpoint only.
pub(super) fn has_status(resource: &Resource) -> bool {
    resource.part("status").is_some()
}
