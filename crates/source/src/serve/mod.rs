//! Serves one bare repository by Git's smart HTTP, through `git http-backend`.
//!
//! Reading may be open to everybody, if configured so; a push always needs the credential. Neither the dumb protocol nor
//! hooks are served. The router's routes begin where the repository's URL ends: nest it under that path.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use api::Redacted;
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Query, Request, State},
    response::Response,
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header};

mod access;
mod cgi;

pub use access::Access;

/// Called after every accepted push.
pub type OnPush = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
pub struct Config {
    /// The bare repository.
    pub repository: PathBuf,
    /// The credential of the data directory: the password of any user name, or a bearer token.
    pub credential: Redacted<String>,
    /// Whether reading needs no credential.
    pub anonymous_fetch: bool,
    /// The size of a request, as it is transferred.
    pub request_bytes_max: u64,
    /// One request of a client, from its first byte to the last of the answer.
    pub wall: Duration,
    pub on_push: OnPush,
}

impl Config {
    /// Nothing without the credential, pushes of up to 100 MiB.
    pub fn new(repository: impl Into<PathBuf>, credential: Redacted<String>, on_push: OnPush) -> Self {
        Self {
            repository: repository.into(),
            credential,
            anonymous_fetch: false,
            request_bytes_max: 100 << 20,
            wall: Duration::from_secs(300),
            on_push,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("repository", &self.repository)
            .field("anonymous_fetch", &self.anonymous_fetch)
            .finish_non_exhaustive()
    }
}

pub fn router(config: Config) -> Router {
    Router::new()
        .route("/info/refs", get(refs))
        .route("/git-upload-pack", post(upload_pack))
        .route("/git-receive-pack", post(receive_pack))
        // The body is streamed and counted on the way, see `cgi`.
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(config))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    Fetch,
    Push,
}

impl Config {
    /// The user name of the request, or the answer that refuses it.
    fn authorize(&self, headers: &HeaderMap, service: Service) -> Result<Option<String>, Box<Response>> {
        let access = Access::of(headers, &self.credential);
        match access {
            Access::Granted { user } => Ok(Some(user)),
            Access::None if service == Service::Fetch && self.anonymous_fetch => Ok(None),
            Access::None => Err(Box::new(unauthorized("a credential is needed"))),
            Access::Wrong => Err(Box::new(unauthorized("the credential is wrong"))),
        }
    }
}

/// The first request of every fetch and push.
async fn refs(
    State(config): State<Arc<Config>>,
    Query(query): Query<Vec<(String, String)>>,
    request: Request,
) -> Response {
    let name = query.iter().find(|(name, _)| name == "service").map(|(_, service)| service.as_str());
    let service = match name {
        Some("git-upload-pack") => Service::Fetch,
        Some("git-receive-pack") => Service::Push,
        _ => return plain(StatusCode::FORBIDDEN, "only Git's smart protocol is served"),
    };
    match config.authorize(request.headers(), service) {
        Ok(user) => cgi::Call { config, user, path: "/info/refs", request }.stream().await,
        Err(refused) => *refused,
    }
}

async fn upload_pack(State(config): State<Arc<Config>>, request: Request) -> Response {
    match config.authorize(request.headers(), Service::Fetch) {
        Ok(user) => cgi::Call { config, user, path: "/git-upload-pack", request }.stream().await,
        Err(refused) => *refused,
    }
}

async fn receive_pack(State(config): State<Arc<Config>>, request: Request) -> Response {
    let user = match config.authorize(request.headers(), Service::Push) {
        Ok(user) => user,
        Err(refused) => return *refused,
    };
    let on_push = config.on_push.clone();
    let call = cgi::Call { config, user, path: "/git-receive-pack", request };
    // A task of its own: a client that goes away must not stop a push that is half done, nor its announcement.
    let push = tokio::spawn(async move {
        let (response, pushed) = call.collect().await;
        if pushed && response.status().is_success() {
            on_push();
        }
        response
    });
    push.await.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "the push failed"))
}

fn unauthorized(message: &'static str) -> Response {
    let mut response = plain(StatusCode::UNAUTHORIZED, message);
    let challenge = header::HeaderValue::from_static("Basic realm=\"windlass\", charset=\"UTF-8\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

fn plain(status: StatusCode, message: &'static str) -> Response {
    let mut response = Response::new(Body::from(format!("{message}\n")));
    *response.status_mut() = status;
    let text = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}
