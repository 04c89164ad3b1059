//! Equality and order. Numbers of different types compare by value; lists compare as their `x-kubernetes-list-type` says.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{Fault, Items, Key, List, Map, Outcome, Value};
use crate::{apply::compare_values, schema::ListType};

impl<'a> Value<'a> {
    pub(in crate::cel) fn equals(&self, other: &Value<'a>) -> Result<bool, Fault> {
        Ok(match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Text(left), Value::Text(right)) => **left == **right,
            (Value::Bytes(left), Value::Bytes(right)) => left == right,
            (Value::Timestamp(left), Value::Timestamp(right)) => left == right,
            (Value::Duration(left), Value::Duration(right)) => left == right,
            (Value::List(left), Value::List(right)) => return left.equals(right),
            (Value::Map(left), Value::Map(right)) => return left.equals(right),
            (Value::Type(left), Value::Type(right)) => left == right,
            (Value::Optional(left), Value::Optional(right)) => match (left, right) {
                (Some(left), Some(right)) => return left.equals(right),
                (left, right) => left.is_none() && right.is_none(),
            },
            (Value::Quantity(left), Value::Quantity(right)) => left == right,
            (Value::Ip(left), Value::Ip(right)) => left == right,
            (Value::Cidr(left, length), Value::Cidr(right, other)) => left == right && length == other,
            (Value::Url(left), Value::Url(right)) => left == right,
            (Value::Format(left), Value::Format(right)) => left.name == right.name,
            (Value::Version(left), Value::Version(right)) => left == right,
            (Value::Unknown(left), Value::Unknown(right)) => compare_values(left, right).is_eq(),
            (left, right) => numbers(left, right) == Some(Ordering::Equal),
        })
    }

    /// The order of two values of types that have one.
    pub(in crate::cel) fn compare(&self, other: &Value<'a>) -> Result<Ordering, Fault> {
        Ok(match (self, other) {
            (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
            (Value::Text(left), Value::Text(right)) => (**left).cmp(&**right),
            (Value::Bytes(left), Value::Bytes(right)) => left.cmp(right),
            (Value::Timestamp(left), Value::Timestamp(right)) => left.cmp(right),
            (Value::Duration(left), Value::Duration(right)) => left.cmp(right),
            (Value::Double(number), _) | (_, Value::Double(number)) if number.is_nan() => {
                return Err(Fault::new("NaN values cannot be ordered"));
            }
            (left, right) => return numbers(left, right).ok_or_else(Fault::no_such_overload),
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "checked ranges")]
fn numbers(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    let whole = |value: &Value<'_>| match value {
        Value::Int(number) => Some(i128::from(*number)),
        Value::Uint(number) => Some(i128::from(*number)),
        _ => None,
    };
    match (left, right) {
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right),
        (Value::Double(left), right) => {
            let right = whole(right)?;
            if left.is_nan() {
                None
            } else if left.abs() >= 2f64.powi(65) {
                Some(if *left > 0.0 { Ordering::Greater } else { Ordering::Less })
            } else {
                let floor = left.floor();
                Some((floor as i128).cmp(&right).then(if *left > floor { Ordering::Greater } else { Ordering::Equal }))
            }
        }
        (_, Value::Double(_)) => numbers(right, left).map(Ordering::reverse),
        (left, right) => Some(whole(left)?.cmp(&whole(right)?)),
    }
}

impl<'a> List<'a> {
    fn equals(&self, other: &List<'a>) -> Result<bool, Fault> {
        if self.len() != other.len() {
            return Ok(false);
        }
        match self.kind {
            ListType::Atomic => {
                for (left, right) in self.iter().zip(other.iter()) {
                    if !left?.equals(&right?)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            ListType::Set => {
                let mine = self.keyed(None)?;
                for item in other.iter() {
                    if !mine.contains_key(&set_key(&item?, None)) {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            ListType::Map(keys) => {
                let mine = self.keyed(Some(keys))?;
                for item in other.iter() {
                    let item = item?;
                    match mine.get(&set_key(&item, Some(keys))) {
                        Some(found) if found.equals(&item)? => {}
                        _ => return Ok(false),
                    }
                }
                Ok(true)
            }
        }
    }

    fn keyed(&self, keys: Option<&[std::sync::Arc<str>]>) -> Result<BTreeMap<String, Value<'a>>, Fault> {
        self.iter().map(|item| item.map(|item| (set_key(&item, keys), item))).collect()
    }

    pub(in crate::cel) fn contains(&self, value: &Value<'a>) -> Result<bool, Fault> {
        for item in self.iter() {
            if item?.equals(value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `self + other`: sets take what they lack, maps replace what has the same keys.
    pub(in crate::cel) fn join(&self, other: &List<'a>) -> Outcome<'a> {
        let mut items = self.iter().collect::<Result<Vec<_>, _>>()?;
        let keys = match self.kind {
            ListType::Atomic => {
                items.extend(other.iter().collect::<Result<Vec<_>, _>>()?);
                return Ok(Value::List(List { items: Items::Made(items.into()), kind: self.kind }));
            }
            ListType::Set => None,
            ListType::Map(keys) => Some(keys.as_slice()),
        };
        let mut places: BTreeMap<String, usize> =
            items.iter().enumerate().map(|(index, item)| (set_key(item, keys), index)).collect();
        for item in other.iter() {
            let item = item?;
            let key = set_key(&item, keys);
            match places.get(&key) {
                Some(_) if keys.is_none() => {}
                Some(&place) => items[place] = item,
                None => {
                    places.insert(key, items.len());
                    items.push(item);
                }
            }
        }
        Ok(Value::List(List { items: Items::Made(items.into()), kind: self.kind }))
    }
}

/// What makes an item of a set or a map itself.
fn set_key(item: &Value<'_>, keys: Option<&[std::sync::Arc<str>]>) -> String {
    match (keys, item) {
        (Some(keys), Value::Map(map)) => {
            let parts = keys.iter().map(|key| match map.field(key) {
                Ok(Some(value)) => value.debug(),
                _ => String::new(),
            });
            parts.collect::<Vec<_>>().join("\u{0}")
        }
        _ => item.debug(),
    }
}

impl<'a> Map<'a> {
    fn equals(&self, other: &Map<'a>) -> Result<bool, Fault> {
        if self.len() != other.len() {
            return Ok(false);
        }
        let Map::Data(mine) = self else {
            if let Map::Made(entries) = self {
                for (key, value) in entries.iter() {
                    match other.find(&Key::value(key))? {
                        Some(found) if value.equals(&found)? => {}
                        _ => return Ok(false),
                    }
                }
            }
            return Ok(true);
        };
        for (key, value, schema) in mine.entries() {
            match (schema, other) {
                (Some(schema), _) => match other.field(key)? {
                    Some(found) if super::data::wrap(value, schema)?.equals(&found)? => {}
                    // A null field of an object is none, even of the same object: as upstream has it.
                    _ => return Ok(false),
                },
                (None, Map::Data(other)) => {
                    let same = other.fields.get(key).is_none_or(|other| compare_values(value, other).is_eq());
                    if !same {
                        return Ok(false);
                    }
                }
                (None, Map::Made(_)) => return Err(Fault::no_such_overload()),
            }
        }
        Ok(true)
    }
}
