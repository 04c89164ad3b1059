//! What the composition root decides about the twin.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use api::{
    Redacted,
    env::{SharedClock, SharedEntropy},
};
use async_trait::async_trait;
use jiff::{SignedDuration, civil::Date};

use crate::{cluster_host::ClusterHost, faults::Faults};

/// Where the keys of an OIDC issuer come from: another cluster of this process, or the network.
#[async_trait]
pub trait IssuerKeys: Send + Sync + fmt::Debug {
    /// The key set behind the issuer's discovery document, or why it could not be read.
    async fn keys(&self, issuer: &str) -> Result<jose::Jwks, String>;
}

/// How time passes for long-running operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// Operations take some tens of milliseconds. Instead of `Retry-After` answers carry `retry-after-ms` and
    /// `x-ms-retry-after-ms`, which Azure's SDKs read: a 0 there makes Python's wait for 30 s, a fraction is none of its integers.
    #[default]
    Fast,
    /// Operations take about as long as in Azure.
    Real,
}

impl Pace {
    /// How long something takes that takes `real_secs` in Azure.
    pub(crate) fn duration(self, real_secs: i64) -> SignedDuration {
        match self {
            Self::Real => SignedDuration::from_secs(real_secs),
            // 15 s become 21 ms, 5 minutes 50 ms.
            Self::Fast => SignedDuration::from_millis(20 + real_secs.clamp(0, 600) / 10),
        }
    }

    /// `Retry-After` and its relatives.
    pub(crate) fn retry_after(self, real_secs: u64) -> Vec<(&'static str, String)> {
        match self {
            Self::Real => vec![("retry-after", real_secs.to_string())],
            Self::Fast => {
                let millis = (20 + real_secs.min(90) / 10).to_string();
                vec![("retry-after-ms", millis.clone()), ("x-ms-retry-after-ms", millis)]
            }
        }
    }
}

/// The key that Entra ID signs with. Making one takes a tenth of a second, so it may be made at the first token.
pub struct TokenKey {
    cell: OnceLock<Arc<jose::SigningKey>>,
    make: Box<dyn Fn() -> Arc<jose::SigningKey> + Send + Sync>,
}

impl TokenKey {
    pub fn lazy(make: impl Fn() -> Arc<jose::SigningKey> + Send + Sync + 'static) -> Self {
        Self { cell: OnceLock::new(), make: Box::new(make) }
    }

    pub(crate) fn get(&self) -> &jose::SigningKey {
        self.cell.get_or_init(|| (self.make)())
    }
}

impl From<Arc<jose::SigningKey>> for TokenKey {
    fn from(key: Arc<jose::SigningKey>) -> Self {
        Self::lazy(move || key.clone())
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey")
    }
}

/// The service principal that owns the subscriptions: how the composition root gets in first.
#[derive(Clone, Debug)]
pub struct OwnerPrincipal {
    pub client_id: String,
    pub secret: Redacted<String>,
}

/// What becomes of applications, tenants and subscriptions that the directory does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strangers {
    /// They are refused, as Azure refuses them.
    #[default]
    Refused,
    /// For a plan over an Azure that nobody has seen: such an application is taken for one that may do everything.
    Believed,
}

#[derive(Debug)]
pub struct Config {
    pub clock: SharedClock,
    pub entropy: SharedEntropy,
    /// A GUID.
    pub tenant_id: String,
    /// GUIDs.
    pub subscriptions: Vec<String>,
    pub owner: OwnerPrincipal,
    pub signing_key: TokenKey,
    pub issuers: Arc<dyn IssuerKeys>,
    pub pace: Pace,
    /// Vault names that somebody else in Azure has: creating them fails with `VaultAlreadyExists`.
    pub taken_names: Vec<String>,
    /// Who runs the Kubernetes clusters; [`crate::NoClusters`] where none are needed.
    pub clusters: Arc<dyn ClusterHost>,
    /// The day of which AKS' table of Kubernetes versions is; `None` for the clock's.
    pub kubernetes_versions_of: Option<Date>,
    /// vCPUs that a subscription has in a region, per family of VM sizes; `None` for as many as are asked for.
    pub vcpu_quota: Option<u32>,
    pub strangers: Strangers,
    /// `None` outside of tests and simulation.
    pub faults: Option<Arc<dyn Faults>>,
}
