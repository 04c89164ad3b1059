//! Automated sync: first sync, silence, new commits, pruning, self-healing, retries.

use expect_test::expect;
use serde_json::json;

use super::world::{World, gvk};
use api::{ObjectExt, names::ObjectRef};

pub(super) const RG: &str = "apiVersion: resources.azure.com/v1api20200601\nkind: ResourceGroup\nmetadata: {name: rg-dev-app}\nspec: {location: eastus, owner: {kind: x}}\n";

pub(super) fn config(name: &str, value: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{v: {value}}}\n")
}

pub(super) fn automated() -> serde_json::Value {
    json!({"syncPolicy": {"automated": {"prune": true, "selfHeal": true}, "syncOptions": ["CreateNamespace=true"]}})
}

fn config_reference(name: &str) -> ObjectRef {
    ObjectRef::new(&gvk("", "v1", "ConfigMap"), "dest", name)
}

#[test]
fn the_first_sync_of_sample_2_and_the_silence_after_it() {
    let mut world = World::new(automated());
    world.objects.retain(|reference, _| reference.kind != "Namespace");
    world.prunes.push(("ResourceGroup", "owner"));
    world.commit(&[("samples/rg.yaml", RG), ("README.md", "hello")]);
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00001
        ? kind ResourceGroup
        ? tracked by app
        ? live ResourceGroup/rg-dev-app
        ! patch Application: automated sync: OutOfSync
        ? live Namespace/dest
        ! apply Namespace/dest: syncOptions CreateNamespace=true and the destination namespace does not exist
        ! apply ResourceGroup/rg-dev-app: in Git and not in the cluster
        ? dry run ResourceGroup/rg-dev-app
        ! patch Application: operation finished
        = Synced Progressing Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    let writes = world.writes;
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ResourceGroup
        ? live ResourceGroup/rg-dev-app
        ? dry run ResourceGroup/rg-dev-app
        = Synced Progressing Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    expect_test::expect_file!["golden/status-after-first-sync.json"].assert_eq(&world.status());
    world.sleep(200);
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00001
        ? kind ResourceGroup
        ? live ResourceGroup/rg-dev-app
        ? dry run ResourceGroup/rg-dev-app
        = Synced Progressing Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    assert_eq!(world.writes, writes, "nothing changed, nothing is written");
}

#[test]
fn a_new_commit_changes_prunes_and_keeps_history() {
    let mut world = World::new(automated());
    world.commit(&[("samples/a.yaml", &config("a", "one")), ("samples/b.yaml", &config("b", "one"))]);
    world.pass();
    world.commit(&[("samples/a.yaml", &config("a", "two"))]);
    world.sleep(180);
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00002
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live ConfigMap/b
        ? dry run ConfigMap/a
        ! patch Application: automated sync: OutOfSync
        ? live Namespace/dest
        ! delete ConfigMap/b Foreground: no longer in Git and prune was asked for
        ! apply ConfigMap/a: in Git and different in the cluster
        ? dry run ConfigMap/a
        ! patch Application: operation finished
        = Synced Healthy Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    expect![[r#"[{"group":"","hookPhase":"Succeeded","kind":"ConfigMap","message":"pruned","name":"b","namespace":"dest","status":"Pruned","syncPhase":"Sync","version":"v1"},{"group":"","hookPhase":"Running","kind":"ConfigMap","message":"configmap/a configured","name":"a","namespace":"dest","status":"Synced","syncPhase":"Sync","version":"v1"}]"#]].assert_eq(&world.app()["status"]["operationState"]["syncResult"]["resources"].to_string());
    let history = world.app()["status"]["history"].as_array().unwrap();
    assert_eq!(history.iter().map(|h| h["id"].as_i64().unwrap()).collect::<Vec<_>>(), [0, 1]);
    assert!(!world.objects.contains_key(&config_reference("b")));
    assert!(!world.pass().contains('!'));
}

#[test]
fn a_manual_change_is_healed_with_a_growing_pause() {
    let mut world = World::new(automated());
    world.commit(&[("samples/a.yaml", &config("a", "one")), ("samples/b.yaml", &config("b", "one"))]);
    world.pass();
    let drift = |world: &mut World| world.edit(&config_reference("a"), |object| object["data"]["v"] = json!("drift"));
    drift(&mut world);
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live ConfigMap/b
        ? dry run ConfigMap/a
        ? dry run ConfigMap/b
        ! patch Application: automated sync: OutOfSync
        ? live Namespace/dest
        ! apply ConfigMap/a: in Git and different in the cluster
        ? dry run ConfigMap/a
        ! patch Application: operation finished
        = Synced Healthy Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    drift(&mut world);
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live ConfigMap/b
        ? dry run ConfigMap/a
        ? dry run ConfigMap/b
        ! patch Application: comparison changed
        = OutOfSync Healthy Succeeded: successfully synced (all tasks run) | after 2s
    "#]]
    .assert_eq(&world.pass());
    world.sleep(2);
    let log = world.pass();
    assert!(log.contains("! apply ConfigMap/a") && !log.contains("apply ConfigMap/b"), "{log}");
    assert_eq!(world.app()["status"]["operationState"]["operation"]["sync"]["autoHealAttemptsCount"], 2);
    // Deleting the object is a drift like any other.
    world.sleep(400);
    world.objects.remove(&config_reference("a"));
    world.pass();
    assert!(world.objects.contains_key(&config_reference("a")));
    assert_eq!(world.app()["status"]["operationState"]["operation"]["sync"]["autoHealAttemptsCount"], 1);
}

#[test]
fn without_self_heal_and_prune_differences_are_only_shown() {
    let mut world = World::new(json!({"syncPolicy": {"automated": {}}}));
    world.commit(&[("samples/a.yaml", &config("a", "one")), ("samples/b.yaml", &config("b", "one"))]);
    world.pass();
    world.edit(&config_reference("a"), |object| object["data"]["v"] = json!("drift"));
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live ConfigMap/b
        ? dry run ConfigMap/a
        ? dry run ConfigMap/b
        ! patch Application: comparison changed
        = OutOfSync Healthy Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    world.commit(&[("samples/a.yaml", &config("a", "drift"))]);
    world.sleep(180);
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00002
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live ConfigMap/b
        ? dry run ConfigMap/a
        ! patch Application: comparison changed
        = OutOfSync Healthy Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    assert!(world.app()["status"]["resources"][1]["requiresPruning"].as_bool().unwrap());
}

#[test]
fn emptying_the_path_is_refused_unless_allowed() {
    let mut world = World::new(automated());
    world.commit(&[("samples/a.yaml", &config("a", "one"))]);
    world.pass();
    world.commit(&[("samples/README.md", "empty")]);
    world.sleep(180);
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00002
        ? kind ConfigMap
        ? live ConfigMap/a
        ! patch Application: comparison changed
        = OutOfSync Healthy Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    expect![[r#"
        SyncError: Skipping sync attempt to [0000000000000000000000000000000000a00002]: auto-sync will wipe out all resources
    "#]].assert_eq(&world.conditions());
    world.edit_app(|app| app["spec"]["syncPolicy"]["automated"]["allowEmpty"] = json!(true));
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00002
        ? kind ConfigMap
        ? live ConfigMap/a
        ! patch Application: automated sync: OutOfSync
        ? live Namespace/dest
        ! delete ConfigMap/a Foreground: no longer in Git and prune was asked for
        ! patch Application: operation finished
        = Synced Healthy Succeeded: successfully synced (no more tasks) | after 120s
    "#]]
    .assert_eq(&world.pass());
}

#[test]
fn a_refused_object_fails_the_sync_but_not_its_neighbours_and_is_retried() {
    let mut world = World::new(json!({"syncPolicy": {"automated": {}, "retry": {"limit": 2}}}));
    world.commit(&[("samples/a.yaml", &config("a", "one")), ("samples/b.yaml", &config("b", "one"))]);
    world.rejects.insert("a".into(), "ConfigMap \"a\" is invalid: data: Invalid value".into());
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00001
        ? kind ConfigMap
        ? tracked by app
        ? live ConfigMap/a
        ? live ConfigMap/b
        ! patch Application: automated sync: OutOfSync
        ! apply ConfigMap/a: in Git and not in the cluster
          refused: ConfigMap "a" is invalid: data: Invalid value
        ! apply ConfigMap/b: in Git and not in the cluster
        ? dry run ConfigMap/b
        ! patch Application: comparison changed
        = OutOfSync Healthy Running: one or more objects failed to apply, reason: ConfigMap "a" is invalid: data: Invalid value. Retrying attempt #1 at 12:00AM. | after 5s
    "#]].assert_eq(&world.pass());
    assert!(world.objects.contains_key(&config_reference("b")));
    assert!(!world.pass().contains('!'), "before its time the retry waits");
    world.sleep(5);
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live ConfigMap/b
        ? dry run ConfigMap/b
        ! apply ConfigMap/a: in Git and not in the cluster
          refused: ConfigMap "a" is invalid: data: Invalid value
        ! apply ConfigMap/b: in Git; applied as part of the sync
        ? dry run ConfigMap/b
        ! patch Application: comparison changed
        = OutOfSync Healthy Running: one or more objects failed to apply, reason: ConfigMap "a" is invalid: data: Invalid value. Retrying attempt #2 at 12:00AM. | after 10s
    "#]].assert_eq(&world.pass());
    world.sleep(10);
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live ConfigMap/b
        ? dry run ConfigMap/b
        ! apply ConfigMap/a: in Git and not in the cluster
          refused: ConfigMap "a" is invalid: data: Invalid value
        ! apply ConfigMap/b: in Git; applied as part of the sync
        ? dry run ConfigMap/b
        ! patch Application: operation finished
        = OutOfSync Healthy Failed: one or more objects failed to apply, reason: ConfigMap "a" is invalid: data: Invalid value (retried 2 times). | after 105s
    "#]].assert_eq(&world.pass());
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live ConfigMap/b
        ? dry run ConfigMap/b
        ! patch Application: comparison changed
        = OutOfSync Healthy Failed: one or more objects failed to apply, reason: ConfigMap "a" is invalid: data: Invalid value (retried 2 times). | after 105s
    "#]].assert_eq(&world.pass());
    expect![[r#"
        SyncError: Failed last sync attempt to [0000000000000000000000000000000000a00001]: one or more objects failed to apply, reason: ConfigMap "a" is invalid: data: Invalid value (retried 2 times).
    "#]].assert_eq(&world.conditions());
    assert!(!world.pass().contains('!'));
}

#[test]
fn a_retry_that_passes_ends_well() {
    let mut world = World::new(automated());
    world.commit(&[("samples/a.yaml", &config("a", "one"))]);
    world.rejects.insert("a".into(), "not now".into());
    world.pass();
    world.rejects.clear();
    world.sleep(5);
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live Namespace/dest
        ! apply ConfigMap/a: in Git and not in the cluster
        ? dry run ConfigMap/a
        ! patch Application: operation finished
        = Synced Healthy Succeeded: successfully synced (all tasks run) | after 115s
    "#]]
    .assert_eq(&world.pass());
    assert_eq!(world.app()["status"]["operationState"]["retryCount"], 1);
}

#[test]
fn waiting_for_the_first_push() {
    let mut world = World::new(automated());
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ! patch Application: comparison changed
        = Unknown Healthy -: - | after 120s
    "#]]
    .assert_eq(&world.pass());
    expect![[r#"
        ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = unable to resolve 'main' to a commit SHA: repository https://git.test/r.git has no commits yet; waiting for the first push
    "#]].assert_eq(&world.conditions());
    assert!(!world.pass().contains('!'));
    world.sleep(120);
    world.commit(&[("other/a.yaml", "x")]);
    world.pass();
    expect![[r#"
        ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = samples: app path does not exist
    "#]].assert_eq(&world.conditions());
    world.sleep(120);
    world.commit(&[("samples/a.yaml", &config("a", "one"))]);
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00002
        ? kind ConfigMap
        ? tracked by app
        ? live ConfigMap/a
        ! patch Application: automated sync: OutOfSync
        ? live Namespace/dest
        ! apply ConfigMap/a: in Git and not in the cluster
        ? dry run ConfigMap/a
        ! patch Application: operation finished
        = Synced Healthy Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    assert_eq!(world.conditions(), "");
}

#[test]
fn a_terminating_leftover_is_not_healed_again_and_again() {
    let mut world = World::new(automated());
    world.commit(&[("samples/a.yaml", &config("a", "one")), ("samples/b.yaml", &config("b", "one"))]);
    world.pass();
    world.slow_deletes = true;
    world.commit(&[("samples/a.yaml", &config("a", "one"))]);
    world.sleep(180);
    world.pass();
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00002
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live ConfigMap/b
        ? dry run ConfigMap/a
        = OutOfSync Progressing Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    world.objects.remove(&config_reference("b"));
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00002
        ? kind ConfigMap
        ? live ConfigMap/a
        ? live ConfigMap/b
        ? dry run ConfigMap/a
        ! patch Application: comparison changed
        = Synced Healthy Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
}

#[test]
fn an_object_of_another_application_is_named() {
    let mut world = World::new(json!({}));
    world.commit(&[("samples/a.yaml", &config("a", "one"))]);
    let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "dest"}});
    object.set_annotation("argocd.argoproj.io/tracking-id", "team_other:/ConfigMap:dest/a");
    world.put(object);
    world.pass();
    expect![[r#"
        SharedResourceWarning: ConfigMap/a is part of applications argocd/app and team/other
    "#]]
    .assert_eq(&world.conditions());
}

#[test]
fn a_crash_between_any_two_writes_is_harmless() {
    let files: [&[(&str, &str)]; 2] = [
        &[("samples/rg.yaml", RG), ("samples/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")],
        &[("samples/rg.yaml", RG)],
    ];
    for crash in 0..8 {
        let mut world = World::new(automated());
        world.objects.retain(|reference, _| reference.kind != "Namespace");
        for commit in files {
            world.commit(commit);
            world.crash_after = Some(crash);
            world.sleep(200);
            // A dead process comes back until there is nothing to say any more.
            while world.pass().contains('!') {}
            world.crash_after = None;
            while world.pass().contains('!') {}
            assert_eq!(
                world.line(),
                "Synced Progressing Succeeded: successfully synced (all tasks run)",
                "crash {crash}"
            );
        }
        assert!(!world.objects.contains_key(&config_reference("a")), "crash {crash}");
        assert_eq!(world.app()["status"]["history"].as_array().unwrap().len(), 2, "crash {crash}");
    }
}
