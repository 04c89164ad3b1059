//! The Kubernetes HTTP API over a [`store::Space`]: an axum `Router`, no listener.
//!
//! Entry points: [`ApiServer::start`], [`ApiServer::router`] (network), [`ApiServer::in_process`] (`kube::Client` in this
//! process), [`Objects`] (stored objects without HTTP, for the controllers that live inside of the server).
//!
//! The seam inside of this crate: a request meets `access` (who is it, may it do that) and arrives at `rest` with an
//! [`access::Identity`] in its extensions. `rest` reads, asks the pure `admit` what to write, and commits once.
//! `lifecycle` (garbage collection, namespaces, CRD cleanup) works through [`Objects`] and knows no HTTP.
//! This crate converts no versions of custom resources beyond rewriting apiVersion.

pub mod access;
pub mod admission;
pub mod lifecycle;
pub mod objects;
pub mod pki;
pub mod registry;
pub mod rest;
pub mod serve;

mod admit;
mod bootstrap;
pub mod crd;
mod server;
pub mod webhook;

pub use access::Identity;
pub use objects::Objects;
pub use registry::{Registry, Resource};
pub use server::{ApiServer, Config, Limits};
