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
        expect![[r#"
            PUT {sub}/resourceGroups/rg1 -> 201 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"type":"Microsoft.Resources/resourceGroups"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1 -> 201 {"id":"/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1","location":"westus3","name":"id1","properties":{"clientId":"GUID","principalId":"GUID","tenantId":"TENANT"},"tags":{},"type":"Microsoft.ManagedIdentity/userAssignedIdentities"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1 -> 200 {"id":"/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1","location":"westus3","name":"id1","properties":{"clientId":"GUID","principalId":"GUID","tenantId":"TENANT"},"tags":{"foo":"bar"},"type":"Microsoft.ManagedIdentity/userAssignedIdentities"}
            GET {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1 -> 200 {"id":"/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1","location":"westus3","name":"id1","properties":{"clientId":"GUID","principalId":"GUID","tenantId":"TENANT"},"tags":{"foo":"bar"},"type":"Microsoft.ManagedIdentity/userAssignedIdentities"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1/federatedIdentityCredentials/fic1 -> 201 {"id":"/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1/federatedIdentityCredentials/fic1","name":"fic1","properties":{"audiences":["api://AzureADTokenExchange"],"issuer":"https://a/","subject":"s"},"type":"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1/federatedIdentityCredentials/fic1 -> 200 {"id":"/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1/federatedIdentityCredentials/fic1","name":"fic1","properties":{"audiences":["api://AzureADTokenExchange"],"issuer":"https://a/","subject":"t"},"type":"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1/federatedIdentityCredentials/fic2 -> 409 {"error":{"code":"Conflict","message":"Issuer and subject combination already exists for this Managed Identity."}}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1/federatedIdentityCredentials/fic2 -> 400 {"error":{"code":"BadRequest","message":"The federated identity credential's issuer must be an https URL of at most 600 characters."}}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1/federatedIdentityCredentials/fic2 -> 400 {"error":{"code":"InvalidRequestContent","message":"The request content was invalid and could not be deserialized: 'Required property 'audiences' not found in JSON. Path 'properties', line 1, position 1.'."}}
            GET {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1/federatedIdentityCredentials -> 200 {"value":[{"id":"/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1/federatedIdentityCredentials/fic1","name":"fic1","properties":{"audiences":["api://AzureADTokenExchange"],"issuer":"https://a/","subject":"t"},"type":"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"}]}
            DELETE {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1/federatedIdentityCredentials/fic1 -> 200
            DELETE {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1/federatedIdentityCredentials/fic1 -> 204
            DELETE {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1 -> 200
            GET {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1 -> 404 {"error":{"code":"ResourceNotFound","message":"The Resource 'Microsoft.ManagedIdentity/userAssignedIdentities/id1' under resource group 'rg1' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"}}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1x/federatedIdentityCredentials/fic1 -> 404 {"error":{"code":"ParentResourceNotFound","message":"Failed to perform 'write' on resource(s) of type 'userAssignedIdentities/federatedIdentityCredentials', because the parent resource '/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1x' could not be found."}}
        "#]],
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
        format!(
            "PUT {{sub}}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/{name}?api-version=2022-04-01 {body}"
        )
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
        format!(
            "GET {{sub}}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=principalId eq '{principal}'"
        ),
        format!(
            "DELETE {{sub}}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/{ONE}?api-version=2022-04-01"
        ),
        format!(
            "DELETE {{sub}}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/{ONE}?api-version=2022-04-01"
        ),
    ];
    let said = lab.run(&script.join("\n")).await;
    let principal_short = principal.replace('-', "");
    expect![[r#"
        PUT {sub}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/not-a-guid -> 400 {"error":{"code":"InvalidRoleAssignmentId","message":"The role assignment ID 'not-a-guid' is not valid. The role assignment ID must be a GUID."}}
        PUT {sub}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/5a1b0d3e-0000-4000-8000-000000000001 -> 400 {"error":{"code":"PrincipalNotFound","message":"Principal VERSION does not exist in the directory TENANT. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype"}}
        PUT {sub}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/5a1b0d3e-0000-4000-8000-000000000001 -> 400 {"error":{"code":"RoleDefinitionDoesNotExist","message":"The specified role definition with ID 'VERSION' does not exist."}}
        PUT {sub}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/5a1b0d3e-0000-4000-8000-000000000001 -> 201 {"id":"/subscriptions/SUB/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/GUID","name":"GUID","properties":{"createdBy":"GUID","createdOn":"2025-06-01T12:00:00Z","principalId":"GUID","principalType":"ServicePrincipal","roleDefinitionId":"/subscriptions/SUB/providers/Microsoft.Authorization/roleDefinitions/GUID","scope":"/subscriptions/SUB/resourceGroups/rg-ids","updatedBy":"GUID","updatedOn":"2025-06-01T12:00:00Z"},"type":"Microsoft.Authorization/roleAssignments"}
        PUT {sub}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/5a1b0d3e-0000-4000-8000-000000000001 -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/GUID","name":"GUID","properties":{"createdBy":"GUID","createdOn":"2025-06-01T12:00:00Z","principalId":"GUID","principalType":"ServicePrincipal","roleDefinitionId":"/subscriptions/SUB/providers/Microsoft.Authorization/roleDefinitions/GUID","scope":"/subscriptions/SUB/resourceGroups/rg-ids","updatedBy":"GUID","updatedOn":"2025-06-01T12:00:00Z"},"type":"Microsoft.Authorization/roleAssignments"}
        PUT {sub}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/5a1b0d3e-0000-4000-8000-000000000001 -> 400 {"error":{"code":"RoleAssignmentUpdateNotPermitted","message":"Tenant ID, application ID, principal ID, and scope are not allowed to be updated."}}
        PUT {sub}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/5a1b0d3e-0000-4000-8000-000000000002 -> 409 {"error":{"code":"RoleAssignmentExists","message":"The role assignment already exists. The ID of the existing role assignment is VERSION."}}
        PUT {sub}/resourceGroups/none/providers/Microsoft.Authorization/roleAssignments/5a1b0d3e-0000-4000-8000-000000000002 -> 404 {"error":{"code":"ResourceGroupNotFound","message":"Resource group 'none' could not be found."}}
        GET {sub}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments -> 200 {"value":[{"id":"/subscriptions/SUB/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/GUID","name":"GUID","properties":{"createdBy":"GUID","createdOn":"2025-06-01T12:00:00Z","principalId":"GUID","principalType":"ServicePrincipal","roleDefinitionId":"/subscriptions/SUB/providers/Microsoft.Authorization/roleDefinitions/GUID","scope":"/subscriptions/SUB/resourceGroups/rg-ids","updatedBy":"GUID","updatedOn":"2025-06-01T12:00:00Z"},"type":"Microsoft.Authorization/roleAssignments"}]}
        DELETE {sub}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/5a1b0d3e-0000-4000-8000-000000000001 -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/GUID","name":"GUID","properties":{"createdBy":"GUID","createdOn":"2025-06-01T12:00:00Z","principalId":"GUID","principalType":"ServicePrincipal","roleDefinitionId":"/subscriptions/SUB/providers/Microsoft.Authorization/roleDefinitions/GUID","scope":"/subscriptions/SUB/resourceGroups/rg-ids","updatedBy":"GUID","updatedOn":"2025-06-01T12:00:00Z"},"type":"Microsoft.Authorization/roleAssignments"}
        DELETE {sub}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/5a1b0d3e-0000-4000-8000-000000000001 -> 204
    "#]].assert_eq(&said.replace(&principal_short, "PRINCIPAL"));
}
