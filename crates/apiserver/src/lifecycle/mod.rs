//! Controllers that are part of the server: garbage collection, namespace termination, CRD cleanup, event expiry.

use crate::Objects;

/// Runs until dropped.
pub(crate) async fn run(_objects: Objects) {
    std::future::pending::<()>().await;
}
