//! Values to YAML, byte for byte as Helm's `toYaml` (go-yaml v2 after a detour through JSON) and `toYamlPretty` (go-yaml v3,
//! directly) write it. Checksums of charts depend on every byte.

mod emit;
mod keys;
mod scalar;

use std::borrow::Cow;

use crate::{
    print::{float::non_finite, runes},
    sprig::limits,
    value::{Integer, Text, Value},
};
use emit::Emitter;

use super::{
    build::{Jsons, json_number},
    input::first_forbidden,
    number::format_float,
};

/// The depth at which a tree counts as endless: `set` can put a map into itself.
const MAX_DEPTH: usize = 512;
const CYCLE: &str =
    "error marshaling into JSON: json: unsupported value: encountered a cycle via map[string]interface {}";

/// Which go-yaml writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    V2,
    V3,
}

/// Writes as sigs.k8s.io/yaml's `Marshal`. The error is its text.
pub(super) fn write(value: &Value) -> Result<Vec<u8>, String> {
    finish(Writer { emitter: Emitter::new(Look::V2), look: Look::V2, written: 0 }, value)
}

/// Writes as go-yaml v3's encoder with an indentation of two.
pub(super) fn write_pretty(value: &Value) -> Result<Vec<u8>, String> {
    finish(Writer { emitter: Emitter::new(Look::V3), look: Look::V3, written: 0 }, value)
}

fn finish(mut writer: Writer, value: &Value) -> Result<Vec<u8>, String> {
    writer.value(value, 0)?;
    Ok(writer.emitter.finish())
}

struct Writer {
    emitter: Emitter,
    look: Look,
    /// About how many bytes: few values can share their parts exponentially.
    written: usize,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(CYCLE.to_owned());
        }
        self.written += 8 + 2 * depth + if let Value::Text(text) = value { text.len() } else { 0 };
        if self.written > limits::TEXT_MAX_BYTES {
            return Err(limits::document_over_limit());
        }
        match value {
            Value::Nil | Value::NilInterface => self.emitter.literal("null"),
            Value::Bool(value) => self.emitter.literal(if *value { "true" } else { "false" }),
            Value::Integer(integer) => self.integer(*integer),
            Value::Float(value) => self.float(*value)?,
            Value::Text(text) => self.text(text)?,
            Value::Bytes(bytes) => self.bytes(bytes)?,
            // The detour through JSON shows Go's nil slices and maps; go-yaml itself does not.
            Value::List(list) if list.is_nil() && self.look == Look::V2 => self.emitter.literal("null"),
            Value::Map(map) if map.is_nil() && self.look == Look::V2 => self.emitter.literal("null"),
            Value::List(list) => {
                self.emitter.start_sequence(list.is_empty());
                for item in list.iter() {
                    self.emitter.item();
                    self.value(item, depth + 1)?;
                }
                self.emitter.end_sequence(list.is_empty());
            }
            Value::Map(map) => {
                let entries = map.read();
                let entries: Vec<(&Text, &Value)> = entries.iter().collect();
                let entries = keys::sort(entries, self.look);
                self.emitter.start_mapping(entries.is_empty());
                for (key, value) in &entries {
                    self.written += key.len();
                    let key = self.key(key)?;
                    self.emitter.key(&key);
                    self.value(value, depth + 1)?;
                }
                self.emitter.end_mapping(entries.is_empty());
            }
            Value::Object(object) => self.value(&super::from_json(&object.to_json()), depth + 1)?,
        }
        Ok(())
    }

    fn integer(&mut self, integer: Integer) {
        self.emitter.literal(&integer.wide().to_string());
    }

    fn float(&mut self, value: f64) -> Result<(), String> {
        if self.look == Look::V3 {
            self.emitter.literal(&format_float(value));
            return Ok(());
        }
        if let Some(name) = non_finite(value) {
            return Err(format!("error marshaling into JSON: json: unsupported value: {name}"));
        }
        // The detour through JSON makes integers of floats that look like them.
        let number = json_number(value);
        if number.is_f64() {
            self.emitter.literal(&format_float(value));
        } else {
            self.emitter.literal(&number.to_string());
        }
        Ok(())
    }

    fn text(&mut self, text: &Text) -> Result<(), String> {
        match (self.look, text.as_str()) {
            (Look::V3, None) => self.emitter.binary(text),
            (Look::V3, Some(text)) => self.emitter.text(text),
            (Look::V2, _) => {
                let text = through_json(text)?;
                self.emitter.text(&text);
            }
        }
        Ok(())
    }

    fn key<'t>(&mut self, key: &'t Text) -> Result<Cow<'t, str>, String> {
        if self.look == Look::V3 {
            return Ok(key.to_str());
        }
        let broken = key.windows(2).any(|pair| pair == "\u{85}".as_bytes());
        let key = through_json(key)?;
        if broken || (key.len() > 170 && json_width(&key) > 1024) {
            // libyaml looks for the colon of a key no further than this, and on its line only.
            return Err("yaml: did not find expected ',' or '}'".to_owned());
        }
        Ok(key)
    }

    /// Go's `[]byte`: base64 in JSON, a list of numbers for go-yaml.
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), String> {
        if self.look == Look::V2 {
            use base64::Engine as _;
            self.emitter.text(&base64::engine::general_purpose::STANDARD.encode(bytes));
            return Ok(());
        }
        self.emitter.start_sequence(bytes.is_empty());
        for byte in bytes {
            self.emitter.item();
            self.emitter.literal(&byte.to_string());
        }
        self.emitter.end_sequence(bytes.is_empty());
        Ok(())
    }
}

/// What becomes of a text on its way through JSON and back through the YAML reader: what is no UTF-8 is replaced, characters
/// that YAML forbids are refused, and NEL is a line break, which folds.
fn through_json(text: &Text) -> Result<Cow<'_, str>, String> {
    let text = match text.as_str() {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(runes::runes(text).collect()),
    };
    // JSON escapes the control characters of ASCII, but for DEL.
    if text.bytes().all(|byte| byte < 0x7F) {
        return Ok(text);
    }
    let printed: String = text.chars().filter(|character| *character >= ' ').collect();
    if first_forbidden(&printed).is_some() {
        return Err("yaml: control characters are not allowed".to_owned());
    }
    if !text.contains('\u{85}') {
        return Ok(text);
    }
    let json =
        serde_json::Value::from(&*text).to_string().replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    match super::read_as::<Jsons>(json.as_bytes(), super::Limits::default()) {
        Ok(serde_json::Value::String(text)) => Ok(Cow::Owned(text)),
        Ok(_) => Ok(text),
        Err(error) => Err(error.cause().to_owned()),
    }
}

/// How many characters a text has as Go's JSON, with its quotes.
fn json_width(text: &str) -> usize {
    let width = |character| match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\x08' | '\x0c' => 2,
        '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => 6,
        _ => 1,
    };
    text.chars().map(width).sum::<usize>() + 2
}
