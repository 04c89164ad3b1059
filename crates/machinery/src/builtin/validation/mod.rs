//! What upstream checks of built-in kinds in code: the mistakes that people make in manifests, in upstream's order and words. It is not all
//! of upstream's validation; what is checked is held to recorded answers of a real kube-apiserver (`crates/apiserver/tests/builtin`).

mod cluster;
mod network;
mod pod;
mod workload;

use api::{status::Cause, text};
use serde_json::{Map, Value};

use crate::{field, names};

/// The complaints about an object of a built-in kind, defaults filled in; `old` is what an update replaces.
pub fn validate(group: &str, name: &str, new: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut found = Vec::new();
    match (group, name) {
        ("", "Pod") => pod::pod(new, old, &mut found),
        ("", "PodTemplate") => pod::spec(new, "template.spec", &mut found),
        ("", "ReplicationController") => workload::replication_controller(new, &mut found),
        ("", "Service") => network::service(new, &mut found),
        ("", "PersistentVolumeClaim") => cluster::claim(new, old, &mut found),
        ("", "PersistentVolume") => cluster::volume(new, &mut found),
        ("apps", "Deployment") => workload::deployment(new, old, &mut found),
        ("apps", "DaemonSet") => workload::daemon_set(new, old, &mut found),
        ("apps", "ReplicaSet") => workload::replica_set(new, old, &mut found),
        ("apps", "StatefulSet") => workload::stateful_set(new, old, &mut found),
        ("batch", "Job") => workload::job(new, &mut found),
        ("batch", "CronJob") => workload::cron_job(new, &mut found),
        ("policy", "PodDisruptionBudget") => workload::disruption_budget(new, &mut found),
        ("autoscaling", "HorizontalPodAutoscaler") => workload::autoscaler(new, &mut found),
        ("networking.k8s.io", "Ingress") => network::ingress(new, &mut found),
        ("storage.k8s.io", "StorageClass") => cluster::storage_class(new, old, &mut found),
        ("scheduling.k8s.io", "PriorityClass") => cluster::priority_class(new, &mut found),
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => cluster::rules(new, name == "Role", &mut found),
        ("admissionregistration.k8s.io", _) => cluster::webhooks(new, &mut found),
        _ => {}
    }
    found
}

fn int(object: &Value, pointer: &str) -> Option<i64> {
    object.pointer(pointer).and_then(Value::as_i64)
}

fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn entries<'a>(object: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    object.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Object(fields)) => fields.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Null) | None => true,
        Some(_) => false,
    }
}

/// Numbers that may be absent, and not negative.
fn not_negative(object: &Value, path: &str, fields: &[&str], found: &mut Vec<Cause>) {
    let at = format!("/{}", path.replace('.', "/"));
    for name in fields {
        if let Some(number) = int(object, &format!("{at}/{name}")).filter(|number| *number < 0) {
            let detail = "must be greater than or equal to 0";
            found.push(field::invalid(&format!("{path}.{name}"), &number.into(), detail));
        }
    }
}

fn one_of(object: &Value, pointer: &str, path: &str, allowed: &[&str], found: &mut Vec<Cause>) {
    let given = text(object, pointer);
    if !given.is_empty() && !allowed.contains(&given) {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        found.push(field::not_supported(path, &given.into(), &allowed));
    }
}

fn required_text(object: &Value, pointer: &str, path: &str, found: &mut Vec<Cause>) {
    if text(object, pointer).is_empty() {
        found.push(field::required(path, ""));
    }
}

fn dns_label(value: &str, path: &str, found: &mut Vec<Cause>) {
    found.extend(names::dns_label(value).iter().map(|detail| field::invalid(path, &value.into(), detail)));
}

/// A map of labels as Go prints it.
fn go_labels(labels: Option<&Map<String, Value>>) -> String {
    let Some(labels) = labels.filter(|labels| !labels.is_empty()) else { return "map[string]string(nil)".into() };
    let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key:?}:{value}")).collect();
    format!("map[string]string{{{}}}", pairs.join(", "))
}

/// A cause whose value is Go syntax that we print ourselves.
fn invalid_shown(path: &str, shown: &str, detail: &str) -> Cause {
    Cause {
        reason: "FieldValueInvalid".into(),
        message: format!("Invalid value: {shown}: {detail}"),
        field: path.into(),
    }
}
