//! Who depends on what, both ways: a change of a dependency is worth a pass of each dependant.

use std::collections::{BTreeMap, BTreeSet};

use api::names::ObjectRef;

/// Of a dependency that nobody has, nothing is kept.
#[derive(Debug)]
pub(crate) struct Links<D> {
    dependants: BTreeMap<D, BTreeSet<ObjectRef>>,
    dependencies: BTreeMap<ObjectRef, BTreeSet<D>>,
}

impl<D> Default for Links<D> {
    fn default() -> Self {
        Self { dependants: BTreeMap::new(), dependencies: BTreeMap::new() }
    }
}

impl<D: Ord + Clone> Links<D> {
    pub(crate) fn add(&mut self, key: &ObjectRef, dependency: D) {
        self.dependants.entry(dependency.clone()).or_default().insert(key.clone());
        self.dependencies.entry(key.clone()).or_default().insert(dependency);
    }

    /// The key depends on these and on nothing else.
    pub(crate) fn set(&mut self, key: &ObjectRef, dependencies: BTreeSet<D>) {
        if self.dependencies.get(key) == Some(&dependencies) {
            return;
        }
        for stale in self.dependencies.remove(key).unwrap_or_default().difference(&dependencies) {
            if let Some(dependants) = self.dependants.get_mut(stale) {
                dependants.remove(key);
                if dependants.is_empty() {
                    self.dependants.remove(stale);
                }
            }
        }
        for dependency in dependencies {
            self.add(key, dependency);
        }
    }

    pub(crate) fn forget(&mut self, key: &ObjectRef) {
        self.set(key, BTreeSet::new());
    }

    pub(crate) fn of(&self, dependency: &D) -> Vec<ObjectRef> {
        self.dependants.get(dependency).into_iter().flatten().cloned().collect()
    }
}
