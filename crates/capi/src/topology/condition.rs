//! TopologyReconciled, of both contracts, with upstream's reasons and words.

use serde_json::Value;

use super::upgrade::{ControlPlane, Tracker};
use crate::{
    conditions::{Draft, NotReady, is_true},
    pass::text,
};

pub(crate) const TOPOLOGY_RECONCILED: &str = "TopologyReconciled";
/// As many names as a message has.
const NAMES_MAX: usize = 5;

pub(crate) fn paused(draft: &mut Draft<'_>, message: &str) {
    set(draft, NotReady::info("Paused", message), "Paused", message);
}

pub(crate) fn deleting(draft: &mut Draft<'_>) {
    set(draft, NotReady::info("Deleted", ""), "Deleting", "Cluster is deleting");
}

pub(super) fn failed(draft: &mut Draft<'_>, message: &str) {
    set(draft, NotReady::error("TopologyReconcileFailed", message), "ReconcileFailed", message);
}

fn set(draft: &mut Draft<'_>, problem: NotReady, reason: &str, message: &str) {
    draft.condition(&problem.condition(TOPOLOGY_RECONCILED));
    draft.next_condition(TOPOLOGY_RECONCILED, false, reason, message);
}

/// Everything is written that may be written now; what has to wait says for what.
pub(super) fn reached(draft: &mut Draft<'_>, topology: &Value, tracker: &Tracker) {
    let Some((reason, holds)) = held(topology, tracker) else {
        draft.condition(&is_true(TOPOLOGY_RECONCILED));
        return draft.next_condition(TOPOLOGY_RECONCILED, true, "ReconcileSucceeded", "");
    };
    let message = format!("{holds}{}", because(tracker));
    set(draft, NotReady::info(reason, &message), reason, &message);
}

fn held(topology: &Value, tracker: &Tracker) -> Option<(&'static str, String)> {
    let version = text(topology, "/version");
    if tracker.control_plane_pending {
        let message = format!("Control plane rollout and upgrade to version {version} on hold.");
        return Some(("ControlPlaneUpgradePending", message));
    }
    // A deferred pool is pending too, and upstream then says so first.
    if !tracker.pending_upgrade.is_empty() {
        let names = names(tracker.pending_upgrade.iter());
        let message = format!("MachinePool(s) {names} rollout and upgrade to version {version} on hold.");
        return Some(("MachinePoolsUpgradePending", message));
    }
    if !tracker.pending_create.is_empty() {
        let names = names(tracker.pending_create.iter());
        return Some(("MachinePoolsCreatePending", format!("MachinePool(s) for Topologies {names} creation on hold.")));
    }
    None
}

fn because(tracker: &Tracker) -> String {
    match &tracker.control_plane {
        ControlPlane::Provisioning => " Control plane is completing initial provisioning".into(),
        ControlPlane::Upgrading(version) => format!(" Control plane is upgrading to version {version}"),
        ControlPlane::Scaling => " Control plane is reconciling desired replicas".into(),
        _ if !tracker.upgrading.is_empty() => {
            format!(" MachinePool(s) {} are upgrading", names(tracker.upgrading.iter()))
        }
        _ => String::new(),
    }
}

fn names<'n>(all: impl Iterator<Item = &'n String>) -> String {
    let mut shown: Vec<&str> = all.map(String::as_str).collect();
    if shown.len() > NAMES_MAX {
        shown.truncate(NAMES_MAX);
        shown.push("...");
    }
    shown.join(", ")
}
