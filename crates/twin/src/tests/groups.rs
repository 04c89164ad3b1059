use expect_test::expect;

use super::{Lab, check};

#[tokio::test]
async fn a_group_lives_and_dies_as_recorded_from_azure() {
    check(
        r#"
        HEAD {sub}/resourceGroups/rg1?api-version=2020-06-01
        GET {sub}/resourceGroups/rg1?api-version=2020-06-01
        PUT {sub}/resourcegroups/rg1?api-version=2020-06-01 {"location": "West US 3", "name": "rg1", "tags": {"a": "b"}}
        PUT {sub}/resourceGroups/RG1?api-version=2024-11-01 {"location": "westus3"}
        PATCH {sub}/resourceGroups/rg1?api-version=2024-11-01 {"tags": {"c": "d"}}
        HEAD {sub}/resourceGroups/rg1?api-version=2020-06-01
        GET {sub}/resourceGroups?api-version=2020-06-01
        DELETE {sub}/resourceGroups/rg1?api-version=2020-06-01
        GET {sub}/resourceGroups/rg1?api-version=2020-06-01
        PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}
        wait 30
        GET {sub}/resourceGroups/rg1?api-version=2020-06-01
        DELETE {sub}/resourceGroups/rg1?api-version=2020-06-01
        "#,
        expect![[]],
    )
    .await;
}

#[tokio::test]
async fn refusals_are_worded_as_azure_words_them() {
    check(
        r#"
        GET {sub}/resourceGroups/rg1
        GET {sub}/resourceGroups/rg1?api-version=1999-01-01
        GET /subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/rg1?api-version=2020-06-01
        GET /subscriptions/odd/resourceGroups/rg1?api-version=2020-06-01
        PUT {sub}/resourceGroups/rg1?api-version=2020-06-01
        PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {}
        PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "atlantis"}
        PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3", "color": "blue"}
        PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3", "tags": 7}
        PUT {sub}/resourceGroups/rg:1?api-version=2020-06-01 {"location": "westus3"}
        PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"
        PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}
        PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "eastus"}
        POST {sub}/resourceGroups/rg1?api-version=2020-06-01 {}
        GET {sub}/resourceGroups/none/providers/Microsoft.KeyVault/vaults/kv1?api-version=2023-07-01
        GET {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1?api-version=2023-07-01
        GET {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1?api-version=2023-07-02
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1?api-version=2023-07-02 {"location": "westus3"}
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/boxes/b1?api-version=2023-07-01 {"location": "westus3"}
        PUT {sub}/resourceGroups/rg1/providers/Contoso.Things/boxes/b1?api-version=2023-07-01 {"location": "westus3"}
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/s?api-version=2023-07-01 {"properties": {"value": "x"}}
        GET {sub}/whatever?api-version=2023-07-01
        "#,
        expect![[]],
    )
    .await;
}

#[tokio::test]
async fn conditional_requests_are_honoured() {
    let mut lab = Lab::new().await;
    lab.run(r#"PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}"#).await;
    let token = format!("Bearer {}", lab.token("https://management.azure.com/").await);
    let path = format!("/subscriptions/{}/resourceGroups/rg1?api-version=2020-06-01", super::SUB);
    let put = async |header: &str, value: &str| {
        let headers = [("authorization", token.as_str()), (header, value)];
        lab.send("management.azure.com", "PUT", &path, &headers, r#"{"location": "westus3"}"#).await
    };
    assert_eq!(put("if-match", "\"other\"").await.status(), 412);
    assert_eq!(put("if-none-match", "*").await.status(), 412);
    let answer = put("if-match", "*").await;
    assert_eq!(answer.status(), 200);
    let etag = answer.headers()["etag"].to_str().expect("text").to_string();
    assert_eq!(put("if-match", &etag).await.status(), 200);
}

#[tokio::test]
async fn lists_of_azures_tools() {
    check(
        r#"
        GET /subscriptions?api-version=2022-12-01
        GET {sub}?api-version=2022-12-01
        GET /tenants?api-version=2022-12-01
        PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1?api-version=2023-01-31 {"location": "westus3"}
        GET {sub}/resources?api-version=2024-11-01&$filter=resourceType eq 'Microsoft.ManagedIdentity/userAssignedIdentities' and name eq 'ID1'
        GET {sub}/resources?api-version=2024-11-01&$filter=&$expand=createdTime
        GET {sub}/resources?api-version=2024-11-01&$filter=resourceGroup eq 'rg2'
        GET {sub}/resourceGroups/rg1/resources?api-version=2024-11-01
        GET {sub}/resources?api-version=2024-11-01&$filter=substringof('x', name)
        GET {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities?api-version=2023-01-31
        GET {sub}/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01&$filter=roleName eq 'Reader'
        GET {sub}/providers/Microsoft.Contoso?api-version=2022-12-01
        "#,
        expect![[]],
    )
    .await;
    let mut lab = Lab::new().await;
    let said = lab
        .run(
            "GET {sub}/locations?api-version=2022-12-01
             GET {sub}/providers/Microsoft.KeyVault?api-version=2022-12-01
             POST {sub}/providers/Microsoft.KeyVault/register?api-version=2022-12-01",
        )
        .await;
    assert!(said.contains(r#""name":"westus3""#) && said.contains(r#""registrationState":"Registered""#), "{said}");
}
