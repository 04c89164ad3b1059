//! Keys and endpoints that Azure answers, written into Secrets.

use serde_json::{Value, json};

use super::harness::{GROUP_ID, Pace, World, credential, error, ready_owner};

const CREDENTIAL: &str = "rg-dev-app-aso-credentials";

fn world(api_version: &str, kind: &str, spec: Value) -> World {
    let object = json!({
        "apiVersion": api_version, "kind": kind,
        "metadata": {
            "name": "abc1", "namespace": "rg-dev-app",
            "annotations": {"serviceoperator.azure.com/credential-from": CREDENTIAL},
        },
        "spec": spec,
    });
    let mut world = World::new(object, Pace::AtOnce);
    world.secrets.extend([credential(CREDENTIAL)]);
    world.objects.extend([ready_owner("resources.azure.com/v1", "ResourceGroup", "rg-dev-app", GROUP_ID)]);
    world.azure.adds = json!({"primaryEndpoints": {"blob": "https://abc1.blob.core.windows.net/"}});
    world
}

fn account() -> World {
    let to = |key: &str| json!({"name": "abc1-keys", "key": key});
    let spec = json!({
        "owner": {"name": "rg-dev-app"}, "location": "westus3", "kind": "StorageV2", "sku": {"name": "Standard_LRS"},
        "operatorSpec": {"secrets": {"key1": to("one"), "key2": to("two"), "blobEndpoint": to("blob")}},
    });
    world("storage.azure.com/v1api20230101", "StorageAccount", spec)
}

fn written(world: &World) -> &Value {
    &world.secrets[&("rg-dev-app".to_string(), "abc1-keys".to_string())]["data"]
}

#[test]
fn keys_and_endpoints_of_an_account_are_exported() {
    let mut world = account();
    world.run(6);
    assert_eq!(world.ready(), "\"True\" \"Succeeded\" null", "{}", world.text);
    let expected = json!({
        "one": "dmFsdWUgb2Yga2V5MQ==", "two": "dmFsdWUgb2Yga2V5Mg==",
        "blob": "aHR0cHM6Ly9hYmMxLmJsb2IuY29yZS53aW5kb3dzLm5ldC8=",
    });
    assert_eq!(written(&world), &expected);
    let first_pass = world.text.split("\n-- ").next().unwrap_or_default();
    assert_eq!(first_pass.matches("/listKeys: 200").count(), 1, "both keys are of one answer: {}", world.text);
    assert!(!world.object.to_string().contains("value of key"), "nothing of a key in the object");
}

#[test]
fn a_namespace_exports_the_keys_of_its_root_rule() {
    let spec = json!({
        "owner": {"name": "rg-dev-app"}, "location": "westus3", "sku": {"name": "Standard"},
        "operatorSpec": {"secrets": {"primaryConnectionString": {"name": "abc1-keys", "key": "connection"}}},
    });
    let mut world = world("eventhub.azure.com/v1api20240101", "Namespace", spec);
    world.run(6);
    assert_eq!(world.ready(), "\"True\" \"Succeeded\" null", "{}", world.text);
    // "connection by RootManageSharedAccessKey"
    assert_eq!(written(&world)["connection"], "Y29ubmVjdGlvbiBieSBSb290TWFuYWdlU2hhcmVkQWNjZXNzS2V5");
}

#[test]
fn keys_that_azure_does_not_give_are_named() {
    let mut world = account();
    let refusal = error(403, "AuthorizationFailed", "no permission for listKeys");
    world.azure.refuse.push_back((actions::ArmMethod::Post, refusal));
    world.pass();
    let ready = world.ready();
    assert!(ready.contains("failed listing keys: ") && ready.contains("no permission for listKeys"), "{ready}");
}
