//! Values to JSON text.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::DEPTH_MAX;
use crate::{
    print::{
        float::{format, non_finite, shortest},
        runes,
    },
    sprig::limits,
    value::Value,
};

/// `json.Marshal`: compact, with `<`, `>` and `&` escaped. The error has Go's words.
pub fn write(value: &Value) -> Result<Vec<u8>, String> {
    Writer::new(true, false).document(value)
}

/// `json.MarshalIndent` with two spaces.
pub fn write_pretty(value: &Value) -> Result<Vec<u8>, String> {
    Writer::new(true, true).document(value)
}

/// An encoder without `SetEscapeHTML`: `<`, `>` and `&` stay. Without the encoder's line end.
pub fn write_raw(value: &Value) -> Result<Vec<u8>, String> {
    Writer::new(false, false).document(value)
}

struct Writer {
    out: Vec<u8>,
    escapes_html: bool,
    is_pretty: bool,
    depth: usize,
}

impl Writer {
    fn new(escapes_html: bool, is_pretty: bool) -> Self {
        Self { out: Vec::new(), escapes_html, is_pretty, depth: 0 }
    }

    fn document(mut self, value: &Value) -> Result<Vec<u8>, String> {
        self.value(value)?;
        Ok(self.out)
    }

    fn value(&mut self, value: &Value) -> Result<(), String> {
        let added = if let Value::Text(text) = value { text.len() } else { 0 };
        if self.out.len() + added > limits::TEXT_MAX_BYTES {
            return Err(limits::document_over_limit());
        }
        match value {
            Value::Nil | Value::NilInterface => self.out.extend_from_slice(b"null"),
            Value::Bool(value) => self.out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Value::Integer(value) => self.out.extend_from_slice(value.wide().to_string().as_bytes()),
            Value::Float(value) => self.float(*value)?,
            Value::Text(text) => self.text(text),
            Value::Bytes(bytes) => self.text(BASE64_STANDARD.encode(bytes).as_bytes()),
            Value::List(list) if list.is_nil() => self.out.extend_from_slice(b"null"),
            Value::List(list) => {
                self.open(b'[', value)?;
                for (index, item) in list.iter().enumerate() {
                    self.separate(index);
                    self.value(item)?;
                }
                self.close(b']', list.is_empty());
            }
            Value::Map(map) if map.is_nil() => self.out.extend_from_slice(b"null"),
            Value::Map(map) => {
                self.open(b'{', value)?;
                let entries = map.read();
                for (index, (key, item)) in entries.iter().enumerate() {
                    self.key(index, key);
                    self.value(item)?;
                }
                self.close(b'}', entries.is_empty());
            }
            Value::Object(object) => self.json(&object.to_json())?,
        }
        Ok(())
    }

    /// What an object says that it is in JSON.
    fn json(&mut self, json: &serde_json::Value) -> Result<(), String> {
        match json {
            serde_json::Value::Null => self.out.extend_from_slice(b"null"),
            serde_json::Value::Bool(value) => self.out.extend_from_slice(if *value { b"true" } else { b"false" }),
            serde_json::Value::Number(number) => match number.as_f64() {
                Some(float) if number.is_f64() => self.float(float)?,
                _ => self.out.extend_from_slice(number.to_string().as_bytes()),
            },
            serde_json::Value::String(text) => self.text(text.as_bytes()),
            serde_json::Value::Array(items) => {
                self.open(b'[', &Value::Nil)?;
                for (index, item) in items.iter().enumerate() {
                    self.separate(index);
                    self.json(item)?;
                }
                self.close(b']', items.is_empty());
            }
            serde_json::Value::Object(entries) => {
                self.open(b'{', &Value::Nil)?;
                for (index, (key, item)) in entries.iter().enumerate() {
                    self.key(index, key.as_bytes());
                    self.json(item)?;
                }
                self.close(b'}', entries.is_empty());
            }
        }
        Ok(())
    }

    /// `of` is what nests, for the error: what nests so deep is nearly always a map that contains itself.
    fn open(&mut self, bracket: u8, of: &Value) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("json: unsupported value: encountered a cycle via {}", of.type_name()));
        }
        self.out.push(bracket);
        Ok(())
    }

    fn close(&mut self, bracket: u8, is_empty: bool) {
        self.depth -= 1;
        if !is_empty {
            self.line();
        }
        self.out.push(bracket);
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.out.push(b',');
        }
        self.line();
    }

    fn line(&mut self) {
        if self.is_pretty {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.depth, b' ');
        }
    }

    fn key(&mut self, index: usize, key: &[u8]) {
        self.separate(index);
        self.text(key);
        self.out.extend_from_slice(if self.is_pretty { b": " } else { b":" });
    }

    /// As ECMAScript prints numbers, save that a positive exponent has its sign.
    fn float(&mut self, float: f64) -> Result<(), String> {
        if let Some(name) = non_finite(float) {
            return Err(format!("json: unsupported value: {name}"));
        }
        let size = float.abs();
        let text = if size != 0.0 && !(1e-6..1e21).contains(&size) {
            shortest(float).replacen('e', if size < 1.0 { "e" } else { "e+" }, 1)
        } else {
            format(float, 'f', None)
        };
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn text(&mut self, text: &[u8]) {
        self.out.push(b'"');
        let mut plain = 0;
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            let (rune, width) = if byte < 0x80 { (char::from(byte), 1) } else { runes::decode(&text[at..]) };
            if let Some(escape) = self.escape(rune, width) {
                self.out.extend_from_slice(&text[plain..at]);
                self.out.extend_from_slice(escape.as_bytes());
                plain = at + width;
            }
            at += width;
        }
        self.out.extend_from_slice(&text[plain..]);
        self.out.push(b'"');
    }

    fn escape(&self, rune: char, width: usize) -> Option<String> {
        let escape = match rune {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{8}' => "\\b",
            '\u{c}' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            runes::ERROR if width == 1 => "\\ufffd",
            '\u{2028}' => "\\u2028",
            '\u{2029}' => "\\u2029",
            '\0'..='\u{1f}' => return Some(format!("\\u{:04x}", u32::from(rune))),
            '<' | '>' | '&' if self.escapes_html => return Some(format!("\\u{:04x}", u32::from(rune))),
            _ => return None,
        };
        Some(escape.to_owned())
    }
}
