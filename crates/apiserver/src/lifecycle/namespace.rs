//! The end of a namespace, decided: everything in it is deleted, what remains is said in conditions as upstream words them,
//! and when nothing does, the `kubernetes` finalizer goes. Pure.

use std::collections::BTreeMap;

use api::{
    ObjectExt,
    condition::{self, Condition},
};
use serde_json::Value;

use super::graph::Node;

pub(crate) const FINALIZER: &str = "kubernetes";

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decision {
    /// Not terminating, or somebody else's finalizers are left.
    Nothing,
    Delete(Vec<String>),
    /// Contents go on their own: these are the conditions meanwhile.
    Wait(Vec<Value>),
    Finalize,
}

pub(crate) fn decide(namespace: &Value, contents: &[(&str, &Node)], now: &str) -> Decision {
    let finalizers = namespace.pointer("/spec/finalizers").and_then(Value::as_array);
    let is_ours = finalizers.is_some_and(|list| list.iter().any(|finalizer| finalizer == FINALIZER));
    if namespace.deletion_timestamp().is_none() || !is_ours {
        return Decision::Nothing;
    }
    if contents.is_empty() {
        return Decision::Finalize;
    }
    let only_secrets = contents.iter().all(|(_, node)| is_secret(node));
    let goes_now = |node: &Node| !node.is_deleting && (only_secrets || !is_secret(node));
    let live: Vec<String> =
        contents.iter().filter(|(_, node)| goes_now(node)).map(|(key, _)| key.to_string()).collect();
    if !live.is_empty() {
        return Decision::Delete(live);
    }
    let old = namespace.pointer("/status/conditions").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut new = old.clone();
    for condition in conditions(contents) {
        condition::set(&mut new, &condition, now);
    }
    if new == old { Decision::Nothing } else { Decision::Wait(new) }
}

/// Secrets go last, when nothing else is left: what finishes its own deletion with a credential still finds it. Upstream deletes
/// kinds in no order, and whoever needs the credential then waits for ever for a Secret that nobody can make any more.
fn is_secret(node: &Node) -> bool {
    node.group.is_empty() && node.plural == "secrets"
}

fn conditions(contents: &[(&str, &Node)]) -> Vec<Condition> {
    let mut resources: BTreeMap<String, usize> = BTreeMap::new();
    let mut finalizers: BTreeMap<String, usize> = BTreeMap::new();
    for (_, node) in contents {
        *resources.entry(format!("{}.{}", node.plural, node.group)).or_default() += 1;
        for finalizer in &node.finalizers {
            *finalizers.entry(finalizer.clone()).or_default() += 1;
        }
    }
    let list = |counts: &BTreeMap<String, usize>, verb: &str| {
        let parts: Vec<String> =
            counts.iter().map(|(what, count)| format!("{what} {verb} {count} resource instances")).collect();
        parts.join(", ")
    };
    let remaining = format!("Some resources are remaining: {}", list(&resources, "has"));
    let held = if finalizers.is_empty() {
        ("False", "ContentHasNoFinalizers", "All content-preserving finalizers finished".to_string())
    } else {
        let held = format!("Some content in the namespace has finalizers remaining: {}", list(&finalizers, "in"));
        ("True", "SomeFinalizersRemain", held)
    };
    let fixed = |text: &str| text.to_string();
    [
        (
            "NamespaceDeletionDiscoveryFailure",
            ("False", "ResourcesDiscovered", fixed("All resources successfully discovered")),
        ),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            ("False", "ParsedGroupVersions", fixed("All legacy kube types successfully parsed")),
        ),
        (
            "NamespaceDeletionContentFailure",
            ("False", "ContentDeleted", fixed("All content successfully deleted, may be waiting on finalization")),
        ),
        ("NamespaceContentRemaining", ("True", "SomeResourcesRemain", remaining)),
        ("NamespaceFinalizersRemaining", held),
    ]
    .into_iter()
    .map(|(kind, (status, reason, message))| Condition {
        kind: kind.into(),
        status: status.into(),
        reason: reason.into(),
        message,
        severity: None,
        observed_generation: None,
    })
    .collect()
}
