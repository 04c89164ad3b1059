//! The nodes of a hosted cluster: what its agent pools ask for, compared with what is there. The names, labels and provider ids
//! are those of AKS's scale sets; the machines are simulated, and their annotation says so.

use std::collections::BTreeMap;

use api::{ObjectExt, env, status::Status};
use apiserver::{ApiServer, objects::Preconditions};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use twin::{HostedCluster, HostedPool};

/// On every node that is kept here; others are not touched.
const CLUSTER_LABEL: &str = "kubernetes.azure.com/cluster";
const SIMULATED: &str = "windlass.dev/simulated";
/// Labels are at most this long; AKS cuts the resource group's name.
const LABEL_MAX: usize = 63;

/// Writes what differs: nodes are created, brought to their pool's labels and version, and deleted.
pub(super) async fn keep(api: &ApiServer, cluster: &HostedCluster, now: Timestamp) -> Result<(), Status> {
    let objects = api.objects();
    let Some(resource) = objects.resource("", "v1", "nodes") else {
        return Err(Status::internal("nodes are not among the built-in kinds"));
    };
    let (found, _) = objects.list(&resource, None)?;
    let found: BTreeMap<&str, &Value> = found.iter().filter_map(|node| Some((node.name()?, node))).collect();
    let wanted = wanted(cluster, now);
    for (name, node) in &wanted {
        let Some(current) = found.get(name.as_str()) else { continue };
        if !has_labels(current, node) {
            objects.modify(&resource, "", "", name, |object| set_labels(object, node)).await?;
        }
        let info = &node["status"]["nodeInfo"];
        if current["status"]["nodeInfo"] != *info {
            let change = |object: &mut Value| object["status"]["nodeInfo"] = info.clone();
            objects.modify(&resource, "status", "", name, change).await?;
        }
    }
    for (name, node) in found {
        let is_ours = node.pointer("/metadata/labels").is_some_and(|labels| labels.get(CLUSTER_LABEL).is_some());
        if is_ours && !wanted.contains_key(name) {
            objects.delete(&resource, "", name, &Preconditions::default()).await?;
        }
    }
    objects.seed(&resource, wanted.into_values()).await
}

fn labels_of(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node["metadata"]["labels"].as_object().into_iter().flatten()
}

/// Labels that others set stay.
fn has_labels(current: &Value, wanted: &Value) -> bool {
    labels_of(wanted).all(|(key, value)| current["metadata"]["labels"].get(key) == Some(value))
}

fn set_labels(node: &mut Value, wanted: &Value) {
    for (key, value) in labels_of(wanted) {
        node["metadata"]["labels"][key] = value.clone();
    }
}

/// By name.
fn wanted(cluster: &HostedCluster, now: Timestamp) -> BTreeMap<String, Value> {
    let pools = cluster.pools.iter().filter(|pool| pool.running && cluster.running);
    let nodes = pools.flat_map(|pool| (0..pool.count).map(move |index| (pool, index)));
    nodes.enumerate().map(|(place, (pool, index))| node(cluster, pool, index, (place, now))).collect()
}

/// `place` is among all nodes of the cluster.
fn node(cluster: &HostedCluster, pool: &HostedPool, index: u32, (place, now): (usize, Timestamp)) -> (String, Value) {
    let set = scale_set(cluster, pool);
    let name = format!("{set}{:0>6}", base36(index));
    let subscription = cluster.id.split('/').nth(2).unwrap_or_default();
    let provider = format!(
        "azure:///subscriptions/{subscription}/resourceGroups/{}/providers/Microsoft.Compute/virtualMachineScaleSets/{set}/virtualMachines/{index}",
        cluster.node_resource_group
    );
    let mut spec = json!({"providerID": provider});
    if !pool.taints.is_empty() {
        spec["taints"] = pool.taints.iter().filter_map(|taint| read_taint(taint)).collect();
    }
    let node = json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": labels(cluster, pool, &name, index),
            "annotations": {SIMULATED: "no machine stands behind this node"},
        },
        "spec": spec,
        "status": status(pool, &name, place, now),
    });
    (name, node)
}

/// `aks-pool0-12345678-vmss`
fn scale_set(cluster: &HostedCluster, pool: &HostedPool) -> String {
    let digest = Sha256::digest(format!("{}/{}", cluster.id.to_lowercase(), pool.name));
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte)) % 100_000_000;
    format!("aks-{}-{number:08}-vmss", pool.name)
}

fn base36(mut number: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(number % 36, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

fn labels(cluster: &HostedCluster, pool: &HostedPool, name: &str, index: u32) -> Value {
    let os = pool.os_type.to_lowercase();
    let zone = pool.zones.get(index as usize % pool.zones.len().max(1));
    let zone = zone.map_or_else(|| index_zone(index), |zone| format!("{}-{zone}", cluster.location));
    let mut labels = Map::new();
    // What the pool asks for comes first: AKS's own labels win.
    labels.extend(pool.labels.iter().map(|(key, value)| (key.clone(), json!(value))));
    let mut own = |key: &str, value: &str| labels.insert(key.to_owned(), json!(value));
    for key in ["kubernetes.azure.com/agentpool", "agentpool"] {
        own(key, &pool.name);
    }
    own(CLUSTER_LABEL, cut(&cluster.node_resource_group));
    own("kubernetes.azure.com/mode", &pool.mode.to_lowercase());
    own("kubernetes.azure.com/os-sku", &pool.os_sku);
    own("kubernetes.azure.com/role", "agent");
    own("kubernetes.io/arch", if is_arm(&pool.vm_size) { "arm64" } else { "amd64" });
    own("kubernetes.io/hostname", name);
    own("kubernetes.io/os", &os);
    own("node.kubernetes.io/instance-type", &pool.vm_size);
    own("topology.kubernetes.io/region", &cluster.location);
    own("topology.kubernetes.io/zone", &zone);
    Value::Object(labels)
}

/// Without availability zones, Azure names fault domains.
fn index_zone(index: u32) -> String {
    (index % 5).to_string()
}

fn cut(text: &str) -> &str {
    let end = text.char_indices().nth(LABEL_MAX).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// `Standard_D4ps_v5`: a `p` behind the number is Arm.
fn is_arm(size: &str) -> bool {
    let first = size.split('_').nth(1).unwrap_or_default();
    first.trim_start_matches(|c: char| c.is_ascii_alphabetic()).contains('p')
}

/// `key=value:effect`, as pools have it.
fn read_taint(text: &str) -> Option<Value> {
    let (pair, effect) = text.rsplit_once(':')?;
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    let mut taint = json!({"key": key, "effect": effect});
    if !value.is_empty() {
        taint["value"] = json!(value);
    }
    Some(taint)
}

fn status(pool: &HostedPool, name: &str, place: usize, now: Timestamp) -> Value {
    let at = env::rfc3339(now);
    let condition = |kind: &str, status: &str, reason: &str, message: &str| json!({"type": kind, "status": status, "reason": reason, "message": message, "lastHeartbeatTime": at, "lastTransitionTime": at});
    let capacity = json!({"pods": pool.max_pods.to_string()});
    json!({
        "addresses": [
            {"type": "InternalIP", "address": format!("10.224.{}.{}", place / 250 % 256, 4 + place % 250)},
            {"type": "Hostname", "address": name},
        ],
        "allocatable": capacity,
        "capacity": capacity,
        "conditions": [
            condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            condition("Ready", "True", "KubeletReady", "kubelet is posting ready status (simulated)"),
        ],
        "nodeInfo": {
            "architecture": if is_arm(&pool.vm_size) { "arm64" } else { "amd64" },
            "bootID": "",
            "containerRuntimeVersion": "windlass://simulated",
            "kernelVersion": "simulated",
            "kubeProxyVersion": format!("v{}", pool.kubernetes_version),
            "kubeletVersion": format!("v{}", pool.kubernetes_version),
            "machineID": "",
            "operatingSystem": pool.os_type.to_lowercase(),
            "osImage": format!("{} (simulated)", pool.os_sku),
            "systemUUID": "",
        },
    })
}
