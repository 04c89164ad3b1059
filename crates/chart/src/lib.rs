//! Helm charts to manifests: loading from a set of files, values, rendering, hooks. Reads no file and no network.
//!
//! Entry points: [`Chart::load`] (once; immutable afterwards and shared between threads), [`render`] (as often as wanted),
//! [`Rendered::text`] (what `helm template` prints).

mod error;
pub mod files;
mod loaded;
mod manifests;
mod render;
mod schema;
mod unused;
pub mod values;

pub use error::Error;
pub use loaded::{Chart, Dependency, Metadata};
pub use manifests::{Hook, Manifest, Rendered, Show};
pub use render::{Release, name_from, render};
pub use unused::{Finding, findings};
