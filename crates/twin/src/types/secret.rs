//! `Microsoft.KeyVault/vaults/secrets` of ARM: a PUT makes a new version, the value is never returned. The same secrets are
//! read and written through the vault's own address (`vault_data`).

use serde_json::{Map, Value, json};

use super::lifecycle;
use crate::{
    arm::errors,
    core::{Call, Core, Effects, Method, Outcome},
    id::Path,
    reply::Reply,
    state::{Change, Record, Secret, SecretVersion},
};

/// Key Vault's limit.
const VALUE_BYTES_MAX: usize = 25 * 1024;

pub(crate) fn apply(core: &Core<'_>, call: &Call) -> Outcome {
    let vault = vault_of(&call.path);
    let existing = core.state.secret(vault, &call.path.name).filter(|secret| secret.deleted.is_none());
    match call.method {
        Method::Get => {
            let secret = existing.ok_or_else(|| errors::resource_not_found(&call.path))?;
            Ok(Reply::json(200, render(core, secret)).into())
        }
        Method::Head => Ok(Reply::status(if existing.is_some() { 204 } else { 404 }).into()),
        Method::Put => put(core, call, vault, existing),
        Method::Patch => {
            let secret = existing.ok_or_else(|| errors::resource_not_found(&call.path))?;
            patch(core, call, secret)
        }
        method => Err(errors::method_not_allowed(method)),
    }
}

fn put(core: &Core<'_>, call: &Call, vault: &str, existing: Option<&Secret>) -> Outcome {
    check_name(&call.path.name)?;
    require_not_deleted(core, vault, &call.path.name)?;
    let body = lifecycle::body(call, None)?;
    let properties = body.get("properties").cloned().unwrap_or_else(|| json!({}));
    let Some(value) = properties["value"].as_str() else {
        return Err(Reply::error(400, "BadRequest", "The parameter value is not specified."));
    };
    let draft = Draft {
        value,
        content_type: properties["contentType"].as_str(),
        attributes: &properties["attributes"],
        tags: body.get("tags").and_then(Value::as_object),
    };
    let secret = next_version(core, vault, &call.path.name, existing, &draft)?;
    let status = if existing.is_some() { 200 } else { 201 };
    let reply = Reply::json(status, render(core, &secret));
    Ok(Effects { reply, changes: vec![Change::Put(Record::Secret(secret))] })
}

/// Attributes and tags of the current version; a value makes a new one.
fn patch(core: &Core<'_>, call: &Call, secret: &Secret) -> Outcome {
    let sent = call.body.as_ref().filter(|body| body.is_object()).ok_or_else(errors::body_required)?;
    let current = secret.versions.last().ok_or_else(|| errors::resource_not_found(&call.path))?;
    let properties = &sent["properties"];
    let tags = sent.get("tags").and_then(Value::as_object).unwrap_or(&current.tags);
    let mut secret = secret.clone();
    if let Some(value) = properties["value"].as_str() {
        let draft = Draft {
            value,
            content_type: properties["contentType"].as_str().or(current.content_type.as_deref()),
            attributes: &properties["attributes"],
            tags: Some(tags),
        };
        secret = next_version(core, &secret.vault, &secret.name, Some(&secret), &draft)?;
    } else if let Some(version) = secret.versions.last_mut() {
        version.tags = tags.clone();
        version.updated = core.now;
        if let Some(enabled) = properties["attributes"]["enabled"].as_bool() {
            version.enabled = enabled;
        }
        if let Some(content_type) = properties["contentType"].as_str() {
            version.content_type = Some(content_type.to_string());
        }
    }
    let reply = Reply::json(200, render(core, &secret));
    Ok(Effects { reply, changes: vec![Change::Put(Record::Secret(secret))] })
}

/// What a new version is made of; both planes make them.
pub(crate) struct Draft<'a> {
    pub(crate) value: &'a str,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) attributes: &'a Value,
    pub(crate) tags: Option<&'a Map<String, Value>>,
}

pub(crate) fn next_version(
    core: &Core<'_>,
    vault: &str,
    name: &str,
    existing: Option<&Secret>,
    draft: &Draft<'_>,
) -> Result<Secret, Reply> {
    if draft.value.len() > VALUE_BYTES_MAX {
        let message = format!("Secret value is too large: at most {VALUE_BYTES_MAX} bytes are allowed.");
        return Err(Reply::error(400, "BadParameter", message));
    }
    let version = SecretVersion {
        version: core.hex32("secret-version"),
        value: draft.value.to_string(),
        content_type: draft.content_type.map(str::to_string),
        enabled: draft.attributes["enabled"].as_bool().unwrap_or(true),
        not_before: draft.attributes["nbf"].as_i64(),
        expires: draft.attributes["exp"].as_i64(),
        tags: draft.tags.cloned().unwrap_or_default(),
        created: core.now,
        updated: core.now,
    };
    let mut secret = existing.cloned().unwrap_or_else(|| Secret {
        vault: vault.to_lowercase(),
        name: name.to_string(),
        versions: Vec::new(),
        deleted: None,
    });
    secret.versions.push(version);
    Ok(secret)
}

pub(crate) fn check_name(name: &str) -> Result<(), Reply> {
    let valid =
        (1..=127).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if valid {
        return Ok(());
    }
    let message = format!(
        "The request URI contains an invalid name: {name}. A secret's name has 1 to 127 letters, digits and hyphens."
    );
    Err(Reply::error(400, "BadParameter", message))
}

pub(crate) fn require_not_deleted(core: &Core<'_>, vault: &str, name: &str) -> Result<(), Reply> {
    if core.state.secret(vault, name).is_some_and(|secret| secret.deleted.is_some()) {
        let message =
            format!("Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused.");
        return Err(Reply::error(409, "Conflict", message));
    }
    Ok(())
}

/// The vault's name in a secret's id.
fn vault_of(path: &Path) -> &str {
    path.parent.rsplit('/').next().unwrap_or_default()
}

/// The ARM form: attributes and addresses, no value.
pub(crate) fn render(core: &Core<'_>, secret: &Secret) -> Value {
    let vault = core.state.vault(&secret.vault);
    let id = vault.map(|vault| vault.id.clone()).unwrap_or_default();
    let location = vault.map(|vault| vault.location().to_string()).unwrap_or_default();
    let uri = format!("https://{}.vault.azure.net/secrets/{}", secret.vault, secret.name);
    let Some(current) = secret.versions.last() else { return Value::Null };
    let mut properties = json!({
        "attributes": attributes(current),
        "secretUri": uri,
        "secretUriWithVersion": format!("{uri}/{}", current.version),
    });
    if let Some(content_type) = &current.content_type {
        properties["contentType"] = json!(content_type);
    }
    json!({
        "id": format!("{id}/secrets/{}", secret.name),
        "name": secret.name,
        "type": super::SECRET,
        "location": location,
        "tags": current.tags,
        "properties": properties,
    })
}

pub(crate) fn attributes(version: &SecretVersion) -> Value {
    let mut attributes = json!({
        "enabled": version.enabled,
        "created": version.created.as_second(),
        "updated": version.updated.as_second(),
    });
    for (name, value) in [("nbf", version.not_before), ("exp", version.expires)] {
        if let Some(value) = value {
            attributes[name] = json!(value);
        }
    }
    attributes
}
