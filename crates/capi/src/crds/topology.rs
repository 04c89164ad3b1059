//! `Cluster.spec.topology`. What would need Machines is refused by rules that name it.

use serde_json::{Value, json};

use super::schema::*;

const FORBIDDEN: &str = "FieldValueForbidden";
const INVALID: &str = "FieldValueInvalid";
/// Upstream's pattern; a missing "v" is put in front before it looks.
const VERSION: &str = r"self.matches('^v?(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)([-0-9a-zA-Z_\\.+]*)?$')";

pub(super) fn schema() -> Value {
    let name = r"^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$";
    let class = rule(
        json!({"type": "string", "maxLength": 253}),
        "self != ''",
        "class cannot be empty",
        "FieldValueRequired",
        "",
    );
    let version = json!({"type": "string", "maxLength": 256});
    requiring(
        &["class", "version"],
        [
            ("class", class),
            ("classNamespace", json!({"type": "string", "minLength": 1, "maxLength": 253, "pattern": name})),
            ("controlPlane", control_plane()),
            ("rolloutAfter", json!({"type": "string", "format": "date-time"})),
            ("variables", variables()),
            ("version", rule(version, VERSION, "version must be a valid semantic version", INVALID, "")),
            ("workers", workers()),
        ],
    )
}

fn control_plane() -> Value {
    let node = object([
        ("machineHealthCheck", open_object()),
        ("metadata", metadata()),
        ("nodeDeletionTimeout", string()),
        ("nodeDrainTimeout", string()),
        ("nodeVolumeDetachTimeout", string()),
        ("replicas", int32()),
        ("variables", overrides()),
    ]);
    let message = "MachineHealthChecks are not served: the nodes of AKS have no Machines, and AKS replaces them itself";
    rule(node, "!has(self.machineHealthCheck)", message, FORBIDDEN, ".machineHealthCheck")
}

fn workers() -> Value {
    let pool = requiring(
        &["class", "name"],
        [
            ("class", json!({"type": "string", "minLength": 1, "maxLength": 256})),
            ("failureDomains", strings()),
            ("metadata", metadata()),
            ("minReadySeconds", int32()),
            ("name", json!({"type": "string", "minLength": 1, "maxLength": 63})),
            ("nodeDeletionTimeout", string()),
            ("nodeDrainTimeout", string()),
            ("nodeVolumeDetachTimeout", string()),
            ("replicas", int32()),
            ("variables", overrides()),
        ],
    );
    let node = object([("machineDeployments", list(open_object())), ("machinePools", keyed_list(pool, "name"))]);
    rule(node, NO_DEPLOYMENTS, DEPLOYMENTS_MESSAGE, FORBIDDEN, ".machineDeployments")
}

pub(super) const NO_DEPLOYMENTS: &str = "!has(self.machineDeployments) || self.machineDeployments.size() == 0";
pub(super) const DEPLOYMENTS_MESSAGE: &str =
    "MachineDeployments are not served: the nodes of AKS have no Machines; use machinePools";

fn variables() -> Value {
    let name = json!({"type": "string", "minLength": 1, "maxLength": 256});
    let value = any();
    let variable = requiring(&["name", "value"], [("definitionFrom", string()), ("name", name), ("value", value)]);
    keyed_list(variable, "name")
}

fn overrides() -> Value {
    object([("overrides", variables())])
}
