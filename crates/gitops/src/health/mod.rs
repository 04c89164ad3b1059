//! Health of live objects: Argo CD's own checks for built-in kinds, and ours for what Argo CD has none for (Azure, Cluster API,
//! cert-manager, child Applications). Kinds with no check have no health and count as healthy, as upstream.
//!
//! HorizontalPodAutoscaler has no check yet; Lua scripts of `resource.customizations` are not run.

mod ready;
mod workloads;

use api::{ObjectExt, argoproj, names::GroupVersionKind};
use serde_json::Value;

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

/// A child is as healthy as it says; one that nobody has looked at yet is progressing.
fn application(object: &Value) -> Health {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
    match Code::parse(text("/status/health/status")) {
        Some(code) => Health::new(code, text("/status/health/message")),
        None => Health::new(Code::Progressing, "Waiting for the Application to be compared"),
    }
}
