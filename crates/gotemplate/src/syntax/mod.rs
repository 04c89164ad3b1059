//! The syntax of templates: text to [`Tree`]s, with everything that Go checks while it parses and with its words for what is wrong.
//! Does not run anything.

mod item;
mod lexer;
mod number;
mod parser;
mod pipeline;
mod registry;
mod show;
mod tree;

pub(crate) use item::Span;
pub(crate) use number::Number;
pub(crate) use parser::parse;
pub(crate) use registry::Registry;
pub(crate) use tree::{Fields, NodeId, Operand, PipeId, Statement, Tree};

#[cfg(test)]
mod tests;
