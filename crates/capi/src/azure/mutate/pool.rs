//! The ManagedClustersAgentPool: version, who counts, count.

use api::ObjectExt;
use serde_json::{Value, json};

use super::{Mutation, accessor_error, refusal};
use crate::{
    azure::{machine_pool::first, resources},
    conditions::NotReady,
    names::{REPLICAS_MANAGED_BY, REPLICAS_MANAGED_BY_AKS},
    pass::{Pass, Stop, text},
};

/// What the mutator did.
#[derive(Debug)]
pub(in crate::azure) struct Mutated {
    /// The place of the agent pool.
    pub(in crate::azure) at: usize,
    /// The MachinePool's annotation `replicas-managed-by` as it has to become; null to remove it.
    pub(in crate::azure) annotation: Option<Value>,
}

pub(in crate::azure) fn mutate(
    pass: &Pass<'_>,
    machine_pool: &Value,
    resources: &mut [Value],
) -> Result<Result<Mutated, NotReady>, Stop> {
    let Some(index) = first(resources, "ManagedClustersAgentPool") else {
        let message = "no containerservice.azure.com ManagedClustersAgentPools defined in AzureASOManagedMachinePool spec.resources";
        let problem = NotReady::error("NoManagedClustersAgentPoolDefined", format!("failed to run mutator: {message}"));
        return Ok(Err(problem));
    };
    let at = format!("spec.resources[{index}]");
    let name = machine_pool.name().unwrap_or_default();
    let Some(resource) = resources.get_mut(index) else { return Ok(Ok(Mutated { at: index, annotation: None })) };
    let version = text(machine_pool, "/spec/template/spec/version");
    if !version.is_empty() {
        let value = json!(version.strip_prefix('v').unwrap_or(version));
        let because = format!("because MachinePool {name}'s spec.template.spec.version is {version}");
        let mutation = Mutation { at: &at, path: &["spec", "orchestratorVersion"], value, because };
        if let Err(problem) = mutation.apply(resource) {
            return Ok(Err(problem));
        }
    }
    let annotation = match autoscaling(machine_pool, resource) {
        Ok(annotation) => annotation,
        Err(problem) => return Ok(Err(problem)),
    };
    let Some(replicas) = machine_pool.pointer("/spec/replicas").and_then(Value::as_i64) else {
        return Ok(Ok(Mutated { at: index, annotation }));
    };
    let managed = match &annotation {
        Some(value) => value.is_string(),
        None => machine_pool.annotation(REPLICAS_MANAGED_BY).is_some(),
    };
    if managed {
        // The autoscaler has counted before: it goes on.
        let live = pass.get(&resources::target_of(pass, resource))?;
        if live.is_some_and(|live| live.pointer("/status/count").is_some_and(Value::is_number)) {
            return Ok(Ok(Mutated { at: index, annotation }));
        }
    }
    let because = format!("because MachinePool {name}'s spec.replicas is {replicas}");
    let mutation = Mutation { at: &at, path: &["spec", "count"], value: json!(replicas), because };
    Ok(mutation.apply(resource).map(|()| Mutated { at: index, annotation }))
}

/// The change of the annotation that `enableAutoScaling` asks for.
fn autoscaling(machine_pool: &Value, agent_pool: &Value) -> Result<Option<Value>, NotReady> {
    let enabled = match agent_pool.pointer("/spec/enableAutoScaling") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(enabled)) => *enabled,
        Some(other) => return Err(refusal(&accessor_error(&["spec", "enableAutoScaling"], other, &json!(true)))),
    };
    match (enabled, machine_pool.annotation(REPLICAS_MANAGED_BY)) {
        (true, None) => Ok(Some(json!(REPLICAS_MANAGED_BY_AKS))),
        (false, Some(REPLICAS_MANAGED_BY_AKS)) => Ok(Some(Value::Null)),
        (true, Some(other)) if other != REPLICAS_MANAGED_BY_AKS => {
            let name = machine_pool.name().unwrap_or_default();
            let message = format!(
                "failed to enable autoscaling, replicas are already being managed by {other} according to MachinePool {name}'s {REPLICAS_MANAGED_BY} annotation"
            );
            Err(NotReady::error("ReplicasManagedByAnother", format!("failed to run mutator: {message}")))
        }
        _ => Ok(None),
    }
}
