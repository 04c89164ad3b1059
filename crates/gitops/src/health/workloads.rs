//! Built-in kinds, as Argo CD judges them.

use api::{ObjectExt, condition, text};
use serde_json::Value;

use super::{Code, Health};

pub(super) fn of(object: &Value, group_kind: (&str, &str)) -> Option<Health> {
    Some(match group_kind {
        ("apps", "Deployment") => deployment(object),
        ("apps", "ReplicaSet") => replica_set(object),
        ("apps", "StatefulSet") => stateful_set(object),
        ("apps", "DaemonSet") => daemon_set(object),
        ("", "Pod") => pod(object),
        ("batch", "Job") => job(object),
        ("", "Service") => service(object),
        ("", "PersistentVolumeClaim") => claim(object),
        ("networking.k8s.io" | "extensions", "Ingress") => load_balancer(object),
        ("apiregistration.k8s.io", "APIService") => api_service(object),
        _ => return None,
    })
}

fn number(object: &Value, path: &str) -> i64 {
    object.pointer(path).and_then(Value::as_i64).unwrap_or(0)
}

fn progressing(message: impl Into<String>) -> Health {
    Health::new(Code::Progressing, message)
}

fn healthy(message: impl Into<String>) -> Health {
    Health::new(Code::Healthy, message)
}

/// Whether the workload's controller has seen the current spec.
fn observed(object: &Value) -> bool {
    object.generation() <= number(object, "/status/observedGeneration")
}

fn deployment(object: &Value) -> Health {
    if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
        return Health::new(Code::Suspended, "Deployment is paused");
    }
    if !observed(object) {
        return progressing(
            "Waiting for rollout to finish: observed deployment generation less than desired generation",
        );
    }
    let wanted = object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(0);
    let (updated, replicas) = (number(object, "/status/updatedReplicas"), number(object, "/status/replicas"));
    let available = number(object, "/status/availableReplicas");
    let stuck = condition::find(object, "Progressing").is_some_and(|c| c["reason"] == "ProgressDeadlineExceeded");
    if stuck {
        let message = format!("Deployment {:?} exceeded its progress deadline", object.name().unwrap_or_default());
        Health::new(Code::Degraded, message)
    } else if updated < wanted {
        progressing(format!(
            "Waiting for rollout to finish: {updated} out of {wanted} new replicas have been updated..."
        ))
    } else if replicas > updated {
        let old = replicas - updated;
        progressing(format!("Waiting for rollout to finish: {old} old replicas are pending termination..."))
    } else if available < updated {
        progressing(format!(
            "Waiting for rollout to finish: {available} of {updated} updated replicas are available..."
        ))
    } else {
        healthy("")
    }
}

fn replica_set(object: &Value) -> Health {
    if !observed(object) {
        return progressing(
            "Waiting for rollout to finish: observed replica set generation less than desired generation",
        );
    }
    let wanted = number(object, "/spec/replicas");
    let available = number(object, "/status/availableReplicas");
    match condition::find(object, "ReplicaFailure").filter(|c| c["status"] == "True") {
        Some(failure) => Health::new(Code::Degraded, text(failure, "/message")),
        None if available < wanted => progressing(format!(
            "Waiting for rollout to finish: {available} out of {wanted} new replicas are available..."
        )),
        None => healthy(""),
    }
}

fn stateful_set(object: &Value) -> Health {
    if number(object, "/status/observedGeneration") == 0 || !observed(object) {
        return progressing("Waiting for statefulset spec update to be observed...");
    }
    let (wanted, ready) = (number(object, "/spec/replicas"), number(object, "/status/readyReplicas"));
    let updated = number(object, "/status/updatedReplicas");
    if ready < wanted {
        return progressing(format!("Waiting for {} pods to be ready...", wanted - ready));
    }
    let strategy = text(object, "/spec/updateStrategy/type");
    if strategy == "RollingUpdate" && object.pointer("/spec/updateStrategy/rollingUpdate").is_some() {
        let due = wanted - number(object, "/spec/updateStrategy/rollingUpdate/partition");
        if updated < due {
            return progressing(format!(
                "Waiting for partitioned roll out to finish: {updated} out of {due} new pods have been updated..."
            ));
        }
        return healthy(format!("partitioned roll out complete: {updated} new pods have been updated..."));
    }
    if strategy == "OnDelete" {
        return healthy(format!("statefulset has {ready} ready pods"));
    }
    let (update, current) = (text(object, "/status/updateRevision"), text(object, "/status/currentRevision"));
    if update != current {
        return progressing(format!(
            "waiting for statefulset rolling update to complete {updated} pods at revision {update}..."
        ));
    }
    let pods = number(object, "/status/currentReplicas");
    healthy(format!("statefulset rolling update complete {pods} pods at revision {current}..."))
}

fn daemon_set(object: &Value) -> Health {
    if !observed(object) {
        return progressing(
            "Waiting for rollout to finish: observed daemon set generation less than desired generation",
        );
    }
    let wanted = number(object, "/status/desiredNumberScheduled");
    let (updated, available) =
        (number(object, "/status/updatedNumberScheduled"), number(object, "/status/numberAvailable"));
    let name = object.name().unwrap_or_default();
    if text(object, "/spec/updateStrategy/type") == "OnDelete" {
        healthy(format!("daemon set {updated} out of {wanted} new pods have been updated"))
    } else if updated < wanted {
        progressing(format!(
            "Waiting for daemon set {name:?} rollout to finish: {updated} out of {wanted} new pods have been updated..."
        ))
    } else if available < wanted {
        progressing(format!(
            "Waiting for daemon set {name:?} rollout to finish: {available} of {wanted} updated pods are available..."
        ))
    } else {
        healthy("")
    }
}

fn containers(object: &Value) -> impl Iterator<Item = &Value> {
    let list = |path| object.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list("/status/initContainerStatuses").iter().chain(list("/status/containerStatuses"))
}

fn pod(object: &Value) -> Health {
    let forever = matches!(text(object, "/spec/restartPolicy"), "Always" | "");
    let message = text(object, "/status/message");
    if forever {
        let stuck: Vec<&str> = containers(object)
            .filter_map(|container| container.pointer("/state/waiting"))
            .filter(|waiting| {
                let reason = text(waiting, "/reason");
                reason.starts_with("Err") || reason.ends_with("Error") || reason.ends_with("BackOff")
            })
            .map(|waiting| text(waiting, "/message"))
            .collect();
        if !stuck.is_empty() {
            return Health::new(Code::Degraded, stuck.join(", "));
        }
    }
    match text(object, "/status/phase") {
        "Pending" => progressing(message),
        "Succeeded" => healthy(message),
        "Failed" if !message.is_empty() => Health::new(Code::Degraded, message),
        "Failed" => Health::new(Code::Degraded, containers(object).find_map(exit_message).unwrap_or_default()),
        "Running" if !forever => progressing(message),
        "Running" if condition::find(object, "Ready").is_some_and(|c| c["status"] == "True") => healthy(message),
        "Running" if containers(object).any(|c| c.pointer("/lastState/terminated").is_some()) => {
            Health::new(Code::Degraded, message)
        }
        "Running" => progressing(message),
        _ => Health::new(Code::Unknown, message),
    }
}

fn exit_message(container: &Value) -> Option<String> {
    let end = container.pointer("/state/terminated")?;
    let (message, reason, code) = (text(end, "/message"), text(end, "/reason"), number(end, "/exitCode"));
    match (message, reason) {
        ("", "OOMKilled") => Some("OOMKilled".into()),
        ("", _) if code != 0 => Some(format!("container {:?} failed with exit code {code}", text(container, "/name"))),
        ("", _) => None,
        (message, _) => Some(message.to_string()),
    }
}

fn job(object: &Value) -> Health {
    let message = |kind: &str| condition::find(object, kind).map(|c| text(c, "/message").to_string());
    if let Some(message) = message("Failed") {
        return Health::new(Code::Degraded, message);
    }
    if condition::find(object, "Suspended").is_some_and(|c| c["status"] == "True") {
        return Health::new(Code::Suspended, message("Suspended").unwrap_or_default());
    }
    match message("Complete").or_else(|| message("Suspended")) {
        Some(message) => healthy(message),
        None => progressing(""),
    }
}

fn service(object: &Value) -> Health {
    if text(object, "/spec/type") == "LoadBalancer" { load_balancer(object) } else { healthy("") }
}

fn load_balancer(object: &Value) -> Health {
    let addresses = object.pointer("/status/loadBalancer/ingress").and_then(Value::as_array);
    if addresses.is_some_and(|list| !list.is_empty()) { healthy("") } else { progressing("") }
}

fn claim(object: &Value) -> Health {
    let code = match text(object, "/status/phase") {
        "Lost" => Code::Degraded,
        "Pending" => Code::Progressing,
        "Bound" => Code::Healthy,
        _ => Code::Unknown,
    };
    Health::new(code, "")
}

fn api_service(object: &Value) -> Health {
    match condition::find(object, "Available") {
        Some(found) => {
            let message = format!("{}: {}", text(found, "/reason"), text(found, "/message"));
            if found["status"] == "True" { healthy(message) } else { progressing(message) }
        }
        None => progressing("Waiting to be processed"),
    }
}
