//! Go's `fmt` and `strconv` as templates see them: how values, text and numbers look.

mod quote;
pub(crate) mod runes;

pub use quote::quote;
