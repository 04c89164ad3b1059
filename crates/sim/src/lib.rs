//! Deterministic simulation: the whole platform in one thread on a paused clock, over Sample 2 of the workshop, while Git
//! changes, requests fail and the process dies at chosen commits. One seed decides everything; the same seed is the same run.
//!
//! Entry points: [`run`] (one seed), [`crash::sweep`] (a death at every commit), and the program of the same name
//! (`cargo xtask sim`). What must hold is in [`check`]: nothing that Git wants is ever deleted, the platform converges after
//! the faults have healed, and then it is silent.
//!
//! It simulates no sockets, no TLS and no git program, and only tests depend on it.

mod base;
pub mod check;
pub mod crash;
mod dice;
mod git;
mod script;
mod space;
mod trace;
mod weather;
mod world;

pub use trace::Trace;
pub use world::{Outcome, Plan, run};

#[cfg(test)]
mod tests;
