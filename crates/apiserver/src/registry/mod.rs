//! Which resources are served right now: the built-in ones, and what the stored CustomResourceDefinitions add.
//! The set of custom resources is a value that is swapped whole; readers never see half of a definition.

mod custom;
pub(crate) mod events;
mod resource;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use machinery::builtin;
use parking_lot::RwLock;

pub(crate) use custom::resources_of;
pub use resource::{Custom, Origin, Part, Resource, ScalePaths};

/// (group, plural, version)
type Key = (String, String, String);

/// The served resources.
#[derive(Debug)]
pub struct Registry {
    builtin: BTreeMap<Key, Arc<Resource>>,
    /// By definition name.
    custom: RwLock<BTreeMap<String, Vec<Arc<Resource>>>>,
    /// Counts changes, so that discovery and OpenAPI documents can be kept until something changes.
    changes: AtomicU64,
}

impl Default for Registry {
    fn default() -> Self {
        let builtin =
            builtin::kinds().iter().map(Resource::builtin).map(|resource| (key(&resource), resource)).collect();
        Self { builtin, custom: RwLock::default(), changes: AtomicU64::new(1) }
    }
}

fn key(resource: &Resource) -> Key {
    (resource.group.clone(), resource.plural.clone(), resource.version.clone())
}

impl Registry {
    /// Every served resource, one entry per group, version and plural; built-in ones first.
    pub fn served(&self) -> Vec<Arc<Resource>> {
        let custom = self.custom.read();
        self.builtin.values().chain(custom.values().flatten()).cloned().collect()
    }

    /// Every stored resource once, whatever its number of versions (and the Events once): for those who must see every
    /// object, as garbage collection and namespace termination.
    pub fn stored(&self) -> Vec<Arc<Resource>> {
        let mut seen = std::collections::BTreeSet::new();
        let mut stored = self.served();
        stored.retain(|resource| resource.is_stored() && seen.insert(resource.prefix(None)));
        stored
    }

    pub fn get(&self, group: &str, version: &str, plural: &str) -> Option<Arc<Resource>> {
        if let Some(found) = self.builtin.get(&(group.to_string(), plural.to_string(), version.to_string())) {
            return Some(found.clone());
        }
        let custom = self.custom.read();
        let definition = custom.get(&format!("{plural}.{group}"))?;
        definition.iter().find(|resource| resource.version == version).cloned()
    }

    /// Any served version of a resource; for custom resources the storage version when it is served.
    pub fn any_version(&self, group: &str, plural: &str) -> Option<Arc<Resource>> {
        let low = (group.to_string(), plural.to_string(), String::new());
        if let Some((found, resource)) = self.builtin.range(low..).next()
            && found.0 == group
            && found.1 == plural
        {
            return Some(resource.clone());
        }
        let custom = self.custom.read();
        let definition = custom.get(&format!("{plural}.{group}"))?;
        let stored = |resource: &&Arc<Resource>| {
            resource.custom().is_some_and(|custom| custom.storage_version == resource.version)
        };
        definition.iter().find(stored).or_else(|| definition.first()).cloned()
    }

    /// By kind, as owner references name things; any version of the group serves.
    pub fn by_kind(&self, group: &str, version: &str, kind: &str) -> Option<Arc<Resource>> {
        let mut of_kind = self.served();
        of_kind.retain(|resource| resource.group == group && resource.kind == kind);
        of_kind.iter().find(|resource| resource.version == version).or(of_kind.first()).cloned()
    }

    /// The resources of one custom resource definition.
    pub fn definition(&self, name: &str) -> Vec<Arc<Resource>> {
        self.custom.read().get(name).cloned().unwrap_or_default()
    }

    /// Replaces what a definition serves; an empty list removes it.
    pub(crate) fn install(&self, definition: &str, resources: Vec<Arc<Resource>>) {
        let mut custom = self.custom.write();
        if resources.is_empty() {
            custom.remove(definition);
        } else {
            custom.insert(definition.to_string(), resources);
        }
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// Grows with every change of the served set.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }
}
