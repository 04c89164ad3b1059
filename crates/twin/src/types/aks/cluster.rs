//! Requests to `managedClusters`.

use serde_json::{Map, Value, json};

use super::{
    accepted, below, defaults, is_stopped, offer,
    pool::{self, Named, overlay, text_of},
    pool_record,
    pools::{LAST_SYSTEM, around},
    pools_of, refusal, remove, require_idle,
    versions::{Asked, Refusal, Version},
};
use crate::{
    arm::errors,
    core::{Call, Core, Effects, Method, Outcome},
    id::Path,
    reply::Reply,
    state::{Change, IDENTITY, Record, Resource},
    types::{lifecycle, read, render_body},
};

const CREATE_SECS: i64 = 240;
const UPDATE_SECS: i64 = 90;
const DELETE_SECS: i64 = 300;

pub(super) fn apply(core: &Core<'_>, call: &Call) -> Outcome {
    let existing = core.state.resource(&call.path.key());
    match call.method {
        Method::Put => put(core, call, existing),
        Method::Patch => patch(core, call, existing.ok_or_else(|| errors::resource_not_found(&call.path))?),
        Method::Delete => delete(core, call, existing),
        Method::Post => Err(errors::method_not_allowed(call.method)),
        Method::Get | Method::Head => read(core, call),
    }
}

fn put(core: &Core<'_>, call: &Call, existing: Option<&Resource>) -> Outcome {
    let profiles = profiles(call, existing)?;
    let mut body = lifecycle::body(call, existing)?;
    lifecycle::preconditions(call, existing)?;
    let key = call.path.key();
    require_idle(core, existing.into_iter().chain(pools_of(core, &key)))?;
    if let Some(stopped) = existing.filter(|cluster| is_stopped(cluster)) {
        return Err(refusal::stopped(&stopped.name));
    }
    let mut sent = body.remove("properties").and_then(|value| value.as_object().cloned()).unwrap_or_default();
    sent.remove("agentPoolProfiles");
    let location = text_of(&body, "location").to_string();
    let properties = properties(core, call, &sent, &location, existing)?;
    complete_body(core, call, &mut body, existing)?;
    body.insert("properties".into(), Value::Object(properties));
    let mut cluster = lifecycle::record(core, call, existing, body, Some("Succeeded"));
    let (doing, seconds) = doing(existing, &cluster);
    cluster.pending = lifecycle::pending(core, doing, seconds);
    let pools = pools(core, call, &cluster, &profiles, seconds)?;
    let reply = answer(core, &cluster, &pools, if existing.is_some() { 200 } else { 201 });
    let mut effects = accepted(core, reply, &cluster, seconds, true);
    if existing.is_none() {
        effects.changes.extend(node_group(core, call, &cluster)?);
    }
    effects.changes.extend([cluster].into_iter().chain(pools).map(|record| Change::Put(Record::Resource(record))));
    Ok(effects)
}

/// The pools that the request speaks of, by name. A new cluster has to have a system pool.
fn profiles(call: &Call, existing: Option<&Resource>) -> Result<Vec<Named>, Reply> {
    let given = call.body.as_ref().and_then(|body| body.pointer("/properties/agentPoolProfiles"));
    let mut found: Vec<Named> = Vec::new();
    for profile in given.and_then(Value::as_array).into_iter().flatten() {
        let Some(profile) = profile.as_object() else { continue };
        let name = text_of(profile, "name").to_string();
        pool::check_name(&name)?;
        if found.iter().any(|(known, _)| *known == name) {
            return Err(refusal::invalid("agentPoolProfile.name", &format!("agent pool name {name} is not unique")));
        }
        let mut profile = profile.clone();
        for computed in ["name", "provisioningState", "currentOrchestratorVersion", "nodeImageVersion", "eTag"] {
            profile.remove(computed);
        }
        found.push((name, profile));
    }
    if existing.is_some() {
        return Ok(found);
    }
    if found.is_empty() {
        return Err(refusal::missing("agentPoolProfiles"));
    }
    if !found.iter().any(|(_, profile)| pool::is_system(profile)) {
        return Err(refusal::bad("Must define at least one system pool."));
    }
    Ok(found)
}

/// The properties after the request: what it leaves out stays as it was.
fn properties(
    core: &Core<'_>,
    call: &Call,
    sent: &Map<String, Value>,
    location: &str,
    existing: Option<&Resource>,
) -> Result<Map<String, Value>, Reply> {
    let none = Map::new();
    let before = existing.and_then(|cluster| cluster.body.get("properties")).and_then(Value::as_object);
    let mut after = before.cloned().unwrap_or_default();
    overlay(&mut after, sent);
    if let Some(before) = before {
        defaults::check_fixed(before, &after)?;
    }
    defaults::complete(core, call, &mut after, location, existing)?;
    let (version, text) = version(core, &call.path.name, sent, before.unwrap_or(&none), &after)?;
    after.insert("kubernetesVersion".into(), json!(text));
    after.insert("currentKubernetesVersion".into(), json!(version.to_string()));
    Ok(after)
}

/// The control plane's version, and the text that it is shown with.
fn version(
    core: &Core<'_>,
    name: &str,
    sent: &Map<String, Value>,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Result<(Version, String), Reply> {
    let offer = offer(core, text_of(after, "supportPlan"));
    let current = Version::parse(text_of(before, "currentKubernetesVersion"));
    let text = text_of(sent, "kubernetesVersion");
    if text.is_empty() {
        let chosen = current.or_else(|| offer.default());
        let chosen = chosen.ok_or_else(|| refusal::version(name, "(default)", Refusal::NotOffered))?;
        let kept = text_of(before, "kubernetesVersion");
        return Ok((chosen, if kept.is_empty() { chosen.to_string() } else { kept.to_string() }));
    }
    let asked = Asked::parse(text).ok_or_else(|| refusal::version(name, text, Refusal::Malformed))?;
    let Some(current) = current else {
        let chosen = offer.resolve(text).map_err(|why| refusal::version(name, text, why))?;
        return Ok((chosen, text.to_string()));
    };
    if asked.fits(current) {
        return Ok((current, text.to_string()));
    }
    let available = offer.upgrades(current);
    match available.iter().find(|version| asked.fits(**version)) {
        Some(chosen) => Ok((*chosen, text.to_string())),
        None => Err(refusal::upgrade(current, text, &available)),
    }
}

/// Identity, SKU and the like: kept from before where the request has none.
fn complete_body(
    core: &Core<'_>,
    call: &Call,
    body: &mut Map<String, Value>,
    existing: Option<&Resource>,
) -> Result<(), Reply> {
    for name in ["identity", "sku", "extendedLocation"] {
        if body.get(name).is_none_or(Value::is_null) {
            body.remove(name);
            if let Some(kept) = existing.and_then(|cluster| cluster.body.get(name)) {
                body.insert(name.into(), kept.clone());
            }
        }
    }
    let sku = body.entry("sku").or_insert_with(|| json!({}));
    if let Some(sku) = sku.as_object_mut() {
        sku.entry("name").or_insert(json!("Base"));
        sku.entry("tier").or_insert(json!("Free"));
    }
    let given = call.body.as_ref();
    let principal = given.and_then(|body| body.pointer("/properties/servicePrincipalProfile/secret"));
    if !body.contains_key("identity") && existing.is_none() && principal.is_none() {
        return Err(refusal::missing("servicePrincipalProfile"));
    }
    if let Some(identity) = body.get_mut("identity") {
        complete_identity(core, call, identity)?;
    }
    Ok(())
}

fn complete_identity(core: &Core<'_>, call: &Call, identity: &mut Value) -> Result<(), Reply> {
    if let Some(map) = identity.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
    if identity["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("SystemAssigned")) {
        identity["principalId"] = json!(core.state.derived_uuid("principal", &call.path.key()));
        identity["tenantId"] = json!(core.settings.tenant_id);
    }
    let assigned = identity.get_mut("userAssignedIdentities").and_then(Value::as_object_mut);
    for (id, value) in assigned.into_iter().flatten() {
        let found = core.state.resource(&id.to_lowercase()).filter(|found| found.is(IDENTITY));
        let found = found.ok_or_else(|| {
            let message = format!(
                "Identity operation for resource '{}' failed with error 'Failed to perform resource identity operation. \
                 Status: 'BadRequest'. Response: 'Resource '{id}' was not found.'.",
                call.path.text
            );
            Reply::error(400, "FailedIdentityOperation", message)
        })?;
        *value = json!({"principalId": found.property_str("principalId"), "clientId": found.property_str("clientId")});
    }
    Ok(())
}

fn doing(existing: Option<&Resource>, after: &Resource) -> (&'static str, i64) {
    let version = |cluster: &Resource| cluster.property_str("currentKubernetesVersion").to_string();
    match existing {
        None => ("Creating", CREATE_SECS),
        Some(before) if version(before) != version(after) => ("Upgrading", 2 * CREATE_SECS),
        Some(_) => ("Updating", UPDATE_SECS),
    }
}

/// The records of the pools that the request speaks of. Pools that it does not name stay as they are.
fn pools(
    core: &Core<'_>,
    call: &Call,
    cluster: &Resource,
    profiles: &[Named],
    seconds: i64,
) -> Result<Vec<Resource>, Reply> {
    let key = call.path.key();
    let mut around = around(core, cluster, &key);
    let mut records = Vec::new();
    for (name, sent) in profiles {
        let call = below(call, &format!("agentPools/{name}"))?;
        let existing = core.state.resource(&call.path.key());
        let planned = pool::plan(core, &around, name, sent, existing, "agentPoolProfile")?;
        around.planned.push((name.clone(), planned.clone()));
        records.push(pool_record(core, &call, existing, planned, seconds));
    }
    let named = |pool: &Resource| profiles.iter().any(|(name, _)| *name == pool.name);
    let others = pools_of(core, &key).filter(|pool| !named(pool));
    let properties =
        |pool: &&Resource| pool.body.get("properties").and_then(Value::as_object).is_some_and(pool::is_system);
    let system = others.chain(&records).any(|pool| properties(&pool));
    match system {
        true => Ok(records),
        false => Err(refusal::bad(LAST_SYSTEM)),
    }
}

/// The group of the nodes, and the identity that they pull images with.
fn node_group(core: &Core<'_>, call: &Call, cluster: &Resource) -> Result<Vec<Change>, Reply> {
    let subscription = call.path.subscription.as_deref().unwrap_or_default();
    let name = cluster.property_str("nodeResourceGroup");
    let path = Path::parse(&format!("/subscriptions/{subscription}/resourceGroups/{name}"))?;
    if core.state.resource(&path.key()).is_some() {
        let details = format!("the resource group {name} already exists");
        return Err(refusal::invalid("nodeResourceGroup", &details));
    }
    let made = |path: Path, body: Value, state: Option<&str>| {
        let call = Call { path, ..call.clone() };
        let body = body.as_object().cloned().unwrap_or_default();
        Change::Put(Record::Resource(lifecycle::record(core, &call, None, body, state)))
    };
    let location = cluster.location();
    let group = json!({
        "location": location,
        "managedBy": cluster.id,
        "tags": {
            "aks-managed-cluster-name": cluster.name,
            "aks-managed-cluster-rg": call.path.group,
        },
        "properties": {},
    });
    let mut changes = vec![made(path, group, Some("Succeeded"))];
    let kubelet = cluster.property("identityProfile").map(|of| of["kubeletidentity"].clone()).unwrap_or_default();
    let identity = Path::parse(kubelet["resourceId"].as_str().unwrap_or_default())?;
    if identity.group.as_deref().is_some_and(|group| group.eq_ignore_ascii_case(name)) {
        let body = json!({
            "location": location,
            "tags": {},
            "properties": {
                "tenantId": core.settings.tenant_id,
                "principalId": kubelet["objectId"],
                "clientId": kubelet["clientId"],
            },
        });
        changes.push(made(identity, body, None));
    }
    Ok(changes)
}

/// The body of an answer to a PUT: with the pools as they will be.
fn answer(core: &Core<'_>, cluster: &Resource, changed: &[Resource], status: u16) -> Reply {
    let mut body = cluster.body.clone();
    let others = pools_of(core, &cluster.id.to_lowercase());
    let mut pools: Vec<&Resource> =
        others.filter(|pool| !changed.iter().any(|other| other.name == pool.name)).chain(changed).collect();
    pools.sort_by(|one, other| one.name.cmp(&other.name));
    show_with(core, cluster, &pools, &mut body);
    Reply::json(status, render_body(core, cluster, body)).with("etag", cluster.etag.clone())
}

/// Adds what a GET shows beside what is stored.
pub(super) fn show(core: &Core<'_>, cluster: &Resource, body: &mut Map<String, Value>) {
    let pools: Vec<&Resource> = pools_of(core, &cluster.id.to_lowercase()).collect();
    show_with(core, cluster, &pools, body);
}

fn show_with(core: &Core<'_>, cluster: &Resource, pools: &[&Resource], body: &mut Map<String, Value>) {
    if body.get("tags").and_then(Value::as_object).is_some_and(Map::is_empty) {
        body.remove("tags");
    }
    let Some(properties) = body.get_mut("properties").and_then(Value::as_object_mut) else { return };
    // Both come with the nodes.
    if cluster.provisioning_state(core.now) == Some("Creating") {
        properties.remove("identityProfile");
    } else if let Some(profile) = properties.get_mut("networkProfile").and_then(|of| of.get_mut("loadBalancerProfile"))
    {
        outbound_addresses(core, cluster, profile);
    }
    let profile = |pool: &&Resource| {
        let mut profile = Map::from_iter([("name".to_string(), json!(pool.name))]);
        profile.extend(pool.body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default());
        profile.insert("provisioningState".into(), json!(pool.provisioning_state(core.now)));
        Value::Object(profile)
    };
    properties.insert("agentPoolProfiles".into(), pools.iter().map(profile).collect());
}

fn outbound_addresses(core: &Core<'_>, cluster: &Resource, profile: &mut Value) {
    let Some(count) = profile.pointer("/managedOutboundIPs/count").and_then(Value::as_u64) else { return };
    let subscription = cluster.id.split('/').nth(2).unwrap_or_default();
    let group = cluster.property_str("nodeResourceGroup");
    let address = |number: u64| {
        let name = core.state.derived_uuid(&format!("outbound address {number}"), &cluster.id.to_lowercase());
        let id = format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/publicIPAddresses/{name}"
        );
        json!({"id": id})
    };
    profile["effectiveOutboundIPs"] = (0..count.min(100)).map(address).collect();
}

/// A PATCH changes tags, nothing else.
fn patch(core: &Core<'_>, call: &Call, existing: &Resource) -> Outcome {
    let sent = call.body.as_ref().and_then(Value::as_object).ok_or_else(errors::body_required)?;
    if let Some(other) = sent.keys().find(|name| *name != "tags") {
        let message = format!(
            "The request content was invalid and could not be deserialized: 'Could not find member '{other}' on object of \
             type 'TagsObject'. Path '{other}', line 1, position 1.'."
        );
        return Err(Reply::error(400, "InvalidRequestContent", message));
    }
    lifecycle::preconditions(call, Some(existing))?;
    require_idle(core, [existing].into_iter())?;
    let mut body = existing.body.clone();
    if let Some(tags) = sent.get("tags").filter(|tags| tags.is_object()) {
        body.insert("tags".into(), tags.clone());
    }
    Ok(lifecycle::stored(core, 200, lifecycle::record(core, call, Some(existing), body, Some("Succeeded"))))
}

/// The cluster goes with its pools and with the group of its nodes.
fn delete(core: &Core<'_>, call: &Call, existing: Option<&Resource>) -> Outcome {
    let Some(existing) = existing else { return Ok(Effects::from(Reply::status(204))) };
    lifecycle::preconditions(call, Some(existing))?;
    Ok(remove(core, existing, DELETE_SECS))
}
