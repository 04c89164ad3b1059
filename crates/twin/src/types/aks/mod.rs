//! Azure Kubernetes Service: `Microsoft.ContainerService/managedClusters` and its agent pools. As recorded from Azure: PUT
//! 201/200 with an `Azure-AsyncOperation`, ids with a lower-case `resourcegroups`, what Azure fills in. A cluster's
//! `agentPoolProfiles` are its agent pools, stored once. The Kubernetes API of a cluster is the host's
//! ([`crate::ClusterHost`]).
//!
//! Not simulated: upgrades by channel, add-ons beyond their settings, the autoscaler (a count stays within its bounds), `runCommand`.

mod actions;
mod cluster;
mod defaults;
mod hosted;
mod pool;
mod pools;
pub(crate) mod refusal;
mod sizes;
pub(crate) mod versions;

use jiff::{civil::Date, tz::TimeZone};
use serde_json::{Map, Value, json};

pub(crate) use hosted::{hosted, key_of};

use super::lifecycle;
use crate::{
    access,
    arm::{
        errors,
        operations::{self, Style, Subject},
    },
    core::{Call, Core, Effects, Method, Outcome},
    id::Path,
    reply::Reply,
    state::{Change, Record, Resource},
};
use versions::Offer;

pub(crate) use crate::state::CLUSTER;

pub(crate) const POOL: &str = "Microsoft.ContainerService/managedClusters/agentPools";

const LONG_TERM: &str = "AKSLongTermSupport";

/// The api-version that AKS' operations have, whatever the request's is.
const OPERATION_VERSION: &str = "2016-03-30";

/// Requests to clusters and pools; `None` for all other types.
pub(crate) fn apply(core: &Core<'_>, call: &Call) -> Option<Outcome> {
    let is = |kind: &str| call.path.kind.eq_ignore_ascii_case(kind);
    if is(CLUSTER) {
        Some(cluster::apply(core, call))
    } else if is(POOL) {
        Some(pools::apply(core, call))
    } else {
        None
    }
}

/// What the type data does not have as types: upgrade profiles and access profiles.
pub(crate) fn apply_profile(core: &Core<'_>, call: &Call) -> Option<Outcome> {
    let rest = strip_prefix(&call.path.kind, CLUSTER)?.to_lowercase();
    let answer = match rest.as_str() {
        "/upgradeprofiles" => actions::cluster_upgrades,
        "/agentpools/upgradeprofiles" => actions::pool_upgrades,
        "/accessprofiles" => return Some(Err(errors::not_simulated("access profiles of managed clusters"))),
        _ => return None,
    };
    Some(authorized(core, call, answer))
}

fn authorized(core: &Core<'_>, call: &Call, answer: fn(&Core<'_>, &Call) -> Outcome) -> Outcome {
    if call.method != Method::Get {
        return Err(errors::method_not_allowed(call.method));
    }
    access::authorize(core, &access::action(&call.path.kind, Method::Get, None), &call.path)?;
    answer(core, call)
}

/// Collections that are no lists of resources.
pub(crate) fn collection(core: &Core<'_>, call: &Call) -> Option<Outcome> {
    let kind = call.path.collection()?.to_lowercase();
    match kind.as_str() {
        "microsoft.containerservice/locations/kubernetesversions" => {
            Some(authorized(core, call, |core, _| Ok(Reply::json(200, versions::listing(day(core))).into())))
        }
        "microsoft.containerservice/managedclusters/availableagentpoolversions" => {
            Some(authorized(core, call, actions::pool_versions))
        }
        _ => None,
    }
}

/// POST actions; `None` for those that are not simulated.
pub(crate) fn action(core: &Core<'_>, call: &Call, action: &str) -> Option<Outcome> {
    let existing = core.state.resource(&call.path.key())?;
    let action = action.to_lowercase();
    match (existing.is(CLUSTER), action.as_str()) {
        (true, "listclusteradmincredential") => Some(actions::admin_credential(core, existing)),
        (true, "listclusterusercredential") => Some(actions::user_credential(core, existing)),
        (true, "start") => Some(actions::power(core, existing, true)),
        (true, "stop") => Some(actions::power(core, existing, false)),
        (false, "upgradenodeimageversion") if existing.is(POOL) => Some(actions::new_image(core, call, existing)),
        _ => None,
    }
}

/// The day of the table of versions.
pub(crate) fn day(core: &Core<'_>) -> Date {
    core.settings.kubernetes_versions_of.unwrap_or_else(|| core.now.to_zoned(TimeZone::UTC).date())
}

/// The table of versions as a cluster sees it.
fn offer(core: &Core<'_>, support_plan: &str) -> Offer {
    Offer { day: day(core), long_term: support_plan.eq_ignore_ascii_case(LONG_TERM) }
}

/// What a GET shows beside what is stored.
pub(crate) fn show(core: &Core<'_>, resource: &Resource, body: &mut Map<String, Value>) {
    if resource.is(CLUSTER) {
        cluster::show(core, resource, body);
    }
}

/// The pools of a cluster, in order of name.
fn pools_of<'a>(core: &Core<'a>, cluster: &str) -> impl Iterator<Item = &'a Resource> + use<'a> {
    core.state.resources(&format!("{cluster}/agentpools/")).filter(|resource| resource.is(POOL))
}

/// Refuses while the cluster or one of the pools is being worked on.
fn require_idle<'a>(core: &Core<'_>, resources: impl Iterator<Item = &'a Resource>) -> Result<(), Reply> {
    let mut busy = resources.filter(|resource| resource.is_busy(core.now));
    match busy.next() {
        Some(busy) => Err(refusal::in_progress(&busy.name, busy.provisioning_state(core.now).unwrap_or_default())),
        None => Ok(()),
    }
}

fn is_stopped(resource: &Resource) -> bool {
    resource.property("powerState").is_some_and(|state| state["code"] == "Stopped")
}

/// The answer to a request that takes its time: AKS announces operations by `Azure-AsyncOperation`, and where the answer has
/// no body by `Location` too.
fn accepted(core: &Core<'_>, reply: Reply, resource: &Resource, seconds: i64, yields_resource: bool) -> Effects {
    let styles: &[Style] =
        if reply.status == 202 { &[Style::AsyncOperation, Style::Location] } else { &[Style::AsyncOperation] };
    // A pool's operations are where its cluster is.
    let parent = resource.id.to_lowercase().rsplit_once("/agentpools/").map(|(cluster, _)| cluster.to_string());
    let place = parent.and_then(|cluster| core.state.resource(&cluster)).map(Resource::location);
    let mut located = resource.clone();
    if let Some(place) = place {
        located.body.insert("location".into(), json!(place));
    }
    let subject = Subject { resource: &located, yields_resource, api_version: OPERATION_VERSION, seconds };
    let (reply, operation) = operations::start(core, reply, styles, subject);
    Effects { reply, changes: vec![Change::Put(Record::Operation(operation))] }
}

/// A deletion: 202, and the resource goes when its time has come.
fn remove(core: &Core<'_>, existing: &Resource, seconds: i64) -> Effects {
    let mut effects = accepted(core, Reply::status(202), existing, seconds, false);
    let until = effects.changes.iter().find_map(|change| match change {
        Change::Put(Record::Operation(operation)) if operation.failure.is_none() => Some(operation.until),
        _ => None,
    });
    // A deletion that is made to fail leaves the resource; one that goes on already keeps its time.
    if let Some(until) = until.filter(|_| existing.deleted_at.is_none()) {
        let going = Resource { deleted_at: Some(until), ..existing.clone() };
        effects.changes.push(Change::Put(Record::Resource(going)));
    }
    effects
}

/// The record of a pool after a request.
fn pool_record(
    core: &Core<'_>,
    call: &Call,
    existing: Option<&Resource>,
    properties: Map<String, Value>,
    seconds: i64,
) -> Resource {
    let doing = pool::doing(existing, &properties);
    let body = Map::from_iter([("properties".to_string(), Value::Object(properties))]);
    let mut record = lifecycle::record(core, call, existing, body, Some("Succeeded"));
    record.pending = lifecycle::pending(core, doing, seconds);
    record
}

/// The call as if it were to a resource below its own.
fn below(call: &Call, tail: &str) -> Result<Call, Reply> {
    Ok(Call { path: Path::parse(&format!("{}/{tail}", call.path.text))?, ..call.clone() })
}

fn properties_of(body: &Value) -> Map<String, Value> {
    body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default()
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// The versions that AKS offers on a day, oldest first: for who has to tell what there is instead.
pub fn kubernetes_versions(day: Date) -> Vec<String> {
    Offer { day, long_term: false }.versions().iter().map(ToString::to_string).collect()
}

/// What AKS has against a version on a day, in words; `None` when it offers it under that support plan.
pub fn kubernetes_version_note(version: &str, support_plan: &str, day: Date) -> Option<String> {
    let offer = Offer { day, long_term: support_plan.eq_ignore_ascii_case(LONG_TERM) };
    Some(match offer.resolve(version).err()? {
        versions::Refusal::Malformed => format!("{version:?} is no Kubernetes version"),
        versions::Refusal::LongTermOnly(version) => {
            format!(
                "on {day} AKS offers {version} for long-term support only (tier Premium, supportPlan AKSLongTermSupport)"
            )
        }
        versions::Refusal::NotOffered => format!("on {day} AKS does not offer {version}"),
    })
}

fn upgrades_json(versions: &[versions::Version]) -> Value {
    versions.iter().map(|version| json!({"kubernetesVersion": version.to_string()})).collect()
}

#[cfg(test)]
mod tests;
