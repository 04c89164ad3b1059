//! Operations that somebody else asks for: a sync to a revision, a dry run, a selection, a termination; refresh requests.

use expect_test::expect;
use serde_json::json;

use super::{
    World,
    sync::{automated, config},
    world::commit_id,
};

fn two_configs() -> World {
    let mut world = World::new(json!({}));
    world.commit(&[("samples/a.yaml", &config("a", "one")), ("samples/b.yaml", &config("b", "one"))]);
    world
}

#[test]
fn without_automation_nothing_happens_until_asked() {
    let mut world = two_configs();
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00001
        ? kind ConfigMap
        ? tracked by app
        ? live ConfigMap/a
        ? live ConfigMap/b
        ! patch Application: comparison changed
        = OutOfSync Missing -: - | after 120s
    "#]]
    .assert_eq(&world.pass());
    world.edit_app(|app| {
        app["operation"] = json!({"initiatedBy": {"username": "admin"}, "sync": {"revision": "main", "prune": true}});
    });
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live ConfigMap/b
        ! patch Application: operation requested
        ? resolve main
        ! apply ConfigMap/a: in Git and not in the cluster
        ! apply ConfigMap/b: in Git and not in the cluster
        ? dry run ConfigMap/a
        ? dry run ConfigMap/b
        ! patch Application: operation finished
        = Synced Healthy Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    assert!(world.app().get("operation").is_none());
    expect![[r#"[{"deployStartedAt":"2026-01-01T00:00:00Z","deployedAt":"2026-01-01T00:00:00Z","id":0,"initiatedBy":{"username":"admin"},"revision":"0000000000000000000000000000000000a00001","source":{"path":"samples","repoURL":"https://git.test/r.git","targetRevision":"main"}}]"#]].assert_eq(&world.app()["status"]["history"].to_string());
}

#[test]
fn an_older_revision_can_be_synced_and_shows_as_out_of_sync() {
    let mut world = two_configs();
    world.commit(&[("samples/a.yaml", &config("a", "two"))]);
    world.edit_app(|app| app["operation"] = json!({"sync": {"revision": commit_id(0)}}));
    world.pass();
    expect!["OutOfSync Healthy Succeeded: successfully synced (all tasks run)"].assert_eq(&world.line());
    assert_eq!(world.app()["status"]["operationState"]["syncResult"]["revision"], commit_id(0));
}

#[test]
fn a_dry_run_changes_nothing() {
    let mut world = two_configs();
    world.rejects.insert("b".into(), "b is invalid".into());
    world.edit_app(|app| app["operation"] = json!({"sync": {"dryRun": true}}));
    let log = world.pass();
    assert!(!log.contains("! apply"), "{log}");
    expect!["OutOfSync Missing Failed: one or more objects failed to apply (dry run)"].assert_eq(&world.line());
    expect![[r#"[{"group":"","hookPhase":"Succeeded","kind":"ConfigMap","message":"configmap/a (dry run)","name":"a","namespace":"dest","status":"Synced","syncPhase":"Sync","version":"v1"},{"group":"","hookPhase":"Failed","kind":"ConfigMap","message":"b is invalid","name":"b","namespace":"dest","status":"SyncFailed","syncPhase":"Sync","version":"v1"}]"#]].assert_eq(&world.app()["status"]["operationState"]["syncResult"]["resources"].to_string());
    assert!(world.app()["status"].get("history").is_none());
}

#[test]
fn a_selection_is_synced_alone_and_leaves_no_history() {
    let mut world = two_configs();
    world.edit_app(|app| {
        app["operation"] = json!({"sync": {"resources": [{"kind": "ConfigMap", "name": "b"}]}});
    });
    let log = world.pass();
    assert!(log.contains("apply ConfigMap/b") && !log.contains("apply ConfigMap/a"), "{log}");
    assert!(world.app()["status"].get("history").is_none());
}

#[test]
fn a_waiting_operation_can_be_terminated() {
    let mut world = World::new(automated());
    world.commit(&[("samples/a.yaml", &config("a", "one"))]);
    world.rejects.insert("a".into(), "no".into());
    world.pass();
    world.edit_app(|app| app["status"]["operationState"]["phase"] = json!("Terminating"));
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ConfigMap
        ? live ConfigMap/a
        ! patch Application: operation finished
        = OutOfSync Missing Failed: Operation terminated (retried 1 times). | after 120s
    "#]]
    .assert_eq(&world.pass());
}

#[test]
fn an_operation_without_a_sync_is_an_error() {
    let mut world = two_configs();
    world.edit_app(|app| app["operation"] = json!({"initiatedBy": {"username": "x"}}));
    world.pass();
    expect!["OutOfSync Missing Error: Invalid operation request: no operation specified"].assert_eq(&world.line());
    world.edit_app(|app| app["operation"] = json!({"sync": {"manifests": ["{}"]}}));
    world.pass();
    expect!["OutOfSync Missing Error: operation.sync.manifests is not supported yet"].assert_eq(&world.line());
}

#[test]
fn a_refresh_request_asks_git_and_is_taken_away() {
    let mut world = two_configs();
    world.pass();
    world.edit_app(|app| app["metadata"]["annotations"] = json!({"argocd.argoproj.io/refresh": "normal"}));
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00001
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live ConfigMap/b
        ! patch Application: comparison changed
        = OutOfSync Missing -: - | after 120s
    "#]]
    .assert_eq(&world.pass());
    world.edit_app(|app| app["metadata"]["annotations"] = json!({"argocd.argoproj.io/refresh": "hard"}));
    let log = world.pass();
    assert!(log.contains("? tracked by app"), "{log}");
    assert!(world.app().pointer("/metadata/annotations/argocd.argoproj.io~1refresh").is_none());
}

#[test]
fn a_skipped_application_is_left_alone() {
    let mut world = two_configs();
    world.edit_app(|app| app["metadata"]["annotations"] = json!({"argocd.argoproj.io/skip-reconcile": "true"}));
    expect![[r#"
        = - - -: - | on change
    "#]]
    .assert_eq(&world.pass());
}
