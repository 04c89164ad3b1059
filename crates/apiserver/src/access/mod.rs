//! Who sends a request and may it do that. Placeholder until the real one lands.

use api::status::Status;
use axum::Router;
use serde_json::Value;

pub mod identity;

pub use identity::Identity;

use crate::{Objects, rest::RequestInfo};

/// Makes the bootstrap RBAC objects.
pub(crate) async fn bootstrap(_objects: &Objects) -> Result<(), Status> {
    Ok(())
}

/// Network: authenticates, authorizes, puts the [`Identity`] into the request's extensions; serves the OIDC documents.
pub(crate) fn protect(inner: Router, _objects: Objects) -> Router {
    inner
}

/// In-process: as that identity; authorizes.
pub(crate) fn in_process(inner: Router, _objects: Objects, identity: Identity) -> Router {
    inner.layer(axum::Extension(identity))
}

pub(crate) fn jwks(objects: &Objects) -> jose::Jwks {
    let _ = objects;
    jose::Jwks { keys: Vec::new() }
}

/// Creates that are answered, not stored: `serviceaccounts/NAME/token`, `*accessreviews`, `selfsubjectrulesreviews`,
/// `selfsubjectreviews`, `tokenreviews`. `body` is the decoded object (JSON, YAML or protobuf alike).
pub(crate) async fn review(
    _objects: &Objects,
    info: &RequestInfo,
    _identity: &Identity,
    _body: Value,
) -> Result<Value, Status> {
    Err(Status::method_not_allowed(format!("{} is not served yet", info.resource)))
}
