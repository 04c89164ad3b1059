//! JSON as values: what its schema says it is.

use std::sync::OnceLock;

use base64::Engine;
use serde_json::Value as Data;

use super::{DataMap, Fault, Items, Key, List, Map, Outcome, Text, Value, names, time};
use crate::schema::{ObjectShape, Schema, Shape};

/// What a rule sees of the metadata of a whole object.
pub(crate) fn metadata() -> &'static Schema {
    static METADATA: OnceLock<Schema> = OnceLock::new();
    METADATA.get_or_init(|| {
        let text = || Schema { shape: Shape::String, ..Schema::default() };
        let properties = ["name", "generateName"].map(|name| (name.into(), text())).into();
        let shape = ObjectShape { properties, ..ObjectShape::default() };
        Schema { shape: Shape::Object(shape.into()), ..Schema::default() }
    })
}

/// A value of the object.
pub(in crate::cel) fn wrap<'a>(data: &'a Data, schema: &'a Schema) -> Outcome<'a> {
    let wrong =
        |expected: &str| Err(Fault::new(format!("invalid data, expected {expected}, got {}", api::go::kind(data))));
    match (&schema.shape, data) {
        (_, Data::Null) if schema.nullable => Ok(Value::Null),
        (_, Data::Null) => Err(Fault::new("invalid data, got null for schema with nullable=false")),
        (Shape::IntOrString, Data::String(text)) => Ok(Value::Text(Text::Lent(text))),
        (Shape::IntOrString | Shape::Integer, Data::Number(number)) if number.is_i64() => {
            Ok(Value::Int(number.as_i64().unwrap_or_default()))
        }
        (Shape::IntOrString, _) => {
            Err(Fault::new("invalid data, expected XIntOrString value to be either a string or integer"))
        }
        (Shape::Integer, Data::Number(number)) => match whole(number.as_f64()) {
            Some(number) => Ok(Value::Int(number)),
            None => wrong("int"),
        },
        (Shape::Integer, _) => wrong("int"),
        (Shape::Number, Data::Number(number)) => Ok(Value::Double(number.as_f64().unwrap_or_default())),
        (Shape::Number, _) => wrong("float"),
        (Shape::Boolean, Data::Bool(value)) => Ok(Value::Bool(*value)),
        (Shape::Boolean, _) => wrong("bool"),
        (Shape::String, Data::String(text)) => of_text(text, schema),
        (Shape::String, _) => wrong("string"),
        (Shape::Array(shape), Data::Array(items)) => {
            Ok(Value::List(List { items: Items::Data(items, &shape.items), kind: &shape.list }))
        }
        (Shape::Array(_), _) => {
            Err(Fault::new("invalid data, expected an array for the provided schema with type=array"))
        }
        (Shape::Object(shape), Data::Object(fields)) => Ok(Value::Map(Map::Data(DataMap {
            fields,
            shape: Some(shape),
            is_object: !shape.properties.is_empty() || schema.embedded_resource,
        }))),
        (Shape::Named(_), Data::Object(fields)) => {
            let Shape::Object(shape) = &metadata().shape else { return wrong("object") };
            Ok(Value::Map(Map::Data(DataMap { fields, shape: Some(shape), is_object: true })))
        }
        (Shape::Object(_) | Shape::Named(_), _) => {
            Err(Fault::new("invalid data, expected a map for the provided schema with type=object"))
        }
        (Shape::Any, data) => Ok(Value::Unknown(data)),
    }
}

/// A value whose type nobody declared: what its JSON says.
pub(in crate::cel) fn plain(data: &Data) -> Value<'_> {
    match data {
        Data::Null => Value::Null,
        Data::Bool(value) => Value::Bool(*value),
        Data::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Double(number.as_f64().unwrap_or_default()),
        },
        Data::String(text) => Value::Text(Text::Lent(text)),
        Data::Array(items) => Value::list(items.iter().map(plain).collect()),
        Data::Object(fields) => {
            let entries = fields.iter().map(|(name, value)| (Key::Text(Text::Lent(name)), plain(value)));
            Value::Map(Map::Made(std::sync::Arc::new(entries.collect())))
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "whole numbers of that range only")]
fn whole(number: Option<f64>) -> Option<i64> {
    number.filter(|number| number.fract() == 0.0 && number.abs() < 9.2e18).map(|number| number as i64)
}

fn of_text<'a>(text: &'a str, schema: &Schema) -> Outcome<'a> {
    let format = schema.checks.as_ref().and_then(|checks| checks.format.as_deref());
    match format {
        Some("duration") => match time::parse_lenient_duration(text) {
            Some(duration) => Ok(Value::Duration(duration)),
            None => Err(Fault::new(format!("Invalid duration {text}: unable to parse {text} as duration"))),
        },
        Some("date") => {
            match text.parse::<jiff::civil::Date>().ok().and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok()) {
                Some(date) => Ok(Value::Timestamp(date.timestamp())),
                None => Err(Fault::new(format!("Invalid date formatted string {text}: cannot parse"))),
            }
        }
        Some("date-time") => match text.parse::<jiff::Timestamp>() {
            Ok(at) => Ok(Value::Timestamp(at)),
            Err(_) => Err(Fault::new(format!("Invalid date-time formatted string {text}: cannot parse"))),
        },
        Some("byte") => match base64::engine::general_purpose::STANDARD.decode(text) {
            Ok(bytes) => Ok(Value::Bytes(bytes.into())),
            Err(error) => Err(Fault::new(format!("Invalid byte formatted string {text}: {error}"))),
        },
        _ => Ok(Value::Text(Text::Lent(text))),
    }
}

impl<'a> DataMap<'a> {
    fn schema_of(&self, key: &str) -> Option<&'a Schema> {
        let shape = self.shape?;
        match shape.properties.get(key) {
            Some(schema) => Some(schema),
            None if shape.properties.is_empty() => shape.additional.as_ref(),
            None => None,
        }
    }

    pub(super) fn find(&self, name: &str) -> Result<Option<Value<'a>>, Fault> {
        let unescaped;
        let key = if self.is_object {
            match names::unescape(name) {
                Some(plain) => {
                    unescaped = plain;
                    &*unescaped
                }
                None => return Ok(None),
            }
        } else {
            name
        };
        match (self.fields.get(key), self.schema_of(key)) {
            (None, _) | (_, None) => Ok(None),
            (Some(Data::Null), _) if self.is_object => Ok(None),
            (Some(value), Some(schema)) => wrap(value, schema).map(Some),
        }
    }

    pub(super) fn keys(&self) -> Vec<Value<'a>> {
        let seen = self.fields.keys().filter(|key| self.schema_of(key).is_some());
        seen.map(|key| match names::escape(key) {
            Some(escaped) if self.is_object && escaped != key.as_str() => Value::text(escaped.as_ref()),
            _ => Value::Text(Text::Lent(key)),
        })
        .collect()
    }

    /// The fields with what is declared of them.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a String, &'a Data, Option<&'a Schema>)> + '_ {
        self.fields.iter().map(|(key, value)| (key, value, self.schema_of(key)))
    }
}
