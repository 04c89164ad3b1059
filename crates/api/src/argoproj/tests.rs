use serde_json::{Value, json};

use super::*;

#[test]
fn what_we_do_not_type_survives_a_round_trip() {
    let object = json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": { "name": "a", "namespace": "argocd" },
        "spec": {
            "project": "default",
            "destination": { "server": "https://kubernetes.default.svc" },
            "info": [{ "name": "url", "value": "https://x" }],
            "source": {
                "repoURL": "https://x/y.git", "path": "p", "tagPrefix": "v",
                "helm": { "valuesObject": { "any": ["thing", 1] } },
                "directory": { "recurse": true },
            },
        },
        "operation": { "info": [{ "name": "Reason", "value": "x" }], "sync": { "syncStrategy": { "hook": {} } } },
        "status": {
            "observedAt": "2026-01-01T00:00:00Z",
            "summary": { "images": ["a:1"] },
            "history": [{ "deployedAt": "2026-01-01T00:00:00Z", "id": 3, "initiatedBy": {}, "revisions": ["a"] }],
        },
    });
    let typed: Application = serde_json::from_value(object.clone()).unwrap();
    assert_eq!(serde_json::to_value(&typed).unwrap(), object);
}

#[test]
fn empty_lists_and_texts_are_absent_as_upstream_omits_them() {
    let status = serde_json::to_value(Status::default()).unwrap();
    assert_eq!(status, json!({ "summary": {} }));
    let source = serde_json::to_value(Source::default()).unwrap();
    assert_eq!(source, json!({ "repoURL": "" }));
    assert_eq!(serde_json::to_value(Automated::default()).unwrap()["enabled"], Value::Null);
}
