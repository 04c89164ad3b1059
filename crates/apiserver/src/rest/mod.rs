//! The REST layer: one fallback handler for every kind.

pub(crate) mod discovery;
pub(crate) mod openapi;
pub mod query;
pub mod request_info;

pub use query::Query;
pub use request_info::RequestInfo;

use crate::Objects;

pub(crate) fn router(_objects: Objects) -> axum::Router {
    axum::Router::new()
}
