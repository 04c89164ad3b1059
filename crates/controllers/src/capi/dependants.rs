//! Who looked at what: a change of anything that an object's last pass read is worth a pass of that object.

use std::collections::{BTreeMap, BTreeSet};

use api::names::{GroupVersionKind, ObjectRef};
use parking_lot::Mutex;

use crate::{cluster::Kinds, runtime::Links};

/// Something that a pass read. Versions do not matter: all are views of one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dependency {
    Object(Named),
    /// Everything of the object but its status.
    Spec(Named),
    /// The objects of a kind that carry a cluster's label.
    List {
        group: String,
        kind: String,
        namespace: String,
        cluster: String,
    },
    Definition(String),
    /// The nodes of a workload cluster, by its Cluster.
    Nodes {
        namespace: String,
        cluster: String,
    },
}

/// An object in whatever version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    group: String,
    kind: String,
    namespace: String,
    name: String,
}

impl From<&ObjectRef> for Named {
    fn from(target: &ObjectRef) -> Self {
        Self {
            group: target.group.clone(),
            kind: target.kind.clone(),
            namespace: target.namespace.clone(),
            name: target.name.clone(),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Dependants(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    links: Links<Dependency>,
    /// What of an object's own metadata its last event had: its own statuses are no news.
    seen: BTreeMap<ObjectRef, String>,
}

impl Dependants {
    pub(super) fn forget(&self, key: &ObjectRef) {
        let mut state = self.0.lock();
        state.links.forget(key);
        state.seen.remove(key);
    }

    pub(super) fn of(&self, dependency: &Dependency) -> Vec<ObjectRef> {
        self.0.lock().links.of(dependency)
    }

    /// Whether the object's metadata differs from that of its last event.
    pub(super) fn is_news(&self, key: &ObjectRef, fingerprint: String) -> bool {
        self.0.lock().seen.insert(key.clone(), fingerprint.clone()) != Some(fingerprint)
    }
}

/// What one pass looks at: registered before it is read, so that a change in between is not missed.
pub(super) struct Used<'a> {
    dependants: &'a Dependants,
    kinds: &'a Kinds,
    key: &'a ObjectRef,
    used: BTreeSet<Dependency>,
}

impl<'a> Used<'a> {
    pub(super) fn new(dependants: &'a Dependants, kinds: &'a Kinds, key: &'a ObjectRef) -> Self {
        Self { dependants, kinds, key, used: BTreeSet::new() }
    }

    pub(super) fn object(&mut self, target: &ObjectRef) {
        self.kinds.want(&target.gvk());
        self.add(Dependency::Object(target.into()));
    }

    pub(super) fn spec(&mut self, target: &ObjectRef) {
        self.kinds.want(&target.gvk());
        self.add(Dependency::Spec(target.into()));
    }

    pub(super) fn list(&mut self, gvk: &GroupVersionKind, namespace: &str, cluster: &str) {
        self.kinds.want(gvk);
        let (group, kind) = (gvk.group.clone(), gvk.kind.clone());
        self.add(Dependency::List { group, kind, namespace: namespace.into(), cluster: cluster.into() });
    }

    pub(super) fn add(&mut self, dependency: Dependency) {
        self.dependants.0.lock().links.add(self.key, dependency.clone());
        self.used.insert(dependency);
    }

    /// The pass is over: what it did not look at is no more its business.
    pub(super) fn settle(self) {
        self.dependants.0.lock().links.set(self.key, self.used);
    }
}
