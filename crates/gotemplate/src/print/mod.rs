//! Go's `fmt` and `strconv` as templates see them: how values, text and numbers look.

pub(crate) mod float;
mod printer;
mod printf;
mod quote;
pub(crate) mod runes;
mod verbs;

pub use printf::sprintf;
pub(crate) use quote::can_backquote;
pub use quote::quote;
pub(crate) use quote::{unquote, unquote_unit};
pub use runes::is_printable;

use crate::value::Value;
use printer::Printer;

/// `fmt.Sprint` of one value, `%v`: nil is `<nil>`.
pub fn print(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    append(&mut out, value);
    out
}

/// Appends what [`print()`] gives.
pub fn append(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Text(text) => out.extend_from_slice(text),
        other => Printer::new(out).argument(other, 'v'),
    }
}

/// Appends what the result of a pipeline looks like: as [`append`], but nil is `<no value>`.
pub fn append_result(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Nil | Value::NilInterface => out.extend_from_slice(NO_VALUE),
        other => append(out, other),
    }
}

/// `fmt.Sprint`: a space between two values of which neither is a string.
pub fn sprint(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut after_text = true;
    for value in values {
        let is_text = matches!(value, Value::Text(_));
        if !is_text && !after_text {
            out.push(b' ');
        }
        append(&mut out, value);
        after_text = is_text;
    }
    out
}

/// `fmt.Sprintln`: a space between any two values, and a newline.
pub fn sprintln(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        append(&mut out, value);
    }
    out.push(b'\n');
    out
}

const NO_VALUE: &[u8] = b"<no value>";

/// Go's `<no value>` deleted, as Helm does with the output of every template.
pub fn without_no_value(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = 0;
    for found in memchr::memmem::find_iter(text, NO_VALUE) {
        out.extend_from_slice(&text[rest..found]);
        rest = found + NO_VALUE.len();
    }
    out.extend_from_slice(&text[rest..]);
    out
}
