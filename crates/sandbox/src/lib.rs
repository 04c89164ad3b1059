//! A whole platform in one process: the Kubernetes API, the controllers, the twin of Azure.
//!
//! Entry points: [`Platform`] (the one composition, which `windlass up` runs over a durable store and the real clock, and
//! tests, simulation and `plan` run in memory under virtual time), [`plan`] (the difference of two converged platforms),
//! [`workshop`] (what the workshop's text prepares by hand), [`settle`] (waiting until nothing changes any more).
//!
//! It opens no socket and reads no environment: clock, entropy, store and repositories are handed in.

mod azure;
pub mod hosting;
pub mod install;
pub mod plan;
mod platform;
pub mod settle;
mod virtual_time;
mod wires;
pub mod workshop;

pub use apiserver::Limits;
pub use azure::{AzureAlone, AzureOptions};
pub use platform::{AZURE_SPACE, Azure, CLUSTER_SPACE, Error, Keys, Options, Platform, open_twin};
pub use virtual_time::{SeededEntropy, VirtualClock};
pub use wires::Wires;
