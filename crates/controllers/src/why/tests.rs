use api::names::{GroupVersionKind, ObjectRef};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::explain::step;

fn check(group: &str, kind: &str, object: Value, expected: Expect) {
    let target = ObjectRef::new(&GroupVersionKind::new(group, "v1", kind), "ns", "x");
    expected.assert_debug_eq(&step(&target, &object));
}

#[test]
fn an_application_blames_its_worst_resource() {
    let resource = |name: &str, health: &str| json!({"group": "keyvault.azure.com", "version": "v1", "kind": "Vault", "namespace": "ns", "name": name, "health": {"status": health}});
    let status = json!({
        "sync": {"status": "Synced"},
        "health": {"status": "Degraded"},
        "resources": [resource("a", "Progressing"), resource("b", "Degraded"), resource("c", "Healthy")],
    });
    check(
        "argoproj.io",
        "Application",
        json!({"status": status}),
        expect![[r#"
        Deeper {
            cause: Cause {
                subject: "Application/x -n ns",
                says: "Synced, Degraded",
                message: "Vault/b -n ns is Degraded",
            },
            target: ObjectRef {
                group: "keyvault.azure.com",
                version: "v1",
                kind: "Vault",
                namespace: "ns",
                name: "b",
            },
        }
    "#]],
    );
}

#[test]
fn a_chart_that_cannot_be_had_and_a_hook_that_runs_say_what_to_do() {
    let advice = |status: Value| {
        let target = ObjectRef::new(&GroupVersionKind::new("argoproj.io", "v1alpha1", "Application"), "ns", "x");
        match step(&target, &json!({"status": status})) {
            super::explain::Step::Lowest { causes, advice } => format!("{}\n{advice}", causes[0].message),
            other => panic!("{other:?}"),
        }
    };
    let failed = |message: &str| json!({"conditions": [{"type": "ComparisonError", "message": message}]});
    expect![[r#"
        error fetching chart: https://x cannot be reached: no route
        check repoURL, chart and targetRevision of spec.source, and that this host reaches the repository; --mirror DIR answers from files"#]]
    .assert_eq(&advice(failed("error fetching chart: https://x cannot be reached: no route")));
    expect![[r#"
        failed to execute helm template command: `helm template .` failed exit status 1: Error: a name is needed
        correct spec.source.helm as the message says, or the chart: `windlass render` shows the same error"#]]
    .assert_eq(&advice(failed(
        "failed to execute helm template command: `helm template .` failed exit status 1: Error: a name is needed",
    )));
    let hook = json!({"group": "batch", "kind": "Job", "name": "j", "hook": true, "health": {"status": "Progressing"}});
    let state = json!({"phase": "Running", "message": "waiting for completion of hook batch/Job/j"});
    expect![[r#"
        waiting for completion of hook batch/Job/j
        look at the hook's object; a hook that never ends is stopped by deleting it, which fails the sync"#]]
    .assert_eq(&advice(json!({"operationState": state, "resources": [hook]})));
}

#[test]
fn an_azure_error_is_the_lowest_cause() {
    let ready = json!({"type": "Ready", "status": "False", "severity": "Error", "reason": "VaultAlreadyExists", "message": "taken"});
    check(
        "keyvault.azure.com",
        "Vault",
        json!({"status": {"conditions": [ready]}}),
        expect![[r#"
        Lowest {
            causes: [
                Cause {
                    subject: "Vault/x -n ns",
                    says: "Ready=False VaultAlreadyExists",
                    message: "taken",
                },
                Cause {
                    subject: "Azure Resource Manager",
                    says: "VaultAlreadyExists",
                    message: "taken",
                },
            ],
            advice: "choose a name that nobody has: spec.azureName with a suffix of yours",
        }
    "#]],
    );
}

#[test]
fn ready_and_plain_objects_blame_nobody() {
    let ready = json!({"type": "Ready", "status": "True", "reason": "Succeeded"});
    check("keyvault.azure.com", "Vault", json!({"status": {"conditions": [ready]}}), expect!["Ready\n"]);
    check("", "ConfigMap", json!({}), expect!["Ready\n"]);
}

#[test]
fn the_next_step_names_where_the_credential_is() {
    let step = |reason: &str, message: &str, from: Option<&str>| {
        let annotations = from.map(|name| json!({"serviceoperator.azure.com/credential-from": name}));
        let object = json!({
            "metadata": {"annotations": annotations},
            "status": {"conditions": [{"type": "Ready", "status": "False", "reason": reason, "message": message}]},
        });
        let target = ObjectRef::new(&GroupVersionKind::new("resources.azure.com", "v1", "ResourceGroup"), "ns", "x");
        super::next_step(&target, &object).unwrap_or_default()
    };
    let all = [
        step("AADSTS7000215", "AADSTS7000215: Invalid client secret provided.", Some("mine")),
        step("AADSTS700016", "AADSTS700016: Application not found.", None),
        step("AADSTS90002", "AADSTS90002: Tenant not found.", Some("mine")),
        step("SecretNotFound", "credential Secret \"ns/mine\" does not contain key \"AZURE_CLIENT_ID\"", Some("mine")),
        step("SecretNotFound", "ns/a/b does not exist (... cannot contain '/'. ...)", Some("a/b")),
        step("SecretNotFound", "ns/mine does not exist", Some("mine")),
    ];
    expect![[r#"
        put a valid AZURE_CLIENT_SECRET into Secret ns/mine: `az ad app credential reset` makes one
        correct AZURE_CLIENT_ID and AZURE_TENANT_ID in its credential Secret (aso-credential in ns, or the operator's own)
        correct AZURE_TENANT_ID in Secret ns/mine
        add the keys that the message names to Secret ns/mine
        name a Secret of the object's own namespace in the annotation serviceoperator.azure.com/credential-from
        create the Secret that the message names, in the namespace of the object"#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn aks_refusals_have_a_next_step() {
    let cases = [
        ("K8sVersionNotSupported", ""),
        ("ErrCode_InsufficientVCPUQuota", ""),
        ("PropertyChangeNotAllowed", "Changing property 'properties.vmSize' is not allowed."),
        ("NodePoolMcVersionIncompatible", ""),
        ("OperationNotAllowed", "Operation is not allowed: Another operation (dev - Updating) is in progress"),
        ("OperationNotAllowed", "Upgrading Kubernetes version 1.30.10 to 1.32.3 is not allowed."),
        ("BadRequest", "There has to be at least one system agent pool."),
        ("BadRequest", "The VM size of Huge is not allowed in your subscription in location 'westus3'."),
        ("Failed", "Getting static credential is not allowed because this cluster is set to disable local accounts."),
    ];
    let steps = cases.map(|(reason, message)| super::advice::azure(reason, message, "its Secret"));
    assert!(steps.iter().all(|step| !step.starts_with("correct what")), "{steps:?}");
    expect![[r#"
        use a version that is offered
        take fewer nodes or another vmSize, or ask for more quota
        put the property back
        upgrade the cluster first
        wait
        upgrade by one minor version at a time
        keep a pool of mode System
        correct vmSize
        export spec.operatorSpec.secrets.userCredentials instead of adminCredentials"#]]
    .assert_eq(&steps.map(|step| step.split([':', ';', '(']).next().unwrap_or_default().trim().to_string()).join("\n"));
}

#[test]
fn a_cluster_leads_to_the_object_that_azure_refused() {
    let quota = json!({"type": "Ready", "status": "False", "severity": "Error", "reason": "QuotaExceeded", "message": "ManagedCluster/dev: no cores"});
    let mut mirrored = quota.clone();
    mirrored["type"] = json!("ControlPlaneReady");
    let reference = json!({"apiVersion": "infrastructure.cluster.x-k8s.io/v1alpha1", "kind": "AzureASOManagedControlPlane", "name": "dev"});
    let resource = json!({"group": "containerservice.azure.com", "version": "v1api20231001", "kind": "ManagedCluster", "name": "dev"});
    let next = |group: &str, kind: &str, object: Value| {
        let target = ObjectRef::new(&GroupVersionKind::new(group, "v1beta1", kind), "ns", "dev");
        match step(&target, &object) {
            super::explain::Step::Deeper { cause, target } => format!("{} {} -> {target}", cause.subject, cause.says),
            super::explain::Step::Lowest { causes, advice } => {
                format!("{} {}: {advice}", causes[0].subject, causes[0].says)
            }
            super::explain::Step::Ready => "ready".into(),
        }
    };
    let incompatible = json!({"type": "Ready", "status": "False", "severity": "Error", "reason": "IncompatibleValue", "message": "spec.resources[0].spec.count"});
    let infrastructure = "infrastructure.cluster.x-k8s.io";
    let all = [
        next(
            "cluster.x-k8s.io",
            "Cluster",
            json!({"spec": {"controlPlaneRef": reference}, "status": {"conditions": [quota, mirrored]}}),
        ),
        next(
            infrastructure,
            "AzureASOManagedControlPlane",
            json!({"status": {"conditions": [quota], "resources": [{"resource": resource}]}}),
        ),
        next(infrastructure, "AzureASOManagedMachinePool", json!({"status": {"conditions": [incompatible]}})),
        next("cluster.x-k8s.io", "Cluster", json!({"status": {"conditions": [{"type": "Ready", "status": "True"}]}})),
    ];
    expect![[r#"
        Cluster/dev -n ns Ready=False QuotaExceeded -> AzureASOManagedControlPlane/dev -n ns
        AzureASOManagedControlPlane/dev -n ns Ready=False QuotaExceeded -> ManagedCluster/dev -n ns
        AzureASOManagedMachinePool/dev -n ns Ready=False IncompatibleValue: remove the field that the message names from spec.resources, or set the same value
        ready"#]].assert_eq(&all.join("\n"));
}

#[test]
fn a_cluster_by_class_leads_to_what_its_topology_waits_for() {
    let shown = |kind: &str, object: Value| {
        let target = ObjectRef::new(&GroupVersionKind::new("cluster.x-k8s.io", "v1beta1", kind), "ns", "dev");
        match step(&target, &object) {
            super::explain::Step::Deeper { cause, target } => format!("{} {} -> {target}", cause.subject, cause.says),
            super::explain::Step::Lowest { causes, advice } => {
                format!("{} {}: {advice}", causes[0].subject, causes[0].says)
            }
            super::explain::Step::Ready => "ready".into(),
        }
    };
    let reference = json!({"apiVersion": "infrastructure.cluster.x-k8s.io/v1beta1", "kind": "AzureASOManagedControlPlane", "name": "dev-x"});
    let cluster = |reason: &str, message: &str| {
        let topology = json!({"type": "TopologyReconciled", "status": "False", "severity": "Info", "reason": reason, "message": message});
        let ready = json!({"type": "Ready", "status": "True"});
        json!({
            "spec": {"topology": {"class": "aks", "classNamespace": "classes"}, "controlPlaneRef": reference},
            "status": {"conditions": [ready, topology]},
        })
    };
    let variables = json!({"type": "VariablesReconciled", "status": "False", "severity": "Error", "reason": "VariableDiscoveryFailed", "message": "VariableDiscovery failed: spec.variables[a]"});
    let failed = "TopologyReconcileFailed";
    let all = [
        shown("Cluster", cluster(failed, "ClusterClass is not successfully reconciled: status of VariablesReconciled")),
        shown("ClusterClass", json!({"status": {"conditions": [variables]}})),
        shown(
            "Cluster",
            cluster(failed, "error computing the desired state of the Cluster topology: failed to apply patches"),
        ),
        shown(
            "Cluster",
            cluster("ControlPlaneUpgradePending", "Control plane rollout and upgrade to version v1.31.1 on hold."),
        ),
        shown(
            "Cluster",
            cluster(
                "MachinePoolsUpgradePending",
                "MachinePool(s) b rollout and upgrade to version v1.31.1 on hold. MachinePool(s) a are upgrading",
            ),
        ),
        shown(
            "Cluster",
            cluster(
                "MachinePoolsUpgradePending",
                "MachinePool(s) b rollout and upgrade to version v1.31.1 on hold. Control plane is upgrading to version v1.31.1",
            ),
        ),
    ];
    expect![[r#"
        Cluster/dev -n ns TopologyReconciled=False TopologyReconcileFailed -> ClusterClass/aks -n classes
        ClusterClass/dev -n ns VariablesReconciled=False VariableDiscoveryFailed: correct the schema that the message names in spec.variables of the ClusterClass
        Cluster/dev -n ns TopologyReconciled=False TopologyReconcileFailed: correct the topology, its class or the template that the message names
        Cluster/dev -n ns TopologyReconciled=False ControlPlaneUpgradePending -> AzureASOManagedControlPlane/dev-x -n ns
        Cluster/dev -n ns TopologyReconciled=False MachinePoolsUpgradePending -> MachinePool/a -n ns
        Cluster/dev -n ns TopologyReconciled=False MachinePoolsUpgradePending -> AzureASOManagedControlPlane/dev-x -n ns"#]].assert_eq(&all.join("\n"));
}
