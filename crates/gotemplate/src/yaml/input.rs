//! Bytes to the text that is scanned: encodings, characters that YAML forbids, line breaks of other systems.

use std::borrow::Cow;

/// go-yaml reads in pieces of this size, and notices a bad character with its piece.
const PIECE: usize = 512;

#[derive(Debug)]
pub(super) struct Input<'a> {
    /// The text up to the first character that is not allowed. The only breaks are line feeds and U+2028, U+2029.
    pub(super) text: Cow<'a, str>,
    pub(super) bad: Option<Bad>,
}

/// Where the text stops being text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bad {
    pub(super) problem: &'static str,
    /// A document that ends before this place is read without notice.
    pub(super) noticed_at: usize,
}

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        match bytes {
            [0xFF, 0xFE, rest @ ..] => Self::utf16(rest, u16::from_le_bytes),
            [0xFE, 0xFF, rest @ ..] => Self::utf16(rest, u16::from_be_bytes),
            [0xEF, 0xBB, 0xBF, rest @ ..] => Self::utf8(rest),
            _ => Self::utf8(bytes),
        }
    }

    fn utf8(bytes: &'a [u8]) -> Self {
        let (text, problem) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let valid = error.valid_up_to();
                let text = bytes.get(..valid).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
                (text, Some(encoding_problem(bytes.get(valid..).unwrap_or_default())))
            }
        };
        let (text, bad) = match first_forbidden(text) {
            Some(at) => (text.get(..at).unwrap_or_default(), Some("control characters are not allowed")),
            None => (text, problem),
        };
        let bad = bad.map(|problem| Bad { problem, noticed_at: (text.len() / PIECE * PIECE).saturating_sub(3) });
        Self { text: line_feeds(text), bad }
    }

    fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Self {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let mut text = String::with_capacity(bytes.len() / 2);
        let mut problem = (bytes.len() % 2 == 1).then_some("incomplete UTF-16 character");
        for decoded in char::decode_utf16(units) {
            match decoded {
                Ok(character) => text.push(character),
                Err(error) => {
                    let low = error.unpaired_surrogate() & 0xFC00 == 0xDC00;
                    problem = Some(if low { "unexpected low surrogate area" } else { "expected low surrogate area" });
                    break;
                }
            }
        }
        if let Some(at) = first_forbidden(&text) {
            text.truncate(at);
            problem = Some("control characters are not allowed");
        }
        let text = match line_feeds(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(text) => text,
        };
        Self { bad: problem.map(|problem| Bad { problem, noticed_at: 0 }), text: text.into() }
    }
}

/// What libyaml says of bytes that start with no character of UTF-8.
fn encoding_problem(bytes: &[u8]) -> &'static str {
    let Some(&first) = bytes.first() else {
        return "incomplete UTF-8 octet sequence";
    };
    let (width, start) = match first {
        0xC0..=0xDF => (2, u32::from(first & 0x1F)),
        0xE0..=0xEF => (3, u32::from(first & 0x0F)),
        0xF0..=0xF7 => (4, u32::from(first & 0x07)),
        _ => return "invalid leading UTF-8 octet",
    };
    let Some(trailing) = bytes.get(1..width) else {
        return "incomplete UTF-8 octet sequence";
    };
    let mut value = start;
    for octet in trailing {
        if octet & 0xC0 != 0x80 {
            return "invalid trailing UTF-8 octet";
        }
        value = value << 6 | u32::from(octet & 0x3F);
    }
    let least = [0, 0, 0x80, 0x800, 0x10000][width];
    if value < least { "invalid length of a UTF-8 sequence" } else { "invalid Unicode character" }
}

/// The first character that YAML allows in no document.
pub(super) fn first_forbidden(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let suspicious = |byte: &u8| (*byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || *byte == 0x7F;
    // Without early exit, so that many bytes are tested at once.
    let ascii = bytes.iter().fold(false, |found, byte| found | suspicious(byte));
    if !ascii && text.is_ascii() {
        return None;
    }
    text.char_indices().find(|(_, character)| !is_allowed(*character)).map(|(at, _)| at)
}

fn is_allowed(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}'
        | '\u{10000}'..='\u{10ffff}')
}

/// Makes carriage returns (with their line feed) and NEL line feeds, which is what libyaml reads them as everywhere.
fn line_feeds(text: &str) -> Cow<'_, str> {
    if !text.as_bytes().contains(&b'\r') && (text.is_ascii() || !text.contains('\u{85}')) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace(['\r', '\u{85}'], "\n"))
}
