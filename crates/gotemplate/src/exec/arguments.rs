//! Arguments: their number, constants as parameters of a type, and values as parameters of a type, with Go's words for what does not
//! fit.

use super::op::Literal;
use crate::{
    function::Param,
    syntax::{NodeId, Number, Operand, Tree},
    value::{Element, Integer, List, Map, MapType, Value},
};

/// Go's name of a parameter's type.
pub(crate) fn type_name(param: Param) -> &'static str {
    match param {
        Param::Any => "interface {}",
        Param::Text => "string",
        Param::Bool => "bool",
        Param::Int => "int",
        Param::Int64 => "int64",
        Param::Uint32 => "uint32",
        Param::Float => "float64",
        Param::Texts => "[]string",
        Param::Map => "map[string]interface {}",
        Param::List => "[]interface {}",
        Param::Object(name) => name,
    }
}

pub(super) fn wrong_count(
    name: &str,
    fixed: usize,
    is_variadic: bool,
    written: usize,
    has_final: bool,
) -> Option<String> {
    let got = written + usize::from(has_final);
    if is_variadic {
        return (got < fixed).then(|| format!("wrong number of args for {name}: want at least {fixed} got {written}"));
    }
    (got != fixed).then(|| format!("wrong number of args for {name}: want {fixed} got {got}"))
}

/// A constant as an argument.
pub(super) fn constant(tree: &Tree, id: NodeId, param: Param) -> Result<Literal, String> {
    let found = || tree.show_node(id);
    match (tree.node(id).operand, param) {
        (Operand::Nil, Param::Any) => Ok(Literal::Nil),
        (Operand::Nil, Param::Map) => Ok(Literal::EmptyMap),
        (Operand::Nil, Param::List) => Ok(Literal::EmptyList),
        (Operand::Nil, Param::Texts) => Ok(Literal::EmptyTexts),
        (Operand::Nil, _) => Err(format!("cannot assign nil to {}", type_name(param))),
        (Operand::Bool(value), Param::Any | Param::Bool) => Ok(Literal::Bool(value)),
        (Operand::Text(text), Param::Any | Param::Text) => Ok(Literal::Text(tree.texts[text as usize].text.clone())),
        (Operand::Number(number), _) => constant_number(tree, &tree.numbers[number as usize], param),
        (_, Param::Bool) => Err(format!("expected bool; found {}", found())),
        (_, Param::Text) => Err(format!("expected string; found {}", found())),
        (_, Param::Int | Param::Int64) => Err(format!("expected integer; found {}", found())),
        (_, Param::Uint32) => Err(format!("expected unsigned integer; found {}", found())),
        (_, Param::Float) => Err(format!("expected float; found {}", found())),
        (_, _) => Err(format!("can't handle {} for arg of type {}", found(), type_name(param))),
    }
}

fn constant_number(tree: &Tree, number: &Number, param: Param) -> Result<Literal, String> {
    let found = || String::from_utf8_lossy(tree.bytes(number.written)).into_owned();
    match param {
        Param::Any if number.is_float => Ok(Literal::Float(number.float)),
        Param::Any => number.int.map(Literal::Int).ok_or_else(|| format!("{} overflows int", found())),
        Param::Int => number.int.map(Literal::Int).ok_or_else(|| format!("expected integer; found {}", found())),
        Param::Int64 => number.int.map(Literal::Int64).ok_or_else(|| format!("expected integer; found {}", found())),
        // Go stores what fits into the parameter's bits, and drops the rest.
        Param::Uint32 => {
            let uint = number.uint.ok_or_else(|| format!("expected unsigned integer; found {}", found()))?;
            Ok(Literal::Uint64(uint & u64::from(u32::MAX)))
        }
        Param::Float => Ok(Literal::Float(number.float)),
        Param::Bool => Err(format!("expected bool; found {}", found())),
        Param::Text => Err(format!("expected string; found {}", found())),
        Param::Texts | Param::Map | Param::List | Param::Object(_) => {
            Err(format!("can't handle {} for arg of type {}", found(), type_name(param)))
        }
    }
}

/// Go's `validateType`: a value as an argument.
pub(super) fn convert(value: Value, param: Param) -> Result<Value, String> {
    match (param, &value) {
        (Param::Any, _) => Ok(value),
        (Param::Map, Value::Nil) => Ok(Value::Map(Map::nil())),
        (Param::List, Value::Nil) => Ok(Value::List(List::nil(Element::Interface))),
        (Param::Texts, Value::Nil) => Ok(Value::List(List::nil(Element::String))),
        (_, Value::Nil) => Err(format!("invalid value; expected {}", type_name(param))),
        (Param::Text, Value::Text(_)) | (Param::Bool, Value::Bool(_)) | (Param::Float, Value::Float(_)) => Ok(value),
        (Param::Int, Value::Integer(Integer::Int(_))) | (Param::Int64, Value::Integer(Integer::Int64(_))) => Ok(value),
        (Param::Map, Value::Map(map)) if map.map_type() != MapType::String => Ok(value),
        (Param::List, Value::List(list)) if list.element() == Element::Interface => Ok(value),
        (Param::Texts, Value::List(list)) if list.element() == Element::String => Ok(value),
        (Param::Object(name), Value::Object(object)) if object.type_name() == name => Ok(value),
        (_, Value::NilInterface) => Err(wrong_type(param, "interface {}")),
        _ => Err(wrong_type(param, &value.type_name())),
    }
}

fn wrong_type(param: Param, got: &str) -> String {
    format!("wrong type for value; expected {}; got {got}", type_name(param))
}
