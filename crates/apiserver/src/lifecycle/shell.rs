//! The loop around the decisions: follows the store and queues everyone whom a change may concern. What happens to a queued
//! key is [`super::execute`]'s.

use api::{Class, status::Status};
use futures::{FutureExt, StreamExt, stream};
use store::{EventKind, Watch};
use tokio::time::{Instant, sleep_until};

use super::{
    execute::{Cluster, PARALLEL, ROOT_CA, SERVICE_ACCOUNT},
    graph::{Graph, Node},
    queue::{Queue, Work},
};
use crate::{
    Objects, Resource,
    access::rbac,
    crd,
    objects::{ROOT, failed},
};

/// Runs until dropped.
pub(crate) async fn run(objects: Objects) {
    loop {
        // It ends only when the store's history is gone before it was read: then everything is looked at anew.
        let error = match Controllers::start(objects.clone()) {
            Ok(mut controllers) => controllers.follow().await,
            Err(status) => status,
        };
        tracing::warn!(%error, "lifecycle controllers start over");
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

struct Controllers {
    cluster: Cluster,
    queue: Queue,
    watch: Box<dyn Watch>,
}

impl Controllers {
    /// Everything that is there is looked at once.
    fn start(objects: Objects) -> Result<Self, Status> {
        let page = objects.space().list(ROOT, None, None, 0).map_err(failed)?;
        let watch = objects.watch(page.revision)?;
        let cluster = Cluster { objects, graph: Graph::default() };
        let mut controllers = Self { cluster, queue: Queue::default(), watch };
        for stored in &page.items {
            controllers.cluster.graph.set(&stored.key, Node::parse(&stored.key, &stored.value));
        }
        let keys: Vec<String> = controllers.cluster.graph.iter().map(|(key, _)| key.to_string()).collect();
        for key in keys {
            controllers.changed(&key, None);
        }
        controllers.queue.add(Work::AggregatedRoles);
        Ok(controllers)
    }

    async fn follow(&mut self) -> Status {
        loop {
            // What is known is as new as it can be before anything is decided.
            while let Some(batch) = self.watch.next().now_or_never() {
                match batch {
                    Ok(batch) => self.take_in(&batch),
                    Err(error) => return failed(error),
                }
            }
            let batch = self.queue.take(PARALLEL, Instant::now());
            if batch.is_empty() {
                match self.wait().await {
                    Ok(batch) => self.take_in(&batch),
                    Err(status) => return status,
                }
                continue;
            }
            self.work(batch).await;
        }
    }

    /// Until something changes or a failure is due.
    async fn wait(&mut self) -> Result<Vec<store::Event>, Status> {
        match self.queue.next_at() {
            None => self.watch.next().await.map_err(failed),
            Some(at) => tokio::select! {
                biased;
                batch = self.watch.next() => batch.map_err(failed),
                () = sleep_until(at) => Ok(Vec::new()),
            },
        }
    }

    async fn work(&mut self, batch: Vec<Work>) {
        let cluster = &self.cluster;
        let results: Vec<(Work, Result<(), Status>)> = stream::iter(batch)
            .map(|work| async move {
                let result = cluster.perform(&work).await;
                (work, result)
            })
            .buffer_unordered(PARALLEL)
            .collect()
            .await;
        for (work, result) in results {
            match result {
                Ok(()) => self.queue.done(&work),
                Err(status) => {
                    let class = if status.code == 409 { Class::Conflict } else { Class::Transient };
                    if class != Class::Conflict {
                        tracing::warn!(?work, error = %status, "lifecycle step failed, will be repeated");
                    }
                    self.queue.failed(work, class, Instant::now());
                }
            }
        }
    }

    fn take_in(&mut self, batch: &[store::Event]) {
        for event in batch {
            let node = match event.kind {
                EventKind::Put => Node::parse(&event.key, &event.value),
                EventKind::Delete => None,
            };
            let old = self.cluster.graph.set(&event.key, node);
            self.changed(&event.key, old.as_ref());
        }
    }

    /// Queues everyone whom a change of one object may concern.
    fn changed(&mut self, key: &str, old: Option<&Node>) {
        let new = self.cluster.graph.get(key).cloned();
        let Some(any) = new.as_ref().or(old) else { return };
        let is_gone = new.is_none();
        let any = any.clone();
        self.changed_kind(key, &any, is_gone);
        if !any.namespace.is_empty() && self.is_deleting(&Resource::prefix_of("", "namespaces"), &any.namespace) {
            self.queue.add(Work::Namespace(any.namespace.clone()));
        }
        let definition = format!("{}.{}", any.plural, any.group);
        if !any.group.is_empty() && self.is_deleting(&Resource::prefix_of(crd::GROUP, crd::PLURAL), &definition) {
            self.queue.add(Work::Definition(definition));
        }
        self.collect(key, old, new.as_ref());
    }

    /// What changes of certain kinds mean beyond ownership.
    fn changed_kind(&mut self, key: &str, any: &Node, is_gone: bool) {
        match (any.group.as_str(), any.plural.as_str()) {
            ("", "namespaces") => {
                self.queue.add(Work::Namespace(any.name.clone()));
                self.queue.add(Work::Defaults(any.name.clone()));
            }
            (crd::GROUP, crd::PLURAL) => {
                self.queue.add(Work::Definition(any.name.clone()));
                // Owners of this kind can be found now, or no longer.
                let owned = self.cluster.graph.iter().filter(|(_, node)| !node.owners.is_empty());
                let owned: Vec<Work> = owned.map(|(key, _)| Work::Collect(key.to_string())).collect();
                owned.into_iter().for_each(|work| self.queue.add(work));
            }
            (rbac::GROUP, "clusterroles") => self.queue.add(Work::AggregatedRoles),
            ("", "events") if !is_gone => self.queue.add(Work::Events),
            ("", "serviceaccounts") => {
                if any.name == SERVICE_ACCOUNT {
                    self.queue.add(Work::Defaults(any.namespace.clone()));
                }
                let secrets = format!("{}{}/", Resource::prefix_of("", "secrets"), any.namespace);
                let carrying = self.cluster.graph.below(&secrets).filter(|(_, node)| node.is_token_secret);
                let carrying: Vec<Work> = carrying.map(|(key, _)| Work::TokenSecret(key.to_string())).collect();
                carrying.into_iter().for_each(|work| self.queue.add(work));
            }
            ("", "secrets") if any.is_token_secret && !is_gone => self.queue.add(Work::TokenSecret(key.to_string())),
            ("", "configmaps") if any.name == ROOT_CA => self.queue.add(Work::Defaults(any.namespace.clone())),
            _ => {}
        }
    }

    /// The object itself, those who depend on it, and those who wait for it.
    fn collect(&mut self, key: &str, old: Option<&Node>, new: Option<&Node>) {
        if new.is_some_and(|new| !new.owners.is_empty() || new.is_deleting_dependents() || new.is_orphaning()) {
            self.queue.add(Work::Collect(key.to_string()));
        }
        let mut keys: Vec<String> = Vec::new();
        let state = |node: Option<&Node>| node.map(|node| (node.uid.clone(), node.is_deleting_dependents()));
        if old.is_some() && state(old) != state(new) || new.is_some_and(Node::is_deleting_dependents) {
            for node in [old, new].into_iter().flatten() {
                keys.extend(self.cluster.graph.dependents(&node.uid).map(|(key, _)| key.to_string()));
            }
        }
        for owner in [old, new].into_iter().flatten().flat_map(|node| &node.owners) {
            let waiting = self.cluster.graph.key_of(&owner.uid).filter(|key| {
                self.cluster.graph.get(key).is_some_and(|owner| owner.is_deleting_dependents() || owner.is_orphaning())
            });
            keys.extend(waiting.map(String::from));
        }
        keys.into_iter().for_each(|key| self.queue.add(Work::Collect(key)));
    }

    fn is_deleting(&self, prefix: &str, name: &str) -> bool {
        self.cluster.graph.get(&format!("{prefix}{name}")).is_some_and(|node| node.is_deleting)
    }
}
