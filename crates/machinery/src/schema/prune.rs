//! Removal of unknown fields, as custom resources are pruned and as strict decoding finds unknown fields of built-in kinds.

use serde_json::Value;

use super::{ArrayShape, ObjectShape, Schema, Shape};
use crate::depth;

/// Fields of every object, whatever its schema says.
const TYPE_AND_METADATA: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Removes what the schema does not know; answers the removed paths, sorted, spelled as upstream's strict decoding does
/// (`spec.owner.kind`, `spec.list[0].x`). Objects deeper than [`depth::MAX`] are left alone: they are refused elsewhere.
pub fn prune(schema: &Schema, object: &mut Value) -> Vec<String> {
    let mut removed = Vec::new();
    if depth::exceeds(object, depth::MAX) {
        return removed;
    }
    walk(Some(schema), object, "", true, &mut removed);
    removed.sort();
    removed
}

/// Prunes a value that is not a whole object: a default.
pub(super) fn prune_value(schema: &Schema, value: &mut Value) {
    walk(Some(schema), value, "", false, &mut Vec::new());
}

/// The part of a schema that pruning reads.
struct Known<'a> {
    object: Option<&'a ObjectShape>,
    array: Option<&'a ArrayShape>,
    preserve: bool,
    resource: bool,
}

impl<'a> Known<'a> {
    fn of(schema: &'a Schema) -> Self {
        let resolved = schema.resolve();
        let preserve = schema.preserve_unknown || resolved.preserve_unknown;
        let (object, array) = match &resolved.shape {
            Shape::Object(shape) => (Some(&**shape), None),
            Shape::Array(shape) => (None, Some(&**shape)),
            _ => (None, None),
        };
        // A name that no table knows: nothing can be said about its fields.
        let unknown = matches!(resolved.shape, Shape::Named(_));
        Self { object, array, preserve: preserve || unknown, resource: resolved.embedded_resource }
    }
}

/// `None` is a place about which the schema says nothing: every field there is unknown.
fn walk(schema: Option<&Schema>, value: &mut Value, path: &str, root: bool, removed: &mut Vec<String>) {
    let known = schema.map(Known::of);
    let preserve = known.as_ref().is_some_and(|known| known.preserve);
    match value {
        Value::Object(map) => {
            let shape = known.as_ref().and_then(|known| known.object);
            let resource = root || known.as_ref().is_some_and(|known| known.resource);
            map.retain(|key, value| {
                let below = child(path, key);
                let declared = shape.and_then(|shape| shape.properties.get(key.as_str()));
                if let Some(declared) = declared.or(shape.and_then(|shape| shape.additional.as_ref())) {
                    walk(Some(declared), value, &below, false, removed);
                    return true;
                }
                if preserve || (resource && TYPE_AND_METADATA.contains(&key.as_str())) {
                    return true;
                }
                removed.push(below);
                false
            });
        }
        Value::Array(items) => {
            let schema = known.as_ref().and_then(|known| known.array).map(|shape| &shape.items);
            if schema.is_none() && preserve {
                return;
            }
            for (index, item) in items.iter_mut().enumerate() {
                walk(schema, item, &format!("{path}[{index}]"), false, removed);
            }
        }
        _ => {}
    }
}

fn child(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_string() } else { format!("{path}.{key}") }
}
