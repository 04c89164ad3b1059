//! How server-side apply sees a schema: every node is a scalar, a list or a map, atomic or not. Includes the validation
//! that an applied configuration fits its type, in the words of structured-merge-diff.

use std::{collections::BTreeSet, sync::Arc};

use api::go;
use serde_json::Value;

use super::path::Element;
use crate::schema::{ArrayShape, ListType, ObjectShape, Schema, Shape};

/// Every node without a known type: maps merge, lists are replaced whole.
static UNTYPED: Schema = Schema {
    ruled: false,
    shape: Shape::Any,
    nullable: true,
    preserve_unknown: true,
    embedded_resource: false,
    default: None,
    description: None,
    checks: None,
    patch: None,
};

pub(super) enum Atom<'a> {
    Scalar(Scalar),
    List(List<'a>),
    Map(Fields<'a>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Number,
    String,
    Boolean,
    Any,
}

pub(super) struct List<'a> {
    pub items: &'a Schema,
    pub keys: ListKeys<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum ListKeys<'a> {
    Atomic,
    Set,
    Map(&'a [Arc<str>]),
}

pub(super) struct Fields<'a> {
    shape: Option<&'a ObjectShape>,
    element: Option<&'a Schema>,
    pub atomic: bool,
}

impl<'a> Fields<'a> {
    /// A declared field.
    pub(super) fn field(&self, name: &str) -> Option<&'a Schema> {
        self.shape?.properties.get(name)
    }

    /// The schema of a declared field or of any other key; `None` when the key is unknown.
    pub(super) fn below(&self, name: &str) -> Option<&'a Schema> {
        self.field(name).or(self.element)
    }
}

impl List<'_> {
    pub(super) fn is_atomic(&self) -> bool {
        matches!(self.keys, ListKeys::Atomic)
    }
}

/// The kind of node, deduced from the value where the schema leaves it open. An untyped node without a value is a map, as
/// upstream resolves it.
pub(super) fn atom<'a>(schema: &'a Schema, value: Option<&Value>) -> Atom<'a> {
    let schema = schema.resolve();
    match &schema.shape {
        Shape::Object(shape) => Atom::Map(object(schema, shape)),
        Shape::Array(shape) => Atom::List(list(shape)),
        Shape::String => Atom::Scalar(Scalar::String),
        Shape::Integer | Shape::Number => Atom::Scalar(Scalar::Number),
        Shape::Boolean => Atom::Scalar(Scalar::Boolean),
        Shape::IntOrString => Atom::Scalar(Scalar::Any),
        Shape::Any | Shape::Named(_) => match value {
            Some(Value::Array(_)) => Atom::List(List { items: &UNTYPED, keys: ListKeys::Atomic }),
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_)) => Atom::Scalar(Scalar::Any),
            _ => Atom::Map(Fields { shape: None, element: Some(&UNTYPED), atomic: false }),
        },
    }
}

fn object<'a>(schema: &'a Schema, shape: &'a ObjectShape) -> Fields<'a> {
    let open = schema.preserve_unknown || schema.embedded_resource || shape.properties.is_empty();
    let element = shape.additional.as_ref().or(open.then_some(&UNTYPED));
    Fields { shape: Some(shape), element, atomic: shape.atomic }
}

fn list(shape: &ArrayShape) -> List<'_> {
    let keys = match &shape.list {
        ListType::Atomic => ListKeys::Atomic,
        ListType::Set => ListKeys::Set,
        ListType::Map(keys) => ListKeys::Map(keys),
    };
    List { items: &shape.items, keys }
}

/// The atoms of two sides have the same form: only then can one walk handle both.
pub(super) fn same_form(left: &Atom<'_>, right: &Atom<'_>) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

/// The name of a list item: its keys (defaulted where the schema has defaults) or its value.
pub(super) fn item_element(list: &List<'_>, item: &Value) -> Result<Element, String> {
    match list.keys {
        ListKeys::Atomic => Err("invalid indexing of non-associative list".into()),
        ListKeys::Set => set_element(item),
        ListKeys::Map(keys) => key_element(list.items, keys, item),
    }
}

fn set_element(item: &Value) -> Result<Element, String> {
    match item {
        Value::Object(_) => Err("associative list without keys has an element that's a map type".into()),
        Value::Array(_) => Err("not supported: associative list with lists as elements".into()),
        Value::Null => Err("associative list without keys has an element that's an explicit null".into()),
        scalar => Ok(Element::Value(scalar.clone())),
    }
}

fn key_element(items: &Schema, keys: &[Arc<str>], item: &Value) -> Result<Element, String> {
    let map = match item {
        Value::Object(map) => map,
        Value::Null => return Err("associative list with keys may not have a null element".into()),
        _ => return Err("associative list with keys may not have non-map elements".into()),
    };
    let default = |key: &str| match &items.resolve().shape {
        Shape::Object(shape) => shape.properties.get(key)?.default.clone(),
        _ => None,
    };
    let mut found: Vec<(String, Value)> = Vec::new();
    for key in keys {
        if let Some(value) = map.get(&**key).cloned().or_else(|| default(key)) {
            found.push((key.to_string(), value));
        }
    }
    if found.is_empty() {
        let names: Vec<String> = keys.iter().map(|key| format!("{key:?}")).collect();
        return Err(format!(
            "associative list with keys has an element that omits all key fields [{}] (and doesn't have default values for any key fields)",
            names.join(" ")
        ));
    }
    found.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(Element::Key(found))
}

/// Every way in which a value does not fit its schema, as `.spec.x: expected string, got ...`.
pub(super) fn validate(schema: &Schema, value: &Value, duplicates: bool) -> Result<(), String> {
    let mut errors = Vec::new();
    walk(schema, value, "", duplicates, &mut errors);
    match errors.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        many => Err(format!("errors:\n  {}", many.join("\n  "))),
    }
}

fn walk(schema: &Schema, value: &Value, path: &str, duplicates: bool, errors: &mut Vec<String>) {
    if value.is_null() {
        return;
    }
    let mut report = |message: String| {
        errors.push(if path.is_empty() { message } else { format!("{path}: {message}") });
    };
    match (atom(schema, Some(value)), value) {
        (Atom::Scalar(kind), value) => {
            if let Some(message) = scalar_error(kind, value) {
                report(message);
            }
        }
        (Atom::Map(fields), Value::Object(map)) => {
            for (key, value) in map {
                let below = format!("{path}.{key}");
                match fields.below(key) {
                    Some(schema) => walk(schema, value, &below, duplicates, errors),
                    None => errors.push(format!("{below}: field not declared in schema")),
                }
            }
        }
        (Atom::List(list), Value::Array(items)) => walk_items(&list, items, path, duplicates, errors),
        (Atom::Map(_), other) => report(format!("expected map, got &{{{}}}", go::plain(other))),
        (Atom::List(_), other) => report(format!("expected list, got &{{{}}}", go::plain(other))),
    }
}

fn walk_items(list: &List<'_>, items: &[Value], path: &str, duplicates: bool, errors: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let element = if list.is_atomic() {
            Element::Index(i64::try_from(index).unwrap_or(i64::MAX))
        } else {
            match item_element(list, item) {
                Ok(element) => element,
                Err(message) => {
                    errors.push(format!("{path}: element {index}: {message}"));
                    return;
                }
            }
        };
        if !list.is_atomic() && !seen.insert(element.clone()) && !duplicates {
            errors.push(format!("{path}: duplicate entries for key {element}"));
        }
        walk(list.items, item, &format!("{path}{element}"), duplicates, errors);
    }
}

/// Upstream prints Go values; kubectl users search for exactly these texts.
pub(super) fn scalar_error(kind: Scalar, value: &Value) -> Option<String> {
    match (kind, value) {
        (_, Value::Null)
        | (Scalar::Number, Value::Number(_))
        | (Scalar::String, Value::String(_))
        | (Scalar::Boolean, Value::Bool(_))
        | (Scalar::Any, Value::Number(_) | Value::String(_) | Value::Bool(_)) => None,
        (Scalar::Number, other) => Some(format!("expected numeric (int or float), got {}", go::kind(other))),
        (Scalar::String, other) => {
            Some(format!("expected string, got &value.valueUnstructured{{Value:{}}}", go::syntax(other)))
        }
        (Scalar::Boolean, other) => Some(format!("expected boolean, got &{{{}}}", go::plain(other))),
        (Scalar::Any, other) => Some(format!("expected any scalar, got &{{{}}}", go::plain(other))),
    }
}
