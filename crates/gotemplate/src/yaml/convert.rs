//! Between a template's values and JSON, as Go's `encoding/json` does it.

use serde_json::Value as Json;

use super::build::json_number;
use crate::{
    print::runes,
    value::{Integer, List, Text, Value},
};

/// Deeper trees are cut: `set` can put a map into itself, which Go's encoder refuses.
const MAX_DEPTH: usize = 512;

/// Numbers without a fraction become integers; what is no UTF-8 is replaced, byte by byte; bytes become base64; what is no
/// number, and what is nested too deep, becomes null.
pub fn to_json(value: &Value) -> Json {
    to_json_at(value, 0)
}

fn to_json_at(value: &Value, depth: usize) -> Json {
    if depth > MAX_DEPTH {
        return Json::Null;
    }
    match value {
        Value::Nil | Value::NilInterface => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Integer(Integer::Uint64(value)) => Json::Number((*value).into()),
        Value::Integer(integer) => Json::Number(i64::try_from(integer.wide()).unwrap_or(i64::MAX).into()),
        Value::Float(value) if value.is_finite() => Json::Number(json_number(*value)),
        Value::Float(_) => Json::Null,
        Value::Text(text) => Json::String(utf8(text)),
        Value::Bytes(bytes) => {
            use base64::Engine as _;
            Json::String(base64::engine::general_purpose::STANDARD.encode(bytes))
        }
        Value::List(list) if list.is_nil() => Json::Null,
        Value::Map(map) if map.is_nil() => Json::Null,
        Value::List(list) => Json::Array(list.iter().map(|item| to_json_at(item, depth + 1)).collect()),
        Value::Map(map) => {
            let entries = map.read();
            Json::Object(entries.iter().map(|(key, value)| (utf8(key), to_json_at(value, depth + 1))).collect())
        }
        Value::Object(object) => object.to_json(),
    }
}

fn utf8(text: &Text) -> String {
    text.as_str().map_or_else(|| runes::runes(text).collect(), str::to_owned)
}

/// As Go decodes JSON into an `interface {}`: all numbers become floats.
pub fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::NilInterface,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Float(number.as_f64().unwrap_or(0.0)),
        Json::String(text) => Value::Text(text.as_str().into()),
        Json::Array(items) => Value::List(List::new(items.iter().map(from_json).collect())),
        Json::Object(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (key.as_str().into(), from_json(value))).collect())
        }
    }
}
