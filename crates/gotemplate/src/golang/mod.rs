//! The functions that text/template itself brings: logic, comparison, length, indexing, printing and escaping.

mod collections;
mod compare;
mod escape;
#[cfg(test)]
mod tests;

use crate::{
    exec::is_true,
    function::{Call, Function, FunctionError, Param},
    print,
    value::Value,
};

type Outcome = Result<Value, FunctionError>;

/// A function of values only.
macro_rules! plain {
    ($name:literal, [$($param:ident),*], $rest:expr, $call:path) => {
        Function {
            name: $name,
            params: &[$(Param::$param),*],
            rest: $rest,
            call: |_: &mut Call<'_>, arguments: &[Value]| $call(arguments),
        }
    };
}

/// A comparison: Go's words about it have changed between the two generations of Helm.
macro_rules! comparison {
    ($name:literal, [$($param:ident),*], $rest:expr, $call:path) => {
        Function {
            name: $name,
            params: &[$(Param::$param),*],
            rest: $rest,
            call: |call: &mut Call<'_>, arguments: &[Value]| {
                $call(arguments).map_err(|error| error.message(call.host.dialect()))
            },
        }
    };
}

const ANY: Option<Param> = Some(Param::Any);

pub(crate) const FUNCTIONS: &[Function] = &[
    // The executor evaluates `and` and `or` itself, because they stop at the argument that decides.
    plain!("and", [Any], ANY, last),
    plain!("or", [Any], ANY, last),
    plain!("not", [Any], None, not),
    plain!("len", [Any], None, collections::len),
    plain!("index", [Any], ANY, collections::index),
    plain!("slice", [Any], ANY, collections::slice),
    plain!("call", [Any], ANY, call),
    plain!("print", [], ANY, sprint),
    plain!("printf", [Text], ANY, sprintf),
    plain!("println", [], ANY, sprintln),
    plain!("html", [], ANY, escape::html),
    plain!("js", [], ANY, escape::js),
    plain!("urlquery", [], ANY, escape::urlquery),
    comparison!("eq", [Any], ANY, compare::eq),
    comparison!("ne", [Any, Any], None, compare::ne),
    comparison!("lt", [Any, Any], None, compare::lt),
    comparison!("le", [Any, Any], None, compare::le),
    comparison!("gt", [Any, Any], None, compare::gt),
    comparison!("ge", [Any, Any], None, compare::ge),
];

fn last(arguments: &[Value]) -> Outcome {
    Ok(arguments.last().cloned().unwrap_or_default())
}

fn not(arguments: &[Value]) -> Outcome {
    Ok(Value::Bool(!arguments.first().is_some_and(is_true)))
}

/// No value of ours is a function. The executor appends what the template calls the first argument.
fn call(arguments: &[Value]) -> Outcome {
    let Some((name, [function, ..])) = arguments.split_last() else {
        return Err(FunctionError::new("call of nil"));
    };
    if function.is_nil() {
        return Err(FunctionError::new("call of nil"));
    }
    let name = match name {
        Value::Text(name) => name.to_str().into_owned(),
        // The function came through the pipeline: Go then asks the value itself.
        _ => match function {
            Value::Text(text) => text.to_str().into_owned(),
            other => format!("<{} Value>", other.type_name()),
        },
    };
    Err(FunctionError::new(format!("non-function {name} of type {}", function.type_name())))
}

fn sprint(arguments: &[Value]) -> Outcome {
    Ok(Value::text(print::sprint(arguments)))
}

fn sprintln(arguments: &[Value]) -> Outcome {
    Ok(Value::text(print::sprintln(arguments)))
}

fn sprintf(arguments: &[Value]) -> Outcome {
    match arguments.split_first() {
        Some((Value::Text(format), rest)) => Ok(Value::text(print::sprintf(format, rest))),
        _ => Err(FunctionError::new("printf needs a format")),
    }
}
