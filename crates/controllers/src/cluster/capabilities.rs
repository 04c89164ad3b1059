//! What a cluster is and serves, as charts may ask for it: its version, and every group-version and kind that can be listed and
//! watched. Two requests where the server knows aggregated discovery, one per group-version where it does not.

use std::collections::BTreeSet;

use kube::Client;
use serde_json::Value;

use super::{Error, discovery};

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;q=0.9";

/// `v1.33.1`, and `apps/v1` and `apps/v1/Deployment`, sorted.
pub(super) async fn of(client: &Client) -> Result<(String, Vec<String>), Error> {
    let version = discovery::get(client, "/version").await?;
    let mut found = BTreeSet::new();
    for root in ["/api", "/apis"] {
        let document = aggregated(client, root).await?;
        if document["kind"] == "APIGroupDiscoveryList" {
            read(&document, &mut found);
        } else {
            one_by_one(client, root, &document, &mut found).await?;
        }
    }
    Ok((version["gitVersion"].as_str().unwrap_or_default().to_string(), found.into_iter().collect()))
}

async fn aggregated(client: &Client, root: &str) -> Result<Value, Error> {
    let request = http::Request::get(root).header("accept", AGGREGATED).body(Vec::new());
    let request = request.map_err(|error| Error::Request(error.to_string()))?;
    client.request::<Value>(request).await.map_err(|error| Error::from_kube("GET", root, error))
}

fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value[field].as_array().into_iter().flatten()
}

fn is_watched(verbs: &[&str]) -> bool {
    verbs.contains(&"list") && verbs.contains(&"watch")
}

fn read(document: &Value, found: &mut BTreeSet<String>) {
    for group in list(document, "items") {
        let name = group.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        for version in list(group, "versions") {
            let group_version = join(name, version["version"].as_str().unwrap_or_default());
            for resource in list(version, "resources") {
                let verbs: Vec<&str> = list(resource, "verbs").filter_map(Value::as_str).collect();
                let kind = resource.pointer("/responseKind/kind").and_then(Value::as_str);
                if let Some(kind) = kind.filter(|_| is_watched(&verbs)) {
                    found.insert(format!("{group_version}/{kind}"));
                    found.insert(group_version.clone());
                }
            }
        }
    }
}

fn join(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_string() } else { format!("{group}/{version}") }
}

async fn one_by_one(client: &Client, root: &str, document: &Value, found: &mut BTreeSet<String>) -> Result<(), Error> {
    let of_groups = list(document, "groups").flat_map(|group| list(group, "versions"));
    let versions = of_groups.filter_map(|version| version["groupVersion"].as_str());
    let versions = versions.chain(list(document, "versions").filter_map(Value::as_str));
    for group_version in versions {
        for (kind, served) in discovery::fetch(client, &format!("{root}/{group_version}")).await? {
            let verbs: Vec<&str> = served.verbs.iter().map(String::as_str).collect();
            if is_watched(&verbs) {
                found.insert(format!("{group_version}/{kind}"));
                found.insert(group_version.to_string());
            }
        }
    }
    Ok(())
}
