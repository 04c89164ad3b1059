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
        expect![[r#"
            HEAD {sub}/resourceGroups/rg1 -> 404
            GET {sub}/resourceGroups/rg1 -> 404 {"error":{"code":"ResourceGroupNotFound","message":"Resource group 'rg1' could not be found."}}
            PUT {sub}/resourcegroups/rg1 -> 201 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"tags":{"a":"b"},"type":"Microsoft.Resources/resourceGroups"}
            PUT {sub}/resourceGroups/RG1 -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"type":"Microsoft.Resources/resourceGroups"}
            PATCH {sub}/resourceGroups/rg1 -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"tags":{"c":"d"},"type":"Microsoft.Resources/resourceGroups"}
            HEAD {sub}/resourceGroups/rg1 -> 204
            GET {sub}/resourceGroups -> 200 {"value":[{"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"tags":{"c":"d"},"type":"Microsoft.Resources/resourceGroups"}]}
            DELETE {sub}/resourceGroups/rg1 -> 202 [location: https://management.azure.com/subscriptions/SUB/operationresults/GUID?api-version=2020-06-01] [retry-after-ms: 21]
            GET {sub}/resourceGroups/rg1 -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Deleting"},"tags":{"c":"d"},"type":"Microsoft.Resources/resourceGroups"}
            PUT {sub}/resourceGroups/rg1 -> 409 {"error":{"code":"ResourceGroupBeingDeleted","message":"The resource group 'rg1' is in deprovisioning state and cannot perform this operation."}}
            wait 30
            GET {sub}/resourceGroups/rg1 -> 404 {"error":{"code":"ResourceGroupNotFound","message":"Resource group 'rg1' could not be found."}}
            DELETE {sub}/resourceGroups/rg1 -> 404 {"error":{"code":"ResourceGroupNotFound","message":"Resource group 'rg1' could not be found."}}
        "#]],
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
        PUT {sub}/providers/Microsoft.KeyVault/vaults/kv1?api-version=2023-07-01 {"location": "westus3"}
        PUT {sub}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv1?api-version=2026-02-01 {}
        GET {sub}/whatever?api-version=2023-07-01
        "#,
        expect![[r#"
            GET {sub}/resourceGroups/rg1 -> 400 {"error":{"code":"MissingApiVersionParameter","message":"The api-version query parameter (?api-version=) is required for all requests."}}
            GET {sub}/resourceGroups/rg1 -> 400 {"error":{"code":"InvalidApiVersionParameter","message":"The api-version '1999-01-01' is invalid. The supported versions are '2025-04-01,2025-03-01,2024-11-01,2024-07-01,2024-03-01,2023-07-01,2022-09-01,2021-04-01,2021-01-01,2020-10-01,2020-08-01,2020-06-01,2019-10-01,2019-08-01,2019-07-01,2019-05-10,2019-05-01,2019-03-01,2018-05-01,2018-02-01,2017-05-10,2016-09-01,2016-07-01,2016-02-01,2015-11-01'."}}
            GET /subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/rg1 -> 404 {"error":{"code":"SubscriptionNotFound","message":"The subscription 'GUID' could not be found."}}
            GET /subscriptions/odd/resourceGroups/rg1 -> 400 {"error":{"code":"InvalidSubscriptionId","message":"The provided subscription identifier 'odd' is malformed or invalid."}}
            PUT {sub}/resourceGroups/rg1 -> 400 {"error":{"code":"InvalidRequestContent","message":"The request content was invalid and could not be deserialized: 'The request body is missing or not a JSON object.'."}}
            PUT {sub}/resourceGroups/rg1 -> 400 {"error":{"code":"LocationRequired","message":"The location property is required for this definition."}}
            PUT {sub}/resourceGroups/rg1 -> 400 {"error":{"code":"LocationNotAvailableForResourceGroup","message":"The provided location 'atlantis' is not available for resource group. List of available regions is 'australiacentral,australiaeast,australiasoutheast,austriaeast,belgiumcentral,brazilsouth,canadacentral,canadaeast,centralindia,centralus,chilecentral,eastasia,eastus,eastus2,francecentral,germanywestcentral,indonesiacentral,israelcentral,italynorth,japaneast,japanwest,koreacentral,koreasouth,malaysiawest,mexicocentral,newzealandnorth,northcentralus,northeurope,norwayeast,polandcentral,qatarcentral,southafricanorth,southcentralus,southeastasia,southindia,spaincentral,swedencentral,switzerlandnorth,uaenorth,uksouth,ukwest,westcentralus,westeurope,westindia,westus,westus2,westus3'."}}
            PUT {sub}/resourceGroups/rg1 -> 400 {"error":{"code":"InvalidRequestContent","message":"The request content was invalid and could not be deserialized: 'Could not find member 'color' on object of type 'resourceGroups'. Path 'color', line 1, position 1.'."}}
            PUT {sub}/resourceGroups/rg1 -> 400 {"error":{"code":"InvalidRequestContent","message":"The request content was invalid and could not be deserialized: 'Error converting value at path 'tags': expected an object. Path 'tags', line 1, position 1.'."}}
            PUT {sub}/resourceGroups/rg:1 -> 400 {"error":{"code":"InvalidResourceGroup","message":"The provided resource group name 'rg:1' has these invalid characters: ':'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'."}}
            PUT {sub}/resourceGroups/rg1 -> 400 {"error":{"code":"InvalidRequestContent","message":"The request content was invalid and could not be deserialized: 'Unexpected character encountered while parsing value. Line 1, position 22.'."}}
            PUT {sub}/resourceGroups/rg1 -> 201 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"type":"Microsoft.Resources/resourceGroups"}
            PUT {sub}/resourceGroups/rg1 -> 409 {"error":{"code":"InvalidResourceGroupLocation","message":"Invalid resource group location 'eastus'. The Resource group already exists in location 'westus3'."}}
            POST {sub}/resourceGroups/rg1 -> 405 {"error":{"code":"MethodNotAllowed","message":"The requested resource does not support http method 'POST'."}}
            GET {sub}/resourceGroups/none/providers/Microsoft.KeyVault/vaults/kv1 -> 404 {"error":{"code":"ResourceGroupNotFound","message":"Resource group 'none' could not be found."}}
            GET {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1 -> 404 {"error":{"code":"ResourceNotFound","message":"The Resource 'Microsoft.KeyVault/vaults/kv1' under resource group 'rg1' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"}}
            GET {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1 -> 400 {"error":{"code":"InvalidResourceType","message":"The resource type 'vaults' could not be found in the namespace 'Microsoft.KeyVault' for api version '2023-07-02'. The supported api-versions are '2026-03-01-preview, 2026-02-01, 2025-05-01, 2024-12-01-preview, 2024-11-01, 2024-04-01-preview, 2023-07-01, 2023-02-01, 2022-11-01, 2022-07-01, 2022-02-01-preview, 2021-11-01-preview, 2021-10-01, 2021-06-01-preview, 2021-04-01-preview, 2020-04-01-preview, 2019-09-01, 2018-02-14-preview, 2018-02-14, 2016-10-01, 2015-06-01'."}}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1 -> 400 {"error":{"code":"NoRegisteredProviderFound","message":"No registered resource provider found for location 'westus3' and API version '2023-07-02' for type 'vaults'. The supported api-versions are '2026-03-01-preview, 2026-02-01, 2025-05-01, 2024-12-01-preview, 2024-11-01, 2024-04-01-preview, 2023-07-01, 2023-02-01, 2022-11-01, 2022-07-01, 2022-02-01-preview, 2021-11-01-preview, 2021-10-01, 2021-06-01-preview, 2021-04-01-preview, 2020-04-01-preview, 2019-09-01, 2018-02-14-preview, 2018-02-14, 2016-10-01, 2015-06-01'. The supported locations are 'australiacentral, australiaeast, australiasoutheast, austriaeast, belgiumcentral, brazilsouth, canadacentral, canadaeast, centralindia, centralus, chilecentral, eastasia, eastus, eastus2, francecentral, germanywestcentral, indonesiacentral, israelcentral, italynorth, japaneast, japanwest, koreacentral, koreasouth, malaysiawest, mexicocentral, newzealandnorth, northcentralus, northeurope, norwayeast, polandcentral, qatarcentral, southafricanorth, southcentralus, southeastasia, southindia, spaincentral, swedencentral, switzerlandnorth, uaenorth, uksouth, ukwest, westcentralus, westeurope, westindia, westus, westus2, westus3'."}}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/boxes/b1 -> 404 {"error":{"code":"InvalidResourceType","message":"The resource type 'boxes' could not be found in the namespace 'Microsoft.KeyVault' for api version '2023-07-01'."}}
            PUT {sub}/resourceGroups/rg1/providers/Contoso.Things/boxes/b1 -> 404 {"error":{"code":"InvalidResourceNamespace","message":"The resource namespace 'Contoso.Things' is invalid."}}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/s -> 404 {"error":{"code":"ParentResourceNotFound","message":"Failed to perform 'write' on resource(s) of type 'vaults/secrets', because the parent resource '/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1' could not be found."}}
            PUT {sub}/providers/Microsoft.KeyVault/vaults/kv1 -> 400 {"error":{"code":"InvalidResourceScope","message":"The resource type 'Microsoft.KeyVault/vaults' cannot be created at the scope '/subscriptions/SUB'. Please use one of the scopes that the type supports."}}
            PUT {sub}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv1 -> 405 {"error":{"code":"MethodNotAllowed","message":"The requested resource does not support http method 'PUT'."}}
            GET {sub}/whatever -> 404 {"error":{"code":"NotFound","message":"The twin of Azure serves no 'whatever' at this scope."}}
        "#]],
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
        expect![[r#"
            GET /subscriptions -> 200 {"value":[{"authorizationSource":"RoleBased","displayName":"Windlass twin (not Azure)","id":"/subscriptions/SUB","managedByTenants":[],"state":"Enabled","subscriptionId":"SUB","subscriptionPolicies":{"locationPlacementId":"Public_2014-09-01","quotaId":"PayAsYouGo_2014-09-01","spendingLimit":"Off"},"tenantId":"TENANT"}]}
            GET {sub} -> 200 {"authorizationSource":"RoleBased","displayName":"Windlass twin (not Azure)","id":"/subscriptions/SUB","managedByTenants":[],"state":"Enabled","subscriptionId":"SUB","subscriptionPolicies":{"locationPlacementId":"Public_2014-09-01","quotaId":"PayAsYouGo_2014-09-01","spendingLimit":"Off"},"tenantId":"TENANT"}
            GET /tenants -> 200 {"value":[{"displayName":"Windlass twin (not Azure)","id":"/tenants/TENANT","tenantId":"TENANT"}]}
            PUT {sub}/resourceGroups/rg1 -> 201 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"type":"Microsoft.Resources/resourceGroups"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1 -> 201 {"id":"/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1","location":"westus3","name":"id1","properties":{"clientId":"GUID","principalId":"GUID","tenantId":"TENANT"},"tags":{},"type":"Microsoft.ManagedIdentity/userAssignedIdentities"}
            GET {sub}/resources -> 200 {"value":[{"changedTime":"2025-06-01T12:00:00Z","createdTime":"2025-06-01T12:00:00Z","id":"/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1","location":"westus3","name":"id1","tags":{},"type":"Microsoft.ManagedIdentity/userAssignedIdentities"}]}
            GET {sub}/resources -> 200 {"value":[{"changedTime":"2025-06-01T12:00:00Z","createdTime":"2025-06-01T12:00:00Z","id":"/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1","location":"westus3","name":"id1","tags":{},"type":"Microsoft.ManagedIdentity/userAssignedIdentities"}]}
            GET {sub}/resources -> 200 {"value":[]}
            GET {sub}/resourceGroups/rg1/resources -> 200 {"value":[{"changedTime":"2025-06-01T12:00:00Z","createdTime":"2025-06-01T12:00:00Z","id":"/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1","location":"westus3","name":"id1","tags":{},"type":"Microsoft.ManagedIdentity/userAssignedIdentities"}]}
            GET {sub}/resources -> 400 {"error":{"code":"InvalidFilterInQueryString","message":"The filter 'substringof('x', name)' is not supported: use NAME eq 'VALUE', joined by and."}}
            GET {sub}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities -> 200 {"value":[{"id":"/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1","location":"westus3","name":"id1","properties":{"clientId":"GUID","principalId":"GUID","tenantId":"TENANT"},"tags":{},"type":"Microsoft.ManagedIdentity/userAssignedIdentities"}]}
            GET {sub}/providers/Microsoft.Authorization/roleDefinitions -> 200 {"value":[{"id":"/subscriptions/SUB/providers/Microsoft.Authorization/roleDefinitions/GUID","name":"GUID","properties":{"assignableScopes":["/"],"description":"","permissions":[{"actions":["*/read"],"dataActions":[],"notActions":[],"notDataActions":[]}],"roleName":"Reader","type":"BuiltInRole"},"type":"Microsoft.Authorization/roleDefinitions"}]}
            GET {sub}/providers/Microsoft.Contoso -> 404 {"error":{"code":"InvalidResourceNamespace","message":"The resource namespace 'Microsoft.Contoso' is invalid."}}
        "#]],
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
