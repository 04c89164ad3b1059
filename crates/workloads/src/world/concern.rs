//! Whom an object concerns: itself, its controller, and those who wait for it.

use std::collections::BTreeSet;

use super::{Key, Owner, Pod, Task, World};
use crate::{At, Kind, read};

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
            keys.extend(world.all(Kind::DaemonSet, "").map(|set| Key::new(Task::DaemonSet, &At::of(set))));
            if world.get(Kind::Node, at).is_none() {
                keys.extend(world.on_node(&at.name).map(|at| Key::new(Task::Run, at)));
            }
        }
        Kind::StorageClass => {
            let claims = world.all(Kind::PersistentVolumeClaim, "");
            keys.extend(claims.map(|claim| Key::new(Task::Claim, &At::of(claim))));
        }
        Kind::PersistentVolume => {
            let Some(volume) = world.get(kind, at) else { return };
            let of = &volume["spec"]["claimRef"];
            let claim = At::new(read::text(of, "/namespace"), read::text(of, "/name"));
            keys.insert(Key { task: Task::Claim, at: claim });
        }
        Kind::PersistentVolumeClaim => {
            let here = |waiting: &&At| waiting.namespace == at.namespace;
            keys.extend(world.waiting().filter(here).map(|at| Key::new(Task::Schedule, at)));
            let named = world.get(kind, at).map(|claim| read::text(claim, "/spec/volumeName")).unwrap_or_default();
            if !named.is_empty() {
                keys.insert(Key { task: Task::Volume, at: At::new("", named) });
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
        Kind::StatefulSet => Task::StatefulSet,
        Kind::DaemonSet => Task::DaemonSet,
        Kind::Job => Task::Job,
        Kind::CronJob => Task::CronJob,
        Kind::Service | Kind::Endpoints => Task::Service,
        Kind::PersistentVolumeClaim => Task::Claim,
        Kind::PersistentVolume => Task::Volume,
        Kind::PodDisruptionBudget => Task::Budget,
        Kind::Pod | Kind::Node | Kind::EndpointSlice | Kind::StorageClass | Kind::ControllerRevision => return None,
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
        Kind::Pod => &[Kind::ReplicaSet, Kind::ReplicationController, Kind::StatefulSet, Kind::DaemonSet, Kind::Job],
        Kind::ReplicaSet => &[Kind::Deployment],
        Kind::ControllerRevision => &[Kind::StatefulSet, Kind::DaemonSet],
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
    followers(world, pod, keys);
    if !pod.node.is_empty() {
        keys.insert(Key::new(Task::Run, at));
    } else if !pod.is_over() {
        keys.insert(Key::new(Task::Schedule, at));
    }
}

/// Those who look at a pod without having made it.
fn followers(world: &World, pod: &Pod, keys: &mut BTreeSet<Key>) {
    for service in world.all(Kind::Service, &pod.at.namespace) {
        let selector = read::map(service, "/spec/selector").filter(|selector| !selector.is_empty());
        if selector.is_some_and(|selector| selector.iter().all(|(key, value)| pod.labels.get(key) == Some(value))) {
            keys.insert(Key::new(Task::Service, &At::of(service)));
        }
    }
    for budget in world.all(Kind::PodDisruptionBudget, &pod.at.namespace) {
        keys.insert(Key::new(Task::Budget, &At::of(budget)));
    }
    keys.extend(pod.claims.iter().map(|claim| Key { task: Task::Claim, at: At::new(&pod.at.namespace, claim) }));
}
