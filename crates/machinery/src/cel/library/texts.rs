//! Texts: cel-go's extension library, version 2, and the standard functions on texts. Positions count characters.

use super::{Function, Scratch, collections, mismatch, texts_format};
use crate::cel::value::{Fault, Outcome, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "contains" => |_, args| two(args, |text, part| Ok(Value::Bool(text.contains(part)))),
        "startsWith" => |_, args| two(args, |text, part| Ok(Value::Bool(text.starts_with(part)))),
        "endsWith" => |_, args| two(args, |text, part| Ok(Value::Bool(text.ends_with(part)))),
        "charAt" => char_at,
        "indexOf" => |scratch, args| match args {
            [Value::List(_), _] => collections::index_of(scratch, args, false),
            _ => index_of(args),
        },
        "lastIndexOf" => |scratch, args| match args {
            [Value::List(_), _] => collections::index_of(scratch, args, true),
            _ => last_index_of(args),
        },
        "lowerAscii" => |_, args| one(args, |text| Ok(Value::text(text.to_ascii_lowercase()))),
        "upperAscii" => |_, args| one(args, |text| Ok(Value::text(text.to_ascii_uppercase()))),
        "trim" => |_, args| one(args, |text| Ok(Value::text(text.trim()))),
        "replace" => replace,
        "split" => split,
        "substring" => substring,
        "join" => join,
        "strings.quote" => |_, args| one(args, |text| Ok(Value::text(quote(text)))),
        "format" => |scratch, args| match args {
            [Value::Text(format), Value::List(list)] => {
                let text = texts_format::format(scratch, format, list)?;
                Ok(Value::text(text))
            }
            _ => mismatch(),
        },
        _ => return None,
    })
}

fn one<'a>(args: &[Value<'a>], apply: fn(&str) -> Outcome<'a>) -> Outcome<'a> {
    match args {
        [Value::Text(text)] => apply(text),
        _ => mismatch(),
    }
}

fn two<'a>(args: &[Value<'a>], apply: fn(&str, &str) -> Outcome<'a>) -> Outcome<'a> {
    match args {
        [Value::Text(text), Value::Text(other)] => apply(text, other),
        _ => mismatch(),
    }
}

fn out_of_range(index: i64) -> Fault {
    Fault::new(format!("index out of range: {index}"))
}

fn int<'a>(number: usize) -> Value<'a> {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn char_at<'a>(_: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    let [Value::Text(text), Value::Int(index)] = args else { return mismatch() };
    let place = usize::try_from(*index).map_err(|_| out_of_range(*index))?;
    match text.chars().nth(place) {
        Some(c) => Ok(Value::text(c.to_string())),
        None if place == text.chars().count() => Ok(Value::text("")),
        None => Err(out_of_range(*index)),
    }
}

/// The byte at which a character begins, or the length.
fn byte_of(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(byte, _)| byte)
}

fn index_of<'a>(args: &[Value<'a>]) -> Outcome<'a> {
    let (text, part, from) = match args {
        [Value::Text(text), Value::Text(part)] => (text, part, 0),
        [Value::Text(text), Value::Text(part), Value::Int(from)] => (text, part, *from),
        _ => return mismatch(),
    };
    if part.is_empty() {
        return Ok(Value::Int(from));
    }
    let skip = usize::try_from(from).map_err(|_| out_of_range(from))?;
    let start = byte_of(text, skip);
    Ok(match text[start..].find(&**part) {
        Some(found) => int(skip + text[start..start + found].chars().count()),
        None => Value::Int(-1),
    })
}

fn last_index_of<'a>(args: &[Value<'a>]) -> Outcome<'a> {
    let (text, part, to) = match args {
        [Value::Text(text), Value::Text(part)] if part.is_empty() => return Ok(int(text.chars().count())),
        [Value::Text(text), Value::Text(part)] if text.is_empty() => {
            return if part.is_empty() { Ok(Value::Int(0)) } else { Err(out_of_range(-1)) };
        }
        [Value::Text(text), Value::Text(part)] => (text, part, None),
        [Value::Text(text), Value::Text(part), Value::Int(to)] => (text, part, Some(*to)),
        _ => return mismatch(),
    };
    let mut end = text.len();
    if let Some(to) = to {
        if part.is_empty() {
            return Ok(Value::Int(to));
        }
        let place = usize::try_from(to).map_err(|_| out_of_range(to))?;
        if place >= text.chars().count() {
            return Ok(Value::Int(-1));
        }
        end = byte_of(text, place).saturating_add(part.len()).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
    }
    Ok(match text[..end].rfind(&**part) {
        Some(found) => int(text[..found].chars().count()),
        None => Value::Int(-1),
    })
}

fn replace<'a>(scratch: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    let (text, from, to, limit) = match args {
        [Value::Text(text), Value::Text(from), Value::Text(to)] => (text, from, to, -1),
        [Value::Text(text), Value::Text(from), Value::Text(to), Value::Int(limit)] => (text, from, to, *limit),
        _ => return mismatch(),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let count = text.matches(&**from).count().min(limit);
    scratch.take(text.len().saturating_add(count.saturating_mul(to.len())))?;
    Ok(Value::text(text.replacen(&**from, to, count)))
}

fn split<'a>(scratch: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    let (text, separator, limit) = match args {
        [Value::Text(text), Value::Text(separator)] => (text, separator, -1),
        [Value::Text(text), Value::Text(separator), Value::Int(limit)] => (text, separator, *limit),
        _ => return mismatch(),
    };
    if limit == 0 {
        return Ok(Value::list(Vec::new()));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let count = if separator.is_empty() { text.chars().count() } else { text.matches(&**separator).count() + 1 };
    scratch.take_items(count.min(limit))?;
    scratch.take(text.len())?;
    let parts: Vec<Value<'a>> = if separator.is_empty() {
        let kept = limit.min(count).saturating_sub(1);
        let rest = byte_of(text, kept);
        let mut parts: Vec<Value<'a>> = text.chars().take(kept).map(|c| Value::text(c.to_string())).collect();
        if rest < text.len() {
            parts.push(Value::text(&text[rest..]));
        }
        parts
    } else {
        text.splitn(limit, &**separator).map(Value::text).collect()
    };
    Ok(Value::list(parts))
}

fn substring<'a>(scratch: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    let (text, start, end) = match args {
        [Value::Text(text), Value::Int(start)] => (text, *start, None),
        [Value::Text(text), Value::Int(start), Value::Int(end)] => (text, *start, Some(*end)),
        _ => return mismatch(),
    };
    if let Some(end) = end.filter(|end| start > *end) {
        return Err(Fault::new(format!("invalid substring range. start: {start}, end: {end}")));
    }
    let length = text.chars().count();
    let place =
        |index: i64| usize::try_from(index).ok().filter(|index| *index <= length).ok_or_else(|| out_of_range(index));
    let from = place(start)?;
    let to = end.map_or(Ok(length), place)?;
    scratch.take(text.len())?;
    Ok(Value::text(&text[byte_of(text, from)..byte_of(text, to)]))
}

fn join<'a>(scratch: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    let (list, separator) = match args {
        [Value::List(list)] => (list, ""),
        [Value::List(list), Value::Text(separator)] => (list, &**separator),
        _ => return mismatch(),
    };
    let mut joined = String::new();
    for (index, item) in list.iter().enumerate() {
        let item = item?;
        let Value::Text(text) = &item else {
            return Err(Fault::new(format!("join: invalid input: {}", item.shown())));
        };
        let separator = if index == 0 { "" } else { separator };
        scratch.take(separator.len() + text.len())?;
        joined.push_str(separator);
        joined.push_str(text);
    }
    Ok(Value::text(joined))
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
