use expect_test::expect;

use super::Lab;

#[tokio::test]
async fn look_ups_of_az_role_assignment_create() {
    let mut lab = Lab::new().await;
    lab.identity("akspe").await;
    let (client, principal) = (lab.property("akspe", "clientId"), lab.property("akspe", "principalId"));
    let said = lab
        .run(&format!(
            r#"
            graph: GET /v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '{principal}')
            graph: POST /v1.0/directoryObjects/getByIds {{"ids": ["{principal}", "00000000-0000-0000-0000-000000000000"], "types": ["servicePrincipal"]}}
            graph: GET /v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '{client}')
            graph: GET /v1.0/servicePrincipals/{principal}
            graph: GET /v1.0/servicePrincipals/{client}
            graph: GET /v1.0/servicePrincipals?$filter=startswith(displayName,'a')
            graph: GET /v1.0/me
            "#
        ))
        .await;
    let said = said.replace(&client, "CLIENT").replace(&principal, "PRINCIPAL");
    expect![[r##"
        GET /v1.0/servicePrincipals -> 200 {"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#servicePrincipals","value":[]}
        POST /v1.0/directoryObjects/getByIds {"ids": ["PRINCIPAL", "00000000-0000-0000-0000-000000000000"], "types": ["servicePrincipal"]} -> 200 {"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#directoryObjects","value":[{"@odata.type":"#microsoft.graph.servicePrincipal","accountEnabled":true,"alternativeNames":["/subscriptions/SUB/resourceGroups/rg-ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/akspe"],"appId":"GUID","displayName":"akspe","id":"GUID","servicePrincipalNames":["GUID"],"servicePrincipalType":"ManagedIdentity"}]}
        GET /v1.0/servicePrincipals -> 200 {"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#servicePrincipals","value":[{"@odata.type":"#microsoft.graph.servicePrincipal","accountEnabled":true,"alternativeNames":["/subscriptions/SUB/resourceGroups/rg-ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/akspe"],"appId":"GUID","displayName":"akspe","id":"GUID","servicePrincipalNames":["GUID"],"servicePrincipalType":"ManagedIdentity"}]}
        GET /v1.0/servicePrincipals/PRINCIPAL -> 200 {"@odata.type":"#microsoft.graph.servicePrincipal","accountEnabled":true,"alternativeNames":["/subscriptions/SUB/resourceGroups/rg-ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/akspe"],"appId":"GUID","displayName":"akspe","id":"GUID","servicePrincipalNames":["GUID"],"servicePrincipalType":"ManagedIdentity"}
        GET /v1.0/servicePrincipals/CLIENT -> 404 {"error":{"code":"Request_ResourceNotFound","message":"Resource 'GUID' does not exist or one of its queried reference-property objects are not present."}}
        GET /v1.0/servicePrincipals -> 400 {"error":{"code":"Request_UnsupportedQuery","message":"Unsupported or invalid query filter clause specified: the twin reads servicePrincipalNames/any(c:c eq '...') and appId eq '...'."}}
        GET /v1.0/me -> 400 {"error":{"code":"BadRequest","message":"Resource not found for the segment 'me'."}}
    "##]].assert_eq(&said);
}
