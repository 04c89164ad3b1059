//! A CustomResourceDefinition as the resources it serves. The definition has been validated before.

use std::sync::{Arc, OnceLock};

use api::ObjectExt;
use bytes::Bytes;
use serde_json::{Value, json};
use store::Revision;

use super::{Custom, Origin, Part, Resource, ScalePaths};

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(Into::into).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

/// What a definition serves: nothing before its names are accepted.
pub(crate) fn resources_of(definition: &Value, since: Revision) -> Vec<Arc<Resource>> {
    let versions = definition.pointer("/spec/versions").and_then(Value::as_array);
    let versions = versions.map(Vec::as_slice).unwrap_or_default();
    let storage = versions.iter().find(|version| version["storage"] == true).map(|version| text(&version["name"]));
    let served = versions.iter().filter(|version| version["served"] == true);
    served
        .map(|version| Arc::new(resource(definition, version, storage.as_deref().unwrap_or_default(), since)))
        .collect()
}

fn resource(definition: &Value, version: &Value, storage: &str, since: Revision) -> Resource {
    let spec = &definition["spec"];
    // Names that another definition holds are not served: what was accepted counts.
    let names = &definition["status"]["acceptedNames"];
    let (group, name) = (text(&spec["group"]), text(&version["name"]));
    let kind = text(&names["kind"]);
    let has_status = version.pointer("/subresources/status").is_some();
    let mut parts = Vec::new();
    if has_status {
        parts.push(part("status", &group, &name, &kind));
    }
    let scale = version.pointer("/subresources/scale").map(|scale| ScalePaths {
        spec_replicas: text(&scale["specReplicasPath"]),
        status_replicas: text(&scale["statusReplicasPath"]),
        selector: text(&scale["labelSelectorPath"]),
    });
    if scale.is_some() {
        parts.push(Part { group: "autoscaling".into(), version: "v1".into(), ..part("scale", "", "", "Scale") });
    }
    let verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    let openapi = version.pointer("/schema/openAPIV3Schema").cloned().unwrap_or_else(|| json!({}));
    let selectable = version.get("selectableFields").and_then(Value::as_array).into_iter().flatten();
    Resource {
        list_kind: match text(&names["listKind"]) {
            empty if empty.is_empty() => format!("{kind}List"),
            list_kind => list_kind,
        },
        kind: kind.clone(),
        plural: text(&names["plural"]),
        singular: text(&names["singular"]),
        short_names: texts(&names["shortNames"]),
        categories: texts(&names["categories"]),
        namespaced: spec["scope"] == "Namespaced",
        verbs: verbs.map(Into::into).to_vec(),
        parts,
        origin: Origin::Custom(Box::new(Custom {
            definition: definition.name().unwrap_or_default().into(),
            definition_uid: definition.uid().unwrap_or_default().into(),
            since,
            storage_version: storage.into(),
            terminating: definition.deletion_timestamp().is_some(),
            has_status,
            scale,
            columns: version.get("additionalPrinterColumns").cloned().unwrap_or(Value::Null),
            selectable_fields: selectable.map(|field| text(&field["jsonPath"])).collect(),
            deprecation: deprecation(version, &group, &name, &kind),
            openapi: Bytes::from(serde_json::to_vec(&openapi).unwrap_or_default()),
            compiled: OnceLock::new(),
        })),
        group,
        version: name,
    }
}

fn part(name: &str, group: &str, version: &str, kind: &str) -> Part {
    let verbs = ["get", "patch", "update"].map(Into::into).to_vec();
    Part { name: name.into(), group: group.into(), version: version.into(), kind: kind.into(), verbs }
}

fn deprecation(version: &Value, group: &str, name: &str, kind: &str) -> Option<String> {
    (version["deprecated"] == true).then(|| match version["deprecationWarning"].as_str() {
        Some(warning) => warning.to_string(),
        None => format!("{group}/{name} {kind} is deprecated"),
    })
}
