//! Watches: a response body that follows the store's history. One encoded event is shared by every watcher that takes it
//! as it is stored; only selections, Tables and metadata views look inside.
//!
//! Timers run only where the request asked for them (timeoutSeconds, bookmarks): under a paused clock an idle server must
//! not move time.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use api::status::Status;
use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use store::{Event, EventKind, Revision, Stored};
use tokio::time::{Instant, sleep_until};

use super::{
    Call,
    accept::Form,
    query::ListOptions,
    read,
    respond::{self, View},
    select::Selection,
};
use crate::{
    Objects, Resource,
    objects::{decode, failed, too_large},
};

/// More concurrent watches than this are refused with 429.
const WATCHES_MAX: i64 = 20_000;
/// About once a minute, as upstream.
const BOOKMARK_SECS: u64 = 60;
/// Marks the end of the initial events of a streaming list.
const INITIAL_EVENTS_END: &str = "k8s.io/initial-events-end";

/// Counts one watch for as long as it lives.
struct Counted(Objects);

impl Counted {
    fn new(objects: &Objects) -> Result<Self, Status> {
        let open = &objects.metrics().watches;
        if open.inc() >= WATCHES_MAX {
            open.dec();
            return Err(Status::too_many_requests(format!("more than {WATCHES_MAX} watches are open"), 1));
        }
        Ok(Self(objects.clone()))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.metrics().watches.dec();
    }
}

pub(crate) fn watch(objects: &Objects, resource: &Arc<Resource>, call: &Call) -> Result<Response, Status> {
    let options = ListOptions::new(&call.query)?;
    let selection = Selection::new(resource, &options)?;
    let counted = Counted::new(objects)?;
    let current = objects.space().revision();
    if let Some(version) = options.resource_version.filter(|version| Revision(*version) > current) {
        return Err(too_large(Revision(version), current));
    }
    let mut watcher = Watcher {
        view: View::new(resource, call.form()?, &call.query)?,
        resource: resource.clone(),
        queue: VecDeque::new(),
        source: None,
        deadline: options.timeout_secs.filter(|secs| *secs > 0).map(after_secs),
        next_bookmark: options.allow_bookmarks.then(|| after_secs(BOOKMARK_SECS)),
        sent: Revision(0),
        defined: false,
        ended: false,
        selection,
        _counted: counted,
        objects: objects.clone(),
    };
    watcher.start(&call.info.namespace, &options)?;
    let body = futures::stream::unfold(watcher, |mut watcher| async move {
        let chunk = watcher.next().await?;
        Some((Ok::<_, Infallible>(chunk), watcher))
    });
    Ok(respond::bytes(StatusCode::OK, Body::from_stream(body)))
}

fn after_secs(secs: u64) -> Instant {
    Instant::now() + Duration::from_secs(secs)
}

/// Waits for a time that may never come.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

struct Watcher {
    objects: Objects,
    resource: Arc<Resource>,
    selection: Selection,
    view: View,
    source: Option<Box<dyn store::Watch>>,
    /// Chunks of encoded events, ready to be sent.
    queue: VecDeque<Bytes>,
    deadline: Option<Instant>,
    next_bookmark: Option<Instant>,
    /// Up to where the client has been told.
    sent: Revision,
    /// Whether a Table with column definitions was sent.
    defined: bool,
    ended: bool,
    _counted: Counted,
}

impl Watcher {
    /// Without a version (or with 0) a watch begins with what is there.
    fn start(&mut self, namespace: &str, options: &ListOptions) -> Result<(), Status> {
        let version = options.resource_version.unwrap_or(0);
        let initial = options.send_initial_events.unwrap_or(version == 0);
        let from = if initial {
            let all = ListOptions::default();
            let found = read::find(&self.objects, &self.resource, namespace, &all, &self.selection)?;
            for (stored, object) in found.items {
                match object {
                    Some(object) => self.push("ADDED", object),
                    None => self.push_stored("ADDED", &stored),
                }
            }
            if options.send_initial_events == Some(true) && options.allow_bookmarks {
                self.bookmark(found.revision, true);
            }
            found.revision
        } else if version == 0 {
            self.objects.space().revision()
        } else {
            Revision(version)
        };
        self.sent = from;
        let prefix = read::prefix(&self.resource, namespace, &self.selection);
        match self.objects.space().watch(&prefix, from) {
            Ok(source) => self.source = Some(source),
            Err(error) => self.fail(&failed(error)),
        }
        Ok(())
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(chunk) = self.queue.pop_front() {
                return Some(chunk);
            }
            if self.ended {
                return None;
            }
            let source = self.source.as_mut()?;
            tokio::select! {
                biased;
                () = at(self.deadline) => {
                    let position = source.position();
                    if self.next_bookmark.is_some() {
                        self.bookmark(position, false);
                    }
                    self.ended = true;
                }
                events = source.next() => match events {
                    Ok(events) => self.take(events),
                    Err(error) => self.fail(&failed(error)),
                },
                () = at(self.next_bookmark) => {
                    let position = source.position();
                    self.next_bookmark = Some(after_secs(BOOKMARK_SECS));
                    if position > self.sent {
                        self.bookmark(position, false);
                    }
                }
            }
        }
    }

    fn take(&mut self, events: Vec<Event>) {
        // The definition may have changed meanwhile, or be gone.
        let resource = &self.resource;
        match self.objects.registry().get(&resource.group, &resource.version, &resource.plural) {
            Some(resource) => self.resource = resource,
            None => self.ended = true,
        }
        for event in events {
            self.event(event);
        }
    }

    /// Objects that enter or leave the selection are added or deleted for this client.
    fn event(&mut self, event: Event) {
        let Event { key, revision, value, previous, kind } = event;
        let deleted = kind == EventKind::Delete;
        let plain_kind = if deleted {
            "DELETED"
        } else if previous.is_some() {
            "MODIFIED"
        } else {
            "ADDED"
        };
        if self.selection.is_everything() {
            self.sent = revision;
            return self.push_stored(plain_kind, &Stored { key, revision, value });
        }
        // When it was written is not known: it is brought to this version's form in any case.
        let old = previous.map(|value| Stored { key: key.clone(), revision: Revision(0), value });
        let old = old.and_then(|stored| decode(&self.resource, &stored));
        let Some(new) = decode(&self.resource, &Stored { key, revision, value }) else { return };
        let was = old.as_ref().is_some_and(|old| self.selection.matches(old));
        let is = !deleted && self.selection.matches(&new);
        match (was, is) {
            (false, false) => return,
            (false, true) => self.push("ADDED", new),
            (true, true) => self.push("MODIFIED", new),
            (true, false) if deleted => self.push("DELETED", new),
            (true, false) => {
                let mut gone = old.unwrap_or(new);
                gone["metadata"]["resourceVersion"] = revision.0.to_string().into();
                self.push("DELETED", gone);
            }
        }
        self.sent = revision;
    }

    fn push_stored(&mut self, kind: &'static str, stored: &Stored) {
        match self.view.of_stored(&self.resource, stored) {
            Some(bytes) => self.push_bytes(kind, bytes),
            None => {
                if let Some(object) = decode(&self.resource, stored) {
                    self.push(kind, object);
                }
            }
        }
    }

    fn push_bytes(&mut self, kind: &'static str, object: Bytes) {
        let head: &'static [u8] = match kind {
            "ADDED" => br#"{"type":"ADDED","object":"#,
            "MODIFIED" => br#"{"type":"MODIFIED","object":"#,
            "DELETED" => br#"{"type":"DELETED","object":"#,
            "BOOKMARK" => br#"{"type":"BOOKMARK","object":"#,
            _ => br#"{"type":"ERROR","object":"#,
        };
        self.queue.push_back(Bytes::from_static(head));
        self.queue.push_back(object);
        self.queue.push_back(Bytes::from_static(b"}\n"));
    }

    fn push(&mut self, kind: &'static str, object: Value) {
        let shown = match self.view.form {
            Form::Plain | Form::Partial => self.view.object(&self.objects, object),
            Form::Table => {
                let version = object["metadata"]["resourceVersion"].clone();
                let first = !std::mem::replace(&mut self.defined, true);
                self.view.table(&self.objects, &[object], json!({ "resourceVersion": version }), first)
            }
        };
        self.push_bytes(kind, respond::to_bytes(&shown));
    }

    fn bookmark(&mut self, revision: Revision, initial_end: bool) {
        self.sent = revision;
        let mut metadata = json!({ "resourceVersion": revision.0.to_string(), "creationTimestamp": null });
        if initial_end {
            metadata["annotations"] = json!({ INITIAL_EVENTS_END: "true" });
        }
        let (kind, api_version) = match self.view.form {
            Form::Plain => (self.resource.kind.clone(), self.resource.api_version()),
            Form::Partial => ("PartialObjectMetadata".into(), "meta.k8s.io/v1".into()),
            Form::Table => ("Table".into(), "meta.k8s.io/v1".into()),
        };
        let object = json!({ "kind": kind, "apiVersion": api_version, "metadata": metadata });
        self.push_bytes("BOOKMARK", respond::to_bytes(&object));
    }

    fn fail(&mut self, status: &Status) {
        self.push_bytes("ERROR", respond::to_bytes(&status.to_value()));
        self.ended = true;
    }
}
