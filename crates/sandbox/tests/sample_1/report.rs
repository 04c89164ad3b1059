//! What people see of the cluster, and what was asked of Azure.

use api::{
    condition,
    names::{GroupVersionKind, ObjectRef},
    text,
};
use controllers::{cluster::Remotes, why::why};
use serde_json::Value;

use crate::{
    support::stable,
    world::{NAMESPACE, World, application},
};

/// The Application, Cluster API's objects, the nodes of the cluster itself.
pub(crate) async fn objects(world: &World) -> String {
    let app = world.get(&application()).await;
    let mut out = match &app {
        Some(app) => {
            format!("Application {} {}\n", text(app, "/status/sync/status"), text(app, "/status/health/status"))
        }
        None => "no Application\n".into(),
    };
    for resource in app.iter().flat_map(|app| app.pointer("/status/resources").and_then(Value::as_array)).flatten() {
        if text(resource, "/status") != "Synced" {
            out +=
                &format!("  {}/{} {}\n", text(resource, "/kind"), text(resource, "/name"), text(resource, "/status"));
        }
    }
    for (group, version, kind) in [
        ("cluster.x-k8s.io", "v1beta1", "Cluster"),
        ("cluster.x-k8s.io", "v1beta1", "MachinePool"),
        ("infrastructure.cluster.x-k8s.io", "v1beta1", "AzureASOManagedControlPlane"),
        ("resources.azure.com", "v1api20200601", "ResourceGroup"),
        ("containerservice.azure.com", "v1api20231001", "ManagedCluster"),
        ("containerservice.azure.com", "v1api20231001", "ManagedClustersAgentPool"),
    ] {
        let gvk = GroupVersionKind::new(group, version, kind);
        for object in world.platform.admin().list(&gvk, "").await.expect("the API answers") {
            out += &line(kind, &object);
        }
    }
    out + &nodes(world).await
}

fn line(kind: &str, object: &Value) -> String {
    let (namespace, name) = (text(object, "/metadata/namespace"), text(object, "/metadata/name"));
    let name = if namespace == NAMESPACE { name.to_string() } else { format!("{namespace}/{name}") };
    let mut facts = vec![text(object, "/status/phase").to_string()];
    if let Some(ready) = condition::find(object, "Ready") {
        facts.push(format!("Ready={} {}", text(ready, "/status"), text(ready, "/reason")));
    }
    if kind == "MachinePool" {
        let number = |at: &str| object.pointer(at).map(ToString::to_string).unwrap_or("-".into());
        facts.push(format!("{}/{} replicas", number("/status/readyReplicas"), number("/spec/replicas")));
    }
    facts.push(text(object, "/status/version").to_string());
    if object.pointer("/metadata/deletionTimestamp").is_some() {
        facts.push("being deleted".into());
    }
    facts.retain(|fact| !fact.trim().is_empty());
    format!("{kind}/{name}: {}\n", facts.join(", ").replace(" ,", ","))
}

/// As the stored kubeconfig's owner sees them.
async fn nodes(world: &World) -> String {
    let mut out = String::new();
    for cluster in world.platform.hosting().clusters() {
        let kubeconfig = world.platform.hosting().admin_kubeconfig(&cluster);
        let remote = world.platform.hosting().connect(&kubeconfig).await.expect("connected");
        let listed = remote.list(&GroupVersionKind::new("", "v1", "Node"), "").await;
        for node in listed.unwrap_or_default() {
            let pool = node.pointer("/metadata/labels/agentpool").and_then(Value::as_str).unwrap_or_default();
            out += &format!("node of {pool}: {}\n", text(&node, "/status/nodeInfo/kubeletVersion"));
        }
    }
    out
}

/// Everything but reads, with its body, since the last look.
pub(crate) fn requests(world: &World) -> String {
    let mut out = String::new();
    for request in world.platform.twin().request_log() {
        // Asking for a credential is a read, too.
        if request.method == "GET" || request.method == "POST" && request.id.ends_with("Credential") {
            continue;
        }
        let id = request.id.split_once("/resourceGroups/").map_or(request.id.as_str(), |(_, id)| id);
        let code = request.code.unwrap_or_default();
        let what = format!("{} {id} {} -> {} {code}", request.method, request.api_version, request.status);
        out += what.trim_end();
        out += "\n";
        if let Some(body) = request.body {
            out += &format!("  {body}\n");
        }
    }
    world.platform.twin().clear_request_log();
    out
}

/// The chain from the cluster down to the lowest cause.
pub(crate) async fn why_of(world: &World, target: &ObjectRef) -> String {
    let chain = why(&world.platform.admin(), target).await.expect("why answers");
    let lines = chain.causes.iter().map(|cause| format!("{}: {}\n  {}\n", cause.subject, cause.says, cause.message));
    stable(world.identity(), &format!("{}next: {}\n", lines.collect::<String>(), chain.next_step))
}
