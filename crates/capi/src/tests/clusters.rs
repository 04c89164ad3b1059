#![expect(clippy::too_many_lines, reason = "goldens are long")]

use expect_test::expect;
use serde_json::json;

use super::world::World;

#[test]
fn a_cluster_from_its_objects_to_provisioned() {
    let mut world = World::with_cluster();
    world.settle();
    expect![[r#"
        merge Cluster/dev {"metadata":{"finalizers":["cluster.cluster.x-k8s.io"]}}
        merge Cluster/dev {"spec":{"infrastructureRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1alpha1","kind":"AzureASOManagedCluster","name":"dev","namespace":"ns"}}}
        merge AzureASOManagedCluster/dev {"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"dev"},"ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"Cluster","name":"dev","uid":"uid-1"}]}}
        merge Cluster/dev {"spec":{"controlPlaneRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1alpha1","kind":"AzureASOManagedControlPlane","name":"dev","namespace":"ns"}}}
        merge AzureASOManagedControlPlane/dev {"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"dev"},"ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"Cluster","name":"dev","uid":"uid-1"}]}}
        status Cluster/dev {"infrastructureReady":false,"phase":"Provisioning"}
            Ready=False Info WaitingForControlPlane
            ControlPlaneInitialized=False Info WaitingForControlPlaneProviderInitialized: Waiting for control plane provider to indicate the control plane has been initialized
            ControlPlaneReady=False Info WaitingForControlPlane
            InfrastructureReady=False Info WaitingForInfrastructure
            Paused=False NotPaused
        merge MachinePool/dev-pool0 {"metadata":{"finalizers":["machinepool.cluster.x-k8s.io"]}}
        merge MachinePool/dev-pool0 {"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"dev"},"ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"Cluster","name":"dev","uid":"uid-1"}]}}
        merge MachinePool/dev-pool0 {"spec":{"template":{"spec":{"infrastructureRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1alpha1","kind":"AzureASOManagedMachinePool","name":"dev-pool0","namespace":"ns"}}}}}
        merge AzureASOManagedMachinePool/dev-pool0 {"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"dev"},"ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"MachinePool","name":"dev-pool0","uid":"uid-4"}]}}
        status MachinePool/dev-pool0 {"bootstrapReady":true,"infrastructureReady":false,"phase":"Provisioning"}
            Ready=False Info WaitingForInfrastructure
            BootstrapReady=True
            InfrastructureReady=False Info WaitingForInfrastructure
            Paused=False NotPaused
        merge AzureASOManagedCluster/dev {"metadata":{"annotations":{"clusterctl.cluster.x-k8s.io/block-move":"true"},"finalizers":["cluster.cluster.x-k8s.io"]}}
        apply ResourceGroup/dev {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials"},"name":"dev","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedCluster","name":"dev","uid":"uid-2"}]},"spec":{"location":"westeurope"}}
        status AzureASOManagedCluster/dev {"ready":false,"resources":[{"ready":false,"resource":{"group":"resources.azure.com","kind":"ResourceGroup","name":"dev","version":"v1api20200601"}}]}
            Ready=False Info Reconciling: ResourceGroup/dev: waiting for ASO to reconcile the resource
        merge AzureASOManagedControlPlane/dev {"metadata":{"annotations":{"clusterctl.cluster.x-k8s.io/block-move":"true"},"finalizers":["azureasomanagedcontrolplane.infrastructure.cluster.x-k8s.io"]}}
        apply ManagedCluster/dev {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials"},"name":"dev","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedControlPlane","name":"dev","uid":"uid-3"}]},"spec":{"agentPoolProfiles":[{"count":2,"mode":"System","name":"pool0","orchestratorVersion":"1.30.10","vmSize":"Standard_DS2_v2"}],"dnsPrefix":"dev","kubernetesVersion":"1.30.10","location":"westeurope","operatorSpec":{"secrets":{"adminCredentials":{"key":"value","name":"dev-kubeconfig"}}},"owner":{"name":"dev"}}}
        status AzureASOManagedControlPlane/dev {"initialized":false,"ready":false,"resources":[{"ready":false,"resource":{"group":"containerservice.azure.com","kind":"ManagedCluster","name":"dev","version":"v1api20231001"}}]}
            Ready=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
        merge AzureASOManagedMachinePool/dev-pool0 {"metadata":{"annotations":{"clusterctl.cluster.x-k8s.io/block-move":"true"},"finalizers":["cluster.cluster.x-k8s.io"]}}
        apply ManagedClustersAgentPool/dev-pool0 {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials"},"name":"dev-pool0","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedMachinePool","name":"dev-pool0","uid":"uid-5"}]},"spec":{"azureName":"pool0","count":2,"mode":"System","orchestratorVersion":"1.30.10","owner":{"name":"dev"},"vmSize":"Standard_DS2_v2"}}
        status AzureASOManagedMachinePool/dev-pool0 {"ready":false,"resources":[{"ready":false,"resource":{"group":"containerservice.azure.com","kind":"ManagedClustersAgentPool","name":"dev-pool0","version":"v1api20231001"}}]}
            Ready=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
        status Cluster/dev {}
            Ready=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
            ControlPlaneInitialized=False Info WaitingForControlPlaneProviderInitialized: Waiting for control plane provider to indicate the control plane has been initialized
            ControlPlaneReady=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
            InfrastructureReady=False Info Reconciling: ResourceGroup/dev: waiting for ASO to reconcile the resource
        status MachinePool/dev-pool0 {}
            Ready=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
            BootstrapReady=True
            InfrastructureReady=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
    "#]].assert_eq(&world.take_log());
    world.azure_makes_everything();
    world.settle();
    expect![[r#"
        status AzureASOManagedCluster/dev {"resources":[{"ready":true,"resource":{"group":"resources.azure.com","kind":"ResourceGroup","name":"dev","version":"v1api20200601"}}]}
            Ready=False Info WaitingForControlPlane: Waiting for AzureASOManagedControlPlane dev to report its endpoint
        apply ManagedCluster/dev {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials"},"name":"dev","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedControlPlane","name":"dev","uid":"uid-3"}]},"spec":{"dnsPrefix":"dev","kubernetesVersion":"1.30.10","location":"westeurope","operatorSpec":{"secrets":{"adminCredentials":{"key":"value","name":"dev-kubeconfig"}}},"owner":{"name":"dev"}}}
        merge AzureASOManagedMachinePool/dev-pool0 {"spec":{"providerIDList":["azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/0","azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/1"]}}
        status AzureASOManagedMachinePool/dev-pool0 {"ready":true,"replicas":2,"resources":[{"ready":true,"resource":{"group":"containerservice.azure.com","kind":"ManagedClustersAgentPool","name":"dev-pool0","version":"v1api20231001"}}]}
            Ready=True
        status Cluster/dev {}
            Ready=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
            ControlPlaneInitialized=False Info WaitingForControlPlaneProviderInitialized: Waiting for control plane provider to indicate the control plane has been initialized
            ControlPlaneReady=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
            InfrastructureReady=False Info WaitingForControlPlane: Waiting for AzureASOManagedControlPlane dev to report its endpoint
        merge MachinePool/dev-pool0 {"spec":{"providerIDList":["azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/0","azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/1"]}}
        status MachinePool/dev-pool0 {"infrastructureReady":true,"phase":"ScalingUp","replicas":2}
            Ready=True
            BootstrapReady=True
            InfrastructureReady=True
        status AzureASOManagedMachinePool/dev-pool0 {}
        status MachinePool/dev-pool0 {}
    "#]].assert_eq(&world.take_log());
    expect![[r#"
        Provisioning
        Ready=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
        ControlPlaneInitialized=False Info WaitingForControlPlaneProviderInitialized: Waiting for control plane provider to indicate the control plane has been initialized
        ControlPlaneReady=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
        InfrastructureReady=False Info WaitingForControlPlane: Waiting for AzureASOManagedControlPlane dev to report its endpoint
        Paused=False NotPaused
    "#]].assert_eq(&world.conditions("Cluster", "dev"));
    expect![[r#"
        ScalingUp
        Ready=True
        BootstrapReady=True
        InfrastructureReady=True
        Paused=False NotPaused
    "#]]
    .assert_eq(&world.conditions("MachinePool", "dev-pool0"));
    // Once settled, ASO has to settle what was applied last; then there is silence.
    world.aso("ManagedCluster", "dev", json!({}));
    world.settle();
    world.take_log();
    world.settle();
    assert_eq!(world.take_log(), "\n");
}

#[test]
fn azures_error_is_on_every_object_up_to_the_cluster() {
    let mut world = World::with_cluster();
    world.settle();
    world.aso("ResourceGroup", "dev", json!({}));
    world.aso_fails(
        "ManagedCluster",
        "dev",
        "Error",
        "QuotaExceeded",
        "Insufficient vcpu quota requested 4, remaining 0",
    );
    world.settle();
    expect![[r#"
        Ready=False Error QuotaExceeded: ManagedCluster/dev: Insufficient vcpu quota requested 4, remaining 0
    "#]]
    .assert_eq(&world.conditions("AzureASOManagedControlPlane", "dev"));
    expect![[r#"
        Ready=False Info WaitingForControlPlane: Waiting for AzureASOManagedControlPlane dev to report its endpoint
    "#]]
    .assert_eq(&world.conditions("AzureASOManagedCluster", "dev"));
    expect![[r#"
        Provisioning
        Ready=False Error QuotaExceeded: ManagedCluster/dev: Insufficient vcpu quota requested 4, remaining 0
        ControlPlaneInitialized=False Info WaitingForControlPlaneProviderInitialized: Waiting for control plane provider to indicate the control plane has been initialized
        ControlPlaneReady=False Error QuotaExceeded: ManagedCluster/dev: Insufficient vcpu quota requested 4, remaining 0
        InfrastructureReady=False Info WaitingForControlPlane: Waiting for AzureASOManagedControlPlane dev to report its endpoint
        Paused=False NotPaused
    "#]].assert_eq(&world.conditions("Cluster", "dev"));
}

#[test]
fn a_paused_cluster_stops_aso_and_goes_on_afterwards() {
    let mut world = World::provisioned();
    world.edit("Cluster", "dev", &json!({"spec": {"paused": true}}));
    world.settle();
    expect![[r#"
        status Cluster/dev {}
            Paused=True Paused: Cluster spec.paused is set to true
        status MachinePool/dev-pool0 {}
            Paused=True Paused
        apply without force ResourceGroup/dev {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials","serviceoperator.azure.com/reconcile-policy":"skip"},"name":"dev","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedCluster","name":"dev","uid":"uid-2"}]},"spec":{"location":"westeurope"}}
        merge AzureASOManagedCluster/dev {"metadata":{"annotations":{"clusterctl.cluster.x-k8s.io/block-move":null}}}
        status AzureASOManagedCluster/dev {"ready":false}
            Ready=False Info Paused: reconciliation is paused
        apply without force ManagedCluster/dev {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials","serviceoperator.azure.com/reconcile-policy":"skip"},"name":"dev","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedControlPlane","name":"dev","uid":"uid-3"}]},"spec":{"dnsPrefix":"dev","location":"westeurope","owner":{"name":"dev"}}}
        merge AzureASOManagedControlPlane/dev {"metadata":{"annotations":{"clusterctl.cluster.x-k8s.io/block-move":null}}}
        status AzureASOManagedControlPlane/dev {"initialized":false,"ready":false}
            Ready=False Info Paused: reconciliation is paused
        apply without force ManagedClustersAgentPool/dev-pool0 {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials","serviceoperator.azure.com/reconcile-policy":"skip"},"name":"dev-pool0","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedMachinePool","name":"dev-pool0","uid":"uid-5"}]},"spec":{"azureName":"pool0","mode":"System","owner":{"name":"dev"},"vmSize":"Standard_DS2_v2"}}
        merge AzureASOManagedMachinePool/dev-pool0 {"metadata":{"annotations":{"clusterctl.cluster.x-k8s.io/block-move":null}}}
        status AzureASOManagedMachinePool/dev-pool0 {"ready":false}
            Ready=False Info Paused: reconciliation is paused
    "#]].assert_eq(&world.take_log());
    world.edit("Cluster", "dev", &json!({"spec": {"paused": false}}));
    world.settle();
    expect![[r#"
        status Cluster/dev {}
            Ready=False Info Paused: reconciliation is paused
            ControlPlaneInitialized=True
            ControlPlaneReady=False Info Paused: reconciliation is paused
            InfrastructureReady=False Info Paused: reconciliation is paused
            Paused=False NotPaused
        status MachinePool/dev-pool0 {"infrastructureReady":false,"phase":"Provisioned"}
            Ready=False Info Paused: reconciliation is paused
            BootstrapReady=True
            InfrastructureReady=False Info Paused: reconciliation is paused
            ReplicasReady=True
            Paused=False NotPaused
        merge AzureASOManagedCluster/dev {"metadata":{"annotations":{"clusterctl.cluster.x-k8s.io/block-move":"true"}}}
        apply ResourceGroup/dev {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials"},"name":"dev","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedCluster","name":"dev","uid":"uid-2"}]},"spec":{"location":"westeurope"}}
        status AzureASOManagedCluster/dev {"ready":true}
            Ready=True
        merge AzureASOManagedControlPlane/dev {"metadata":{"annotations":{"clusterctl.cluster.x-k8s.io/block-move":"true"}}}
        apply ManagedCluster/dev {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials"},"name":"dev","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedControlPlane","name":"dev","uid":"uid-3"}]},"spec":{"dnsPrefix":"dev","kubernetesVersion":"1.30.10","location":"westeurope","operatorSpec":{"secrets":{"adminCredentials":{"key":"value","name":"dev-kubeconfig"}}},"owner":{"name":"dev"}}}
        status AzureASOManagedControlPlane/dev {"resources":[{"ready":false,"resource":{"group":"containerservice.azure.com","kind":"ManagedCluster","name":"dev","version":"v1api20231001"}}]}
            Ready=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
        merge AzureASOManagedMachinePool/dev-pool0 {"metadata":{"annotations":{"clusterctl.cluster.x-k8s.io/block-move":"true"}}}
        apply ManagedClustersAgentPool/dev-pool0 {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials"},"name":"dev-pool0","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedMachinePool","name":"dev-pool0","uid":"uid-5"}]},"spec":{"azureName":"pool0","count":2,"mode":"System","orchestratorVersion":"1.30.10","owner":{"name":"dev"},"vmSize":"Standard_DS2_v2"}}
        status AzureASOManagedMachinePool/dev-pool0 {"resources":[{"ready":false,"resource":{"group":"containerservice.azure.com","kind":"ManagedClustersAgentPool","name":"dev-pool0","version":"v1api20231001"}}]}
            Ready=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
        status Cluster/dev {}
            Ready=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
            ControlPlaneInitialized=True
            ControlPlaneReady=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
            InfrastructureReady=True
        status MachinePool/dev-pool0 {}
            Ready=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
            BootstrapReady=True
            InfrastructureReady=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
            ReplicasReady=True
    "#]].assert_eq(&world.take_log());
}

#[test]
fn an_upgrade_goes_to_the_managed_cluster_then_to_the_pool() {
    let mut world = World::provisioned();
    world.edit("AzureASOManagedControlPlane", "dev", &json!({"spec": {"version": "v1.31.1"}}));
    world.settle();
    expect![[r#"
        apply ManagedCluster/dev {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials"},"name":"dev","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedControlPlane","name":"dev","uid":"uid-3"}]},"spec":{"dnsPrefix":"dev","kubernetesVersion":"1.31.1","location":"westeurope","operatorSpec":{"secrets":{"adminCredentials":{"key":"value","name":"dev-kubeconfig"}}},"owner":{"name":"dev"}}}
        status AzureASOManagedControlPlane/dev {"initialized":false,"ready":false,"resources":[{"ready":false,"resource":{"group":"containerservice.azure.com","kind":"ManagedCluster","name":"dev","version":"v1api20231001"}}]}
            Ready=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
        status Cluster/dev {}
            Ready=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
            ControlPlaneInitialized=True
            ControlPlaneReady=False Info Reconciling: ManagedCluster/dev: waiting for ASO to reconcile the resource
            InfrastructureReady=True
    "#]].assert_eq(&world.take_log());
    world.edit("MachinePool", "dev-pool0", &json!({"spec": {"template": {"spec": {"version": "1.31.1"}}}}));
    world.settle();
    expect![[r#"
        merge MachinePool/dev-pool0 {"metadata":{},"spec":{"template":{"spec":{"version":"v1.31.1"}}}}
        status MachinePool/dev-pool0 {}
        apply ManagedClustersAgentPool/dev-pool0 {"data":null,"metadata":{"annotations":{"serviceoperator.azure.com/credential-from":"aso-credentials"},"name":"dev-pool0","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedMachinePool","name":"dev-pool0","uid":"uid-5"}]},"spec":{"azureName":"pool0","count":2,"mode":"System","orchestratorVersion":"1.31.1","owner":{"name":"dev"},"vmSize":"Standard_DS2_v2"}}
        status AzureASOManagedMachinePool/dev-pool0 {"ready":false,"resources":[{"ready":false,"resource":{"group":"containerservice.azure.com","kind":"ManagedClustersAgentPool","name":"dev-pool0","version":"v1api20231001"}}]}
            Ready=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
        status MachinePool/dev-pool0 {"infrastructureReady":false,"phase":"Provisioned"}
            Ready=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
            BootstrapReady=True
            InfrastructureReady=False Info Reconciling: ManagedClustersAgentPool/dev-pool0: waiting for ASO to reconcile the resource
            ReplicasReady=True
    "#]].assert_eq(&world.take_log());
}

#[test]
fn a_vanished_infrastructure_is_an_error_and_a_missing_one_is_waited_for() {
    let mut world = World::provisioned();
    world.objects.retain(|(_, kind, _), _| kind != "AzureASOManagedCluster");
    world.settle();
    expect![[r#"
        Provisioned
        Ready=False Error InfrastructureDeleted: AzureASOManagedCluster has been deleted after being ready
        ControlPlaneInitialized=True
        ControlPlaneReady=True
        InfrastructureReady=False Error InfrastructureDeleted: AzureASOManagedCluster has been deleted after being ready
        Paused=False NotPaused
    "#]]
    .assert_eq(&world.conditions("Cluster", "dev"));
    let mut world = World::with_cluster();
    world.objects.retain(|(_, kind, _), _| !kind.starts_with("AzureASO"));
    world.settle();
    expect![[r#"
        Provisioning
        Ready=False Info WaitingForControlPlane: AzureASOManagedControlPlane "dev" does not exist yet
        ControlPlaneReady=False Info WaitingForControlPlane: AzureASOManagedControlPlane "dev" does not exist yet
        InfrastructureReady=False Info WaitingForInfrastructure: AzureASOManagedCluster "dev" does not exist yet
        Paused=False NotPaused
    "#]]
    .assert_eq(&world.conditions("Cluster", "dev"));
    expect![[r#"
        Provisioning
        Ready=False Error IncorrectExternalRef: could not find infra reference of kind AzureASOManagedMachinePool with name dev-pool0
        BootstrapReady=True
        InfrastructureReady=False Error IncorrectExternalRef: could not find infra reference of kind AzureASOManagedMachinePool with name dev-pool0
        Paused=False NotPaused
    "#]].assert_eq(&world.conditions("MachinePool", "dev-pool0"));
}
