//! Columns of custom resources: `additionalPrinterColumns`, evaluated and formatted as the apiextensions server does.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Columns, Definition, Printer, jsonpath::Path, since, text};

#[derive(Clone, Debug)]
pub(super) struct Column {
    path: Path,
    column_type: String,
}

pub(super) fn columns(additional: Option<&Value>) -> Columns {
    let age = json!([{ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp" }]);
    let wanted = additional.and_then(Value::as_array).filter(|list| !list.is_empty());
    let wanted = wanted.or(age.as_array()).into_iter().flatten();
    let mut definitions = vec![Definition::new("Name", "string", 0)];
    let mut columns = Vec::new();
    for column in wanted {
        let json_path = text(column, "/jsonPath");
        // Admission refused such a column; upstream shows those before it.
        let Ok(path) = Path::parse(json_path) else { break };
        let described = text(column, "/description");
        let described = match (described, json_path) {
            ("", ".metadata.creationTimestamp") => String::new(),
            ("", path) => format!("Custom resource definition column (in JSONPath format): {path}"),
            (described, _) => described.to_string(),
        };
        definitions.push(Definition {
            name: text(column, "/name").into(),
            column_type: text(column, "/type").into(),
            format: text(column, "/format").into(),
            description: described,
            priority: super::int(column, "/priority"),
        });
        columns.push(Column { path, column_type: text(column, "/type").into() });
    }
    Columns { definitions, printer: Printer::Custom(columns) }
}

pub(super) fn row(columns: &[Column], object: &Value, now: Timestamp) -> Vec<Value> {
    let name = Value::from(text(object, "/metadata/name"));
    let cells = columns.iter().map(|column| match column.path.find(object) {
        Ok(found) => found.first().map_or(Value::Null, |value| cell(&column.column_type, value, now)),
        Err(_) => Value::Null,
    });
    std::iter::once(name).chain(cells).collect()
}

/// A value of another type than the column's is no value.
fn cell(column_type: &str, value: &Value, now: Timestamp) -> Value {
    match (column_type, value) {
        ("string", value) => printed(value).into(),
        ("integer", Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => integer.into(),
            (None, Some(float)) => (float as i64).into(),
            _ => Value::Null,
        },
        ("number", Value::Number(number)) => match number.as_f64() {
            // Go writes a whole float without a fraction.
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => (float as i64).into(),
            _ => value.clone(),
        },
        ("boolean", Value::Bool(_)) => value.clone(),
        ("date", Value::String(time)) => since(time, now).into(),
        _ => Value::Null,
    }
}

/// As Go prints a value: text as it is, lists and maps as JSON.
fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "<no value>".to_string(),
        Value::Number(number) if number.is_f64() => float(number.as_f64().unwrap_or_default()),
        other => other.to_string(),
    }
}

/// Go's `%v` of a float: an exponent from 1e6 on and below 1e-4.
fn float(value: f64) -> String {
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value != 0.0 && !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    format!("{value}")
}
