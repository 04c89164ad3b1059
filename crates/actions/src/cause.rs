//! Why something is not ready: a chain from the object a person asked about down to the lowest cause.

use serde::{Deserialize, Serialize};

/// One link: who says what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// `Application/app-project-env-recursive -n argocd`, `PUT /subscriptions/...`, `Entra ID`.
    pub subject: String,
    /// The condition, reason or error code: `Ready=False VaultAlreadyExists`.
    pub says: String,
    pub message: String,
}

/// From the asked-about object (first) to the lowest cause (last), with the next step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chain {
    pub healthy: bool,
    pub causes: Vec<Cause>,
    /// What a person does now: a command or an edit.
    pub next_step: String,
}
