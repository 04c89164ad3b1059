//! Deterministic simulation: the whole platform in one thread on a paused clock, over both samples of the workshop, while Git
//! changes, people edit and delete, requests and operations fail and the process dies at chosen commits. One seed decides
//! everything; the same seed is the same run.
//!
//! Entry points: [`run`] (one [`Plan`]), [`crash::sweep`] (a death at every commit), and the program of the same name
//! (`cargo xtask sim`). What must hold is in [`check`]: nothing that Git wants is ever deleted, the platform converges after
//! the faults have healed, what was acknowledged is there, and then all is silent.
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

pub use space::Side;
pub use trace::Trace;
pub use world::{Outcome, Plan, Story, run};

#[cfg(test)]
mod tests;
