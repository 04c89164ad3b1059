//! What adds an Application to the queue: a change of itself, or of an object that it deployed or that carries its tracking
//! id. Only metadata is watched, each kind once for all Applications; a pass reads bodies anew.

use std::{collections::BTreeSet, time::Duration};

use api::{
    argoproj::TRACKING_ANNOTATION,
    names::{GroupVersionKind, ObjectRef},
};
use futures::{
    StreamExt,
    stream::{BoxStream, SelectAll},
};
use gitops::tracking::TrackingId;
use kube::ResourceExt;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{Context, application_kind};
use crate::cluster::Change;

/// The kinds that some Application deploys: wanted by passes, watched by [`watch`].
#[derive(Debug, Default)]
pub(super) struct Kinds {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    wanted: BTreeSet<GroupVersionKind>,
    known: BTreeSet<GroupVersionKind>,
}

impl Kinds {
    pub(super) fn want(&self, kinds: BTreeSet<GroupVersionKind>) {
        let mut state = self.state.lock();
        let new: Vec<GroupVersionKind> = kinds.into_iter().filter(|gvk| !state.known.contains(gvk)).collect();
        if !new.is_empty() {
            state.wanted.extend(new);
            self.changed.notify_one();
        }
    }

    /// Kinds that nobody watches yet.
    fn take(&self) -> BTreeSet<GroupVersionKind> {
        std::mem::take(&mut self.state.lock().wanted)
    }

    /// Not now, but soon.
    fn put_back(&self, gvk: GroupVersionKind) {
        self.state.lock().wanted.insert(gvk);
    }

    fn watched(&self, gvk: &GroupVersionKind) -> bool {
        self.state.lock().known.insert(gvk.clone())
    }
}

/// When a kind that could not be looked up is looked up again.
const AGAIN: Duration = Duration::from_secs(1);

/// Feeds the queue until dropped.
pub(super) async fn watch(context: &Context, kinds: &Kinds) {
    let mut streams: SelectAll<BoxStream<'static, Change>> = SelectAll::new();
    kinds.want(BTreeSet::from([application_kind()]));
    loop {
        let mut again = false;
        for gvk in kinds.take() {
            match context.cluster.served(&gvk).await {
                // A kind that is not served is wanted again by the next pass that deploys it.
                Ok(None) => {}
                Ok(Some(served)) if kinds.watched(&gvk) => streams.push(context.cluster.changes(&gvk, served)),
                Ok(Some(_)) => {}
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
            Some(change) = streams.next(), if !streams.is_empty() => changed(context, change),
            () = tokio::time::sleep(AGAIN), if again => {}
        }
    }
}

fn changed(context: &Context, Change { target, metadata, .. }: Change) {
    for owner in context.memory.owners(&target) {
        context.queue.add(owner);
    }
    if let Some(id) = metadata.annotations().get(TRACKING_ANNOTATION).and_then(|text| TrackingId::parse(text)) {
        context.queue.add(owner(&id.application, &context.settings.control_namespace));
    }
    if target.gvk() == application_kind() {
        context.queue.add(target);
    }
}

/// The Application behind an instance name.
fn owner(instance: &str, control_namespace: &str) -> ObjectRef {
    // Neither a namespace nor a name contains an underscore.
    let (namespace, name) = instance.split_once('_').unwrap_or((control_namespace, instance));
    ObjectRef::new(&application_kind(), namespace, name)
}
