//! A spec to the body of a PUT. What is absent, null or an empty collection is not sent, as upstream's `omitempty`; in groups
//! with explicit collections an absent collection is sent as `null` or empty.

use actions::ArmRequest;
use catalogue::{
    Catalogue, Node, ResourceType, TypeRef,
    project::{Field, Form, Projection, Side},
};
use serde_json::{Map, Value, json};

use super::{azure_name, inputs::Inputs, set};
use crate::{
    arm_id,
    names::reason,
    observed::Observed,
    problem::{Problem, Stop},
};

/// The body that an object asks for. Secrets are in it in clear: it is for Azure, and its printing is masked by the
/// caller ([`masked`]).
pub(crate) fn build(
    catalogue: &Catalogue,
    resource: &ResourceType,
    observed: &Observed,
    subscription: &str,
) -> Result<Value, Stop> {
    let Some(projection) = Projection::new(catalogue, resource, Side::Spec) else {
        return Err(Problem::fatal(reason::FAILED, "not a kind of the catalogue").into());
    };
    let inputs = Inputs::new(catalogue, resource, observed, subscription);
    let walk = Walk { projection, inputs: &inputs };
    let empty = Map::new();
    let spec = observed.object["spec"].as_object().unwrap_or(&empty);
    let mut body = walk.object(&projection.level(resource.body, ""), spec, "spec")?;
    inputs.complete()?;
    body.insert("name".into(), json!(azure_name(catalogue, resource, &observed.object)));
    Ok(Value::Object(body))
}

/// The body of an object without anything looked up: references by ARM id only. For tests, import and tools.
pub fn body(catalogue: &Catalogue, resource: &ResourceType, object: &Value) -> Result<Value, Problem> {
    build(catalogue, resource, &Observed::new(object.clone()), "").map_err(|stop| match stop {
        Stop::Problem(problem) => problem,
        Stop::Need(queries) => {
            Problem::warning(reason::REFERENCE_NOT_FOUND, format!("the spec refers to other objects: {queries:?}"))
        }
    })
}

struct Walk<'a> {
    projection: Projection<'a>,
    inputs: &'a Inputs<'a>,
}

impl Walk<'_> {
    fn object(&self, fields: &[Field], spec: &Map<String, Value>, at: &str) -> Result<Map<String, Value>, Problem> {
        let mut body = Map::new();
        for field in fields {
            let sent = self.field(field, spec, at)?;
            if let Some(value) = sent.or_else(|| self.explicit(field, spec.get(&field.name))) {
                set(&mut body, &field.segments, value);
            }
        }
        Ok(body)
    }

    fn field(&self, field: &Field, spec: &Map<String, Value>, at: &str) -> Result<Option<Value>, Problem> {
        let here = format!("{at}.{}", field.name);
        let given = spec.get(&field.name).filter(|value| !value.is_null());
        if let Form::ConfigMapInput { field: from } = &field.form {
            let from_config = spec.get(from).filter(|value| !value.is_null());
            return match (given, from_config) {
                (Some(_), Some(_)) => {
                    let message = format!("{here} and {at}.{from} cannot both be set");
                    Err(Problem::fatal(reason::FAILED, message))
                }
                (None, Some(reference)) => self.inputs.config_map(&format!("{at}.{from}"), reference).map(Some),
                (given, None) => Ok(given.cloned()),
            };
        }
        let Some(value) = given else { return Ok(None) };
        // Azure does not know the operator's own values; what they ask for is decided elsewhere.
        let own = self.projection.facts().operator_values.get(&field.path);
        if own.is_some_and(|own| own.iter().any(|own| value == own.as_str())) {
            return Ok(None);
        }
        Ok(match &field.form {
            Form::Plain | Form::ConfigMapInput { .. } => self.value(field.of, value, &field.path, &here)?,
            Form::Reference => Some(self.inputs.reference(&here, &field.path, value)?),
            Form::ReferenceList => {
                let ids: Result<Vec<Value>, Problem> = items(value)
                    .enumerate()
                    .map(|(index, item)| self.inputs.reference(&format!("{here}[{index}]"), &field.path, item))
                    .collect();
                some_unless_empty(ids?)
            }
            Form::ReferenceMap => {
                let mut map = Map::new();
                for (index, item) in items(value).enumerate() {
                    let at = format!("{here}[{index}].reference");
                    let id = self.inputs.reference(&at, &field.path, &item["reference"])?;
                    map.insert(id.as_str().unwrap_or_default().to_string(), json!({}));
                }
                (!map.is_empty()).then_some(Value::Object(map))
            }
            Form::Secret { literal: true } if value.is_string() => Some(value.clone()),
            Form::Secret { .. } => Some(self.inputs.secret(&here, value)?),
        })
    }

    /// What stands for a collection that is not given, or given empty, where that has to be said.
    fn explicit(&self, field: &Field, given: Option<&Value>) -> Option<Value> {
        let facts = self.projection.facts();
        if !facts.explicit_collections || field.form != Form::Plain {
            return None;
        }
        let empty = match self.projection.catalogue.node(field.of) {
            Node::Array { .. } => json!([]),
            Node::Object(object) if object.properties.is_empty() && object.additional.is_some() => json!({}),
            _ => return None,
        };
        let is_empty = given.is_some_and(|given| *given == empty);
        let none_means_none = facts.explicit_empty_collections.contains(&field.name);
        Some(if is_empty || none_means_none { empty } else { Value::Null })
    }

    fn value(&self, of: TypeRef, value: &Value, path: &str, at: &str) -> Result<Option<Value>, Problem> {
        match (self.projection.catalogue.node(of), value) {
            (Node::Array { item, .. }, Value::Array(list)) => {
                let mut sent = Vec::with_capacity(list.len());
                for (index, value) in list.iter().enumerate() {
                    let at = format!("{at}[{index}]");
                    sent.push(self.value(*item, value, &format!("{path}[]"), &at)?.unwrap_or(Value::Null));
                }
                Ok(some_unless_empty(sent))
            }
            (Node::Object(object), Value::Object(map)) if object.properties.is_empty() => match object.additional {
                Some(of) => self.dictionary(of, map, path, at),
                None => Ok(Some(value.clone())),
            },
            (Node::Object(_), Value::Object(map)) => {
                let fields = self.projection.level(of, path);
                Ok(Some(Value::Object(self.object(&fields, map, at)?)))
            }
            _ => Ok(Some(value.clone())),
        }
    }

    fn dictionary(
        &self,
        of: TypeRef,
        map: &Map<String, Value>,
        path: &str,
        at: &str,
    ) -> Result<Option<Value>, Problem> {
        let mut sent = Map::new();
        for (key, value) in map {
            if let Some(value) = self.value(of, value, &format!("{path}{{}}"), &format!("{at}.{key}"))? {
                sent.insert(key.clone(), value);
            }
        }
        Ok((!sent.is_empty()).then_some(Value::Object(sent)))
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn some_unless_empty(list: Vec<Value>) -> Option<Value> {
    (!list.is_empty()).then_some(Value::Array(list))
}

/// A request as it may be printed: secrets of the body replaced by `(secret)`.
pub fn masked(catalogue: &Catalogue, request: &ArmRequest) -> ArmRequest {
    let mut request = request.clone();
    let arm_type = arm_id::type_of(&request.id).unwrap_or_default();
    if let (Some(resource), Some(body)) =
        (catalogue.resource_by_arm(&arm_type, &request.api_version), request.body.as_mut())
    {
        mask(catalogue, resource, body, "");
    }
    request
}

fn mask(catalogue: &Catalogue, resource: &ResourceType, value: &mut Value, path: &str) {
    if !path.is_empty() && is_secret(catalogue, resource, path) {
        *value = json!("(secret)");
        return;
    }
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                mask(catalogue, resource, member, &below);
            }
        }
        Value::Array(list) => {
            list.iter_mut().for_each(|item| mask(catalogue, resource, item, &format!("{path}[]")));
        }
        _ => {}
    }
}

/// Whether the value at an ARM path (in the notation of the facts) must not be printed.
pub fn is_secret(catalogue: &Catalogue, resource: &ResourceType, path: &str) -> bool {
    let Some(facts) = &resource.facts else { return false };
    facts.is_secret(path) || sensitive(catalogue, resource.body, path)
}

/// Whether the type data marks the string at the path as sensitive.
fn sensitive(catalogue: &Catalogue, of: TypeRef, path: &str) -> bool {
    let mut of = of;
    for segment in path.split('.') {
        let name = segment.trim_end_matches("[]").trim_end_matches("{}");
        let Node::Object(object) = catalogue.node(of) else { return false };
        let Some(property) = object.property(name) else { return false };
        of = property.of;
        for _ in 0..segment.matches("[]").count() {
            let Node::Array { item, .. } = catalogue.node(of) else { return false };
            of = *item;
        }
        for _ in 0..segment.matches("{}").count() {
            let Node::Object(object) = catalogue.node(of) else { return false };
            let Some(additional) = object.additional else { return false };
            of = additional;
        }
    }
    matches!(catalogue.node(of), Node::String { sensitive: true, .. })
}
