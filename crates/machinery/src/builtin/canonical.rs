//! The form in which a built-in object is stored: what upstream's Go types would print after reading it.
//!
//! One object has one form, whether it came as JSON or as protobuf: empty structs are there (`status: {}`), what
//! `omitempty` leaves out is not, quantities and times are spelled one way. Without this a client that reads an object and
//! writes it back unchanged would seem to change it. Unknown fields and values of a wrong type are left for pruning and
//! validation to find.

use api::env::{rfc3339, rfc3339_micro};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    facts::{Field, FieldType, TypeFacts, table},
    protobuf::{is_omitted, zero},
    quantity,
};

/// Objects are at most this deep by the time they come here; the bound is for callers that did not check.
const DEPTH_MAX: usize = 128;

/// Brings an object of an upstream kind, served or not, into its stored form; other objects stay as they are.
pub fn canonicalize(group: &str, version: &str, kind: &str, object: &mut Value) {
    if let (Some(of), Value::Object(object)) = (table().kind(group, version, kind), object) {
        fields(of, object, 0);
    }
}

fn fields(of: &'static TypeFacts, object: &mut Map<String, Value>, depth: usize) {
    for field in of.fields() {
        match (&field.of, field.name) {
            (FieldType::Of(inlined), "") => fields(inlined, object, depth),
            _ => property(field, object, depth),
        }
    }
}

fn property(field: &Field, object: &mut Map<String, Value>, depth: usize) {
    let known = object.get_mut(field.name).filter(|value| !value.is_null());
    if let Some(value) = known {
        canonical(&field.of, value, depth + 1);
        if !field.pointer && !field.always && is_omitted(&field.of, value) {
            object.remove(field.name);
        }
        return;
    }
    // `omitempty` does nothing for a struct.
    let printed = field.always || !field.pointer && matches!(field.of, FieldType::Of(_));
    let absent = match printed {
        true if field.pointer => Some(Value::Null),
        true => zero(&field.of),
        false => None,
    };
    match absent {
        Some(value) => object.insert(field.name.into(), value),
        None => object.remove(field.name),
    };
}

fn canonical(of: &FieldType, value: &mut Value, depth: usize) {
    if depth > DEPTH_MAX {
        return;
    }
    match (of, value) {
        (FieldType::Of(of), value) if of.special => special(of.short_name, value),
        (FieldType::Of(of), Value::Object(object)) => fields(of, object, depth),
        (FieldType::List(items) | FieldType::NullableList(items), Value::Array(list)) => {
            list.iter_mut().for_each(|item| canonical(items, item, depth + 1));
        }
        (FieldType::Map(values), Value::Object(map)) => {
            map.values_mut().for_each(|value| canonical(values, value, depth + 1));
        }
        _ => {}
    }
}

fn special(name: &str, value: &mut Value) {
    let text = match (name, &*value) {
        ("Quantity", Value::String(text)) => quantity::canonical(text),
        ("Quantity", Value::Number(number)) => quantity::canonical(&number.to_string()),
        ("Time", Value::String(time)) => time.parse::<Timestamp>().ok().map(rfc3339),
        ("MicroTime", Value::String(time)) => time.parse::<Timestamp>().ok().map(rfc3339_micro),
        _ => None,
    };
    if let Some(text) = text {
        *value = text.into();
    }
}
