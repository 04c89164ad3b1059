//! `autoscaling/v1` and `v2` are two views of one HorizontalPodAutoscaler. It is stored as `v2`; what `v1` has no field for travels in
//! annotations, in the form that upstream gives it there.

use api::ObjectExt;
use serde_json::{Map, Value, json};

const METRICS: &str = "autoscaling.alpha.kubernetes.io/metrics";
const CURRENT: &str = "autoscaling.alpha.kubernetes.io/current-metrics";
const CONDITIONS: &str = "autoscaling.alpha.kubernetes.io/conditions";
const BEHAVIOR: &str = "autoscaling.alpha.kubernetes.io/behavior";

/// Where a source of metrics keeps what it is measured by: (type, field).
const SOURCES: [(&str, &str); 5] = [
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
    ("Pods", "pods"),
    ("Object", "object"),
    ("External", "external"),
];

fn put(into: &mut Map<String, Value>, name: &str, value: Option<&Value>) {
    if let Some(value) = value.filter(|value| !value.is_null()) {
        into.insert(name.into(), value.clone());
    }
}

fn source(metric: &Value) -> Option<(&'static str, &'static str, &Value)> {
    SOURCES.iter().find_map(|(kind, field)| metric.get(field).map(|of| (*kind, *field, of)))
}

/// The share of the processor that is wished for, where that is what the metric says.
fn processor(metric: &Value) -> Option<&Value> {
    let of = metric.get("resource").filter(|of| metric["type"] == "Resource" && of["name"] == "cpu")?;
    of.pointer("/target/averageUtilization")
}

/// One metric (or its status: `current`), in the form of `v1`'s annotations.
fn metric_to_v1(metric: &Value, values: &str) -> Value {
    let Some((kind, field, of)) = source(metric) else { return metric.clone() };
    let at = |pointer: &str| of.pointer(&format!("/{values}/{pointer}"));
    let prefix = if values == "target" { "target" } else { "current" };
    let named = |name: &str| format!("{prefix}{name}");
    let mut flat = Map::new();
    match field {
        "resource" | "containerResource" => {
            put(&mut flat, "name", of.get("name"));
            put(&mut flat, "container", of.get("container"));
            put(&mut flat, &named("AverageUtilization"), at("averageUtilization"));
            put(&mut flat, &named("AverageValue"), at("averageValue"));
        }
        "pods" => {
            put(&mut flat, "metricName", of.pointer("/metric/name"));
            put(&mut flat, "selector", of.pointer("/metric/selector"));
            put(&mut flat, &named("AverageValue"), at("averageValue"));
        }
        "object" => {
            put(&mut flat, "target", of.get("describedObject"));
            put(&mut flat, "metricName", of.pointer("/metric/name"));
            put(&mut flat, "selector", of.pointer("/metric/selector"));
            put(&mut flat, &named("Value"), at("value"));
            put(&mut flat, "averageValue", at("averageValue"));
        }
        _ => {
            put(&mut flat, "metricName", of.pointer("/metric/name"));
            put(&mut flat, "metricSelector", of.pointer("/metric/selector"));
            put(&mut flat, &named("Value"), at("value"));
            put(&mut flat, &named("AverageValue"), at("averageValue"));
        }
    }
    json!({ "type": kind, field: flat })
}

fn metric_to_v2(metric: &Value, values: &str) -> Value {
    let Some((kind, field, of)) = source(metric) else { return metric.clone() };
    let prefix = if values == "target" { "target" } else { "current" };
    let given = |name: &str| of.get(format!("{prefix}{name}"));
    let mut amount = Map::new();
    put(&mut amount, "averageUtilization", given("AverageUtilization"));
    put(&mut amount, "averageValue", given("AverageValue").or_else(|| of.get("averageValue")));
    // An average decides where both are given, as upstream reads them.
    let average = amount.contains_key("averageValue");
    put(&mut amount, "value", given("Value").filter(|value| !average || *value != "0"));
    if values == "target" {
        let kind = match (amount.contains_key("averageUtilization"), average) {
            (true, _) => "Utilization",
            (false, true) => "AverageValue",
            _ => "Value",
        };
        amount.insert("type".into(), kind.into());
    }
    let mut deep = Map::new();
    if matches!(field, "resource" | "containerResource") {
        put(&mut deep, "name", of.get("name"));
        put(&mut deep, "container", of.get("container"));
    } else {
        let mut identifier = Map::new();
        put(&mut identifier, "name", of.get("metricName"));
        put(&mut identifier, "selector", of.get("selector").or_else(|| of.get("metricSelector")));
        deep.insert("metric".into(), identifier.into());
        put(&mut deep, "describedObject", of.get("target").filter(|_| field == "object"));
    }
    deep.insert(values.into(), amount.into());
    json!({ "type": kind, field: deep })
}

/// Keys as Go prints a type without tags (`ScaleUp`), or back.
fn recased(value: &Value, upper: bool) -> Value {
    let recase = |name: &str| {
        let mut letters = name.chars();
        let first = letters.next().map(|c| if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() });
        first.into_iter().chain(letters).collect::<String>()
    };
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (recase(name), recased(value, upper)))
            .collect(),
        Value::Array(items) => items.iter().map(|item| recased(item, upper)).collect(),
        other => other.clone(),
    }
}

fn take(object: &mut Value, pointer: &str, field: &str) -> Option<Value> {
    object.pointer_mut(pointer).and_then(Value::as_object_mut).and_then(|fields| fields.remove(field))
}

fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

fn set(object: &mut Value, part: &str, field: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        let part = fields.entry(part).or_insert_with(|| json!({}));
        if part.is_object() {
            part[field] = value;
        }
    }
}

/// How `v1` shows a `v2` object.
pub fn autoscaler_to_v1(mut object: Value) -> Value {
    object["apiVersion"] = "autoscaling/v1".into();
    let metrics = list(take(&mut object, "/spec", "metrics"));
    let own = metrics.iter().position(|metric| processor(metric).is_some());
    if let Some(share) = own.and_then(|at| processor(&metrics[at])).cloned() {
        set(&mut object, "spec", "targetCPUUtilizationPercentage", share);
    }
    let others = metrics.iter().enumerate().filter(|(at, _)| Some(*at) != own);
    let others: Vec<Value> = others.map(|(_, metric)| metric_to_v1(metric, "target")).collect();
    let current = list(take(&mut object, "/status", "currentMetrics"));
    let share = current.iter().find_map(|metric| {
        metric.get("resource").filter(|of| of["name"] == "cpu")?.pointer("/current/averageUtilization").cloned()
    });
    if let Some(share) = share {
        set(&mut object, "status", "currentCPUUtilizationPercentage", share);
    }
    let current: Vec<Value> = current.iter().map(|metric| metric_to_v1(metric, "current")).collect();
    let conditions = list(take(&mut object, "/status", "conditions"));
    for (name, values) in [(METRICS, others), (CURRENT, current), (CONDITIONS, conditions)] {
        if !values.is_empty() {
            object.set_annotation(name, &Value::from(values).to_string());
        }
    }
    if let Some(behavior) = take(&mut object, "/spec", "behavior") {
        object.set_annotation(BEHAVIOR, &recased(&behavior, true).to_string());
    }
    object
}

/// A `v1` object as it is stored.
pub fn autoscaler_to_v2(mut object: Value) -> Value {
    object["apiVersion"] = "autoscaling/v2".into();
    let mut taken = |name: &str| -> Option<Value> {
        let text = take(&mut object, "/metadata/annotations", name)?;
        serde_json::from_str(text.as_str()?).ok()
    };
    let (metrics, current) = (list(taken(METRICS)), list(taken(CURRENT)));
    let (conditions, behavior) = (list(taken(CONDITIONS)), taken(BEHAVIOR));
    if object.pointer("/metadata/annotations").is_some_and(|left| left.as_object().is_some_and(Map::is_empty)) {
        object.metadata_mut().remove("annotations");
    }
    let mut metrics: Vec<Value> = metrics.iter().map(|metric| metric_to_v2(metric, "target")).collect();
    if let Some(share) = take(&mut object, "/spec", "targetCPUUtilizationPercentage") {
        let target = json!({ "type": "Utilization", "averageUtilization": share });
        metrics.push(json!({ "type": "Resource", "resource": { "name": "cpu", "target": target } }));
    }
    if !metrics.is_empty() {
        set(&mut object, "spec", "metrics", metrics.into());
    }
    if let Some(behavior) = behavior.filter(Value::is_object) {
        set(&mut object, "spec", "behavior", recased(&behavior, false));
    }
    let share = take(&mut object, "/status", "currentCPUUtilizationPercentage");
    let mut current: Vec<Value> = current.iter().map(|metric| metric_to_v2(metric, "current")).collect();
    if let Some(share) = share.filter(|_| current.is_empty()) {
        let amount = json!({ "averageUtilization": share });
        current.push(json!({ "type": "Resource", "resource": { "name": "cpu", "current": amount } }));
    }
    for (name, values) in [("currentMetrics", current), ("conditions", conditions)] {
        if !values.is_empty() {
            set(&mut object, "status", name, values.into());
        }
    }
    object
}

/// Whether a `v1` object says by annotation what it is scaled by.
pub(super) fn has_metrics(object: &Value) -> bool {
    object.annotation(METRICS).is_some()
}

#[cfg(test)]
mod tests;
