//! Sprig's lists. Every function takes any of Go's slices, also bytes and texts, and the `must` twin differs only in that Go
//! returns its error instead of panicking with it: to a template both are the same error.

use std::borrow::Cow;

use super::{
    arguments::{any, int},
    cast::to_int64,
    defaults, equal, limits,
};
use crate::{
    function::{Call, Function, FunctionError, Param},
    value::{Element, Integer, List, Value},
};

type Outcome = Result<Value, FunctionError>;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::variadic("list", &[], Param::Any, |_, arguments| Ok(Value::from(held(arguments)))),
    Function::variadic("tuple", &[], Param::Any, |_, arguments| Ok(Value::from(held(arguments)))),
    Function::new("append", &[Param::Any, Param::Any], append),
    Function::new("push", &[Param::Any, Param::Any], append),
    Function::new("mustAppend", &[Param::Any, Param::Any], append),
    Function::new("mustPush", &[Param::Any, Param::Any], append),
    Function::new("prepend", &[Param::Any, Param::Any], prepend),
    Function::new("mustPrepend", &[Param::Any, Param::Any], prepend),
    Function::new("first", &[Param::Any], |_, arguments| end(arguments, "Cannot find first on type", <[Value]>::first)),
    Function::new("mustFirst", &[Param::Any], |_, arguments| {
        end(arguments, "Cannot find first on type", <[Value]>::first)
    }),
    Function::new("last", &[Param::Any], |_, arguments| end(arguments, "Cannot find last on type", <[Value]>::last)),
    Function::new("mustLast", &[Param::Any], |_, arguments| {
        end(arguments, "Cannot find last on type", <[Value]>::last)
    }),
    Function::new("rest", &[Param::Any], rest),
    Function::new("mustRest", &[Param::Any], rest),
    Function::new("initial", &[Param::Any], initial),
    Function::new("mustInitial", &[Param::Any], initial),
    Function::new("reverse", &[Param::Any], reverse),
    Function::new("mustReverse", &[Param::Any], reverse),
    Function::new("compact", &[Param::Any], compact),
    Function::new("mustCompact", &[Param::Any], compact),
    Function::new("uniq", &[Param::Any], uniq),
    Function::new("mustUniq", &[Param::Any], uniq),
    Function::variadic("without", &[Param::Any], Param::Any, without),
    Function::variadic("mustWithout", &[Param::Any], Param::Any, without),
    Function::new("has", &[Param::Any, Param::Any], has),
    Function::new("mustHas", &[Param::Any, Param::Any], has),
    Function::variadic("slice", &[Param::Any], Param::Any, slice),
    Function::variadic("mustSlice", &[Param::Any], Param::Any, slice),
    Function::new("chunk", &[Param::Int, Param::Any], chunk),
    Function::new("mustChunk", &[Param::Int, Param::Any], chunk),
    Function::variadic("concat", &[], Param::Any, concat),
];

/// The elements, where the value is one of Go's slices.
pub(super) fn items(value: &Value) -> Option<Cow<'_, [Value]>> {
    match value {
        Value::List(list) => Some(Cow::Borrowed(list)),
        Value::Bytes(bytes) => Some(bytes.iter().map(|byte| Value::Integer(Integer::Uint8(*byte))).collect()),
        Value::Object(object) if object.kind_name() == "slice" => match object.to_json() {
            serde_json::Value::Array(items) => Some(items.iter().map(element).collect()),
            _ => Some(Cow::Borrowed(&[])),
        },
        _ => None,
    }
}

/// An element of a host's slice: those that Helm has hold texts.
fn element(item: &serde_json::Value) -> Value {
    match item {
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => number.as_f64().map_or(Value::NilInterface, Value::Float),
        _ => Value::NilInterface,
    }
}

/// The elements, or Go's error: a nil has no type to ask.
fn elements<'a>(value: &'a Value, complaint: &str) -> Result<Cow<'a, [Value]>, FunctionError> {
    items(value).ok_or_else(|| match value.is_nil() {
        true => FunctionError::new("runtime error: invalid memory address or nil pointer dereference"),
        false => FunctionError::new(format!("{complaint} {}", value.kind_name())),
    })
}

/// What an element becomes that is a result: a nil interface as the result of a call is no value.
fn result(item: Option<&Value>) -> Value {
    match item {
        None | Some(Value::NilInterface) => Value::Nil,
        Some(item) => item.clone(),
    }
}

/// What a value becomes as the element of a list.
pub(super) fn as_element(value: &Value) -> Value {
    if value.is_nil() { Value::NilInterface } else { value.clone() }
}

fn held(values: &[Value]) -> Vec<Value> {
    values.iter().map(as_element).collect()
}

fn append(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut list = elements(any(arguments, 0), "Cannot push on type")?.into_owned();
    limits::list_items(list.len() as u128 + 1)?;
    list.push(as_element(any(arguments, 1)));
    Ok(Value::from(list))
}

fn prepend(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut list = elements(any(arguments, 0), "Cannot prepend on type")?.into_owned();
    limits::list_items(list.len() as u128 + 1)?;
    list.insert(0, as_element(any(arguments, 1)));
    Ok(Value::from(list))
}

fn end(arguments: &[Value], complaint: &str, pick: fn(&[Value]) -> Option<&Value>) -> Outcome {
    Ok(result(pick(&elements(any(arguments, 0), complaint)?)))
}

fn rest(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let list = elements(any(arguments, 0), "Cannot find rest on type")?;
    Ok(list.split_first().map_or_else(nil_list, |(_, rest)| Value::from(rest.to_vec())))
}

fn initial(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let list = elements(any(arguments, 0), "Cannot find initial on type")?;
    Ok(list.split_last().map_or_else(nil_list, |(_, initial)| Value::from(initial.to_vec())))
}

fn nil_list() -> Value {
    Value::List(List::nil(Element::Interface))
}

fn reverse(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut list = elements(any(arguments, 0), "Cannot find reverse on type")?.into_owned();
    list.reverse();
    Ok(Value::from(list))
}

fn compact(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut list = elements(any(arguments, 0), "Cannot compact on type")?.into_owned();
    list.retain(|item| !defaults::is_empty(item));
    Ok(Value::from(list))
}

fn uniq(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut seen = equal::Set::default();
    let mut unique = Vec::new();
    for item in elements(any(arguments, 0), "Cannot find uniq on type")?.iter() {
        if seen.insert(item)? {
            unique.push(item.clone());
        }
    }
    Ok(Value::from(unique))
}

fn without(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut omitted = equal::Set::default();
    for value in arguments.get(1..).unwrap_or(&[]) {
        omitted.insert(value)?;
    }
    let mut kept = Vec::new();
    for item in elements(any(arguments, 0), "Cannot find without on type")?.iter() {
        if !omitted.contains(item)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::from(kept))
}

fn has(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (needle, haystack) = (any(arguments, 0), any(arguments, 1));
    if haystack.is_nil() {
        return Ok(Value::Bool(false));
    }
    for item in elements(haystack, "Cannot find has on type")?.iter() {
        if equal::deep_equal(needle, item)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn slice(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let value = any(arguments, 0);
    let list = elements(value, "list should be type of slice or array but")?;
    if list.is_empty() {
        return Ok(Value::Nil);
    }
    let start = arguments.get(1).map_or(0, to_int64);
    let end = arguments.get(2).map_or(list.len() as i64, to_int64);
    let cut = match (usize::try_from(start), usize::try_from(end)) {
        (Ok(start), Ok(end)) => list.get(start..end),
        _ => None,
    };
    let cut = cut.ok_or_else(|| FunctionError::new("reflect.Value.Slice: slice index out of bounds"))?;
    Ok(match value {
        Value::List(list) => Value::List(List::typed(list.element(), cut.to_vec())),
        Value::Bytes(bytes) => Value::Bytes(bytes[start as usize..end as usize].into()),
        _ => Value::List(List::typed(Element::String, cut.to_vec())),
    })
}

/// Lists of `size` elements. The number of lists is a float in Go, so that odd sizes do odd things, and panics, before an element
/// is looked at.
fn chunk(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let size = int(arguments, 0)?;
    let list = elements(any(arguments, 1), "Cannot chunk type")?;
    let out_of_range = || FunctionError::new("runtime error: makeslice: len out of range");
    let count = super::cast::float_to_int(((list.len() as f64 - 1.0) / size as f64).floor() + 1.0);
    let count = usize::try_from(count).map_err(|_| out_of_range())?;
    limits::list_items(count as u128)?;
    let mut chunks = Vec::with_capacity(count);
    for number in 0..count {
        let mut length = size;
        if number + 1 == count {
            let left = super::cast::float_to_int((list.len() as f64 % size as f64).floor());
            length = if left == 0 { size } else { left };
        }
        let length = usize::try_from(length).map_err(|_| out_of_range())?;
        let from = number * usize::try_from(size).unwrap_or(0);
        let items =
            list.get(from..from + length).ok_or_else(|| FunctionError::new("reflect: slice index out of range"))?;
        chunks.push(Value::from(items.to_vec()));
    }
    Ok(Value::List(List::typed(Element::List, chunks)))
}

fn concat(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut all = Vec::new();
    for value in arguments {
        let list = elements(value, "Cannot concat type").map_err(|error| match value.is_nil() {
            true => error,
            false => FunctionError::new(format!("{error} as list")),
        })?;
        limits::list_items((all.len() + list.len()) as u128)?;
        all.extend_from_slice(&list);
    }
    Ok(if all.is_empty() { nil_list() } else { Value::from(all) })
}
