//! `values.schema.json` of a chart and of those below it. Nothing is fetched: a `$ref` to another place is an error.

use gotemplate::Dialect;
use jsonschema::error::ValidationErrorKind;

use crate::{
    Chart, Error,
    values::{Table, Tree, table_to_json},
};

pub(crate) fn validate(chart: &Chart, values: &Table, dialect: Dialect) -> Result<(), Error> {
    let mut text = String::new();
    collect(chart, values, dialect, &mut text);
    if text.is_empty() {
        return Ok(());
    }
    Err(Error::new(format!("values don't meet the specifications of the schema(s) in the following chart(s):\n{text}")))
}

fn collect(chart: &Chart, values: &Table, dialect: Dialect, text: &mut String) {
    if let Some(schema) = &chart.schema
        && let Err(error) = one(schema, values, dialect)
    {
        text.push_str(&format!("{}:\n{error}", chart.name()));
    }
    for below in &chart.subcharts {
        match values.get(below.name().as_bytes()) {
            Some(Tree::Table(values)) => collect(below, values, dialect, text),
            None | Some(Tree::Null) => {}
            Some(_) => {
                text.push_str(&format!("{}:\ninvalid type for values: expected object (map)\n", below.name()));
            }
        }
    }
}

fn one(schema: &[u8], values: &Table, dialect: Dialect) -> Result<(), String> {
    let schema: serde_json::Value = serde_json::from_slice(schema).map_err(|error| error.to_string())?;
    let validator = jsonschema::options().build(&schema).map_err(|error| error.to_string())?;
    let values = table_to_json(values);
    let errors: Vec<String> = validator.iter_errors(&values).map(|error| told(&error, dialect)).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.iter().map(|error| format!("- {error}\n")).collect()) }
}

fn told(error: &jsonschema::ValidationError<'_>, dialect: Dialect) -> String {
    let path = error.instance_path().to_string();
    if dialect == Dialect::Helm3 {
        let path = path.trim_start_matches('/').replace('/', ".");
        let place = if path.is_empty() { "(root)" } else { &path };
        return match error.kind() {
            ValidationErrorKind::Required { property } => {
                format!("{place}: {} is required", property.as_str().unwrap_or_default())
            }
            _ => format!("{place}: {error}"),
        };
    }
    let message = match error.kind() {
        ValidationErrorKind::Required { property } => {
            format!("missing property '{}'", property.as_str().unwrap_or_default())
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let names: Vec<String> = unexpected.iter().map(|name| format!("'{name}'")).collect();
            format!("additional properties {} not allowed", names.join(", "))
        }
        _ => error.to_string(),
    };
    format!("at '{path}': {message}")
}
