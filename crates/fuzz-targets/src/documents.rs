//! YAML, JSON and TOML: what is read can be written, and what is written reads back as the same value.

use gotemplate::{Map, Text, Value, json as go_json, toml as go_toml, yaml as go_yaml};

pub(crate) fn yaml(data: &[u8]) {
    let _ = go_yaml::read_documents(data);
    let outline = go_yaml::read_json_outline(data, 2);
    let json = go_yaml::read_json(data);
    assert_eq!(outline.is_ok(), json.is_ok(), "an outline checks the whole document");
    let value = go_yaml::read(data).map(|value| go_yaml::to_json(&value));
    let json = json.map(|json| go_yaml::to_json(&go_yaml::from_json(&json)));
    assert_eq!(value, json, "the two ways to read agree");
    if let Ok(value) = value {
        written_reads_back(&go_yaml::from_json(&value));
    }
}

/// Makes a value of any bytes.
pub(crate) fn yaml_round_trip(data: &[u8]) {
    written_reads_back(&Source(data).value(0));
}

fn written_reads_back(value: &Value) {
    let expected = go_yaml::to_json(value);
    // What Go cannot write, it cannot write here: control characters in a text.
    let Ok(written) = go_yaml::write(value) else { return };
    // Go writes NEL as it is, and reads it as a line's end.
    if written.windows(2).any(|two| two == "\u{85}".as_bytes()) {
        return;
    }
    assert_eq!(
        go_yaml::read(&written).map(|value| go_yaml::to_json(&value)),
        Ok(expected),
        "{}",
        crate::lossy(&written)
    );
    let _ = go_yaml::write_pretty(value);
}

pub(crate) fn json(data: &[u8]) {
    let Ok(value) = go_json::read(data) else { return };
    let written = go_json::write(&value).unwrap_or_default();
    let _ = go_json::write_pretty(&value);
    let _ = go_json::write_raw(&value);
    let again = go_json::read(&written).and_then(|value| go_json::write(&value));
    assert_eq!(again.as_deref(), Ok(&written[..]), "what is written reads back");
}

pub(crate) fn toml(data: &[u8]) {
    let Ok(map) = go_toml::read(data) else { return };
    // What Go's writer refuses stays refused.
    let Ok(written) = go_toml::write(&Value::Map(map)) else { return };
    let again = go_toml::read(&written).and_then(|map| go_toml::write(&Value::Map(map)));
    assert_eq!(again.as_deref(), Ok(&written[..]), "what is written reads back");
}

/// Bytes that stand for a value: a tag, then what it needs; zeros behind the end.
struct Source<'a>(&'a [u8]);

impl Source<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn text(&mut self) -> Text {
        let length = usize::from(self.byte()).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        crate::lossy(text).into_owned().into()
    }

    fn eight(&mut self) -> [u8; 8] {
        std::array::from_fn(|_| self.byte())
    }

    fn value(&mut self, depth: usize) -> Value {
        let tag = if depth > 20 { self.byte() % 6 } else { self.byte() % 8 };
        match tag {
            0 => Value::NilInterface,
            1 => Value::Bool(self.byte() & 1 == 1),
            2 => Value::int64(i64::from_le_bytes(self.eight()) >> 11),
            3 => Value::Float(
                Some(f64::from_le_bytes(self.eight())).filter(|float| float.is_finite()).unwrap_or_default(),
            ),
            4 | 5 => Value::Text(self.text()),
            6 => (0..self.byte() % 6).map(|_| self.value(depth + 1)).collect::<Vec<_>>().into(),
            _ => {
                let entries = (0..self.byte() % 6).map(|_| (self.text(), self.value(depth + 1)));
                Value::Map(entries.collect::<Map>())
            }
        }
    }
}
