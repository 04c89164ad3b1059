//! Writes to the Kubernetes API.

use api::names::ObjectRef;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Reason;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Write {
    pub target: ObjectRef,
    pub verb: Verb,
    pub reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "camelCase")]
pub enum Verb {
    /// Server-side apply with the controller's field manager. `force` takes fields over from other managers.
    Apply { object: Value, force: bool },
    /// Create, failing when it exists.
    Create { object: Value },
    /// RFC 7386 merge patch of the main resource. A `metadata.resourceVersion` or `metadata.uid` in it is a precondition.
    Merge { patch: Value },
    /// Delete this very object: the uid is a precondition.
    Delete { uid: String, propagation: Propagation },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Propagation {
    Foreground,
    Background,
    Orphan,
}

/// RFC 7386 merge patch of the status subresource; never sent when it would change nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatusPatch {
    pub target: ObjectRef,
    /// `{"status": {...}}`
    pub patch: Value,
    pub reason: Reason,
}
