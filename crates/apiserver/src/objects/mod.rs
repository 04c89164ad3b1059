//! Stored objects without HTTP: reads, and writes that are read, decided by the pure core and committed conditionally.
//! `rest` and the server's own controllers both come here; who may do what was decided before.

mod encode;
mod key;
mod webhooks;
mod write;

use std::sync::Arc;

use api::status::Status;
use parking_lot::Mutex;
use serde_json::Value;
use store::{Revision, Space, Stored, Watch};

use crate::{
    Config, Registry, Resource, crd,
    rest::{discovery, metrics::Metrics, openapi},
};

pub use key::{Key, ROOT};
pub use write::{Outcome, Preconditions};

pub(crate) use encode::Encoded;

/// The objects of one key space. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Objects(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    space: Arc<dyn Space>,
    config: Config,
    registry: Registry,
    discovery: Mutex<discovery::Cache>,
    openapi: Mutex<openapi::Cache>,
    metrics: Metrics,
    /// CRDs are settled one at a time: their names compete.
    settling: tokio::sync::Mutex<()>,
    webhooks: webhooks::Cache,
    /// Held while a Service is given its address.
    addresses: tokio::sync::Mutex<()>,
}

impl Objects {
    /// Loads the custom resource definitions that are stored.
    pub(crate) async fn open(space: Arc<dyn Space>, config: Config) -> Result<Self, Status> {
        let objects = Self(Arc::new(Inner {
            space,
            config,
            registry: Registry::default(),
            discovery: Mutex::default(),
            openapi: Mutex::default(),
            metrics: Metrics::default(),
            settling: tokio::sync::Mutex::default(),
            webhooks: webhooks::Cache::default(),
            addresses: tokio::sync::Mutex::default(),
        }));
        crd::load(&objects).await?;
        Ok(objects)
    }

    pub fn space(&self) -> &Arc<dyn Space> {
        &self.0.space
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    pub(crate) fn discovery_cache(&self) -> &Mutex<discovery::Cache> {
        &self.0.discovery
    }

    pub(crate) fn openapi_cache(&self) -> &Mutex<openapi::Cache> {
        &self.0.openapi
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn webhook_cache(&self) -> &webhooks::Cache {
        &self.0.webhooks
    }

    pub(crate) fn addresses(&self) -> &tokio::sync::Mutex<()> {
        &self.0.addresses
    }

    pub(crate) fn settling(&self) -> &tokio::sync::Mutex<()> {
        &self.0.settling
    }

    /// A served resource; any version of it when `version` is empty.
    pub fn resource(&self, group: &str, version: &str, plural: &str) -> Option<Arc<Resource>> {
        if version.is_empty() {
            self.registry().any_version(group, plural)
        } else {
            self.registry().get(group, version, plural)
        }
    }

    /// One object as `resource`'s version shows it.
    pub fn get(&self, resource: &Resource, namespace: &str, name: &str) -> Option<Value> {
        self.space().get(&resource.key(namespace, name)).and_then(|stored| decode(resource, &stored))
    }

    /// Every object of a resource, in a namespace or in all, and the snapshot's revision.
    pub fn list(&self, resource: &Resource, namespace: Option<&str>) -> Result<(Vec<Value>, Revision), Status> {
        let page = self.space().list(&resource.prefix(namespace), None, None, 0).map_err(failed)?;
        let objects = page.items.iter().filter_map(|stored| decode(resource, stored)).collect();
        Ok((objects, page.revision))
    }

    /// Every change after `from`, of everything that is stored. Keys are read with [`Key::parse`]; the bytes are objects as
    /// they are stored.
    pub fn watch(&self, from: Revision) -> Result<Box<dyn Watch>, Status> {
        self.space().watch(ROOT, from).map_err(failed)
    }

    /// Now, as object metadata has it.
    pub(crate) fn now(&self) -> String {
        api::env::rfc3339(self.config().clock.now())
    }
}

/// A stored object as that resource's version shows it. Unreadable bytes are a broken store: said loudly, skipped.
pub(crate) fn decode(resource: &Resource, stored: &Stored) -> Option<Value> {
    match serde_json::from_slice(&stored.value) {
        Ok(object) => Some(resource.from_storage(object, stored.revision)),
        Err(error) => {
            tracing::error!(key = %stored.key, %error, "stored object is not readable");
            None
        }
    }
}

/// What the store could not do, as a client hears it.
pub(crate) fn failed(error: store::Error) -> Status {
    match error {
        store::Error::Compacted { requested, oldest } => {
            Status::expired(format!("too old resource version: {} ({})", requested.0, oldest.0))
        }
        store::Error::Future { requested, current } => too_large(requested, current),
        store::Error::Precondition { key, .. } => Status::failure(409, "Conflict", format!("{key} has changed")),
        error @ (store::Error::Failed(_) | store::Error::Locked { .. }) => Status::internal(error.to_string()),
    }
}

/// 504, as upstream answers a resourceVersion from the future.
pub(crate) fn too_large(requested: Revision, current: Revision) -> Status {
    let message = format!("Too large resource version: {}, current: {}", requested.0, current.0);
    let mut status = Status::failure(504, "Timeout", format!("Timeout: {message}"));
    let cause = api::status::Cause {
        reason: "ResourceVersionTooLarge".into(),
        message: "Too large resource version".into(),
        field: String::new(),
    };
    status.details.get_or_insert_default().retry_after_seconds = Some(1);
    status.with_causes(vec![cause])
}

#[cfg(test)]
mod tests;
