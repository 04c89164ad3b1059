//! What adds an Application to the queue: a change of itself, or of an object that it deployed or that carries its tracking
//! id. Only metadata is watched, each kind once for all Applications; a pass reads bodies anew.

use api::{argoproj::TRACKING_ANNOTATION, names::ObjectRef};
use gitops::tracking::TrackingId;
use kube::ResourceExt;

use super::{Context, application_kind};
use crate::cluster::{Change, Kinds, Watching};

/// Feeds the queue until dropped.
pub(super) async fn watch(context: &Context, kinds: &Kinds) {
    let mut watching = Watching::new(kinds);
    kinds.want(&application_kind());
    loop {
        watching.open(|_| &context.cluster).await;
        if let Some(change) = watching.next().await {
            changed(context, change);
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
