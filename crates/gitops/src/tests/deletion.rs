//! Deleting an Application, with and without its finalizer.

use expect_test::expect;
use serde_json::json;

use super::{World, sync::automated, sync::config};

fn deployed(finalizers: &[&str]) -> World {
    let mut world = World::new(automated());
    let object = |name: &str, extra: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, annotations: {{{extra}}}}}\n")
    };
    let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: xs.x.io}\nspec: {group: x.io, names: {kind: X}}\n";
    world.commit(&[(
        "samples/a.yaml",
        &[
            config("a", "one"),
            object("late", "argocd.argoproj.io/sync-wave: \"3\""),
            object("kept", "argocd.argoproj.io/sync-options: Delete=false"),
            crd.into(),
        ]
        .join("---\n"),
    )]);
    world.pass();
    world.edit_app(|app| {
        app["metadata"]["finalizers"] = json!(finalizers);
        app["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    });
    world
}

fn names(world: &World) -> String {
    world.objects.keys().map(|r| format!("{}/{} ", r.kind, r.name)).collect()
}

#[test]
fn the_finalizer_takes_the_resources_along_in_reverse_waves() {
    let mut world = deployed(&["resources-finalizer.argocd.argoproj.io", "other/finalizer"]);
    expect![[r#"
        ? kind ConfigMap
        ? kind CustomResourceDefinition
        ? live ConfigMap/a
        ? live ConfigMap/kept
        ? live ConfigMap/late
        ? live CustomResourceDefinition/xs.x.io
        ! delete ConfigMap/late Foreground: Application app is being deleted with resources-finalizer.argocd.argoproj.io
        ! delete ConfigMap/a Foreground: Application app is being deleted with resources-finalizer.argocd.argoproj.io
        ! patch Application: its resources are gone
        = Synced Healthy Succeeded: successfully synced (all tasks run) | on change
    "#]]
    .assert_eq(&world.pass());
    expect!["ConfigMap/kept Namespace/dest CustomResourceDefinition/xs.x.io Application/app "]
        .assert_eq(&names(&world));
    assert_eq!(world.app()["metadata"]["finalizers"], json!(["other/finalizer"]));
}

#[test]
fn slow_deletions_are_waited_for() {
    let mut world = deployed(&["resources-finalizer.argocd.argoproj.io/background"]);
    world.slow_deletes = true;
    expect![[r#"
        ? kind ConfigMap
        ? kind CustomResourceDefinition
        ? live ConfigMap/a
        ? live ConfigMap/kept
        ? live ConfigMap/late
        ? live CustomResourceDefinition/xs.x.io
        ! delete ConfigMap/late Background: Application app is being deleted with resources-finalizer.argocd.argoproj.io/background
        = Synced Healthy Succeeded: successfully synced (all tasks run) | after 30s
    "#]].assert_eq(&world.pass());
    world.objects.retain(|reference, _| reference.name != "late");
    expect![[r#"
        ? kind ConfigMap
        ? kind CustomResourceDefinition
        ? live ConfigMap/a
        ? live ConfigMap/kept
        ? live ConfigMap/late
        ? live CustomResourceDefinition/xs.x.io
        ! delete ConfigMap/a Background: Application app is being deleted with resources-finalizer.argocd.argoproj.io/background
        = Synced Healthy Succeeded: successfully synced (all tasks run) | after 30s
    "#]].assert_eq(&world.pass());
    world.objects.retain(|reference, _| reference.name != "a");
    expect![[r#"
        ? kind ConfigMap
        ? kind CustomResourceDefinition
        ? live ConfigMap/a
        ? live ConfigMap/kept
        ? live ConfigMap/late
        ? live CustomResourceDefinition/xs.x.io
        ! patch Application: its resources are gone
        = gone | on change
    "#]]
    .assert_eq(&world.pass());
}

#[test]
fn without_it_everything_stays() {
    let mut world = deployed(&["someone.else/finalizer"]);
    expect![[r#"
        = Synced Healthy Succeeded: successfully synced (all tasks run) | on change
    "#]]
    .assert_eq(&world.pass());
    expect![
        "ConfigMap/a ConfigMap/kept ConfigMap/late Namespace/dest CustomResourceDefinition/xs.x.io Application/app "
    ]
    .assert_eq(&names(&world));
}

#[test]
fn objects_of_others_are_left_alone() {
    let mut world = deployed(&["resources-finalizer.argocd.argoproj.io"]);
    let reference = world.objects.keys().find(|r| r.name == "a").cloned().unwrap();
    world.edit(&reference, |object| {
        object["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = json!("other:/ConfigMap:dest/a");
    });
    world.pass();
    expect!["ConfigMap/a ConfigMap/kept Namespace/dest CustomResourceDefinition/xs.x.io "].assert_eq(&names(&world));
}
