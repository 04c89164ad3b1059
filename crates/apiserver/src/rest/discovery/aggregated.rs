//! The aggregated form: `apidiscovery.k8s.io/v2` APIGroupDiscoveryList, one document for `/api` and one for `/apis`.

use serde_json::{Value, json};

use super::{Group, groups};
use crate::{Objects, Resource};

pub(super) fn document(objects: &Objects, path: &str) -> Value {
    let core = path == "/api";
    let items: Vec<Value> = groups(objects).iter().filter(|group| group.name.is_empty() == core).map(group).collect();
    json!({ "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items })
}

fn group(group: &Group) -> Value {
    let versions: Vec<Value> = group
        .versions
        .iter()
        .map(|(version, resources)| {
            let resources: Vec<Value> = resources.iter().map(|resource| entry(resource)).collect();
            json!({ "version": version, "resources": resources, "freshness": "Current" })
        })
        .collect();
    let mut metadata = json!({ "creationTimestamp": null });
    if !group.name.is_empty() {
        metadata["name"] = json!(group.name);
    }
    json!({ "metadata": metadata, "versions": versions })
}

fn kind(group: &str, version: &str, kind: &str) -> Value {
    json!({ "group": group, "version": version, "kind": kind })
}

fn entry(resource: &Resource) -> Value {
    let parts: Vec<Value> = resource
        .parts
        .iter()
        .map(|part| {
            json!({
                "subresource": part.name,
                "responseKind": kind(&part.group, &part.version, &part.kind),
                "verbs": part.verbs,
            })
        })
        .collect();
    let mut entry = json!({
        "resource": resource.plural,
        "responseKind": kind(&resource.group, &resource.version, &resource.kind),
        "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": resource.singular,
        "verbs": resource.verbs,
    });
    if !resource.short_names.is_empty() {
        entry["shortNames"] = json!(resource.short_names);
    }
    if !resource.categories.is_empty() {
        entry["categories"] = json!(resource.categories);
    }
    if !parts.is_empty() {
        entry["subresources"] = json!(parts);
    }
    entry
}
