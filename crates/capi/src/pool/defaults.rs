//! What upstream's webhook fills in, and the pool's bond to its Cluster.

use api::ObjectExt;
use serde_json::{Map, Value, json};

use crate::{
    names::{AUTOSCALER_MAX, AUTOSCALER_MIN, CORE_API_VERSION},
    observed::Outcome,
    pass::{self, Pass, Stop, text},
};

/// Replicas, the version's `v`, the cluster's label and the owner reference: one write, before anything else.
pub(super) fn ensure(pass: &Pass<'_>, cluster: &Value) -> Result<(), Stop> {
    let mut patch = Map::new();
    let mut spec = Map::new();
    if pass.object.pointer("/spec/replicas").is_none_or(Value::is_null) {
        spec.insert("replicas".into(), json!(replicas(pass.object)));
    }
    let version = text(pass.object, "/spec/template/spec/version");
    if !version.is_empty() && !version.starts_with('v') {
        spec.insert("template".into(), json!({"spec": {"version": format!("v{version}")}}));
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

/// The autoscaler's lower bound when both bounds are there, else one.
pub(crate) fn replicas(object: &Value) -> i64 {
    let bound = |name: &str| object.annotation(name).and_then(|text| text.parse::<i32>().ok());
    match (bound(AUTOSCALER_MIN), bound(AUTOSCALER_MAX)) {
        (Some(min), Some(_)) => min.into(),
        _ => 1,
    }
}
