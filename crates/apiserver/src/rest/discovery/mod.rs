//! Discovery: which groups, versions and resources there are, aggregated (v2) and plain, and `/version`.
//! Documents are made from the registry and kept until it changes.

mod aggregated;
mod plain;

use std::{collections::BTreeMap, sync::Arc};

use api::status::Status;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::{Call, accept, no_such_path, respond};
use crate::{Objects, Resource};

const AGGREGATED: HeaderValue =
    HeaderValue::from_static("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");

/// Rendered documents by path (with `+aggregated`), and the state of the registry that they show.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    changes: u64,
    documents: BTreeMap<String, (Bytes, String)>,
}

type Resources = Vec<Arc<Resource>>;
/// By version.
type Versions = BTreeMap<String, Resources>;

/// A group with its versions, most preferred first.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) versions: Vec<(String, Resources)>,
}

/// The groups in upstream's order: core, built-in groups by name, then custom ones by name.
pub(super) fn groups(objects: &Objects) -> Vec<Group> {
    let mut by_name: BTreeMap<(bool, String), Versions> = BTreeMap::new();
    for resource in objects.registry().served() {
        let key = (resource.is_custom(), resource.group.clone());
        by_name.entry(key).or_default().entry(resource.version.clone()).or_default().push(resource);
    }
    let sorted = by_name.into_iter().map(|((_, name), versions)| {
        let mut versions: Vec<_> = versions.into_iter().collect();
        versions.sort_by_key(|(version, _)| std::cmp::Reverse(priority(version)));
        Group { name, versions }
    });
    sorted.collect()
}

/// Kubernetes' version priority: `v2` before `v1` before `v1beta1` before `v1alpha1` before anything else.
fn priority(version: &str) -> (u8, u64, u64, std::cmp::Reverse<String>) {
    let other = (0, 0, 0, std::cmp::Reverse(version.to_string()));
    let Some(rest) = version.strip_prefix('v') else { return other };
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let Ok(major) = rest[..digits].parse::<u64>() else { return other };
    let none = std::cmp::Reverse(String::new());
    let stage = |name: &str| rest[digits..].strip_prefix(name).and_then(|minor| minor.parse::<u64>().ok());
    if rest[digits..].is_empty() {
        (3, major, 0, none)
    } else if let Some(minor) = stage("beta") {
        (2, major, minor, none)
    } else if let Some(minor) = stage("alpha") {
        (1, major, minor, none)
    } else {
        other
    }
}

/// `/api`, `/apis` and what is below of them without naming a resource.
pub(crate) fn serve(objects: &Objects, call: &Call, path: &str) -> Result<Response, Status> {
    let aggregated = accept::wants_aggregated(&call.headers) && matches!(path, "/api" | "/apis");
    if !aggregated && !accept::takes_json(&call.headers) {
        return Err(accept::not_acceptable());
    }
    let (body, etag) = cached(objects, path, aggregated)?;
    let unchanged = call.headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = match unchanged {
        true => respond::bytes(StatusCode::NOT_MODIFIED, Bytes::new()),
        false => respond::bytes(StatusCode::OK, body),
    };
    let headers = response.headers_mut();
    if aggregated {
        headers.insert(header::CONTENT_TYPE, AGGREGATED);
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public"));
    Ok(response)
}

fn cached(objects: &Objects, path: &str, aggregated: bool) -> Result<(Bytes, String), Status> {
    let name = if aggregated { format!("{path}+aggregated") } else { path.to_string() };
    let changes = objects.registry().changes();
    {
        let cache = objects.discovery_cache().lock();
        if cache.changes == changes
            && let Some(document) = cache.documents.get(&name)
        {
            return Ok(document.clone());
        }
    }
    let document = if aggregated { Some(aggregated::document(objects, path)) } else { plain::document(objects, path) };
    let bytes = respond::to_bytes(&document.ok_or_else(no_such_path)?);
    let rendered = (bytes.clone(), etag(&bytes));
    let mut cache = objects.discovery_cache().lock();
    if cache.changes != changes {
        *cache = Cache { changes, documents: BTreeMap::new() };
    }
    cache.documents.insert(name, rendered.clone());
    Ok(rendered)
}

/// The quoted hash of a document.
pub(super) fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", super::openapi::hash(bytes))
}

/// `/version`.
pub(crate) fn version(objects: &Objects) -> Response {
    let plain = objects.config().version.trim_start_matches('v').to_string();
    let mut parts = plain.split('.');
    let (major, minor) = (parts.next().unwrap_or("1"), parts.next().unwrap_or("33"));
    let version: Value = json!({
        "major": major,
        "minor": minor,
        "gitVersion": format!("v{plain}+windlass.{}", env!("CARGO_PKG_VERSION")),
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "rustc",
        "platform": "linux/amd64",
    });
    respond::value(StatusCode::OK, &version)
}

/// `/`: the paths that there are.
pub(crate) fn paths(objects: &Objects) -> Response {
    let mut paths = vec!["/api".to_string(), "/api/v1".into(), "/apis".into(), "/apis/".into()];
    for group in groups(objects).iter().filter(|group| !group.name.is_empty()) {
        paths.push(format!("/apis/{}", group.name));
        paths.extend(group.versions.iter().map(|(version, _)| format!("/apis/{}/{version}", group.name)));
    }
    let others = ["/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/readyz", "/version"];
    paths.extend(others.map(Into::into));
    respond::value(StatusCode::OK, &json!({ "paths": paths }))
}

#[cfg(test)]
mod tests {
    #[test]
    fn stable_versions_come_first() {
        let mut versions = vec!["v1alpha1", "v1", "foo10", "v2beta1", "v10", "v2", "v1beta2", "v1beta10", "foo1"];
        versions.sort_by_key(|version| std::cmp::Reverse(super::priority(version)));
        assert_eq!(versions, ["v10", "v2", "v1", "v2beta1", "v1beta10", "v1beta2", "v1alpha1", "foo1", "foo10"]);
    }
}
