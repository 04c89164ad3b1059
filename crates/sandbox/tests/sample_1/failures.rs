//! Azure says no, or nobody answers.

use expect_test::expect;
use twin::Fault;

use crate::{
    report,
    world::{cluster, with_world},
};

#[test]
fn a_quota_is_the_lowest_cause_of_a_cluster_that_is_not_ready() {
    with_world(async |world| {
        let quota = Fault::insufficient_vcpus(4, 2, "standardDSv2Family", "eastus");
        world.azure.refuse("managedclusters/dev-cluster", quota);
        world.commit_sample(false);
        world.is(expect![[r#"
            Application Synced Degraded
            Cluster/dev-cluster: Provisioning, Ready=False ErrCode_InsufficientVCPUQuota
            MachinePool/dev-cluster-pool0: Provisioning, Ready=False WaitingForOwner, -/1 replicas
            MachinePool/dev-cluster-pool1: Provisioning, Ready=False WaitingForOwner, -/1 replicas
            AzureASOManagedControlPlane/dev-cluster: Ready=False ErrCode_InsufficientVCPUQuota
            ResourceGroup/dev-cluster: Ready=True Succeeded
            ManagedCluster/dev-cluster: Ready=False ErrCode_InsufficientVCPUQuota
            ManagedClustersAgentPool/dev-cluster-pool0: Ready=False WaitingForOwner
            ManagedClustersAgentPool/dev-cluster-pool1: Ready=False WaitingForOwner
            PUT dev-cluster 2020-06-01 -> 201
              {"location":"eastus","name":"dev-cluster"}
            PUT dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster 2023-10-01 -> 400 ErrCode_InsufficientVCPUQuota
              {"identity":{"delegatedResources":null,"type":"SystemAssigned"},"location":"eastus","name":"dev-cluster","properties":{"addonProfiles":null,"agentPoolProfiles":[{"availabilityZones":null,"count":1,"enableAutoScaling":true,"enableEncryptionAtHost":false,"enableFIPS":false,"enableNodePublicIP":false,"enableUltraSSD":false,"maxCount":3,"minCount":1,"mode":"System","name":"pool0","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.30.10","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_DS2_v2"},{"availabilityZones":null,"count":1,"enableAutoScaling":true,"enableEncryptionAtHost":false,"enableFIPS":false,"enableNodePublicIP":false,"enableUltraSSD":false,"maxCount":3,"minCount":0,"mode":"User","name":"pool1","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.30.10","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_DS2_v2"}],"autoUpgradeProfile":{"nodeOSUpgradeChannel":"NodeImage","upgradeChannel":"stable"},"disableLocalAccounts":false,"dnsPrefix":"dev-cluster","enableRBAC":true,"identityProfile":null,"kubernetesVersion":"1.30.10","privateLinkResources":null,"servicePrincipalProfile":{"clientId":"msi"},"supportPlan":"KubernetesOfficial"},"sku":{"name":"Base","tier":"Free"},"tags":{}}
            PUT dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster 2023-10-01 -> 400 ErrCode_InsufficientVCPUQuota
              {"identity":{"delegatedResources":null,"type":"SystemAssigned"},"location":"eastus","name":"dev-cluster","properties":{"addonProfiles":null,"agentPoolProfiles":[{"availabilityZones":null,"count":1,"enableAutoScaling":true,"enableEncryptionAtHost":false,"enableFIPS":false,"enableNodePublicIP":false,"enableUltraSSD":false,"maxCount":3,"minCount":1,"mode":"System","name":"pool0","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.30.10","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_DS2_v2"},{"availabilityZones":null,"count":1,"enableAutoScaling":true,"enableEncryptionAtHost":false,"enableFIPS":false,"enableNodePublicIP":false,"enableUltraSSD":false,"maxCount":3,"minCount":0,"mode":"User","name":"pool1","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.30.10","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_DS2_v2"}],"autoUpgradeProfile":{"nodeOSUpgradeChannel":"NodeImage","upgradeChannel":"stable"},"disableLocalAccounts":false,"dnsPrefix":"dev-cluster","enableRBAC":true,"identityProfile":null,"kubernetesVersion":"1.30.10","privateLinkResources":null,"servicePrincipalProfile":{"clientId":"msi"},"supportPlan":"KubernetesOfficial"},"sku":{"name":"Base","tier":"Free"},"tags":{}}
        "#]]).await;
        expect![[r#"
            Cluster/dev-cluster -n default: Ready=False ErrCode_InsufficientVCPUQuota
              ManagedCluster/dev-cluster: ErrCode_InsufficientVCPUQuota: Insufficient vcpu quota requested 4, remaining 2 for family standardDSv2Family for region eastus. (correlation id <id>)
            AzureASOManagedControlPlane/dev-cluster -n default: Ready=False ErrCode_InsufficientVCPUQuota
              ManagedCluster/dev-cluster: ErrCode_InsufficientVCPUQuota: Insufficient vcpu quota requested 4, remaining 2 for family standardDSv2Family for region eastus. (correlation id <id>)
            ManagedCluster/dev-cluster -n default: Ready=False ErrCode_InsufficientVCPUQuota
              ErrCode_InsufficientVCPUQuota: Insufficient vcpu quota requested 4, remaining 2 for family standardDSv2Family for region eastus. (correlation id <id>)
            Azure Resource Manager /subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster: ErrCode_InsufficientVCPUQuota
              ErrCode_InsufficientVCPUQuota: Insufficient vcpu quota requested 4, remaining 2 for family standardDSv2Family for region eastus. (correlation id <id>)
            next: take fewer nodes or another vmSize, or ask for more quota: `az vm list-usage --location LOCATION` shows what is left
        "#]].assert_eq(&report::why_of(world, &cluster()).await);

        // Azure Service Operator does not try again what Azure calls a bad request: something has to be changed.
        world.azure.clear_up();
        world.edit("maxCount: 3", "maxCount: 2");
        world
            .is(expect![[r#"
                Application Synced Healthy
                Cluster/dev-cluster: Provisioned, Ready=True 
                MachinePool/dev-cluster-pool0: Running, Ready=True, 1/1 replicas
                MachinePool/dev-cluster-pool1: Running, Ready=True, 1/1 replicas
                AzureASOManagedControlPlane/dev-cluster: Ready=True, v1.30.10
                ResourceGroup/dev-cluster: Ready=True Succeeded
                ManagedCluster/dev-cluster: Ready=True Succeeded
                ManagedClustersAgentPool/dev-cluster-pool0: Ready=True Succeeded
                ManagedClustersAgentPool/dev-cluster-pool1: Ready=True Succeeded
                node of pool0: v1.30.10
                node of pool1: v1.30.10
                PUT dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster 2023-10-01 -> 201
                  {"identity":{"delegatedResources":null,"type":"SystemAssigned"},"location":"eastus","name":"dev-cluster","properties":{"addonProfiles":null,"agentPoolProfiles":[{"availabilityZones":null,"count":1,"enableAutoScaling":true,"enableEncryptionAtHost":false,"enableFIPS":false,"enableNodePublicIP":false,"enableUltraSSD":false,"maxCount":2,"minCount":1,"mode":"System","name":"pool0","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.30.10","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_DS2_v2"},{"availabilityZones":null,"count":1,"enableAutoScaling":true,"enableEncryptionAtHost":false,"enableFIPS":false,"enableNodePublicIP":false,"enableUltraSSD":false,"maxCount":3,"minCount":0,"mode":"User","name":"pool1","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.30.10","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_DS2_v2"}],"autoUpgradeProfile":{"nodeOSUpgradeChannel":"NodeImage","upgradeChannel":"stable"},"disableLocalAccounts":false,"dnsPrefix":"dev-cluster","enableRBAC":true,"identityProfile":null,"kubernetesVersion":"1.30.10","privateLinkResources":null,"servicePrincipalProfile":{"clientId":"msi"},"supportPlan":"KubernetesOfficial"},"sku":{"name":"Base","tier":"Free"},"tags":{}}
            "#]])
            .await;
    });
}
