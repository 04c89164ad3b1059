//! The semantics of Kubernetes objects, as pure functions over JSON values: structural schemas (prune, default, validate),
//! JSON, merge and strategic-merge patches, server-side apply with managedFields, selectors, tables, and the facts of the
//! built-in kinds.
//!
//! Must not depend on tokio, axum, hyper or kube, and reads no clock: `now` is an argument.

pub mod apply;
pub mod builtin;
pub(crate) mod cel;
pub mod condition;
pub mod depth;
pub mod diff;
pub mod field;
pub mod names;
pub mod patch;
pub mod schema;
pub mod selector;
pub mod table;
