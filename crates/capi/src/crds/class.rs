//! ClusterClass, v1beta1. What upstream refuses while the gate RuntimeSDK is off, and what would need Machines, is refused by
//! rules; variables, whose schemas no schema can check, by the condition VariablesReconciled.

use serde_json::{Value, json};

use super::{
    Definition, column,
    schema::*,
    topology::{DEPLOYMENTS_MESSAGE, NO_DEPLOYMENTS},
};
use crate::names::CORE_GROUP;

const FORBIDDEN: &str = "FieldValueForbidden";

pub(super) fn cluster_class() -> Value {
    let status = object([
        ("conditions", conditions()),
        ("observedGeneration", int64()),
        ("v1beta2", object([("conditions", next_conditions())])),
        ("variables", list(status_variable())),
    ]);
    Definition {
        group: CORE_GROUP,
        kind: "ClusterClass",
        plural: "clusterclasses",
        short: &["cc"],
        provider: "cluster-api",
        contract: "v1beta1",
        columns: vec![column("Age", "date", ".metadata.creationTimestamp")],
        versions: &["v1beta1"],
        schema: root(spec(), status),
    }
    .build()
}

fn spec() -> Value {
    object([
        ("controlPlane", control_plane()),
        ("infrastructure", reference_of()),
        ("patches", list(patch())),
        ("variables", list(variable())),
        ("workers", workers()),
    ])
}

fn reference_of() -> Value {
    requiring(&["ref"], [("ref", reference())])
}

fn naming() -> Value {
    object([("template", string())])
}

fn control_plane() -> Value {
    let node = requiring(
        &["ref"],
        [
            ("machineHealthCheck", open_object()),
            ("machineInfrastructure", open_object()),
            ("metadata", metadata()),
            ("namingStrategy", naming()),
            ("nodeDeletionTimeout", string()),
            ("nodeDrainTimeout", string()),
            ("nodeVolumeDetachTimeout", string()),
            ("ref", reference()),
        ],
    );
    let message = "MachineHealthChecks are not served: the nodes of AKS have no Machines, and AKS replaces them itself";
    let node = rule(node, "!has(self.machineHealthCheck)", message, FORBIDDEN, ".machineHealthCheck");
    let message = "control planes of Machines are not served: use a control plane that needs none, as \
                   AzureASOManagedControlPlaneTemplate";
    rule(node, "!has(self.machineInfrastructure)", message, FORBIDDEN, ".machineInfrastructure")
}

fn workers() -> Value {
    let template = requiring(
        &["bootstrap", "infrastructure"],
        [("bootstrap", reference_of()), ("infrastructure", reference_of()), ("metadata", metadata())],
    );
    let pool = requiring(
        &["class", "template"],
        [
            ("class", json!({"type": "string", "minLength": 1, "maxLength": 256})),
            ("failureDomains", strings()),
            ("minReadySeconds", int32()),
            ("namingStrategy", naming()),
            ("nodeDeletionTimeout", string()),
            ("nodeDrainTimeout", string()),
            ("nodeVolumeDetachTimeout", string()),
            ("template", template),
        ],
    );
    let node = object([("machineDeployments", list(open_object())), ("machinePools", keyed_list(pool, "class"))]);
    rule(node, NO_DEPLOYMENTS, DEPLOYMENTS_MESSAGE, FORBIDDEN, ".machineDeployments")
}

fn variable_schema() -> Value {
    requiring(&["openAPIV3Schema"], [("openAPIV3Schema", open_object())])
}

fn variable() -> Value {
    requiring(
        &["name", "required", "schema"],
        [
            ("metadata", metadata()),
            ("name", json!({"type": "string", "minLength": 1, "maxLength": 256})),
            ("required", boolean()),
            ("schema", variable_schema()),
        ],
    )
}

fn status_variable() -> Value {
    let definition = requiring(
        &["from", "required", "schema"],
        [("from", string()), ("metadata", metadata()), ("required", boolean()), ("schema", variable_schema())],
    );
    requiring(
        &["definitions", "definitionsConflict", "name"],
        [("definitions", list(definition)), ("definitionsConflict", boolean()), ("name", string())],
    )
}

fn patch() -> Value {
    let value_from = object([("template", string()), ("variable", string())]);
    let operation = requiring(
        &["op", "path"],
        [
            ("op", json!({"type": "string", "enum": ["add", "replace", "remove"]})),
            ("path", json!({"type": "string", "pattern": "^/spec/"})),
            ("value", any()),
            ("valueFrom", value_from),
        ],
    );
    let names = || object([("names", strings())]);
    let resources = object([
        ("controlPlane", boolean()),
        ("infrastructureCluster", boolean()),
        ("machineDeploymentClass", names()),
        ("machinePoolClass", names()),
    ]);
    let selector = requiring(
        &["apiVersion", "kind", "matchResources"],
        [("apiVersion", string()), ("kind", string()), ("matchResources", resources)],
    );
    let definition =
        requiring(&["jsonPatches", "selector"], [("jsonPatches", list(operation)), ("selector", selector)]);
    let node = requiring(
        &["name"],
        [
            ("definitions", list(definition)),
            ("description", string()),
            ("enabledIf", string()),
            ("external", open_object()),
            ("name", json!({"type": "string", "minLength": 1, "maxLength": 256})),
        ],
    );
    let message = "patch.external can be used only if the RuntimeSDK feature flag is enabled";
    rule(node, "!has(self.external)", message, FORBIDDEN, ".external")
}
