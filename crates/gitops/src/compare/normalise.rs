//! Two objects made comparable: what only the server writes is removed, and what the user asked to ignore.

use api::{ObjectExt, argoproj::IgnoreDifferences, names::GroupVersionKind};
use serde_json::Value;

use crate::glob;

/// Fields of metadata that differ between a live object and a dry run without anybody having changed anything.
const SERVER_FIELDS: [&str; 6] =
    ["managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink"];

/// Whether the live object is what an apply of the desired one would make of it.
pub(super) fn equal(live: &Value, predicted: &Value, rules: &[IgnoreDifferences]) -> bool {
    comparable(live, rules) == comparable(predicted, rules)
}

fn comparable(object: &Value, rules: &[IgnoreDifferences]) -> Value {
    let mut object = object.clone();
    if let Some(root) = object.as_object_mut() {
        root.remove("status");
    }
    let metadata = object.metadata_mut();
    SERVER_FIELDS.iter().for_each(|field| {
        metadata.remove(*field);
    });
    for field in ["annotations", "labels"] {
        if metadata.get(field).and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
            metadata.remove(field);
        }
    }
    let pointers: Vec<&str> = rules
        .iter()
        .filter(|rule| applies(rule, &object))
        .flat_map(|rule| rule.json_pointers.iter().map(String::as_str))
        .collect();
    pointers.into_iter().for_each(|pointer| remove(&mut object, pointer));
    object
}

/// Group and kind are globs, name and namespace exact, absent ones match all.
fn applies(rule: &IgnoreDifferences, object: &Value) -> bool {
    let Some(gvk) = GroupVersionKind::of(object) else { return false };
    (rule.group == gvk.group || glob::matches(&rule.group, &gvk.group))
        && glob::matches(&rule.kind, &gvk.kind)
        && (rule.name.is_empty() || Some(rule.name.as_str()) == object.name())
        && (rule.namespace.is_empty() || Some(rule.namespace.as_str()) == object.namespace())
}

/// RFC 6902 `remove`, where a missing path is no error.
fn remove(object: &mut Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return };
    let last = last.replace("~1", "/").replace("~0", "~");
    match object.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.remove(&last);
        }
        Some(Value::Array(list)) => {
            if let Ok(index) = last.parse::<usize>()
                && index < list.len()
            {
                list.remove(index);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn server_fields_status_and_ignored_pointers_do_not_count() {
        let live = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "uid": "1", "generation": 3, "labels": {}},
            "spec": {"replicas": 3, "paths": ["x", "y"], "a/b": 1}, "status": {"replicas": 3}});
        let predicted = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "generation": 4},
            "spec": {"replicas": 1, "paths": ["y"]}});
        let rule = |pointers: &[&str]| IgnoreDifferences {
            group: "apps".into(),
            kind: "*".into(),
            json_pointers: pointers.iter().map(|p| (*p).to_string()).collect(),
            ..IgnoreDifferences::default()
        };
        assert!(!equal(&live, &predicted, &[]));
        assert!(!equal(&live, &predicted, &[rule(&["/spec/replicas"])]));
        assert!(equal(&live, &predicted, &[rule(&["/spec/replicas", "/spec/paths", "/spec/a~1b", "/no/such"])]));
        let other = IgnoreDifferences { name: "b".into(), ..rule(&["/spec"]) };
        assert!(!equal(&live, &predicted, &[other]));
    }
}
