//! ControllerRevisions: the templates that a StatefulSet or a DaemonSet had, by which pods are told apart and updates undone.

use std::sync::Arc;

use api::ObjectExt;
use machinery::selector::Labels;
use serde_json::{Value, json};

use crate::{
    At, Kind, adopt, names,
    pass::{Pass, owner_reference},
    read,
    world::World,
};

/// The revisions of an owner.
#[derive(Debug)]
pub(crate) struct Revisions {
    /// In order of their numbers.
    all: Vec<Arc<Value>>,
    /// Of the current template.
    pub(crate) update: String,
    pub(crate) hash: String,
}

fn number(revision: &Value) -> i64 {
    read::number(revision, "/revision").unwrap_or_default()
}

/// What undoing an update patches.
fn data_of(owner: &Value) -> Value {
    let mut template = read::without_nulls(owner["spec"]["template"].clone());
    template["$patch"] = "replace".into();
    json!({"spec": {"template": template}})
}

/// The revision of the current template is there and is the newest; `None` in the pass that makes it.
pub(crate) fn keep(
    world: &World,
    (kind, owner): (Kind, &Value),
    selector: &Labels,
    pass: &mut Pass,
) -> Option<Revisions> {
    let mut all = adopt::objects(world, (kind, Kind::ControllerRevision), (owner, selector), pass);
    all.sort_by_key(|revision| (number(revision), At::of(revision)));
    let data = data_of(owner);
    let newest = all.last().map_or(0, |revision| number(revision));
    let equal = all.iter().rev().find(|revision| read::without_nulls(revision["data"].clone()) == data).cloned();
    match equal {
        Some(revision) => {
            if number(&revision) < newest {
                let this = (&At::of(&revision), revision.uid().unwrap_or_default());
                pass.merge(
                    Kind::ControllerRevision,
                    this,
                    json!({"revision": newest + 1}),
                    "the template is that of this revision again",
                );
            }
            let hash = revision.label(names::REVISION_HASH).unwrap_or_default().to_owned();
            Some(Revisions { all, update: revision.name().unwrap_or_default().to_owned(), hash })
        }
        None => {
            if owner.deletion_timestamp().is_none() {
                create(world, (kind, owner), (data, newest + 1), pass);
            }
            None
        }
    }
}

fn create(world: &World, (kind, owner): (Kind, &Value), (data, number): (Value, i64), pass: &mut Pass) {
    let (name, namespace) = (owner.name().unwrap_or_default(), owner.namespace().unwrap_or_default());
    let named = |collisions: i64| {
        let hash = crate::hash::of(&data, collisions);
        (At::new(namespace, format!("{name}-{hash}")), hash)
    };
    let free = (0..8).map(named).find(|(at, _)| world.get(Kind::ControllerRevision, at).is_none());
    let Some((at, hash)) = free else { return };
    let mut labels = read::map(owner, "/spec/template/metadata/labels").cloned().unwrap_or_default();
    labels.insert(names::REVISION_HASH.into(), hash.into());
    let revision = json!({
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": at.name,
            "namespace": at.namespace,
            "labels": labels,
            "ownerReferences": [owner_reference(kind, owner)],
        },
        "data": data,
        "revision": number,
    });
    pass.create(Kind::ControllerRevision, revision, "the template has no revision yet");
}

impl Revisions {
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Value>> {
        self.all.iter().find(|revision| revision.name() == Some(name))
    }

    /// Those that nobody uses go, but for as many as `revisionHistoryLimit` says.
    pub(crate) fn clean(&self, owner: &Value, used: impl Fn(&Value) -> bool, pass: &mut Pass) {
        let limit = read::number(owner, "/spec/revisionHistoryLimit").unwrap_or(10);
        let idle: Vec<&Arc<Value>> = self
            .all
            .iter()
            .filter(|revision| revision.name() != Some(&self.update) && !used(revision))
            .filter(|revision| revision.deletion_timestamp().is_none())
            .collect();
        let over = idle.len().saturating_sub(usize::try_from(limit).unwrap_or_default());
        for revision in idle.into_iter().take(over) {
            let this = (&At::of(revision), revision.uid().unwrap_or_default());
            pass.delete(Kind::ControllerRevision, this, format!("revisionHistoryLimit is {limit}"));
        }
    }
}
