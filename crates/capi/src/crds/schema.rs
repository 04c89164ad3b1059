//! Schemas that several of the definitions share, and short constructors of structural-schema nodes.

use serde_json::{Map, Value, json};

pub(super) fn string() -> Value {
    json!({"type": "string"})
}

pub(super) fn boolean() -> Value {
    json!({"type": "boolean"})
}

pub(super) fn int32() -> Value {
    json!({"type": "integer", "format": "int32"})
}

pub(super) fn int64() -> Value {
    json!({"type": "integer", "format": "int64"})
}

pub(super) fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

pub(super) fn strings() -> Value {
    list(string())
}

pub(super) fn map(values: Value) -> Value {
    json!({"type": "object", "additionalProperties": values})
}

pub(super) fn object<const N: usize>(properties: [(&str, Value); N]) -> Value {
    let properties: Map<String, Value> = properties.into_iter().map(|(name, node)| (name.into(), node)).collect();
    json!({"type": "object", "properties": properties})
}

pub(super) fn requiring<const N: usize>(required: &[&str], properties: [(&str, Value); N]) -> Value {
    with(object(properties), "required", json!(required))
}

pub(super) fn with(mut node: Value, key: &str, value: Value) -> Value {
    node[key] = value;
    node
}

/// Any JSON.
pub(super) fn any() -> Value {
    json!({"x-kubernetes-preserve-unknown-fields": true})
}

/// An object of which nothing is known but that it is one.
pub(super) fn open_object() -> Value {
    json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}

/// A list of objects that differ by that field.
pub(super) fn keyed_list(items: Value, key: &str) -> Value {
    with(with(list(items), "x-kubernetes-list-type", json!("map")), "x-kubernetes-list-map-keys", json!([key]))
}

/// `ObjectMeta` of Cluster API: labels and annotations.
pub(super) fn metadata() -> Value {
    object([("annotations", map(string())), ("labels", map(string()))])
}

/// A rule of `x-kubernetes-validations`, with the words and the reason of upstream's webhook.
pub(super) fn rule(node: Value, rule: &str, message: &str, reason: &str, field: &str) -> Value {
    let mut each = json!({"rule": rule, "message": message, "reason": reason});
    if !field.is_empty() {
        each["fieldPath"] = json!(field);
    }
    let mut node = node;
    match node.get_mut("x-kubernetes-validations").and_then(Value::as_array_mut) {
        Some(rules) => rules.push(each),
        None => node["x-kubernetes-validations"] = json!([each]),
    }
    node
}

/// The schema of a whole object that has no status: a template.
pub(super) fn template(spec: Value) -> Value {
    let template = object([("metadata", metadata()), ("spec", spec)]);
    let mut root = root(requiring(&["template"], [("template", template)]), Value::Null);
    if let Some(properties) = root["properties"].as_object_mut() {
        properties.remove("status");
    }
    root
}

/// The schema of a whole object.
pub(super) fn root(spec: Value, status: Value) -> Value {
    object([
        ("apiVersion", string()),
        ("kind", string()),
        ("metadata", json!({"type": "object"})),
        ("spec", spec),
        ("status", status),
    ])
}

/// `corev1.ObjectReference`.
pub(super) fn reference() -> Value {
    let node = object([
        ("apiVersion", string()),
        ("fieldPath", string()),
        ("kind", string()),
        ("name", string()),
        ("namespace", string()),
        ("resourceVersion", string()),
        ("uid", string()),
    ]);
    with(node, "x-kubernetes-map-type", json!("atomic"))
}

/// Cluster API's own conditions, with a severity.
pub(super) fn conditions() -> Value {
    list(requiring(
        &["lastTransitionTime", "status", "type"],
        [
            ("lastTransitionTime", json!({"type": "string", "format": "date-time"})),
            ("message", string()),
            ("reason", string()),
            ("severity", string()),
            ("status", string()),
            ("type", string()),
        ],
    ))
}

/// `metav1.Condition`s, where v1beta1 objects carry those of the next contract.
pub(super) fn next_conditions() -> Value {
    let conditions = list(requiring(
        &["lastTransitionTime", "message", "reason", "status", "type"],
        [
            ("lastTransitionTime", json!({"type": "string", "format": "date-time"})),
            ("message", json!({"type": "string", "maxLength": 32768})),
            ("observedGeneration", json!({"type": "integer", "format": "int64", "minimum": 0})),
            ("reason", json!({"type": "string", "minLength": 1, "maxLength": 1024})),
            ("status", json!({"type": "string", "enum": ["True", "False", "Unknown"]})),
            ("type", json!({"type": "string", "maxLength": 316})),
        ],
    ));
    let conditions = with(conditions, "x-kubernetes-list-type", json!("map"));
    let conditions = with(conditions, "x-kubernetes-list-map-keys", json!(["type"]));
    with(conditions, "maxItems", json!(32))
}

/// `metav1.Condition`-like readiness gates of Cluster API.
pub(super) fn gates() -> Value {
    let pattern = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$";
    let gate = json!({"type": "string", "minLength": 1, "maxLength": 316, "pattern": pattern});
    let gates = list(requiring(&["conditionType"], [("conditionType", gate)]));
    let gates = with(gates, "maxItems", json!(32));
    let gates = with(gates, "x-kubernetes-list-type", json!("map"));
    with(gates, "x-kubernetes-list-map-keys", json!(["conditionType"]))
}

pub(super) fn endpoint() -> Value {
    requiring(&["host", "port"], [("host", string()), ("port", int32())])
}
