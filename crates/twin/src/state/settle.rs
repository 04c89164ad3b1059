//! What time alone changes: deletions that are through, soft-deleted vaults whose time is over, old operations. Computed
//! before a request is served, so that requests see a settled state.

use jiff::{SignedDuration, Timestamp};

use super::{CLUSTER, Change, Deleted, DeletedVault, IDENTITY, Incarnation, Record, Resource, State};

/// How long the outcome of an operation can be read, as in Azure.
pub(crate) const OPERATION_KEPT: SignedDuration = SignedDuration::from_hours(24);

pub(crate) fn settle(state: &State, now: Timestamp) -> Vec<Change> {
    let mut changes = Vec::new();
    for record in state.due(now) {
        match record {
            Record::Resource(resource) => drop_tree(state, &resource.id.to_lowercase(), now, &mut changes),
            Record::DeletedVault(vault) => purge_vault(state, &vault.name, &mut changes),
            other => changes.push(Change::Drop(other.key())),
        }
    }
    dedup(changes)
}

/// A resource and everything below it. Vaults become soft-deleted where they ask for it.
pub(crate) fn drop_tree(state: &State, lower_id: &str, now: Timestamp, changes: &mut Vec<Change>) {
    for resource in state.resources(lower_id) {
        let id = resource.id.to_lowercase();
        if !crate::id::within(lower_id, &id) {
            continue;
        }
        if resource.is(super::VAULT) {
            retire_vault(state, resource, now, changes);
        }
        if resource.is(CLUSTER) {
            drop_node_group(state, resource, now, changes);
        }
        if resource.is(IDENTITY) || resource.is(CLUSTER) {
            let count = state.incarnation(&id) + 1;
            changes.push(Change::Put(Record::Incarnation(Incarnation { id, count })));
        }
        changes.push(Change::Drop(Record::Resource(resource.clone()).key()));
    }
}

/// The group of a cluster's nodes goes with the cluster.
fn drop_node_group(state: &State, cluster: &Resource, now: Timestamp, changes: &mut Vec<Change>) {
    let subscription = cluster.id.split('/').nth(2).unwrap_or_default();
    let group = cluster.property_str("nodeResourceGroup");
    let key = format!("/subscriptions/{subscription}/resourcegroups/{group}").to_lowercase();
    let own = state.resource(&key).and_then(|group| group.body.get("managedBy")?.as_str());
    if own.is_some_and(|by| by.eq_ignore_ascii_case(&cluster.id)) {
        drop_tree(state, &key, now, changes);
    }
}

fn retire_vault(state: &State, vault: &Resource, now: Timestamp, changes: &mut Vec<Change>) {
    if vault.property("enableSoftDelete").and_then(serde_json::Value::as_bool) == Some(false) {
        purge_vault(state, &vault.name, changes);
        return;
    }
    let days = vault.property("softDeleteRetentionInDays").and_then(serde_json::Value::as_i64).unwrap_or(90);
    let purge_at = now.checked_add(SignedDuration::from_hours(24 * days.clamp(7, 90))).unwrap_or(now);
    let resource = Resource { deleted_at: None, pending: None, ..vault.clone() };
    let deleted = Deleted { at: now, purge_at };
    changes.push(Change::Put(Record::DeletedVault(DeletedVault { name: vault.name.clone(), resource, deleted })));
}

/// The vault's name and its secrets are gone for good.
pub(crate) fn purge_vault(state: &State, name: &str, changes: &mut Vec<Change>) {
    changes.push(Change::Drop(super::deleted_vault_key(name)));
    for secret in state.secrets(name) {
        changes.push(Change::Drop(super::secret_key(name, &secret.name)));
    }
}

/// One change per key: a group and a vault in it may both be due. Dropping what is not there is no change.
fn dedup(changes: Vec<Change>) -> Vec<Change> {
    let mut seen = std::collections::BTreeSet::new();
    changes.into_iter().filter(|change| seen.insert(change.key())).collect()
}
