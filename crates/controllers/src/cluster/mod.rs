//! The Kubernetes API, untyped, as one controller sees it: objects are JSON values, kinds are found by discovery, writes are
//! [`actions::Write`]s with this controller's field manager. Knows no kind by name.

mod capabilities;
mod discovery;
mod error;
mod execute;
mod kinds;
mod patience;
mod remote;
mod watch;

use std::sync::Arc;

use api::{
    Class,
    names::{GroupVersionKind, ObjectRef},
};
use kube::Client;
use serde_json::Value;

use crate::runtime::Backoff;

pub use discovery::Served;
pub use error::Error;
pub(crate) use kinds::{Kinds, Watching};
pub(crate) use patience::patiently;
pub use remote::Remotes;
pub(crate) use watch::Change;

/// A client with a field manager and a cache of what kinds are served. Cheap to clone.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    manager: &'static str,
    discovery: Arc<discovery::Cache>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("manager", &self.manager).finish_non_exhaustive()
    }
}

impl Cluster {
    /// `manager` is the field manager of every write.
    pub fn new(client: Client, manager: &'static str) -> Self {
        Self { client, manager, discovery: Arc::default() }
    }

    /// The same way and identity, with another field manager.
    pub fn writing_as(&self, manager: &'static str) -> Self {
        Self { manager, ..self.clone() }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// How the kind is served; `None` when it is not.
    pub async fn served(&self, gvk: &GroupVersionKind) -> Result<Option<Served>, Error> {
        self.discovery.find(&self.client, gvk).await
    }

    /// As [`Cluster::served`], but a failure that may pass is no answer: it is asked again. For what is looked up only once.
    pub async fn served_at_last(&self, gvk: &GroupVersionKind) -> Option<Served> {
        let mut failures = 0;
        loop {
            let error = match self.served(gvk).await {
                Ok(served) => return served,
                Err(error) => error,
            };
            tracing::warn!(kind = %gvk, error = error.message(), "the kind cannot be looked up");
            if matches!(error.class(), Class::Denied | Class::Invalid | Class::Bug) {
                return None;
            }
            failures += 1;
            tokio::time::sleep(Backoff::default().delay(failures)).await;
        }
    }

    /// Every kind that can be listed and watched, each in its preferred version.
    pub async fn kinds(&self) -> Result<Vec<(GroupVersionKind, Served)>, Error> {
        discovery::all(&self.client).await
    }

    /// The cluster's version, and every `group/version` and `group/version/Kind` that can be listed and watched.
    pub async fn capabilities(&self) -> Result<(String, Vec<String>), Error> {
        capabilities::of(&self.client).await
    }

    /// The object; `None` when it, or its kind, is not there.
    pub async fn get(&self, target: &ObjectRef) -> Result<Option<Value>, Error> {
        let Some(served) = self.served(&target.gvk()).await? else { return Ok(None) };
        let path = served.object_path(&target.gvk(), &target.namespace, &target.name);
        match discovery::get(&self.client, &path).await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All objects of the kind (in one namespace, or everywhere when it is empty); none when the kind is not served.
    pub async fn list(&self, gvk: &GroupVersionKind, namespace: &str) -> Result<Vec<Value>, Error> {
        self.list_labelled(gvk, namespace, "").await
    }

    /// As [`Cluster::list`], of those only that the label selector (of plain `key=value`s) takes.
    pub async fn list_labelled(
        &self,
        gvk: &GroupVersionKind,
        namespace: &str,
        selector: &str,
    ) -> Result<Vec<Value>, Error> {
        let Some(served) = self.served(gvk).await? else { return Ok(Vec::new()) };
        let path = served.collection_path(gvk, namespace);
        let mut items = Vec::new();
        let mut token = String::new();
        // The characters of labels need no escape in a query, but for these.
        let selector = selector.replace('/', "%2F").replace('=', "%3D");
        let selector = if selector.is_empty() { selector } else { format!("&labelSelector={selector}") };
        loop {
            let query = if token.is_empty() { selector.clone() } else { format!("{selector}&continue={token}") };
            let mut page = discovery::get(&self.client, &format!("{path}?limit=500{query}")).await?;
            let next = page.pointer("/metadata/continue").and_then(Value::as_str).unwrap_or_default().to_string();
            if let Some(Value::Array(list)) = page.get_mut("items").map(Value::take) {
                items.extend(list.into_iter().map(|item| with_kind(item, gvk)));
            }
            if next.is_empty() {
                return Ok(items);
            }
            token = next;
        }
    }

    /// One request; the answer is JSON or an error with the server's Status.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value, Error> {
        let mut request = http::Request::builder().method(method).uri(path);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(body.into_bytes()).map_err(|error| Error::Request(error.to_string()))?;
        self.client.request::<Value>(request).await.map_err(|error| Error::from_kube(method, path, error))
    }
}

/// Items of a list carry no apiVersion and kind on the wire from every server; here they always do.
fn with_kind(mut item: Value, gvk: &GroupVersionKind) -> Value {
    if let Some(map) = item.as_object_mut() {
        map.insert("apiVersion".into(), gvk.api_version().into());
        map.insert("kind".into(), gvk.kind.clone().into());
    }
    item
}
