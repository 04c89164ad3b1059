//! Between the Kubernetes form of a resource and its ARM body, by the catalogue's facts: spec to body, body to status, and
//! which properties of two bodies differ.

pub mod compare;
mod inputs;
pub mod settled;
pub mod to_arm;
pub mod to_status;

pub use compare::{Difference, differences};
pub use settled::Settled;
pub use to_arm::{body, masked};
pub use to_status::status;

use api::ObjectExt;
use catalogue::{Catalogue, Node, ResourceType, crd, facts::Naming};
use serde_json::Value;
use uuid::Uuid;

/// The api-version that an object was applied with, which is the one that Azure is asked with: the storage version
/// carries it in `spec.originalVersion`; otherwise the manager that wrote the spec last has it in `managedFields`;
/// otherwise it is the version that the object was read with.
pub fn resource_type<'a>(catalogue: &'a Catalogue, object: &Value) -> Option<&'a ResourceType> {
    let (group, read_version) = api::names::split_api_version(object.api_version()?);
    let kind = object.kind()?;
    let facts = catalogue.facts(group, kind)?;
    let by_version = |version: &str| catalogue.resource_by_kind(group, version, kind);
    let original = object.pointer("/spec/originalVersion").and_then(Value::as_str).and_then(by_version);
    let applied = || {
        let managers = object.pointer("/metadata/managedFields")?.as_array()?;
        let wrote_spec = managers.iter().filter(|entry| {
            entry.pointer("/fieldsV1/f:spec").is_some()
                && entry.get("subresource").is_none()
                && entry["apiVersion"].as_str().is_some_and(|version| !version.ends_with("storage"))
        });
        let last = wrote_spec.max_by_key(|entry| entry["time"].as_str().unwrap_or_default().to_string())?;
        by_version(api::names::split_api_version(last["apiVersion"].as_str()?).1)
    };
    original.or_else(applied).or_else(|| by_version(read_version)).or_else(|| by_version(&crd::storage_version(facts)))
}

/// The name in Azure: `spec.azureName`, else what upstream's webhook would have set.
pub fn azure_name(catalogue: &Catalogue, resource: &ResourceType, object: &Value) -> String {
    if let Some(Node::Literal(only)) = resource.name.map(|of| catalogue.node(of)) {
        return only.to_string();
    }
    let given = object.pointer("/spec/azureName").and_then(Value::as_str).filter(|name| !name.is_empty());
    if let Some(name) = given {
        return name.to_string();
    }
    let name = object.name().unwrap_or_default();
    match resource.facts.as_ref().map(|facts| facts.naming).unwrap_or_default() {
        Naming::MetadataName => name.to_string(),
        Naming::Uuid => {
            let owner = &object["spec"]["owner"];
            let part = |field: &str| owner[field].as_str().unwrap_or_default().to_string();
            let parts =
                [object.namespace().unwrap_or_default().to_string(), name.to_string(), part("group"), part("kind")];
            let seed = format!("{}/{}{}", parts.join("/"), part("name"), part("armId"));
            Uuid::new_v5(&Uuid::NAMESPACE_URL, seed.as_bytes()).to_string()
        }
    }
}

/// Sets a value inside nested objects, making them as needed.
pub(crate) fn set(into: &mut serde_json::Map<String, Value>, segments: &[std::sync::Arc<str>], value: Value) {
    match segments {
        [] => {}
        [last] => {
            into.insert(last.to_string(), value);
        }
        [first, rest @ ..] => {
            let inner = into.entry(first.to_string()).or_insert_with(|| Value::Object(serde_json::Map::new()));
            if let Some(inner) = inner.as_object_mut() {
                set(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod roundtrip;
#[cfg(test)]
mod tests;
