//! HTTP in and out: the host decides, bodies are bounded, every answer carries Azure's request ids.

use bytes::Bytes;
use http::{HeaderValue, Request, Response};

use crate::{Twin, doors, reply::Reply, shell::request_id};

/// ARM's limit of a request body.
const BODY_BYTES_MAX: usize = 4 << 20;

impl Twin {
    /// Answers one request. The host is that of an absolute URI, or of the `Host` header.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let host = host_of(&request);
        let reply = if request.body().len() > BODY_BYTES_MAX {
            too_large()
        } else {
            doors::answer(self, &host, &request).await
        };
        let id = request_id(self);
        let client_id = request.headers().get("x-ms-client-request-id").cloned();
        respond(request.method() == http::Method::HEAD, reply, &id, client_id)
    }

    /// The twin as a router for listeners: TLS and names are theirs.
    pub fn router(&self) -> axum::Router {
        let twin = self.clone();
        axum::Router::new().fallback(move |request: axum::extract::Request| {
            let twin = twin.clone();
            async move {
                let (parts, body) = request.into_parts();
                match axum::body::to_bytes(body, BODY_BYTES_MAX).await {
                    Ok(bytes) => twin.handle(Request::from_parts(parts, bytes)).await.map(axum::body::Body::from),
                    Err(_) => respond(false, too_large(), &request_id(&twin), None).map(axum::body::Body::from),
                }
            }
        })
    }
}

fn too_large() -> Reply {
    let message = format!("The request content size exceeds the maximum size of {} MB.", BODY_BYTES_MAX >> 20);
    Reply::error(413, "RequestContentTooLarge", message)
}

/// The host that a request is for, in lower case and without port: of an absolute URI, or of the `Host` header.
pub fn host_of<B>(request: &Request<B>) -> String {
    let header = || request.headers().get(http::header::HOST).and_then(|value| value.to_str().ok());
    let host = request.uri().host().or_else(header).unwrap_or_default();
    let without_port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    without_port.map_or(host, |(host, _)| host).to_ascii_lowercase()
}

fn respond(head: bool, reply: Reply, id: &str, client_id: Option<HeaderValue>) -> Response<Bytes> {
    let mut builder = Response::builder()
        .status(reply.status)
        .header("cache-control", "no-cache")
        .header("x-ms-request-id", id)
        .header("x-ms-correlation-request-id", id);
    if let Some(client_id) = client_id {
        builder = builder.header("x-ms-client-request-id", client_id);
    }
    if let Some(code) = reply.code().and_then(|code| HeaderValue::from_str(code).ok()) {
        builder = builder.header("x-ms-error-code", code);
    }
    for (name, value) in &reply.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            builder = builder.header(*name, value);
        }
    }
    let body = match reply.body {
        Some(body) if !head => {
            builder = builder.header(http::header::CONTENT_TYPE, "application/json; charset=utf-8");
            Bytes::from(body.to_string())
        }
        _ => Bytes::new(),
    };
    builder.body(body).unwrap_or_else(|_| Response::new(Bytes::new()))
}
