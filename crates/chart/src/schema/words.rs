//! A violated schema in Helm's words: Helm 4's tree of failures (its library's `at '/path': ...`) and Helm 3's flat list.

use jsonschema::{ValidationError, error::TypeKind, error::ValidationErrorKind as Kind};
use serde_json::Value;

/// The JSON type of a value; Helm 3's library tells whole numbers apart.
pub(super) fn type_of(value: &Value, whole_apart: bool) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if whole_apart && (number.is_i64() || number.is_u64()) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn types(kind: &TypeKind) -> Vec<String> {
    // The order in which Helm 4's library lists them.
    const ORDER: &[&str] = &["null", "boolean", "number", "integer", "string", "array", "object"];
    let mut names: Vec<String> = match kind {
        TypeKind::Single(one) => vec![one.to_string()],
        TypeKind::Multiple(set) => set.iter().map(|one| one.to_string()).collect(),
    };
    names.sort_by_key(|name| ORDER.iter().position(|known| known == name));
    names
}

/// `'text'`, as Helm 4's library quotes.
pub(super) fn quoted(text: &str) -> String {
    let go = gotemplate::print::quote(text.as_bytes()).to_string();
    let inner = go.get(1..go.len().saturating_sub(1)).unwrap_or_default();
    format!("'{}'", inner.replace("\\\"", "\"").replace('\'', "\\'"))
}

fn all_quoted<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(quoted(text)),
        Value::Null => Some("<nil>".to_owned()),
        Value::Array(_) | Value::Object(_) => None,
        other => Some(other.to_string()),
    }
}

/// English groups of digits: `65,535`.
fn grouped(number: impl ToString) -> String {
    let text = number.to_string();
    let (whole, fraction) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, fraction)| (whole, Some(fraction)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut out = sign.to_owned();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at) % 3 == 0 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction.filter(|fraction| fraction.bytes().any(|byte| byte != b'0')) {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn duplicates(value: &Value) -> (usize, usize) {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    for (second, item) in items.iter().enumerate() {
        if let Some(first) = items[..second].iter().position(|before| before == item) {
            return (first, second);
        }
    }
    (0, 0)
}

fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    }
}

/// One failure in Helm 4's words. What is required stands together there: the caller merges it.
pub(super) fn helm4(error: &ValidationError<'_>) -> String {
    let value = error.instance();
    let limit = |word: &str, limit: &dyn ToString| {
        format!("{word}: got {}, want {}", grouped(length(value)), grouped(limit.to_string()))
    };
    let bound = |word: &str, limit: &dyn ToString| {
        format!("{word}: got {}, want {}", grouped(value), grouped(limit.to_string()))
    };
    match error.kind() {
        Kind::Type { kind } => format!("got {}, want {}", type_of(value, false), types(kind).join(" or ")),
        Kind::AdditionalProperties { unexpected } => {
            format!("additional properties {} not allowed", all_quoted(unexpected))
        }
        Kind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            match options.iter().map(shown).collect::<Option<Vec<String>>>() {
                Some(one) if one.len() == 1 => format!("value must be {}", one[0]),
                Some(all) => format!("value must be one of {}", all.join(", ")),
                None => "'enum' failed".to_owned(),
            }
        }
        Kind::Constant { expected_value } => {
            shown(expected_value).map_or_else(|| "'const' failed".to_owned(), |value| format!("value must be {value}"))
        }
        Kind::MinLength { limit: min } => limit("minLength", min),
        Kind::MaxLength { limit: max } => limit("maxLength", max),
        Kind::MinItems { limit: min } => limit("minItems", min),
        Kind::MaxItems { limit: max } => limit("maxItems", max),
        Kind::MinProperties { limit: min } => limit("minProperties", min),
        Kind::MaxProperties { limit: max } => limit("maxProperties", max),
        Kind::Minimum { limit } => bound("minimum", limit),
        Kind::Maximum { limit } => bound("maximum", limit),
        Kind::ExclusiveMinimum { limit } => bound("exclusiveMinimum", limit),
        Kind::ExclusiveMaximum { limit } => bound("exclusiveMaximum", limit),
        Kind::MultipleOf { multiple_of } => bound("multipleOf", multiple_of),
        Kind::Pattern { pattern } => {
            format!("{} does not match pattern {}", quoted(value.as_str().unwrap_or_default()), quoted(pattern))
        }
        Kind::UniqueItems => {
            let (first, second) = duplicates(value);
            format!("items at {first} and {second} are equal")
        }
        Kind::AdditionalItems { limit } => {
            format!("last {} additionalItem(s) not allowed", length(value).saturating_sub(*limit))
        }
        Kind::AnyOf { .. } => "'anyOf' failed".to_owned(),
        Kind::OneOfNotValid { .. } => "'oneOf' failed, none matched".to_owned(),
        Kind::OneOfMultipleValid { context } => {
            let mut valid = context.iter().enumerate().filter(|(_, errors)| errors.is_empty()).map(|(at, _)| at);
            let (first, second) = (valid.next().unwrap_or(0), valid.next().unwrap_or(1));
            format!("'oneOf' failed, subschemas {first}, {second} matched")
        }
        Kind::Not { .. } => "'not' failed".to_owned(),
        Kind::Contains => "no items match contains schema".to_owned(),
        Kind::FalseSchema => "false schema".to_owned(),
        Kind::PropertyNames { error } => {
            format!("invalid propertyName {}", quoted(error.instance().as_str().unwrap_or_default()))
        }
        Kind::Format { format } => match shown(value) {
            Some(value) => format!("{value} is not valid {format}"),
            None => format!("value is not valid {format}"),
        },
        _ => error.to_string(),
    }
}

/// The failures that one error is in Helm 3's list, without the place.
pub(super) fn helm3(error: &ValidationError<'_>, place: &str) -> Vec<String> {
    let value = error.instance();
    let one = match error.kind() {
        Kind::Type { kind } => {
            let names = types(kind);
            let wanted = if names.len() == 1 { names[0].clone() } else { format!("[{}]", names.join(",")) };
            format!("Invalid type. Expected: {wanted}, given: {}", type_of(value, true))
        }
        Kind::Required { property } => format!("{} is required", property.as_str().unwrap_or_default()),
        Kind::AdditionalProperties { unexpected } => {
            return unexpected.iter().map(|name| format!("Additional property {name} is not allowed")).collect();
        }
        Kind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let options: Vec<String> = options.iter().map(Value::to_string).collect();
            format!("{place} must be one of the following: {}", options.join(", "))
        }
        Kind::Constant { expected_value } => format!("{place} does not match: {expected_value}"),
        Kind::MinLength { limit } => format!("String length must be greater than or equal to {limit}"),
        Kind::MaxLength { limit } => format!("String length must be less than or equal to {limit}"),
        Kind::MinItems { limit } => format!("Array must have at least {limit} items"),
        Kind::MaxItems { limit } => format!("Array must have at most {limit} items"),
        Kind::MinProperties { limit } => format!("Must have at least {limit} properties"),
        Kind::MaxProperties { limit } => format!("Must have at most {limit} properties"),
        Kind::Minimum { limit } => format!("Must be greater than or equal to {limit}"),
        Kind::Maximum { limit } => format!("Must be less than or equal to {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("Must be greater than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("Must be less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("Must be a multiple of {multiple_of}"),
        Kind::Pattern { pattern } => format!("Does not match pattern '{pattern}'"),
        Kind::Format { format } => format!("Does not match format '{format}'"),
        Kind::UniqueItems => {
            let (first, second) = duplicates(value);
            format!("array items[{first},{second}] must be unique")
        }
        Kind::AdditionalItems { .. } => "No additional items allowed on array".to_owned(),
        Kind::AnyOf { .. } => "Must validate at least one schema (anyOf)".to_owned(),
        Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } => {
            "Must validate one and only one schema (oneOf)".to_owned()
        }
        Kind::Not { .. } => "Must not validate the schema (not)".to_owned(),
        Kind::Contains => "At least one of the items must match".to_owned(),
        Kind::FalseSchema => "False always fails validation".to_owned(),
        _ => error.to_string(),
    };
    vec![one]
}
