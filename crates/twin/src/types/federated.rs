//! `.../userAssignedIdentities/federatedIdentityCredentials`: which tokens of which issuer stand for an identity.

use serde_json::{Value, json};

use super::lifecycle;
use crate::{
    arm::errors,
    core::{Call, Core, Method, Outcome},
    reply::Reply,
    state::Resource,
};

/// Azure's limit per identity.
const CREDENTIALS_MAX: usize = 20;

pub(crate) fn apply(core: &Core<'_>, call: &Call) -> Outcome {
    match call.method {
        Method::Put => put(core, call),
        Method::Delete => lifecycle::delete_now(core, call),
        Method::Patch => Err(errors::method_not_allowed(call.method)),
        _ => super::read(core, call),
    }
}

fn put(core: &Core<'_>, call: &Call) -> Outcome {
    let existing = core.state.resource(&call.path.key());
    check_name(&call.path.name)?;
    let mut body = lifecycle::body(call, existing)?;
    lifecycle::preconditions(call, existing)?;
    let properties = body.get("properties").cloned().unwrap_or_else(|| json!({}));
    let issuer = properties["issuer"].as_str().unwrap_or_default();
    let subject = properties["subject"].as_str().unwrap_or_default();
    let audiences = properties["audiences"].as_array().map(Vec::as_slice).unwrap_or_default();
    let bad = |message: String| Err(Reply::error(400, "BadRequest", message));
    if !issuer.starts_with("https://") || issuer.len() > 600 {
        return bad("The federated identity credential's issuer must be an https URL of at most 600 characters.".into());
    }
    if subject.is_empty() || subject.len() > 600 {
        return bad("The federated identity credential's subject must have 1 to 600 characters.".into());
    }
    if audiences.len() != 1 || !audiences.iter().all(Value::is_string) {
        return bad("The federated identity credential must have exactly one audience.".into());
    }
    let siblings: Vec<&Resource> = siblings(core, call).collect();
    let twin = siblings
        .iter()
        .find(|sibling| sibling.property_str("issuer") == issuer && sibling.property_str("subject") == subject);
    if twin.is_some() {
        let message = "Issuer and subject combination already exists for this Managed Identity.";
        return Err(Reply::error(409, "Conflict", message));
    }
    if existing.is_none() && siblings.len() >= CREDENTIALS_MAX {
        return bad(format!(
            "Too many Federated Identity Credentials found. The maximum number of credentials per identity is \
             {CREDENTIALS_MAX}."
        ));
    }
    body.insert("properties".into(), json!({"issuer": issuer, "subject": subject, "audiences": audiences}));
    let credential = lifecycle::record(core, call, existing, body, None);
    Ok(lifecycle::stored(core, if existing.is_some() { 200 } else { 201 }, credential))
}

/// The other credentials of the same identity.
fn siblings<'a>(core: &Core<'a>, call: &Call) -> impl Iterator<Item = &'a Resource> {
    let own = call.path.key();
    let prefix = format!("{}/federatedidentitycredentials/", call.path.parent.to_lowercase());
    core.state
        .resources(&prefix)
        .filter(move |resource| resource.id.to_lowercase() != own)
        .collect::<Vec<_>>()
        .into_iter()
}

fn check_name(name: &str) -> Result<(), Reply> {
    let valid = (3..=120).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if valid {
        return Ok(());
    }
    let message = format!(
        "The federated identity credential's name '{name}' must have 3 to 120 letters, digits, hyphens and \
                           underscores, beginning with a letter or digit."
    );
    Err(Reply::error(400, "BadRequest", message))
}
