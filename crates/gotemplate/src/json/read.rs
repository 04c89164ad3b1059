//! JSON text to values. The whole text is checked before a number that is out of range counts, as Go does it in two passes.

use std::collections::BTreeMap;

use super::DEPTH_MAX;
use crate::{
    print::{quote, runes},
    value::{Map, Text, Value},
};

/// `json.Unmarshal` into an `interface {}`. The error has Go's words.
pub fn read(text: &[u8]) -> Result<Value, String> {
    let document = Document::read(text)?;
    document.range_error.map_or(Ok(document.value), Err)
}

/// A text that is JSON.
pub(super) struct Document {
    pub(super) value: Value,
    /// What Go reports for the first number that no float64 can hold, after it has read everything else.
    pub(super) range_error: Option<String>,
}

impl Document {
    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0, depth: 0, range_error: None };
        reader.skip_space();
        let value = reader.value()?;
        reader.skip_space();
        if reader.at < text.len() {
            return Err(reader.unexpected("after top-level value"));
        }
        Ok(Self { value, range_error: reader.range_error })
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    range_error: Option<String>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The error at the next byte; at the end it is about the end.
    fn unexpected(&self, place: &str) -> String {
        self.peek().map_or_else(|| "unexpected end of JSON input".to_owned(), |byte| invalid(byte, place))
    }

    /// The error within a literal, where Go takes the end for a space.
    fn unexpected_in_literal(&self, place: &str) -> String {
        invalid(self.peek().unwrap_or(b' '), place)
    }

    fn value(&mut self) -> Result<Value, String> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b't') => self.literal("true").map(|()| Value::Bool(true)),
            Some(b'f') => self.literal("false").map(|()| Value::Bool(false)),
            Some(b'n') => self.literal("null").map(|()| Value::NilInterface),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, String>) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.unexpected("exceeded max depth"));
        }
        self.at += 1;
        self.skip_space();
        let value = read(self)?;
        self.at += 1;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, String> {
        let mut entries = BTreeMap::new();
        if self.peek() == Some(b'}') {
            return Ok(Value::Map(Map::new(entries)));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            self.skip_space();
            entries.insert(key, self.value()?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => return Ok(Value::Map(Map::new(entries))),
                _ => return Err(self.unexpected("after object key:value pair")),
            }
            self.skip_space();
        }
    }

    fn array(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            return Ok(items.into());
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => return Ok(items.into()),
                _ => return Err(self.unexpected("after array element")),
            }
            self.skip_space();
        }
    }

    fn literal(&mut self, name: &str) -> Result<(), String> {
        for expected in name.bytes() {
            if self.peek() != Some(expected) {
                let place = format!("in literal {name} (expecting '{}')", char::from(expected));
                return Err(self.unexpected_in_literal(&place));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits("in exponent of numeric literal")?;
        }
        let text = String::from_utf8_lossy(&self.text[start..self.at]).into_owned();
        match text.parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(Value::Float(float)),
            _ => {
                let error = || format!("json: cannot unmarshal number {text} into Go value of type float64");
                self.range_error.get_or_insert_with(error);
                Ok(Value::NilInterface)
            }
        }
    }

    fn digits(&mut self, place: &str) -> Result<(), String> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unexpected_in_literal(place));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Text, String> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out.into());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape(&mut out)?;
                }
                Some(byte @ 0x20..0x80) => {
                    out.push(byte);
                    self.at += 1;
                }
                Some(0x80..) => {
                    let (rune, width) = runes::decode(&self.text[self.at..]);
                    push(&mut out, rune);
                    self.at += width;
                }
                _ => return Err(self.unexpected("in string literal")),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        let byte = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                self.at += 1;
                let unit = self.hexadecimal()?;
                push(out, self.rune(unit));
                return Ok(());
            }
            _ => return Err(self.unexpected_in_literal("in string escape code")),
        };
        out.push(byte);
        self.at += 1;
        Ok(())
    }

    /// The rune of a `\u` escape, together with the one after it where the two are a surrogate pair.
    fn rune(&mut self, unit: u32) -> char {
        if (0xD800..0xDC00).contains(&unit) && self.text[self.at..].starts_with(b"\\u") {
            let before = self.at;
            self.at += 2;
            if let Ok(low @ 0xDC00..0xE000) = self.hexadecimal() {
                let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                return char::from_u32(code).unwrap_or(runes::ERROR);
            }
            self.at = before;
        }
        char::from_u32(unit).unwrap_or(runes::ERROR)
    }

    fn hexadecimal(&mut self) -> Result<u32, String> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let digit = digit.ok_or_else(|| self.unexpected_in_literal("in \\u hexadecimal character escape"))?;
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }
}

fn push(out: &mut Vec<u8>, rune: char) {
    out.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes());
}

fn invalid(byte: u8, place: &str) -> String {
    let byte = match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        byte => {
            let quoted = quote(char::from(byte).to_string().as_bytes());
            format!("'{}'", quoted.trim_matches('"'))
        }
    };
    format!("invalid character {byte} {place}")
}
