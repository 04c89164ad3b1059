//! What access control reads of the stored objects. A seam of its own so that policies are tested without a server.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use store::Space;

/// Stored objects, read at once and without waiting.
pub(crate) trait Reader: Send + Sync + std::fmt::Debug {
    /// The revision of the last write of any object.
    fn revision(&self) -> u64;
    /// Every object of a built-in resource, with the revision of its last write.
    fn list(&self, group: &str, resource: &str) -> Vec<(u64, Bytes)>;
    /// One object of a built-in resource of the core group. `namespace` is empty for cluster-scoped ones.
    fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<Value>;
}

/// Reads the space itself: built-in resources have one stored form.
#[derive(Debug)]
pub(crate) struct SpaceReader(pub(crate) Arc<dyn Space>);

impl Reader for SpaceReader {
    fn revision(&self) -> u64 {
        self.0.revision().0
    }

    fn list(&self, group: &str, resource: &str) -> Vec<(u64, Bytes)> {
        let prefix = format!("{}{group}/{resource}/", crate::objects::ROOT);
        match self.0.list(&prefix, None, None, 0) {
            Ok(page) => page.items.into_iter().map(|stored| (stored.revision.0, stored.value)).collect(),
            Err(error) => {
                // Nothing is allowed by what cannot be read.
                tracing::error!(%error, resource, "policy objects are not readable");
                Vec::new()
            }
        }
    }

    fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<Value> {
        // A name with a slash would address another object.
        if name.is_empty() || name.contains('/') || namespace.contains('/') {
            return None;
        }
        let key = match namespace {
            "" => format!("{}/{resource}/{name}", crate::objects::ROOT),
            namespace => format!("{}/{resource}/{namespace}/{name}", crate::objects::ROOT),
        };
        serde_json::from_slice(&self.0.get(&key)?.value).ok()
    }
}
