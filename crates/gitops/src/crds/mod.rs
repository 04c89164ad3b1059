//! The CustomResourceDefinitions that Windlass serves for argoproj.io: Application and AppProject, field for field as
//! upstream publishes them (Argo CD 3.6), so that pruning drops exactly what upstream's drops.
//!
//! ApplicationSet is not here: its controller does not exist yet, and a kind without a controller would be a silent lie.

mod application;
mod project;
mod shape;
mod source;

use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// The definitions to install, in a form that the API server accepts as they are.
pub fn crds() -> Vec<Value> {
    vec![application::definition(), project::definition()]
}

struct Names {
    kind: &'static str,
    plural: &'static str,
    singular: &'static str,
    short: &'static [&'static str],
}

fn crd(names: &Names, mut version: Value, schema: Value) -> Value {
    version["name"] = json!("v1alpha1");
    version["served"] = json!(true);
    version["storage"] = json!(true);
    version["schema"] = json!({ "openAPIV3Schema": schema });
    let name = format!("{}.argoproj.io", names.plural);
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": name,
            "labels": { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "argocd" },
        },
        "spec": {
            "group": "argoproj.io",
            "scope": "Namespaced",
            "names": {
                "kind": names.kind,
                "listKind": format!("{}List", names.kind),
                "plural": names.plural,
                "singular": names.singular,
                "shortNames": names.short,
            },
            "versions": [version],
        },
    })
}
