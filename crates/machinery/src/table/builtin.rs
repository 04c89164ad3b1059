//! Columns of the built-in kinds: which there are, and the printers that fit on a few lines.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Columns, Definition, Printer, cluster, created, event, list, name, node, pod, service, system, text, workload,
};

type Print = fn(&Value, Timestamp) -> Vec<Value>;

/// Columns as `NAME`, `NAME:type`, `+NAME` (wide only).
type Names = &'static [&'static str];

const STORAGE: &str = "storage.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";

pub(super) fn columns(group: &str, kind: &str) -> Columns {
    let (names, print): (Names, Print) = match (group, kind) {
        ("", "ConfigMap") => (&["Name", "Data", "Age"], config_map),
        ("", "Endpoints") => (&["Name", "Endpoints", "Age"], service::endpoints),
        ("", "Event") | ("events.k8s.io", "Event") => (event::NAMES, event::row),
        ("", "Namespace") => (&["Name", "Status", "Age"], namespace),
        ("", "Node") => (node::NAMES, node::row),
        ("", "Pod") => (pod::NAMES, pod::row),
        ("", "Secret") => (&["Name", "Type", "Data", "Age"], secret),
        ("", "Service") => (service::NAMES, service::row),
        ("", "ServiceAccount") => (&["Name", "Secrets", "Age"], service_account),
        ("coordination.k8s.io", "Lease") => (&["Name", "Holder", "Age"], lease),
        (RBAC, "Role" | "ClusterRole") => (&["Name", "Created At:date"], name_and_time),
        (RBAC, "RoleBinding" | "ClusterRoleBinding") => {
            (&["Name", "Role", "Age", "+Users", "+Groups", "+ServiceAccounts"], role_binding)
        }
        _ => return more_columns(group, kind),
    };
    of(names, print)
}

fn of(names: Names, print: Print) -> Columns {
    Columns { definitions: names.iter().map(|name| definition(name)).collect(), printer: Printer::Builtin(print) }
}

/// Workloads, networks and storage.
fn more_columns(group: &str, kind: &str) -> Columns {
    let (names, print): (Names, Print) = match (group, kind) {
        ("", "PersistentVolume") => (cluster::VOLUME, cluster::volume),
        ("", "PersistentVolumeClaim") => (cluster::CLAIM, cluster::claim),
        ("", "PodTemplate") => (workload::POD_TEMPLATES, workload::pod_template),
        ("", "ReplicationController") => (workload::REPLICA_SET, workload::replication_controller),
        ("", "ResourceQuota") => (cluster::QUOTA, cluster::quota),
        ("apps", "ControllerRevision") => (workload::CONTROLLER_REVISION, workload::controller_revision),
        ("apps", "DaemonSet") => (workload::DAEMON_SET, workload::daemon_set),
        ("apps", "Deployment") => (workload::DEPLOYMENT, workload::deployment),
        ("apps", "ReplicaSet") => (workload::REPLICA_SET, workload::replica_set),
        ("apps", "StatefulSet") => (workload::STATEFUL_SET, workload::stateful_set),
        ("autoscaling", "HorizontalPodAutoscaler") => (cluster::AUTOSCALER, cluster::autoscaler),
        ("certificates.k8s.io", "CertificateSigningRequest") => (system::SIGNING_REQUEST, system::signing_request),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema") => (system::FLOW_SCHEMA, system::flow_schema),
        ("flowcontrol.apiserver.k8s.io", _) => (system::PRIORITY_LEVEL, system::priority_level),
        ("batch", "CronJob") => (workload::CRON_JOB, workload::cron_job),
        ("batch", "Job") => (workload::JOB, workload::job),
        ("discovery.k8s.io", "EndpointSlice") => (cluster::ENDPOINT_SLICE, cluster::endpoint_slice),
        ("networking.k8s.io", "Ingress") => (cluster::INGRESS, cluster::ingress),
        ("networking.k8s.io", "IngressClass") => (cluster::INGRESS_CLASS, cluster::ingress_class),
        ("networking.k8s.io", "NetworkPolicy") => (cluster::NETWORK_POLICY, cluster::network_policy),
        ("node.k8s.io", "RuntimeClass") => (cluster::RUNTIME_CLASS, cluster::runtime_class),
        ("policy", "PodDisruptionBudget") => (workload::DISRUPTION_BUDGET, workload::disruption_budget),
        ("scheduling.k8s.io", "PriorityClass") => (cluster::PRIORITY_CLASS, cluster::priority_class),
        (STORAGE, "CSIDriver") => (cluster::CSI_DRIVER, cluster::csi_driver),
        (STORAGE, "CSINode") => (cluster::CSI_NODE, cluster::csi_node),
        (STORAGE, "StorageClass") => (cluster::STORAGE_CLASS, cluster::storage_class),
        (STORAGE, "VolumeAttachment") => (cluster::ATTACHMENT, cluster::attachment),
        ("admissionregistration.k8s.io", _) => (cluster::WEBHOOKS, cluster::webhooks),
        // Upstream's default: CustomResourceDefinitions among others.
        _ => (&["Name", "Created At:date"], name_and_time),
    };
    of(names, print)
}

fn definition(name: &str) -> Definition {
    let (name, priority) = name.strip_prefix('+').map_or((name, 0), |name| (name, 1));
    let (name, column_type) = name.split_once(':').unwrap_or((name, "string"));
    Definition::new(name, column_type, priority)
}

fn count(object: &Value, pointer: &str) -> usize {
    match object.pointer(pointer) {
        Some(Value::Object(map)) => map.len(),
        Some(Value::Array(list)) => list.len(),
        _ => 0,
    }
}

fn name_and_time(object: &Value, _now: Timestamp) -> Vec<Value> {
    vec![name(object), text(object, "/metadata/creationTimestamp").into()]
}

fn namespace(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(object), text(object, "/status/phase").into(), created(object, now)]
}

fn config_map(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(object), (count(object, "/data") + count(object, "/binaryData")).into(), created(object, now)]
}

fn secret(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(object), text(object, "/type").into(), count(object, "/data").into(), created(object, now)]
}

fn service_account(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(object), count(object, "/secrets").into(), created(object, now)]
}

fn lease(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(object), text(object, "/spec/holderIdentity").into(), created(object, now)]
}

fn role_binding(object: &Value, now: Timestamp) -> Vec<Value> {
    let role = format!("{}/{}", text(object, "/roleRef/kind"), text(object, "/roleRef/name"));
    let subjects = |kind: &str| {
        let of_kind = list(object, "/subjects").iter().filter(|subject| text(subject, "/kind") == kind);
        let named = of_kind.map(|subject| match kind {
            "ServiceAccount" => format!("{}/{}", text(subject, "/namespace"), text(subject, "/name")),
            _ => text(subject, "/name").to_string(),
        });
        named.collect::<Vec<_>>().join(", ")
    };
    vec![
        name(object),
        role.into(),
        created(object, now),
        subjects("User").into(),
        subjects("Group").into(),
        subjects("ServiceAccount").into(),
    ]
}
