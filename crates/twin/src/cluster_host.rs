//! The port to whoever hosts the Kubernetes clusters that Azure's state asks for: the twin says which there are and what they
//! look like, the host runs them and hands out their kubeconfigs. The twin itself knows no Kubernetes API.

use std::{collections::BTreeMap, fmt::Debug};

use api::Redacted;
use async_trait::async_trait;

/// A simulated AKS cluster, as Azure's state wants it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedCluster {
    /// The ARM id, in the casing that the cluster was made with.
    pub id: String,
    pub fqdn: String,
    /// With its patch: `1.30.10`.
    pub kubernetes_version: String,
    pub location: String,
    pub node_resource_group: String,
    /// `false` while it is stopped: neither its API nor its nodes are there.
    pub running: bool,
    pub oidc_issuer: Option<String>,
    /// In order of name.
    pub pools: Vec<HostedPool>,
}

/// One agent pool of a [`HostedCluster`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedPool {
    pub name: String,
    /// `System` or `User`.
    pub mode: String,
    pub count: u32,
    pub vm_size: String,
    pub os_type: String,
    pub os_sku: String,
    pub kubernetes_version: String,
    pub labels: BTreeMap<String, String>,
    /// `key=value:effect`
    pub taints: Vec<String>,
    pub zones: Vec<String>,
    pub running: bool,
    pub max_pods: u32,
}

/// Whose kubeconfig is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialRole {
    Admin,
    User,
}

/// Runs the clusters of the twin.
#[async_trait]
pub trait ClusterHost: Send + Sync + Debug {
    /// All clusters that exist in Azure's state now (provisioned or being so), in order of id: called once when the twin
    /// opens, and after every commit that changes what it says, before the request is answered. Calls never overlap. Must
    /// not block.
    fn desired(&self, clusters: Vec<HostedCluster>);

    /// The kubeconfig that `listClusterAdminCredential` and `listClusterUserCredential` hand out, or why there is none.
    async fn kubeconfig(&self, cluster: &HostedCluster, role: CredentialRole) -> Result<Redacted<String>, String>;
}

/// For those who need no clusters: they exist in Azure's state alone, and nobody can reach one.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoClusters;

#[async_trait]
impl ClusterHost for NoClusters {
    fn desired(&self, _clusters: Vec<HostedCluster>) {}

    async fn kubeconfig(&self, cluster: &HostedCluster, _role: CredentialRole) -> Result<Redacted<String>, String> {
        Err(format!("no clusters are hosted here: {} exists in the state of the twin of Azure alone", cluster.id))
    }
}
