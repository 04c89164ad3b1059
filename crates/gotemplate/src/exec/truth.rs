//! Go's truth: what `if`, `and`, `or` and `not` make of a value.

use crate::value::Value;

/// Whether the value is not the zero of its type, nor empty.
pub fn is_true(value: &Value) -> bool {
    match value {
        Value::Nil | Value::NilInterface => false,
        Value::Bool(value) => *value,
        Value::Integer(integer) => integer.wide() != 0,
        Value::Float(value) => *value != 0.0,
        Value::Text(text) => !text.is_empty(),
        Value::Bytes(bytes) => !bytes.is_empty(),
        Value::List(list) => !list.is_empty(),
        Value::Map(map) => !map.is_empty(),
        Value::Object(object) => object.is_true(),
    }
}
