//! Server-side apply and the bookkeeping of `metadata.managedFields`, as k8s.io/apimachinery and structured-merge-diff do
//! it. Pure: `now` is in the [`Context`], nothing is defaulted, admitted or stored here.
//!
//! Flow: [`apply`] merges a partial object over the live one and answers conflicts; [`track_update`] records who changed
//! what for every other write; [`unchanged`] says whether a write is a no-op.

mod conflict;
mod fields;
mod last_applied;
mod managed;
mod merge;
mod path;
mod set;
#[cfg(test)]
mod tests;
mod typed;
mod update;

use api::{ObjectExt, names::GroupVersionKind, status::Status};
use serde_json::{Value, json};

pub(crate) use self::path::compare_values;
use self::{
    conflict::Conflict,
    managed::{Identity, Managers, Operation},
};
use crate::{builtin, depth, schema::Schema};

/// Who writes, through which version and subresource, and when.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub manager: &'a str,
    /// `v1`, `apps/v1`: the version of the request.
    pub api_version: &'a str,
    /// Empty, `status` or `scale`.
    pub subresource: &'a str,
    /// RFC 3339.
    pub now: &'a str,
    pub schema: &'a Schema,
    pub force: bool,
    /// Paths that this endpoint resets (`&[&["status"]]` on the main endpoint of a kind with a status subresource): they are
    /// never owned through it.
    pub reset: &'a [&'a [&'a str]],
    /// The other versions of the kind, for managers that wrote through those; `None` treats every version alike.
    pub versions: Option<&'a dyn Versions>,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("Context");
        debug.field("manager", &self.manager).field("api_version", &self.api_version);
        debug.field("subresource", &self.subresource).field("force", &self.force).finish_non_exhaustive()
    }
}

/// The other versions of a kind.
pub trait Versions {
    /// The schema of a version and the object converted to it; `None` when the version is no longer served.
    fn convert(&self, object: &Value, api_version: &str) -> Option<(Schema, Value)>;
}

impl<'a> Context<'a> {
    /// A write to the main resource, not forced.
    pub fn new(manager: &'a str, api_version: &'a str, now: &'a str, schema: &'a Schema) -> Self {
        Self { manager, api_version, subresource: "", now, schema, force: false, reset: &[], versions: None }
    }

    fn identity(&self, operation: Operation) -> Identity {
        Identity::new(self.manager, operation, self.api_version, self.subresource)
    }
}

/// The object after applying `applied` to `live` (`None` creates), including its new managedFields. Conflicts are 409, one
/// cause a field; a configuration that does not fit the schema is refused as upstream refuses it. Defaults are the caller's:
/// upstream fills them in after ownership is settled.
pub fn apply(live: Option<&Value>, applied: &Value, context: &Context<'_>) -> Result<Value, Status> {
    check(live, applied, context)?;
    let nothing = json!({ "apiVersion": applied["apiVersion"], "kind": applied["kind"] });
    let live = live.unwrap_or(&nothing);
    let mut managers = managed::decode(live)
        .map_err(|error| Status::failure(500, "", format!("failed to decode managed fields: {error}")))?;
    let mut bare = live.clone();
    managed::remove(&mut bare);
    if managers.is_empty() {
        let before = Context { manager: "before-first-apply", ..*context };
        record_update(&nothing, &bare, &mut managers, &before);
    }
    typed::validate(context.schema, applied, false).map_err(|error| {
        Status::failure(500, "", format!("failed to create typed patch object ({}): {error}", subject(applied)))
    })?;
    typed::validate(context.schema, &bare, true).map_err(|error| {
        Status::failure(500, "", format!("failed to create typed live object ({}): {error}", subject(live)))
    })?;
    let writer = context.identity(Operation::Apply);
    let merged = attempt(&bare, applied, &mut managers, &writer, context).map_err(|found| conflict::status(&found))?;
    managed::strip(&mut managers, &writer);
    if merged.is_some()
        && let Some(owned) = managers.get_mut(&writer)
    {
        owned.time = Some(context.now.to_string());
    }
    let mut object = merged.unwrap_or(bare);
    managed::encode(&mut object, &managers);
    if context.manager == "kubectl" {
        last_applied::refresh(&mut object, applied);
    }
    Ok(keep_times(live, object))
}

/// Applies; for kubectl, conflicts with what it wrote itself by client-side apply are not conflicts.
fn attempt(
    live: &Value,
    applied: &Value,
    managers: &mut Managers,
    writer: &Identity,
    context: &Context<'_>,
) -> Result<Option<Value>, Vec<Conflict>> {
    if context.manager != "kubectl" {
        return update::apply(live, applied, managers, writer, context.force, context);
    }
    let mut attempted = managers.clone();
    let conflicts = match update::apply(live, applied, &mut attempted, writer, context.force, context) {
        Ok(merged) => {
            *managers = attempted;
            return Ok(merged);
        }
        Err(conflicts) => conflicts,
    };
    let allowed = last_applied::owned(live, context);
    let Some(allowed) = allowed else { return Err(conflicts) };
    let left: Vec<Conflict> = conflicts.into_iter().filter(|conflict| !allowed.has(&conflict.path)).collect();
    if left.is_empty() { update::apply(live, applied, managers, writer, true, context) } else { Err(left) }
}

fn check(live: Option<&Value>, applied: &Value, context: &Context<'_>) -> Result<(), Status> {
    if depth::exceeds(applied, depth::MAX) || live.is_some_and(|live| depth::exceeds(live, depth::MAX)) {
        return Err(Status::bad_request(depth::message()));
    }
    let version = applied.api_version().unwrap_or_default();
    if version != context.api_version {
        return Err(Status::bad_request(format!(
            "Incorrect version specified in apply patch. Specified patch version: {version}, expected: {}",
            context.api_version
        )));
    }
    if let Some(kind) = live.and_then(ObjectExt::kind)
        && applied.kind() != Some(kind)
    {
        return Err(Status::bad_request(format!("invalid object type: {}", gvk(applied))));
    }
    if applied.pointer("/metadata/managedFields").is_some_and(|entries| !entries.is_null()) {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    Ok(())
}

/// `default/web; apps/v1, Kind=Deployment`
fn subject(object: &Value) -> String {
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name().unwrap_or_default());
    format!("{namespace}/{name}; {}", gvk(object))
}

fn gvk(object: &Value) -> String {
    let gvk = GroupVersionKind::of(object).unwrap_or_default();
    format!("{}/{}, Kind={}", gvk.group, gvk.version, gvk.kind)
}

/// `new` with the managedFields that a create (`live` is `None`), update or patch by this manager leaves. managedFields sent
/// by the client are honoured on the main resource when they are well formed, `[]` and `[{}]` reset them, and anything else
/// keeps the live ones. Times stay when nothing changed.
pub fn track_update(live: Option<&Value>, new: Value, context: &Context<'_>) -> Value {
    let nothing;
    let old = match live {
        Some(live) => live,
        None => {
            nothing = empty(&new);
            &nothing
        }
    };
    if depth::exceeds(&new, depth::MAX) || depth::exceeds(old, depth::MAX) {
        return new;
    }
    let mut managers = sent_or_live(old, &new, context);
    let mut new = new;
    managed::remove(&mut new);
    // An object that exists without managers was reset, or is older than tracking: it stays untracked until an apply.
    if !(managers.is_empty() && old.uid().is_some_and(|uid| !uid.is_empty())) {
        let mut bare = old.clone();
        managed::remove(&mut bare);
        record_update(&bare, &new, &mut managers, context);
        managed::cap(&mut managers);
    }
    managed::encode(&mut new, &managers);
    keep_times(old, new)
}

/// An object of the kind in which nothing is set: structs that upstream always prints are there before a create, so nobody owns
/// them.
fn empty(of: &Value) -> Value {
    let (api_version, kind) = (of.api_version().unwrap_or_default(), of.kind().unwrap_or_default());
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let mut empty = json!({});
    if kind != "CustomResourceDefinition" {
        builtin::canonicalize(group, version, kind, &mut empty);
    }
    empty
}

fn sent_or_live(live: &Value, new: &Value, context: &Context<'_>) -> Managers {
    let of_live = || managed::decode(live).unwrap_or_default();
    if !context.subresource.is_empty() {
        return of_live();
    }
    if managed::is_reset(new) {
        return Managers::new();
    }
    managed::decode(new).ok().filter(|managers| !managers.is_empty()).unwrap_or_else(of_live)
}

/// Adds what this write changed to the manager's entry. The write itself is a manager of its own at first, so that an entry
/// (and its time) only changes when the write changed something.
fn record_update(live: &Value, new: &Value, managers: &mut Managers, context: &Context<'_>) {
    let current = Identity::new("current-operation", Operation::Update, "", "");
    update::update(live, new, managers, &current, context);
    managed::strip(managers, &current);
    let Some(mut owned) = managers.remove(&current) else { return };
    let writer = context.identity(Operation::Update);
    if let Some(before) = managers.get(&writer) {
        owned.set = owned.set.union(&before.set);
    }
    owned.time = Some(context.now.to_string());
    managers.insert(writer, owned);
}

/// The live managedFields when only their times differ, so that a write without effect is one.
fn keep_times(live: &Value, mut new: Value) -> Value {
    if unchanged(live, &new)
        && let Some(entries) = live.pointer("/metadata/managedFields")
    {
        new.metadata_mut().insert("managedFields".into(), entries.clone());
    }
    new
}

/// Whether a write changes nothing: equal but for the times in managedFields and a resourceVersion that was not sent. Such
/// a write keeps its resourceVersion and emits no event.
pub fn unchanged(live: &Value, new: &Value) -> bool {
    let versions = (live.resource_version(), new.resource_version());
    let same_version = versions.1.is_none() || versions.0 == versions.1;
    same_version && equal_but(live, new, &["metadata"]) && same_metadata(live.get("metadata"), new.get("metadata"))
}

fn same_metadata(live: Option<&Value>, new: Option<&Value>) -> bool {
    let (live, new) = (live.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null));
    let same_entries = match (live.get("managedFields"), new.get("managedFields")) {
        (Some(Value::Array(live)), Some(Value::Array(new))) => {
            live.len() == new.len() && live.iter().zip(new).all(|(live, new)| equal_but(live, new, &["time"]))
        }
        (live, new) => live == new,
    };
    same_entries && equal_but(live, new, &["managedFields", "resourceVersion"])
}

/// Whether two maps (or other values) are equal, whatever stands under these keys.
fn equal_but(one: &Value, other: &Value, ignored: &[&str]) -> bool {
    let (Value::Object(one), Value::Object(other)) = (one, other) else { return one == other };
    let counted = |fields: &serde_json::Map<String, Value>| {
        fields.len() - ignored.iter().filter(|key| fields.contains_key(**key)).count()
    };
    counted(one) == counted(other)
        && one
            .iter()
            .filter(|(key, _)| !ignored.contains(&key.as_str()))
            .all(|(key, value)| other.get(key) == Some(value))
}
