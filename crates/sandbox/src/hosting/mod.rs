//! The Kubernetes clusters that the twin of Azure asks for: each is an API server of this process over a key space of its own,
//! with nodes that follow its pools and workloads that live on them.
//!
//! Flow: the twin says which clusters there are ([`twin::ClusterHost`]), [`Hosting::run`] starts, changes and ends their servers
//! and writes their nodes; requests find a cluster by its host name, from the network under `/clusters/HOST/` and in this
//! process by the kubeconfig that the twin handed out ([`controllers::cluster::Remotes`]). A cluster that is stopped or gone answers
//! 503, whoever still holds a client of it. What runs there is simulated: [`controllers::workloads`].

mod classes;
mod kubeconfig;
mod nodes;
mod observed;
mod requests;
mod servers;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use api::{
    Redacted,
    env::{SharedClock, SharedEntropy},
};
use async_trait::async_trait;
use controllers::runtime::Queue;
use hmac::{KeyInit, Mac};
use parking_lot::Mutex;
use store::Store;
use twin::{CredentialRole, HostedCluster};

use servers::Server;

/// Where hosted clusters are reached from outside of this process.
#[derive(Clone, Debug)]
pub struct Address {
    /// `https://127.0.0.1:6440`
    pub url: String,
    /// PEM of the authority that signed the listener's certificate.
    pub authority: String,
}

/// What hosting needs from outside.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: SharedClock,
    pub(crate) entropy: SharedEntropy,
    /// The clusters' tokens and signing keys derive from it: they are the same after a restart.
    pub(crate) secret: Redacted<[u8; 32]>,
    /// `None` where nobody listens: kubeconfigs then name the clusters' own host names.
    pub(crate) address: Option<Address>,
    pub(crate) limits: apiserver::Limits,
    pub(crate) webhooks: Option<apiserver::webhook::SharedCaller>,
}

/// All hosted clusters. Cheap to clone; clones are the same hosting.
#[derive(Clone, Debug)]
pub struct Hosting(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    state: Mutex<State>,
    /// The host names of clusters of which something else is wanted.
    queue: Arc<Queue<String>>,
}

#[derive(Debug, Default)]
struct State {
    /// By host name.
    wanted: BTreeMap<String, HostedCluster>,
    /// Deleted in Azure; their objects are still there. A cluster of the same name starts empty all the same.
    gone: BTreeSet<String>,
    running: BTreeMap<String, Server>,
}

impl State {
    fn stop(&mut self, host: &str) {
        if let Some(server) = self.running.remove(host) {
            server.stop();
        }
    }
}

impl Hosting {
    pub(crate) fn new(config: Config) -> Self {
        Self(Arc::new(Inner { config, state: Mutex::default(), queue: Arc::default() }))
    }

    /// The clusters as Azure wants them now, in order of host name.
    pub fn clusters(&self) -> Vec<HostedCluster> {
        self.0.state.lock().wanted.values().cloned().collect()
    }

    /// A kubeconfig of an administrator, as `az aks get-credentials --admin` writes it.
    pub fn admin_kubeconfig(&self, cluster: &HostedCluster) -> Redacted<String> {
        self.render(cluster, CredentialRole::Admin)
    }

    fn render(&self, cluster: &HostedCluster, role: CredentialRole) -> Redacted<String> {
        let token = self.token(&cluster.fqdn, role);
        kubeconfig::render(cluster, role, &token, self.0.config.address.as_ref())
    }

    fn token(&self, fqdn: &str, role: CredentialRole) -> Redacted<String> {
        let role = match role {
            CredentialRole::Admin => "admin",
            CredentialRole::User => "user",
        };
        Redacted::new(api::hex::encode(&self.derive(&["token", fqdn, role])))
    }

    /// Bytes that only this data directory can make.
    fn derive(&self, parts: &[&str]) -> [u8; 32] {
        let secret = self.0.config.secret.reveal();
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
        mac.update(b"hosted cluster");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

#[async_trait]
impl twin::ClusterHost for Hosting {
    fn desired(&self, clusters: Vec<HostedCluster>) {
        let wanted: BTreeMap<_, _> = clusters.into_iter().map(|cluster| (cluster.fqdn.clone(), cluster)).collect();
        let mut state = self.0.state.lock();
        let gone: Vec<String> = state.wanted.keys().filter(|fqdn| !wanted.contains_key(*fqdn)).cloned().collect();
        for fqdn in &gone {
            // Nobody reaches the old one any more, whenever its objects go.
            state.stop(fqdn);
            state.gone.insert(fqdn.clone());
        }
        let changed = wanted.iter().filter(|(fqdn, cluster)| state.wanted.get(*fqdn) != Some(*cluster));
        let changed: Vec<String> = changed.map(|(fqdn, _)| fqdn.clone()).collect();
        state.wanted = wanted;
        drop(state);
        gone.into_iter().chain(changed).for_each(|fqdn| self.0.queue.add(fqdn));
    }

    async fn kubeconfig(&self, cluster: &HostedCluster, role: CredentialRole) -> Result<Redacted<String>, String> {
        Ok(self.render(cluster, role))
    }
}
