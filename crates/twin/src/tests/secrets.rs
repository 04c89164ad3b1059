use expect_test::expect;

use super::{Lab, TENANT};

const SECRET: &str = "c2VjcmV0LXZhbHVlLWJhc2U2NA==";

async fn lab_with_vault(properties: &str) -> Lab {
    let mut lab = Lab::new().await;
    lab.identity("reader").await;
    let reader = lab.property("reader", "principalId");
    let said = lab
        .run(&format!(
            r#"PUT {{sub}}/resourceGroups/rg1?api-version=2020-06-01 {{"location": "westus3"}}
            PUT {{sub}}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1?api-version=2023-07-01 {{"location": "westus3", "properties": {{"tenantId": "{TENANT}", "sku": {{"family": "A", "name": "standard"}}, {properties} "accessPolicies": [{{"tenantId": "{TENANT}", "objectId": "{reader}", "permissions": {{"secrets": ["get", "list", "set"]}}}}]}}}}"#
        ))
        .await;
    assert!(!said.contains("-> 4"), "{said}");
    lab
}

#[tokio::test]
async fn secrets_are_written_through_arm_and_read_through_the_vault() {
    let mut lab = lab_with_vault("").await;
    let id = "{sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/app-secret";
    let said = lab
        .run(&format!(
            r#"
            PUT {id}?api-version=2021-04-01-preview {{"properties": {{"value": "{SECRET}", "contentType": "text/plain"}}, "tags": {{"a": "b"}}}}
            PUT {id}?api-version=2021-04-01-preview {{"properties": {{"value": "two"}}}}
            GET {id}?api-version=2021-04-01-preview
            GET {{sub}}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets?api-version=2021-04-01-preview
            PUT {id}?api-version=2021-04-01-preview {{"properties": {{}}}}
            DELETE {id}?api-version=2021-04-01-preview
            kv1: GET /secrets/app-secret?api-version=7.4
            as reader
            kv1: GET /secrets/app-secret?api-version=7.4
            kv1: GET /secrets/app-secret/?api-version=7.4
            kv1: GET /secrets/none?api-version=7.4
            kv1: PUT /secrets/other?api-version=7.4 {{"value": "three"}}
            kv1: GET /secrets?api-version=7.4
            kv1: DELETE /secrets/other?api-version=7.4
            kv1: GET /keys/x?api-version=7.4
            kv2: GET /secrets/x?api-version=7.4
            kv1: GET /secrets/app-secret
            "#
        ))
        .await;
    expect![[r#"
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/app-secret -> 201 {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/app-secret","location":"westus3","name":"app-secret","properties":{"attributes":{"created":1748779200,"enabled":true,"updated":1748779200},"contentType":"text/plain","secretUri":"https://kv1.vault.azure.net/secrets/app-secret","secretUriWithVersion":"https://kv1.vault.azure.net/secrets/app-secret/VERSION"},"tags":{"a":"b"},"type":"Microsoft.KeyVault/vaults/secrets"}
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/app-secret -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/app-secret","location":"westus3","name":"app-secret","properties":{"attributes":{"created":1748779200,"enabled":true,"updated":1748779200},"secretUri":"https://kv1.vault.azure.net/secrets/app-secret","secretUriWithVersion":"https://kv1.vault.azure.net/secrets/app-secret/VERSION"},"tags":{},"type":"Microsoft.KeyVault/vaults/secrets"}
        GET {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/app-secret -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/app-secret","location":"westus3","name":"app-secret","properties":{"attributes":{"created":1748779200,"enabled":true,"updated":1748779200},"secretUri":"https://kv1.vault.azure.net/secrets/app-secret","secretUriWithVersion":"https://kv1.vault.azure.net/secrets/app-secret/VERSION"},"tags":{},"type":"Microsoft.KeyVault/vaults/secrets"}
        GET {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets -> 200 {"value":[{"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/app-secret","location":"westus3","name":"app-secret","properties":{"attributes":{"created":1748779200,"enabled":true,"updated":1748779200},"secretUri":"https://kv1.vault.azure.net/secrets/app-secret","secretUriWithVersion":"https://kv1.vault.azure.net/secrets/app-secret/VERSION"},"tags":{},"type":"Microsoft.KeyVault/vaults/secrets"}]}
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/app-secret -> 400 {"error":{"code":"BadRequest","message":"The parameter value is not specified."}}
        DELETE {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/app-secret -> 405 {"error":{"code":"MethodNotAllowed","message":"The requested resource does not support http method 'DELETE'."}}
        GET /secrets/app-secret -> 403 {"error":{"code":"Forbidden","innererror":{"code":"AccessDenied"},"message":"The user, group or application 'appid=OWNER;oid=GUID;iss=https://sts.windows.net/TENANT/' does not have secrets get permission on key vault 'kv1;location=westus3'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287"}}
        as reader
        GET /secrets/app-secret -> 200 {"attributes":{"created":1748779200,"enabled":true,"recoverableDays":90,"recoveryLevel":"Recoverable+Purgeable","updated":1748779200},"id":"https://kv1.vault.azure.net/secrets/app-secret/VERSION","tags":{},"value":"two"}
        GET /secrets/app-secret/ -> 200 {"attributes":{"created":1748779200,"enabled":true,"recoverableDays":90,"recoveryLevel":"Recoverable+Purgeable","updated":1748779200},"id":"https://kv1.vault.azure.net/secrets/app-secret/VERSION","tags":{},"value":"two"}
        GET /secrets/none -> 404 {"error":{"code":"SecretNotFound","message":"A secret with (name/id) none was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"}}
        PUT /secrets/other -> 200 {"attributes":{"created":1748779200,"enabled":true,"recoverableDays":90,"recoveryLevel":"Recoverable+Purgeable","updated":1748779200},"id":"https://kv1.vault.azure.net/secrets/other/VERSION","tags":{},"value":"three"}
        GET /secrets -> 200 {"nextLink":null,"value":[{"attributes":{"created":1748779200,"enabled":true,"recoverableDays":90,"recoveryLevel":"Recoverable+Purgeable","updated":1748779200},"id":"https://kv1.vault.azure.net/secrets/app-secret","tags":{}},{"attributes":{"created":1748779200,"enabled":true,"recoverableDays":90,"recoveryLevel":"Recoverable+Purgeable","updated":1748779200},"id":"https://kv1.vault.azure.net/secrets/other","tags":{}}]}
        DELETE /secrets/other -> 403 {"error":{"code":"Forbidden","innererror":{"code":"AccessDenied"},"message":"The user, group or application 'appid=GUID;oid=GUID;iss=https://sts.windows.net/TENANT/' does not have secrets delete permission on key vault 'kv1;location=westus3'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287"}}
        GET /keys/x -> 501 {"error":{"code":"NotImplemented","message":"The twin of Azure does not simulate 'keys' of vaults with method GET."}}
        GET /secrets/x -> 404 {"error":{"code":"VaultNotFound","message":"No vault of the twin has the address kv2.vault.azure.net."}}
        GET /secrets/app-secret -> 400 {"error":{"code":"BadParameter","message":"api-version must be specified"}}
    "#]].assert_eq(&said);
}

#[tokio::test]
async fn without_a_token_the_vault_says_where_to_get_one() {
    let lab = lab_with_vault("").await;
    let answer = lab.send("kv1.vault.azure.net", "GET", "/secrets/x?api-version=7.4", &[], "").await;
    expect![[r#"
        401 [www-authenticate: Bearer authorization="https://login.microsoftonline.com/TENANT", resource="https://vault.azure.net"] {"error":{"code":"Unauthorized","message":"AKV10000: Request is missing a Bearer or PoP token."}}
    "#]].assert_eq(&lab.show(&answer));
}

#[tokio::test]
async fn roles_count_where_the_vault_asks_for_them() {
    let mut lab = lab_with_vault("\"enableRbacAuthorization\": true,").await;
    let read = "as reader\nkv1: GET /secrets?api-version=7.4";
    assert!(lab.run(read).await.contains("-> 403"));
    lab.grant("reader", "Key Vault Secrets User", "{sub}/resourceGroups/rg1").await;
    assert!(lab.run(read).await.contains("-> 200"));
    let write = "kv1: PUT /secrets/x?api-version=7.4 {\"value\": \"y\"}";
    assert!(lab.run(write).await.contains("-> 403"));
    lab.grant(
        "reader",
        "Key Vault Secrets Officer",
        "{sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1",
    )
    .await;
    assert!(lab.run(write).await.contains("-> 200"));
}

#[tokio::test]
async fn secret_values_are_nowhere_but_in_the_vault() {
    let mut lab = lab_with_vault("").await;
    let id = "{sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/app-secret";
    lab.run(&format!(
        r#"
        PUT {id}?api-version=2021-04-01-preview {{"properties": {{"value": "{SECRET}"}}}}
        PUT {id}?api-version=1999-01-01 {{"properties": {{"value": "{SECRET}"}}}}
        PUT {id}?api-version=2021-04-01-preview {{"properties": {{"value": "{SECRET}", "odd": 1}}}}
        PUT {id}?api-version=2021-04-01-preview {{"properties": {{"value": {{"a": "{SECRET}"}}}}}}
        PUT {{sub}}/resourceGroups/rg1/providers/Contoso.Db/servers/s?api-version=1 {{"properties": {{"adminPassword": "{SECRET}"}}}}
        "#
    ))
    .await;
    lab.token_request(&[("grant_type", "client_credentials"), ("client_id", super::OWNER), ("client_secret", SECRET)])
        .await;
    let log = format!("{:?} {:?}", lab.twin.request_log(), lab.twin);
    for secret in [SECRET, super::OWNER_SECRET] {
        assert!(!log.contains(secret), "{secret} is in the log or in Debug");
    }
    assert!(
        lab.twin
            .request_log()
            .iter()
            .any(|entry| entry.body.as_ref().is_some_and(|body| body.to_string().contains("****")))
    );
}

/// A vault under roles says no in other words than one under access policies.
#[tokio::test]
async fn a_role_that_is_missing() {
    let mut lab = lab_with_vault("\"enableRbacAuthorization\": true,").await;
    let said = lab.run("as reader\nkv1: GET /secrets/app-secret/?api-version=7.4").await;
    let error = &said[said.find("{\"error\"").expect("an error")..];
    let error: serde_json::Value = serde_json::from_str(error.trim()).expect("JSON");
    assert_eq!(error["error"]["innererror"]["code"], "ForbiddenByRbac");
    let message = error["error"]["message"].as_str().expect("a message").replace("\r\n", "\n");
    let (before, after) = message.split_once("Caller: ").expect("the caller");
    let after = after.split_once('\n').expect("a line").1;
    expect![[r#"
        Caller is not authorized to perform action on resource.
        If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.
        Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'
        Resource: '/subscriptions/SUB/resourcegroups/rg1/providers/microsoft.keyvault/vaults/kv1/secrets/app-secret'
        Assignment: (not found)
        DenyAssignmentId: null
        DecisionReason: null 
        Vault: kv1;location=westus3
    "#]].assert_eq(&format!("{before}{after}"));
}
