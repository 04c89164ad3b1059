//! How spaces lie in redb. A value is written once, under its revision; current keys and the log point to it.
//!
//! | table | key | value |
//! |---|---|---|
//! | `spaces` | name | number, revision, last forgotten revision |
//! | `current` | space, key | revision |
//! | `log` | space, revision | kind, revision before (0: none), key |
//! | `values` | space, revision | bytes |
//!
//! A value lives as long as its key is current, or its own or the following change of the key is in the log.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use redb::{
    Builder, Database, Durability, ReadTransaction, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition,
    WriteTransaction,
};

use crate::{
    Error, EventKind, Limits, Revision, Stored,
    history::{Entry, History},
};

const FORMAT: TableDefinition<&str, u64> = TableDefinition::new("format");
const SPACES: TableDefinition<&str, (u32, u64, u64)> = TableDefinition::new("spaces");
const CURRENT: TableDefinition<(u32, &str), u64> = TableDefinition::new("current");
const LOG: TableDefinition<(u32, u64), (u8, u64, &str)> = TableDefinition::new("log");
const VALUES: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("values");

/// Raised by a change that older versions cannot read.
const FORMAT_VERSION: u64 = 1;
/// Values are read from memory: redb's cache serves the pages that a transaction touches.
const CACHE_BYTES: usize = 32 << 20;

const PUT: u8 = 0;
const DELETE: u8 = 1;

pub(super) struct Loaded {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) history: History,
}

pub(super) struct SpaceRow<'a> {
    pub(super) id: u32,
    pub(super) name: &'a str,
    pub(super) revision: Revision,
}

pub(super) fn open(backend: impl StorageBackend) -> Result<Database, Error> {
    let database = Builder::new().set_cache_size(CACHE_BYTES).create_with_backend(backend).map_err(failed)?;
    prepare(&database).map_err(failed)?;
    let version = format_version(&database).map_err(failed)?;
    if version != FORMAT_VERSION {
        return Err(Error::Failed(format!(
            "the data has format {version}, this version reads format {FORMAT_VERSION}: use the version that wrote it"
        )));
    }
    Ok(database)
}

/// Makes the tables of a new store.
fn prepare(database: &Database) -> Result<(), redb::Error> {
    if database.begin_read()?.list_tables()?.next().is_some() {
        return Ok(());
    }
    let transaction = begin(database)?;
    transaction.open_table(FORMAT)?.insert("version", FORMAT_VERSION)?;
    transaction.open_table(SPACES)?;
    transaction.open_table(CURRENT)?;
    transaction.open_table(LOG)?;
    transaction.open_table(VALUES)?;
    transaction.commit()?;
    Ok(())
}

fn format_version(database: &Database) -> Result<u64, redb::Error> {
    Ok(database.begin_read()?.open_table(FORMAT)?.get("version")?.map_or(0, |version| version.value()))
}

pub(super) fn begin(database: &Database) -> Result<WriteTransaction, redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    Ok(transaction)
}

pub(super) fn write(
    transaction: &WriteTransaction,
    space: &SpaceRow<'_>,
    entries: &[Entry],
) -> Result<(), redb::Error> {
    let mut values = transaction.open_table(VALUES)?;
    let mut log = transaction.open_table(LOG)?;
    let mut current = transaction.open_table(CURRENT)?;
    for entry in entries {
        let at = (space.id, entry.revision.0);
        let previous = entry.previous.as_ref().map_or(0, |(revision, _)| revision.0);
        values.insert(at, entry.value.as_ref())?;
        match entry.kind {
            EventKind::Put => {
                log.insert(at, (PUT, previous, entry.key.as_ref()))?;
                current.insert((space.id, entry.key.as_ref()), entry.revision.0)?;
            }
            EventKind::Delete => {
                log.insert(at, (DELETE, previous, entry.key.as_ref()))?;
                current.remove((space.id, entry.key.as_ref()))?;
            }
        }
    }
    let mut spaces = transaction.open_table(SPACES)?;
    let compacted = spaces.get(space.name)?.map_or(0, |row| row.value().2);
    spaces.insert(space.name, (space.id, space.revision.0, compacted))?;
    Ok(())
}

/// Deletes the log up to and including `through`, if that is at least `backlog` changes, and the values that only it
/// kept alive.
pub(super) fn trim(
    transaction: &WriteTransaction,
    space: &SpaceRow<'_>,
    through: Revision,
    backlog: u64,
) -> Result<(), redb::Error> {
    let mut spaces = transaction.open_table(SPACES)?;
    let compacted = spaces.get(space.name)?.map_or(0, |row| row.value().2);
    if through.0 < compacted + backlog {
        return Ok(());
    }
    let mut values = transaction.open_table(VALUES)?;
    let mut log = transaction.open_table(LOG)?;
    for revision in compacted + 1..=through.0 {
        let Some((kind, previous)) = log.remove((space.id, revision))?.map(|row| (row.value().0, row.value().1)) else {
            continue;
        };
        if previous != 0 {
            values.remove((space.id, previous))?;
        }
        if kind == DELETE {
            values.remove((space.id, revision))?;
        }
    }
    spaces.insert(space.name, (space.id, space.revision.0, through.0))?;
    Ok(())
}

pub(super) fn load(database: &Database, limits: Limits) -> Result<Vec<Loaded>, Error> {
    let transaction = database.begin_read().map_err(failed)?;
    let rows = space_rows(&transaction).map_err(failed)?;
    rows.into_iter()
        .map(|row| {
            let history = load_space(&transaction, &row, limits).map_err(failed)?;
            let history = history.ok_or_else(|| {
                Error::Failed(format!("the data of space {} is damaged: restore it from a backup", row.name))
            })?;
            Ok(Loaded { id: row.id, name: row.name, history })
        })
        .collect()
}

struct StoredRow {
    name: String,
    id: u32,
    revision: u64,
    compacted: u64,
}

fn space_rows(transaction: &ReadTransaction) -> Result<Vec<StoredRow>, redb::Error> {
    let spaces = transaction.open_table(SPACES)?;
    let mut rows = Vec::new();
    for row in spaces.iter()? {
        let (name, place) = row?;
        let (id, revision, compacted) = place.value();
        rows.push(StoredRow { name: name.value().to_owned(), id, revision, compacted });
    }
    Ok(rows)
}

/// `None` when the tables contradict each other.
fn load_space(
    transaction: &ReadTransaction,
    space: &StoredRow,
    limits: Limits,
) -> Result<Option<History>, redb::Error> {
    let id = space.id;
    let mut values: BTreeMap<u64, Bytes> = BTreeMap::new();
    for row in transaction.open_table(VALUES)?.range((id, 0)..=(id, u64::MAX))? {
        let (at, value) = row?;
        values.insert(at.value().1, Bytes::copy_from_slice(value.value()));
    }
    let log = load_log(transaction, space, &values)?;
    let mut keys: BTreeMap<String, u64> = BTreeMap::new();
    for row in transaction.open_table(CURRENT)?.range((id, "")..)? {
        let (key, revision) = row?;
        if key.value().0 != id {
            break;
        }
        keys.insert(key.value().1.to_owned(), revision.value());
    }
    let Some(log) = log else { return Ok(None) };
    let Some(history) = replay(space, &keys, &values, log, limits) else { return Ok(None) };
    Ok((history.revision().0 == space.revision).then_some(history))
}

fn load_log(
    transaction: &ReadTransaction,
    space: &StoredRow,
    values: &BTreeMap<u64, Bytes>,
) -> Result<Option<Vec<Entry>>, redb::Error> {
    let mut entries = Vec::new();
    // Keys repeat in the log: one allocation for each.
    let mut names: BTreeMap<String, Arc<str>> = BTreeMap::new();
    for row in transaction.open_table(LOG)?.range((space.id, space.compacted + 1)..=(space.id, u64::MAX))? {
        let (at, change) = row?;
        let ((_, revision), (kind, previous, key)) = (at.value(), change.value());
        let key = names.entry(key.to_owned()).or_insert_with(|| Arc::from(key)).clone();
        let previous_value = values.get(&previous).cloned();
        let (Some(value), true) = (values.get(&revision).cloned(), previous == 0 || previous_value.is_some()) else {
            return Ok(None);
        };
        entries.push(Entry {
            kind: if kind == DELETE { EventKind::Delete } else { EventKind::Put },
            key,
            revision: Revision(revision),
            value,
            previous: previous_value.map(|value| (Revision(previous), value)),
        });
    }
    Ok(Some(entries))
}

/// Goes back from the current values to where the log begins, and forward again: that checks the log against the values.
fn replay(
    space: &StoredRow,
    keys: &BTreeMap<String, u64>,
    values: &BTreeMap<u64, Bytes>,
    log: Vec<Entry>,
    limits: Limits,
) -> Option<History> {
    let mut base: BTreeMap<Arc<str>, Stored> = BTreeMap::new();
    for (key, revision) in keys {
        let (key, value) = (Arc::<str>::from(key.as_str()), values.get(revision)?.clone());
        base.insert(key.clone(), Stored { key, revision: Revision(*revision), value });
    }
    for entry in log.iter().rev() {
        let after = base.remove(&entry.key).map(|stored| stored.revision);
        if after != (entry.kind == EventKind::Put).then_some(entry.revision) {
            return None;
        }
        if let Some(before) = entry.before() {
            base.insert(entry.key.clone(), before);
        }
    }
    let dense = log.iter().map(|entry| entry.revision.0).eq(space.compacted + 1..=space.revision);
    if !dense {
        return None;
    }
    let mut history = History::with(limits, base.into_values().collect(), Revision(space.compacted));
    history.publish(log);
    Some(history)
}

fn failed(error: impl Into<redb::Error>) -> Error {
    Error::Failed(error.into().to_string())
}
