//! The OpenAPI v2 document of a whole server, made from the v3 documents of its group-versions: what kubectl before 1.29 reads, and Go
//! programs that look types up (Argo CD's controller). Older schemas say less: alternatives and conditions are left out, as
//! upstream leaves them out.

use serde_json::{Map, Value, json};

/// Media types of answers, as upstream lists them.
const PRODUCES: [&str; 3] = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
/// Words of schemas that v2 does not know.
const UNKNOWN: [&str; 5] = ["anyOf", "oneOf", "not", "nullable", "x-kubernetes-validations"];

/// One document out of several; the first definition of a name wins, and knows all kinds that use it.
pub fn openapi_v2(version: &str, documents: impl IntoIterator<Item = Value>) -> Value {
    let (mut paths, mut definitions) = (Map::new(), Map::new());
    for mut document in documents {
        let below = |document: &mut Value, pointer: &str| match document.pointer_mut(pointer).map(Value::take) {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        };
        for (path, item) in below(&mut document, "/paths") {
            paths.insert(path, path_item(item));
        }
        for (name, schema) in below(&mut document, "/components/schemas") {
            let schema = self::schema(schema);
            match definitions.get_mut(&name) {
                None => drop(definitions.insert(name, schema)),
                Some(known) => join_kinds(known, &schema),
            }
        }
    }
    json!({
        "swagger": "2.0",
        "info": { "title": "Kubernetes", "version": version },
        "paths": paths,
        "definitions": definitions,
        "securityDefinitions": {
            "BearerToken": {
                "description": "Bearer Token authentication", "type": "apiKey", "name": "authorization", "in": "header",
            },
        },
        "security": [{ "BearerToken": [] }],
    })
}

/// Options belong to every group-version: each document names its own.
fn join_kinds(known: &mut Value, other: &Value) {
    const KINDS: &str = "x-kubernetes-group-version-kind";
    let more = other.get(KINDS).and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(list) = known.get_mut(KINDS).and_then(Value::as_array_mut) {
        for kind in more {
            if !list.contains(&kind) {
                list.push(kind);
            }
        }
    }
}

fn path_item(item: Value) -> Value {
    let Value::Object(members) = item else { return item };
    let members = members.into_iter().map(|(name, value)| match name.as_str() {
        "parameters" => (name, parameters(value)),
        _ => (name, operation(value)),
    });
    Value::Object(members.collect())
}

fn parameters(list: Value) -> Value {
    let Value::Array(list) = list else { return list };
    let parameter = |mut of: Value| {
        let kind = of.pointer("/schema/type").cloned();
        if let (Some(fields), Some(kind)) = (of.as_object_mut(), kind) {
            fields.remove("schema");
            fields.insert("type".into(), kind);
            fields.insert("uniqueItems".into(), true.into());
        }
        of
    };
    list.into_iter().map(parameter).collect()
}

fn operation(mut operation: Value) -> Value {
    let body = operation.as_object_mut().and_then(|fields| fields.remove("requestBody"));
    let content = body.as_ref().and_then(|body| body.get("content")).and_then(Value::as_object).cloned();
    let mut given = match operation.get_mut("parameters").map(Value::take).map(parameters) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    operation["consumes"] = json!(["*/*"]);
    if let Some(content) = content {
        let schema = content.values().next().and_then(|of| of.get("schema")).cloned().unwrap_or_default();
        // What is deleted may be said to be deleted in a way, or not.
        let optional = operation["x-kubernetes-action"].as_str().is_some_and(|action| action.starts_with("delete"));
        let mut body = json!({ "in": "body", "name": "body", "schema": self::schema(schema) });
        if !optional {
            body["required"] = true.into();
        }
        given.insert(0, body);
        operation["consumes"] = content.keys().cloned().collect();
    }
    operation["produces"] = json!(PRODUCES);
    operation["schemes"] = json!(["https"]);
    if !given.is_empty() {
        operation["parameters"] = given.into();
    } else if let Some(fields) = operation.as_object_mut() {
        fields.remove("parameters");
    }
    for response in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
    {
        let schema = response.pointer("/content/application~1json/schema").cloned();
        if let Some(fields) = response.as_object_mut() {
            fields.remove("content");
            if let Some(schema) = schema {
                fields.insert("schema".into(), self::schema(schema));
            }
        }
    }
    operation
}

/// A schema in v2's words.
fn schema(schema: Value) -> Value {
    let Value::Object(mut fields) = schema else { return json!({}) };
    let either = fields.contains_key("oneOf") || fields.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true));
    // A type that may be null is any type: v2 cannot say more without refusing what is right.
    let nullable = fields.get("nullable") == Some(&Value::Bool(true));
    for name in UNKNOWN {
        fields.remove(name);
    }
    if nullable {
        for name in ["type", "items", "properties", "additionalProperties", "format"] {
            fields.remove(name);
        }
    }
    if either && !fields.contains_key("x-kubernetes-int-or-string") {
        fields.insert("type".into(), "string".into());
    }
    if let Some(Value::String(to)) = fields.get_mut("$ref") {
        *to = to.replace("#/components/schemas/", "#/definitions/");
    }
    // In v3 a reference stands in an `allOf` of its own, so that something may stand beside it.
    let only = match fields.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) if only.get("$ref").is_some() => Some(only.clone()),
        _ => None,
    };
    if let Some(Value::Object(reference)) = only.map(self::schema) {
        fields.remove("allOf");
        fields.remove("default");
        fields.extend(reference);
    }
    below(&mut fields);
    Value::Object(fields)
}

fn below(fields: &mut Map<String, Value>) {
    for name in ["properties", "definitions"] {
        for property in fields.get_mut(name).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
            *property = schema(property.take());
        }
    }
    if let Some(items) = fields.get_mut("items") {
        *items = schema(items.take());
    }
    if let Some(additional) = fields.get_mut("additionalProperties").filter(|of| of.is_object()) {
        *additional = schema(additional.take());
    }
    for part in fields.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        *part = schema(part.take());
    }
}
