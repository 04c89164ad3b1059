//! Who looked at what: a change of anything that an object's last pass read is worth a pass of that object.

use std::collections::{BTreeMap, BTreeSet};

use api::names::{GroupVersionKind, ObjectRef};
use parking_lot::Mutex;

use super::trigger::Kinds;

/// Something that a pass read. Versions do not matter: all are views of one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dependency {
    Object {
        group: String,
        kind: String,
        namespace: String,
        name: String,
    },
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

impl Dependency {
    pub(super) fn object(target: &ObjectRef) -> Self {
        Self::Object {
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
    by_dependency: BTreeMap<Dependency, BTreeSet<ObjectRef>>,
    dependencies: BTreeMap<ObjectRef, BTreeSet<Dependency>>,
    /// What of an object's own metadata its last event had: its own statuses are no news.
    seen: BTreeMap<ObjectRef, String>,
}

impl State {
    fn unlink(&mut self, key: &ObjectRef, dependency: &Dependency) {
        if let Some(dependants) = self.by_dependency.get_mut(dependency) {
            dependants.remove(key);
            if dependants.is_empty() {
                self.by_dependency.remove(dependency);
            }
        }
    }
}

impl Dependants {
    fn add(&self, key: &ObjectRef, dependency: Dependency) {
        let mut state = self.0.lock();
        state.by_dependency.entry(dependency.clone()).or_default().insert(key.clone());
        state.dependencies.entry(key.clone()).or_default().insert(dependency);
    }

    /// The pass is over: what it did not look at is no more its business.
    fn keep(&self, key: &ObjectRef, used: &BTreeSet<Dependency>) {
        let mut state = self.0.lock();
        let known = state.dependencies.insert(key.clone(), used.clone()).unwrap_or_default();
        for stale in known.difference(used) {
            state.unlink(key, stale);
        }
    }

    pub(super) fn forget(&self, key: &ObjectRef) {
        self.keep(key, &BTreeSet::new());
        let mut state = self.0.lock();
        state.dependencies.remove(key);
        state.seen.remove(key);
    }

    pub(super) fn of(&self, dependency: &Dependency) -> Vec<ObjectRef> {
        self.0.lock().by_dependency.get(dependency).into_iter().flatten().cloned().collect()
    }

    /// Whether the object's metadata differs from that of its last event.
    pub(super) fn is_news(&self, key: &ObjectRef, fingerprint: String) -> bool {
        let mut state = self.0.lock();
        state.seen.get(key) != Some(&fingerprint)
            && state.seen.insert(key.clone(), fingerprint.clone()) != Some(fingerprint)
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
        self.add(Dependency::object(target));
    }

    pub(super) fn list(&mut self, gvk: &GroupVersionKind, namespace: &str, cluster: &str) {
        self.kinds.want(gvk);
        let (group, kind) = (gvk.group.clone(), gvk.kind.clone());
        self.add(Dependency::List { group, kind, namespace: namespace.into(), cluster: cluster.into() });
    }

    pub(super) fn add(&mut self, dependency: Dependency) {
        self.dependants.add(self.key, dependency.clone());
        self.used.insert(dependency);
    }

    pub(super) fn settle(self) {
        self.dependants.keep(self.key, &self.used);
    }
}
