//! get and list. Bytes of stored objects are sent as they are unless a view or a selection needs to look inside.

use std::sync::Arc;

use api::status::Status;
use axum::response::Response;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use store::{Error, Page, Revision, Stored};

use super::{
    Call,
    accept::Form,
    change,
    query::{ListOptions, Match},
    respond::{self, View},
    select::Selection,
};
use crate::{
    Objects, Resource,
    objects::{decode, failed, too_large},
};

/// How many objects are looked at at once when a selection may drop some.
const CHUNK: usize = 500;

const CONTINUE_EXPIRED: &str = "The provided continue parameter is too old to display a consistent list result. You can \
    start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder \
    of the results. Continuing with the provided token results in an inconsistent list - objects that were created, \
    modified, or deleted between the time the first chunk was returned and now may show up in the list.";

pub(crate) fn get(objects: &Objects, resource: &Resource, call: &Call) -> Result<Response, Status> {
    let part = call.info.subresource.as_str();
    let view = View::of_part(resource, part, call.form()?, &call.query)?;
    if let Some(version) = call.query.get("resourceVersion").and_then(|text| text.parse().ok()) {
        check_reached(objects, version)?;
    }
    let (namespace, name) = (call.info.namespace.as_str(), call.info.name.as_str());
    let stored = objects.space().get(&resource.key(namespace, name));
    let missing = || Status::not_found(&resource.group, &resource.plural, name);
    let stored = stored.ok_or_else(missing)?;
    if let Some(bytes) = view.of_stored(resource, &stored).filter(|_| part != "scale") {
        return Ok(respond::bytes(StatusCode::OK, bytes));
    }
    let object = change::shown(resource, part, decode(resource, &stored).ok_or_else(missing)?)?;
    Ok(respond::value(StatusCode::OK, &view.object(objects, object)))
}

fn check_reached(objects: &Objects, version: u64) -> Result<(), Status> {
    let current = objects.space().revision();
    if Revision(version) > current { Err(too_large(Revision(version), current)) } else { Ok(()) }
}

/// Where a list goes on.
struct Continue {
    /// 0: from the current state, knowing that it is not the list's snapshot.
    at: u64,
    /// The last key that was returned, below the resource's prefix.
    after: String,
}

impl Continue {
    fn parse(token: &str) -> Result<Self, Status> {
        let invalid = || Status::bad_request("continue key is not valid: encoded start resource version is invalid");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
        let token: Value = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
        match (token["rv"].as_u64(), token["start"].as_str()) {
            (Some(at), Some(after)) => Ok(Self { at, after: after.into() }),
            _ => Err(invalid()),
        }
    }

    fn to_token(&self) -> String {
        let token = json!({ "v": "meta.k8s.io/v1", "rv": self.at, "start": self.after });
        BASE64_URL_SAFE_NO_PAD.encode(token.to_string())
    }
}

/// What a list found.
pub(crate) struct Found {
    pub(crate) items: Vec<(Stored, Option<Value>)>,
    pub(crate) revision: Revision,
    next: Option<String>,
    remaining: Option<usize>,
}

/// The objects that `options` select, with the parsed form of those that had to be looked at.
pub(crate) fn find(
    objects: &Objects,
    resource: &Resource,
    namespace: &str,
    options: &ListOptions,
    selection: &Selection,
) -> Result<Found, Status> {
    let prefix = prefix(resource, namespace, selection);
    let root = resource.prefix(None);
    let start = (!options.continue_token.is_empty()).then(|| Continue::parse(&options.continue_token)).transpose()?;
    let mut at = snapshot(objects, options, start.as_ref())?;
    let mut after = start.as_ref().map(|start| format!("{root}{}", start.after));
    let mut found = Found { items: Vec::new(), revision: Revision(0), next: None, remaining: None };
    let everything = selection.is_everything();
    loop {
        let chunk = match (everything, options.limit) {
            (true, limit) => limit,
            (false, 0) => 0,
            (false, _) => CHUNK,
        };
        let page = page(objects, resource, &prefix, at, after.as_deref(), chunk, start.as_ref())?;
        found.revision = page.revision;
        at = Some(page.revision);
        let last = page.items.len();
        for (index, stored) in page.items.into_iter().enumerate() {
            after = Some(stored.key.to_string());
            if selection.rules_out(&stored.value) {
                continue;
            }
            let object = if everything { None } else { decode(resource, &stored) };
            if !everything && object.as_ref().is_none_or(|object| !selection.matches(object)) {
                continue;
            }
            found.items.push((stored, object));
            let more = index + 1 < last || page.remaining > 0;
            if options.limit > 0 && found.items.len() == options.limit && more {
                let after = after.as_deref().and_then(|key| key.strip_prefix(&root)).unwrap_or_default();
                found.next = Some(Continue { at: found.revision.0, after: after.into() }.to_token());
                found.remaining = everything.then_some(page.remaining);
                return Ok(found);
            }
        }
        if page.remaining == 0 {
            return Ok(found);
        }
    }
}

/// A selection of one name looks at the keys that begin with it.
pub(crate) fn prefix(resource: &Resource, namespace: &str, selection: &Selection) -> String {
    match selection.name() {
        Some(name) if !resource.namespaced || !namespace.is_empty() => resource.key(namespace, name),
        _ => resource.prefix(Some(namespace)),
    }
}

/// At which revision to list; `None` is now.
fn snapshot(objects: &Objects, options: &ListOptions, start: Option<&Continue>) -> Result<Option<Revision>, Status> {
    if let Some(start) = start {
        if options.resource_version.is_some_and(|version| version != 0) {
            return Err(Status::bad_request("specifying resource version is not allowed when using continue"));
        }
        return Ok((start.at != 0).then_some(Revision(start.at)));
    }
    let Some(version) = options.resource_version.filter(|version| *version != 0) else { return Ok(None) };
    check_reached(objects, version)?;
    let exact = match options.version_match {
        Some(Match::Exact) => true,
        Some(Match::NotOlderThan) => false,
        // Upstream's legacy rule: a limited list at a version is that version.
        None => options.limit > 0,
    };
    Ok(exact.then_some(Revision(version)))
}

fn page(
    objects: &Objects,
    resource: &Resource,
    prefix: &str,
    at: Option<Revision>,
    after: Option<&str>,
    limit: usize,
    start: Option<&Continue>,
) -> Result<Page, Status> {
    objects.space().list(prefix, at, after, limit).map_err(|error| match (error, start) {
        (Error::Compacted { .. }, Some(start)) => {
            let mut status = Status::expired(CONTINUE_EXPIRED);
            status.metadata.continue_token = Continue { at: 0, after: start.after.clone() }.to_token();
            status
        }
        (Error::Compacted { requested, .. }, None) => Status::expired(format!(
            "The resourceVersion for the provided list is too old. ({} of {})",
            requested.0, resource.plural
        )),
        (error, _) => failed(error),
    })
}

pub(crate) fn list(objects: &Objects, resource: &Arc<Resource>, call: &Call) -> Result<Response, Status> {
    let options = ListOptions::new(&call.query)?;
    let view = View::new(resource, call.form()?, &call.query)?;
    let selection = Selection::new(resource, &options)?;
    let found = find(objects, resource, &call.info.namespace, &options, &selection)?;
    let mut metadata = json!({ "resourceVersion": found.revision.0.to_string() });
    if let Some(token) = found.next {
        metadata["continue"] = token.into();
        if let Some(remaining) = found.remaining {
            metadata["remainingItemCount"] = remaining.into();
        }
    }
    let found = found.items.into_iter();
    if view.form == Form::Table {
        let rows: Vec<Value> =
            found.filter_map(|(stored, object)| object.or_else(|| decode(resource, &stored))).collect();
        return Ok(respond::value(StatusCode::OK, &view.table(objects, &rows, metadata, true)));
    }
    let items: Vec<Bytes> = found.filter_map(|item| shown(objects, resource, &view, item)).collect();
    let body = match view.form {
        Form::Partial => respond::list_of("PartialObjectMetadataList", "meta.k8s.io/v1", &metadata, &items),
        _ => respond::list_of(&resource.list_kind, &resource.api_version(), &metadata, &items),
    };
    Ok(respond::bytes(StatusCode::OK, body))
}

/// One object as the client sees it: out of the stored bytes where they can be taken as they are.
pub(crate) fn shown(
    objects: &Objects,
    resource: &Resource,
    view: &View,
    (stored, object): (Stored, Option<Value>),
) -> Option<Bytes> {
    view.of_stored(resource, &stored).or_else(|| {
        let object = object.or_else(|| decode(resource, &stored))?;
        Some(respond::to_bytes(&view.object(objects, object)))
    })
}
