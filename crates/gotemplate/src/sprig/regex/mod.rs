//! Sprig's regular expressions: Go's syntax (RE2), translated for crate `regex`, whose matching is the same leftmost-first one in
//! linear time. `translate` and `class` read the syntax and refuse with Go's errors, `compiled` searches, this file has the functions.

mod class;
mod compiled;
mod syntax;
mod translate;

use std::rc::Rc;

use compiled::{Compiled, compile};

use super::{
    arguments::{int, text},
    limits, strings,
};
use crate::{
    function::{Call, Function, FunctionError, Param},
    print::quote,
    value::{Element, List, Text, Value},
};

type Outcome = Result<Value, FunctionError>;

const TWO: &[Param] = &[Param::Text, Param::Text];
const THREE: &[Param] = &[Param::Text, Param::Text, Param::Text];
const COUNTED: &[Param] = &[Param::Text, Param::Text, Param::Int];

pub(crate) const FUNCTIONS: &[Function] = &[
    // The only one that swallows a bad pattern: nothing matches it.
    Function::new("regexMatch", TWO, |_, arguments| {
        let subject = text(arguments, 1)?;
        Ok(Value::Bool(compile(text(arguments, 0)?).is_ok_and(|pattern| pattern.is_match(subject))))
    }),
    Function::new("mustRegexMatch", TWO, |_, arguments| {
        Ok(Value::Bool(returned(arguments)?.is_match(text(arguments, 1)?)))
    }),
    Function::new("regexFind", TWO, |_, arguments| find(panicked(arguments)?, arguments)),
    Function::new("mustRegexFind", TWO, |_, arguments| find(returned(arguments)?, arguments)),
    Function::new("regexFindAll", COUNTED, |_, arguments| find_all(panicked(arguments)?, arguments)),
    Function::new("mustRegexFindAll", COUNTED, |_, arguments| find_all(returned(arguments)?, arguments)),
    Function::new("regexReplaceAll", THREE, |_, arguments| replace_all(panicked(arguments)?, arguments, true)),
    Function::new("mustRegexReplaceAll", THREE, |_, arguments| replace_all(returned(arguments)?, arguments, true)),
    Function::new("regexReplaceAllLiteral", THREE, |_, arguments| replace_all(panicked(arguments)?, arguments, false)),
    Function::new("mustRegexReplaceAllLiteral", THREE, |_, arguments| {
        replace_all(returned(arguments)?, arguments, false)
    }),
    Function::new("regexSplit", COUNTED, |_, arguments| split(panicked(arguments)?, arguments)),
    Function::new("mustRegexSplit", COUNTED, |_, arguments| split(returned(arguments)?, arguments)),
    Function::new("regexQuoteMeta", &[Param::Text], quote_meta),
];

/// The pattern of a `must` function, which returns Go's error.
fn returned(arguments: &[Value]) -> Result<Rc<Compiled>, FunctionError> {
    compile(text(arguments, 0)?).map_err(FunctionError::new)
}

/// The pattern of the other functions, which panic through `regexp.MustCompile`.
fn panicked(arguments: &[Value]) -> Result<Rc<Compiled>, FunctionError> {
    let pattern = text(arguments, 0)?;
    compile(pattern).map_err(|error| {
        let quoted = match crate::print::can_backquote(pattern) {
            true => format!("`{pattern}`"),
            false => quote(pattern),
        };
        FunctionError::new(format!("regexp: Compile({quoted}): {error}"))
    })
}

fn find(pattern: Rc<Compiled>, arguments: &[Value]) -> Outcome {
    let subject = text(arguments, 1)?;
    Ok(Value::text(pattern.find(subject).map_or(&b""[..], |found| &subject[found])))
}

fn find_all(pattern: Rc<Compiled>, arguments: &[Value]) -> Outcome {
    let subject = text(arguments, 1)?;
    let found = pattern.find_all(subject, int(arguments, 2)?);
    if found.is_empty() {
        return Ok(Value::List(List::nil(Element::String)));
    }
    Ok(strings::texts(found.into_iter().map(|range| Text::from(&subject[range])).collect()))
}

fn replace_all(pattern: Rc<Compiled>, arguments: &[Value], expands: bool) -> Outcome {
    let (subject, replacement) = (text(arguments, 1)?, text(arguments, 2)?);
    let mut replaced = Vec::with_capacity(subject.len());
    let mut from = 0;
    if !expands || !replacement.contains(&b'$') {
        for found in pattern.find_all(subject, -1) {
            replaced.extend_from_slice(&subject[from..found.start]);
            replaced.extend_from_slice(replacement);
            limits::text_bytes(Some(replaced.len()))?;
            from = found.end;
        }
    } else {
        for groups in pattern.captures_all(subject) {
            let Some(whole) = groups.first().cloned().flatten() else { continue };
            replaced.extend_from_slice(&subject[from..whole.start]);
            pattern.expand(&mut replaced, replacement, subject, &groups);
            limits::text_bytes(Some(replaced.len()))?;
            from = whole.end;
        }
    }
    replaced.extend_from_slice(&subject[from..]);
    Ok(Value::text(replaced))
}

/// `Regexp.Split`: no empty text before a match at the start, and none for an empty pattern.
fn split(pattern: Rc<Compiled>, arguments: &[Value]) -> Outcome {
    let (subject, limit) = (text(arguments, 1)?, int(arguments, 2)?);
    if limit == 0 {
        return Ok(Value::List(List::nil(Element::String)));
    }
    if subject.is_empty() && !text(arguments, 0)?.is_empty() {
        return Ok(strings::texts(vec![Text::default()]));
    }
    let (mut parts, mut from, mut end) = (Vec::new(), 0, 0);
    for found in pattern.find_all(subject, limit) {
        if limit > 0 && parts.len() as i64 == limit - 1 {
            break;
        }
        end = found.start;
        if found.end != 0 {
            parts.push(Text::from(&subject[from..end]));
        }
        from = found.end;
    }
    if end != subject.len() {
        parts.push(Text::from(&subject[from..]));
    }
    Ok(strings::texts(parts))
}

fn quote_meta(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let subject = text(arguments, 0)?;
    let mut quoted = Vec::with_capacity(subject.len());
    for byte in subject.iter() {
        if b"\\.+*?()|[]{}^$".contains(byte) {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    Ok(Value::text(quoted))
}
