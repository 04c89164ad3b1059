//! What the twin remembers, as it is stored: one JSON value per record, one key per record.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One thing to remember. The tag makes a stored value readable without its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "camelCase")]
pub(crate) enum Record {
    Meta(Meta),
    Resource(Resource),
    Operation(Operation),
    Secret(Secret),
    DeletedVault(DeletedVault),
    Application(Application),
    Incarnation(Incarnation),
}

impl Record {
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Meta(_) => META.to_string(),
            Self::Resource(resource) => resource_key(&resource.id.to_lowercase()),
            Self::Operation(operation) => operation_key(&operation.id),
            Self::Secret(secret) => secret_key(&secret.vault, &secret.name),
            Self::DeletedVault(vault) => deleted_vault_key(&vault.name),
            Self::Application(application) => format!("application/{}", application.app_id.to_lowercase()),
            Self::Incarnation(incarnation) => format!("incarnation{}", incarnation.id),
        }
    }
}

pub(crate) const META: &str = "meta";
pub(crate) const IDENTITY: &str = "Microsoft.ManagedIdentity/userAssignedIdentities";
pub(crate) const CLUSTER: &str = "Microsoft.ContainerService/managedClusters";
pub(crate) const VAULT: &str = "Microsoft.KeyVault/vaults";

pub(crate) fn resource_key(lower_id: &str) -> String {
    format!("resource{lower_id}")
}

pub(crate) fn operation_key(id: &str) -> String {
    format!("operation/{id}")
}

pub(crate) fn secret_key(vault: &str, name: &str) -> String {
    format!("secret/{}/{}", vault.to_lowercase(), name.to_lowercase())
}

pub(crate) fn deleted_vault_key(name: &str) -> String {
    format!("deleted-vault/{}", name.to_lowercase())
}

/// Drawn once, when the twin is first opened: ids that Azure makes up are derived from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meta {
    pub(crate) seed: String,
    pub(crate) tenant_id: String,
}

/// A resource of ARM. `body` is what a GET returns but for id, name, type and the computed provisioning state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resource {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) api_version: String,
    pub(crate) body: Map<String, Value>,
    pub(crate) etag: String,
    pub(crate) created_at: Timestamp,
    pub(crate) changed_at: Timestamp,
    pub(crate) created_by: String,
    pub(crate) changed_by: String,
    /// The final provisioning state; `None` for types that have none.
    pub(crate) state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pending: Option<Pending>,
    /// When the deletion that goes on is through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted_at: Option<Timestamp>,
    /// How often each of its access keys was made anew.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) regenerated: BTreeMap<String, u64>,
}

/// A provisioning state on the way to the final one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pending {
    pub(crate) state: String,
    pub(crate) until: Timestamp,
}

impl Resource {
    /// Computed from the times at every read: nothing has to run for an operation to end.
    pub(crate) fn provisioning_state(&self, now: Timestamp) -> Option<&str> {
        let state = self.state.as_deref()?;
        if self.deleted_at.is_some() {
            return Some("Deleting");
        }
        match &self.pending {
            Some(pending) if now < pending.until => Some(&pending.state),
            _ => Some(state),
        }
    }

    pub(crate) fn is_busy(&self, now: Timestamp) -> bool {
        self.deleted_at.is_some() || self.pending.as_ref().is_some_and(|pending| now < pending.until)
    }

    pub(crate) fn property(&self, name: &str) -> Option<&Value> {
        self.body.get("properties")?.get(name)
    }

    pub(crate) fn property_str(&self, name: &str) -> &str {
        self.property(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn location(&self) -> &str {
        self.body.get("location").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn is(&self, kind: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind)
    }
}

/// A long-running operation that has a URL of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) resource: String,
    /// The object id of who started it.
    #[serde(default)]
    pub(crate) started_by: String,
    /// Whether the resource is the operation's result (PUT, PATCH), or nothing is (DELETE, POST).
    pub(crate) yields_resource: bool,
    pub(crate) started: Timestamp,
    pub(crate) until: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<Failure>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// A secret of a vault with its versions, oldest first. It stays with the vault's name while the vault is soft-deleted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Secret {
    pub(crate) vault: String,
    pub(crate) name: String,
    pub(crate) versions: Vec<SecretVersion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<Deleted>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretVersion {
    pub(crate) version: String,
    pub(crate) value: String,
    #[serde(default)]
    pub(crate) content_type: Option<String>,
    pub(crate) enabled: bool,
    #[serde(default)]
    pub(crate) not_before: Option<i64>,
    #[serde(default)]
    pub(crate) expires: Option<i64>,
    #[serde(default)]
    pub(crate) tags: Map<String, Value>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl std::fmt::Debug for SecretVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretVersion").field("version", &self.version).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("name", &self.name).field("versions", &self.versions).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deleted {
    pub(crate) at: Timestamp,
    pub(crate) purge_at: Timestamp,
}

/// A vault in the soft-deleted state: its name stays taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeletedVault {
    pub(crate) name: String,
    pub(crate) resource: Resource,
    pub(crate) deleted: Deleted,
}

/// An application and its service principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Application {
    pub(crate) app_id: String,
    pub(crate) object_id: String,
    pub(crate) display_name: String,
    /// SHA-256 of each secret, salted with the application id.
    pub(crate) secret_hashes: Vec<String>,
}

/// How often a resource of this id was deleted: ids that Azure makes up differ between incarnations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Incarnation {
    pub(crate) id: String,
    pub(crate) count: u64,
}
