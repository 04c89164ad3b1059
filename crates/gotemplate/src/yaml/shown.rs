//! Trees as Go's `%#v` prints them, for the two messages that show a part of a document. Unrendered templates meet them:
//! `{{ .Values.x }}` is a map as a key.

use super::{build::Build, resolve::Resolved};
use crate::print::{float::non_finite, quote};

/// Longer messages are cut: nobody reads them, and they grow with the square of the depth.
const MAX_BYTES: usize = 16 << 10;

#[derive(Debug)]
pub(super) struct Shown;

/// A node in Go's syntax, and its entries where it is a map.
#[derive(Debug, Clone)]
pub(super) struct Syntax {
    text: String,
    entries: Option<Vec<(Key, Syntax)>>,
    items: Option<Vec<Syntax>>,
}

/// In the order in which Go prints keys: numbers by value, text by bytes, types by where Go happens to keep them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    rank: u8,
    number: i64,
    text: String,
}

fn leaf(text: String) -> Syntax {
    Syntax { text, entries: None, items: None }
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_BYTES {
        let end = (0..=MAX_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push_str("...");
    }
    text
}

impl Build for Shown {
    type Node = Syntax;
    type Key = Key;
    type Entries = Vec<(Key, Syntax)>;

    fn null() -> Syntax {
        leaf("interface {}(nil)".to_owned())
    }

    fn bool(value: bool) -> Syntax {
        leaf(value.to_string())
    }

    fn int(value: i64) -> Syntax {
        leaf(value.to_string())
    }

    fn uint(value: u64) -> Syntax {
        leaf(format!("0x{value:x}"))
    }

    fn float(value: f64) -> Syntax {
        leaf(non_finite(value).map_or_else(|| super::number::format_float(value), str::to_owned))
    }

    fn text(text: &str) -> Syntax {
        leaf(cut(quote(text.as_bytes())))
    }

    fn owned_text(text: String) -> Syntax {
        Self::text(&text)
    }

    fn key(text: &str, resolved: &Resolved) -> Key {
        match resolved {
            Resolved::Bool(value) => Key { rank: 5, number: (*value).into(), text: text.to_owned() },
            Resolved::Int(value) => Key { rank: 3, number: *value, text: text.to_owned() },
            Resolved::Float(value) => Key { rank: 4, number: *value as i64, text: text.to_owned() },
            _ => Key { rank: 1, number: 0, text: cut(quote(text.as_bytes())) },
        }
    }

    fn odd_key(resolved: &Resolved) -> Option<Key> {
        Some(match resolved {
            Resolved::Uint(value) => Key { rank: 2, number: (value >> 1).cast_signed(), text: format!("0x{value:x}") },
            _ => Key { rank: 0, number: 0, text: "interface {}(nil)".to_owned() },
        })
    }

    fn list(items: Vec<Syntax>) -> Syntax {
        let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
        let text = cut(format!("[]interface {{}}{{{}}}", texts.join(", ")));
        Syntax { text, entries: None, items: Some(items) }
    }

    fn map(entries: std::vec::Drain<'_, (Key, Syntax)>) -> Syntax {
        // Of equal keys the last one wins, and is the first after this.
        let mut entries: Vec<(Key, Syntax)> = entries.rev().collect();
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        entries.dedup_by(|later, first| later.0 == first.0);
        let texts: Vec<String> = entries.iter().map(|(key, value)| format!("{}:{}", key.text, value.text)).collect();
        let text = cut(format!("map[interface {{}}]interface {{}}{{{}}}", texts.join(", ")));
        Syntax { text, entries: Some(entries), items: None }
    }

    fn copy(node: &Syntax) -> Syntax {
        node.clone()
    }

    fn entries(node: Syntax) -> Option<Vec<(Key, Syntax)>> {
        node.entries
    }

    fn items(node: Syntax) -> Option<Vec<Syntax>> {
        node.items
    }

    fn go_syntax(node: &Syntax) -> Option<String> {
        // A nil that is printed itself, not within something, has no type.
        Some(if node.text == "interface {}(nil)" { "<nil>".to_owned() } else { node.text.clone() })
    }
}
