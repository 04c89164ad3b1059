//! The body of a GET to a status: the same flattened shape as the spec's, with what Azure alone sets, without secrets and
//! without what the type data does not know.

use catalogue::{
    Catalogue, Node, ResourceType, TypeRef,
    project::{Field, Projection, Side},
};
use serde_json::{Map, Value};

/// The status of a resource, without conditions.
pub fn status(catalogue: &Catalogue, resource: &ResourceType, body: &Value) -> Map<String, Value> {
    let Some(projection) = Projection::new(catalogue, resource, Side::Status) else { return Map::new() };
    let walk = Walk { projection };
    let mut status =
        body.as_object().map(|map| walk.object(&projection.level(resource.body, ""), map)).unwrap_or_default();
    for name in ["id", "name", "type"] {
        if let Some(value) = body.get(name).filter(|value| value.is_string()) {
            status.insert(name.into(), value.clone());
        }
    }
    status
}

struct Walk<'a> {
    projection: Projection<'a>,
}

impl Walk<'_> {
    fn object(&self, fields: &[Field], body: &Map<String, Value>) -> Map<String, Value> {
        let mut status = Map::new();
        for field in fields {
            let found = get(body, &field.segments).filter(|value| !value.is_null());
            if let Some(value) = found.and_then(|value| self.value(field.of, value, &field.path)) {
                status.insert(field.name.clone(), value);
            }
        }
        status
    }

    fn value(&self, of: TypeRef, value: &Value, path: &str) -> Option<Value> {
        match (self.projection.catalogue.node(of), value) {
            (Node::Array { item, .. }, Value::Array(list)) => {
                let item_path = format!("{path}[]");
                Some(list.iter().filter_map(|value| self.value(*item, value, &item_path)).collect())
            }
            (Node::Object(object), Value::Object(map)) if object.properties.is_empty() => match object.additional {
                Some(of) => {
                    let value_path = format!("{path}{{}}");
                    let kept = map.iter().filter_map(|(key, value)| {
                        self.value(of, value, &value_path).map(|value| (key.clone(), value))
                    });
                    Some(Value::Object(kept.collect()))
                }
                None => Some(value.clone()),
            },
            (Node::Object(_), Value::Object(map)) => {
                Some(Value::Object(self.object(&self.projection.level(of, path), map)))
            }
            // Of another type than the data says: not shown rather than refused by the API server.
            (Node::Array { .. } | Node::Object(_) | Node::Discriminated { .. }, Value::Object(_) | Value::Array(_)) => {
                matches!(self.projection.catalogue.node(of), Node::Discriminated { .. }).then(|| value.clone())
            }
            (Node::Array { .. } | Node::Object(_), _) => None,
            (Node::String { .. } | Node::Literal(_), value) => value.is_string().then(|| value.clone()),
            (Node::Boolean, value) => value.is_boolean().then(|| value.clone()),
            (Node::Integer { .. }, value) => value.as_i64().map(Value::from),
            _ => Some(value.clone()),
        }
    }
}

/// ARM's answers differ in the casing of property names now and then.
fn get<'a>(body: &'a Map<String, Value>, segments: &[std::sync::Arc<str>]) -> Option<&'a Value> {
    let (first, rest) = segments.split_first()?;
    let exact = body.get(first.as_ref());
    let found =
        exact.or_else(|| body.iter().find(|(key, _)| key.eq_ignore_ascii_case(first)).map(|(_, value)| value))?;
    if rest.is_empty() { Some(found) } else { get(found.as_object()?, rest) }
}
