//! Annotations, labels, the finalizer and condition reasons, byte for byte as Azure Service Operator writes them.

pub const FINALIZER: &str = "serviceoperator.azure.com/finalizer";

pub const CREDENTIAL_FROM: &str = "serviceoperator.azure.com/credential-from";
pub const RECONCILE_POLICY: &str = "serviceoperator.azure.com/reconcile-policy";
pub const RESOURCE_ID: &str = "serviceoperator.azure.com/resource-id";
pub const POLLER_RESUME_TOKEN: &str = "serviceoperator.azure.com/poller-resume-token";
pub const POLLER_RESUME_ID: &str = "serviceoperator.azure.com/poller-resume-id";
pub const LATEST_RECONCILED_GENERATION: &str = "serviceoperator.azure.com/latest-reconciled-generation";
pub const OPERATOR_NAMESPACE: &str = "serviceoperator.azure.com/operator-namespace";
pub const OWNED_BY: &str = "serviceoperator.azure.com/owned-by";

/// Ours: the hash of the body that was sent last.
pub const SENT: &str = "windlass.dev/azure-sent";
/// Ours: per property that Azure answers differently from what was sent (secrets are never returned, some values are
/// rewritten), the hash of both, so that only a further change counts as a difference.
pub const SETTLED: &str = "windlass.dev/azure-settled";

pub const OWNER_NAME: &str = "serviceoperator.azure.com/owner-name";
pub const OWNER_GROUP_KIND: &str = "serviceoperator.azure.com/owner-group-kind";

/// Values of [`POLLER_RESUME_ID`].
pub const POLLER_CREATE: &str = "GenericClient.CreateOrUpdateByID";
pub const POLLER_DELETE: &str = "GenericClient.DeleteByID";
/// Ours: a soft-deleted vault is being purged before it is made anew.
pub const POLLER_PURGE: &str = "windlass.PurgeDeletedVault";

pub const READY: &str = "Ready";

/// Reasons of the Ready condition; an ARM error code is one too.
pub mod reason {
    pub const SUCCEEDED: &str = "Succeeded";
    pub const RECONCILING: &str = "Reconciling";
    pub const DELETING: &str = "Deleting";
    pub const WAITING_FOR_OWNER: &str = "WaitingForOwner";
    pub const SECRET_NOT_FOUND: &str = "SecretNotFound";
    pub const CONFIG_MAP_NOT_FOUND: &str = "ConfigMapNotFound";
    pub const REFERENCE_NOT_FOUND: &str = "ReferenceNotFound";
    pub const SUBSCRIPTION_MISMATCH: &str = "SubscriptionMismatch";
    pub const AZURE_RESOURCE_NOT_FOUND: &str = "AzureResourceNotFound";
    pub const RECONCILIATION_FAILED_PERMANENTLY: &str = "ReconciliationFailedPermanently";
    pub const RECONCILIATION_BLOCKED: &str = "ReconciliationBlocked";
    pub const FAILED: &str = "Failed";
    pub const UNKNOWN_ERROR: &str = "UnknownError";

    /// Reasons that say what is missing before Azure is asked: sending the resource ends them.
    pub const BEFORE_AZURE: [&str; 7] = [
        WAITING_FOR_OWNER,
        SECRET_NOT_FOUND,
        CONFIG_MAP_NOT_FOUND,
        REFERENCE_NOT_FOUND,
        SUBSCRIPTION_MISMATCH,
        RECONCILIATION_BLOCKED,
        FAILED,
    ];
}

pub const SECRET_IN_NAMESPACE: &str = "aso-credential";
pub const SECRET_GLOBAL: &str = "aso-controller-settings";
/// Where the operator is installed unless told otherwise.
pub const OPERATOR_NAMESPACE_DEFAULT: &str = "azureserviceoperator-system";

/// What the reconcile policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    Manage,
    Skip,
    DetachOnDelete,
}

impl Policy {
    /// Unknown values mean `manage`, as upstream.
    pub fn parse(annotation: Option<&str>) -> Self {
        match annotation {
            Some("skip") => Self::Skip,
            Some("detach-on-delete") => Self::DetachOnDelete,
            _ => Self::Manage,
        }
    }
}
