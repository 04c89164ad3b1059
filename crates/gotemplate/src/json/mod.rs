//! JSON as Go's encoding/json writes and reads it: sorted keys, HTML's characters escaped unless told otherwise, Go's look of
//! floats, U+FFFD for what is not UTF-8; numbers are read as float64, and errors have Go's words.

mod functions;
mod read;
mod write;

pub(crate) use functions::FUNCTIONS;
pub use read::read;
pub use write::{write, write_pretty, write_raw};

/// How deep maps and lists may nest, in reading and in writing. Go reads ten times as much; no chart nests as deep.
const DEPTH_MAX: usize = 1_000;

#[cfg(test)]
mod tests;
