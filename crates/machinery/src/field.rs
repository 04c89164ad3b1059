//! Field errors in the wording of k8s.io/apimachinery `field.Error`: a path, a kind of error, the bad value, a detail.

use api::status::Cause;
use serde_json::Value;

fn cause(field: &str, reason: &str, head: &str, detail: &str) -> Cause {
    let message = if detail.is_empty() { head.to_string() } else { format!("{head}: {detail}") };
    Cause { reason: reason.into(), message, field: field.into() }
}

/// The value as Go's `%q` or as JSON. Escapes beyond quotes and control characters differ from Go's.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "\"null\"".into(),
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

pub fn required(field: &str, detail: &str) -> Cause {
    cause(field, "FieldValueRequired", "Required value", detail)
}

pub fn invalid(field: &str, value: &Value, detail: &str) -> Cause {
    cause(field, "FieldValueInvalid", &format!("Invalid value: {}", shown(value)), detail)
}

pub fn type_invalid(field: &str, value: &Value, detail: &str) -> Cause {
    cause(field, "FieldValueTypeInvalid", &format!("Invalid value: {}", shown(value)), detail)
}

pub fn not_supported(field: &str, value: &Value, supported: &[String]) -> Cause {
    let supported: Vec<String> = supported.iter().map(|value| format!("{value:?}")).collect();
    let detail =
        if supported.is_empty() { String::new() } else { format!("supported values: {}", supported.join(", ")) };
    cause(field, "FieldValueNotSupported", &format!("Unsupported value: {}", shown(value)), &detail)
}

pub fn duplicate(field: &str, value: &Value) -> Cause {
    cause(field, "FieldValueDuplicate", &format!("Duplicate value: {}", shown(value)), "")
}

pub fn forbidden(field: &str, detail: &str) -> Cause {
    cause(field, "FieldValueForbidden", "Forbidden", detail)
}

pub fn too_long(field: &str, max: u64) -> Cause {
    let bytes = if max == 1 { "byte" } else { "bytes" };
    cause(field, "FieldValueTooLong", "Too long", &format!("may not be more than {max} {bytes}"))
}

pub fn too_many(field: &str, actual: usize, max: u64) -> Cause {
    let items = if max == 1 { "item" } else { "items" };
    cause(field, "FieldValueTooMany", &format!("Too many: {actual}"), &format!("must have at most {max} {items}"))
}
