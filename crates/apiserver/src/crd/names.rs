//! Which names a definition gets: the first to ask holds them. Pure; conditions are worded as upstream's.

use api::condition::{self, Condition};
use serde_json::{Map, Value, json};

use super::text;

/// The status that a definition should have, given the other definitions of its group.
pub(super) fn desired_status(definition: &Value, others: &[Value], now: &str) -> Value {
    let (accepted, conflict) = accept(definition, others);
    let mut conditions =
        definition.pointer("/status/conditions").and_then(Value::as_array).cloned().unwrap_or_default();
    let set = |conditions: &mut Vec<Value>, kind: &str, status: &str, reason: &str, message: &str| {
        let condition = Condition {
            kind: kind.into(),
            status: status.into(),
            reason: reason.into(),
            message: message.into(),
            severity: None,
            observed_generation: None,
        };
        condition::set(conditions, &condition, now);
    };
    match &conflict {
        None => set(&mut conditions, "NamesAccepted", "True", "NoConflicts", "no conflicts found"),
        Some((reason, message)) => set(&mut conditions, "NamesAccepted", "False", reason, message),
    }
    if !is_true(&conditions, "Established") {
        match conflict {
            None => {
                let message = "the initial names have been accepted";
                set(&mut conditions, "Established", "True", "InitialNamesAccepted", message);
            }
            Some(_) => set(&mut conditions, "Established", "False", "NotAccepted", "not all names are accepted"),
        }
    }
    json!({
        "acceptedNames": accepted,
        "conditions": conditions,
        "storedVersions": stored_versions(definition),
    })
}

pub(super) fn is_true(conditions: &[Value], kind: &str) -> bool {
    conditions.iter().any(|condition| condition["type"] == kind && condition["status"] == "True")
}

/// Every version that objects may be stored in: the storage version joins, none leaves by itself.
fn stored_versions(definition: &Value) -> Vec<Value> {
    let stored = definition.pointer("/status/storedVersions").and_then(Value::as_array);
    let mut stored = stored.cloned().unwrap_or_default();
    let versions = definition.pointer("/spec/versions").and_then(Value::as_array);
    for version in versions.into_iter().flatten().filter(|version| version["storage"] == true) {
        if !stored.contains(&version["name"]) {
            stored.push(version["name"].clone());
        }
    }
    stored
}

/// The names that are free, and the first conflict.
fn accept(definition: &Value, others: &[Value]) -> (Value, Option<(&'static str, String)>) {
    let mut resources: Vec<&str> = Vec::new();
    let mut kinds: Vec<&str> = Vec::new();
    for other in others {
        let names = &other["status"]["acceptedNames"];
        resources.extend([text(names, "/plural"), text(names, "/singular")]);
        resources.extend(names["shortNames"].as_array().into_iter().flatten().filter_map(Value::as_str));
        kinds.extend([text(names, "/kind"), text(names, "/listKind")]);
    }
    let requested = &definition["spec"]["names"];
    let mut accepted =
        definition.pointer("/status/acceptedNames").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut conflict = None;
    let mut take = |accepted: &mut Map<String, Value>, field: &str, reason: &'static str, taken: &[&str]| {
        let name = text(requested, &format!("/{field}"));
        if !name.is_empty() && taken.contains(&name) {
            conflict.get_or_insert((reason, format!("\"{name}\" is already in use")));
        } else if !name.is_empty() {
            accepted.insert(field.into(), json!(name));
        }
    };
    take(&mut accepted, "plural", "PluralConflict", &resources);
    take(&mut accepted, "singular", "SingularConflict", &resources);
    take(&mut accepted, "kind", "KindConflict", &kinds);
    take(&mut accepted, "listKind", "ListKindConflict", &kinds);
    let short: Vec<&str> = requested["shortNames"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let taken: Vec<String> = short
        .iter()
        .filter(|name| resources.contains(name))
        .map(|name| format!("\"{name}\" is already in use"))
        .collect();
    if taken.is_empty() {
        copy(requested, &mut accepted, "shortNames");
    } else {
        conflict.get_or_insert(("ShortNamesConflict", taken.join(", ")));
    }
    copy(requested, &mut accepted, "categories");
    (Value::Object(accepted), conflict)
}

fn copy(from: &Value, to: &mut Map<String, Value>, field: &str) {
    match from.get(field) {
        Some(value) => to.insert(field.into(), value.clone()),
        None => to.remove(field),
    };
}
