//! `values.schema.json` of a chart and of those below it. Nothing is fetched: a `$ref` to another place is an error.

mod tree;
mod words;

use std::sync::{Arc, OnceLock};

use gotemplate::Dialect;
use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};

use crate::{
    Chart, Error,
    values::{Table, Tree, table_to_json},
};

/// A chart's schema. It is compiled by the first render that needs it, for all of them.
#[derive(Debug)]
pub(crate) struct Schema {
    text: Arc<[u8]>,
    compiled: OnceLock<Result<Validator, String>>,
}

impl Schema {
    pub(crate) fn new(text: Arc<[u8]>) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    fn validator(&self) -> Result<&Validator, String> {
        let compile = || {
            let schema: serde_json::Value = serde_json::from_slice(&self.text).map_err(|error| format!("{error}\n"))?;
            jsonschema::options().with_retriever(Refusing).build(&schema).map_err(|error| format!("{error}\n"))
        };
        self.compiled.get_or_init(compile).as_ref().map_err(Clone::clone)
    }
}

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

fn one(schema: &Schema, values: &Table, dialect: Dialect) -> Result<(), String> {
    let validator = schema.validator()?;
    let values = table_to_json(values);
    let errors: Vec<ValidationError<'_>> = validator.iter_errors(&values).collect();
    match dialect {
        _ if errors.is_empty() => Ok(()),
        Dialect::Helm4 => Err(tree::lines(&errors)),
        Dialect::Helm3 => Err(in_lists(&errors).map(|line| format!("- {line}\n")).collect()),
    }
}

/// Fetches nothing. Helm would: a schema could make it read files and ask servers.
struct Refusing;

impl jsonschema::Retrieve for Refusing {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<serde_json::Value, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("$ref to {uri} is refused: schemas of other places are not fetched").into())
    }
}

/// Helm 3's library looks no further where the type is wrong.
fn in_lists(errors: &[ValidationError<'_>]) -> impl Iterator<Item = String> {
    let of_type = |error: &&ValidationError<'_>| matches!(error.kind(), ValidationErrorKind::Type { .. });
    let wrong: Vec<_> = errors.iter().filter(of_type).collect();
    let hidden = move |error: &ValidationError<'_>| {
        wrong.iter().any(|wrong| {
            let (subschema, _) = wrong.evaluation_path().as_str().rsplit_once('/').unwrap_or_default();
            let rest = error.evaluation_path().as_str().strip_prefix(subschema);
            !std::ptr::eq(*wrong, error)
                && wrong.instance_path() == error.instance_path()
                && rest.is_some_and(|rest| rest.starts_with('/') && rest != "/type")
        })
    };
    errors.iter().filter(move |error| !hidden(error)).flat_map(in_a_list)
}

fn in_a_list(error: &ValidationError<'_>) -> Vec<String> {
    let path = error.instance_path().as_str().trim_start_matches('/').replace('/', ".");
    let place = if path.is_empty() { "(root)".to_owned() } else { path };
    let mut lines: Vec<String> =
        words::helm3(error, &place).into_iter().map(|text| format!("{place}: {text}")).collect();
    if let ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } = error.kind() {
        // The branch that came closest: one of the right type, else the first.
        let wrong_type = |errors: &Vec<ValidationError<'_>>| {
            let own = |inner: &ValidationError<'_>| inner.instance_path() == error.instance_path();
            errors.iter().any(|inner| own(inner) && matches!(inner.kind(), ValidationErrorKind::Type { .. }))
        };
        if let Some(errors) = context.iter().find(|errors| !wrong_type(errors)).or(context.first()) {
            lines.extend(in_lists(errors));
        }
    }
    lines
}
