use expect_test::expect;

use super::{Lab, check};

const GROUP: &str = r#"PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}"#;
const VAULT: &str = r#"{"location": "westus3", "properties": {"tenantId": "11111111-1111-1111-1111-111111111111", "sku": {"family": "A", "name": "standard"}, "accessPolicies": []}}"#;

fn vault(name: &str, body: &str) -> String {
    format!("PUT {{sub}}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/{name}?api-version=2021-04-01-preview {body}")
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
        expect![[]],
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
    expect![[]].assert_eq(&short.join("\n"));
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
        with("\"accessPolicies\": []", r#""accessPolicies": [{"tenantId": "11111111-1111-1111-1111-111111111111", "objectId": "me", "permissions": {"secrets": ["get"]}}]"#),
        with("\"location\": \"westus3\", ", ""),
        with("westus3", "atlantis"),
        with("\"sku\"", "\"enablePurgeProtection\": false, \"sku\""),
        with("\"sku\"", "\"enablePurgeProtection\": true, \"sku\""),
        with("westus3", "eastus"),
        with("\"sku\"", "\"enableSoftDelete\": false, \"sku\""),
        "DELETE {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv-one?api-version=2023-07-01".to_string(),
        "POST {sub}/providers/Microsoft.KeyVault/locations/westus3/deletedVaults/kv-one/purge?api-version=2023-07-01".to_string(),
    ] {
        script.push_str(&format!("\n{line}"));
    }
    let mut lab = Lab::new().await;
    let said = lab.run(&script).await;
    let answers: Vec<&str> = said.lines().skip(1).map(|line| line.split(" -> ").nth(1).unwrap_or(line)).collect();
    expect![[]].assert_eq(&answers.join("\n"));
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
