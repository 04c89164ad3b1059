//! The defaults of built-in kinds: constants from the facts and [`super::overlay`], then those that depend on other fields, which upstream
//! sets in code.

mod pod;
mod service;
mod workload;

use api::text;
use serde_json::{Map, Value};

use crate::schema;

type Fields = Map<String, Value>;

/// Fills in what upstream fills in when it reads an object of the kind, whatever the request.
pub fn default(group: &str, version: &str, name: &str, object: &mut Value) {
    let Some(kind_schema) = super::schema(group, version, name) else { return };
    if name == "Job" {
        workload::job(object);
    }
    schema::default(kind_schema, object);
    match (group, name) {
        ("", "Pod") => pod::pod(object),
        ("", "PodTemplate") => template(object, "/template"),
        ("", "ReplicationController") => workload::replication_controller(object),
        ("", "Service") => service::service(object),
        ("", "LimitRange") => service::limit_range(object),
        ("apps", "Deployment") => workload::deployment(object),
        ("apps", "DaemonSet") => workload::daemon_set(object),
        ("apps", "StatefulSet") => workload::stateful_set(object),
        ("apps", "ReplicaSet") | ("batch", "Job") => template(object, "/spec/template"),
        ("batch", "CronJob") => template(object, "/spec/jobTemplate/spec/template"),
        ("autoscaling", "HorizontalPodAutoscaler") if version == "v1" => workload::older_autoscaler(object),
        ("autoscaling", "HorizontalPodAutoscaler") => workload::autoscaler(object),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration") => workload::priority_level(object),
        ("networking.k8s.io", "NetworkPolicy") => service::network_policy(object),
        _ => {}
    }
}

fn template(object: &mut Value, at: &str) {
    if let Some(spec) = object.pointer_mut(&format!("{at}/spec")).and_then(Value::as_object_mut) {
        pod::spec(spec);
    }
}

/// Sets a field that is absent, below an object that is there.
fn set(object: &mut Value, at: &str, field: &str, value: Value) {
    if let Some(fields) = object.pointer_mut(at).and_then(Value::as_object_mut) {
        fields.entry(field).or_insert(value);
    }
}

/// Sets a field, below an object that is there.
fn assign(object: &mut Value, at: &str, field: &str, value: Value) {
    if let Some(fields) = object.pointer_mut(at).and_then(Value::as_object_mut) {
        fields.insert(field.into(), value);
    }
}

fn objects<'a>(fields: &'a mut Fields, list: &str) -> impl Iterator<Item = &'a mut Fields> {
    let items = fields.get_mut(list).and_then(Value::as_array_mut);
    items.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn has_entries(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
