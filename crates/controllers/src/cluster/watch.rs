//! Watching a kind: metadata only, for ever. What a broken watch missed comes again when it is back.

use api::names::{GroupVersionKind, ObjectRef};
use futures::{StreamExt, future, stream::BoxStream};
use kube::{
    Api, ResourceExt,
    api::{ApiResource, DynamicObject, PartialObjectMeta},
    runtime::{WatchStreamExt, watcher},
};

use super::Cluster;

/// One object appeared, changed or went. Nothing says what changed: whoever cares reads it anew.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) target: ObjectRef,
    pub(crate) metadata: PartialObjectMeta<DynamicObject>,
    pub(crate) deleted: bool,
}

impl Cluster {
    /// Every object of the kind that is there, then every change. Ends never.
    pub(crate) fn changes(&self, gvk: &GroupVersionKind, plural: &str) -> BoxStream<'static, Change> {
        let resource = ApiResource {
            group: gvk.group.clone(),
            version: gvk.version.clone(),
            api_version: gvk.api_version(),
            kind: gvk.kind.clone(),
            plural: plural.into(),
        };
        let api: Api<PartialObjectMeta<DynamicObject>> = Api::all_with(self.client.clone(), &resource);
        let gvk = gvk.clone();
        let events = watcher(api, watcher::Config::default()).default_backoff();
        events.filter_map(move |event| future::ready(change(&gvk, event))).boxed()
    }
}

type Event = watcher::Event<PartialObjectMeta<DynamicObject>>;

fn change(gvk: &GroupVersionKind, event: Result<Event, watcher::Error>) -> Option<Change> {
    let (metadata, deleted) = match event {
        Ok(watcher::Event::Apply(metadata) | watcher::Event::InitApply(metadata)) => (metadata, false),
        Ok(watcher::Event::Delete(metadata)) => (metadata, true),
        Ok(watcher::Event::Init | watcher::Event::InitDone) => return None,
        Err(error) => {
            tracing::debug!(kind = %gvk, %error, "a watch broke; it starts again");
            return None;
        }
    };
    let target = ObjectRef::new(gvk, metadata.namespace().unwrap_or_default(), metadata.name_any());
    Some(Change { target, metadata, deleted })
}
