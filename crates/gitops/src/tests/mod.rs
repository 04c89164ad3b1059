//! Scripted passes against a small pretended cluster and repository: what is asked, what is done, what the status says.

mod apps;
mod deletion;
mod helm;
mod hooks;
mod manual;
mod refusals;
mod sync;
mod waves;
pub(crate) mod world;

use world::World;
