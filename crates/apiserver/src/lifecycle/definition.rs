//! The end of a CustomResourceDefinition, decided: its instances go first, then the finalizer that held it. Pure.

use api::{
    ObjectExt,
    condition::{self, Condition},
};
use serde_json::Value;

use super::graph::Node;
use crate::crd::CLEANUP_FINALIZER;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decision {
    Nothing,
    Delete(Vec<String>),
    Wait(Vec<Value>),
    RemoveFinalizer,
}

pub(crate) fn decide(definition: &Value, instances: &[(&str, &Node)], now: &str) -> Decision {
    if definition.deletion_timestamp().is_none() || !definition.finalizers().contains(&CLEANUP_FINALIZER) {
        return Decision::Nothing;
    }
    let live: Vec<String> =
        instances.iter().filter(|(_, node)| !node.is_deleting).map(|(key, _)| key.to_string()).collect();
    if !live.is_empty() {
        return Decision::Delete(live);
    }
    if instances.is_empty() {
        return Decision::RemoveFinalizer;
    }
    let old = definition.pointer("/status/conditions").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut new = old.clone();
    let terminating = Condition {
        kind: "Terminating".into(),
        status: "True".into(),
        reason: "InstanceDeletionInProgress".into(),
        message: "CustomResource deletion is in progress".into(),
        severity: None,
        observed_generation: None,
    };
    condition::set(&mut new, &terminating, now);
    if new == old { Decision::Nothing } else { Decision::Wait(new) }
}

/// The group and plural of what it defines.
pub(crate) fn resource_of(name: &str) -> Option<(&str, &str)> {
    name.split_once('.').map(|(plural, group)| (group, plural))
}
