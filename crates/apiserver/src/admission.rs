//! The seam for what upstream does in the webhooks of its own controllers: defaults of custom resources that a schema cannot
//! state, because they depend on other fields. Pure, in this process, and part of the write: a dry run shows them too.

use std::{fmt, sync::Arc};

use serde_json::Value;

/// Fills in custom resources before they are validated.
pub trait Admission: Send + Sync + fmt::Debug {
    /// For writes of whole objects, not of subresources. Must be idempotent.
    fn default(&self, group: &str, kind: &str, object: &mut Value);
}

pub type SharedAdmission = Arc<dyn Admission>;

/// Nothing is filled in.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAdmission;

impl Admission for NoAdmission {
    fn default(&self, _group: &str, _kind: &str, _object: &mut Value) {}
}
