//! A pretended API server behind `kube::Client`: objects by path, merges for every patch, watches, and failures on demand.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use api::ObjectExt;
use axum::body::Body;
use futures::StreamExt;
use http::{Request, Response};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::broadcast;

/// Plural, kind, whether it is namespaced; by root.
const KINDS: [(&str, &str, &str, bool); 5] = [
    ("/api/v1", "configmaps", "ConfigMap", true),
    ("/api/v1", "namespaces", "Namespace", false),
    ("/api/v1", "secrets", "Secret", true),
    ("/apis/argoproj.io/v1alpha1", "applications", "Application", true),
    ("/apis/argoproj.io/v1alpha1", "appprojects", "AppProject", true),
];

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Moment {
    Before,
    After,
}

/// An API server with just enough in it.
#[derive(Clone)]
pub(super) struct Server(Arc<Mutex<State>>);

struct State {
    objects: BTreeMap<String, Value>,
    revision: u64,
    log: Vec<String>,
    events: broadcast::Sender<(String, Value)>,
    /// The next write of this path fails with 500, before or after it is executed.
    fail: Option<(String, Moment)>,
    /// Somebody else writes this object just before the next dry run of it.
    race: Option<(String, Value)>,
    /// Reads and dry runs of this path that are refused yet.
    busy: (String, u32),
}

fn answer(code: u16, body: &Value) -> Response<Body> {
    Response::builder()
        .status(code)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

fn refusal(code: u16, reason: &str, message: &str) -> Response<Body> {
    answer(code, &api::status::Status::failure(code, reason, message).to_value())
}

impl Server {
    pub(super) fn new() -> Self {
        let events = broadcast::channel(1000).0;
        let state = State {
            objects: BTreeMap::new(),
            revision: 0,
            log: Vec::new(),
            events,
            fail: None,
            race: None,
            busy: Default::default(),
        };
        let server = Self(Arc::new(Mutex::new(state)));
        server.put(
            "/api/v1/namespaces/dest",
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "dest"}}),
        );
        server
    }

    pub(super) fn put(&self, path: &str, mut object: Value) -> Value {
        let mut state = self.0.lock();
        state.revision += 1;
        let known = state.objects.get(path).and_then(|known| known.uid().map(str::to_string));
        let uid = known.unwrap_or_else(|| format!("uid-{}", state.revision));
        let revision = state.revision.to_string();
        object.metadata_mut().insert("uid".into(), json!(uid));
        object.metadata_mut().insert("resourceVersion".into(), json!(revision));
        let kind = if state.objects.contains_key(path) { "MODIFIED" } else { "ADDED" };
        state.objects.insert(path.into(), object.clone());
        state.publish(kind, path, &object);
        object
    }

    pub(super) fn remove(&self, path: &str) {
        let mut state = self.0.lock();
        if let Some(object) = state.objects.remove(path) {
            state.publish("DELETED", path, &object);
        }
    }

    pub(super) fn get(&self, path: &str) -> Option<Value> {
        self.0.lock().objects.get(path).cloned()
    }

    /// Writes since the last call.
    pub(super) fn writes(&self) -> String {
        std::mem::take(&mut self.0.lock().log).iter().map(|line| format!("{line}\n")).collect()
    }

    async fn serve(self, request: Request<kube::client::Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let (path, query) = (parts.uri.path().to_string(), parts.uri.query().unwrap_or_default().to_string());
        if (parts.method == "GET" || query.contains("dryRun=All")) && self.is_busy(&path) {
            return refusal(503, "ServiceUnavailable", "not now");
        }
        if let Some(list) = discovery(&path) {
            return answer(200, &list);
        }
        let Some((collection, is_object)) = collection(&path) else { return refusal(404, "NotFound", "no such path") };
        match parts.method.as_str() {
            "GET" if is_object => match self.get(&path) {
                Some(object) => answer(200, &object),
                None => refusal(404, "NotFound", "not found"),
            },
            "GET" if query.contains("watch=true") => self.watch(collection),
            "GET" => self.list(collection),
            method => self.write(method, &path, &query, &body),
        }
    }

    fn list(&self, collection: Collection) -> Response<Body> {
        let state = self.0.lock();
        let of = |path: &str| self::collection(path).map(|(collection, _)| collection);
        let objects = state.objects.iter().filter(|(path, _)| of(path) == Some(collection));
        let items: Vec<&Value> = objects.map(|(_, object)| object).collect();
        let metadata = json!({"resourceVersion": state.revision.to_string()});
        answer(
            200,
            &json!({"apiVersion": "v1", "kind": format!("{}List", collection.2), "metadata": metadata, "items": items}),
        )
    }

    fn watch(&self, collection: Collection) -> Response<Body> {
        let events = self.0.lock().events.subscribe();
        let stream =
            futures::stream::unfold(events, |mut events| async move { Some((events.recv().await.ok()?, events)) });
        let stream = stream.filter_map(move |(path, event)| {
            let ours = self::collection(&path).is_some_and(|(other, _)| other == collection);
            async move { ours.then(|| Ok::<_, Infallible>(format!("{event}\n"))) }
        });
        Response::builder()
            .status(200)
            .header("content-type", "application/json")
            .body(Body::from_stream(stream))
            .unwrap()
    }

    pub(super) fn fail_next(&self, path: &str, moment: Moment) {
        self.0.lock().fail = Some((path.into(), moment));
    }

    /// So many reads and dry runs of this path find the server busy.
    pub(super) fn be_busy(&self, path: &str, times: u32) {
        self.0.lock().busy = (path.into(), times);
    }

    fn is_busy(&self, path: &str) -> bool {
        let mut state = self.0.lock();
        let busy = state.busy.0 == path && state.busy.1 > 0;
        state.busy.1 -= u32::from(busy);
        busy
    }

    pub(super) fn race_next(&self, path: &str, patch: Value) {
        self.0.lock().race = Some((path.into(), patch));
    }

    fn race(&self, path: &str) {
        let race = self.0.lock().race.take_if(|(raced, _)| raced == path);
        if let Some((_, patch)) = race {
            let mut object = self.get(path).unwrap();
            merge(&mut object, &patch);
            self.put(path, object);
        }
    }

    fn failing(&self, path: &str, dry: bool) -> Option<Moment> {
        let mut state = self.0.lock();
        let hit = !dry && state.fail.as_ref().is_some_and(|(failing, _)| failing == path);
        if hit { state.fail.take().map(|(_, moment)| moment) } else { None }
    }

    fn write(&self, method: &str, path: &str, query: &str, body: &Value) -> Response<Body> {
        let dry = query.contains("dryRun=All");
        if dry {
            self.race(path);
        }
        let failing = self.failing(path, dry);
        if !dry {
            self.0.lock().log.push(format!("{method} {path}"));
        }
        if failing == Some(Moment::Before) {
            return refusal(500, "InternalError", "try again");
        }
        if method == "DELETE" {
            self.remove(path);
            return answer(200, &json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}));
        }
        let before = self.get(path);
        let mut next = before.clone().unwrap_or_else(|| json!({}));
        if let Some(version) = body.resource_version()
            && Some(version) != next.resource_version()
        {
            return refusal(409, "Conflict", "the object has been modified");
        }
        merge(&mut next, body);
        let unchanged = before.as_ref() == Some(&next);
        let object = if dry || unchanged { next } else { self.put(path, next) };
        if failing == Some(Moment::After) {
            return refusal(500, "InternalError", "try again");
        }
        let mut response = answer(200, &object);
        if body.pointer("/data/odd").is_some() {
            response.headers_mut().insert("warning", r#"299 - "unknown field \"data.odd\"""#.parse().unwrap());
        }
        response
    }

    pub(super) fn client(&self) -> kube::Client {
        let server = self.clone();
        let service = tower::service_fn(move |request| {
            let server = server.clone();
            async move { Ok::<_, Infallible>(server.serve(request).await) }
        });
        kube::Client::new(service, "default")
    }
}

impl State {
    fn publish(&self, kind: &str, path: &str, object: &Value) {
        let mut seen =
            json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": object["metadata"]});
        seen["metadata"]["resourceVersion"] = json!(self.revision.to_string());
        let _ = self.events.send((path.into(), json!({"type": kind, "object": seen})));
    }
}

type Collection = (&'static str, &'static str, &'static str);

/// Which kind a path is about, and whether it names one object.
fn collection(path: &str) -> Option<(Collection, bool)> {
    let (root, _, _, _) = KINDS.iter().find(|kind| path.starts_with(kind.0))?;
    let parts: Vec<&str> = path[root.len()..].split('/').filter(|part| !part.is_empty()).collect();
    let rest = if parts.first() == Some(&"namespaces") && parts.len() > 2 { &parts[2..] } else { &parts[..] };
    let (root, plural, kind, _) = KINDS.iter().find(|kind| kind.0 == *root && Some(&kind.1) == rest.first())?;
    Some(((root, plural, kind), rest.len() > 1))
}

fn discovery(path: &str) -> Option<Value> {
    match path {
        "/version" => return Some(json!({"gitVersion": "v1.31.4"})),
        "/api" => return Some(json!({"kind": "APIVersions", "versions": ["v1"]})),
        "/apis" => {
            let versions = [json!({"groupVersion": "argoproj.io/v1alpha1", "version": "v1alpha1"})];
            return Some(json!({"kind": "APIGroupList", "groups": [{"name": "argoproj.io", "versions": versions}]}));
        }
        _ => {}
    }
    let list: Vec<Value> = KINDS
        .iter()
        .filter(|kind| kind.0 == path)
        .map(|(_, plural, kind, namespaced)| json!({"name": plural, "singularName": "", "kind": kind, "namespaced": namespaced, "verbs": ["list", "watch"]}))
        .collect();
    (!list.is_empty()).then(|| json!({"kind": "APIResourceList", "resources": list}))
}

fn merge(document: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *document = patch.clone();
        return;
    };
    if !document.is_object() {
        *document = json!({});
    }
    for (key, value) in patch {
        if value.is_null() {
            document.as_object_mut().unwrap().remove(key);
        } else {
            merge(document.as_object_mut().unwrap().entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}
