//! JSON Merge Patch as evanphx/json-patch does it: RFC 7386, and nulls inside new lists of maps are dropped too.

use serde_json::{Map, Value};

/// Applies a JSON Merge Patch. Recurses as deep as the patch nests, which JSON parsing bounds.
pub fn merge(document: &Value, patch: &Value) -> Value {
    match (document, patch) {
        (Value::Object(document), Value::Object(patch)) => Value::Object(merge_maps(document, patch)),
        (Value::Object(_), patch) => patch.clone(),
        (_, patch) => without_nulls(patch),
    }
}

fn merge_maps(document: &Map<String, Value>, patch: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = document.clone();
    for (key, value) in patch {
        if value.is_null() {
            merged.remove(key);
        } else {
            let below = merge(merged.get(key).unwrap_or(&Value::Null), value);
            merged.insert(key.clone(), below);
        }
    }
    merged
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        scalar => scalar.clone(),
    }
}
