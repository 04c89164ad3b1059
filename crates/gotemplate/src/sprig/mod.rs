//! Sprig's functions (Masterminds/sprig v3), by theme. Each module brings its table `FUNCTIONS`; `functions` puts them together.
//!
//! Arguments arrive checked and converted. Where Go's function panics, the text of the panic is the function's error, as
//! text/template makes it one.

mod address;
pub(crate) mod arguments;
pub(crate) mod casing;
mod cast;
mod decimal;
pub(crate) mod defaults;
pub(crate) mod dicts;
pub(crate) mod encodings;
pub(crate) mod equal;
pub(crate) mod limits;
pub(crate) mod lists;
mod merge;
pub(crate) mod numbers;
pub(crate) mod paths;
pub(crate) mod printing;
pub(crate) mod random;
pub(crate) mod reflection;
pub(crate) mod regex;
mod runes;
pub(crate) mod strings;
pub(crate) mod url;
pub(crate) mod words;

#[cfg(test)]
mod tests;
