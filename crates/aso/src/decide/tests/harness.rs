//! A shell for tests: a tiny cluster, a tiny Azure, and a log of every round as text.

use std::collections::{BTreeMap, VecDeque};

use actions::{
    Action, ArmError, ArmMethod, ArmOperation, ArmRequest, ArmResponse, Decision, OperationStyle, Requeue, Verb,
};
use api::{ObjectExt, Redacted};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{Env, Observed, Progress, Query, decide};

/// How Azure answers a PUT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pace {
    /// 201 and done.
    AtOnce,
    /// An Azure-AsyncOperation that takes so many polls.
    Async(u32),
    /// `provisioningState` in the body, for so many reads.
    Body(u32),
}

/// An Azure of maps. Secrets (`properties.value`) and `createMode` are kept but never returned.
#[derive(Debug)]
pub(super) struct Azure {
    pub resources: BTreeMap<String, Value>,
    /// Properties that Azure adds to everything that is made.
    pub adds: Value,
    pub pace: Pace,
    /// Answers to give instead, in order, to the next requests of a method.
    pub refuse: VecDeque<(ArmMethod, ArmError)>,
    /// How the next operation that comes to an end ends instead.
    pub ends: Option<ArmError>,
    pending: BTreeMap<String, u32>,
    /// Every writing request.
    pub log: Vec<String>,
    correlations: u32,
}

impl Azure {
    pub(super) fn new(pace: Pace) -> Self {
        Self {
            resources: BTreeMap::new(),
            adds: json!({}),
            pace,
            refuse: VecDeque::new(),
            ends: None,
            pending: BTreeMap::new(),
            log: Vec::new(),
            correlations: 0,
        }
    }

    fn send(&mut self, request: &ArmRequest) -> Result<ArmResponse, ArmError> {
        if let Some((method, _)) = self.refuse.front()
            && *method == request.method
        {
            let (_, mut error) = self.refuse.pop_front().expect("just seen");
            self.correlations += 1;
            error.correlation_id = format!("c{}", self.correlations);
            return Err(error);
        }
        let key = request.id.to_lowercase();
        if request.method.writes() && !key.ends_with("credential") && !key.ends_with("/listkeys") {
            self.log.push(format!("{} {}", request.method, request.id));
        }
        let response = |status: u16, body: Value, operation: Option<ArmOperation>| ArmResponse {
            status,
            body,
            operation,
            retry_after_secs: Some(15),
            correlation_id: "c".into(),
        };
        let operation = |method| {
            let url = format!("https://management.azure.com/operations{key}");
            ArmOperation { style: OperationStyle::AzureAsyncOperation, url, method }
        };
        match request.method {
            ArmMethod::Get => {
                let body = self.resources.get(&key).ok_or_else(|| not_found(&request.id))?;
                let mut body = returned(body);
                if let Some(left) = self.pending.get_mut(&key).filter(|left| **left > 0)
                    && matches!(self.pace, Pace::Body(_))
                {
                    *left -= 1;
                    body["properties"]["provisioningState"] = json!("Creating");
                }
                Ok(response(200, body, None))
            }
            ArmMethod::Put => {
                let status = if self.resources.contains_key(&key) { 200 } else { 201 };
                let mut body = request.body.clone().expect("a PUT has a body");
                body["id"] = json!(request.id);
                body["type"] = json!(crate::arm_id::type_of(&request.id));
                body["properties"]["provisioningState"] = json!("Succeeded");
                for (name, value) in self.adds.as_object().into_iter().flatten() {
                    body["properties"][name] = value.clone();
                }
                self.resources.insert(key.clone(), body.clone());
                let operation = match self.pace {
                    Pace::AtOnce => None,
                    Pace::Async(polls) => {
                        self.pending.insert(key.clone(), polls);
                        Some(operation(ArmMethod::Put))
                    }
                    Pace::Body(reads) => {
                        self.pending.insert(key.clone(), reads);
                        None
                    }
                };
                Ok(response(status, returned(&body), operation))
            }
            ArmMethod::Delete => {
                self.resources.remove(&key).ok_or_else(|| not_found(&request.id))?;
                let operation = matches!(self.pace, Pace::Async(_)).then(|| operation(ArmMethod::Delete));
                if let Pace::Async(polls) = self.pace {
                    self.pending.insert(key.clone(), polls);
                }
                Ok(response(if operation.is_some() { 202 } else { 200 }, Value::Null, operation))
            }
            ArmMethod::Post if key.ends_with("credential") => {
                let value =
                    BASE64_STANDARD.encode(format!("kubeconfig of {}", key.rsplit('/').nth(1).unwrap_or_default()));
                Ok(response(200, json!({"kubeconfigs": [{"name": "clusterAdmin", "value": value}]}), None))
            }
            ArmMethod::Post if key.ends_with("/listkeys") => {
                let keys = ["key1", "key2"].map(|name| json!({"keyName": name, "value": format!("value of {name}")}));
                let rule = request.id.rsplit('/').nth(1).unwrap_or_default();
                let body = json!({"keys": keys, "primaryConnectionString": format!("connection by {rule}")});
                Ok(response(200, body, None))
            }
            ArmMethod::Post => {
                let vault = key.strip_suffix("/purge").expect("the only POST here");
                self.resources.remove(vault);
                Ok(response(202, Value::Null, Some(operation(ArmMethod::Post))))
            }
            ArmMethod::Head | ArmMethod::Patch => panic!("never sent: {request:?}"),
        }
    }

    fn poll(&mut self, operation: &ArmOperation) -> Result<Progress, ArmError> {
        let key = operation.url.trim_start_matches("https://management.azure.com/operations").to_string();
        match self.pending.get_mut(&key) {
            Some(left) if *left > 0 => {
                *left -= 1;
                Ok(Progress::InProgress { operation: operation.clone(), retry_after_secs: Some(15) })
            }
            _ => self.ends.take().map_or(Ok(Progress::Done), Err),
        }
    }
}

fn returned(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(properties) = body["properties"].as_object_mut() {
        properties.remove("value");
        properties.remove("createMode");
    }
    body
}

fn not_found(id: &str) -> ArmError {
    error(404, "ResourceNotFound", &format!("The Resource '{id}' was not found."))
}

pub(super) fn error(status: u16, code: &str, message: &str) -> ArmError {
    ArmError {
        status,
        code: code.into(),
        message: message.into(),
        retry_after_secs: None,
        correlation_id: String::new(),
    }
}

/// A cluster with one object under decision, and everything else that it may refer to.
#[derive(Debug)]
pub(super) struct World {
    pub object: Value,
    pub objects: BTreeMap<(String, String), Value>,
    pub secrets: BTreeMap<(String, String), Value>,
    pub azure: Azure,
    pub now: Timestamp,
    pub text: String,
    pub writes: u32,
    /// After so many actions the process dies, once.
    pub crash_after: Option<u32>,
    gone: bool,
}

impl World {
    pub(super) fn new(object: Value, pace: Pace) -> Self {
        let mut world = Self {
            object,
            objects: BTreeMap::new(),
            secrets: BTreeMap::new(),
            azure: Azure::new(pace),
            now: "2026-11-22T12:00:00Z".parse().expect("a time"),
            text: String::new(),
            writes: 0,
            crash_after: None,
            gone: false,
        };
        world.object["metadata"]["uid"] = json!("uid-1");
        world.object["metadata"]["resourceVersion"] = json!("1");
        world.object["metadata"]["generation"] = json!(1);
        world
    }

    pub(super) fn env(&self) -> Env {
        Env::new(self.now, Redacted::new([7; 32]))
    }

    /// Passes until one does nothing, at most `max`.
    pub(super) fn run(&mut self, max: usize) -> &mut Self {
        for _ in 0..max {
            if self.gone || !self.pass() {
                break;
            }
        }
        self
    }

    /// One pass; whether anything was done or is awaited.
    pub(super) fn pass(&mut self) -> bool {
        self.text += &format!("-- {}\n", self.now.strftime("%H:%M:%S"));
        let mut observed = Observed::new(self.object.clone());
        let mut acted = false;
        for _ in 0..20 {
            match decide(&observed, &self.env()) {
                Decision::Need(queries) => {
                    for query in queries {
                        self.answer(&mut observed, query);
                    }
                }
                Decision::Do(outcome) => {
                    for action in &outcome.actions {
                        acted = true;
                        if self.crash_after == Some(0) {
                            self.crash_after = None;
                            self.text += "   (the process dies)\n";
                            return true;
                        }
                        self.crash_after = self.crash_after.map(|left| left - 1);
                        self.execute(&mut observed, action);
                    }
                    if outcome.again && !self.gone {
                        continue;
                    }
                    let wait = match outcome.requeue {
                        Requeue::OnChange => SignedDuration::ZERO,
                        Requeue::After(after) => SignedDuration::try_from(after).expect("short"),
                        Requeue::Backoff => SignedDuration::from_secs(1),
                    };
                    self.text += &format!("   then {:?}\n", outcome.requeue);
                    self.now += wait;
                    let waiting = matches!(outcome.requeue, Requeue::After(_)) && wait.as_secs() < 600;
                    return acted || waiting;
                }
            }
        }
        panic!("a pass without an end:\n{}", self.text);
    }

    fn answer(&mut self, observed: &mut Observed, query: Query) {
        match query {
            Query::Object(target) => {
                let found = self.objects.get(&(target.kind.clone(), target.name.clone())).cloned();
                self.text += &format!("   ? {target}: {}\n", if found.is_some() { "found" } else { "not found" });
                observed.objects.insert(target, found);
            }
            Query::Secret { namespace, name } => {
                let found = self.secrets.get(&(namespace.clone(), name.clone())).cloned();
                let state = if found.is_some() { "found" } else { "not found" };
                self.text += &format!("   ? Secret {namespace}/{name}: {state}\n");
                observed.secrets.insert((namespace, name), found.map(Redacted::new));
            }
            Query::Arm(request) => {
                let answer = self.azure.send(&request);
                let state = match &answer {
                    Ok(response) => format!("{}", response.status),
                    Err(error) => format!("{} {}", error.status, error.code),
                };
                self.text += &format!("   ? {} {}: {state}\n", request.method, request.id);
                observed.arm.push((request, answer));
            }
            Query::Poll(operation) => {
                let answer = self.azure.poll(&operation);
                let state = match &answer {
                    Ok(Progress::Done) => "done".to_string(),
                    Ok(Progress::InProgress { .. }) => "in progress".to_string(),
                    Err(error) => error.code.clone(),
                };
                self.text += &format!("   ? poll: {state}\n");
                observed.polls.push((operation, answer));
            }
        }
    }

    fn execute(&mut self, observed: &mut Observed, action: &Action) {
        match action {
            Action::Write(write) if matches!(write.verb, Verb::Apply { .. }) => {
                let Verb::Apply { object, .. } = &write.verb else { return };
                self.text += &format!("   ! apply {}: {} {}\n", write.target, write.reason, object["data"]);
                let (namespace, name) = (write.target.namespace.clone(), write.target.name.clone());
                if write.target.kind == "Secret" {
                    self.secrets.insert((namespace, name), object.clone());
                } else {
                    self.objects.insert((write.target.kind.clone(), name), object.clone());
                }
            }
            Action::Write(write) => {
                let Verb::Merge { patch } = &write.verb else { panic!("only merges: {write:?}") };
                let mut shown = patch.clone();
                if let Some(annotations) = shown.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
                    for (name, value) in annotations.iter_mut().filter(|(_, value)| value.is_string()) {
                        if name.starts_with("windlass.dev/azure") || name.ends_with("resume-token") {
                            *value = json!("…");
                        }
                    }
                }
                if let Some(expected) = patch.pointer("/metadata/resourceVersion") {
                    assert_eq!(Some(expected), self.object.pointer("/metadata/resourceVersion"), "a stale write");
                }
                self.text += &format!("   ! merge {}: {}\n", write.reason, shown["metadata"]);
                merge(&mut self.object, patch);
                self.wrote(observed);
                if self.object.deletion_timestamp().is_some() && self.object.finalizers().is_empty() {
                    self.text += "   (the object is gone)\n";
                    self.gone = true;
                }
            }
            Action::Status(status) => {
                self.text += &format!("   ! status {}: {}\n", status.reason, status.patch["status"]);
                merge(&mut self.object, &status.patch);
                self.wrote(observed);
            }
            Action::Arm { request, reason } => {
                let masked = crate::convert::masked(catalogue::builtin(), request);
                let body = masked.body.map(|body| format!(" {body}")).unwrap_or_default();
                self.text += &format!(
                    "   ! {} {} {}{body}\n     because {reason}\n",
                    request.method, request.id, request.api_version
                );
                let result = self.azure.send(request);
                let state = match &result {
                    Ok(response) if response.operation.is_some() => format!("{} and an operation", response.status),
                    Ok(response) => response.status.to_string(),
                    Err(error) => format!("{} {}", error.status, error.code),
                };
                self.text += &format!("     -> {state}\n");
                observed.arm.push((request.clone(), result));
            }
        }
    }

    fn wrote(&mut self, observed: &mut Observed) {
        self.writes += 1;
        self.object["metadata"]["resourceVersion"] = json!(format!("{}", 1 + self.writes));
        observed.object = self.object.clone();
    }

    pub(super) fn edit(&mut self, what: impl FnOnce(&mut Value)) -> &mut Self {
        what(&mut self.object);
        let generation = self.object.generation() + 1;
        self.object["metadata"]["generation"] = json!(generation);
        self
    }

    pub(super) fn ready(&self) -> String {
        let ready = api::condition::find(&self.object, "Ready").cloned().unwrap_or(Value::Null);
        format!("{} {} {}", ready["status"], ready["reason"], ready["message"])
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let map = target.as_object_mut().expect("just made an object");
    for (name, value) in patch {
        if value.is_null() {
            map.remove(name);
        } else {
            merge(map.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// The workshop's credential Secret.
pub(super) fn credential(name: &str) -> ((String, String), Value) {
    let data = json!({
        "AZURE_SUBSCRIPTION_ID": "00000000-0000-0000-0000-0000000000aa",
        "AZURE_TENANT_ID": "11111111-1111-1111-1111-111111111111",
        "AZURE_CLIENT_ID": "22222222-2222-2222-2222-222222222222",
        "USE_WORKLOAD_IDENTITY_AUTH": "true",
    });
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": name, "namespace": "rg-dev-app"}, "stringData": data,
    });
    (("rg-dev-app".to_string(), name.to_string()), secret)
}

pub(super) const GROUP_ID: &str = "/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/rg-dev-app";

/// An owner that is Ready.
pub(super) fn ready_owner(api_version: &str, kind: &str, name: &str, id: &str) -> ((String, String), Value) {
    let object = json!({
        "apiVersion": api_version, "kind": kind,
        "metadata": {
            "name": name, "namespace": "rg-dev-app", "uid": format!("uid-of-{name}"),
            "annotations": {"serviceoperator.azure.com/resource-id": id},
        },
        "status": {"conditions": [{"type": "Ready", "status": "True", "reason": "Succeeded"}]},
    });
    ((kind.to_string(), name.to_string()), object)
}
