//! `"%s has %d".format([..])`.

use super::Scratch;
use crate::cel::value::{Fault, List, Value, show, time};

/// Digits after the point when a clause names none.
const PRECISION: usize = 6;
/// More digits than a number can have.
const PRECISION_MAX: usize = 1100;

pub(super) fn format(scratch: &mut Scratch, format: &str, list: &List<'_>) -> Result<String, Fault> {
    let mut out = String::new();
    let (mut rest, mut used) = (format, 0);
    while let Some(start) = rest.find('%') {
        out.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        if let Some(literal) = after.strip_prefix('%') {
            out.push('%');
            rest = literal;
            continue;
        }
        let Some(arg) = list.get(used) else { return Err(Fault::new(format!("index {used} out of range"))) };
        if after.is_empty() {
            return Err(Fault::new("unexpected end of string"));
        }
        let (precision, after) = precision(after)?;
        let clause = after.chars().next().unwrap_or('\0');
        let text = clause_text(clause, precision, &arg?)?;
        scratch.take(text.len())?;
        out.push_str(&text);
        rest = &after[clause.len_utf8()..];
        used += 1;
    }
    scratch.take(rest.len())?;
    out.push_str(rest);
    Ok(out)
}

fn precision(text: &str) -> Result<(usize, &str), Fault> {
    let Some(digits) = text.strip_prefix('.') else { return Ok((PRECISION, text)) };
    let end = digits.find(|c: char| !c.is_ascii_digit());
    let wrong =
        |why: &str| Fault::new(format!("could not parse formatting clause: error while parsing precision: {why}"));
    let end = end.ok_or_else(|| wrong("could not find end of precision specifier"))?;
    let number: usize = digits[..end].parse().map_err(|_| wrong("error while converting precision to integer"))?;
    Ok((number.min(PRECISION_MAX), &digits[end..]))
}

fn clause_text(clause: char, precision: usize, arg: &Value<'_>) -> Result<String, Fault> {
    let wrong = |kinds: &str| {
        let name = arg.type_name();
        Fault::new(format!("error during formatting: {kinds}, was given {name}"))
    };
    match (clause, arg) {
        ('s', value) => plain(value),
        ('d', Value::Int(number)) => Ok(number.to_string()),
        ('d', Value::Uint(number)) => Ok(number.to_string()),
        ('d', _) => Err(wrong("decimal clause can only be used on integers")),
        ('f', value) => match number(value) {
            Some(number) => Ok(finite(number).unwrap_or_else(|| format!("{number:.precision$}"))),
            None => Err(wrong("fixed-point clause can only be used on doubles")),
        },
        ('e', value) => match number(value) {
            Some(number) => Ok(finite(number).unwrap_or_else(|| scientific(number, precision))),
            None => Err(wrong("scientific clause can only be used on doubles")),
        },
        ('b', Value::Int(number)) => Ok(signed(*number, |magnitude| format!("{magnitude:b}"))),
        ('b', Value::Uint(number)) => Ok(format!("{number:b}")),
        ('b', Value::Bool(value)) => Ok(u8::from(*value).to_string()),
        ('b', _) => Err(wrong("only integers and bools can be formatted as binary")),
        ('o', Value::Int(number)) => Ok(signed(*number, |magnitude| format!("{magnitude:o}"))),
        ('o', Value::Uint(number)) => Ok(format!("{number:o}")),
        ('o', _) => Err(wrong("octal clause can only be used on integers")),
        ('x' | 'X', value) => {
            let text = match value {
                Value::Int(number) => signed(*number, |magnitude| format!("{magnitude:x}")),
                Value::Uint(number) => format!("{number:x}"),
                Value::Text(text) => api::hex::encode(text.as_bytes()),
                Value::Bytes(bytes) => api::hex::encode(bytes),
                _ => return Err(wrong("only integers, byte buffers, and strings can be formatted as hex")),
            };
            Ok(if clause == 'X' { text.to_uppercase() } else { text })
        }
        (other, _) => {
            Err(Fault::new(format!("could not parse formatting clause: unrecognized formatting clause \"{other}\"")))
        }
    }
}

fn signed(number: i64, show: impl Fn(u64) -> String) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", show(number.unsigned_abs()))
}

fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Double(number) => Some(*number),
        Value::Text(text) => match &**text {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// `NaN` and the infinities; `None` for numbers that have digits.
fn finite(number: f64) -> Option<String> {
    if number.is_nan() {
        return Some("NaN".into());
    }
    number.is_infinite().then(|| if number > 0.0 { "∞".into() } else { "-∞".into() })
}

/// Go's localised scientific form: `1.052e+03` is written `1.052×10⁰³`.
fn scientific(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(("", exponent), |rest| ("\u{207b}", rest));
    let raised: String = format!("{exponent:0>2}")
        .chars()
        .map(|c| ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][usize::from(c as u8 - b'0') % 10])
        .collect();
    format!("{digits}×10{sign}{raised}")
}

/// `%s`
fn plain(value: &Value<'_>) -> Result<String, Fault> {
    match value {
        Value::Null => Ok("null".into()),
        Value::List(_) | Value::Map(_) => nested(value),
        Value::Double(number) => Ok(show::double(*number)),
        other => other.to_text().map_err(|_| {
            let name = other.type_name();
            Fault::new(format!(
                "error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, \
                 lists, types, durations, and timestamps, was given {name}"
            ))
        }),
    }
}

/// A value inside a list or a map.
fn nested(value: &Value<'_>) -> Result<String, Fault> {
    Ok(match value {
        Value::Text(text) => format!("{:?}", &**text),
        Value::Bytes(bytes) => format!("b{:?}", String::from_utf8_lossy(bytes)),
        Value::Timestamp(at) => format!("timestamp(\"{at}\")"),
        Value::Duration(nanos) => format!("duration(\"{}\")", time::show_duration(*nanos)),
        Value::Double(number) if number.is_finite() => format!("{number:.PRECISION$}"),
        Value::Double(number) => format!("{:?}", show::double(*number)),
        Value::List(list) => {
            let items: Result<Vec<String>, Fault> = list.iter().map(|item| nested(&item?)).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Map(map) => {
            let entries = map.keys().into_iter().map(|key| {
                let found = map.find(&key)?.unwrap_or(Value::Null);
                Ok(format!("{}:{}", nested(&key)?, nested(&found)?))
            });
            let mut entries = entries.collect::<Result<Vec<String>, Fault>>()?;
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        other => return plain(other),
    })
}
