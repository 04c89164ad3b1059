//! Garbage collection, decided: what to do about one object, given its owners and dependents as they are. Follows upstream's
//! collector: an object goes when every owner is gone; an owner that is deleted in the foreground waits for the dependents
//! that block it; an owner that is deleted with `orphan` is forgotten by its dependents first. Pure.

use super::graph::{FOREGROUND, Node, ORPHAN, Owner};
use crate::admit::Propagation;

/// An owner that an object names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// There, with that uid.
    Solid,
    /// There, but waiting for its dependents to be deleted.
    Waiting,
    /// Not there, or there with another uid, or in another namespace.
    Absent,
    /// Its kind is not served, or it is a namespaced owner of a cluster-scoped object: nothing can be concluded.
    Unknown,
}

/// Somebody who names the object as an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dependent {
    pub(crate) key: String,
    pub(crate) blocks: bool,
    pub(crate) is_deleting_dependents: bool,
}

impl Dependent {
    pub(crate) fn new(key: &str, node: &Node, owner_uid: &str) -> Self {
        let blocks = |owner: &Owner| owner.uid == owner_uid && owner.block_owner_deletion == Some(true);
        Self {
            key: key.to_string(),
            blocks: node.owners.iter().any(blocks),
            is_deleting_dependents: node.is_deleting_dependents(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Observed {
    pub(crate) object: Node,
    /// One for each of the object's owners, in their order.
    pub(crate) owners: Vec<State>,
    pub(crate) dependents: Vec<Dependent>,
}

/// Executed in order, up to the first that fails. Each is about the object unless it names another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Delete(Propagation),
    /// Takes the owners of these uids out of its ownerReferences.
    ForgetOwners(Vec<String>),
    /// Its owners no longer wait for it.
    Unblock,
    RemoveFinalizer(&'static str),
    /// Takes the object out of the ownerReferences of a dependent.
    Orphan(String),
}

pub(crate) fn decide(observed: &Observed) -> Vec<Action> {
    let object = &observed.object;
    if object.is_orphaning() {
        let orphan = |dependent: &Dependent| Action::Orphan(dependent.key.clone());
        let mut actions: Vec<Action> = observed.dependents.iter().map(orphan).collect();
        actions.push(Action::RemoveFinalizer(ORPHAN));
        return actions;
    }
    if object.is_deleting_dependents() {
        let is_blocked = observed.dependents.iter().any(|dependent| dependent.blocks);
        return if is_blocked { Vec::new() } else { vec![Action::RemoveFinalizer(FOREGROUND)] };
    }
    if object.is_deleting || object.owners.is_empty() {
        return Vec::new();
    }
    decide_owned(observed)
}

fn decide_owned(observed: &Observed) -> Vec<Action> {
    let object = &observed.object;
    let is = |state: State| observed.owners.contains(&state);
    if is(State::Unknown) {
        return Vec::new();
    }
    if is(State::Solid) {
        let gone = object.owners.iter().zip(&observed.owners).filter(|(_, state)| **state != State::Solid);
        let uids: Vec<String> = gone.map(|(owner, _)| owner.uid.clone()).collect();
        return if uids.is_empty() { Vec::new() } else { vec![Action::ForgetOwners(uids)] };
    }
    if is(State::Waiting) && !observed.dependents.is_empty() {
        // A circle in which everyone waits for the others is cut here.
        let circle = observed.dependents.iter().any(|dependent| dependent.is_deleting_dependents);
        let delete = Action::Delete(Propagation::Foreground);
        return if circle { vec![Action::Unblock, delete] } else { vec![delete] };
    }
    let propagation = match object {
        _ if object.has_finalizer(ORPHAN) => Propagation::Orphan,
        _ if object.has_finalizer(FOREGROUND) => Propagation::Foreground,
        _ => Propagation::Background,
    };
    vec![Action::Delete(propagation)]
}
