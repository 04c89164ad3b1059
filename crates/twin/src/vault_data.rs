//! A vault's own address, `https://{vault}.vault.azure.net`: its secrets, for those whom the access policies (or data
//! actions of roles) let in. Texts are Key Vault's.

use serde_json::{Value, json};

use crate::{
    core::{Core, Effects, Method, Outcome},
    reply::Reply,
    state::{Change, Deleted, Record, Resource, Secret, SecretVersion},
    types::{secret, vault},
};

pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) vault: &'a str,
    pub(crate) path: &'a str,
    pub(crate) body: Option<&'a Value>,
}

pub(crate) fn apply(core: &Core<'_>, request: &Request<'_>) -> Outcome {
    let Some(vault) = core.state.vault(request.vault) else { return Err(no_vault(request.vault)) };
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let require = |permission: &str| {
        if vault::permits(core, vault, permission) {
            Ok(())
        } else {
            Err(forbidden(core, vault, permission, request.path))
        }
    };
    match (request.method, segments.as_slice()) {
        (Method::Get, ["secrets"]) => {
            require("list")?;
            let secrets = core.state.secrets(&vault.name);
            let live = secrets.iter().filter(|secret| secret.deleted.is_none());
            let values = live.filter_map(|secret| Some(item(secret, secret.versions.last()?, false)));
            Ok(Reply::json(200, json!({"value": values.collect::<Vec<_>>(), "nextLink": null})).into())
        }
        (Method::Get, ["secrets", name, "versions"]) => {
            require("list")?;
            let secret = live(core, vault, name)?;
            let values = secret.versions.iter().map(|version| item(secret, version, true));
            Ok(Reply::json(200, json!({"value": values.collect::<Vec<_>>(), "nextLink": null})).into())
        }
        (Method::Get, ["secrets", name]) => {
            require("get")?;
            let secret = live(core, vault, name)?;
            read(secret, secret.versions.last())
        }
        (Method::Get, ["secrets", name, version]) => {
            require("get")?;
            let secret = live(core, vault, name)?;
            read(secret, secret.versions.iter().find(|known| known.version.eq_ignore_ascii_case(version)))
        }
        (Method::Put, ["secrets", name]) => {
            require("set")?;
            set(core, vault, name, request.body)
        }
        (Method::Delete, ["secrets", name]) => {
            require("delete")?;
            delete(core, vault, name)
        }
        _ => {
            let what = segments.first().copied().unwrap_or_default();
            let message = format!(
                "The twin of Azure does not simulate '{what}' of vaults with method {}.",
                request.method.as_str()
            );
            Err(Reply::error(501, "NotImplemented", message))
        }
    }
}

fn read(secret: &Secret, version: Option<&SecretVersion>) -> Outcome {
    let version = version.ok_or_else(|| not_found(&secret.name))?;
    if !version.enabled {
        let message = "Operation get is not allowed on a disabled secret.";
        return Err(Reply::error(403, "Forbidden", message));
    }
    Ok(Reply::json(200, bundle(secret, version)).into())
}

fn set(core: &Core<'_>, vault: &Resource, name: &str, body: Option<&Value>) -> Outcome {
    secret::check_name(name)?;
    secret::require_not_deleted(core, &vault.name, name)?;
    let body = body.unwrap_or(&Value::Null);
    let Some(value) = body["value"].as_str() else {
        return Err(Reply::error(400, "BadParameter", "Property value is required."));
    };
    let draft = secret::Draft {
        value,
        content_type: body["contentType"].as_str(),
        attributes: &body["attributes"],
        tags: body["tags"].as_object(),
    };
    let existing = core.state.secret(&vault.name, name);
    let secret = secret::next_version(core, &vault.name, name, existing, &draft)?;
    let reply = match secret.versions.last() {
        Some(version) => Reply::json(200, bundle(&secret, version)),
        None => return Err(not_found(name)),
    };
    Ok(Effects { reply, changes: vec![Change::Put(Record::Secret(secret))] })
}

fn delete(core: &Core<'_>, vault: &Resource, name: &str) -> Outcome {
    let secret = live(core, vault, name)?;
    let days = vault.property("softDeleteRetentionInDays").and_then(Value::as_i64).unwrap_or(90).clamp(7, 90);
    let purge_at = core.now.checked_add(jiff::SignedDuration::from_hours(24 * days)).unwrap_or(core.now);
    let deleted = Secret { deleted: Some(Deleted { at: core.now, purge_at }), ..secret.clone() };
    let mut body = secret.versions.last().map(|version| item(secret, version, true)).unwrap_or_default();
    body["recoveryId"] = json!(format!("https://{}.vault.azure.net/deletedsecrets/{}", secret.vault, secret.name));
    body["deletedDate"] = json!(core.now.as_second());
    body["scheduledPurgeDate"] = json!(purge_at.as_second());
    Ok(Effects { reply: Reply::json(200, body), changes: vec![Change::Put(Record::Secret(deleted))] })
}

fn live<'a>(core: &Core<'a>, vault: &Resource, name: &str) -> Result<&'a Secret, Reply> {
    let found = core.state.secret(&vault.name, name).filter(|secret| secret.deleted.is_none());
    found.ok_or_else(|| not_found(name))
}

fn bundle(secret: &Secret, version: &SecretVersion) -> Value {
    let mut body = item(secret, version, true);
    body["value"] = json!(version.value);
    body
}

fn item(secret: &Secret, version: &SecretVersion, with_version: bool) -> Value {
    let id = format!("https://{}.vault.azure.net/secrets/{}", secret.vault, secret.name);
    let mut attributes = secret::attributes(version);
    attributes["recoveryLevel"] = json!("Recoverable+Purgeable");
    attributes["recoverableDays"] = json!(90);
    let mut body = json!({
        "id": if with_version { format!("{id}/{}", version.version) } else { id },
        "attributes": attributes,
        "tags": version.tags,
    });
    if let Some(content_type) = &version.content_type {
        body["contentType"] = json!(content_type);
    }
    body
}

fn not_found(name: &str) -> Reply {
    let message = format!(
        "A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret you may be able \
         to recover it using the correct recovery command. For help resolving this issue, please see \
         https://go.microsoft.com/fwlink/?linkid=2125182"
    );
    Reply::error(404, "SecretNotFound", message)
}

/// In Azure the name would not resolve.
fn no_vault(name: &str) -> Reply {
    Reply::error(404, "VaultNotFound", format!("No vault of the twin has the address {name}.vault.azure.net."))
}

fn forbidden(core: &Core<'_>, vault: &Resource, permission: &str, path: &str) -> Reply {
    let caller = format!(
        "appid={};oid={};iss=https://sts.windows.net/{}/",
        core.caller.app_id, core.caller.object_id, core.settings.tenant_id
    );
    let place = format!("{};location={}", vault.name, vault.location());
    let (inner, message) = if vault::by_roles(vault) {
        let resource = format!("{}/{}", vault.id.to_lowercase(), path.trim_matches('/'));
        let message = format!(
            "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role \
             definitions were changed recently, please observe propagation time.\r\nCaller: {caller}\r\nAction: '{}'\r\n\
             Resource: '{resource}'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\n\
             Vault: {place}\r\n",
            vault::data_action(permission)
        );
        ("ForbiddenByRbac", message)
    } else {
        let message = format!(
            "The user, group or application '{caller}' does not have secrets {permission} permission on key vault '{place}'. \
             For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287"
        );
        ("AccessDenied", message)
    };
    let mut reply = Reply::error(403, "Forbidden", message);
    if let Some(body) = &mut reply.body {
        body["error"]["innererror"] = json!({"code": inner});
    }
    reply
}
