//! Helm charts to manifests: loading from a set of files, values, rendering, hooks, release records. Reads no file and no network.
//!
//! Entry points: [`Chart::load`] (once; immutable afterwards and shared between threads), [`render`] (as often as wanted),
//! [`Rendered::text`] (what `helm template` prints). A service keeps charts and documents in
//! [`Charts`]; a program that renders once and has processors to spare gives them to [`Ahead`].

mod ahead;
mod cache;
mod documents;
mod error;
pub mod files;
#[cfg(test)]
mod hostile;
mod loaded;
mod manifests;
pub mod record;
mod render;
mod schema;
#[cfg(test)]
mod testing;
mod unused;
pub mod values;

pub use ahead::Ahead;
pub use cache::Charts;
pub use documents::{Document, Documents, HookInfo};
pub use error::Error;
pub use loaded::{Chart, Dependency, Metadata};
pub use manifests::{Hook, Manifest, Rendered, Show};
pub use render::{Release, name_from, render};
pub use unused::{Finding, findings};
