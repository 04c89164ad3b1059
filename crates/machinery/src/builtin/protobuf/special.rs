//! Types whose JSON form upstream writes by hand.

use api::env::{rfc3339, rfc3339_micro};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    MAGIC, decode,
    message::Decoder,
    wire::{Error, Payload, Reader},
};
use crate::builtin::facts::{FieldType, TypeFacts, table};

/// The value of a message of a special type; of the zero value when there are no bytes.
pub(super) fn value(decoder: &mut Decoder, of: &'static TypeFacts, bytes: &[u8]) -> Result<Value, Error> {
    match of.short_name {
        // A time that was never set has no bytes; the first second of 1970 has.
        "Time" | "MicroTime" | "Timestamp" if bytes.is_empty() => Ok(Value::Null),
        "Time" | "Timestamp" => time(bytes, rfc3339),
        "MicroTime" => time(bytes, rfc3339_micro),
        "Quantity" => {
            let text = last(bytes, 1)?.map(Payload::text).transpose()?.unwrap_or_default();
            Ok(if text.is_empty() { "0" } else { text }.into())
        }
        "IntOrString" => int_or_string(bytes),
        "Duration" => Ok(duration(number(bytes, 1)? as i64).into()),
        "JSONSchemaPropsOrArray" => union(decoder, of, bytes, [(1, Arm::Schema), (2, Arm::Schemas)]),
        "JSONSchemaPropsOrBool" => union(decoder, of, bytes, [(2, Arm::Schema), (1, Arm::Bool)]),
        "JSONSchemaPropsOrStringArray" => union(decoder, of, bytes, [(1, Arm::Schema), (2, Arm::Strings)]),
        // RawExtension, FieldsV1 and JSON carry JSON as bytes.
        _ => raw(decoder, bytes),
    }
}

fn last(bytes: &[u8], wanted: u32) -> Result<Option<Payload<'_>>, Error> {
    let mut found = None;
    let mut reader = Reader::new(bytes);
    while let Some((number, payload)) = reader.next_field()? {
        if number == wanted {
            found = Some(payload);
        }
    }
    Ok(found)
}

fn number(bytes: &[u8], wanted: u32) -> Result<u64, Error> {
    last(bytes, wanted)?.map_or(Ok(0), Payload::varint)
}

fn time(bytes: &[u8], format: fn(Timestamp) -> String) -> Result<Value, Error> {
    let (seconds, nanos) = (number(bytes, 1)? as i64, number(bytes, 2)? as i32);
    let at = Timestamp::new(seconds, nanos).map_err(|_| Error::Time)?;
    Ok(format(at).into())
}

fn int_or_string(bytes: &[u8]) -> Result<Value, Error> {
    if number(bytes, 1)? == 0 {
        return Ok((number(bytes, 2)? as i32).into());
    }
    Ok(last(bytes, 3)?.map_or(Ok(""), Payload::text)?.into())
}

fn raw(decoder: &mut Decoder, bytes: &[u8]) -> Result<Value, Error> {
    let raw = last(bytes, 1)?.map_or(Ok(&[][..]), Payload::bytes)?;
    if raw.is_empty() {
        return Ok(Value::Null);
    }
    if raw.starts_with(MAGIC) {
        return decode(decoder, raw).map_err(|status| Error::Json(status.message));
    }
    serde_json::from_slice(raw).map_err(|error| Error::Json(error.to_string()))
}

#[derive(Clone, Copy)]
enum Arm {
    Schema,
    Schemas,
    Bool,
    Strings,
}

/// A union of `JSONSchemaProps` with something: prints the arm that was sent. The last of `arms` decides when both were.
fn union(decoder: &mut Decoder, of: &TypeFacts, bytes: &[u8], arms: [(u32, Arm); 2]) -> Result<Value, Error> {
    let schema = format!("{}JSONSchemaProps", of.name.trim_end_matches(of.short_name));
    let schema = table().get(&schema).map_or(FieldType::Any, FieldType::Of);
    let mut found = [Value::Null, Value::Null];
    let mut reader = Reader::new(bytes);
    while let Some((number, payload)) = reader.next_field()? {
        let Some(at) = arms.iter().position(|(of, _)| *of == number) else { continue };
        match arms[at].1 {
            Arm::Schema => found[at] = decoder.value(&schema, payload)?,
            Arm::Bool => found[at] = (payload.varint()? != 0).into(),
            Arm::Schemas => push(&mut found[at], decoder.value(&schema, payload)?),
            Arm::Strings => push(&mut found[at], payload.text()?.into()),
        }
    }
    let [schema, other] = found;
    Ok(match arms[1].1 {
        // The bool is always sent; the schema wins over it.
        Arm::Bool if schema.is_null() => Value::Bool(other == Value::Bool(true)),
        Arm::Bool => schema,
        _ if other.is_null() => schema,
        _ => other,
    })
}

fn push(list: &mut Value, element: Value) {
    match list {
        Value::Array(list) => list.push(element),
        other => *other = Value::Array(vec![element]),
    }
}

/// As Go's `time.Duration` prints itself: `1h2m3.5s`, `250ms`, `0s`.
fn duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let total = nanos.unsigned_abs();
    let fraction = |value: u64, unit: u64| {
        let digits = unit.to_string().len() - 1;
        let text = format!("{}.{:0digits$}", value / unit, value % unit);
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    };
    match total {
        0 => "0s".to_string(),
        1..1_000 => format!("{sign}{total}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", fraction(total, 1_000)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", fraction(total, 1_000_000)),
        _ => {
            let (minutes, rest) = (total / 60_000_000_000, total % 60_000_000_000);
            let seconds = fraction(rest, 1_000_000_000);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}
