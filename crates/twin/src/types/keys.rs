//! Access keys of storage accounts and of Event Hubs' authorization rules: `listKeys` and the actions that make new ones.
//! A key is derived from the twin's own seed, the resource, its creation and how often it was made anew, so that no record holds one.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{EVENT_HUB_NAMESPACE, lifecycle, storage};
use crate::{
    arm::errors,
    core::{Call, Core, Effects, Outcome},
    reply::Reply,
    state::{Change, Record, Resource},
};

const HUB_RULE: &str = "Microsoft.EventHub/namespaces/eventhubs/authorizationRules";
const NAMESPACE_RULE: &str = "Microsoft.EventHub/namespaces/authorizationRules";

/// The rule that every namespace has from its beginning.
const ROOT_RULE: &str = "RootManageSharedAccessKey";

const STORAGE_KEY_BYTES: usize = 64;
const EVENT_HUB_KEY_BYTES: usize = 32;

/// POST actions about keys; `None` for everything else.
pub(super) fn action(core: &Core<'_>, call: &Call, action: &str) -> Option<Outcome> {
    let existing = core.state.resource(&call.path.key())?;
    let is_rule = existing.is(NAMESPACE_RULE) || existing.is(HUB_RULE);
    match action.to_lowercase().as_str() {
        "listkeys" if existing.is(storage::ACCOUNT) => Some(Ok(Reply::json(200, storage_keys(core, existing)).into())),
        "regeneratekey" if existing.is(storage::ACCOUNT) => Some(regenerate_storage_key(core, call, existing)),
        "listkeys" if is_rule => Some(Ok(Reply::json(200, rule_keys(core, existing)).into())),
        "regeneratekeys" if is_rule => Some(regenerate_rule_key(core, call, existing)),
        _ => None,
    }
}

/// What comes with a new resource without being asked for.
pub(super) fn companions(core: &Core<'_>, call: &Call, made: &Resource) -> Vec<Change> {
    if !made.is(EVENT_HUB_NAMESPACE) {
        return Vec::new();
    }
    let body = json!({"properties": {"rights": ["Listen", "Manage", "Send"]}});
    let Value::Object(body) = body else { return Vec::new() };
    let rule = Resource {
        id: format!("{}/authorizationRules/{ROOT_RULE}", made.id),
        name: ROOT_RULE.into(),
        kind: NAMESPACE_RULE.into(),
        state: None,
        pending: None,
        ..lifecycle::record(core, call, None, body, None)
    };
    vec![Change::Put(Record::Resource(rule))]
}

/// The same key for the same resource until it is made anew; another one after a deletion.
fn key(core: &Core<'_>, resource: &Resource, name: &str, bytes: usize) -> String {
    let times = resource.regenerated.get(name).copied().unwrap_or_default();
    let purpose = format!("key {name} {times} {}", resource.created_at);
    let derived = core.state.derived_bytes(&purpose, &resource.id.to_lowercase());
    BASE64_STANDARD.encode(&derived[..bytes])
}

fn storage_keys(core: &Core<'_>, account: &Resource) -> Value {
    let created = account.property("keyCreationTime").cloned().unwrap_or_default();
    let keys = ["key1", "key2"].map(|name| {
        json!({
            "creationTime": created[name],
            "keyName": name,
            "permissions": "FULL",
            "value": key(core, account, name, STORAGE_KEY_BYTES),
        })
    });
    json!({ "keys": keys })
}

fn rule_keys(core: &Core<'_>, rule: &Resource) -> Value {
    let mut segments = rule.id.split('/').skip_while(|segment| !segment.eq_ignore_ascii_case("namespaces"));
    let namespace = segments.nth(1).unwrap_or_default();
    let entity = rule.is(HUB_RULE).then(|| segments.nth(1).unwrap_or_default());
    let entity = entity.map(|hub| format!(";EntityPath={hub}")).unwrap_or_default();
    let [primary, secondary] = ["PrimaryKey", "SecondaryKey"].map(|name| key(core, rule, name, EVENT_HUB_KEY_BYTES));
    let connection = |key: &str| {
        let name = &rule.name;
        format!(
            "Endpoint=sb://{namespace}.servicebus.windows.net/;SharedAccessKeyName={name};SharedAccessKey={key}{entity}"
        )
    };
    json!({
        "primaryConnectionString": connection(&primary),
        "secondaryConnectionString": connection(&secondary),
        "primaryKey": primary,
        "secondaryKey": secondary,
        "keyName": rule.name,
    })
}

fn regenerate_storage_key(core: &Core<'_>, call: &Call, account: &Resource) -> Outcome {
    let mut account = anew(call, account, "keyName", &["key1", "key2"])?;
    let name = wanted(call, "keyName").to_string();
    if let Some(Value::Object(properties)) = account.body.get_mut("properties") {
        properties.entry("keyCreationTime").or_insert_with(|| json!({}))[name] = json!(api::env::rfc3339(core.now));
    }
    let reply = Reply::json(200, storage_keys(core, &account));
    Ok(Effects { reply, changes: vec![Change::Put(Record::Resource(account))] })
}

fn regenerate_rule_key(core: &Core<'_>, call: &Call, rule: &Resource) -> Outcome {
    if call.body.as_ref().is_some_and(|body| !body["key"].is_null()) {
        return Err(errors::not_simulated("a key of the caller's own choice ('key')"));
    }
    let rule = anew(call, rule, "keyType", &["PrimaryKey", "SecondaryKey"])?;
    let reply = Reply::json(200, rule_keys(core, &rule));
    Ok(Effects { reply, changes: vec![Change::Put(Record::Resource(rule))] })
}

fn wanted<'a>(call: &'a Call, field: &str) -> &'a str {
    call.body.as_ref().and_then(|body| body[field].as_str()).unwrap_or_default()
}

/// The resource with the key that the body names counted as made once more.
fn anew(call: &Call, existing: &Resource, field: &str, names: &[&str]) -> Result<Resource, Reply> {
    let name = wanted(call, field);
    if !names.contains(&name) {
        let message = format!("The value '{name}' of '{field}' is not one of: {}.", names.join(", "));
        return Err(Reply::error(400, "BadRequest", message));
    }
    let mut resource = existing.clone();
    *resource.regenerated.entry(name.to_string()).or_default() += 1;
    Ok(resource)
}
