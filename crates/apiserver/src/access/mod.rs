//! Who sends a request, and may it do that.
//!
//! [`Access::protect`] and [`Access::in_process`] wrap the REST handlers: nothing reaches them without an [`Identity`] in the request's
//! extensions, and nothing that RBAC does not allow to that identity. What a handler must ask by itself: [`check_grant`] for
//! writes of roles and bindings (their contents grant), [`review`] for the kinds that are questions.
//!
//! Flow of a network request: OIDC documents are answered to anyone; then client certificate, static token or service account
//! token; without credentials only health and version are left; then impersonation; then RBAC.
//! Not here: TLS and Host checks (`serve`), admission of anything but RBAC objects.

mod attach;
mod authenticate;
mod identity;
mod impersonate;
mod keys;
mod oidc;
mod reader;
mod review;
mod token;

pub(crate) mod rbac;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use api::{
    env::{SharedClock, SharedEntropy},
    status::Status,
};
use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, Method,
    header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde_json::Value;

pub(crate) use attach::{bootstrap, check_grant, in_process, jwks, protect, review, token_for_secret};
pub use authenticate::{PeerCertificate, StaticToken};
pub use identity::Identity;
pub use keys::Keys;

pub(crate) use token::SECRET_TYPE as TOKEN_SECRET_TYPE;

pub(crate) use reader::{Reader, SpaceReader};

use crate::rest::RequestInfo;

/// What may be asked without any credential, besides the OIDC documents: RBAC (`system:public-info-viewer`) decides too.
const PUBLIC: [&str; 5] = ["/healthz", "/livez", "/readyz", "/version", "/version/"];

/// A day: longer lives are shortened.
pub(crate) const TOKEN_SECS_MAX: i64 = 24 * 3600;

/// What access control needs to know from outside.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) clock: SharedClock,
    pub(crate) entropy: SharedEntropy,
    pub(crate) issuer: String,
    /// What a token must be meant for to be accepted here, and what it is meant for when a TokenRequest does not say.
    pub(crate) audiences: Vec<String>,
    pub(crate) keys: Keys,
    pub(crate) static_tokens: Vec<StaticToken>,
    pub(crate) token_secs_max: i64,
}

/// Who really sent a request that acts as somebody else: a request extension beside [`Identity`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impersonator(pub Identity);

/// Access control of one cluster. Cheap to clone; clones share the compiled policy.
#[derive(Clone, Debug)]
pub(crate) struct Access(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    reader: Arc<dyn Reader>,
    settings: Settings,
    authorizer: rbac::Authorizer,
}

impl Access {
    pub(crate) fn new(reader: Arc<dyn Reader>, settings: Settings) -> Self {
        let authorizer = rbac::Authorizer::new(reader.clone());
        Self(Arc::new(Inner { reader, settings, authorizer }))
    }

    pub(crate) fn authorizer(&self) -> &rbac::Authorizer {
        &self.0.authorizer
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Anonymous without credentials; an error for credentials that do not hold.
    pub(crate) fn authenticate(
        &self,
        certificate: Option<&PeerCertificate>,
        headers: &HeaderMap,
    ) -> Result<Identity, Status> {
        if let Some(certificate) = certificate {
            return authenticate::by_certificate(certificate);
        }
        if !headers.contains_key(AUTHORIZATION) {
            return Ok(Identity::anonymous());
        }
        let token = authenticate::bearer(headers).ok_or_else(Status::unauthorized)?;
        if let Some(identity) = authenticate::by_static_token(&self.0.settings.static_tokens, token) {
            return Ok(identity);
        }
        self.review_token(token, &[]).map(|(identity, _)| identity).map_err(|error| {
            tracing::debug!(%error, "bearer token refused");
            Status::unauthorized()
        })
    }

    /// Whose service account token it is and which of the audiences it is for (none given: this server's).
    pub(crate) fn review_token(
        &self,
        token: &str,
        audiences: &[String],
    ) -> Result<(Identity, Vec<String>), token::Error> {
        let settings = &self.0.settings;
        let audiences = if audiences.is_empty() { &settings.audiences } else { audiences };
        let verified = token::verify(self.0.reader.as_ref(), settings, token, audiences)?;
        Ok((verified.identity, verified.audiences))
    }

    pub(crate) fn issue_token(&self, namespace: &str, name: &str, request: Value) -> Result<Value, Status> {
        token::issue(self.0.reader.as_ref(), &self.0.settings, namespace, name, request)
    }

    /// Impersonation, then RBAC: the identity that the request goes on as.
    fn admit(&self, sender: Identity, request: &mut Request) -> Result<(), Status> {
        let uri = request.uri();
        let info = RequestInfo::new(request.method(), uri.path(), uri.query().unwrap_or_default());
        if sender.user.is_empty() || (sender == Identity::anonymous() && !PUBLIC.contains(&info.path.as_str())) {
            return Err(Status::unauthorized());
        }
        let other = impersonate::impersonate(&self.0.authorizer, &sender, request.headers())?;
        let identity = other.as_ref().unwrap_or(&sender);
        self.0.authorizer.authorize(identity, &info)?;
        impersonate::strip(request.headers_mut());
        request.headers_mut().remove(AUTHORIZATION);
        let extensions = request.extensions_mut();
        extensions.remove::<PeerCertificate>();
        match other {
            Some(identity) => {
                extensions.insert(identity);
                extensions.insert(Impersonator(sender));
            }
            None => {
                extensions.insert(sender);
            }
        }
        Ok(())
    }
}

impl Access {
    /// For the network: authenticates, authorizes, serves the OIDC documents.
    pub(crate) fn protect(&self, inner: Router) -> Router {
        inner.layer(middleware::from_fn_with_state(self.clone(), network))
    }

    /// For callers in this process: the identity is given, and allowed no more than it would be over the network.
    pub(crate) fn in_process(&self, inner: Router, identity: Identity) -> Router {
        inner.layer(middleware::from_fn_with_state((self.clone(), identity), given))
    }
}

async fn network(State(access): State<Access>, mut request: Request, next: Next) -> Response {
    if request.method() == Method::GET
        && let Some(document) = oidc::answer(access.settings(), request.uri().path())
    {
        return document.unwrap_or_else(|status| refusal(&status));
    }
    let certificate = request.extensions().get::<PeerCertificate>();
    let admitted =
        access.authenticate(certificate, request.headers()).and_then(|sender| access.admit(sender, &mut request));
    match admitted {
        Ok(()) => next.run(request).await,
        Err(status) => refusal(&status),
    }
}

async fn given(State((access, identity)): State<(Access, Identity)>, mut request: Request, next: Next) -> Response {
    match access.admit(identity, &mut request) {
        Ok(()) => next.run(request).await,
        Err(status) => refusal(&status),
    }
}

/// A Status as an answer, for what is refused before the REST handlers see it.
pub fn refusal(status: &Status) -> Response {
    let code = http::StatusCode::from_u16(status.code).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (code, [(CONTENT_TYPE, "application/json")], status.to_value().to_string()).into_response();
    if code == http::StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, http::HeaderValue::from_static("Bearer"));
    }
    if let Some(seconds) = status.details.as_ref().and_then(|details| details.retry_after_seconds) {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}
