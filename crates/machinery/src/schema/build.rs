//! The compiled form of a CRD's schema. Expects JSON that [`super::structural`] accepted, and reads leniently.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{ArrayShape, Checks, ListType, ObjectShape, Schema, Shape, rules::Rules};

/// The metadata of every object, at the root and in embedded resources.
const OBJECT_META: Shape = Shape::Named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");

/// The schema of a whole object: `apiVersion`, `kind` and `metadata` are there whatever the CRD says.
pub(super) fn root(node: &Value) -> Schema {
    let mut schema = build(node);
    if !matches!(schema.shape, Shape::Object(_)) {
        schema.shape = Shape::Object(Arc::default());
    }
    add_type_and_metadata(&mut schema);
    schema
}

fn add_type_and_metadata(schema: &mut Schema) {
    let Shape::Object(shape) = &mut schema.shape else { return };
    let properties = &mut Arc::make_mut(shape).properties;
    let text = || Schema { shape: Shape::String, ..Schema::default() };
    properties.entry("apiVersion".into()).or_insert_with(text);
    properties.entry("kind".into()).or_insert_with(text);
    let restrictions = properties.remove("metadata");
    let checks = restrictions.map(|restrictions| Arc::new(Checks { all_of: vec![restrictions], ..Checks::default() }));
    properties.insert("metadata".into(), Schema { shape: OBJECT_META, checks, ..Schema::default() });
}

fn text(node: &Value, key: &str) -> Option<Arc<str>> {
    node.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(Arc::from)
}

fn flag(node: &Value, key: &str) -> bool {
    node.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn list<'a>(node: &'a Value, key: &str) -> &'a [Value] {
    node.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn texts(node: &Value, key: &str) -> Vec<Arc<str>> {
    list(node, key).iter().filter_map(Value::as_str).map(Arc::from).collect()
}

pub(super) fn build(node: &Value) -> Schema {
    let checks = checks(node);
    let shape = shape(node);
    let mut schema = Schema {
        ruled: checks.rules.is_some() || is_ruled(&shape),
        shape,
        nullable: flag(node, "nullable"),
        preserve_unknown: flag(node, "x-kubernetes-preserve-unknown-fields"),
        embedded_resource: flag(node, "x-kubernetes-embedded-resource"),
        default: node.get("default").filter(|default| !default.is_null()).cloned(),
        description: text(node, "description"),
        checks: (checks != Checks::default()).then(|| Arc::new(checks)),
        patch: None,
    };
    if schema.embedded_resource {
        add_type_and_metadata(&mut schema);
    }
    schema
}

fn is_ruled(shape: &Shape) -> bool {
    match shape {
        Shape::Object(shape) => shape.properties.values().chain(&shape.additional).any(|schema| schema.ruled),
        Shape::Array(shape) => shape.items.ruled,
        _ => false,
    }
}

fn shape(node: &Value) -> Shape {
    if flag(node, "x-kubernetes-int-or-string") {
        return Shape::IntOrString;
    }
    match node.get("type").and_then(Value::as_str).unwrap_or_default() {
        "object" => Shape::Object(Arc::new(object(node))),
        "array" => Shape::Array(Arc::new(array(node))),
        "string" => Shape::String,
        "integer" => Shape::Integer,
        "number" => Shape::Number,
        "boolean" => Shape::Boolean,
        // Under allOf, anyOf, oneOf and not there are no types: what is said about fields and items is what counts.
        _ if ["properties", "required", "additionalProperties"].iter().any(|key| node.get(key).is_some()) => {
            Shape::Object(Arc::new(object(node)))
        }
        _ if node.get("items").is_some() => Shape::Array(Arc::new(array(node))),
        _ => Shape::Any,
    }
}

fn object(node: &Value) -> ObjectShape {
    let none = Map::new();
    let properties = node.get("properties").and_then(Value::as_object).unwrap_or(&none);
    ObjectShape {
        properties: properties.iter().map(|(key, node)| (Arc::from(key.as_str()), build(node))).collect(),
        required: texts(node, "required"),
        additional: match node.get("additionalProperties") {
            Some(Value::Bool(true)) => Some(Schema::default()),
            Some(schema @ Value::Object(_)) => Some(build(schema)),
            _ => None,
        },
        atomic: node.get("x-kubernetes-map-type") == Some(&json!("atomic")),
    }
}

fn array(node: &Value) -> ArrayShape {
    let list = match node.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("set") => ListType::Set,
        Some("map") => ListType::Map(texts(node, "x-kubernetes-list-map-keys")),
        _ => ListType::Atomic,
    };
    ArrayShape { items: node.get("items").map(build).unwrap_or_default(), list }
}

fn checks(node: &Value) -> Checks {
    let number = |key: &str| node.get(key).and_then(Value::as_f64);
    let count = |key: &str| node.get(key).and_then(Value::as_u64);
    let all = |key: &str| list(node, key).iter().map(build).collect();
    Checks {
        enumeration: list(node, "enum").to_vec(),
        pattern: text(node, "pattern"),
        format: text(node, "format"),
        minimum: number("minimum"),
        exclusive_minimum: flag(node, "exclusiveMinimum"),
        maximum: number("maximum"),
        exclusive_maximum: flag(node, "exclusiveMaximum"),
        multiple_of: number("multipleOf"),
        min_length: count("minLength"),
        max_length: count("maxLength"),
        min_items: count("minItems"),
        max_items: count("maxItems"),
        min_properties: count("minProperties"),
        max_properties: count("maxProperties"),
        unique_items: flag(node, "uniqueItems"),
        all_of: all("allOf"),
        any_of: all("anyOf"),
        one_of: all("oneOf"),
        not: node.get("not").filter(|not| not.is_object()).map(|not| Box::new(build(not))),
        rules: Rules::of(node),
    }
}
