//! `include`, `tpl`, `required`, `fail` and `lookup`.

use crate::{
    function::{Call, Function, FunctionError, Param},
    sprig::arguments::{any, text},
    value::{Map, Text, Value},
};

type Outcome = Result<Value, FunctionError>;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("include", &[Param::Text, Param::Any], |call, arguments| {
        call.templates.include(&text(arguments, 0)?.to_str(), any(arguments, 1)).map(Value::Text)
    }),
    Function::new("tpl", &[Param::Text, Param::Any], tpl),
    Function::new("required", &[Param::Text, Param::Any], required),
    Function::new("fail", &[Param::Text], |call, arguments| match call.host.is_lint() {
        true => Ok(Value::from("")),
        false => Err(warning(text(arguments, 0)?)),
    }),
    Function::new("lookup", &[Param::Text, Param::Text, Param::Text, Param::Text], lookup),
    // Helm answers nothing unless it is told to ask the network, and here nothing asks it.
    Function::new("getHostByName", &[Param::Text], |_, _| Ok(Value::from(""))),
];

/// What stands around the message of `required` and `fail`: Helm prints only what is between the two.
pub const WARNING_START: &str = "HELM_ERR_START";
pub const WARNING_END: &str = "HELM_ERR_END";

fn warning(message: &Text) -> FunctionError {
    FunctionError::new(format!("{WARNING_START}{message}{WARNING_END}"))
}

fn tpl(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let rendered = call.templates.render(text(arguments, 0)?, any(arguments, 1))?;
    Ok(Value::text(crate::print::without_no_value(&rendered)))
}

/// Refuses nil and the empty text. Zero, false and empty lists are there.
fn required(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let value = any(arguments, 1);
    let missing = value.is_nil() || matches!(value, Value::Text(text) if text.is_empty());
    match missing {
        false => Ok(value.clone()),
        true if call.host.is_lint() => Ok(Value::from("")),
        true => Err(warning(text(arguments, 0)?)),
    }
}

fn lookup(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let argument = |index| text(arguments, index).map(|text| text.to_str());
    let found = call.host.lookup(&argument(0)?, &argument(1)?, &argument(2)?, &argument(3)?)?;
    Ok(if found.is_nil() { Value::Map(Map::default()) } else { found })
}
