//! A small table with one function per kind of parameter, as the program that asked Go has them.

use crate::{
    function::{Function, FunctionError, Param},
    print,
    value::{Element, Integer, List, Value},
};

type Outcome = Result<Value, FunctionError>;

fn text(value: &Value) -> String {
    String::from_utf8_lossy(&print::print(value)).into_owned()
}

fn int(value: &Value) -> i64 {
    match value {
        Value::Integer(integer) => integer.wide() as i64,
        other => panic!("the executor let {other:?} through"),
    }
}

fn half(arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Float(value)] => Ok(Value::Float(value / 2.0)),
        other => panic!("the executor let {other:?} through"),
    }
}

fn flip(arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Bool(value)] => Ok(Value::Bool(!value)),
        other => panic!("the executor let {other:?} through"),
    }
}

fn keys(arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Map(map)] => Ok(Value::int(map.len() as i64)),
        other => panic!("the executor let {other:?} through"),
    }
}

fn items(arguments: &[Value]) -> &List {
    match arguments {
        [Value::List(list)] => list,
        other => panic!("the executor let {other:?} through"),
    }
}

fn set(arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::Map(map), Value::Text(key), value] => {
            map.insert(key.clone(), value.clone());
            Ok(arguments[0].clone())
        }
        other => panic!("the executor let {other:?} through"),
    }
}

fn texts(arguments: &[Value]) -> Vec<String> {
    arguments.iter().map(text).collect()
}

macro_rules! function {
    ($name:literal, [$($param:ident),*], $rest:expr, $call:expr) => {
        Function {
            name: $name,
            params: &[$(Param::$param),*],
            rest: $rest,
            call: |_, arguments| {
                let call: fn(&[Value]) -> Outcome = $call;
                call(arguments)
            },
        }
    };
}

/// The functions of the tables' templates, and Go's own.
pub(crate) fn table() -> &'static [Function] {
    static TABLE: std::sync::LazyLock<Vec<Function>> = std::sync::LazyLock::new(|| {
        let own = [
            function!("include", [Text, Any], None, |_| Ok(Value::Nil)),
            function!("tpl", [Text, Any], None, |_| Ok(Value::Nil)),
            function!("upper", [Text], None, |given| Ok(Value::from(text(&given[0]).to_uppercase()))),
            function!("add", [Int64, Int64], None, |given| Ok(Value::int64(
                int(&given[0]).wrapping_add(int(&given[1]))
            ))),
            function!("inc", [Int], None, |given| Ok(Value::int(int(&given[0]).wrapping_add(1)))),
            function!("half", [Float], None, half),
            function!("flip", [Bool], None, flip),
            function!("keys", [Map], None, keys),
            function!("count", [List], None, |given| Ok(Value::int(items(given).len() as i64))),
            function!("strs", [Texts], None, |given| Ok(Value::from(texts(items(given)).join("+")))),
            function!("join", [Text], Some(Param::Any), |given| Ok(Value::from(
                texts(&given[1..]).join(&text(&given[0]))
            ))),
            function!("list", [], Some(Param::Any), |given| Ok(Value::from(given.to_vec()))),
            function!("split", [Text], None, |given| {
                Ok(Value::List(List::typed(Element::String, text(&given[0]).split(',').map(Value::from).collect())))
            }),
            function!("fail", [Text], None, |given| Err(FunctionError::new(text(&given[0])))),
            function!("set", [Map, Text, Any], None, set),
            function!("dflt", [Any], Some(Param::Any), |given| {
                Ok(given.get(1).filter(|value| !value.is_nil()).unwrap_or(&given[0]).clone())
            }),
            function!("null", [], None, |_| Ok(Value::Nil)),
            function!("toYaml", [Any], None, |given| Ok(Value::from(text(&given[0])))),
            function!("byte", [Int], None, |given| Ok(Value::Integer(Integer::Uint8(int(&given[0]) as u8)))),
        ];
        crate::golang::FUNCTIONS.iter().copied().chain(own).collect()
    });
    &TABLE
}
