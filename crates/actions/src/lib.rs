//! What the platform does, as plain values: the vocabulary that the running platform executes, `plan` prints, `why`
//! explains and tests compare.
//!
//! Entry points: [`Action`] (one variant per seam), [`Decision`] (what a decide function returns), [`Cause`] (a link of a
//! `why` chain), [`Finding`] (something a person should know before it happens).
//!
//! This crate knows no controller and does no I/O. Controllers build these values; they never extend them.

mod arm;
mod cause;
mod decision;
mod finding;
mod write;

pub use arm::{ArmError, ArmMethod, ArmOperation, ArmRequest, ArmResponse, OperationStyle};
pub use cause::{Cause, Chain};
pub use decision::{Action, Decision, Outcome, Reason, Requeue};
pub use finding::{Finding, Severity};
pub use write::{Propagation, StatusPatch, Verb, Write};
