//! TOML as Helm's functions have it: written as BurntSushi/toml writes it, read with the crate `toml`.
//!
//! What is read agrees with the Go library; the texts of errors are those of the crate, after the Go library's `toml: line N: `.

mod functions;
mod read;
mod write;

pub(crate) use functions::FUNCTIONS;
pub use read::read;
pub use write::write;

#[cfg(test)]
mod tests;
