//! Character classes: `[...]`, Perl's `\d`, POSIX's `[:alpha:]`, Unicode's `\p{Greek}`. All come out as classes that crate `regex`
//! reads the same way: members as code points, so that nothing in them is an operator there (`[`, `&&`, `~~`, `--`).

use std::{collections::BTreeMap, fmt::Write as _, sync::LazyLock};

use super::syntax::{Code, Error, Reader};

/// A class of nothing: what is left of a class that only surrogates are in.
const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";

/// `\d` and its kin at the reader, which then stands behind it. Go's are ASCII.
pub(super) fn perl(reader: &mut Reader<'_>) -> Option<&'static str> {
    if reader.peek(0) != Some(b'\\') {
        return None;
    }
    let class = match reader.peek(1)? {
        b'd' => "[0-9]",
        b'D' => "[^0-9]",
        b's' => r"[\t\n\x{C}\r ]",
        b'S' => r"[^\t\n\x{C}\r ]",
        b'w' => "[0-9A-Za-z_]",
        b'W' => "[^0-9A-Za-z_]",
        _ => return None,
    };
    reader.at += 2;
    Some(class)
}

/// `\pN` or `\p{Name}` at the reader.
pub(super) fn unicode(reader: &mut Reader<'_>) -> Result<Option<String>, Error> {
    if reader.peek(0) != Some(b'\\') || !matches!(reader.peek(1), Some(b'p' | b'P')) {
        return Ok(None);
    }
    let (from, mut negative) = (reader.at, reader.peek(1) == Some(b'P'));
    reader.at += 2;
    let name = if reader.peek(0) == Some(b'{') {
        let Some(length) = memchr::memchr(b'}', reader.rest()) else {
            reader.check_utf8(&reader.whole[from..])?;
            return Err(reader.error(Code::InvalidCharRange, from, reader.whole.len()));
        };
        let name = &reader.rest()[1..length];
        reader.check_utf8(name)?;
        reader.at += length + 1;
        name
    } else {
        let start = reader.at;
        reader.rune()?;
        &reader.whole[start..reader.at]
    };
    let name = match name.split_first() {
        Some((b'^', name)) => {
            negative = !negative;
            name
        }
        _ => name,
    };
    match std::str::from_utf8(name).ok().and_then(property) {
        Some(property) => Ok(Some(format!(r"\{}{{{property}}}", if negative { 'P' } else { 'p' }))),
        None => reader.refuse(Code::InvalidCharRange, from),
    }
}

/// The name of a category or script as crate `regex` knows it.
fn property(name: &str) -> Option<String> {
    static PROPERTIES: LazyLock<std::sync::Mutex<BTreeMap<String, Option<String>>>> = LazyLock::new(Default::default);
    let plain = |character: char| character.is_ascii_alphanumeric() || " _-".contains(character);
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        return None;
    }
    let known = PROPERTIES.lock().ok().and_then(|known| known.get(name).cloned());
    if let Some(known) = known {
        return known;
    }
    let property = match name.to_ascii_lowercase().as_str() {
        "any" => Some("Any".to_owned()),
        "ascii" => Some("ASCII".to_owned()),
        "assigned" => Some("Assigned".to_owned()),
        _ => [format!("gc={name}"), format!("sc={name}")]
            .into_iter()
            .find(|property| regex::Regex::new(&format!(r"\p{{{property}}}")).is_ok()),
    };
    if let Ok(mut known) = PROPERTIES.lock()
        && known.len() < 1_000
    {
        known.insert(name.to_owned(), property.clone());
    }
    property
}

/// `[...]` at the reader.
pub(super) fn bracketed(reader: &mut Reader<'_>) -> Result<String, Error> {
    let from = reader.at;
    let mut class = String::from("[");
    reader.at += 1;
    if reader.peek(0) == Some(b'^') {
        class.push('^');
        reader.at += 1;
    }
    let (mut first, start) = (true, class.len());
    while first || reader.peek(0) != Some(b']') {
        first = false;
        if let Some(named) = posix(reader)? {
            class.push_str(named);
        } else if let Some(named) = unicode(reader)? {
            class.push_str(&named);
        } else if let Some(named) = perl(reader) {
            class.push_str(named);
        } else {
            range(reader, from, &mut class)?;
        }
    }
    reader.at += 1;
    if class.len() == start {
        // Only surrogates: no text has them.
        let negative = class.ends_with('^');
        return Ok(if negative { r"[\x{0}-\x{10FFFF}]".to_owned() } else { NOTHING.to_owned() });
    }
    class.push(']');
    Ok(class)
}

/// One character or a range of them.
fn range(reader: &mut Reader<'_>, class: usize, out: &mut String) -> Result<(), Error> {
    let from = reader.at;
    let low = member(reader, class)?;
    let mut high = low;
    if reader.peek(0) == Some(b'-') && reader.peek(1).is_some_and(|next| next != b']') {
        reader.at += 1;
        high = member(reader, class)?;
        if high < low {
            return reader.refuse(Code::InvalidCharRange, from);
        }
    }
    push_range(out, low, high);
    Ok(())
}

fn member(reader: &mut Reader<'_>, class: usize) -> Result<u32, Error> {
    match reader.peek(0) {
        None => Err(reader.error(Code::MissingBracket, class, reader.whole.len())),
        Some(b'\\') => reader.escape(),
        Some(_) => reader.rune().map(u32::from),
    }
}

fn push_range(out: &mut String, low: u32, high: u32) {
    const SURROGATES: std::ops::RangeInclusive<u32> = 0xD800..=0xDFFF;
    let low = if SURROGATES.contains(&low) { 0xE000 } else { low };
    let high = if SURROGATES.contains(&high) { 0xD7FF } else { high };
    if low == high {
        let _ = write!(out, r"\x{{{low:X}}}");
    } else if low < high {
        let _ = write!(out, r"\x{{{low:X}}}-\x{{{high:X}}}");
    }
}

/// One code point as a pattern.
pub(super) fn literal(code: u32) -> String {
    let mut out = String::new();
    match char::from_u32(code) {
        Some(character) if character.is_ascii_alphanumeric() || character == '_' || code > 0x9F => out.push(character),
        Some(_) => push_range(&mut out, code, code),
        None => out.push_str(NOTHING),
    }
    out
}

fn posix(reader: &mut Reader<'_>) -> Result<Option<&'static str>, Error> {
    let rest = reader.rest();
    if !rest.starts_with(b"[:") || rest.len() < 3 {
        return Ok(None);
    }
    let Some(length) = memchr::memmem::find(&rest[2..], b":]").map(|place| place + 4) else { return Ok(None) };
    let class = match &rest[2..length - 2] {
        b"alnum" => "[0-9A-Za-z]",
        b"^alnum" => "[^0-9A-Za-z]",
        b"alpha" => "[A-Za-z]",
        b"^alpha" => "[^A-Za-z]",
        b"ascii" => r"[\x{0}-\x{7F}]",
        b"^ascii" => r"[^\x{0}-\x{7F}]",
        b"blank" => r"[\t ]",
        b"^blank" => r"[^\t ]",
        b"cntrl" => r"[\x{0}-\x{1F}\x{7F}]",
        b"^cntrl" => r"[^\x{0}-\x{1F}\x{7F}]",
        b"digit" => "[0-9]",
        b"^digit" => "[^0-9]",
        b"graph" => r"[\x{21}-\x{7E}]",
        b"^graph" => r"[^\x{21}-\x{7E}]",
        b"lower" => "[a-z]",
        b"^lower" => "[^a-z]",
        b"print" => r"[\x{20}-\x{7E}]",
        b"^print" => r"[^\x{20}-\x{7E}]",
        b"punct" => r"[\x{21}-\x{2F}\x{3A}-\x{40}\x{5B}-\x{60}\x{7B}-\x{7E}]",
        b"^punct" => r"[^\x{21}-\x{2F}\x{3A}-\x{40}\x{5B}-\x{60}\x{7B}-\x{7E}]",
        b"space" => r"[\t-\r ]",
        b"^space" => r"[^\t-\r ]",
        b"upper" => "[A-Z]",
        b"^upper" => "[^A-Z]",
        b"word" => "[0-9A-Za-z_]",
        b"^word" => "[^0-9A-Za-z_]",
        b"xdigit" => "[0-9A-Fa-f]",
        b"^xdigit" => "[^0-9A-Fa-f]",
        _ => return Err(reader.error(Code::InvalidCharRange, reader.at, reader.at + length)),
    };
    reader.at += length;
    Ok(Some(class))
}
