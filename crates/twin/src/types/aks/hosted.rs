//! The clusters as their host has to have them: derived from the state, never stored.

use serde_json::Value;

use super::{CLUSTER, POOL};
use crate::{
    cluster_host::{HostedCluster, HostedPool},
    state::{Resource, State},
};

/// The cluster of that key (its id in lower case), while it exists.
pub(crate) fn hosted(state: &State, key: &str) -> Option<HostedCluster> {
    let cluster = state.resource(key).filter(|resource| resource.is(CLUSTER))?;
    let pools = state.resources(&format!("{key}/agentpools/")).filter(|resource| resource.is(POOL));
    let issuer = cluster.property("oidcIssuerProfile").and_then(|profile| profile["issuerURL"].as_str());
    Some(HostedCluster {
        id: cluster.id.clone(),
        fqdn: cluster.property_str("fqdn").to_string(),
        kubernetes_version: cluster.property_str("currentKubernetesVersion").to_string(),
        location: cluster.location().to_string(),
        node_resource_group: cluster.property_str("nodeResourceGroup").to_string(),
        running: is_running(cluster),
        oidc_issuer: issuer.map(str::to_string),
        pools: pools.map(pool).collect(),
    })
}

/// The key of the cluster that a record's key is of or below.
pub(crate) fn key_of(record: &str) -> Option<&str> {
    const SEGMENT: &str = "/providers/microsoft.containerservice/managedclusters/";
    let id = record.strip_prefix("resource")?;
    let name = id.find(SEGMENT)? + SEGMENT.len();
    let end = id[name..].find('/').map_or(id.len(), |at| name + at);
    Some(&id[..end])
}

fn is_running(resource: &Resource) -> bool {
    resource.property("powerState").is_none_or(|state| state["code"] != "Stopped")
}

fn pool(pool: &Resource) -> HostedPool {
    let number = |name: &str| {
        let number = pool.property(name).and_then(Value::as_u64);
        number.and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
    };
    let texts = |name: &str| {
        let list = pool.property(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_str).map(str::to_string).collect()
    };
    let labels = pool.property("nodeLabels").and_then(Value::as_object);
    let label = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_string()));
    HostedPool {
        name: pool.name.clone(),
        mode: pool.property_str("mode").to_string(),
        count: number("count"),
        vm_size: pool.property_str("vmSize").to_string(),
        os_type: pool.property_str("osType").to_string(),
        os_sku: pool.property_str("osSKU").to_string(),
        kubernetes_version: pool.property_str("currentOrchestratorVersion").to_string(),
        labels: labels.into_iter().flatten().filter_map(label).collect(),
        taints: texts("nodeTaints"),
        zones: texts("availabilityZones"),
        running: is_running(pool),
        max_pods: number("maxPods"),
    }
}
