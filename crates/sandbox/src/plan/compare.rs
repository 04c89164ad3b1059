//! The difference of two states of a sandbox: objects field by field, and the requests in between with retries collapsed.

use std::collections::{BTreeMap, BTreeSet};

use actions::ArmMethod;
use api::{ObjectExt, names::ObjectRef};
use machinery::diff;
use serde_json::{Value, json};

use super::document::{AzureChange, Change, FieldChange, RequestOutcome, Symbol};

/// Objects by name. The version is left out of the key: the same object may be read in another one.
pub(super) type Snapshot = BTreeMap<ObjectRef, Value>;

pub(super) const SECRET: &str = "(secret)";
pub(super) const UNKNOWN: &str = "(known after apply)";

/// Azure's codes for a change of what a resource keeps for life.
const FIXED: [&str; 3] = ["InvalidResourceGroupLocation", "InvalidResourceLocation", "PropertyChangeNotAllowed"];

/// One request as the twin received it.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub method: ArmMethod,
    pub id: String,
    pub api_version: String,
    pub body: Option<Value>,
    pub status: u16,
    pub error: String,
    /// Whether the resource was there before.
    pub existed: bool,
}

pub(super) fn objects(before: &Snapshot, after: &Snapshot) -> Vec<Change> {
    let keys: BTreeSet<&ObjectRef> = before.keys().chain(after.keys()).collect();
    let change = |key: &&ObjectRef| {
        let (symbol, fields) = match (before.get(*key), after.get(*key)) {
            (None, Some(_)) => (Symbol::Create, Vec::new()),
            (Some(_), None) => (Symbol::Delete, Vec::new()),
            (Some(old), Some(new)) if old.uid() != new.uid() => (Symbol::Replace, fields(key, old, new)),
            (Some(old), Some(new)) => (Symbol::Update, fields(key, old, new)),
            (None, None) => return None,
        };
        let nothing = symbol == Symbol::Update && fields.is_empty();
        (!nothing).then(|| Change { symbol, object: (*key).clone(), fields })
    };
    keys.iter().filter_map(change).collect()
}

fn fields(key: &ObjectRef, old: &Value, new: &Value) -> Vec<FieldChange> {
    let secret = is_secret(key);
    let masked = |path: &str, value: Option<Value>| match value {
        Some(_) if secret && (path.starts_with("data") || path.starts_with("spec.properties.value")) => {
            Some(json!(SECRET))
        }
        other => other,
    };
    diff::changes(&visible(old), &visible(new))
        .into_iter()
        .map(|change| FieldChange {
            before: masked(&change.path, change.before),
            after: masked(&change.path, change.after),
            path: change.path,
        })
        .collect()
}

fn is_secret(key: &ObjectRef) -> bool {
    key.kind == "Secret"
}

/// What a person put there: no bookkeeping of the server or of controllers, no status.
fn visible(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
    }
    let metadata = object.metadata_mut();
    let kept = ["labels", "annotations"];
    metadata.retain(|field, _| kept.contains(&field.as_str()));
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        let own = ["serviceoperator.azure.com/credential-from", "serviceoperator.azure.com/reconcile-policy"];
        annotations.retain(|key, _| {
            let bookkeeping = key.starts_with("serviceoperator.azure.com/") || key.starts_with("windlass.dev/");
            !bookkeeping || own.contains(&key.as_str())
        });
    }
    object
}

/// Writes in order, each once: a retry of the same request counts as its last try.
pub(super) fn requests(received: &[Received]) -> Vec<AzureChange> {
    let mut changes: Vec<AzureChange> = Vec::new();
    for request in received.iter().filter(|request| request.method.changes(&request.id)) {
        let symbol = match (request.method, request.existed) {
            (ArmMethod::Delete, _) => Symbol::Delete,
            (ArmMethod::Put, false) => Symbol::Create,
            _ if FIXED.contains(&request.error.as_str()) => Symbol::Replace,
            _ => Symbol::Update,
        };
        let outcome = RequestOutcome { status: request.status, error: request.error.clone() };
        let same = |change: &&mut AzureChange| {
            change.method == request.method
                && change.id.eq_ignore_ascii_case(&request.id)
                && change.api_version == request.api_version
                && change.body == request.body
        };
        match changes.iter_mut().rev().find(same) {
            // Tried again after a failure. A success that is repeated is a bug worth seeing: it stays.
            Some(earlier) if earlier.outcome.status >= 400 => earlier.outcome = outcome,
            _ => changes.push(AzureChange {
                symbol,
                method: request.method,
                id: request.id.clone(),
                api_version: request.api_version.clone(),
                body: request.body.clone(),
                reason: String::new(),
                outcome,
            }),
        }
    }
    changes
}

/// Replaces made-up values by the words for "only Azure can know".
pub(super) fn mark_unknown(value: &mut Value, unknown: &BTreeSet<String>) {
    match value {
        Value::String(text) if unknown.contains(text.as_str()) => *text = UNKNOWN.into(),
        Value::Array(items) => items.iter_mut().for_each(|item| mark_unknown(item, unknown)),
        Value::Object(map) => map.values_mut().for_each(|item| mark_unknown(item, unknown)),
        _ => {}
    }
}
