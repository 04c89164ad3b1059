use actions::Requeue;
use expect_test::expect;
use serde_json::json;

use super::world::{World, place};
use crate::names;

/// ASO has deleted the object in Azure.
fn gone(world: &mut World, kind: &str, name: &str) {
    world.edit(kind, name, &json!({"metadata": {"finalizers": []}}));
}

fn left(world: &World) -> Vec<String> {
    world.objects.keys().map(|(_, kind, name)| format!("{kind}/{name}")).collect()
}

#[test]
fn a_cluster_goes_pools_first_then_control_plane_then_infrastructure() {
    let mut world = World::provisioned();
    world.delete("Cluster", "dev");
    world.settle();
    expect![[r#"
        delete MachinePool/dev-pool0
        status Cluster/dev {"phase":"Deleting"}
            Deleting=True WaitingForWorkersDeletion: * MachinePools: dev-pool0
            Paused=False NotPaused
        delete AzureASOManagedMachinePool/dev-pool0
        status MachinePool/dev-pool0 {"phase":"Deleting"}
            Deleting=True WaitingForInfrastructureDeletion: Waiting for AzureASOManagedMachinePool to be deleted
            Paused=False NotPaused
        merge AzureASOManagedMachinePool/dev-pool0 {"metadata":{"finalizers":[]}}
        merge MachinePool/dev-pool0 {"metadata":{"finalizers":[]}}
        delete AzureASOManagedControlPlane/dev
        status Cluster/dev {}
            Deleting=True WaitingForControlPlaneDeletion: Waiting for AzureASOManagedControlPlane to be deleted
            Paused=False NotPaused
        delete ManagedCluster/dev
        status AzureASOManagedControlPlane/dev {"initialized":false,"ready":false}
            Ready=False Info Deleting: Waiting for ManagedCluster/dev to be deleted
        status Cluster/dev {}
            Ready=False Info Deleting: Waiting for ManagedCluster/dev to be deleted
            ControlPlaneInitialized=True
            ControlPlaneReady=False Info Deleting: Waiting for ManagedCluster/dev to be deleted
            InfrastructureReady=True
    "#]]
    .assert_eq(&world.take_log());
    expect![[r#"
        Deleting
        Ready=False Info Deleting: Waiting for ManagedCluster/dev to be deleted
        ControlPlaneInitialized=True
        ControlPlaneReady=False Info Deleting: Waiting for ManagedCluster/dev to be deleted
        InfrastructureReady=True
        Deleting=True WaitingForControlPlaneDeletion: Waiting for AzureASOManagedControlPlane to be deleted
        Paused=False NotPaused
    "#]]
    .assert_eq(&world.conditions("Cluster", "dev"));
    gone(&mut world, "ManagedCluster", "dev");
    world.settle();
    expect![[r#"
        merge AzureASOManagedControlPlane/dev {"metadata":{"finalizers":[]}}
        delete AzureASOManagedCluster/dev
        status Cluster/dev {}
            Ready=False Info Deleted
            ControlPlaneInitialized=True
            ControlPlaneReady=False Info Deleted
            InfrastructureReady=True
            Deleting=True WaitingForInfrastructureDeletion: Waiting for AzureASOManagedCluster to be deleted
            Paused=False NotPaused
        delete ResourceGroup/dev
        status AzureASOManagedCluster/dev {"ready":false}
            Ready=False Info Deleting: Waiting for ResourceGroup/dev to be deleted
        status Cluster/dev {}
            Ready=False Info Deleted
            ControlPlaneInitialized=True
            ControlPlaneReady=False Info Deleted
            InfrastructureReady=False Info Deleting: Waiting for ResourceGroup/dev to be deleted
    "#]]
    .assert_eq(&world.take_log());
    gone(&mut world, "ResourceGroup", "dev");
    world.settle();
    expect![[r#"
        merge AzureASOManagedCluster/dev {"metadata":{"finalizers":[]}}
        merge Cluster/dev {"metadata":{"finalizers":[]}}
    "#]]
    .assert_eq(&world.take_log());
    expect![[r#"["Secret/dev-kubeconfig", "ManagedClustersAgentPool/dev-pool0"]"#]]
        .assert_eq(&format!("{:?}", left(&world)));
}

#[test]
fn a_pool_of_a_living_cluster_waits_for_its_agent_pool() {
    let mut world = World::provisioned();
    world.delete("MachinePool", "dev-pool0");
    world.settle();
    expect![[r#"
        delete AzureASOManagedMachinePool/dev-pool0
        status MachinePool/dev-pool0 {"phase":"Deleting"}
            Deleting=True WaitingForInfrastructureDeletion: Waiting for AzureASOManagedMachinePool to be deleted
            Paused=False NotPaused
        delete ManagedClustersAgentPool/dev-pool0
        status AzureASOManagedMachinePool/dev-pool0 {"ready":false}
            Ready=False Info Deleting: Waiting for ManagedClustersAgentPool/dev-pool0 to be deleted
    "#]]
    .assert_eq(&world.take_log());
    world.aso_fails("ManagedClustersAgentPool", "dev-pool0", "Warning", "OperationNotAllowed", "the last system pool");
    world.settle();
    expect![[r#"
        status AzureASOManagedMachinePool/dev-pool0 {"resources":[{"ready":false,"resource":{"group":"containerservice.azure.com","kind":"ManagedClustersAgentPool","name":"dev-pool0","version":"v1api20231001"}}]}
            Ready=False Info Deleting: Waiting for ManagedClustersAgentPool/dev-pool0 to be deleted; OperationNotAllowed: the last system pool
    "#]].assert_eq(&world.take_log());
    gone(&mut world, "ManagedClustersAgentPool", "dev-pool0");
    world.settle();
    expect![[r#"
        merge AzureASOManagedMachinePool/dev-pool0 {"metadata":{"finalizers":[]}}
        merge MachinePool/dev-pool0 {"metadata":{"finalizers":[]}}
    "#]]
    .assert_eq(&world.take_log());
}

#[test]
fn a_pool_that_came_with_its_cluster_is_taken_over_before_it_is_deleted() {
    let mut world = World::with_cluster();
    world.settle();
    // ASO is still making the cluster, and has not sent the agent pool itself.
    world.edit("ManagedCluster", "dev", &json!({"metadata": {"annotations": {names::RESOURCE_ID: "/dev"}}}));
    world.take_log();
    world.delete("MachinePool", "dev-pool0");
    world.settle();
    expect![[r#"
        Ready=False Info Deleting: Waiting for ManagedCluster/dev, which may be making the agent pool
    "#]]
    .assert_eq(&world.conditions("AzureASOManagedMachinePool", "dev-pool0"));
    assert_eq!(world.take_writes(), "delete AzureASOManagedMachinePool/dev-pool0\n");
    world.aso("ManagedCluster", "dev", json!({"agentPoolProfiles": [{"name": "pool0"}]}));
    world.settle();
    expect![[r#"
        Ready=False Info Deleting: Waiting for ASO to take over the agent pool that came with the cluster: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
    "#]].assert_eq(&world.conditions("AzureASOManagedMachinePool", "dev-pool0"));
    assert!(!world.take_writes().contains("delete"), "what ASO does not know stays in Azure");
    // A garbage collector was faster than ASO.
    world.delete("ManagedClustersAgentPool", "dev-pool0");
    world.settle();
    assert!(world.take_writes().contains("apply ManagedClustersAgentPool/dev-pool0"));
    world.aso("ManagedClustersAgentPool", "dev-pool0", json!({"count": 2}));
    world.settle();
    assert_eq!(world.take_writes(), "delete ManagedClustersAgentPool/dev-pool0\n");
    gone(&mut world, "ManagedClustersAgentPool", "dev-pool0");
    world.settle();
    assert!(!left(&world).contains(&"MachinePool/dev-pool0".to_string()));
}

#[test]
fn a_pool_that_its_cluster_was_made_without_is_let_go() {
    let mut world = World::with_cluster();
    world.settle();
    world.delete("MachinePool", "dev-pool0");
    world.aso("ManagedCluster", "dev", json!({"agentPoolProfiles": [{"name": "other"}]}));
    world.settle();
    assert!(!left(&world).contains(&"MachinePool/dev-pool0".to_string()));
}

#[test]
fn everything_at_once_and_owners_first_hangs_nowhere() {
    let mut world = World::provisioned();
    let kinds = [
        "AzureASOManagedCluster",
        "AzureASOManagedControlPlane",
        "AzureASOManagedMachinePool",
        "MachinePool",
        "Cluster",
    ];
    for kind in kinds {
        world.delete(kind, if kind.ends_with("Pool") { "dev-pool0" } else { "dev" });
    }
    // Somebody tore the owners out.
    world.objects.retain(|(_, kind, _), _| kind != "Cluster" && kind != "MachinePool");
    world.settle();
    for (kind, name) in [("ManagedClustersAgentPool", "dev-pool0"), ("ManagedCluster", "dev"), ("ResourceGroup", "dev")]
    {
        gone(&mut world, kind, name);
        world.settle();
    }
    expect![[r#"["Secret/dev-kubeconfig"]"#]].assert_eq(&format!("{:?}", left(&world)));
}

#[test]
fn a_pool_of_an_unreachable_cluster_waits_for_its_timeout_only() {
    let mut world = World::provisioned();
    world.nodes = Err("connection refused".into());
    world.settle();
    world.delete("MachinePool", "dev-pool0");
    world.settle();
    gone(&mut world, "ManagedClustersAgentPool", "dev-pool0");
    world.settle();
    expect![[r#"
        Deleting
        Ready=False Warning ClusterNotReachable: failed to list nodes in workload cluster: connection refused
        BootstrapReady=True
        InfrastructureReady=False Warning ClusterNotReachable: failed to list nodes in workload cluster: connection refused
        ReplicasReady=False Warning ClusterNotReachable: connection refused
        Deleting=True WaitingForNodeDeletion: Waiting for the workload cluster to delete its Nodes (nodeDeletionTimeout 10s): connection refused
        Paused=False NotPaused
    "#]]
    .assert_eq(&world.conditions("MachinePool", "dev-pool0"));
    let key = place(names::CORE_API_VERSION, "MachinePool", "dev-pool0");
    assert_eq!(world.requeues[&key], Requeue::After(std::time::Duration::from_secs(11)));
    world.wait(11);
    world.settle();
    assert!(!left(&world).contains(&"MachinePool/dev-pool0".to_string()));
}

#[test]
fn a_removed_entry_is_deleted_and_listed_until_it_is_gone() {
    let mut world = World::provisioned();
    let extra = json!({
        "apiVersion": "resources.azure.com/v1api20200601", "kind": "ResourceGroup", "metadata": {"name": "other"}, "spec": {},
    });
    let mut resources = world.find("AzureASOManagedCluster", "dev")["spec"]["resources"].clone();
    let before = resources.clone();
    resources.as_array_mut().unwrap().push(extra);
    world.edit("AzureASOManagedCluster", "dev", &json!({"spec": {"resources": resources}}));
    world.settle();
    world.aso("ResourceGroup", "other", json!({}));
    world.settle();
    world.take_log();
    world.edit("AzureASOManagedCluster", "dev", &json!({"spec": {"resources": before}}));
    world.settle();
    expect![[r#"
        delete ResourceGroup/other
        status AzureASOManagedCluster/dev {"ready":false}
            Ready=False Info Deleting: ResourceGroup/other is being deleted
        status Cluster/dev {}
            Ready=False Info Deleting: ResourceGroup/other is being deleted
            ControlPlaneInitialized=True
            ControlPlaneReady=True
            InfrastructureReady=False Info Deleting: ResourceGroup/other is being deleted
    "#]]
    .assert_eq(&world.take_log());
    gone(&mut world, "ResourceGroup", "other");
    world.settle();
    expect![[r#"
        status AzureASOManagedCluster/dev {"ready":true,"resources":[{"ready":true,"resource":{"group":"resources.azure.com","kind":"ResourceGroup","name":"dev","version":"v1api20200601"}}]}
            Ready=True
        status Cluster/dev {}
            Ready=True
            ControlPlaneInitialized=True
            ControlPlaneReady=True
            InfrastructureReady=True
    "#]].assert_eq(&world.take_log());
}
