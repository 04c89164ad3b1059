//! AzureASOManagedMachinePool: the agent pool, and the nodes that came of it.

use actions::{Action, Requeue};
use api::{
    ObjectExt,
    names::{ObjectRef, split_api_version},
};
use serde_json::{Value, json};

use super::{inherited, lifecycle, mutate, not_ready, ready, refers_to, resources};
use crate::{
    conditions::{Draft, NotReady, Severity},
    names::{
        BLOCK_MOVE, CLUSTER_FINALIZER, CLUSTER_NAME_LABEL, CONTAINERSERVICE_GROUP, CONTROL_PLANE, CORE_API_VERSION,
        REPLICAS_MANAGED_BY,
    },
    observed::Outcome,
    pass::{self, Pass, Stop, text},
};

pub(crate) fn decide(pass: &Pass<'_>) -> Result<Outcome, Stop> {
    let pool = lifecycle::owner(pass, pass.object, "MachinePool")?;
    let name = pool.and_then(|pool| pool.label(CLUSTER_NAME_LABEL)).or(pass.object.label(CLUSTER_NAME_LABEL));
    let cluster = match name {
        Some(name) => pass.spec_of(&pass.beside(CORE_API_VERSION, "Cluster", name))?,
        None => None,
    };
    if pass::paused(cluster, pass.object) {
        return lifecycle::paused(pass);
    }
    if pass.deleting() {
        // The pool dies with its cluster.
        if cluster.is_some_and(|cluster| cluster.deletion_timestamp().is_some()) {
            return Ok(lifecycle::released(pass, CLUSTER_FINALIZER, "its cluster is deleted"));
        }
        return match cluster.is_some() {
            true => inherited::deleted(pass, pool),
            false => lifecycle::deleted(pass, CLUSTER_FINALIZER),
        };
    }
    let Some(pool) = pool else { return Ok(lifecycle::without_owner(pass, "MachinePool")) };
    let Some(cluster) = cluster else {
        let message = "AzureASOManagedMachinePool owner MachinePool is missing cluster label or cluster does not exist";
        return Ok(lifecycle::refused(pass, NotReady::new(Severity::Warning, "ClusterNotFound", message)));
    };
    if !refers_to(cluster.pointer("/spec/controlPlaneRef"), CONTROL_PLANE) {
        let message = "AzureASOManagedMachinePool cannot be used without AzureASOManagedControlPlane";
        return Ok(lifecycle::refused(pass, NotReady::error("InvalidControlPlaneKind", message)));
    }
    pass.ensure_finalizer(CLUSTER_FINALIZER, &[(BLOCK_MOVE, "true")])?;
    provision(pass, pool, cluster)
}

fn provision(pass: &Pass<'_>, pool: &Value, cluster: &Value) -> Result<Outcome, Stop> {
    let mut listed = match resources::parse(pass) {
        Ok(listed) => listed,
        Err(problem) => return Ok(lifecycle::refused(pass, problem)),
    };
    let mutated = match mutate::pool::mutate(pass, pool, &mut listed)? {
        Ok(mutated) => mutated,
        Err(problem) => return Ok(lifecycle::refused(pass, problem)),
    };
    let machine_pool = pass.beside(CORE_API_VERSION, "MachinePool", pool.name().unwrap_or_default());
    if let Some(annotation) = mutated.annotation {
        let patch = json!({"metadata": {"annotations": {REPLICAS_MANAGED_BY: annotation}}});
        let action = pass.merge(&machine_pool, patch, "spec.enableAutoScaling says who decides about replicas");
        return Err(Stop::Done(Outcome::again(vec![action])));
    }
    let mut draft = Draft::new(pass);
    let reconciled = resources::reconcile(pass, &listed, &mut draft)?;
    let mut actions = reconciled.actions;
    if let Some((problem, requeue)) = reconciled.problem {
        return Ok(not_ready(pass, draft, actions, problem, requeue));
    }
    let target = listed.get(mutated.at).map(|entry| resources::target_of(pass, entry)).unwrap_or_default();
    let agent_pool = pass.get(&target)?.unwrap_or(&Value::Null);
    let ids = match provider_ids(pass, cluster, &target, agent_pool)? {
        Ok(ids) => ids,
        Err((problem, requeue)) => return Ok(not_ready(pass, draft, actions, problem, requeue)),
    };
    actions.extend(lifecycle::own_spec(pass, "providerIDList", &json!(ids), "the nodes of the agent pool"));
    let count = agent_pool.pointer("/status/count").and_then(Value::as_i64).unwrap_or(0);
    draft.set("replicas", json!(count));
    actions.extend(follow_autoscaler(pass, pool, &machine_pool, count));
    Ok(ready(draft, actions))
}

/// What the autoscaler made of the pool is what the MachinePool wants from now on.
fn follow_autoscaler(pass: &Pass<'_>, pool: &Value, target: &ObjectRef, count: i64) -> Option<Action> {
    pool.annotation(REPLICAS_MANAGED_BY)?;
    let known = pool.pointer("/spec/replicas").and_then(Value::as_i64);
    (known != Some(count))
        .then(|| pass.merge(target, json!({"spec": {"replicas": count}}), "AKS scaled the agent pool"))
}

type Problem = (NotReady, Requeue);

/// The provider ids of the pool's nodes, sorted, read in the workload cluster.
fn provider_ids(
    pass: &Pass<'_>,
    cluster: &Value,
    target: &ObjectRef,
    agent_pool: &Value,
) -> Result<Result<Vec<String>, Problem>, Stop> {
    let owner = text(agent_pool, "/spec/owner/name");
    if owner.is_empty() {
        let message = format!("ManagedClustersAgentPool {} has no spec.owner.name", target.name);
        return Ok(Err((NotReady::error("NoOwner", message), Requeue::OnChange)));
    }
    let Some(live) = pass.get(&managed_cluster(target, owner))? else {
        let message = format!("error getting ManagedCluster: \"{owner}\" not found");
        return Ok(Err((NotReady::info("WaitingForManagedCluster", message), Requeue::OnChange)));
    };
    let group = text(live, "/status/nodeResourceGroup");
    if group.is_empty() {
        let message = format!("ManagedCluster {owner} has no status.nodeResourceGroup yet");
        return Ok(Err((NotReady::info("WaitingForManagedCluster", message), Requeue::OnChange)));
    }
    let nodes = match pass.nodes(cluster.name().unwrap_or_default())? {
        Ok(nodes) => nodes,
        Err(unreachable) => {
            let message = format!("failed to list nodes in workload cluster: {unreachable}");
            let problem = NotReady::new(Severity::Warning, "ClusterNotReachable", message);
            return Ok(Err((problem, Requeue::Backoff)));
        }
    };
    let (pool_label, group_label) = (label_value(azure_name(agent_pool, target)), label_value(group));
    let mut ids = Vec::new();
    let ours = |node: &&Value| {
        node.label("kubernetes.azure.com/agentpool") == Some(pool_label)
            && node.label("kubernetes.azure.com/cluster") == Some(group_label)
    };
    for node in nodes.iter().filter(ours) {
        let id = text(node, "/spec/providerID");
        if id.is_empty() {
            let message = format!("Node {} has no spec.providerID yet", node.name().unwrap_or_default());
            return Ok(Err((NotReady::info("WaitingForNodes", message), Requeue::OnChange)));
        }
        ids.push(id.to_string());
    }
    ids.sort();
    Ok(Ok(ids))
}

/// What Azure calls the agent pool.
pub(super) fn azure_name<'a>(agent_pool: &'a Value, target: &'a ObjectRef) -> &'a str {
    Some(text(agent_pool, "/spec/azureName")).filter(|name| !name.is_empty()).unwrap_or(&target.name)
}

/// The cluster of that name, beside the agent pool that it owns.
pub(super) fn managed_cluster(agent_pool: &ObjectRef, name: &str) -> ObjectRef {
    ObjectRef { kind: "ManagedCluster".into(), name: name.into(), ..agent_pool.clone() }
}

/// Values of labels end at 63 bytes, and names of Azure are cut to that.
fn label_value(name: &str) -> &str {
    name.get(..63).unwrap_or(name)
}

/// The first entry of a kind of AKS, in any version.
pub(super) fn first(resources: &[Value], kind: &str) -> Option<usize> {
    resources.iter().position(|entry| {
        let (group, _) = split_api_version(text(entry, "/apiVersion"));
        group == CONTAINERSERVICE_GROUP && entry["kind"] == kind
    })
}
