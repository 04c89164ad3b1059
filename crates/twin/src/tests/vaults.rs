use expect_test::expect;

use super::{Lab, check};

const GROUP: &str = r#"PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}"#;
const VAULT: &str = r#"{"location": "westus3", "properties": {"tenantId": "11111111-1111-1111-1111-111111111111", "sku": {"family": "A", "name": "standard"}, "accessPolicies": []}}"#;

fn vault(name: &str, body: &str) -> String {
    format!(
        "PUT {{sub}}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/{name}?api-version=2021-04-01-preview {body}"
    )
}

#[tokio::test]
async fn a_vault_registers_its_name_and_is_soft_deleted_and_recovered() {
    let put = vault("Kv-one", VAULT);
    let recover = vault("kv-one", &VAULT.replace("\"sku\"", "\"createMode\": \"recover\", \"sku\""));
    check(
        &format!(
            r#"
            {GROUP}
            {put}
            GET {{sub}}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one?api-version=2021-04-01-preview
            wait 30
            GET {{sub}}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one?api-version=2021-04-01-preview
            {put}
            DELETE {{sub}}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one?api-version=2021-04-01-preview
            DELETE {{sub}}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one?api-version=2021-04-01-preview
            {put}
            GET {{sub}}/providers/Microsoft.KeyVault/deletedVaults?api-version=2023-07-01
            GET {{sub}}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv-one?api-version=2023-07-01
            GET {{sub}}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/kv-one?api-version=2023-07-01
            {recover}
            GET {{sub}}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv-one?api-version=2023-07-01
            DELETE {{sub}}/resourceGroups/rg1?api-version=2020-06-01
            wait 30
            GET {{sub}}/resourceGroups/rg1?api-version=2020-06-01
            GET {{sub}}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv-one?api-version=2023-07-01
            POST {{sub}}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv-one/purge?api-version=2023-07-01
            GET {{sub}}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv-one?api-version=2023-07-01
            "#
        ),
        expect![[r#"
            PUT {sub}/resourceGroups/rg1 -> 201 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"type":"Microsoft.Resources/resourceGroups"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/Kv-one -> 200 [retry-after-ms: 21] {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/Kv-one","location":"westus3","name":"Kv-one","properties":{"accessPolicies":[],"enableSoftDelete":true,"enabledForDeployment":false,"provisioningState":"RegisteringDns","sku":{"family":"A","name":"standard"},"tenantId":"TENANT","vaultUri":"https://kv-one.vault.azure.net/"},"tags":{},"type":"Microsoft.KeyVault/vaults"}
            GET {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one -> 200 [retry-after-ms: 21] {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/Kv-one","location":"westus3","name":"Kv-one","properties":{"accessPolicies":[],"enableSoftDelete":true,"enabledForDeployment":false,"provisioningState":"RegisteringDns","sku":{"family":"A","name":"standard"},"tenantId":"TENANT","vaultUri":"https://kv-one.vault.azure.net/"},"tags":{},"type":"Microsoft.KeyVault/vaults"}
            wait 30
            GET {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/Kv-one","location":"westus3","name":"Kv-one","properties":{"accessPolicies":[],"enableSoftDelete":true,"enabledForDeployment":false,"provisioningState":"Succeeded","sku":{"family":"A","name":"standard"},"tenantId":"TENANT","vaultUri":"https://kv-one.vault.azure.net/"},"tags":{},"type":"Microsoft.KeyVault/vaults"}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/Kv-one -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/Kv-one","location":"westus3","name":"Kv-one","properties":{"accessPolicies":[],"enableSoftDelete":true,"enabledForDeployment":false,"provisioningState":"Succeeded","sku":{"family":"A","name":"standard"},"tenantId":"TENANT","vaultUri":"https://kv-one.vault.azure.net/"},"tags":{},"type":"Microsoft.KeyVault/vaults"}
            DELETE {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one -> 200
            DELETE {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one -> 204
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/Kv-one -> 409 {"error":{"code":"ConflictError","message":"A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete."}}
            GET {sub}/providers/Microsoft.KeyVault/deletedVaults -> 200 {"value":[{"id":"/subscriptions/SUB/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/Kv-one","name":"Kv-one","properties":{"deletionDate":"2025-06-01T12:00:00Z","location":"westus3","scheduledPurgeDate":"2025-08-30T12:00:00Z","tags":{},"vaultId":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/Kv-one"},"type":"Microsoft.KeyVault/deletedVaults"}]}
            GET {sub}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv-one -> 200 {"id":"/subscriptions/SUB/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/Kv-one","name":"Kv-one","properties":{"deletionDate":"2025-06-01T12:00:00Z","location":"westus3","scheduledPurgeDate":"2025-08-30T12:00:00Z","tags":{},"vaultId":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/Kv-one"},"type":"Microsoft.KeyVault/deletedVaults"}
            GET {sub}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/kv-one -> 404 {"error":{"code":"DeletedVaultNotFound","message":"The specified deleted vault 'kv-one' does not exist. Ensure that the vault was indeed deleted and that it is in recoverable state. If soft delete was not enabled then the vault is permanently deleted. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2149745"}}
            PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/Kv-one","location":"westus3","name":"Kv-one","properties":{"accessPolicies":[],"enableSoftDelete":true,"enabledForDeployment":false,"provisioningState":"Succeeded","sku":{"family":"A","name":"standard"},"tenantId":"TENANT","vaultUri":"https://kv-one.vault.azure.net/"},"tags":{},"type":"Microsoft.KeyVault/vaults"}
            GET {sub}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv-one -> 404 {"error":{"code":"DeletedVaultNotFound","message":"The specified deleted vault 'kv-one' does not exist. Ensure that the vault was indeed deleted and that it is in recoverable state. If soft delete was not enabled then the vault is permanently deleted. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2149745"}}
            DELETE {sub}/resourceGroups/rg1 -> 202 [location: https://management.azure.com/subscriptions/SUB/operationresults/GUID?api-version=2020-06-01] [retry-after-ms: 21]
            wait 30
            GET {sub}/resourceGroups/rg1 -> 404 {"error":{"code":"ResourceGroupNotFound","message":"Resource group 'rg1' could not be found."}}
            GET {sub}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv-one -> 200 {"id":"/subscriptions/SUB/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/Kv-one","name":"Kv-one","properties":{"deletionDate":"2025-06-01T12:00:00Z","location":"westus3","scheduledPurgeDate":"2025-08-30T12:00:00Z","tags":{},"vaultId":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/Kv-one"},"type":"Microsoft.KeyVault/deletedVaults"}
            POST {sub}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv-one/purge -> 202 [location: https://management.azure.com/subscriptions/SUB/operationresults/GUID?api-version=2023-07-01] [retry-after-ms: 21]
            GET {sub}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv-one -> 404 {"error":{"code":"DeletedVaultNotFound","message":"The specified deleted vault 'kv-one' does not exist. Ensure that the vault was indeed deleted and that it is in recoverable state. If soft delete was not enabled then the vault is permanently deleted. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2149745"}}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn names_are_valid_and_unique_in_all_of_azure() {
    let names = ["kv", "1kv", "kv--x", "a-very-long-name-of-a-vault", "somebody-elses", "mine"];
    let mut script = GROUP.to_string();
    for name in names {
        script.push_str(&format!("\n{}", vault(name, VAULT)));
    }
    script.push_str(&format!(
        "\nPUT {{sub}}/resourceGroups/rg2?api-version=2020-06-01 {{\"location\": \"westus3\"}}\n{}\n{}\n{}",
        vault("MINE", VAULT).replace("rg1", "rg2"),
        r#"POST {sub}/providers/Microsoft.KeyVault/checkNameAvailability?api-version=2023-07-01 {"name": "mine", "type": "Microsoft.KeyVault/vaults"}"#,
        r#"POST {sub}/providers/Microsoft.KeyVault/checkNameAvailability?api-version=2023-07-01 {"name": "free-one", "type": "Microsoft.KeyVault/vaults"}"#,
    ));
    let mut lab = Lab::new().await;
    let said = lab.run(&script).await;
    let short: Vec<String> = said
        .lines()
        .map(|line| {
            let end = line.char_indices().nth(260).map_or(line.len(), |(at, _)| at);
            line[..end].to_string()
        })
        .collect();
    expect![[r#"
        PUT {sub}/resourceGroups/rg1 -> 201 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"type":"Microsoft.Resources/resourceGroups"}
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv -> 400 {"error":{"code":"VaultNameNotValid","message":"The vault name 'kv' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with 
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/1kv -> 400 {"error":{"code":"VaultNameNotValid","message":"The vault name '1kv' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end wit
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv--x -> 400 {"error":{"code":"VaultNameNotValid","message":"The vault name 'kv--x' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/a-very-long-name-of-a-vault -> 400 {"error":{"code":"VaultNameNotValid","message":"The vault name 'a-very-long-name-of-a-vault' is invalid. A vault's name must be between 3-24 alphanumeric charac
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/somebody-elses -> 409 {"error":{"code":"VaultAlreadyExists","message":"The vault name 'somebody-elses' is already in use. Vault names are globaly unique so it is possible that the name is already
        PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/mine -> 200 [retry-after-ms: 21] {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/mine","location":"westus3","name":"mine","properties":{"accessPolicies":[],"enabl
        PUT {sub}/resourceGroups/rg2 -> 201 {"id":"/subscriptions/SUB/resourceGroups/rg2","location":"westus3","name":"rg2","properties":{"provisioningState":"Succeeded"},"type":"Microsoft.Resources/resourceGroups"}
        PUT {sub}/resourceGroups/rg2/providers/Microsoft.KeyVault/vaults/MINE -> 409 {"error":{"code":"VaultAlreadyExists","message":"The vault name 'MINE' is already in use. Vault names are globaly unique so it is possible that the name is already taken. If you are s
        POST {sub}/providers/Microsoft.KeyVault/checkNameAvailability -> 200 {"message":"The vault name 'mine' is already in use. Vault names are globaly unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it
        POST {sub}/providers/Microsoft.KeyVault/checkNameAvailability -> 200 {"nameAvailable":true}"#]].assert_eq(&short.join("\n"));
}

#[tokio::test]
async fn bodies_are_checked() {
    let with = |from: &str, to: &str| vault("kv-one", &VAULT.replace(from, to));
    let mut script = GROUP.to_string();
    for line in [
        with("11111111-1111-1111-1111-111111111111", "33333333-3333-3333-3333-333333333333"),
        with("\"standard\"", "\"golden\""),
        with("\"family\": \"A\", ", ""),
        with("\"sku\"", "\"colour\": \"blue\", \"sku\""),
        with("\"accessPolicies\": []", "\"accessPolicies\": {}"),
        with(", \"accessPolicies\": []", ""),
        with(
            "\"accessPolicies\": []",
            r#""accessPolicies": [{"tenantId": "11111111-1111-1111-1111-111111111111", "objectId": "me", "permissions": {"secrets": ["get"]}}]"#,
        ),
        with("\"location\": \"westus3\", ", ""),
        with("westus3", "atlantis"),
        with("\"sku\"", "\"enablePurgeProtection\": false, \"sku\""),
        with("\"sku\"", "\"enablePurgeProtection\": true, \"sku\""),
        with("westus3", "eastus"),
        with("\"sku\"", "\"enableSoftDelete\": false, \"sku\""),
        "DELETE {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one?api-version=2023-07-01".to_string(),
        "POST {sub}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv-one/purge?api-version=2023-07-01"
            .to_string(),
    ] {
        script.push_str(&format!("\n{line}"));
    }
    let mut lab = Lab::new().await;
    let said = lab.run(&script).await;
    let answers: Vec<&str> = said.lines().skip(1).map(|line| line.split(" -> ").nth(1).unwrap_or(line)).collect();
    expect![[r#"
        400 {"error":{"code":"BadRequest","message":"An invalid value was provided for 'tenantId'."}}
        400 {"error":{"code":"InvalidParameterValue","message":"The value of parameter properties.sku.name is invalid: expected one of standard, premium."}}
        400 {"error":{"code":"InvalidRequestContent","message":"The request content was invalid and could not be deserialized: 'Required property 'family' not found in JSON. Path 'properties.sku', line 1, position 1.'."}}
        400 {"error":{"code":"InvalidRequestContent","message":"The request content was invalid and could not be deserialized: 'Could not find member 'colour' on object of type 'vaults'. Path 'properties.colour', line 1, position 1.'."}}
        400 {"error":{"code":"InvalidRequestContent","message":"The request content was invalid and could not be deserialized: 'Error converting value at path 'properties.accessPolicies': expected a list. Path 'properties.accessPolicies', line 1, position 1.'."}}
        400 {"error":{"code":"BadRequest","message":"The parameter accessPolicies is not specified."}}
        400 {"error":{"code":"BadRequest","message":"An invalid value was provided for 'accessPolicies'."}}
        400 {"error":{"code":"LocationRequired","message":"The location property is required for this definition."}}
        400 {"error":{"code":"LocationNotAvailableForResourceType","message":"The provided location 'atlantis' is not available for resource type 'Microsoft.KeyVault/vaults'. List of available regions for the resource type is 'australiacentral,australiaeast,australiasoutheast,austriaeast,belgiumcentral,brazilsouth,canadacentral,canadaeast,centralindia,centralus,chilecentral,eastasia,eastus,eastus2,francecentral,germanywestcentral,indonesiacentral,israelcentral,italynorth,japaneast,japanwest,koreacentral,koreasouth,malaysiawest,mexicocentral,newzealandnorth,northcentralus,northeurope,norwayeast,polandcentral,qatarcentral,southafricanorth,southcentralus,southeastasia,southindia,spaincentral,swedencentral,switzerlandnorth,uaenorth,uksouth,ukwest,westcentralus,westeurope,westindia,westus,westus2,westus3'."}}
        400 {"error":{"code":"BadRequest","message":"The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection for a vault is an irreversible action."}}
        200 [retry-after-ms: 21] {"id":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one","location":"westus3","name":"kv-one","properties":{"accessPolicies":[],"enablePurgeProtection":true,"enableSoftDelete":true,"enabledForDeployment":false,"provisioningState":"RegisteringDns","sku":{"family":"A","name":"standard"},"tenantId":"TENANT","vaultUri":"https://kv-one.vault.azure.net/"},"tags":{},"type":"Microsoft.KeyVault/vaults"}
        409 {"error":{"code":"InvalidResourceLocation","message":"The resource 'kv-one' already exists in location 'westus3' in resource group 'rg1'. A resource with the same name cannot be created in location 'eastus'. Please select a new resource name."}}
        400 {"error":{"code":"BadRequest","message":"The property \"enableSoftDelete\" can be set to false only for creating new vault. Enabling the 'soft delete' functionality is an irreversible action."}}
        200
        403 {"error":{"code":"OperationNotAllowed","message":"Operation \"purge\" is not allowed because purge protection is enabled for this vault. The key vault 'kv-one' cannot be purged before its scheduled purge date."}}"#]].assert_eq(&answers.join("\n"));
}

#[tokio::test]
async fn deleted_vaults_go_when_their_time_is_over() {
    let mut lab = Lab::new().await;
    let script = format!(
        "{GROUP}\n{}\nDELETE {{sub}}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one?api-version=2023-07-01",
        vault("kv-one", &VAULT.replace("\"sku\"", "\"softDeleteRetentionInDays\": 7, \"sku\""))
    );
    lab.run(&script).await;
    lab.clock.advance(std::time::Duration::from_secs(8 * 24 * 3600));
    lab.tokens.clear();
    let said = lab.run(&vault("kv-one", VAULT)).await;
    assert!(said.contains("-> 200"), "{said}");
}
