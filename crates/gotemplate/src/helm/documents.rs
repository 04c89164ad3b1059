//! Values as YAML and back. Nothing of this fails: writing what cannot be written is an empty text, and reading what cannot be
//! read is the error as data, under the key `Error` or as the only element. Only the `must` twins return errors.

use crate::{
    function::{Function, FunctionError, Param},
    sprig::{
        arguments::{any, text},
        limits,
    },
    value::{List, Map, Text, Value},
    yaml,
};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("toYaml", &[Param::Any], |_, arguments| lenient(yaml::write(any(arguments, 0)))),
    Function::new("mustToYaml", &[Param::Any], |_, arguments| {
        yaml::write(any(arguments, 0)).map(without_last_line_end).map_err(FunctionError::new)
    }),
    Function::new("toYamlPretty", &[Param::Any], |_, arguments| lenient(yaml::write_pretty(any(arguments, 0)))),
    Function::new("fromYaml", &[Param::Text], |_, arguments| {
        Ok(Value::Map(yaml::read_map(text(arguments, 0)?).unwrap_or_else(error_map)))
    }),
    Function::new("fromYamlArray", &[Param::Text], |_, arguments| {
        Ok(Value::List(yaml::read_list(text(arguments, 0)?).unwrap_or_else(error_list)))
    }),
];

/// What cannot be written is an empty text, what is too long is an error.
fn lenient(written: Result<Vec<u8>, String>) -> Result<Value, FunctionError> {
    match written {
        Err(error) if limits::is_over_limit(&error) => Err(FunctionError::new(error)),
        written => Ok(without_last_line_end(written.unwrap_or_default())),
    }
}

fn without_last_line_end(mut document: Vec<u8>) -> Value {
    if document.last() == Some(&b'\n') {
        document.pop();
    }
    Value::text(document)
}

fn error_map(error: impl ToString) -> Map {
    Map::from_iter([(Text::from("Error"), Value::from(error.to_string()))])
}

fn error_list(error: impl ToString) -> List {
    List::new(vec![Value::from(error.to_string())])
}
