//! Objects that say how they are in a Ready condition: Azure Service Operator's, Cluster API's, cert-manager's.

use api::{ObjectExt, condition};
use serde_json::Value;

use super::{Code, Health};

/// Azure Service Operator: `Ready` with a severity. Error and Warning mean that somebody must act.
pub(super) fn azure(object: &Value, _kind: &str) -> Option<Health> {
    Some(conditions(object, &["Ready"]))
}

/// Cluster API and its providers. Templates, classes and identities only describe and have no health.
pub(super) fn cluster_api(object: &Value, kind: &str) -> Option<Health> {
    if kind.ends_with("Template") || kind.ends_with("Identity") || kind == "ClusterClass" {
        return None;
    }
    match object.pointer("/status/phase").and_then(Value::as_str) {
        Some("Failed") => return Some(Health::new(Code::Degraded, failure(object))),
        Some("Deleting") => return Some(Health::new(Code::Progressing, "Deleting")),
        _ => {}
    }
    if ["Ready", "Available"].iter().any(|kind| condition::find(object, kind).is_some()) {
        return Some(conditions(object, &["Ready", "Available"]));
    }
    Some(match object.pointer("/status/ready").and_then(Value::as_bool) {
        Some(true) => Health::new(Code::Healthy, ""),
        _ => Health::new(Code::Progressing, "Waiting for a Ready condition"),
    })
}

fn failure(object: &Value) -> &str {
    let message = object.pointer("/status/failureMessage").and_then(Value::as_str);
    message.or_else(|| condition::find(object, "Ready")?.get("message")?.as_str()).unwrap_or("phase is Failed")
}

/// The first of these conditions that is there decides, once it was written for the current generation.
pub(super) fn conditions(object: &Value, kinds: &[&str]) -> Health {
    let Some(found) = kinds.iter().find_map(|kind| condition::find(object, kind)) else {
        return Health::new(Code::Progressing, "Waiting for a Ready condition");
    };
    let text = |field: &str| found.get(field).and_then(Value::as_str).unwrap_or_default();
    if let Some(observed) = found.get("observedGeneration").and_then(Value::as_i64)
        && observed < object.generation()
    {
        let message = format!("Waiting for generation {} to be observed", object.generation());
        return Health::new(Code::Progressing, message);
    }
    let message = match (text("reason"), text("message")) {
        ("", message) => message.to_string(),
        (reason, "") => reason.to_string(),
        (reason, message) => format!("{reason}: {message}"),
    };
    match (text("status"), text("severity")) {
        ("True", _) => Health::new(Code::Healthy, text("message")),
        (_, "Error" | "Warning") => Health::new(Code::Degraded, message),
        _ => Health::new(Code::Progressing, message),
    }
}
