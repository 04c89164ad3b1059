//! `len`, `index` and `slice`.

use super::Outcome;
use crate::{
    function::FunctionError,
    value::{Bytes, Integer, List, MapType, Object, Text, Value},
};

/// What Go's reflection says about the constant nil, which `len` does not expect.
const ZERO_VALUE: &str = "reflect: call of reflect.Value.Type on zero Value";

fn error<T>(message: impl Into<String>) -> Result<T, FunctionError> {
    Err(FunctionError::new(message))
}

pub(super) fn len(arguments: &[Value]) -> Outcome {
    let count = match arguments.first() {
        None | Some(Value::Nil) => return error(ZERO_VALUE),
        Some(Value::NilInterface) => return error("len of nil pointer"),
        Some(Value::Text(text)) => text.len(),
        Some(Value::Bytes(bytes)) => bytes.len(),
        Some(Value::List(list)) => list.len(),
        Some(Value::Map(map)) => map.len(),
        Some(Value::Object(object)) => match object.entries() {
            Some(entries) => entries.len(),
            None => return error(format!("len of type {}", object.type_name())),
        },
        Some(other) => return error(format!("len of type {}", other.type_name())),
    };
    Ok(Value::int(count as i64))
}

pub(super) fn index(arguments: &[Value]) -> Outcome {
    let Some((item, indexes)) = arguments.split_first().filter(|(item, _)| !item.is_nil()) else {
        return error("index of untyped nil");
    };
    let mut item = item.clone();
    for index in indexes {
        item = at(&item, index)?;
    }
    Ok(item)
}

fn at(item: &Value, index: &Value) -> Outcome {
    match item {
        Value::Nil | Value::NilInterface => error("index of nil pointer"),
        Value::Text(text) => {
            let at = position(index, text.len())?;
            element(text.get(at).map(|byte| Value::Integer(Integer::Uint8(*byte))), "string")
        }
        Value::Bytes(bytes) => {
            let at = position(index, bytes.len())?;
            element(bytes.get(at).map(|byte| Value::Integer(Integer::Uint8(*byte))), "slice")
        }
        Value::List(list) => {
            let at = position(index, list.len())?;
            element(list.get(at).cloned(), "slice")
        }
        Value::Map(map) => {
            let found = map.get(key(index)?);
            Ok(found.map(Value::as_element).unwrap_or_else(|| match map.map_type() {
                MapType::String => Value::text(""),
                MapType::Interface | MapType::Values => Value::NilInterface,
            }))
        }
        Value::Object(object) if object.entries().is_some() => entry(object, index),
        other => error(format!("can't index item of type {}", other.type_name())),
    }
}

fn entry(object: &Object, index: &Value) -> Outcome {
    let key = key(index)?;
    if let Some(value) = std::str::from_utf8(key).ok().and_then(|key| object.field(key)) {
        return Ok(value);
    }
    let entries = object.entries().unwrap_or_default();
    Ok(entries.into_iter().find(|(name, _)| name.as_bytes() == key).map_or(Value::NilInterface, |(_, value)| value))
}

/// Go allows the index that is one behind the end, and then fails in its own words.
fn element(value: Option<Value>, of: &str) -> Outcome {
    value.map(Value::as_element).map_or_else(|| error(format!("reflect: {of} index out of range")), Ok)
}

fn key(index: &Value) -> Result<&[u8], FunctionError> {
    match index {
        Value::Text(key) => Ok(key),
        other if other.is_nil() => error("value is nil; should be of type string"),
        other => error(format!("value has type {}; should be string", other.type_name())),
    }
}

/// An index up to and including `capacity`.
fn position(index: &Value, capacity: usize) -> Result<usize, FunctionError> {
    let wide = match index {
        // A number beyond int64 wraps around, as Go's conversion does.
        Value::Integer(Integer::Uint64(value)) => i128::from(*value as i64),
        Value::Integer(integer) => integer.wide(),
        other if other.is_nil() => return error("cannot index slice/array with nil"),
        other => return error(format!("cannot index slice/array with type {}", other.type_name())),
    };
    match usize::try_from(wide).ok().filter(|at| *at <= capacity) {
        Some(at) => Ok(at),
        None => error(format!("index out of range: {wide}")),
    }
}

pub(super) fn slice(arguments: &[Value]) -> Outcome {
    let Some((item, indexes)) = arguments.split_first().filter(|(item, _)| !item.is_nil()) else {
        return error("slice of untyped nil");
    };
    if indexes.len() > 3 {
        return error(format!("too many slice indexes: {}", indexes.len()));
    }
    let length = match item {
        Value::Text(_) if indexes.len() == 3 => return error("cannot 3-index slice a string"),
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(list) => list.len(),
        other => return error(format!("can't slice item of type {}", other.type_name())),
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, length)?;
    }
    let [from, to, end] = bounds;
    if from > to {
        return error(format!("invalid slice index: {from} > {to}"));
    }
    if indexes.len() == 3 && to > end {
        return error(format!("invalid slice index: {to} > {end}"));
    }
    Ok(match item {
        Value::Text(text) => Value::Text(Text::from(&text[from..to])),
        Value::Bytes(bytes) => Value::Bytes(Bytes::from(&bytes[from..to])),
        Value::List(list) => Value::List(List::typed(list.element(), list[from..to].to_vec())),
        other => other.clone(),
    })
}
