//! Server-side apply: who owns what, who conflicts, what goes away, and laws over random histories.

mod history;
mod managers;
mod ownership;
mod properties;

use serde_json::{Value, json};

use super::Context;
use crate::schema::Schema;

const NOW: &str = "2026-01-01T00:00:00Z";
const LATER: &str = "2026-01-02T00:00:00Z";

/// A kind with one of everything that merges in its own way.
fn schema() -> Schema {
    let text = || json!({"type": "string"});
    let openapi = json!({"type": "object", "properties": {
        "spec": {"type": "object", "properties": {
            "replicas": {"type": "integer"},
            "name": text(),
            "flag": {"type": "boolean"},
            "map": {"type": "object", "additionalProperties": text()},
            "deep": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": text()}},
            "atomicMap": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": text(), "b": text()}},
            "list": {"type": "array", "items": text()},
            "set": {"type": "array", "x-kubernetes-list-type": "set", "items": text()},
            "ports": {
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port", "protocol"],
                "items": {"type": "object", "required": ["port"], "properties": {
                    "port": {"type": "integer"}, "protocol": {"type": "string", "default": "TCP"}, "name": text(),
                }},
            },
            "items": {
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                "items": {"type": "object", "required": ["name"], "properties": {
                    "name": text(), "value": text(), "inner": {"type": "object", "properties": {"a": text(), "b": text()}},
                }},
            },
            "any": {"x-kubernetes-preserve-unknown-fields": true},
        }},
        "status": {"type": "object", "properties": {"ready": {"type": "boolean"}}},
    }});
    Schema::compile(&openapi).unwrap_or_else(|causes| panic!("{causes:?}"))
}

fn context<'a>(manager: &'a str, schema: &'a Schema) -> Context<'a> {
    Context::new(manager, "example.com/v1", NOW, schema)
}

fn thing(spec: &Value) -> Value {
    json!({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": spec})
}

/// managedFields, one line an entry.
fn managers(object: &Value) -> String {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    let line = |entry: &Value| {
        let text = |key: &str| entry[key].as_str().unwrap_or("-").to_string();
        let subresource = entry["subresource"].as_str().map(|name| format!("/{name}")).unwrap_or_default();
        let day = text("time").chars().skip(8).take(2).collect::<String>();
        format!(
            "{} {}{subresource} {} @{day} {}\n",
            text("operation"),
            text("manager"),
            text("apiVersion"),
            entry["fieldsV1"]
        )
    };
    entries.into_iter().flatten().map(line).collect()
}
