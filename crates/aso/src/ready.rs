//! The Ready condition and patches of the status. The same condition written twice is one write.

use actions::{Action, StatusPatch};
use api::{
    ObjectExt,
    condition::{self, Condition},
    env::rfc3339,
    names::ObjectRef,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    names::{READY, reason},
    problem::{CORRELATION, Problem, Severity},
};

/// What the Ready condition will say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ready {
    Succeeded,
    Reconciling,
    Deleting,
    Problem(Problem),
}

impl Ready {
    fn condition(&self, generation: i64) -> Condition {
        let (status, severity, reason, message) = match self {
            Self::Succeeded => ("True", None, reason::SUCCEEDED, ""),
            Self::Reconciling => (
                "False",
                Some(Severity::Info),
                reason::RECONCILING,
                "The resource is in the process of being reconciled by the operator",
            ),
            Self::Deleting => ("False", Some(Severity::Info), reason::DELETING, "The resource is being deleted"),
            Self::Problem(problem) => {
                ("False", Some(problem.severity), problem.reason.as_str(), problem.message.as_str())
            }
        };
        Condition {
            kind: READY.into(),
            status: status.into(),
            reason: reason.into(),
            message: message.into(),
            severity: severity.map(|severity| severity.as_str().to_string()),
            observed_generation: (generation > 0).then_some(generation),
        }
    }

    /// Upstream's rule: "in progress" does not hide a result of the same generation, except what was missing before Azure
    /// was asked.
    fn gives_way_to(&self, existing: &Value, generation: i64) -> bool {
        matches!(self, Self::Reconciling)
            && existing["observedGeneration"].as_i64().unwrap_or(0) == generation
            && (existing["status"] == "True"
                || (matches!(existing["severity"].as_str(), Some("Warning" | "Error"))
                    && !reason::BEFORE_AZURE.contains(&existing["reason"].as_str().unwrap_or_default())))
    }
}

/// The status patch that puts `ready` (and, if given, the fields of a fresh status) into the object; `None` when it would
/// change nothing.
pub(crate) fn patch(
    object: &Value,
    fresh: Option<Map<String, Value>>,
    ready: &Ready,
    now: Timestamp,
    why: &str,
) -> Option<Action> {
    let empty = Map::new();
    let current = object["status"].as_object().unwrap_or(&empty);
    let mut conditions: Vec<Value> = current.get("conditions").and_then(Value::as_array).cloned().unwrap_or_default();
    let generation = object.generation();
    let existing = conditions.iter().find(|each| each["type"] == READY).cloned().unwrap_or(Value::Null);
    if !ready.gives_way_to(&existing, generation) {
        let mut wanted = ready.condition(generation);
        keep_correlation_id(&existing, &mut wanted);
        condition::set(&mut conditions, &wanted, &rfc3339(now));
    }
    let mut wanted = fresh.unwrap_or_else(|| current.clone());
    wanted.insert("conditions".into(), Value::Array(conditions));
    let patch = merge_patch(current, &wanted);
    if patch.is_empty() {
        return None;
    }
    let target = ObjectRef::of(object)?;
    Some(Action::Status(StatusPatch { target, patch: json!({"status": patch}), reason: why.into() }))
}

/// The same failure again, with another correlation id, is the same condition: otherwise every retry would be a write.
fn keep_correlation_id(existing: &Value, wanted: &mut Condition) {
    let stem = |message: &str| message.split(CORRELATION).next().unwrap_or_default().to_string();
    let message = existing["message"].as_str().unwrap_or_default();
    if existing["reason"] == wanted.reason.as_str() && stem(message) == stem(&wanted.message) {
        wanted.message = message.to_string();
    }
}

/// The RFC 7386 patch from one map to another.
pub(crate) fn merge_patch(from: &Map<String, Value>, to: &Map<String, Value>) -> Map<String, Value> {
    let mut patch = Map::new();
    for name in from.keys().filter(|name| !to.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    for (name, value) in to {
        match (from.get(name), value) {
            (Some(old), value) if old == value => {}
            (Some(Value::Object(old)), Value::Object(new)) => {
                patch.insert(name.clone(), Value::Object(merge_patch(old, new)));
            }
            _ => {
                patch.insert(name.clone(), value.clone());
            }
        }
    }
    patch
}
