//! Order and waiting: waves, kinds, namespaces and definitions first, prunes in reverse.

use expect_test::expect;
use serde_json::json;

use super::{
    World,
    sync::{automated, config},
    world::gvk,
};
use crate::Scope;

fn rg(name: &str, wave: i64) -> String {
    format!(
        "apiVersion: resources.azure.com/v1api20200601\nkind: ResourceGroup\nmetadata: {{name: {name}, annotations: {{argocd.argoproj.io/sync-wave: \"{wave}\"}}}}\nspec: {{location: eastus}}\n"
    )
}

fn applies(log: &str) -> String {
    log.lines()
        .filter(|line| line.starts_with("! apply") || line.starts_with("! delete"))
        .map(|l| format!("{l}\n"))
        .collect()
}

fn ready(world: &mut World, name: &str) {
    let reference =
        api::names::ObjectRef::new(&gvk("resources.azure.com", "v1api20200601", "ResourceGroup"), "dest", name);
    world.edit(&reference, |object| {
        object["status"] = json!({"conditions": [{"type": "Ready", "status": "True"}]});
    });
}

#[test]
fn kinds_in_order_and_dependencies_in_front() {
    let mut world = World::new(automated());
    let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: vaults.keyvault.azure.com}\nspec: {group: keyvault.azure.com, names: {kind: Vault}}\n";
    let vault = "apiVersion: keyvault.azure.com/v1\nkind: Vault\nmetadata: {name: v, namespace: early, annotations: {argocd.argoproj.io/sync-wave: \"-1\"}}\n";
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: early}\n";
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";
    world.commit(&[("samples/a.yaml", &[crd, vault, namespace, &config("c", "x"), secret].join("---\n"))]);
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00001
        ? kind CustomResourceDefinition
        ? kind Vault
        ? kind Namespace
        ? kind ConfigMap
        ? kind Secret
        ? tracked by app
        ? live ConfigMap/c
        ? live Namespace/early
        ? live Secret/s
        ? live CustomResourceDefinition/vaults.keyvault.azure.com
        ! patch Application: automated sync: OutOfSync
        ? live Namespace/dest
        ! apply Namespace/early: in Git and not in the cluster
        ! apply CustomResourceDefinition/vaults.keyvault.azure.com: in Git and not in the cluster
        ? kind CustomResourceDefinition
        ? kind Vault
        ? kind Namespace
        ? kind ConfigMap
        ? kind Secret
        ? dry run Namespace/early
        ? dry run CustomResourceDefinition/vaults.keyvault.azure.com
        ! patch Application: comparison changed
        = OutOfSync Healthy Running: waiting for healthy state of apiextensions.k8s.io/CustomResourceDefinition/vaults.keyvault.azure.com | after 1s
    "#]].assert_eq(&world.pass());
    world.kinds.insert(gvk("keyvault.azure.com", "v1", "Vault"), Scope::Namespaced);
    world.sleep(1);
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind CustomResourceDefinition
        ? kind Vault
        ? kind Namespace
        ? kind ConfigMap
        ? kind Secret
        ? live ConfigMap/c
        ? live Namespace/early
        ? live Secret/s
        ? live CustomResourceDefinition/vaults.keyvault.azure.com
        ? live Vault/v
        ? dry run Namespace/early
        ? dry run CustomResourceDefinition/vaults.keyvault.azure.com
        ? live Namespace/dest
        ! apply Vault/v: in Git and not in the cluster
        ? dry run Vault/v
        ! patch Application: comparison changed
        = OutOfSync Progressing Running: waiting for healthy state of keyvault.azure.com/Vault/v | after 30s
    "#]]
    .assert_eq(&world.pass());
}

#[test]
fn a_wave_waits_for_the_health_of_the_one_before() {
    let mut world = World::new(automated());
    world.commit(&[("samples/a.yaml", &[rg("first", 0), rg("second", 1), rg("third", 2)].join("---\n"))]);
    expect![[r#"
        ! apply ResourceGroup/first: in Git and not in the cluster
    "#]]
    .assert_eq(&applies(&world.pass()));
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ResourceGroup
        ? live ResourceGroup/first
        ? live ResourceGroup/second
        ? live ResourceGroup/third
        ? dry run ResourceGroup/first
        ? live Namespace/dest
        = OutOfSync Progressing Running: waiting for healthy state of resources.azure.com/ResourceGroup/first | after 30s
    "#]].assert_eq(&world.pass());
    ready(&mut world, "first");
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ResourceGroup
        ? live ResourceGroup/first
        ? live ResourceGroup/second
        ? live ResourceGroup/third
        ? dry run ResourceGroup/first
        ? live Namespace/dest
        ! apply ResourceGroup/second: in Git and not in the cluster
        ? dry run ResourceGroup/second
        ! patch Application: comparison changed
        = OutOfSync Progressing Running: waiting for healthy state of resources.azure.com/ResourceGroup/second | after 30s
    "#]].assert_eq(&world.pass());
    ready(&mut world, "second");
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ResourceGroup
        ? live ResourceGroup/first
        ? live ResourceGroup/second
        ? live ResourceGroup/third
        ? dry run ResourceGroup/first
        ? dry run ResourceGroup/second
        ? live Namespace/dest
        ! apply ResourceGroup/third: in Git and not in the cluster
        ? dry run ResourceGroup/third
        ! patch Application: operation finished
        = Synced Progressing Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
}

#[test]
fn a_degraded_wave_fails_the_sync() {
    let mut world = World::new(json!({"syncPolicy": {"automated": {}, "retry": {"limit": 0}}}));
    world.commit(&[("samples/a.yaml", &[rg("first", 0), rg("second", 1)].join("---\n"))]);
    world.pass();
    let reference =
        api::names::ObjectRef::new(&gvk("resources.azure.com", "v1api20200601", "ResourceGroup"), "dest", "first");
    world.edit(&reference, |object| {
        object["status"] = json!({"conditions": [{"type": "Ready", "status": "False", "severity": "Error", "reason": "Denied", "message": "no"}]});
    });
    expect![[r#"
        ? live AppProject/default
        ? tree samples@a00001
        ? kind ResourceGroup
        ? live ResourceGroup/first
        ? live ResourceGroup/second
        ? dry run ResourceGroup/first
        ! patch Application: operation finished
        = OutOfSync Degraded Failed: one or more synchronization tasks completed unsuccessfully, reason: Denied: no | after 120s
    "#]].assert_eq(&world.pass());
}

#[test]
fn prunes_run_in_reverse_and_last_where_asked() {
    let mut world = World::new(automated());
    let keep = config("keep", "x");
    world.commit(&[("samples/a.yaml", &[keep.clone(), rg("first", 0), rg("second", 1)].join("---\n"))]);
    world.pass();
    ready(&mut world, "first");
    world.pass();
    world.commit(&[("samples/a.yaml", &keep)]);
    world.sleep(180);
    expect![[r#"
        ! delete ResourceGroup/second Foreground: no longer in Git and prune was asked for
        ! apply ConfigMap/keep: in Git; applied as part of the sync
        ! delete ResourceGroup/first Foreground: no longer in Git and prune was asked for
    "#]]
    .assert_eq(&applies(&world.pass()));
}

#[test]
fn protected_objects_are_not_pruned() {
    let mut world = World::new(
        json!({"syncPolicy": {"automated": {"prune": true}, "syncOptions": ["PrunePropagationPolicy=background"]}}),
    );
    let protected = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p, annotations: {argocd.argoproj.io/sync-options: Prune=false}}\n";
    world.commit(&[("samples/a.yaml", &[protected.into(), config("b", "x"), config("keep", "x")].join("---\n"))]);
    world.pass();
    world.commit(&[("samples/a.yaml", &config("keep", "x"))]);
    world.sleep(180);
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00002
        ? kind ConfigMap
        ? live ConfigMap/keep
        ? live ConfigMap/b
        ? live ConfigMap/p
        ? dry run ConfigMap/keep
        ! patch Application: automated sync: OutOfSync
        ! delete ConfigMap/b Background: no longer in Git and prune was asked for
        ! apply ConfigMap/keep: in Git; applied as part of the sync
        ? dry run ConfigMap/keep
        ! patch Application: operation finished
        = OutOfSync Healthy Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    expect![[r#"[{"group":"","hookPhase":"Succeeded","kind":"ConfigMap","message":"pruned","name":"b","namespace":"dest","status":"Pruned","syncPhase":"Sync","version":"v1"},{"group":"","hookPhase":"Succeeded","kind":"ConfigMap","message":"configmap/keep unchanged","name":"keep","namespace":"dest","status":"Synced","syncPhase":"Sync","version":"v1"},{"group":"","hookPhase":"Succeeded","kind":"ConfigMap","message":"ignored (no prune)","name":"p","namespace":"dest","status":"PruneSkipped","syncPhase":"Sync","version":"v1"}]"#]].assert_eq(&world.app()["status"]["operationState"]["syncResult"]["resources"].to_string());
}

#[test]
fn managed_namespace_metadata_is_kept_up() {
    let mut world = World::new(json!({"syncPolicy": {"automated": {}, "syncOptions": ["CreateNamespace=true"],
        "managedNamespaceMetadata": {"labels": {"team": "a"}}}}));
    world.commit(&[("samples/a.yaml", &config("a", "x"))]);
    expect![[r#"
        ! apply Namespace/dest: syncPolicy.managedNamespaceMetadata differs from the namespace
        ! apply ConfigMap/a: in Git and not in the cluster
    "#]]
    .assert_eq(&applies(&world.pass()));
    assert_eq!(world.line().split(':').next(), Some("Synced Healthy Succeeded"));
    assert!(!world.pass().contains('!'));
}
