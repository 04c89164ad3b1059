//! What is known of Kubernetes' built-in types: the kinds that this server serves, the schemas of every upstream type,
//! protobuf bodies to JSON, and OpenAPI v3 documents.
//!
//! What can be data is data: [`kinds`] are short tables written by hand, the types come from the committed facts table that
//! `cargo xtask facts` compiles. To serve another kind, add it to the tables. Code is what depends on
//! other fields: [`default`] and [`validate`].

mod autoscaling;
mod canonical;
mod defaulting;
mod facts;
mod kinds;
mod openapi;
mod overlay;
mod protobuf;
mod quantity;
mod schemas;
#[cfg(test)]
mod tests;
mod validation;

use std::sync::OnceLock;

use crate::schema::Schema;

pub use autoscaling::{autoscaler_to_v1, autoscaler_to_v2};
pub use canonical::canonicalize;
pub use defaulting::default;
pub use kinds::{Kind, Subresource, by_resource, kind, kinds};
pub use openapi::{CustomEntry, Entry, openapi_v2, openapi_v2_protobuf, openapi_v3};
pub use protobuf::decode_protobuf;
pub use validation::validate;

/// The schemas of named built-in types, each built when it is first asked for.
#[derive(Debug)]
pub struct Types(&'static facts::Table);

impl Types {
    /// By OpenAPI name, `io.k8s.api.core.v1.PodSpec`; every upstream type is known, served or not.
    pub fn get(&self, name: &str) -> Option<&'static Schema> {
        self.0.get(name).map(schemas::schema)
    }
}

pub fn types() -> &'static Types {
    static TYPES: OnceLock<Types> = OnceLock::new();
    TYPES.get_or_init(|| Types(facts::table()))
}

/// The schema of an upstream kind, served or not, lists and parts of other kinds (`Scale`, `TokenRequest`) included.
pub fn schema(group: &str, version: &str, kind: &str) -> Option<&'static Schema> {
    facts::table().kind(group, version, kind).map(schemas::schema)
}
