//! The server as its users see it: made once per key space, cheap to clone, two routers over the same handlers.
//! Composition only: what a request means is `rest`'s business, who may send it is `access`'s.

use std::{future::Future, sync::Arc};

use api::{
    env::{SharedClock, SharedEntropy},
    status::Status,
};
use axum::Router;
use store::Space;

use crate::{Identity, Objects, access, admission::SharedAdmission, bootstrap, lifecycle, rest, webhook::SharedCaller};

/// What a server needs from outside. Time and randomness are inputs.
#[derive(Clone, Debug)]
pub struct Config {
    pub clock: SharedClock,
    pub entropy: SharedEntropy,
    /// Issuer of service account tokens, e.g. `https://oidc.windlass.test/<cluster>/`.
    pub issuer: String,
    /// Signs service account tokens.
    pub signing_key: access::Keys,
    /// Certificates of clients are accepted when this authority signed them.
    pub client_ca_pem: Option<String>,
    /// Defaults of custom resources.
    pub admission: SharedAdmission,
    /// What `/version` says: `v1.33.x`, `+windlass...` is appended.
    pub version: String,
    pub limits: Limits,
    /// Whether somebody looks after pods and what makes them; otherwise they are stored, and writes say so.
    pub workloads: bool,
    /// How webhooks are reached; without it they are not called, and writes say so.
    pub webhooks: Option<SharedCaller>,
}

/// What this server takes where it may differ from upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// All annotations of one object together. Upstream: 256 KiB, and client-side apply of a large definition fails. More is
    /// taken here, with a warning.
    pub annotations_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { annotations_bytes: 1024 * 1024 }
    }
}

/// One Kubernetes API over one key space.
#[derive(Clone, Debug)]
pub struct ApiServer {
    objects: Objects,
}

impl ApiServer {
    /// Loads the custom resource definitions of the space and makes what every cluster has: the system namespaces and the
    /// bootstrap RBAC objects.
    pub async fn start(space: Arc<dyn Space>, config: Config) -> Result<Self, Status> {
        let objects = Objects::open(space, config).await?;
        bootstrap::namespaces(&objects).await?;
        access::bootstrap(&objects).await?;
        Ok(Self { objects })
    }

    /// For the network: authenticates, authorizes, checks Host.
    pub fn router(&self) -> Router {
        access::protect(rest::router(self.objects.clone()), self.objects.clone())
    }

    /// For a `kube::Client` in this process, as that identity: the same authorization, no TLS.
    pub fn in_process(&self, identity: Identity) -> Router {
        access::in_process(rest::router(self.objects.clone()), self.objects.clone(), identity)
    }

    /// The keys that verify this cluster's service account tokens.
    pub fn jwks(&self) -> jose::Jwks {
        access::jwks(&self.objects)
    }

    /// Stored objects without HTTP, for controllers that are part of the server.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Garbage collector, namespace controller, CRD cleanup, event expiry. Runs until dropped, idles silently.
    pub fn controllers(&self) -> impl Future<Output = ()> + Send + 'static {
        lifecycle::run(self.objects.clone())
    }
}
