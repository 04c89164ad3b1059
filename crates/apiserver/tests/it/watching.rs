//! Watches: order, bookmarks, initial events, selections, expiry, forms.

use axum::body::Body;
use expect_test::expect;
use http_body_util::BodyExt;
use serde_json::Value;

use crate::harness::{Server, ask, server};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

/// Reads a watch event by event.
struct Events<'a> {
    server: &'a Server,
    body: Body,
    buffer: Vec<u8>,
}

async fn watch<'a>(server: &'a Server, query: &str, accept: &str) -> Events<'a> {
    let line = format!("GET {MAPS}?&watch=true&{query}");
    let response = server.send(ask(&line).accept(accept)).await;
    assert_eq!(response.status(), 200);
    Events { server, body: response.into_body(), buffer: Vec::new() }
}

impl Events<'_> {
    /// `None` when the watch has ended.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).expect("an event"));
            }
            let frame = self.body.frame().await?.expect("a frame");
            self.buffer.extend_from_slice(frame.data_ref().expect("data"));
        }
    }

    /// Type, name, resourceVersion.
    async fn line(&mut self) -> String {
        let Some(event) = self.next().await else { return "end".into() };
        let metadata = &event["object"]["metadata"];
        let marked = if metadata["annotations"]["k8s.io/initial-events-end"] == "true" { " (initial)" } else { "" };
        let name = metadata["name"].as_str().unwrap_or_default();
        let version = self.server.since_start(metadata["resourceVersion"].as_str().unwrap_or("?"));
        format!("{} {name}@{version}{marked}", event["type"].as_str().unwrap_or("?"))
    }

    async fn lines(&mut self, count: usize) -> String {
        let mut out = String::new();
        for _ in 0..count {
            out += &(self.line().await + "\n");
        }
        out
    }
}

async fn relabel(server: &Server, name: &str, label: &str) {
    let line = format!("PATCH {MAPS}/{name}");
    let body = format!(r#"{{"metadata":{{"labels":{{"n":"{label}"}}}}}}"#);
    server.ok(ask(&line).content("application/merge-patch+json").body(body)).await;
}

async fn delete(server: &Server, name: &str) {
    let line = format!("DELETE {MAPS}/{name}");
    server.ok(ask(&line)).await;
}

#[tokio::test(start_paused = true)]
async fn every_change_once_in_order() {
    let server = server().await;
    let a = server.config_map("a").await;
    let version = a["metadata"]["resourceVersion"].as_str().expect("a version");
    let mut events = watch(&server, &format!("resourceVersion={version}"), "*/*").await;
    server.config_map("b").await;
    relabel(&server, "a", "x").await;
    delete(&server, "b").await;
    let before = tokio::time::Instant::now();
    expect![[r#"
        ADDED b@+2
        MODIFIED a@+3
        DELETED b@+4
    "#]]
    .assert_eq(&events.lines(3).await);
    assert_eq!(before, tokio::time::Instant::now(), "an idle server moves no time");
}

#[tokio::test(start_paused = true)]
async fn without_a_version_a_watch_begins_with_what_is_there() {
    let server = server().await;
    server.config_map("a").await;
    let mut events = watch(&server, "resourceVersion=0&timeoutSeconds=5", "*/*").await;
    expect![[r#"
        ADDED a@+1
        end
    "#]]
    .assert_eq(&events.lines(2).await);
}

#[tokio::test(start_paused = true)]
async fn streaming_lists_end_with_a_marked_bookmark_and_timeouts_with_another() {
    let server = server().await;
    server.config_map("a").await;
    server.config_map("b").await;
    let query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=290";
    let mut events = watch(&server, query, "*/*").await;
    let mut out = events.lines(3).await;
    // Something else changes: the next bookmark moves on.
    server.ok(ask("POST /api/v1/namespaces").body(r#"{"metadata":{"name":"n"}}"#)).await;
    out += &events.lines(3).await;
    expect![[r#"
        ADDED a@+1
        ADDED b@+2
        BOOKMARK @+2 (initial)
        BOOKMARK @+3
        BOOKMARK @+3
        end
    "#]]
    .assert_eq(&out);
}

#[tokio::test(start_paused = true)]
async fn objects_enter_and_leave_a_selection() {
    let server = server().await;
    server.config_map("a").await;
    let query = format!("labelSelector=n%3Dx&resourceVersion={}", server.version(1));
    let mut events = watch(&server, &query, "*/*").await;
    relabel(&server, "a", "x").await;
    relabel(&server, "a", "y").await;
    server.config_map("b").await;
    relabel(&server, "a", "x").await;
    delete(&server, "a").await;
    expect![[r#"
        ADDED a@+2
        DELETED a@+3
        ADDED a@+5
        DELETED a@+6
    "#]]
    .assert_eq(&events.lines(4).await);
}

#[tokio::test(start_paused = true)]
async fn one_name_can_be_watched() {
    let server = server().await;
    let query = "fieldSelector=metadata.name%3Da&resourceVersion=0&timeoutSeconds=3";
    let mut events = watch(&server, query, "*/*").await;
    server.config_map("ab").await;
    server.config_map("a").await;
    expect![[r#"
        ADDED a@+2
        end
    "#]]
    .assert_eq(&events.lines(2).await);
}

#[tokio::test(start_paused = true)]
async fn history_that_is_gone_is_an_error_event() {
    let server = server().await;
    server.config_map("a").await;
    server.config_map("b").await;
    server.space.compact(server.space.revision());
    let mut events = watch(&server, "resourceVersion=2", "*/*").await;
    let event = events.next().await.expect("an event");
    assert_eq!((&event["type"], &event["object"]["code"]), (&"ERROR".into(), &410.into()));
    assert_eq!(events.next().await, None);
    let line = format!("GET {MAPS}?watch=true&resourceVersion=99999");
    assert_eq!(server.json(ask(&line)).await.0, 504);
}

#[tokio::test(start_paused = true)]
async fn tables_and_metadata_can_be_watched() {
    let server = server().await;
    server.config_map("a").await;
    server.config_map("b").await;
    let mut tables = watch(&server, "timeoutSeconds=1", "application/json;as=Table;v=v1;g=meta.k8s.io").await;
    let first = tables.next().await.expect("an event");
    let second = tables.next().await.expect("an event");
    assert_eq!((&first["object"]["kind"], &first["object"]["rows"][0]["cells"][0]), (&"Table".into(), &"a".into()));
    assert_ne!(first["object"]["columnDefinitions"].as_array().map(Vec::len), Some(0));
    let definitions = second["object"].get("columnDefinitions").and_then(Value::as_array).map_or(0, Vec::len);
    assert_eq!(definitions, 0);
    let accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    let mut partial = watch(&server, "timeoutSeconds=1", accept).await;
    let event = partial.next().await.expect("an event");
    assert_eq!((&event["object"]["kind"], event["object"].get("data")), (&"PartialObjectMetadata".into(), None));
}
