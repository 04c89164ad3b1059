//! Short constructors of structural-schema nodes; nothing here knows a kind.

use serde_json::{Map, Value, json};

pub(super) fn string() -> Value {
    json!({ "type": "string" })
}

pub(super) fn boolean() -> Value {
    json!({ "type": "boolean" })
}

pub(super) fn integer() -> Value {
    json!({ "type": "integer", "format": "int64" })
}

pub(super) fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

pub(super) fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

pub(super) fn strings() -> Value {
    list(string())
}

pub(super) fn map(values: Value) -> Value {
    json!({ "type": "object", "additionalProperties": values })
}

/// An object with these properties and no required ones.
pub(super) fn object<const N: usize>(properties: [(&str, Value); N]) -> Value {
    let properties: Map<String, Value> =
        properties.into_iter().map(|(name, schema)| (name.to_string(), schema)).collect();
    json!({ "type": "object", "properties": properties })
}

/// An object of which every named property in `required` must be there.
pub(super) fn requiring<const N: usize>(required: &[&str], properties: [(&str, Value); N]) -> Value {
    let mut schema = object(properties);
    schema["required"] = json!(required);
    schema
}

/// The three properties every root schema has.
pub(super) fn root(spec: Value, rest: Vec<(&str, Value)>) -> Value {
    let mut schema = requiring(
        &["metadata", "spec"],
        [("apiVersion", string()), ("kind", string()), ("metadata", json!({ "type": "object" })), ("spec", spec)],
    );
    for (name, value) in rest {
        schema["properties"][name] = value;
    }
    schema
}
