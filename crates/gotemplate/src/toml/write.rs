//! Values to text, in the order and with the quirks of BurntSushi/toml's encoder: of a table first what is no table, both parts
//! sorted; two spaces for each level; a list of nothing but maps is an array of tables.

use std::borrow::Cow;

use crate::{
    print::float,
    sprig::limits::{self, Refused, Walk},
    time::{DurationObject, TimeObject},
    value::{Integer, Text, Value},
    yaml,
};

/// The error has the Go library's words.
pub fn write(value: &Value) -> Result<Vec<u8>, String> {
    try_write(value).map_err(Refused::into_text)
}

pub(super) fn try_write(value: &Value) -> Result<Vec<u8>, Refused> {
    let mut writer = Writer { out: Vec::new(), depth: 0, walk: Walk::default() };
    writer.document(&[], &plain(value))?;
    Ok(writer.out)
}

/// How deep maps and lists may nest: each level takes several frames of the stack and repeats the path of its table.
const DEPTH_MAX: usize = 200;

fn enter(walk: &mut Walk, depth: usize) -> Result<(), Refused> {
    if depth > DEPTH_MAX {
        let text = format!("the value nests deeper than {DEPTH_MAX} levels, or contains itself");
        return Err(Refused::Limit(text));
    }
    Ok(walk.enter(depth)?)
}

struct Writer {
    out: Vec<u8>,
    /// Of values within values.
    depth: usize,
    walk: Walk,
}

/// What the encoder distinguishes.
#[derive(PartialEq, Eq)]
enum Kind {
    Nil,
    Table,
    Tables,
    Other,
}

/// An object that is no scalar in TOML, as the map or list that it stands for.
fn plain(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::Object(object) if !object.as_any().is::<TimeObject>() && !object.as_any().is::<DurationObject>() => {
            Cow::Owned(yaml::from_json(&object.to_json()))
        }
        value => Cow::Borrowed(value),
    }
}

fn kind(value: &Value, depth: usize, walk: &mut Walk) -> Result<Kind, Refused> {
    enter(walk, depth)?;
    Ok(match &*plain(value) {
        Value::Nil | Value::NilInterface => Kind::Nil,
        Value::Map(map) if map.is_nil() => Kind::Nil,
        Value::Map(_) => Kind::Table,
        Value::List(list) if list.is_nil() => Kind::Nil,
        Value::List(list) => {
            let mut only_tables = !list.is_empty();
            for item in list.iter() {
                let kind = kind(item, depth + 1, walk)?;
                if kind == Kind::Nil {
                    return Err(Refused::Unsupported("toml: cannot encode array with nil element".to_owned()));
                }
                only_tables &= kind == Kind::Table;
            }
            if only_tables { Kind::Tables } else { Kind::Other }
        }
        _ => Kind::Other,
    })
}

impl Writer {
    /// A value with the keys that lead to it.
    fn document(&mut self, path: &[Text], value: &Value) -> Result<(), Refused> {
        match value {
            Value::Map(map) if map.is_nil() => Ok(()),
            Value::Map(_) => {
                if path.len() == 1 {
                    self.line();
                }
                if !path.is_empty() {
                    self.header(path, "[", "]");
                }
                self.nested(|writer| writer.table(path, value))
            }
            Value::List(list) if kind(value, self.depth, &mut self.walk)? == Kind::Tables => {
                if path.is_empty() {
                    return Err(Refused::Unsupported("toml: top-level values must be Go maps or structs".to_owned()));
                }
                for item in list.iter() {
                    self.line();
                    self.header(path, "[[", "]]");
                    self.nested(|writer| writer.table(path, &plain(item)))?;
                }
                Ok(())
            }
            _ => self.assignment(path, value, false),
        }
    }

    fn nested(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Refused>) -> Result<(), Refused> {
        self.depth += 1;
        enter(&mut self.walk, self.depth)?;
        limits::text_bytes(Some(self.out.len()))?;
        write(self)?;
        self.depth -= 1;
        Ok(())
    }

    /// A line end, save at the beginning.
    fn line(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    fn indent(&mut self, path: &[Text]) {
        let width = 2 * path.len().saturating_sub(1);
        self.out.resize(self.out.len() + width, b' ');
    }

    fn header(&mut self, path: &[Text], open: &str, close: &str) {
        self.indent(path);
        self.out.extend_from_slice(open.as_bytes());
        for (index, key) in path.iter().enumerate() {
            if index > 0 {
                self.out.push(b'.');
            }
            self.key(key);
        }
        self.out.extend_from_slice(close.as_bytes());
        self.line();
    }

    /// The entries of a map, what is no table first.
    fn entries(&mut self, value: &Value) -> Result<[Vec<(Text, Value)>; 2], Refused> {
        let mut parts = [Vec::new(), Vec::new()];
        if let Value::Map(map) = value {
            for (key, item) in map.read().iter() {
                let is_table = matches!(kind(item, self.depth, &mut self.walk)?, Kind::Table | Kind::Tables);
                parts[usize::from(is_table)].push((key.clone(), item.clone()));
            }
        }
        Ok(parts)
    }

    fn table(&mut self, path: &[Text], value: &Value) -> Result<(), Refused> {
        for (key, item) in self.entries(value)?.into_iter().flatten() {
            if kind(&item, self.depth, &mut self.walk)? != Kind::Nil {
                let path = [path, &[key]].concat();
                self.document(&path, &plain(&item))?;
            }
        }
        Ok(())
    }

    fn assignment(&mut self, path: &[Text], value: &Value, inline: bool) -> Result<(), Refused> {
        let Some(key) = path.last() else { return self.element(value) };
        self.indent(path);
        self.key(key);
        self.out.extend_from_slice(b" = ");
        self.nested(|writer| writer.element(value))?;
        if !inline {
            self.line();
        }
        Ok(())
    }

    fn element(&mut self, value: &Value) -> Result<(), Refused> {
        match &*plain(value) {
            Value::Text(text) => self.quoted(text),
            Value::Bool(value) => self.out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Value::Integer(value) => self.out.extend_from_slice(value.wide().to_string().as_bytes()),
            Value::Float(value) => self.out.extend_from_slice(number(*value).as_bytes()),
            Value::Bytes(bytes) => {
                let items: Vec<Value> = bytes.iter().map(|byte| Value::Integer(Integer::Uint8(*byte))).collect();
                self.array(&items)?;
            }
            Value::List(list) => self.array(list)?,
            map @ Value::Map(_) => self.inline(map)?,
            Value::Object(object) => {
                if let Some(time) = object.as_any().downcast_ref::<TimeObject>() {
                    self.out.extend_from_slice(time.0.to_toml().as_bytes());
                } else {
                    self.quoted(&object.print());
                }
            }
            Value::Nil | Value::NilInterface => {}
        }
        Ok(())
    }

    fn array(&mut self, items: &[Value]) -> Result<(), Refused> {
        self.out.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.extend_from_slice(b", ");
            }
            self.nested(|writer| writer.element(item))?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// A map within an array. A comma stands after whatever is not the last key, also where that one is nil.
    fn inline(&mut self, map: &Value) -> Result<(), Refused> {
        self.out.push(b'{');
        let parts = self.entries(map)?;
        let tables = parts[1].len();
        for (part, follows) in parts.into_iter().zip([tables > 0, false]) {
            let last = part.len().saturating_sub(1);
            for (index, (key, item)) in part.into_iter().enumerate() {
                if kind(&item, self.depth, &mut self.walk)? == Kind::Nil {
                    continue;
                }
                self.assignment(&[key], &item, true)?;
                if follows || index != last {
                    self.out.extend_from_slice(b", ");
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn key(&mut self, key: &Text) {
        let is_bare =
            !key.is_empty() && key.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if is_bare { self.out.extend_from_slice(key) } else { self.quoted(key) }
    }

    fn quoted(&mut self, text: &[u8]) {
        self.out.push(b'"');
        for byte in text {
            match byte {
                b'"' | b'\\' => self.out.extend([b'\\', *byte]),
                8 => self.out.extend_from_slice(b"\\b"),
                b'\t' => self.out.extend_from_slice(b"\\t"),
                b'\n' => self.out.extend_from_slice(b"\\n"),
                12 => self.out.extend_from_slice(b"\\f"),
                b'\r' => self.out.extend_from_slice(b"\\r"),
                0..0x20 | 0x7f => self.out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
                byte => self.out.push(*byte),
            }
        }
        self.out.push(b'"');
    }
}

fn number(value: f64) -> String {
    if !value.is_finite() {
        let name = if value.is_nan() { "nan" } else { "inf" };
        return if value.is_sign_negative() { format!("-{name}") } else { name.to_owned() };
    }
    let text = float::format(value, 'g', None);
    if text.contains(['e', '.']) { text } else { text + ".0" }
}
