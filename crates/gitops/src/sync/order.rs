//! The order of tasks: phase, wave, kind, name; then namespaces and definitions are pulled in front of what needs them.

use std::collections::BTreeMap;

use api::ObjectExt;
use serde_json::Value;

use super::tasks::Task;
use crate::tracking::is_crd;

/// Kinds that come before all others, in this order.
const KINDS: [&str; 35] = [
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
];

/// Where a kind stands; kinds that are not listed come last.
fn rank(kind: &str) -> usize {
    KINDS.iter().position(|known| *known == kind).unwrap_or(KINDS.len())
}

pub(crate) fn sort(tasks: &mut Vec<Task>) {
    tasks.sort_by(|a, b| {
        let key = |task: &Task| (task.phase, task.wave, rank(&task.reference.kind));
        let name = |task: &Task| (task.reference.name.clone(), task.reference.namespace.clone());
        (key(a), name(a)).cmp(&(key(b), name(b)))
    });
    pull_up(tasks, namespace_defined, |object| object.namespace().map(str::to_string));
    pull_up(tasks, kind_defined, |object| {
        let gvk = api::names::GroupVersionKind::of(object)?;
        Some(format!("{}/{}", gvk.group, gvk.kind))
    });
}

fn namespace_defined(object: &Value) -> Option<String> {
    let is_namespace = object.kind() == Some("Namespace") && object.api_version() == Some("v1");
    is_namespace.then(|| object.name().map(str::to_string)).flatten()
}

/// `group/Kind` that a CustomResourceDefinition brings.
pub(crate) fn kind_defined(object: &Value) -> Option<String> {
    if !is_crd(object) {
        return None;
    }
    let text = |path: &str| object.pointer(path).and_then(Value::as_str);
    Some(format!("{}/{}", text("/spec/group")?, text("/spec/names/kind")?))
}

/// Moves a definition in front of the first object that needs it; it takes over that object's phase and wave.
fn pull_up(
    tasks: &mut Vec<Task>,
    defines: impl Fn(&Value) -> Option<String>,
    needs: impl Fn(&Value) -> Option<String>,
) {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for at in 0..tasks.len() {
        let Some(target) = tasks[at].target.clone() else { continue };
        if let Some(defined) = defines(&target) {
            if let Some(&index) = first.get(&defined) {
                let mut task = tasks.remove(at);
                task.phase = tasks[index].phase;
                task.wave = tasks[index].wave;
                tasks.insert(index, task);
                first.values_mut().filter(|position| **position >= index).for_each(|position| *position += 1);
            }
        } else if let Some(needed) = needs(&target) {
            first.entry(needed).or_insert(at);
        }
    }
}
