//! The whole state of the twin in memory, a copy of what its space holds, and the changes that lead from one to the next.
//! Pure: reading and writing the space is the shell's ([`crate::Twin`]).

mod index;
mod record;
mod settle;

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256, Sha512};
use store::Revision;

pub(crate) use record::{
    Application, CLUSTER, Deleted, DeletedVault, Failure, IDENTITY, Incarnation, META, Meta, Operation, Pending,
    Record, Resource, Secret, SecretVersion, VAULT, deleted_vault_key, operation_key, resource_key, secret_key,
};
pub(crate) use settle::{drop_tree, purge_vault, settle};

/// One step. `Drop` carries the key of the record.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a request makes one or two, and nearly all are Put")]
pub(crate) enum Change {
    Put(Record),
    Drop(String),
}

impl Change {
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Put(record) => record.key(),
            Self::Drop(key) => key.clone(),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// Every record by key, with the revision that it was written at.
    records: BTreeMap<String, (Revision, Record)>,
    index: index::Index,
}

impl State {
    pub(crate) fn put(&mut self, revision: Revision, record: Record) {
        let key = record.key();
        self.remove(&key);
        self.index.add(&key, &record);
        self.records.insert(key, (revision, record));
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if let Some((_, record)) = self.records.remove(key) {
            self.index.remove(key, &record);
        }
    }

    pub(crate) fn revision(&self, key: &str) -> Option<Revision> {
        self.records.get(key).map(|(revision, _)| *revision)
    }

    /// Keys of what time alone changes now.
    fn due(&self, now: Timestamp) -> impl Iterator<Item = &Record> {
        self.index.due(now).filter_map(|key| self.record(key))
    }

    fn record(&self, key: &str) -> Option<&Record> {
        self.records.get(key).map(|(_, record)| record)
    }

    fn range<'a>(&'a self, prefix: &str) -> impl Iterator<Item = &'a Record> + use<'a> {
        let prefix = prefix.to_string();
        let from = self.records.range(prefix.clone()..);
        from.take_while(move |(key, _)| key.starts_with(&prefix)).map(|(_, (_, record))| record)
    }

    pub(crate) fn meta(&self) -> Meta {
        match self.record(META) {
            Some(Record::Meta(meta)) => meta.clone(),
            _ => Meta::default(),
        }
    }

    /// By id in lower case.
    pub(crate) fn resource(&self, lower_id: &str) -> Option<&Resource> {
        match self.record(&resource_key(lower_id))? {
            Record::Resource(resource) => Some(resource),
            _ => None,
        }
    }

    /// Resources whose id in lower case starts with the text, in order of id.
    pub(crate) fn resources<'a>(&'a self, lower_prefix: &str) -> impl Iterator<Item = &'a Resource> + use<'a> {
        let prefix = resource_key(lower_prefix);
        let from = self.records.range(prefix.clone()..);
        from.take_while(move |(key, _)| key.starts_with(&prefix)).filter_map(|(_, (_, record))| match record {
            Record::Resource(resource) => Some(resource),
            _ => None,
        })
    }

    /// Every role assignment.
    pub(crate) fn assignments(&self) -> impl Iterator<Item = &Resource> {
        self.index.assignments().filter_map(|key| match self.record(key)? {
            Record::Resource(resource) => Some(resource),
            _ => None,
        })
    }

    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        match self.record(&operation_key(id))? {
            Record::Operation(operation) => Some(operation),
            _ => None,
        }
    }

    pub(crate) fn secret(&self, vault: &str, name: &str) -> Option<&Secret> {
        match self.record(&secret_key(vault, name))? {
            Record::Secret(secret) => Some(secret),
            _ => None,
        }
    }

    /// Every secret of a vault, the deleted ones too.
    pub(crate) fn secrets(&self, vault: &str) -> Vec<&Secret> {
        let prefix = secret_key(vault, "");
        self.range(&prefix)
            .filter_map(|record| match record {
                Record::Secret(secret) => Some(secret),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn deleted_vault(&self, name: &str) -> Option<&DeletedVault> {
        match self.record(&deleted_vault_key(name))? {
            Record::DeletedVault(vault) => Some(vault),
            _ => None,
        }
    }

    pub(crate) fn deleted_vaults(&self) -> impl Iterator<Item = &DeletedVault> {
        self.range("deleted-vault/").filter_map(|record| match record {
            Record::DeletedVault(vault) => Some(vault),
            _ => None,
        })
    }

    /// The live vault of that name, wherever it is: names are unique in all of Azure.
    pub(crate) fn vault(&self, name: &str) -> Option<&Resource> {
        match self.record(self.index.vault(name)?)? {
            Record::Resource(resource) => Some(resource),
            _ => None,
        }
    }

    pub(crate) fn applications(&self) -> impl Iterator<Item = &Application> {
        self.range("application/").filter_map(|record| match record {
            Record::Application(application) => Some(application),
            _ => None,
        })
    }

    pub(crate) fn incarnation(&self, lower_id: &str) -> u64 {
        match self.record(&format!("incarnation{lower_id}")) {
            Some(Record::Incarnation(incarnation)) => incarnation.count,
            _ => 0,
        }
    }

    /// A GUID that Azure would make up, the same for the same resource in every twin of the same seed.
    pub(crate) fn derived_uuid(&self, purpose: &str, lower_id: &str) -> String {
        uuid_of(&Sha256::digest(self.derivation(purpose, lower_id)))
    }

    /// Bytes that Azure would make up, in the same way.
    pub(crate) fn derived_bytes(&self, purpose: &str, lower_id: &str) -> [u8; 64] {
        Sha512::digest(self.derivation(purpose, lower_id)).into()
    }

    fn derivation(&self, purpose: &str, lower_id: &str) -> String {
        [self.meta().seed.as_str(), purpose, lower_id, &self.incarnation(lower_id).to_string()].join("\n")
    }

    /// By object id or by application (client) id.
    pub(crate) fn principal(&self, id: &str) -> Option<Principal> {
        self.record(self.index.principal(id)?).and_then(principal_of)
    }
}

/// The service principal that comes with an application or a managed identity.
fn principal_of(record: &Record) -> Option<Principal> {
    match record {
        Record::Application(application) => Some(Principal {
            object_id: application.object_id.clone(),
            app_id: application.app_id.clone(),
            display_name: application.display_name.clone(),
            identity: None,
        }),
        Record::Resource(resource) if resource.is(IDENTITY) => Some(Principal {
            object_id: resource.property_str("principalId").to_string(),
            app_id: resource.property_str("clientId").to_string(),
            display_name: resource.name.clone(),
            identity: Some(resource.id.clone()),
        }),
        // A system-assigned identity: its application has an id too, which nobody is shown.
        Record::Resource(resource) => {
            let object_id = resource.body.get("identity")?.get("principalId")?.as_str()?;
            Some(Principal {
                object_id: object_id.to_string(),
                app_id: uuid_of(&Sha256::digest(object_id)),
                display_name: resource.name.clone(),
                identity: Some(resource.id.clone()),
            })
        }
        _ => None,
    }
}

/// A service principal of the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    pub(crate) object_id: String,
    pub(crate) app_id: String,
    pub(crate) display_name: String,
    /// The id of the managed identity that it belongs to.
    pub(crate) identity: Option<String>,
}

/// The first bytes as a version 4 UUID.
pub(crate) fn uuid_of(bytes: &[u8]) -> String {
    let mut id = [0u8; 16];
    for (to, from) in id.iter_mut().zip(bytes) {
        *to = *from;
    }
    id[6] = (id[6] & 0x0f) | 0x40;
    id[8] = (id[8] & 0x3f) | 0x80;
    let hex = api::hex::encode(&id);
    format!("{}-{}-{}-{}-{}", &hex[0..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
}
