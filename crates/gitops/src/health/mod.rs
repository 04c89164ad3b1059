//! Health of live objects: Argo CD's own checks for built-in kinds, and ours for what Argo CD has none for (Azure, Cluster API,
//! cert-manager, child Applications). Kinds with no check have no health and count as healthy, as upstream.
//!
//! HorizontalPodAutoscaler has no check yet; Lua scripts of `resource.customizations` are not run.

mod ready;
mod workloads;

use api::{
    ObjectExt,
    argoproj::{self, Source},
    names::GroupVersionKind,
};
use serde::Deserialize;
use serde_json::Value;

use crate::recorded;

#[cfg(test)]
mod tests;

/// From good to bad: an Application gets the worst of its resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    Healthy,
    Suspended,
    Progressing,
    Missing,
    Degraded,
    Unknown,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::Suspended => "Suspended",
            Self::Progressing => "Progressing",
            Self::Missing => "Missing",
            Self::Degraded => "Degraded",
            Self::Unknown => "Unknown",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let all = [Self::Healthy, Self::Suspended, Self::Progressing, Self::Missing, Self::Degraded, Self::Unknown];
        all.into_iter().find(|code| code.as_str() == text)
    }
}

/// What one object says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    pub code: Code,
    pub message: String,
}

impl Health {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// `None` for kinds that have no health.
pub fn of(object: &Value) -> Option<Health> {
    if object.deletion_timestamp().is_some() {
        return Some(Health::new(Code::Progressing, "Pending deletion"));
    }
    let gvk = GroupVersionKind::of(object)?;
    match gvk.group_kind() {
        (argoproj::GROUP, "Application") => Some(application(object)),
        (group, kind) if group.ends_with(".azure.com") || group == "azure.com" => ready::azure(object, kind),
        (group, kind) if group == "cluster.x-k8s.io" || group.ends_with(".cluster.x-k8s.io") => {
            ready::cluster_api(object, kind)
        }
        ("cert-manager.io", "Certificate" | "Issuer" | "ClusterIssuer") => Some(ready::conditions(object, &["Ready"])),
        group_kind => workloads::of(object, group_kind),
    }
}

/// A child is as healthy as it says, once what it says is about its spec of now: a wave that waits for a child waits for its
/// comparison and its sync too. Upstream has no check at all, and a wave does not wait.
fn application(object: &Value) -> Health {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let Some(code) = Code::parse(text("/status/health/status")) else {
        return Health::new(Code::Progressing, "Waiting for the Application to be compared");
    };
    // As values they may differ and mean the same.
    let source = |path: &str| object.pointer(path).and_then(|source| Source::deserialize(source).ok());
    let same = match (source("/status/sync/comparedTo/source"), source("/spec/source")) {
        (compared, Some(own)) => recorded::is(compared.as_ref(), &own),
        (compared, None) => compared.is_none(),
    };
    if !same {
        return Health::new(Code::Progressing, "Waiting for the Application's new source to be compared");
    }
    if text("/status/sync/status") == "Unknown" {
        let conditions = object.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
        let mut errors = conditions.filter(|it| it["type"].as_str().is_some_and(|kind| kind.ends_with("Error")));
        let why = errors.find_map(|it| it["message"].as_str()).unwrap_or("nothing is known about it");
        return Health::new(Code::Progressing, format!("Waiting for the Application to be compared: {why}"));
    }
    if matches!(text("/status/operationState/phase"), "Running" | "Terminating") {
        let message = text("/status/operationState/message");
        let message = if message.is_empty() { "a sync is running" } else { message };
        return Health::new(Code::Progressing, format!("Waiting for the Application's sync: {message}"));
    }
    Health::new(code, text("/status/health/message"))
}
