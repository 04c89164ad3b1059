//! Values as text: conversions to string, and what messages show.

use super::{Fault, Value, time};
use api::go;

impl Value<'_> {
    /// The text of `string(value)`.
    pub(in crate::cel) fn to_text(&self) -> Result<String, Fault> {
        Ok(match self {
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Uint(value) => value.to_string(),
            Value::Double(value) => double(*value),
            Value::Text(text) => text.to_string(),
            Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_string(),
                Err(_) => return Err(Fault::new("invalid UTF-8 in bytes, cannot convert to string")),
            },
            Value::Timestamp(at) => at.to_string(),
            Value::Duration(nanos) => time::show_duration(*nanos),
            Value::Type(name) => name.to_string(),
            Value::Ip(ip) => ip.to_string(),
            Value::Cidr(ip, length) => format!("{ip}/{length}"),
            _ => return Err(Fault::no_such_overload()),
        })
    }

    /// In messages, as `%v` prints it.
    pub(in crate::cel) fn shown(&self) -> String {
        match self {
            Value::Null => "null".into(),
            Value::List(list) => {
                let items = list.iter().map(|item| item.map_or_else(|_| "?".into(), |item| item.shown()));
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
            Value::Unknown(data) => go::plain(data),
            Value::Map(_) => "{...}".into(),
            other => other.to_text().unwrap_or_else(|_| other.type_name().into()),
        }
    }

    /// A text that is the same for the same items of a set only.
    pub(super) fn debug(&self) -> String {
        match self {
            Value::Text(text) => format!("s{}", &**text),
            Value::List(list) => {
                let items = list.iter().map(|item| item.map_or_else(|_| "?".into(), |item| item.debug()));
                format!("[{}]", items.collect::<Vec<_>>().join("\u{0}"))
            }
            Value::Map(map) => {
                let entries = map.keys().into_iter().map(|key| {
                    let value = map.find(&key).ok().flatten().map_or_else(String::new, |value| value.debug());
                    format!("{}\u{0}{value}", key.debug())
                });
                format!("{{{}}}", entries.collect::<Vec<_>>().join("\u{0}"))
            }
            Value::Unknown(data) => data.to_string(),
            other => format!("{}{}", other.type_name(), other.shown()),
        }
    }
}

/// Go's shortest form: `1.5`, `1e+21`, `+Inf`.
pub(in crate::cel) fn double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if value != 0.0 && !(-4..21).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    value.to_string()
}
