//! Bytes to text, text to documents, documents to JSON values.

use api::object::json_kind;
use serde_json::Value;

/// UTF-8 with or without BOM, UTF-16 by its BOM.
pub fn decode_text(bytes: &[u8]) -> Result<String, &'static str> {
    let units = |bytes: &[u8], read: fn([u8; 2]) -> u16| -> Result<String, &'static str> {
        if !bytes.len().is_multiple_of(2) {
            return Err("invalid UTF-16: odd number of bytes");
        }
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        String::from_utf16(&units).map_err(|_| "invalid UTF-16")
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        rest => utf8(rest),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, &'static str> {
    std::str::from_utf8(bytes).map(str::to_string).map_err(|_| "invalid UTF-8")
}

/// Splits at lines that start with `---`, as apimachinery's reader does: the rest of such a line is dropped.
pub(super) fn documents(text: &str) -> impl Iterator<Item = &str> {
    let mut cuts = vec![0];
    let mut at = 0;
    let mut pieces = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.starts_with("---") {
            pieces.push(&text[*cuts.last().unwrap_or(&0)..at]);
            cuts.push(at + line.len());
        }
        at += line.len();
    }
    pieces.push(&text[*cuts.last().unwrap_or(&0)..]);
    // A separator on the very first line starts document 1, it does not end an empty one.
    if pieces.len() > 1 && pieces[0].trim().is_empty() {
        pieces.remove(0);
    }
    pieces.into_iter()
}

/// `None` for a document that is empty, only comments, or `null`.
pub(super) fn parse(document: &str) -> Result<Option<Value>, String> {
    if document.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(None);
    }
    let options = serde_saphyr::options! {
        legacy_octal_numbers: true,
        with_snippet: false,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
    };
    let value: Value = serde_saphyr::from_str_with_options(document, options)
        .map_err(|error| format!("error converting YAML to JSON: yaml: {}", one_line(&error.to_string())))?;
    Ok((!value.is_null()).then_some(value))
}

/// The parser's text without line breaks and without its advice to programmers.
fn one_line(text: &str) -> String {
    let text = text.replace(", set DuplicateKeyPolicy in Options if acceptable", "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What `unstructured` demands of anything it decodes.
pub(super) fn require_object(value: &Value) -> Result<(), String> {
    if !value.is_object() {
        return Err(format!(
            "json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
            json_kind(value)
        ));
    }
    match value.get("kind").and_then(Value::as_str) {
        Some(kind) if !kind.is_empty() => Ok(()),
        _ => Err(format!("Object 'Kind' is missing in '{}'", excerpt(value))),
    }
}

/// The object's identity, never its contents: a message may end up where a Secret's data must not.
pub(super) fn excerpt(value: &Value) -> String {
    let keys: Vec<&str> = value.as_object().map(|map| map.keys().map(String::as_str).collect()).unwrap_or_default();
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or("object");
    let mut shown = keys.iter().take(6).copied().collect::<Vec<_>>().join(", ");
    if keys.len() > 6 {
        shown.push_str(", ...");
    }
    format!("{kind} with fields {shown}")
}
