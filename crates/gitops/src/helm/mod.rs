//! Helm as a source of an Application: `spec.source.helm` read and checked, versions of a chart, files of values, the render.
//!
//! A render is a [`Request`] that holds everything it depends on, so that its outcome can be remembered under its digest. The
//! chart's files are brought by whoever answers the query; [`Renderer`] makes manifests of them, in memory, as `helm template`
//! of helm 3 does when Argo CD's repo server calls it. No chart's dependencies are fetched: they stand in `charts/`.

mod expand;
mod options;
mod paths;
mod render;
mod request;
mod version;

pub(crate) use expand::Build;
pub(crate) use options::{Options, is_registry, problems};
pub(crate) use paths::{Place, resolve};
pub use render::{Rendered, Renderer};
pub use request::{Files, Request, SetFile};
pub(crate) use version::{is_version, max_version, plain_kube_version};

#[cfg(test)]
mod tests;
