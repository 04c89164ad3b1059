//! What Git says: Sample 2 with some freedom, or with an AKS cluster, or Sample 1, as files and as the resources that must
//! then exist.

mod sample_1;

use std::collections::BTreeSet;

use api::files::FileSet;
use sandbox::workshop;

use crate::base::{Base, SUBSCRIPTION, TENANT};

pub(crate) use sample_1::{Pool, Sample};

const CREDENTIAL: &str = "serviceoperator.azure.com/credential-from: rg-dev-app-aso-credentials";
const PERMISSIONS: [&str; 4] = ["[get, list, set]", "[get, list]", "[get]", "[get, list, set, delete]"];

/// One state of the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) group: bool,
    /// Only with the group.
    pub(crate) vault: bool,
    /// Only with the vault.
    pub(crate) secret: bool,
    /// 0 is no tag at all.
    pub(crate) tag: u64,
    pub(crate) permissions: usize,
    pub(crate) value: u64,
    /// Only with the group.
    pub(crate) cluster: Option<Aks>,
    pub(crate) sample: Option<Sample>,
}

/// An AKS cluster with a system pool of its own, and a pool that is an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Aks {
    pub(crate) pool: bool,
    pub(crate) count: u64,
    /// Of [`VERSIONS`]; it never falls, which Azure would refuse.
    pub(crate) version: usize,
}

impl Aks {
    pub(crate) const WHOLE: Self = Self { pool: true, count: 1, version: 0 };
}

/// What AKS offers when runs start, each an upgrade of all before.
pub(crate) const VERSIONS: [&str; 3] = ["1.30.10", "1.30.12", "1.31.5"];

impl State {
    pub(crate) const SAMPLE_2: Self =
        Self { group: true, vault: true, secret: true, tag: 0, permissions: 0, value: 0, cluster: None, sample: None };
    /// Everything that a run may make.
    pub(crate) const ALL: Self = Self { cluster: Some(Aks::WHOLE), sample: Some(Sample::WHOLE), ..Self::SAMPLE_2 };
    /// What runs with clusters begin with.
    pub(crate) const CLUSTERS: Self = Self { cluster: Some(Aks::WHOLE), vault: false, secret: false, ..Self::SAMPLE_2 };
    pub(crate) const NOTHING: Self = Self { group: false, vault: false, secret: false, ..Self::SAMPLE_2 };

    pub(crate) fn files(&self, base: &Base) -> FileSet {
        let mut files = FileSet::default();
        // The path stays when everything else is gone.
        files.insert("samples/README.md", b"Sample 2\n".to_vec());
        if self.group {
            files.insert("samples/sample-2/group.yaml", self.group_yaml().into_bytes());
        }
        if self.vault {
            files.insert("samples/sample-2/vault.yaml", self.vault_yaml(&base.identity.principal_id).into_bytes());
        }
        if self.secret {
            files.insert("samples/sample-2/secret.yaml", self.secret_yaml().into_bytes());
        }
        if let Some(sample) = self.sample.filter(|sample| !sample.left) {
            files.insert(workshop::sample_1::PATH, sample.yaml(&base.identity.client_id).into_bytes());
        }
        if let Some(cluster) = self.cluster {
            files.insert("samples/sample-2/cluster.yaml", cluster.yaml().into_bytes());
            if cluster.pool {
                files.insert("samples/sample-2/pool.yaml", cluster.pool_yaml().into_bytes());
            }
        }
        files
    }

    fn group_yaml(&self) -> String {
        let tags = if self.tag == 0 { String::new() } else { format!("  tags:\n    round: \"{}\"\n", self.tag) };
        let namespace = workshop::NAMESPACE;
        format!(
            "apiVersion: resources.azure.com/v1api20200601\nkind: ResourceGroup\nmetadata:\n  name: rg-dev-app\n  \
             namespace: {namespace}\n  annotations:\n    {CREDENTIAL}\nspec:\n  location: eastus\n{tags}"
        )
    }

    /// As Sample 2's, but it may come back: a vault of the same name that was deleted is recovered.
    fn vault_yaml(&self, principal: &str) -> String {
        let permissions = PERMISSIONS[self.permissions % PERMISSIONS.len()];
        format!(
            "apiVersion: keyvault.azure.com/v1api20210401preview\nkind: Vault\nmetadata:\n  name: app-keyvault\n  \
             namespace: rg-dev-app\n  annotations:\n    {CREDENTIAL}\nspec:\n  location: eastus\n  owner:\n    name: rg-dev-app\n  \
             properties:\n    createMode: createOrRecover\n    tenantId: {TENANT}\n    sku:\n      family: A\n      \
             name: standard\n    accessPolicies:\n      - tenantId: {TENANT}\n        objectId: {principal}\n        \
             permissions:\n          secrets: {permissions}\n    enableSoftDelete: true\n"
        )
    }

    fn secret_yaml(&self) -> String {
        format!(
            "apiVersion: keyvault.azure.com/v1api20210401preview\nkind: Secret\nmetadata:\n  name: app-secret\n  \
             namespace: rg-dev-app\n  annotations:\n    {CREDENTIAL}\nspec:\n  owner:\n    name: app-keyvault\n    \
             kind: Vault\n  properties:\n    value: \"value-{}\"\n",
            self.value
        )
    }

    /// The ids that Azure has when all of it is there, in lower case.
    pub(crate) fn resources(&self) -> BTreeSet<String> {
        let group = format!("/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-dev-app");
        let vault = format!("{group}/providers/microsoft.keyvault/vaults/app-keyvault");
        let secret = format!("{vault}/secrets/app-secret");
        let cluster = format!("{group}/providers/microsoft.containerservice/managedclusters/dev");
        let system = format!("{cluster}/agentpools/pool0");
        let pool = format!("{cluster}/agentpools/pool1");
        let nodes = format!("/subscriptions/{SUBSCRIPTION}/resourcegroups/mc_rg-dev-app_dev_eastus");
        let kubelet = format!("{nodes}/providers/microsoft.managedidentity/userassignedidentities/dev-agentpool");
        let clusters = self.cluster.is_some();
        let there = [
            (self.group, group),
            (self.vault, vault),
            (self.secret, secret),
            (clusters, cluster),
            (clusters, system),
            (self.cluster.is_some_and(|cluster| cluster.pool), pool),
            (clusters, nodes),
            (clusters, kubelet),
        ];
        let there = there.into_iter().filter(|(wanted, _)| *wanted).map(|(_, id)| id);
        there.chain(self.sample.iter().flat_map(Sample::resources)).collect()
    }
}

impl Aks {
    fn version(&self) -> &'static str {
        VERSIONS[self.version.min(VERSIONS.len() - 1)]
    }

    fn yaml(&self) -> String {
        let namespace = workshop::NAMESPACE;
        let version = self.version();
        format!(
            "apiVersion: containerservice.azure.com/v1api20231001\nkind: ManagedCluster\nmetadata:\n  name: dev\n  \
             namespace: {namespace}\n  annotations:\n    {CREDENTIAL}\nspec:\n  location: eastus\n  owner:\n    name: rg-dev-app\n  \
             dnsPrefix: dev\n  kubernetesVersion: {version}\n  identity:\n    type: SystemAssigned\n  agentPoolProfiles:\n    \
             - name: pool0\n      mode: System\n      count: 1\n      vmSize: Standard_DS2_v2\n"
        )
    }

    /// Its version follows the cluster's, in the same commit.
    fn pool_yaml(&self) -> String {
        let namespace = workshop::NAMESPACE;
        let Self { count, .. } = self;
        let version = self.version();
        format!(
            "apiVersion: containerservice.azure.com/v1api20231001\nkind: ManagedClustersAgentPool\nmetadata:\n  name: dev-pool1\n  \
             namespace: {namespace}\n  annotations:\n    {CREDENTIAL}\nspec:\n  azureName: pool1\n  owner:\n    name: dev\n  \
             mode: User\n  count: {count}\n  orchestratorVersion: {version}\n  vmSize: Standard_DS2_v2\n"
        )
    }
}
