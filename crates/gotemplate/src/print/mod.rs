//! Go's `fmt` and `strconv` as templates see them: how values, text and numbers look.

mod quote;
pub(crate) mod runes;

pub(crate) use quote::can_backquote;
pub use quote::quote;
pub(crate) use quote::{unquote, unquote_unit};

use crate::value::Value;

/// `fmt.Sprint` of one value, as a pipeline's result is written.
pub fn print(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, value);
    out
}

/// Appends what a pipeline's result looks like.
pub fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Text(text) => out.extend_from_slice(text),
        Value::Nil => out.extend_from_slice(b"<no value>"),
        other => out.extend_from_slice(format!("{other:?}").as_bytes()),
    }
}

/// Go's `<no value>` deleted, as Helm does with the output of every template.
pub fn without_no_value(text: &[u8]) -> Vec<u8> {
    const MARK: &[u8] = b"<no value>";
    let mut out = Vec::with_capacity(text.len());
    let mut rest = 0;
    for found in memchr::memmem::find_iter(text, MARK) {
        out.extend_from_slice(&text[rest..found]);
        rest = found + MARK.len();
    }
    out.extend_from_slice(&text[rest..]);
    out
}
