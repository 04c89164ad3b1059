//! What upstream's webhook fills in, where no admission did, and the pool's bond to its Cluster.

use api::ObjectExt;
use serde_json::{Map, Value, json};

use crate::{
    defaults,
    names::CORE_API_VERSION,
    observed::Outcome,
    pass::{self, Pass, Stop, text},
};

/// Replicas, the version's `v`, the cluster's label and the owner reference: one write, before anything else.
pub(super) fn ensure(pass: &Pass<'_>, cluster: &Value) -> Result<(), Stop> {
    let mut patch = Map::new();
    let mut spec = Map::new();
    if pass.object.pointer("/spec/replicas").is_none_or(Value::is_null) {
        spec.insert("replicas".into(), json!(defaults::replicas(pass.object)));
    }
    if let Some(version) = defaults::version(pass.object) {
        spec.insert("template".into(), json!({"spec": {"version": version}}));
    }
    if !spec.is_empty() {
        patch.insert("spec".into(), json!(spec));
    }
    let name = text(pass.object, "/spec/clusterName");
    let metadata = pass::adoption(pass.object, cluster, CORE_API_VERSION, false, name).unwrap_or_default();
    if !metadata.is_empty() {
        patch.insert("metadata".into(), json!(metadata));
    }
    if patch.is_empty() {
        return Ok(());
    }
    if let Some(version) = pass.object.resource_version() {
        patch.entry("metadata").or_insert_with(|| json!({}))["resourceVersion"] = json!(version);
    }
    let action = pass.merge(&pass.target, Value::Object(patch), format!("it belongs to Cluster {name}"));
    Err(Stop::Done(Outcome::again(vec![action])))
}
