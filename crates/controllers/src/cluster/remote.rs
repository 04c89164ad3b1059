//! Other clusters than the one that a controller lives in.

use std::fmt::Debug;

use api::Redacted;
use async_trait::async_trait;

use super::{Cluster, Error};

/// Opens clusters by the kubeconfig that their owner stored.
#[async_trait]
pub trait Remotes: Send + Sync + Debug {
    /// A client of the cluster. It need not be reachable now: requests say so.
    async fn connect(&self, kubeconfig: &Redacted<String>) -> Result<Cluster, Error>;
}
