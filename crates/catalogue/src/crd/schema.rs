//! OpenAPI schemas of spec and status, structural as CustomResourceDefinitions want them. A part that cannot be said
//! (a recursive type, an object of many shapes) preserves unknown fields instead of being left out.

use serde_json::{Map, Value, json};

use crate::{
    Catalogue, Facts, Node, Owner, ResourceType, TypeRef,
    facts::Naming,
    node::Object,
    project::{Field, Form, Projection, Side},
    validate::literals,
};

const ARM_ID: &str = "(?i)(^(/subscriptions/([^/]+)(/resourcegroups/([^/]+))?)?/providers/([^/]+)/([^/]+/[^/]+)(/([^/]+/[^/]+))*$|^/subscriptions/([^/]+)(/resourcegroups/([^/]+))?$)";

/// The schema of a whole object at one version; `None` when the type is no Kubernetes kind.
pub fn object(catalogue: &Catalogue, resource: &ResourceType) -> Option<Value> {
    let spec = Builder { projection: Projection::new(catalogue, resource, Side::Spec)?, open: Vec::new() }.spec();
    let status = Builder { projection: Projection::new(catalogue, resource, Side::Status)?, open: Vec::new() }.status();
    Some(json!({
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": spec,
            "status": status,
        }
    }))
}

struct Builder<'a> {
    projection: Projection<'a>,
    open: Vec<TypeRef>,
}

impl Builder<'_> {
    fn spec(&mut self) -> Value {
        let facts = self.projection.facts();
        let (mut properties, mut required) = self.members(self.projection.root());
        if let Some(name) = self.azure_name() {
            properties.insert("azureName".into(), name);
        }
        match facts.owner() {
            Owner::None => {}
            Owner::Any => {
                properties.insert("owner".into(), owner(true));
                required.push("owner".into());
            }
            Owner::Kind { .. } => {
                properties.insert("owner".into(), owner(false));
                required.push("owner".into());
            }
        }
        properties.insert("operatorSpec".into(), operator_spec(facts));
        object_schema(properties, required)
    }

    /// `None` for types whose only name is known, such as `default`.
    fn azure_name(&self) -> Option<Value> {
        let mut schema = match self.projection.resource.name {
            Some(of) if matches!(self.projection.catalogue.node(of), Node::Literal(_)) => return None,
            Some(of) => scalar(self.projection.catalogue, of, Side::Spec).unwrap_or_else(|| json!({"type": "string"})),
            None => json!({"type": "string"}),
        };
        schema["description"] = json!("The name of the resource in Azure; metadata.name when absent.");
        Some(schema)
    }

    fn status(&mut self) -> Value {
        let (mut properties, _) = self.members(self.projection.root());
        for name in ["id", "name", "type"] {
            properties.insert(name.into(), json!({"type": "string"}));
        }
        properties.insert("conditions".into(), json!({"type": "array", "items": condition()}));
        object_schema(properties, Vec::new())
    }

    fn members(&mut self, fields: Vec<Field>) -> (Map<String, Value>, Vec<String>) {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in fields {
            let schema = self.field(&field);
            if let Form::ConfigMapInput { field } = &field.form {
                properties.insert(field.clone(), name_and_key("a ConfigMap"));
            }
            if field.required {
                required.push(field.name.clone());
            }
            properties.insert(field.name, schema);
        }
        (properties, required)
    }

    fn field(&mut self, field: &Field) -> Value {
        match &field.form {
            Form::Plain | Form::ConfigMapInput { .. } => {
                let mut schema = self.of(field.of, &field.path);
                self.operator_values(&field.path, &mut schema);
                schema
            }
            Form::Reference => reference(self.projection.facts().well_known.contains_key(&field.path)),
            Form::ReferenceList => json!({"type": "array", "items": reference(false)}),
            Form::ReferenceMap => {
                let item = json!({"type": "object", "properties": {"reference": reference(false)}});
                json!({"type": "array", "items": item})
            }
            Form::Secret { literal: false } => name_and_key("a Secret"),
            Form::Secret { literal: true } => json!({
                "x-kubernetes-preserve-unknown-fields": true,
                "description": "{name, key} of a Secret in this namespace, or the value itself (which anyone who can read the object can read).",
            }),
        }
    }

    fn operator_values(&self, path: &str, schema: &mut Value) {
        let Some(more) = self.projection.facts().operator_values.get(path) else { return };
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            values.extend(more.iter().map(|value| json!(value)));
            values.sort_by_key(|value| value.as_str().unwrap_or_default().to_string());
        }
    }

    fn of(&mut self, of: TypeRef, path: &str) -> Value {
        let catalogue = self.projection.catalogue;
        if let Some(schema) = scalar(catalogue, of, self.projection.side()) {
            return schema;
        }
        if self.open.contains(&of) {
            return anything_object();
        }
        self.open.push(of);
        let schema = match catalogue.node(of) {
            Node::Array { item, min_length, max_length } => {
                let mut schema = json!({"type": "array", "items": self.of(*item, &format!("{path}[]"))});
                if self.projection.side() == Side::Spec {
                    bound(&mut schema, "minItems", min_length.map(|length| json!(length)));
                    bound(&mut schema, "maxItems", max_length.map(|length| json!(length)));
                }
                schema
            }
            Node::Object(object) => self.object(object, path),
            Node::Discriminated { .. } => anything_object(),
            _ => json!({"x-kubernetes-preserve-unknown-fields": true}),
        };
        self.open.pop();
        schema
    }

    fn object(&mut self, object: &Object, path: &str) -> Value {
        let (properties, required) = self.members(self.projection.fields(object, path));
        match (properties.is_empty(), object.additional) {
            (true, Some(of)) => {
                json!({"type": "object", "additionalProperties": self.of(of, &format!("{path}{{}}"))})
            }
            (true, None) => anything_object(),
            (false, additional) => {
                let mut schema = object_schema(properties, required);
                if additional.is_some() {
                    schema["x-kubernetes-preserve-unknown-fields"] = json!(true);
                }
                schema
            }
        }
    }
}

/// Schemas of types without members. Enums are checked in the spec only: Azure adds values.
fn scalar(catalogue: &Catalogue, of: TypeRef, side: Side) -> Option<Value> {
    let mut schema = match catalogue.node(of) {
        Node::Any => json!({"x-kubernetes-preserve-unknown-fields": true}),
        Node::Boolean => json!({"type": "boolean"}),
        Node::Integer { .. } => json!({"type": "integer"}),
        Node::String { .. } | Node::Literal(_) => json!({"type": "string"}),
        Node::Union(elements) => {
            let plain = |of: &TypeRef| matches!(catalogue.node(*of), Node::String { .. } | Node::Literal(_));
            if elements.iter().all(plain) {
                json!({"type": "string"})
            } else {
                json!({"x-kubernetes-preserve-unknown-fields": true})
            }
        }
        Node::Array { .. } | Node::Object(_) | Node::Discriminated { .. } => return None,
    };
    if side == Side::Status {
        return Some(schema);
    }
    match catalogue.node(of) {
        Node::Integer { min, max } => {
            bound(&mut schema, "minimum", min.map(|min| json!(min)));
            bound(&mut schema, "maximum", max.map(|max| json!(max)));
        }
        Node::String { min_length, max_length, pattern, .. } => {
            bound(&mut schema, "minLength", min_length.map(|length| json!(length)));
            bound(&mut schema, "maxLength", max_length.map(|length| json!(length)));
            bound(&mut schema, "pattern", pattern.as_ref().map(|pattern| json!(pattern.as_ref())));
        }
        Node::Literal(value) => schema["enum"] = json!([value.as_ref()]),
        Node::Union(elements) => {
            let mut values = literals(catalogue, elements);
            values.sort_unstable();
            if !values.is_empty() && schema["type"] == "string" {
                schema["enum"] = json!(values);
            }
        }
        _ => {}
    }
    Some(schema)
}

fn bound(schema: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        schema[name] = value;
    }
}

fn object_schema(properties: Map<String, Value>, mut required: Vec<String>) -> Value {
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        required.sort();
        schema["required"] = json!(required);
    }
    schema
}

fn anything_object() -> Value {
    json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}

fn reference(well_known: bool) -> Value {
    let mut schema = json!({
        "type": "object",
        "description": "Another Azure object of this namespace (group, kind, name), or a resource by its ARM id.",
        "properties": {
            "group": {"type": "string"},
            "kind": {"type": "string"},
            "name": {"type": "string"},
            "armId": {"type": "string", "pattern": ARM_ID},
        }
    });
    if well_known {
        schema["properties"]["wellKnownName"] = json!({"type": "string"});
    }
    schema
}

fn owner(any: bool) -> Value {
    let mut properties = json!({
        "name": {"type": "string"},
        "armId": {"type": "string", "pattern": ARM_ID},
    });
    if any {
        properties["group"] = json!({"type": "string"});
        properties["kind"] = json!({"type": "string"});
    }
    json!({
        "type": "object",
        "description": "Where the resource belongs in Azure: deleting the owner deletes it too.",
        "properties": properties,
    })
}

fn name_and_key(of: &str) -> Value {
    json!({
        "type": "object",
        "description": format!("A value in {of} of this namespace."),
        "properties": {"name": {"type": "string"}, "key": {"type": "string"}},
        "required": ["key", "name"],
    })
}

fn operator_spec(facts: &Facts) -> Value {
    let expressions = |into: &str| {
        json!({
            "type": "array",
            "description": format!("CEL expressions over this object, written into {into}s."),
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "key": {"type": "string"}, "value": {"type": "string"}},
                "required": ["name", "value"],
            }
        })
    };
    let mut properties = Map::new();
    properties.insert("configMapExpressions".into(), expressions("ConfigMap"));
    properties.insert("secretExpressions".into(), expressions("Secret"));
    let destinations = |names: Vec<&String>, of: &str| {
        let members: Map<String, Value> = names.into_iter().map(|name| (name.clone(), name_and_key(of))).collect();
        json!({"type": "object", "properties": members})
    };
    if !facts.operator_secrets.is_empty() {
        properties.insert("secrets".into(), destinations(facts.operator_secrets.iter().collect(), "a Secret"));
    }
    if !facts.operator_config_maps.is_empty() {
        properties
            .insert("configMaps".into(), destinations(facts.operator_config_maps.keys().collect(), "a ConfigMap"));
    }
    if facts.naming == Naming::Uuid {
        properties.insert("namingConvention".into(), json!({"type": "string", "enum": ["random", "stable"]}));
    }
    json!({"type": "object", "properties": properties})
}

fn condition() -> Value {
    json!({
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "status": {"type": "string"},
            "severity": {"type": "string"},
            "reason": {"type": "string"},
            "message": {"type": "string"},
            "lastTransitionTime": {"type": "string", "format": "date-time"},
            "observedGeneration": {"type": "integer", "format": "int64"},
        },
        "required": ["lastTransitionTime", "reason", "status", "type"],
    })
}
