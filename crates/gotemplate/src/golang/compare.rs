//! Comparison by Go's rules: only basic types of one kind, integers of either sign, and nil.

use std::cmp::Ordering;

use crate::{
    function::{Dialect, FunctionError},
    print::{print, sprintf},
    value::{Integer, Value},
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    Uint,
    Float,
    Text,
    Other,
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Bool(_) => Kind::Bool,
        Value::Integer(Integer::Uint8(_) | Integer::Uint64(_)) => Kind::Uint,
        Value::Integer(_) => Kind::Int,
        Value::Float(_) => Kind::Float,
        Value::Text(_) => Kind::Text,
        _ => Kind::Other,
    }
}

/// Why two values do not compare.
pub(super) enum Error {
    Incompatible { left: String, right: String },
    Other(String),
}

impl Error {
    fn new(message: impl Into<String>) -> Self {
        Self::Other(message.into())
    }

    /// Helm 3 is built with a Go that does not name the types yet.
    pub(super) fn message(self, dialect: Dialect) -> FunctionError {
        FunctionError::new(match (self, dialect) {
            (Self::Incompatible { .. }, Dialect::Helm3) => "incompatible types for comparison".to_owned(),
            (Self::Incompatible { left, right }, Dialect::Helm4) => {
                format!("incompatible types for comparison: {left} and {right}")
            }
            (Self::Other(message), _) => message,
        })
    }
}

type Outcome = Result<Value, Error>;

fn incompatible(left: &Value, right: &Value) -> Error {
    Error::Incompatible { left: left.type_name(), right: right.type_name() }
}

/// `eq a b c`: whether a equals one of the others.
pub(super) fn eq(arguments: &[Value]) -> Outcome {
    let Some((left, rest)) = arguments.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return Err(Error::new("missing argument for comparison"));
    };
    for right in rest {
        if equal(left, right)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn equal(left: &Value, right: &Value) -> Result<bool, Error> {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Ok(left == right),
        (Value::Integer(left), Value::Integer(right)) => Ok(left.wide() == right.wide()),
        (Value::Float(left), Value::Float(right)) => Ok(left == right),
        (Value::Text(left), Value::Text(right)) => Ok(left == right),
        _ if left.is_nil() || right.is_nil() => Ok(left.is_nil() && right.is_nil()),
        _ if kind(left) != kind(right) => Err(incompatible(left, right)),
        _ => equal_others(left, right),
    }
}

/// Lists and maps compare with nil only.
fn equal_others(left: &Value, right: &Value) -> Result<bool, Error> {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) if left.kind_name() == right.kind_name() => {
            Ok(std::ptr::addr_eq(&**left, &**right))
        }
        _ if left.kind_name() != right.kind_name() => Err(Error::new(format!(
            "non-comparable types {}: {}, {}: {}",
            shown(left),
            left.type_name(),
            right.type_name(),
            String::from_utf8_lossy(&print(right))
        ))),
        _ => Err(Error::new(format!("non-comparable type {}: {}", shown(right), right.type_name()))),
    }
}

fn shown(value: &Value) -> String {
    String::from_utf8_lossy(&sprintf(b"%s", std::slice::from_ref(value))).into_owned()
}

fn order(left: &Value, right: &Value) -> Result<Option<Ordering>, Error> {
    let invalid = || Error::new("invalid type for comparison");
    if kind(left) == Kind::Other || kind(right) == Kind::Other {
        return Err(invalid());
    }
    match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => Ok(Some(left.wide().cmp(&right.wide()))),
        (Value::Float(left), Value::Float(right)) => Ok(left.partial_cmp(right)),
        (Value::Text(left), Value::Text(right)) => Ok(Some(left.cmp(right))),
        _ if kind(left) == kind(right) => Err(invalid()),
        _ => Err(incompatible(left, right)),
    }
}

fn pair(arguments: &[Value]) -> Result<(&Value, &Value), Error> {
    match arguments {
        [left, right] => Ok((left, right)),
        _ => Err(Error::new("missing argument for comparison")),
    }
}

pub(super) fn ne(arguments: &[Value]) -> Outcome {
    let (left, right) = pair(arguments)?;
    Ok(Value::Bool(!equal(left, right)?))
}

fn less(arguments: &[Value]) -> Result<bool, Error> {
    let (left, right) = pair(arguments)?;
    Ok(order(left, right)? == Some(Ordering::Less))
}

fn less_or_equal(arguments: &[Value]) -> Result<bool, Error> {
    let (left, right) = pair(arguments)?;
    Ok(less(arguments)? || equal(left, right)?)
}

pub(super) fn lt(arguments: &[Value]) -> Outcome {
    less(arguments).map(Value::Bool)
}

pub(super) fn le(arguments: &[Value]) -> Outcome {
    less_or_equal(arguments).map(Value::Bool)
}

/// As in Go, the inverse of `le`, also for what is no number.
pub(super) fn gt(arguments: &[Value]) -> Outcome {
    less_or_equal(arguments).map(|less| Value::Bool(!less))
}

pub(super) fn ge(arguments: &[Value]) -> Outcome {
    less(arguments).map(|less| Value::Bool(!less))
}
