//! What must hold of Sample 1: the objects of Cluster API say so, and the cluster itself, asked through the kubeconfig that
//! Cluster API stored, has the nodes.

use std::collections::BTreeMap;

use api::{
    Redacted, condition,
    names::{GroupVersionKind, ObjectRef},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use controllers::cluster::Remotes;
use sandbox::{Platform, install, workshop::sample_1::CLUSTER};
use serde_json::Value;

use super::{get, is_synced};
use crate::git::Sample;

/// The kinds that a cluster consists of, above those of Azure.
pub(crate) const KINDS: [(&str, &str, &str); 5] = [
    ("cluster.x-k8s.io", "v1beta1", "Cluster"),
    ("cluster.x-k8s.io", "v1beta1", "MachinePool"),
    ("infrastructure.cluster.x-k8s.io", "v1beta1", "AzureASOManagedCluster"),
    ("infrastructure.cluster.x-k8s.io", "v1beta1", "AzureASOManagedControlPlane"),
    ("infrastructure.cluster.x-k8s.io", "v1beta1", "AzureASOManagedMachinePool"),
];

pub(crate) fn application() -> ObjectRef {
    let kind = GroupVersionKind::new("argoproj.io", "v1alpha1", "Application");
    ObjectRef::new(&kind, install::ARGOCD_NAMESPACE, CLUSTER)
}

fn named(group: &str, version: &str, kind: &str, namespace: &str, name: &str) -> ObjectRef {
    ObjectRef::new(&GroupVersionKind::new(group, version, kind), namespace, name)
}

pub(crate) fn secret(namespace: &str, name: &str) -> ObjectRef {
    named("", "v1", "Secret", namespace, name)
}

/// The Application, unless Git let it go; the cluster and its pools; its nodes.
pub(super) async fn is_there(platform: &Platform, sample: &Sample) -> Result<(), String> {
    if sample.left {
        if get(platform, &application()).await?.is_some() {
            return Err("the Application of Sample 1 is still there".into());
        }
    } else {
        is_synced(platform, &application()).await?;
    }
    let namespace = sample.namespace();
    let (core, capz) = (KINDS[0].0, KINDS[2].0);
    let cluster = has(platform, &named(core, "v1beta1", "Cluster", namespace, CLUSTER)).await?;
    is_ready(&cluster, "Provisioned")?;
    let plane = named(capz, "v1beta1", "AzureASOManagedControlPlane", namespace, CLUSTER);
    let version = format!("v{}", sample.kubernetes_version());
    let plane = has(platform, &plane).await?;
    if plane["status"]["version"] != version {
        return Err(format!("the control plane is {}, not {version}", plane["status"]["version"]));
    }
    let nodes = nodes(platform, namespace).await?;
    let pools = sample.pools();
    if let Some((pool, _)) = nodes.iter().find(|((pool, _), _)| pools.iter().all(|(name, ..)| name != pool)) {
        return Err(format!("nodes of {pool:?}, which Git does not have: {nodes:?}"));
    }
    for (pool, least, most) in pools {
        let machines = named(core, "v1beta1", "MachinePool", namespace, &format!("{CLUSTER}-{pool}"));
        let machines = has(platform, &machines).await?;
        is_ready(&machines, "Running")?;
        let count = nodes.get(&(pool.to_owned(), version.clone())).copied().unwrap_or_default();
        let all: u64 = nodes.iter().filter(|((name, _), _)| name == pool).map(|(_, count)| count).sum();
        let says = machines["status"]["readyReplicas"].as_u64().unwrap_or_default();
        if all != count || !(least..=most).contains(&count) || says != count {
            return Err(format!(
                "{pool} has nodes {nodes:?}, not {least} to {most} of {version}; its MachinePool says {says}"
            ));
        }
    }
    Ok(())
}

/// Nothing of any cluster is left, in Kubernetes or of its own API.
pub(super) async fn is_gone(platform: &Platform) -> Result<(), String> {
    if get(platform, &application()).await?.is_some() {
        return Err("the Application of Sample 1 is still there".into());
    }
    for (group, version, kind) in KINDS {
        let kind = GroupVersionKind::new(group, version, kind);
        let left = platform.admin().list(&kind, "").await.map_err(|error| error.message())?;
        if let Some(object) = left.first() {
            return Err(format!("{kind} is left: {object}"));
        }
    }
    Ok(())
}

async fn has(platform: &Platform, target: &ObjectRef) -> Result<Value, String> {
    get(platform, target).await?.ok_or_else(|| format!("there is no {target}"))
}

fn is_ready(object: &Value, phase: &str) -> Result<(), String> {
    let ready = condition::find(object, "Ready").is_some_and(|ready| ready["status"] == "True");
    if ready && object["status"]["phase"] == phase && object.pointer("/metadata/deletionTimestamp").is_none() {
        return Ok(());
    }
    Err(format!("{} {} is not {phase} and Ready: {}", object["kind"], object["metadata"]["name"], object["status"]))
}

/// How many nodes there are by pool and version, as the holder of the stored kubeconfig sees them.
async fn nodes(platform: &Platform, namespace: &str) -> Result<BTreeMap<(String, String), u64>, String> {
    let stored = has(platform, &secret(namespace, &format!("{CLUSTER}-kubeconfig"))).await?;
    let kubeconfig = stored.pointer("/data/value").and_then(Value::as_str).unwrap_or_default();
    let kubeconfig = STANDARD.decode(kubeconfig).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let kubeconfig = Redacted::new(kubeconfig.ok_or("the stored kubeconfig is no text")?);
    let told = |error: controllers::cluster::Error| format!("the cluster does not answer: {}", error.message());
    let remote = platform.hosting().connect(&kubeconfig).await.map_err(told)?;
    let listed = remote.list(&GroupVersionKind::new("", "v1", "Node"), "").await.map_err(told)?;
    let mut counts = BTreeMap::new();
    for node in listed {
        let text = |at: &str| node.pointer(at).and_then(Value::as_str).unwrap_or_default().to_string();
        let pool = (text("/metadata/labels/agentpool"), text("/status/nodeInfo/kubeletVersion"));
        *counts.entry(pool).or_default() += 1;
    }
    Ok(counts)
}
