//! `plan`: what a change in Git will do, down to every request to Azure, before anything happens.
//!
//! Two states of the repository converge one after the other in one sandbox; the plan is the difference of the two, and the
//! log of what Azure was asked in between. There is no second implementation of "what would happen".
//! Everything here runs in memory under virtual time and executes nothing that the repository contains.

mod compare;
mod document;
mod findings;
mod inputs;
mod repository;
mod run;
mod scan;
mod stand_in;

pub use document::{
    ApplicationState, AzureChange, Change, FieldChange, NotPlanned, Plan, RequestOutcome, SCHEMA_VERSION, Summary,
    Symbol,
};
pub use inputs::{Against, Inputs};
pub use run::{Error, run};

#[cfg(test)]
mod tests;
