//! Watching a kind: metadata only, for ever. What a broken watch missed comes again when it is back.

use std::collections::{BTreeMap, BTreeSet};

use api::names::{GroupVersionKind, ObjectRef};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
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
        let mut told = Told { gvk: gvk.clone(), objects: BTreeMap::new(), unlisted: BTreeSet::new() };
        let events = watcher(api, watcher::Config::default()).default_backoff();
        events.flat_map(move |event| stream::iter(told.changes(event))).boxed()
    }
}

type Metadata = PartialObjectMeta<DynamicObject>;
type Event = watcher::Event<Metadata>;
/// Namespace and name.
type Place = (String, String);

/// Longer annotations are kept by whoever wrote them.
const ANNOTATION_MAX: usize = 256;

/// What a watch has told of: a list that starts it over does not name what went meanwhile.
struct Told {
    gvk: GroupVersionKind,
    objects: BTreeMap<Place, Metadata>,
    /// What the list that starts the watch over has not had yet.
    unlisted: BTreeSet<Place>,
}

impl Told {
    fn changes(&mut self, mut event: Result<Event, watcher::Error>) -> Vec<Change> {
        if let Ok(watcher::Event::Apply(metadata) | watcher::Event::InitApply(metadata)) = &mut event {
            // Who owns which field wakes nobody, and is most of the metadata.
            metadata.metadata.managed_fields = None;
        }
        match &event {
            Ok(watcher::Event::Init) => self.unlisted = self.objects.keys().cloned().collect(),
            Ok(watcher::Event::Apply(metadata) | watcher::Event::InitApply(metadata)) => {
                let place = place(metadata);
                self.unlisted.remove(&place);
                self.objects.insert(place, brief(metadata));
            }
            Ok(watcher::Event::Delete(metadata)) => {
                self.objects.remove(&place(metadata));
            }
            Ok(watcher::Event::InitDone) => {
                let unlisted = std::mem::take(&mut self.unlisted);
                let gone = unlisted.iter().filter_map(|place| self.objects.remove(place));
                return gone.filter_map(|metadata| change(&self.gvk, Ok(watcher::Event::Delete(metadata)))).collect();
            }
            Err(_) => {}
        }
        change(&self.gvk, event).into_iter().collect()
    }
}

fn place(metadata: &Metadata) -> Place {
    (metadata.namespace().unwrap_or_default(), metadata.name_any())
}

/// What is worth keeping for the day when the object is gone.
fn brief(metadata: &Metadata) -> Metadata {
    let mut brief = metadata.clone();
    if let Some(annotations) = &mut brief.metadata.annotations {
        annotations.retain(|_, value| value.len() <= ANNOTATION_MAX);
    }
    brief
}

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_went_while_the_watch_was_broken_is_told_when_it_is_back() {
        let object = |name: &str| {
            let metadata = json!({"name": name, "namespace": "ns", "labels": {"of": name}});
            serde_json::from_value::<Metadata>(json!({"metadata": metadata})).unwrap()
        };
        let gvk = GroupVersionKind::new("", "v1", "Secret");
        let mut told = Told { gvk, objects: BTreeMap::new(), unlisted: BTreeSet::new() };
        let mut tell = |event: Event| {
            let changes = told.changes(Ok(event));
            let line = |change: &Change| {
                format!("{} {:?} deleted: {}", change.target.name, change.metadata.labels(), change.deleted)
            };
            changes.iter().map(line).collect::<Vec<_>>().join(", ")
        };
        tell(Event::Init);
        tell(Event::InitApply(object("a")));
        tell(Event::InitApply(object("b")));
        assert_eq!(tell(Event::InitDone), "");
        tell(Event::Apply(object("c")));
        tell(Event::Delete(object("b")));
        tell(Event::Init);
        tell(Event::InitApply(object("c")));
        assert_eq!(tell(Event::InitDone), r#"a {"of": "a"} deleted: true"#);
        tell(Event::Init);
        tell(Event::InitApply(object("c")));
        assert_eq!(tell(Event::InitDone), "");
    }
}
