//! Executing writes. Each is one request; none decides anything.

use actions::{Propagation, StatusPatch, Verb, Write};
use api::{ObjectExt, names::GroupVersionKind};
use serde_json::{Value, json};

use super::{Cluster, Error, Served};

const APPLY: &str = "application/apply-patch+yaml";
const MERGE: &str = "application/merge-patch+json";
const JSON: &str = "application/json";

impl Cluster {
    /// Executes the write and returns the object as it is now (or, of a delete, the server's answer).
    pub async fn write(&self, write: &Write) -> Result<Value, Error> {
        let gvk = write.target.gvk();
        let served = self.must_serve(&gvk).await?;
        let (namespace, name) = (&write.target.namespace, &write.target.name);
        let path = served.object_path(&gvk, namespace, name);
        let manager = self.manager;
        tracing::debug!(target = %write.target, reason = %write.reason, "write");
        match &write.verb {
            Verb::Apply { object, force } => {
                self.send("PATCH", &format!("{path}?fieldManager={manager}&force={force}"), Some(APPLY), Some(object))
                    .await
            }
            Verb::Create { object } => {
                let path = served.collection_path(&gvk, namespace);
                self.send("POST", &format!("{path}?fieldManager={manager}"), Some(JSON), Some(object)).await
            }
            Verb::Merge { patch } => {
                self.send("PATCH", &format!("{path}?fieldManager={manager}"), Some(MERGE), Some(patch)).await
            }
            Verb::Delete { uid, propagation } => {
                let propagation = match propagation {
                    Propagation::Foreground => "Foreground",
                    Propagation::Background => "Background",
                    Propagation::Orphan => "Orphan",
                };
                let mut options =
                    json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation});
                if !uid.is_empty() {
                    options["preconditions"] = json!({"uid": uid});
                }
                self.send("DELETE", &path, Some(JSON), Some(&options)).await
            }
        }
    }

    /// Patches the status subresource, or the object itself where the kind has none (as Argo CD's Application).
    pub async fn patch_status(&self, status: &StatusPatch) -> Result<Value, Error> {
        let gvk = status.target.gvk();
        let served = self.must_serve(&gvk).await?;
        let object = served.object_path(&gvk, &status.target.namespace, &status.target.name);
        let path = if served.status_subresource { format!("{object}/status") } else { object };
        self.send("PATCH", &format!("{path}?fieldManager={}", self.manager), Some(MERGE), Some(&status.patch)).await
    }

    /// What a forced server-side apply of the object would make of it, without doing it.
    pub async fn dry_run(&self, object: &Value) -> Result<Value, Error> {
        let gvk = GroupVersionKind::of(object)
            .ok_or_else(|| Error::Request("an object without apiVersion and kind".into()))?;
        let served = self.must_serve(&gvk).await?;
        let path = served.object_path(&gvk, object.namespace().unwrap_or_default(), object.name().unwrap_or_default());
        let path = format!("{path}?fieldManager={}&force=true&dryRun=All", self.manager);
        self.send("PATCH", &path, Some(APPLY), Some(object)).await
    }

    async fn must_serve(&self, gvk: &GroupVersionKind) -> Result<Served, Error> {
        self.served(gvk).await?.ok_or_else(|| Error::NoKind(gvk.clone()))
    }
}
