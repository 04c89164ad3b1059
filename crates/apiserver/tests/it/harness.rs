//! A server over the memory store with a standing clock, and a way to send it a request and see all of the answer.

use std::{
    fmt::Write as _,
    sync::{Arc, OnceLock},
};

use apiserver::{ApiServer, Config, Identity};
use axum::{Router, body::Body};
use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::Value;
use store::{Space, Store};
use testkit::{FixedClock, SeededEntropy};
use tower::ServiceExt;

/// Making a key takes a while: once for all tests.
fn signing_key() -> Arc<jose::SigningKey> {
    static KEY: OnceLock<Arc<jose::SigningKey>> = OnceLock::new();
    let make = || Arc::new(jose::SigningKey::generate(&SeededEntropy::new(7)).expect("a key"));
    KEY.get_or_init(make).clone()
}

pub(crate) fn config(clock: Arc<FixedClock>) -> Config {
    Config {
        clock,
        entropy: Arc::new(SeededEntropy::new(1)),
        issuer: "https://oidc.windlass.test/test/".into(),
        signing_key: signing_key().into(),
        admission: Arc::new(apiserver::admission::NoAdmission),
        client_ca_pem: None,
        version: "v1.33.1".into(),
        limits: apiserver::Limits::default(),
        workloads: false,
        webhooks: None,
    }
}

pub(crate) struct Server {
    pub(crate) api: ApiServer,
    pub(crate) router: Router,
    pub(crate) space: Arc<dyn Space>,
    /// The revision when the server had started.
    base: u64,
    pub(crate) clock: Arc<FixedClock>,
}

pub(crate) async fn server() -> Server {
    let space = store::Memory::new().space("test").expect("a space");
    over(space).await
}

/// A server over what is stored already, as after a restart.
pub(crate) async fn over(space: Arc<dyn Space>) -> Server {
    let clock = Arc::new(FixedClock::default());
    let api = ApiServer::start(space.clone(), config(clock.clone())).await.expect("a server");
    let router = api.in_process(Identity::admin());
    Server::of(api, router, space, clock)
}

/// A request as one line (`POST /path`), headers, body.
pub(crate) struct Ask<'a> {
    line: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: String,
}

pub(crate) fn ask(line: &str) -> Ask<'_> {
    Ask { line, headers: Vec::new(), body: String::new() }
}

impl<'a> Ask<'a> {
    pub(crate) fn header(mut self, name: &'a str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn accept(self, value: &'a str) -> Self {
        self.header("accept", value)
    }

    pub(crate) fn content(self, value: &'a str) -> Self {
        self.header("content-type", value)
    }

    pub(crate) fn body(mut self, body: impl ToString) -> Self {
        self.body = body.to_string();
        self
    }

    pub(crate) fn request(self) -> Request<Body> {
        let (method, uri) = self.line.split_once(' ').expect("METHOD PATH");
        let mut builder = Request::builder().method(method).uri(uri);
        for (name, value) in self.headers {
            builder = builder.header(name, value);
        }
        builder.body(Body::from(self.body)).expect("a request")
    }
}

impl Server {
    pub(crate) fn of(api: ApiServer, router: Router, space: Arc<dyn Space>, clock: Arc<FixedClock>) -> Self {
        let base = space.revision().0;
        Self { api, router, base, space, clock }
    }

    pub(crate) async fn send(&self, ask: Ask<'_>) -> Response<Body> {
        self.router.clone().oneshot(ask.request()).await.expect("an answer")
    }

    /// Status code and JSON body.
    pub(crate) async fn json(&self, ask: Ask<'_>) -> (u16, Value) {
        let response = self.send(ask).await;
        let code = response.status().as_u16();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        (code, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// An answer that must be a success.
    pub(crate) async fn ok(&self, ask: Ask<'_>) -> Value {
        let line = ask.line.to_string();
        let (code, body) = self.json(ask).await;
        assert!(code < 300, "{line}: {code} {body:#}");
        body
    }

    /// Code and message of a refusal.
    pub(crate) async fn refusal(&self, ask: Ask<'_>) -> String {
        let (code, body) = self.json(ask).await;
        let message = without_uids(body["message"].as_str().unwrap_or("?"));
        self.relative(&format!("{code} {}: {message}", body["reason"].as_str().unwrap_or("?")))
    }

    /// The whole answer as text: code, warnings, the body without managedFields.
    pub(crate) async fn show(&self, ask: Ask<'_>) -> String {
        let response = self.send(ask).await;
        let mut out = format!("{}\n", response.status());
        for warning in response.headers().get_all("warning") {
            writeln!(out, "warning: {}", warning.to_str().expect("text")).expect("a string");
        }
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(mut body) => {
                self.hide(&mut body);
                writeln!(out, "{body:#}").expect("a string");
            }
            Err(_) => out += &String::from_utf8_lossy(&bytes),
        }
        out
    }

    /// What differs between runs or depends on how much a cluster has at its start; managedFields have tests of their own.
    fn hide(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.remove("managedFields");
                if let Some(uid @ Value::String(_)) = fields.get_mut("uid") {
                    *uid = "(uid)".into();
                }
                if let Some(Value::String(version)) = fields.get_mut("resourceVersion") {
                    *version = self.since_start(version);
                }
                fields.values_mut().for_each(|value| self.hide(value));
            }
            Value::Array(items) => items.iter_mut().for_each(|value| self.hide(value)),
            _ => {}
        }
    }

    /// A resourceVersion as the number of writes since the start: `+1`.
    pub(crate) fn since_start(&self, version: &str) -> String {
        version
            .parse::<u64>()
            .map_or_else(|_| version.into(), |version| format!("+{}", version.saturating_sub(self.base)))
    }

    /// The resourceVersion after that many writes.
    pub(crate) fn version(&self, writes: u64) -> u64 {
        self.base + writes
    }

    fn relative(&self, text: &str) -> String {
        text.replace(&format!("current: {}", self.space.revision().0), "current: (now)")
    }

    pub(crate) async fn config_map(&self, name: &str) -> Value {
        let body = format!(
            r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"{name}","labels":{{"n":"{name}"}}}}}}"#
        );
        self.ok(ask("POST /api/v1/namespaces/default/configmaps").body(body)).await
    }

    pub(crate) async fn crd(&self, definition: &str) -> Value {
        let ask = ask("POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions").content("application/yaml");
        self.ok(ask.body(definition)).await
    }
}

/// `(uid)` for anything that looks like one.
fn without_uids(text: &str) -> String {
    let is_uid = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    text.split(' ').map(|word| if is_uid(word) { "(uid)" } else { word }).collect::<Vec<_>>().join(" ")
}

/// A definition with a status subresource, a default, pruning, and columns.
pub(crate) const WIDGETS: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.demo.example.com
spec:
  group: demo.example.com
  scope: Namespaced
  names: { plural: widgets, kind: Widget, shortNames: [wd], categories: [all] }
  versions:
  - name: v1
    served: true
    storage: true
    subresources: { status: {} }
    additionalPrinterColumns:
    - { name: Size, type: integer, jsonPath: .spec.size }
    - { name: Age, type: date, jsonPath: .metadata.creationTimestamp }
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: { type: integer, minimum: 1 }
              color: { type: string, default: red }
          status:
            type: object
            properties:
              ready: { type: boolean }
";

pub(crate) const WIDGETS_PATH: &str = "/apis/demo.example.com/v1/namespaces/default/widgets";

pub(crate) fn widget(name: &str, size: i64) -> String {
    format!(
        r#"{{"apiVersion":"demo.example.com/v1","kind":"Widget","metadata":{{"name":"{name}"}},"spec":{{"size":{size}}}}}"#
    )
}
