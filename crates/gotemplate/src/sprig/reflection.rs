//! Types and kinds by Go's names, and deep copies.

use std::collections::BTreeMap;

use super::{
    arguments::{any, text},
    limits,
};
use crate::{
    function::{Call, Function, FunctionError, Param},
    value::{List, Map, Value},
};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("typeOf", &[Param::Any], |_, arguments| Ok(Value::from(any(arguments, 0).type_name()))),
    Function::new("typeIs", &[Param::Text, Param::Any], |_, arguments| {
        Ok(Value::Bool(*text(arguments, 0)? == any(arguments, 1).type_name().as_str()))
    }),
    Function::new("typeIsLike", &[Param::Text, Param::Any], |_, arguments| {
        let (target, actual) = (text(arguments, 0)?, any(arguments, 1).type_name());
        Ok(Value::Bool(*target == actual.as_str() || actual.strip_prefix('*').is_some_and(|actual| *target == actual)))
    }),
    Function::new("kindOf", &[Param::Any], |_, arguments| Ok(Value::from(any(arguments, 0).kind_name()))),
    Function::new("kindIs", &[Param::Text, Param::Any], |_, arguments| {
        Ok(Value::Bool(*text(arguments, 0)? == any(arguments, 1).kind_name()))
    }),
    Function::new("deepCopy", &[Param::Any], deep_copy),
    Function::new("mustDeepCopy", &[Param::Any], deep_copy),
];

fn deep_copy(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, FunctionError> {
    match any(arguments, 0) {
        nil if nil.is_nil() => Err(FunctionError::new("reflect: call of reflect.Value.Type on zero Value")),
        value => copied(&mut limits::Walk::default(), value, 0),
    }
}

fn copied(walk: &mut limits::Walk, value: &Value, depth: usize) -> Result<Value, FunctionError> {
    walk.enter(depth)?;
    Ok(match value {
        // Go's nil slices and maps stay nil.
        Value::Map(map) if map.is_nil() => value.clone(),
        Value::List(list) if list.is_nil() => value.clone(),
        Value::Map(map) => {
            let mut entries = BTreeMap::new();
            for (key, value) in map.read().iter() {
                entries.insert(key.clone(), copied(walk, value, depth + 1)?);
            }
            Value::Map(Map::typed(map.map_type(), entries))
        }
        Value::List(list) => {
            let items = list.iter().map(|item| copied(walk, item, depth + 1)).collect::<Result<_, _>>()?;
            Value::List(List::typed(list.element(), items))
        }
        other => other.clone(),
    })
}
