//! The schemas of a document: built-in types out of the facts, custom resources out of their CRD.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{CustomEntry, group_version_kind, reference};
use crate::builtin::facts::{Field, FieldType, TypeFacts, table};

pub(super) const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";

#[derive(Debug)]
pub(super) struct Components<'a> {
    group: &'a str,
    version: &'a str,
    schemas: Map<String, Value>,
    /// Built-in types that were referred to and not written yet.
    wanted: Vec<&'static TypeFacts>,
    known: BTreeSet<&'static str>,
}

/// The name of a custom resource's component: `com.example.stable.v1.CronTab`.
pub(super) fn custom_name(custom: &CustomEntry<'_>, kind: &str) -> String {
    let reversed: Vec<&str> = custom.group.rsplit('.').collect();
    format!("{}.{}.{kind}", reversed.join("."), custom.version)
}

impl<'a> Components<'a> {
    pub(super) fn new(group: &'a str, version: &'a str) -> Self {
        Self { group, version, schemas: Map::new(), wanted: Vec::new(), known: BTreeSet::new() }
    }

    /// A reference to a type; a built-in one is written when the document is finished.
    pub(super) fn refer(&mut self, type_name: &str) -> Value {
        if let Some(of) = table().get(type_name) {
            self.want(of);
        }
        reference(type_name)
    }

    fn want(&mut self, of: &'static TypeFacts) {
        if self.known.insert(&of.name) {
            self.wanted.push(of);
        }
    }

    /// Every schema that was referred to, and those that they refer to.
    pub(super) fn reachable(mut self) -> Map<String, Value> {
        while let Some(of) = self.wanted.pop() {
            let schema = if of.special { special(of.short_name) } else { self.object(of) };
            self.schemas.insert(of.name.clone(), schema);
        }
        self.schemas
    }

    fn object(&mut self, of: &'static TypeFacts) -> Value {
        let mut schema = Map::new();
        schema.insert("type".into(), "object".into());
        let (mut properties, mut required) = (Map::new(), Vec::new());
        if of.kind {
            properties.insert("apiVersion".into(), json!({ "type": "string" }));
            properties.insert("kind".into(), json!({ "type": "string" }));
            schema.insert("x-kubernetes-group-version-kind".into(), self.kinds_of(of).into());
        }
        self.fields(of, &mut properties, &mut required);
        if !properties.is_empty() {
            schema.insert("properties".into(), properties.into());
        }
        if !required.is_empty() {
            required.sort_unstable();
            schema.insert("required".into(), required.into());
        }
        if of.atomic {
            schema.insert("x-kubernetes-map-type".into(), "atomic".into());
        }
        schema.into()
    }

    /// Options and statuses belong to every group-version; the document's own one is named.
    fn kinds_of(&self, of: &TypeFacts) -> Vec<Value> {
        if of.group != "meta.k8s.io" {
            return vec![group_version_kind(of.group, of.version, of.short_name)];
        }
        let core = group_version_kind("", "v1", of.short_name);
        let own = group_version_kind(self.group, self.version, of.short_name);
        if of.short_name != "DeleteOptions" || own == core { vec![core] } else { vec![core, own] }
    }

    fn fields(&mut self, of: &'static TypeFacts, properties: &mut Map<String, Value>, required: &mut Vec<&str>) {
        for field in of.fields() {
            match (&field.of, field.name) {
                (FieldType::Of(inlined), "") => self.fields(inlined, properties, required),
                (_, name) => {
                    properties.insert(name.into(), self.property(field));
                    if field.required {
                        required.push(name);
                    }
                }
            }
        }
    }

    fn property(&mut self, field: &Field) -> Value {
        let mut schema = self.of_type(&field.of);
        if let Some(values) = field.values {
            schema["enum"] = values.split('|').collect();
        }
        if let Some(default) = field.default.and_then(|default| serde_json::from_str::<Value>(default).ok()) {
            schema["default"] = default;
        }
        if let Some(list) = field.list {
            let (kind, keys) = list.split_once(':').unwrap_or((list, ""));
            schema["x-kubernetes-list-type"] = kind.into();
            if !keys.is_empty() {
                schema["x-kubernetes-list-map-keys"] = keys.split(',').collect();
            }
        }
        if field.atomic {
            schema["x-kubernetes-map-type"] = "atomic".into();
        }
        if let Some(patch) = field.patch {
            let (strategy, key) = patch.split_once(':').unwrap_or((patch, ""));
            schema["x-kubernetes-patch-strategy"] = strategy.into();
            if !key.is_empty() {
                schema["x-kubernetes-patch-merge-key"] = key.into();
            }
        }
        schema
    }

    fn of_type(&mut self, of: &FieldType) -> Value {
        match of {
            FieldType::Any => json!({ "type": "object" }),
            FieldType::String => json!({ "type": "string" }),
            FieldType::Bool => json!({ "type": "boolean" }),
            FieldType::Int32 => json!({ "type": "integer", "format": "int32" }),
            FieldType::Int64 => json!({ "type": "integer", "format": "int64" }),
            FieldType::Double => json!({ "type": "number", "format": "double" }),
            FieldType::Bytes => json!({ "type": "string", "format": "byte" }),
            FieldType::Of(of) => {
                self.want(of);
                json!({ "allOf": [reference(&of.name)] })
            }
            FieldType::List(items) | FieldType::NullableList(items) => {
                json!({ "type": "array", "items": self.of_type(items) })
            }
            FieldType::Map(values) => json!({ "type": "object", "additionalProperties": self.of_type(values) }),
        }
    }

    pub(super) fn insert_custom(&mut self, custom: &CustomEntry<'_>) {
        let (name, list_name) = (custom_name(custom, custom.kind), custom_name(custom, custom.list_kind));
        let mut schema = custom.schema.cloned().unwrap_or_else(|| json!({ "type": "object" }));
        self.embed(&mut schema);
        let object = self.with_object_fields(&mut schema);
        object["x-kubernetes-group-version-kind"] =
            json!([group_version_kind(custom.group, custom.version, custom.kind)]);
        let list = json!({
            "type": "object",
            "required": ["items"],
            "properties": {
                "apiVersion": { "type": "string" },
                "kind": { "type": "string" },
                "metadata": { "allOf": [self.refer(&format!("{META}ListMeta"))] },
                "items": { "type": "array", "items": reference(&name) },
            },
            "x-kubernetes-group-version-kind": [group_version_kind(custom.group, custom.version, custom.list_kind)],
        });
        self.schemas.insert(name, schema);
        self.schemas.insert(list_name, list);
    }

    /// `apiVersion`, `kind` and `metadata`, which a CRD does not spell out. A `$ref` hides what stands beside it, hence `allOf`.
    fn with_object_fields<'s>(&mut self, schema: &'s mut Value) -> &'s mut Value {
        if !schema.is_object() {
            *schema = json!({ "type": "object" });
        }
        let meta = self.refer(&format!("{META}ObjectMeta"));
        if !schema["properties"].is_object() {
            schema["properties"] = json!({});
        }
        for name in ["apiVersion", "kind"] {
            let property = &mut schema["properties"][name];
            if !property.is_object() {
                *property = json!({ "type": "string" });
            }
        }
        schema["properties"]["metadata"] = json!({ "allOf": [meta] });
        schema
    }

    /// Objects inside of objects (`x-kubernetes-embedded-resource`) have the same three fields.
    fn embed(&mut self, schema: &mut Value) {
        let Some(object) = schema.as_object_mut() else { return };
        for name in ["properties", "patternProperties"] {
            for property in object.get_mut(name).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
                self.embed(property);
            }
        }
        for name in ["items", "additionalProperties"] {
            if let Some(inner) = object.get_mut(name) {
                self.embed(inner);
            }
        }
        if object.get("x-kubernetes-embedded-resource") == Some(&Value::Bool(true)) {
            self.with_object_fields(schema);
        }
    }
}

fn special(name: &str) -> Value {
    match name {
        "Quantity" => json!({ "oneOf": [{ "type": "string" }, { "type": "number" }] }),
        "IntOrString" => json!({ "format": "int-or-string", "oneOf": [{ "type": "integer" }, { "type": "string" }] }),
        "Time" | "MicroTime" | "Timestamp" => json!({ "type": "string", "format": "date-time" }),
        "Duration" => json!({ "type": "string" }),
        "RawExtension" | "FieldsV1" => json!({ "type": "object" }),
        // JSON and the unions of JSONSchemaProps: anything.
        _ => json!({}),
    }
}
