//! Groups, kinds, labels, annotations, finalizers and accounts that upstream's manifests and users' tools refer to.

pub const CORE_GROUP: &str = "cluster.x-k8s.io";
pub const CORE_API_VERSION: &str = "cluster.x-k8s.io/v1beta1";
pub const INFRASTRUCTURE_GROUP: &str = "infrastructure.cluster.x-k8s.io";
/// The version in which our own objects, owner references and made objects name the ASO API.
pub const INFRASTRUCTURE_API_VERSION: &str = "infrastructure.cluster.x-k8s.io/v1beta1";
pub const BOOTSTRAP_GROUP: &str = "bootstrap.cluster.x-k8s.io";
pub const BOOTSTRAP_API_VERSION: &str = "bootstrap.cluster.x-k8s.io/v1beta1";
pub const CONTAINERSERVICE_GROUP: &str = "containerservice.azure.com";

pub const MANAGED_CLUSTER: &str = "AzureASOManagedCluster";
pub const CONTROL_PLANE: &str = "AzureASOManagedControlPlane";
pub const MACHINE_POOL: &str = "AzureASOManagedMachinePool";

/// Whose kubeconfig, label and annotation values name the cluster.
pub const CLUSTER_NAME_LABEL: &str = "cluster.x-k8s.io/cluster-name";
/// What the topology controller made, and of which pool of the topology it is.
pub const TOPOLOGY_OWNED_LABEL: &str = "topology.cluster.x-k8s.io/owned";
pub const POOL_NAME_LABEL: &str = "topology.cluster.x-k8s.io/pool-name";
pub const DEFER_UPGRADE: &str = "topology.cluster.x-k8s.io/defer-upgrade";
pub const HOLD_UPGRADE_SEQUENCE: &str = "topology.cluster.x-k8s.io/hold-upgrade-sequence";
pub const UPGRADE_CONCURRENCY: &str = "topology.cluster.x-k8s.io/upgrade-concurrency";
pub const CLONED_FROM_NAME: &str = "cluster.x-k8s.io/cloned-from-name";
pub const CLONED_FROM_GROUP_KIND: &str = "cluster.x-k8s.io/cloned-from-groupkind";
pub const PAUSED_ANNOTATION: &str = "cluster.x-k8s.io/paused";
pub const REPLICAS_MANAGED_BY: &str = "cluster.x-k8s.io/replicas-managed-by";
pub const REPLICAS_MANAGED_BY_AKS: &str = "aks";
pub const AUTOSCALER_MIN: &str = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size";
pub const AUTOSCALER_MAX: &str = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size";
pub const BLOCK_MOVE: &str = "clusterctl.cluster.x-k8s.io/block-move";
pub const ADOPT: &str = "sigs.k8s.io/cluster-api-provider-azure-adopt";
/// Where ASO keeps the id of what it made or is about to make.
pub const RESOURCE_ID: &str = "serviceoperator.azure.com/resource-id";
pub const RECONCILE_POLICY: &str = "serviceoperator.azure.com/reconcile-policy";

/// Also the finalizer of AzureASOManagedCluster and AzureASOManagedMachinePool, as upstream has it.
pub const CLUSTER_FINALIZER: &str = "cluster.cluster.x-k8s.io";
pub const MACHINE_POOL_FINALIZER: &str = "machinepool.cluster.x-k8s.io";
pub const CONTROL_PLANE_FINALIZER: &str = "azureasomanagedcontrolplane.infrastructure.cluster.x-k8s.io";

/// Where the core controllers run, as whom, and as which field manager they write.
pub const CORE_NAMESPACE: &str = "capi-system";
pub const CORE_ACCOUNT: &str = "capi-manager";
pub const CORE_MANAGER: &str = "capi-manager";
/// As which field manager the topology controller, which is part of the core, applies.
pub const TOPOLOGY_MANAGER: &str = "capi-topology";
/// The same of the Azure provider. Federated credentials name this account.
pub const AZURE_NAMESPACE: &str = "azure-infrastructure-system";
pub const AZURE_ACCOUNT: &str = "capz-manager";
pub const AZURE_MANAGER: &str = "capz-manager";

/// The Secret that holds a cluster's kubeconfig, under [`KUBECONFIG_KEY`].
pub fn kubeconfig_secret(cluster: &str) -> String {
    format!("{cluster}-kubeconfig")
}

pub const KUBECONFIG_KEY: &str = "value";
