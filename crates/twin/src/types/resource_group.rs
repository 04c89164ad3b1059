//! `Microsoft.Resources/resourceGroups`. As recorded from Azure: PUT 201 then 200, DELETE 202 with a `Location` whose result
//! is 200. Deleting a group deletes what is in it when its time has come.

use serde_json::{Value, json};

use super::{lifecycle, locations, render};
use crate::{
    arm::errors,
    core::{Call, Core, Effects, Method, Outcome},
    reply::Reply,
    state::Resource,
};

const NAME_MAX: usize = 90;

pub(crate) fn apply(core: &Core<'_>, call: &Call) -> Outcome {
    let existing = core.state.resource(&call.path.key());
    match call.method {
        Method::Put => put(core, call, existing),
        Method::Patch => patch(core, call, existing),
        Method::Head => Ok(Reply::status(if existing.is_some() { 204 } else { 404 }).into()),
        Method::Get => {
            let group = existing.ok_or_else(|| errors::group_not_found(&call.path.name))?;
            Ok(Reply::json(200, render(core, group)).into())
        }
        Method::Delete => {
            existing.ok_or_else(|| errors::group_not_found(&call.path.name))?;
            lifecycle::delete_later(core, call, 15)
        }
        Method::Post => Err(errors::method_not_allowed(call.method)),
    }
}

fn put(core: &Core<'_>, call: &Call, existing: Option<&Resource>) -> Outcome {
    check_name(&call.path.name)?;
    let sent = call.body.as_ref().filter(|body| body.is_object()).ok_or_else(errors::body_required)?;
    let location = sent.get("location").and_then(Value::as_str).unwrap_or_default();
    if location.is_empty() {
        return Err(Reply::error(400, "LocationRequired", "The location property is required for this definition."));
    }
    let normalized = locations::normalize(location);
    if !locations::is_known(&normalized) {
        let message = format!(
            "The provided location '{location}' is not available for resource group. List of available regions is '{}'.",
            locations::names().join(",")
        );
        return Err(Reply::error(400, "LocationNotAvailableForResourceGroup", message));
    }
    if let Some(existing) = existing.filter(|existing| existing.location() != normalized) {
        let message = format!(
            "Invalid resource group location '{location}'. The Resource group already exists in location '{}'.",
            existing.location()
        );
        return Err(Reply::error(409, "InvalidResourceGroupLocation", message));
    }
    lifecycle::preconditions(call, existing)?;
    being_deleted(existing)?;
    let had_tags = sent.get("tags").is_some_and(|tags| !tags.is_null());
    let mut body = lifecycle::body(call, existing)?;
    if !had_tags {
        body.remove("tags");
    }
    body.insert("properties".into(), json!({}));
    let group = lifecycle::record(core, call, existing, body, Some("Succeeded"));
    Ok(lifecycle::stored(core, if existing.is_some() { 200 } else { 201 }, group))
}

fn patch(core: &Core<'_>, call: &Call, existing: Option<&Resource>) -> Outcome {
    let existing = existing.ok_or_else(|| errors::group_not_found(&call.path.name))?;
    lifecycle::preconditions(call, Some(existing))?;
    being_deleted(Some(existing))?;
    let sent = call.body.as_ref().filter(|body| body.is_object()).ok_or_else(errors::body_required)?;
    let mut body = existing.body.clone();
    // Tags are replaced as a whole, as ARM does for groups.
    if let Some(tags) = sent.get("tags").filter(|tags| tags.is_object()) {
        body.insert("tags".into(), tags.clone());
    }
    let group = lifecycle::record(core, call, Some(existing), body, Some("Succeeded"));
    Ok(Effects { ..lifecycle::stored(core, 200, group) })
}

fn being_deleted(existing: Option<&Resource>) -> Result<(), Reply> {
    match existing.filter(|group| group.deleted_at.is_some()) {
        None => Ok(()),
        Some(group) => {
            let message = format!(
                "The resource group '{}' is in deprovisioning state and cannot perform this operation.",
                group.name
            );
            Err(Reply::error(409, "ResourceGroupBeingDeleted", message))
        }
    }
}

fn check_name(name: &str) -> Result<(), Reply> {
    let odd: Vec<String> = name
        .chars()
        .filter(|c| !(c.is_alphanumeric() || matches!(c, '-' | '.' | '(' | ')' | '_')))
        .map(|c| format!("'{c}'"))
        .collect();
    let message = if !odd.is_empty() {
        format!(
            "The provided resource group name '{name}' has these invalid characters: {}. The name can only be a letter, \
             digit, '-', '.', '(', ')' or '_'.",
            odd.join(",")
        )
    } else if name.chars().count() > NAME_MAX {
        format!("The provided resource group name '{name}' has an invalid length: at most {NAME_MAX} characters.")
    } else if name.ends_with('.') {
        format!("The provided resource group name '{name}' is invalid: it cannot end with a period.")
    } else {
        return Ok(());
    };
    Err(Reply::error(400, "InvalidResourceGroup", message))
}
