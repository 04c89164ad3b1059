//! What adds an object to the queue: a change of its own metadata, or of something that its last pass looked at. Only metadata
//! is watched, each kind once; a pass reads bodies anew.

use std::{collections::BTreeSet, time::Duration};

use api::names::{GroupVersionKind, ObjectRef};
use capi::names::{ADOPT, CLUSTER_NAME_LABEL};
use futures::{
    StreamExt,
    stream::{BoxStream, SelectAll},
};
use kube::ResourceExt;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{Context, adoptable_kinds, dependants::Dependency, own_kinds};
use crate::cluster::Change;

/// The kinds that some pass looked at: wanted by passes, watched by [`watch`].
#[derive(Debug, Default)]
pub(super) struct Kinds {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    wanted: BTreeSet<GroupVersionKind>,
    /// Group and kind: any version of an object tells of all.
    watched: BTreeSet<(String, String)>,
}

impl Kinds {
    pub(super) fn want(&self, gvk: &GroupVersionKind) {
        let mut state = self.state.lock();
        if !state.watched.contains(&(gvk.group.clone(), gvk.kind.clone())) && state.wanted.insert(gvk.clone()) {
            self.changed.notify_one();
        }
    }

    fn take(&self) -> BTreeSet<GroupVersionKind> {
        std::mem::take(&mut self.state.lock().wanted)
    }

    fn put_back(&self, gvk: GroupVersionKind) {
        self.state.lock().wanted.insert(gvk);
    }

    /// Whether it is watched for the first time.
    fn watched(&self, gvk: &GroupVersionKind) -> bool {
        self.state.lock().watched.insert((gvk.group.clone(), gvk.kind.clone()))
    }
}

/// When a kind that could not be looked up is looked up again.
const AGAIN: Duration = Duration::from_secs(1);

/// Feeds the queue until dropped.
pub(super) async fn watch(context: &Context, kinds: &Kinds) {
    let definition = GroupVersionKind::new("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
    let always = own_kinds().into_iter().chain(adoptable_kinds()).chain([definition]);
    let mut missing: BTreeSet<GroupVersionKind> = always.collect();
    missing.iter().for_each(|gvk| kinds.want(gvk));
    let mut streams: SelectAll<BoxStream<'static, Change>> = SelectAll::new();
    let mut nodes: SelectAll<BoxStream<'static, (String, String)>> = SelectAll::new();
    let Some(mut opened) = context.connections.watches() else { return };
    loop {
        let mut again = false;
        for gvk in kinds.take() {
            match context.of(&gvk.group).served(&gvk).await {
                // A definition that comes later is an event; until then passes want the kind again.
                Ok(None) => {}
                Ok(Some(served)) => {
                    missing.remove(&gvk);
                    if kinds.watched(&gvk) {
                        streams.push(context.of(&gvk.group).changes(&gvk, served));
                    }
                }
                Err(error) => {
                    tracing::warn!(kind = %gvk, error = error.message(), "the kind cannot be looked up");
                    kinds.put_back(gvk);
                    again = true;
                }
            }
        }
        tokio::select! {
            biased;
            () = kinds.changed.notified() => {}
            Some(fresh) = opened.next() => nodes.push(fresh.changes()),
            Some(change) = streams.next(), if !streams.is_empty() => {
                if change.target.kind == "CustomResourceDefinition" {
                    missing.iter().for_each(|gvk| kinds.want(gvk));
                }
                changed(context, change);
            }
            Some((namespace, cluster)) = nodes.next(), if !nodes.is_empty() => {
                wake(context, &Dependency::Nodes { namespace, cluster });
            }
            () = tokio::time::sleep(AGAIN), if again => {}
        }
    }
}

fn wake(context: &Context, dependency: &Dependency) {
    for key in context.dependants.of(dependency) {
        context.queue.add(key);
    }
}

fn changed(context: &Context, change: Change) {
    let Change { target, metadata, deleted } = &change;
    if target.kind == "CustomResourceDefinition" {
        let labels = (!deleted).then(|| metadata.labels().clone());
        context.definitions.lock().insert(target.name.clone(), labels);
        return wake(context, &Dependency::Definition(target.name.clone()));
    }
    wake(context, &Dependency::object(target));
    if let Some(cluster) = metadata.labels().get(CLUSTER_NAME_LABEL) {
        let (group, kind) = (target.group.clone(), target.kind.clone());
        let (namespace, cluster) = (target.namespace.clone(), cluster.clone());
        wake(context, &Dependency::List { group, kind, namespace, cluster });
    }
    if let Some(key) = key(&change)
        && (*deleted || context.dependants.is_news(&key, fingerprint(&change)))
    {
        context.queue.add(key);
    }
}

/// The object as a key of the queue, when it is one.
fn key(change: &Change) -> Option<ObjectRef> {
    let target = &change.target;
    let adoptable = change.metadata.annotations().get(ADOPT).is_some_and(|value| value == "true");
    let kinds = own_kinds().into_iter().chain(adoptable.then(adoptable_kinds).into_iter().flatten());
    let mut same = kinds.filter(|gvk| gvk.group_kind() == (target.group.as_str(), target.kind.as_str()));
    same.next().map(|gvk| ObjectRef::new(&gvk, &target.namespace, &target.name))
}

/// What of an object is worth a pass: everything of its metadata but what every write moves.
fn fingerprint(change: &Change) -> String {
    let metadata = &change.metadata.metadata;
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        metadata.uid,
        metadata.generation,
        metadata.deletion_timestamp,
        metadata.labels,
        metadata.annotations,
        metadata.owner_references,
        metadata.finalizers
    )
}
