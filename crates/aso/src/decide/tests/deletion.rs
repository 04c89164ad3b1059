//! Deleting, reading without writing, and what soft deletion asks for.

use expect_test::expect;
use serde_json::json;

use super::{
    check, group,
    harness::{GROUP_ID, Pace, error},
    secret, vault, world,
};

#[test]
fn deletion_waits_for_azure() {
    let mut world = world(group(), Pace::Async(1));
    world.run(8).text.clear();
    world.object["metadata"]["deletionTimestamp"] = json!("2026-11-22T13:00:00Z");
    check(
        world.run(5),
        expect![[r#"
        -- 14:24:01
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ! DELETE /S/resourceGroups/rg-dev-app 2020-06-01
             because ResourceGroup/rg-dev-app -n rg-dev-app is deleted
             -> 202 and an operation
           ! merge the deletion is recorded before it is awaited: {"annotations":{"serviceoperator.azure.com/poller-resume-id":"GenericClient.DeleteByID","serviceoperator.azure.com/poller-resume-token":"…"}}
           ! status Azure is deleting it: {"conditions":[{"lastTransitionTime":"2026-11-22T14:24:01Z","message":"The resource is being deleted","observedGeneration":1,"reason":"Deleting","severity":"Info","status":"False","type":"Ready"}]}
           then After(15s)
        -- 14:24:16
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? poll: in progress
           then After(15s)
        -- 14:24:31
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? poll: done
           ! merge deleted in Azure: {"finalizers":[],"resourceVersion":"8"}
           (the object is gone)
           then OnChange
    "#]],
    );
}

/// The way that real Azure tells it: 200, and the operation's error within.
fn ended_badly() -> actions::ArmError {
    error(200, "AllocationFailed", "Not enough capacity in this region right now.")
}

#[test]
fn an_operation_that_ended_badly_is_not_asked_again() {
    let mut world = world(group(), Pace::Async(1));
    world.azure.ends = Some(ended_badly());
    world.run(12);
    assert_eq!(world.azure.log.len(), 1, "Azure has it all the same: {:?}", world.azure.log);
    assert_eq!(world.object["status"]["conditions"][0]["reason"], "Succeeded", "{}", world.text);
    world.azure.ends = Some(ended_badly());
    world.object["metadata"]["deletionTimestamp"] = json!("2026-11-22T13:00:00Z");
    world.run(12);
    let deletes = world.azure.log.iter().filter(|line| line.starts_with("DELETE")).count();
    assert_eq!(deletes, 2, "{}", world.text);
}

#[test]
fn deletion_without_azure() {
    let mut detached = world(group(), Pace::AtOnce);
    detached.run(5).text.clear();
    detached.object["metadata"]["annotations"]["serviceoperator.azure.com/reconcile-policy"] =
        json!("detach-on-delete");
    detached.object["metadata"]["deletionTimestamp"] = json!("2026-11-22T13:00:00Z");
    check(
        detached.run(5),
        expect![[r#"
        -- 14:23:31
           ! merge reconcile-policy: detach-on-delete: the resource stays in Azure: {"finalizers":[],"resourceVersion":"4"}
           (the object is gone)
           then OnChange
    "#]],
    );
    let mut gone = world(group(), Pace::AtOnce);
    gone.run(5).text.clear();
    gone.azure.resources.clear();
    gone.object["metadata"]["deletionTimestamp"] = json!("2026-11-22T13:00:00Z");
    check(
        gone.run(5),
        expect![[r#"
        -- 14:23:31
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ! DELETE /S/resourceGroups/rg-dev-app 2020-06-01
             because ResourceGroup/rg-dev-app -n rg-dev-app is deleted
             -> 404 ResourceNotFound
           ! merge it was already gone from Azure: {"finalizers":[],"resourceVersion":"4"}
           (the object is gone)
           then OnChange
    "#]],
    );
    let mut secret = world(secret(), Pace::AtOnce);
    secret.run(5).text.clear();
    secret.object["metadata"]["deletionTimestamp"] = json!("2026-11-22T13:00:00Z");
    check(
        secret.run(5),
        expect![[r#"
        -- 14:23:31
           ! merge Azure has no DELETE for Microsoft.KeyVault/vaults/secrets: it goes with its parent: {"finalizers":[],"resourceVersion":"4"}
           (the object is gone)
           then OnChange
    "#]],
    );
}

#[test]
fn skip_reads_and_never_writes() {
    let mut world = world(group(), Pace::AtOnce);
    world.object["metadata"]["annotations"]["serviceoperator.azure.com/reconcile-policy"] = json!("skip");
    check(
        world.run(3),
        expect![[r#"
        -- 12:00:00
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ! merge claimed for /S/resourceGroups/rg-dev-app: {"annotations":{"serviceoperator.azure.com/operator-namespace":"azureserviceoperator-system","serviceoperator.azure.com/resource-id":"/S/resourceGroups/rg-dev-app"},"finalizers":["serviceoperator.azure.com/finalizer"],"resourceVersion":"1"}
           ? GET /S/resourceGroups/rg-dev-app: 404 ResourceNotFound
           ! status Ready: AzureResourceNotFound: {"conditions":[{"lastTransitionTime":"2026-11-22T12:00:00Z","message":"ResourceNotFound: The Resource '/S/resourceGroups/rg-dev-app' was not found.","observedGeneration":1,"reason":"AzureResourceNotFound","severity":"Warning","status":"False","type":"Ready"}]}
           then Backoff
        -- 12:00:01
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? GET /S/resourceGroups/rg-dev-app: 404 ResourceNotFound
           then Backoff
    "#]],
    );
    let body = json!({"id": GROUP_ID, "name": "rg-dev-app", "location": "eastus", "properties": {"provisioningState": "Succeeded"}});
    world.azure.resources.insert(GROUP_ID.to_lowercase(), body);
    world.run(3);
    assert!(world.ready().starts_with("\"True\"") && world.azure.log.is_empty());
}

#[test]
fn a_soft_deleted_vault_is_recovered_or_purged() {
    let deleted = "/subscriptions/00000000-0000-0000-0000-0000000000aa/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/app-keyvault";
    let held =
        json!({"properties": {"vaultId": format!("{GROUP_ID}/providers/Microsoft.KeyVault/vaults/app-keyvault")}});
    let mode = |mode: &str| {
        let mut world = world(vault(), Pace::AtOnce);
        world.object["spec"]["properties"]["createMode"] = json!(mode);
        world.azure.resources.insert(deleted.to_lowercase(), held.clone());
        world.run(8);
        world
    };
    let mut recovered = mode("createOrRecover");
    recovered.text = recovered
        .text
        .lines()
        .map(str::trim)
        .filter(|line| line.contains("? GET") || line.contains("! P"))
        .collect::<Vec<_>>()
        .join("\n");
    check(
        &mut recovered,
        expect![[r#"
               ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault: 404 ResourceNotFound
               ? GET /S/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/app-keyvault: 200
               ! PUT /S/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault 2021-04-01-preview {"location":"West US 3","name":"app-keyvault","properties":{"createMode":"recover","enableSoftDelete":true,"sku":{"family":"A","name":"standard"},"tenantId":"11111111-1111-1111-1111-111111111111"}}
               ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault: 200
               ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault: 200"#]],
    );
    let mut purged = mode("purgeThenCreate");
    purged.text = purged
        .text
        .lines()
        .map(str::trim)
        .filter(|line| line.contains("poll") || line.contains("! P"))
        .collect::<Vec<_>>()
        .join("\n");
    check(
        &mut purged,
        expect![[r#"
               ! POST /S/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/app-keyvault/purge 2021-04-01-preview
               ! merge the purge is recorded before it is awaited: {"annotations":{"serviceoperator.azure.com/poller-resume-id":"windlass.PurgeDeletedVault","serviceoperator.azure.com/poller-resume-token":"…"}}
               ? poll: done
               ! merge the operation ended: {"annotations":{"serviceoperator.azure.com/poller-resume-id":null,"serviceoperator.azure.com/poller-resume-token":null}}
               ! PUT /S/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault 2021-04-01-preview {"location":"West US 3","name":"app-keyvault","properties":{"createMode":"default","enableSoftDelete":true,"sku":{"family":"A","name":"standard"},"tenantId":"11111111-1111-1111-1111-111111111111"}}"#]],
    );
}
