//! Strategic merge patch: a merge patch that merges lists by their merge keys, with directives (`$patch`,
//! `$deleteFromPrimitiveList/x`, `$setElementOrder/x`, `$retainKeys`). For built-in kinds only: custom resources answer 415.

use std::collections::BTreeSet;

use api::{go, status::Status};
use serde_json::{Map, Value};

use super::{
    order::{index, normalize},
    unprocessable,
};
use crate::{
    depth,
    schema::{PatchFacts, Schema, Shape},
};

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList";
const SET_ORDER: &str = "$setElementOrder";

type Object = Map<String, Value>;

/// Applies a strategic merge patch. A malformed patch is 400 or 422, as upstream answers.
pub fn strategic(schema: &Schema, document: &Value, patch: &Value) -> Result<Value, Status> {
    let Value::Object(patch) = patch else { return Err(Status::bad_request("invalid JSON document")) };
    let Value::Object(document) = document else { return Err(Status::bad_request("invalid JSON document")) };
    if patch.values().any(|value| depth::exceeds(value, depth::MAX - 1)) {
        return Err(Status::bad_request(depth::message()));
    }
    merge_map(document.clone(), patch.clone(), Node { schema: Some(schema) }).map(Value::Object)
}

/// A place in the schema; unknown places merge maps and replace lists.
#[derive(Clone, Copy)]
struct Node<'a> {
    schema: Option<&'a Schema>,
}

impl<'a> Node<'a> {
    fn field(self, name: &str) -> Self {
        let schema = match self.schema.map(|schema| &schema.resolve().shape) {
            Some(Shape::Object(shape)) => shape.properties.get(name).or(shape.additional.as_ref()),
            _ => None,
        };
        Self { schema }
    }

    fn items(self) -> Self {
        let schema = match self.schema.map(|schema| &schema.resolve().shape) {
            Some(Shape::Array(shape)) => Some(&shape.items),
            _ => None,
        };
        Self { schema }
    }

    fn facts(self) -> Option<&'a PatchFacts> {
        self.schema.and_then(|schema| schema.patch.as_deref())
    }

    fn merge_key(self) -> Option<&'a str> {
        self.facts().and_then(|facts| facts.merge_key.as_deref())
    }

    fn merges(self) -> bool {
        self.facts().is_some_and(|facts| facts.merge)
    }
}

fn bad(message: &str) -> Status {
    Status::bad_request(message)
}

/// What upstream reports as a plain error, without a reason.
fn failed(message: String) -> Status {
    Status::failure(500, "", message)
}

fn no_merge_key(item: &Object, key: &str) -> Status {
    failed(format!("map: {} does not contain declared merge key: {key}", go::plain(&Value::Object(item.clone()))))
}

fn merge_map(mut live: Object, mut patch: Object, node: Node<'_>) -> Result<Object, Status> {
    if let Some(directive) = patch.remove(DIRECTIVE) {
        return match directive.as_str() {
            Some("replace") => Ok(patch),
            Some("delete") => Ok(Object::new()),
            _ => {
                patch.insert(DIRECTIVE.into(), directive.clone());
                Err(failed(format!(
                    "unknown patch type: {} in map: {}",
                    go::plain(&directive),
                    go::plain(&Value::Object(patch))
                )))
            }
        };
    }
    retain_keys(&mut live, &mut patch)?;
    set_orders(&mut live, &mut patch, node)?;
    for (key, value) in patch {
        if key.starts_with(DELETE_FROM_LIST) {
            let name = suffix(&key, DELETE_FROM_LIST)
                .ok_or_else(|| bad("invalid patch format of primitive list"))?
                .to_string();
            delete_from_list(&mut live, &name, &value);
            continue;
        }
        if value.is_null() {
            live.remove(&key);
            continue;
        }
        let below = node.field(&key);
        let merged = match (live.remove(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => Some(Value::Object(merge_map(old, new, below)?)),
            (Some(Value::Array(old)), Value::Array(new)) => Some(Value::Array(merge_list(old, new, below)?)),
            (Some(old), new) if same_type(&old, &new) => without_directives(new),
            (_, new) => without_directives(without_nulls(new)),
        };
        if let Some(merged) = merged {
            live.insert(key, merged);
        }
    }
    Ok(live)
}

fn same_type(old: &Value, new: &Value) -> bool {
    std::mem::discriminant(old) == std::mem::discriminant(new)
}

fn suffix<'a>(key: &'a str, prefix: &str) -> Option<&'a str> {
    key.strip_prefix(prefix)?.strip_prefix('/')
}

/// `$retainKeys`: the keys that survive; every key that the patch sets must be among them.
fn retain_keys(live: &mut Object, patch: &mut Object) -> Result<(), Status> {
    let Some(retained) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    let malformed = || bad("invalid patch format of retainKeys");
    let retained: BTreeSet<&str> =
        retained.as_array().ok_or_else(malformed)?.iter().filter_map(Value::as_str).collect();
    for (key, value) in &*patch {
        let directive = key.starts_with(DELETE_FROM_LIST) || key.starts_with(SET_ORDER);
        if !value.is_null() && !directive && !retained.contains(key.as_str()) {
            return Err(malformed());
        }
    }
    live.retain(|key, _| retained.contains(key.as_str()));
    Ok(())
}

fn delete_from_list(live: &mut Object, name: &str, unwanted: &Value) {
    if unwanted.is_null() {
        live.remove(name);
    } else if let (Some(Value::Array(items)), Some(unwanted)) = (live.get_mut(name), unwanted.as_array()) {
        items.retain(|item| !unwanted.contains(item));
    }
}

/// `$setElementOrder/x`: merges list `x` and puts it in this order.
fn set_orders(live: &mut Object, patch: &mut Object, node: Node<'_>) -> Result<(), Status> {
    let malformed = || bad("invalid patch format of setElementOrder list");
    let directives: Vec<String> = patch.keys().filter(|key| key.starts_with(SET_ORDER)).cloned().collect();
    for directive in directives {
        let order = patch.remove(&directive).unwrap_or_default();
        let name = suffix(&directive, SET_ORDER).ok_or_else(malformed)?;
        let order = order.as_array().ok_or_else(malformed)?;
        let below = node.field(name);
        let list = |value: Option<&Value>| match value {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items.clone())),
            Some(_) => Err(failed("expected a []interface {}, but received another type".into())),
        };
        let (old, new) = (list(live.get(name))?, list(patch.get(name))?);
        let key = below.merge_key();
        check_order(new.as_deref().unwrap_or_default(), order, key)?;
        let original = old.clone().unwrap_or_default();
        let merged = match (old, new) {
            (None, None) => continue,
            (Some(old), None) => old,
            (None, Some(new)) => new.into_iter().filter_map(without_directives).collect(),
            (Some(old), Some(new)) => merge_list(old, new, below)?,
        };
        check_merge_keys(&merged, key)?;
        patch.remove(name);
        live.insert(name.to_string(), Value::Array(normalize(merged, order, &original, key)));
    }
    Ok(())
}

/// The patch list must be in the order that the directive demands.
fn check_order(patch: &[Value], order: &[Value], key: Option<&str>) -> Result<(), Status> {
    if patch.is_empty() || order.is_empty() {
        return Ok(());
    }
    let mut places = order.iter();
    for item in patch.iter().filter(|item| item.get(DIRECTIVE).is_none()) {
        if !places.any(|place| index(std::slice::from_ref(place), item, key).is_some()) {
            return Err(failed(format!(
                "The order in patch list:\n{}\n doesn't match {SET_ORDER} list:\n{}\n",
                go::plain(&Value::Array(patch.to_vec())),
                go::plain(&Value::Array(order.to_vec()))
            )));
        }
    }
    Ok(())
}

fn check_merge_keys(items: &[Value], key: Option<&str>) -> Result<(), Status> {
    let Some(key) = key else { return Ok(()) };
    match items.iter().filter_map(Value::as_object).find(|item| !item.contains_key(key)) {
        Some(item) => Err(no_merge_key(item, key)),
        None => Ok(()),
    }
}

fn merge_list(live: Vec<Value>, patch: Vec<Value>, node: Node<'_>) -> Result<Vec<Value>, Status> {
    if !node.merges() {
        return Ok(patch);
    }
    let (Some(first), live_first) = (patch.first().or(live.first()), live.first()) else { return Ok(live) };
    if first.is_array() {
        return Err(unprocessable("", "lists of lists are not supported".into()));
    }
    if live_first.is_some_and(|live| !same_type(live, first)) || patch.iter().any(|item| !same_type(item, first)) {
        let lists = [live, patch].map(Value::Array);
        return Err(failed(format!("list element types are not identical: {}", go::plain(&lists.to_vec().into()))));
    }
    if !first.is_object() {
        let mut merged = live.clone();
        merged.extend(patch.iter().filter(|item| !live.contains(item)).cloned());
        return Ok(normalize(merged, &patch, &live, None));
    }
    let Some(key) = node.merge_key() else {
        return Err(failed("cannot merge lists without merge key for slice".into()));
    };
    merge_items(live, patch, node.items(), key)
}

fn merge_items(live: Vec<Value>, patch: Vec<Value>, node: Node<'_>, key: &str) -> Result<Vec<Value>, Status> {
    let mut original = live;
    let (mut plain, mut replace) = (Vec::new(), false);
    for item in patch {
        let Value::Object(map) = &item else { continue };
        match map.get(DIRECTIVE).map(go::plain).as_deref() {
            None => plain.push(item),
            Some("delete") => {
                let unwanted = map.get(key).ok_or_else(|| no_merge_key(map, key))?;
                original.retain(|item| item.get(key) != Some(unwanted));
            }
            Some("replace") => replace = true,
            Some("merge") => return Err(failed("merging lists cannot yet be specified in the patch".into())),
            Some(other) => return Err(failed(format!("unknown patch type: {other} in map: {}", go::plain(&item)))),
        }
    }
    if replace {
        check_merge_keys(&plain, Some(key))?;
        return Ok(plain);
    }
    let mut merged = original.clone();
    for item in &plain {
        let Value::Object(map) = item else { continue };
        if !map.contains_key(key) {
            return Err(no_merge_key(map, key));
        }
        match index(&merged, item, Some(key)) {
            Some(place) => {
                let old = merged[place].as_object().cloned().unwrap_or_default();
                merged[place] = Value::Object(merge_map(old, map.clone(), node)?);
            }
            None => merged.extend(without_directives(without_nulls(item.clone()))),
        }
    }
    check_merge_keys(&merged, Some(key))?;
    Ok(normalize(merged, &plain, &original, Some(key)))
}

/// `None` for a map that is itself a directive.
fn without_directives(value: Value) -> Option<Value> {
    Some(match value {
        Value::Object(map) => {
            if map.contains_key(DIRECTIVE) {
                return None;
            }
            let directive = |key: &str| [RETAIN_KEYS, DELETE_FROM_LIST, SET_ORDER].iter().any(|d| key.starts_with(d));
            let fields = map.into_iter().filter(|(key, _)| !directive(key));
            let kept = fields.filter_map(|(key, value)| Some((key, without_directives(value)?)));
            Value::Object(kept.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().filter_map(without_directives).collect()),
        scalar => scalar,
    })
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        scalar => scalar,
    }
}
