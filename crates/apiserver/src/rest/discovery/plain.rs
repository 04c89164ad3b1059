//! The plain forms: APIVersions, APIGroupList, APIGroup, APIResourceList.

use serde_json::{Value, json};

use super::{Group, groups};
use crate::{Objects, Resource};

/// `None` for a path that names nothing.
pub(super) fn document(objects: &Objects, path: &str) -> Option<Value> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let groups = groups(objects);
    let find = |name: &str| groups.iter().find(|group| group.name == name);
    match parts.as_slice() {
        ["api"] => Some(json!({
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": [],
        })),
        ["apis"] => {
            let list: Vec<Value> = groups.iter().filter(|group| !group.name.is_empty()).map(group).collect();
            Some(json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": list }))
        }
        ["apis", name] if !name.is_empty() => {
            let mut document = group(find(name)?);
            document["kind"] = json!("APIGroup");
            document["apiVersion"] = json!("v1");
            Some(document)
        }
        ["api", version] => resources(find("")?, version),
        ["apis", name, version] => resources(find(name)?, version),
        _ => None,
    }
}

fn group(group: &Group) -> Value {
    let version = |version: &str| json!({ "groupVersion": format!("{}/{version}", group.name), "version": version });
    let versions: Vec<Value> = group.versions.iter().map(|(name, _)| version(name)).collect();
    json!({ "name": group.name, "preferredVersion": versions.first(), "versions": versions })
}

fn resources(group: &Group, version: &str) -> Option<Value> {
    let (_, resources) = group.versions.iter().find(|(name, _)| name == version)?;
    let group_version = if group.name.is_empty() { version.to_string() } else { format!("{}/{version}", group.name) };
    let list: Vec<Value> = resources.iter().flat_map(|resource| entries(resource)).collect();
    Some(json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": list }))
}

/// The resource, then its subresources.
fn entries(resource: &Resource) -> Vec<Value> {
    let mut main = json!({
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": resource.verbs,
    });
    if !resource.short_names.is_empty() {
        main["shortNames"] = json!(resource.short_names);
    }
    if !resource.categories.is_empty() {
        main["categories"] = json!(resource.categories);
    }
    if resource.is_stored() {
        main["storageVersionHash"] = json!(storage_hash(resource));
    }
    let mut entries = vec![main];
    for part in &resource.parts {
        let mut entry = json!({
            "name": format!("{}/{}", resource.plural, part.name),
            "singularName": "",
            "namespaced": resource.namespaced,
            "kind": part.kind,
            "verbs": part.verbs,
        });
        if part.group != resource.group || part.version != resource.version {
            entry["group"] = json!(part.group);
            entry["version"] = json!(part.version);
        }
        entries.push(entry);
    }
    entries
}

/// As upstream: the first 8 bytes of a hash of group, storage version and kind.
fn storage_hash(resource: &Resource) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};
    let stored = resource.storage_api_version();
    let (group, version) = api::names::split_api_version(&stored);
    let digest = Sha256::digest(format!("{group}/{version}/{}", resource.kind));
    BASE64_STANDARD.encode(&digest[..8])
}
