//! `Microsoft.KeyVault/vaults` and its soft-deleted form. As recorded from Azure: PUT 200 with `RegisteringDns`, followed by
//! reading the vault; DELETE 200. Names are unique in all of Azure, soft-deleted vaults keep theirs.

use serde_json::{Map, Value, json};

use super::lifecycle;
use crate::{
    access,
    arm::{errors, operations},
    core::{Call, Core, Effects, Method, Outcome},
    reply::Reply,
    state::{Change, DeletedVault, Record, Resource, VAULT, deleted_vault_key, purge_vault},
};

pub(crate) const DELETED: &str = "Microsoft.KeyVault/locations/deletedVaults";

/// How long the name takes to get into DNS.
const REGISTERING_SECS: i64 = 30;

pub(crate) fn apply(core: &Core<'_>, call: &Call) -> Outcome {
    let existing = core.state.resource(&call.path.key());
    match call.method {
        Method::Put => put(core, call, existing),
        Method::Patch => {
            let existing = existing.ok_or_else(|| errors::resource_not_found(&call.path))?;
            patch(core, call, existing)
        }
        Method::Delete => lifecycle::delete_now(core, call),
        _ => super::read(core, call),
    }
}

fn put(core: &Core<'_>, call: &Call, existing: Option<&Resource>) -> Outcome {
    check_vault_name(&call.path.name)?;
    let sent = call.body.as_ref().filter(|body| body.is_object()).ok_or_else(errors::body_required)?;
    let recover = sent["properties"]["createMode"].as_str().is_some_and(|mode| mode.eq_ignore_ascii_case("recover"));
    let mut body = lifecycle::body(call, existing)?;
    lifecycle::preconditions(call, existing)?;
    if recover && existing.is_none() {
        return recover_deleted(core, call);
    }
    if existing.is_none() {
        require_free_name(core, &call.path.name)?;
    }
    let mut properties = body.remove("properties").and_then(|value| value.as_object().cloned()).unwrap_or_default();
    properties.remove("createMode");
    check_properties(core, &properties, existing)?;
    complete(core, &call.path.name, &mut properties, existing);
    body.insert("systemData".into(), lifecycle::system_data(core, existing));
    body.insert("properties".into(), Value::Object(properties));
    let mut vault = lifecycle::record(core, call, existing, body, Some("Succeeded"));
    if existing.is_none() {
        vault.pending = lifecycle::pending(core, "RegisteringDns", REGISTERING_SECS);
    } else {
        vault.pending = existing.and_then(|existing| existing.pending.clone());
    }
    Ok(answer(core, vault))
}

fn patch(core: &Core<'_>, call: &Call, existing: &Resource) -> Outcome {
    let sent = call.body.as_ref().filter(|body| body.is_object()).ok_or_else(errors::body_required)?;
    lifecycle::preconditions(call, Some(existing))?;
    let mut body = Value::Object(existing.body.clone());
    for member in ["tags", "properties"] {
        if let Some(value) = sent.get(member) {
            let target = body.as_object_mut().map(|body| body.entry(member).or_insert_with(|| json!({})));
            if let Some(target) = target {
                lifecycle::merge(target, value);
            }
        }
    }
    let Value::Object(mut body) = body else { return Err(errors::body_required()) };
    let mut properties = body.remove("properties").and_then(|value| value.as_object().cloned()).unwrap_or_default();
    properties.remove("createMode");
    check_properties(core, &properties, Some(existing))?;
    complete(core, &existing.name, &mut properties, Some(existing));
    body.insert("properties".into(), Value::Object(properties));
    body.insert("systemData".into(), lifecycle::system_data(core, Some(existing)));
    let mut vault = lifecycle::record(core, call, Some(existing), body, Some("Succeeded"));
    vault.pending = existing.pending.clone();
    Ok(answer(core, vault))
}

/// 200 with the body; while the name is not in DNS yet, when to look again.
fn answer(core: &Core<'_>, vault: Resource) -> Effects {
    let busy = vault.is_busy(core.now);
    let mut effects = lifecycle::stored(core, 200, vault);
    if busy {
        effects.reply.headers.extend(core.settings.pace.retry_after(10));
    }
    effects
}

/// What Azure fills in.
fn complete(core: &Core<'_>, name: &str, properties: &mut Map<String, Value>, existing: Option<&Resource>) {
    properties.remove("provisioningState");
    properties.entry("accessPolicies").or_insert_with(|| json!([]));
    properties.entry("enabledForDeployment").or_insert(json!(false));
    properties.entry("enableSoftDelete").or_insert(json!(true));
    // Irreversible: a PUT without it keeps it.
    let protected = existing.and_then(|vault| vault.property("enablePurgeProtection")).and_then(Value::as_bool);
    if protected == Some(true) {
        properties.insert("enablePurgeProtection".into(), json!(true));
    }
    properties.entry("tenantId").or_insert_with(|| json!(core.settings.tenant_id));
    properties.insert("vaultUri".into(), json!(format!("https://{}.vault.azure.net/", name.to_lowercase())));
}

fn check_properties(
    core: &Core<'_>,
    properties: &Map<String, Value>,
    existing: Option<&Resource>,
) -> Result<(), Reply> {
    let bad = |message: &str| Err(Reply::error(400, "BadRequest", message));
    let tenant = properties.get("tenantId").and_then(Value::as_str).unwrap_or_default();
    if !tenant.eq_ignore_ascii_case(&core.settings.tenant_id) {
        return bad("An invalid value was provided for 'tenantId'.");
    }
    let off = |name: &str| properties.get(name).and_then(Value::as_bool) == Some(false);
    let was = |name: &str| existing.and_then(|vault| vault.property(name)).and_then(Value::as_bool) == Some(true);
    if off("enableSoftDelete") && was("enableSoftDelete") {
        return bad(
            "The property \"enableSoftDelete\" can be set to false only for creating new vault. Enabling the 'soft \
             delete' functionality is an irreversible action.",
        );
    }
    if off("enablePurgeProtection") {
        return bad(
            "The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection for a vault \
             is an irreversible action.",
        );
    }
    let rbac = properties.get("enableRbacAuthorization").and_then(Value::as_bool) == Some(true);
    if existing.is_none() && !rbac && !properties.contains_key("accessPolicies") {
        return bad("The parameter accessPolicies is not specified.");
    }
    let policies = properties.get("accessPolicies").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let valid = |policy: &Value, name: &str| policy[name].as_str().is_some_and(errors::is_guid);
    if policies.iter().any(|policy| !valid(policy, "objectId") || !valid(policy, "tenantId")) {
        return bad("An invalid value was provided for 'accessPolicies'.");
    }
    Ok(())
}

fn check_vault_name(name: &str) -> Result<(), Reply> {
    let bytes = name.as_bytes();
    let valid = (3..=24).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && !name.contains("--");
    if valid {
        return Ok(());
    }
    Err(Reply::error(400, "VaultNameNotValid", name_not_valid(name)))
}

fn name_not_valid(name: &str) -> String {
    format!(
        "The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must \
         begin with a letter, end with a letter or digit, and not contain consecutive hyphens. Follow this link for more \
         information: https://go.microsoft.com/fwlink/?linkid=2147742"
    )
}

fn already_exists(name: &str) -> String {
    format!(
        "The vault name '{name}' is already in use. Vault names are globaly unique so it is possible that the name is \
         already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same \
         name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a \
         recoverable state then the vault will need to be purged before reusing the name. For more information on soft \
         delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740."
    )
}

fn require_free_name(core: &Core<'_>, name: &str) -> Result<(), Reply> {
    if core.state.deleted_vault(name).is_some() {
        let message = "A vault with the same name already exists in deleted state. You need to either recover or purge \
                       existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more \
                       information on soft delete.";
        return Err(Reply::error(409, "ConflictError", message));
    }
    if core.state.vault(name).is_some() || core.settings.taken_names.contains(&name.to_lowercase()) {
        return Err(Reply::error(409, "VaultAlreadyExists", already_exists(name)));
    }
    Ok(())
}

fn recover_deleted(core: &Core<'_>, call: &Call) -> Outcome {
    let same = |vault: &&DeletedVault| vault.resource.id.eq_ignore_ascii_case(&call.path.text);
    let deleted = core.state.deleted_vault(&call.path.name).filter(same);
    let deleted = deleted.ok_or_else(|| deleted_vault_not_found(&call.path.name))?;
    // As recorded: a recovered vault is ready with the answer.
    let vault = Resource { changed_at: core.now, deleted_at: None, ..deleted.resource.clone() };
    let mut effects = answer(core, vault);
    effects.changes.push(Change::Drop(deleted_vault_key(&call.path.name)));
    Ok(effects)
}

/// `POST .../providers/Microsoft.KeyVault/checkNameAvailability`
pub(crate) fn check_name(core: &Core<'_>, call: &Call) -> Outcome {
    let body = call.body.as_ref().filter(|body| body.is_object()).ok_or_else(errors::body_required)?;
    let name = body["name"].as_str().unwrap_or_default();
    let answer = if check_vault_name(name).is_err() {
        json!({"nameAvailable": false, "reason": "AccountNameInvalid", "message": name_not_valid(name)})
    } else if require_free_name(core, name).is_err() {
        json!({"nameAvailable": false, "reason": "AlreadyExists", "message": already_exists(name)})
    } else {
        json!({"nameAvailable": true})
    };
    Ok(Reply::json(200, answer).into())
}

/// `GET .../locations/{location}/deletedVaults/{name}`
pub(crate) fn deleted(core: &Core<'_>, call: &Call) -> Outcome {
    match call.method {
        Method::Get => Ok(Reply::json(200, render_deleted(find_deleted(core, call)?)).into()),
        method => Err(errors::method_not_allowed(method)),
    }
}

/// `POST .../deletedVaults/{name}/purge`
pub(crate) fn purge(core: &Core<'_>, call: &Call) -> Outcome {
    let vault = find_deleted(core, call)?;
    if vault.resource.property("enablePurgeProtection").and_then(Value::as_bool) == Some(true) {
        let message = format!(
            "Operation \"purge\" is not allowed because purge protection is enabled for this vault. The key vault '{}' \
             cannot be purged before its scheduled purge date.",
            vault.name
        );
        return Err(Reply::error(403, "OperationNotAllowed", message));
    }
    let subject = operations::Subject {
        resource: &vault.resource,
        yields_resource: false,
        api_version: &call.api_version,
        seconds: 20,
    };
    let (reply, operation) = operations::start(core, Reply::status(202), &[operations::Style::Location], subject);
    let mut changes = Vec::new();
    purge_vault(core.state, &vault.name, &mut changes);
    changes.push(Change::Put(Record::Operation(operation)));
    Ok(Effects { reply, changes })
}

fn find_deleted<'a>(core: &Core<'a>, call: &Call) -> Result<&'a DeletedVault, Reply> {
    let location = call.path.text.split('/').nth(6).map(super::locations::normalize).unwrap_or_default();
    let subscription = call.path.subscription.as_deref().unwrap_or_default();
    let found = core
        .state
        .deleted_vault(&call.path.name)
        .filter(|vault| vault.resource.location() == location && in_subscription(vault, subscription));
    found.ok_or_else(|| deleted_vault_not_found(&call.path.name))
}

fn deleted_vault_not_found(name: &str) -> Reply {
    let message = format!(
        "The specified deleted vault '{name}' does not exist. Ensure that the vault was indeed deleted and that it is in \
         recoverable state. If soft delete was not enabled then the vault is permanently deleted. Follow this link for \
         more information: https://go.microsoft.com/fwlink/?linkid=2149745"
    );
    Reply::error(404, "DeletedVaultNotFound", message)
}

fn in_subscription(vault: &DeletedVault, subscription: &str) -> bool {
    vault.resource.id.split('/').nth(2).is_some_and(|own| own.eq_ignore_ascii_case(subscription))
}

/// `GET /subscriptions/{s}/providers/Microsoft.KeyVault/deletedVaults`
pub(crate) fn list_deleted(core: &Core<'_>, subscription: &str) -> Vec<Value> {
    core.state.deleted_vaults().filter(|vault| in_subscription(vault, subscription)).map(render_deleted).collect()
}

fn render_deleted(vault: &DeletedVault) -> Value {
    let resource = &vault.resource;
    let subscription = resource.id.split('/').nth(2).unwrap_or_default();
    let mut properties = json!({
        "vaultId": resource.id,
        "location": resource.location(),
        "tags": resource.body.get("tags").cloned().unwrap_or_else(|| json!({})),
        "deletionDate": api::env::rfc3339(vault.deleted.at),
        "scheduledPurgeDate": api::env::rfc3339(vault.deleted.purge_at),
    });
    if resource.property("enablePurgeProtection").and_then(Value::as_bool) == Some(true) {
        properties["purgeProtectionEnabled"] = json!(true);
    }
    json!({
        "id": format!(
            "/subscriptions/{subscription}/providers/Microsoft.KeyVault/locations/{}/deletedVaults/{}",
            resource.location(),
            vault.name
        ),
        "name": vault.name,
        "type": "Microsoft.KeyVault/deletedVaults",
        "properties": properties,
    })
}

/// Whether roles decide about the vault's data, instead of its access policies.
pub(crate) fn by_roles(vault: &Resource) -> bool {
    vault.property("enableRbacAuthorization").and_then(Value::as_bool) == Some(true)
}

/// What a permission on secrets is to roles.
pub(crate) fn data_action(permission: &str) -> String {
    let action = match permission {
        "get" => "getSecret/action",
        "set" => "setSecret/action",
        "delete" => "delete",
        _ => "readMetadata/action",
    };
    format!("Microsoft.KeyVault/vaults/secrets/{action}")
}

/// Whether the caller may do `permission` (`get`, `list`, `set`, `delete`) with the secrets of the vault: by its access
/// policies, or by data actions of roles where the vault asks for that.
pub(crate) fn permits(core: &Core<'_>, vault: &Resource, permission: &str) -> bool {
    debug_assert!(vault.is(VAULT));
    if core.settings.believes(core.state, &core.caller.app_id) {
        return true;
    }
    if by_roles(vault) {
        let action = data_action(permission);
        return access::allowed(core, &action, &vault.id.to_lowercase(), access::Plane::Data);
    }
    let policies = vault.property("accessPolicies").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    policies.iter().any(|policy| {
        policy["objectId"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(&core.caller.object_id))
            && policy["permissions"]["secrets"].as_array().into_iter().flatten().any(|granted| {
                granted
                    .as_str()
                    .is_some_and(|name| name.eq_ignore_ascii_case(permission) || name.eq_ignore_ascii_case("all"))
            })
    })
}
