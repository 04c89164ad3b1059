//! A pod as its controllers see it: little enough to keep ten thousand of them. The whole one is read from its bytes by the pass
//! that is about this very pod.

use api::ObjectExt;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Owner;
use crate::{At, names, read};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Pending,
    Unknown,
    Running,
    Succeeded,
    Failed,
}

#[derive(Clone, Debug)]
pub(crate) struct Pod {
    pub(crate) at: At,
    pub(crate) uid: String,
    pub(crate) version: u64,
    pub(crate) labels: Map<String, Value>,
    pub(crate) controller: Option<Owner>,
    pub(crate) created: Timestamp,
    pub(crate) is_deleting: bool,
    /// Empty while it is not scheduled.
    pub(crate) node: String,
    /// Empty while it has none.
    pub(crate) ip: String,
    pub(crate) phase: Phase,
    /// Since when it is ready.
    pub(crate) ready: Option<Timestamp>,
    /// When the last of its containers ended, where all have.
    pub(crate) finished: Option<Timestamp>,
    pub(crate) restarts: i64,
    pub(crate) deletion_cost: i64,
    /// Of an indexed Job.
    pub(crate) index: Option<i64>,
    /// Names of its claims.
    pub(crate) claims: Vec<String>,
    /// Its ports that have a name, with protocol and number.
    pub(crate) ports: Vec<(String, String, i64)>,
    pub(crate) raw: Bytes,
}

impl Pod {
    pub(crate) fn of(object: &Value, raw: Bytes) -> Self {
        let statuses = || read::list(object, "/status/containerStatuses").iter();
        let ready = read::condition(object, "Ready").filter(|ready| ready["status"] == "True");
        let ends: Vec<_> = statuses().filter_map(|status| read::time(status, "/state/terminated/finishedAt")).collect();
        let number = |key: &str| object.annotation(key).and_then(|text| text.parse().ok());
        Self {
            at: At::of(object),
            uid: object.uid().unwrap_or_default().into(),
            version: super::version(object),
            labels: object.labels().cloned().unwrap_or_default(),
            controller: Owner::of(object),
            created: read::time(object, "/metadata/creationTimestamp").unwrap_or_default(),
            is_deleting: object.deletion_timestamp().is_some(),
            node: read::text(object, "/spec/nodeName").into(),
            ip: read::text(object, "/status/podIP").into(),
            phase: match read::text(object, "/status/phase") {
                "Running" => Phase::Running,
                "Succeeded" => Phase::Succeeded,
                "Failed" => Phase::Failed,
                "Unknown" => Phase::Unknown,
                _ => Phase::Pending,
            },
            ready: ready.map(|ready| read::time(ready, "/lastTransitionTime").unwrap_or_default()),
            finished: (ends.len() == statuses().len()).then(|| ends.into_iter().max()).flatten(),
            restarts: statuses().filter_map(|status| read::number(status, "/restartCount")).sum(),
            deletion_cost: number(names::DELETION_COST).unwrap_or_default(),
            index: number(names::COMPLETION_INDEX),
            claims: claims(object),
            ports: ports(object),
            raw,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Succeeded | Phase::Failed)
    }

    /// Neither over nor about to go.
    pub(crate) fn is_active(&self) -> bool {
        !self.is_over() && !self.is_deleting
    }

    /// Since when it counts as available.
    pub(crate) fn available_from(&self, min_ready_secs: i64) -> Option<Timestamp> {
        self.ready.map(|since| crate::pass::later(since, min_ready_secs))
    }

    pub(crate) fn is_available(&self, min_ready_secs: i64, now: Timestamp) -> bool {
        self.available_from(min_ready_secs).is_some_and(|from| from <= now)
    }

    /// The whole pod.
    pub(crate) fn object(&self) -> Value {
        serde_json::from_slice(&self.raw).unwrap_or_default()
    }
}

fn claims(object: &Value) -> Vec<String> {
    let volumes = read::list(object, "/spec/volumes").iter();
    let claims = volumes.map(|volume| read::text(volume, "/persistentVolumeClaim/claimName"));
    claims.filter(|claim| !claim.is_empty()).map(Into::into).collect()
}

fn ports(object: &Value) -> Vec<(String, String, i64)> {
    let ports = read::list(object, "/spec/containers").iter().flat_map(|container| read::list(container, "/ports"));
    let named = ports.filter(|port| !read::text(port, "/name").is_empty());
    named
        .map(|port| {
            let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
            let number = read::number(port, "/containerPort").unwrap_or_default();
            (read::text(port, "/name").into(), protocol.into(), number)
        })
        .collect()
}
