//! What adds an object to the queue: a change of itself, or of what it depends on (its owner, its credential, the Secrets,
//! ConfigMaps and resources that its spec names). Only metadata is watched: a pass reads the body anew.

use std::{collections::BTreeMap, sync::Arc};

use api::names::{GroupVersionKind, ObjectRef};
use aso::Env;
use futures::{StreamExt, stream};
use kube::api::{DynamicObject, PartialObjectMeta};
use parking_lot::Mutex;
use serde_json::Value;

use super::Context;
use crate::{
    cluster::Change,
    runtime::{Links, Queue},
};

/// Who depends on whom, learnt in each pass.
#[derive(Debug, Default)]
pub(super) struct Dependants(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    links: Links<ObjectRef>,
    /// What a change must touch for the object itself to be worth a pass: its own status writes do not.
    seen: BTreeMap<ObjectRef, String>,
    /// What the owner was last made to show of an object.
    shown: BTreeMap<ObjectRef, String>,
}

impl Dependants {
    pub(super) fn learn(&self, key: &ObjectRef, object: &Value, env: &Env) {
        let targets = aso::dependencies(catalogue::builtin(), object, env);
        self.0.lock().links.set(key, targets.into_iter().collect());
    }

    pub(super) fn forget(&self, key: &ObjectRef) {
        let mut state = self.0.lock();
        state.links.forget(key);
        state.seen.remove(key);
        state.shown.remove(key);
    }

    fn of(&self, target: &ObjectRef) -> Vec<ObjectRef> {
        self.0.lock().links.of(target)
    }

    /// Whether anything that a pass would act on changed since the last look.
    fn is_news(&self, key: &ObjectRef, metadata: &PartialObjectMeta<DynamicObject>) -> bool {
        let fingerprint = aso::wakes_on(&serde_json::to_value(metadata).unwrap_or_default());
        let mut state = self.0.lock();
        state.seen.insert(key.clone(), fingerprint.clone()) != Some(fingerprint)
    }

    /// The owner that has something new to show of the object.
    fn owner_to_refresh(
        &self,
        key: &ObjectRef,
        metadata: &PartialObjectMeta<DynamicObject>,
        deleted: bool,
    ) -> Option<ObjectRef> {
        let metadata = serde_json::to_value(metadata).unwrap_or_default();
        let (owner, shown) = aso::shown_in(catalogue::builtin(), key, &metadata, deleted)?;
        let known = self.0.lock().shown.insert(key.clone(), shown.clone());
        (deleted || known != Some(shown)).then_some(owner)
    }
}

/// Feeds the queue until dropped.
pub(super) async fn watch(context: &Context, kinds: &[GroupVersionKind], queue: &Arc<Queue<ObjectRef>>) {
    let inputs = ["Secret", "ConfigMap"].map(|kind| GroupVersionKind::new("", "v1", kind));
    let mut streams = Vec::new();
    for gvk in kinds.iter().chain(&inputs) {
        let Some(served) = context.cluster.served_at_last(gvk).await else { continue };
        streams.push(context.cluster.changes(gvk, &served.plural));
    }
    let mut changes = stream::select_all(streams);
    while let Some(change) = changes.next().await {
        changed(context, queue, change);
    }
}

fn changed(context: &Context, queue: &Queue<ObjectRef>, Change { target, metadata, deleted }: Change) {
    for dependant in context.dependants.of(&target) {
        queue.add(dependant);
    }
    if let Some(owner) = context.dependants.owner_to_refresh(&target, &metadata, deleted) {
        queue.add(owner);
    }
    let is_input = target.group.is_empty();
    if !is_input && (deleted || context.dependants.is_news(&target, &metadata)) {
        queue.add(target);
    }
}
