//! The rules of a CRD's schema beyond being structural: unsupported keywords, exclusive keywords, list and map types.
//! Wording is apiextensions-apiserver's.

use std::collections::BTreeSet;

use api::status::Cause;
use serde_json::{Value, json};

use super::compile::join;
use crate::field;

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
const UNSUPPORTED: [&str; 6] = ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];
const TYPE_AND_METADATA: [&str; 3] = ["metadata", "kind", "apiVersion"];

/// Where a node is, as far as it decides what is allowed there.
#[derive(Clone, Default)]
struct Place {
    root: bool,
    inside_metadata: bool,
    /// Why defaults are forbidden here.
    no_defaults: Option<String>,
}

pub(super) fn check(node: &Value, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    if node.get("nullable") == Some(&json!(true)) {
        causes.push(field::forbidden(&join(path, "nullable"), "nullable cannot be true at the root"));
    }
    let root = Place { root: true, ..Place::default() };
    walk(node, path, &root, &mut causes);
    causes
}

fn is_true(node: &Value, key: &str) -> bool {
    node.get(key) == Some(&json!(true))
}

fn text<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Value::as_str)
}

fn walk(node: &Value, path: &str, place: &Place, causes: &mut Vec<Cause>) {
    check_keywords(node, path, place, causes);
    let below = Place { root: false, ..place.clone() };
    if let Some(additional) = node.get("additionalProperties") {
        let at = join(path, "additionalProperties");
        let has_properties = node.get("properties").and_then(Value::as_object).is_some_and(|map| !map.is_empty());
        if has_properties && *additional != json!(true) {
            causes.push(field::forbidden(&at, "additionalProperties and properties are mutual exclusive"));
        }
        let mut below = below.clone();
        if place.inside_metadata {
            below.no_defaults = Some(" inside additionalProperties applying to object metadata".into());
        }
        if additional.is_object() {
            walk(additional, &at, &below, causes);
        }
    }
    for (key, node_below) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let mut below = below.clone();
        if (place.root || is_true(node, "x-kubernetes-embedded-resource")) && TYPE_AND_METADATA.contains(&key.as_str())
        {
            below.inside_metadata = true;
            if place.root {
                below.no_defaults = Some(format!(" in top-level {key}"));
            }
        }
        walk(node_below, &join(path, &format!("properties[{key}]")), &below, causes);
    }
    if let Some(not) = node.get("not") {
        walk(not, &join(path, "not"), &below, causes);
    }
    for junctor in ["allOf", "oneOf", "anyOf"] {
        for (index, node) in node.get(junctor).and_then(Value::as_array).into_iter().flatten().enumerate() {
            walk(node, &join(path, &format!("{junctor}[{index}]")), &below, causes);
        }
    }
    if let Some(items) = node.get("items").filter(|items| items.is_object()) {
        walk(items, &join(path, "items"), &below, causes);
    }
    check_map_type(node, path, causes);
    check_list_type(node, path, causes);
}

fn check_keywords(node: &Value, path: &str, place: &Place, causes: &mut Vec<Cause>) {
    let at = |key: &str| join(path, key);
    match node.get("type") {
        Some(Value::String(kind)) if kind == "null" => {
            let detail = "type cannot be set to null, use nullable as an alternative";
            causes.push(field::forbidden(&at("type"), detail));
        }
        Some(value @ Value::String(kind)) if !kind.is_empty() && !TYPES.contains(&kind.as_str()) => {
            causes.push(field::not_supported(&at("type"), value, &TYPES.map(String::from)));
        }
        _ => {}
    }
    let default = node.get("default").filter(|default| !default.is_null());
    if let (Some(_), Some(reason)) = (default, &place.no_defaults) {
        causes.push(field::forbidden(&at("default"), &format!("must not be set{reason}")));
    }
    for key in UNSUPPORTED {
        if node.get(key).is_some_and(|value| !value.is_null()) {
            causes.push(field::forbidden(&at(key), &format!("{key} is not supported")));
        }
    }
    if node.get("items").is_some_and(Value::is_array) {
        causes.push(field::forbidden(&at("items"), "items must be a schema object and not an array"));
    }
    if place.inside_metadata && is_true(node, "x-kubernetes-embedded-resource") {
        let detail = "must not be used inside of resource meta";
        causes.push(field::forbidden(&at("x-kubernetes-embedded-resource"), detail));
    }
    if is_true(node, "uniqueItems") {
        let detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        causes.push(field::forbidden(&at("uniqueItems"), detail));
    }
    if node.get("x-kubernetes-preserve-unknown-fields") == Some(&json!(false)) {
        let at = at("x-kubernetes-preserve-unknown-fields");
        causes.push(field::invalid(&at, &json!(false), "must be true or undefined"));
    }
}

/// `type` must be this; the complaint is a missing or a wrong value.
fn require_type(node: &Value, path: &str, wanted: &str, because: &str, causes: &mut Vec<Cause>) {
    let at = join(path, "type");
    let detail = format!("must be {wanted} if {because} is specified");
    match text(node, "type").filter(|kind| !kind.is_empty()) {
        Some(kind) if kind == wanted => {}
        Some(kind) => causes.push(field::invalid(&at, &json!(kind), &detail)),
        None => causes.push(field::required(&at, &detail)),
    }
}

fn check_map_type(node: &Value, path: &str, causes: &mut Vec<Cause>) {
    let Some(map_type) = text(node, "x-kubernetes-map-type") else { return };
    require_type(node, path, "object", "x-kubernetes-map-type", causes);
    if !["atomic", "granular"].contains(&map_type) {
        let supported = ["atomic", "granular"].map(String::from);
        causes.push(field::not_supported(&join(path, "x-kubernetes-map-type"), &json!(map_type), &supported));
    }
}

fn check_list_type(node: &Value, path: &str, causes: &mut Vec<Cause>) {
    let list_type = text(node, "x-kubernetes-list-type");
    let type_at = join(path, "x-kubernetes-list-type");
    let keys: Vec<&str> = node
        .get("x-kubernetes-list-map-keys")
        .and_then(Value::as_array)
        .map(|keys| keys.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    if let Some(list_type) = list_type {
        require_type(node, path, "array", "x-kubernetes-list-type", causes);
        if list_type == "set" && text(node, "type") == Some("array") {
            check_set_items(node, path, causes);
        }
        if !["atomic", "set", "map"].contains(&list_type) {
            let supported = ["atomic", "set", "map"].map(String::from);
            causes.push(field::not_supported(&type_at, &json!(list_type), &supported));
        }
    }
    let detail = "must be map if x-kubernetes-list-map-keys is non-empty";
    match list_type {
        None if !keys.is_empty() => causes.push(field::required(&type_at, detail)),
        Some(kind) if !keys.is_empty() && kind != "map" => {
            causes.push(field::invalid(&type_at, &json!(kind), detail));
        }
        Some("map") => check_map_list(node, path, &keys, causes),
        _ => {}
    }
    if matches!(list_type, Some("map" | "set")) {
        check_nulls(node, path, list_type.unwrap_or_default(), &keys, causes);
    }
}

fn check_set_items(node: &Value, path: &str, causes: &mut Vec<Cause>) {
    let Some(items) = node.get("items") else { return };
    let detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
    let list_type = items.get("x-kubernetes-list-type");
    match text(items, "type") {
        Some("array") if list_type.is_some_and(|kind| *kind != json!("atomic")) => {
            let at = join(path, "items.x-kubernetes-list-type");
            causes.push(field::invalid(&at, list_type.unwrap_or(&Value::Null), detail));
        }
        Some("object") if text(items, "x-kubernetes-map-type") != Some("atomic") => {
            let at = join(path, "items.x-kubernetes-map-type");
            causes.push(field::invalid(&at, list_type.unwrap_or(&Value::Null), detail));
        }
        _ => {}
    }
}

fn check_map_list(node: &Value, path: &str, keys: &[&str], causes: &mut Vec<Cause>) {
    let keys_at = join(path, "x-kubernetes-list-map-keys");
    if keys.is_empty() {
        let detail = "must not be empty if x-kubernetes-list-type is map";
        causes.push(field::required(&keys_at, detail));
    }
    let Some(items) = node.get("items") else {
        let detail = "must have a schema if x-kubernetes-list-type is map";
        causes.push(field::required(&join(path, "items"), detail));
        return;
    };
    let kind = text(items, "type").unwrap_or_default();
    if kind != "object" {
        let detail = "must be object if parent array's x-kubernetes-list-type is map";
        causes.push(field::invalid(&join(path, "items.type"), &json!(kind), detail));
        return;
    }
    let mut seen = BTreeSet::new();
    for key in keys {
        match items.get("properties").and_then(|properties| properties.get(key)) {
            Some(property) if matches!(text(property, "type"), Some("array" | "object")) => {
                let at = join(path, &format!("items.properties[{key}].type"));
                let detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
                causes.push(field::invalid(&at, &json!(kind), detail));
            }
            Some(_) => {}
            None => {
                causes.push(field::invalid_texts(&keys_at, keys, "entries must all be names of item properties"));
            }
        }
        if !seen.insert(key) {
            causes.push(field::invalid_texts(&keys_at, keys, "must not contain duplicate entries"));
        }
    }
}

/// Items and keys of sets and maps identify something: they cannot be absent or null.
fn check_nulls(node: &Value, path: &str, list_type: &str, keys: &[&str], causes: &mut Vec<Cause>) {
    let Some(items) = node.get("items") else { return };
    if is_true(items, "nullable") {
        let detail = format!("cannot be nullable when x-kubernetes-list-type is {list_type}");
        causes.push(field::forbidden(&join(path, "items.nullable"), &detail));
    }
    if list_type != "map" {
        return;
    }
    let required = items.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for key in keys {
        let Some(property) = items.get("properties").and_then(|properties| properties.get(key)) else { continue };
        let at = join(path, &format!("items.properties[{key}]"));
        if !required.contains(&json!(key)) && property.get("default").is_none() {
            let detail =
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
            causes.push(field::required(&join(&at, "default"), detail));
        }
        if is_true(property, "nullable") {
            let detail = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
            causes.push(field::forbidden(&join(&at, "nullable"), detail));
        }
    }
}
