//! CEL's grammar: lexer, parser, macros. Sources and trees are bounded, so that every later walk may recurse.

mod lexer;
mod literal;
mod macros;
mod parser;
pub(super) mod tree;

use std::cmp::Ordering;

pub(super) use parser::{Parsed, RESERVED, parse};

/// Characters of one expression, as upstream's parser allows.
const SOURCE_CHARS_MAX: usize = 100_000;
/// Levels of nesting in the source, as upstream's parser allows.
const NESTING_MAX: usize = 250;
/// Levels of the tree, which macros and long sums make deeper than the source. Walks recurse.
const DEPTH_MAX: usize = 300;
/// Nodes of the tree: nested macros that copy their target would double it with each level.
const NODES_MAX: usize = 200_000;

/// Something wrong at a place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// Faults as upstream prints them: `ERROR: <input>:1:5: ...` with the line and a mark under it.
pub(super) fn show(source: &str, mut faults: Vec<Fault>) -> String {
    let chars: Vec<char> = source.chars().collect();
    faults.sort_by(|left, right| if left.at == right.at { Ordering::Equal } else { left.at.cmp(&right.at) });
    let shown: Vec<String> = faults.iter().map(|fault| show_one(&chars, fault)).collect();
    shown.join("\n")
}

fn show_one(source: &[char], fault: &Fault) -> String {
    let at = fault.at.min(source.len());
    let line = source[..at].iter().filter(|c| **c == '\n').count() + 1;
    let start = source[..at].iter().rposition(|c| *c == '\n').map_or(0, |before| before + 1);
    let end = source[start..].iter().position(|c| *c == '\n').map_or(source.len(), |length| start + length);
    let (column, snippet) = (at - start, &source[start..end]);
    let mut shown = format!("ERROR: <input>:{line}:{}: {}\n | ", column + 1, fault.message);
    shown.extend(snippet.iter().map(|c| if *c == '\t' { ' ' } else { *c }));
    shown.push_str("\n | ");
    let wide = |c: Option<&char>| c.is_some_and(|c| !c.is_ascii());
    for index in 0..column.min(snippet.len()) {
        shown.push(if wide(snippet.get(index)) { '\u{ff0e}' } else { '.' });
    }
    shown.push(if wide(snippet.get(column)) { '\u{ff3e}' } else { '^' });
    shown
}
