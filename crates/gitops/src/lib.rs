//! Application's behaviour as a pure function: manifests out of files, comparison, sync, health, status, deletion.
//!
//! Entry points: [`decide`](decide::decide) (what to look at, then what to do), [`crds`] (the served definitions),
//! [`findings`] (what `plan` says about an Application before anything happens).
//!
//! Must not depend on tokio, kube or `source`, knows no Azure beyond reading its Ready condition, and reads no clock.

mod crds;
mod glob;
pub mod health;
pub mod manifests;
pub mod tracking;

pub use crds::crds;
