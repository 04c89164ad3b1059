//! `scale`: the part of an object that says how many, in one form for every kind (`autoscaling/v1` Scale). Pure: an object to
//! its Scale, and a written Scale back into the object. Who owns the number is tracked on the object, under this subresource.

use api::{ObjectExt, go, status::Status};
use machinery::{builtin, patch, schema, selector::Labels};
use serde_json::{Map, Value, json};

use super::{Env, Operation, Request, Verdict, apply_configuration, apply_patch, cause, not_found, update};
use crate::{Resource, registry::ScalePaths};

const API_VERSION: &str = "autoscaling/v1";
const REPLICAS: &str = ".spec.replicas";

fn paths(resource: &Resource) -> ScalePaths {
    resource.custom().and_then(|custom| custom.scale.clone()).unwrap_or_else(|| ScalePaths {
        spec_replicas: REPLICAS.into(),
        status_replicas: ".status.replicas".into(),
        selector: String::new(),
    })
}

/// The parts of a simple path, `.spec.replicas`.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('.').unwrap_or(path).split('.')
}

/// What is there; a value on the way that is no object is a mistake of who wrote it.
fn find<'a>(object: &'a Value, path: &str) -> Result<Option<&'a Value>, Status> {
    let mut at = object;
    for part in parts(path) {
        let Some(fields) = at.as_object() else {
            let shown = format!(
                "{path} accessor error: {at} is of the type {}, expected map[string]interface{{}}",
                go::kind(at)
            );
            return Err(Status::bad_request(shown));
        };
        match fields.get(part) {
            Some(value) => at = value,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

fn number(object: &Value, path: &str) -> Result<Option<i64>, Status> {
    match find(object, path)? {
        None => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or_else(|| {
            let shown = format!("{path} accessor error: {value} is of the type {}, expected int64", go::kind(value));
            Status::bad_request(shown)
        }),
    }
}

fn selector(resource: &Resource, object: &Value, paths: &ScalePaths) -> Result<String, Status> {
    if resource.is_custom() {
        let found = if paths.selector.is_empty() { None } else { find(object, &paths.selector)? };
        return Ok(found.and_then(Value::as_str).unwrap_or_default().to_string());
    }
    let selector = object.pointer("/spec/selector").cloned().unwrap_or_else(|| json!({}));
    // A ReplicationController's is a plain map.
    let plain = resource.is("", "replicationcontrollers");
    let selector = if plain { json!({ "matchLabels": selector }) } else { selector };
    Ok(Labels::from_object(&selector)?.to_string())
}

/// The Scale of an object.
pub(crate) fn show(resource: &Resource, object: &Value) -> Result<Value, Status> {
    let paths = paths(resource);
    let replicas = number(object, &paths.spec_replicas)?;
    if replicas.is_none() && resource.is_custom() {
        let why = format!("the spec replicas field \"{}\" does not exist", paths.spec_replicas);
        return Err(Status::internal(why.clone()).with_causes(vec![cause("", "", why)]));
    }
    scale(resource, object, replicas.unwrap_or(0))
}

fn scale(resource: &Resource, object: &Value, replicas: i64) -> Result<Value, Status> {
    let paths = paths(resource);
    let mut metadata = Map::new();
    for name in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if let Some(value) = object.pointer(&format!("/metadata/{name}")) {
            metadata.insert(name.into(), value.clone());
        }
    }
    let mut status = json!({ "replicas": number(object, &paths.status_replicas)?.unwrap_or(0) });
    let selector = selector(resource, object, &paths)?;
    if !selector.is_empty() {
        status["selector"] = selector.into();
    }
    // Zero is not printed, as upstream's type has it.
    let spec = if replicas == 0 { json!({}) } else { json!({ "replicas": replicas }) };
    Ok(json!({ "kind": "Scale", "apiVersion": API_VERSION, "metadata": metadata, "spec": spec, "status": status }))
}

fn set_replicas(object: &mut Value, path: &str, replicas: i64) {
    let mut at = object;
    for part in parts(path) {
        if !at.is_object() {
            *at = json!({});
        }
        at = &mut at[part];
    }
    *at = replicas.into();
}

/// A write of the `scale` subresource.
pub(super) fn write(
    current: Option<&Value>,
    request: &Request<'_>,
    env: &Env,
    warnings: &mut Vec<String>,
) -> Result<Verdict, Status> {
    let resource = request.resource;
    let current = current.ok_or_else(|| not_found(request))?;
    let paths = paths(resource);
    if let Operation::Apply { applied, force } = &request.operation {
        let replicas = asked(applied, request)?;
        let mut partial = json!({
            "apiVersion": resource.api_version(), "kind": resource.kind,
            "metadata": { "name": request.name },
        });
        if resource.namespaced {
            partial["metadata"]["namespace"] = request.namespace.into();
        }
        set_replicas(&mut partial, &paths.spec_replicas, replicas);
        let merged = apply_configuration(Some(current), &partial, *force, request, env, warnings);
        return merged.map_err(|status| as_of_scale(status, &resource.api_version()));
    }
    let before = scale(resource, current, number(current, &paths.spec_replicas)?.unwrap_or(0))?;
    let after = match &request.operation {
        Operation::Update(body) => body.clone(),
        Operation::Patch(super::PatchKind::Strategic, sent) => match schema_of_scale() {
            Some(schema) => patch::strategic(schema, &before, sent)?,
            None => patch::merge(&before, sent),
        },
        Operation::Patch(kind, sent) => apply_patch(*kind, &before, sent, request)?,
        _ => return Err(Status::method_not_allowed("the server does not allow this method on the requested resource")),
    };
    let replicas = asked(&after, request)?;
    let mut new = current.clone();
    set_replicas(&mut new, &paths.spec_replicas, replicas);
    for name in ["resourceVersion", "uid"] {
        // What the Scale says of them is a precondition.
        match after.pointer(&format!("/metadata/{name}")).filter(|value| value.as_str().is_some_and(|v| !v.is_empty()))
        {
            Some(value) => new.metadata_mut().insert(name.into(), value.clone()),
            None => new.metadata_mut().remove(name),
        };
    }
    update::update(current, new, update::Via::Patch, request, env, warnings)
}

/// Conflicts name the version of what was sent.
fn as_of_scale(mut status: Status, api_version: &str) -> Status {
    let name = |text: &str| text.replace(&format!("using {api_version}"), &format!("using {API_VERSION}"));
    status.message = name(&status.message);
    for cause in status.details.iter_mut().flat_map(|details| &mut details.causes) {
        cause.message = name(&cause.message);
    }
    status
}

fn schema_of_scale() -> Option<&'static schema::Schema> {
    builtin::schema("autoscaling", "v1", "Scale")
}

/// How many a Scale asks for; it must be one, of this name.
fn asked(scale: &Value, request: &Request<'_>) -> Result<i64, Status> {
    let handled =
        |why: &str| Status::bad_request(format!("Scale in version \"v1\" cannot be handled as a Scale: {why}"));
    if !scale.is_object() {
        return Err(handled("the body is not a JSON object"));
    }
    let text = |at: &str| scale.pointer(at).and_then(Value::as_str).unwrap_or_default();
    if !["", API_VERSION].contains(&text("/apiVersion")) || !["", "Scale"].contains(&text("/kind")) {
        return Err(handled(&format!("the data is {} of {}", text("/kind"), text("/apiVersion"))));
    }
    if let Some(why) = schema_of_scale().and_then(|schema| schema::decode_errors(schema, scale)) {
        return Err(handled(&why));
    }
    let name = text("/metadata/name");
    if !["", request.name].contains(&name) {
        return Err(Status::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({})",
            request.name
        )));
    }
    let replicas = scale.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(0);
    if replicas < 0 {
        let message = format!("Invalid value: {replicas}: must be greater than or equal to 0");
        let causes = vec![cause("FieldValueInvalid", "spec.replicas", message)];
        return Err(Status::invalid("autoscaling", "Scale", request.name, causes));
    }
    Ok(replicas)
}
