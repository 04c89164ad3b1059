//! Whom an object concerns: itself, its controller, and those who wait for it.

use std::collections::BTreeSet;

use super::{Key, Owner, Task, World};
use crate::{At, Kind};

/// Adds the keys of an object that is in the world (before it is taken out, or after it was put in).
pub(super) fn of(world: &World, kind: Kind, at: &At, keys: &mut BTreeSet<Key>) {
    if let Some(task) = own(kind) {
        keys.insert(Key::new(task, at));
    }
    match kind {
        Kind::Pod => pod(world, at, keys),
        Kind::Node => {
            // A place more, or a place less.
            keys.extend(world.waiting().map(|at| Key::new(Task::Schedule, at)));
            if world.get(Kind::Node, at).is_none() {
                keys.extend(world.on_node(&at.name).map(|at| Key::new(Task::Run, at)));
            }
        }
        _ => {
            let Some(object) = world.get(kind, at) else { return };
            match Owner::of(object) {
                Some(owner) => controller(&owner, &at.namespace, keys),
                None => adopters(world, kind, at, keys),
            }
        }
    }
}

fn own(kind: Kind) -> Option<Task> {
    Some(match kind {
        Kind::Deployment => Task::Deployment,
        Kind::ReplicaSet => Task::ReplicaSet,
        Kind::ReplicationController => Task::ReplicationController,
        Kind::Job => Task::Job,
        Kind::Pod | Kind::Node => return None,
    })
}

fn controller(owner: &Owner, namespace: &str, keys: &mut BTreeSet<Key>) {
    if let Some(task) = owner.kind.and_then(own) {
        keys.insert(Key { task, at: At::new(namespace, &owner.name) });
    }
}

/// Those who might take an orphan in: few, and they look at its labels.
fn adopters(world: &World, kind: Kind, at: &At, keys: &mut BTreeSet<Key>) {
    let takers: &[Kind] = match kind {
        Kind::Pod => &[Kind::ReplicaSet, Kind::ReplicationController, Kind::Job],
        Kind::ReplicaSet => &[Kind::Deployment],
        _ => return,
    };
    for taker in takers {
        let Some(task) = own(*taker) else { continue };
        keys.extend(world.all(*taker, &at.namespace).map(|object| Key::new(task, &At::of(object))));
    }
}

fn pod(world: &World, at: &At, keys: &mut BTreeSet<Key>) {
    let Some(pod) = world.pod(at) else { return };
    match &pod.controller {
        Some(owner) => {
            controller(owner, &at.namespace, keys);
            // A Recreate waits for the last pod of its old ReplicaSets.
            if owner.kind == Some(Kind::ReplicaSet)
                && let Some(set) = world.get(Kind::ReplicaSet, &At::new(&at.namespace, &owner.name))
                && let Some(owner) = Owner::of(set)
            {
                controller(&owner, &at.namespace, keys);
            }
        }
        None => adopters(world, Kind::Pod, at, keys),
    }
    if !pod.node.is_empty() {
        keys.insert(Key::new(Task::Run, at));
    } else if !pod.is_over() {
        keys.insert(Key::new(Task::Schedule, at));
    }
}
