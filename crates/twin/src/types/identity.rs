//! `Microsoft.ManagedIdentity/userAssignedIdentities`: an identity and its service principal. Both ids are made up by Azure;
//! here they follow from the twin's seed and the resource's id, so that two twins of one seed agree.

use serde_json::{Value, json};

use super::lifecycle;
use crate::{
    arm::errors,
    core::{Call, Core, Method, Outcome},
    reply::Reply,
    state::Resource,
};

pub(crate) fn apply(core: &Core<'_>, call: &Call) -> Outcome {
    let existing = core.state.resource(&call.path.key());
    match call.method {
        Method::Put => put(core, call, existing),
        Method::Patch => {
            let existing = existing.ok_or_else(|| errors::resource_not_found(&call.path))?;
            let sent = call.body.as_ref().filter(|body| body.is_object()).ok_or_else(errors::body_required)?;
            lifecycle::preconditions(call, Some(existing))?;
            let mut body = existing.body.clone();
            if let Some(tags) = sent.get("tags").filter(|tags| tags.is_object()) {
                body.insert("tags".into(), tags.clone());
            }
            Ok(lifecycle::stored(core, 200, lifecycle::record(core, call, Some(existing), body, None)))
        }
        Method::Delete => lifecycle::delete_now(core, call),
        _ => super::read(core, call),
    }
}

fn put(core: &Core<'_>, call: &Call, existing: Option<&Resource>) -> Outcome {
    check_name(&call.path.name)?;
    let mut body = lifecycle::body(call, existing)?;
    if !body.contains_key("location") {
        return Err(Reply::error(400, "LocationRequired", "The location property is required for this definition."));
    }
    lifecycle::preconditions(call, existing)?;
    let mut properties = body.remove("properties").filter(Value::is_object).unwrap_or_else(|| json!({}));
    let key = call.path.key();
    properties["tenantId"] = json!(core.settings.tenant_id);
    properties["principalId"] = json!(core.state.derived_uuid("principal", &key));
    properties["clientId"] = json!(core.state.derived_uuid("client", &key));
    body.insert("properties".into(), properties);
    let identity = lifecycle::record(core, call, existing, body, None);
    Ok(lifecycle::stored(core, if existing.is_some() { 200 } else { 201 }, identity))
}

fn check_name(name: &str) -> Result<(), Reply> {
    let valid = (3..=128).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if valid {
        return Ok(());
    }
    let message = format!(
        "The resource name '{name}' is invalid: 3 to 128 letters, digits, hyphens and underscores, beginning with a letter \
         or digit."
    );
    Err(Reply::error(400, "InvalidResourceName", message))
}
