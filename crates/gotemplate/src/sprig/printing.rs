//! How Sprig turns values into text: `strval`, which takes bytes and errors as their text, and Go's `%v` and `%q` below it.

use super::lists;
use crate::value::{Text, Value};

/// Sprig's `strval`.
pub(crate) fn strval(value: &Value) -> Vec<u8> {
    match value {
        Value::Text(text) => text.to_vec(),
        Value::Bytes(bytes) => bytes.to_vec(),
        other => print(other),
    }
}

/// Go's `%v`.
pub(crate) fn print(value: &Value) -> Vec<u8> {
    crate::print::print(value)
}

/// Go's `%q`.
pub(crate) fn quoted(text: &[u8]) -> String {
    crate::print::quote(text)
}

/// Sprig's `strslice`: the elements that are not nil as text, or the one value.
pub(crate) fn to_strings(value: &Value) -> Vec<Text> {
    if value.is_nil() {
        return Vec::new();
    }
    match lists::items(value) {
        Some(items) => items.iter().filter(|item| !item.is_nil()).map(as_text).collect(),
        None => vec![as_text(value)],
    }
}

fn as_text(value: &Value) -> Text {
    match value {
        Value::Text(text) => text.clone(),
        other => strval(other).into(),
    }
}
