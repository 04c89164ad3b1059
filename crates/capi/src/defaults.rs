//! What Cluster API's webhooks fill in when an object is written. Controllers fill in the same where nobody did before.

use api::ObjectExt;
use serde_json::{Value, json};

use crate::{
    names::{AUTOSCALER_MAX, AUTOSCALER_MIN, CLUSTER_NAME_LABEL, CORE_GROUP},
    pass::text,
};

/// Idempotent; other kinds stay as they are.
pub fn default(group: &str, kind: &str, object: &mut Value) {
    match (group, kind) {
        (CORE_GROUP, "Cluster") => {
            for reference in ["/spec/infrastructureRef", "/spec/controlPlaneRef"] {
                settle_namespace(object, reference);
            }
            if let Some(version) = unprefixed(text(object, "/spec/topology/version")) {
                object["spec"]["topology"]["version"] = json!(version);
            }
        }
        (CORE_GROUP, "MachinePool") => machine_pool(object),
        _ => {}
    }
}

fn machine_pool(object: &mut Value) {
    for reference in ["/spec/template/spec/bootstrap/configRef", "/spec/template/spec/infrastructureRef"] {
        settle_namespace(object, reference);
    }
    let cluster = text(object, "/spec/clusterName").to_owned();
    if !cluster.is_empty() {
        object.set_label(CLUSTER_NAME_LABEL, &cluster);
    }
    if object.pointer("/spec/replicas").is_none_or(Value::is_null) && object["spec"].is_object() {
        object["spec"]["replicas"] = json!(replicas(object));
    }
    if let Some(version) = version(object) {
        object["spec"]["template"]["spec"]["version"] = json!(version);
    }
}

/// Of a pool that does not say: the autoscaler's lower bound when both bounds are there, else one.
pub(crate) fn replicas(pool: &Value) -> i64 {
    let bound = |name: &str| pool.annotation(name).and_then(|text| text.parse::<i32>().ok());
    match (bound(AUTOSCALER_MIN), bound(AUTOSCALER_MAX)) {
        (Some(min), Some(_)) => min.into(),
        _ => 1,
    }
}

/// The pool's version with its `v`, when that is missing.
pub(crate) fn version(pool: &Value) -> Option<String> {
    unprefixed(text(pool, "/spec/template/spec/version"))
}

/// A version that lacks its `v`, with it.
fn unprefixed(version: &str) -> Option<String> {
    (!version.is_empty() && !version.starts_with('v')).then(|| format!("v{version}"))
}

/// References stay within the namespace; one that does not say so means that.
fn settle_namespace(object: &mut Value, reference: &str) {
    let namespace = object.namespace().unwrap_or_default().to_owned();
    if let Some(reference) = object.pointer_mut(reference).and_then(Value::as_object_mut)
        && reference.get("namespace").and_then(Value::as_str).is_none_or(str::is_empty)
    {
        reference.insert("namespace".into(), json!(namespace));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaulted(kind: &str, object: Value) -> Value {
        let mut once = object;
        default(CORE_GROUP, kind, &mut once);
        let mut twice = once.clone();
        default(CORE_GROUP, kind, &mut twice);
        assert_eq!(once, twice, "twice is once");
        once
    }

    #[test]
    fn references_name_their_namespace() {
        let reference = |namespace: Option<&str>| {
            let mut reference = json!({"kind": "X", "name": "x"});
            if let Some(namespace) = namespace {
                reference["namespace"] = json!(namespace);
            }
            json!({"metadata": {"namespace": "a"}, "spec": {"infrastructureRef": reference}})
        };
        let namespace = |object: Value| object.pointer("/spec/infrastructureRef/namespace").cloned();
        assert_eq!(namespace(defaulted("Cluster", reference(None))), Some(json!("a")));
        assert_eq!(namespace(defaulted("Cluster", reference(Some("")))), Some(json!("a")));
        assert_eq!(
            namespace(defaulted("Cluster", reference(Some("b")))),
            Some(json!("b")),
            "refused later, not changed"
        );
        let unset = defaulted("Cluster", json!({"metadata": {"namespace": "a"}, "spec": {}}));
        assert_eq!(unset["spec"], json!({}), "a reference is not made");
    }

    #[test]
    fn pools_get_replicas_label_and_version() {
        let pool = json!({
            "metadata": {"namespace": "a", "annotations": {
                "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "2",
                "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "5",
            }},
            "spec": {"clusterName": "c", "template": {"spec": {"version": "1.30.1", "infrastructureRef": {"name": "p"}}}},
        });
        let pool = defaulted("MachinePool", pool);
        assert_eq!(pool["spec"]["replicas"], json!(2));
        assert_eq!(pool["spec"]["template"]["spec"]["version"], json!("v1.30.1"));
        assert_eq!(pool["spec"]["template"]["spec"]["infrastructureRef"]["namespace"], json!("a"));
        assert_eq!(pool["metadata"]["labels"][CLUSTER_NAME_LABEL], json!("c"));
        let zero = defaulted("MachinePool", json!({"metadata": {}, "spec": {"replicas": 0}}));
        assert_eq!(zero["spec"]["replicas"], json!(0));
    }
}
