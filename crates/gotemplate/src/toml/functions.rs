//! The functions of templates. Only `mustToToml` fails; the others put the error into their result.

use super::{read, write};
use crate::{
    function::{Function, FunctionError, Param},
    sprig::arguments::{any, text},
    value::{Map, Text, Value},
};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("toToml", &[Param::Any], |_, arguments| {
        let value = not_nil(any(arguments, 0))?;
        Ok(write(value).map_or_else(Value::from, Value::text))
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
