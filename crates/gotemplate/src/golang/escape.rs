//! `html`, `js` and `urlquery`.

use super::Outcome;
use crate::{
    print::{self, runes},
    value::Value,
};

/// The arguments as `print` shows them; nil is `<no value>`.
fn text(arguments: &[Value]) -> Vec<u8> {
    if let [Value::Text(text)] = arguments {
        return text.to_vec();
    }
    let shown = |value: &Value| if value.is_nil() { Value::text("<no value>") } else { value.clone() };
    print::sprint(&arguments.iter().map(shown).collect::<Vec<_>>())
}

pub(super) fn html(arguments: &[Value]) -> Outcome {
    let text = text(arguments);
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            _ => out.push(byte),
        }
    }
    Ok(Value::text(out))
}

pub(super) fn js(arguments: &[Value]) -> Outcome {
    let text = text(arguments);
    let mut out = Vec::with_capacity(text.len());
    for (at, rune, width) in runes::indices(&text) {
        match rune {
            '\\' => out.extend_from_slice(br"\\"),
            '\'' => out.extend_from_slice(br"\'"),
            '"' => out.extend_from_slice(br#"\""#),
            '<' | '>' | '&' | '=' | '\0'..='\x1f' => {
                out.extend_from_slice(format!("\\u{:04X}", u32::from(rune)).as_bytes())
            }
            _ if rune.is_ascii() || runes::is_printable(rune) => out.extend_from_slice(&text[at..at + width]),
            _ => out.extend_from_slice(format!("\\u{:04X}", u32::from(rune)).as_bytes()),
        }
    }
    Ok(Value::text(out))
}

pub(super) fn urlquery(arguments: &[Value]) -> Outcome {
    let mut out = Vec::new();
    for byte in text(arguments) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    Ok(Value::text(out))
}
