//! Facts of Azure's resource types, as data: schemas per api-version, flattening, references, secrets, create-only
//! properties, status codes. The same facts drive the CRDs, the mapping from spec to ARM, the twin's validation and the
//! plan.
//!
//! Entry points: [`builtin`] (what this build carries), [`Catalogue`] (look-ups), [`validate::validate_body`] (what Azure
//! would refuse), [`crd::definition`] (the CustomResourceDefinition of a kind), [`project`] (how a spec's or a status's
//! fields map to the ARM body).
//!
//! The crate does no I/O; its data is compiled by `cargo xtask catalogue` and committed. Types are decoded at first use.

pub mod codec;
pub mod compile;
pub mod crd;
pub mod facts;
pub mod node;
pub mod project;
pub mod resource;
pub mod validate;

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

pub use facts::{Facts, Owner, SecretAction};
pub use node::{Flags, Function, Node, Object, Property, TypeRef};
pub use resource::{Catalogue, ResourceType, Scopes, Type};
pub use validate::{BodyError, BodyErrorKind, validate_body, validate_name};

/// The catalogue that this build carries.
pub fn builtin() -> &'static Catalogue {
    static BUILTIN: OnceLock<Catalogue> = OnceLock::new();
    BUILTIN.get_or_init(|| {
        codec::decode(include_bytes!("../data/catalogue.bin")).expect("the committed catalogue is checked by a test")
    })
}
