//! Schemas: what compiles, prunes, defaults and validates, against the documented rules and upstream's texts.

mod compile;
mod objects;
mod patterns;
mod properties;
mod rules;

use api::status::Cause;
pub(crate) use properties::any_json;
use serde_json::{Value, json};

use super::Schema;

/// A schema whose `spec` has these properties.
fn spec(properties: &Value) -> Value {
    json!({
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": properties}},
    })
}

fn compiled(openapi: &Value) -> Schema {
    Schema::compile(openapi).unwrap_or_else(|causes| panic!("{}", lines(&causes)))
}

fn lines(causes: &[Cause]) -> String {
    causes.iter().map(|cause| format!("{} {}: {}\n", cause.reason, cause.field, cause.message)).collect()
}
