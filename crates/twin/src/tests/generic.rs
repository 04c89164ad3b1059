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
            PUT {id}/blobServices/default/containers/c1?api-version=2023-01-01 {{"properties": {{"publicAccess": "None"}}}}
            PATCH {id}?api-version=2023-01-01 {{"tags": {{"a": "b"}}}}
            PUT {id}?api-version=2023-01-01 {{"location": "westus3", "kind": "StorageV2", "sku": {{"name": "Golden"}}}}
            PUT {id}?api-version=2023-01-01 {{"location": "westus3", "kind": "StorageV2", "sku": {{"nome": "Standard_LRS"}}}}
            POST {id}/listKeys?api-version=2023-01-01
            wait 40
            DELETE {id}?api-version=2023-01-01
            GET {id}/blobServices/default/containers/c1?api-version=2023-01-01
            "#
        ),
        expect![[]],
    )
    .await;
}

#[tokio::test]
async fn operations_in_all_three_styles() {
    let mut lab = Lab::new().await;
    let namespace = "{sub}/resourceGroups/rg1/providers/Microsoft.EventHub/namespaces/eh1";
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
    expect![[]].assert_eq(&said);
    for style in ["operations", "operationresults"] {
        let id = lab.operation_url(style).await;
        let said = lab.run(&format!("GET {id}\nwait 40\nGET {id}")).await;
        let shown: Vec<&str> = said.lines().filter_map(|line| line.split(" -> ").nth(1)).collect();
        match style {
            "operations" => expect![[]].assert_eq(&shown.join("\n")),
            _ => expect![[]].assert_eq(&shown.join("\n")),
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
}
