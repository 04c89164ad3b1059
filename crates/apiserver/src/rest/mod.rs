//! The REST layer: one fallback handler for every kind. It reads what a request asks for, looks the resource up, and hands
//! over to the module of the verb. Who asks, and whether they may, has been settled before.

mod accept;
mod body;
mod change;
pub(crate) mod discovery;
pub(crate) mod metrics;
pub(crate) mod openapi;
mod options;
mod pod;
pub mod query;
mod read;
pub mod request_info;
mod respond;
mod select;
mod strict_json;
mod watch;

use std::sync::Arc;

use api::status::Status;
use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

pub use query::Query;
pub use request_info::RequestInfo;

use crate::{Identity, Objects, Resource, access};

/// Every request that got past access control.
pub(crate) fn router(objects: Objects) -> Router {
    Router::new().fallback(move |request: Request| {
        let objects = objects.clone();
        async move { handle(objects, request).await }
    })
}

/// A request, taken apart.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) info: RequestInfo,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) identity: Identity,
    /// See [`Below`]; empty at the root.
    pub(crate) below: String,
    pub(crate) body: Bytes,
}

/// The path that this server is found below, `/clusters/HOST`, where the listener has others too. Set as a request extension by
/// whoever takes it off the path. The server names its own addresses with it: kubectl 1.27.0 and 1.27.1 ask for them as they stand
/// (kubernetes/kubernetes#117463).
#[derive(Clone, Debug)]
pub struct Below(pub String);

impl Call {
    pub(crate) fn form(&self) -> Result<accept::Form, Status> {
        accept::form(&self.headers)
    }
}

async fn handle(objects: Objects, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let info = RequestInfo::new(&parts.method, parts.uri.path(), query);
    // In-process calls go through access control too: a request without an identity is a mistake of the wiring.
    let Some(identity) = parts.extensions.get::<Identity>().cloned() else {
        return respond::failure(&Status::unauthorized());
    };
    let below = parts.extensions.get::<Below>().map(|Below(path)| path.clone()).unwrap_or_default();
    let body = match body::read(body).await {
        Ok(body) => body,
        Err(status) => return respond::failure(&status),
    };
    let call =
        Call { query: Query::parse(query), method: parts.method, info, headers: parts.headers, identity, below, body };
    let begun = tokio::time::Instant::now();
    let answer = if call.info.is_resource { resource(&objects, &call).await } else { document(&objects, &call) };
    let response = answer.unwrap_or_else(|status| respond::failure(&status));
    if response.status() != StatusCode::NOT_FOUND {
        // Labels of what is not served would be whatever a client makes up.
        objects.metrics().observe(&call.info, response.status(), begun.elapsed());
    }
    response
}

/// 404 for a path below `/api` or `/apis` that names nothing.
fn no_such_path() -> Status {
    let mut status = Status::failure(404, "NotFound", "the server could not find the requested resource");
    status.details = Some(api::status::Details::default());
    status
}

fn no_such_method() -> Status {
    let mut status = Status::method_not_allowed("the server does not allow this method on the requested resource");
    status.details = Some(api::status::Details::default());
    status
}

/// Paths of resources.
async fn resource(objects: &Objects, call: &Call) -> Result<Response, Status> {
    let info = &call.info;
    let resource = objects.registry().get(&info.group, &info.version, &info.resource).ok_or_else(no_such_path)?;
    let in_namespace = !info.namespace.is_empty() && !resource.is("", "namespaces");
    let named = matches!(info.verb.as_str(), "get" | "update" | "patch" | "delete");
    if !info.rest.is_empty()
        || (in_namespace && !resource.namespaced)
        || (named && resource.namespaced && !in_namespace)
        || (named && info.name.is_empty())
    {
        return Err(no_such_path());
    }
    if !info.subresource.is_empty() {
        return subresource(objects, &resource, call).await;
    }
    if !resource.supports(&info.verb) {
        return Err(no_such_method());
    }
    match info.verb.as_str() {
        "get" => read::get(objects, &resource, call),
        "list" => read::list(objects, &resource, call),
        "watch" => watch::watch(objects, &resource, call),
        "create" if resource.is("", "bindings") => pod::bind(objects, call).await,
        "create" if !resource.is_stored() => review(objects, call).await,
        "create" if !info.name.is_empty() || (resource.namespaced && !in_namespace) => Err(no_such_method()),
        "create" => change::create(objects, &resource, call).await,
        "update" => change::update(objects, &resource, call).await,
        "patch" => change::patch(objects, &resource, call).await,
        "delete" => change::delete(objects, &resource, call).await,
        "deletecollection" => change::delete_collection(objects, &resource, call).await,
        _ => Err(no_such_method()),
    }
}

async fn subresource(objects: &Objects, resource: &Arc<Resource>, call: &Call) -> Result<Response, Status> {
    let info = &call.info;
    if let Some(status) = pod::refused(resource, &info.subresource) {
        return Err(status);
    }
    let part = resource.part(&info.subresource).ok_or_else(no_such_path)?;
    if !part.verbs.contains(&info.verb) {
        return Err(no_such_method());
    }
    match info.verb.as_str() {
        "get" if part.name == "log" => pod::log(objects, resource, call),
        "get" => read::get(objects, resource, call),
        "create" if part.name == "eviction" => pod::evict(objects, resource, call).await,
        "create" if part.name == "binding" => pod::bind(objects, call).await,
        "create" => review(objects, call).await,
        "update" => change::update(objects, resource, call).await,
        "patch" => change::patch(objects, resource, call).await,
        _ => Err(no_such_method()),
    }
}

/// Kinds that are answered and not stored: access reviews, token requests.
async fn review(objects: &Objects, call: &Call) -> Result<Response, Status> {
    let decoded = body::decode(&call.headers, &call.body)?;
    let answer = access::review(objects, &call.info, &call.identity, decoded.value).await?;
    Ok(respond::value(StatusCode::CREATED, &answer))
}

/// Paths that name no resource: discovery, OpenAPI, version, health.
fn document(objects: &Objects, call: &Call) -> Result<Response, Status> {
    let path = call.info.path.trim_end_matches('/');
    let below = path == "/api" || path == "/apis" || path.starts_with("/api/") || path.starts_with("/apis/");
    if call.method != Method::GET && call.method != Method::HEAD {
        return Err(if below { no_such_path() } else { no_such_method() });
    }
    match path {
        "/healthz" | "/livez" | "/readyz" => Ok(respond::text(StatusCode::OK, "ok")),
        "/metrics" => Ok(objects.metrics().serve()),
        "/version" => Ok(discovery::version(objects)),
        _ if below => discovery::serve(objects, call, path),
        _ if path.starts_with("/openapi/") => openapi::serve(objects, call, path),
        "" => Ok(discovery::paths(objects)),
        _ => Ok(respond::text(StatusCode::NOT_FOUND, "404 page not found\n").into_response()),
    }
}
