//! Nodes: readiness, roles by label, addresses.

use std::collections::BTreeSet;

use api::ObjectExt;
use jiff::Timestamp;
use serde_json::Value;

use super::{created, list, or, text};

pub(super) const NAMES: &[&str] = &[
    "Name",
    "Status",
    "Roles",
    "Age",
    "Version",
    "+Internal-IP",
    "+External-IP",
    "+OS-Image",
    "+Kernel-Version",
    "+Container-Runtime",
];

pub(super) fn row(node: &Value, now: Timestamp) -> Vec<Value> {
    let address = |of: &str| {
        let found = list(node, "/status/addresses").iter().find(|address| text(address, "/type") == of);
        Value::from(found.map_or("<none>", |address| text(address, "/address")))
    };
    let info = |name: &str| Value::from(or(text(node, &format!("/status/nodeInfo/{name}")), "<unknown>"));
    vec![
        text(node, "/metadata/name").into(),
        status(node).into(),
        roles(node).into(),
        created(node, now),
        text(node, "/status/nodeInfo/kubeletVersion").into(),
        address("InternalIP"),
        address("ExternalIP"),
        info("osImage"),
        info("kernelVersion"),
        info("containerRuntimeVersion"),
    ]
}

fn status(node: &Value) -> String {
    let ready = list(node, "/status/conditions").iter().find(|condition| text(condition, "/type") == "Ready");
    let mut status = match ready.map(|condition| text(condition, "/status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_string();
    if node.pointer("/spec/unschedulable") == Some(&Value::Bool(true)) {
        status += ",SchedulingDisabled";
    }
    status
}

/// Two generations of labels say which roles a node has.
fn roles(node: &Value) -> String {
    let labels = node.labels().into_iter().flatten();
    let role = |(label, value): (&String, &Value)| match label.strip_prefix("node-role.kubernetes.io/") {
        Some(role) => Some(role.to_string()),
        None if label == "kubernetes.io/role" => value.as_str().map(str::to_string),
        None => None,
    };
    let roles: BTreeSet<String> = labels.filter_map(role).filter(|role| !role.is_empty()).collect();
    if roles.is_empty() { "<none>".to_string() } else { Vec::from_iter(roles).join(",") }
}
