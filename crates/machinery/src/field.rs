//! Field errors in the wording of k8s.io/apimachinery `field.Error`: a path, a kind of error, the bad value, a detail.

use api::status::Cause;
use serde_json::Value;

use api::go;

fn cause(field: &str, reason: &str, head: &str, detail: &str) -> Cause {
    let message = if detail.is_empty() { head.to_string() } else { format!("{head}: {detail}") };
    Cause { reason: reason.into(), message, field: field.into() }
}

/// The value as Go prints it. Escapes beyond quotes and control characters differ.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "\"null\"".into(),
        value => go::syntax(value),
    }
}

pub fn required(field: &str, detail: &str) -> Cause {
    cause(field, "FieldValueRequired", "Required value", detail)
}

pub fn invalid(field: &str, value: &Value, detail: &str) -> Cause {
    cause(field, "FieldValueInvalid", &format!("Invalid value: {}", shown(value)), detail)
}

/// A Go `[]string`.
pub fn invalid_texts(field: &str, values: &[&str], detail: &str) -> Cause {
    let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
    cause(field, "FieldValueInvalid", &format!("Invalid value: []string{{{}}}", values.join(", ")), detail)
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
    cause(field, "FieldValueTooLong", "Too long", &format!("may not be more than {max} bytes"))
}

pub fn too_many(field: &str, actual: usize, max: u64) -> Cause {
    cause(field, "FieldValueTooMany", &format!("Too many: {actual}"), &format!("must have at most {max} items"))
}
