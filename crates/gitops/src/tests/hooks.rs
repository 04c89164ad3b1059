//! Hooks of a sync: their order, what they wait for, what becomes of their objects, failures and termination.

use api::names::ObjectRef;
use expect_test::expect;
use serde_json::{Value, json};

use super::world::{World, gvk};
use crate::Scope;

fn world(files: &str) -> World {
    let mut world = World::new(json!({"syncPolicy": {"automated": {"prune": true}, "retry": {"limit": 0}}}));
    world.kinds.insert(gvk("batch", "v1", "Job"), Scope::Namespaced);
    world.commit(&[("samples/a.yaml", files)]);
    world
}

fn map(name: &str, annotations: &str) -> String {
    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, annotations: {{{annotations}}}}}\n")
}

fn job(name: &str, annotations: &str) -> String {
    format!("---\napiVersion: batch/v1\nkind: Job\nmetadata: {{{name}, annotations: {{{annotations}}}}}\nspec: {{}}\n")
}

fn job_reference(name: &str) -> ObjectRef {
    ObjectRef::new(&gvk("batch", "v1", "Job"), "dest", name)
}

/// The Job ends.
fn end(world: &mut World, name: &str, condition: &str) {
    world.edit(&job_reference(name), |job| {
        job["status"] =
            json!({"conditions": [{"type": condition, "status": "True", "message": format!("it is {condition}")}]});
    });
}

/// What was done, and where the Application is then.
fn done(log: &str) -> String {
    log.lines().filter(|line| line.starts_with(['!', '=', ' '])).map(|line| format!("{line}\n")).collect()
}

fn results(world: &World) -> String {
    let list = world.app().pointer("/status/operationState/syncResult/resources").and_then(Value::as_array);
    let line = |r: &Value| {
        let text = |field: &str| r[field].as_str().unwrap_or("-").to_string();
        format!("{} {} {} {}: {}\n", text("name"), text("hookType"), text("status"), text("hookPhase"), text("message"))
    };
    list.into_iter().flatten().map(line).collect()
}

const PRE: &str = "argocd.argoproj.io/hook: PreSync";
const POST: &str = "argocd.argoproj.io/hook: PostSync";
const FAIL: &str = "argocd.argoproj.io/hook: SyncFail";

#[test]
fn phases_run_one_after_the_other_and_wait_for_their_jobs() {
    let mut world = world(&(map("plain", "") + &job("name: before", PRE) + &job("name: after", POST)));
    expect![[r#"
        ! patch Application: automated sync: OutOfSync
        ! apply Job/before: hook PreSync
        ! patch Application: comparison changed
        = OutOfSync Missing Running: waiting for completion of hook batch/Job/before | after 30s
    "#]]
    .assert_eq(&done(&world.pass()));
    let before = &world.objects[&job_reference("before")];
    assert_eq!(before["metadata"]["finalizers"], json!(["argocd.argoproj.io/hook-finalizer"]));
    end(&mut world, "before", "Complete");
    expect![[r#"
        ! patch Job/before: the hook has ended
        ! apply ConfigMap/plain: in Git and not in the cluster
        ! apply Job/after: hook PostSync
        ! patch Application: comparison changed
        = Synced Healthy Running: waiting for completion of hook batch/Job/after | after 30s
    "#]]
    .assert_eq(&done(&world.pass()));
    // A hook shows, and counts for nothing.
    let hook = world.app()["status"]["resources"].as_array().unwrap().iter().find(|r| r["name"] == "after").unwrap();
    assert_eq!((hook.get("status"), &hook["hook"]), (None, &json!(true)));
    end(&mut world, "after", "Complete");
    expect![[r#"
        ! patch Job/after: the hook has ended
        ! patch Application: operation finished
        = Synced Healthy Succeeded: successfully synced (no more tasks) | after 120s
    "#]]
    .assert_eq(&done(&world.pass()));
    expect![[r#"
        before PreSync Synced Succeeded: it is Complete
        plain - Synced Succeeded: configmap/plain created
        after PostSync Synced Succeeded: it is Complete
    "#]]
    .assert_eq(&results(&world));
    let writes = world.writes;
    world.sleep(600);
    world.pass();
    assert_eq!(world.writes, writes, "a hook that stays is no difference");
}

#[test]
fn the_next_sync_replaces_a_hook_and_policies_delete_it() {
    let policy = "argocd.argoproj.io/hook-delete-policy: HookSucceeded";
    let files = |value: &str| {
        map("plain", value)
            + &job("name: kept", PRE)
            + &map("gone", &format!("{POST}, {policy}"))
            + &map("both", "argocd.argoproj.io/hook: 'PreSync,PostSync'")
    };
    let mut world = world(&files(""));
    world.pass();
    end(&mut world, "kept", "Complete");
    expect![[r#"
        ! patch ConfigMap/both: the hook has ended
        ! patch Job/kept: the hook has ended
        ! apply ConfigMap/plain: in Git and not in the cluster
        ! delete ConfigMap/both Foreground: hook-delete-policy BeforeHookCreation
        ! apply ConfigMap/both: hook PostSync
        ! apply ConfigMap/gone: hook PostSync
        ! patch ConfigMap/both: the hook has ended
        ! patch ConfigMap/gone: the hook has ended
        ! delete ConfigMap/gone Foreground: hook-delete-policy HookSucceeded
        ! patch Application: operation finished
        = Synced Healthy Succeeded: successfully synced (no more tasks) | after 120s
    "#]]
    .assert_eq(&done(&world.pass()));
    world.commit(&[("samples/a.yaml", &files("a: b"))]);
    world.sleep(200);
    expect![[r#"
        ! patch Application: automated sync: OutOfSync
        ! delete ConfigMap/both Foreground: hook-delete-policy BeforeHookCreation
        ! delete Job/kept Foreground: hook-delete-policy BeforeHookCreation
        ! apply ConfigMap/both: hook PreSync
        ! apply Job/kept: hook PreSync
        ! patch Application: comparison changed
        = OutOfSync Healthy Running: waiting for completion of hook batch/Job/kept | after 30s
    "#]]
    .assert_eq(&done(&world.pass()));
}

#[test]
fn a_hook_that_fails_stops_the_sync_and_runs_those_of_failure() {
    let policy = "argocd.argoproj.io/hook-delete-policy: HookFailed";
    let files = map("plain", "") + &job("name: before", &format!("{PRE}, {policy}")) + &job("name: report", FAIL);
    let mut world = world(&files);
    world.pass();
    end(&mut world, "before", "Failed");
    expect![[r#"
        ! patch Job/before: the hook has ended
        ! delete Job/before Foreground: hook-delete-policy HookFailed
        ! apply Job/report: hook SyncFail
        ! patch Application: comparison changed
        = OutOfSync Missing Running: waiting for completion of hook batch/Job/report | after 30s
    "#]]
    .assert_eq(&done(&world.pass()));
    end(&mut world, "report", "Complete");
    expect![[r#"
        ! patch Job/report: the hook has ended
        ! patch Application: operation finished
        = OutOfSync Missing Failed: one or more synchronization tasks completed unsuccessfully, reason: it is Failed | after 120s
    "#]]
    .assert_eq(&done(&world.pass()));
    expect![[r#"
        before PreSync Synced Failed: it is Failed
        report SyncFail Synced Succeeded: it is Complete
    "#]]
    .assert_eq(&results(&world));
}

#[test]
fn an_object_that_cannot_be_applied_runs_the_hooks_of_failure_too() {
    let mut world = world(&(map("bad", "") + &map("report", FAIL) + &map("never", POST)));
    world.rejects.insert("bad".into(), "bad is invalid".into());
    expect![[r#"
        ! patch Application: automated sync: OutOfSync
        ! apply ConfigMap/bad: in Git and not in the cluster
          refused: bad is invalid
        ! apply ConfigMap/report: hook SyncFail
        ! patch ConfigMap/report: the hook has ended
        ! patch Application: operation finished
        = OutOfSync Missing Failed: one or more objects failed to apply, reason: bad is invalid | after 120s
    "#]]
    .assert_eq(&done(&world.pass()));
}

#[test]
fn resources_of_the_sync_phase_are_healthy_before_a_hook_runs_after_them() {
    let group = "---\napiVersion: resources.azure.com/v1api20200601\nkind: ResourceGroup\nmetadata: {name: rg}\nspec: {location: eastus}\n";
    let mut world = world(&(group.to_string() + &map("after", POST)));
    world.pass();
    assert_eq!(
        world.line(),
        "Synced Progressing Running: waiting for healthy state of resources.azure.com/ResourceGroup/rg"
    );
    let reference = ObjectRef::new(&gvk("resources.azure.com", "v1api20200601", "ResourceGroup"), "dest", "rg");
    world.edit(&reference, |object| object["status"] = json!({"conditions": [{"type": "Ready", "status": "True"}]}));
    world.pass();
    assert_eq!(world.line(), "Synced Healthy Succeeded: successfully synced (no more tasks)");
}

#[test]
fn helms_hooks_and_weights_are_argo_cds() {
    let hook = |name: &str, hook: &str, more: &str| map(name, &format!("helm.sh/hook: '{hook}'{more}"));
    let mut world = world(
        &[
            map("plain", ""),
            hook("second", "pre-install,pre-upgrade", ", helm.sh/hook-weight: '2'"),
            hook("first", "pre-upgrade", ", helm.sh/hook-weight: '-1', helm.sh/hook-delete-policy: hook-succeeded"),
            hook("after", "post-install", ""),
            hook("test", "test", ""),
            hook("back", "pre-rollback", ""),
            hook("mine", "pre-install", ", argocd.argoproj.io/hook: PostSync"),
            hook("definition", "crd-install", ""),
            hook("delete", "pre-delete", ""),
        ]
        .concat(),
    );
    expect![[r#"
        ! patch Application: automated sync: OutOfSync
        ! apply ConfigMap/first: hook PreSync
        ! patch ConfigMap/first: the hook has ended
        ! apply ConfigMap/second: hook PreSync
        ! patch ConfigMap/second: the hook has ended
        ! apply ConfigMap/definition: in Git and not in the cluster
        ! apply ConfigMap/plain: in Git and not in the cluster
        ! apply ConfigMap/after: hook PostSync
        ! apply ConfigMap/mine: hook PostSync
        ! patch ConfigMap/after: the hook has ended
        ! patch ConfigMap/mine: the hook has ended
        ! delete ConfigMap/first Foreground: hook-delete-policy HookSucceeded
        ! patch Application: operation finished
        = Synced Healthy Succeeded: successfully synced (no more tasks) | after 120s
    "#]]
    .assert_eq(&done(&world.pass()));
    expect![[r#"
        UnsupportedOptionWarning: annotation helm.sh/hook: pre-delete of ConfigMap/delete has no effect: hooks of deletion are not run
    "#]]
    .assert_eq(&world.conditions());
}

#[test]
fn a_hook_with_a_generated_name_is_called_after_revision_phase_and_start() {
    let mut world = world(&(map("plain", "") + &job("generateName: migrate-", PRE)));
    world.pass();
    let name = "migrate-0000000-presync-1767225600";
    assert_eq!(world.line(), format!("OutOfSync Missing Running: waiting for completion of hook batch/Job/{name}"));
    world.sleep(5);
    assert!(!world.pass().contains("! apply"), "the same name in the next pass");
    let tracked = world.objects[&job_reference(name)]["metadata"]["annotations"].clone();
    assert_eq!(tracked["argocd.argoproj.io/tracking-id"], format!("app:batch/Job:dest/{name}"));
    end(&mut world, name, "Complete");
    world.pass();
    assert_eq!(world.line(), "Synced Healthy Succeeded: successfully synced (all tasks run)");
}

#[test]
fn a_termination_takes_the_running_hooks_along() {
    let mut world = world(&(map("plain", "") + &job("name: before", PRE)));
    world.pass();
    world.edit_app(|app| app["status"]["operationState"]["phase"] = json!("Terminating"));
    expect![[r#"
        ! patch Job/before: the operation is terminated
        ! delete Job/before Foreground: the operation is terminated
        ! patch Application: operation finished
        = OutOfSync Missing Failed: Operation terminated | after 120s
    "#]]
    .assert_eq(&done(&world.pass()));
    expect![[r#"
        before PreSync Synced Failed: Terminated
    "#]]
    .assert_eq(&results(&world));
}

#[test]
fn a_hook_that_vanishes_is_no_reason_to_wait_for_ever() {
    let mut world = world(&(map("plain", "") + &job("name: before", PRE)));
    world.pass();
    world.objects.remove(&job_reference("before"));
    world.pass();
    expect!["OutOfSync Missing Failed: one or more synchronization tasks completed unsuccessfully, reason: Resource batch/Job/before is missing, it might have been deleted"]
        .assert_eq(&world.line());
}

#[test]
fn a_deleted_application_lets_its_hooks_go() {
    let mut world = world(&(map("plain", "") + &job("name: before", PRE)));
    world.edit_app(|app| app["metadata"]["finalizers"] = json!(["resources-finalizer.argocd.argoproj.io"]));
    world.pass();
    world.edit_app(|app| app["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z"));
    expect![[r#"
        ! patch Job/before: Application app is being deleted with resources-finalizer.argocd.argoproj.io
        ! delete Job/before Foreground: Application app is being deleted with resources-finalizer.argocd.argoproj.io
        ! patch Application: its resources are gone
        = gone | on change
    "#]]
    .assert_eq(&done(&world.pass()));
}

#[test]
fn partial_syncs_and_the_strategy_apply_run_no_hooks() {
    for sync in [json!({"resources": [{"kind": "ConfigMap", "name": "plain"}]}), json!({"syncStrategy": {"apply": {}}})]
    {
        let mut world = world(&(map("plain", "") + &map("before", PRE)));
        world.edit_app(|app| {
            app["spec"]["syncPolicy"] = json!({});
            app["operation"] = json!({"sync": sync});
        });
        world.pass();
        assert_eq!(world.line(), "Synced Healthy Succeeded: successfully synced (all tasks run)");
        assert_eq!(results(&world), "plain - Synced Running: configmap/plain created\n");
    }
}

#[test]
fn a_crash_between_any_two_writes_runs_no_hook_twice_at_once() {
    let files = map("plain", "") + &map("before", PRE) + &map("after", POST);
    for crash in 0..8 {
        let mut world = world(&files);
        world.crash_after = Some(crash);
        for _ in 0..3 {
            world.pass();
        }
        assert_eq!(
            world.line(),
            "Synced Healthy Succeeded: successfully synced (no more tasks)",
            "after {crash} writes"
        );
        let finalizers = |name: &str| {
            let reference = ObjectRef::new(&gvk("", "v1", "ConfigMap"), "dest", name);
            world.objects[&reference]["metadata"]["finalizers"].clone()
        };
        for name in ["before", "after"] {
            assert!(finalizers(name).as_array().is_none_or(Vec::is_empty), "{name} after {crash} writes");
        }
    }
}
