//! The language of `--set` and its sisters: `a.b[0]=x,c={d,e}`. One walk for all of them; they differ in where a key ends, in whether
//! `\` escapes, and in how a value is read.
//!
//! Helm writes into the values as it goes and keeps what was written when a later part fails; here a failed text changes nothing.

mod scan;
#[cfg(test)]
mod tests;
mod walk;

use super::{Table, Tree};
#[cfg(test)]
use gotemplate::Text;
use scan::Scanner;
use walk::Walk;

/// What Helm says of a text that it cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub String);

/// Reads a file that `--set-file` names.
pub type ReadFile<'a> = dyn FnMut(&str) -> Result<Vec<u8>, String> + 'a;

/// How a value behind `=` is read.
enum Reading<'a> {
    /// `--set`: booleans, null and integers are told from text.
    Typed,
    /// `--set-string`
    Text,
    /// `--set-file`: the value names a file.
    File(&'a mut ReadFile<'a>),
    /// `--set-json`
    Json,
    /// `--set-literal`: everything up to the end, nothing is escaped.
    Literal,
}

/// `--set`
pub fn set(text: &str, into: &mut Table) -> Result<(), Error> {
    run(text, into, Reading::Typed)
}

/// `--set-string`
pub fn set_string(text: &str, into: &mut Table) -> Result<(), Error> {
    run(text, into, Reading::Text)
}

/// `--set-file`; the caller reads the files.
pub fn set_file<'a>(text: &str, into: &mut Table, read: &'a mut ReadFile<'a>) -> Result<(), Error> {
    run(text, into, Reading::File(read))
}

/// `--set-json` of `key=JSON` pairs. A whole object is merged by the caller.
pub fn set_json(text: &str, into: &mut Table) -> Result<(), Error> {
    run(text, into, Reading::Json)
}

/// `--set-literal`
pub fn set_literal(text: &str, into: &mut Table) -> Result<(), Error> {
    run(text, into, Reading::Literal)
}

fn run(text: &str, into: &mut Table, reading: Reading<'_>) -> Result<(), Error> {
    let mut written = into.clone();
    Walk { scanner: Scanner::new(text), reading, lists: 0 }.run(&mut written)?;
    *into = written;
    Ok(())
}

/// The value of `--set`'s text.
fn typed(text: String) -> Tree {
    if text.eq_ignore_ascii_case("true") {
        return Tree::Bool(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Tree::Bool(false);
    }
    if text.eq_ignore_ascii_case("null") {
        return Tree::Null;
    }
    // A leading zero makes it text: `007` is no number.
    if (text == "0" || !text.starts_with('0'))
        && let Ok(integer) = text.parse::<i64>()
    {
        return Tree::Int(integer);
    }
    Tree::text(text)
}
