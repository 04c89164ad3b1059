//! Services, network policies, ranges of limits.

use serde_json::{Value, json};

use super::{assign, has_entries, objects, set, text};

/// Three hours, as upstream.
const AFFINITY_SECONDS: i64 = 10_800;

pub(super) fn service(service: &mut Value) {
    match text(service, "/spec/sessionAffinity") {
        "ClientIP" if service.pointer("/spec/sessionAffinityConfig/clientIP/timeoutSeconds").is_none() => {
            let config = json!({ "clientIP": { "timeoutSeconds": AFFINITY_SECONDS } });
            assign(service, "/spec", "sessionAffinityConfig", config);
        }
        "None" => {
            if let Some(spec) = service.get_mut("spec").and_then(Value::as_object_mut) {
                spec.remove("sessionAffinityConfig");
            }
        }
        _ => {}
    }
    let kind = text(service, "/spec/type").to_string();
    let external =
        !text(service, "/spec/externalIPs/0").is_empty() || matches!(kind.as_str(), "NodePort" | "LoadBalancer");
    if external && kind != "ExternalName" {
        set(service, "/spec", "externalTrafficPolicy", json!("Cluster"));
    }
    if kind != "ExternalName" {
        set(service, "/spec", "internalTrafficPolicy", json!("Cluster"));
    }
    if kind == "LoadBalancer" {
        set(service, "/spec", "allocateLoadBalancerNodePorts", json!(true));
    }
    let Some(spec) = service.get_mut("spec").and_then(Value::as_object_mut) else { return };
    for port in objects(spec, "ports") {
        let unset = port.get("targetPort").is_none_or(|target| *target == 0 || *target == "");
        if let Some(number) = port.get("port").cloned().filter(|_| unset) {
            port.insert("targetPort".into(), number);
        }
    }
}

/// A policy without types is one for ingress; with rules for egress, for both.
pub(super) fn network_policy(policy: &mut Value) {
    if has_entries(policy.pointer("/spec/policyTypes")) {
        return;
    }
    let egress = has_entries(policy.pointer("/spec/egress"));
    let types = if egress { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) };
    assign(policy, "/spec", "policyTypes", types);
}

/// For containers: limits default to the maximum, requests to the limit, else to the minimum.
pub(super) fn limit_range(range: &mut Value) {
    let Some(spec) = range.get_mut("spec").and_then(Value::as_object_mut) else { return };
    for item in objects(spec, "limits") {
        if item.get("type").is_none_or(|kind| kind != "Container") {
            continue;
        }
        for (into, from) in [("default", "max"), ("defaultRequest", "default"), ("defaultRequest", "min")] {
            let from = item.get(from).and_then(Value::as_object).cloned().unwrap_or_default();
            let into = item.entry(into).or_insert_with(|| json!({}));
            for (name, quantity) in from {
                if let Some(into) = into.as_object_mut() {
                    into.entry(name).or_insert(quantity);
                }
            }
        }
    }
}
