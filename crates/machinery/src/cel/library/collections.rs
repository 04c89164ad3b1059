//! Lists, sets and optional values.

use std::{cmp::Ordering, sync::Arc};

use super::{Function, Scratch, mismatch};
use crate::cel::value::{Fault, Items, List, Outcome, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "isSorted" => is_sorted,
        "sum" => sum,
        "max" => |_, args| extreme(args, "max", Ordering::Greater),
        "min" => |_, args| extreme(args, "min", Ordering::Less),
        "sets.contains" => |scratch, args| sets(scratch, args, |left, right| all_in(right, left)),
        "sets.equivalent" => {
            |scratch, args| sets(scratch, args, |left, right| Ok(all_in(right, left)? && all_in(left, right)?))
        }
        "sets.intersects" => |scratch, args| {
            sets(scratch, args, |left, right| {
                for item in left.iter() {
                    if right.contains(&item?)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            })
        },
        "optional.of" => |_, args| match args {
            [value] => Ok(Value::some(value.clone())),
            _ => mismatch(),
        },
        "optional.none" => |_, _| Ok(Value::Optional(None)),
        "optional.ofNonZeroValue" => |_, args| match args {
            [value] if is_zero(value) => Ok(Value::Optional(None)),
            [value] => Ok(Value::some(value.clone())),
            _ => mismatch(),
        },
        "hasValue" => |_, args| match args {
            [Value::Optional(value)] => Ok(Value::Bool(value.is_some())),
            _ => mismatch(),
        },
        "value" => |_, args| match args {
            [Value::Optional(Some(value))] => Ok(value.as_ref().clone()),
            [Value::Optional(None)] => Err(Fault::new("optional.none() dereference")),
            _ => mismatch(),
        },
        "first" => |_, args| match args {
            [Value::List(list)] => end(list, 0),
            _ => mismatch(),
        },
        "last" => |_, args| match args {
            [Value::List(list)] => end(list, list.len().wrapping_sub(1)),
            _ => mismatch(),
        },
        "optional.unwrap" | "unwrapOpt" => unwrap,
        _ => return None,
    })
}

fn end<'a>(list: &List<'a>, index: usize) -> Outcome<'a> {
    list.get(index).map_or(Ok(Value::Optional(None)), |item| item.map(Value::some))
}

fn is_zero(value: &Value<'_>) -> bool {
    match value {
        Value::Null | Value::Bool(false) | Value::Int(0) | Value::Uint(0) | Value::Duration(0) => true,
        Value::Optional(value) => value.is_none(),
        Value::Double(number) => *number == 0.0,
        Value::Timestamp(at) => at.as_second() == -62_135_596_800,
        Value::Text(_) | Value::Bytes(_) | Value::List(_) | Value::Map(_) => value.size() == 0,
        _ => false,
    }
}

fn is_sorted<'a>(_: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    let [Value::List(list)] = args else { return mismatch() };
    let mut before: Option<Value<'a>> = None;
    for item in list.iter() {
        let item = item?;
        if let Some(before) = &before
            && before.compare(&item)?.is_gt()
        {
            return Ok(Value::Bool(false));
        }
        before = Some(item);
    }
    Ok(Value::Bool(true))
}

/// The checker knows the type of an empty list's sum, and it is the whole number in all rules seen; an empty list of
/// doubles or durations sums to a whole zero too, which compares equal to a double's.
fn sum<'a>(_: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    let [Value::List(list)] = args else { return mismatch() };
    let mut sum: Option<Value<'a>> = None;
    for item in list.iter() {
        let item = item?;
        sum = Some(match (sum, item) {
            (None, item) => item,
            (Some(Value::Int(left)), Value::Int(right)) => {
                Value::Int(left.checked_add(right).ok_or_else(|| Fault::new("integer overflow"))?)
            }
            (Some(Value::Uint(left)), Value::Uint(right)) => {
                Value::Uint(left.checked_add(right).ok_or_else(|| Fault::new("unsigned integer overflow"))?)
            }
            (Some(Value::Double(left)), Value::Double(right)) => Value::Double(left + right),
            (Some(Value::Duration(left)), Value::Duration(right)) => {
                Value::Duration(left.checked_add(right).ok_or_else(|| Fault::new("duration overflow"))?)
            }
            _ => return mismatch(),
        });
    }
    Ok(sum.unwrap_or(Value::Int(0)))
}

fn extreme<'a>(args: &[Value<'a>], name: &str, wanted: Ordering) -> Outcome<'a> {
    let [Value::List(list)] = args else { return mismatch() };
    let mut found: Option<Value<'a>> = None;
    for item in list.iter() {
        let item = item?;
        found = Some(match found {
            Some(best) if item.compare(&best)? == wanted => item,
            Some(best) => best,
            None => item,
        });
    }
    found.ok_or_else(|| Fault::new(format!("{name} called on empty list")))
}

pub(super) fn index_of<'a>(scratch: &mut Scratch, args: &[Value<'a>], last: bool) -> Outcome<'a> {
    scratch.weigh(args)?;
    let [Value::List(list), wanted] = args else { return mismatch() };
    let mut found = -1;
    for (index, item) in list.iter().enumerate() {
        if item?.equals(wanted)? {
            found = i64::try_from(index).unwrap_or(i64::MAX);
            if !last {
                break;
            }
        }
    }
    Ok(Value::Int(found))
}

fn sets<'a>(
    scratch: &mut Scratch,
    args: &[Value<'a>],
    holds: fn(&List<'a>, &List<'a>) -> Result<bool, Fault>,
) -> Outcome<'a> {
    scratch.weigh(args)?;
    match args {
        [Value::List(left), Value::List(right)] => holds(left, right).map(Value::Bool),
        _ => mismatch(),
    }
}

fn all_in<'a>(part: &List<'a>, whole: &List<'a>) -> Result<bool, Fault> {
    for item in part.iter() {
        if !whole.contains(&item?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn unwrap<'a>(scratch: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    let [Value::List(list)] = args else { return mismatch() };
    scratch.take_items(list.len())?;
    let mut items = Vec::new();
    for item in list.iter() {
        match item? {
            Value::Optional(value) => items.extend(value.map(|value| value.as_ref().clone())),
            other => return Err(Fault::new(format!("value {} is not optional", other.shown()))),
        }
    }
    Ok(Value::List(List { items: Items::Made(Arc::new(items)), kind: list.kind }))
}
