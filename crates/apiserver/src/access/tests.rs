use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use api::{
    ObjectExt, Redacted,
    env::{Clock, Entropy},
};
use axum::{Extension, Router, body::Body};
use bytes::Bytes;
use expect_test::{Expect, expect};
use http::Request;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{Access, Identity, Impersonator, Keys, PeerCertificate, Reader, Settings, StaticToken, rbac, review};
use crate::rest::RequestInfo;

type Key = (String, String, String, String);
type Kept = BTreeMap<Key, (u64, Value)>;

/// Stored objects in a map.
#[derive(Debug, Default)]
pub(crate) struct Fake(Mutex<(u64, Kept)>);

impl Fake {
    pub(crate) fn put(&self, group: &str, resource: &str, object: Value) {
        let mut fake = self.0.lock();
        fake.0 += 1;
        let revision = fake.0;
        let (namespace, name) = (object.namespace().unwrap_or_default(), object.name().expect("a name"));
        fake.1.insert((group.into(), resource.into(), namespace.into(), name.into()), (revision, object.clone()));
    }

    pub(crate) fn remove(&self, group: &str, resource: &str, namespace: &str, name: &str) {
        let mut fake = self.0.lock();
        fake.0 += 1;
        let gone = fake.1.remove(&(group.into(), resource.into(), namespace.into(), name.into()));
        assert!(gone.is_some(), "{resource} {name} was there");
    }
}

impl Reader for Fake {
    fn revision(&self) -> u64 {
        self.0.lock().0
    }
    fn list(&self, group: &str, resource: &str) -> Vec<(u64, Bytes)> {
        let fake = self.0.lock();
        let of = fake.1.iter().filter(|((g, r, ..), _)| g == group && r == resource);
        of.map(|(_, (revision, object))| (*revision, object.to_string().into())).collect()
    }
    fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<Value> {
        let key = (String::new(), resource.into(), namespace.into(), name.into());
        self.0.lock().1.get(&key).map(|(_, object)| object.clone())
    }
}

#[derive(Debug)]
struct Hands(Mutex<i64>);

impl Clock for Hands {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(*self.0.lock()).expect("a time")
    }
}

/// The same bytes in every run; good enough to find primes with.
#[derive(Debug)]
struct Counter(Mutex<u64>);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        let mut n = self.0.lock();
        for byte in bytes {
            *n = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
            *byte = (*n ^ (*n >> 29)).to_le_bytes()[5];
        }
    }
}

const ISSUER: &str = "https://oidc.windlass.test/up/";

fn key(seed: u64) -> Arc<jose::SigningKey> {
    static KEYS: OnceLock<Mutex<BTreeMap<u64, Arc<jose::SigningKey>>>> = OnceLock::new();
    let mut keys = KEYS.get_or_init(Mutex::default).lock();
    let make = || Arc::new(jose::SigningKey::generate(&Counter(Mutex::new(seed << 44))).expect("a key"));
    keys.entry(seed).or_insert_with(make).clone()
}

struct Cluster {
    fake: Arc<Fake>,
    clock: Arc<Hands>,
    access: Access,
}

/// A cluster with the bootstrap policy, service account `default/robot`, and a static token `s3cret` of the admin.
fn cluster() -> Cluster {
    let fake = Arc::new(Fake::default());
    let clock = Arc::new(Hands(Mutex::new(1_800_000_000)));
    for role in rbac::bootstrap::cluster_roles() {
        fake.put(rbac::GROUP, "clusterroles", role);
    }
    for binding in rbac::bootstrap::cluster_role_bindings() {
        fake.put(rbac::GROUP, "clusterrolebindings", binding);
    }
    fake.put("", "serviceaccounts", json!({"metadata": {"namespace": "default", "name": "robot", "uid": "u-1"}}));
    let settings = Settings {
        clock: clock.clone(),
        entropy: Arc::new(Counter(Mutex::new(1))),
        issuer: ISSUER.into(),
        audiences: vec![ISSUER.into()],
        keys: Keys::lazy(|| Ok(key(7))),
        static_tokens: vec![StaticToken { token: Redacted::new("s3cret".into()), identity: Identity::admin() }],
        token_secs_max: 7200,
    };
    Cluster { access: Access::new(fake.clone(), settings), fake, clock }
}

impl Cluster {
    fn token(&self, spec: Value) -> String {
        let answer = self.access.issue_token("default", "robot", json!({"spec": spec})).expect("a token");
        answer["status"]["token"].as_str().expect("a token").to_string()
    }

    fn allow_robot(&self, rules: Value) {
        let role = json!({"metadata": {"name": "robot"}, "rules": rules});
        self.fake.put(rbac::GROUP, "clusterroles", role);
        let binding = json!({
            "metadata": {"name": "robot"},
            "roleRef": {"kind": "ClusterRole", "name": "robot"},
            "subjects": [{"kind": "ServiceAccount", "namespace": "default", "name": "robot"}],
        });
        self.fake.put(rbac::GROUP, "clusterrolebindings", binding);
    }

    /// Sends a GET over the network's middleware; the handler behind it says who it was called as.
    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        send(self.access.protect(echo()), path, headers, None).await
    }
}

fn echo() -> Router {
    Router::new().fallback(|Extension(identity): Extension<Identity>, request: axum::extract::Request| async move {
        let by = request.extensions().get::<Impersonator>().map(|by| format!(" by {}", by.0.user)).unwrap_or_default();
        assert!(
            request.headers().keys().all(|name| name != "authorization" && !name.as_str().starts_with("impersonate"))
        );
        format!("{} {:?}{by}", identity.user, identity.groups)
    })
}

async fn send(
    router: Router,
    path: &str,
    headers: &[(&str, &str)],
    certificate: Option<PeerCertificate>,
) -> (u16, String) {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).expect("a request");
    if let Some(certificate) = certificate {
        request.extensions_mut().insert(certificate);
    }
    let response = router.oneshot(request).await.expect("infallible");
    let code = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    let text = String::from_utf8_lossy(&body).into_owned();
    let message =
        serde_json::from_str::<Value>(&text).ok().and_then(|value| Some(value.get("message")?.as_str()?.to_string()));
    (code, message.unwrap_or(text))
}

#[tokio::test]
async fn anonymous_gets_health_and_oidc_documents_and_nothing_else() {
    let cluster = cluster();
    for path in ["/api/v1/namespaces", "/apis", "/openapi/v3", "/metrics", "/", "/readyz/etcd"] {
        assert_eq!(cluster.get(path, &[]).await, (401, "Unauthorized".into()), "{path}");
    }
    for path in ["/livez", "/readyz", "/healthz", "/version"] {
        assert_eq!(cluster.get(path, &[]).await.0, 200, "{path}");
    }
    let (code, document) = cluster.get("/.well-known/openid-configuration", &[]).await;
    assert_eq!(code, 200);
    expect![[r#"{"id_token_signing_alg_values_supported":["RS256"],"issuer":"https://oidc.windlass.test/up/","jwks_uri":"https://oidc.windlass.test/up/openid/v1/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"]}"#]]
        .assert_eq(&document);
    let (code, keys) = cluster.get("/openid/v1/jwks", &[]).await;
    assert_eq!((code, keys.contains("\"kty\":\"RSA\""), keys.contains("\"d\"")), (200, true, false));
}

#[tokio::test]
async fn wrong_credentials_are_never_anonymous() {
    let cluster = cluster();
    for value in ["Bearer wrong", "Bearer", "Basic YTpi", "Bearer a.b.c", "s3cret", "Bearer s3cre", "Bearer s3cret1"] {
        assert_eq!(cluster.get("/livez", &[("authorization", value)]).await, (401, "Unauthorized".into()), "{value}");
    }
    let (code, who) = cluster.get("/api/v1/nodes", &[("authorization", "bearer s3cret")]).await;
    assert_eq!((code, who.as_str()), (200, r#"kubernetes-admin ["system:masters", "system:authenticated"]"#));
}

#[tokio::test]
async fn a_client_certificate_names_user_and_group() {
    let cluster = cluster();
    let dir = tempfile::tempdir().expect("a directory");
    let now = jiff::Timestamp::from_second(1_800_000_000).expect("a time");
    let authority =
        crate::pki::Authority::open(dir.path(), &crate::pki::Profile::cluster(&[]), now).expect("an authority");
    let certificate = |user: &str, group: &str| {
        let pair = authority.client(user, Some(group), now).expect("a certificate");
        PeerCertificate(pair.der().expect("DER").into())
    };
    let admin = certificate("ann", "system:masters");
    let (code, who) = send(cluster.access.protect(echo()), "/api/v1/nodes", &[], Some(admin)).await;
    assert_eq!((code, who.as_str()), (200, r#"ann ["system:masters", "system:authenticated"]"#));
    let other = certificate("bob", "dev");
    let (code, why) = send(cluster.access.protect(echo()), "/api/v1/nodes", &[], Some(other)).await;
    assert_eq!(code, 403);
    expect![[r#"nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope"#]]
        .assert_eq(&why);
    let broken = PeerCertificate(vec![1, 2, 3].into());
    assert_eq!(send(cluster.access.protect(echo()), "/livez", &[], Some(broken)).await.0, 401);
}

#[tokio::test]
async fn in_process_calls_have_an_identity_and_no_more_rights() {
    let cluster = cluster();
    let call = async |identity: Identity, headers: &[(&str, &str)]| {
        send(cluster.access.in_process(echo(), identity), "/api/v1/nodes", headers, None).await
    };
    assert_eq!(call(Identity::default(), &[]).await, (401, "Unauthorized".into()), "no user is nobody");
    assert_eq!(call(Identity::anonymous(), &[]).await, (401, "Unauthorized".into()));
    assert_eq!(call(Identity::service_account("default", "robot"), &[]).await.0, 403);
    // A token in the request does not replace the identity that was given.
    let header = [("authorization", "Bearer s3cret")];
    assert_eq!(call(Identity::service_account("default", "robot"), &header).await.0, 403);
    cluster.allow_robot(json!([{"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}]));
    assert_eq!(call(Identity::service_account("default", "robot"), &[]).await.0, 200);
}

#[tokio::test]
async fn a_service_account_token_lives_as_long_as_it_should() {
    let cluster = cluster();
    cluster.allow_robot(json!([{"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}]));
    let token = cluster.token(json!({}));
    let header = format!("Bearer {token}");
    let call = async || cluster.get("/api/v1/nodes", &[("authorization", &header)]).await;
    let (code, who) = call().await;
    assert_eq!(code, 200);
    expect![[r#"system:serviceaccount:default:robot ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"]"#]].assert_eq(&who);

    *cluster.clock.0.lock() += 3599;
    assert_eq!(call().await.0, 200);
    *cluster.clock.0.lock() += 1;
    assert_eq!(call().await, (401, "Unauthorized".into()), "expired");
    *cluster.clock.0.lock() -= 3601;
    assert_eq!(call().await.0, 401, "not yet valid");
    *cluster.clock.0.lock() += 1;
    assert_eq!(call().await.0, 200);

    cluster.fake.put(
        "",
        "serviceaccounts",
        json!({"metadata": {"namespace": "default", "name": "robot", "uid": "u-2"}}),
    );
    assert_eq!(call().await.0, 401, "made anew under the same name");
    cluster.fake.remove("", "serviceaccounts", "default", "robot");
    assert_eq!(call().await, (401, "Unauthorized".into()), "deleted");
}

#[tokio::test]
async fn a_token_of_another_key_issuer_or_audience_is_refused() {
    let cluster = cluster();
    let call = async |token: &str| cluster.get("/livez", &[("authorization", &format!("Bearer {token}"))]).await.0;
    let claims = json!({
        "iss": ISSUER, "aud": [ISSUER], "exp": 1_800_000_100, "sub": "system:serviceaccount:default:robot",
        "kubernetes.io": {"namespace": "default", "serviceaccount": {"name": "robot", "uid": "u-1"}},
    });
    let sign = |key: &jose::SigningKey, changed: &[(&str, Value)]| {
        let mut claims = claims.clone();
        for (claim, value) in changed {
            claims[*claim] = value.clone();
        }
        jose::sign(key, &claims).expect("signs")
    };
    let own = key(7);
    assert_eq!(call(&sign(&own, &[])).await, 200);
    assert_eq!(call(&sign(&key(8), &[])).await, 401, "another key");
    assert_eq!(call(&sign(&own, &[("iss", json!("https://elsewhere/"))])).await, 401);
    assert_eq!(call(&sign(&own, &[("aud", json!("api://AzureADTokenExchange"))])).await, 401);
    assert_eq!(call(&sign(&own, &[("exp", Value::Null)])).await, 401, "no expiry");
    assert_eq!(call(&sign(&own, &[("sub", json!("system:serviceaccount:kube-system:root"))])).await, 401);
    let azure = cluster.token(json!({"audiences": ["api://AzureADTokenExchange"]}));
    assert_eq!(call(&azure).await, 401, "a token for Azure is none for this cluster");
}

#[tokio::test]
async fn a_bound_token_dies_with_its_pod() {
    let cluster = cluster();
    let pod = json!({"metadata": {"namespace": "default", "name": "p", "uid": "p-1"}, "spec": {"serviceAccountName": "robot"}});
    cluster.fake.put("", "pods", pod);
    let header = format!(
        "Bearer {}",
        cluster.token(json!({"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "p-1"}}))
    );
    assert_eq!(cluster.get("/livez", &[("authorization", &header)]).await.0, 200);
    cluster.fake.remove("", "pods", "default", "p");
    assert_eq!(cluster.get("/livez", &[("authorization", &header)]).await.0, 401);
}

#[test]
fn a_token_request_is_answered_as_upstream_answers() {
    let cluster = cluster();
    let mut answer = cluster
        .access
        .issue_token("default", "robot", json!({"spec": {"audiences": ["a"], "expirationSeconds": 100_000}}))
        .expect("a token");
    let token = answer["status"]["token"].as_str().expect("a token").to_string();
    answer["status"]["token"] = json!("...");
    expect![[r#"
        {
          "apiVersion": "authentication.k8s.io/v1",
          "kind": "TokenRequest",
          "metadata": {
            "creationTimestamp": "2027-01-15T08:00:00Z",
            "name": "robot",
            "namespace": "default"
          },
          "spec": {
            "audiences": [
              "a"
            ],
            "expirationSeconds": 7200
          },
          "status": {
            "expirationTimestamp": "2027-01-15T10:00:00Z",
            "token": "..."
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&answer).expect("JSON"));
    let claims = jose::unverified_claims(&token).expect("claims");
    let fields: Vec<&String> = claims.as_object().expect("claims").keys().collect();
    assert_eq!(fields, ["aud", "exp", "iat", "iss", "jti", "kubernetes.io", "nbf", "sub"]);
    expect![[r#"{"namespace":"default","serviceaccount":{"name":"robot","uid":"u-1"}}"#]]
        .assert_eq(&claims["kubernetes.io"].to_string());
}

#[test]
fn a_token_request_that_makes_no_sense_is_refused_by_name() {
    let cluster = cluster();
    cluster.fake.put("", "pods", json!({"metadata": {"namespace": "default", "name": "p", "uid": "p-1"}, "spec": {"serviceAccountName": "other"}}));
    cluster.fake.put("", "secrets", json!({"metadata": {"namespace": "default", "name": "s", "uid": "s-1"}}));
    let check = |name: &str, spec: Value, expected: Expect| {
        let status = cluster.access.issue_token("default", name, json!({"spec": spec})).expect_err("refused");
        expected.assert_eq(&format!("{} {}", status.code, status.message));
    };
    check("nobody", json!({}), expect![[r#"404 serviceaccounts "nobody" not found"#]]);
    check(
        "robot",
        json!({"expirationSeconds": 60}),
        expect![[
            r#"422 TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes"#
        ]],
    );
    let bound = |kind: &str, name: &str, uid: &str| json!({"boundObjectRef": {"apiVersion": "v1", "kind": kind, "name": name, "uid": uid}});
    check(
        "robot",
        bound("Node", "n", ""),
        expect![[r#"400 cannot bind token for serviceaccount "robot" to type v1, Kind=Node"#]],
    );
    check(
        "robot",
        bound("Pod", "p", ""),
        expect![[
            r#"400 cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name."#
        ]],
    );
    check(
        "robot",
        bound("Secret", "s", "s-0"),
        expect![[
            r#"409 Operation cannot be fulfilled on secrets "s": the UID in the bound object reference (s-0) does not match the UID in record. The object might have been deleted and then recreated"#
        ]],
    );
}

#[tokio::test]
async fn impersonation_needs_a_grant_for_every_part() {
    let cluster = cluster();
    let admin = ("authorization", "Bearer s3cret");
    let (code, who) = cluster
        .get(
            "/livez",
            &[admin, ("Impersonate-User", "jane"), ("Impersonate-Group", "dev"), ("Impersonate-Extra-scopes", "x")],
        )
        .await;
    assert_eq!((code, who.as_str()), (200, r#"jane ["dev", "system:authenticated"] by kubernetes-admin"#));
    let (_, who) = cluster.get("/livez", &[admin, ("Impersonate-User", "system:serviceaccount:default:robot")]).await;
    expect![[r#"system:serviceaccount:default:robot ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"] by kubernetes-admin"#]].assert_eq(&who);

    cluster.allow_robot(json!([{"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}]));
    let header = format!("Bearer {}", cluster.token(json!({})));
    let robot = ("authorization", header.as_str());
    assert_eq!(cluster.get("/livez", &[robot, ("Impersonate-User", "jane")]).await.0, 200);
    let (code, why) =
        cluster.get("/livez", &[robot, ("Impersonate-User", "jane"), ("Impersonate-Group", "system:masters")]).await;
    assert_eq!(code, 403);
    expect![[r#"groups "system:masters" is forbidden: User "system:serviceaccount:default:robot" cannot impersonate resource "groups" in API group "" at the cluster scope"#]].assert_eq(&why);
    assert_eq!(cluster.get("/livez", &[admin, ("Impersonate-Group", "dev")]).await.0, 500, "a group of nobody");
    assert_eq!(
        cluster.get("/api/v1/nodes", &[admin, ("Impersonate-User", "jane")]).await.0,
        403,
        "acts as jane, not as admin"
    );
}

fn ask(cluster: &Cluster, identity: &Identity, resource: &str, spec: Value) -> Result<Value, api::status::Status> {
    let group = if resource.contains("access") || resource.contains("rules") {
        "authorization.k8s.io"
    } else {
        "authentication.k8s.io"
    };
    let namespace = if resource.starts_with("local") { "default" } else { "" };
    let info = RequestInfo {
        is_resource: true,
        group: group.into(),
        resource: resource.into(),
        namespace: namespace.into(),
        ..RequestInfo::default()
    };
    review::review(&cluster.access, &info, identity, json!({"spec": spec}))
}

#[test]
fn reviews_answer_what_requests_would_get() {
    let cluster = cluster();
    cluster.allow_robot(json!([{"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}]));
    let robot = Identity::service_account("default", "robot");
    let list_nodes = json!({"resourceAttributes": {"verb": "list", "resource": "nodes"}});
    let answer = ask(&cluster, &robot, "selfsubjectaccessreviews", list_nodes.clone()).expect("an answer");
    assert_eq!(
        (answer["kind"].as_str(), &answer["status"]["allowed"]),
        (Some("SelfSubjectAccessReview"), &json!(true))
    );
    let mut of_jane = list_nodes.clone();
    of_jane["user"] = json!("jane");
    let answer = ask(&cluster, &robot, "subjectaccessreviews", of_jane).expect("an answer");
    assert_eq!(answer["status"], json!({"allowed": false}));
    let mut of_masters = json!({"nonResourceAttributes": {"verb": "get", "path": "/metrics"}});
    of_masters["groups"] = json!(["system:masters"]);
    assert_eq!(
        ask(&cluster, &robot, "subjectaccessreviews", of_masters).expect("an answer")["status"]["allowed"],
        true
    );
    let answer = ask(&cluster, &robot, "selfsubjectrulesreviews", json!({"namespace": "default"})).expect("an answer");
    let rules = answer["status"]["resourceRules"].as_array().expect("rules");
    assert!(rules.contains(&json!({"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]})));
    let answer = ask(&cluster, &robot, "selfsubjectreviews", json!({})).expect("an answer");
    assert_eq!(answer["status"]["userInfo"]["username"], "system:serviceaccount:default:robot");

    let check = |resource: &str, spec: Value, expected: Expect| {
        expected.assert_eq(&ask(&cluster, &robot, resource, spec).expect_err("refused").message);
    };
    check(
        "selfsubjectaccessreviews",
        json!({}),
        expect![[
            r#"SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"#
        ]],
    );
    check(
        "subjectaccessreviews",
        list_nodes.clone(),
        expect![[
            r#"SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user: Invalid value: null: at least one of user or group must be specified"#
        ]],
    );
    let mut elsewhere = list_nodes;
    elsewhere["resourceAttributes"]["namespace"] = json!("other");
    elsewhere["user"] = json!("jane");
    check(
        "localsubjectaccessreviews",
        elsewhere,
        expect!["spec.resourceAttributes.namespace must match namespace: default"],
    );
}

#[test]
fn a_token_review_says_whose_a_token_is_and_does_not_repeat_it() {
    let cluster = cluster();
    let token = cluster.token(json!({"audiences": ["a", "b"]}));
    let answer = ask(&cluster, &Identity::admin(), "tokenreviews", json!({"token": token, "audiences": ["b", "c"]}))
        .expect("an answer");
    assert_eq!(answer["status"]["audiences"], json!(["b"]));
    assert_eq!(answer["status"]["user"]["username"], "system:serviceaccount:default:robot");
    assert!(!answer.to_string().contains(&token));
    let answer = ask(&cluster, &Identity::admin(), "tokenreviews", json!({"token": token})).expect("an answer");
    assert!(answer["status"].get("authenticated").is_none());
    expect![[r#"[invalid bearer token, token audiences ["a", "b"] is invalid for the target audiences ["https://oidc.windlass.test/up/"]]"#]]
        .assert_eq(answer["status"]["error"].as_str().expect("an error"));
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    let cluster = cluster();
    let info = RequestInfo {
        group: "authorization.k8s.io".into(),
        resource: "selfsubjectaccessreviews".into(),
        ..RequestInfo::default()
    };
    for body in [Value::Null, json!([1]), json!("x")] {
        assert_eq!(review::review(&cluster.access, &info, &Identity::admin(), body).expect_err("refused").code, 400);
    }
    for spec in
        [json!([]), json!("x"), json!({"token": "x", "audiences": {}}), json!({"resourceAttributes": [], "user": 1})]
    {
        for resource in ["tokenreviews", "subjectaccessreviews", "selfsubjectrulesreviews", "localsubjectaccessreviews"]
        {
            let _ = ask(&cluster, &Identity::admin(), resource, spec.clone());
        }
        let _ = cluster.access.issue_token("default", "robot", json!({"spec": spec, "metadata": []}));
    }
}
