//! Sprig's dictionaries: Go's maps, shared by reference, so that `set` and `unset` change what every holder sees. Keys come out
//! sorted where Go's order is random. Merging is in `merge`.

use super::{
    arguments::{any, map, text},
    lists, merge, printing,
};
use crate::{
    function::{Call, Function, FunctionError, Param},
    value::{Map, MapType, Text, Value},
};

type Outcome = Result<Value, FunctionError>;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::variadic("dict", &[], Param::Any, dict),
    Function::new("get", &[Param::Map, Param::Text], |_, arguments| {
        Ok(map(arguments, 0)?.get(text(arguments, 1)?).unwrap_or_else(|| Value::from("")))
    }),
    Function::new("set", &[Param::Map, Param::Text, Param::Any], set),
    Function::new("unset", &[Param::Map, Param::Text], |_, arguments| {
        map(arguments, 0)?.remove(text(arguments, 1)?);
        Ok(plain(map(arguments, 0)?))
    }),
    Function::new("hasKey", &[Param::Map, Param::Text], |_, arguments| {
        Ok(Value::Bool(map(arguments, 0)?.read().contains_key(text(arguments, 1)?.as_bytes())))
    }),
    Function::variadic("pluck", &[Param::Text], Param::Map, pluck),
    Function::variadic("keys", &[], Param::Map, keys),
    Function::new("values", &[Param::Map], |_, arguments| {
        Ok(Value::from(map(arguments, 0)?.read().values().cloned().collect::<Vec<_>>()))
    }),
    Function::variadic("pick", &[Param::Map], Param::Text, |_, arguments| filtered(arguments, true)),
    Function::variadic("omit", &[Param::Map], Param::Text, |_, arguments| filtered(arguments, false)),
    Function::variadic("merge", &[Param::Map], Param::Map, |_, arguments| merged(arguments, false, true)),
    Function::variadic("mustMerge", &[Param::Map], Param::Map, |_, arguments| merged(arguments, false, false)),
    Function::variadic("mergeOverwrite", &[Param::Map], Param::Map, |_, arguments| merged(arguments, true, true)),
    Function::variadic("mustMergeOverwrite", &[Param::Map], Param::Map, |_, arguments| merged(arguments, true, false)),
    Function::variadic("dig", &[], Param::Any, dig),
];

/// The same map as a `map[string]interface {}`, which is what a parameter of that type makes of a named map type.
fn plain(map: &Map) -> Value {
    Value::Map(map.with_type(MapType::Interface))
}

fn dict(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let entries = arguments.chunks(2).map(|pair| {
        let value = pair.get(1).map_or_else(|| Value::from(""), lists::as_element);
        (Text::from(printing::strval(&pair[0])), value)
    });
    Ok(Value::Map(entries.collect()))
}

fn set(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let target = map(arguments, 0)?;
    if target.is_nil() {
        return Err(FunctionError::new("assignment to entry in nil map"));
    }
    target.insert(text(arguments, 1)?.clone(), lists::as_element(any(arguments, 2)));
    Ok(plain(target))
}

fn pluck(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let key = text(arguments, 0)?;
    let mut plucked = Vec::new();
    for index in 1..arguments.len() {
        plucked.extend(map(arguments, index)?.get(key));
    }
    Ok(Value::from(plucked))
}

fn keys(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut keys = Vec::new();
    for index in 0..arguments.len() {
        keys.extend(map(arguments, index)?.read().keys().cloned());
    }
    Ok(super::strings::texts(keys))
}

/// The entries whose key is named, or those whose key is not.
fn filtered(arguments: &[Value], wanted: bool) -> Outcome {
    let mut names = std::collections::BTreeSet::new();
    for index in 1..arguments.len() {
        names.insert(text(arguments, index)?.clone());
    }
    let source = map(arguments, 0)?.read();
    let entries = source.iter().filter(|(key, _)| names.contains(*key) == wanted);
    Ok(Value::Map(entries.map(|(key, value)| (key.clone(), value.clone())).collect()))
}

/// Merges the further maps into the first one, which changes. Without its error, a merge that fails is an empty text.
fn merged(arguments: &[Value], overwrite: bool, swallows: bool) -> Outcome {
    let mut target = map(arguments, 0)?.clone();
    for index in 1..arguments.len() {
        let source = map(arguments, index)?;
        if target.is_nil() && !source.is_nil() {
            target = Map::default();
        }
        match merge::merge(&target, source, overwrite) {
            Ok(()) => {}
            Err(merge::Failure::Refused(_)) if swallows => return Ok(Value::from("")),
            Err(merge::Failure::Refused(error) | merge::Failure::Panicked(error)) => return Err(error),
        }
    }
    Ok(plain(&target))
}

fn dig(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [keys @ .., default, source] = arguments else { return Err(too_few()) };
    if keys.is_empty() {
        return Err(too_few());
    }
    let mut step = source.clone();
    expect_map(&step)?;
    for key in keys {
        if !matches!(key, Value::Text(_)) {
            return Err(conversion(key, "string"));
        }
    }
    for key in keys {
        let (Value::Text(key), below) = (key, expect_map(&step)?) else { return Err(conversion(key, "string")) };
        match below.get(key) {
            Some(found) => step = found,
            None => return Ok(default.clone()),
        }
    }
    Ok(step)
}

fn too_few() -> FunctionError {
    FunctionError::new("dig needs at least three arguments")
}

/// Go asserts the very type: `.Values` itself is of another one, and is refused.
fn expect_map(value: &Value) -> Result<Map, FunctionError> {
    match value {
        Value::Map(map) if map.map_type() == MapType::Interface => Ok(map.clone()),
        other => Err(conversion(other, "map[string]interface {}")),
    }
}

fn conversion(value: &Value, expected: &str) -> FunctionError {
    let actual = if value.is_nil() { "nil".to_owned() } else { value.type_name() };
    FunctionError::new(format!("interface conversion: interface {{}} is {actual}, not {expected}"))
}
