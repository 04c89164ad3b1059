//! `metadata.managedFields` as managers with their field sets: decoding, encoding in upstream's order, stripping what is
//! never owned, and the cap on the number of update entries.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{fields, path::Element, set::Set};

/// Upstream's limit on `Update` entries; the oldest are folded into [`ANCIENT`].
const UPDATE_MANAGERS_MAX: usize = 10;
const ANCIENT: &str = "ancient-changes";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operation {
    Apply,
    Update,
}

impl Operation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

/// What identifies an entry. An applier is one entry whatever version it applies through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    pub manager: String,
    pub operation: Operation,
    /// Empty for appliers.
    pub api_version: String,
    pub subresource: String,
}

impl Identity {
    pub(super) fn new(manager: &str, operation: Operation, api_version: &str, subresource: &str) -> Self {
        let manager = if manager.is_empty() { "unknown" } else { manager };
        let api_version = if operation == Operation::Apply { "" } else { api_version };
        Self {
            manager: manager.to_string(),
            operation,
            api_version: api_version.to_string(),
            subresource: subresource.to_string(),
        }
    }
}

/// The fields of a manager, named in the version it wrote through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owned {
    pub set: Set,
    pub api_version: String,
    pub time: Option<String>,
}

pub(super) type Managers = BTreeMap<Identity, Owned>;

/// The entries of an object; an error names the first entry that upstream would not accept.
pub(super) fn decode(object: &Value) -> Result<Managers, String> {
    let mut managers = Managers::new();
    let Some(entries) = object.pointer("/metadata/managedFields") else { return Ok(managers) };
    let Some(entries) = entries.as_array() else { return Ok(managers) };
    for (index, entry) in entries.iter().enumerate() {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let operation = match text("operation") {
            "Apply" => Operation::Apply,
            "Update" => Operation::Update,
            _ => return Err("operation must be `Apply` or `Update`".into()),
        };
        if text("apiVersion").is_empty() {
            return Err("apiVersion must not be empty".into());
        }
        match text("fieldsType") {
            "FieldsV1" => {}
            "" => return Err(format!("missing fieldsType in managed fields entry {index}")),
            other => return Err(format!("invalid fieldsType {other:?} in managed fields entry {index}")),
        }
        let set = fields::decode(entry.get("fieldsV1").unwrap_or(&Value::Null))?;
        let mut identity = Identity::new(text("manager"), operation, text("apiVersion"), text("subresource"));
        identity.manager = text("manager").to_string();
        let time = entry.get("time").and_then(Value::as_str).map(str::to_string);
        managers.insert(identity, Owned { set, api_version: text("apiVersion").to_string(), time });
    }
    Ok(managers)
}

/// Whether a write asks to forget all managers: `[]` or `[{}]`.
pub(super) fn is_reset(object: &Value) -> bool {
    match object.pointer("/metadata/managedFields").and_then(Value::as_array).map(Vec::as_slice) {
        Some([]) => true,
        Some([Value::Object(only)]) => only.is_empty(),
        _ => false,
    }
}

/// Writes the entries, appliers first, then by time and name; none at all removes the field.
pub(super) fn encode(object: &mut Value, managers: &Managers) {
    remove(object);
    if managers.is_empty() {
        return;
    }
    let mut entries: Vec<(&Identity, &Owned)> = managers.iter().collect();
    entries.sort_by_key(|(identity, owned)| {
        let time = owned.time.as_deref().map_or(0, seconds);
        (identity.operation, time, &identity.manager, &owned.api_version, &identity.subresource)
    });
    let entries: Vec<Value> = entries.into_iter().map(|(identity, owned)| entry(identity, owned)).collect();
    let object = api::ObjectExt::metadata_mut(object);
    object.insert("managedFields".into(), Value::Array(entries));
}

fn entry(identity: &Identity, owned: &Owned) -> Value {
    let mut entry = Map::new();
    entry.insert("apiVersion".into(), json!(owned.api_version));
    entry.insert("fieldsType".into(), json!("FieldsV1"));
    entry.insert("fieldsV1".into(), fields::encode(&owned.set));
    if !identity.manager.is_empty() {
        entry.insert("manager".into(), json!(identity.manager));
    }
    entry.insert("operation".into(), json!(identity.operation.as_str()));
    if !identity.subresource.is_empty() {
        entry.insert("subresource".into(), json!(identity.subresource));
    }
    if let Some(time) = &owned.time {
        entry.insert("time".into(), json!(time));
    }
    Value::Object(entry)
}

pub(super) fn remove(object: &mut Value) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
}

fn seconds(time: &str) -> i64 {
    time.parse::<Timestamp>().map_or(0, Timestamp::as_second)
}

/// Takes from the manager what nobody owns.
pub(super) fn strip(managers: &mut Managers, identity: &Identity) {
    let Some(owned) = managers.get_mut(identity) else { return };
    owned.set = ownable(&owned.set);
    if owned.set.is_empty() {
        managers.remove(identity);
    }
}

/// Without the fields that identify an object or belong to the server: nobody owns them.
pub(super) fn ownable(set: &Set) -> Set {
    let top = ["apiVersion", "kind", "metadata"].map(|name| vec![Element::field(name)]);
    let below = [
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "clusterName",
        "generation",
        "managedFields",
        "resourceVersion",
    ];
    let below = below.map(|name| vec![Element::field("metadata"), Element::field(name)]);
    set.difference(&Set::of(top.into_iter().chain(below)))
}

/// Folds the oldest update entries of one version together until at most ten are left.
pub(super) fn cap(managers: &mut Managers) {
    let mut updaters: Vec<(i64, Identity)> = managers
        .iter()
        .filter(|(identity, _)| identity.operation == Operation::Update)
        .map(|(identity, owned)| (owned.time.as_deref().map_or(0, seconds), identity.clone()))
        .collect();
    let mut count = updaters.len();
    if count <= UPDATE_MANAGERS_MAX {
        return;
    }
    updaters.sort();
    let mut first_of: BTreeMap<String, Identity> = BTreeMap::new();
    for (_, identity) in updaters {
        if count <= UPDATE_MANAGERS_MAX {
            break;
        }
        let Some(owned) = managers.get(&identity).cloned() else { continue };
        let Some(first) = first_of.get(&owned.api_version) else {
            first_of.insert(owned.api_version.clone(), identity);
            continue;
        };
        let bucket = Identity::new(ANCIENT, Operation::Update, &owned.api_version, "");
        if !managers.contains_key(&bucket)
            && let Some(oldest) = managers.remove(first)
        {
            managers.insert(bucket.clone(), oldest);
        }
        managers.remove(&identity);
        if let Some(ancient) = managers.get_mut(&bucket) {
            ancient.set = ancient.set.union(&owned.set);
            ancient.time = owned.time;
        }
        count -= 1;
    }
}
