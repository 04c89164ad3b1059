//! Operators, conversions and the standard functions.

use std::{borrow::Cow, cmp::Ordering, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use crate::cel::{
    library::{Function, Scratch},
    value::{Fault, Outcome, Value, time},
};

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "!_" => |_, args| match args {
            [Value::Bool(value)] => Ok(Value::Bool(!value)),
            _ => Err(Fault::no_such_overload()),
        },
        "-_" => |_, args| match args {
            [Value::Int(value)] => value.checked_neg().map(Value::Int).ok_or_else(overflow),
            [Value::Double(value)] => Ok(Value::Double(-value)),
            [Value::Duration(value)] => Ok(Value::Duration(-value)),
            _ => Err(Fault::no_such_overload()),
        },
        "_==_" => |scratch, args| equals(scratch, args).map(Value::Bool),
        "_!=_" => |scratch, args| equals(scratch, args).map(|equal| Value::Bool(!equal)),
        "_<_" => |_, args| ordered(args, Ordering::is_lt),
        "_<=_" => |_, args| ordered(args, Ordering::is_le),
        "_>_" => |_, args| ordered(args, Ordering::is_gt),
        "_>=_" => |_, args| ordered(args, Ordering::is_ge),
        "_+_" => add,
        "_-_" => subtract,
        "_*_" => multiply,
        "_/_" => |_, args| divide(args, "division by zero"),
        "_%_" => |_, args| divide(args, "modulus by zero"),
        "@in" => contains,
        "size" => |_, args| match args {
            [value @ (Value::Text(_) | Value::Bytes(_) | Value::List(_) | Value::Map(_))] => {
                Ok(Value::Int(i64::try_from(value.size()).unwrap_or(i64::MAX)))
            }
            _ => Err(Fault::no_such_overload()),
        },
        "type" => |_, args| match args {
            [value] => Ok(Value::Type(Cow::Borrowed(value.type_name()))),
            _ => Err(Fault::no_such_overload()),
        },
        "dyn" => |_, args| args.first().cloned().ok_or_else(Fault::no_such_overload),
        _ => return conversions(name),
    })
}

fn conversions(name: &str) -> Option<Function> {
    Some(match name {
        "bool" => |_, args| match args {
            [Value::Bool(value)] => Ok(Value::Bool(*value)),
            [Value::Text(text)] => match &**text {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
                "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
                _ => Err(conversion("string", "bool")),
            },
            _ => Err(Fault::no_such_overload()),
        },
        "int" => int,
        "uint" => uint,
        "double" => double,
        "string" => string,
        "bytes" => |_, args| match args {
            [value @ Value::Bytes(_)] => Ok(value.clone()),
            [Value::Text(text)] => Ok(Value::Bytes(text.as_bytes().into())),
            _ => Err(Fault::no_such_overload()),
        },
        "duration" => |_, args| match args {
            [value @ Value::Duration(_)] => Ok(value.clone()),
            [Value::Int(nanos)] => Ok(Value::Duration(*nanos)),
            [Value::Text(text)] => match time::parse_duration(text) {
                Ok(nanos) => Ok(Value::Duration(nanos)),
                Err(_) => Err(conversion("string", "google.protobuf.Duration")),
            },
            _ => Err(Fault::no_such_overload()),
        },
        "timestamp" => |_, args| match args {
            [value @ Value::Timestamp(_)] => Ok(value.clone()),
            [Value::Int(seconds)] => match Timestamp::from_second(*seconds) {
                Ok(at) if time::in_range(at) => Ok(Value::Timestamp(at)),
                _ => Err(Fault::new("timestamp overflow")),
            },
            [Value::Text(text)] => match time::parse_timestamp(text) {
                Ok(at) => Ok(Value::Timestamp(at)),
                Err(_) => Err(conversion("string", "google.protobuf.Timestamp")),
            },
            _ => Err(Fault::no_such_overload()),
        },
        _ => return None,
    })
}

fn conversion(from: &str, to: &str) -> Fault {
    Fault::new(format!("type conversion error from '{from}' to '{to}'"))
}

fn overflow() -> Fault {
    Fault::new("integer overflow")
}

fn equals(scratch: &mut Scratch, args: &[Value<'_>]) -> Result<bool, Fault> {
    scratch.weigh(args)?;
    match args {
        [left, right] => left.equals(right),
        _ => Err(Fault::no_such_overload()),
    }
}

fn ordered<'a>(args: &[Value<'a>], holds: fn(Ordering) -> bool) -> Outcome<'a> {
    match args {
        [left, right] => left.compare(right).map(|order| Value::Bool(holds(order))),
        _ => Err(Fault::no_such_overload()),
    }
}

/// A moment some nanoseconds away.
fn shifted<'a>(at: Timestamp, nanos: i64, forward: bool) -> Outcome<'a> {
    let by = SignedDuration::from_nanos(nanos);
    let moved = if forward { at.checked_add(by) } else { at.checked_sub(by) };
    match moved {
        Ok(at) if time::in_range(at) => Ok(Value::Timestamp(at)),
        _ => Err(Fault::new("timestamp overflow")),
    }
}

fn add<'a>(scratch: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    let [left, right] = args else { return Err(Fault::no_such_overload()) };
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => left.checked_add(*right).map(Value::Int).ok_or_else(overflow),
        (Value::Uint(left), Value::Uint(right)) => {
            left.checked_add(*right).map(Value::Uint).ok_or_else(|| Fault::new("unsigned integer overflow"))
        }
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left + right)),
        (Value::Text(left), Value::Text(right)) => {
            scratch.take(left.len() + right.len())?;
            let mut joined = String::with_capacity(left.len() + right.len());
            joined.push_str(left);
            joined.push_str(right);
            Ok(Value::text(joined))
        }
        (Value::Bytes(left), Value::Bytes(right)) => {
            scratch.take(left.len() + right.len())?;
            Ok(Value::Bytes(Arc::from([&**left, &**right].concat())))
        }
        (Value::List(left), Value::List(right)) => {
            scratch.take_items(left.len() + right.len())?;
            left.join(right)
        }
        (Value::Duration(left), Value::Duration(right)) => {
            left.checked_add(*right).map(Value::Duration).ok_or_else(|| Fault::new("duration overflow"))
        }
        (Value::Timestamp(at), Value::Duration(nanos)) | (Value::Duration(nanos), Value::Timestamp(at)) => {
            shifted(*at, *nanos, true)
        }
        _ => Err(Fault::no_such_overload()),
    }
}

fn subtract<'a>(_: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    let [left, right] = args else { return Err(Fault::no_such_overload()) };
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => left.checked_sub(*right).map(Value::Int).ok_or_else(overflow),
        (Value::Uint(left), Value::Uint(right)) => {
            left.checked_sub(*right).map(Value::Uint).ok_or_else(|| Fault::new("unsigned integer overflow"))
        }
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left - right)),
        (Value::Duration(left), Value::Duration(right)) => {
            left.checked_sub(*right).map(Value::Duration).ok_or_else(|| Fault::new("duration overflow"))
        }
        (Value::Timestamp(at), Value::Duration(nanos)) => shifted(*at, *nanos, false),
        (Value::Timestamp(left), Value::Timestamp(right)) => {
            let nanos = left.duration_since(*right).as_nanos();
            i64::try_from(nanos).map(Value::Duration).map_err(|_| Fault::new("duration overflow"))
        }
        _ => Err(Fault::no_such_overload()),
    }
}

fn multiply<'a>(_: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    match args {
        [Value::Int(left), Value::Int(right)] => left.checked_mul(*right).map(Value::Int).ok_or_else(overflow),
        [Value::Uint(left), Value::Uint(right)] => {
            left.checked_mul(*right).map(Value::Uint).ok_or_else(|| Fault::new("unsigned integer overflow"))
        }
        [Value::Double(left), Value::Double(right)] => Ok(Value::Double(left * right)),
        _ => Err(Fault::no_such_overload()),
    }
}

/// Both quotient and remainder, told apart by what they say of zero.
fn divide<'a>(args: &[Value<'a>], zero: &str) -> Outcome<'a> {
    let quotient = zero.starts_with("division");
    match args {
        [Value::Int(_), Value::Int(0)] | [Value::Uint(_), Value::Uint(0)] => Err(Fault::new(zero)),
        [Value::Int(left), Value::Int(right)] => {
            let result = if quotient { left.checked_div(*right) } else { left.checked_rem(*right) };
            result.map(Value::Int).ok_or_else(overflow)
        }
        [Value::Uint(left), Value::Uint(right)] => Ok(Value::Uint(if quotient { left / right } else { left % right })),
        [Value::Double(left), Value::Double(right)] if quotient => Ok(Value::Double(left / right)),
        _ => Err(Fault::no_such_overload()),
    }
}

fn contains<'a>(scratch: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    scratch.weigh(args)?;
    match args {
        [value, Value::List(list)] => list.contains(value).map(Value::Bool),
        [key, Value::Map(map)] => Ok(Value::Bool(map.find(key)?.is_some())),
        _ => Err(Fault::no_such_overload()),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn int<'a>(_: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    match args {
        [Value::Int(value)] => Ok(Value::Int(*value)),
        [Value::Uint(value)] => i64::try_from(*value).map(Value::Int).map_err(|_| overflow()),
        [Value::Double(value)] if value.abs() < 9_223_372_036_854_775_808.0 => Ok(Value::Int(*value as i64)),
        [Value::Double(_)] => Err(overflow()),
        [Value::Text(text)] => {
            let digits = text.strip_prefix('+').unwrap_or(text);
            digits.parse().map(Value::Int).map_err(|_| conversion("string", "int"))
        }
        [Value::Timestamp(at)] => Ok(Value::Int(at.as_second())),
        [Value::Duration(nanos)] => Ok(Value::Int(*nanos)),
        _ => Err(Fault::no_such_overload()),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn uint<'a>(_: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    let overflow = || Fault::new("unsigned integer overflow");
    match args {
        [Value::Uint(value)] => Ok(Value::Uint(*value)),
        [Value::Int(value)] => u64::try_from(*value).map(Value::Uint).map_err(|_| overflow()),
        [Value::Double(value)] if *value >= 0.0 && *value < 18_446_744_073_709_551_616.0 => {
            Ok(Value::Uint(*value as u64))
        }
        [Value::Double(_)] => Err(overflow()),
        [Value::Text(text)] => text.parse().map(Value::Uint).map_err(|_| conversion("string", "uint")),
        _ => Err(Fault::no_such_overload()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "as upstream")]
fn double<'a>(_: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    match args {
        [Value::Double(value)] => Ok(Value::Double(*value)),
        [Value::Int(value)] => Ok(Value::Double(*value as f64)),
        [Value::Uint(value)] => Ok(Value::Double(*value as f64)),
        [Value::Text(text)] => text.parse().map(Value::Double).map_err(|_| conversion("string", "double")),
        _ => Err(Fault::no_such_overload()),
    }
}

fn string<'a>(scratch: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    match args {
        [value @ Value::Text(_)] => Ok(value.clone()),
        [value] => {
            let text = value.to_text()?;
            scratch.take(text.len())?;
            Ok(Value::text(text))
        }
        _ => Err(Fault::no_such_overload()),
    }
}
