//! What adds an object to the queue: a change of its own metadata, or of something that its last pass looked at. Only metadata
//! is watched, each kind once; a pass reads bodies anew.

use std::time::Duration;

use api::names::{GroupVersionKind, ObjectRef};
use capi::names::{ADOPT, CLUSTER_NAME_LABEL};
use futures::{
    StreamExt,
    stream::{BoxStream, SelectAll},
};
use kube::ResourceExt;

use super::{Context, adoptable_kinds, dependants::Dependency, own_kinds};
use crate::cluster::{Change, Kinds, Watching};

/// Nodes come and change by the pool: one pass looks at all that changed in this time.
const NODES_GATHER: Duration = Duration::from_millis(50);

/// Feeds the queue until dropped.
pub(super) async fn watch(context: &Context, kinds: &Kinds) {
    let definition = GroupVersionKind::new("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
    let always: Vec<GroupVersionKind> = own_kinds().into_iter().chain(adoptable_kinds()).chain([definition]).collect();
    always.iter().for_each(|gvk| kinds.want(gvk));
    let mut watching = Watching::new(kinds);
    let mut nodes: SelectAll<BoxStream<'static, (String, String)>> = SelectAll::new();
    let Some(mut opened) = context.connections.watches() else { return };
    loop {
        watching.open(|gvk| context.of(&gvk.group)).await;
        tokio::select! {
            biased;
            Some(fresh) = opened.next() => nodes.push(fresh.changes()),
            change = watching.next() => {
                let Some(change) = change else { continue };
                if change.target.kind == "CustomResourceDefinition" {
                    // One of these may be served now.
                    always.iter().for_each(|gvk| kinds.want(gvk));
                }
                changed(context, change);
            }
            Some((namespace, cluster)) = nodes.next(), if !nodes.is_empty() => {
                let dependants = context.dependants.of(&Dependency::Nodes { namespace, cluster });
                dependants.into_iter().for_each(|key| context.queue.add_after(key, NODES_GATHER));
            }
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
    wake(context, &Dependency::Object(target.into()));
    if let Some(cluster) = metadata.labels().get(CLUSTER_NAME_LABEL) {
        let (group, kind) = (target.group.clone(), target.kind.clone());
        let (namespace, cluster) = (target.namespace.clone(), cluster.clone());
        wake(context, &Dependency::List { group, kind, namespace, cluster });
    }
    let key = key(&change);
    let is_news = |key: &ObjectRef| context.dependants.is_news(key, fingerprint(&change));
    // Of other kinds nothing is remembered: every change may be one of the spec.
    if *deleted || key.as_ref().is_none_or(is_news) {
        wake(context, &Dependency::Spec(target.into()));
        key.into_iter().for_each(|key| context.queue.add(key));
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
