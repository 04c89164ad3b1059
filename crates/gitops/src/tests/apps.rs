//! Applications that create Applications, and retries without an end: what Sample 1 of the workshop is made of.

use api::names::ObjectRef;
use expect_test::expect;
use serde_json::{Value, json};

use super::{
    sync::{automated, config},
    world::{World, gvk},
};

const CHILD: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: child, namespace: argocd}
spec:
  project: default
  source: {repoURL: 'https://charts.test', chart: c, targetRevision: v1, helm: {valuesObject: {a: 1}}}
  destination: {server: 'https://kubernetes.default.svc', namespace: default}
";

fn child() -> ObjectRef {
    ObjectRef::new(&gvk("argoproj.io", "v1alpha1", "Application"), "argocd", "child")
}

fn parent() -> World {
    let mut world = World::new(automated());
    let later =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: later, annotations: {argocd.argoproj.io/sync-wave: '1'}}\n";
    world.commit(&[("samples/child.yaml", CHILD), ("samples/later.yaml", later)]);
    world
}

/// The child says how it is.
fn child_is(world: &mut World, health: &str, phase: &str) {
    let source = world.objects[&child()]["spec"]["source"].clone();
    world.edit(&child(), |object| {
        object["status"] = json!({"health": {"status": health}, "sync": {"status": "Synced", "comparedTo": {"source": source}},
            "operationState": {"phase": phase, "message": "m"}});
    });
}

#[test]
fn a_wave_waits_for_a_child_to_be_compared_synced_and_healthy() {
    let mut world = parent();
    world.pass();
    let waiting = "waiting for healthy state of argoproj.io/Application/child";
    assert_eq!(world.line(), format!("OutOfSync Progressing Running: {waiting}"));
    assert_eq!(world.app()["status"]["summary"]["isAppOfApps"], true);
    for (health, phase) in [("Healthy", "Running"), ("Missing", "Succeeded"), ("Progressing", "Succeeded")] {
        child_is(&mut world, health, phase);
        world.pass();
        assert!(world.line().ends_with(&format!("Running: {waiting}")), "{health} {phase}: {}", world.line());
    }
    // Argo CD calls an Application healthy that could not be compared: nothing of it is known to be ill.
    child_is(&mut world, "Healthy", "Succeeded");
    world.edit(&child(), |object| {
        object["status"]["sync"]["status"] = json!("Unknown");
        object["status"]["conditions"] = json!([{"type": "ComparisonError", "message": "no such chart"}]);
    });
    world.pass();
    assert!(world.line().ends_with(&format!("Running: {waiting}")), "{}", world.line());
    let resources = world.app()["status"]["resources"].to_string();
    assert!(resources.contains("Waiting for the Application to be compared: no such chart"), "{resources}");
    child_is(&mut world, "Healthy", "Succeeded");
    world.pass();
    assert_eq!(world.line(), "Synced Healthy Succeeded: successfully synced (all tasks run)");
}

#[test]
fn what_a_child_said_about_its_last_source_does_not_count() {
    let mut world = parent();
    world.pass();
    child_is(&mut world, "Healthy", "Succeeded");
    world.pass();
    let newer = CHILD.replace("targetRevision: v1", "targetRevision: v2");
    world.commit(&[("samples/child.yaml", &newer), ("samples/later.yaml", &config("later", "x"))]);
    world.sleep(200);
    world.pass();
    let health = world.app()["status"]["resources"].as_array().unwrap().iter().find(|r| r["name"] == "child").unwrap();
    assert_eq!(health["health"]["message"], "Waiting for the Application's new source to be compared");
    child_is(&mut world, "Healthy", "Succeeded");
    world.pass();
    assert!(world.line().starts_with("Synced Healthy"), "{}", world.line());
}

#[test]
fn a_degraded_child_fails_the_wave() {
    let mut world = World::new(json!({"syncPolicy": {"automated": {}, "retry": {"limit": 0}}}));
    world.commits = parent().commits;
    world.pass();
    child_is(&mut world, "Degraded", "Succeeded");
    world.pass();
    assert!(world.line().contains("Degraded Failed: one or more synchronization tasks completed"), "{}", world.line());
}

#[test]
fn retries_without_a_limit_go_on_with_a_growing_pause() {
    let retry = json!({"limit": -1, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "10m"}});
    let mut world = World::new(json!({"syncPolicy": {"automated": {}, "retry": retry}}));
    world.commit(&[("samples/a.yaml", &config("a", "one"))]);
    world.rejects.insert("a".into(), "not yet".into());
    let mut pauses = Vec::new();
    let mut last = world.now;
    for _ in 0..10 {
        let attempts = |world: &World| world.app().pointer("/status/operationState/retryCount").and_then(Value::as_i64);
        let before = attempts(&world);
        while attempts(&world) == before {
            world.pass();
            world.sleep(1);
        }
        pauses.push(world.now.duration_since(last).as_secs() - 1);
        last = world.now;
    }
    expect![[r#"
        [
            0,
            4,
            9,
            19,
            39,
            79,
            159,
            319,
            599,
            599,
        ]
    "#]]
    .assert_debug_eq(&pauses);
    world.rejects.clear();
    world.sleep(700);
    world.pass();
    world.pass();
    assert_eq!(world.line(), "Synced Healthy Succeeded: successfully synced (all tasks run)");
}
