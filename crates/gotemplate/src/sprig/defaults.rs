//! Defaults, choices and failing: what Sprig takes for empty.

use super::arguments::{any, boolean, text};
use crate::{
    function::{Function, FunctionError, Param},
    value::Value,
};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::variadic("default", &[Param::Any], Param::Any, |_, arguments| {
        Ok(match arguments.get(1) {
            Some(given) if !is_empty(given) => given.clone(),
            _ => any(arguments, 0).clone(),
        })
    }),
    Function::new("empty", &[Param::Any], |_, arguments| Ok(Value::Bool(is_empty(any(arguments, 0))))),
    Function::variadic("coalesce", &[], Param::Any, |_, arguments| {
        Ok(arguments.iter().find(|value| !is_empty(value)).cloned().unwrap_or_default())
    }),
    Function::variadic("all", &[], Param::Any, |_, arguments| Ok(Value::Bool(!arguments.iter().any(is_empty)))),
    Function::variadic("any", &[], Param::Any, |_, arguments| Ok(Value::Bool(!arguments.iter().all(is_empty)))),
    Function::new("ternary", &[Param::Any, Param::Any, Param::Bool], |_, arguments| {
        Ok(any(arguments, if boolean(arguments, 2)? { 0 } else { 1 }).clone())
    }),
    Function::new("fail", &[Param::Text], |_, arguments| Err(FunctionError::new(text(arguments, 0)?.to_str()))),
];

/// Nil, false, zero, and texts, lists and maps without elements. A struct never is.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Nil | Value::NilInterface => true,
        Value::Bool(value) => !value,
        Value::Integer(integer) => integer.wide() == 0,
        Value::Float(float) => *float == 0.0,
        Value::Text(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Object(object) => object.kind_name() != "struct" && !object.is_true(),
    }
}
