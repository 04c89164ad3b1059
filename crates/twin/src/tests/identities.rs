use expect_test::expect;
use serde_json::json;

use super::{Lab, SUB, check};

const ID: &str = "{sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1";

#[tokio::test]
async fn an_identity_has_a_principal_and_federated_credentials() {
    check(
        &format!(
            r#"
            PUT {{sub}}/resourceGroups/rg1?api-version=2020-06-01 {{"location": "westus3"}}
            PUT {ID}?api-version=2018-11-30 {{"location": "westus3", "name": "id1"}}
            PUT {ID}?api-version=2018-11-30 {{"location": "westus3", "tags": {{"foo": "bar"}}}}
            GET {ID}?api-version=2025-05-31-preview
            PUT {ID}/federatedIdentityCredentials/fic1?api-version=2023-01-31 {{"properties": {{"issuer": "https://a/", "subject": "s", "audiences": ["api://AzureADTokenExchange"]}}}}
            PUT {ID}/federatedIdentityCredentials/fic1?api-version=2023-01-31 {{"properties": {{"issuer": "https://a/", "subject": "t", "audiences": ["api://AzureADTokenExchange"]}}}}
            PUT {ID}/federatedIdentityCredentials/fic2?api-version=2023-01-31 {{"properties": {{"issuer": "https://a/", "subject": "t", "audiences": ["api://AzureADTokenExchange"]}}}}
            PUT {ID}/federatedIdentityCredentials/fic2?api-version=2023-01-31 {{"properties": {{"issuer": "http://a/", "subject": "t", "audiences": ["api://AzureADTokenExchange"]}}}}
            PUT {ID}/federatedIdentityCredentials/fic2?api-version=2023-01-31 {{"properties": {{"issuer": "https://a/", "subject": "t"}}}}
            GET {ID}/federatedIdentityCredentials?api-version=2023-01-31
            DELETE {ID}/federatedIdentityCredentials/fic1?api-version=2023-01-31
            DELETE {ID}/federatedIdentityCredentials/fic1?api-version=2023-01-31
            DELETE {ID}?api-version=2018-11-30
            GET {ID}?api-version=2018-11-30
            PUT {ID}x/federatedIdentityCredentials/fic1?api-version=2023-01-31 {{"properties": {{"issuer": "https://a/", "subject": "s", "audiences": ["x"]}}}}
            "#
        ),
        expect![[]],
    )
    .await;
}

#[tokio::test]
async fn an_identity_made_again_is_another_principal_but_the_same_in_a_twin_of_the_same_seed() {
    let make = "PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {\"location\": \"westus3\"}
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1?api-version=2023-01-31 {\"location\": \"westus3\"}";
    let delete = "DELETE {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1?api-version=2023-01-31";
    let mut one = Lab::new().await;
    let mut two = Lab::new().await;
    one.run(make).await;
    two.run("GET /tenants?api-version=2022-12-01").await;
    two.run(make).await;
    let first = one.property("id1", "principalId");
    assert_eq!(first, two.property("id1", "principalId"));
    one.run(delete).await;
    one.run(make).await;
    assert_ne!(first, one.property("id1", "principalId"));
}

#[tokio::test]
async fn no_more_than_twenty_credentials() {
    let mut lab = Lab::new().await;
    lab.identity("many").await;
    let mut last = String::new();
    for n in 1..=20 {
        let body = json!({"properties": {"issuer": "https://a/", "subject": n.to_string(), "audiences": ["x"]}});
        last = lab
            .run(&format!(
                "PUT {{sub}}/resourceGroups/rg-ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/many/federatedIdentityCredentials/f-{n}?api-version=2023-01-31 {body}"
            ))
            .await;
    }
    assert!(last.contains("-> 400") && last.contains("Too many"), "{last}");
}

#[tokio::test]
async fn role_assignments_are_checked() {
    let mut lab = Lab::new().await;
    lab.identity("akspe").await;
    let principal = lab.property("akspe", "principalId");
    let assignment = |name: &str, principal: &str, role: &str| {
        let body = json!({"properties": {"principalId": principal, "principalType": "ServicePrincipal",
            "roleDefinitionId": format!("/subscriptions/{SUB}/providers/Microsoft.Authorization/roleDefinitions/{role}")}});
        format!("PUT {{sub}}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/{name}?api-version=2022-04-01 {body}")
    };
    const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
    const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
    const ONE: &str = "5a1b0d3e-0000-4000-8000-000000000001";
    const TWO: &str = "5a1b0d3e-0000-4000-8000-000000000002";
    let script = [
        assignment("not-a-guid", &principal, CONTRIBUTOR),
        assignment(ONE, "00000000-0000-0000-0000-000000000000", CONTRIBUTOR),
        assignment(ONE, &principal, "00000000-0000-0000-0000-000000000000"),
        assignment(ONE, &principal, CONTRIBUTOR),
        assignment(ONE, &principal, CONTRIBUTOR),
        assignment(ONE, &principal, READER),
        assignment(TWO, &principal, CONTRIBUTOR),
        assignment(TWO, &principal, READER).replace("rg-ids/", "none/"),
        format!("GET {{sub}}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=principalId eq '{principal}'"),
        format!("DELETE {{sub}}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/{ONE}?api-version=2022-04-01"),
        format!("DELETE {{sub}}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/{ONE}?api-version=2022-04-01"),
    ];
    let said = lab.run(&script.join("\n")).await;
    let principal_short = principal.replace('-', "");
    expect![[]].assert_eq(&said.replace(&principal_short, "PRINCIPAL"));
}
