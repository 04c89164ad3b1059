//! Messages by the facts: which field becomes which JSON value, and what Go prints of a field that was not sent.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{
    special,
    wire::{Error, Payload, Reader},
};
use crate::builtin::facts::{Field, FieldType, TypeFacts};

/// Messages inside of messages. JSON bodies are bounded alike.
const DEPTH_MAX: usize = 128;

/// An empty message is two bytes on the wire and may be a hundred in JSON: without a bound a small body makes a large tree.
const MESSAGES_MAX: usize = 200_000;

#[derive(Debug)]
pub(super) struct Decoder {
    depth: usize,
    messages: usize,
}

impl Decoder {
    pub(super) fn new() -> Self {
        Self { depth: 0, messages: 0 }
    }

    /// One message, its inlined fields included.
    pub(super) fn message(&mut self, of: &'static TypeFacts, bytes: &[u8]) -> Result<Map<String, Value>, Error> {
        self.enter()?;
        let mut object = Map::new();
        // Messages are read in one pass; the facts of a number are found by position, as numbers are nearly sorted.
        let fields = of.fields();
        let mut seen = vec![false; fields.len()];
        let mut reader = Reader::new(bytes);
        while let Some((number, payload)) = reader.next_field()? {
            let Some(at) = fields.iter().position(|field| field.number == number) else { continue };
            seen[at] = true;
            self.field(&fields[at], payload, &mut object).map_err(|error| inside(&fields[at], error))?;
        }
        for (field, _) in fields.iter().zip(seen).filter(|(_, seen)| !seen) {
            self.absent(field, &mut object)?;
        }
        self.depth -= 1;
        Ok(object)
    }

    fn enter(&mut self) -> Result<(), Error> {
        self.depth += 1;
        self.messages += 1;
        if self.depth > DEPTH_MAX {
            return Err(Error::Depth);
        }
        if self.messages > MESSAGES_MAX {
            return Err(Error::Messages(MESSAGES_MAX));
        }
        Ok(())
    }

    fn field(&mut self, field: &Field, payload: Payload<'_>, object: &mut Map<String, Value>) -> Result<(), Error> {
        match &field.of {
            FieldType::Of(inlined) if field.name.is_empty() => {
                let inlined = self.message(inlined, payload.bytes()?)?;
                object.extend(inlined);
            }
            FieldType::List(items) => {
                let list = slot(object, field.name, || Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    self.items(items, payload, list)?;
                }
            }
            FieldType::Map(values) => {
                let (key, value) = self.entry(values, payload.bytes()?)?;
                if let Value::Object(map) = slot(object, field.name, || json!({})) {
                    map.insert(key, value);
                }
            }
            of => {
                let value = self.value(of, payload)?;
                if field.pointer || field.always || !is_omitted(of, &value) {
                    object.insert(field.name.into(), value);
                } else {
                    object.remove(field.name);
                }
            }
        }
        Ok(())
    }

    /// One element, or several numbers packed into one field.
    fn items(&mut self, of: &FieldType, payload: Payload<'_>, list: &mut Vec<Value>) -> Result<(), Error> {
        match (of, payload) {
            (FieldType::Int32 | FieldType::Int64 | FieldType::Bool, Payload::Bytes(packed)) => {
                let mut reader = Reader::new(packed);
                while !reader.is_empty() {
                    let element = Payload::Varint(reader.varint()?);
                    list.push(self.value(of, element)?);
                }
            }
            _ => list.push(self.value(of, payload)?),
        }
        Ok(())
    }

    /// An entry of a map is a message of key and value.
    fn entry(&mut self, of: &FieldType, bytes: &[u8]) -> Result<(String, Value), Error> {
        self.enter()?;
        let (mut key, mut value) = (String::new(), None);
        let mut reader = Reader::new(bytes);
        while let Some((number, payload)) = reader.next_field()? {
            match number {
                1 => key = payload.text()?.to_string(),
                2 => value = Some(self.value(of, payload)?),
                _ => {}
            }
        }
        let value = match value {
            Some(value) => value,
            None => self.zero(of)?,
        };
        self.depth -= 1;
        Ok((key, value))
    }

    pub(super) fn value(&mut self, of: &FieldType, payload: Payload<'_>) -> Result<Value, Error> {
        Ok(match of {
            FieldType::Any => Value::Null,
            FieldType::String => payload.text()?.into(),
            FieldType::Bool => (payload.varint()? != 0).into(),
            // A negative int32 is sent as ten bytes: the upper half is the sign.
            FieldType::Int32 => (payload.varint()? as i32).into(),
            FieldType::Int64 => (payload.varint()? as i64).into(),
            FieldType::Double => payload.double()?.into(),
            FieldType::Bytes => STANDARD.encode(payload.bytes()?).into(),
            FieldType::Of(of) if of.special => special::value(self, of, payload.bytes()?)?,
            FieldType::Of(of) => Value::Object(self.message(of, payload.bytes()?)?),
            FieldType::NullableList(items) => self.nullable_list(items, payload.bytes()?)?,
            FieldType::List(items) => {
                let mut list = Vec::new();
                self.items(items, payload, &mut list)?;
                Value::Array(list)
            }
            FieldType::Map(values) => {
                let (key, value) = self.entry(values, payload.bytes()?)?;
                json!({ key: value })
            }
        })
    }

    fn nullable_list(&mut self, items: &FieldType, bytes: &[u8]) -> Result<Value, Error> {
        let mut list = Vec::new();
        let mut reader = Reader::new(bytes);
        while let Some((number, payload)) = reader.next_field()? {
            if number == 1 {
                self.items(items, payload, &mut list)?;
            }
        }
        Ok(Value::Array(list))
    }

    /// What Go prints of a field that was not sent.
    fn absent(&mut self, field: &Field, object: &mut Map<String, Value>) -> Result<(), Error> {
        match &field.of {
            FieldType::Of(inlined) if field.name.is_empty() => object.extend(self.message(inlined, &[])?),
            _ if field.pointer && field.always => {
                object.insert(field.name.into(), Value::Null);
            }
            _ if field.pointer => {}
            // `omitempty` does nothing for a struct.
            FieldType::Of(_) => {
                object.insert(field.name.into(), self.zero(&field.of)?);
            }
            of if field.always => {
                object.insert(field.name.into(), self.zero(of)?);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn zero(&mut self, of: &FieldType) -> Result<Value, Error> {
        Ok(match of {
            FieldType::String => "".into(),
            FieldType::Bool => false.into(),
            FieldType::Int32 | FieldType::Int64 | FieldType::Double => 0.into(),
            FieldType::Of(of) if of.special => special::value(self, of, &[])?,
            FieldType::Of(of) => Value::Object(self.message(of, &[])?),
            FieldType::Any | FieldType::Bytes | FieldType::List(_) | FieldType::NullableList(_) | FieldType::Map(_) => {
                Value::Null
            }
        })
    }
}

/// Whether `omitempty` leaves a value out that was sent.
pub(in crate::builtin) fn is_omitted(of: &FieldType, value: &Value) -> bool {
    match (of, value) {
        (FieldType::Of(_), _) => false,
        (_, Value::String(text)) => text.is_empty(),
        (_, Value::Bool(set)) => !set,
        (_, Value::Number(number)) => number.as_f64() == Some(0.0),
        (_, Value::Array(list)) => list.is_empty(),
        (_, Value::Object(map)) => map.is_empty(),
        (_, other) => other.is_null(),
    }
}

fn slot<'a>(object: &'a mut Map<String, Value>, name: &str, empty: impl FnOnce() -> Value) -> &'a mut Value {
    object.entry(name).or_insert_with(empty)
}

fn inside(field: &Field, error: Error) -> Error {
    let name = if field.name.is_empty() { "(inlined)" } else { field.name };
    match error {
        Error::In(path, error) => Error::In(format!("{name}.{path}"), error),
        error => Error::In(name.to_string(), Box::new(error)),
    }
}
