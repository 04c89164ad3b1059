//! Groups, kinds, labels, annotations, finalizers and accounts that upstream's manifests and users' tools refer to.

pub const CORE_GROUP: &str = "cluster.x-k8s.io";
pub const CORE_API_VERSION: &str = "cluster.x-k8s.io/v1beta1";
pub const INFRASTRUCTURE_GROUP: &str = "infrastructure.cluster.x-k8s.io";
/// The version in which our own objects, owner references and made objects name the ASO API.
pub const INFRASTRUCTURE_API_VERSION: &str = "infrastructure.cluster.x-k8s.io/v1beta1";
pub const CONTAINERSERVICE_GROUP: &str = "containerservice.azure.com";

pub const MANAGED_CLUSTER: &str = "AzureASOManagedCluster";
pub const CONTROL_PLANE: &str = "AzureASOManagedControlPlane";
pub const MACHINE_POOL: &str = "AzureASOManagedMachinePool";

/// Whose kubeconfig, label and annotation values name the cluster.
pub const CLUSTER_NAME_LABEL: &str = "cluster.x-k8s.io/cluster-name";
pub const PAUSED_ANNOTATION: &str = "cluster.x-k8s.io/paused";
pub const REPLICAS_MANAGED_BY: &str = "cluster.x-k8s.io/replicas-managed-by";
pub const REPLICAS_MANAGED_BY_AKS: &str = "aks";
pub const AUTOSCALER_MIN: &str = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size";
pub const AUTOSCALER_MAX: &str = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size";
pub const BLOCK_MOVE: &str = "clusterctl.cluster.x-k8s.io/block-move";
pub const ADOPT: &str = "sigs.k8s.io/cluster-api-provider-azure-adopt";
pub const RECONCILE_POLICY: &str = "serviceoperator.azure.com/reconcile-policy";

/// Also the finalizer of AzureASOManagedCluster and AzureASOManagedMachinePool, as upstream has it.
pub const CLUSTER_FINALIZER: &str = "cluster.cluster.x-k8s.io";
pub const MACHINE_POOL_FINALIZER: &str = "machinepool.cluster.x-k8s.io";
pub const CONTROL_PLANE_FINALIZER: &str = "azureasomanagedcontrolplane.infrastructure.cluster.x-k8s.io";

/// Where the core controllers run, as whom, and as which field manager they write.
pub const CORE_NAMESPACE: &str = "capi-system";
pub const CORE_ACCOUNT: &str = "capi-manager";
pub const CORE_MANAGER: &str = "capi-manager";
/// The same of the Azure provider. Federated credentials name this account.
pub const AZURE_NAMESPACE: &str = "azure-infrastructure-system";
pub const AZURE_ACCOUNT: &str = "capz-manager";
pub const AZURE_MANAGER: &str = "capz-manager";

/// The Secret that holds a cluster's kubeconfig, under [`KUBECONFIG_KEY`].
pub fn kubeconfig_secret(cluster: &str) -> String {
    format!("{cluster}-kubeconfig")
}

pub const KUBECONFIG_KEY: &str = "value";
