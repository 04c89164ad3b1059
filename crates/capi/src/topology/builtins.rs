//! The builtin variables of patches: what a template can say of the Cluster, its control plane and its pools.

use serde_json::{Map, Value, json};

use super::{blueprint::Blueprint, desired::Pool};
use crate::pass::{Pass, text};

/// `builtin.cluster`
pub(super) fn cluster(pass: &Pass<'_>, blueprint: &Blueprint<'_>) -> Value {
    let mut cluster = json!({
        "name": pass.target.name,
        "namespace": pass.namespace(),
        "uid": text(pass.object, "/metadata/uid"),
        "topology": {"version": blueprint.version(), "class": text(blueprint.topology, "/class")},
    });
    if let Some(network) = pass.object.pointer("/spec/clusterNetwork").filter(|network| network.is_object()) {
        let mut builtin = json!({"ipFamily": ip_family(network)});
        for (name, at) in
            [("serviceDomain", "/serviceDomain"), ("services", "/services/cidrBlocks"), ("pods", "/pods/cidrBlocks")]
        {
            if let Some(value) = network.pointer(at).filter(|value| !value.is_null() && **value != "") {
                builtin[name] = value.clone();
            }
        }
        cluster["network"] = builtin;
    }
    json!({"cluster": cluster})
}

/// `builtin.controlPlane`
pub(super) fn control_plane(blueprint: &Blueprint<'_>, object: &Value) -> Value {
    let mut builtin = json!({"name": text(object, "/metadata/name"), "version": text(object, "/spec/version")});
    metadata(&mut builtin, object);
    if blueprint.topology.pointer("/controlPlane/replicas").is_some_and(Value::is_number) {
        builtin["replicas"] = object["spec"]["replicas"].clone();
    }
    json!({"controlPlane": builtin})
}

/// `builtin.machinePool`
pub(super) fn pool(pool: &Pool<'_>) -> Value {
    let mut builtin = json!({
        "version": text(&pool.object, "/spec/template/spec/version"),
        "class": text(pool.topology, "/class"),
        "name": text(&pool.object, "/metadata/name"),
        "topologyName": text(pool.topology, "/name"),
        "bootstrap": {"configRef": {"name": text(&pool.bootstrap, "/metadata/name")}},
        "infrastructureRef": {"name": text(&pool.infrastructure, "/metadata/name")},
    });
    metadata(&mut builtin, &pool.object);
    if let Some(replicas) = pool.topology.get("replicas").filter(|replicas| replicas.is_number()) {
        builtin["replicas"] = replicas.clone();
    }
    json!({"machinePool": builtin})
}

fn metadata(builtin: &mut Value, object: &Value) {
    let mut metadata = Map::new();
    for field in ["annotations", "labels"] {
        if let Some(map) =
            object["metadata"].get(field).filter(|map| map.as_object().is_some_and(|map| !map.is_empty()))
        {
            metadata.insert(field.into(), map.clone());
        }
    }
    if !metadata.is_empty() {
        builtin["metadata"] = Value::Object(metadata);
    }
}

/// What the blocks of pods and services are; none are IPv4.
fn ip_family(network: &Value) -> &'static str {
    let families = |at: &str| {
        let blocks = network.pointer(at).and_then(Value::as_array);
        let blocks: Vec<&str> = blocks.into_iter().flatten().filter_map(Value::as_str).collect();
        let six = blocks.iter().filter(|block| block.contains(':')).count();
        match (blocks.len(), six) {
            (0, _) => None,
            (1, 0) => Some("IPv4"),
            (1, 1) => Some("IPv6"),
            (2, 1) => Some("DualStack"),
            _ => Some("Invalid"),
        }
    };
    match (families("/pods/cidrBlocks"), families("/services/cidrBlocks")) {
        (None, None) => "IPv4",
        (Some(family), None) | (None, Some(family)) => family,
        (Some(pods), Some(services)) if pods == services => pods,
        _ => "Invalid",
    }
}
