//! Whose object is whose: a controller keeps what it owns and what its selector finds, takes in what nobody owns, and lets go of
//! what its selector finds no more.

use std::sync::Arc;

use api::ObjectExt;
use machinery::selector::Labels;
use serde_json::{Map, Value, json};

use crate::{
    At, Kind,
    pass::{Pass, owner_reference},
    world::{Pod, World},
};

/// The pods of a controller. Writes what changes hands; what is taken in counts from the next pass on.
pub(crate) fn pods(world: &World, kind: Kind, (owner, selector): (&Value, &Labels), pass: &mut Pass) -> Vec<Arc<Pod>> {
    let uid = owner.uid().unwrap_or_default();
    let mut kept = Vec::new();
    for pod in world.children_of(uid, Kind::Pod).filter_map(|at| world.pod(at)) {
        if selector.matches_labels(&pod.labels) {
            kept.push(pod.clone());
        } else if owner.deletion_timestamp().is_none() && !pod.is_deleting {
            release(Kind::Pod, (&pod.object(), uid), pass);
        }
    }
    if owner.deletion_timestamp().is_none() && !selector.is_empty() {
        let orphans = world.orphans(Kind::Pod, owner.namespace().unwrap_or_default());
        for pod in orphans.filter_map(|at| world.pod(at)) {
            if pod.is_active() && selector.matches_labels(&pod.labels) {
                adopt(kind, owner, (Kind::Pod, &pod.object()), pass);
            }
        }
    }
    kept
}

/// As [`pods`], of any other kind.
pub(crate) fn objects(
    world: &World,
    (kind, children): (Kind, Kind),
    (owner, selector): (&Value, &Labels),
    pass: &mut Pass,
) -> Vec<Arc<Value>> {
    let none = Map::new();
    let finds = |object: &Value| selector.matches_labels(object.labels().unwrap_or(&none));
    let uid = owner.uid().unwrap_or_default();
    let mut kept = Vec::new();
    for object in world.children_of(uid, children).filter_map(|at| world.get(children, at)) {
        if finds(object) {
            kept.push(object.clone());
        } else if owner.deletion_timestamp().is_none() && object.deletion_timestamp().is_none() {
            release(children, (object, uid), pass);
        }
    }
    if owner.deletion_timestamp().is_none() && !selector.is_empty() {
        let orphans = world.orphans(children, owner.namespace().unwrap_or_default());
        for object in orphans.filter_map(|at| world.get(children, at)) {
            if object.deletion_timestamp().is_none() && finds(object) {
                adopt(kind, owner, (children, object), pass);
            }
        }
    }
    kept
}

fn adopt(kind: Kind, owner: &Value, (of, object): (Kind, &Value), pass: &mut Pass) {
    let mut owners = object.owner_references().to_vec();
    owners.push(owner_reference(kind, owner));
    set_owners((of, object), &owners, pass, "it has no controller, and the selector finds it");
}

fn release(of: Kind, (object, uid): (&Value, &str), pass: &mut Pass) {
    let others = object.owner_references().iter().filter(|reference| reference["uid"] != uid);
    let others: Vec<Value> = others.cloned().collect();
    set_owners((of, object), &others, pass, "the selector finds it no more");
}

fn set_owners((of, object): (Kind, &Value), owners: &[Value], pass: &mut Pass, reason: &str) {
    let owners = if owners.is_empty() { Value::Null } else { json!(owners) };
    let patch = json!({"metadata": {"ownerReferences": owners, "resourceVersion": object.resource_version()}});
    pass.merge(of, (&At::of(object), object.uid().unwrap_or_default()), patch, reason);
}

/// A controller's selector; one that cannot be read, which the API server does not let in, finds nothing.
pub(crate) fn selector(owner: &Value) -> Option<Labels> {
    Labels::from_object(owner.pointer("/spec/selector")?).ok()
}
