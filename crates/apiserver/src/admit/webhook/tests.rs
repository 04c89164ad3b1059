use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::{Attributes, Hook, Invocation, Rounds, hooks};
use crate::Identity;

fn hook(fields: Value) -> Hook {
    let mut written = json!({
        "name": "a.example.com", "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"],
        "rules": [{ "operations": ["*"], "apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments"], "scope": "*" }],
    });
    for (name, value) in fields.as_object().cloned().unwrap_or_default() {
        written[name] = value;
    }
    let configuration = json!({ "metadata": { "name": "c" }, "webhooks": [written] });
    hooks(&[configuration], true).remove(0)
}

fn about(user: &Identity) -> Attributes<'_> {
    Attributes {
        group: "apps",
        version: "v1",
        kind: "Deployment",
        rules_group: "apps",
        rules_version: "v1",
        resource: "deployments",
        subresource: "",
        namespace: "ns",
        name: "web",
        operation: "CREATE",
        user,
        dry_run: false,
        other_versions: &[],
        namespace_labels: None,
    }
}

fn object() -> Value {
    json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "labels": { "a": "b" } }, "spec": {} })
}

fn asked(hook: &Hook, about: &Attributes<'_>) -> Result<bool, u16> {
    hook.matches(about, &object(), &Value::Null).map(|found| found.is_some()).map_err(|status| status.code)
}

#[test]
fn rules_name_operations_and_resources() {
    let user = Identity::admin();
    let rule = |fields: Value| {
        let mut rule = json!({ "operations": ["CREATE"], "apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments"] });
        rule.as_object_mut().expect("fields").extend(fields.as_object().cloned().expect("fields"));
        hook(json!({ "rules": [rule] }))
    };
    let scale = Attributes { subresource: "scale", ..about(&user) };
    let cases = [
        (json!({}), true, false),
        (json!({ "operations": ["UPDATE"] }), false, false),
        (json!({ "apiGroups": ["*"], "resources": ["*"] }), true, false),
        (json!({ "resources": ["*/*"] }), true, true),
        (json!({ "resources": ["deployments/scale"] }), false, true),
        (json!({ "resources": ["*/scale"] }), false, true),
        (json!({ "apiVersions": ["v2"] }), false, false),
        (json!({ "scope": "Cluster" }), false, false),
        (json!({ "scope": "Namespaced" }), true, false),
    ];
    for (fields, whole, part) in cases {
        let hook = rule(fields.clone());
        assert_eq!((asked(&hook, &about(&user)), asked(&hook, &scale)), (Ok(whole), Ok(part)), "{fields}");
    }
    let own = Attributes {
        rules_group: "admissionregistration.k8s.io",
        group: "admissionregistration.k8s.io",
        ..about(&user)
    };
    assert_eq!(
        asked(&rule(json!({ "apiGroups": ["*"], "resources": ["*"] })), &own),
        Ok(false),
        "never about webhooks"
    );
}

#[test]
fn another_version_is_an_equivalent() {
    let user = Identity::admin();
    let rules = json!([{ "operations": ["*"], "apiGroups": ["x.io"], "apiVersions": ["v1"], "resources": ["things"] }]);
    let others = ["v1".to_string()];
    let about = Attributes {
        group: "x.io",
        rules_group: "x.io",
        version: "v2",
        rules_version: "v2",
        kind: "Thing",
        resource: "things",
        other_versions: &others,
        ..about(&user)
    };
    let thing = json!({ "apiVersion": "x.io/v2", "kind": "Thing", "metadata": { "name": "a" } });
    let exact = hook(json!({ "rules": rules, "matchPolicy": "Exact" }));
    assert_eq!(exact.matches(&about, &thing, &Value::Null), Ok(None));
    let hook = hook(json!({ "rules": rules, "matchPolicy": "Equivalent" }));
    let invocation = hook.matches(&about, &thing, &Value::Null).expect("no failure").expect("it matches");
    let review = hook.review("u", &about, &invocation, &thing, &Value::Null).expect("a review");
    assert_eq!(review["request"]["object"]["apiVersion"], "x.io/v1");
    assert_eq!(review["request"]["resource"]["version"], "v1");
    assert_eq!(review["request"]["requestResource"]["version"], "v2");
    let patch = BASE64_STANDARD.encode(r#"[{"op":"add","path":"/spec","value":1}]"#);
    let answer = answer(json!({ "allowed": true, "patch": patch, "patchType": "JSONPatch" }));
    let changed = hook.answer("u", &answer, &about, &invocation, &thing).expect("allowed").changed.expect("changed");
    assert_eq!(
        (&changed["apiVersion"], &changed["spec"]),
        (&json!("x.io/v2"), &json!(1)),
        "back in the request's version"
    );
}

#[test]
fn selectors_choose_namespaces_and_objects() {
    let user = Identity::admin();
    let labels: Map<String, Value> = json!({ "env": "dev" }).as_object().cloned().expect("labels");
    let there = Attributes { namespace_labels: Some(&labels), ..about(&user) };
    let by_namespace = |value: &str| hook(json!({ "namespaceSelector": { "matchLabels": { "env": value } } }));
    assert_eq!((asked(&by_namespace("dev"), &there), asked(&by_namespace("prod"), &there)), (Ok(true), Ok(false)));
    assert_eq!(asked(&by_namespace("dev"), &about(&user)), Err(404), "there is no such namespace");
    let clustered = Attributes { namespace: "", ..about(&user) };
    assert_eq!(asked(&by_namespace("prod"), &clustered), Ok(true), "cluster-scoped objects are never left out");
    let by_object = |value: &str| hook(json!({ "objectSelector": { "matchLabels": { "a": value } } }));
    assert_eq!((asked(&by_object("b"), &there), asked(&by_object("c"), &there)), (Ok(true), Ok(false)));
    let old = by_object("b").matches(&there, &json!({}), &object()).map(|found| found.is_some());
    assert_eq!(old, Ok(true), "the old object counts too");
}

#[test]
fn conditions_decide_and_their_errors_follow_the_policy() {
    let user = Identity::user("bob", []);
    let with = |policy: &str, expressions: &[&str]| {
        let conditions: Vec<Value> = expressions.iter().map(|of| json!({ "name": "c", "expression": of })).collect();
        asked(&hook(json!({ "failurePolicy": policy, "matchConditions": conditions })), &about(&user))
    };
    assert_eq!(with("Fail", &["request.userInfo.username == 'bob'", "object.metadata.name == 'web'"]), Ok(true));
    assert_eq!(with("Fail", &["request.userInfo.username == 'eve'"]), Ok(false));
    assert_eq!(with("Fail", &["object.none.there", "false"]), Ok(false), "one that is false decides");
    assert_eq!(with("Fail", &["object.none.there"]), Err(403));
    assert_eq!(with("Ignore", &["object.none.there"]), Ok(false));
}

fn answer(mut response: Value) -> Value {
    response["uid"] = "u".into();
    json!({ "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "response": response })
}

#[test]
fn answers_allow_change_and_deny() {
    let (user, invocation) = (Identity::admin(), Invocation { version: "v1".into() });
    let told = |hook: &Hook, answer: &Value| {
        hook.answer("u", answer, &about(&user), &invocation, &object()).map_err(|status| (status.code, status.message))
    };
    let fail = hook(json!({}));
    let denied =
        |status: Value| told(&fail, &answer(json!({ "allowed": false, "status": status }))).expect_err("denied");
    let text = |rest: &str| format!("admission webhook \"a.example.com\" denied the request{rest}");
    assert_eq!(denied(json!(null)), (400, text(" without explanation")));
    assert_eq!(denied(json!({ "message": "no", "code": 403, "reason": "Forbidden" })), (403, text(": no")));
    assert_eq!(denied(json!({ "reason": "Because" })), (400, text(": Because")));
    let warned = told(&fail, &answer(json!({ "allowed": true, "warnings": ["careful"] }))).expect("allowed");
    assert_eq!((warned.warnings, warned.changed), (vec!["careful".to_string()], None));
    let wrong = [
        (json!({}), "webhook response was absent"),
        (json!({ "response": { "uid": "other", "allowed": true } }), "expected response.uid=\"u\", got \"other\""),
        (
            answer(json!({ "allowed": true, "patch": "W10=" })),
            "webhook returned response.patch but not response.patchType",
        ),
    ];
    for (answer, why) in wrong {
        let expected = format!(
            "Internal error occurred: failed calling webhook \"a.example.com\": received invalid webhook response: {why}"
        );
        assert_eq!(told(&fail, &answer), Err((500, expected)));
        assert_eq!(told(&hook(json!({ "failurePolicy": "Ignore" })), &answer), Ok(super::Answer::default()));
    }
}

#[test]
fn a_dry_run_is_not_shown_to_who_acts_on_it() {
    let user = Identity::admin();
    let dry = Attributes { dry_run: true, ..about(&user) };
    let review = |effects: &str| {
        let hook = hook(json!({ "sideEffects": effects }));
        hook.review("u", &dry, &Invocation { version: "v1".into() }, &object(), &Value::Null)
            .map(|_| ())
            .map_err(|it| it.code)
    };
    assert_eq!(review("None"), Ok(()));
    assert_eq!(review("NoneOnDryRun"), Ok(()));
    assert_eq!(review("Some"), Err(400));
}

#[test]
fn who_wants_is_asked_again_when_others_changed_the_object() {
    let (eager, once) = (hook(json!({ "reinvocationPolicy": "IfNeeded" })), hook(json!({})));
    let mut rounds = Rounds::default();
    rounds.answered(0, &eager, true);
    rounds.answered(1, &once, true);
    rounds.answered(2, &eager, false);
    assert_eq!(rounds.again().into_iter().collect::<Vec<_>>(), [0], "the last saw it all");
    let mut quiet = Rounds::default();
    quiet.answered(0, &eager, true);
    assert!(quiet.again().is_empty(), "nobody is asked for its own change");
}
