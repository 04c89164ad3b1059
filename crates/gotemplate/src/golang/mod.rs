//! The functions that text/template itself brings: logic, comparison, length, indexing, printing and escaping.

use crate::function::Function;

pub(crate) const FUNCTIONS: &[Function] = &[];
