//! Admission webhooks around real writes: a caller that answers as it is told stands for the network.

use std::sync::{Arc, Mutex};

use apiserver::{
    ApiServer, Config, Identity,
    webhook::{Caller, Target},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use expect_test::expect;
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};
use testkit::FixedClock;

use crate::harness::{Server, ask, config};

type Answering = fn(&str, &Value) -> Result<Value, String>;

#[derive(Debug)]
struct Fake {
    answer: Answering,
    /// `PATH OPERATION NAME`
    asked: Mutex<Vec<String>>,
}

impl Caller for Fake {
    fn call(&self, target: Target, body: Bytes) -> BoxFuture<'static, Result<Bytes, String>> {
        let review: Value = serde_json::from_slice(&body).expect("a review");
        let request = &review["request"];
        let path = target.path.split('?').next().unwrap_or_default().to_string();
        let text = |at: &str| request[at].as_str().unwrap_or_default().to_string();
        let part = request["subResource"].as_str().map(|part| format!("/{part}")).unwrap_or_default();
        self.asked.lock().expect("a lock").push(format!("{path} {} {}{part}", text("operation"), text("name")));
        let answer = (self.answer)(&path, request).map(|mut response| {
            response["uid"] = request["uid"].clone();
            let answer =
                json!({ "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response });
            Bytes::from(answer.to_string())
        });
        async move { answer }.boxed()
    }
}

async fn over(answer: Answering) -> (Server, Arc<Fake>) {
    let fake = Arc::new(Fake { answer, asked: Mutex::default() });
    let clock = Arc::new(FixedClock::default());
    let space = store::Memory::new().space("test").expect("a space");
    let config = Config { webhooks: Some(fake.clone()), ..config(clock.clone()) };
    let api = ApiServer::start(space.clone(), config).await.expect("a server");
    let router = api.in_process(Identity::admin());
    (Server::of(api, router, space, clock), fake)
}

use store::Store as _;

fn configuration(kind: &str, name: &str, hooks: &[Value]) -> Value {
    let hooks: Vec<Value> = hooks
        .iter()
        .map(|fields| {
            let mut hook = json!({
                "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "rules": [{ "operations": ["*"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"] }],
            });
            hook.as_object_mut().expect("fields").extend(fields.as_object().cloned().expect("fields"));
            hook
        })
        .collect();
    json!({ "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": { "name": name }, "webhooks": hooks })
}

fn hook(path: &str) -> Value {
    json!({ "name": format!("{path}.example.com"), "clientConfig": { "url": format!("https://hooks.example.com/{path}") } })
}

async fn register(server: &Server, configuration: Value) {
    let plural = format!("{}s", configuration["kind"].as_str().unwrap_or_default().to_lowercase());
    let line = format!("POST /apis/admissionregistration.k8s.io/v1/{plural}");
    server.ok(ask(&line).body(configuration)).await;
}

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn map(name: &str, value: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name }, "data": { "key": value } })
}

fn patch(operations: Value) -> Value {
    json!({ "allowed": true, "patchType": "JSONPatch", "patch": BASE64_STANDARD.encode(operations.to_string()) })
}

/// Labels what it sees; `/second` too, so that `/first` may be asked again.
fn label(path: &str, request: &Value) -> Result<Value, String> {
    if request["object"].is_null() {
        return Ok(json!({ "allowed": true }));
    }
    let labels = request["object"]["metadata"]["labels"].clone();
    let mut labels = labels.as_object().cloned().unwrap_or_default();
    let count = labels.get(&path[1..]).and_then(Value::as_str).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    labels.insert(path[1..].into(), (count + 1).to_string().into());
    Ok(patch(json!([{ "op": "add", "path": "/metadata/labels", "value": labels }])))
}

#[tokio::test]
async fn mutating_webhooks_change_what_is_written() {
    let (server, fake) = over(label).await;
    let mut first = hook("first");
    first["reinvocationPolicy"] = "IfNeeded".into();
    register(&server, configuration("MutatingWebhookConfiguration", "b", &[hook("second")])).await;
    register(&server, configuration("MutatingWebhookConfiguration", "a", &[first])).await;
    let made = server.ok(ask(&format!("POST {MAPS}?fieldManager=me")).body(map("a", "x"))).await;
    assert_eq!(made["metadata"]["labels"], json!({ "first": "2", "second": "1" }));
    assert!(
        !made["metadata"]["managedFields"].to_string().contains("first"),
        "the author does not own what others add"
    );
    server.ok(ask(&format!("PUT {MAPS}/a")).body(map("a", "y"))).await;
    server.ok(ask(&format!("DELETE {MAPS}/a"))).await;
    let asked = fake.asked.lock().expect("a lock").join("\n");
    expect![[r#"
        /first CREATE a
        /second CREATE a
        /first CREATE a
        /first UPDATE a
        /second UPDATE a
        /first UPDATE a
        /first DELETE a
        /second DELETE a"#]]
    .assert_eq(&asked);
}

fn judge(_: &str, request: &Value) -> Result<Value, String> {
    match request["object"]["data"]["key"].as_str() {
        Some("bad") => {
            Ok(json!({ "allowed": false, "status": { "message": "bad data", "code": 403, "reason": "Forbidden" } }))
        }
        Some("down") => Err("connection refused".into()),
        _ => Ok(json!({ "allowed": true, "warnings": ["I saw it"] })),
    }
}

#[tokio::test]
async fn validating_webhooks_refuse_and_fail() {
    let (server, _) = over(judge).await;
    register(&server, configuration("ValidatingWebhookConfiguration", "a", &[hook("judge")])).await;
    let answers = [
        server.refusal(ask(&format!("POST {MAPS}")).body(map("a", "bad"))).await,
        server.refusal(ask(&format!("POST {MAPS}")).body(map("a", "down"))).await,
    ];
    expect![[r#"
        403 Forbidden: admission webhook "judge.example.com" denied the request: bad data
        500 InternalError: Internal error occurred: failed calling webhook "judge.example.com": failed to call webhook: Post "https://hooks.example.com:443/judge?timeout=10s": connection refused"#]]
    .assert_eq(&answers.join("\n"));
    let shown = server.show(ask(&format!("POST {MAPS}")).body(map("a", "good"))).await;
    assert!(shown.contains("I saw it"), "{shown}");
    let mut lenient = configuration("ValidatingWebhookConfiguration", "a", &[hook("judge")]);
    lenient["webhooks"][0]["failurePolicy"] = "Ignore".into();
    let line = "PUT /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/a";
    server.ok(ask(line).body(lenient)).await;
    server.ok(ask(&format!("POST {MAPS}")).body(map("b", "down"))).await;
}

fn break_it(_: &str, _: &Value) -> Result<Value, String> {
    Ok(patch(
        json!([{ "op": "add", "path": "/data/not a key", "value": "x" }, { "op": "replace", "path": "/metadata/name", "value": "z" }]),
    ))
}

#[tokio::test]
async fn what_webhooks_make_is_validated_and_keeps_its_name() {
    let (server, _) = over(break_it).await;
    register(&server, configuration("MutatingWebhookConfiguration", "a", &[hook("breaks")])).await;
    let refused = server.refusal(ask(&format!("POST {MAPS}")).body(map("a", "x"))).await;
    assert!(refused.starts_with("422 Invalid: ConfigMap \"a\" is invalid: data[not a key]"), "{refused}");
}

#[tokio::test]
async fn a_service_inside_is_left_out_and_said() {
    let (server, fake) = over(judge).await;
    let inside =
        json!({ "name": "in.example.com", "clientConfig": { "service": { "namespace": "default", "name": "hooks" } } });
    register(&server, configuration("ValidatingWebhookConfiguration", "a", &[inside])).await;
    let missing = server.refusal(ask(&format!("POST {MAPS}")).body(map("a", "x"))).await;
    assert!(missing.ends_with("service \"hooks\" not found"), "{missing}");
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "hooks" }, "spec": { "ports": [{ "port": 443 }] } });
    server.ok(ask("POST /api/v1/namespaces/default/services").body(service)).await;
    let shown = server.show(ask(&format!("POST {MAPS}")).body(map("a", "x"))).await;
    assert!(shown.contains("was not called: service default/hooks is inside of this cluster"), "{shown}");
    assert!(fake.asked.lock().expect("a lock").is_empty());
}
