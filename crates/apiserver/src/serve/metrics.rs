//! `/metrics`: what is in a registry, in the OpenMetrics text format. What is counted is the business of those who count.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header::CONTENT_TYPE};
use parking_lot::Mutex;
use prometheus_client::{encoding::text::encode, registry::Registry};

/// The route, to be put behind access control: RBAC's `system:monitoring` may read it.
pub fn routes(registry: Arc<Mutex<Registry>>) -> Router {
    Router::new().route("/metrics", get(render)).with_state(registry)
}

async fn render(State(registry): State<Arc<Mutex<Registry>>>) -> Response {
    let mut text = String::new();
    match encode(&mut text, &registry.lock()) {
        Ok(()) => {
            ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
