//! Runs templates: Go's semantics on a stack machine of our own.

mod arguments;
mod compile;
mod compile_pipe;
mod failure;
mod fields;
mod machine;
mod op;
mod range;
mod reads;
mod run;
mod templates;
mod truth;

pub use reads::Reads;
pub use run::{Limits, Run};
pub use templates::{Parsed, Templates};
pub use truth::is_true;

#[cfg(test)]
mod tests;
