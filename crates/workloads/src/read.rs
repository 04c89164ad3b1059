//! Reading JSON objects: what is absent or of another type is empty.

use jiff::Timestamp;
use serde_json::{Map, Value};

pub(crate) fn text<'a>(object: &'a Value, at: &str) -> &'a str {
    object.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn number(object: &Value, at: &str) -> Option<i64> {
    object.pointer(at).and_then(Value::as_i64)
}

pub(crate) fn flag(object: &Value, at: &str) -> bool {
    object.pointer(at).and_then(Value::as_bool).unwrap_or_default()
}

pub(crate) fn list<'a>(object: &'a Value, at: &str) -> &'a [Value] {
    object.pointer(at).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

pub(crate) fn map<'a>(object: &'a Value, at: &str) -> Option<&'a Map<String, Value>> {
    object.pointer(at).and_then(Value::as_object)
}

pub(crate) fn time(object: &Value, at: &str) -> Option<Timestamp> {
    text(object, at).parse().ok()
}

pub(crate) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    list(object, "/status/conditions").iter().find(|condition| condition["type"] == kind)
}

/// `spec.replicas`, which the API server fills in.
pub(crate) fn replicas(object: &Value) -> i64 {
    number(object, "/spec/replicas").unwrap_or(1)
}

/// A number or a share of a whole: `25%`. Shares are rounded up or down.
pub(crate) fn int_or_percent(value: Option<&Value>, of: i64, round_up: bool) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => {
            let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
            let share = percent.saturating_mul(of);
            Some(if round_up { share.saturating_add(99).div_euclid(100) } else { share.div_euclid(100) })
        }
        _ => None,
    }
}

/// Fields that are `null` say nothing, and some of them come and go on the way through the API.
pub(crate) fn without_nulls(mut value: Value) -> Value {
    match &mut value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(|value| *value = without_nulls(value.take()));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| *value = without_nulls(value.take())),
        _ => {}
    }
    value
}
