//! Text to values: integers are int64, floats float64, dates `time.Time`.

use ::toml::{Table, Value as Toml, de::Error};

use crate::{
    time::Time,
    value::{Map, Object, Text, Value},
};

/// Reads a document.
pub fn read(text: &[u8]) -> Result<Map, String> {
    let text = std::str::from_utf8(text).map_err(|error| {
        let before = &text[..error.valid_up_to()];
        let byte = text.get(error.valid_up_to()).copied().unwrap_or_default();
        format!("toml: line {}: invalid UTF-8 byte: 0x{byte:02x}", line_after(before))
    })?;
    let table: Table = text.parse().map_err(|error: Error| {
        let start = error.span().map_or(0, |span| span.start).min(text.len());
        format!("toml: line {}: {}", line_after(&text.as_bytes()[..start]), error.message())
    })?;
    map(table)
}

fn line_after(text: &[u8]) -> usize {
    1 + text.iter().filter(|byte| **byte == b'\n').count()
}

fn map(table: Table) -> Result<Map, String> {
    let entry = |(key, item): (String, Toml)| Ok((Text::from(key), value(item)?));
    Ok(Map::new(table.into_iter().map(entry).collect::<Result<_, String>>()?))
}

fn value(item: Toml) -> Result<Value, String> {
    Ok(match item {
        Toml::String(text) => text.into(),
        Toml::Integer(integer) => Value::int64(integer),
        Toml::Float(float) => Value::Float(float),
        Toml::Boolean(boolean) => boolean.into(),
        Toml::Datetime(mut at) => {
            // TOML 1.1 lets the seconds be left out.
            if let Some(time) = &mut at.time {
                time.second.get_or_insert(0);
            }
            let text = at.to_string();
            let time = Time::from_toml(&text).ok_or_else(|| format!("toml: invalid datetime: \"{text}\""))?;
            Value::Object(Object::new(crate::time::TimeObject(time)))
        }
        Toml::Array(items) => items.into_iter().map(value).collect::<Result<Vec<_>, _>>()?.into(),
        Toml::Table(table) => Value::Map(map(table)?),
    })
}
