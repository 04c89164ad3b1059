//! The twin's side of the port to the host of its clusters: what has been said to it, and asking it for kubeconfigs.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use parking_lot::Mutex;
use serde_json::json;

use crate::{
    Twin,
    arm::errors,
    cluster_host::{CredentialRole, HostedCluster},
    reply::{Kubeconfig, Reply},
    shell::Inner,
    state::{Change, State},
    types::aks,
};

/// What the host knows, and what it may not know yet.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    /// Keys of clusters that a commit has touched since.
    touched: Mutex<BTreeSet<String>>,
    /// Held while the host is told, so that it hears things in their order.
    known: Mutex<BTreeMap<String, HostedCluster>>,
}

impl Announced {
    /// Changes that are on their way to the space.
    pub(crate) fn touch<'a>(&self, changes: impl Iterator<Item = &'a Change>) {
        let keys: Vec<String> = changes.filter_map(|change| aks::key_of(&change.key()).map(str::to_string)).collect();
        if !keys.is_empty() {
            self.touched.lock().extend(keys);
        }
    }

    /// The state was read anew: anything may be different.
    pub(crate) fn touch_all(&self, state: &State) {
        let clusters = state.resources("").filter(|resource| resource.is(aks::CLUSTER));
        let mut keys: BTreeSet<String> = clusters.map(|cluster| cluster.id.to_lowercase()).collect();
        keys.extend(self.known.lock().keys().cloned());
        self.touched.lock().extend(keys);
    }
}

impl Inner {
    /// Tells the host what is different now. Returns when it knows, whoever told it.
    pub(crate) fn announce(&self, first: bool) {
        let mut known = self.announced.known.lock();
        let touched = std::mem::take(&mut *self.announced.touched.lock());
        if touched.is_empty() && !first {
            return;
        }
        let mut news = first;
        for key in touched {
            let now = aks::hosted(&self.state.read(), &key);
            news |= now.as_ref() != known.get(&key);
            match now {
                Some(cluster) => known.insert(key, cluster),
                None => known.remove(&key),
            };
        }
        if news {
            self.config.clusters.desired(known.values().cloned().collect());
        }
    }
}

/// The body of `listCluster...Credential`.
pub(crate) async fn kubeconfig(twin: &Twin, wanted: &Kubeconfig) -> Reply {
    let name = match wanted.role {
        CredentialRole::Admin => "clusterAdmin",
        CredentialRole::User => "clusterUser",
    };
    match twin.inner.config.clusters.kubeconfig(&wanted.cluster, wanted.role).await {
        Ok(config) => {
            let value = BASE64_STANDARD.encode(config.reveal());
            Reply::json(200, json!({"kubeconfigs": [{"name": name, "value": value}]}))
        }
        Err(why) => errors::not_simulated(&format!("this cluster's Kubernetes API: {why}")),
    }
}
