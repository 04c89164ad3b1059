//! Cluster API's kinds in the chain: a Cluster blames its control plane or its infrastructure, a pool its infrastructure, and
//! those the ASO object that is not ready. Pure.

use actions::Cause;
use api::{
    ObjectExt, condition,
    names::{GroupVersionKind, ObjectRef, split_api_version},
    text,
};
use serde_json::Value;

use super::explain::Step;

pub(super) fn is_ours(target: &ObjectRef) -> bool {
    [capi::names::CORE_GROUP, capi::names::INFRASTRUCTURE_GROUP].contains(&target.group.as_str())
}

pub(super) fn step(target: &ObjectRef, object: &Value) -> Step {
    let deleting = object.deletion_timestamp().is_some();
    if target.kind == "ClusterClass" {
        return class(target, object);
    }
    let waits = next_condition(object, "Deleting").filter(|_| deleting);
    // What the topology has not written yet, nobody else can be blamed for.
    let topology = condition::find(object, "TopologyReconciled").filter(|it| !deleting && it["status"] == "False");
    let Some(ready) = waits.or(topology).or_else(|| condition::find(object, "Ready")) else {
        let message = "the controller has not looked at the object yet";
        return lowest(cause(target, "no Ready condition", message), "wait a moment, then ask again");
    };
    let (status, reason, message) = (text(ready, "/status"), text(ready, "/reason"), text(ready, "/message"));
    if status == "True" && !deleting {
        return Step::Ready;
    }
    let says = format!("{}={status} {reason}", text(ready, "/type"));
    let cause = cause(target, says.trim(), message);
    match blamed(target, object, reason, message) {
        Some(target) => Step::Deeper { cause, target },
        None => lowest(cause, advice(reason)),
    }
}

/// A class has no Ready condition; what Clusters wait for are these.
fn class(target: &ObjectRef, object: &Value) -> Step {
    let bad = ["VariablesReconciled", "RefVersionsUpToDate"]
        .iter()
        .find_map(|kind| condition::find(object, kind).filter(|it| it["status"] != "True"));
    let Some(bad) = bad else { return Step::Ready };
    let says = format!("{}={} {}", text(bad, "/type"), text(bad, "/status"), text(bad, "/reason"));
    let reason = text(bad, "/reason");
    lowest(cause(target, &says, text(bad, "/message")), advice(reason))
}

fn cause(target: &ObjectRef, says: &str, message: &str) -> Cause {
    Cause { subject: target.to_string(), says: says.into(), message: message.into() }
}

fn lowest(cause: Cause, advice: &str) -> Step {
    Step::Lowest { causes: vec![cause], advice: advice.into() }
}

fn next_condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object.pointer("/status/v1beta2/conditions")?.as_array()?.iter().find(|each| each["type"] == kind)
}

/// Whom the object's condition blames.
fn blamed(target: &ObjectRef, object: &Value, reason: &str, message: &str) -> Option<ObjectRef> {
    let beside = |api_version: &str, kind: &str, name: &str| {
        let (group, version) = split_api_version(api_version);
        let gvk = GroupVersionKind::new(group, version, kind);
        (!name.is_empty()).then(|| ObjectRef::new(&gvk, &target.namespace, name))
    };
    let follow = |at: &str| {
        let reference = object.pointer(at)?;
        beside(text(reference, "/apiVersion"), text(reference, "/kind"), text(reference, "/name"))
    };
    match (target.kind.as_str(), reason) {
        ("Cluster", "TopologyReconcileFailed") => {
            let by_class = message.starts_with("ClusterClass is not successfully reconciled");
            let topology = object.pointer("/spec/topology").filter(|_| by_class)?;
            let mut class = beside(capi::names::CORE_API_VERSION, "ClusterClass", text(topology, "/class"))?;
            let namespace = text(topology, "/classNamespace");
            if !namespace.is_empty() {
                class.namespace = namespace.into();
            }
            Some(class)
        }
        ("Cluster", "ControlPlaneUpgradePending") => follow("/spec/controlPlaneRef"),
        ("Cluster", "MachinePoolsUpgradePending" | "MachinePoolsCreatePending") => {
            let pools = message.split(" MachinePool(s) ").nth(1).and_then(|rest| rest.split(" are upgrading").next());
            match pools.and_then(|pools| pools.split(", ").next()) {
                Some(pool) => beside(capi::names::CORE_API_VERSION, "MachinePool", pool),
                None => follow("/spec/controlPlaneRef"),
            }
        }
        // What the object says of its own references has no lower cause.
        (_, "InvalidReference" | "OwnedByAnother" | "ClusterNotFound" | "Paused" | "KubeadmNotSupported") => None,
        ("Cluster", "WaitingForWorkersDeletion") => {
            let first = message.strip_prefix("* MachinePools: ")?.split(", ").next()?;
            beside(capi::names::CORE_API_VERSION, "MachinePool", first)
        }
        ("Cluster", "WaitingForInfrastructureDeletion") => follow("/spec/infrastructureRef"),
        ("Cluster", "WaitingForControlPlaneDeletion") => follow("/spec/controlPlaneRef"),
        ("Cluster", _) => {
            let fine = condition::find(object, "ControlPlaneReady").is_some_and(|it| it["status"] == "True");
            let severe = condition::find(object, "ControlPlaneReady").map(|it| text(it, "/reason")) == Some(reason);
            follow(if fine || !severe { "/spec/infrastructureRef" } else { "/spec/controlPlaneRef" })
        }
        ("MachinePool", "WaitingForReplicasReady" | "WaitingForNodeDeletion" | "ClusterNotReachable") => None,
        ("MachinePool", _) => follow("/spec/template/spec/infrastructureRef"),
        (_, "WaitingForControlPlane") => {
            let name = message.split_whitespace().nth(3)?;
            beside(capi::names::INFRASTRUCTURE_API_VERSION, capi::names::CONTROL_PLANE, name)
        }
        // An entry that could not be applied, or was refused, is not there to be asked.
        (_, "ApplyFailed" | "IncompatibleValue" | "InvalidResource") => None,
        _ => {
            let resources = object.pointer("/status/resources").and_then(Value::as_array);
            let named = |entry: &&Value| {
                let name = format!("{}/{}", text(entry, "/resource/kind"), text(entry, "/resource/name"));
                message.contains(&name)
            };
            let resource = resources.into_iter().flatten().find(named)?;
            let api_version = format!("{}/{}", text(resource, "/resource/group"), text(resource, "/resource/version"));
            beside(&api_version, text(resource, "/resource/kind"), text(resource, "/resource/name"))
        }
    }
}

fn advice(reason: &str) -> &'static str {
    match reason {
        "IncompatibleValue" => "remove the field that the message names from spec.resources, or set the same value",
        "InvalidReference" | "InvalidControlPlaneKind" | "InvalidClusterKind" => {
            "correct the reference that the message names"
        }
        "ApplyFailed" => "correct the entry of spec.resources, or install its kind, as the message says",
        "Paused" => "set spec.paused of the Cluster to false, and remove the annotation cluster.x-k8s.io/paused",
        "ClusterNotFound" => "create the Cluster, or correct spec.clusterName",
        "OwnedByAnother" => "give each Cluster its own object, or delete the other owner",
        "ClusterNotReachable" | "WaitingForNodeDeletion" => {
            "check the workload cluster: `kubectl --kubeconfig` with the Secret <cluster>-kubeconfig"
        }
        "KubeadmNotSupported" => {
            "remove what is meant for kubeadm from the KubeadmConfigTemplate: AKS boots its nodes itself"
        }
        "TopologyReconcileFailed" => "correct the topology, its class or the template that the message names",
        "VariableDiscoveryFailed" => "correct the schema that the message names in spec.variables of the ClusterClass",
        "OutdatedRefVersions" => "set the version that the message names in the ClusterClass",
        "InternalError" => "create what the message names, or correct the reference in the ClusterClass",
        "UnsupportedDisableLocalAccounts" => "set disableLocalAccounts of the ManagedCluster to false",
        _ if reason.starts_with("Waiting") || reason == "Reconciling" || reason == "Deleting" => {
            "wait: the message says for what"
        }
        _ => "correct what the message names",
    }
}
