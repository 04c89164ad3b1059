//! One schema that holds whatever any of a kind's versions may hold: the schema of the storage version, so that a write
//! in one version loses nothing when it is stored.

use serde_json::{Map, Value, json};

/// Loosens `into` until it accepts what `other` accepts. Both are structural schemas made by [`super::schema`].
pub(super) fn widen(into: &mut Value, other: &Value) {
    if into == other {
        return;
    }
    let is = |schema: &Value, keyword: &str| schema.get(keyword).is_some_and(|value| value == true);
    let preserve = "x-kubernetes-preserve-unknown-fields";
    if into.get("type") != other.get("type") {
        *into = json!({preserve: true});
        return;
    }
    let shapes_differ = into.get("additionalProperties").is_some() != other.get("additionalProperties").is_some();
    if is(into, preserve) || is(other, preserve) || shapes_differ {
        let kind = into.get("type").cloned();
        *into = json!({preserve: true});
        if let Some(kind) = kind {
            into["type"] = kind;
        }
        return;
    }
    let (Some(into), Some(other)) = (into.as_object_mut(), other.as_object()) else { return };
    union_of_values(into, other);
    for keyword in ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "format"] {
        if into.get(keyword) != other.get(keyword) {
            into.remove(keyword);
        }
    }
    if let (Some(mine), Some(theirs)) = (into.get_mut("items"), other.get("items")) {
        widen(mine, theirs);
    }
    if let (Some(mine), Some(theirs)) = (into.get_mut("additionalProperties"), other.get("additionalProperties")) {
        widen(mine, theirs);
    }
    if let (Some(mine), Some(theirs)) =
        (into.get_mut("properties").and_then(Value::as_object_mut), other.get("properties").and_then(Value::as_object))
    {
        for (name, schema) in theirs {
            match mine.get_mut(name) {
                Some(known) => widen(known, schema),
                None => {
                    mine.insert(name.clone(), schema.clone());
                }
            }
        }
    }
    required_by_both(into, other);
}

fn union_of_values(into: &mut Map<String, Value>, other: &Map<String, Value>) {
    let theirs = other.get("enum").and_then(Value::as_array);
    match (into.get_mut("enum").and_then(Value::as_array_mut), theirs) {
        (Some(mine), Some(theirs)) => {
            mine.extend(theirs.iter().filter(|value| !mine.contains(value)).cloned().collect::<Vec<_>>());
            mine.sort_by_key(|value| value.as_str().unwrap_or_default().to_string());
        }
        _ => {
            into.remove("enum");
        }
    }
}

fn required_by_both(into: &mut Map<String, Value>, other: &Map<String, Value>) {
    let theirs = other.get("required").and_then(Value::as_array);
    let both: Vec<Value> = match (into.get("required").and_then(Value::as_array), theirs) {
        (Some(mine), Some(theirs)) => mine.iter().filter(|name| theirs.contains(name)).cloned().collect(),
        _ => Vec::new(),
    };
    if both.is_empty() {
        into.remove("required");
    } else {
        into.insert("required".into(), both.into());
    }
}
