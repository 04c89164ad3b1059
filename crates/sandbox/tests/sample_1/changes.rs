//! Commits that change a living cluster.

use expect_test::expect;

use crate::world::with_world;

const NEW_POOL: &str = "          pool2:
            mode: User
            count: 2
            vmSize: Standard_D4s_v5
            osSKU: AzureLinux
            type: VirtualMachineScaleSets
";

#[test]
fn a_commit_makes_a_cluster_and_then_all_is_silent() {
    with_world(async |world| {
        world.commit_sample(false);
        world.is(expect![[r#"
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
            PUT dev-cluster 2020-06-01 -> 201
              {"location":"eastus","name":"dev-cluster"}
            PUT dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster 2023-10-01 -> 201
              {"identity":{"delegatedResources":null,"type":"SystemAssigned"},"location":"eastus","name":"dev-cluster","properties":{"addonProfiles":null,"agentPoolProfiles":[{"availabilityZones":null,"count":1,"enableAutoScaling":true,"enableEncryptionAtHost":false,"enableFIPS":false,"enableNodePublicIP":false,"enableUltraSSD":false,"maxCount":3,"minCount":1,"mode":"System","name":"pool0","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.30.10","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_DS2_v2"},{"availabilityZones":null,"count":1,"enableAutoScaling":true,"enableEncryptionAtHost":false,"enableFIPS":false,"enableNodePublicIP":false,"enableUltraSSD":false,"maxCount":3,"minCount":0,"mode":"User","name":"pool1","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.30.10","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_DS2_v2"}],"autoUpgradeProfile":{"nodeOSUpgradeChannel":"NodeImage","upgradeChannel":"stable"},"disableLocalAccounts":false,"dnsPrefix":"dev-cluster","enableRBAC":true,"identityProfile":null,"kubernetesVersion":"1.30.10","privateLinkResources":null,"servicePrincipalProfile":{"clientId":"msi"},"supportPlan":"KubernetesOfficial"},"sku":{"name":"Base","tier":"Free"},"tags":{}}
        "#]]).await;
        world.is_silent().await;
    });
}

#[test]
fn scale_upgrade_and_pools_that_come_and_go() {
    with_world(async |world| {
        world.commit_sample(false);
        world.rests().await;
        world.platform.twin().clear_request_log();

        // The autoscaler's lower bound.
        world.edit("minCount: 1", "minCount: 2");
        world.is(expect![[r#"
            Application Synced Healthy
            Cluster/dev-cluster: Provisioned, Ready=True 
            MachinePool/dev-cluster-pool0: Running, Ready=True, 2/2 replicas
            MachinePool/dev-cluster-pool1: Running, Ready=True, 1/1 replicas
            AzureASOManagedControlPlane/dev-cluster: Ready=True, v1.30.10
            ResourceGroup/dev-cluster: Ready=True Succeeded
            ManagedCluster/dev-cluster: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool0: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool1: Ready=True Succeeded
            node of pool0: v1.30.10
            node of pool0: v1.30.10
            node of pool1: v1.30.10
            PUT dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool0 2023-10-01 -> 200
              {"name":"pool0","properties":{"availabilityZones":null,"enableAutoScaling":true,"enableEncryptionAtHost":false,"enableFIPS":false,"enableNodePublicIP":false,"enableUltraSSD":false,"maxCount":3,"minCount":2,"mode":"System","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.30.10","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_DS2_v2"}}
        "#]]).await;

        let anchor = "        managedMachinePoolSpecs:\n";
        world.edit(anchor, &format!("{anchor}{NEW_POOL}"));
        world.is(expect![[r#"
            Application Synced Healthy
            Cluster/dev-cluster: Provisioned, Ready=True 
            MachinePool/dev-cluster-pool0: Running, Ready=True, 2/2 replicas
            MachinePool/dev-cluster-pool1: Running, Ready=True, 1/1 replicas
            MachinePool/dev-cluster-pool2: Running, Ready=True, 2/2 replicas
            AzureASOManagedControlPlane/dev-cluster: Ready=True, v1.30.10
            ResourceGroup/dev-cluster: Ready=True Succeeded
            ManagedCluster/dev-cluster: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool0: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool1: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool2: Ready=True Succeeded
            node of pool0: v1.30.10
            node of pool0: v1.30.10
            node of pool1: v1.30.10
            node of pool2: v1.30.10
            node of pool2: v1.30.10
            PUT dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool2 2023-10-01 -> 201
              {"name":"pool2","properties":{"availabilityZones":null,"count":2,"mode":"User","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.30.10","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_D4s_v5"}}
        "#]]).await;

        world.edit("count: 2\n            vmSize", "count: 4\n            vmSize");
        world.is(expect![[r#"
            Application Synced Healthy
            Cluster/dev-cluster: Provisioned, Ready=True 
            MachinePool/dev-cluster-pool0: Running, Ready=True, 2/2 replicas
            MachinePool/dev-cluster-pool1: Running, Ready=True, 1/1 replicas
            MachinePool/dev-cluster-pool2: Running, Ready=True, 4/4 replicas
            AzureASOManagedControlPlane/dev-cluster: Ready=True, v1.30.10
            ResourceGroup/dev-cluster: Ready=True Succeeded
            ManagedCluster/dev-cluster: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool0: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool1: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool2: Ready=True Succeeded
            node of pool0: v1.30.10
            node of pool0: v1.30.10
            node of pool1: v1.30.10
            node of pool2: v1.30.10
            node of pool2: v1.30.10
            node of pool2: v1.30.10
            node of pool2: v1.30.10
            PUT dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool2 2023-10-01 -> 200
              {"name":"pool2","properties":{"availabilityZones":null,"count":4,"mode":"User","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.30.10","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_D4s_v5"}}
        "#]]).await;

        world.edit("v1.30.10", "v1.31.6");
        world.is(expect![[r#"
            Application Synced Healthy
            Cluster/dev-cluster: Provisioned, Ready=True 
            MachinePool/dev-cluster-pool0: Running, Ready=True, 2/2 replicas
            MachinePool/dev-cluster-pool1: Running, Ready=True, 1/1 replicas
            MachinePool/dev-cluster-pool2: Running, Ready=True, 4/4 replicas
            AzureASOManagedControlPlane/dev-cluster: Ready=True, v1.31.6
            ResourceGroup/dev-cluster: Ready=True Succeeded
            ManagedCluster/dev-cluster: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool0: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool1: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool2: Ready=True Succeeded
            node of pool0: v1.31.6
            node of pool0: v1.31.6
            node of pool1: v1.31.6
            node of pool2: v1.31.6
            node of pool2: v1.31.6
            node of pool2: v1.31.6
            node of pool2: v1.31.6
            PUT dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster 2023-10-01 -> 200
              {"identity":{"delegatedResources":null,"type":"SystemAssigned"},"location":"eastus","name":"dev-cluster","properties":{"addonProfiles":null,"agentPoolProfiles":null,"autoUpgradeProfile":{"nodeOSUpgradeChannel":"NodeImage","upgradeChannel":"stable"},"disableLocalAccounts":false,"dnsPrefix":"dev-cluster","enableRBAC":true,"identityProfile":null,"kubernetesVersion":"1.31.6","privateLinkResources":null,"servicePrincipalProfile":{"clientId":"msi"},"supportPlan":"KubernetesOfficial"},"sku":{"name":"Base","tier":"Free"},"tags":{}}
            PUT dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool0 2023-10-01 -> 200
              {"name":"pool0","properties":{"availabilityZones":null,"enableAutoScaling":true,"enableEncryptionAtHost":false,"enableFIPS":false,"enableNodePublicIP":false,"enableUltraSSD":false,"maxCount":3,"minCount":2,"mode":"System","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.31.6","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_DS2_v2"}}
            PUT dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool1 2023-10-01 -> 200
              {"name":"pool1","properties":{"availabilityZones":null,"enableAutoScaling":true,"enableEncryptionAtHost":false,"enableFIPS":false,"enableNodePublicIP":false,"enableUltraSSD":false,"maxCount":3,"minCount":0,"mode":"User","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.31.6","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_DS2_v2"}}
            PUT dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool2 2023-10-01 -> 200
              {"name":"pool2","properties":{"availabilityZones":null,"count":4,"mode":"User","nodeLabels":{},"nodeTaints":[],"orchestratorVersion":"1.31.6","osSKU":"AzureLinux","tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_D4s_v5"}}
        "#]]).await;

        world.edit(&NEW_POOL.replace("count: 2", "count: 4"), "");
        world.is(expect![[r#"
            Application Synced Healthy
            Cluster/dev-cluster: Provisioned, Ready=True 
            MachinePool/dev-cluster-pool0: Running, Ready=True, 2/2 replicas
            MachinePool/dev-cluster-pool1: Running, Ready=True, 1/1 replicas
            AzureASOManagedControlPlane/dev-cluster: Ready=True, v1.31.6
            ResourceGroup/dev-cluster: Ready=True Succeeded
            ManagedCluster/dev-cluster: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool0: Ready=True Succeeded
            ManagedClustersAgentPool/dev-cluster-pool1: Ready=True Succeeded
            node of pool0: v1.31.6
            node of pool0: v1.31.6
            node of pool1: v1.31.6
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool2 2023-10-01 -> 202
        "#]]).await;
        world.is_silent().await;
    });
}
