//! `reflect.DeepEqual`: types must be the same, all the way down; a nil list is not an empty one; NaN is not NaN, unless both sit
//! in the same map.

use std::collections::BTreeSet;

use super::{arguments::any, limits};
use crate::{
    function::{Function, FunctionError, Param},
    value::{List, Map, Value},
};

pub(crate) const FUNCTIONS: &[Function] = &[Function::new("deepEqual", &[Param::Any, Param::Any], |_, arguments| {
    deep_equal(any(arguments, 0), any(arguments, 1)).map(Value::Bool)
})];

pub(super) fn deep_equal(one: &Value, other: &Value) -> Result<bool, FunctionError> {
    equal_below(&mut limits::Walk::default(), one, other, 0)
}

fn equal_below(walk: &mut limits::Walk, one: &Value, other: &Value, depth: usize) -> Result<bool, FunctionError> {
    walk.enter(depth)?;
    Ok(match (one, other) {
        (Value::Nil | Value::NilInterface, Value::Nil | Value::NilInterface) => true,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::Integer(one), Value::Integer(other)) => one == other,
        (Value::Float(one), Value::Float(other)) => one == other,
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::Bytes(one), Value::Bytes(other)) => one == other,
        (Value::List(one), Value::List(other)) => lists_equal(walk, one, other, depth)?,
        (Value::Map(one), Value::Map(other)) => maps_equal(walk, one, other, depth)?,
        (Value::Object(one), Value::Object(other)) => {
            one.type_name() == other.type_name() && one.to_json() == other.to_json() && one.print() == other.print()
        }
        _ => false,
    })
}

fn lists_equal(walk: &mut limits::Walk, one: &List, other: &List, depth: usize) -> Result<bool, FunctionError> {
    if one.element() != other.element() || one.is_nil() != other.is_nil() || one.len() != other.len() {
        return Ok(false);
    }
    // Go compares the pointers first, so that a list with NaN equals itself.
    if std::ptr::eq(one.as_ptr(), other.as_ptr()) {
        return Ok(true);
    }
    for (one, other) in one.iter().zip(other.iter()) {
        if !equal_below(walk, one, other, depth + 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn maps_equal(walk: &mut limits::Walk, one: &Map, other: &Map, depth: usize) -> Result<bool, FunctionError> {
    if one.map_type() != other.map_type() || one.is_nil() != other.is_nil() || one.len() != other.len() {
        return Ok(false);
    }
    if one.is(other) {
        return Ok(true);
    }
    let (one, other) = (one.read(), other.read());
    for ((one_key, one), (other_key, other)) in one.iter().zip(other.iter()) {
        if one_key != other_key || !equal_below(walk, one, other, depth + 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A set of values under `DeepEqual`: scalars by key, so that `uniq` of a long list ends; the rest one by one.
#[derive(Debug, Default)]
pub(super) struct Set {
    scalars: BTreeSet<Vec<u8>>,
    others: Vec<Value>,
    walk: limits::Walk,
}

impl Set {
    /// Whether the value was not there yet.
    pub(super) fn insert(&mut self, value: &Value) -> Result<bool, FunctionError> {
        if let Some(key) = scalar_key(value) {
            return Ok(self.scalars.insert(key));
        }
        if self.contains(value)? {
            return Ok(false);
        }
        self.others.push(value.clone());
        Ok(true)
    }

    pub(super) fn contains(&mut self, value: &Value) -> Result<bool, FunctionError> {
        if let Some(key) = scalar_key(value) {
            return Ok(self.scalars.contains(&key));
        }
        for other in &self.others {
            if equal_below(&mut self.walk, value, other, 0)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn scalar_key(value: &Value) -> Option<Vec<u8>> {
    let key = |kind: &str, bytes: &[u8]| Some([kind.as_bytes(), b":", bytes].concat());
    match value {
        Value::Nil | Value::NilInterface => key("nil", b""),
        Value::Bool(value) => key("bool", &[u8::from(*value)]),
        Value::Integer(integer) => key(integer.type_name(), &integer.wide().to_be_bytes()),
        // NaN equals nothing; 0 and -0 are equal.
        Value::Float(float) if !float.is_nan() => key("float64", &(*float + 0.0).to_bits().to_be_bytes()),
        Value::Text(text) => key("string", text),
        _ => None,
    }
}
