use expect_test::expect;

use super::{Lab, SUB, TENANT, entra_key};

#[tokio::test]
async fn actions_are_matched_against_roles_at_the_scope_and_above() {
    let roles = [
        "Owner",
        "Contributor",
        "Reader",
        "User Access Administrator",
        "Managed Identity Operator",
        "Network Contributor",
    ];
    let mut text = String::new();
    for (index, role) in roles.into_iter().enumerate() {
        let mut lab = Lab::new().await;
        let name = format!("someone-{index}");
        lab.identity(&name).await;
        lab.run(r#"PUT {sub}/resourceGroups/other?api-version=2020-06-01 {"location": "westus3"}"#).await;
        lab.grant(&name, role, "{sub}/resourceGroups/rg-ids").await;
        let id =
            format!("{{sub}}/resourceGroups/rg-ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}");
        let script = [
            format!("as {name}"),
            format!("GET {id}?api-version=2023-01-31"),
            format!("PUT {id}?api-version=2023-01-31 {{\"location\": \"westus3\"}}"),
            "GET {sub}/resourceGroups/rg-ids?api-version=2020-06-01".into(),
            "PUT {sub}/resourceGroups/rg-ids?api-version=2020-06-01 {\"location\": \"westus3\"}".into(),
            "GET {sub}/resourceGroups/other?api-version=2020-06-01".into(),
            "PUT {sub}/resourceGroups/new?api-version=2020-06-01 {\"location\": \"westus3\"}".into(),
            "GET {sub}/resourceGroups?api-version=2020-06-01".into(),
            "PUT {sub}/resourceGroups/rg-ids/providers/Microsoft.Authorization/roleAssignments/x?api-version=2022-04-01 {}".into(),
            "PUT {sub}/resourceGroups/rg-ids/providers/Microsoft.Network/virtualNetworks/v?api-version=2024-05-01 {}".into(),
        ];
        let said = lab.run(&script.join("\n")).await;
        let statuses: Vec<&str> = said.lines().skip(1).filter_map(|line| line.split(" -> ").nth(1)?.get(..3)).collect();
        text.push_str(&format!("{role}: {}\n", statuses.join(" ")));
    }
    expect![[r#"
        Owner: 200 200 200 200 403 403 403 400 400
        Contributor: 200 200 200 200 403 403 403 403 400
        Reader: 200 403 200 403 403 403 403 403 403
        User Access Administrator: 200 403 200 403 403 403 403 400 403
        Managed Identity Operator: 200 403 200 403 403 403 403 403 403
        Network Contributor: 403 403 200 403 403 403 403 403 400
    "#]]
    .assert_eq(&text);
}

#[tokio::test]
async fn a_refusal_names_client_action_and_scope() {
    let mut lab = Lab::new().await;
    lab.identity("nobody").await;
    let said = lab
        .run("as nobody\nPUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {\"location\": \"westus3\"}\nGET /subscriptions?api-version=2022-12-01")
        .await;
    expect![[r#"
        as nobody
        PUT {sub}/resourceGroups/rg1 -> 403 {"error":{"code":"AuthorizationFailed","message":"The client 'GUID' with object id 'GUID' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourcegroups/write' over scope '/subscriptions/SUB/resourceGroups/rg1' or the scope is invalid. If access was recently granted, please refresh your credentials."}}
        GET /subscriptions -> 200 {"value":[]}
    "#]].assert_eq(&said);
}

#[tokio::test]
async fn tokens_at_the_door() {
    let lab = Lab::new().await;
    let now = api::env::Clock::now(lab.clock.as_ref()).as_second();
    let path = format!("/subscriptions/{SUB}?api-version=2022-12-01");
    let base = serde_json::json!({"aud": "https://management.azure.com/", "iss": format!("https://sts.windows.net/{TENANT}/"),
        "tid": TENANT, "oid": "o", "appid": "a", "nbf": now, "exp": now + 60});
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = base.clone();
        claims[name] = value;
        format!("Bearer {}", jose::sign(&entra_key(), &claims).expect("signs"))
    };
    let mut text = String::new();
    let foreign = format!("Bearer {}", jose::sign(&super::cluster_key(), &base).expect("signs"));
    for header in [
        None,
        Some("Basic abc".to_string()),
        Some("Bearer nonsense".into()),
        Some(foreign),
        Some(with("aud", "https://vault.azure.net".into())),
        Some(with("tid", "33333333-3333-3333-3333-333333333333".into())),
        Some(with("exp", (now - 1).into())),
        Some(with("nbf", (now + 900).into())),
    ] {
        let headers: Vec<(&str, &str)> = header.iter().map(|header| ("authorization", header.as_str())).collect();
        let answer = lab.send("management.azure.com", "GET", &path, &headers, "").await;
        text.push_str(&lab.show(&answer));
    }
    expect![[r#"
        401 [www-authenticate: Bearer authorization_uri="https://login.windows.net/TENANT", error="invalid_token", error_description="Authentication failed. The 'Authorization' header is missing."] {"error":{"code":"AuthenticationFailed","message":"Authentication failed. The 'Authorization' header is missing."}}
        401 [www-authenticate: Bearer authorization_uri="https://login.windows.net/TENANT", error="invalid_token", error_description="Authentication failed. The 'Authorization' header is provided in an invalid format."] {"error":{"code":"AuthenticationFailedInvalidHeader","message":"Authentication failed. The 'Authorization' header is provided in an invalid format."}}
        401 [www-authenticate: Bearer authorization_uri="https://login.windows.net/TENANT", error="invalid_token", error_description="The access token is invalid."] {"error":{"code":"InvalidAuthenticationToken","message":"The access token is invalid."}}
        401 [www-authenticate: Bearer authorization_uri="https://login.windows.net/TENANT", error="invalid_token", error_description="The access token is invalid."] {"error":{"code":"InvalidAuthenticationToken","message":"The access token is invalid."}}
        401 [www-authenticate: Bearer authorization_uri="https://login.windows.net/TENANT", error="invalid_token", error_description="The access token has been obtained for wrong audience or resource 'https://vault.azure.net'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.azure.com/'."] {"error":{"code":"InvalidAuthenticationTokenAudience","message":"The access token has been obtained for wrong audience or resource 'https://vault.azure.net'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.azure.com/'."}}
        401 [www-authenticate: Bearer authorization_uri="https://login.windows.net/TENANT", error="invalid_token", error_description="The access token is from the wrong issuer 'https://sts.windows.net/TENANT/'. It must match the tenant 'https://sts.windows.net/TENANT/' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/TENANT' to get the token."] {"error":{"code":"InvalidAuthenticationTokenTenant","message":"The access token is from the wrong issuer 'https://sts.windows.net/TENANT/'. It must match the tenant 'https://sts.windows.net/TENANT/' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/TENANT' to get the token."}}
        401 [www-authenticate: Bearer authorization_uri="https://login.windows.net/TENANT", error="invalid_token", error_description="The access token expiry UTC time '2025-06-01T11:59:59Z' is earlier than current UTC time '2025-06-01T12:00:00Z'."] {"error":{"code":"ExpiredAuthenticationToken","message":"The access token expiry UTC time '2025-06-01T11:59:59Z' is earlier than current UTC time '2025-06-01T12:00:00Z'."}}
        401 [www-authenticate: Bearer authorization_uri="https://login.windows.net/TENANT", error="invalid_token", error_description="The access token is not valid yet."] {"error":{"code":"InvalidAuthenticationToken","message":"The access token is not valid yet."}}
    "#]].assert_eq(&text);
}

#[tokio::test]
async fn a_role_taken_away_is_gone_at_once() {
    let mut lab = Lab::new().await;
    lab.identity("brief").await;
    lab.grant("brief", "Reader", "{sub}").await;
    let get = "as brief\nGET {sub}/resourceGroups/rg-ids?api-version=2020-06-01";
    assert!(lab.run(get).await.contains("-> 200"));
    let assignment = lab.twin.resources().into_iter().find(|view| {
        view.kind.ends_with("roleAssignments") && view.id.starts_with("/subscriptions") && {
            let state = lab.twin.inner.state.read();
            let principal = lab.property("brief", "principalId");
            state.resource(&view.id.to_lowercase()).is_some_and(|found| found.property_str("principalId") == principal)
        }
    });
    let id = assignment.expect("the assignment").id;
    let said = lab.run(&format!("as owner\nDELETE {id}?api-version=2022-04-01")).await;
    assert!(said.contains("-> 200"), "{said}");
    assert!(lab.run(get).await.contains("-> 403"));
}
