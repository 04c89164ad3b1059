//! Sprig's functions on words and letter case: titles, initials, camel and snake case, abbreviation, wrapping. Several of them
//! look at bytes where one expects characters; charts see the result, so they do here too.

use super::{
    arguments::{int, text},
    limits, runes,
};
use crate::{
    function::{Call, Function, FunctionError, Param},
    value::Value,
};

type Outcome = Result<Value, FunctionError>;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("upper", &[Param::Text], |_, arguments| mapped(arguments, runes::to_upper)),
    Function::new("lower", &[Param::Text], |_, arguments| mapped(arguments, runes::to_lower)),
    Function::new("title", &[Param::Text], title),
    Function::new("untitle", &[Param::Text], untitle),
    Function::new("swapcase", &[Param::Text], swapcase),
    Function::new("initials", &[Param::Text], initials),
    Function::new("nospace", &[Param::Text], nospace),
    Function::new("abbrev", &[Param::Int, Param::Text], |_, arguments| {
        let (width, subject) = (int(arguments, 0)?, text(arguments, 1)?);
        Ok(Value::text(if width < 4 { subject.to_vec() } else { abbreviate(subject, 0, width) }))
    }),
    Function::new("abbrevboth", &[Param::Int, Param::Int, Param::Text], abbrev_both),
    Function::new("wrap", &[Param::Int, Param::Text], |_, arguments| {
        wrap(text(arguments, 1)?, int(arguments, 0)?, b"\n", false)
    }),
    Function::new("wrapWith", &[Param::Int, Param::Text, Param::Text], |_, arguments| {
        let separator = text(arguments, 1)?;
        let separator = if separator.is_empty() { b"\n" } else { separator.as_bytes() };
        wrap(text(arguments, 2)?, int(arguments, 0)?, separator, true)
    }),
];

/// `strings.ToUpper` and its kin leave a text that does not change as it is, also where it is not UTF-8.
fn mapped(arguments: &[Value], mapping: fn(char) -> char) -> Outcome {
    let subject = text(arguments, 0)?;
    if runes::runes(subject)
        .all(|character| mapping(character) == character && character != char::REPLACEMENT_CHARACTER)
    {
        return Ok(Value::Text(subject.clone()));
    }
    Ok(Value::from(runes::map(subject, mapping)))
}

/// `strings.Title`: the first letter after anything that is no part of a word.
fn title(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut previous = ' ';
    let titled = runes::map(text(arguments, 0)?, |character| {
        let starts = separates(previous);
        previous = character;
        if starts { runes::to_title(character) } else { character }
    });
    Ok(Value::from(titled))
}

fn separates(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_alphanumeric() && character != '_';
    }
    !runes::is_letter(character) && !runes::is_digit(character) && runes::is_space(character)
}

fn untitle(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut starts = true;
    let untitled = runes::map(text(arguments, 0)?, |character| {
        if runes::is_space(character) {
            starts = true;
            return character;
        }
        if std::mem::take(&mut starts) { runes::to_lower(character) } else { character }
    });
    Ok(Value::from(untitled))
}

fn swapcase(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut starts = true;
    let swapped = runes::map(text(arguments, 0)?, |character| {
        if runes::is_upper(character) || runes::is_title(character) {
            starts = false;
            runes::to_lower(character)
        } else if runes::is_lower(character) {
            if std::mem::take(&mut starts) { runes::to_title(character) } else { runes::to_upper(character) }
        } else {
            starts = runes::is_space(character);
            character
        }
    });
    Ok(Value::from(swapped))
}

/// Takes bytes for Latin-1, as goutils does: the first byte of a word becomes a character.
fn initials(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let mut gap = true;
    let mut initials = String::new();
    for character in text(arguments, 0)?.iter().copied().map(char::from) {
        if runes::is_space(character) {
            gap = true;
        } else if std::mem::take(&mut gap) {
            initials.push(character);
        }
    }
    Ok(Value::from(initials))
}

/// Takes bytes for Latin-1 as soon as one of them is a space, as goutils does.
fn nospace(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let subject = text(arguments, 0)?;
    let kept: String =
        subject.iter().copied().map(char::from).filter(|character| !runes::is_space(*character)).collect();
    if kept.chars().count() == subject.len() {
        return Ok(Value::Text(subject.clone()));
    }
    Ok(Value::from(kept))
}

fn abbrev_both(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let (left, right, subject) = (int(arguments, 0)?, int(arguments, 1)?, text(arguments, 2)?);
    if right < 4 || left > 0 && right < 7 {
        return Ok(Value::Text(subject.clone()));
    }
    Ok(Value::text(abbreviate(subject, left, right)))
}

/// goutils' `AbbreviateFull`. The caller has refused widths under 4, and under 7 with an offset.
fn abbreviate(subject: &[u8], offset: i64, width: i64) -> Vec<u8> {
    let width = usize::try_from(width).unwrap_or(usize::MAX);
    if subject.len() <= width {
        return subject.to_vec();
    }
    let offset = usize::try_from(offset).unwrap_or(0).min(subject.len() - (width - 3));
    if offset <= 4 {
        return [&subject[..width - 3], b"..."].concat();
    }
    if offset + width - 3 < subject.len() {
        return [b"...".to_vec(), abbreviate(&subject[offset..], 0, width as i64 - 3)].concat();
    }
    [b"...", &subject[subject.len() - (width - 3)..]].concat()
}

/// goutils' `WrapCustom`. The width is in bytes, and a cut may fall within a character.
fn wrap(subject: &[u8], width: i64, separator: &[u8], cuts_words: bool) -> Outcome {
    let width = usize::try_from(width).unwrap_or(0).max(1);
    let mut wrapped = Vec::new();
    let mut rest = subject;
    while rest.len() > width {
        if rest[0] == b' ' {
            rest = &rest[1..];
            continue;
        }
        let (line, after) = match memchr::memrchr(b' ', &rest[..=width]) {
            Some(space) => (&rest[..space], &rest[space + 1..]),
            None if cuts_words => rest.split_at(width),
            None => match memchr::memchr(b' ', &rest[width..]) {
                Some(space) => (&rest[..width + space], &rest[width + space + 1..]),
                None => {
                    wrapped.extend_from_slice(rest);
                    rest = &[];
                    break;
                }
            },
        };
        wrapped.extend_from_slice(line);
        wrapped.extend_from_slice(separator);
        limits::text_bytes(Some(wrapped.len()))?;
        rest = after;
    }
    wrapped.extend_from_slice(rest);
    Ok(Value::text(wrapped))
}
