//! `metadata.generation`: which changes count. Status and metadata never do where status is a subresource.

use serde_json::{Map, Value};

use super::decode::has_status;
use crate::Resource;

/// Built-in kinds whose generation upstream counts.
const COUNTED: [(&str, &str); 20] = [
    ("", "pods"),
    ("", "podtemplates"),
    ("", "replicationcontrollers"),
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
    ("discovery.k8s.io", "endpointslices"),
    ("flowcontrol.apiserver.k8s.io", "flowschemas"),
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
    ("networking.k8s.io", "ingressclasses"),
    ("networking.k8s.io", "ingresses"),
    ("networking.k8s.io", "networkpolicies"),
    ("policy", "poddisruptionbudgets"),
    ("scheduling.k8s.io", "priorityclasses"),
];

pub(super) fn is_counted(resource: &Resource) -> bool {
    resource.is_custom() || COUNTED.iter().any(|(group, plural)| resource.is(group, plural))
}

/// Whether what a controller has to act on differs.
pub(super) fn is_changed(resource: &Resource, old: &Value, new: &Value) -> bool {
    let empty = Map::new();
    let (old, new) = (old.as_object().unwrap_or(&empty), new.as_object().unwrap_or(&empty));
    if !resource.is_custom() && (old.contains_key("spec") || new.contains_key("spec")) {
        return old.get("spec") != new.get("spec");
    }
    let without_status = has_status(resource);
    let counts = |name: &str| name != "metadata" && name != "apiVersion" && !(name == "status" && without_status);
    let differs = |from: &Map<String, Value>, to: &Map<String, Value>| {
        from.iter().any(|(name, value)| counts(name) && to.get(name) != Some(value))
    };
    differs(old, new) || differs(new, old)
}
