//! What Helm adds to Sprig: other templates from within a template (`flow`) and documents as values and back (`documents`).

mod documents;
mod flow;

use crate::function::Function;

pub use flow::{WARNING_END, WARNING_START};

pub(crate) const DOCUMENTS: &[Function] = documents::FUNCTIONS;
pub(crate) const FLOW: &[Function] = flow::FUNCTIONS;

#[cfg(test)]
mod tests;
