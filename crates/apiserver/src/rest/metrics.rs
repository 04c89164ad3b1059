//! Counts and times of requests under the names that dashboards of kube-apiserver know, and `/metrics`. Labels are
//! resources and verbs, never names of objects.

use std::time::Duration;

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use parking_lot::Mutex;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use super::{RequestInfo, respond};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    verb: String,
    group: String,
    version: String,
    resource: String,
    subresource: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabels {
    verb: String,
    group: String,
    version: String,
    resource: String,
    subresource: String,
    code: u16,
}

/// The metrics of one server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<CodeLabels, Counter>,
    durations: Family<Labels, Histogram>,
    pub(crate) watches: Gauge,
}

/// From a millisecond to half a minute.
fn histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 15))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        let durations: Family<Labels, Histogram> = Family::new_with_constructor(histogram);
        let watches = Gauge::default();
        registry.register("apiserver_request", "Requests by verb, resource and code", requests.clone());
        let help = "Response latency distribution in seconds";
        registry.register("apiserver_request_duration_seconds", help, durations.clone());
        registry.register("apiserver_longrunning_requests", "Open watches", watches.clone());
        Self { registry: Mutex::new(registry), requests, durations, watches }
    }
}

impl Metrics {
    /// One answered request. A watch counts when it begins.
    pub(crate) fn observe(&self, info: &RequestInfo, code: StatusCode, took: Duration) {
        let verb = info.verb.to_ascii_uppercase();
        let labels = Labels {
            verb: verb.clone(),
            group: info.group.clone(),
            version: info.version.clone(),
            resource: info.resource.clone(),
            subresource: info.subresource.clone(),
        };
        let with_code = CodeLabels {
            verb,
            group: labels.group.clone(),
            version: labels.version.clone(),
            resource: labels.resource.clone(),
            subresource: labels.subresource.clone(),
            code: code.as_u16(),
        };
        self.requests.get_or_create(&with_code).inc();
        if info.verb != "watch" {
            self.durations.get_or_create(&labels).observe(took.as_secs_f64());
        }
    }

    pub(crate) fn serve(&self) -> Response {
        let mut text = String::new();
        if encode(&mut text, &self.registry.lock()).is_err() {
            return respond::text(StatusCode::INTERNAL_SERVER_ERROR, "metrics could not be written\n");
        }
        let mut response = respond::text(StatusCode::OK, text);
        let content = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, content);
        response
    }
}
