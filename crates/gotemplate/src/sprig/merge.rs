//! Merging of maps by mergo's rules, which have their oddities: a value that is there and empty counts as missing, an empty value
//! that comes in overwrites a full one only with `overwrite`, and what is taken over is shared with where it came from.

use super::{defaults, limits};
use crate::{
    function::FunctionError,
    value::{Map, MapType, Value},
};

/// Why a merge failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// mergo's own error, which `merge` swallows.
    Refused(FunctionError),
    /// A panic of Go's, which nothing swallows, or a limit of ours.
    Panicked(FunctionError),
}

/// Merges `source` into `target`, which must not be nil.
pub(super) fn merge(target: &Map, source: &Map, overwrite: bool) -> Result<(), Failure> {
    merge_below(&mut limits::Walk::default(), target, source, overwrite, 0)
}

fn merge_below(
    walk: &mut limits::Walk,
    target: &Map,
    source: &Map,
    overwrite: bool,
    depth: usize,
) -> Result<(), Failure> {
    walk.enter(depth).map_err(Failure::Panicked)?;
    // A copy of the entries: both may be the same map.
    let entries: Vec<_> = source.read().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    for (key, incoming) in entries {
        walk.enter(depth).map_err(Failure::Panicked)?;
        let present = target.get(&key);
        if incoming.is_nil() {
            if overwrite {
                assign(target, key, incoming)?;
            }
            continue;
        }
        match (&incoming, &present) {
            (Value::Map(incoming), Some(Value::Map(present))) => {
                merge_below(walk, present, incoming, overwrite, depth + 1)?
            }
            (Value::Map(_), Some(Value::Object(object))) if object.kind_name() == "ptr" && !overwrite => {
                return Err(Failure::Refused(FunctionError::new("src and dst must be of same type")));
            }
            _ => {}
        }
        let is_list = matches!(incoming, Value::List(_) | Value::Bytes(_));
        if is_list && target.map_type() == MapType::String && present.is_some() {
            return Err(Failure::Panicked(FunctionError::new("reflect: call of reflect.Value.IsNil on string Value")));
        }
        // Asked only now: merging into an empty map has filled it.
        let is_full = present.as_ref().is_some_and(|present| !is_empty(present));
        if is_full && matches!((&incoming, &present), (Value::Map(_), Some(Value::Map(_)))) {
            continue;
        }
        if overwrite || !is_full {
            assign(target, key, incoming)?;
        }
    }
    Ok(())
}

/// mergo looks through pointers, so that a pointer to a struct is as full as the struct.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(object) if matches!(object.kind_name(), "ptr" | "struct") => false,
        other => defaults::is_empty(other),
    }
}

fn assign(target: &Map, key: crate::value::Text, value: Value) -> Result<(), Failure> {
    if target.map_type() == MapType::String && !matches!(value, Value::Text(_)) {
        let actual = if matches!(value, Value::List(_) | Value::Bytes(_)) {
            value.type_name()
        } else {
            "interface {}".to_owned()
        };
        let message = format!("reflect.Value.SetMapIndex: value of type {actual} is not assignable to type string");
        return Err(Failure::Panicked(FunctionError::new(message)));
    }
    target.insert(key, value);
    Ok(())
}
