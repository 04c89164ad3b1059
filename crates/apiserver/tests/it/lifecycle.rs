//! The server's own controllers over a real store: what goes, what stays, and that they are silent when nothing happens.
//! The clock is paused: it moves on only when every task waits, which is how a test knows that they are done.

use std::time::Duration;

use api::ObjectExt;
use expect_test::expect;
use serde_json::{Value, json};

use crate::harness::{Server, WIDGETS, WIDGETS_PATH, ask, over, server};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

async fn running() -> Server {
    let server = server().await;
    tokio::spawn(server.api.controllers());
    idle().await;
    server
}

/// Until nobody has anything to do.
async fn idle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

fn owner(object: &Value) -> Value {
    json!({"apiVersion": object.api_version(), "kind": object.kind(), "name": object.name(), "uid": object.uid()})
}

async fn map(server: &Server, name: &str, metadata: Value) -> Value {
    let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata});
    object["metadata"]["name"] = json!(name);
    server.ok(ask(&format!("POST {MAPS}")).body(object)).await
}

async fn code(server: &Server, path: &str) -> u16 {
    server.json(ask(&format!("GET {path}"))).await.0
}

/// The names of the maps that the test made.
async fn maps(server: &Server) -> Vec<String> {
    let list = server.ok(ask(&format!("GET {MAPS}"))).await;
    list["items"].as_array().expect("items").iter().filter_map(|item| item.name().map(String::from)).collect()
}

async fn delete(server: &Server, path: &str, policy: &str) {
    let options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": policy});
    server.ok(ask(&format!("DELETE {path}")).body(options)).await;
}

async fn drop_finalizers(server: &Server, path: &str) {
    let patch = json!({"metadata": {"finalizers": null}});
    server.ok(ask(&format!("PATCH {path}")).content("application/merge-patch+json").body(patch)).await;
}

#[tokio::test(start_paused = true)]
async fn dependents_follow_their_last_owner() {
    let server = running().await;
    let (a, b) = (map(&server, "a", json!({})).await, map(&server, "b", json!({})).await);
    let child = map(&server, "child", json!({"ownerReferences": [owner(&a)]})).await;
    map(&server, "grandchild", json!({"ownerReferences": [owner(&child)]})).await;
    map(&server, "shared", json!({"ownerReferences": [owner(&a), owner(&b)]})).await;
    idle().await;
    assert_eq!(maps(&server).await, ["a", "b", "child", "grandchild", "shared"]);
    delete(&server, &format!("{MAPS}/a"), "Background").await;
    idle().await;
    assert_eq!(maps(&server).await, ["b", "shared"]);
    let shared = server.ok(ask(&format!("GET {MAPS}/shared"))).await;
    assert_eq!(shared.owner_references(), [owner(&b)]);
}

#[tokio::test(start_paused = true)]
async fn owners_that_never_were_count_as_gone_and_unknown_kinds_do_not() {
    let server = running().await;
    let a = map(&server, "a", json!({})).await;
    let mut wrong_uid = owner(&a);
    wrong_uid["uid"] = json!("someone-else");
    map(&server, "wrong-uid", json!({"ownerReferences": [wrong_uid]})).await;
    let mut unknown = owner(&a);
    unknown["kind"] = json!("Mystery");
    map(&server, "unknown-kind", json!({"ownerReferences": [unknown]})).await;
    // The owner is in another namespace: the reference means one of that name in the own namespace.
    let elsewhere =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "ownerReferences": [owner(&a)]}});
    server.ok(ask("POST /api/v1/namespaces/kube-public/configmaps").body(elsewhere)).await;
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "cluster", "ownerReferences": [owner(&a)]}, "rules": []});
    server.ok(ask("POST /apis/rbac.authorization.k8s.io/v1/clusterroles").body(role)).await;
    idle().await;
    assert_eq!(maps(&server).await, ["a", "unknown-kind"]);
    assert_eq!(code(&server, "/api/v1/namespaces/kube-public/configmaps/x").await, 404);
    assert_eq!(code(&server, "/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster").await, 200);
}

#[tokio::test(start_paused = true)]
async fn an_owner_deleted_in_the_foreground_waits_for_those_that_block_it() {
    let server = running().await;
    let a = map(&server, "a", json!({})).await;
    let mut blocking = owner(&a);
    blocking["blockOwnerDeletion"] = json!(true);
    map(&server, "blocks", json!({"ownerReferences": [blocking], "finalizers": ["test.example.com/hold"]})).await;
    map(&server, "plain", json!({"ownerReferences": [owner(&a)]})).await;
    delete(&server, &format!("{MAPS}/a"), "Foreground").await;
    idle().await;
    assert_eq!(maps(&server).await, ["a", "blocks"]);
    let held = server.ok(ask(&format!("GET {MAPS}/a"))).await;
    assert_eq!(held.finalizers(), ["foregroundDeletion"]);
    assert!(server.ok(ask(&format!("GET {MAPS}/blocks"))).await.deletion_timestamp().is_some());
    drop_finalizers(&server, &format!("{MAPS}/blocks")).await;
    idle().await;
    assert_eq!(maps(&server).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn orphans_forget_their_owner() {
    let server = running().await;
    let a = map(&server, "a", json!({})).await;
    map(&server, "child", json!({"ownerReferences": [owner(&a)]})).await;
    delete(&server, &format!("{MAPS}/a"), "Orphan").await;
    idle().await;
    assert_eq!(maps(&server).await, ["child"]);
    assert!(server.ok(ask(&format!("GET {MAPS}/child"))).await.owner_references().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_was_left_behind_by_a_stop_is_collected_at_the_next_start() {
    let first = server().await;
    let a = map(&first, "a", json!({})).await;
    map(&first, "child", json!({"ownerReferences": [owner(&a)]})).await;
    delete(&first, &format!("{MAPS}/a"), "Background").await;
    idle().await;
    assert_eq!(maps(&first).await, ["child"], "no controllers were running");
    let second = over(first.space.clone()).await;
    tokio::spawn(second.api.controllers());
    idle().await;
    assert_eq!(maps(&second).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_ends_when_everything_in_it_has() {
    let server = running().await;
    server.crd(WIDGETS).await;
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}});
    server.ok(ask("POST /api/v1/namespaces").body(namespace)).await;
    idle().await;
    let widget = json!({"apiVersion": "demo.example.com/v1", "kind": "Widget", "metadata": {"name": "w", "finalizers": ["demo.example.com/hold"]}, "spec": {"size": 1}});
    server.ok(ask("POST /apis/demo.example.com/v1/namespaces/n/widgets").body(widget)).await;
    server
        .ok(ask("POST /api/v1/namespaces/n/secrets")
            .body(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}})))
        .await;
    delete(&server, "/api/v1/namespaces/n", "Background").await;
    idle().await;
    assert_eq!(code(&server, "/api/v1/namespaces/n/secrets/s").await, 200, "secrets go last");
    let terminating = server.ok(ask("GET /api/v1/namespaces/n")).await;
    assert_eq!(terminating["status"]["phase"], "Terminating");
    let conditions = terminating["status"]["conditions"].as_array().expect("conditions").iter();
    let lines: Vec<String> =
        conditions.map(|c| format!("{} {} {}: {}", c["type"], c["status"], c["reason"], c["message"])).collect();
    expect![[r#"
        "NamespaceDeletionDiscoveryFailure" "False" "ResourcesDiscovered": "All resources successfully discovered"
        "NamespaceDeletionGroupVersionParsingFailure" "False" "ParsedGroupVersions": "All legacy kube types successfully parsed"
        "NamespaceDeletionContentFailure" "False" "ContentDeleted": "All content successfully deleted, may be waiting on finalization"
        "NamespaceContentRemaining" "True" "SomeResourcesRemain": "Some resources are remaining: secrets. has 1 resource instances, widgets.demo.example.com has 1 resource instances"
        "NamespaceFinalizersRemaining" "True" "SomeFinalizersRemain": "Some content in the namespace has finalizers remaining: demo.example.com/hold in 1 resource instances""#]]
    .assert_eq(&lines.join("\n"));
    drop_finalizers(&server, "/apis/demo.example.com/v1/namespaces/n/widgets/w").await;
    idle().await;
    assert_eq!(code(&server, "/api/v1/namespaces/n").await, 404);
}

#[tokio::test(start_paused = true)]
async fn a_definition_takes_its_instances_with_it() {
    let server = running().await;
    server.crd(WIDGETS).await;
    let widget = json!({"apiVersion": "demo.example.com/v1", "kind": "Widget", "metadata": {"name": "w", "finalizers": ["demo.example.com/hold"]}, "spec": {"size": 1}});
    server.ok(ask(&format!("POST {WIDGETS_PATH}")).body(widget)).await;
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.demo.example.com";
    delete(&server, path, "Background").await;
    idle().await;
    let definition = server.ok(ask(&format!("GET {path}"))).await;
    let terminating = api::condition::find(&definition, "Terminating").expect("a condition");
    assert_eq!(
        (&terminating["status"], &terminating["reason"]),
        (&json!("True"), &json!("InstanceDeletionInProgress"))
    );
    drop_finalizers(&server, &format!("{WIDGETS_PATH}/w")).await;
    idle().await;
    assert_eq!(code(&server, path).await, 404);
    assert_eq!(code(&server, WIDGETS_PATH).await, 404);
}

#[tokio::test(start_paused = true)]
async fn every_namespace_has_its_default_service_account() {
    let server = running().await;
    let path = "/api/v1/namespaces/kube-public/serviceaccounts/default";
    let first = server.ok(ask(&format!("GET {path}"))).await;
    delete(&server, path, "Background").await;
    idle().await;
    let second = server.ok(ask(&format!("GET {path}"))).await;
    assert_ne!(first.uid(), second.uid());
    assert_eq!(
        code(&server, "/api/v1/namespaces/kube-public/configmaps/kube-root-ca.crt").await,
        404,
        "no authority is configured"
    );
}

#[tokio::test(start_paused = true)]
async fn events_go_an_hour_after_they_were_last_written() {
    let server = running().await;
    let event = |name: &str, at: &str| {
        let object = json!({"kind": "ConfigMap", "namespace": "default", "name": "x"});
        json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": name}, "involvedObject": object, "lastTimestamp": at})
    };
    let now = api::env::rfc3339(api::env::Clock::now(server.clock.as_ref()));
    for name in ["one", "two"] {
        server.ok(ask("POST /api/v1/namespaces/default/events").body(event(name, &now))).await;
    }
    server.clock.advance(Duration::from_secs(59 * 60));
    let later = api::env::rfc3339(api::env::Clock::now(server.clock.as_ref()));
    let patch = json!({"lastTimestamp": later});
    server
        .ok(ask("PATCH /api/v1/namespaces/default/events/two").content("application/merge-patch+json").body(patch))
        .await;
    server.clock.advance(Duration::from_secs(2 * 60));
    server.ok(ask("POST /api/v1/namespaces/default/events").body(event("three", &later))).await;
    idle().await;
    let list = server.ok(ask("GET /api/v1/namespaces/default/events")).await;
    let names: Vec<&str> = list["items"].as_array().expect("items").iter().filter_map(|item| item.name()).collect();
    assert_eq!(names, ["three", "two"]);
}

#[tokio::test(start_paused = true)]
async fn aggregated_roles_show_what_they_grant() {
    let server = running().await;
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": "widgets-view", "labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}},
        "rules": [{"apiGroups": ["demo.example.com"], "resources": ["widgets"], "verbs": ["get"]}],
    });
    server.ok(ask("POST /apis/rbac.authorization.k8s.io/v1/clusterroles").body(role)).await;
    idle().await;
    for name in ["view", "edit", "admin"] {
        let shown = server.ok(ask(&format!("GET /apis/rbac.authorization.k8s.io/v1/clusterroles/{name}"))).await;
        assert!(shown["rules"].to_string().contains("widgets"), "{name}");
    }
    delete(&server, "/apis/rbac.authorization.k8s.io/v1/clusterroles/widgets-view", "Background").await;
    idle().await;
    let shown = server.ok(ask("GET /apis/rbac.authorization.k8s.io/v1/clusterroles/admin")).await;
    assert!(!shown["rules"].to_string().contains("widgets"));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_when_nothing_happens() {
    let server = running().await;
    let a = map(&server, "a", json!({"finalizers": ["test.example.com/hold"]})).await;
    map(&server, "child", json!({"ownerReferences": [owner(&a)], "finalizers": ["test.example.com/hold"]})).await;
    delete(&server, &format!("{MAPS}/a"), "Foreground").await;
    delete(&server, &format!("{MAPS}/child"), "Background").await;
    idle().await;
    let before = (server.space.revision(), tokio::time::Instant::now());
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(server.space.revision(), before.0);
    assert_eq!(before.1.elapsed(), Duration::from_secs(3600), "and no timer fired");
}
