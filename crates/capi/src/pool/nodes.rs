//! The nodes behind a pool: references, counters, annotations on the nodes, and nodes whose machine is gone.

use std::{collections::BTreeMap, time::Duration};

use actions::{Propagation, Requeue, Verb, Write};
use api::{
    ObjectExt,
    names::{GroupVersionKind, ObjectRef},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{INFRASTRUCTURE_READY, REPLICAS_READY};
use crate::{
    conditions::{Draft, NotReady, Severity, is_true},
    observed::Unreachable,
    pass::{Pass, Stop, flag, text},
};

const UNINITIALIZED: &str = "node.cluster.x-k8s.io/uninitialized";

/// What is to be done about nodes.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) remote: Vec<Write>,
    pub(super) requeue: Requeue,
}

impl Found {
    fn nothing() -> Self {
        Self { remote: Vec::new(), requeue: Requeue::OnChange }
    }
}

/// Reads the nodes when there can be some, and puts what they say into the status.
pub(super) fn observe(
    pass: &Pass<'_>,
    cluster: &Value,
    spec: &Map<String, Value>,
    draft: &mut Draft<'_>,
) -> Result<Found, Stop> {
    let ids = spec.get("providerIDList").or(pass.object.pointer("/spec/providerIDList"));
    let ids: Vec<&str> = ids.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let known = draft.get("nodeRefs").as_array().map_or(0, Vec::len);
    if !draft.flag("infrastructureReady") && !draft.is_true(INFRASTRUCTURE_READY) && known == 0 {
        return Ok(Found::nothing());
    }
    let wants_none = pass.object.pointer("/spec/replicas").and_then(Value::as_i64) == Some(0);
    if ids.is_empty() && !wants_none && known == 0 {
        return Ok(Found::nothing());
    }
    // Without an endpoint there is no kubeconfig either.
    if !flag(cluster, "/status/infrastructureReady") {
        return Ok(Found::nothing());
    }
    match pass.nodes(cluster.name().unwrap_or_default())? {
        Ok(nodes) => Ok(count(pass, &ids, nodes, draft)),
        Err(unreachable) => Ok(away(unreachable, draft)),
    }
}

/// The counters stay as they were, and say since when.
fn away(unreachable: &Unreachable, draft: &mut Draft<'_>) -> Found {
    let problem = NotReady::new(Severity::Warning, "ClusterNotReachable", unreachable.clone());
    draft.condition(&problem.condition(REPLICAS_READY));
    Found { remote: Vec::new(), requeue: Requeue::Backoff }
}

fn count(pass: &Pass<'_>, ids: &[&str], nodes: &[Value], draft: &mut Draft<'_>) -> Found {
    let by_id: BTreeMap<&str, &Value> =
        nodes.iter().map(|node| (text(node, "/spec/providerID"), node)).filter(|(id, _)| !id.is_empty()).collect();
    let mut found = Found::nothing();
    found.remote.extend(retired(draft, ids, nodes));
    let seconds = pass.object.pointer("/spec/minReadySeconds").and_then(Value::as_i64).unwrap_or(0);
    let (mut references, mut ready, mut available) = (Vec::new(), 0, 0);
    for node in ids.iter().filter_map(|id| by_id.get(id)) {
        if let Some(since) = ready_since(node) {
            ready += 1;
            match wait(since, seconds, pass.env.now) {
                None => available += 1,
                Some(left) => found.requeue = sooner(found.requeue, left),
            }
        }
        references.push(json!({
            "apiVersion": "v1",
            "kind": "Node",
            "name": node.name().unwrap_or_default(),
            "uid": node.uid().unwrap_or_default(),
        }));
        found.remote.extend(claim(pass, node));
    }
    let (replicas, referenced) = (draft.number("replicas"), references.len() as i64);
    if references.is_empty() {
        draft.remove("nodeRefs");
    } else {
        draft.set("nodeRefs", json!(references));
    }
    draft.set("readyReplicas", json!(ready));
    draft.set("availableReplicas", json!(available));
    draft.set("unavailableReplicas", json!(replicas - available));
    if replicas == ready && referenced == ready {
        draft.condition(&is_true(REPLICAS_READY));
    } else {
        let message = format!("{ready} of {replicas} replicas are ready, {referenced} have a node");
        draft.condition(&NotReady::info("WaitingForReplicasReady", message).condition(REPLICAS_READY));
    }
    found
}

fn sooner(requeue: Requeue, left: Duration) -> Requeue {
    match requeue {
        Requeue::After(known) => Requeue::After(known.min(left)),
        _ => Requeue::After(left),
    }
}

/// Since when the node is ready.
fn ready_since(node: &Value) -> Option<Timestamp> {
    let ready = api::condition::find(node, "Ready").filter(|ready| ready["status"] == "True")?;
    Some(text(ready, "/lastTransitionTime").parse().unwrap_or(Timestamp::UNIX_EPOCH))
}

/// How long until a node that is ready counts as available; `None` when it does.
fn wait(since: Timestamp, seconds: i64, now: Timestamp) -> Option<Duration> {
    let at = since.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    if seconds == 0 || at <= now {
        return None;
    }
    // Whole seconds, upwards: the condition's time has no finer ones.
    let left = at.duration_since(now).as_secs().saturating_add(1);
    Some(Duration::from_secs(u64::try_from(left).unwrap_or(1)))
}

fn node_target(name: &str) -> ObjectRef {
    ObjectRef::new(&GroupVersionKind::new("", "v1", "Node"), "", name)
}

/// Nodes that the status names and whose provider id is no more in the pool.
pub(super) fn retired(draft: &Draft<'_>, ids: &[&str], nodes: &[Value]) -> Vec<Write> {
    let named: Vec<&str> =
        draft.get("nodeRefs").as_array().into_iter().flatten().map(|reference| text(reference, "/name")).collect();
    let gone = |node: &&Value| {
        let id = text(node, "/spec/providerID");
        named.contains(&node.name().unwrap_or_default()) && !id.is_empty() && !ids.contains(&id)
    };
    let delete = |node: &Value| Write {
        target: node_target(node.name().unwrap_or_default()),
        verb: Verb::Delete { uid: node.uid().unwrap_or_default().into(), propagation: Propagation::Background },
        reason: "its machine is no more in the pool".into(),
    };
    nodes.iter().filter(gone).map(delete).collect()
}

/// The annotations that say whose node it is, and the end of the taint that keeps workloads away until then.
fn claim(pass: &Pass<'_>, node: &Value) -> Option<Write> {
    let wanted = [
        ("cluster.x-k8s.io/cluster-name", text(pass.object, "/spec/clusterName")),
        ("cluster.x-k8s.io/cluster-namespace", pass.namespace()),
        ("cluster.x-k8s.io/owner-kind", "MachinePool"),
        ("cluster.x-k8s.io/owner-name", pass.target.name.as_str()),
    ];
    let annotations: Map<String, Value> = wanted
        .into_iter()
        .filter(|(name, value)| node.annotation(name) != Some(value))
        .map(|(name, value)| (name.to_string(), json!(value)))
        .collect();
    let mut patch = Map::new();
    if !annotations.is_empty() {
        patch.insert("metadata".into(), json!({"annotations": annotations}));
    }
    let taints = node.pointer("/spec/taints").and_then(Value::as_array);
    if let Some(taints) = taints.filter(|taints| taints.iter().any(|taint| taint["key"] == UNINITIALIZED)) {
        let left: Vec<&Value> = taints.iter().filter(|taint| taint["key"] != UNINITIALIZED).collect();
        patch.insert("spec".into(), json!({"taints": left}));
        let version = json!(node.resource_version());
        patch.entry("metadata").or_insert_with(|| json!({}))["resourceVersion"] = version;
    }
    (!patch.is_empty()).then(|| Write {
        target: node_target(node.name().unwrap_or_default()),
        verb: Verb::Merge { patch: Value::Object(patch) },
        reason: format!("the node belongs to {}", pass.target).into(),
    })
}
