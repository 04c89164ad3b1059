use std::sync::Arc;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{Authorizer, GROUP, bootstrap};
use crate::{
    access::{Identity, tests::Fake},
    rest::RequestInfo,
};

fn info(verb: &str, group: &str, resource: &str, namespace: &str, name: &str) -> RequestInfo {
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    RequestInfo {
        is_resource: true,
        verb: verb.into(),
        group: group.into(),
        version: "v1".into(),
        namespace: namespace.into(),
        resource: resource.into(),
        subresource: subresource.into(),
        name: name.into(),
        ..RequestInfo::default()
    }
}

fn path(verb: &str, path: &str) -> RequestInfo {
    RequestInfo { verb: verb.into(), path: path.into(), ..RequestInfo::default() }
}

fn bob() -> Identity {
    Identity::user("bob", ["dev".to_string()])
}

fn role(namespace: &str, name: &str, rules: Value) -> Value {
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"namespace": namespace, "name": name}, "rules": rules})
}

fn binding(namespace: &str, role: &str, subjects: Value) -> Value {
    let kind = if role.starts_with("cluster") { "ClusterRole" } else { "Role" };
    json!({"metadata": {"namespace": namespace, "name": role}, "roleRef": {"apiGroup": GROUP, "kind": kind, "name": role}, "subjects": subjects})
}

/// A cluster where bob's group may do what the rules say in namespace `a`.
fn authorizer(rules: Value) -> (Arc<Fake>, Authorizer) {
    let fake = Arc::new(Fake::default());
    fake.put(GROUP, "roles", role("a", "r", rules));
    fake.put(GROUP, "rolebindings", binding("a", "r", json!([{"kind": "Group", "name": "dev"}])));
    (fake.clone(), Authorizer::new(fake))
}

fn check(authorizer: &Authorizer, identity: &Identity, request: &RequestInfo, expected: Expect) {
    let text = match authorizer.authorize(identity, request) {
        Ok(()) => "allowed".to_string(),
        Err(status) => format!("{} {}", status.code, status.message),
    };
    expected.assert_eq(&text);
}

#[test]
fn what_no_rule_allows_is_refused_in_upstreams_words() {
    let (_, authorizer) = authorizer(json!([]));
    check(
        &authorizer,
        &bob(),
        &info("get", "", "secrets", "default", "x"),
        expect![[
            r#"403 secrets "x" is forbidden: User "bob" cannot get resource "secrets" in API group "" in the namespace "default""#
        ]],
    );
    check(
        &authorizer,
        &bob(),
        &info("list", "apps", "deployments/scale", "", ""),
        expect![[
            r#"403 deployments.apps is forbidden: User "bob" cannot list resource "deployments/scale" in API group "apps" at the cluster scope"#
        ]],
    );
    check(
        &authorizer,
        &Identity::anonymous(),
        &path("get", "/metrics"),
        expect![[r#"403 forbidden: User "system:anonymous" cannot get path "/metrics""#]],
    );
    check(&authorizer, &Identity::admin(), &info("delete", "", "nodes", "", "n"), expect!["allowed"]);
}

#[test]
fn rules_match_as_upstream_matches_them() {
    let rules = json!([
        {"apiGroups": [""], "resources": ["pods", "*/scale"], "verbs": ["get"]},
        {"apiGroups": ["*"], "resources": ["secrets"], "resourceNames": ["one"], "verbs": ["*"]},
        {"apiGroups": [""], "resources": ["services/*"], "verbs": ["*"]},
        {"apiGroups": [""], "resources": ["nodes"], "resourceNames": [1], "verbs": ["*"]},
    ]);
    let (_, authorizer) = authorizer(rules);
    let allowed = |request: RequestInfo| authorizer.decide(&bob(), &request).is_ok();
    assert!(allowed(info("get", "", "pods", "a", "p")));
    assert!(!allowed(info("get", "", "pods", "b", "p")), "a Role ends at its namespace");
    assert!(!allowed(info("get", "", "pods", "", "")), "and does not reach the cluster");
    assert!(!allowed(info("get", "", "pods/log", "a", "p")), "a resource does not include its subresources");
    assert!(allowed(info("get", "", "pods/scale", "a", "p")));
    assert!(!allowed(info("get", "apps", "pods", "a", "p")));
    assert!(allowed(info("delete", "any", "secrets", "a", "one")));
    assert!(!allowed(info("delete", "", "secrets", "a", "two")));
    assert!(!allowed(info("list", "", "secrets", "a", "")), "a named rule does not list");
    assert!(!allowed(info("get", "", "services/status", "a", "s")), "upstream has no such wildcard");
    assert!(!allowed(info("get", "", "nodes", "a", "n")), "a rule that cannot be read grants nothing");
}

#[test]
fn subjects_are_users_groups_and_service_accounts() {
    let (fake, authorizer) = authorizer(json!([]));
    fake.put(GROUP, "roles", role("a", "s", json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}])));
    let subjects = json!([
        {"kind": "ServiceAccount", "name": "here"},
        {"kind": "ServiceAccount", "name": "there", "namespace": "b"},
        {"kind": "User", "name": "ann"},
        {"kind": "Robot", "name": "bob"},
    ]);
    fake.put(GROUP, "rolebindings", binding("a", "s", subjects));
    let allowed = |identity: &Identity| authorizer.decide(identity, &info("get", "", "pods", "a", "p")).is_ok();
    assert!(allowed(&Identity::service_account("a", "here")));
    assert!(!allowed(&Identity::service_account("b", "here")));
    assert!(allowed(&Identity::service_account("b", "there")));
    assert!(allowed(&Identity::user("ann", [])));
    assert!(!allowed(&bob()));
}

#[test]
fn a_grant_that_was_taken_away_does_not_answer_again() {
    let (fake, authorizer) = authorizer(json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]));
    let request = info("get", "", "pods", "a", "p");
    assert!(authorizer.decide(&bob(), &request).is_ok());
    fake.put("", "configmaps", json!({"metadata": {"namespace": "a", "name": "unrelated"}}));
    assert!(authorizer.decide(&bob(), &request).is_ok());
    fake.remove(GROUP, "rolebindings", "a", "r");
    assert!(authorizer.decide(&bob(), &request).is_err());
}

#[test]
fn a_binding_to_a_missing_role_is_named() {
    let (fake, authorizer) = authorizer(json!([]));
    fake.remove(GROUP, "roles", "a", "r");
    check(
        &authorizer,
        &bob(),
        &info("get", "", "pods", "a", "p"),
        expect![[
            r#"403 pods "p" is forbidden: User "bob" cannot get resource "pods" in API group "" in the namespace "a": RBAC: role.rbac.authorization.k8s.io "r" not found"#
        ]],
    );
}

/// The bootstrap policy, with bob bound to one of its roles in namespace `a`.
fn bootstrapped(role: &str) -> Authorizer {
    let fake = Arc::new(Fake::default());
    for role in bootstrap::cluster_roles() {
        fake.put(GROUP, "clusterroles", role);
    }
    for binding in bootstrap::cluster_role_bindings() {
        fake.put(GROUP, "clusterrolebindings", binding);
    }
    let mut own = binding("a", role, json!([{"kind": "User", "name": "bob"}]));
    own["roleRef"]["kind"] = json!("ClusterRole");
    fake.put(GROUP, "rolebindings", own);
    let custom = json!({
        "metadata": {"name": "vaults-view", "labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}},
        "rules": [{"apiGroups": ["keyvault.azure.com"], "resources": ["vaults"], "verbs": ["get"]}],
    });
    fake.put(GROUP, "clusterroles", custom);
    Authorizer::new(fake)
}

#[test]
fn view_edit_and_admin_aggregate_each_other_and_what_users_add() {
    let rights = |role: &str| {
        let authorizer = bootstrapped(role);
        let can = |request| authorizer.decide(&bob(), &request).is_ok();
        [
            can(info("get", "", "configmaps", "a", "x")),
            can(info("get", "keyvault.azure.com", "vaults", "a", "x")),
            can(info("get", "", "secrets", "a", "x")),
            can(info("update", "", "configmaps", "a", "x")),
            can(info("create", GROUP, "rolebindings", "a", "")),
            can(info("get", "", "configmaps", "b", "x")),
        ]
    };
    assert_eq!(rights("view"), [true, true, false, false, false, false]);
    assert_eq!(rights("edit"), [true, true, true, true, false, false]);
    assert_eq!(rights("admin"), [true, true, true, true, true, false]);
}

#[test]
fn everyone_discovers_and_nobody_anonymous_does() {
    let authorizer = bootstrapped("view");
    let can = |identity: &Identity, at: &str| authorizer.decide(identity, &path("get", at)).is_ok();
    assert!(can(&bob(), "/apis/apps/v1") && can(&bob(), "/openapi/v3") && can(&bob(), "/version"));
    assert!(!can(&bob(), "/metrics"));
    let anonymous = Identity::anonymous();
    assert!(can(&anonymous, "/readyz") && can(&anonymous, "/version"));
    assert!(!can(&anonymous, "/apis") && !can(&anonymous, "/openapi/v3") && !can(&anonymous, "/readyz/ping"));
}

#[test]
fn bootstrap_roles_show_what_they_aggregate() {
    let roles = bootstrap::cluster_roles();
    let names: Vec<&str> = roles.iter().filter_map(|role| role["metadata"]["name"].as_str()).collect();
    expect![[r#"
        ["cluster-admin", "system:aggregate-to-admin", "system:aggregate-to-edit", "system:aggregate-to-view", "system:auth-delegator", "system:basic-user", "system:discovery", "system:monitoring", "system:public-info-viewer", "system:service-account-issuer-discovery", "admin", "edit", "view"]"#]]
    .assert_eq(&format!("{names:?}"));
    let admin = roles.iter().find(|role| role["metadata"]["name"] == "admin").expect("an admin role");
    assert_eq!(admin["rules"].as_array().map(Vec::len), Some(25));
}

fn grant(authorizer: &Authorizer, resource: &str, object: &Value, expected: Expect) {
    let request = info("create", GROUP, resource, object["metadata"]["namespace"].as_str().unwrap_or_default(), "");
    let text = match authorizer.check_grant(&bob(), &request, None, object) {
        Ok(()) => "granted".to_string(),
        Err(status) => format!("{} {}", status.code, status.message),
    };
    expected.assert_eq(&text);
}

#[test]
fn nobody_grants_what_they_do_not_hold() {
    let authorizer = bootstrapped("admin");
    let rules =
        json!([{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["x"], "verbs": ["get", "update"]}]);
    grant(&authorizer, "roles", &role("a", "new", rules), expect!["granted"]);
    let rules = json!([
        {"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "approve"]},
        {"nonResourceURLs": ["/metrics"], "verbs": ["get"]},
    ]);
    grant(
        &authorizer,
        "roles",
        &role("a", "new", rules),
        expect![[r#"
            403 roles.rbac.authorization.k8s.io "new" is forbidden: user "bob" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:
            {APIGroups:[""], Resources:["nodes"], Verbs:["get" "approve"]}
            {APIGroups:[""], Resources:["pods"], Verbs:["approve"]}
            {NonResourceURLs:["/metrics"], Verbs:["get"]}"#]],
    );
    let to_view = json!({"metadata": {"namespace": "a", "name": "b"}, "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": "view"}});
    grant(&authorizer, "rolebindings", &to_view, expect!["granted"]);
    let to_all = json!({"metadata": {"namespace": "a", "name": "b"}, "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": "cluster-admin"}});
    grant(
        &authorizer,
        "rolebindings",
        &to_all,
        expect![[r#"
            403 rolebindings.rbac.authorization.k8s.io "b" is forbidden: user "bob" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:
            {APIGroups:["*"], Resources:["*"], Verbs:["*"]}
            {NonResourceURLs:["*"], Verbs:["*"]}"#]],
    );
    let to_none = json!({"metadata": {"namespace": "a", "name": "b"}, "roleRef": {"apiGroup": GROUP, "kind": "Role", "name": "no"}});
    grant(&authorizer, "rolebindings", &to_none, expect![[r#"404 role.rbac.authorization.k8s.io "no" not found"#]]);
    let gathering = json!({"metadata": {"name": "g"}, "aggregationRule": {"clusterRoleSelectors": [{}]}, "rules": []});
    grant(
        &authorizer,
        "clusterroles",
        &gathering,
        expect![[
            r#"403 clusterroles.rbac.authorization.k8s.io "g" is forbidden: must have cluster-admin privileges to use an aggregationRule"#
        ]],
    );
}

#[test]
fn escalate_and_bind_are_verbs_that_can_be_granted() {
    let (_, authorizer) = authorizer(json!([
        {"apiGroups": [GROUP], "resources": ["roles"], "verbs": ["escalate"]},
        {"apiGroups": [GROUP], "resources": ["clusterroles"], "resourceNames": ["no-such"], "verbs": ["bind"]},
    ]));
    let all = json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]);
    grant(&authorizer, "roles", &role("a", "new", all), expect!["granted"]);
    let bound = json!({"metadata": {"namespace": "a", "name": "b"}, "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": "no-such"}});
    grant(&authorizer, "rolebindings", &bound, expect!["granted"]);
}

#[test]
fn a_role_ref_does_not_change() {
    let (_, authorizer) = authorizer(json!([]));
    let (old, new) = (binding("a", "r", json!([])), binding("a", "other", json!([])));
    let request = info("update", GROUP, "rolebindings", "a", "r");
    let status = authorizer.check_grant(&Identity::admin(), &request, Some(&old), &new).expect_err("refused");
    expect![[r#"RoleBinding.rbac.authorization.k8s.io "r" is invalid: roleRef: Invalid value: {APIGroup:"rbac.authorization.k8s.io", Kind:"Role", Name:"other"}: cannot change roleRef"#]]
        .assert_eq(&status.message);
}
