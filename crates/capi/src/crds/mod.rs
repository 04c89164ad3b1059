//! The CustomResourceDefinitions of Cluster API (v1beta1) and of CAPZ's ASO API (v1alpha1 and v1beta1 with one schema).
//! What upstream's webhooks refuse is refused here by schema and rules with upstream's words, as far as a schema can say it.
//!
//! Kinds without a controller of ours are not here: a kind that nobody works on would be a silent lie. The exceptions are
//! AzureClusterIdentity and the templates of a ClusterClass, which are data that others read.

mod azure;
mod bootstrap;
mod class;
mod core;
mod schema;
#[cfg(test)]
mod tests;
mod topology;

use serde_json::{Value, json};

/// The definitions to install, in a form that the API server accepts as they are.
pub fn crds() -> Vec<Value> {
    let mut crds = vec![core::cluster(), class::cluster_class(), core::machine_pool()];
    crds.extend(bootstrap::definitions());
    crds.extend(azure::definitions());
    crds
}

struct Definition {
    group: &'static str,
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    provider: &'static str,
    /// The value of the contract label `cluster.x-k8s.io/v1beta1`.
    contract: &'static str,
    columns: Vec<Value>,
    /// Versions from old to new; the last one is stored. All have one schema, so that nothing is converted.
    versions: &'static [&'static str],
    schema: Value,
}

impl Definition {
    fn build(self) -> Value {
        let stored = self.versions.last().copied().unwrap_or_default();
        let status = self.schema.pointer("/properties/status").is_some();
        let version = |name: &&str| {
            let mut version = json!({
                "name": name,
                "served": true,
                "storage": *name == stored,
                "additionalPrinterColumns": self.columns,
                "schema": {"openAPIV3Schema": self.schema},
            });
            if status {
                version["subresources"] = json!({"status": {}});
            }
            version
        };
        let versions: Vec<Value> = self.versions.iter().map(version).collect();
        json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {
                "name": format!("{}.{}", self.plural, self.group),
                "labels": {
                    "cluster.x-k8s.io/provider": self.provider,
                    "cluster.x-k8s.io/v1beta1": self.contract,
                    "clusterctl.cluster.x-k8s.io": "",
                },
            },
            "spec": {
                "group": self.group,
                "scope": "Namespaced",
                "names": {
                    "kind": self.kind,
                    "listKind": format!("{}List", self.kind),
                    "plural": self.plural,
                    "singular": self.kind.to_ascii_lowercase(),
                    "shortNames": self.short,
                    "categories": ["cluster-api"],
                },
                "versions": versions,
            },
        })
    }
}

fn column(name: &str, kind: &str, path: &str) -> Value {
    json!({"name": name, "type": kind, "jsonPath": path})
}

/// Shown with `-o wide` only.
fn wide(name: &str, kind: &str, path: &str) -> Value {
    json!({"name": name, "type": kind, "jsonPath": path, "priority": 10})
}
