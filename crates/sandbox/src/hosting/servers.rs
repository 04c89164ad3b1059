//! The life of the clusters' servers: started when Azure has the cluster, made anew when its version or issuer changes, ended
//! and emptied when it is deleted.

use std::sync::Arc;

use actions::Requeue;
use api::{
    Class, Redacted,
    env::{Entropy, SharedClock},
    status::Status,
};
use apiserver::{ApiServer, Identity, access::Keys, admission::NoAdmission, serve::health};
use async_trait::async_trait;
use axum::Router;
use controllers::{
    cluster::Cluster,
    runtime::{self, Apart, Backoff, Failure, Pass},
};
use futures::FutureExt;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use store::{Change, Expect, Space, Write};
use twin::{CredentialRole, HostedCluster};

use super::{Hosting, State, classes, nodes, observed, requests};

/// The key space that names the spaces of the clusters: what is to be emptied is known after a crash too.
const INDEX: &str = "hosted-clusters";
/// Keys that are deleted at once when a cluster goes.
const WIPE_BATCH: usize = 500;

/// A running server.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) api: ApiServer,
    /// For requests from the network.
    pub(super) network: Router,
    /// For requests of this process, as the holders of the two kubeconfigs.
    admin: Router,
    user: Router,
    shape: Shape,
    controllers: Arc<Mutex<Option<Apart>>>,
}

impl Server {
    /// Ends what runs in the cluster, whoever still holds the server.
    pub(super) fn stop(&self) {
        drop(self.controllers.lock().take());
    }

    pub(super) fn in_process(&self, role: CredentialRole) -> Router {
        match role {
            CredentialRole::Admin => self.admin.clone(),
            CredentialRole::User => self.user.clone(),
        }
    }
}

/// What a server is made for; another one needs another server over the same objects.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shape {
    version: String,
    issuer: String,
}

impl Shape {
    fn of(cluster: &HostedCluster) -> Self {
        Self {
            version: format!("v{}", cluster.kubernetes_version),
            issuer: cluster.oidc_issuer.clone().unwrap_or_else(|| format!("https://{}/", cluster.fqdn)),
        }
    }
}

/// Clusters that are brought at once to what Azure wants: each waits for the store most of the time.
const PARALLELISM: usize = 16;

/// Hosted clusters as token issuers: their keys are read in this process, as Entra ID reads them over the internet.
#[async_trait]
impl twin::IssuerKeys for Hosting {
    async fn keys(&self, issuer: &str) -> Result<jose::Jwks, String> {
        let server = self.0.state.lock().running.values().find(|server| server.shape.issuer == issuer).cloned();
        // Without the lock: the key may have to be made first.
        server.map(|server| server.api.jwks()).ok_or_else(|| format!("no issuer at {issuer}"))
    }
}

impl Hosting {
    pub(super) fn is_wanted(&self, host: &str) -> bool {
        self.0.state.lock().wanted.contains_key(host)
    }

    pub(super) fn server(&self, host: &str) -> Option<Server> {
        self.0.state.lock().running.get(host).cloned()
    }

    /// Keeps the servers and their nodes as Azure wants them. Runs until dropped, and what runs in the clusters with it.
    pub(crate) async fn run(&self) {
        let _controllers = Running(&self.0.state);
        self.forget_strangers();
        let queue = self.0.queue.clone();
        runtime::run(queue, PARALLELISM, Backoff::default(), |host| self.settle(host)).await;
    }

    /// One pass over a cluster: what is gone is emptied, what is wanted runs and has its nodes.
    #[tracing::instrument(name = "reconcile", skip_all, fields(controller = "hosting", cluster = host))]
    async fn settle(&self, host: String) -> Pass {
        let is_gone = self.0.state.lock().gone.contains(&host);
        if is_gone {
            self.wipe(&host).await.map_err(|error| Status::internal(error.to_string())).map_err(failed)?;
            self.0.state.lock().gone.remove(&host);
        }
        let wanted = self.0.state.lock().wanted.get(&host).cloned();
        if let Some(cluster) = wanted {
            self.keep(&cluster).await.map_err(failed)?;
        }
        Ok(Requeue::OnChange)
    }

    async fn keep(&self, cluster: &HostedCluster) -> Result<(), Status> {
        if !cluster.running {
            if let Some(server) = self.server(&cluster.fqdn) {
                // What is stopped has no nodes, and nobody to ask.
                nodes::keep(&server.api, cluster, self.0.config.clock.now()).await?;
            }
            self.0.state.lock().stop(&cluster.fqdn);
            return Ok(());
        }
        let shape = Shape::of(cluster);
        let current = self.server(&cluster.fqdn).filter(|server| server.shape == shape);
        let server = match current {
            Some(server) => server,
            None => self.start(cluster, shape).await?,
        };
        nodes::keep(&server.api, cluster, self.0.config.clock.now()).await
    }

    async fn start(&self, cluster: &HostedCluster, shape: Shape) -> Result<Server, Status> {
        let host = &cluster.fqdn;
        let space = self.space(host).await.map_err(|error| Status::internal(error.to_string()))?;
        let config = &self.0.config;
        let api = ApiServer::start(
            space,
            apiserver::Config {
                clock: config.clock.clone(),
                entropy: config.entropy.clone(),
                issuer: shape.issuer.clone(),
                signing_key: self.signing_key(host),
                client_ca_pem: None,
                admission: Arc::new(NoAdmission),
                version: shape.version.clone(),
                limits: config.limits,
                workloads: true,
                webhooks: config.webhooks.clone(),
            },
        )
        .await?;
        classes::keep(&api).await?;
        // Pods of a node that is not there yet would be lost.
        nodes::keep(&api, cluster, config.clock.now()).await?;
        let work = futures::future::join(api.controllers(), workloads(&api, &config.clock)).map(|_| ());
        let controllers = Arc::new(Mutex::new(Some(runtime::apart(work))));
        let network = api.network(self.tokens(host), health::routes(Vec::new()));
        let [admin, user] = requests::ROLES.map(|role| api.in_process(requests::identity(role)));
        let server = Server { api, network, admin, user, shape, controllers };
        let mut state = self.0.state.lock();
        state.stop(host);
        // It may have been deleted meanwhile.
        if state.wanted.contains_key(host) && !state.gone.contains(host) {
            state.running.insert(host.clone(), server.clone());
        }
        Ok(server)
    }

    /// Made at the first token or JWKS request, and the same after a restart.
    fn signing_key(&self, host: &str) -> Keys {
        let seed = self.derive(&["signing key", host]);
        Keys::lazy(move || {
            let entropy = Derived::new(seed);
            jose::SigningKey::generate(&entropy).map(Arc::new).map_err(|error| error.to_string())
        })
    }

    /// The key space of a cluster; from here on the index knows it.
    async fn space(&self, host: &str) -> Result<Arc<dyn Space>, store::Error> {
        let index = self.0.config.store.space(INDEX)?;
        if index.get(host).is_none() {
            let change = Change::Put(Box::new(|_| bytes::Bytes::from_static(b"{}")));
            index.commit(vec![Write { key: host.to_owned(), expect: Expect::Anything, change }]).await?;
        }
        self.0.config.store.space(&space_name(host))
    }

    /// Empties spaces of clusters that were deleted while nobody could do it.
    fn forget_strangers(&self) {
        let known = self.0.config.store.space(INDEX).and_then(|index| index.list("", None, None, 0));
        let known = known.map(|page| page.items).unwrap_or_default();
        let mut state = self.0.state.lock();
        let strangers: Vec<String> =
            known.iter().map(|item| item.key.to_string()).filter(|host| !state.wanted.contains_key(host)).collect();
        state.gone.extend(strangers.iter().cloned());
        drop(state);
        strangers.into_iter().for_each(|host| self.0.queue.add(host));
    }

    async fn wipe(&self, host: &str) -> Result<(), store::Error> {
        let space = self.0.config.store.space(&space_name(host))?;
        loop {
            let page = space.list("", None, None, WIPE_BATCH)?;
            if page.items.is_empty() {
                break;
            }
            let writes = page.items.into_iter().map(|item| {
                let last = item.value;
                Write {
                    key: item.key.to_string(),
                    expect: Expect::Anything,
                    change: Change::Delete(Box::new(move |_| last)),
                }
            });
            space.commit(writes.collect()).await?;
        }
        let index = self.0.config.store.space(INDEX)?;
        if let Some(item) = index.get(host) {
            let change = Change::Delete(Box::new(move |_| item.value));
            index.commit(vec![Write { key: host.to_owned(), expect: Expect::Anything, change }]).await?;
        }
        Ok(())
    }
}

/// The running servers, for as long as somebody keeps them.
struct Running<'a>(&'a Mutex<State>);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.lock().running.values().for_each(Server::stop);
    }
}

/// The store's failures may pass; a refusal of what is written here is a bug, and is tried again as slowly as any failure.
fn failed(status: Status) -> Failure {
    let message = format!("the cluster cannot be kept as Azure wants it: {}", status.message);
    Failure { class: Class::Transient, message }
}

fn space_name(host: &str) -> String {
    format!("hosted/{host}")
}

/// The scheduler, the kubelets and the workload controllers of a cluster.
fn workloads(api: &ApiServer, clock: &SharedClock) -> impl Future<Output = ()> + Send + 'static {
    let identity = Identity::user(workloads::names::ACCOUNT, [requests::ADMINS.to_owned()]);
    let client = kube::Client::new(api.in_process(identity), "default");
    let cluster = Cluster::new(client, workloads::names::MANAGER);
    controllers::workloads::run(cluster, clock.clone(), observed::stream(api))
}

/// A stream of bytes out of one seed: SHA-256 in counter mode.
#[derive(Debug)]
struct Derived {
    seed: Redacted<[u8; 32]>,
    counter: std::sync::atomic::AtomicU64,
}

impl Derived {
    fn new(seed: [u8; 32]) -> Self {
        Self { seed: Redacted::new(seed), counter: std::sync::atomic::AtomicU64::new(0) }
    }
}

impl Entropy for Derived {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let counter = self.counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let block = Sha256::new().chain_update(self.seed.reveal()).chain_update(counter.to_be_bytes()).finalize();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}
