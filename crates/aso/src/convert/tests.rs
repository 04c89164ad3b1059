//! Specs to bodies and bodies to statuses, per kind; what counts as a difference.

use actions::{ArmMethod, ArmRequest};
use api::Redacted;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{Settled, azure_name, body, differences, masked, resource_type, status};
use crate::problem::Stop;

fn object(api_version: &str, kind: &str, spec: Value) -> Value {
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x", "namespace": "ns"}, "spec": spec})
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON")
}

fn check_body(object: &Value, expected: Expect) {
    let resource = resource_type(catalogue::builtin(), object).expect("a kind");
    let text = match body(catalogue::builtin(), resource, object) {
        Ok(body) => pretty(&body),
        Err(problem) => format!("{:?} {}: {}", problem.severity, problem.reason, problem.message),
    };
    expected.assert_eq(&text);
}

fn check_status(object: &Value, answer: &Value, expected: Expect) {
    let resource = resource_type(catalogue::builtin(), object).expect("a kind");
    expected.assert_eq(&pretty(&Value::Object(status(catalogue::builtin(), resource, answer))));
}

#[test]
fn flattened_and_not() {
    let spec = json!({
        "owner": {"name": "id"}, "issuer": "https://issuer", "subject": "system:serviceaccount:a:b",
        "audiences": ["api://AzureADTokenExchange"],
    });
    check_body(
        &object("managedidentity.azure.com/v1api20230131", "FederatedIdentityCredential", spec),
        expect![[r#"
        {
          "name": "x",
          "properties": {
            "audiences": [
              "api://AzureADTokenExchange"
            ],
            "issuer": "https://issuer",
            "subject": "system:serviceaccount:a:b"
          }
        }"#]],
    );
    let spec = json!({
        "owner": {"name": "rg"}, "location": "westus3", "azureName": "kv", "tags": {},
        "properties": {
            "tenantId": "t", "sku": {"family": "A", "name": "standard"}, "accessPolicies": [], "vaultUri": null,
            "networkAcls": {"virtualNetworkRules": [{"reference": {"armId": "/subscriptions/s/subnet"}}]},
        },
    });
    check_body(
        &object("keyvault.azure.com/v20230701", "Vault", spec),
        expect![[r#"
        {
          "location": "westus3",
          "name": "kv",
          "properties": {
            "networkAcls": {
              "virtualNetworkRules": [
                {
                  "id": "/subscriptions/s/subnet"
                }
              ]
            },
            "sku": {
              "family": "A",
              "name": "standard"
            },
            "tenantId": "t"
          }
        }"#]],
    );
}

#[test]
fn references_become_ids() {
    let spec = json!({
        "owner": {"name": "rg"}, "location": "westus3", "kind": "StorageV2", "sku": {"name": "Standard_LRS"},
        "accessTier": "Hot",
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": [{"reference": {"armId": "/subscriptions/s/id1"}}],
        },
        "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "10.0.0.1"}]},
    });
    check_body(
        &object("storage.azure.com/v1api20230101", "StorageAccount", spec),
        expect![[r#"
        {
          "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": {
              "/subscriptions/s/id1": {}
            }
          },
          "kind": "StorageV2",
          "location": "westus3",
          "name": "x",
          "properties": {
            "accessTier": "Hot",
            "networkAcls": {
              "defaultAction": "Deny",
              "ipRules": [
                {
                  "value": "10.0.0.1"
                }
              ]
            }
          },
          "sku": {
            "name": "Standard_LRS"
          }
        }"#]],
    );
    let spec = json!({
        "owner": {"group": "resources.azure.com", "kind": "ResourceGroup", "name": "rg"},
        "principalId": "p", "roleDefinitionReference": {"wellKnownName": "contributor"},
    });
    let assignment = object("authorization.azure.com/v1api20220401", "RoleAssignment", spec);
    check_body(
        &assignment,
        expect![[r#"
        {
          "name": "6ffc07db-3ae2-523a-8c28-e6770b1ce4c8",
          "properties": {
            "principalId": "p",
            "roleDefinitionId": "/subscriptions//providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c"
          }
        }"#]],
    );
    let spec = json!({"roleDefinitionReference": {"wellKnownName": "Boss"}});
    check_body(
        &object("authorization.azure.com/v1api20220401", "RoleAssignment", spec),
        expect![[
            r#"Error ReferenceNotFound: spec.roleDefinitionReference.wellKnownName "Boss" is not a name known here; use armId"#
        ]],
    );
    let spec = json!({"principalId": "p", "principalIdFromConfig": {"name": "a", "key": "b"}});
    check_body(
        &object("authorization.azure.com/v1api20220401", "RoleAssignment", spec),
        expect!["Error Failed: spec.principalId and spec.principalIdFromConfig cannot both be set"],
    );
}

#[test]
fn deeply_flattened() {
    let spec = json!({
        "owner": {"name": "ns"}, "partitionCount": 1,
        "captureDescription": {"enabled": true, "destination": {
            "name": "EventHubArchive.AzureBlockBlob", "blobContainer": "c",
            "storageAccountResourceReference": {"armId": "/subscriptions/s/sa"},
        }},
    });
    check_body(
        &object("eventhub.azure.com/v1api20240101", "NamespacesEventhub", spec),
        expect![[r#"
        {
          "name": "x",
          "properties": {
            "captureDescription": {
              "destination": {
                "name": "EventHubArchive.AzureBlockBlob",
                "properties": {
                  "blobContainer": "c",
                  "storageAccountResourceId": "/subscriptions/s/sa"
                }
              },
              "enabled": true
            },
            "partitionCount": 1
          }
        }"#]],
    );
}

#[test]
fn role_assignments_are_named_by_a_stable_uuid() {
    let spec = json!({"owner": {"group": "resources.azure.com", "kind": "ResourceGroup", "name": "rg"}});
    let assignment = object("authorization.azure.com/v1api20220401", "RoleAssignment", spec);
    let resource = resource_type(catalogue::builtin(), &assignment).expect("a kind");
    let name = azure_name(catalogue::builtin(), resource, &assignment);
    assert_eq!(uuid::Uuid::try_parse(&name).expect("a UUID").get_version_num(), 5);
    assert_eq!(name, azure_name(catalogue::builtin(), resource, &assignment));
    let service = object("storage.azure.com/v1api20230101", "StorageAccountsBlobService", json!({}));
    let resource = resource_type(catalogue::builtin(), &service).expect("a kind");
    assert_eq!(azure_name(catalogue::builtin(), resource, &service), "default");
}

#[test]
fn collections_are_explicit_where_azure_wants_it() {
    // As recorded from the Go operator: Test_AKS_ManagedCluster_20231001_CRUD.
    let spec = json!({
        "owner": {"name": "rg"}, "location": "westus3", "dnsPrefix": "aso", "identity": {"type": "SystemAssigned"},
        "agentPoolProfiles": [{
            "name": "ap1", "count": 1, "mode": "System", "osType": "Linux", "vmSize": "Standard_DS2_v2",
        }],
        "linuxProfile": {"adminUsername": "adminUser", "ssh": {"publicKeys": [{"keyData": "ssh-rsa {KEY}"}]}},
        "networkProfile": {"networkPlugin": "azure"}, "oidcIssuerProfile": {"enabled": true},
        "operatorSpec": {"configMaps": {"principalId": {"name": "a", "key": "b"}}},
    });
    let cluster = object("containerservice.azure.com/v1api20231001", "ManagedCluster", spec);
    let resource = resource_type(catalogue::builtin(), &cluster).expect("a kind");
    let sent = body(catalogue::builtin(), resource, &cluster).expect("a body");
    let recorded = json!({
        "identity": {"delegatedResources": null, "type": "SystemAssigned"},
        "location": "westus3", "name": "x",
        "properties": {
            "addonProfiles": null,
            "agentPoolProfiles": [{
                "availabilityZones": null, "count": 1, "mode": "System", "name": "ap1", "nodeLabels": {},
                "nodeTaints": [], "osType": "Linux", "tags": {}, "vmSize": "Standard_DS2_v2",
            }],
            "dnsPrefix": "aso", "identityProfile": null,
            "linuxProfile": {"adminUsername": "adminUser", "ssh": {"publicKeys": [{"keyData": "ssh-rsa {KEY}"}]}},
            "networkProfile": {"ipFamilies": null, "networkPlugin": "azure", "podCidrs": null, "serviceCidrs": null},
            "oidcIssuerProfile": {"enabled": true}, "privateLinkResources": null,
        },
        "tags": {},
    });
    assert_eq!(pretty(&sent), pretty(&recorded));
    let spec =
        json!({"owner": {"name": "dev"}, "azureName": "ap2", "availabilityZones": [], "vmSize": "Standard_DS2_v2"});
    check_body(
        &object("containerservice.azure.com/v20240901", "ManagedClustersAgentPool", spec),
        expect![[r#"
        {
          "name": "ap2",
          "properties": {
            "availabilityZones": [],
            "nodeLabels": {},
            "nodeTaints": [],
            "tags": {},
            "vmSize": "Standard_DS2_v2"
          }
        }"#]],
    );
}

#[test]
fn statuses_are_flattened_and_hold_no_secret() {
    let answer = json!({
        "id": "/subscriptions/s/x", "name": "x", "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
        "location": "westus3", "tags": {"a": "b"}, "unknown": 1,
        "properties": {"tenantId": "t", "principalId": "p", "clientId": "c", "more": true},
    });
    check_status(
        &object("managedidentity.azure.com/v1api20230131", "UserAssignedIdentity", json!({})),
        &answer,
        expect![[r#"
            {
              "clientId": "c",
              "id": "/subscriptions/s/x",
              "location": "westus3",
              "name": "x",
              "principalId": "p",
              "tags": {
                "a": "b"
              },
              "tenantId": "t",
              "type": "Microsoft.ManagedIdentity/userAssignedIdentities"
            }"#]],
    );
    let answer =
        json!({"id": "/s", "name": "x", "properties": {"value": "leak", "secretUri": "https://x", "contentType": 7}});
    check_status(
        &object("keyvault.azure.com/v1api20230701", "Secret", json!({})),
        &answer,
        expect![[r#"
        {
          "id": "/s",
          "name": "x",
          "properties": {
            "secretUri": "https://x"
          }
        }"#]],
    );
    let answer = json!({"name": "r", "type": "Microsoft.Authorization/roleDefinitions", "properties": {"type": "CustomRole", "roleName": "n"}});
    check_status(
        &object("authorization.azure.com/v1api20220401", "RoleDefinition", json!({})),
        &answer,
        expect![[r#"
        {
          "name": "r",
          "propertiesType": "CustomRole",
          "roleName": "n",
          "type": "Microsoft.Authorization/roleDefinitions"
        }"#]],
    );
}

fn check_differences(desired: Value, live: Value, expected: Expect) {
    let vault = object("keyvault.azure.com/v1api20230701", "Vault", json!({}));
    let resource = resource_type(catalogue::builtin(), &vault).expect("a kind");
    let found = differences(catalogue::builtin(), resource, &desired, &live);
    let text: Vec<String> = found
        .iter()
        .map(|it| {
            format!("{} ({}): {:?} -> {}", it.path, it.pattern, it.live.as_ref().map(Value::to_string), it.desired)
        })
        .collect();
    expected.assert_eq(&text.join("\n"));
}

#[test]
fn what_azure_writes_another_way_is_equal() {
    check_differences(
        json!({
            "name": "kv", "location": "West US 3", "tags": {"a": "b"},
            "properties": {
                "tenantId": "AAAAAAAA-1111-1111-1111-111111111111", "createMode": "createOrRecover",
                "sku": {"family": "A", "name": "standard"},
                "accessPolicies": [{"permissions": {"secrets": ["Set", "Get"]}}],
                "networkAcls": {"virtualNetworkRules": [{"id": "/subscriptions/S/resourceGroups/RG"}]},
            },
        }),
        json!({
            "location": "westus3", "tags": {"a": "b", "added": "by policy"},
            "properties": {
                "tenantId": "aaaaaaaa-1111-1111-1111-111111111111", "enableSoftDelete": true,
                "sku": {"family": "a", "name": "Standard"},
                "accessPolicies": [{"permissions": {"secrets": ["get", "set"]}, "objectId": "o"}],
                "networkAcls": {"bypass": "None", "virtualNetworkRules": [{"id": "/subscriptions/s/resourcegroups/rg"}]},
            },
        }),
        expect![[""]],
    );
}

#[test]
fn differences_are_found_where_they_are() {
    check_differences(
        json!({
            "location": "eastus", "tags": {"a": "B"},
            "properties": {
                "softDeleteRetentionInDays": 7, "enableSoftDelete": true,
                "accessPolicies": [{"objectId": "o"}, {"objectId": "p"}],
                "networkAcls": {"ipRules": [{"value": "1.1.1.1"}]},
            },
        }),
        json!({
            "location": "westus3", "tags": {"a": "b"},
            "properties": {
                "softDeleteRetentionInDays": 90,
                "accessPolicies": [{"objectId": "o"}],
                "networkAcls": {"ipRules": [{"value": "2.2.2.2"}]},
            },
        }),
        expect![[r#"
            location (location): Some("\"westus3\"") -> "eastus"
            properties.accessPolicies (properties.accessPolicies): Some("[{\"objectId\":\"o\"}]") -> [{"objectId":"o"},{"objectId":"p"}]
            properties.enableSoftDelete (properties.enableSoftDelete): None -> true
            properties.networkAcls.ipRules[0].value (properties.networkAcls.ipRules[].value): Some("\"2.2.2.2\"") -> "1.1.1.1"
            properties.softDeleteRetentionInDays (properties.softDeleteRetentionInDays): Some("90") -> 7
            tags.a (tags{}): Some("\"b\"") -> "B""#]],
    );
}

#[test]
fn a_settled_difference_counts_again_when_either_side_changes() {
    let secret = object("keyvault.azure.com/v1api20230701", "Secret", json!({}));
    let resource = resource_type(catalogue::builtin(), &secret).expect("a kind");
    let found = |value: &str, live: Value| {
        let desired = json!({"properties": {"value": value, "contentType": "text"}});
        differences(catalogue::builtin(), resource, &desired, &json!({"properties": live}))
    };
    let key = Redacted::new([1; 32]);
    let sent = json!({"properties": {"value": "a", "contentType": "text"}, "tags": {"a.b/c": "d"}});
    let settled = Settled::of(&sent, &found("a", json!({"contentType": "text/plain"})), &key);
    let settled = Settled::parse(Some(&settled.to_annotation()));
    let new = |value: &str, live: Value| -> Vec<String> {
        settled.new_among(found(value, live), &key).into_iter().map(|difference| difference.path).collect()
    };
    assert_eq!(new("a", json!({"contentType": "text/plain"})), Vec::<String>::new());
    assert_eq!(new("b", json!({"contentType": "text/plain"})), ["properties.value"]);
    assert_eq!(new("a", json!({"contentType": "changed"})), ["properties.contentType"]);
    assert_eq!(new("a", json!({"contentType": "text"})), Vec::<String>::new());
    let live = json!({"properties": {"contentType": "text"}, "tags": {"a.b/c": "d", "azure's": "own"}});
    let removed = settled.removed(catalogue::builtin(), resource, &json!({"properties": {"value": "a"}}), &live);
    let removed: Vec<&str> = removed.iter().map(|difference| difference.path.as_str()).collect();
    assert_eq!(removed, ["properties.contentType", "tags.a.b/c"]);
    let other_key = Redacted::new([2; 32]);
    assert_eq!(settled.new_among(found("a", json!({"contentType": "text"})), &other_key).len(), 1);
}

#[test]
fn the_version_that_was_applied_is_the_one_azure_is_asked_with() {
    let managed = |version: &str, time: &str, field: &str| json!({"apiVersion": format!("keyvault.azure.com/{version}"), "time": time, "fieldsV1": {field: {}}});
    let mut vault = object("keyvault.azure.com/v1api20230701storage", "Vault", json!({}));
    let version = |vault: &Value| resource_type(catalogue::builtin(), vault).expect("a kind").api_version.to_string();
    assert_eq!(version(&vault), "2023-07-01");
    vault["metadata"]["managedFields"] = json!([
        managed("v1api20230701", "2026-01-01T00:00:00Z", "f:spec"),
        managed("v1api20210401preview", "2026-01-02T00:00:00Z", "f:spec"),
        managed("v1api20230701storage", "2026-01-03T00:00:00Z", "f:spec"),
        managed("v1api20230701", "2026-01-04T00:00:00Z", "f:metadata"),
    ]);
    assert_eq!(version(&vault), "2021-04-01-preview");
    vault["spec"]["originalVersion"] = json!("v20230701");
    assert_eq!(version(&vault), "2023-07-01");
}

#[test]
fn printed_requests_hold_no_secret() {
    let request = ArmRequest {
        method: ArmMethod::Put,
        id: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv/secrets/x".into(),
        api_version: "2021-04-01-preview".into(),
        body: Some(json!({"properties": {"value": "hunter2", "contentType": "text"}})),
    };
    expect![[r#"{"properties":{"contentType":"text","value":"(secret)"}}"#]]
        .assert_eq(&masked(catalogue::builtin(), &request).body.expect("a body").to_string());
}

#[test]
fn debug_output_holds_no_secret() {
    let spec = json!({"owner": {"name": "kv"}, "properties": {"value": "hunter2"}});
    let secret = object("keyvault.azure.com/v1api20230701", "Secret", spec);
    let resource = resource_type(catalogue::builtin(), &secret).expect("a kind");
    let desired = body(catalogue::builtin(), resource, &secret).expect("a body");
    let found = differences(catalogue::builtin(), resource, &desired, &json!({"properties": {}}));
    let shown = format!("{found:?} {:?}", crate::Observed::new(secret));
    assert!(shown.contains("properties.value") && !shown.contains("hunter2"), "{shown}");
}

/// Asks for everything at once.
#[test]
fn what_is_elsewhere_is_asked_for_in_one_round() {
    let spec = json!({
        "owner": {"name": "rg"}, "location": "l",
        "properties": {
            "tenantIdFromConfig": {"name": "config", "key": "tenant"}, "sku": {"family": "A", "name": "standard"},
            "networkAcls": {"virtualNetworkRules": [
                {"reference": {"group": "keyvault.azure.com", "kind": "Vault", "name": "other"}},
            ]},
        },
    });
    let vault = object("keyvault.azure.com/v1api20230701", "Vault", spec);
    let resource = resource_type(catalogue::builtin(), &vault).expect("a kind");
    let observed = crate::Observed::new(vault);
    match super::to_arm::build(catalogue::builtin(), resource, &observed, "s") {
        Err(Stop::Need(queries)) => assert_eq!(queries.len(), 2, "{queries:?}"),
        other => panic!("{other:?}"),
    }
}
