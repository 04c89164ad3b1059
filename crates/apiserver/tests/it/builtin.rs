//! Built-in kinds beside a real kube-apiserver: each case of `tests/builtin/*.jsonl` is sent to this server, and the answer must be the one that
//! kube-apiserver gave (`*.answers.jsonl`): defaults, refusals with all their causes, and the cells of `kubectl get`.
//!
//! To record the answers again: start etcd and a kube-apiserver 1.33 (`--token-auth-file`, the ServiceAccount admission plugin off), then
//! `WINDLASS_KUBERNETES=https://127.0.0.1:6443 WINDLASS_KUBERNETES_TOKEN=... cargo test -p apiserver --test it builtin`, which fails and writes.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

use serde_json::{Value, json};

use crate::harness::{Server, ask, server};

const NAMESPACE: &str = "recorded-cases";
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/// Where this server answers differently, and why. A case that answers the same must not be here.
const DIFFERENT: &Different = &[
    ("cluster", "Node/plain", "no taint not-ready: there is no controller that would take it off"),
    ("system", "FlowSchema/plain", "no controller looks whether its level is there"),
    ("system", "FlowSchema/by-user", "no controller looks whether its level is there"),
    ("refused", "PodDisruptionBudget/both", "upstream prints addresses of its memory"),
];

#[tokio::test]
async fn workloads() {
    compare("workloads").await;
}

#[tokio::test]
async fn pods() {
    compare("pods").await;
}

#[tokio::test]
async fn network() {
    compare("network").await;
}

#[tokio::test]
async fn cluster() {
    compare("cluster").await;
}

#[tokio::test]
async fn system() {
    compare("system").await;
}

#[tokio::test]
async fn refused() {
    compare("refused").await;
}

#[tokio::test]
async fn changed() {
    compare("changed").await;
}

/// Who is asked: this server in the test's process, or a real one.
pub(crate) enum Api {
    Ours(Box<Server>),
    Real { url: String, token: String },
}

impl Api {
    pub(crate) async fn ask(&self, method: &str, path: &str, accept: &str, body: Option<&Value>) -> (u16, Value) {
        self.send(method, path, accept, "application/json", body).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        accept: &str,
        content: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        match self {
            Api::Ours(server) => {
                let line = format!("{method} {path}");
                let mut question = ask(&line).accept(accept);
                if let Some(body) = body {
                    question = question.content(content).body(body);
                }
                server.json(question).await
            }
            Api::Real { url, token } => {
                let mut curl = Command::new("curl");
                curl.args(["-sk", "-X", method, "-H", &format!("Authorization: Bearer {token}")]);
                curl.args(["-H", &format!("Accept: {accept}"), "-H", &format!("Content-Type: {content}")]);
                curl.args(["-w", "\n%{http_code}", &format!("{url}{path}")]);
                if let Some(body) = body {
                    curl.args(["-d", &body.to_string()]);
                }
                let output = String::from_utf8(curl.output().expect("curl").stdout).expect("text");
                let (body, code) = output.rsplit_once('\n').expect("a code");
                (code.parse().expect("a code"), serde_json::from_str(body).unwrap_or(Value::Null))
            }
        }
    }
}

pub(crate) fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/builtin").join(name)
}

pub(crate) fn lines(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(file(name)).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}"))).collect()
}

async fn compare(name: &str) {
    let cases = lines(&format!("{name}.jsonl"));
    if let Some(real) = real() {
        let text: String = answers(&real, &cases).await.iter().map(|answer| format!("{answer}\n")).collect();
        fs::write(file(&format!("{name}.answers.jsonl")), text).expect("the answers are written");
        panic!("{name}: recorded; run again without WINDLASS_KUBERNETES");
    }
    let expected = lines(&format!("{name}.answers.jsonl"));
    assert_eq!(cases.len(), expected.len(), "an answer for each case of {name}");
    let found = answers(&Api::Ours(Box::new(server().await)), &cases).await;
    let title = |case: &Value| {
        let name = case["metadata"]["name"].as_str().unwrap_or_default();
        format!("{}/{name}", case["kind"].as_str().unwrap_or_default())
    };
    judge(name, cases.iter().map(title), DIFFERENT, &expected, &found);
}

/// Where this server answers differently, and why: (file, title, why).
pub(crate) type Different = [(&'static str, &'static str, &'static str)];

/// Fails with everything in which an answer is not kube-apiserver's, and with what is no longer different.
pub(crate) fn judge(
    name: &str,
    titles: impl Iterator<Item = String>,
    different: &Different,
    expected: &[Value],
    found: &[Value],
) {
    let mut report = String::new();
    for (title, (expected, found)) in titles.zip(expected.iter().zip(found)) {
        let known = different.iter().any(|(file, case, _)| *file == name && *case == title);
        match (known, expected == found) {
            (false, false) => report += &format!("== {title}\n{}", difference(expected, found)),
            (true, true) => report += &format!("== {title} is the same now: take it off DIFFERENT\n"),
            _ => {}
        }
    }
    assert!(report.is_empty(), "kube-apiserver's answer (-), ours (+)\n{report}");
}

pub(crate) fn real() -> Option<Api> {
    #[expect(clippy::disallowed_methods, reason = "recording is asked for by the environment")]
    let setting = |name: &str| std::env::var(name).ok();
    Some(Api::Real { url: setting("WINDLASS_KUBERNETES")?, token: setting("WINDLASS_KUBERNETES_TOKEN")? })
}

async fn answers(api: &Api, cases: &[Value]) -> Vec<Value> {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
    api.ask("POST", "/api/v1/namespaces", "application/json", Some(&namespace)).await;
    let mut versions: BTreeMap<String, Value> = BTreeMap::new();
    let mut answers = Vec::new();
    for case in cases {
        let (collection, path) = addresses(case);
        let mut body = case.clone();
        let (code, answer) = match versions.get(&path) {
            Some(version) => {
                body["metadata"]["resourceVersion"] = version.clone();
                api.ask("PUT", &path, "application/json", Some(&body)).await
            }
            None => api.ask("POST", &collection, "application/json", Some(&body)).await,
        };
        if code >= 300 {
            answers.push(json!({ "code": code, "message": answer["message"], "causes": answer["details"]["causes"] }));
            continue;
        }
        versions.insert(path.clone(), answer["metadata"]["resourceVersion"].clone());
        let (_, table) = api.ask("GET", &path, TABLE, None).await;
        answers.push(json!({ "code": code, "object": stable(answer), "cells": cells(&table) }));
    }
    for path in versions.keys() {
        api.ask("DELETE", path, "application/json", Some(&json!({"gracePeriodSeconds": 0}))).await;
    }
    answers
}

/// Of the collection, and of the object.
fn addresses(case: &Value) -> (String, String) {
    let text = |at: &str| case.pointer(at).and_then(Value::as_str).unwrap_or_default().to_string();
    let (api_version, kind) = (text("/apiVersion"), text("/kind"));
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let served = machinery::builtin::kind(group, version, &kind).unwrap_or_else(|| panic!("{kind} is not served"));
    let root = if group.is_empty() { "/api".to_string() } else { format!("/apis/{group}") };
    let namespace = if served.namespaced { format!("namespaces/{NAMESPACE}/") } else { String::new() };
    let collection = format!("{root}/{version}/{namespace}{}", served.plural);
    let path = format!("{collection}/{}", text("/metadata/name"));
    (collection, path)
}

/// Without what differs in every run. Addresses of Services are given out by upstream, and not here.
fn stable(mut object: Value) -> Value {
    let uid = object.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or("-").to_string();
    for field in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
        object["metadata"].as_object_mut().expect("metadata").remove(field);
    }
    if object["kind"] == "Service"
        && let Some(spec) = object["spec"].as_object_mut()
    {
        for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            spec.remove(field);
        }
    }
    // Whoever asks: but not whom the body names.
    if object["kind"] == "CertificateSigningRequest" && object["spec"]["username"] != "forged" {
        object["spec"].as_object_mut().expect("spec").retain(|name, _| !["username", "uid"].contains(&name.as_str()));
    }
    if let Some(time) = object.pointer_mut("/status/lastPhaseTransitionTime") {
        *time = "TIME".into();
    }
    serde_json::from_str(&object.to_string().replace(&uid, "UID")).expect("JSON")
}

/// Of the one row; ages and addresses aside.
fn cells(table: &Value) -> Value {
    let definitions = table["columnDefinitions"].as_array().cloned().unwrap_or_default();
    let cells = table["rows"][0]["cells"].as_array().cloned().unwrap_or_default();
    let named = definitions.iter().zip(cells).map(|(column, cell)| {
        let name = column["name"].as_str().unwrap_or_default();
        let cell = match name {
            "Age" | "Last Seen" | "First Seen" | "Created At" | "Cluster-IP" | "Selector" | "Requestor" => json!("-"),
            _ => cell,
        };
        json!([name, column["type"], column["priority"], cell])
    });
    named.collect()
}

/// The paths that differ.
fn difference(expected: &Value, found: &Value) -> String {
    fn flat(value: &Value, path: String, into: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                fields.iter().for_each(|(name, value)| flat(value, format!("{path}.{name}"), into));
            }
            Value::Array(items) if !items.is_empty() => {
                items.iter().enumerate().for_each(|(at, value)| flat(value, format!("{path}[{at}]"), into));
            }
            leaf => {
                into.insert(path, leaf.to_string());
            }
        }
    }
    let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
    flat(expected, String::new(), &mut theirs);
    flat(found, String::new(), &mut ours);
    let gone = theirs.iter().filter(|(path, value)| ours.get(*path) != Some(value)).map(|line| ('-', line));
    let new = ours.iter().filter(|(path, value)| theirs.get(*path) != Some(value)).map(|line| ('+', line));
    gone.chain(new).map(|(sign, (path, value))| format!("  {sign} {path}: {value}\n")).collect()
}
