//! Sprig's `semver` and `semverCompare`.

use super::{Constraint, Error, Version, object::VersionObject};
use crate::{
    function::{Call, Function, FunctionError, Param},
    value::{Object, Value},
};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("semver", &[Param::Text], |call, arguments| {
        let version = Version::parse(&text(arguments, 0)).map_err(|error| failed(call, &error))?;
        Ok(Value::Object(Object::new(VersionObject::parsed(version))))
    }),
    Function::new("semverCompare", &[Param::Text, Param::Text], |call, arguments| {
        let constraint = Constraint::parse(&text(arguments, 0)).map_err(|error| failed(call, &error))?;
        let version = Version::parse(&text(arguments, 1)).map_err(|error| failed(call, &error))?;
        Ok(Value::Bool(constraint.with_dialect(call.host.dialect()).check(&version)))
    }),
];

fn text(arguments: &[Value], index: usize) -> String {
    arguments.get(index).map_or_else(String::new, |value| match value {
        Value::Text(text) => text.to_str().into_owned(),
        _ => String::new(),
    })
}

fn failed(call: &Call<'_>, error: &Error) -> FunctionError {
    FunctionError::new(error.text(call.host.dialect()))
}
