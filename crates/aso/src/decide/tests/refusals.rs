//! What is missing, and what Azure refuses.

use actions::ArmMethod;
use expect_test::expect;
use serde_json::json;

use super::{
    check, group,
    harness::{Pace, credential, error},
    vault, world,
};

#[test]
fn what_is_missing_is_said() {
    let mut no_owner = world(vault(), Pace::AtOnce);
    no_owner.objects.clear();
    check(
        no_owner.run(5),
        expect![[r#"
        -- 12:00:00
           ? ResourceGroup/rg-dev-app -n rg-dev-app: not found
           ! status Ready: WaitingForOwner: {"conditions":[{"lastTransitionTime":"2026-11-22T12:00:00Z","message":"Owner \"rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup\" cannot be found. Progress is blocked until the owner is created.","observedGeneration":1,"reason":"WaitingForOwner","severity":"Warning","status":"False","type":"Ready"}]}
           then Backoff
        -- 12:00:01
           ? ResourceGroup/rg-dev-app -n rg-dev-app: not found
           then Backoff
    "#]],
    );
    let mut no_secret = world(group(), Pace::AtOnce);
    no_secret.secrets.clear();
    check(
        no_secret.run(5),
        expect![[r#"
        -- 12:00:00
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: not found
           ! status Ready: SecretNotFound: {"conditions":[{"lastTransitionTime":"2026-11-22T12:00:00Z","message":"rg-dev-app/rg-dev-app-aso-credentials does not exist (credential secret not found: secrets \"rg-dev-app-aso-credentials\" not found)","observedGeneration":1,"reason":"SecretNotFound","severity":"Warning","status":"False","type":"Ready"}]}
           then Backoff
        -- 12:00:01
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: not found
           then Backoff
    "#]],
    );
    let mut half = world(group(), Pace::AtOnce);
    let secret = half.secrets.values_mut().next().expect("one");
    secret["stringData"] = json!({"AZURE_TENANT_ID": "t"});
    half.run(2);
    expect![[r#""False" "SecretNotFound" "credential Secret \"rg-dev-app/rg-dev-app-aso-credentials\" does not contain key \"AZURE_SUBSCRIPTION_ID\", credential Secret \"rg-dev-app/rg-dev-app-aso-credentials\" does not contain key \"AZURE_CLIENT_ID\"""#]].assert_eq(&half.ready());
    let mut elsewhere = world(group(), Pace::AtOnce);
    elsewhere.object["metadata"]["annotations"]["serviceoperator.azure.com/credential-from"] = json!("kube-system/x");
    elsewhere.run(2);
    expect![[r#""False" "SecretNotFound" "rg-dev-app/kube-system/x does not exist (serviceoperator.azure.com/credential-from cannot contain '/'. Secret must be in same namespace as resource.)""#]].assert_eq(&elsewhere.ready());
}

#[test]
fn the_namespace_credential_then_the_global_one() {
    let mut world = world(group(), Pace::AtOnce);
    world.object["metadata"]["annotations"] = json!({});
    let (_, global) = credential("aso-controller-settings");
    world.secrets.insert(("azureserviceoperator-system".into(), "aso-controller-settings".into()), global);
    world.pass();
    let asked: Vec<&str> = world.text.lines().map(str::trim).filter(|line| line.contains("? Secret")).collect();
    expect![[r#"
           ? Secret rg-dev-app/aso-credential: not found
           ? Secret azureserviceoperator-system/aso-controller-settings: found"#]]
    .assert_eq(&asked.join("\n"));
}

#[test]
fn errors_of_azure_are_classified() {
    let mut denied = world(group(), Pace::AtOnce);
    for _ in 0..2 {
        let why = error(403, "AuthorizationFailed", "The client does not have authorization to perform action");
        denied.azure.refuse.push_back((ArmMethod::Put, why));
    }
    check(
        denied.run(5),
        expect![[r#"
            -- 12:00:00
               ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
               ! merge claimed for /S/resourceGroups/rg-dev-app: {"annotations":{"serviceoperator.azure.com/operator-namespace":"azureserviceoperator-system","serviceoperator.azure.com/resource-id":"/S/resourceGroups/rg-dev-app"},"finalizers":["serviceoperator.azure.com/finalizer"],"resourceVersion":"1"}
               ? GET /S/resourceGroups/rg-dev-app: 404 ResourceNotFound
               ! PUT /S/resourceGroups/rg-dev-app 2020-06-01 {"location":"westus3","name":"rg-dev-app"}
                 because create, spec.location: westus3
                 -> 403 AuthorizationFailed
               ! status Ready: AuthorizationFailed: {"conditions":[{"lastTransitionTime":"2026-11-22T12:00:00Z","message":"AuthorizationFailed: The client does not have authorization to perform action (correlation id c1)","observedGeneration":1,"reason":"AuthorizationFailed","severity":"Warning","status":"False","type":"Ready"}]}
               then Backoff
            -- 12:00:01
               ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
               ? GET /S/resourceGroups/rg-dev-app: 404 ResourceNotFound
               ! PUT /S/resourceGroups/rg-dev-app 2020-06-01 {"location":"westus3","name":"rg-dev-app"}
                 because create, spec.location: westus3
                 -> 403 AuthorizationFailed
               then Backoff
            -- 12:00:02
               ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
               ? GET /S/resourceGroups/rg-dev-app: 404 ResourceNotFound
               ! PUT /S/resourceGroups/rg-dev-app 2020-06-01 {"location":"westus3","name":"rg-dev-app"}
                 because create, spec.location: westus3
                 -> 201
               ? GET /S/resourceGroups/rg-dev-app: 200
               ! merge Azure has what was sent: {"annotations":{"serviceoperator.azure.com/latest-reconciled-generation":"1","windlass.dev/azure-settled":"…"}}
               ! status Azure has what was sent: {"conditions":[{"lastTransitionTime":"2026-11-22T12:00:02Z","observedGeneration":1,"reason":"Succeeded","status":"True","type":"Ready"}],"id":"/S/resourceGroups/rg-dev-app","location":"westus3","name":"rg-dev-app","properties":{"provisioningState":"Succeeded"},"type":"Microsoft.Resources/resourceGroups"}
               then After(4305.6s)
            -- 13:11:47
               ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
               ? GET /S/resourceGroups/rg-dev-app: 200
               then After(4305.6s)
        "#]],
    );
    let mut fatal = world(group(), Pace::AtOnce);
    let why = error(400, "LocationNotAvailableForResourceGroup", "The provided location 'westus9' is not available");
    fatal.azure.refuse.push_back((ArmMethod::Put, why));
    fatal.run(1).text.clear();
    check(
        fatal.run(1),
        expect![[r#"
        -- 12:00:00
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? GET /S/resourceGroups/rg-dev-app: 404 ResourceNotFound
           then After(60s)
    "#]],
    );
}

#[test]
fn a_failed_operation_is_sent_again() {
    let mut world = world(vault(), Pace::AtOnce);
    world.run(5).text.clear();
    let live = world.azure.resources.values_mut().next().expect("made");
    live["properties"]["provisioningState"] = json!("Failed");
    check(
        world.run(3),
        expect![[r#"
        -- 14:23:31
           ? ResourceGroup/rg-dev-app -n rg-dev-app: found
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault: 200
           ! PUT /S/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault 2021-04-01-preview {"location":"West US 3","name":"app-keyvault","properties":{"enableSoftDelete":true,"sku":{"family":"A","name":"standard"},"tenantId":"11111111-1111-1111-1111-111111111111"}}
             because drift: the last attempt failed in Azure
             -> 200
           ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault: 200
           then After(4305.6s)
        -- 15:35:16
           ? ResourceGroup/rg-dev-app -n rg-dev-app: found
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault: 200
           then After(4305.6s)
    "#]],
    );
}

/// The advice for a taken name is another `azureName`: it must be taken up, with everything that is recorded.
#[test]
fn what_was_never_made_can_be_renamed() {
    let mut world = world(vault(), Pace::AtOnce);
    let why = error(409, "VaultAlreadyExists", "The vault name 'app-keyvault' is already in use.");
    world.azure.refuse.push_back((ArmMethod::Put, why));
    world.run(1);
    assert!(world.ready().contains("VaultAlreadyExists"), "{}", world.ready());
    world.object["spec"]["azureName"] = json!("app-keyvault-3f9c");
    world.object["metadata"]["generation"] = json!(2);
    world.run(5);
    let id = "/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault-3f9c";
    assert_eq!(world.object["metadata"]["annotations"]["serviceoperator.azure.com/resource-id"], id);
    assert!(world.azure.resources.keys().any(|made| made.eq_ignore_ascii_case(id)), "{}", world.text);
    assert!(world.ready().contains("Succeeded"), "{}", world.ready());
}

/// A second vault would be made, and the first one lost.
#[test]
fn what_exists_cannot_be_renamed() {
    let mut world = world(vault(), Pace::AtOnce);
    world.run(5);
    world.object["spec"]["azureName"] = json!("another");
    world.object["metadata"]["generation"] = json!(2);
    world.run(2);
    expect![[r#""False" "Failed" "updating 'spec.azureName' or 'spec.owner' is not allowed: the resource is \"/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault\" and would be \"/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/another\"; put the fields back, or delete the object and create it anew""#]].assert_eq(&world.ready());
    assert_eq!(world.azure.resources.len(), 1);
}
