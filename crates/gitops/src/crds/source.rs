//! `ApplicationSource`, which upstream's definition repeats in seven places.

use serde_json::{Value, json};

use super::shape::{boolean, list, map, object, requiring, string, strings};

/// One source: a directory, a chart, a kustomization or a plugin.
pub(super) fn source() -> Value {
    requiring(
        &["repoURL"],
        [
            ("chart", string()),
            ("directory", directory()),
            ("helm", helm()),
            ("kustomize", kustomize()),
            ("name", string()),
            ("path", string()),
            ("plugin", plugin()),
            ("ref", string()),
            ("repoURL", string()),
            ("tagPrefix", string()),
            ("targetRevision", string()),
        ],
    )
}

/// The hydrator's dry source has fewer fields.
pub(super) fn dry_source() -> Value {
    requiring(
        &["path", "repoURL", "targetRevision"],
        [
            ("directory", directory()),
            ("helm", helm()),
            ("kustomize", kustomize()),
            ("path", string()),
            ("plugin", plugin()),
            ("repoURL", string()),
            ("targetRevision", string()),
        ],
    )
}

fn directory() -> Value {
    let variable = requiring(&["name", "value"], [("code", boolean()), ("name", string()), ("value", string())]);
    object([
        ("disableExtensionFilter", boolean()),
        ("exclude", string()),
        ("include", string()),
        ("jsonnet", object([("extVars", list(variable.clone())), ("libs", strings()), ("tlas", list(variable))])),
        ("recurse", boolean()),
    ])
}

fn helm() -> Value {
    object([
        ("apiVersions", strings()),
        ("fileParameters", list(object([("name", string()), ("path", string())]))),
        ("ignoreMissingValueFiles", boolean()),
        ("kubeVersion", string()),
        ("namespace", string()),
        ("parameters", list(object([("forceString", boolean()), ("name", string()), ("value", string())]))),
        ("passCredentials", boolean()),
        ("releaseName", string()),
        ("skipCrds", boolean()),
        ("skipSchemaValidation", boolean()),
        ("skipTests", boolean()),
        ("valueFiles", strings()),
        ("values", string()),
        ("valuesObject", json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true })),
        ("version", string()),
    ])
}

fn kustomize() -> Value {
    let target = object([
        ("annotationSelector", string()),
        ("group", string()),
        ("kind", string()),
        ("labelSelector", string()),
        ("name", string()),
        ("namespace", string()),
        ("version", string()),
    ]);
    let patch = object([("options", map(boolean())), ("patch", string()), ("path", string()), ("target", target)]);
    let count = json!({ "anyOf": [{ "type": "integer" }, { "type": "string" }], "x-kubernetes-int-or-string": true });
    object([
        ("apiVersions", strings()),
        ("commonAnnotations", map(string())),
        ("commonAnnotationsEnvsubst", boolean()),
        ("commonLabels", map(string())),
        ("components", strings()),
        ("forceCommonAnnotations", boolean()),
        ("forceCommonLabels", boolean()),
        ("ignoreMissingComponents", boolean()),
        ("images", strings()),
        ("kubeVersion", string()),
        ("labelIncludeTemplates", boolean()),
        ("labelWithoutSelector", boolean()),
        ("namePrefix", string()),
        ("nameSuffix", string()),
        ("namespace", string()),
        ("patches", list(patch)),
        ("replicas", list(requiring(&["count", "name"], [("count", count), ("name", string())]))),
        ("version", string()),
    ])
}

fn plugin() -> Value {
    let parameter = object([("array", strings()), ("map", map(string())), ("name", string()), ("string", string())]);
    object([("env", pairs()), ("name", string()), ("parameters", list(parameter))])
}

/// A list of `{name, value}`.
pub(super) fn pairs() -> Value {
    list(requiring(&["name", "value"], [("name", string()), ("value", string())]))
}
