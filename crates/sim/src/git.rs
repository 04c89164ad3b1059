//! What Git says: Sample 2 with some freedom, as files and as the resources that must then exist.

use std::collections::BTreeSet;

use api::files::FileSet;
use sandbox::workshop;

use crate::base::{Base, SUBSCRIPTION, TENANT};

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
}

impl State {
    pub(crate) const SAMPLE_2: Self = Self { group: true, vault: true, secret: true, tag: 0, permissions: 0, value: 0 };
    pub(crate) const NOTHING: Self = Self { group: false, vault: false, secret: false, ..Self::SAMPLE_2 };

    pub(crate) fn files(&self, base: &Base) -> FileSet {
        let mut files = FileSet::default();
        // The path stays when everything else is gone.
        files.insert("samples/README.md", b"Sample 2\n".to_vec());
        if self.group {
            files.insert("samples/sample-2/group.yaml", self.group_yaml().into_bytes());
        }
        if self.vault {
            files.insert("samples/sample-2/vault.yaml", self.vault_yaml(&base.principal_id).into_bytes());
        }
        if self.secret {
            files.insert("samples/sample-2/secret.yaml", self.secret_yaml().into_bytes());
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
        let there = [(self.group, group), (self.vault, vault), (self.secret, secret)];
        there.into_iter().filter(|(wanted, _)| *wanted).map(|(_, id)| id).collect()
    }
}
