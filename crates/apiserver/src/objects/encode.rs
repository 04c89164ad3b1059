//! Bytes of one object version: made once, with the resourceVersion spliced in when the store knows the revision.

use bytes::Bytes;
use serde_json::{Map, Value};
use store::{Encode, Revision};

/// An object's JSON, cut where its resourceVersion belongs.
#[derive(Debug)]
pub(crate) struct Encoded {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Encoded {
    pub(crate) fn new(object: &Value) -> Self {
        let empty = Map::new();
        let fields = object.as_object().unwrap_or(&empty);
        let mut writer = Writer::default();
        writer.open();
        for (name, value) in fields.iter().filter(|(name, _)| *name != "metadata") {
            writer.field(name, value);
        }
        writer.name("metadata");
        writer.open();
        for (name, value) in fields.get("metadata").and_then(Value::as_object).unwrap_or(&empty) {
            if name != "resourceVersion" {
                writer.field(name, value);
            }
        }
        writer.name("resourceVersion");
        Self { head: writer.out, tail: b"}}".to_vec() }
    }

    pub(crate) fn len(&self) -> usize {
        self.head.len() + self.tail.len() + 22
    }

    pub(crate) fn at(&self, revision: Revision) -> Bytes {
        let mut bytes = Vec::with_capacity(self.len());
        bytes.extend_from_slice(&self.head);
        bytes.extend_from_slice(format!("\"{}\"", revision.0).as_bytes());
        bytes.extend_from_slice(&self.tail);
        bytes.into()
    }

    pub(crate) fn into_encode(self) -> Encode {
        Box::new(move |revision| self.at(revision))
    }
}

/// Writes JSON objects field by field.
#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    first: bool,
}

impl Writer {
    fn open(&mut self) {
        self.out.push(b'{');
        self.first = true;
    }

    fn name(&mut self, name: &str) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        self.value(&Value::String(name.into()));
        self.out.push(b':');
    }

    fn field(&mut self, name: &str, value: &Value) {
        self.name(name);
        self.value(value);
    }

    fn value(&mut self, value: &Value) {
        // Writing a JSON value into memory cannot fail.
        let _ = serde_json::to_writer(&mut self.out, value);
    }
}
