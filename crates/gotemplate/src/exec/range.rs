//! What `range` goes over, and in which order.

use std::vec;

use super::machine::Scoped;
use crate::{
    print,
    value::{Bytes, Element, Integer, List, Map, MapType, Text, Value},
};

/// The turns of a loop that are still to come.
#[derive(Debug)]
pub(super) enum Turns {
    List {
        list: List,
        at: usize,
    },
    Bytes {
        bytes: Bytes,
        at: usize,
    },
    /// Sorted by key, as they were when the loop began.
    Entries {
        entries: vec::IntoIter<(Text, Value)>,
        boxed: bool,
    },
    Integers {
        next: i128,
        end: i128,
        of: Integer,
    },
}

/// One turn: key or index, and element.
pub(super) struct Turn {
    pub(super) index: Value,
    pub(super) element: Scoped,
}

impl Turns {
    /// `None` for what is empty. `declared` is the number of variables.
    pub(super) fn over(value: Value, declared: usize) -> Result<Option<Self>, String> {
        let turns = match value {
            Value::Nil | Value::NilInterface => return Ok(None),
            Value::List(list) if list.is_empty() => return Ok(None),
            Value::List(list) => Self::List { list, at: 0 },
            Value::Bytes(bytes) if bytes.is_empty() => return Ok(None),
            Value::Bytes(bytes) => Self::Bytes { bytes, at: 0 },
            Value::Map(map) => return Ok(Self::map(&map)),
            Value::Integer(integer) if declared > 1 => {
                return Err(format!("can't use {} to iterate over more than one variable", integer.wide()));
            }
            Value::Integer(integer) if integer.wide() <= 0 => return Ok(None),
            Value::Integer(integer) => Self::Integers { next: 0, end: integer.wide(), of: integer },
            Value::Object(object) => match object.entries() {
                Some(entries) if entries.is_empty() => return Ok(None),
                Some(entries) => Self::Entries { entries: entries.into_iter(), boxed: false },
                None => return Err(refused(&Value::Object(object))),
            },
            Value::Bool(_) | Value::Float(_) | Value::Text(_) => return Err(refused(&value)),
        };
        Ok(Some(turns))
    }

    fn map(map: &Map) -> Option<Self> {
        let entries: Vec<_> = map.read().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        let boxed = map.map_type() != MapType::String;
        (!entries.is_empty()).then(|| Self::Entries { entries: entries.into_iter(), boxed })
    }

    pub(super) fn next(&mut self) -> Option<Turn> {
        match self {
            Self::List { list, at } => {
                let value = list.get(*at)?.clone().as_element();
                let index = count(at);
                Some(Turn { index, element: Scoped { value, boxed: list.element() == Element::Interface } })
            }
            Self::Bytes { bytes, at } => {
                let value = Value::Integer(Integer::Uint8(*bytes.get(*at)?));
                let index = count(at);
                Some(Turn { index, element: Scoped { value, boxed: false } })
            }
            Self::Entries { entries, boxed } => {
                let (key, value) = entries.next()?;
                Some(Turn { index: Value::Text(key), element: Scoped { value: value.as_element(), boxed: *boxed } })
            }
            Self::Integers { next, end, of } => {
                let value = Value::Integer((*next < *end).then(|| like(*of, *next))?);
                *next += 1;
                Some(Turn { index: Value::Nil, element: Scoped { value, boxed: false } })
            }
        }
    }
}

fn count(at: &mut usize) -> Value {
    let index = Value::int(*at as i64);
    *at += 1;
    index
}

fn refused(value: &Value) -> String {
    format!("range can't iterate over {}", String::from_utf8_lossy(&print::print(value)))
}

/// A number of the same type. It is smaller than one of that type, so it fits.
fn like(of: Integer, value: i128) -> Integer {
    match of {
        Integer::Int(_) => Integer::Int(value as i64),
        Integer::Int64(_) => Integer::Int64(value as i64),
        Integer::Int32(_) => Integer::Int32(value as i32),
        Integer::Uint8(_) => Integer::Uint8(value as u8),
        Integer::Uint64(_) => Integer::Uint64(value as u64),
    }
}
