use std::sync::Arc;

use testkit::FixedClock;

use super::Lab;

const SETUP: &str = r#"
PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}
PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1?api-version=2023-07-01 {"location": "westus3", "properties": {"tenantId": "11111111-1111-1111-1111-111111111111", "sku": {"family": "A", "name": "standard"}, "accessPolicies": []}}
PUT {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1/secrets/s1?api-version=2023-07-01 {"properties": {"value": "v"}}
"#;

#[tokio::test]
async fn a_twin_opened_again_over_the_same_space_is_the_same_twin() {
    let mut lab = Lab::new().await;
    lab.identity("akspe").await;
    lab.run(SETUP).await;
    lab.run("DELETE {sub}/resourceGroups/rg1?api-version=2020-06-01").await;
    let before = lab.twin.resources();
    let revision = lab.space.revision();
    let again = Lab::over(lab.space.clone(), lab.clock.clone(), 99).await;
    assert_eq!(lab.space.revision(), revision, "opening writes nothing when nothing is missing");
    assert_eq!(again.twin.resources(), before);
    // The deletion goes on where it was, and its end is seen by whoever looks first.
    let mut again = again;
    let said = again.run("wait 30\nGET {sub}/resourceGroups/rg1?api-version=2020-06-01\nas akspe\nGET /subscriptions?api-version=2022-12-01").await;
    assert!(said.contains("ResourceGroupNotFound"), "{said}");
}

#[tokio::test]
async fn two_twins_over_one_space_do_not_lose_each_others_writes() {
    let mut one = Lab::new().await;
    let mut two = Lab::over(one.space.clone(), one.clock.clone(), 2).await;
    one.run(r#"PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}"#).await;
    let said = two.run(r#"PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "eastus"}"#).await;
    assert!(said.contains("InvalidResourceGroupLocation"), "{said}");
}

#[tokio::test]
async fn other_tenants_data_is_refused() {
    let lab = Lab::new().await;
    let config = crate::Config {
        clock: Arc::new(FixedClock::default()),
        entropy: Arc::new(testkit::SeededEntropy::new(1)),
        tenant_id: "99999999-9999-9999-9999-999999999999".into(),
        subscriptions: vec![],
        owner: crate::OwnerPrincipal { client_id: super::OWNER.into(), secret: api::Redacted::new("x".into()) },
        signing_key: super::entra_key().into(),
        issuers: Arc::new(super::Issuers),
        pace: crate::Pace::Real,
        taken_names: vec![],
        clusters: Arc::new(crate::NoClusters),
        kubernetes_versions_of: None,
        strangers: crate::Strangers::Refused,
        vcpu_quota: None,
        faults: None,
    };
    let error = crate::Twin::open(lab.space.clone(), config).await.expect_err("refused");
    assert!(error.to_string().contains("belongs to tenant 1111"), "{error}");
}

#[tokio::test]
async fn a_read_writes_nothing() {
    let mut lab = Lab::new().await;
    lab.run(SETUP).await;
    let revision = lab.space.revision();
    lab.run("GET {sub}/resourceGroups/rg1?api-version=2020-06-01\nGET {sub}/resources?api-version=2024-11-01\nwait 100\nGET {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1?api-version=2023-07-01").await;
    assert_eq!(lab.space.revision(), revision);
}

#[tokio::test]
async fn a_fork_of_the_space_is_a_twin_of_its_own() {
    let mut lab = Lab::new().await;
    lab.run(SETUP).await;
    let space = store::Memory::new().fork_of("head", lab.space.as_ref()).expect("forks");
    let mut fork = Lab::over(space, lab.clock.clone(), 2).await;
    assert_eq!(fork.twin.resources(), lab.twin.resources());
    fork.run("DELETE {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1?api-version=2023-07-01").await;
    assert_ne!(fork.twin.resources(), lab.twin.resources());
    let said =
        lab.run("GET {sub}/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/kv1?api-version=2023-07-01").await;
    assert!(said.contains("-> 200"), "{said}");
}

#[tokio::test]
async fn the_owner_gets_in_with_the_configured_secret_only() {
    let lab = Lab::new().await;
    let mut config_of_another_day = Lab::over(lab.space.clone(), lab.clock.clone(), 2).await;
    let said = config_of_another_day.run("GET /subscriptions?api-version=2022-12-01").await;
    assert!(said.contains("SUB"), "{said}");
    let stored = lab.space.list("", None, None, 0).expect("lists");
    assert!(stored.items.iter().all(|item| {
        let value = String::from_utf8_lossy(&item.value).into_owned();
        !value.contains(super::OWNER_SECRET)
    }));
}

#[tokio::test]
async fn the_router_takes_the_host_from_the_header() {
    use tower::ServiceExt;
    let lab = Lab::new().await;
    let ask = async |host: &str, path: &str| {
        let request = http::Request::get(path).header("host", host).body(axum::body::Body::empty()).expect("a request");
        let answer = lab.twin.router().oneshot(request).await.expect("answers");
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    };
    let (status, body) = ask("login.microsoftonline.com:443", "/common/discovery/instance").await;
    assert!(status == 200 && body.contains("tenant_discovery_endpoint"), "{body}");
    let (status, body) = ask("management.azure.com", "/subscriptions?api-version=2022-12-01").await;
    assert!(status == 401 && body.contains("AuthenticationFailed"), "{body}");
    assert_eq!(ask("169.254.169.254", "/metadata").await.0, 404);
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let lab = Lab::new().await;
    let body = "x".repeat((4 << 20) + 1);
    let answer = lab.send("management.azure.com", "PUT", "/subscriptions/x?api-version=1", &[], &body).await;
    assert_eq!(answer.status(), 413);
}
