//! Which kinds a cluster serves, and under which paths. Answers are cached per group-version; a kind that is not in the
//! cache is asked for again, because a CustomResourceDefinition may just have been made.

use std::collections::BTreeMap;

use api::names::GroupVersionKind;
use kube::Client;
use parking_lot::Mutex;
use serde_json::Value;

use super::{Error, patience::patiently};

/// How one kind is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    pub plural: String,
    pub namespaced: bool,
    pub short_names: Vec<String>,
    pub verbs: Vec<String>,
    pub status_subresource: bool,
}

impl Served {
    fn root(gvk: &GroupVersionKind) -> String {
        if gvk.group.is_empty() {
            format!("/api/{}", gvk.version)
        } else {
            format!("/apis/{}/{}", gvk.group, gvk.version)
        }
    }

    /// Where objects of the kind are listed and created; an empty namespace is all of them.
    pub fn collection_path(&self, gvk: &GroupVersionKind, namespace: &str) -> String {
        let root = Self::root(gvk);
        if self.namespaced && !namespace.is_empty() {
            format!("{root}/namespaces/{namespace}/{}", self.plural)
        } else {
            format!("{root}/{}", self.plural)
        }
    }

    pub fn object_path(&self, gvk: &GroupVersionKind, namespace: &str, name: &str) -> String {
        format!("{}/{name}", self.collection_path(gvk, namespace))
    }
}

type Kinds = BTreeMap<String, Served>;

#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<BTreeMap<(String, String), Kinds>>);

impl Cache {
    pub(super) async fn find(&self, client: &Client, gvk: &GroupVersionKind) -> Result<Option<Served>, Error> {
        let key = (gvk.group.clone(), gvk.version.clone());
        if let Some(served) = self.0.lock().get(&key).and_then(|kinds| kinds.get(&gvk.kind)) {
            return Ok(Some(served.clone()));
        }
        let kinds = match fetch(client, &Served::root(gvk)).await {
            Ok(kinds) => kinds,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let found = kinds.get(&gvk.kind).cloned();
        self.0.lock().insert(key, kinds);
        Ok(found)
    }
}

/// Every listable kind in the preferred version of its group.
pub(super) async fn all(client: &Client) -> Result<Vec<(GroupVersionKind, Served)>, Error> {
    let mut versions = vec![(String::new(), "v1".to_string())];
    let groups = get(client, "/apis").await?;
    for group in groups["groups"].as_array().into_iter().flatten() {
        let name = group["name"].as_str().unwrap_or_default();
        let version = group.pointer("/preferredVersion/version").and_then(Value::as_str).unwrap_or_default();
        versions.push((name.to_string(), version.to_string()));
    }
    let mut found = Vec::new();
    for (group, version) in versions {
        let root = Served::root(&GroupVersionKind::new(&group, &version, ""));
        for (kind, served) in fetch(client, &root).await? {
            if served.verbs.iter().any(|verb| verb == "list") && served.verbs.iter().any(|verb| verb == "watch") {
                found.push((GroupVersionKind::new(&group, &version, kind), served));
            }
        }
    }
    Ok(found)
}

pub(super) async fn fetch(client: &Client, root: &str) -> Result<Kinds, Error> {
    let list = get(client, root).await?;
    let resources = list["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut kinds = Kinds::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    for resource in resources.iter().filter(|resource| !text(&resource["name"]).contains('/')) {
        let plural = text(&resource["name"]);
        let status = format!("{plural}/status");
        let served = Served {
            namespaced: resource["namespaced"].as_bool().unwrap_or(false),
            short_names: resource["shortNames"].as_array().into_iter().flatten().map(text).collect(),
            verbs: resource["verbs"].as_array().into_iter().flatten().map(text).collect(),
            status_subresource: resources.iter().any(|other| other["name"] == status.as_str()),
            plural,
        };
        kinds.insert(text(&resource["kind"]), served);
    }
    Ok(kinds)
}

/// One read, asked for as often as it takes to be answered, within reason.
pub(super) async fn get(client: &Client, path: &str) -> Result<Value, Error> {
    patiently(|| async {
        let request = http::Request::get(path).body(Vec::new()).map_err(|error| Error::Request(error.to_string()))?;
        client.request::<Value>(request).await.map_err(|error| Error::from_kube("GET", path, error))
    })
    .await
}
