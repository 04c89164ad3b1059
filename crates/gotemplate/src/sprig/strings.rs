//! Sprig's functions on strings that look at bytes: trimming, cutting, searching, padding, quoting, joining. Words and letter
//! case are in `words`, what depends on randomness is in `random`.

use super::{
    arguments::{any, int, text},
    limits, printing, runes,
};
use crate::{
    function::{Call, Function, FunctionError, Param},
    value::{Element, List, Map, MapType, Text, Value},
};

type Outcome = Result<Value, FunctionError>;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("hello", &[], |_, _| Ok(Value::from("Hello!"))),
    Function::new("trim", &[Param::Text], |_, arguments| Ok(Value::text(trim_space(text(arguments, 0)?)))),
    Function::new("trimAll", &[Param::Text, Param::Text], trim_all),
    Function::new("trimall", &[Param::Text, Param::Text], trim_all),
    Function::new("trimPrefix", &[Param::Text, Param::Text], trim_prefix),
    Function::new("trimSuffix", &[Param::Text, Param::Text], trim_suffix),
    Function::new("contains", &[Param::Text, Param::Text], |_, arguments| {
        Ok(Value::Bool(find(text(arguments, 1)?, text(arguments, 0)?).is_some()))
    }),
    Function::new("hasPrefix", &[Param::Text, Param::Text], |_, arguments| {
        Ok(Value::Bool(text(arguments, 1)?.starts_with(text(arguments, 0)?)))
    }),
    Function::new("hasSuffix", &[Param::Text, Param::Text], |_, arguments| {
        Ok(Value::Bool(text(arguments, 1)?.ends_with(text(arguments, 0)?)))
    }),
    Function::new("replace", &[Param::Text, Param::Text, Param::Text], replace),
    Function::new("repeat", &[Param::Int, Param::Text], repeat),
    Function::new("trunc", &[Param::Int, Param::Text], trunc),
    Function::new("substr", &[Param::Int, Param::Int, Param::Text], substr),
    Function::new("indent", &[Param::Int, Param::Text], |_, arguments| indent(b"", arguments)),
    Function::new("nindent", &[Param::Int, Param::Text], |_, arguments| indent(b"\n", arguments)),
    Function::new("plural", &[Param::Text, Param::Text, Param::Int], |_, arguments| {
        let chosen = if int(arguments, 2)? == 1 { 0 } else { 1 };
        Ok(Value::Text(text(arguments, chosen)?.clone()))
    }),
    Function::variadic("quote", &[], Param::Any, |_, arguments| {
        spaced(arguments, |value| printing::quoted(&printing::strval(value)).into_bytes())
    }),
    Function::variadic("squote", &[], Param::Any, |_, arguments| {
        spaced(arguments, |value| [b"'".as_slice(), &printing::print(value), b"'"].concat())
    }),
    Function::variadic("cat", &[], Param::Any, |_, arguments| spaced(arguments, printing::print)),
    Function::new("split", &[Param::Text, Param::Text], |_, arguments| {
        numbered(&split_text(text(arguments, 1)?, text(arguments, 0)?, -1))
    }),
    Function::new("splitn", &[Param::Text, Param::Int, Param::Text], |_, arguments| {
        numbered(&split_text(text(arguments, 2)?, text(arguments, 0)?, int(arguments, 1)?))
    }),
    Function::new("splitList", &[Param::Text, Param::Text], |_, arguments| {
        let parts = split_text(text(arguments, 1)?, text(arguments, 0)?, -1);
        Ok(texts(parts.into_iter().map(Text::from).collect()))
    }),
    Function::new("join", &[Param::Text, Param::Any], join),
    Function::new("sortAlpha", &[Param::Any], sort_alpha),
    Function::new("toStrings", &[Param::Any], |_, arguments| Ok(texts(printing::to_strings(any(arguments, 0))))),
    Function::new("toString", &[Param::Any], |_, arguments| Ok(Value::text(printing::strval(any(arguments, 0))))),
];

/// A `[]string`.
pub(super) fn texts(items: Vec<Text>) -> Value {
    Value::List(List::typed(Element::String, items.into_iter().map(Value::Text).collect()))
}

/// The place of the first `needle`.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

fn trim_space(bytes: &[u8]) -> &[u8] {
    trim_matching(bytes, runes::is_space)
}

/// Cuts matching runes off both ends. A byte that is not UTF-8 counts as U+FFFD.
fn trim_matching(bytes: &[u8], matches: impl Fn(char) -> bool) -> &[u8] {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (rune, width) = runes::decode(rest);
        if !matches(rune) {
            break;
        }
        rest = &rest[width..];
    }
    while !rest.is_empty() {
        let (rune, width) = runes::decode_last(rest);
        if !matches(rune) {
            break;
        }
        rest = &rest[..rest.len() - width];
    }
    rest
}

fn trim_all(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let cut: Vec<char> = runes::runes(text(arguments, 0)?).collect();
    Ok(Value::text(trim_matching(text(arguments, 1)?, |character| cut.contains(&character))))
}

fn trim_prefix(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (prefix, subject) = (text(arguments, 0)?, text(arguments, 1)?);
    Ok(Value::text(subject.strip_prefix(prefix.as_bytes()).unwrap_or(subject)))
}

fn trim_suffix(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (suffix, subject) = (text(arguments, 0)?, text(arguments, 1)?);
    Ok(Value::text(subject.strip_suffix(suffix.as_bytes()).unwrap_or(subject)))
}

fn replace(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (old, new, subject) = (text(arguments, 0)?, text(arguments, 1)?, text(arguments, 2)?);
    if old.is_empty() {
        let places = runes::count(subject) + 1;
        let length = new.len().checked_mul(places).and_then(|added| added.checked_add(subject.len()));
        let mut replaced = Vec::with_capacity(limits::text_bytes(length)?);
        replaced.extend_from_slice(new);
        for piece in runes::pieces(subject) {
            replaced.extend_from_slice(piece);
            replaced.extend_from_slice(new);
        }
        return Ok(Value::text(replaced));
    }
    let places: Vec<usize> = memchr::memmem::find_iter(subject.as_bytes(), old.as_bytes()).collect();
    if places.is_empty() {
        return Ok(Value::Text(subject.clone()));
    }
    let kept = subject.len() - places.len() * old.len();
    let length = new.len().checked_mul(places.len()).and_then(|added| added.checked_add(kept));
    let mut replaced = Vec::with_capacity(limits::text_bytes(length)?);
    let mut from = 0;
    for place in places {
        replaced.extend_from_slice(&subject[from..place]);
        replaced.extend_from_slice(new);
        from = place + old.len();
    }
    replaced.extend_from_slice(&subject[from..]);
    Ok(Value::text(replaced))
}

/// `strings.Repeat`, with its words for a negative count.
fn repeated(subject: &[u8], count: i64) -> Result<Vec<u8>, FunctionError> {
    let count = usize::try_from(count).map_err(|_| FunctionError::new("strings: negative Repeat count"))?;
    limits::text_bytes(subject.len().checked_mul(count))?;
    Ok(if subject.is_empty() { Vec::new() } else { subject.repeat(count) })
}

fn repeat(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    repeated(text(arguments, 1)?, int(arguments, 0)?).map(Value::text)
}

fn trunc(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (count, subject) = (int(arguments, 0)?, text(arguments, 1)?);
    let size = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let cut = match count {
        ..0 if size < subject.len() => &subject[subject.len() - size..],
        0.. if size < subject.len() => &subject[..size],
        _ => return Ok(Value::Text(subject.clone())),
    };
    Ok(Value::text(cut))
}

fn substr(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (start, end, subject) = (int(arguments, 0)?, int(arguments, 1)?, text(arguments, 2)?);
    let length = subject.len();
    let out_of_range = |range: String| FunctionError::new(format!("runtime error: slice bounds out of range {range}"));
    let place = |place: i64| usize::try_from(place).unwrap_or(usize::MAX);
    let cut = if start < 0 {
        match end {
            ..0 => return Err(out_of_range(format!("[:{end}]"))),
            _ => subject.get(..place(end)).ok_or_else(|| out_of_range(format!("[:{end}] with length {length}")))?,
        }
    } else if end < 0 || place(end) > length {
        subject.get(place(start)..).ok_or_else(|| out_of_range(format!("[{start}:{length}]")))?
    } else {
        subject.get(place(start)..place(end)).ok_or_else(|| out_of_range(format!("[{start}:{end}]")))?
    };
    Ok(Value::text(cut))
}

fn indent(before: &[u8], arguments: &[Value]) -> Outcome {
    let subject = text(arguments, 1)?;
    let padding = repeated(b" ", int(arguments, 0)?)?;
    let lines = memchr::memchr_iter(b'\n', subject).count() + 1;
    let length = padding.len().checked_mul(lines).and_then(|added| added.checked_add(subject.len() + before.len()));
    let mut indented = Vec::with_capacity(limits::text_bytes(length)?);
    indented.extend_from_slice(before);
    for (number, line) in subject.split(|byte| *byte == b'\n').enumerate() {
        if number > 0 {
            indented.push(b'\n');
        }
        indented.extend_from_slice(&padding);
        indented.extend_from_slice(line);
    }
    Ok(Value::text(indented))
}

/// The printed values that are not nil, with blanks between them.
fn spaced(arguments: &[Value], print: impl Fn(&Value) -> Vec<u8>) -> Outcome {
    let mut line = Vec::new();
    for (number, value) in arguments.iter().filter(|value| !value.is_nil()).enumerate() {
        if number > 0 {
            line.push(b' ');
        }
        line.extend_from_slice(&print(value));
        limits::text_bytes(Some(line.len()))?;
    }
    Ok(Value::text(line))
}

/// `strings.SplitN`: -1 for all parts, 0 for none, an empty separator between all runes.
pub(super) fn split_text<'a>(subject: &'a [u8], separator: &[u8], limit: i64) -> Vec<&'a [u8]> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if limit == 0 {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let mut rest = subject;
    if separator.is_empty() {
        while !rest.is_empty() {
            if parts.len() + 1 == limit {
                parts.push(rest);
                break;
            }
            let (piece, tail) = rest.split_at(runes::decode(rest).1);
            parts.push(piece);
            rest = tail;
        }
        return parts;
    }
    let finder = memchr::memmem::Finder::new(separator);
    while parts.len() + 1 < limit {
        let Some(place) = finder.find(rest) else { break };
        parts.push(&rest[..place]);
        rest = &rest[place + separator.len()..];
    }
    parts.push(rest);
    parts
}

/// A `map[string]string` with the keys `_0`, `_1` and so on.
fn numbered(parts: &[&[u8]]) -> Outcome {
    let entries =
        parts.iter().enumerate().map(|(number, part)| (Text::from(format!("_{number}")), Value::text(*part))).collect();
    Ok(Value::Map(Map::typed(MapType::String, entries)))
}

fn join(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let separator = text(arguments, 0)?;
    let parts = printing::to_strings(any(arguments, 1));
    let length =
        parts.iter().try_fold(separator.len().saturating_mul(parts.len()), |sum, part| sum.checked_add(part.len()));
    let mut joined = Vec::with_capacity(limits::text_bytes(length)?);
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            joined.extend_from_slice(separator);
        }
        joined.extend_from_slice(part);
    }
    Ok(Value::text(joined))
}

/// Go sorts a `[]string` in place, so that the list that was given is sorted too; lists of ours do not change.
fn sort_alpha(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let value = any(arguments, 0);
    if value.kind_name() != "slice" {
        return Ok(texts(vec![Text::from(printing::strval(value))]));
    }
    let mut sorted = printing::to_strings(value);
    sorted.sort();
    Ok(texts(sorted))
}
