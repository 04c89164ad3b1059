//! Reading arguments that the executor has already checked and converted against the table's types. What fails here is a bug of
//! ours, and still an error rather than a panic.

use crate::{
    function::FunctionError,
    value::{Map, Text, Value},
};

pub(crate) fn any(arguments: &[Value], index: usize) -> &Value {
    arguments.get(index).unwrap_or(&Value::Nil)
}

pub(crate) fn text(arguments: &[Value], index: usize) -> Result<&Text, FunctionError> {
    match arguments.get(index) {
        Some(Value::Text(text)) => Ok(text),
        other => Err(unexpected(index, "string", other)),
    }
}

pub(crate) fn int(arguments: &[Value], index: usize) -> Result<i64, FunctionError> {
    match arguments.get(index) {
        Some(Value::Integer(integer)) => Ok(integer.wide() as i64),
        other => Err(unexpected(index, "int", other)),
    }
}

pub(crate) fn float(arguments: &[Value], index: usize) -> Result<f64, FunctionError> {
    match arguments.get(index) {
        Some(Value::Float(float)) => Ok(*float),
        other => Err(unexpected(index, "float64", other)),
    }
}

pub(crate) fn boolean(arguments: &[Value], index: usize) -> Result<bool, FunctionError> {
    match arguments.get(index) {
        Some(Value::Bool(value)) => Ok(*value),
        other => Err(unexpected(index, "bool", other)),
    }
}

pub(crate) fn map(arguments: &[Value], index: usize) -> Result<&Map, FunctionError> {
    match arguments.get(index) {
        Some(Value::Map(map)) => Ok(map),
        other => Err(unexpected(index, "map[string]interface {}", other)),
    }
}

fn unexpected(index: usize, expected: &str, actual: Option<&Value>) -> FunctionError {
    let actual = actual.map_or_else(|| "nothing".to_owned(), Value::type_name);
    FunctionError::new(format!("argument {} was not converted: expected {expected}, have {actual}", index + 1))
}
