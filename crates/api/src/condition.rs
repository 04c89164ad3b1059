//! Conditions, as Kubernetes objects carry them, and the one rule about their transition time.

use serde_json::{Map, Value, json};

/// A condition without its transition time; [`set`] works that out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    pub reason: String,
    pub message: String,
    pub severity: Option<String>,
    pub observed_generation: Option<i64>,
}

/// Puts the condition into the list. `lastTransitionTime` moves only when `status` (or, as ASO has it, severity or reason)
/// changes, so that writing the same condition twice changes nothing.
pub fn set(conditions: &mut Vec<Value>, condition: &Condition, now: &str) {
    let existing = conditions.iter_mut().find(|c| c["type"] == condition.kind.as_str());
    let same = |old: &Value, field: &str, new: Option<&str>| {
        old.get(field).and_then(Value::as_str).unwrap_or("") == new.unwrap_or("")
    };
    let transition = match &existing {
        Some(old)
            if same(old, "status", Some(&condition.status))
                && same(old, "reason", Some(&condition.reason))
                && same(old, "severity", condition.severity.as_deref()) =>
        {
            old["lastTransitionTime"].as_str().unwrap_or(now).to_string()
        }
        _ => now.to_string(),
    };
    let mut fresh = Map::new();
    fresh.insert("type".into(), json!(condition.kind));
    fresh.insert("status".into(), json!(condition.status));
    fresh.insert("lastTransitionTime".into(), json!(transition));
    if !condition.reason.is_empty() {
        fresh.insert("reason".into(), json!(condition.reason));
    }
    if !condition.message.is_empty() {
        fresh.insert("message".into(), json!(condition.message));
    }
    if let Some(severity) = &condition.severity {
        fresh.insert("severity".into(), json!(severity));
    }
    if let Some(generation) = condition.observed_generation {
        fresh.insert("observedGeneration".into(), json!(generation));
    }
    match existing {
        Some(old) => *old = Value::Object(fresh),
        None => conditions.push(Value::Object(fresh)),
    }
}

/// The condition of that type in an object's `status.conditions`.
pub fn find<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object.pointer("/status/conditions")?.as_array()?.iter().find(|c| c["type"] == kind)
}
