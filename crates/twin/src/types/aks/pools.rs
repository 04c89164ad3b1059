//! Requests to `managedClusters/agentPools`.

use serde_json::Value;

use super::{
    CLUSTER, accepted, is_stopped, offer,
    pool::{self, Around},
    pool_record, pools_of, properties_of, refusal, remove, require_idle,
    versions::Version,
};
use crate::{
    arm::errors,
    core::{Call, Core, Effects, Method, Outcome},
    id::Path,
    reply::Reply,
    state::Resource,
    types::{lifecycle, read},
};

const CREATE_SECS: i64 = 150;
const UPDATE_SECS: i64 = 90;
const DELETE_SECS: i64 = 120;

pub(super) const LAST_SYSTEM: &str = "There has to be at least one system agent pool.";

pub(super) fn apply(core: &Core<'_>, call: &Call) -> Outcome {
    let existing = core.state.resource(&call.path.key());
    match call.method {
        Method::Put => put(core, call, existing),
        Method::Delete => delete(core, call, existing),
        Method::Patch | Method::Post => Err(errors::method_not_allowed(call.method)),
        Method::Get | Method::Head => read(core, call),
    }
}

/// The cluster that a pool belongs to.
pub(super) fn cluster_of<'a>(core: &Core<'a>, path: &Path) -> Result<&'a Resource, Reply> {
    let cluster = core.state.resource(&path.parent.to_lowercase()).filter(|parent| parent.is(CLUSTER));
    cluster.ok_or_else(|| errors::parent_not_found(path))
}

/// A cluster as its pools see it.
pub(super) fn around<'a>(core: &Core<'_>, cluster: &'a Resource, key: &'a str) -> Around<'a> {
    let version = Version::parse(cluster.property_str("currentKubernetesVersion"));
    Around {
        cluster: &cluster.name,
        key,
        location: cluster.location(),
        version: version.unwrap_or(Version { minor: 0, patch: 0 }),
        max_pods: super::defaults::max_pods(cluster.property("networkProfile").unwrap_or(&Value::Null)),
        offer: offer(core, cluster.property_str("supportPlan")),
        planned: Vec::new(),
    }
}

fn put(core: &Core<'_>, call: &Call, existing: Option<&Resource>) -> Outcome {
    pool::check_name(&call.path.name)?;
    let body = lifecycle::body(call, existing)?;
    lifecycle::preconditions(call, existing)?;
    let cluster = cluster_of(core, &call.path)?;
    require_idle(core, [cluster].into_iter().chain(existing))?;
    if is_stopped(cluster) {
        return Err(refusal::stopped(&cluster.name));
    }
    let sent = properties_of(&Value::Object(body));
    let key = cluster.id.to_lowercase();
    let around = around(core, cluster, &key);
    let planned = pool::plan(core, &around, &call.path.name, &sent, existing, "properties")?;
    if existing.is_some() && !pool::is_system(&planned) {
        require_another_system(core, &key, &call.path.key())?;
    }
    let seconds = if existing.is_some() { UPDATE_SECS } else { CREATE_SECS };
    let record = pool_record(core, call, existing, planned, seconds);
    let stored = lifecycle::stored(core, if existing.is_some() { 200 } else { 201 }, record.clone());
    let mut effects = accepted(core, stored.reply, &record, seconds, true);
    effects.changes.extend(stored.changes);
    Ok(effects)
}

/// A cluster keeps one pool for its own pods.
fn require_another_system(core: &Core<'_>, cluster: &str, but: &str) -> Result<(), Reply> {
    let others = pools_of(core, cluster).filter(|other| other.id.to_lowercase() != but && other.deleted_at.is_none());
    match others.filter_map(|other| other.body.get("properties")?.as_object()).any(pool::is_system) {
        true => Ok(()),
        false => Err(refusal::bad(LAST_SYSTEM)),
    }
}

fn delete(core: &Core<'_>, call: &Call, existing: Option<&Resource>) -> Outcome {
    let Some(existing) = existing else { return Ok(Effects::from(Reply::status(204))) };
    lifecycle::preconditions(call, Some(existing))?;
    let cluster = cluster_of(core, &call.path)?;
    // A deletion that goes on already is answered by it again.
    if existing.deleted_at.is_none() {
        require_idle(core, [cluster, existing].into_iter())?;
        require_another_system(core, &cluster.id.to_lowercase(), &call.path.key())?;
    }
    Ok(remove(core, existing, DELETE_SECS))
}
