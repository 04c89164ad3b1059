//! The functions of templates: Sprig's, and Helm's in the place of Sprig's where both have a name. Only Helm's readers put the
//! error into the result.

use super::{read, read::Document, write, write_pretty, write_raw};
use crate::{
    function::{Function, FunctionError, Param},
    value::{Element, List, Map, Text, Value},
};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("toJson", &[Param::Any], |_, arguments| lenient(write(first(arguments)))),
    Function::new("mustToJson", &[Param::Any], |_, arguments| strict(write(first(arguments)))),
    Function::new("toPrettyJson", &[Param::Any], |_, arguments| lenient(write_pretty(first(arguments)))),
    Function::new("mustToPrettyJson", &[Param::Any], |_, arguments| strict(write_pretty(first(arguments)))),
    Function::new("toRawJson", &[Param::Any], |_, arguments| strict(write_raw(first(arguments)))),
    Function::new("mustToRawJson", &[Param::Any], |_, arguments| strict(write_raw(first(arguments)))),
    Function::new("fromJson", &[Param::Text], |_, arguments| Ok(from_json(text(arguments)))),
    Function::new("fromJsonArray", &[Param::Text], |_, arguments| Ok(from_json_array(text(arguments)))),
    Function::new("mustFromJson", &[Param::Text], |_, arguments| read(text(arguments)).map_err(FunctionError::new)),
];

fn first(arguments: &[Value]) -> &Value {
    arguments.first().unwrap_or(&Value::Nil)
}

fn text(arguments: &[Value]) -> &[u8] {
    if let Some(Value::Text(text)) = arguments.first() { text } else { b"" }
}

/// What cannot be written is an empty text, what is too long is an error.
fn lenient(written: Result<Vec<u8>, String>) -> Result<Value, FunctionError> {
    match written {
        Err(error) if crate::sprig::limits::is_over_limit(&error) => Err(FunctionError::new(error)),
        written => Ok(Value::text(written.unwrap_or_default())),
    }
}

fn strict(written: Result<Vec<u8>, String>) -> Result<Value, FunctionError> {
    written.map(Value::text).map_err(FunctionError::new)
}

/// Go's name of what a value is in JSON, for the error of reading it into another type.
fn described(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::Text(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => "number",
    }
}

fn from_json(text: &[u8]) -> Value {
    let (map, error) = match Document::read(text) {
        Err(error) => (Map::default(), Some(error)),
        Ok(Document { value: Value::Map(map), range_error }) => (map, range_error),
        Ok(Document { value: Value::NilInterface, range_error: None }) => return Value::Map(Map::nil()),
        Ok(Document { value, .. }) => {
            let what = described(&value);
            (
                Map::default(),
                Some(format!("json: cannot unmarshal {what} into Go value of type map[string]interface {{}}")),
            )
        }
    };
    if let Some(error) = error {
        map.insert(Text::from("Error"), error.into());
    }
    Value::Map(map)
}

fn from_json_array(text: &[u8]) -> Value {
    let error = match Document::read(text) {
        Err(error) | Ok(Document { range_error: Some(error), value: Value::List(_) }) => error,
        Ok(Document { value: Value::List(list), .. }) => return Value::List(list),
        Ok(Document { value: Value::NilInterface, range_error: None }) => {
            return Value::List(List::nil(Element::Interface));
        }
        Ok(Document { value, .. }) => {
            format!("json: cannot unmarshal {} into Go value of type []interface {{}}", described(&value))
        }
    };
    vec![Value::from(error)].into()
}
