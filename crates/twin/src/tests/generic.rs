use expect_test::expect;

use super::{Lab, check};

const GROUP: &str = r#"PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}"#;

#[tokio::test]
async fn a_type_without_a_module_of_its_own_lives_by_its_data() {
    let id = "{sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1";
    check(
        &format!(
            r#"
            {GROUP}
            PUT {id}?api-version=2023-01-01 {{"location": "westus3", "kind": "StorageV2", "sku": {{"name": "Standard_LRS"}}, "properties": {{"minimumTlsVersion": "TLS1_2"}}}}
            GET {id}?api-version=2023-01-01
            PUT {id}?api-version=2023-01-01 {{"location": "westus3", "kind": "StorageV2", "sku": {{"name": "Standard_LRS"}}}}
            wait 40
            GET {id}?api-version=2023-01-01
            PUT {id}/blobServices/default/containers/first?api-version=2023-01-01 {{"properties": {{"publicAccess": "None"}}}}
            PATCH {id}?api-version=2023-01-01 {{"tags": {{"a": "b"}}}}
            PUT {id}?api-version=2023-01-01 {{"location": "westus3", "kind": "StorageV2", "sku": {{"name": "Golden"}}}}
            PUT {id}?api-version=2023-01-01 {{"location": "westus3", "kind": "StorageV2", "sku": {{"nome": "Standard_LRS"}}}}
            POST {id}/listServiceSas?api-version=2023-01-01
            wait 40
            DELETE {id}?api-version=2023-01-01
            GET {id}/blobServices/default/containers/first?api-version=2023-01-01
            "#
        ),
        expect![[r#"
            PUT {sub}/resourceGroups/rg1 -> 201 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"type":"Microsoft.Resources/resourceGroups"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1 -> 202 [location: https://management.azure.com/subscriptions/SUB/operationresults/GUID?api-version=2023-01-01] [retry-after-ms: 21]
            GET {sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1 -> 200 [retry-after-ms: 21] {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1","kind":"StorageV2","location":"westus3","name":"stor1","properties":{"accessTier":"Hot","creationTime":"2025-06-01T12:00:00Z","encryption":{"keySource":"Microsoft.Storage","services":{"blob":{"enabled":true,"keyType":"Account","lastEnabledTime":"2025-06-01T12:00:00Z"},"file":{"enabled":true,"keyType":"Account","lastEnabledTime":"2025-06-01T12:00:00Z"}}},"keyCreationTime":{"key1":"2025-06-01T12:00:00Z","key2":"2025-06-01T12:00:00Z"},"minimumTlsVersion":"TLS1_2","networkAcls":{"bypass":"AzureServices","defaultAction":"Allow","ipRules":[],"virtualNetworkRules":[]},"primaryEndpoints":{"blob":"https://stor1.blob.core.windows.net/","dfs":"https://stor1.dfs.core.windows.net/","file":"https://stor1.file.core.windows.net/","queue":"https://stor1.queue.core.windows.net/","table":"https://stor1.table.core.windows.net/","web":"https://stor1.z5.web.core.windows.net/"},"primaryLocation":"westus3","privateEndpointConnections":[],"provisioningState":"Creating","statusOfPrimary":"available","supportsHttpsTrafficOnly":true},"sku":{"name":"Standard_LRS","tier":"Standard"},"tags":{},"type":"Microsoft.Storage/storageAccounts"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1 -> 409 {"error":{"code":"AnotherOperationInProgress","message":"Another operation is in progress on the resource '/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1'. Please wait for it to complete before retrying."}}
            wait 40
            GET {sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1 -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1","kind":"StorageV2","location":"westus3","name":"stor1","properties":{"accessTier":"Hot","creationTime":"2025-06-01T12:00:00Z","encryption":{"keySource":"Microsoft.Storage","services":{"blob":{"enabled":true,"keyType":"Account","lastEnabledTime":"2025-06-01T12:00:00Z"},"file":{"enabled":true,"keyType":"Account","lastEnabledTime":"2025-06-01T12:00:00Z"}}},"keyCreationTime":{"key1":"2025-06-01T12:00:00Z","key2":"2025-06-01T12:00:00Z"},"minimumTlsVersion":"TLS1_2","networkAcls":{"bypass":"AzureServices","defaultAction":"Allow","ipRules":[],"virtualNetworkRules":[]},"primaryEndpoints":{"blob":"https://stor1.blob.core.windows.net/","dfs":"https://stor1.dfs.core.windows.net/","file":"https://stor1.file.core.windows.net/","queue":"https://stor1.queue.core.windows.net/","table":"https://stor1.table.core.windows.net/","web":"https://stor1.z5.web.core.windows.net/"},"primaryLocation":"westus3","privateEndpointConnections":[],"provisioningState":"Succeeded","statusOfPrimary":"available","supportsHttpsTrafficOnly":true},"sku":{"name":"Standard_LRS","tier":"Standard"},"tags":{},"type":"Microsoft.Storage/storageAccounts"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1/blobServices/default/containers/first -> 201 {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1/blobServices/default/containers/first","name":"first","properties":{"publicAccess":"None"},"type":"Microsoft.Storage/storageAccounts/blobServices/containers"}
            PATCH {sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1 -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1","kind":"StorageV2","location":"westus3","name":"stor1","properties":{"accessTier":"Hot","creationTime":"2025-06-01T12:00:00Z","encryption":{"keySource":"Microsoft.Storage","services":{"blob":{"enabled":true,"keyType":"Account"},"file":{"enabled":true,"keyType":"Account"}}},"keyCreationTime":{"key1":"2025-06-01T12:00:00Z","key2":"2025-06-01T12:00:00Z"},"minimumTlsVersion":"TLS1_2","networkAcls":{"bypass":"AzureServices","defaultAction":"Allow","ipRules":[],"virtualNetworkRules":[]},"primaryEndpoints":{"blob":"https://stor1.blob.core.windows.net/","dfs":"https://stor1.dfs.core.windows.net/","file":"https://stor1.file.core.windows.net/","queue":"https://stor1.queue.core.windows.net/","table":"https://stor1.table.core.windows.net/","web":"https://stor1.z5.web.core.windows.net/"},"primaryLocation":"westus3","privateEndpointConnections":[],"provisioningState":"Succeeded","statusOfPrimary":"available","supportsHttpsTrafficOnly":true},"sku":{"name":"Standard_LRS","tier":"Standard"},"tags":{"a":"b"},"type":"Microsoft.Storage/storageAccounts"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1 -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1","kind":"StorageV2","location":"westus3","name":"stor1","properties":{"accessTier":"Hot","creationTime":"2025-06-01T12:00:00Z","encryption":{"keySource":"Microsoft.Storage","services":{"blob":{"enabled":true,"keyType":"Account","lastEnabledTime":"2025-06-01T12:00:00Z"},"file":{"enabled":true,"keyType":"Account","lastEnabledTime":"2025-06-01T12:00:00Z"}}},"keyCreationTime":{"key1":"2025-06-01T12:00:00Z","key2":"2025-06-01T12:00:00Z"},"networkAcls":{"bypass":"AzureServices","defaultAction":"Allow","ipRules":[],"virtualNetworkRules":[]},"primaryEndpoints":{"blob":"https://stor1.blob.core.windows.net/","dfs":"https://stor1.dfs.core.windows.net/","file":"https://stor1.file.core.windows.net/","queue":"https://stor1.queue.core.windows.net/","table":"https://stor1.table.core.windows.net/","web":"https://stor1.z5.web.core.windows.net/"},"primaryLocation":"westus3","privateEndpointConnections":[],"provisioningState":"Succeeded","statusOfPrimary":"available","supportsHttpsTrafficOnly":true},"sku":{"name":"Golden","tier":"Standard"},"tags":{},"type":"Microsoft.Storage/storageAccounts"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1 -> 400 {"error":{"code":"InvalidRequestContent","message":"The request content was invalid and could not be deserialized: 'Required property 'name' not found in JSON. Path 'sku', line 1, position 1.'."}}
            POST {sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1/listServiceSas -> 501 {"error":{"code":"NotImplemented","message":"The twin of Azure does not simulate the action 'listServiceSas' of 'Microsoft.Storage/storageAccounts'."}}
            wait 40
            DELETE {sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1 -> 200
            GET {sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor1/blobServices/default/containers/first -> 404 {"error":{"code":"ResourceNotFound","message":"The Resource 'Microsoft.Storage/storageAccounts/blobServices/containers/first' under resource group 'rg1' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"}}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn operations_in_all_three_styles() {
    let mut lab = Lab::new().await;
    let namespace = "{sub}/resourceGroups/rg1/providers/Microsoft.EventHub/namespaces/eh-first1";
    let network = "{sub}/resourceGroups/rg1/providers/Microsoft.Network/virtualNetworks/v1";
    let said = lab
        .run(&format!(
            r#"
            {GROUP}
            PUT {namespace}?api-version=2024-01-01 {{"location": "westus3", "sku": {{"name": "Standard"}}}}
            wait 40
            GET {namespace}?api-version=2024-01-01
            PUT {network}?api-version=2024-05-01 {{"location": "westus3", "properties": {{"addressSpace": {{"addressPrefixes": ["10.0.0.0/8"]}}}}}}
            "#
        ))
        .await;
    expect![[r#"
        PUT {sub}/resourceGroups/rg1 -> 201 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"type":"Microsoft.Resources/resourceGroups"}
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.EventHub/namespaces/eh-first1 -> 201 [retry-after-ms: 21] {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.EventHub/namespaces/eh-first1","location":"westus3","name":"eh-first1","properties":{"provisioningState":"Creating"},"sku":{"name":"Standard"},"tags":{},"type":"Microsoft.EventHub/namespaces"}
        wait 40
        GET {sub}/resourceGroups/rg1/providers/Microsoft.EventHub/namespaces/eh-first1 -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.EventHub/namespaces/eh-first1","location":"westus3","name":"eh-first1","properties":{"provisioningState":"Succeeded"},"sku":{"name":"Standard"},"tags":{},"type":"Microsoft.EventHub/namespaces"}
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.Network/virtualNetworks/v1 -> 201 [azure-asyncoperation: https://management.azure.com/subscriptions/SUB/providers/Microsoft.Network/locations/westus3/operations/GUID?api-version=2024-05-01] [retry-after-ms: 21] {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.Network/virtualNetworks/v1","location":"westus3","name":"v1","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/8"]},"provisioningState":"Creating"},"tags":{},"type":"Microsoft.Network/virtualNetworks"}
    "#]].assert_eq(&said);
    for style in ["operations", "operationresults"] {
        let id = lab.operation_url(style).await;
        let said = lab.run(&format!("GET {id}\nwait 40\nGET {id}")).await;
        let shown: Vec<&str> = said.lines().filter_map(|line| line.split(" -> ").nth(1)).collect();
        match style {
            "operations" => expect![[r#"
                200 [retry-after-ms: 21] {"id":"/subscriptions/SUB/providers/Microsoft.Network/locations/westus3/operations/GUID","name":"GUID","startTime":"2025-06-01T12:00:00.04Z","status":"InProgress"}
                200 {"endTime":"2025-06-01T12:00:00.066Z","id":"/subscriptions/SUB/providers/Microsoft.Network/locations/westus3/operations/GUID","name":"GUID","startTime":"2025-06-01T12:00:00.04Z","status":"Succeeded"}"#]].assert_eq(&shown.join("\n")),
            _ => expect![[r#"
                202 [location: https://management.azure.com/subscriptions/SUB/operationresults/GUID?api-version=2023-01-01] [retry-after-ms: 21]
                200 {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/stor2","kind":"StorageV2","location":"westus3","name":"stor2","properties":{"accessTier":"Hot","creationTime":"2025-06-01T12:00:00Z","encryption":{"keySource":"Microsoft.Storage","services":{"blob":{"enabled":true,"keyType":"Account","lastEnabledTime":"2025-06-01T12:00:00Z"},"file":{"enabled":true,"keyType":"Account","lastEnabledTime":"2025-06-01T12:00:00Z"}}},"keyCreationTime":{"key1":"2025-06-01T12:00:00Z","key2":"2025-06-01T12:00:00Z"},"networkAcls":{"bypass":"AzureServices","defaultAction":"Allow","ipRules":[],"virtualNetworkRules":[]},"primaryEndpoints":{"blob":"https://stor2.blob.core.windows.net/","dfs":"https://stor2.dfs.core.windows.net/","file":"https://stor2.file.core.windows.net/","queue":"https://stor2.queue.core.windows.net/","table":"https://stor2.table.core.windows.net/","web":"https://stor2.z5.web.core.windows.net/"},"primaryLocation":"westus3","privateEndpointConnections":[],"provisioningState":"Succeeded","statusOfPrimary":"available","supportsHttpsTrafficOnly":true},"sku":{"name":"Standard_LRS","tier":"Standard"},"tags":{},"type":"Microsoft.Storage/storageAccounts"}"#]].assert_eq(&shown.join("\n")),
        }
    }
}

impl Lab {
    /// Path and query of an operation that has just been started, in the style asked for.
    async fn operation_url(&mut self, style: &str) -> String {
        let token = format!("Bearer {}", self.token("https://management.azure.com/").await);
        let base = format!("/subscriptions/{}/resourceGroups/rg1/providers", super::SUB);
        let (path, body, header) = match style {
            "operations" => (
                format!("{base}/Microsoft.Network/virtualNetworks/v2?api-version=2024-05-01"),
                r#"{"location": "westus3"}"#,
                "azure-asyncoperation",
            ),
            _ => (
                format!("{base}/Microsoft.Storage/storageAccounts/stor2?api-version=2023-01-01"),
                r#"{"location": "westus3", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}"#,
                "location",
            ),
        };
        let answer = self.send("management.azure.com", "PUT", &path, &[("authorization", &token)], body).await;
        let url = answer.headers()[header].to_str().expect("text").to_string();
        url.strip_prefix("https://management.azure.com").expect("on the management host").to_string()
    }
}

#[test]
fn the_table_of_fidelity_names_types_of_the_catalogue() {
    for row in crate::fidelity() {
        assert!(crate::schema::canonical(row.resource_type).is_some(), "{}", row.resource_type);
        assert!(!row.evidence.is_empty());
    }
    let level = |kind: &str| crate::fidelity_of(kind).map(|(level, _)| level.as_str());
    assert_eq!(level("microsoft.keyvault/VAULTS"), Some("behaviour"));
    assert_eq!(level("Microsoft.Storage/storageAccounts"), Some("lifecycle"));
    assert_eq!(level("Microsoft.KeyVault/locations/deletedVaults"), Some("schema only"));
    assert_eq!(level("Contoso.Things/boxes"), None);
}
