//! What can be asked of a cluster or pool beside being made: credentials, start and stop, upgrades, node images.

use serde_json::{Value, json};

use super::{
    accepted, is_stopped, offer, pool,
    pools::{around, cluster_of},
    pools_of, refusal, require_idle, upgrades_json,
    versions::Version,
};
use crate::{
    arm::errors,
    cluster_host::CredentialRole,
    core::{Call, Core, Outcome},
    reply::{Kubeconfig, Reply},
    state::{Change, Record, Resource},
    types::lifecycle,
};

const POWER_SECS: i64 = 150;
const IMAGE_SECS: i64 = 120;

const NO_STATIC_CREDENTIAL: &str =
    "Getting static credential is not allowed because this cluster is set to disable local accounts.";

fn local_accounts_disabled(cluster: &Resource) -> bool {
    cluster.property("disableLocalAccounts") == Some(&json!(true))
}

pub(super) fn admin_credential(core: &Core<'_>, cluster: &Resource) -> Outcome {
    if local_accounts_disabled(cluster) {
        return Err(refusal::bad(NO_STATIC_CREDENTIAL));
    }
    credential(core, cluster, CredentialRole::Admin)
}

/// Without Entra ID a user's credential is a static one too.
pub(super) fn user_credential(core: &Core<'_>, cluster: &Resource) -> Outcome {
    let managed = cluster.property("aadProfile").is_some_and(|profile| profile["managed"] == true);
    if local_accounts_disabled(cluster) && !managed {
        return Err(refusal::bad(NO_STATIC_CREDENTIAL));
    }
    credential(core, cluster, CredentialRole::User)
}

fn credential(core: &Core<'_>, cluster: &Resource, role: CredentialRole) -> Outcome {
    let hosted = super::hosted(core.state, &cluster.id.to_lowercase()).ok_or_else(|| Reply::status(404))?;
    let mut reply = Reply::status(200);
    reply.kubeconfig = Some(Box::new(Kubeconfig { cluster: hosted, role }));
    Ok(reply.into())
}

/// Start and stop: the nodes go and come with the API server.
pub(super) fn power(core: &Core<'_>, cluster: &Resource, start: bool) -> Outcome {
    let key = cluster.id.to_lowercase();
    require_idle(core, [cluster].into_iter().chain(pools_of(core, &key)))?;
    if start != is_stopped(cluster) {
        return Ok(Reply::status(204).into());
    }
    let (doing, code) = if start { ("Starting", "Running") } else { ("Stopping", "Stopped") };
    let mut changes = Vec::new();
    for resource in [cluster].into_iter().chain(pools_of(core, &key)) {
        let mut changed = resource.clone();
        if let Some(properties) = changed.body.get_mut("properties") {
            properties["powerState"] = json!({"code": code});
        }
        changed.pending = lifecycle::pending(core, doing, POWER_SECS);
        changed.changed_at = core.now;
        changes.push(Change::Put(Record::Resource(changed)));
    }
    let mut effects = accepted(core, Reply::status(202), cluster, POWER_SECS, true);
    effects.changes.extend(changes);
    Ok(effects)
}

/// `POST .../agentPools/{pool}/upgradeNodeImageVersion`
pub(super) fn new_image(core: &Core<'_>, call: &Call, existing: &Resource) -> Outcome {
    let cluster = cluster_of(core, &call.path)?;
    require_idle(core, [cluster, existing].into_iter())?;
    let key = cluster.id.to_lowercase();
    let around = around(core, cluster, &key);
    let mut changed = existing.clone();
    if let Some(properties) = changed.body.get_mut("properties").and_then(Value::as_object_mut) {
        let image = pool::node_image(properties, around.offer);
        properties.insert("nodeImageVersion".into(), json!(image));
    }
    changed.pending = lifecycle::pending(core, "UpgradingNodeImageVersion", IMAGE_SECS);
    changed.changed_at = core.now;
    let mut effects = accepted(core, Reply::status(202), existing, IMAGE_SECS, true);
    effects.changes.push(Change::Put(Record::Resource(changed)));
    Ok(effects)
}

/// `GET .../managedClusters/{cluster}/upgradeProfiles/default`
pub(super) fn cluster_upgrades(core: &Core<'_>, call: &Call) -> Outcome {
    let cluster = cluster_of(core, &call.path).map_err(|_| errors::resource_not_found(&call.path))?;
    let key = cluster.id.to_lowercase();
    let offer = offer(core, cluster.property_str("supportPlan"));
    let profile = |version: &str, os_type: &str, below: Option<Version>| {
        let upgrades = Version::parse(version).map(|version| offer.upgrades(version)).unwrap_or_default();
        let fitting: Vec<Version> =
            upgrades.into_iter().filter(|version| below.is_none_or(|below| *version <= below)).collect();
        json!({"kubernetesVersion": version, "osType": os_type, "upgrades": upgrades_json(&fitting)})
    };
    let current = cluster.property_str("currentKubernetesVersion");
    let pools: Vec<Value> = pools_of(core, &key)
        .map(|pool| {
            let version = pool.property_str("currentOrchestratorVersion");
            let mut profile = profile(version, pool.property_str("osType"), Version::parse(current));
            profile["name"] = json!(pool.name);
            profile
        })
        .collect();
    let body = json!({
        "id": call.path.text.replacen("/resourceGroups/", "/resourcegroups/", 1),
        "name": "default",
        "type": "Microsoft.ContainerService/managedClusters/upgradeprofiles",
        "properties": {"controlPlaneProfile": profile(current, "Linux", None), "agentPoolProfiles": pools},
    });
    Ok(Reply::json(200, body).into())
}

/// `GET .../agentPools/{pool}/upgradeProfiles/default`
pub(super) fn pool_upgrades(core: &Core<'_>, call: &Call) -> Outcome {
    let not_found = || errors::resource_not_found(&call.path);
    let pool = core.state.resource(&call.path.parent.to_lowercase()).ok_or_else(not_found)?;
    let key = pool.id.to_lowercase().rsplit_once("/agentpools/").map(|(cluster, _)| cluster.to_string());
    let key = key.ok_or_else(not_found)?;
    let cluster = core.state.resource(&key).ok_or_else(not_found)?;
    let around = around(core, cluster, &key);
    let version = pool.property_str("currentOrchestratorVersion");
    let upgrades = Version::parse(version).map(|version| around.offer.upgrades(version)).unwrap_or_default();
    let fitting: Vec<Version> = upgrades.into_iter().filter(|version| *version <= around.version).collect();
    let image = pool.body.get("properties").and_then(Value::as_object).map(|of| pool::node_image(of, around.offer));
    let body = json!({
        "id": call.path.text.replacen("/resourceGroups/", "/resourcegroups/", 1),
        "name": "default",
        "type": "Microsoft.ContainerService/managedClusters/agentPools/upgradeProfiles",
        "properties": {
            "kubernetesVersion": version,
            "osType": pool.property_str("osType"),
            "upgrades": upgrades_json(&fitting),
            "latestNodeImageVersion": image,
        },
    });
    Ok(Reply::json(200, body).into())
}

/// `GET .../managedClusters/{cluster}/availableAgentPoolVersions`
pub(super) fn pool_versions(core: &Core<'_>, call: &Call) -> Outcome {
    let cluster = core.state.resource(&call.path.key()).ok_or_else(|| errors::resource_not_found(&call.path))?;
    let key = cluster.id.to_lowercase();
    let around = around(core, cluster, &key);
    let fits = |version: &Version| version.minor + 3 >= around.version.minor && *version <= around.version;
    let offered: Vec<Value> = around
        .offer
        .versions()
        .into_iter()
        .filter(fits)
        .map(|version| json!({"kubernetesVersion": version.to_string(), "default": version == around.version}))
        .collect();
    let body = json!({
        "id": format!("{}/availableAgentPoolVersions/default", call.path.text),
        "name": "default",
        "type": "Microsoft.ContainerService/managedClusters/availableAgentpoolVersions",
        "properties": {"agentPoolVersions": offered},
    });
    Ok(Reply::json(200, body).into())
}
