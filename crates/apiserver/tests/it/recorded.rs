//! Requests beside a real kube-apiserver: the lines of `tests/builtin/*.requests.jsonl` are sent one after the other, and each answer must be
//! the one that kube-apiserver gave. For what is no plain object: subresources, evictions, addresses. Recorded again as [`crate::builtin`] says.

use std::fs;

use serde_json::{Value, json};

use crate::{
    builtin::{Api, Different, file, judge, lines, real},
    harness::server,
};

const DIFFERENT: &Different = &[(
    "definitions",
    "bad fields",
    "both refuse `.metadata.name`: upstream does not find it, this server says that it may not be",
)];

#[tokio::test]
async fn scale() {
    compare("scale").await;
}

#[tokio::test]
async fn pod_parts() {
    compare("pod-parts").await;
}

#[tokio::test]
async fn definitions() {
    compare("definitions").await;
}

#[tokio::test]
async fn addresses() {
    compare("addresses").await;
}

async fn compare(name: &str) {
    let requests = lines(&format!("{name}.requests.jsonl"));
    let recorded = format!("{name}.responses.jsonl");
    if let Some(real) = real() {
        let text: String = answers(&real, name, &requests).await.iter().map(|answer| format!("{answer}\n")).collect();
        fs::write(file(&recorded), text).expect("the answers are written");
        panic!("{name}: recorded; run again without WINDLASS_KUBERNETES");
    }
    let expected = lines(&recorded);
    assert_eq!(requests.len(), expected.len(), "an answer for each request of {name}");
    let found = answers(&Api::Ours(Box::new(server().await)), name, &requests).await;
    let title = |request: &Value| request["why"].as_str().or(request["do"].as_str()).unwrap_or_default().to_string();
    judge(name, requests.iter().map(title), DIFFERENT, &expected, &found);
}

/// `NS` in an address or a body is the namespace of the file.
async fn answers(api: &Api, name: &str, requests: &[Value]) -> Vec<Value> {
    // A real server without controllers never ends a namespace: each run has its own.
    let (_, list) = api.ask("GET", "/api/v1/namespaces?limit=1", "application/json", None).await;
    let namespace = format!("recorded-{name}-{}", list["metadata"]["resourceVersion"].as_str().unwrap_or_default());
    let own = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
    api.ask("POST", "/api/v1/namespaces", "application/json", Some(&own)).await;
    let mut answers = Vec::new();
    for request in requests {
        let request: Value = serde_json::from_str(&request.to_string().replace("NS", &namespace)).expect("JSON");
        let (method, path) = request["do"].as_str().and_then(|line| line.split_once(' ')).expect("METHOD PATH");
        let content = request["type"].as_str().unwrap_or("application/json");
        let (code, mut body) = api.send(method, path, "application/json", content, request.get("body")).await;
        let uid = body.pointer("/metadata/uid").and_then(Value::as_str).map(ToString::to_string);
        stable(&mut body);
        let text = body.to_string().replace(uid.as_deref().unwrap_or("no uid"), "UID").replace(&namespace, "NS");
        let show = request["show"].as_str().map_or(serde_json::from_str(&text).expect("JSON"), |at| {
            let body: Value = serde_json::from_str(&text).expect("JSON");
            if code < 300 { body.pointer(at).cloned().unwrap_or(Value::Null) } else { body }
        });
        answers.push(json!({ "code": code, "body": show }));
    }
    api.ask("DELETE", &format!("/api/v1/namespaces/{namespace}"), "application/json", None).await;
    answers
}

/// Without what differs in every run.
fn stable(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["uid", "resourceVersion", "creationTimestamp", "time"] {
                fields.remove(name);
            }
            if let Some(Value::String(time)) = fields.get_mut("lastTransitionTime") {
                *time = "TIME".into();
            }
            fields.values_mut().for_each(stable);
        }
        Value::Array(items) => items.iter_mut().for_each(stable),
        _ => {}
    }
}
