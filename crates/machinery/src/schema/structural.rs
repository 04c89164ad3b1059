//! Whether a CRD's schema is structural: every field has one type outside of `allOf`, `anyOf`, `oneOf` and `not`, and those
//! only restrict what is declared outside. Wording is apiextensions-apiserver's.

use api::status::Cause;
use serde_json::{Value, json};

use super::{compile::join, pattern};
use crate::field;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Item,
    Field,
}

/// All violations, sorted as upstream sorts them.
pub(super) fn check(node: &Value, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    invariants(node, Level::Root, path, &mut causes);
    complete(node, Some(node), path, path, &mut causes);
    causes.sort_by_cached_key(|cause| format!("{}: {}", cause.field, cause.message));
    causes
}

fn is_true(node: &Value, key: &str) -> bool {
    node.get(key) == Some(&json!(true))
}

fn kind(node: &Value) -> &str {
    node.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(node: &'a Value, key: &str) -> &'a [Value] {
    node.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn properties(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// A sub-schema under this keyword; booleans are none.
fn schema<'a>(node: &'a Value, key: &str) -> Option<&'a Value> {
    node.get(key).filter(|node| node.is_object())
}

fn invariants(node: &Value, level: Level, path: &str, causes: &mut Vec<Cause>) {
    let at = |key: &str| join(path, key);
    match schema(node, "items") {
        Some(items) => invariants(items, Level::Item, &at("items"), causes),
        None if kind(node) == "array" => causes.push(field::required(&at("items"), "must be specified")),
        None => {}
    }
    for (key, node) in properties(node) {
        invariants(node, Level::Field, &at(&format!("properties[{key}]")), causes);
    }
    if let Some(additional) = node.get("additionalProperties").filter(|value| !value.is_null()) {
        if level == Level::Root {
            causes.push(field::forbidden(&at("additionalProperties"), "must not be used at the root"));
        }
        if additional.is_object() {
            invariants(additional, Level::Field, &at("additionalProperties"), causes);
        }
        if is_true(node, "x-kubernetes-embedded-resource") {
            let detail = "must not be used if x-kubernetes-embedded-resource is set";
            causes.push(field::forbidden(&at("additionalProperties"), detail));
        }
    }
    extensions(node, path, causes);
    let skip = Skip {
        any_of: is_int_or_string(node),
        first_all_of: list(node, "allOf").first().is_some_and(is_int_or_string),
    };
    value_validation(node, skip, path, causes);
    type_of(node, level, path, causes);
    metadata(node, level, path, causes);
}

/// `anyOf: [{type: integer}, {type: string}]`, the one place where types may stand under a junctor.
fn is_int_or_string(node: &Value) -> bool {
    list(node, "anyOf") == [json!({"type": "integer"}), json!({"type": "string"})]
}

fn extensions(node: &Value, path: &str, causes: &mut Vec<Cause>) {
    if is_true(node, "x-kubernetes-int-or-string") {
        for key in ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] {
            if is_true(node, key) {
                let detail = "must be false if x-kubernetes-int-or-string is true";
                causes.push(field::invalid(&join(path, key), &json!(true), detail));
            }
        }
    }
}

fn type_of(node: &Value, level: Level, path: &str, causes: &mut Vec<Cause>) {
    let at = join(path, "type");
    let (kind, embedded) = (kind(node), is_true(node, "x-kubernetes-embedded-resource"));
    if embedded && kind != "object" {
        let detail = "must be object if x-kubernetes-embedded-resource is true";
        causes.push(match kind {
            "" => field::required(&at, detail),
            kind => field::invalid(&at, &json!(kind), detail),
        });
    } else if kind.is_empty()
        && !is_true(node, "x-kubernetes-int-or-string")
        && !is_true(node, "x-kubernetes-preserve-unknown-fields")
    {
        let detail = match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        };
        causes.push(field::required(&at, detail));
    }
    if level == Level::Root && !kind.is_empty() && kind != "object" {
        causes.push(field::invalid(&at, &json!(kind), "must be object at the root"));
    }
    let open = is_true(node, "x-kubernetes-preserve-unknown-fields");
    if embedded && !open && properties(node).next().is_none() {
        let detail =
            "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
        causes.push(field::required(&join(path, "properties"), detail));
    }
}

/// At the root and in embedded resources, `apiVersion`, `kind` and `metadata` are implied; a CRD may only restrict names.
fn metadata(node: &Value, level: Level, path: &str, causes: &mut Vec<Cause>) {
    let is_resource = level == Level::Root || is_true(node, "x-kubernetes-embedded-resource");
    let property = |key: &str| node.get("properties").and_then(|properties| properties.get(key));
    if is_resource {
        for key in ["kind", "apiVersion"] {
            if let Some(property) = property(key).filter(|property| kind(property) != "string") {
                let at = join(path, &format!("properties[{key}].type"));
                causes.push(field::invalid(&at, &json!(kind(property)), "must be string"));
            }
        }
    }
    let Some(metadata) = property("metadata") else { return };
    let at = join(path, "properties[metadata]");
    if is_resource && kind(metadata) != "object" {
        causes.push(field::invalid(&join(&at, "type"), &json!(kind(metadata)), "must be object"));
    }
    if level != Level::Root {
        return;
    }
    let names_only = properties(metadata).all(|(key, _)| ["name", "generateName"].contains(&key.as_str()));
    let known = ["type", "properties", "default"];
    let nothing_else = metadata.as_object().is_none_or(|map| map.keys().all(|key| known.contains(&key.as_str())));
    if !names_only || !nothing_else {
        let detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
        causes.push(field::forbidden(&at, detail));
    }
}

#[derive(Clone, Copy, Default)]
struct Skip {
    any_of: bool,
    /// The first of `allOf` may be the int-or-string pattern.
    first_all_of: bool,
}

fn value_validation(node: &Value, skip: Skip, path: &str, causes: &mut Vec<Cause>) {
    for junctor in ["anyOf", "allOf", "oneOf"] {
        if junctor == "anyOf" && skip.any_of {
            continue;
        }
        for (index, node) in list(node, junctor).iter().enumerate() {
            let any_of = junctor == "allOf" && index == 0 && skip.first_all_of;
            nested(node, Skip { any_of, first_all_of: false }, &join(path, &format!("{junctor}[{index}]")), causes);
        }
    }
    if let Some(not) = schema(node, "not") {
        nested(not, Skip::default(), &join(path, "not"), causes);
    }
    if let Some(source) = node.get("pattern").and_then(Value::as_str).filter(|pattern| !pattern.is_empty())
        && let Err(error) = pattern::compile(source)
    {
        let detail = format!("must be a valid regular expression, but isn't: {error}");
        causes.push(field::invalid(&join(path, "pattern"), &json!(source), &detail));
    }
}

/// What may not be said under a junctor.
fn nested(node: &Value, skip: Skip, path: &str, causes: &mut Vec<Cause>) {
    const EMPTY: &str = "must be empty to be structural";
    const FALSE: &str = "must be false to be structural";
    const UNDEFINED: &str = "must be undefined to be structural";
    const FORBIDDEN: [(&str, &str); 13] = [
        ("type", EMPTY),
        ("additionalProperties", UNDEFINED),
        ("default", UNDEFINED),
        ("title", EMPTY),
        ("description", EMPTY),
        ("nullable", FALSE),
        ("x-kubernetes-preserve-unknown-fields", FALSE),
        ("x-kubernetes-embedded-resource", FALSE),
        ("x-kubernetes-int-or-string", FALSE),
        ("x-kubernetes-list-map-keys", EMPTY),
        ("x-kubernetes-list-type", UNDEFINED),
        ("x-kubernetes-map-type", UNDEFINED),
        ("x-kubernetes-validations", EMPTY),
    ];
    value_validation(node, skip, path, causes);
    if let Some(items) = schema(node, "items") {
        nested(items, Skip::default(), &join(path, "items"), causes);
    }
    for (key, node) in properties(node) {
        nested(node, Skip::default(), &join(path, &format!("properties[{key}]")), causes);
    }
    for (key, detail) in FORBIDDEN {
        let unset = match node.get(key) {
            None | Some(Value::Null) => true,
            // `additionalProperties: false` is no schema.
            // Any value but null is a default.
            Some(_) if key == "default" => false,
            Some(Value::Bool(set)) => !set,
            Some(Value::String(text)) => text.is_empty(),
            Some(Value::Array(items)) => items.is_empty(),
            Some(_) => false,
        };
        if !unset {
            causes.push(field::forbidden(&join(path, key), detail));
        }
    }
    if node.get("properties").is_some_and(|properties| properties.get("metadata").is_some()) {
        let at = join(path, "properties[metadata]");
        causes.push(field::forbidden(&at, "must not be specified in a nested context"));
    }
}

/// What junctors restrict must be declared outside of them. `declared` is the place outside that `node` talks about.
fn complete(node: &Value, declared: Option<&Value>, at: &str, from: &str, causes: &mut Vec<Cause>) {
    let mut below = |node: &Value, key: &str| complete_nested(node, declared, at, &join(from, key), causes);
    if let Some(not) = schema(node, "not") {
        below(not, "not");
    }
    for junctor in ["allOf", "anyOf", "oneOf"] {
        for (index, node) in list(node, junctor).iter().enumerate() {
            below(node, &format!("{junctor}[{index}]"));
        }
    }
}

fn complete_nested(node: &Value, declared: Option<&Value>, at: &str, from: &str, causes: &mut Vec<Cause>) {
    let Some(declared) = declared else {
        causes.push(field::required(at, &format!("because it is defined in {from}")));
        return;
    };
    complete(node, Some(declared), at, from, causes);
    if let Some(items) = schema(node, "items") {
        complete_nested(items, schema(declared, "items"), &join(at, "items"), &join(from, "items"), causes);
    }
    for (key, node) in properties(node) {
        let step = format!("properties[{key}]");
        let declared = declared.get("properties").and_then(|properties| properties.get(key));
        complete_nested(node, declared, &join(at, &step), &join(from, &step), causes);
    }
}
