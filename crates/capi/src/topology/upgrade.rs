//! Who takes a new version when: the control plane first, once it is at rest, then one pool after the other (or as many at a
//! time as the Cluster's annotation says), each once the nodes of the one before run it.

use std::{cmp::Ordering, collections::BTreeSet};

use api::ObjectExt;
use serde_json::Value;

use super::{Halt, blueprint::Blueprint, current::Current, failed, pools_of};
use crate::{
    names::{DEFER_UPGRADE, HOLD_UPGRADE_SEQUENCE, UPGRADE_CONCURRENCY},
    pass::{Pass, text},
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum ControlPlane {
    #[default]
    AtRest,
    Provisioning,
    /// To the version.
    Upgrading(String),
    Scaling,
    /// Takes the new version in this pass.
    Starting,
}

/// What an upgrade waits for.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    pub(super) control_plane: ControlPlane,
    /// The control plane has another version than the topology, and keeps it for now.
    pub(super) control_plane_pending: bool,
    /// By their names in the topology.
    pub(super) pending_create: BTreeSet<String>,
    /// Names of MachinePools.
    pub(super) pending_upgrade: BTreeSet<String>,
    pub(super) upgrading: BTreeSet<String>,
    concurrency: usize,
}

impl Tracker {
    pub(super) fn new(cluster: &Value) -> Self {
        let concurrency = cluster.annotation(UPGRADE_CONCURRENCY).and_then(|text| text.parse().ok()).unwrap_or(1);
        Self { concurrency: concurrency.max(1), ..Self::default() }
    }

    fn is_stable(&self) -> bool {
        !self.control_plane_pending && matches!(self.control_plane, ControlPlane::AtRest | ControlPlane::Provisioning)
    }
}

/// Which pools are upgrading: those of whose nodes one runs another version than the pool has. Nodes are only asked while some
/// version has yet to change.
pub(super) fn observe(
    pass: &Pass<'_>,
    blueprint: &Blueprint<'_>,
    current: &Current<'_>,
    tracker: &mut Tracker,
) -> Result<(), Halt> {
    let wanted = blueprint.version();
    let behind = current.control_plane.is_some_and(|object| text(object, "/spec/version") != wanted)
        || current.pools.values().any(|pool| version_of(pool) != wanted);
    let named =
        |pool: &&&Value| pool.pointer("/status/nodeRefs").and_then(Value::as_array).is_some_and(|it| !it.is_empty());
    if !behind || !current.pools.values().any(|pool| named(&pool)) {
        return Ok(());
    }
    let within = "failed to check if any MachinePool is upgrading";
    let nodes = match pass.nodes(&pass.target.name)? {
        Ok(nodes) => nodes,
        Err(unreachable) => return Err(Halt::Unreachable(format!("{within}: {unreachable}"))),
    };
    for pool in current.pools.values() {
        let name = pool.name().unwrap_or_default();
        for reference in pools_of(pool, "/status/nodeRefs") {
            let node_name = text(reference, "/name");
            let Some(node) = nodes.iter().find(|node| node.name() == Some(node_name)) else {
                // The pool's own pass is about to notice.
                let message =
                    format!("failed to check if MachinePool {name} is upgrading: failed to get Node {node_name}");
                return Err(Halt::Unreachable(format!("{within}: {message}")));
            };
            if text(node, "/status/nodeInfo/kubeletVersion") != version_of(pool) {
                tracker.upgrading.insert(name.to_string());
            }
        }
    }
    Ok(())
}

fn version_of(pool: &Value) -> &str {
    text(pool, "/spec/template/spec/version")
}

/// The version of the control plane in this pass.
pub(super) fn control_plane_version(
    blueprint: &Blueprint<'_>,
    current: &Current<'_>,
    tracker: &mut Tracker,
) -> Result<String, Halt> {
    let wanted = blueprint.version();
    let Some(object) = current.control_plane else { return Ok(wanted.to_string()) };
    let known = text(object, "/spec/version");
    let running = text(object, "/status/version");
    tracker.control_plane_pending = known != wanted;
    if tracker.control_plane_pending && compare(wanted, known) == Some(Ordering::Less) {
        return failed(format!(
            "spec.topology.version: Invalid value: \"{wanted}\": version cannot be decreased from \"{known}\" to \"{wanted}\""
        ));
    }
    if running.is_empty() {
        tracker.control_plane = ControlPlane::Provisioning;
        return Ok(known.to_string());
    }
    if compare(known, running) == Some(Ordering::Greater) {
        tracker.control_plane = ControlPlane::Upgrading(known.to_string());
        return Ok(known.to_string());
    }
    if !tracker.control_plane_pending {
        return Ok(known.to_string());
    }
    if blueprint.topology.pointer("/controlPlane/replicas").is_some_and(Value::is_number) && is_scaling(object) {
        tracker.control_plane = ControlPlane::Scaling;
        return Ok(known.to_string());
    }
    if !tracker.upgrading.is_empty() {
        return Ok(known.to_string());
    }
    tracker.control_plane_pending = false;
    tracker.control_plane = ControlPlane::Starting;
    Ok(wanted.to_string())
}

fn is_scaling(object: &Value) -> bool {
    let number = |at: &str| object.pointer(at).and_then(Value::as_i64);
    let wanted = number("/spec/replicas");
    let counters = ["/status/replicas", "/status/updatedReplicas", "/status/readyReplicas"];
    counters.iter().any(|at| number(at) != wanted) || number("/status/unavailableReplicas").unwrap_or(0) > 0
}

/// The version of a pool of the topology in this pass.
pub(super) fn pool_version(
    blueprint: &Blueprint<'_>,
    topology: &Value,
    current: Option<&Value>,
    tracker: &mut Tracker,
) -> String {
    let wanted = blueprint.version();
    let Some(object) = current else {
        if !tracker.is_stable() {
            tracker.pending_create.insert(text(topology, "/name").to_string());
        }
        return wanted.to_string();
    };
    let known = version_of(object);
    if known == wanted {
        return known.to_string();
    }
    let name = object.name().unwrap_or_default().to_string();
    let full = tracker.upgrading.len() >= tracker.concurrency;
    if is_deferred(blueprint.topology, topology) || full || !tracker.is_stable() {
        tracker.pending_upgrade.insert(name);
        return known.to_string();
    }
    tracker.upgrading.insert(name);
    wanted.to_string()
}

/// By its own annotation, or by one of a pool before it that holds the sequence.
fn is_deferred(topology: &Value, pool: &Value) -> bool {
    let has = |pool: &Value, annotation: &str| {
        pool.pointer("/metadata/annotations").is_some_and(|it| it.get(annotation).is_some())
    };
    if has(pool, DEFER_UPGRADE) {
        return true;
    }
    let name = text(pool, "/name");
    let mut until = pools_of(topology, "/workers/machinePools").scan(false, |over, each| {
        let this = !*over;
        *over = *over || text(each, "/name") == name;
        this.then_some(each)
    });
    until.any(|each| has(each, HOLD_UPGRADE_SEQUENCE))
}

/// Versions by their three numbers; `None` when one of them is none.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let numbers = |version: &str| {
        let version = version.strip_prefix('v').unwrap_or(version);
        let core = version.split(['-', '+']).next().unwrap_or_default();
        let mut parts = core.split('.').map(|part| part.parse::<u64>().ok());
        Some((parts.next()??, parts.next()??, parts.next()??))
    };
    Some(numbers(a)?.cmp(&numbers(b)?))
}
