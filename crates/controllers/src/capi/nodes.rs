//! Workload clusters: one connection each, opened by the kubeconfig Secret, with a watch on nodes for as long as it lives.

use std::{collections::BTreeMap, sync::Arc};

use api::{
    Redacted,
    names::{GroupVersionKind, ObjectRef},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use capi::{Node, Unreachable, names};
use futures::{
    StreamExt,
    channel::{mpsc, oneshot},
    stream::BoxStream,
};
use parking_lot::Mutex;
use serde_json::Value;

use super::{Context, dependants::Used};
use crate::cluster::{Cluster, Error, Remotes};

type At = (String, String);

#[derive(Debug)]
pub(super) struct Connections {
    remotes: Arc<dyn Remotes>,
    open: Mutex<BTreeMap<At, Connection>>,
    opened: mpsc::UnboundedSender<Opened>,
    /// Taken by the one trigger loop.
    watches: Mutex<Option<mpsc::UnboundedReceiver<Opened>>>,
}

#[derive(Debug)]
struct Connection {
    kubeconfig: Redacted<String>,
    cluster: Cluster,
    /// Dropped with the connection, which ends its watch.
    _alive: oneshot::Sender<()>,
}

/// A connection whose nodes are to be watched.
#[derive(Debug)]
pub(super) struct Opened {
    at: At,
    cluster: Cluster,
    closed: oneshot::Receiver<()>,
}

impl Connections {
    pub(super) fn new(remotes: Arc<dyn Remotes>) -> Self {
        let (opened, watches) = mpsc::unbounded();
        Self { remotes, open: Mutex::default(), opened, watches: Mutex::new(Some(watches)) }
    }

    /// New connections, for the trigger loop.
    pub(super) fn watches(&self) -> Option<mpsc::UnboundedReceiver<Opened>> {
        self.watches.lock().take()
    }

    pub(super) fn known(&self, namespace: &str, name: &str) -> Option<Cluster> {
        self.open.lock().get(&(namespace.to_string(), name.to_string())).map(|open| open.cluster.clone())
    }

    pub(super) fn close(&self, namespace: &str, name: &str) {
        self.open.lock().remove(&(namespace.to_string(), name.to_string()));
    }

    async fn connect(&self, at: At, kubeconfig: Redacted<String>) -> Result<Cluster, Error> {
        if let Some(known) = self.open.lock().get(&at).filter(|open| open.kubeconfig.reveal() == kubeconfig.reveal()) {
            return Ok(known.cluster.clone());
        }
        let cluster = self.remotes.connect(&kubeconfig).await?;
        let mut open = self.open.lock();
        // Another pass may have been faster.
        if let Some(known) = open.get(&at).filter(|open| open.kubeconfig.reveal() == kubeconfig.reveal()) {
            return Ok(known.cluster.clone());
        }
        let (alive, closed) = oneshot::channel();
        // Without a trigger loop nobody watches, and the pass still reads.
        let _ = self.opened.unbounded_send(Opened { at: at.clone(), cluster: cluster.clone(), closed });
        open.insert(at, Connection { kubeconfig, cluster: cluster.clone(), _alive: alive });
        Ok(cluster)
    }
}

impl Opened {
    /// The namespace and name of the Cluster, once for each change of a node, until the connection is closed.
    pub(super) fn changes(self) -> BoxStream<'static, At> {
        let at = self.at;
        self.cluster.changes(&node_kind(), "nodes").map(move |_| at.clone()).take_until(self.closed).boxed()
    }
}

fn node_kind() -> GroupVersionKind {
    GroupVersionKind::new("", "v1", "Node")
}

/// All nodes of the workload cluster; its own failures are an answer.
pub(super) async fn list(
    context: &Context,
    used: &mut Used<'_>,
    namespace: &str,
    name: &str,
) -> Result<Result<Vec<Node>, Unreachable>, Error> {
    let secret = names::kubeconfig_secret(name);
    let target = ObjectRef::new(&GroupVersionKind::new("", "v1", "Secret"), namespace, &secret);
    used.object(&target);
    let Some(object) = context.core.get(&target).await? else {
        return Ok(Err(format!("Secret {namespace}/{secret} does not exist yet")));
    };
    let encoded = object.pointer("/data").and_then(|data| data.get(names::KUBECONFIG_KEY)).and_then(Value::as_str);
    let decoded = encoded.and_then(|text| STANDARD.decode(text).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(kubeconfig) = decoded.map(Redacted::new) else {
        return Ok(Err(format!(
            "Secret {namespace}/{secret} has no kubeconfig under the key {}",
            names::KUBECONFIG_KEY
        )));
    };
    let at = (namespace.to_string(), name.to_string());
    let cluster = match context.connections.connect(at, kubeconfig).await {
        Ok(cluster) => cluster,
        Err(error) => return Ok(Err(error.message())),
    };
    match cluster.list(&node_kind(), "").await {
        Ok(nodes) => Ok(Ok(nodes)),
        Err(error) => {
            // Rotated credentials and restarted clusters want a new connection.
            context.connections.close(namespace, name);
            Ok(Err(error.message()))
        }
    }
}
