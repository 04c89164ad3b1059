//! Defaults and refusals of admission.

use serde_json::{Value, json};

use super::{default, validate};

fn vault(spec: Value) -> Value {
    json!({
        "apiVersion": "keyvault.azure.com/v1api20230701", "kind": "Vault",
        "metadata": {"name": "kv", "namespace": "ns"}, "spec": spec,
    })
}

fn messages(new: &Value, old: Option<&Value>) -> Vec<String> {
    let causes = validate(catalogue::builtin(), new, old);
    causes.into_iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect()
}

#[test]
fn the_name_in_azure_defaults_to_the_object_name() {
    let mut object = vault(json!({"owner": {"name": "rg"}}));
    default(catalogue::builtin(), &mut object);
    assert_eq!(object["spec"]["azureName"], "kv");
    object["spec"]["azureName"] = json!("other");
    default(catalogue::builtin(), &mut object);
    assert_eq!(object["spec"]["azureName"], "other");
    let mut service = json!({
        "apiVersion": "storage.azure.com/v1api20230101", "kind": "StorageAccountsBlobService",
        "metadata": {"name": "s"}, "spec": {},
    });
    default(catalogue::builtin(), &mut service);
    assert_eq!(service["spec"], json!({}), "a type with one name only has no azureName");
    let mut other = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}});
    default(catalogue::builtin(), &mut other);
    assert_eq!(other["spec"], json!({}));
}

#[test]
fn name_and_owner_stay_once_sent() {
    let mut old = vault(json!({"azureName": "kv", "owner": {"name": "rg"}}));
    let new = vault(json!({"azureName": "kv2", "owner": {"name": "rg2"}}));
    assert_eq!(messages(&new, Some(&old)), Vec::<String>::new(), "nothing was sent yet");
    old["metadata"]["annotations"] = json!({"serviceoperator.azure.com/resource-id": "/x"});
    assert_eq!(
        messages(&new, Some(&old)),
        [
            "spec.azureName: updating 'spec.azureName' is not allowed for 'keyvault.azure.com/v1api20230701, Kind=Vault : kv'",
            "spec.owner: updating 'spec.owner' is not allowed for 'keyvault.azure.com/v1api20230701, Kind=Vault : kv'",
        ]
    );
    assert_eq!(messages(&old.clone(), Some(&old)), Vec::<String>::new());
}

#[test]
fn one_of_two_ways() {
    let object = vault(json!({"owner": {"name": "rg", "armId": "/subscriptions/s"}}));
    assert_eq!(messages(&object, None), ["spec.owner: owner.armId and owner.name cannot both be set"]);
    let credential = json!({
        "apiVersion": "managedidentity.azure.com/v1api20230131", "kind": "FederatedIdentityCredential",
        "metadata": {"name": "f"},
        "spec": {"owner": {"name": "i"}, "issuer": "a", "issuerFromConfig": {"name": "b", "key": "c"}},
    });
    assert_eq!(messages(&credential, None), ["spec.issuer: cannot specify both issuer and issuerFromConfig"]);
}
