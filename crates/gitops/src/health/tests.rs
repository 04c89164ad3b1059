use serde_json::json;

use super::*;

fn check(api_version: &str, kind: &str, generation: i64, rest: Value, expected: &str) {
    let mut object =
        json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", "generation": generation}});
    for (field, value) in rest.as_object().unwrap() {
        object[field] = value.clone();
    }
    let text = of(&object).map_or("none".to_string(), |h| format!("{} {}", h.code.as_str(), h.message));
    assert_eq!(text.trim_end(), expected, "{kind} {rest}");
}

fn ready(status: &str, severity: &str, reason: &str, message: &str, observed: i64) -> Value {
    json!({"status": {"conditions": [{"type": "Ready", "status": status, "severity": severity, "reason": reason,
        "message": message, "observedGeneration": observed}]}})
}

#[test]
fn azure_objects_are_judged_by_their_ready_condition() {
    let group = "keyvault.azure.com/v1api20210401preview";
    check(group, "Vault", 1, json!({}), "Progressing Waiting for a Ready condition");
    check(group, "Vault", 1, ready("True", "", "Succeeded", "", 1), "Healthy");
    check(
        group,
        "Vault",
        2,
        ready("True", "", "Succeeded", "", 1),
        "Progressing Waiting for generation 2 to be observed",
    );
    let text = "Progressing Reconciling: The resource is in the process of being reconciled";
    check(
        group,
        "Vault",
        1,
        ready("False", "Info", "Reconciling", "The resource is in the process of being reconciled", 1),
        text,
    );
    check(
        group,
        "Vault",
        1,
        ready("False", "Warning", "AzureResourceNotFound", "", 1),
        "Degraded AzureResourceNotFound",
    );
    check(
        group,
        "Vault",
        1,
        ready("False", "Error", "VaultAlreadyExists", "taken", 1),
        "Degraded VaultAlreadyExists: taken",
    );
}

#[test]
fn cluster_api_objects_by_phase_condition_or_ready() {
    let group = "cluster.x-k8s.io/v1beta1";
    check(
        group,
        "Cluster",
        1,
        json!({"status": {"phase": "Failed", "failureMessage": "no quota"}}),
        "Degraded no quota",
    );
    check(
        group,
        "Cluster",
        1,
        json!({"status": {"phase": "Provisioning"}}),
        "Progressing Waiting for a Ready condition",
    );
    check(group, "Cluster", 1, ready("True", "", "", "", 1), "Healthy");
    check(group, "ClusterClass", 1, json!({}), "none");
    let group = "infrastructure.cluster.x-k8s.io/v1beta1";
    check(group, "AzureASOManagedCluster", 1, json!({"status": {"ready": true}}), "Healthy");
    check(group, "AzureClusterIdentity", 1, json!({}), "none");
}

#[test]
fn child_applications_are_as_healthy_as_they_say() {
    let version = "argoproj.io/v1alpha1";
    check(version, "Application", 1, json!({}), "Progressing Waiting for the Application to be compared");
    check(
        version,
        "Application",
        1,
        json!({"status": {"health": {"status": "Degraded", "message": "m"}}}),
        "Degraded m",
    );
    check(version, "AppProject", 1, json!({}), "none");
}

#[test]
fn built_in_kinds() {
    check("v1", "ConfigMap", 1, json!({}), "none");
    check("v1", "Namespace", 1, json!({"status": {"phase": "Active"}}), "none");
    check("v1", "PersistentVolumeClaim", 1, json!({"status": {"phase": "Pending"}}), "Progressing");
    check("v1", "Service", 1, json!({"spec": {"type": "ClusterIP"}}), "Healthy");
    check("v1", "Service", 1, json!({"spec": {"type": "LoadBalancer"}}), "Progressing");
    check(
        "batch/v1",
        "Job",
        1,
        json!({"status": {"conditions": [{"type": "Failed", "status": "True", "message": "backoff"}]}}),
        "Degraded backoff",
    );
    check("batch/v1", "Job", 1, json!({}), "Progressing");
    let status = json!({"observedGeneration": 2, "updatedReplicas": 2, "replicas": 2, "availableReplicas": 1});
    check(
        "apps/v1",
        "Deployment",
        2,
        json!({"spec": {"replicas": 2}, "status": status}),
        "Progressing Waiting for rollout to finish: 1 of 2 updated replicas are available...",
    );
    check(
        "apps/v1",
        "Deployment",
        3,
        json!({"spec": {"replicas": 2}, "status": status}),
        "Progressing Waiting for rollout to finish: observed deployment generation less than desired generation",
    );
    let crash = json!({"phase": "Running", "containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}}]});
    check("v1", "Pod", 1, json!({"spec": {"restartPolicy": "Always"}, "status": crash}), "Degraded back-off");
}

#[test]
fn what_is_being_deleted_is_progressing() {
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "deletionTimestamp": "2026-01-01T00:00:00Z"}});
    assert_eq!(of(&object).unwrap().message, "Pending deletion");
}

#[test]
fn worse_is_greater() {
    assert!(Code::Healthy < Code::Suspended && Code::Progressing < Code::Missing && Code::Degraded < Code::Unknown);
}
