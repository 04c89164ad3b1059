//! Cluster and MachinePool, v1beta1.

use serde_json::{Value, json};

use super::{Definition, column, schema::*, wide};
use crate::names::CORE_GROUP;

const FORBIDDEN: &str = "FieldValueForbidden";
const INVALID: &str = "FieldValueInvalid";

pub(super) fn cluster() -> Value {
    let root = root(cluster_spec(), cluster_status());
    let named = "self.metadata.name.size() <= 63";
    let message = "must be a valid label value [must be no more than 63 bytes]";
    Definition {
        group: CORE_GROUP,
        kind: "Cluster",
        plural: "clusters",
        short: &["cl"],
        provider: "cluster-api",
        contract: "v1beta1",
        columns: vec![
            column("ClusterClass", "string", ".spec.topology.class"),
            column("Phase", "string", ".status.phase"),
            column("Age", "date", ".metadata.creationTimestamp"),
            column("Version", "string", ".spec.topology.version"),
        ],
        versions: &["v1beta1"],
        schema: rule(root, named, message, INVALID, ""),
    }
    .build()
}

fn cluster_spec() -> Value {
    let blocks = || requiring(&["cidrBlocks"], [("cidrBlocks", strings())]);
    let network =
        object([("apiServerPort", int32()), ("pods", blocks()), ("serviceDomain", string()), ("services", blocks())]);
    let spec = object([
        ("availabilityGates", gates()),
        ("clusterNetwork", network),
        ("controlPlaneEndpoint", endpoint()),
        ("controlPlaneRef", reference()),
        ("infrastructureRef", reference()),
        ("paused", boolean()),
        ("topology", super::topology::schema()),
    ]);
    let kept = "!has(oldSelf.topology) || has(self.topology)";
    let spec = rule(spec, kept, "cannot be removed from an existing Cluster", FORBIDDEN, ".topology");
    let never = "has(oldSelf.topology) || !has(self.topology)";
    rule(spec, never, "class cannot be set on an existing Cluster", FORBIDDEN, ".topology")
}

fn cluster_status() -> Value {
    let domain = object([("attributes", map(string())), ("controlPlane", boolean())]);
    object([
        ("conditions", conditions()),
        ("controlPlaneReady", boolean()),
        ("failureDomains", map(domain)),
        ("failureMessage", string()),
        ("failureReason", string()),
        ("infrastructureReady", boolean()),
        ("observedGeneration", int64()),
        ("phase", string()),
        ("v1beta2", object([("conditions", next_conditions())])),
    ])
}

pub(super) fn machine_pool() -> Value {
    Definition {
        group: CORE_GROUP,
        kind: "MachinePool",
        plural: "machinepools",
        short: &["mp"],
        provider: "cluster-api",
        contract: "v1beta1",
        columns: vec![
            column("Cluster", "string", ".spec.clusterName"),
            wide("Desired", "integer", ".spec.replicas"),
            column("Replicas", "string", ".status.replicas"),
            column("Phase", "string", ".status.phase"),
            column("Age", "date", ".metadata.creationTimestamp"),
            column("Version", "string", ".spec.template.spec.version"),
        ],
        versions: &["v1beta1"],
        schema: root(pool_spec(), pool_status()),
    }
    .build()
}

fn pool_spec() -> Value {
    let name = || json!({"type": "string", "minLength": 1});
    let template = object([("metadata", metadata()), ("spec", machine_spec(name()))]);
    let cluster_name = rule(name(), "self == oldSelf", "field is immutable", FORBIDDEN, "");
    requiring(
        &["clusterName", "template"],
        [
            ("clusterName", cluster_name),
            ("failureDomains", strings()),
            ("minReadySeconds", with(int32(), "default", json!(0))),
            ("providerIDList", strings()),
            ("replicas", int32()),
            ("template", template),
        ],
    )
}

fn machine_spec(cluster_name: Value) -> Value {
    let bootstrap = rule(
        object([("configRef", reference()), ("dataSecretName", string())]),
        "has(self.configRef) || has(self.dataSecretName)",
        "expected either spec.bootstrap.dataSecretName or spec.bootstrap.configRef to be populated",
        "FieldValueRequired",
        "",
    );
    // The webhook puts a missing "v" in front before it looks.
    let version = rule(
        json!({"type": "string", "maxLength": 256}),
        r"self.matches('^v?(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)([-0-9a-zA-Z_\\.+]*)?$')",
        "must be a valid semantic version",
        INVALID,
        "",
    );
    requiring(
        &["bootstrap", "clusterName", "infrastructureRef"],
        [
            ("bootstrap", bootstrap),
            ("clusterName", cluster_name),
            ("failureDomain", string()),
            ("infrastructureRef", reference()),
            ("nodeDeletionTimeout", with(string(), "default", json!("10s"))),
            ("nodeDrainTimeout", string()),
            ("nodeVolumeDetachTimeout", string()),
            ("providerID", string()),
            ("readinessGates", gates()),
            ("version", version),
        ],
    )
}

fn pool_status() -> Value {
    object([
        ("availableReplicas", int32()),
        ("bootstrapReady", boolean()),
        ("conditions", conditions()),
        ("failureMessage", string()),
        ("failureReason", string()),
        ("infrastructureReady", boolean()),
        ("nodeRefs", list(reference())),
        ("observedGeneration", int64()),
        ("phase", string()),
        ("readyReplicas", int32()),
        ("replicas", int32()),
        ("unavailableReplicas", int32()),
        ("v1beta2", object([("conditions", next_conditions())])),
    ])
}
