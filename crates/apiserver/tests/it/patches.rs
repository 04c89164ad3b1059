//! The four patch formats over HTTP, field managers, and conflicts. Their semantics are tested in `machinery`.

use expect_test::expect;
use serde_json::{Value, json};

use crate::harness::{WIDGETS, WIDGETS_PATH, ask, server, widget};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const APPLY: &str = "application/apply-patch+yaml";

/// manager/operation/subresource of each entry.
fn managers(object: &Value) -> Vec<String> {
    let entries = object["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap_or_default().to_string();
    entries
        .iter()
        .map(|e| format!("{}/{}/{}", text(e, "manager"), text(e, "operation"), text(e, "subresource")))
        .collect()
}

#[tokio::test]
async fn the_finalizer_helper_of_kube_rs_works() {
    let server = server().await;
    server.crd(WIDGETS).await;
    let line = format!("POST {WIDGETS_PATH}");
    server.ok(ask(&line).body(widget("w", 1))).await;
    let line = format!("PATCH {WIDGETS_PATH}/w");
    let patch = r#"[{"op":"test","path":"/metadata/finalizers","value":null},{"op":"add","path":"/metadata/finalizers","value":["demo.example.com/f"]}]"#;
    let patched = server.ok(ask(&line).content("application/json-patch+json").body(patch)).await;
    assert_eq!(patched["metadata"]["finalizers"], json!(["demo.example.com/f"]));
}

#[tokio::test]
async fn the_manager_is_named_or_is_the_user_agent() {
    let server = server().await;
    let line = format!("POST {MAPS}");
    let created = server
        .ok(ask(&line).header("user-agent", "kubectl/v1.33").body(r#"{"metadata":{"name":"a"},"data":{"a":"b"}}"#))
        .await;
    assert_eq!(managers(&created), ["kubectl/Update/"]);
    let line = format!("PATCH {MAPS}/a?fieldManager=me");
    let patched = server.ok(ask(&line).content("application/merge-patch+json").body(r#"{"data":{"c":"d"}}"#)).await;
    assert_eq!(managers(&patched), ["kubectl/Update/", "me/Update/"]);
}

#[tokio::test]
async fn apply_creates_merges_and_conflicts() {
    let server = server().await;
    let apply =
        |data: &str| format!(r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"a"}},"data":{data}}}"#);
    let one = format!("PATCH {MAPS}/a?fieldManager=one&fieldValidation=Strict&force=false");
    let (code, created) = server.json(ask(&one).content(APPLY).body(apply(r#"{"x":"1"}"#))).await;
    assert_eq!((code, managers(&created)), (201, vec!["one/Apply/".into()]));
    let (code, again) = server.json(ask(&one).content(APPLY).body(apply(r#"{"x":"1"}"#))).await;
    assert_eq!((code, &again), (200, &created), "an apply that changes nothing writes nothing");
    let two = format!("PATCH {MAPS}/a?fieldManager=two");
    let (code, conflict) = server.json(ask(&two).content(APPLY).body(apply(r#"{"x":"2"}"#))).await;
    assert_eq!(code, 409);
    expect![[r#"
        Apply failed with 1 conflict: conflict with "one": .data.x
        [{"field":".data.x","message":"conflict with \"one\"","reason":"FieldManagerConflict"}]"#]]
    .assert_eq(&format!("{}\n{}", conflict["message"].as_str().unwrap_or_default(), conflict["details"]["causes"]));
    let forced = format!("{two}&force=true");
    let merged = server.ok(ask(&forced).content(APPLY).body(apply(r#"{"x":"2"}"#))).await;
    assert_eq!(merged["data"]["x"], "2");
    let line = format!("PATCH {MAPS}/a");
    expect![[r#"422 Invalid: PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch"#]]
        .assert_eq(&server.refusal(ask(&line).content(APPLY).body(apply("{}"))).await);
}

#[tokio::test]
async fn a_version_in_a_patch_is_a_precondition() {
    let server = server().await;
    server.config_map("a").await;
    let line = format!("PATCH {MAPS}/a");
    let merge = "application/merge-patch+json";
    let stale = r#"{"metadata":{"resourceVersion":"1"},"data":{"a":"b"}}"#;
    assert_eq!(server.json(ask(&line).content(merge).body(stale)).await.0, 409);
    let other = r#"{"metadata":{"uid":"x"},"data":{"a":"b"}}"#;
    assert_eq!(server.json(ask(&line).content(merge).body(other)).await.0, 409);
    let missing = format!("PATCH {MAPS}/none");
    assert_eq!(server.json(ask(&missing).content(merge).body("{}")).await.0, 404);
}

#[tokio::test]
async fn strategic_patches_merge_lists_by_key() {
    let server = server().await;
    let line = "POST /api/v1/namespaces/default/serviceaccounts";
    server.ok(ask(line).body(r#"{"metadata":{"name":"s"},"secrets":[{"name":"a"}]}"#)).await;
    let line = "PATCH /api/v1/namespaces/default/serviceaccounts/s";
    let patch = r#"{"secrets":[{"name":"b"}]}"#;
    let patched = server.ok(ask(line).content("application/strategic-merge-patch+json").body(patch)).await;
    assert_eq!(patched["secrets"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_write_without_effect_is_refused_and_warned_about_like_any_other() {
    let server = server().await;
    let large = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "large", "annotations": {"a": "x".repeat(300 * 1024)}}, "data": {"x": "2"},
    });
    let line = format!("PATCH {MAPS}/large?fieldManager=m&fieldValidation=Strict");
    for written in [true, false] {
        let before = server.space.revision();
        let answer = server.send(ask(&line).content(APPLY).body(&large)).await;
        let warning = answer.headers()["warning"].to_str().expect("text");
        assert!(warning.contains("Kubernetes refuses this object"), "{warning}");
        assert_eq!(server.space.revision() > before, written);
    }
    let repeated = r#"{"data":{"x":"1","x":"2"}}"#;
    let refused = server.refusal(ask(&line).content("application/merge-patch+json").body(repeated)).await;
    assert!(refused.ends_with(r#"strict decoding error: duplicate field "data.x""#), "{refused:.100}");
}
