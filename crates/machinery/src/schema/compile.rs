//! From a CRD's `openAPIV3Schema` to a [`Schema`]: refuses what upstream refuses, in its words, then builds.

use api::status::Cause;
use serde_json::Value;

use super::{Schema, build, prune, rules, standard, structural, validation};
use crate::{depth, field};

impl Schema {
    /// Compiles the schema of a custom resource. Fields of the causes are relative to the schema
    /// (`properties[spec].type`).
    pub fn compile(openapi: &Value) -> Result<Schema, Vec<Cause>> {
        Self::compile_at(openapi, "")
    }

    /// The same, with the fields of the causes below `path` (`spec.versions[0].schema.openAPIV3Schema`).
    pub fn compile_at(openapi: &Value, path: &str) -> Result<Schema, Vec<Cause>> {
        if depth::exceeds(openapi, 2 * depth::MAX) {
            return Err(vec![field::forbidden(path, "the schema nests too deeply: flatten it")]);
        }
        let mut causes = structural::check(openapi, path);
        let structural = causes.is_empty();
        causes.extend(standard::check(openapi, path));
        let schema = build::root(openapi);
        if structural {
            check_defaults(openapi, path, &mut causes);
        }
        if causes.is_empty() {
            causes = rules::admit(openapi, &schema, path);
        }
        if causes.is_empty() { Ok(schema) } else { Err(causes) }
    }
}

/// `a.b`, without a leading or trailing dot.
pub(super) fn join(path: &str, child: &str) -> String {
    match (path.is_empty(), child.is_empty()) {
        (true, _) => child.to_string(),
        (_, true) => path.to_string(),
        _ => format!("{path}.{child}"),
    }
}

/// Defaults must be pruned and valid themselves.
fn check_defaults(node: &Value, path: &str, causes: &mut Vec<Cause>) {
    if let Some(default) = node.get("default").filter(|default| !default.is_null()) {
        let schema = build::build(node);
        let path = join(path, "default");
        let mut pruned = default.clone();
        if schema.embedded_resource {
            prune::prune(&schema, &mut pruned);
        } else {
            prune::prune_value(&schema, &mut pruned);
        }
        if pruned != *default {
            causes.push(field::invalid(&path, default, "must not have unknown fields"));
        }
        causes.extend(validation::validate_at(&schema, default, &path));
    }
    if let Some(items) = node.get("items") {
        check_defaults(items, &join(path, "items"), causes);
    }
    for (key, node) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
        check_defaults(node, &join(path, &format!("properties[{key}]")), causes);
    }
}
