//! Look-ups other than by key: what is due when, vaults by name, principals by id. Kept in step by [`super::State`].

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Record, principal_of, record::VAULT};

#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    due: BTreeSet<(Timestamp, String)>,
    vaults: BTreeMap<String, String>,
    principals: BTreeMap<String, String>,
    assignments: BTreeSet<String>,
}

impl Index {
    pub(crate) fn add(&mut self, key: &str, record: &Record) {
        if let Some(at) = due(record) {
            self.due.insert((at, key.to_string()));
        }
        if let Some(name) = vault(record) {
            self.vaults.insert(name, key.to_string());
        }
        for id in principal_ids(record) {
            self.principals.insert(id, key.to_string());
        }
        if is_assignment(record) {
            self.assignments.insert(key.to_string());
        }
    }

    pub(crate) fn remove(&mut self, key: &str, record: &Record) {
        if let Some(at) = due(record) {
            self.due.remove(&(at, key.to_string()));
        }
        if let Some(name) = vault(record) {
            self.vaults.remove(&name);
        }
        for id in principal_ids(record) {
            self.principals.remove(&id);
        }
        self.assignments.remove(key);
    }

    /// Keys of what is due, earliest first.
    pub(crate) fn due(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.due.iter().take_while(move |(at, _)| *at <= now).map(|(_, key)| key.as_str())
    }

    pub(crate) fn assignments(&self) -> impl Iterator<Item = &str> {
        self.assignments.iter().map(String::as_str)
    }

    pub(crate) fn vault(&self, name: &str) -> Option<&str> {
        self.vaults.get(&name.to_lowercase()).map(String::as_str)
    }

    pub(crate) fn principal(&self, id: &str) -> Option<&str> {
        self.principals.get(&id.to_lowercase()).map(String::as_str)
    }
}

/// When time alone changes the record.
fn due(record: &Record) -> Option<Timestamp> {
    match record {
        Record::Resource(resource) => resource.deleted_at,
        Record::DeletedVault(vault) => Some(vault.deleted.purge_at),
        Record::Operation(operation) => operation.until.checked_add(super::settle::OPERATION_KEPT).ok(),
        _ => None,
    }
}

fn vault(record: &Record) -> Option<String> {
    match record {
        Record::Resource(resource) if resource.is(VAULT) => Some(resource.name.to_lowercase()),
        _ => None,
    }
}

fn is_assignment(record: &Record) -> bool {
    matches!(record, Record::Resource(resource) if resource.is(crate::access::ASSIGNMENT))
}

fn principal_ids(record: &Record) -> Vec<String> {
    let principal = principal_of(record);
    principal
        .map(|principal| vec![principal.object_id.to_lowercase(), principal.app_id.to_lowercase()])
        .unwrap_or_default()
}
