//! KubeadmConfig and its template: as much of them as pools of AKS need, which is that there is one. What kubeadm would read of
//! a spec is kept as it is and refused by the object's condition.

use serde_json::Value;

use super::{Definition, column, schema::*};
use crate::names::BOOTSTRAP_GROUP;

pub(super) fn definitions() -> Vec<Value> {
    let status = object([
        ("conditions", conditions()),
        ("dataSecretName", string()),
        ("failureMessage", string()),
        ("failureReason", string()),
        ("observedGeneration", int64()),
        ("ready", boolean()),
        ("v1beta2", object([("conditions", next_conditions())])),
    ]);
    let cluster = r#".metadata.labels['cluster\.x-k8s\.io/cluster-name']"#;
    let age = || column("Age", "date", ".metadata.creationTimestamp");
    let columns = vec![column("Cluster", "string", cluster), age()];
    vec![
        kubeadm("KubeadmConfig", "kubeadmconfigs", columns, root(open_object(), status)),
        kubeadm("KubeadmConfigTemplate", "kubeadmconfigtemplates", vec![age()], template(open_object())),
    ]
}

fn kubeadm(kind: &'static str, plural: &'static str, columns: Vec<Value>, schema: Value) -> Value {
    Definition {
        group: BOOTSTRAP_GROUP,
        kind,
        plural,
        short: &[],
        provider: "bootstrap-kubeadm",
        contract: "v1beta1",
        columns,
        versions: &["v1beta1"],
        schema,
    }
    .build()
}
