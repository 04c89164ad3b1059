//! OpenAPI: the v3 index with hashes, one v3 document per group-version, and the v2 document of all of them; each
//! is made when first asked for.

use std::{collections::BTreeMap, sync::Arc};

use api::status::Status;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use machinery::builtin::{self, CustomEntry, Entry};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Call, accept, discovery, no_such_path, respond};
use crate::{Objects, Resource, registry::Origin};

const V2_PROTOBUF: &str = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
/// What upstream calls its answer: clients parse it as a media type, in which no `@` may stand.
const V2_PROTOBUF_RETURNED: &str = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/// Documents by path below `/openapi/v3/`, each with the hash of what it was made from.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    documents: BTreeMap<String, (String, Bytes)>,
}

/// Upper-case hexadecimal, as upstream prints hashes of documents.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02X}")).collect()
}

pub(crate) fn serve(objects: &Objects, call: &Call, path: &str) -> Result<Response, Status> {
    match path.strip_prefix("/openapi/") {
        Some("v2") => v2(objects, call),
        Some("v3") => Ok(respond::value(StatusCode::OK, &index(objects, &call.below))),
        Some(below) => match below.strip_prefix("v3/") {
            Some(name) => v3(objects, call, name),
            None => Err(no_such_path()),
        },
        None => Err(no_such_path()),
    }
}

/// The whole of the server in one document, as JSON or as protobuf; both are made when first asked for.
fn v2(objects: &Objects, call: &Call) -> Result<Response, Status> {
    let accept = call.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let protobuf = accept.contains(V2_PROTOBUF) || accept.contains(V2_PROTOBUF_RETURNED);
    if !protobuf && !accept::takes_json(&call.headers) {
        let message = format!("only the following media types are accepted: application/json, {V2_PROTOBUF}");
        return Err(Status::failure(406, "NotAcceptable", message));
    }
    let versions = group_versions(objects);
    let all: Vec<Arc<Resource>> = versions.iter().flat_map(|(.., resources)| resources.clone()).collect();
    let source = source_hash(&all);
    let path = if protobuf { "v2+protobuf" } else { "v2" };
    let kept = objects.openapi_cache().lock().documents.get(path).filter(|(hash, _)| *hash == source).cloned();
    let bytes = match kept {
        Some((_, bytes)) => bytes,
        None => {
            let documents = versions.iter().map(|(_, group, version, resources)| tree(group, version, resources));
            let document = builtin::openapi_v2(&objects.config().version, documents);
            let bytes = match protobuf {
                true => Bytes::from(builtin::openapi_v2_protobuf(&document)),
                false => respond::to_bytes(&document),
            };
            objects.openapi_cache().lock().documents.insert(path.into(), (source.clone(), bytes.clone()));
            bytes
        }
    };
    let mut response = tagged(call, &source, bytes);
    if protobuf {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(V2_PROTOBUF_RETURNED));
    }
    Ok(response)
}

/// A document, or that it is still the one that the client has.
fn tagged(call: &Call, hash: &str, bytes: Bytes) -> Response {
    let etag = format!("\"{hash}\"");
    let unchanged = call.headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = match unchanged {
        true => respond::bytes(StatusCode::NOT_MODIFIED, Bytes::new()),
        false => respond::bytes(StatusCode::OK, bytes),
    };
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}

/// `apis/apps/v1` for each group-version, with its resources.
fn group_versions(objects: &Objects) -> Vec<(String, String, String, Vec<Arc<Resource>>)> {
    let mut found = Vec::new();
    for group in discovery::groups(objects) {
        for (version, resources) in group.versions {
            let path = match group.name.as_str() {
                "" => format!("api/{version}"),
                name => format!("apis/{name}/{version}"),
            };
            found.push((path, group.name.clone(), version, resources));
        }
    }
    found
}

/// What a document is made from, without making it: the version of this program and the definitions' revisions.
fn source_hash(resources: &[Arc<Resource>]) -> String {
    let mut source = env!("CARGO_PKG_VERSION").to_string();
    for resource in resources {
        source += &format!("\n{}/{}/{}", resource.group, resource.version, resource.plural);
        if let Some(custom) = resource.custom() {
            source += &format!("@{}:{}", custom.definition_uid, hash(custom.openapi_bytes()));
        }
    }
    hash(source.as_bytes())
}

fn index(objects: &Objects, below: &str) -> Value {
    let mut paths = Map::new();
    for (path, _, _, resources) in group_versions(objects) {
        let url = format!("{below}/openapi/v3/{path}?hash={}", source_hash(&resources));
        paths.insert(path, json!({ "serverRelativeURL": url }));
    }
    json!({ "paths": paths })
}

fn v3(objects: &Objects, call: &Call, name: &str) -> Result<Response, Status> {
    if !accept::takes_json(&call.headers) {
        return Err(accept::not_acceptable());
    }
    let known = group_versions(objects).into_iter().find(|(path, ..)| path == name);
    let (path, group, version, resources) = known.ok_or_else(no_such_path)?;
    let source = source_hash(&resources);
    let kept = objects.openapi_cache().lock().documents.get(&path).filter(|(hash, _)| *hash == source).cloned();
    let bytes = match kept {
        Some((_, bytes)) => bytes,
        None => {
            let bytes = document(&group, &version, &resources);
            objects.openapi_cache().lock().documents.insert(path, (source.clone(), bytes.clone()));
            bytes
        }
    };
    Ok(tagged(call, &source, bytes))
}

fn document(group: &str, version: &str, resources: &[Arc<Resource>]) -> Bytes {
    respond::to_bytes(&tree(group, version, resources))
}

fn tree(group: &str, version: &str, resources: &[Arc<Resource>]) -> Value {
    let schemas: Vec<Option<Value>> =
        resources.iter().map(|resource| resource.custom().map(crate::registry::Custom::openapi)).collect();
    let entries: Vec<Entry<'_>> = resources
        .iter()
        .zip(&schemas)
        .map(|(resource, schema)| match &resource.origin {
            Origin::Builtin(kind) => Entry::Builtin(kind),
            Origin::Custom(custom) => Entry::Custom(CustomEntry {
                group: &resource.group,
                version: &resource.version,
                kind: &resource.kind,
                list_kind: &resource.list_kind,
                plural: &resource.plural,
                namespaced: resource.namespaced,
                schema: schema.as_ref(),
                status: custom.has_status,
                scale: resource.part("scale").is_some(),
            }),
        })
        .collect();
    builtin::openapi_v3(group, version, &entries)
}
