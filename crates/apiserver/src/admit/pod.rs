//! What is asked of single pods through addresses of their own, decided: may a pod be evicted, to which node is it bound, of
//! which container are the logs. Pure; `rest::pod` reads and writes.

use api::{
    ObjectExt,
    condition::{self, Condition},
    status::{Cause, Status},
    text,
};
use machinery::selector::Labels;
use serde_json::{Map, Value, json};

/// Upstream's limit of evictions that the controller has not seen yet.
const DISRUPTED_MAX: usize = 2000;
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// How a pod is evicted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Eviction {
    /// The budget that pays for it, with one disruption less.
    pub(crate) budget: Option<Value>,
    /// Whether it holds for the pod as it was read, and for no later version.
    pub(crate) exact: bool,
}

fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

fn condition(kind: &str, reason: &str, message: &str) -> Condition {
    Condition {
        kind: kind.into(),
        status: "True".into(),
        reason: reason.into(),
        message: message.into(),
        severity: None,
        observed_generation: None,
    }
}

fn conditions(object: &Value) -> Vec<Value> {
    object.pointer("/status/conditions").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// `budgets` are the PodDisruptionBudgets of the pod's namespace.
pub(crate) fn evict(pod: &Value, budgets: &[Value], now: &str) -> Result<Eviction, Status> {
    let phase = text(pod, "/status/phase");
    let gone = matches!(phase, "Succeeded" | "Failed") || pod.deletion_timestamp().is_some();
    if gone || phase == "Pending" {
        return Ok(Eviction { budget: None, exact: !gone });
    }
    let mut of_pod = budgets.iter().filter(|budget| {
        let selector = budget.pointer("/spec/selector").filter(|selector| !selector.is_null());
        selector.is_some_and(|selector| Labels::from_object(selector).is_ok_and(|selector| selector.matches(pod)))
    });
    let Some(budget) = of_pod.next() else { return Ok(Eviction { budget: None, exact: false }) };
    if of_pod.next().is_some() {
        let message =
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
        return Err(Status::failure(500, "", message));
    }
    let is_ready = condition::find(pod, "Ready").is_some_and(|ready| ready["status"] == "True");
    if !is_ready {
        let (healthy, wanted) = (number(budget, "/status/currentHealthy"), number(budget, "/status/desiredHealthy"));
        let always = text(budget, "/spec/unhealthyPodEvictionPolicy") == "AlwaysAllow";
        if always || healthy >= wanted && wanted > 0 {
            return Ok(Eviction { budget: None, exact: true });
        }
    }
    take(pod, budget, now).map(|budget| Eviction { budget: Some(budget), exact: false })
}

/// One disruption less, for this pod.
fn take(pod: &Value, budget: &Value, now: &str) -> Result<Value, Status> {
    let name = budget.name().unwrap_or_default();
    if number(budget, "/status/observedGeneration") < budget.generation() {
        return Err(unsettled(name));
    }
    let forbidden = |why: &str| Status::forbidden("policy", "poddisruptionbudget", name, why);
    let allowed = number(budget, "/status/disruptionsAllowed");
    if allowed < 0 {
        return Err(forbidden("pdb disruptions allowed is negative"));
    }
    let disrupted = budget.pointer("/status/disruptedPods").and_then(Value::as_object);
    if disrupted.is_some_and(|pods| pods.len() > DISRUPTED_MAX) {
        return Err(forbidden("DisruptedPods map too big - too many evictions not confirmed by PDB controller"));
    }
    if allowed == 0 {
        let (wanted, healthy) = (number(budget, "/status/desiredHealthy"), number(budget, "/status/currentHealthy"));
        let why = format!("The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently");
        return Err(would_violate(0, why));
    }
    let mut disrupted: Map<String, Value> = disrupted.cloned().unwrap_or_default();
    disrupted.insert(pod.name().unwrap_or_default().into(), now.into());
    let mut budget = budget.clone();
    budget["status"]["disruptedPods"] = disrupted.into();
    budget["status"]["disruptionsAllowed"] = json!(allowed - 1);
    if allowed == 1 {
        let mut list = conditions(&budget);
        let used_up = Condition {
            status: "False".into(),
            observed_generation: Some(budget.generation()),
            ..condition("DisruptionAllowed", "InsufficientPods", "")
        };
        condition::set(&mut list, &used_up, now);
        budget["status"]["conditions"] = list.into();
    }
    Ok(budget)
}

fn would_violate(retry_after_secs: u64, why: String) -> Status {
    let message = "Cannot evict pod as it would violate the pod's disruption budget.";
    let status = Status::too_many_requests(message, retry_after_secs);
    status.with_causes(vec![Cause { reason: "DisruptionBudget".into(), message: why, field: String::new() }])
}

/// The budget's controller has not looked yet.
pub(crate) fn unsettled(budget: &str) -> Status {
    would_violate(10, format!("The disruption budget {budget} is still being processed by the server."))
}

/// What a pod's status says from then on.
pub(crate) fn mark_evicted(pod: &mut Value, now: &str) {
    let mut list = conditions(pod);
    condition::set(&mut list, &condition("DisruptionTarget", "EvictionByEvictionAPI", "Eviction API: evicting"), now);
    pod["status"]["conditions"] = list.into();
}

/// The pod on the node that a `v1` Binding names.
pub(crate) fn bind(pod: &Value, binding: &Value, now: &str) -> Result<Value, Status> {
    let name = pod.name().unwrap_or_default();
    let refused = |why: String| Err(Status::conflict("", "pods/binding", name, &why));
    if pod.deletion_timestamp().is_some() {
        return refused(format!("pod {name} is being deleted, cannot be assigned to a host"));
    }
    let node = text(pod, "/spec/nodeName");
    if !node.is_empty() {
        return refused(format!("pod {name} is already assigned to node {node:?}"));
    }
    if pod.pointer("/spec/schedulingGates").and_then(Value::as_array).is_some_and(|gates| !gates.is_empty()) {
        return refused(format!("pod {name} has non-empty .spec.schedulingGates"));
    }
    let mut bound = pod.clone();
    bound["spec"]["nodeName"] = text(binding, "/target/name").into();
    for (key, value) in binding.pointer("/metadata/annotations").and_then(Value::as_object).into_iter().flatten() {
        bound.set_annotation(key, value.as_str().unwrap_or_default());
    }
    let mut list = conditions(&bound);
    condition::set(&mut list, &condition("PodScheduled", "", ""), now);
    bound["status"]["conditions"] = list.into();
    for field in ["uid", "resourceVersion"] {
        if let Some(wanted) = binding.pointer(&format!("/metadata/{field}")).filter(|wanted| *wanted != "") {
            bound.metadata_mut().insert(field.into(), wanted.clone());
        }
    }
    Ok(bound)
}

/// What is wrong with a Binding by itself. Upstream answers it as an error of its own.
pub(crate) fn check_binding(name: &str, binding: &Value) -> Result<(), Status> {
    if binding.name() != Some(name) {
        return Err(Status::bad_request("name in URL does not match name in Binding object"));
    }
    let kind = text(binding, "/target/kind");
    if !["", "Node"].contains(&kind) {
        let message = format!("target.kind: Unsupported value: \"{kind}\": supported values: \"Node\", \"<empty>\"");
        return Err(Status::failure(500, "", message));
    }
    match text(binding, "/target/name") {
        "" => Err(Status::failure(500, "", "target.name: Required value")),
        _ => Ok(()),
    }
}

fn names(pod: &Value, list: &str) -> Vec<String> {
    let containers = pod.pointer(&format!("/spec/{list}")).and_then(Value::as_array);
    containers.into_iter().flatten().filter_map(|container| container["name"].as_str().map(Into::into)).collect()
}

/// The container whose logs are meant.
pub(crate) fn container(pod: &Value, asked: &str) -> Result<String, Status> {
    let name = pod.name().unwrap_or_default();
    if !asked.is_empty() {
        return match CONTAINERS.iter().any(|list| names(pod, list).iter().any(|known| known == asked)) {
            true => Ok(asked.into()),
            false => Err(Status::bad_request(format!("container {asked} is not valid for pod {name}"))),
        };
    }
    let containers = names(pod, "containers");
    if let [only] = containers.as_slice() {
        return Ok(only.clone());
    }
    let all: Vec<String> =
        ["initContainers", "containers", "ephemeralContainers"].iter().flat_map(|list| names(pod, list)).collect();
    let message = format!("a container name must be specified for pod {name}, choose one of: [{}]", all.join(" "));
    Err(Status::bad_request(message))
}

#[cfg(test)]
mod tests;
