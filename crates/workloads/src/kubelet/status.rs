//! Statuses of pods, whole, as a kubelet writes them.

use api::ObjectExt;
use serde_json::{Value, json};

use super::address;
use crate::{
    pass::{Pass, condition},
    read,
};

/// What stands in the way of a condition: its reason and message; nothing where it holds.
type Why<'a> = Option<(&'a str, &'a str)>;

fn set(status: &mut Value, pod: &Value, kind: &str, why: Why<'_>, now: &str) {
    let value = if why.is_none() { "True" } else { "False" };
    let new = condition(pod, (kind, value), why.unwrap_or_default(), now);
    let mut conditions = read::list(status, "/conditions").to_vec();
    match conditions.iter_mut().find(|known| known["type"] == kind) {
        Some(known) => *known = new,
        None => conditions.push(new),
    }
    status["conditions"] = conditions.into();
}

fn names(pod: &Value, at: &str) -> String {
    let names: Vec<&str> = read::list(pod, at).iter().map(|container| read::text(container, "/name")).collect();
    format!("[{}]", names.join(" "))
}

fn containers(pod: &Value, at: &str, status: impl Fn(&Value, &mut Value)) -> Vec<Value> {
    let containers = read::list(pod, at).iter();
    let one = |container: &Value| {
        let image = read::text(container, "/image");
        let mut one = json!({
            "name": container["name"],
            "image": image,
            "imageID": "",
            "ready": false,
            "restartCount": 0,
            "started": false,
        });
        status(container, &mut one);
        one
    };
    containers.map(one).collect()
}

fn started(pod: &Value, container: &Value, status: &mut Value) {
    status["imageID"] = format!("simulated://{}", read::text(container, "/image")).into();
    let id = crate::hash::of(&json!([pod.uid(), container["name"]]), 0);
    status["containerID"] = format!("simulated://{id}").into();
}

fn is_sidecar(container: &Value) -> bool {
    container["restartPolicy"] == "Always"
}

/// On its node, its images being pulled.
pub(super) fn admitted(pod: &Value, node: &Value, pass: &Pass) -> Value {
    let now = pass.stamp();
    let mut status = pod.get("status").cloned().unwrap_or_else(|| json!({}));
    let inits = !read::list(pod, "/spec/initContainers").is_empty();
    status["phase"] = "Pending".into();
    status["startTime"] = now.clone().into();
    let host = address::of_node(node);
    status["hostIP"] = host.into();
    status["hostIPs"] = json!([{"ip": host}]);
    let waiting = |reason: &'static str| {
        move |_: &Value, status: &mut Value| status["state"] = json!({"waiting": {"reason": reason}})
    };
    let reason = if inits { "PodInitializing" } else { "ContainerCreating" };
    status["containerStatuses"] = containers(pod, "/spec/containers", waiting(reason)).into();
    if inits {
        status["initContainerStatuses"] = containers(pod, "/spec/initContainers", waiting(reason)).into();
    }
    let unready = format!("containers with unready status: {}", names(pod, "/spec/containers"));
    let uninitialized = format!("containers with incomplete status: {}", names(pod, "/spec/initContainers"));
    set(&mut status, pod, "PodReadyToStartContainers", Some(("", "")), &now);
    set(&mut status, pod, "Initialized", inits.then_some(("ContainersNotInitialized", &uninitialized)), &now);
    for kind in ["Ready", "ContainersReady"] {
        set(&mut status, pod, kind, Some(("ContainersNotReady", &unready)), &now);
    }
    set(&mut status, pod, "PodScheduled", None, &now);
    status
}

/// Init containers are through, the others run.
pub(super) fn running(pod: &Value, ip: &str, now: &str) -> Value {
    let mut status = pod.get("status").cloned().unwrap_or_else(|| json!({}));
    status["phase"] = "Running".into();
    status["podIP"] = ip.into();
    status["podIPs"] = json!([{"ip": ip}]);
    let running = |container: &Value, status: &mut Value| {
        started(pod, container, status);
        status["state"] = json!({"running": {"startedAt": now}});
        status["ready"] = true.into();
        status["started"] = true.into();
    };
    let through = |container: &Value, status: &mut Value| {
        if is_sidecar(container) {
            return running(container, status);
        }
        started(pod, container, status);
        status["state"] = super::containers::terminated(status, 0, now);
        status["ready"] = true.into();
    };
    if !read::list(pod, "/spec/initContainers").is_empty() {
        status["initContainerStatuses"] = containers(pod, "/spec/initContainers", through).into();
    }
    let mut statuses = containers(pod, "/spec/containers", running);
    let ready = super::Plan::of(pod).ready;
    statuses.iter_mut().for_each(|status| status["ready"] = ready.into());
    set(&mut status, pod, "PodReadyToStartContainers", None, now);
    set(&mut status, pod, "Initialized", None, now);
    status["containerStatuses"] = statuses.into();
    readiness(&mut status, pod, now);
    status
}

/// The containers' states are these now.
pub(super) fn lived(pod: &Value, statuses: Vec<Value>, now: &str) -> Value {
    let mut status = pod.get("status").cloned().unwrap_or_else(|| json!({}));
    status["containerStatuses"] = statuses.into();
    readiness(&mut status, pod, now);
    status
}

fn readiness(status: &mut Value, pod: &Value, now: &str) {
    let unready: Vec<&str> = read::list(status, "/containerStatuses")
        .iter()
        .filter(|status| !read::flag(status, "/ready"))
        .map(|status| read::text(status, "/name"))
        .collect();
    let message = format!("containers with unready status: [{}]", unready.join(" "));
    let containers = (!unready.is_empty()).then_some(("ContainersNotReady", message.as_str()));
    let gates = read::list(pod, "/spec/readinessGates").iter().map(|gate| read::text(gate, "/conditionType"));
    let open = |gate: &&str| read::condition(pod, gate).is_none_or(|condition| condition["status"] != "True");
    let shut: Vec<String> = gates
        .filter(open)
        .map(|gate| {
            format!("corresponding condition of pod readiness gate \"{gate}\" does not exist or is not \"True\".")
        })
        .collect();
    let gated = shut.join(", ");
    let all = containers.or((!gated.is_empty()).then_some(("ReadinessGatesNotReady", gated.as_str())));
    set(status, pod, "Ready", all, now);
    set(status, pod, "ContainersReady", containers, now);
}

/// All containers ended, with that code.
pub(super) fn ended(pod: &Value, code: i64, now: &str) -> Value {
    let mut status = pod.get("status").cloned().unwrap_or_else(|| json!({}));
    status["phase"] = if code == 0 { "Succeeded" } else { "Failed" }.into();
    for at in ["containerStatuses", "initContainerStatuses"] {
        let Some(statuses) = status.get_mut(at).and_then(Value::as_array_mut) else { continue };
        for one in statuses.iter_mut().filter(|one| one.pointer("/state/terminated").is_none()) {
            one["state"] = super::containers::terminated(one, code, now);
            one["ready"] = false.into();
            one["started"] = false.into();
        }
    }
    let why = Some(if code == 0 { ("PodCompleted", "") } else { ("PodFailed", "") });
    set(&mut status, pod, "PodReadyToStartContainers", Some(("", "")), now);
    for kind in ["Ready", "ContainersReady"] {
        set(&mut status, pod, kind, why, now);
    }
    if code == 0 {
        set(&mut status, pod, "Initialized", None, now);
    }
    status
}

/// It ran for longer than it may.
pub(super) fn overdue(pod: &Value, now: &str) -> Value {
    let mut status = ended(pod, super::containers::TERMINATED, now);
    status["reason"] = "DeadlineExceeded".into();
    status["message"] = "Pod was active on the node longer than the specified deadline".into();
    status
}

/// Its node is there no more.
pub(super) fn lost(pod: &Value, pass: &Pass) -> Value {
    let now = pass.stamp();
    let mut status = pod.get("status").cloned().unwrap_or_else(|| json!({}));
    status["phase"] = "Failed".into();
    let new = condition(pod, ("DisruptionTarget", "True"), ("DeletionByPodGC", "PodGC: node no longer exists"), &now);
    let mut conditions = read::list(&status, "/conditions").to_vec();
    conditions.push(new);
    status["conditions"] = conditions.into();
    status
}
