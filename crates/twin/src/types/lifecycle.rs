//! The steps that the lives of most types share: preconditions, the body of a PUT, the record, deletion.

use serde_json::{Map, Value, json};

use super::{locations, render};
use crate::{
    arm::{
        errors,
        operations::{self, Style, Subject},
    },
    core::{Call, Core, Effects, Outcome},
    id::Path,
    reply::Reply,
    schema,
    state::{Change, Pending, Record, Resource, drop_tree},
};

/// `If-Match` and `If-None-Match`.
pub(crate) fn preconditions(call: &Call, existing: Option<&Resource>) -> Result<(), Reply> {
    let failed = || {
        let message = "The condition specified using HTTP conditional header(s) is not met.";
        Err(Reply::error(412, "PreconditionFailed", message))
    };
    let matches = |wanted: &str| existing.is_some_and(|resource| wanted == "*" || wanted == resource.etag);
    if call.if_match.as_deref().is_some_and(|wanted| !matches(wanted)) {
        return failed();
    }
    if call.if_none_match.as_deref().is_some_and(matches) {
        return failed();
    }
    Ok(())
}

/// The body of a PUT, checked against the type's schema, without what Azure ignores, the location in Azure's spelling.
pub(crate) fn body(call: &Call, existing: Option<&Resource>) -> Result<Map<String, Value>, Reply> {
    let sent = call.body.as_ref().filter(|body| body.is_object()).ok_or_else(errors::body_required)?;
    if let Some(resource) = schema::at(&call.path.kind, &call.api_version) {
        schema::check(resource, &call.api_version, &call.path.name, sent)?;
    }
    let mut sent = sent.clone();
    if let Some(resource) = schema::at(&call.path.kind, &call.api_version) {
        schema::strip_read_only(resource, &mut sent);
    }
    let Value::Object(mut body) = sent else { return Err(errors::body_required()) };
    for computed in ["id", "name", "type", "apiVersion", "etag", "systemData"] {
        body.remove(computed);
    }
    if let Some(location) = body.get("location").and_then(Value::as_str) {
        let location = location_of(&call.path, location, existing)?;
        body.insert("location".into(), json!(location));
        body.entry("tags").or_insert_with(|| json!({}));
    }
    Ok(body)
}

fn location_of(path: &Path, sent: &str, existing: Option<&Resource>) -> Result<String, Reply> {
    let location = locations::normalize(sent);
    if !locations::is_known(&location) && location != "global" {
        let message = format!(
            "The provided location '{sent}' is not available for resource type '{}'. List of available regions for the \
             resource type is '{}'.",
            path.kind,
            locations::names().join(",")
        );
        return Err(Reply::error(400, "LocationNotAvailableForResourceType", message));
    }
    match existing.filter(|existing| existing.location() != location) {
        Some(existing) => {
            let message = format!(
                "The resource '{}' already exists in location '{}' in resource group '{}'. A resource with the same name \
                 cannot be created in location '{location}'. Please select a new resource name.",
                path.name,
                existing.location(),
                path.group.as_deref().unwrap_or_default()
            );
            Err(Reply::error(409, "InvalidResourceLocation", message))
        }
        None => Ok(location),
    }
}

/// The record of a resource after a PUT or PATCH: its first casing and its creation stay.
pub(crate) fn record(
    core: &Core<'_>,
    call: &Call,
    existing: Option<&Resource>,
    body: Map<String, Value>,
    state: Option<&str>,
) -> Resource {
    let failed = core.failure.as_ref().map(|_| "Failed".to_string());
    Resource {
        id: existing.map_or_else(|| canonical_id(core, &call.path), |resource| resource.id.clone()),
        name: existing.map_or_else(|| call.path.name.clone(), |resource| resource.name.clone()),
        kind: call.path.kind.clone(),
        api_version: call.api_version.clone(),
        body,
        etag: format!("\"{}\"", core.uuid("etag")),
        created_at: existing.map_or(core.now, |resource| resource.created_at),
        changed_at: core.now,
        created_by: existing.map_or_else(|| core.caller.app_id.clone(), |resource| resource.created_by.clone()),
        changed_by: core.caller.app_id.clone(),
        state: state.map(|state| failed.unwrap_or_else(|| state.to_string())),
        pending: None,
        deleted_at: None,
        regenerated: existing.map(|resource| resource.regenerated.clone()).unwrap_or_default(),
    }
}

/// The id of a new resource, with the parent's casing where the parent is there.
fn canonical_id(core: &Core<'_>, path: &Path) -> String {
    let around = match path.parent.contains("/providers/") {
        true => path.parent.clone(),
        false => path.text.split("/providers/").next().unwrap_or_default().to_string(),
    };
    let stored = core.state.resource(&around.to_lowercase()).map(|resource| resource.id.clone());
    let rest = path.text.get(around.len()..).unwrap_or_default();
    format!("{}{rest}", stored.unwrap_or(around))
}

/// A provisioning state on the way, for as long as `seconds` of Azure take at this pace.
pub(crate) fn pending(core: &Core<'_>, state: &str, seconds: i64) -> Option<Pending> {
    let until = core.now.checked_add(core.settings.pace.duration(seconds)).ok()?;
    Some(Pending { state: state.to_string(), until })
}

/// Remembers the resource and answers with it.
pub(crate) fn stored(core: &Core<'_>, status: u16, resource: Resource) -> Effects {
    let reply = Reply::json(status, render(core, &resource)).with("etag", resource.etag.clone());
    Effects { reply, changes: vec![Change::Put(Record::Resource(resource))] }
}

/// A deletion that is through when it is answered: 200, or 204 where nothing was.
pub(crate) fn delete_now(core: &Core<'_>, call: &Call) -> Outcome {
    let Some(existing) = core.state.resource(&call.path.key()) else { return Ok(Reply::status(204).into()) };
    preconditions(call, Some(existing))?;
    let mut changes = Vec::new();
    drop_tree(core.state, &call.path.key(), core.now, &mut changes);
    Ok(Effects { reply: Reply::status(200), changes })
}

/// A deletion that takes its time: 202 and a `Location` to poll.
pub(crate) fn delete_later(core: &Core<'_>, call: &Call, seconds: i64) -> Outcome {
    let Some(existing) = core.state.resource(&call.path.key()) else { return Ok(Reply::status(204).into()) };
    preconditions(call, Some(existing))?;
    let subject = Subject { resource: existing, yields_resource: false, api_version: &call.api_version, seconds };
    let (reply, running) = operations::start(core, Reply::status(202), &[Style::Location], subject);
    let mut changes = vec![Change::Put(Record::Operation(running.clone()))];
    // A deletion that is made to fail leaves the resource; one that goes on already keeps its time.
    if running.failure.is_none() && existing.deleted_at.is_none() {
        let resource = Resource { deleted_at: Some(running.until), ..existing.clone() };
        changes.push(Change::Put(Record::Resource(resource)));
    }
    Ok(Effects { reply, changes })
}

/// The body of a PATCH merged into the resource: members of objects replace those of the same name, null removes.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let (Some(into), Some(from)) = (target.as_object_mut(), patch.as_object()) else {
        *target = patch.clone();
        return;
    };
    for (name, value) in from {
        if value.is_null() {
            into.remove(name);
        } else {
            merge(into.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// `systemData`, for the types that show it.
pub(crate) fn system_data(core: &Core<'_>, existing: Option<&Resource>) -> Value {
    let at = |time: jiff::Timestamp| api::env::rfc3339(time);
    let created = existing.map_or(core.now, |resource| resource.created_at);
    let created_by = existing.map_or(core.caller.app_id.as_str(), |resource| &resource.created_by);
    json!({
        "createdBy": created_by,
        "createdByType": "Application",
        "createdAt": at(created),
        "lastModifiedBy": core.caller.app_id,
        "lastModifiedByType": "Application",
        "lastModifiedAt": at(core.now),
    })
}
