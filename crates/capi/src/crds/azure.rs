//! CAPZ: the three kinds of the ASO API, their templates, and AzureClusterIdentity.

use serde_json::{Value, json};

use super::{Definition, column, schema::*, wide};
use crate::names::{CONTROL_PLANE, INFRASTRUCTURE_GROUP, MACHINE_POOL, MANAGED_CLUSTER};

pub(super) fn definitions() -> Vec<Value> {
    let raw = || list(json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}));
    let zero_endpoint = || object([("host", string()), ("port", int32())]);
    let managed_cluster =
        root(object([("controlPlaneEndpoint", endpoint()), ("resources", raw())]), status([("ready", boolean())]));
    let control_plane = root(
        object([("resources", raw()), ("version", string())]),
        status([
            ("controlPlaneEndpoint", zero_endpoint()),
            ("initialized", boolean()),
            ("ready", boolean()),
            ("version", string()),
        ]),
    );
    let machine_pool = root(
        object([("providerIDList", strings()), ("resources", raw())]),
        status([("ready", boolean()), ("replicas", int32())]),
    );
    vec![
        aso(MANAGED_CLUSTER, "azureasomanagedclusters", managed_cluster),
        aso(CONTROL_PLANE, "azureasomanagedcontrolplanes", control_plane),
        aso(MACHINE_POOL, "azureasomanagedmachinepools", machine_pool),
        identity(),
        aso_template(MANAGED_CLUSTER, "azureasomanagedclustertemplates", object([("resources", raw())])),
        aso_template(
            CONTROL_PLANE,
            "azureasomanagedcontrolplanetemplates",
            object([("resources", raw()), ("version", string())]),
        ),
        aso_template(
            MACHINE_POOL,
            "azureasomanagedmachinepooltemplates",
            object([("providerIDList", strings()), ("resources", raw())]),
        ),
    ]
}

/// What a ClusterClass names: the spec of an object, to be patched and cloned.
fn aso_template(kind: &str, plural: &'static str, spec: Value) -> Value {
    let kind = match kind {
        MANAGED_CLUSTER => "AzureASOManagedClusterTemplate",
        CONTROL_PLANE => "AzureASOManagedControlPlaneTemplate",
        _ => "AzureASOManagedMachinePoolTemplate",
    };
    Definition {
        group: INFRASTRUCTURE_GROUP,
        kind,
        plural,
        short: &[],
        provider: "infrastructure-azure",
        contract: "v1alpha1_v1beta1",
        columns: vec![column("Age", "date", ".metadata.creationTimestamp")],
        versions: &["v1alpha1", "v1beta1"],
        schema: template(spec),
    }
    .build()
}

/// A status as the kind has it, with what all three have. The conditions are ours: upstream leaves errors on the ASO objects.
fn status<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let resource = requiring(
        &["group", "kind", "name", "version"],
        [("group", string()), ("kind", string()), ("name", string()), ("version", string())],
    );
    let resources = list(requiring(&["ready", "resource"], [("ready", boolean()), ("resource", resource)]));
    let mut status = object(fields);
    status["properties"]["resources"] = resources;
    status["properties"]["conditions"] = conditions();
    status["properties"]["observedGeneration"] = int64();
    status
}

fn aso(kind: &'static str, plural: &'static str, schema: Value) -> Value {
    Definition {
        group: INFRASTRUCTURE_GROUP,
        kind,
        plural,
        short: &[],
        provider: "infrastructure-azure",
        contract: "v1alpha1_v1beta1",
        columns: vec![
            column("Ready", "string", ".status.conditions[?(@.type=='Ready')].status"),
            column("Reason", "string", ".status.conditions[?(@.type=='Ready')].reason"),
            wide("Message", "string", ".status.conditions[?(@.type=='Ready')].message"),
            column("Age", "date", ".metadata.creationTimestamp"),
        ],
        versions: &["v1alpha1", "v1beta1"],
        schema,
    }
    .build()
}

fn identity() -> Value {
    let types = [
        "ServicePrincipal",
        "UserAssignedMSI",
        "ManualServicePrincipal",
        "ServicePrincipalCertificate",
        "WorkloadIdentity",
        "UserAssignedIdentityCredential",
    ];
    let kind = with(string(), "enum", json!(types));
    let kind = rule(kind, "self == oldSelf", "field is immutable", "FieldValueInvalid", "");
    let expression = requiring(
        &["key", "operator"],
        [
            ("key", string()),
            ("operator", string()),
            ("values", with(strings(), "x-kubernetes-list-type", json!("atomic"))),
        ],
    );
    let expressions = with(list(expression), "x-kubernetes-list-type", json!("atomic"));
    let selector = object([("matchExpressions", expressions), ("matchLabels", map(string()))]);
    let selector = with(selector, "x-kubernetes-map-type", json!("atomic"));
    let namespaces = object([("list", with(strings(), "nullable", json!(true))), ("selector", selector)]);
    let secret = with(object([("name", string()), ("namespace", string())]), "x-kubernetes-map-type", json!("atomic"));
    let spec = requiring(
        &["clientID", "tenantID", "type"],
        [
            ("allowedNamespaces", with(namespaces, "nullable", json!(true))),
            ("certPath", string()),
            ("clientID", string()),
            ("clientSecret", secret),
            ("resourceID", string()),
            ("tenantID", string()),
            ("type", kind),
            ("userAssignedIdentityCredentialsCloudType", string()),
            ("userAssignedIdentityCredentialsPath", string()),
        ],
    );
    let mut crd = Definition {
        group: INFRASTRUCTURE_GROUP,
        kind: "AzureClusterIdentity",
        plural: "azureclusteridentities",
        short: &[],
        provider: "infrastructure-azure",
        contract: "v1beta1",
        columns: vec![column("Type", "string", ".spec.type"), column("Age", "date", ".metadata.creationTimestamp")],
        versions: &["v1beta1"],
        schema: root(spec, object([("conditions", conditions())])),
    }
    .build();
    crd["metadata"]["labels"]["clusterctl.cluster.x-k8s.io/move-hierarchy"] = json!("true");
    crd
}
