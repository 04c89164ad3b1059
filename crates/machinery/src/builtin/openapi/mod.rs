//! OpenAPI v3 documents of a group-version: what kubectl and helm read before they write, and what `kubectl explain` prints.
//!
//! A document holds the paths of the kinds given and every schema that they reach, no more. Built-in schemas carry no
//! descriptions: upstream's texts are not ours to copy. Custom resources keep what their CRD says.

mod components;
mod paths;
#[cfg(test)]
mod tests;
mod v2;
mod v2_protobuf;

use serde_json::{Map, Value, json};

use super::Kind;
use components::Components;
pub use v2::openapi_v2;
pub use v2_protobuf::openapi_v2_protobuf;

/// One kind of the group-version.
#[derive(Clone, Copy, Debug)]
pub enum Entry<'a> {
    Builtin(&'a Kind),
    Custom(CustomEntry<'a>),
}

/// A version of a CRD.
#[derive(Clone, Copy, Debug)]
pub struct CustomEntry<'a> {
    pub group: &'a str,
    pub version: &'a str,
    pub kind: &'a str,
    pub list_kind: &'a str,
    pub plural: &'a str,
    pub namespaced: bool,
    /// `openAPIV3Schema` as the user wrote it.
    pub schema: Option<&'a Value>,
    pub status: bool,
    pub scale: bool,
}

/// The document of one group-version; `group` is empty for the core group.
pub fn openapi_v3(group: &str, version: &str, entries: &[Entry<'_>]) -> Value {
    let mut components = Components::new(group, version);
    let mut documented = Map::new();
    for entry in entries {
        let resource = match entry {
            Entry::Builtin(kind) => paths::builtin(kind),
            Entry::Custom(custom) => {
                components.insert_custom(custom);
                paths::custom(custom)
            }
        };
        resource.write(&mut documented, &mut components);
    }
    json!({
        "openapi": "3.0.0",
        "info": { "title": "Kubernetes", "version": "unversioned" },
        "paths": documented,
        "components": { "schemas": components.reachable() },
    })
}

fn reference(type_name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{type_name}") })
}

fn group_version_kind(group: &str, version: &str, kind: &str) -> Value {
    json!({ "group": group, "version": version, "kind": kind })
}
