//! What Go's decoder says when a value has the wrong JSON type, for built-in kinds and for the metadata of any object:
//! clients see these texts behind `... cannot be handled as a ...`.

use base64::Engine;
use serde_json::Value;

use super::{Schema, Shape};
use crate::depth;

/// The first value that upstream could not decode: `json: cannot unmarshal string into Go struct field
/// DeploymentSpec.spec.replicas of type int32`. For built-in kinds.
pub fn decode_errors(schema: &Schema, object: &Value) -> Option<String> {
    if depth::exceeds(object, depth::MAX) {
        return Some(depth::message());
    }
    let kind = object.get("kind").and_then(Value::as_str).unwrap_or("Object");
    let place = Place { of: kind.to_string(), path: String::new() };
    walk(schema, object, &place)
}

/// The same for the metadata of a custom resource; the rest of it has no Go type.
pub fn metadata_errors(object: &Value) -> Option<String> {
    let metadata = object.get("metadata")?;
    let schema = crate::builtin::types().get("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")?;
    if depth::exceeds(metadata, depth::MAX) {
        return Some(depth::message());
    }
    walk(schema, metadata, &Place { of: "ObjectMeta".into(), path: "metadata".into() })
}

/// The struct and the path to a value. List indices and map keys are not part of it, as in Go's messages.
struct Place {
    of: String,
    path: String,
}

fn walk(schema: &Schema, value: &Value, place: &Place) -> Option<String> {
    let resolved = schema.resolve();
    let format = schema.checks.as_ref().or(resolved.checks.as_ref()).and_then(|checks| checks.format.as_deref());
    let wrong = |found: &str| {
        let (of, path) = (&place.of, &place.path);
        let target = go_type(schema, format);
        Some(format!("json: cannot unmarshal {found} into Go struct field {of}.{path} of type {target}"))
    };
    match (&resolved.shape, value) {
        (_, Value::Null) | (Shape::Any | Shape::Named(_), _) | (Shape::IntOrString, Value::Number(_)) => None,
        (Shape::String, Value::String(text)) => decode_text(text, format),
        (Shape::IntOrString, Value::String(_)) | (Shape::Boolean, Value::Bool(_)) => None,
        (Shape::Number, Value::Number(_)) => None,
        (Shape::Integer, Value::Number(number)) => {
            let fits = match (number.as_i64(), format) {
                (Some(number), Some("int32")) => i32::try_from(number).is_ok(),
                (number, _) => number.is_some(),
            };
            if fits { None } else { wrong(&format!("number {number}")) }
        }
        (Shape::Array(shape), Value::Array(items)) => items.iter().find_map(|item| walk(&shape.items, item, place)),
        (Shape::Object(shape), Value::Object(map)) => map.iter().find_map(|(key, value)| {
            let of = match schema.shape {
                Shape::Named(name) => name.rsplit('.').next().unwrap_or(name),
                _ => &place.of,
            };
            if let Some(property) = shape.properties.get(key.as_str()) {
                let path = if place.path.is_empty() { key.clone() } else { format!("{}.{key}", place.path) };
                return walk(property, value, &Place { of: of.to_string(), path });
            }
            shape.additional.as_ref().and_then(|additional| walk(additional, value, place))
        }),
        (_, Value::Number(_)) => wrong("number"),
        (_, Value::String(_)) => wrong("string"),
        (_, Value::Bool(_)) => wrong("bool"),
        (_, Value::Array(_)) => wrong("array"),
        (_, Value::Object(_)) => wrong("object"),
    }
}

fn decode_text(text: &str, format: Option<&str>) -> Option<String> {
    match format {
        Some("byte") => match base64::engine::general_purpose::STANDARD.decode(text.replace(['\r', '\n'], "")) {
            Ok(_) => None,
            Err(base64::DecodeError::InvalidByte(at, _)) => Some(format!("illegal base64 data at input byte {at}")),
            Err(_) => Some(format!("illegal base64 data at input byte {}", text.len() / 4 * 4)),
        },
        Some("date-time") if !text.is_empty() && text.parse::<jiff::Timestamp>().is_err() => {
            Some(format!("parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?} as \"2006\""))
        }
        _ => None,
    }
}

/// Go's name of a type: `int32`, `[]v1.Container`, `map[string]string`.
fn go_type(schema: &Schema, format: Option<&str>) -> String {
    if let Shape::Named(name) = schema.shape {
        let mut parts = name.rsplitn(3, '.');
        let (kind, version) = (parts.next().unwrap_or(name), parts.next().unwrap_or("v1"));
        return format!("{version}.{kind}");
    }
    match &schema.shape {
        Shape::Integer => format.unwrap_or("int64").to_string(),
        Shape::Number => "float64".into(),
        Shape::Boolean => "bool".into(),
        Shape::String if format == Some("date-time") => "time.Time".into(),
        Shape::String if format == Some("byte") => "[]uint8".into(),
        Shape::String => "string".into(),
        Shape::IntOrString => "intstr.IntOrString".into(),
        Shape::Array(shape) => format!("[]{}", go_type(&shape.items, None)),
        Shape::Object(shape) => match &shape.additional {
            Some(additional) => format!("map[string]{}", go_type(additional, None)),
            None => "struct".into(),
        },
        Shape::Any | Shape::Named(_) => "interface {}".into(),
    }
}
