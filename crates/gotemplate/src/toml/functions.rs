//! The functions of templates. Only `mustToToml` fails for what TOML cannot hold; the others put the error into their result.

use super::{read, write, write::try_write};
use crate::{
    function::{Function, FunctionError, Param},
    sprig::{
        arguments::{any, text},
        limits::Refused,
    },
    value::{Map, Text, Value},
};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("toToml", &[Param::Any], |_, arguments| {
        let value = not_nil(any(arguments, 0))?;
        match try_write(value) {
            Ok(text) => Ok(Value::text(text)),
            Err(Refused::Unsupported(error)) => Ok(error.into()),
            Err(Refused::Limit(error)) => Err(FunctionError::new(error)),
        }
    }),
    Function::new("mustToToml", &[Param::Any], |_, arguments| {
        write(not_nil(any(arguments, 0))?).map(Value::text).map_err(FunctionError::new)
    }),
    Function::new("fromToml", &[Param::Text], |_, arguments| {
        let error = |error: String| Map::from_iter([(Text::from("Error"), Value::from(error))]);
        Ok(Value::Map(read(text(arguments, 0)?).unwrap_or_else(error)))
    }),
];

/// Of a nil the Go library panics.
fn not_nil(value: &Value) -> Result<&Value, FunctionError> {
    if value.is_nil() {
        return Err(FunctionError::new("reflect: call of reflect.Value.Type on zero Value"));
    }
    Ok(value)
}
