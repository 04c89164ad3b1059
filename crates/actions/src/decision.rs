//! Actions, their reasons, and what a decide function returns.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{ArmRequest, StatusPatch, Write};

/// Why something is done, in the user's words: one line, no trailing full stop, names the field or object that asked for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reason(pub String);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<T: Into<String>> From<T> for Reason {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

/// One thing to do. Every variant is idempotent, so that a crash between any two of them is harmless.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "camelCase")]
pub enum Action {
    /// A write to the Kubernetes API outside of a status subresource.
    Write(Write),
    /// A merge patch of a status subresource.
    Status(StatusPatch),
    /// A request to Azure Resource Manager. Its response is part of what is observed in the next round of the same pass.
    Arm { request: ArmRequest, reason: Reason },
}

/// When to look again when nothing changes in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Requeue {
    /// Only when a watched object changes.
    OnChange,
    After(Duration),
    /// Retry with the controller's backoff: the pass ended in an error that may go away.
    Backoff,
}

/// What a pure decide function answers: either what it still needs to know, or what to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision<Query> {
    Need(Vec<Query>),
    Do(Outcome),
}

/// The end of a round. With `again`, the shell executes the actions, adds their responses to what was observed, and asks
/// once more (bounded by the shell); otherwise the pass ends with `requeue`.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub actions: Vec<Action>,
    pub requeue: Requeue,
    pub again: bool,
}

impl Outcome {
    /// Nothing to do until something changes.
    pub fn settled() -> Self {
        Self { actions: Vec::new(), requeue: Requeue::OnChange, again: false }
    }

    pub fn done(actions: Vec<Action>, requeue: Requeue) -> Self {
        Self { actions, requeue, again: false }
    }

    pub fn again(actions: Vec<Action>) -> Self {
        Self { actions, requeue: Requeue::Backoff, again: true }
    }
}
