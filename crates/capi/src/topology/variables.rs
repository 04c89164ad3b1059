//! Variables of classes and topologies: schemas, defaults, validation with upstream's words, and look-ups by path.

use machinery::schema::{self, Schema};
use serde_json::{Map, Value, json};

use super::{Halt, pools_of};
use crate::pass::{Pass, text};

/// A variable's schema, as the one field of an object: only objects have defaults and errors with paths.
fn compiled(openapi: &Value) -> Result<Schema, String> {
    let wrapped = json!({"type": "object", "properties": {"value": without_notes(openapi)}});
    Schema::compile(&wrapped).map_err(|causes| {
        let shown = causes
            .iter()
            .map(|cause| format!("{}: {}", cause.field.replace("properties[value]", "openAPIV3Schema"), cause.message));
        joined(shown.collect())
    })
}

/// Cluster API's own notes are no part of a schema that can be compiled.
fn without_notes(node: &Value) -> Value {
    let Some(map) = node.as_object() else { return node.clone() };
    let kept = map.iter().filter(|(key, _)| !["x-metadata", "example"].contains(&key.as_str()));
    let walked = kept.map(|(key, value)| {
        let value = match (key.as_str(), value) {
            ("properties", Value::Object(children)) => {
                Value::Object(children.iter().map(|(name, child)| (name.clone(), without_notes(child))).collect())
            }
            ("items" | "additionalProperties" | "not", child) => without_notes(child),
            ("allOf" | "anyOf" | "oneOf", Value::Array(children)) => children.iter().map(without_notes).collect(),
            _ => value.clone(),
        };
        (key.clone(), value)
    });
    Value::Object(walked.collect())
}

/// Whether every definition of a class's `status.variables` can be worked with.
pub(crate) fn check_definitions(listed: &[Value]) -> Result<(), String> {
    let mut errors = Vec::new();
    let mut before = "";
    for variable in listed {
        let name = text(variable, "/name");
        if name == before {
            errors.push(format!("spec.variables[{name}]: Invalid value: \"{name}\": variable name must be unique"));
        }
        if name == "builtin" {
            errors.push(format!(
                "spec.variables[{name}].name: Invalid value: \"{name}\": \"builtin\" is a reserved variable name"
            ));
        }
        if name.contains('.') {
            errors.push(format!(
                "spec.variables[{name}].name: Invalid value: \"{name}\": variable name cannot contain \".\""
            ));
        }
        before = name;
        let openapi = schema_of(variable);
        match compiled(openapi) {
            Err(error) => errors.push(format!("spec.variables[{name}].schema: {error}")),
            Ok(schema) => {
                if let Some(default) = openapi.get("default") {
                    for cause in schema::validate(&schema, &json!({"value": default}), None) {
                        errors
                            .push(format!("spec.variables[{name}].schema.openAPIV3Schema.default: {}", cause.message));
                    }
                }
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(joined(errors)) }
}

fn schema_of(variable: &Value) -> &Value {
    variable.pointer("/definitions/0/schema/openAPIV3Schema").unwrap_or(&Value::Null)
}

fn joined(mut errors: Vec<String>) -> String {
    if errors.len() == 1 { errors.remove(0) } else { format!("[{}]", errors.join(", ")) }
}

/// The topology with its variables defaulted by the class, or what is wrong with them.
pub(super) fn prepared<'a>(pass: &Pass<'a>, topology: &Value, class: &Value) -> Result<Value, Halt> {
    let definitions = class.pointer("/status/variables").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut topology = topology.clone();
    let mut errors = Vec::new();
    let at = "spec.topology.variables";
    let values = settle(&definitions, topology.get("variables"), true, at, &mut errors);
    topology["variables"] = values;
    let at = "spec.topology.controlPlane.variables.overrides";
    if let Some(overrides) = topology.pointer_mut("/controlPlane/variables/overrides") {
        *overrides = settle(&definitions, Some(overrides), false, at, &mut errors);
    }
    let pools = topology.pointer_mut("/workers/machinePools").and_then(Value::as_array_mut);
    for pool in pools.into_iter().flatten() {
        let at = format!("spec.topology.workers.machinePools[{}].variables.overrides", text(pool, "/name"));
        if let Some(overrides) = pool.pointer_mut("/variables/overrides") {
            *overrides = settle(&definitions, Some(overrides), false, &at, &mut errors);
        }
    }
    invalid(pass, errors)?;
    Ok(topology)
}

/// The list with defaults. `whole` is the Cluster's own list: it has every variable that has a default, and every required one.
fn settle(definitions: &[Value], values: Option<&Value>, whole: bool, at: &str, errors: &mut Vec<String>) -> Value {
    let given: Vec<&Value> = values.and_then(Value::as_array).into_iter().flatten().collect();
    let mut settled = Vec::new();
    for variable in &given {
        let name = text(variable, "/name");
        match definitions.iter().find(|definition| text(definition, "/name") == name) {
            None => {
                errors.push(format!(
                    "{at}[{name}]: Invalid value: {}: variable is not defined",
                    quoted(&variable["value"])
                ));
            }
            Some(definition) => settled.extend(one(definition, variable.get("value"), at, errors)),
        }
    }
    if whole {
        for definition in definitions {
            let name = text(definition, "/name");
            if given.iter().any(|variable| text(variable, "/name") == name) {
                continue;
            }
            if schema_of(definition).get("default").is_some() {
                settled.extend(one(definition, None, at, errors));
            } else if definition.pointer("/definitions/0/required") == Some(&json!(true)) {
                errors.push(format!("{at}: Required value: required variable \"{name}\" must be set"));
            }
        }
    }
    Value::Array(settled)
}

/// One variable, defaulted and checked.
fn one(definition: &Value, value: Option<&Value>, at: &str, errors: &mut Vec<String>) -> Option<Value> {
    let name = text(definition, "/name");
    let schema = match compiled(schema_of(definition)) {
        Ok(schema) => schema,
        Err(error) => {
            errors.push(format!("{at}[{name}]: Internal error: failed to convert schema definition for variable \"{name}\"; ClusterClass should be checked: {error}"));
            return None;
        }
    };
    let mut wrapped = Map::new();
    if let Some(value) = value {
        wrapped.insert("value".into(), value.clone());
    }
    let mut wrapped = Value::Object(wrapped);
    schema::default(&schema, &mut wrapped);
    let causes = schema::validate(&schema, &wrapped, None);
    errors.extend(causes.iter().map(|cause| format!("{at}[{name}].{}: {}", cause.field, cause.message)));
    let mut pruned = wrapped.clone();
    let unknown = schema::prune(&schema, &mut pruned);
    if causes.is_empty() && !unknown.is_empty() {
        let fields: Vec<&str> = unknown.iter().map(|path| path.trim_start_matches("value.")).collect();
        errors.push(format!(
            "{at}[{name}]: Invalid value: {}: failed validation: \"{}\" field(s) are not specified in the variable schema of variable \"{name}\"",
            quoted(&wrapped["value"]),
            fields.join(",")
        ));
    }
    Some(json!({"name": name, "value": wrapped["value"]}))
}

/// A value as upstream prints one: its JSON as a Go string.
fn quoted(value: &Value) -> String {
    format!("{:?}", value.to_string())
}

/// Upstream's error of an invalid Cluster, when there is something to say.
pub(super) fn invalid(pass: &Pass<'_>, errors: Vec<String>) -> Result<(), Halt> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(Halt::Failed(format!("Cluster.cluster.x-k8s.io \"{}\" is invalid: {}", pass.target.name, joined(errors))))
}

/// A list of variables as a map, those that the class defines.
pub(super) fn as_map(definitions: &Value, list: Option<&Value>) -> Map<String, Value> {
    let defined = |name: &str| pools_of(definitions, "/status/variables").any(|it| text(it, "/name") == name);
    let list = list.and_then(Value::as_array).into_iter().flatten();
    let named = list.map(|variable| (text(variable, "/name").to_string(), variable["value"].clone()));
    named.filter(|(name, _)| name != "builtin" && defined(name)).collect()
}

/// A variable, or a part of one: `name`, `name.field[3].other`.
pub(super) fn lookup<'v>(variables: &'v Value, path: &str) -> Result<&'v Value, String> {
    let mut found = variables;
    for (depth, segment) in path.split('.').enumerate() {
        let (name, index) = parsed(segment).map_err(|error| {
            let what = if depth == 0 { "is invalid" } else { "has invalid syntax" };
            format!("variable \"{path}\" {what}: {error}")
        })?;
        found = found.get(name).ok_or_else(|| match depth {
            0 => format!("variable \"{segment}\" does not exist"),
            _ => format!("variable \"{path}\" does not exist: failed to lookup segment \"{name}\""),
        })?;
        if let Some(index) = index {
            let items = found
                .as_array()
                .ok_or_else(|| format!("variable \"{path}\" is invalid: failed to get array \"{name}\""))?;
            found = items
                .get(index)
                .ok_or_else(|| format!("variable \"{path}\" is invalid: array does not have index {index}"))?;
        }
    }
    Ok(found)
}

fn parsed(segment: &str) -> Result<(&str, Option<usize>), String> {
    let (open, close) = (segment.find('['), segment.find(']'));
    let (open, close) = match (open, close) {
        (None, None) => return Ok((segment, None)),
        (Some(open), Some(close)) if open < close => (open, close),
        _ => return Err(format!("failed to parse path segment \"{segment}\"")),
    };
    let index = &segment[open + 1..close];
    let parsed: i64 =
        index.parse().map_err(|_| format!("failed to parse array index in path segment \"{segment}\""))?;
    let parsed =
        usize::try_from(parsed).map_err(|_| format!("invalid array index {parsed} in path segment \"{segment}\""))?;
    Ok((&segment[..open], Some(parsed)))
}
