//! `strconv.Quote`, its kin and `strconv.Unquote`.

use std::{borrow::Cow, fmt::Write as _};

use super::runes;

/// `strconv.Quote`: the text in double quotes, escaped as Go escapes.
pub fn quote(text: &[u8]) -> String {
    quote_with(text, '"', false)
}

/// With this quote; `ascii` escapes everything beyond ASCII (`%+q`).
pub(crate) fn quote_with(mut text: &[u8], mark: char, ascii: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(mark);
    while !text.is_empty() {
        let (rune, width) = runes::decode(text);
        if width == 1 && rune == runes::ERROR {
            let _ = write!(out, "\\x{:02x}", text[0]);
        } else {
            escape(&mut out, rune, mark, ascii);
        }
        text = &text[width..];
    }
    out.push(mark);
    out
}

/// `strconv.QuoteRune`.
pub(crate) fn quote_rune(rune: char, ascii: bool) -> String {
    let mut out = String::from('\'');
    escape(&mut out, rune, '\'', ascii);
    out.push('\'');
    out
}

fn escape(out: &mut String, rune: char, mark: char, ascii: bool) {
    if rune == mark || rune == '\\' {
        out.push('\\');
        out.push(rune);
        return;
    }
    if runes::is_printable(rune) && (rune.is_ascii() || !ascii) {
        out.push(rune);
        return;
    }
    let code = u32::from(rune);
    match rune {
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        _ if code < 0x20 || code == 0x7f => drop(write!(out, "\\x{code:02x}")),
        _ if code < 0x10000 => drop(write!(out, "\\u{code:04x}")),
        _ => drop(write!(out, "\\U{code:08x}")),
    }
}

/// `strconv.CanBackquote`: whether the text can stand unchanged between back quotes.
pub(crate) fn can_backquote(mut text: &[u8]) -> bool {
    while !text.is_empty() {
        let (rune, width) = runes::decode(text);
        text = &text[width..];
        let refused = match width {
            1 => rune == runes::ERROR || (rune < ' ' && rune != '\t') || rune == '`' || rune == '\x7f',
            _ => rune == '\u{feff}',
        };
        if refused {
            return false;
        }
    }
    true
}

/// `strconv.Unquote` of a token that starts and ends with its quote. `None` is Go's `invalid syntax`.
pub(crate) fn unquote(token: &[u8]) -> Option<Cow<'_, [u8]>> {
    let (&mark, rest) = token.split_first()?;
    let (&last, body) = rest.split_last()?;
    if mark != last {
        return None;
    }
    match mark {
        b'`' => match memchr::memchr2(b'`', b'\r', body) {
            None => Some(Cow::Borrowed(body)),
            Some(_) if body.contains(&b'`') => None,
            Some(_) => Some(body.iter().copied().filter(|byte| *byte != b'\r').collect()),
        },
        // Most constants are plain words.
        b'"' if memchr::memchr3(b'\\', b'"', b'\n', body).is_none() && std::str::from_utf8(body).is_ok() => {
            Some(Cow::Borrowed(body))
        }
        b'"' => unquote_body(body).map(Cow::Owned),
        _ => None,
    }
}

fn unquote_body(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    while !body.is_empty() {
        if body[0] == b'\n' {
            return None;
        }
        let (unit, rest) = unquote_unit(body, b'"')?;
        match unit {
            Unit::Byte(byte) => out.push(byte),
            Unit::Rune(rune) => out.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        body = rest;
    }
    Some(out)
}

/// What one character or escape stands for: `\x` and octal escapes are bytes, everything else is a rune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Byte(u8),
    Rune(char),
}

impl Unit {
    /// The value of a character constant.
    pub(crate) fn code(self) -> u32 {
        match self {
            Self::Byte(byte) => byte.into(),
            Self::Rune(rune) => rune.into(),
        }
    }
}

/// `strconv.UnquoteChar`: the first unit and what follows it.
pub(crate) fn unquote_unit(text: &[u8], mark: u8) -> Option<(Unit, &[u8])> {
    let &first = text.first()?;
    if first == mark {
        return None;
    }
    if first != b'\\' {
        let (rune, width) = runes::decode(text);
        return Some((Unit::Rune(rune), &text[width..]));
    }
    let (&kind, rest) = text[1..].split_first()?;
    let plain = |rune| Some((Unit::Rune(rune), rest));
    match kind {
        b'a' => plain('\x07'),
        b'b' => plain('\x08'),
        b'f' => plain('\x0c'),
        b'n' => plain('\n'),
        b'r' => plain('\r'),
        b't' => plain('\t'),
        b'v' => plain('\x0b'),
        b'\\' => plain('\\'),
        b'\'' | b'"' if kind == mark => plain(char::from(kind)),
        b'x' => digits(rest, 2, 16).map(|(code, rest)| (Unit::Byte(code as u8), rest)),
        b'u' => rune_digits(rest, 4),
        b'U' => rune_digits(rest, 8),
        b'0'..=b'7' => {
            let (code, rest) = digits(&text[1..], 3, 8)?;
            Some((Unit::Byte(u8::try_from(code).ok()?), rest))
        }
        _ => None,
    }
}

fn rune_digits(text: &[u8], count: usize) -> Option<(Unit, &[u8])> {
    let (code, rest) = digits(text, count, 16)?;
    Some((Unit::Rune(char::from_u32(code)?), rest))
}

fn digits(text: &[u8], count: usize, radix: u32) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(count)?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    Some((u32::from_str_radix(digits, radix).ok()?, rest))
}
