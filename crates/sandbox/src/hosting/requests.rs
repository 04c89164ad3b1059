//! How a request finds its cluster: by host name, at the time of the request.

use api::{Redacted, status::Status};
use apiserver::{
    Identity,
    access::{PeerCertificate, StaticToken, refusal},
    rest::Below,
};
use async_trait::async_trait;
use axum::{Router, extract::Request, response::Response};
use controllers::cluster::{Cluster, Error, Remotes};
use http::Uri;
use tower::ServiceExt;
use twin::CredentialRole;

use super::{Hosting, kubeconfig};

/// Who writes to hosted clusters through a kubeconfig in this process.
const MANAGER: &str = "capi-manager";
pub(super) const ROLES: [CredentialRole; 2] = [CredentialRole::Admin, CredentialRole::User];
/// Azure's group of those who hold the administrator's credential.
pub(super) const ADMINS: &str = "system:masters";

impl Hosting {
    /// The clusters below `/clusters/HOST/`, for the listener. Each knows its own users only.
    pub fn router(&self) -> Router {
        let hosting = self.clone();
        Router::new().route(
            &format!("{}{{host}}/{{*rest}}", kubeconfig::PATH),
            axum::routing::any(move |request: Request| {
                let hosting = hosting.clone();
                async move { hosting.network_request(request).await }
            }),
        )
    }

    async fn network_request(&self, mut request: Request) -> Response {
        let Some((host, uri)) = below(request.uri()) else {
            return refusal(&Status::failure(404, "NotFound", "the path names no cluster"));
        };
        *request.uri_mut() = uri;
        request.extensions_mut().insert(Below(format!("{}{host}", kubeconfig::PATH)));
        // A certificate of the management cluster says nothing here.
        request.extensions_mut().remove::<PeerCertificate>();
        match self.server(&host) {
            Some(server) => answered(server.network.oneshot(request).await),
            None => refusal(&unreachable(&host)),
        }
    }

    /// Who may come in with a token of the kubeconfigs: both are administrators until the cluster's own RBAC says less.
    pub(super) fn tokens(&self, host: &str) -> Vec<StaticToken> {
        ROLES.map(|role| StaticToken { token: self.token(host, role), identity: identity(role) }).into()
    }

    fn role_of(&self, host: &str, token: &Redacted<String>) -> Option<CredentialRole> {
        ROLES.into_iter().find(|role| self.token(host, *role).reveal() == token.reveal())
    }
}

#[async_trait]
impl Remotes for Hosting {
    async fn connect(&self, kubeconfig: &Redacted<String>) -> Result<Cluster, Error> {
        let (host, token) =
            kubeconfig::read(kubeconfig.reveal()).map_err(|why| Error::Request(format!("kubeconfig: {why}")))?;
        if !self.is_wanted(&host) {
            let why = format!("{host} is no cluster of this process, and others are not reached yet");
            return Err(Error::Request(why));
        }
        let role = self.role_of(&host, &token);
        let role = role.ok_or_else(|| Error::Request(format!("the kubeconfig's token is not one of {host}")))?;
        let hosting = self.clone();
        let router = Router::new().fallback(move |request: Request| {
            let (hosting, host) = (hosting.clone(), host.clone());
            async move {
                match hosting.server(&host) {
                    Some(server) => answered(server.in_process(role).oneshot(request).await),
                    None => refusal(&unreachable(&host)),
                }
            }
        });
        Ok(Cluster::new(kube::Client::new(router, "default"), MANAGER))
    }
}

pub(super) fn identity(role: CredentialRole) -> Identity {
    match role {
        CredentialRole::Admin => Identity::user("clusterAdmin", [ADMINS.to_owned()]),
        CredentialRole::User => Identity::user("clusterUser", [ADMINS.to_owned()]),
    }
}

/// `/clusters/HOST/api/v1?x` to the host and `/api/v1?x`.
fn below(uri: &Uri) -> Option<(String, Uri)> {
    let rest = uri.path().strip_prefix(kubeconfig::PATH)?;
    let (host, path) = rest.split_once('/')?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some((host.to_ascii_lowercase(), format!("/{path}{query}").parse().ok()?))
}

fn unreachable(host: &str) -> Status {
    Status::failure(
        503,
        "ServiceUnavailable",
        format!("cluster {host} does not run: it is stopped, deleted or about to start"),
    )
}

fn answered(answer: Result<Response, std::convert::Infallible>) -> Response {
    match answer {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
