//! What Azure Service Operator does, as pure functions: specs to ARM requests, ARM's answers to statuses, and the decision
//! what to do next for one Azure object. The kinds are those of the catalogue; there is no struct per kind.
//!
//! Entry points: [`decide`] (one step of a pass), [`Observed`] and [`Query`] (its seam to the shell),
//! [`credential::resolve`] (which Secret, which mode), [`convert`] (bodies and statuses), [`admit`] (what upstream's webhooks
//! do), [`findings`] (what a person should know beforehand).
//!
//! Must not depend on tokio, kube or `arm`, reads no clock, and knows no transport.

pub mod admit;
pub mod arm_id;
pub mod convert;
pub mod credential;
mod decide;
mod dependencies;
pub mod findings;
pub mod names;
mod observed;
pub mod owner;
mod problem;
mod ready;

pub use decide::{decide, decide_with};
pub use dependencies::{dependencies, shown_in};
pub use observed::{Env, Observed, Progress, Query, wakes_on};
pub use problem::{Problem, Severity};
