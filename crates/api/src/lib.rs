//! Wire types, names and small vocabularies that every layer shares.
//!
//! Entry points: [`object::ObjectExt`] (reading and writing metadata of any object), [`status::Status`] (the error body
//! of the Kubernetes API), [`env`] (clock and entropy as inputs), [`class::Class`] (what an error means for a retry),
//! [`transport`] (what HTTP clients decide alike).
//!
//! This crate does no I/O, reads no clock and knows no other crate of ours.

pub mod argoproj;
pub mod class;
pub mod condition;
pub mod env;
pub mod files;
pub mod go;
pub mod hex;
pub mod names;
pub mod object;
pub mod redacted;
pub mod status;
pub mod transport;

pub use class::Class;
pub use object::{ObjectExt, text};
pub use redacted::Redacted;
