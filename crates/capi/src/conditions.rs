//! Statuses: Cluster API's v1beta1 conditions with severity, their mirror and summary, and patches that are only made when
//! they change something.

use actions::{Action, StatusPatch};
use api::{
    ObjectExt,
    condition::{self, Condition},
    env::rfc3339,
};
use serde_json::{Map, Value, json};

use crate::pass::{Pass, text};

pub(crate) const READY: &str = "Ready";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
    Info,
}

impl Severity {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Info => "Info",
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "Error" => Self::Error,
            "Warning" => Self::Warning,
            _ => Self::Info,
        }
    }
}

/// What keeps something from being ready.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NotReady {
    pub(crate) severity: Severity,
    pub(crate) reason: String,
    pub(crate) message: String,
}

impl NotReady {
    pub(crate) fn new(severity: Severity, reason: &str, message: impl Into<String>) -> Self {
        Self { severity, reason: reason.into(), message: message.into() }
    }

    pub(crate) fn info(reason: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, reason, message)
    }

    pub(crate) fn error(reason: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, reason, message)
    }

    pub(crate) fn condition(self, kind: &str) -> Condition {
        Condition {
            kind: kind.into(),
            status: "False".into(),
            reason: self.reason,
            message: self.message,
            severity: Some(self.severity.as_str().into()),
            observed_generation: None,
        }
    }
}

pub(crate) fn is_true(kind: &str) -> Condition {
    Condition {
        kind: kind.into(),
        status: "True".into(),
        reason: String::new(),
        message: String::new(),
        severity: None,
        observed_generation: None,
    }
}

/// A provider's Ready condition under another name; without one, the fallback: ready, or why not.
pub(crate) fn mirror(kind: &str, source: &Value, fallback: Option<NotReady>) -> Condition {
    match (condition::find(source, READY), fallback) {
        (Some(ready), _) => Condition {
            kind: kind.into(),
            status: text(ready, "/status").into(),
            reason: text(ready, "/reason").into(),
            message: text(ready, "/message").into(),
            severity: ready["severity"].as_str().map(str::to_string),
            observed_generation: None,
        },
        (None, Some(problem)) => problem.condition(kind),
        (None, None) => is_true(kind),
    }
}

/// The status as it is going to be.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pass: &'a Pass<'a>,
    fields: Map<String, Value>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(pass: &'a Pass<'a>) -> Self {
        Self { pass, fields: pass.object["status"].as_object().cloned().unwrap_or_default() }
    }

    pub(crate) fn set(&mut self, field: &str, value: Value) {
        self.fields.insert(field.into(), value);
    }

    pub(crate) fn remove(&mut self, field: &str) {
        self.fields.remove(field);
    }

    pub(crate) fn get(&self, field: &str) -> &Value {
        self.fields.get(field).unwrap_or(&Value::Null)
    }

    pub(crate) fn flag(&self, field: &str) -> bool {
        self.get(field).as_bool().unwrap_or(false)
    }

    pub(crate) fn number(&self, field: &str) -> i64 {
        self.get(field).as_i64().unwrap_or(0)
    }

    fn conditions(&self) -> Vec<Value> {
        self.get("conditions").as_array().cloned().unwrap_or_default()
    }

    pub(crate) fn condition(&mut self, wanted: &Condition) {
        let mut conditions = self.conditions();
        condition::set(&mut conditions, wanted, &rfc3339(self.pass.env.now));
        // As upstream shows them: Ready first, the others by name.
        conditions.sort_by_key(|each| (each["type"] != READY, text(each, "/type").to_string()));
        self.set("conditions", json!(conditions));
    }

    pub(crate) fn is_true(&self, kind: &str) -> bool {
        self.conditions().iter().any(|each| each["type"] == kind && each["status"] == "True")
    }

    /// A condition of the next contract (`status.v1beta2.conditions`), where Cluster API 1.9 keeps Paused and Deleting.
    pub(crate) fn next_condition(&mut self, kind: &str, status: bool, reason: &str, message: &str) {
        let known = self.get("v1beta2").get("conditions").and_then(Value::as_array);
        let mut conditions = known.cloned().unwrap_or_default();
        let status = if status { "True" } else { "False" };
        let old = conditions.iter().find(|each| each["type"] == kind);
        let since = old.filter(|old| old["status"] == status).and_then(|old| old["lastTransitionTime"].as_str());
        let since = since.map_or_else(|| rfc3339(self.pass.env.now), str::to_string);
        let fresh =
            json!({"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": since});
        match conditions.iter_mut().find(|each| each["type"] == kind) {
            Some(old) => *old = fresh,
            None => conditions.push(fresh),
        }
        conditions.sort_by_key(|each| text(each, "/type").to_string());
        self.set("v1beta2", json!({"conditions": conditions}));
    }

    /// Ready as the worst of the named conditions: errors before warnings before information, in the order given.
    pub(crate) fn summarize(&mut self, kinds: &[&str]) {
        let conditions = self.conditions();
        let named: Vec<&Value> =
            kinds.iter().filter_map(|kind| conditions.iter().find(|each| each["type"] == *kind)).collect();
        let rank = |each: &Value| match (text(each, "/status"), text(each, "/severity")) {
            ("False", "Error") => 0,
            ("False", "Warning") => 1,
            ("False", _) => 2,
            ("True", _) => 3,
            _ => 4,
        };
        // Of equals the first one speaks.
        let Some(worst) = named.iter().min_by_key(|each| rank(each)) else { return };
        let summary = if worst["status"] == "True" {
            is_true(READY)
        } else {
            Condition {
                kind: READY.into(),
                status: text(worst, "/status").into(),
                reason: text(worst, "/reason").into(),
                message: text(worst, "/message").into(),
                severity: worst["severity"].as_str().map(str::to_string),
                observed_generation: None,
            }
        };
        self.condition(&summary);
    }

    /// The patch; `None` when nothing would change.
    pub(crate) fn patch(mut self, why: impl Into<String>) -> Option<Action> {
        let generation = self.pass.object.generation();
        if generation > 0 {
            self.set("observedGeneration", json!(generation));
        }
        self.patch_unobserved(why)
    }

    /// As [`Self::patch`], of a pass that did not come to its end: the generation does not count as observed.
    pub(crate) fn patch_unobserved(self, why: impl Into<String>) -> Option<Action> {
        let current = self.pass.object.get("status").cloned().unwrap_or_else(|| json!({}));
        let patch = difference(&current, &Value::Object(self.fields))?;
        let why: String = why.into();
        Some(Action::Status(StatusPatch {
            target: self.pass.target.clone(),
            patch: json!({"status": patch}),
            reason: why.into(),
        }))
    }
}

/// The RFC 7386 merge patch that makes `new` of `old`; `None` when they are equal.
fn difference(old: &Value, new: &Value) -> Option<Value> {
    let (Some(before), Some(after)) = (old.as_object(), new.as_object()) else {
        return (old != new).then(|| new.clone());
    };
    let mut patch = Map::new();
    for (key, value) in after {
        match before.get(key) {
            Some(known) => {
                if let Some(inner) = difference(known, value) {
                    patch.insert(key.clone(), inner);
                }
            }
            None => {
                patch.insert(key.clone(), value.clone());
            }
        }
    }
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    (!patch.is_empty()).then_some(Value::Object(patch))
}
