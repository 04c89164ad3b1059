use expect_test::expect;
use serde_json::Value;

use super::{ISSUER, Lab, OWNER, OWNER_SECRET, TENANT};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const SCOPE: &str = "https://management.azure.com//.default";

fn said((status, body): (u16, Value)) -> String {
    let text = body["error_description"].as_str().unwrap_or("a token");
    let text = text.split(" Trace ID").next().unwrap_or_default();
    format!("{status} {} {text}\n", body["error"].as_str().unwrap_or("-"))
        .replace(TENANT, "TENANT")
        .replace(OWNER, "OWNER")
}

#[tokio::test]
async fn every_refusal_of_the_token_endpoint() {
    let mut lab = Lab::new().await;
    lab.identity("akspe").await;
    let client = lab.property("akspe", "clientId");
    let mut text = String::new();
    let secret = async |id: &str, secret: &str, scope: &str| {
        said(
            lab.token_request(&[
                ("grant_type", "client_credentials"),
                ("client_id", id),
                ("client_secret", secret),
                ("scope", scope),
            ])
            .await,
        )
    };
    text.push_str(&secret(OWNER, OWNER_SECRET, SCOPE).await);
    text.push_str(&secret(OWNER, "wrong", SCOPE).await);
    text.push_str(&secret("99999999-9999-9999-9999-999999999999", "wrong", SCOPE).await);
    text.push_str(&secret(&client, "wrong", SCOPE).await.replace(&client, "AKSPE"));
    text.push_str(&secret(OWNER, OWNER_SECRET, "https://management.azure.com/").await);
    text.push_str(&secret(OWNER, OWNER_SECRET, "https://contoso.example/.default").await);
    text.push_str(&said(lab.token_request(&[("client_id", OWNER)]).await));
    text.push_str(&said(lab.token_request(&[("grant_type", "password"), ("client_id", OWNER)]).await));
    text.push_str(&said(
        lab.token_request(&[("grant_type", "client_credentials"), ("client_id", OWNER), ("scope", SCOPE)]).await,
    ));

    expect![[r#"
        200 - a token
        401 invalid_client AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app 'OWNER'.
        400 unauthorized_client AADSTS700016: Application with identifier '99999999-9999-9999-9999-999999999999' was not found in the directory 'TENANT'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.
        401 invalid_client AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app 'AKSPE'.
        400 invalid_scope AADSTS1002012: The provided value for scope https://management.azure.com/ is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).
        400 invalid_resource AADSTS500011: The resource principal named https://contoso.example was not found in the tenant named TENANT. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.
        400 invalid_request AADSTS900144: The request body must contain the following parameter: 'grant_type'.
        400 unsupported_grant_type AADSTS70003: The app requested an unsupported grant type 'password'.
        401 invalid_client AADSTS7000216: 'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.
    "#]].assert_eq(&text);
}

/// Changes to the claims of a good token.
type Change = fn(&mut Value);

#[tokio::test]
async fn every_refusal_of_a_federated_token() {
    let mut lab = Lab::new().await;
    lab.identity("akspe").await;
    lab.identity("lonely").await;
    let drop = "DELETE {sub}/resourceGroups/rg-ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/lonely/federatedIdentityCredentials/test?api-version=2023-01-31";
    lab.run(drop).await;
    let client = lab.property("akspe", "clientId");
    let lonely = lab.property("lonely", "clientId");
    let mut text = String::new();
    let federated = async |client: &str, assertion: &str| {
        said(
            lab.token_request(&[
                ("grant_type", "client_credentials"),
                ("client_id", client),
                ("client_assertion_type", ASSERTION),
                ("client_assertion", assertion),
                ("scope", SCOPE),
            ])
            .await,
        )
    };
    const SUBJECT: &str = "system:serviceaccount:test:akspe";
    let good = lab.projected(SUBJECT, |_| {});
    text.push_str(&federated(&client, &good).await);
    text.push_str(&federated(&lonely, &good).await.replace(&lonely, "LONELY"));
    text.push_str(&federated(&client, "nonsense").await);
    let cases: [(&str, Change); 8] = [
        ("system:serviceaccount:test:other", |_| {}),
        ("system:serviceaccount:test:AKSPE", |_| {}),
        (SUBJECT, |claims| claims["iss"] = "https://oidc.windlass.test/mgmt".into()),
        (SUBJECT, |claims| claims["aud"] = "https://kubernetes.default.svc".into()),
        (SUBJECT, |claims| claims["exp"] = 1_700_000_000.into()),
        (SUBJECT, |claims| claims["nbf"] = 1_900_000_000.into()),
        (SUBJECT, |claims| claims["iss"] = Value::Null),
        (SUBJECT, |claims| claims["aud"] = "api://AzureADTokenExchange".into()),
    ];
    for (subject, change) in cases {
        text.push_str(&federated(&client, &lab.projected(subject, change)).await);
    }
    let (head, _) = good.rsplit_once('.').expect("three parts");
    let other = lab.projected("x", |_| {});
    let forged = format!("{head}.{}", other.rsplit('.').next().unwrap_or_default());
    text.push_str(&federated(&client, &forged).await);
    let foreign = jose::sign(
        &super::entra_key(),
        &serde_json::json!({"iss": ISSUER, "sub": SUBJECT, "aud": "api://AzureADTokenExchange", "exp": 1_900_000_000}),
    );
    text.push_str(&federated(&client, &foreign.expect("signs")).await);
    expect![[r#"
        200 - a token
        401 invalid_client AADSTS70025: The client 'LONELY'(lonely) has no configured federated identity credentials.
        400 invalid_request AADSTS50027: JWT token is invalid or malformed.
        401 invalid_client AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:test:other'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation
        401 invalid_client AADSTS7002138: No matching federated identity record found for presented assertion subject 'system:serviceaccount:test:AKSPE'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation
        401 invalid_client AADSTS700211: No matching federated identity record found for presented assertion issuer 'https://oidc.windlass.test/mgmt'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation
        401 invalid_client AADSTS700212: No matching federated identity record found for presented assertion audience 'https://kubernetes.default.svc'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation
        401 invalid_client AADSTS700024: Client assertion is not within its valid time range. Current time: 2025-06-01T12:00:00Z, assertion valid from 2025-06-01T12:00:00Z, expiry time of assertion 2023-11-14T22:13:20Z. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .
        401 invalid_client AADSTS700024: Client assertion is not within its valid time range. Current time: 2025-06-01T12:00:00Z, assertion valid from 2030-03-17T17:46:40Z, expiry time of assertion 2025-06-01T13:00:00Z. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .
        401 invalid_client AADSTS700211: No matching federated identity record found for presented assertion issuer ''. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation
        200 - a token
        401 invalid_client AADSTS700027: Client assertion failed signature validation. [Reason - The provided signature value did not match the expected signature value.]
        401 invalid_client AADSTS700027: Client assertion failed signature validation. [Reason - The key was not found.]
    "#]].assert_eq(&text);
}

#[tokio::test]
async fn an_issuer_whose_keys_cannot_be_read() {
    let mut lab = Lab::new().await;
    lab.identity("akspe").await;
    let id = "{sub}/resourceGroups/rg-ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/akspe/federatedIdentityCredentials/gone";
    lab.run(&format!(
        r#"PUT {id}?api-version=2023-01-31 {{"properties": {{"issuer": "https://gone.example/", "subject": "s", "audiences": ["api://AzureADTokenExchange"]}}}}"#
    ))
    .await;
    let token = lab.projected("s", |claims| claims["iss"] = "https://gone.example/".into());
    let answer = lab
        .token_request(&[
            ("grant_type", "client_credentials"),
            ("client_id", &lab.property("akspe", "clientId")),
            ("client_assertion_type", ASSERTION),
            ("client_assertion", &token),
            ("scope", SCOPE),
        ])
        .await;
    expect![[r#"
        400 invalid_request AADSTS50166: Request to External OIDC endpoint failed.
    "#]]
    .assert_eq(&said(answer));
}

#[tokio::test]
async fn tokens_say_who_and_for_what() {
    let mut lab = Lab::new().await;
    lab.identity("akspe").await;
    lab.current = "akspe".into();
    let token = lab.token("https://management.azure.com/").await;
    let mut claims = jose::unverified_claims(&token).expect("claims");
    for made_up in ["oid", "sub", "appid", "uti"] {
        assert!(claims[made_up].as_str().is_some_and(crate::arm::errors::is_guid), "{made_up}");
        claims[made_up] = "GUID".into();
    }
    expect![[r#"
        {
          "appid": "GUID",
          "appidacr": "2",
          "aud": "https://management.azure.com/",
          "exp": 1748782800,
          "iat": 1748779200,
          "idp": "https://sts.windows.net/TENANT/",
          "idtyp": "app",
          "iss": "https://sts.windows.net/TENANT/",
          "nbf": 1748779200,
          "oid": "GUID",
          "sub": "GUID",
          "tid": "TENANT",
          "uti": "GUID",
          "ver": "1.0",
          "xms_mirid": "/subscriptions/SUB/resourcegroups/rg-ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/akspe"
        }"#]].assert_eq(&serde_json::to_string_pretty(&claims).expect("text").replace(TENANT, "TENANT").replace(super::SUB, "SUB"));
}

#[tokio::test]
async fn documents_of_the_login_host() {
    let lab = Lab::new().await;
    let get = async |path: String| {
        let answer = lab.send("login.microsoftonline.com", "GET", &path, &[], "").await;
        (answer.status().as_u16(), serde_json::from_slice::<Value>(answer.body()).unwrap_or_default())
    };
    let (status, document) = get(format!("/{TENANT}/v2.0/.well-known/openid-configuration")).await;
    assert_eq!(status, 200);
    assert_eq!(document["token_endpoint"], format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"));
    let (_, keys) = get(format!("/{TENANT}/discovery/v2.0/keys")).await;
    assert_eq!(keys["keys"][0]["kid"], super::entra_key().id());
    assert_eq!(get("/99999999-9999-9999-9999-999999999999/v2.0/.well-known/openid-configuration".into()).await.0, 400);
    assert_eq!(lab.send("contoso.example", "GET", "/", &[], "").await.status(), 404);
}
