//! Deleting an agent pool that Azure made with its cluster, of `agentPoolProfiles`. Until its own ASO object knows its id in Azure,
//! a deletion of that object deletes nothing there. Upstream leaves such a pool in Azure, where nobody deletes it any more.

use actions::Requeue;
use api::{ObjectExt, names::ObjectRef};
use serde_json::{Value, json};

use super::{lifecycle, machine_pool, mutate, not_ready, resources};
use crate::{
    conditions::{Draft, NotReady, READY},
    names::{CLUSTER_FINALIZER, RESOURCE_ID},
    observed::Outcome,
    pass::{Pass, Stop, text},
};

/// Where an agent pool stands that has no ASO object of its own, or one that Azure has not heard of.
enum Inherited<'a> {
    /// The cluster has made it.
    Made,
    /// The cluster was sent with it, and it is not known yet what came of that.
    Asked(&'a Value),
}

/// Deletes what the pool consists of. What its cluster made is taken over before, and what its cluster may be making is awaited.
pub(super) fn deleted(pass: &Pass<'_>, machine_pool: Option<&Value>) -> Result<Outcome, Stop> {
    if !pass.object.finalizers().contains(&CLUSTER_FINALIZER) {
        return Ok(Outcome::settled());
    }
    if let Some(outcome) = taken(pass)? {
        return Ok(outcome);
    }
    match state(pass)? {
        None => lifecycle::deleted(pass, CLUSTER_FINALIZER),
        Some(Inherited::Made) => taken_over(pass, machine_pool),
        Some(Inherited::Asked(cluster)) => {
            let ready = api::condition::find(cluster, READY).map(|ready| text(ready, "/message")).unwrap_or_default();
            let name = cluster.name().unwrap_or_default();
            let message = format!("Waiting for ManagedCluster/{name}, which may be making the agent pool: {ready}");
            let problem = NotReady::info("Deleting", message.trim_end_matches([':', ' ']));
            Ok(not_ready(pass, Draft::new(pass), Vec::new(), problem, Requeue::OnChange))
        }
    }
}

/// The pool's own entry, and the object that it names.
fn entry<'a>(pass: &Pass<'a>) -> Option<(&'a Value, ObjectRef)> {
    let listed =
        pass.object.pointer("/spec/resources").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let entry = machine_pool::first(listed, "ManagedClustersAgentPool").and_then(|at| listed.get(at))?;
    Some((entry, resources::target_of(pass, entry)))
}

/// Whether ASO was seen to know the agent pool. That outlives the ASO object, which a garbage collector may delete at any time, while
/// what the cluster says of its pools may be old.
fn is_known(pass: &Pass<'_>) -> bool {
    pass.object.pointer("/status/replicas").is_some()
}

/// Writes down that ASO knows the agent pool, before it is deleted.
fn taken(pass: &Pass<'_>) -> Result<Option<Outcome>, Stop> {
    let Some((_, target)) = entry(pass).filter(|_| !is_known(pass)) else { return Ok(None) };
    if pass.get(&target)?.and_then(|live| live.annotation(RESOURCE_ID)).is_none() {
        return Ok(None);
    }
    let mut draft = Draft::new(pass);
    draft.set("replicas", json!(0));
    Ok(draft.patch("ASO knows the agent pool").map(|action| Outcome::again(vec![action])))
}

fn state<'a>(pass: &Pass<'a>) -> Result<Option<Inherited<'a>>, Stop> {
    let Some((agent_pool, target)) = entry(pass) else { return Ok(None) };
    let own = is_known(pass) || pass.get(&target)?.is_some_and(|live| live.deletion_timestamp().is_some());
    let owner = text(agent_pool, "/spec/owner/name");
    if own || owner.is_empty() {
        return Ok(None);
    }
    let cluster = pass.get(&machine_pool::managed_cluster(&target, owner))?;
    let Some(cluster) = cluster.filter(|cluster| cluster.deletion_timestamp().is_none()) else { return Ok(None) };
    let name = machine_pool::azure_name(agent_pool, &target);
    let profiles = |at: &str| cluster.pointer(at).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names = |list: &[Value]| list.iter().any(|profile| profile["name"] == name);
    let (wanted, made) = (profiles("/spec/agentPoolProfiles"), profiles("/status/agentPoolProfiles"));
    Ok(if names(made) {
        Some(Inherited::Made)
    } else if made.is_empty() && (names(wanted) || cluster.annotation(RESOURCE_ID).is_some()) {
        Some(Inherited::Asked(cluster))
    } else {
        None
    })
}

/// Applies the agent pool as if it was to stay, so that ASO learns its id.
fn taken_over(pass: &Pass<'_>, machine_pool: Option<&Value>) -> Result<Outcome, Stop> {
    let mut listed = match resources::parse(pass) {
        Ok(listed) => listed,
        Err(problem) => return Ok(lifecycle::refused(pass, problem)),
    };
    if let Some(machine_pool) = machine_pool
        && let Err(problem) = mutate::pool::mutate(pass, machine_pool, &mut listed)?
    {
        return Ok(lifecycle::refused(pass, problem));
    }
    let mut draft = Draft::new(pass);
    let reconciled = resources::reconcile(pass, &listed, &mut draft)?;
    let (message, requeue) = match reconciled.problem {
        Some((problem, requeue)) => (problem.message, requeue),
        None => (String::new(), Requeue::OnChange),
    };
    let message = format!("Waiting for ASO to take over the agent pool that came with the cluster: {message}");
    let problem = NotReady::info("Deleting", message.trim_end_matches([':', ' ']));
    Ok(not_ready(pass, draft, reconciled.actions, problem, requeue))
}
