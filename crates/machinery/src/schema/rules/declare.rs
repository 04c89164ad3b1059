//! What a schema declares to rules: types, and the largest sizes that a value can have.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::REQUEST_BYTES_MAX;
use crate::{
    cel::{Declared, Object, Type, escape},
    schema::{Checks, Schema, Shape},
};

/// The declaration of a node; `None` for what rules cannot see: data without a type, and what consists of it. `name` is
/// what messages call an object's type.
pub(super) fn declare(schema: &Schema, name: &str) -> Option<Declared> {
    let none = Checks::default();
    let checks = schema.checks.as_deref().unwrap_or(&none);
    match &schema.shape {
        Shape::IntOrString => Some(Declared::scalar(Type::Dyn, REQUEST_BYTES_MAX - 2, 1)),
        Shape::Array(shape) => {
            let items = declare(&shape.items, &format!("{name}.@idx"))?;
            let most = checks.max_items.unwrap_or((REQUEST_BYTES_MAX - 2) / (items.bytes_min + 1));
            Some(container(Type::list(items.of.clone()), most, items))
        }
        Shape::Object(shape) => match &shape.additional {
            // A map: its schema may say `additionalProperties: true`, which declares nothing.
            Some(values) if shape.properties.is_empty() => {
                if *values == Schema::default() {
                    return Some(object(BTreeMap::new(), 2, name));
                }
                let values = declare(values, &format!("{name}.@elem"))?;
                let most = checks.max_properties.unwrap_or((REQUEST_BYTES_MAX - 2) / (values.bytes_min + 6));
                Some(container(Type::map(Type::Text, values.of.clone()), most, values))
            }
            _ => Some(fields(shape, name)),
        },
        Shape::Named(_) => declare(crate::cel::metadata(), name),
        Shape::String => Some(text(checks)),
        Shape::Boolean => Some(Declared::scalar(Type::Bool, 0, 4)),
        Shape::Number => Some(Declared::scalar(Type::Double, 0, 1)),
        Shape::Integer => Some(Declared::scalar(Type::Int, 0, 1)),
        Shape::Any => None,
    }
}

fn container(of: Type, elements_max: u64, element: Declared) -> Declared {
    Declared { of, elements_max, bytes_min: 2, element: Some(Arc::new(element)) }
}

fn object(fields: BTreeMap<Arc<str>, Declared>, bytes_min: u64, name: &str) -> Declared {
    Declared::scalar(Type::Object(Arc::new(Object { name: name.to_string(), fields })), 0, bytes_min)
}

fn fields(shape: &crate::schema::ObjectShape, name: &str) -> Declared {
    let mut declared = BTreeMap::new();
    let mut bytes = 2;
    for (key, property) in &shape.properties {
        let escaped = escape(key);
        let below = format!("{name}.{}", escaped.as_deref().unwrap_or(key));
        let Some(field) = declare(property, &below) else { continue };
        if shape.required.contains(key) && property.default.is_none() {
            bytes += key.len() as u64 + field.bytes_min + 4;
        }
        if let Some(escaped) = escaped {
            declared.insert(Arc::from(&*escaped), field);
        }
    }
    object(declared, bytes, name)
}

fn text(checks: &Checks) -> Declared {
    match checks.format.as_deref() {
        Some("byte") => Declared::scalar(Type::Bytes, checks.max_length.unwrap_or(REQUEST_BYTES_MAX - 2), 2),
        Some("duration") => Declared::scalar(Type::Duration, 32, 3),
        Some("date") => Declared::scalar(Type::Timestamp, 12, 12),
        Some("date-time") => Declared::scalar(Type::Timestamp, 32, 21),
        _ => {
            let longest = checks.enumeration.iter().filter_map(Value::as_str).map(str::len).max();
            let most = match checks.max_length {
                // Lengths count characters, of four bytes at most.
                Some(most) => most.saturating_mul(4),
                None if checks.enumeration.is_empty() => REQUEST_BYTES_MAX - 2,
                None => longest.unwrap_or(0) as u64,
            };
            Declared::scalar(Type::Text, most, 2)
        }
    }
}
