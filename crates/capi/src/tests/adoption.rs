use expect_test::expect;
use serde_json::json;

use super::world::World;

#[test]
fn a_cluster_that_aso_made_gets_its_objects() {
    let mut world = World::new();
    world.put(json!({
        "apiVersion": "resources.azure.com/v1api20200601", "kind": "ResourceGroup",
        "metadata": {"name": "old"}, "spec": {"location": "westeurope"},
    }));
    let annotations = json!({"sigs.k8s.io/cluster-api-provider-azure-adopt": "true"});
    world.put(json!({
        "apiVersion": "containerservice.azure.com/v1api20231001", "kind": "ManagedCluster",
        "metadata": {"name": "old", "annotations": annotations},
        "spec": {"owner": {"name": "old"}, "location": "westeurope", "agentPoolProfiles": [{"name": "pool0"}]},
        "status": {"agentPoolProfiles": [{"name": "pool0"}]},
    }));
    world.put(json!({
        "apiVersion": "containerservice.azure.com/v1api20231001", "kind": "ManagedClustersAgentPool",
        "metadata": {"name": "old-pool0", "annotations": annotations},
        "spec": {"owner": {"name": "old"}, "azureName": "pool0", "count": 2, "enableAutoScaling": true},
        "status": {"count": 2},
    }));
    world.settle();
    expect![[r#"
        merge ManagedCluster/old {"spec":{"agentPoolProfiles":null}}
        create Cluster/old {"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"Cluster","metadata":{"name":"old","namespace":"ns"},"spec":{"controlPlaneRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedControlPlane","name":"old"},"infrastructureRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedCluster","name":"old"}}}
        create AzureASOManagedCluster/old {"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedCluster","metadata":{"name":"old","namespace":"ns"},"spec":{"resources":[{"apiVersion":"resources.azure.com/v1api20200601","kind":"ResourceGroup","metadata":{"name":"old"},"spec":{"location":"westeurope"}}]}}
        create AzureASOManagedControlPlane/old {"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedControlPlane","metadata":{"name":"old","namespace":"ns"},"spec":{"resources":[{"apiVersion":"containerservice.azure.com/v1api20231001","kind":"ManagedCluster","metadata":{"name":"old"},"spec":{"location":"westeurope","owner":{"name":"old"}}}]}}
        merge Cluster/old {"metadata":{"finalizers":["cluster.cluster.x-k8s.io"]}}
        merge Cluster/old {"spec":{"infrastructureRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedCluster","name":"old","namespace":"ns"}}}
        merge AzureASOManagedCluster/old {"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"old"},"ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"Cluster","name":"old","uid":"uid-5"}]}}
        merge Cluster/old {"spec":{"controlPlaneRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedControlPlane","name":"old","namespace":"ns"}}}
        merge AzureASOManagedControlPlane/old {"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"old"},"ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"Cluster","name":"old","uid":"uid-5"}]}}
        status Cluster/old {"infrastructureReady":false,"phase":"Provisioning"}
            Ready=False Info WaitingForControlPlane
            ControlPlaneInitialized=False Info WaitingForControlPlaneProviderInitialized: Waiting for control plane provider to indicate the control plane has been initialized
            ControlPlaneReady=False Info WaitingForControlPlane
            InfrastructureReady=False Info WaitingForInfrastructure
            Paused=False NotPaused
        merge AzureASOManagedCluster/old {"metadata":{"annotations":{"clusterctl.cluster.x-k8s.io/block-move":"true"},"finalizers":["cluster.cluster.x-k8s.io"]}}
        apply ResourceGroup/old {"data":null,"metadata":{"name":"old","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedCluster","name":"old","uid":"uid-6"}]},"spec":{"location":"westeurope"}}
        status AzureASOManagedCluster/old {"ready":false,"resources":[{"ready":false,"resource":{"group":"resources.azure.com","kind":"ResourceGroup","name":"old","version":"v1api20200601"}}]}
            Ready=False Info Reconciling: ResourceGroup/old: waiting for ASO to reconcile the resource
        merge AzureASOManagedControlPlane/old {"metadata":{"annotations":{"clusterctl.cluster.x-k8s.io/block-move":"true"},"finalizers":["azureasomanagedcontrolplane.infrastructure.cluster.x-k8s.io"]}}
        apply ManagedCluster/old {"data":null,"metadata":{"name":"old","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedControlPlane","name":"old","uid":"uid-7"}]},"spec":{"location":"westeurope","operatorSpec":{"secrets":{"adminCredentials":{"key":"value","name":"old-kubeconfig"}}},"owner":{"name":"old"}}}
        status AzureASOManagedControlPlane/old {"initialized":false,"ready":false,"resources":[{"ready":false,"resource":{"group":"containerservice.azure.com","kind":"ManagedCluster","name":"old","version":"v1api20231001"}}]}
            Ready=False Info Reconciling: ManagedCluster/old: waiting for ASO to reconcile the resource
        status Cluster/old {}
            Ready=False Info Reconciling: ManagedCluster/old: waiting for ASO to reconcile the resource
            ControlPlaneInitialized=False Info WaitingForControlPlaneProviderInitialized: Waiting for control plane provider to indicate the control plane has been initialized
            ControlPlaneReady=False Info Reconciling: ManagedCluster/old: waiting for ASO to reconcile the resource
            InfrastructureReady=False Info Reconciling: ResourceGroup/old: waiting for ASO to reconcile the resource
        create MachinePool/old-pool0 {"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"MachinePool","metadata":{"annotations":{"cluster.x-k8s.io/replicas-managed-by":"aks"},"name":"old-pool0","namespace":"ns"},"spec":{"clusterName":"old","replicas":2,"template":{"spec":{"bootstrap":{"dataSecretName":""},"clusterName":"old","infrastructureRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedMachinePool","name":"old-pool0"}}}}}
        create AzureASOManagedMachinePool/old-pool0 {"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedMachinePool","metadata":{"name":"old-pool0","namespace":"ns"},"spec":{"resources":[{"apiVersion":"containerservice.azure.com/v1api20231001","kind":"ManagedClustersAgentPool","metadata":{"name":"old-pool0"},"spec":{"azureName":"pool0","enableAutoScaling":true,"owner":{"name":"old"}}}]}}
        merge MachinePool/old-pool0 {"metadata":{"finalizers":["machinepool.cluster.x-k8s.io"]}}
        merge MachinePool/old-pool0 {"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"old"},"ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"Cluster","name":"old","uid":"uid-5"}]}}
        merge MachinePool/old-pool0 {"spec":{"template":{"spec":{"infrastructureRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedMachinePool","name":"old-pool0","namespace":"ns"}}}}}
        merge AzureASOManagedMachinePool/old-pool0 {"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"old"},"ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"MachinePool","name":"old-pool0","uid":"uid-21"}]}}
        status MachinePool/old-pool0 {"bootstrapReady":true,"infrastructureReady":false,"phase":"Provisioning"}
            Ready=False Info WaitingForInfrastructure
            BootstrapReady=True
            InfrastructureReady=False Info WaitingForInfrastructure
            Paused=False NotPaused
        merge AzureASOManagedMachinePool/old-pool0 {"metadata":{"annotations":{"clusterctl.cluster.x-k8s.io/block-move":"true"},"finalizers":["cluster.cluster.x-k8s.io"]}}
        apply ManagedClustersAgentPool/old-pool0 {"data":null,"metadata":{"name":"old-pool0","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedMachinePool","name":"old-pool0","uid":"uid-22"}]},"spec":{"azureName":"pool0","enableAutoScaling":true,"owner":{"name":"old"}}}
        status AzureASOManagedMachinePool/old-pool0 {"ready":false,"resources":[{"ready":false,"resource":{"group":"containerservice.azure.com","kind":"ManagedClustersAgentPool","name":"old-pool0","version":"v1api20231001"}}]}
            Ready=False Info Reconciling: ManagedClustersAgentPool/old-pool0: waiting for ASO to reconcile the resource
        status MachinePool/old-pool0 {}
            Ready=False Info Reconciling: ManagedClustersAgentPool/old-pool0: waiting for ASO to reconcile the resource
            BootstrapReady=True
            InfrastructureReady=False Info Reconciling: ManagedClustersAgentPool/old-pool0: waiting for ASO to reconcile the resource
    "#]].assert_eq(&world.take_log());
}
