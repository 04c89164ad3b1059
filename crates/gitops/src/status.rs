//! The status document, and the smallest patch from the one that is there. No patch, no write: timestamps move only
//! together with something else.

use actions::{Action, Reason, Verb, Write};
use api::{
    ObjectExt,
    argoproj::{Application, Condition, Health, Operation, REFRESH_ANNOTATION, Status},
    env::rfc3339,
    names::ObjectRef,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    compare::{Comparison, Verdict},
    recorded,
    validate::Finding,
};

/// Condition types that a pass decides anew; conditions of other types are left as they are.
const EVALUATED: [&str; 12] = [
    "ComparisonError",
    "InvalidSpecError",
    "UnknownError",
    "SyncError",
    "SharedResourceWarning",
    "RepeatedResourceWarning",
    "ExcludedResourceWarning",
    "UnknownFieldWarning",
    "ManagedReplicasWarning",
    "UnsupportedOptionWarning",
    "HelmValuesWarning",
    "SourceSubstituted",
];

/// What happens to the `operation` slot together with the status.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Slot {
    Keep,
    Set(Box<Operation>),
    Clear,
}

/// The status after a comparison; operation state and history are left alone.
pub(crate) fn compared(
    app: &Application,
    comparison: &Comparison,
    verdict: Verdict,
    findings: &[Finding],
    control_namespace: &str,
    now: Timestamp,
) -> Status {
    let mut status = app.status.clone();
    set_conditions(&mut status.conditions, findings, now);
    set_health(&mut status.health, verdict.health.as_str(), &verdict.health_message, now);
    status.sync = Some(verdict.sync);
    status.resources = verdict.resources;
    status.summary.images = verdict.summary.images;
    status.summary.is_app_of_apps = verdict.summary.is_app_of_apps;
    status.controller_namespace = control_namespace.to_string();
    // Health is kept per resource, upstream's `controller.resource.health.persist`.
    status.resource_health_source = String::new();
    if !comparison.source_type.is_empty() {
        status.source_type = comparison.source_type.to_string();
    }
    status
}

/// The status of an Application whose spec is refused: nothing is known, and the last comparison stays readable.
pub(crate) fn refused(app: &Application, findings: &[Finding], now: Timestamp) -> Status {
    let mut status = app.status.clone();
    set_conditions(&mut status.conditions, findings, now);
    status.sync.get_or_insert_default().status = "Unknown".into();
    set_health(&mut status.health, "Unknown", "", now);
    status
}

fn set_health(health: &mut Health, code: &str, message: &str, now: Timestamp) {
    if health.status != code {
        health.last_transition_time = rfc3339(now);
    }
    health.status = code.to_string();
    health.message = message.to_string();
}

/// Same type and message: same condition, with its old time.
pub(crate) fn set_conditions(conditions: &mut Vec<Condition>, findings: &[Finding], now: Timestamp) {
    let old = std::mem::take(conditions);
    for (kind, message) in findings {
        let known = old.iter().find(|c| c.r#type == *kind && c.message == *message);
        let time = known.map(|c| c.last_transition_time.clone()).unwrap_or_else(|| rfc3339(now));
        let condition = Condition { r#type: (*kind).to_string(), message: message.clone(), last_transition_time: time };
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    conditions.extend(old.into_iter().filter(|c| !EVALUATED.contains(&c.r#type.as_str())));
    conditions.sort_by(|a, b| {
        (&a.r#type, &a.message, &a.last_transition_time).cmp(&(&b.r#type, &b.message, &b.last_transition_time))
    });
}

/// One write that takes the object to the new status, or none. The resourceVersion in it makes a concurrent change of the
/// user's a conflict and not a loss.
pub(crate) fn write(object: &Value, status: Status, slot: Slot, now: Timestamp, reason: &str) -> Option<Action> {
    let before = object.get("status").cloned().unwrap_or_else(|| json!({}));
    let mut patch = Map::new();
    let serialise = |status: &Status| recorded::form(serde_json::to_value(status).unwrap_or_default());
    if difference(&before, &serialise(&status)).is_some() {
        let status = Status { reconciled_at: rfc3339(now), ..status };
        patch.extend(difference(&before, &serialise(&status)).map(|change| ("status".to_string(), change)));
    }
    match slot {
        Slot::Keep => {}
        Slot::Set(operation) => {
            patch.insert("operation".into(), serde_json::to_value(operation).unwrap_or_default());
        }
        Slot::Clear => {
            patch.insert("operation".into(), Value::Null);
        }
    }
    if object.annotation(REFRESH_ANNOTATION).is_some() {
        patch.insert("metadata".into(), json!({ "annotations": { REFRESH_ANNOTATION: null } }));
    }
    if patch.is_empty() {
        return None;
    }
    let mut patch = Value::Object(patch);
    patch["metadata"]["resourceVersion"] = json!(object.resource_version().unwrap_or_default());
    let target = ObjectRef::of(object)?;
    Some(Action::Write(Write { target, verb: Verb::Merge { patch }, reason: Reason(reason.to_string()) }))
}

/// The RFC 7386 patch from one document to another; `None` when they are equal.
fn difference(before: &Value, after: &Value) -> Option<Value> {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        return (before != after).then(|| after.clone());
    };
    let mut patch = Map::new();
    for (key, value) in new {
        match old.get(key) {
            Some(known) => patch.extend(difference(known, value).map(|change| (key.clone(), change))),
            None => {
                patch.insert(key.clone(), value.clone());
            }
        }
    }
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    (!patch.is_empty()).then_some(Value::Object(patch))
}
