//! Uniqueness of `x-kubernetes-list-type: set` and `map`, and which old item a new one goes with.

use std::collections::BTreeMap;

use api::status::Cause;
use serde_json::{Map, Value, json};

use super::{ListType, Schema, Shape, compile::join};
use crate::field;

/// The old item with the same keys; only maps correlate, and an item without all of its keys is nobody's successor.
pub(crate) fn correlate<'a>(list: &ListType, old: &'a [Value], item: &Value) -> Option<&'a Value> {
    let ListType::Map(keys) = list else { return None };
    if keys.iter().any(|key| item.get(&**key).is_none_or(Value::is_null)) {
        return None;
    }
    old.iter().find(|old| keys.iter().all(|key| old.get(&**key) == item.get(&**key)))
}

/// Duplicates in sets and maps, everywhere below.
pub(super) fn check_lists(schema: &Schema, value: &Value, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    walk(schema, value, path, &mut causes);
    causes
}

fn walk(schema: &Schema, value: &Value, path: &str, causes: &mut Vec<Cause>) {
    match (&schema.resolve().shape, value) {
        (Shape::Object(shape), Value::Object(map)) => {
            for (key, value) in map {
                if let Some(property) = shape.properties.get(key.as_str()) {
                    walk(property, value, &join(path, key), causes);
                } else if let Some(additional) = &shape.additional {
                    walk(additional, value, &format!("{path}[{key}]"), causes);
                }
            }
        }
        (Shape::Array(shape), Value::Array(items)) => {
            match &shape.list {
                ListType::Set => {
                    for index in repeated(items) {
                        causes.push(field::duplicate(&format!("{path}[{index}]"), &items[index]));
                    }
                }
                ListType::Map(keys) => check_keys(keys, items, path, causes),
                ListType::Atomic => {}
            }
            for (index, item) in items.iter().enumerate() {
                walk(&shape.items, item, &format!("{path}[{index}]"), causes);
            }
        }
        _ => {}
    }
}

fn check_keys(keys: &[std::sync::Arc<str>], items: &[Value], path: &str, causes: &mut Vec<Cause>) {
    if let Some(index) = items.iter().position(|item| !item.is_object() && !item.is_null()) {
        let detail = "must be an object for an array of list-type map";
        causes.push(field::invalid(&format!("{path}[{index}]"), &items[index], detail));
        return;
    }
    let names: Vec<Value> = items
        .iter()
        .map(|item| {
            let found = keys.iter().filter_map(|key| Some((key.to_string(), item.get(&**key)?.clone())));
            Value::Object(found.collect::<Map<_, _>>())
        })
        .collect();
    for index in repeated(&names) {
        causes.push(field::duplicate(&format!("{path}[{index}]"), &names[index]));
    }
}

/// The index of the second occurrence of everything that occurs more than once.
fn repeated(items: &[Value]) -> Vec<usize> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut repeated = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let count = seen.entry(json!(item).to_string()).or_default();
        *count += 1;
        if *count == 2 {
            repeated.push(index);
        }
    }
    repeated
}
