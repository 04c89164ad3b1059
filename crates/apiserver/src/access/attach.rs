//! Access control of a server's [`Objects`]: the entry points that the rest of this crate calls.

use std::sync::Arc;

use api::status::Status;
use axum::Router;
use serde_json::Value;

use super::{Access, Identity, Settings, SpaceReader, StaticToken, TOKEN_SECS_MAX, rbac};
use crate::{
    ApiServer, Objects,
    rest::{self, RequestInfo},
};

/// Access control over the objects' space.
pub(crate) fn of(objects: &Objects) -> Access {
    Access::new(Arc::new(SpaceReader(objects.space().clone())), settings(objects))
}

fn settings(objects: &Objects) -> Settings {
    let config = objects.config();
    Settings {
        clock: config.clock.clone(),
        entropy: config.entropy.clone(),
        issuer: config.issuer.clone(),
        audiences: vec![config.issuer.clone()],
        keys: config.signing_key.clone(),
        static_tokens: Vec::new(),
        token_secs_max: TOKEN_SECS_MAX,
    }
}

/// See [`Access::protect`].
pub(crate) fn protect(inner: Router, objects: Objects) -> Router {
    of(&objects).protect(inner)
}

impl ApiServer {
    /// [`ApiServer::router`] with more: tokens that are known from outside (the data directory's own), and routes that are
    /// served behind the same access control before the API is (`serve::health::routes`, `serve::metrics::routes`).
    pub fn network(&self, tokens: Vec<StaticToken>, routes: Router) -> Router {
        let settings = Settings { static_tokens: tokens, ..settings(self.objects()) };
        let access = Access::new(Arc::new(SpaceReader(self.objects().space().clone())), settings);
        access.protect(routes.fallback_service(rest::router(self.objects().clone())))
    }
}

/// See [`Access::in_process`].
pub(crate) fn in_process(inner: Router, objects: Objects, identity: Identity) -> Router {
    of(&objects).in_process(inner, identity)
}

/// The keys that verify this cluster's service account tokens. Makes the signing key when there is none yet.
pub(crate) fn jwks(objects: &Objects) -> jose::Jwks {
    of(objects).settings().keys.jwks().unwrap_or_default()
}

/// Answers the kinds that are questions and `serviceaccounts/NAME/token`; `body` is the decoded object.
pub(crate) async fn review(
    objects: &Objects,
    info: &RequestInfo,
    identity: &Identity,
    body: Value,
) -> Result<Value, Status> {
    super::review::review(&of(objects), info, identity, body)
}

/// The token that belongs into a Secret of type `kubernetes.io/service-account-token`.
pub(crate) fn token_for_secret(objects: &Objects, account: &Value, secret: &Value) -> Result<String, Status> {
    super::token::issue_for_secret(of(objects).settings(), account, secret)
}

/// To be asked before a role or a binding is written: refuses to grant what the author does not hold, and to change a roleRef.
/// `Ok` for anything else than an RBAC object.
pub(crate) fn check_grant(
    objects: &Objects,
    info: &RequestInfo,
    identity: &Identity,
    old: Option<&Value>,
    new: &Value,
) -> Result<(), Status> {
    if info.group != rbac::GROUP {
        return Ok(());
    }
    of(objects).authorizer().check_grant(identity, info, old, new)
}

/// Makes the bootstrap roles and bindings that are not there.
pub(crate) async fn bootstrap(objects: &Objects) -> Result<(), Status> {
    let wanted = [
        ("clusterroles", rbac::bootstrap::cluster_roles()),
        ("clusterrolebindings", rbac::bootstrap::cluster_role_bindings()),
    ];
    for (plural, wanted) in wanted {
        let resource = objects
            .resource(rbac::GROUP, "v1", plural)
            .ok_or_else(|| Status::internal(format!("{plural} are not among the built-in kinds")))?;
        objects.seed(&resource, wanted).await?;
    }
    Ok(())
}
