//! Each mutator's refusal, word by word, and what else is refused by name.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::world::World;

/// The Ready condition of the object after an edit of it (and of the Cluster) before anything ran.
fn check(kind: &str, name: &str, edit: impl Fn(&mut Value), cluster: &Value, expected: Expect) {
    let mut world = World::with_cluster();
    let mut object = world.find(kind, name).clone();
    edit(&mut object["spec"]);
    let spec = object["spec"].clone();
    world.edit(kind, name, &json!({"spec": spec}));
    world.edit("Cluster", "dev", cluster);
    world.settle();
    expected.assert_eq(world.conditions(kind, name).lines().find(|line| line.starts_with("Ready")).unwrap_or_default());
}

fn control_plane(edit: impl Fn(&mut Value), cluster: &Value, expected: Expect) {
    check("AzureASOManagedControlPlane", "dev", edit, cluster, expected);
}

fn pool(edit: impl Fn(&mut Value), expected: Expect) {
    check("AzureASOManagedMachinePool", "dev-pool0", edit, &json!({}), expected);
}

#[test]
fn values_of_the_user_that_are_not_cluster_apis() {
    let none = json!({});
    control_plane(
        |spec| spec["resources"][0]["spec"]["kubernetesVersion"] = json!("1.29.0"),
        &none,
        expect![
            "Ready=False Error IncompatibleValue: failed to run mutator: incompatible value: value at spec.resources[0].spec.kubernetesVersion set by user to 1.29.0 but CAPZ must set it to 1.30.10 because spec.version is set to v1.30.10. The user-defined value must not be defined, or must match CAPZ's desired value."
        ],
    );
    control_plane(
        |spec| spec["resources"][0]["spec"]["kubernetesVersion"] = json!(1.3),
        &none,
        expect![
            "Ready=False Error IncompatibleValue: failed to run mutator: .spec.kubernetesVersion accessor error: 1.3 is of the type float64, expected string"
        ],
    );
    control_plane(
        |spec| spec["resources"][0]["spec"]["kubernetesVersion"] = json!("1.30.10"),
        &none,
        expect!["Ready=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource"],
    );
    control_plane(
        |spec| spec["resources"][0]["spec"]["agentPoolProfiles"] = json!([]),
        &none,
        expect![
            "Ready=False Error IncompatibleValue: failed to run mutator: incompatible value: value at spec.resources[0].spec.agentPoolProfiles set by user to <slice of length 0> but CAPZ must set it to nil because agent pool definitions must be inherited from AzureASOManagedMachinePools. The user-defined value must not be defined, or must match CAPZ's desired value."
        ],
    );
    let network = json!({"spec": {"clusterNetwork": {"pods": {"cidrBlocks": ["10.1.0.0/16"]}, "services": {"cidrBlocks": ["10.2.0.0/16"]}}}});
    let profile = |field: &'static str| {
        move |spec: &mut Value| spec["resources"][0]["spec"]["networkProfile"] = json!({field: "10.9.0.0/16"})
    };
    control_plane(
        profile("serviceCidr"),
        &network,
        expect![
            "Ready=False Error IncompatibleValue: failed to run mutator: incompatible value: value at spec.resources[0].spec.networkProfile.serviceCidr set by user to 10.9.0.0/16 but CAPZ must set it to 10.2.0.0/16 because spec.clusterNetwork.services.cidrBlocks[0] in Cluster ns/dev is set to 10.2.0.0/16. The user-defined value must not be defined, or must match CAPZ's desired value."
        ],
    );
    control_plane(
        profile("podCidr"),
        &network,
        expect![
            "Ready=False Error IncompatibleValue: failed to run mutator: incompatible value: value at spec.resources[0].spec.networkProfile.podCidr set by user to 10.9.0.0/16 but CAPZ must set it to 10.1.0.0/16 because spec.clusterNetwork.pods.cidrBlocks[0] in Cluster ns/dev is set to 10.1.0.0/16. The user-defined value must not be defined, or must match CAPZ's desired value."
        ],
    );
    pool(
        |spec| spec["resources"][0]["spec"]["orchestratorVersion"] = json!("1.29.0"),
        expect![
            "Ready=False Error IncompatibleValue: failed to run mutator: incompatible value: value at spec.resources[0].spec.orchestratorVersion set by user to 1.29.0 but CAPZ must set it to 1.30.10 because MachinePool dev-pool0's spec.template.spec.version is v1.30.10. The user-defined value must not be defined, or must match CAPZ's desired value."
        ],
    );
    pool(
        |spec| spec["resources"][0]["spec"]["count"] = json!(7),
        expect![
            "Ready=False Error IncompatibleValue: failed to run mutator: incompatible value: value at spec.resources[0].spec.count set by user to 7 but CAPZ must set it to 2 because MachinePool dev-pool0's spec.replicas is 2. The user-defined value must not be defined, or must match CAPZ's desired value."
        ],
    );
    pool(
        |spec| spec["resources"][0]["spec"]["enableAutoScaling"] = json!("yes"),
        expect![
            "Ready=False Error IncompatibleValue: failed to run mutator: .spec.enableAutoScaling accessor error: yes is of the type string, expected bool"
        ],
    );
}

#[test]
fn lists_without_what_they_are_for() {
    let none = json!({});
    control_plane(
        |spec| spec["resources"] = json!([]),
        &none,
        expect![
            "Ready=False Error NoManagedClusterDefined: failed to run mutator: no containerservice.azure.com ManagedCluster defined in AzureASOManagedControlPlane spec.resources"
        ],
    );
    pool(
        |spec| spec["resources"] = json!([]),
        expect![
            "Ready=False Error NoManagedClustersAgentPoolDefined: failed to run mutator: no containerservice.azure.com ManagedClustersAgentPools defined in AzureASOManagedMachinePool spec.resources"
        ],
    );
    let nameless = |spec: &mut Value| spec["resources"][0]["metadata"] = json!({});
    control_plane(
        nameless,
        &none,
        expect!["Ready=False Error InvalidResource: spec.resources[0].metadata.name: Required value"],
    );
    check(
        "AzureASOManagedCluster",
        "dev",
        |spec| spec["resources"][0]["kind"] = json!(""),
        &none,
        expect!["Ready=False Error InvalidResource: spec.resources[0].kind: Required value"],
    );
}

#[test]
fn kinds_that_do_not_belong_together() {
    let other = |field: &str| json!({"spec": {field: {"kind": "AzureManagedControlPlane"}}});
    check(
        "AzureASOManagedCluster",
        "dev",
        |_| {},
        &other("controlPlaneRef"),
        expect![
            "Ready=False Error InvalidControlPlaneKind: AzureASOManagedCluster cannot be used without AzureASOManagedControlPlane"
        ],
    );
    control_plane(
        |_| {},
        &json!({"spec": {"infrastructureRef": null}}),
        expect![
            "Ready=False Error InvalidClusterKind: AzureASOManagedControlPlane cannot be used without AzureASOManagedCluster"
        ],
    );
}

#[test]
fn another_counts_already() {
    let mut world = World::with_cluster();
    let annotations = json!({crate::names::REPLICAS_MANAGED_BY: "cluster-autoscaler"});
    world.edit("MachinePool", "dev-pool0", &json!({"metadata": {"annotations": annotations}}));
    let mut spec = world.find("AzureASOManagedMachinePool", "dev-pool0")["spec"].clone();
    spec["resources"][0]["spec"]["enableAutoScaling"] = json!(true);
    world.edit("AzureASOManagedMachinePool", "dev-pool0", &json!({"spec": spec}));
    world.settle();
    expect![[r#"
        Ready=False Error ReplicasManagedByAnother: failed to run mutator: failed to enable autoscaling, replicas are already being managed by cluster-autoscaler according to MachinePool dev-pool0's cluster.x-k8s.io/replicas-managed-by annotation
    "#]].assert_eq(&world.conditions("AzureASOManagedMachinePool", "dev-pool0"));
    expect![[r#"
        Ready=False Error ReplicasManagedByAnother: AzureASOManagedMachinePool dev-pool0: failed to run mutator: failed to enable autoscaling, replicas are already being managed by cluster-autoscaler according to MachinePool dev-pool0's cluster.x-k8s.io/replicas-managed-by annotation
    "#]].assert_eq(&world.conditions("AzureASOManagedControlPlane", "dev"));
}

#[test]
fn what_the_server_refuses() {
    let mut world = World::with_cluster();
    world.refuse = Some((
        "ManagedCluster",
        "no matches for kind \"ManagedCluster\" in version \"containerservice.azure.com/v1api20231001\"",
    ));
    world.settle();
    expect![[r#"
        Provisioning
        Ready=False Error ApplyFailed: failed to apply resource ManagedCluster/dev: no matches for kind "ManagedCluster" in version "containerservice.azure.com/v1api20231001"
        ControlPlaneInitialized=False Info WaitingForControlPlaneProviderInitialized: Waiting for control plane provider to indicate the control plane has been initialized
        ControlPlaneReady=False Error ApplyFailed: failed to apply resource ManagedCluster/dev: no matches for kind "ManagedCluster" in version "containerservice.azure.com/v1api20231001"
        InfrastructureReady=False Info Reconciling: ResourceGroup/dev: waiting for ASO to reconcile the resource
        Paused=False NotPaused
    "#]].assert_eq(&world.conditions("Cluster", "dev"));
}

#[test]
fn local_accounts_that_are_disabled() {
    let mut world = World::with_cluster();
    world.settle();
    world.azure_makes_everything();
    world.edit(
        "ManagedCluster",
        "dev",
        &json!({"status": {"aadProfile": {"managed": true}, "disableLocalAccounts": true}}),
    );
    world.settle();
    expect![[r#"
        Ready=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
    "#]]
    .assert_eq(&world.conditions("AzureASOManagedControlPlane", "dev"));
    world.edit("AzureASOManagedControlPlane", "dev", &{
        let mut spec = world.find("AzureASOManagedControlPlane", "dev")["spec"].clone();
        spec["resources"][0]["spec"]["operatorSpec"] =
            json!({"secrets": {"userCredentials": {"name": "dev-user", "key": "value"}}});
        json!({"spec": spec})
    });
    world.settle();
    world.aso("ManagedCluster", "dev", json!({}));
    world.settle();
    expect![[r#"
        Ready=False Error UnsupportedDisableLocalAccounts: a ManagedCluster with a managed aadProfile and disableLocalAccounts is not supported: Windlass does not put Microsoft Entra ID tokens into kubeconfigs yet
    "#]].assert_eq(&world.conditions("AzureASOManagedControlPlane", "dev"));
}

#[test]
fn references_that_lead_elsewhere() {
    let mut world = World::with_cluster();
    let edit = json!({"spec": {"infrastructureRef": {"namespace": "other"}, "controlPlaneRef": {"kind": "Nothing"}}});
    world.edit("Cluster", "dev", &edit);
    world.settle();
    expect![[r#"
        Provisioning
        Ready=False Error InvalidReference: customresourcedefinitions.apiextensions.k8s.io "nothings.infrastructure.cluster.x-k8s.io" not found
        ControlPlaneReady=False Error InvalidReference: customresourcedefinitions.apiextensions.k8s.io "nothings.infrastructure.cluster.x-k8s.io" not found
        InfrastructureReady=False Error InvalidReference: spec.infrastructureRef.namespace: Invalid value: "other": must match metadata.namespace
        Paused=False NotPaused
    "#]].assert_eq(&world.conditions("Cluster", "dev"));
    let mut world = World::with_cluster();
    let owner = json!([{"apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "Cluster", "name": "prod", "uid": "u", "controller": true}]);
    world.edit("AzureASOManagedCluster", "dev", &json!({"metadata": {"ownerReferences": owner}}));
    world.settle();
    expect![[r#"
        Provisioning
        Ready=False Error OwnedByAnother: Object ns/dev is already owned by another Cluster controller prod
        ControlPlaneInitialized=False Info WaitingForControlPlaneProviderInitialized: Waiting for control plane provider to indicate the control plane has been initialized
        ControlPlaneReady=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
        InfrastructureReady=False Error OwnedByAnother: Object ns/dev is already owned by another Cluster controller prod
        Paused=False NotPaused
    "#]].assert_eq(&world.conditions("Cluster", "dev"));
}

#[test]
fn a_policy_of_the_user_in_a_pause() {
    let mut world = World::provisioned();
    let mut spec = world.find("AzureASOManagedCluster", "dev")["spec"].clone();
    spec["resources"][0]["metadata"]["annotations"] = json!({crate::names::RECONCILE_POLICY: "detach-on-delete"});
    world.edit(
        "AzureASOManagedCluster",
        "dev",
        &json!({"spec": spec, "metadata": {"annotations": {"cluster.x-k8s.io/paused": ""}}}),
    );
    world.settle();
    expect![[r#"
        Ready=False Error IncompatibleValue: failed to pause resources: incompatible value: value at spec.resources[0].metadata.annotations.serviceoperator.azure.com/reconcile-policy set by user to detach-on-delete but CAPZ must set it to skip because the CAPZ resource is paused. The user-defined value must not be defined, or must match CAPZ's desired value.
    "#]].assert_eq(&world.conditions("AzureASOManagedCluster", "dev"));
}
