//! Everything that changes in a hosted cluster and that its workload controllers look at, as one stream out of its key space.

use std::time::Duration;

use apiserver::{
    ApiServer, Objects,
    objects::{Key, ROOT},
};
use controllers::workloads::{Batch, Change};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use store::{Event, EventKind, Watch};
use workloads::{At, Kind};

/// Before everything is read anew: somebody wrote faster than this was read.
const PAUSE: Duration = Duration::from_secs(1);

/// First everything that is there, then every change; everything again when history was lost. Ends never.
pub(super) fn stream(api: &ApiServer) -> BoxStream<'static, Batch> {
    let state: (Objects, Option<Box<dyn Watch>>) = (api.objects().clone(), None);
    stream::unfold(state, |(objects, mut watch)| async move {
        loop {
            match &mut watch {
                None => match start(&objects) {
                    Some((batch, watch)) => return Some((batch, (objects, Some(watch)))),
                    None => tokio::time::sleep(PAUSE).await,
                },
                Some(open) => match open.next().await {
                    Ok(events) => {
                        let changes: Vec<Change> = events.iter().filter_map(change).collect();
                        if !changes.is_empty() {
                            return Some((Batch::Changes(changes), (objects, watch)));
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the workload controllers of a hosted cluster start over");
                        watch = None;
                        tokio::time::sleep(PAUSE).await;
                    }
                },
            }
        }
    })
    .boxed()
}

fn start(objects: &Objects) -> Option<(Batch, Box<dyn Watch>)> {
    let page = objects.space().list(ROOT, None, None, 0).ok()?;
    let watch = objects.watch(page.revision).ok()?;
    let known = page.items.into_iter().filter_map(|item| Some((kind_of(&Key::parse(&item.key)?)?, item.value)));
    Some((Batch::All(known.collect()), watch))
}

fn kind_of(key: &Key<'_>) -> Option<Kind> {
    Kind::of_plural(key.group, key.plural)
}

fn change(event: &Event) -> Option<Change> {
    let key = Key::parse(&event.key)?;
    let kind = kind_of(&key)?;
    Some(match event.kind {
        EventKind::Put => Change::Put(kind, event.value.clone()),
        EventKind::Delete => {
            let last: serde_json::Value = serde_json::from_slice(&event.value).unwrap_or_default();
            let uid = api::ObjectExt::uid(&last).unwrap_or_default().to_owned();
            Change::Gone { kind, at: At::new(key.namespace, key.name), uid }
        }
    })
}
