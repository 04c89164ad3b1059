//! Access control over a real server: what unit tests of `access` show with a fake store, end to end.

use api::ObjectExt;
use apiserver::{
    Identity,
    access::StaticToken,
    serve::health::{self, Check},
};
use axum::Router;
use base64::{Engine, prelude::BASE64_STANDARD};
use expect_test::expect;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::harness::{Ask, ask, server};

async fn send(router: &Router, ask: Ask<'_>) -> (u16, Value) {
    let response = router.clone().oneshot(ask.request()).await.expect("an answer");
    let code = response.status().as_u16();
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    (code, serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes))))
}

const ROBOTS: &str = "/api/v1/namespaces/default/serviceaccounts";

#[tokio::test]
async fn a_token_opens_what_rbac_grants_until_its_account_is_deleted() {
    let server = server().await;
    let network = server.api.router();
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}});
    server.ok(ask(&format!("POST {ROBOTS}")).body(account)).await;
    let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}});
    let answer = server.ok(ask(&format!("POST {ROBOTS}/robot/token")).body(request)).await;
    assert_eq!(answer["spec"]["audiences"], json!(["https://oidc.windlass.test/test/"]));
    let header = format!("Bearer {}", answer["status"]["token"].as_str().expect("a token"));
    let list =
        async || send(&network, ask("GET /api/v1/namespaces/default/secrets").header("authorization", &header)).await;

    let (code, why) = list().await;
    assert_eq!(code, 403);
    expect![[r#"secrets is forbidden: User "system:serviceaccount:default:robot" cannot list resource "secrets" in API group "" in the namespace "default""#]]
        .assert_eq(why["message"].as_str().expect("a message"));

    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "robot"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
        "subjects": [{"kind": "ServiceAccount", "name": "robot", "namespace": "default"}],
    });
    server.ok(ask("POST /apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings").body(binding)).await;
    assert_eq!(list().await.0, 200);
    server.ok(ask("DELETE /apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/robot")).await;
    assert_eq!(list().await.0, 403, "the grant is gone with the binding");
    server.ok(ask(&format!("DELETE {ROBOTS}/robot"))).await;
    assert_eq!(list().await.0, 401);
}

#[tokio::test]
async fn strangers_see_health_version_and_oidc_documents() {
    let server = server().await;
    let network = server.api.router();
    for path in ["/livez", "/readyz", "/healthz", "/version", "/.well-known/openid-configuration", "/openid/v1/jwks"] {
        assert_eq!(send(&network, ask(&format!("GET {path}"))).await.0, 200, "{path}");
    }
    for path in ["/", "/api", "/apis", "/openapi/v2", "/openapi/v3", "/api/v1/namespaces", "/metrics", "/nothing"] {
        let (code, body) = send(&network, ask(&format!("GET {path}"))).await;
        assert_eq!(
            (code, body["kind"].as_str(), body["reason"].as_str()),
            (401, Some("Status"), Some("Unauthorized")),
            "{path}"
        );
    }
    let (_, keys) = send(&network, ask("GET /openid/v1/jwks")).await;
    assert_eq!(keys["keys"][0]["kid"], json!(server.api.jwks().keys[0].kid));
    assert_eq!(send(&network, ask("POST /openid/v1/jwks")).await.0, 401);
}

#[tokio::test]
async fn components_act_as_themselves_in_process_too() {
    let server = server().await;
    let robot = server.api.in_process(Identity::service_account("kube-system", "robot"));
    let (code, _) = send(&robot, ask("GET /apis")).await;
    assert_eq!(code, 200, "discovery is for everyone who is known");
    let (code, _) = send(&robot, ask("GET /api/v1/secrets")).await;
    assert_eq!(code, 403);
    let nobody = server.api.in_process(Identity::default());
    assert_eq!(send(&nobody, ask("GET /apis")).await.0, 401);
    let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let (code, who) = send(&robot, ask("POST /apis/authentication.k8s.io/v1/selfsubjectreviews").body(review)).await;
    assert_eq!(
        (code, who["status"]["userInfo"]["username"].as_str()),
        (201, Some("system:serviceaccount:kube-system:robot"))
    );
}

#[tokio::test]
async fn a_namespace_admin_cannot_become_cluster_admin() {
    let server = server().await;
    let binding = |name: &str, role: &str, user: &str| {
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
        })
    };
    let path = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings";
    server.ok(ask(&format!("POST {path}")).body(binding("bob", "admin", "bob"))).await;
    let bob = server.api.in_process(Identity::user("bob", []));
    assert_eq!(send(&bob, ask(&format!("POST {path}")).body(binding("ann", "edit", "ann"))).await.0, 201);
    let (code, why) = send(&bob, ask(&format!("POST {path}")).body(binding("more", "cluster-admin", "bob"))).await;
    assert_eq!(code, 403);
    assert!(
        why["message"]
            .as_str()
            .expect("a message")
            .contains("is attempting to grant RBAC permissions not currently held")
    );
    // By apply too.
    let line = format!("PATCH {path}/more?fieldManager=x");
    let apply = ask(&line).content("application/apply-patch+yaml");
    assert_eq!(send(&bob, apply.body(binding("more", "cluster-admin", "bob"))).await.0, 403);
    // A name in a path does not smuggle another one past RBAC.
    assert_eq!(send(&bob, ask("GET /api/v1/namespaces/default/../kube-system/secrets")).await.0, 403);
    assert_eq!(send(&bob, ask("GET /api/v1/namespaces/default%2F..%2Fkube-system/secrets")).await.0, 403);
}

#[tokio::test]
async fn bootstrap_roles_are_there_and_stay_as_users_change_them() {
    let server = server().await;
    let path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/view";
    let view = server.ok(ask(&format!("GET {path}"))).await;
    assert_eq!(view.label("kubernetes.io/bootstrapping"), Some("rbac-defaults"));
    let patch = json!({"metadata": {"labels": {"mine": "yes"}}});
    server.ok(ask(&format!("PATCH {path}")).content("application/merge-patch+json").body(patch)).await;
    let revision = server.space.revision();
    let again = crate::harness::over(server.space.clone()).await;
    assert_eq!(again.space.revision(), revision, "a second start writes nothing");
    assert_eq!(again.ok(ask(&format!("GET {path}"))).await.label("mine"), Some("yes"));
}

#[tokio::test(start_paused = true)]
async fn a_token_secret_is_filled_and_is_worth_as_long_as_it_is_there() {
    let server = server().await;
    tokio::spawn(server.api.controllers());
    let network = server.api.router();
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}});
    server.ok(ask(&format!("POST {ROBOTS}")).body(&account)).await;
    let annotations = json!({"kubernetes.io/service-account.name": "robot"});
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token", "metadata": {"name": "s", "annotations": annotations}});
    let path = "/api/v1/namespaces/default/secrets";
    server.ok(ask(&format!("POST {path}")).body(&secret)).await;
    idle().await;
    let filled = server.ok(ask(&format!("GET {path}/s"))).await;
    let token = BASE64_STANDARD.decode(filled["data"]["token"].as_str().expect("a token")).expect("base64");
    let header = format!("Bearer {}", String::from_utf8(token).expect("text"));
    let code = async || send(&network, ask("GET /apis").header("authorization", &header)).await.0;
    assert_eq!(code().await, 200);
    server.ok(ask(&format!("DELETE {path}/s"))).await;
    assert_eq!(code().await, 401, "the secret is gone");
    server.ok(ask(&format!("POST {path}")).body(&secret)).await;
    idle().await;
    assert_eq!(code().await, 401, "another secret of that name carries another token");
    server.ok(ask(&format!("DELETE {ROBOTS}/robot"))).await;
    idle().await;
    assert_eq!(server.json(ask(&format!("GET {path}/s"))).await.0, 404, "it goes with its account");
}

#[tokio::test]
async fn the_data_directorys_token_and_routes_of_the_host_are_behind_the_same_door() {
    let server = server().await;
    let token = StaticToken { token: api::Redacted::new("s3cret".into()), identity: Identity::admin() };
    let checks = vec![Check::ready("store", || Err("gone".into()))];
    let network = server.api.network(vec![token], health::routes(checks));
    let own = |line: &'static str| ask(line).header("authorization", "Bearer s3cret");
    assert_eq!(send(&network, ask("GET /readyz")).await.0, 500, "anyone may ask, the host answers");
    assert_eq!(send(&network, ask("GET /readyz/store")).await.0, 401);
    assert_eq!(send(&network, own("GET /readyz/ping")).await.0, 200);
    assert_eq!(send(&network, own("GET /api/v1/namespaces")).await.0, 200, "and the API is behind it");
    assert_eq!(send(&server.api.router(), own("GET /api/v1/namespaces")).await.0, 401, "known where it was given only");
}

/// Under a paused clock: until every task waits.
async fn idle() {
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
}
