//! Findings: what a person should know about the input before anything happens.

use api::names::ObjectRef;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

/// Names the object, the field, what was expected and the fix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub severity: Severity,
    /// A stable short name: `UnknownField`, `UnsupportedUpstream`, `GloballyUniqueName`, `CredentialNotInGit`, `SecretInGit`.
    pub code: String,
    pub object: Option<ObjectRef>,
    /// `spec.owner.kind`; empty when it is about the whole object.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    pub message: String,
    pub fix: String,
}
