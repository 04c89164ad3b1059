use testkit::SeededEntropy;

use super::{Lab, SUB, TENANT};

const METHODS: [&str; 6] = ["GET", "PUT", "DELETE", "PATCH", "POST", "HEAD"];
const BODIES: [&str; 7] = [
    "",
    "{",
    "[]",
    "{}",
    r#"{"location": "westus3"}"#,
    r#"{"location": "westus3", "properties": {"tenantId": "11111111-1111-1111-1111-111111111111", "sku": {"family": "A", "name": "standard"}, "accessPolicies": []}}"#,
    r#"{"properties": {"value": "x", "issuer": "https://a/", "subject": "s", "audiences": ["x"]}, "tags": null}"#,
];
const VERSIONS: [&str; 4] = ["2020-06-01", "2023-07-01", "2023-01-31", "2022-04-01"];

fn path(random: &SeededEntropy) -> String {
    let pick = |list: &[&str]| list[random.below(list.len() as u64) as usize].to_string();
    let group = pick(&["rg1", "RG1", "rg2", "..", "%00", "a%2Fb"]);
    let rest = pick(&[
        "",
        "/resources",
        "/providers/Microsoft.KeyVault/vaults",
        "/providers/Microsoft.KeyVault/vaults/kv1",
        "/providers/microsoft.keyvault/VAULTS/KV1",
        "/providers/Microsoft.KeyVault/vaults/kv1/secrets/s1",
        "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1",
        "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1/federatedIdentityCredentials/fic1",
        "/providers/Microsoft.KeyVault/vaults/kv1/providers/Microsoft.Authorization/roleAssignments/x",
        "/providers/Microsoft.Storage/storageAccounts/stor1/listKeys",
        "/providers",
        "//",
        "/providers/Microsoft.KeyVault",
    ]);
    match random.below(8) {
        0 => format!(
            "/subscriptions/{SUB}{}",
            pick(&["", "/locations", "/resourceGroups", "/operationresults/x", "/x/y/z"])
        ),
        1 => pick(&["/", "", "/tenants", "/subscriptions", "/providers/Microsoft.Authorization/roleDefinitions/x"]),
        _ => format!("/subscriptions/{SUB}/resourceGroups/{group}{rest}"),
    }
}

/// Whatever is asked: no panic, JSON errors, and a state in which every resource has what is around it.
#[tokio::test]
async fn random_requests_leave_a_consistent_state() {
    for seed in 0..6 {
        let random = SeededEntropy::new(seed);
        let mut lab = Lab::new().await;
        let token = format!("Bearer {}", lab.token("https://management.azure.com/").await);
        for _ in 0..250 {
            let method = METHODS[random.below(6) as usize];
            let version = VERSIONS[random.below(4) as usize];
            let target = format!("{}?api-version={version}", path(&random));
            let body = BODIES[random.below(7) as usize];
            let answer = lab.send("management.azure.com", method, &target, &[("authorization", &token)], body).await;
            let status = answer.status().as_u16();
            assert!(
                matches!(status, 200 | 201 | 202 | 204 | 400 | 403 | 404 | 405 | 409 | 412 | 501),
                "{method} {target}: {status}"
            );
            if status >= 400 && method != "HEAD" {
                let error: serde_json::Value = serde_json::from_slice(answer.body()).expect("JSON");
                assert!(error["error"]["code"].is_string(), "{method} {target}: {error}");
            }
            lab.clock.advance(std::time::Duration::from_millis(random.below(20)));
        }
        consistent(&lab);
        let again = Lab::over(lab.space.clone(), lab.clock.clone(), 7).await;
        assert_eq!(again.twin.resources(), lab.twin.resources(), "seed {seed}");
    }
}

fn consistent(lab: &Lab) {
    let ids: Vec<String> = lab.twin.resources().into_iter().map(|view| view.id.to_lowercase()).collect();
    for id in &ids {
        let group = id.split("/providers/").next().unwrap_or_default();
        assert!(!group.contains("/resourcegroups/") || ids.iter().any(|known| known == group), "{id} is in no group");
        if let Some((parent, _)) = id.rsplit_once('/').and_then(|(rest, _)| rest.rsplit_once('/')) {
            let nested = parent.rsplit("/providers/").next().is_some_and(|rest| rest.split('/').count() > 2);
            let parent_is_there = ids.iter().any(|known| known == parent);
            assert!(!parent.contains("/providers/") || !nested || parent_is_there, "{id} has no parent");
        }
    }
    assert!(ids.iter().all(|id| !id.contains(TENANT)));
}
