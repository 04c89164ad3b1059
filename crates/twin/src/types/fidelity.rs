//! How far the twin goes per type, as data: for `windlass azure types` and docs/twin.md. A type that is not listed here and
//! is in the catalogue is `Lifecycle`: the generic path serves it.

use crate::schema;

/// How much of Azure's behaviour a type has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fidelity {
    /// Known by schema; requests are refused by name.
    SchemaOnly,
    /// Validated, stored, provisioning states and long-running operations; nothing else happens.
    Lifecycle,
    /// Acts as the service does, with evidence from outside of this project.
    Behaviour,
}

impl Fidelity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SchemaOnly => "schema only",
            Self::Lifecycle => "lifecycle",
            Self::Behaviour => "behaviour",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeFidelity {
    pub resource_type: &'static str,
    pub level: Fidelity,
    /// Where the behaviour was seen, or what is missing.
    pub evidence: &'static str,
}

const fn row(resource_type: &'static str, level: Fidelity, evidence: &'static str) -> TypeFidelity {
    TypeFidelity { resource_type, level, evidence }
}

const TABLE: &[TypeFidelity] = &[
    row(
        "Microsoft.Resources/resourceGroups",
        Fidelity::Behaviour,
        "ASO recording Test_KeyVault_Vault_CRUD: PUT 201/200, DELETE 202 + Location operationresults -> 200",
    ),
    row(
        "Microsoft.KeyVault/vaults",
        Fidelity::Behaviour,
        "ASO recordings Test_KeyVault_Vault_CRUD and Test_KeyVault_WhenRecoverSpecified_RecoversSuccessfully: PUT 200 \
         RegisteringDns, read until Succeeded, defaults, DELETE 200, deletedVaults, recover; purge by documentation",
    ),
    row(
        "Microsoft.KeyVault/vaults/secrets",
        Fidelity::Lifecycle,
        "Azure's documentation: versions, value never returned; data plane get, list, set, delete; no public recording",
    ),
    row(
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        Fidelity::Behaviour,
        "ASO recording Test_ManagedIdentity_UserAssignedIdentity_CRUD: 201/200/200, ids, casing of the id",
    ),
    row(
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        Fidelity::Lifecycle,
        "Azure's documentation: unique issuer and subject, 20 per identity; tokens verified as Entra ID does",
    ),
    row(
        "Microsoft.Authorization/roleAssignments",
        Fidelity::Lifecycle,
        "Azure's documentation; az's requests as recorded; enforced on every request",
    ),
    row(
        "Microsoft.Authorization/roleDefinitions",
        Fidelity::SchemaOnly,
        "the built-in roles can be read; custom roles are refused",
    ),
    row(
        "Microsoft.ContainerService/managedClusters",
        Fidelity::Behaviour,
        "ASO recordings Test_AKS_ManagedCluster_20231001_CRUD and _20240901_CRUD: PUT 201/200 with Azure-AsyncOperation, \
         ids, what Azure fills in; refusals as users quote them in public issues; versions by AKS' release calendar. \
         Not simulated: upgrades by channel, add-ons, the autoscaler, runCommand",
    ),
    row(
        "Microsoft.ContainerService/managedClusters/agentPools",
        Fidelity::Behaviour,
        "the same recordings (agentPoolProfiles and what Azure fills in); operations and skew as users quote them in public \
         issues. Without a public record: the headers of DELETE, \
         the status of PropertyChangeNotAllowed, the words about bounds. Not simulated: the autoscaler (a count stays \
         within its bounds), abort",
    ),
    row(
        "Microsoft.Storage/storageAccounts",
        Fidelity::Lifecycle,
        "ASO recording Test_Storage_StorageAccount_CRUD: PUT 202 + Location, what Azure fills in; keys by documentation \
         (listKeys, regenerateKey). No data plane, no SAS",
    ),
    row(
        "Microsoft.EventHub/namespaces",
        Fidelity::Lifecycle,
        "ASO's recorded samples: PUT 201, read until Succeeded; RootManageSharedAccessKey comes with it, by documentation. \
         No data plane",
    ),
    row(
        "Microsoft.EventHub/namespaces/authorizationRules",
        Fidelity::Lifecycle,
        "Azure's documentation: listKeys, regenerateKeys",
    ),
    row(
        "Microsoft.EventHub/namespaces/eventhubs/authorizationRules",
        Fidelity::Lifecycle,
        "Azure's documentation: listKeys, regenerateKeys",
    ),
    row("Microsoft.KeyVault/vaults/accessPolicies", Fidelity::SchemaOnly, "refused: set them in the vault's body"),
    row("Microsoft.KeyVault/vaults/keys", Fidelity::SchemaOnly, "refused"),
    row("Microsoft.Resources/deployments", Fidelity::SchemaOnly, "refused"),
];

/// The types that are more or less than `Lifecycle`, or have evidence.
pub fn fidelity() -> &'static [TypeFidelity] {
    TABLE
}

/// The level of any type and why; `None` for a type that the catalogue does not have.
pub fn fidelity_of(resource_type: &str) -> Option<(Fidelity, &'static str)> {
    if let Some(row) = TABLE.iter().find(|row| row.resource_type.eq_ignore_ascii_case(resource_type)) {
        return Some((row.level, row.evidence));
    }
    let newest = schema::api_versions(resource_type).first().copied()?;
    let resource = schema::at(resource_type, newest)?;
    Some(match resource.writable.0 {
        0 => (Fidelity::SchemaOnly, "Azure makes it, nobody else"),
        _ => (Fidelity::Lifecycle, "by its schema"),
    })
}
