use std::{collections::VecDeque, sync::Arc};

use actions::{ArmMethod, ArmOperation, ArmRequest, OperationStyle};
use api::{
    Redacted,
    env::{Clock, Entropy},
};
use bytes::Bytes;
use expect_test::{Expect, expect};
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde_json::json;
use tower::util::BoxCloneSyncService;

use crate::{Client, Credential, Endpoints, Guard, LiveSettings, Poll, Transport, TransportError, live_transport};

#[derive(Debug, Default)]
struct Hand(Mutex<i64>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        "2026-01-01T00:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_secs(*self.0.lock())
    }
}

#[derive(Debug)]
struct Zero;

impl Entropy for Zero {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// A peer that gives scripted answers and writes down what it was asked.
#[derive(Default)]
struct Peer {
    answers: Mutex<VecDeque<Response<Bytes>>>,
    log: Mutex<String>,
    clock: Arc<Hand>,
}

fn answer(status: u16, headers: &[(&str, &str)], body: serde_json::Value) -> Response<Bytes> {
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    builder.body(Bytes::from(body)).expect("an answer")
}

fn token(n: u32) -> Response<Bytes> {
    answer(200, &[], json!({"token_type": "Bearer", "expires_in": 3599, "access_token": format!("token-{n}")}))
}

impl Peer {
    fn with(answers: impl IntoIterator<Item = Response<Bytes>>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() })
    }

    fn client(self: &Arc<Self>, guard: Guard) -> Client {
        let peer = self.clone();
        let transport: Transport = BoxCloneSyncService::new(tower::service_fn(move |request: Request<Bytes>| {
            let peer = peer.clone();
            async move {
                let auth = request.headers().get("authorization").and_then(|value| value.to_str().ok());
                let line = format!(
                    "{} {} {}{}\n",
                    request.method(),
                    request.uri(),
                    auth.map(|auth| format!("[{auth}] ")).unwrap_or_default(),
                    String::from_utf8_lossy(request.body())
                );
                peer.log.lock().push_str(&line);
                tokio::task::yield_now().await;
                peer.answers.lock().pop_front().ok_or_else(|| TransportError("connection refused".into()))
            }
        }));
        Client::new(transport, Endpoints::default(), guard, self.clock.clone(), Arc::new(Zero))
    }

    fn check(&self, expected: Expect) {
        expected.assert_eq(&self.log.lock());
    }
}

fn secret() -> Credential {
    Credential::ClientSecret {
        tenant: "11111111-1111-1111-1111-111111111111".into(),
        client_id: "22222222-2222-2222-2222-222222222222".into(),
        secret: Redacted::new("s3cr&t".into()),
    }
}

fn get(id: &str) -> ArmRequest {
    ArmRequest { method: ArmMethod::Get, id: id.into(), api_version: "2020-06-01".into(), body: None }
}

fn put(id: &str) -> ArmRequest {
    ArmRequest { method: ArmMethod::Put, body: Some(json!({"location": "westus3"})), ..get(id) }
}

const GROUP: &str = "/subscriptions/S1/resourceGroups/rg1";

#[tokio::test]
async fn a_token_is_exchanged_once_and_refreshed_five_minutes_before_its_end() {
    let peer = Peer::with([
        token(1),
        answer(200, &[], json!({"id": GROUP})),
        answer(200, &[], json!({})),
        token(2),
        answer(200, &[("x-ms-correlation-request-id", "c-1")], json!({})),
    ]);
    let client = peer.client(Guard::unrestricted());
    let credential = Credential::WorkloadIdentity {
        tenant: "t.example".into(),
        client_id: "app".into(),
        token: Redacted::new("a.b.c\n".into()),
    };
    client.send(&credential, &get(GROUP)).await.expect("answers");
    *peer.clock.0.lock() = 3298;
    client.send(&credential, &get(GROUP)).await.expect("answers");
    *peer.clock.0.lock() = 3299;
    let answer = client.send(&credential, &get("/subscriptions/S1/resourceGroups/rg (1)")).await.expect("answers");
    assert_eq!(answer.correlation_id, "c-1");
    peer.check(expect![[r#"
        POST https://login.microsoftonline.com/t.example/oauth2/v2.0/token client_id=app&grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F%2F.default&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=a.b.c
        GET https://management.azure.com/subscriptions/S1/resourceGroups/rg1?api-version=2020-06-01 [Bearer token-1] 
        GET https://management.azure.com/subscriptions/S1/resourceGroups/rg1?api-version=2020-06-01 [Bearer token-1] 
        POST https://login.microsoftonline.com/t.example/oauth2/v2.0/token client_id=app&grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F%2F.default&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=a.b.c
        GET https://management.azure.com/subscriptions/S1/resourceGroups/rg%20(1)?api-version=2020-06-01 [Bearer token-2] 
    "#]]);
}

#[tokio::test]
async fn concurrent_callers_share_one_exchange() {
    let peer = Peer::with([token(1), answer(200, &[], json!({})), answer(200, &[], json!({}))]);
    let client = peer.client(Guard::unrestricted());
    let (credential, request) = (secret(), get(GROUP));
    let (one, two) = tokio::join!(client.send(&credential, &request), client.send(&credential, &request));
    one.and(two).expect("both answer");
    assert_eq!(peer.log.lock().matches("oauth2").count(), 1);
}

#[tokio::test]
async fn a_rejected_token_is_replaced_once() {
    let expired = || answer(401, &[], json!({"error": {"code": "ExpiredAuthenticationToken", "message": "expired"}}));
    let peer = Peer::with([token(1), expired(), token(2), expired()]);
    let client = peer.client(Guard::unrestricted());
    let error = client.send(&secret(), &get(GROUP)).await.expect_err("the second refusal stays");
    assert_eq!((error.status, error.code.as_str()), (401, "ExpiredAuthenticationToken"));
    assert_eq!(peer.log.lock().matches("oauth2").count(), 2);
}

#[tokio::test]
async fn failures_of_every_layer_are_arm_errors() {
    let check = async |answers: Vec<Response<Bytes>>, expected: Expect| {
        let peer = Peer::with(answers);
        let error = peer.client(Guard::unrestricted()).send(&secret(), &get(GROUP)).await.expect_err("fails");
        expected.assert_eq(&format!("{} {error} | {:?}", error.status, error.class()));
        assert!(!format!("{error:?}").contains("s3cr"), "no secret in an error");
    };
    check(
        vec![],
        expect!["0 TransportError: no answer from login.microsoftonline.com: connection refused | Transient"],
    )
    .await;
    let entra = json!({"error": "invalid_client", "error_codes": [7000215], "correlation_id": "c",
        "error_description": "AADSTS7000215: Invalid client secret provided. Trace ID: x\r\nTimestamp: y"});
    check(vec![answer(401, &[], entra)], expect!["401 AADSTS7000215: Invalid client secret provided. | Denied"]).await;
    let html = Response::builder().status(502).body(Bytes::from("<html>")).expect("an answer");
    check(
        vec![token(1), html],
        expect!["502 Http502: Azure answered 502 Bad Gateway without an error body that could be read | Transient"],
    )
    .await;
    let throttled =
        answer(429, &[("retry-after", "17")], json!({"error": {"code": "TooManyRequests", "message": "slow"}}));
    check(vec![token(1), throttled], expect!["429 TooManyRequests: slow | Throttled { after: 17s }"]).await;
    let detailed = json!({"error": {"code": "BadRequest", "message": "no",
        "details": [{"code": "InvalidSku", "message": "sku is wrong"}]}});
    check(
        vec![token(1), answer(400, &[], detailed)],
        expect!["400 BadRequest: no (InvalidSku: sku is wrong) | Invalid"],
    )
    .await;
    check(
        vec![token(1), answer(404, &[], json!(null))],
        expect!["404 NotFound: Azure answered 404 Not Found without an error body that could be read | Transient"],
    )
    .await;
}

#[tokio::test]
async fn the_three_styles_of_long_running_operations() {
    let follow = async |first: Response<Bytes>, polls: Vec<Response<Bytes>>, expected: Expect| {
        let peer = Peer::with([token(1), first].into_iter().chain(polls));
        let client = peer.client(Guard::unrestricted());
        let answer = client.send(&secret(), &put(GROUP)).await.expect("accepted");
        let mut text = format!("{} {:?} after {:?}\n", answer.status, answer.operation, answer.retry_after_secs);
        let mut next = answer.operation.filter(|operation| !operation.url.is_empty());
        while let Some(operation) = next.take() {
            match client.poll(&secret(), &operation).await {
                Ok(Poll::InProgress { retry_after_secs, operation }) => {
                    text.push_str(&format!("in progress, after {retry_after_secs:?}: {}\n", operation.url));
                    next = Some(operation);
                }
                Ok(Poll::Done(answer)) => text.push_str(&format!("done: {}\n", answer.status)),
                Err(error) => text.push_str(&format!("failed: {} {error}\n", error.status)),
            }
        }
        expected.assert_eq(&text);
    };
    let operation = "https://management.azure.com/subscriptions/s/operations/1?api-version=v";
    follow(
        answer(201, &[("azure-asyncoperation", operation), ("retry-after-ms", "20"), ("retry-after", "0.02")], json!({})),
        vec![
            answer(200, &[("retry-after", "Thu, 01 Jan 2026 00:00:30 GMT")], json!({"status": "InProgress"})),
            answer(200, &[], json!({"status": "Failed", "error": {"code": "QuotaExceeded", "message": "no cores"}})),
        ],
        expect![[r#"
            201 Some(ArmOperation { style: AzureAsyncOperation, url: "https://management.azure.com/subscriptions/s/operations/1?api-version=v", method: Put }) after Some(0)
            in progress, after Some(30): https://management.azure.com/subscriptions/s/operations/1?api-version=v
            failed: 200 QuotaExceeded: no cores
        "#]],
    )
    .await;
    let moved = "https://management.azure.com/moved";
    follow(
        answer(202, &[("location", operation)], json!(null)),
        vec![answer(202, &[("location", moved)], json!(null)), answer(204, &[], json!(null))],
        expect![[r#"
            202 Some(ArmOperation { style: Location, url: "https://management.azure.com/subscriptions/s/operations/1?api-version=v", method: Put }) after None
            in progress, after None: https://management.azure.com/moved
            done: 204
        "#]],
    )
    .await;
    let body = json!({"properties": {"provisioningState": "RegisteringDns"}});
    follow(
        answer(200, &[], body),
        vec![],
        expect![[r#"
        200 Some(ArmOperation { style: ResourceBody, url: "", method: Put }) after None
    "#]],
    )
    .await;
}

#[tokio::test]
async fn urls_that_lead_elsewhere_are_not_followed() {
    let peer = Peer::with([]);
    let client = peer.client(Guard::unrestricted());
    for url in [
        "http://management.azure.com/x",
        "https://169.254.169.254/metadata",
        "https://management.azure.com:8443/x",
        "https://management.azure.com@evil.example/x",
        "https://u@management.azure.com/x",
        "/relative",
        "",
    ] {
        let operation = ArmOperation { style: OperationStyle::Location, url: url.into(), method: ArmMethod::Delete };
        let error = client.poll(&secret(), &operation).await.expect_err("refused");
        assert_eq!(error.code, "ForeignUrl", "{url}");
    }
    for id in ["subscriptions/s", "/subscriptions/../x", "/subscriptions//x", "/a?b", "/a#b", "/"] {
        let error = client.send(&secret(), &get(id)).await.expect_err("refused");
        assert_eq!(error.code, "InvalidResourceId", "{id}");
    }
    peer.check(expect![[""]]);
}

#[tokio::test]
async fn pages_are_followed_on_the_management_host_only() {
    let peer = Peer::with([
        token(1),
        answer(200, &[], json!({"value": [1, 2], "nextLink": "https://management.azure.com/next?$skiptoken=2"})),
        answer(200, &[], json!({"value": [3], "nextLink": "https://evil.example/"})),
    ]);
    let client = peer.client(Guard::unrestricted());
    let error = client.list(&secret(), "/subscriptions/s/resources", "v", &[("$filter", "name eq 'a'")]).await;
    assert_eq!(error.expect_err("the second link leads away").code, "ForeignUrl");
    peer.check(expect![[r#"
        POST https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/oauth2/v2.0/token client_id=22222222-2222-2222-2222-222222222222&grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F%2F.default&client_secret=s3cr%26t
        GET https://management.azure.com/subscriptions/s/resources?api-version=v&$filter=name%20eq%20%27a%27 [Bearer token-1] 
        GET https://management.azure.com/next?$skiptoken=2 [Bearer token-1] 
    "#]]);
}

#[tokio::test]
async fn writes_are_refused_until_their_subscription_is_named() {
    let peer = Peer::with([]);
    let check = async |guard: &Guard, method: ArmMethod, id: &str, expected: &str| {
        let request = ArmRequest { method, ..put(id) };
        let error = peer.client(guard.clone()).send(&secret(), &request).await.expect_err("nobody answers");
        assert_eq!(error.code, expected, "{method} {id}: {error}");
    };
    let none = Guard::default();
    check(&none, ArmMethod::Delete, GROUP, "WritesNotAllowed").await;
    check(&none, ArmMethod::Get, GROUP, "TransportError").await;
    check(&Guard::new(["s2"], true), ArmMethod::Put, GROUP, "WritesNotAllowed").await;
    let read_only = Guard::new([] as [&str; 0], true);
    check(&read_only, ArmMethod::Put, GROUP, "WritesNotAllowed").await;
    check(&read_only, ArmMethod::Post, "/subscriptions/s1/x/listKeys", "TransportError").await;
    check(&read_only, ArmMethod::Post, "/subscriptions/s1/x/regenerateKey", "WritesNotAllowed").await;
    let writes = Guard::new(["s1"], false);
    check(&writes, ArmMethod::Put, GROUP, "TransportError").await;
    check(&writes, ArmMethod::Delete, GROUP, "DeletesNotAllowed").await;
    check(&writes, ArmMethod::Post, "/subscriptions/s1/deletedVaults/v/purge", "DeletesNotAllowed").await;
    check(&writes, ArmMethod::Put, "/providers/Microsoft.Management/managementGroups/m", "WritesNotAllowed").await;
    check(&Guard::new(["s1"], true), ArmMethod::Delete, GROUP, "TransportError").await;
}

#[tokio::test]
async fn credentials_that_are_not_served_are_refused_by_name() {
    let client = Peer::with([]).client(Guard::unrestricted());
    let error = client.send(&Credential::ManagedIdentity { client_id: None }, &get(GROUP)).await.expect_err("refused");
    expect!["CredentialNotSupported: managed identities of the machine cannot be used as a credential yet: use workload identity or a client secret"]
        .assert_eq(&error.to_string());
    let odd = Credential::ClientSecret {
        tenant: "../x".into(),
        client_id: "c".into(),
        secret: Redacted::new("hidden".into()),
    };
    let error = client.send(&odd, &get(GROUP)).await.expect_err("refused");
    assert_eq!(error.code, "InvalidTenant");
    assert!(!format!("{odd:?}").contains("hidden"));
}

#[test]
fn endpoints_are_https_origins() {
    assert!(Endpoints::new("https://a:8443/", "https://b", "https://c/").is_ok());
    for bad in ["http://a", "https://a/path", "https://u@a", "https://a?x", "a"] {
        assert!(Endpoints::new(bad, "https://b", "https://c/").is_err(), "{bad}");
    }
    let settings = LiveSettings { proxy: Some("https://p".into()), ..LiveSettings::default() };
    assert!(live_transport(&settings).is_err());
    let no_proxy = vec![".vault.example".to_string(), "localhost".into()];
    assert!(api::transport::bypasses(&no_proxy, "a.Vault.example"));
    assert!(!api::transport::bypasses(&no_proxy, "notlocalhost"));
}
