//! Sample 1 of the workshop from Git to Azure: what a commit makes of an AKS cluster, as the exact requests to Azure, as what
//! people see of the cluster, and as what is said where Azure or somebody else stands in the way.
//!
//! Everything runs on a paused clock in one thread; a report is made when nothing has been written for some minutes.

#![expect(clippy::too_many_lines, reason = "goldens are long")]

mod changes;
mod failures;
mod removal;
mod report;
#[allow(dead_code, reason = "scenarios of several tests share it")]
#[path = "../support/mod.rs"]
mod support;
mod world;
