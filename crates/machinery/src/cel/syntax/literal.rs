//! Texts, bytes and numbers as they are written.

use super::{Fault, tree::Literal};

/// A text or bytes literal at this place, and how many characters it takes.
pub(super) fn quoted(source: &[char], at: usize) -> Result<Option<(Literal, usize)>, Fault> {
    let (mut raw, mut bytes, mut start) = (false, false, at);
    while let Some(c) = source.get(start) {
        match c {
            'r' | 'R' if !raw => raw = true,
            'b' | 'B' if !bytes && !raw => bytes = true,
            _ => break,
        }
        start += 1;
    }
    let Some(&quote) = source.get(start).filter(|c| matches!(c, '"' | '\'')) else { return Ok(None) };
    let triple = source.get(start + 1) == Some(&quote) && source.get(start + 2) == Some(&quote);
    let width = if triple { 3 } else { 1 };
    let body = start + width;
    let mut end = body;
    loop {
        match source.get(end) {
            None => return Err(unfinished(source, at)),
            Some('\n' | '\r') if !triple => return Err(unfinished(source, at)),
            Some('\\') if !raw => end += 2,
            Some(&c)
                if c == quote && (!triple || source[end..].iter().take(3).filter(|c| **c == quote).count() == 3) =>
            {
                break;
            }
            Some(_) => end += 1,
        }
    }
    let inside = &source[body..end];
    let value = if bytes {
        Literal::Bytes(unescape_bytes(inside, raw, at)?.into())
    } else {
        Literal::Text(unescape_text(inside, raw, at)?.as_str().into())
    };
    Ok(Some((value, end + width - at)))
}

fn unfinished(source: &[char], at: usize) -> Fault {
    let rest: String = source[at..].iter().take_while(|c| **c != '\n').collect();
    Fault::new(at, format!("Syntax error: token recognition error at: '{rest}'"))
}

enum Piece {
    Char(char),
    /// `\x41` and `\101` are bytes in bytes, code points in texts.
    Byte(u8),
}

fn unescape(inside: &[char], raw: bool, at: usize) -> Result<Vec<Piece>, Fault> {
    let mut pieces = Vec::with_capacity(inside.len());
    let mut index = 0;
    while let Some(&c) = inside.get(index) {
        if c == '\r' {
            // Line ends are one character.
            pieces.push(Piece::Char('\n'));
            index += if inside.get(index + 1) == Some(&'\n') { 2 } else { 1 };
            continue;
        }
        if c != '\\' || raw {
            pieces.push(Piece::Char(c));
            index += 1;
            continue;
        }
        let (piece, length) =
            escape(&inside[index + 1..]).ok_or_else(|| Fault::new(at, "unable to unescape string"))?;
        pieces.push(piece);
        index += 1 + length;
    }
    Ok(pieces)
}

/// What follows a backslash.
fn escape(rest: &[char]) -> Option<(Piece, usize)> {
    let number = |from: usize, length: usize, radix: u32| -> Option<u32> {
        let digits: String = rest.get(from..from + length)?.iter().collect();
        u32::from_str_radix(&digits, radix).ok()
    };
    let simple = match rest.first()? {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        c @ ('\\' | '\'' | '"' | '`' | '?') => *c,
        'x' | 'X' => return Some((Piece::Byte(u8::try_from(number(1, 2, 16)?).ok()?), 3)),
        'u' => return Some((Piece::Char(char::from_u32(number(1, 4, 16)?)?), 5)),
        'U' => return Some((Piece::Char(char::from_u32(number(1, 8, 16)?)?), 9)),
        '0'..='3' => return Some((Piece::Byte(u8::try_from(number(0, 3, 8)?).ok()?), 3)),
        _ => return None,
    };
    Some((Piece::Char(simple), 1))
}

fn unescape_text(inside: &[char], raw: bool, at: usize) -> Result<String, Fault> {
    let pieces = unescape(inside, raw, at)?;
    Ok(pieces
        .into_iter()
        .map(|piece| match piece {
            Piece::Char(c) => c,
            Piece::Byte(byte) => char::from(byte),
        })
        .collect())
}

fn unescape_bytes(inside: &[char], raw: bool, at: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    for piece in unescape(inside, raw, at)? {
        match piece {
            Piece::Char(c) => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Piece::Byte(byte) => bytes.push(byte),
        }
    }
    Ok(bytes)
}

pub(super) fn int(text: &str, negative: bool) -> Option<i64> {
    let magnitude = match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok()?,
        None => text.parse::<u64>().ok()?,
    };
    let value = i128::from(magnitude);
    i64::try_from(if negative { -value } else { value }).ok()
}

pub(super) fn uint(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

pub(super) fn double(text: &str, negative: bool) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    Some(if negative { -value } else { value }).filter(|value| value.is_finite())
}
