//! Defaults, and what happens to null: a null that the schema does not allow is a field that was not set.

use serde_json::Value;

use super::{Schema, Shape};
use crate::depth;

/// Drops nulls that are neither nullable nor defaulted, then fills in defaults. The result validates as if the client had
/// sent it; the same call defaults an object on read.
pub fn default(schema: &Schema, object: &mut Value) {
    if depth::exceeds(object, depth::MAX) {
        return;
    }
    drop_unwanted_nulls(schema, object);
    fill(schema, object);
}

/// Removes every null field: what decoding into a Go struct and encoding it again does to built-in kinds.
pub fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

fn is_nullable(schema: &Schema) -> bool {
    schema.nullable || schema.resolve().nullable
}

fn default_of(schema: &Schema) -> Option<&Value> {
    schema.default.as_ref().or(schema.resolve().default.as_ref()).filter(|default| !default.is_null())
}

/// The schema of a field; places without one keep their nulls.
fn below<'a>(schema: &'a Schema, key: &str) -> Option<&'a Schema> {
    match &schema.resolve().shape {
        Shape::Object(shape) => shape.properties.get(key).or(shape.additional.as_ref()),
        _ => None,
    }
}

fn drop_unwanted_nulls(schema: &Schema, value: &mut Value) {
    match value {
        Value::Object(map) => map.retain(|key, value| match below(schema, key) {
            Some(schema) if value.is_null() => is_nullable(schema) || default_of(schema).is_some(),
            Some(schema) => {
                drop_unwanted_nulls(schema, value);
                true
            }
            None => true,
        }),
        Value::Array(items) => {
            if let Shape::Array(shape) = &schema.resolve().shape {
                items.iter_mut().for_each(|item| drop_unwanted_nulls(&shape.items, item));
            }
        }
        _ => {}
    }
}

fn fill(schema: &Schema, value: &mut Value) {
    match (&schema.resolve().shape, value) {
        (Shape::Object(shape), Value::Object(map)) => {
            for (key, property) in &shape.properties {
                let Some(default) = default_of(property) else { continue };
                let unset = map.get(&**key).is_none_or(|value| value.is_null() && !is_nullable(property));
                if unset {
                    map.insert(key.to_string(), default.clone());
                }
            }
            for (key, value) in map.iter_mut() {
                let declared = shape.properties.get(key.as_str());
                if let Some(schema) = declared.or(shape.additional.as_ref()) {
                    replace_null(schema, value);
                    fill(schema, value);
                }
            }
        }
        (Shape::Array(shape), Value::Array(items)) => {
            for item in items {
                replace_null(&shape.items, item);
                fill(&shape.items, item);
            }
        }
        _ => {}
    }
}

fn replace_null(schema: &Schema, value: &mut Value) {
    if value.is_null()
        && !is_nullable(schema)
        && let Some(default) = default_of(schema)
    {
        *value = default.clone();
    }
}
