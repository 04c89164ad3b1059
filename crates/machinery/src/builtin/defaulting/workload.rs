//! What makes pods: replicas, rollouts, jobs, and their scaling.

use serde_json::{Value, json};

use super::{assign, has_entries, set, template, text};

pub(super) fn deployment(of: &mut Value) {
    rolling_update(of, "/spec/strategy", &[("maxUnavailable", json!("25%")), ("maxSurge", json!("25%"))]);
    template(of, "/spec/template");
}

pub(super) fn daemon_set(of: &mut Value) {
    rolling_update(of, "/spec/updateStrategy", &[("maxUnavailable", json!(1)), ("maxSurge", json!(0))]);
    template(of, "/spec/template");
}

fn rolling_update(of: &mut Value, strategy: &str, fields: &[(&str, Value)]) {
    if text(of, &format!("{strategy}/type")) != "RollingUpdate" {
        return;
    }
    set(of, strategy, "rollingUpdate", json!({}));
    for (name, value) in fields {
        set(of, &format!("{strategy}/rollingUpdate"), name, value.clone());
    }
}

/// A partition is filled in where the strategy was not given, or was given with its parameters.
pub(super) fn stateful_set(of: &mut Value) {
    const STRATEGY: &str = "/spec/updateStrategy";
    set(of, "/spec", "updateStrategy", json!({}));
    if text(of, "/spec/updateStrategy/type").is_empty() {
        assign(of, STRATEGY, "type", json!("RollingUpdate"));
        set(of, STRATEGY, "rollingUpdate", json!({}));
    }
    if text(of, "/spec/updateStrategy/type") == "RollingUpdate" {
        set(of, "/spec/updateStrategy/rollingUpdate", "partition", json!(0));
    }
    for claim in of.pointer_mut("/spec/volumeClaimTemplates").and_then(Value::as_array_mut).into_iter().flatten() {
        // Claims within are whole objects.
        set(claim, "", "status", json!({ "phase": "Pending" }));
        assign(claim, "", "apiVersion", json!("v1"));
        assign(claim, "", "kind", json!("PersistentVolumeClaim"));
    }
    template(of, "/spec/template");
}

/// Labels and selector come from the template.
pub(super) fn replication_controller(of: &mut Value) {
    let labels = of.pointer("/spec/template/metadata/labels").filter(|labels| has_entries(Some(labels))).cloned();
    if let Some(labels) = labels {
        if !has_entries(of.pointer("/spec/selector")) {
            assign(of, "/spec", "selector", labels.clone());
        }
        if !has_entries(of.pointer("/metadata/labels")) {
            assign(of, "/metadata", "labels", labels);
        }
    }
    template(of, "/spec/template");
}

/// Before the constants, because one of them depends on what was given. The job of a CronJob's template has none of these.
pub(super) fn job(of: &mut Value) {
    let given = |of: &Value, field: &str| of.pointer(&format!("/spec/{field}")).is_some_and(|value| !value.is_null());
    if !given(of, "completions") && !given(of, "parallelism") {
        set(of, "/spec", "completions", json!(1));
    }
    let retries = if given(of, "backoffLimitPerIndex") { i32::MAX } else { 6 };
    let replacement = if given(of, "podFailurePolicy") { "Failed" } else { "TerminatingOrFailed" };
    let defaults = [
        ("parallelism", json!(1)),
        ("backoffLimit", json!(retries)),
        ("completionMode", json!("NonIndexed")),
        ("suspend", json!(false)),
        ("podReplacementPolicy", json!(replacement)),
        ("manualSelector", json!(false)),
    ];
    for (name, value) in defaults {
        set(of, "/spec", name, value);
    }
    let labels = of.pointer("/spec/template/metadata/labels").filter(|labels| has_entries(Some(labels))).cloned();
    if let Some(labels) = labels.filter(|_| !has_entries(of.pointer("/metadata/labels"))) {
        assign(of, "/metadata", "labels", labels);
    }
}

pub(super) fn autoscaler(of: &mut Value) {
    if !has_entries(of.pointer("/spec/metrics")) {
        let target = json!({ "type": "Utilization", "averageUtilization": 80 });
        let metric = json!({ "type": "Resource", "resource": { "name": "cpu", "target": target } });
        assign(of, "/spec", "metrics", json!([metric]));
    }
    let percent = json!({ "type": "Percent", "value": 100, "periodSeconds": 15 });
    let pods = json!({ "type": "Pods", "value": 4, "periodSeconds": 15 });
    set(of, "/spec/behavior", "scaleUp", json!({}));
    set(of, "/spec/behavior", "scaleDown", json!({}));
    set(of, "/spec/behavior/scaleUp", "stabilizationWindowSeconds", json!(0));
    set(of, "/spec/behavior/scaleUp", "policies", json!([pods, percent]));
    set(of, "/spec/behavior/scaleDown", "policies", json!([percent]));
    for direction in ["scaleUp", "scaleDown"] {
        set(of, &format!("/spec/behavior/{direction}"), "selectPolicy", json!("Max"));
    }
}

/// Half of the rule that upstream applies to both versions: a share of the processor, unless annotations say what else counts.
pub(super) fn older_autoscaler(of: &mut Value) {
    if !crate::builtin::autoscaling::has_metrics(of) {
        set(of, "/spec", "targetCPUUtilizationPercentage", json!(80));
    }
}

pub(super) fn priority_level(of: &mut Value) {
    set(of, "/spec/limited", "nominalConcurrencyShares", json!(30));
    set(of, "/spec/limited", "lendablePercent", json!(0));
    set(of, "/spec/exempt", "nominalConcurrencyShares", json!(0));
    set(of, "/spec/exempt", "lendablePercent", json!(0));
    for (name, value) in [("queues", 64), ("handSize", 8), ("queueLengthLimit", 50)] {
        let queuing = of.pointer_mut("/spec/limited/limitResponse/queuing").and_then(Value::as_object_mut);
        if let Some(queuing) = queuing.filter(|queuing| queuing.get(name).is_none_or(|value| *value == 0)) {
            queuing.insert(name.into(), json!(value));
        }
    }
}
