//! Types, and the checks of texts and numbers.

use api::status::Cause;
use serde_json::{Number, Value, json};

use super::{Checks, Shape, format, pattern};
use crate::{apply::compare_values, field};

/// JSON types that a shape allows; none means any. Under a junctor only scalars are typed.
pub(super) fn types(shape: &Shape, junctor: bool) -> &'static [&'static str] {
    match shape {
        Shape::Object(_) if !junctor => &["object"],
        Shape::Array(_) if !junctor => &["array"],
        Shape::String => &["string"],
        Shape::Integer => &["integer"],
        Shape::Number => &["number"],
        Shape::Boolean => &["boolean"],
        Shape::IntOrString => &["integer", "string"],
        _ => &[],
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The type of a value that is none of `types`. Integers are numbers, and `1.0` is an integer.
pub(super) fn mismatch(types: &[&str], value: &Value) -> Option<&'static str> {
    let found = type_of(value);
    let whole = value.as_f64().is_some_and(|number| number.fract() == 0.0);
    let fits = types.is_empty()
        || types.contains(&found)
        || (found == "integer" && types.contains(&"number"))
        || (whole && types.contains(&"integer"));
    (!fits).then_some(found)
}

/// Equal as JSON, with `1` and `1.0` the same number.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    compare_values(left, right).is_eq()
}

/// The first of length and pattern that fails, and the format.
pub(super) fn check_text(checks: &Checks, text: &str, path: &str, at: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    let length = text.chars().count() as u64;
    let fails = |pattern: &str| match pattern::compile(pattern) {
        Ok(regex) if regex.is_match(text) => None,
        Ok(_) => Some(pattern.to_string()),
        Err(error) => Some(format!("{pattern}, but pattern is invalid: {error}")),
    };
    if let Some(max) = checks.max_length.filter(|max| length > *max) {
        causes.push(field::too_long(at, max));
    } else if let Some(min) = checks.min_length.filter(|min| length < *min) {
        let message = format!("{path} in body should be at least {min} chars long");
        causes.push(field::invalid(at, &json!(text), &message));
    } else if let Some(pattern) = checks.pattern.as_deref().and_then(fails) {
        let message = format!("{path} in body should match '{pattern}'");
        causes.push(field::invalid(at, &json!(text), &message));
    }
    if let Some(format) = &checks.format
        && format::matches(format, text) == Some(false)
    {
        let message = format!("{path} in body must be of type {format}: {text:?}");
        causes.push(field::type_invalid(at, &json!(text), &message));
    }
    causes
}

/// Range of the format, multiples, bounds. `whole` is the field of errors that upstream reports without one.
pub(super) fn check_number(
    checks: &Checks,
    shape: &Shape,
    number: &Number,
    path: &str,
    at: &str,
    whole: &str,
) -> Vec<Cause> {
    let mut causes = Vec::new();
    let value = number.as_f64().unwrap_or_default();
    if let Some(kind) = out_of_range(checks.format.as_deref(), shape, number) {
        let message = format!("Checked value must be of type {kind} in {path}");
        causes.push(field::invalid(whole, &json!(""), &message));
    }
    let mut report = |text: String| {
        causes.push(field::invalid(at, &Value::Number(number.clone()), &format!("{path} in body should be {text}")));
    };
    if let Some(factor) = checks.multiple_of
        && (factor <= 0.0 || !is_multiple(value, factor))
    {
        report(format!("a multiple of {}", go_float(factor)));
    }
    if let Some(min) = checks.minimum {
        if checks.exclusive_minimum && value <= min {
            report(format!("greater than {}", go_float(min)));
        } else if value < min {
            report(format!("greater than or equal to {}", go_float(min)));
        }
    }
    if let Some(max) = checks.maximum {
        if checks.exclusive_maximum && value >= max {
            report(format!("less than {}", go_float(max)));
        } else if value > max {
            report(format!("less than or equal to {}", go_float(max)));
        }
    }
    causes
}

fn is_multiple(value: f64, factor: f64) -> bool {
    let quotient = if factor < 1.0 { 1.0 / factor * value } else { value / factor };
    (quotient - quotient.round()).abs() < 1e-9 * quotient.abs().max(1.0)
}

fn out_of_range(format: Option<&str>, shape: &Shape, number: &Number) -> Option<String> {
    let value = number.as_f64().unwrap_or_default();
    match (shape, format) {
        (Shape::Integer, Some("int32")) => {
            let fits = value >= f64::from(i32::MIN) && value <= f64::from(i32::MAX);
            (!fits).then(|| "integer with format int32".into())
        }
        (Shape::Integer, format) => {
            let fits = number.is_i64() || (!number.is_u64() && value.abs() < 9.2e18);
            (!fits).then(|| match format {
                Some("int64") => "integer with format int64".into(),
                _ => "integer (default format)".into(),
            })
        }
        (Shape::Number, Some("float")) => {
            (value.abs() > f64::from(f32::MAX)).then(|| "number with format float".into())
        }
        _ => None,
    }
}

/// Go's `%v` of a float.
fn go_float(value: f64) -> String {
    if value != 0.0 && (value.abs() >= 1e21 || value.abs() < 1e-4) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(("+", exponent), |rest| ("-", rest));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    value.to_string()
}
