//! Application's behaviour as a pure function: manifests out of files and charts, comparison, sync, health, status, deletion.
//!
//! Entry points: [`decide`] (what to look at, then what to do), [`crds`] (the served definitions), [`findings`] (what
//! `plan` says about an Application before anything happens), [`health::of`] (how a live object is), [`compatibility`] (what of
//! Argo CD's API is supported, ignored or refused).
//!
//! Must not depend on tokio, kube or `source`, knows no Azure beyond reading a Ready condition, and reads no clock.

mod autosync;
mod compare;
pub mod compatibility;
mod crds;
mod decide;
mod deletion;
mod duration;
pub mod findings;
mod glob;
pub mod health;
pub mod helm;
pub mod manifests;
mod observed;
mod operation;
mod project;
mod recorded;
mod status;
mod sync;
pub mod tracking;
mod validate;
mod warnings;

pub use crds::crds;
pub use decide::decide;
pub use observed::{
    Capabilities, ChartFiles, ChartKey, DryRun, Env, Observed, Polling, Query, RevisionKey, Scope, SourceFailure,
    SourceFailureKind, TreeKey, Written,
};

#[cfg(test)]
mod tests;
