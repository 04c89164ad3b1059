//! The shells of the controllers: they observe, ask a pure decide function, and execute what it says.
//!
//! Entry points: [`application::run`](application), [`aso::run`](aso), [`capi::run`](capi) and [`workloads::run`], each given a
//! [`cluster::Cluster`] (the Kubernetes API as this controller's own service account). [`runtime`] is the work queue that all share, [`why`] walks from
//! an object to the lowest cause.
//!
//! No domain decision is made here: an `if` about Argo CD, Cluster API, Azure or pods belongs into `gitops`, `capi`, `aso` or
//! `workloads`.
//! Controllers reach the Kubernetes API only through `kube::Client`, and Azure only through `arm`.

pub mod application;
pub mod aso;
pub mod capi;
pub mod cluster;
pub mod runtime;
pub mod why;
pub mod workloads;
