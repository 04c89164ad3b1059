//! Bad input, end to end: what a person reads in `kubectl describe`, in `why` and in `plan`, that the rest still syncs where
//! Argo CD would sync it, and that mending the input is enough.
//!
//! Each test breaks one thing, compares everything that is then said with a golden text, mends it, and asks for convergence
//! and an hour of silence.

mod azure;
mod git;
mod report;
#[allow(dead_code, reason = "scenarios of several tests share it")]
#[path = "../support/mod.rs"]
mod support;
mod world;
