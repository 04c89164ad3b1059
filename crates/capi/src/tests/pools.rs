use actions::Requeue;
use api::ObjectExt;
use expect_test::expect;
use serde_json::{Value, json};

use super::world::{World, node, place};
use crate::names;

fn resources(world: &World, patch: &Value) -> Value {
    let mut list = world.find("AzureASOManagedMachinePool", "dev-pool0")["spec"]["resources"].clone();
    super::world::merge(&mut list[0]["spec"], patch);
    json!({"spec": {"resources": list}})
}

#[test]
fn a_pool_is_scaled_by_its_replicas() {
    let mut world = World::provisioned();
    world.edit("MachinePool", "dev-pool0", &json!({"spec": {"replicas": 3}}));
    world.settle();
    expect![[r#"
        status MachinePool/dev-pool0 {"phase":"ScalingUp"}
        apply ManagedClustersAgentPool/dev-pool0 {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials"},"name":"dev-pool0","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedMachinePool","name":"dev-pool0","uid":"uid-5"}]},"spec":{"azureName":"pool0","count":3,"mode":"System","orchestratorVersion":"1.30.10","owner":{"name":"dev"},"vmSize":"Standard_DS2_v2"}}
        status AzureASOManagedMachinePool/dev-pool0 {"ready":false,"resources":[{"ready":false,"resource":{"group":"containerservice.azure.com","kind":"ManagedClustersAgentPool","name":"dev-pool0","version":"v1api20231001"}}]}
            Ready=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
        status MachinePool/dev-pool0 {"infrastructureReady":false,"phase":"Provisioned"}
            Ready=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
            BootstrapReady=True
            InfrastructureReady=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
            ReplicasReady=True
    "#]].assert_eq(&world.take_log());
    world.aso("ManagedClustersAgentPool", "dev-pool0", json!({"count": 3}));
    world.nodes.as_mut().unwrap().push(node(2));
    world.settle();
    expect![[r#"
        merge AzureASOManagedMachinePool/dev-pool0 {"spec":{"providerIDList":["azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/0","azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/1","azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/2"]}}
        status AzureASOManagedMachinePool/dev-pool0 {"ready":true,"replicas":3,"resources":[{"ready":true,"resource":{"group":"containerservice.azure.com","kind":"ManagedClustersAgentPool","name":"dev-pool0","version":"v1api20231001"}}]}
            Ready=True
        node merge Node/aks-pool0-1-vmss000002 {"metadata":{"annotations":{"cluster.x-k8s.io/cluster-name":"dev","cluster.x-k8s.io/cluster-namespace":"ns","cluster.x-k8s.io/owner-kind":"MachinePool","cluster.x-k8s.io/owner-name":"dev-pool0"}}}
        merge MachinePool/dev-pool0 {"spec":{"providerIDList":["azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/0","azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/1","azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/2"]}}
        status MachinePool/dev-pool0 {"availableReplicas":3,"infrastructureReady":true,"nodeRefs":[{"apiVersion":"v1","kind":"Node","name":"aks-pool0-1-vmss000000","uid":"uid-of-aks-pool0-1-vmss000000"},{"apiVersion":"v1","kind":"Node","name":"aks-pool0-1-vmss000001","uid":"uid-of-aks-pool0-1-vmss000001"},{"apiVersion":"v1","kind":"Node","name":"aks-pool0-1-vmss000002","uid":"uid-of-aks-pool0-1-vmss000002"}],"phase":"Running","readyReplicas":3,"replicas":3}
            Ready=True
            BootstrapReady=True
            InfrastructureReady=True
            ReplicasReady=True
        status AzureASOManagedMachinePool/dev-pool0 {}
        status MachinePool/dev-pool0 {}
    "#]].assert_eq(&world.take_log());
}

#[test]
fn a_node_whose_machine_is_gone_is_deleted() {
    let mut world = World::provisioned();
    world.edit("MachinePool", "dev-pool0", &json!({"spec": {"replicas": 1}}));
    world.settle();
    world.aso("ManagedClustersAgentPool", "dev-pool0", json!({"count": 1}));
    // AKS has removed the machine; its Node is left without the label for a moment.
    world.nodes.as_mut().unwrap()[1]["metadata"]["labels"] = json!({});
    world.settle();
    expect![[r#"
        status MachinePool/dev-pool0 {"phase":"ScalingDown"}
        apply ManagedClustersAgentPool/dev-pool0 {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials"},"name":"dev-pool0","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedMachinePool","name":"dev-pool0","uid":"uid-5"}]},"spec":{"azureName":"pool0","count":1,"mode":"System","orchestratorVersion":"1.30.10","owner":{"name":"dev"},"vmSize":"Standard_DS2_v2"}}
        status AzureASOManagedMachinePool/dev-pool0 {"ready":false,"resources":[{"ready":false,"resource":{"group":"containerservice.azure.com","kind":"ManagedClustersAgentPool","name":"dev-pool0","version":"v1api20231001"}}]}
            Ready=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
        status MachinePool/dev-pool0 {"infrastructureReady":false,"phase":"Provisioned"}
            Ready=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
            BootstrapReady=True
            InfrastructureReady=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
            ReplicasReady=True
        merge AzureASOManagedMachinePool/dev-pool0 {"spec":{"providerIDList":["azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/0"]}}
        status AzureASOManagedMachinePool/dev-pool0 {"ready":true,"replicas":1,"resources":[{"ready":true,"resource":{"group":"containerservice.azure.com","kind":"ManagedClustersAgentPool","name":"dev-pool0","version":"v1api20231001"}}]}
            Ready=True
        node delete Node/aks-pool0-1-vmss000001
        merge MachinePool/dev-pool0 {"spec":{"providerIDList":["azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/0"]}}
        status MachinePool/dev-pool0 {"availableReplicas":1,"infrastructureReady":true,"nodeRefs":[{"apiVersion":"v1","kind":"Node","name":"aks-pool0-1-vmss000000","uid":"uid-of-aks-pool0-1-vmss000000"}],"phase":"Running","readyReplicas":1,"replicas":1}
            Ready=True
            BootstrapReady=True
            InfrastructureReady=True
            ReplicasReady=True
        status AzureASOManagedMachinePool/dev-pool0 {}
        status MachinePool/dev-pool0 {}
    "#]].assert_eq(&world.take_log());
}

#[test]
fn an_autoscaled_pool_counts_itself() {
    let mut world = World::with_cluster();
    let patch = resources(&world, &json!({"enableAutoScaling": true, "minCount": 1, "maxCount": 3}));
    world.edit("AzureASOManagedMachinePool", "dev-pool0", &patch);
    world.settle();
    world.azure_makes_everything();
    world.settle();
    world.aso("ManagedClustersAgentPool", "dev-pool0", json!({"count": 3}));
    world.settle();
    world.aso("ManagedClustersAgentPool", "dev-pool0", json!({"count": 3}));
    world.nodes.as_mut().unwrap().push(node(2));
    world.settle();
    let pool = world.find("MachinePool", "dev-pool0");
    assert_eq!(pool.annotation(names::REPLICAS_MANAGED_BY), Some("aks"));
    assert_eq!(pool["spec"]["replicas"], 3);
    assert_eq!(world.find("ManagedClustersAgentPool", "dev-pool0")["spec"].get("count"), None);
    expect![[r#"
        Scaling
        Ready=True
        BootstrapReady=True
        InfrastructureReady=True
        Paused=False NotPaused
    "#]]
    .assert_eq(&world.conditions("MachinePool", "dev-pool0"));
    world.take_log();
    let patch = resources(&world, &json!({"enableAutoScaling": false}));
    world.edit("AzureASOManagedMachinePool", "dev-pool0", &patch);
    world.settle();
    expect![[r#"
        merge MachinePool/dev-pool0 {"metadata":{"annotations":{"cluster.x-k8s.io/replicas-managed-by":null}}}
        apply ManagedClustersAgentPool/dev-pool0 {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials"},"name":"dev-pool0","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedMachinePool","name":"dev-pool0","uid":"uid-5"}]},"spec":{"azureName":"pool0","count":3,"enableAutoScaling":false,"maxCount":3,"minCount":1,"mode":"System","orchestratorVersion":"1.30.10","owner":{"name":"dev"},"vmSize":"Standard_DS2_v2"}}
        status AzureASOManagedMachinePool/dev-pool0 {"ready":false,"resources":[{"ready":false,"resource":{"group":"containerservice.azure.com","kind":"ManagedClustersAgentPool","name":"dev-pool0","version":"v1api20231001"}}]}
            Ready=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
        status MachinePool/dev-pool0 {"infrastructureReady":false,"phase":"Provisioning"}
            Ready=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
            BootstrapReady=True
            InfrastructureReady=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
    "#]].assert_eq(&world.take_log());
}

#[test]
fn what_the_webhook_would_fill_in_is_filled_in() {
    let mut world = World::with_cluster();
    let bounds = json!({names::AUTOSCALER_MIN: "2", names::AUTOSCALER_MAX: "5"});
    let template = json!({"spec": {"version": "1.30.10"}});
    let patch = json!({"metadata": {"annotations": bounds}, "spec": {"replicas": null, "template": template}});
    world.edit("MachinePool", "dev-pool0", &patch);
    world.settle();
    let log = world.take_log();
    let lines: Vec<&str> = log.lines().filter(|line| line.starts_with("merge MachinePool")).collect();
    expect![[r#"
        merge MachinePool/dev-pool0 {"metadata":{"finalizers":["machinepool.cluster.x-k8s.io"]}}
        merge MachinePool/dev-pool0 {"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"dev"},"ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"Cluster","name":"dev","uid":"uid-1"}]},"spec":{"replicas":2,"template":{"spec":{"version":"v1.30.10"}}}}
        merge MachinePool/dev-pool0 {"spec":{"template":{"spec":{"infrastructureRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1alpha1","kind":"AzureASOManagedMachinePool","name":"dev-pool0","namespace":"ns"}}}}}"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn availability_needs_min_ready_seconds() {
    let mut world = World::provisioned();
    world.edit("MachinePool", "dev-pool0", &json!({"spec": {"minReadySeconds": 30}}));
    world.wait(10);
    world.settle();
    expect![[r#"
        status MachinePool/dev-pool0 {"availableReplicas":0,"unavailableReplicas":2}
    "#]]
    .assert_eq(&world.take_log());
    let key = place(names::CORE_API_VERSION, "MachinePool", "dev-pool0");
    assert_eq!(world.requeues[&key], Requeue::After(std::time::Duration::from_secs(21)));
    world.wait(21);
    world.settle();
    expect![[r#"
        status MachinePool/dev-pool0 {"availableReplicas":2,"unavailableReplicas":0}
    "#]]
    .assert_eq(&world.take_log());
}

#[test]
fn an_unreachable_cluster_is_said_and_changes_no_counter() {
    let mut world = World::provisioned();
    world.nodes = Err("connection refused".into());
    world.settle();
    expect![[r#"
        Provisioned
        Ready=False Warning ClusterNotReachable: failed to list nodes in workload cluster: connection refused
        BootstrapReady=True
        InfrastructureReady=False Warning ClusterNotReachable: failed to list nodes in workload cluster: connection refused
        ReplicasReady=False Warning ClusterNotReachable: connection refused
        Paused=False NotPaused
    "#]].assert_eq(&world.conditions("MachinePool", "dev-pool0"));
    assert_eq!(world.find("MachinePool", "dev-pool0")["status"]["readyReplicas"], 2);
    let key = place(names::CORE_API_VERSION, "MachinePool", "dev-pool0");
    assert_eq!(world.requeues[&key], Requeue::Backoff);
}
