//! Decisions as golden text: the verdict, then the object without managedFields.

use std::sync::Arc;

use api::ObjectExt;
use expect_test::{Expect, expect};
use serde_json::{Value, json};
use store::Revision;

use super::*;
use crate::{Registry, registry::resources_of};

fn builtin(group: &str, plural: &str) -> Arc<Resource> {
    Registry::default().any_version(group, plural).expect("a built-in kind")
}

fn widgets() -> Arc<Resource> {
    let definition = json!({
        "metadata": { "name": "widgets.x.io" },
        "spec": { "group": "x.io", "scope": "Namespaced", "versions": [{
            "name": "v1", "served": true, "storage": true, "subresources": { "status": {} },
            "schema": { "openAPIV3Schema": { "type": "object", "properties": {
                "spec": { "type": "object", "properties": { "size": { "type": "integer", "default": 1 } } },
                "status": { "type": "object", "x-kubernetes-preserve-unknown-fields": true },
            } } },
        }] },
        "status": { "acceptedNames": { "kind": "Widget", "plural": "widgets" } },
    });
    resources_of(&definition, Revision(1)).remove(0)
}

fn request<'a>(resource: &'a Resource, name: &'a str, operation: Operation) -> Request<'a> {
    Request {
        resource,
        subresource: "",
        namespace: "default",
        name,
        operation,
        manager: "test",
        validation: Validation::Strict,
        duplicates: Vec::new(),
        caller: None,
    }
}

fn env() -> Env {
    Env {
        now: "2025-06-01T12:00:00Z".into(),
        admission: std::sync::Arc::new(crate::admission::NoAdmission),
        uid: "uid-1".into(),
        suffix: "abcde".into(),
        namespace: NamespaceState::Active,
        limits: crate::Limits::default(),
        workloads: false,
        taken: super::service::Taken::default(),
        proposing: false,
    }
}

fn show(decided: Result<Decision, Status>) -> String {
    let shown = |word: &str, mut object: Value| {
        object.metadata_mut().remove("managedFields");
        format!("{word} {object}")
    };
    match decided {
        Err(status) => format!("{} {}", status.code, status.message),
        Ok(Decision { verdict, warnings }) => {
            let verdict = match verdict {
                Verdict::Write(object) => shown("write", object),
                Verdict::Unchanged => "unchanged".into(),
                Verdict::Delete(object) => shown("delete", object),
            };
            warnings.into_iter().fold(verdict, |text, warning| format!("{text}\nwarning: {warning}"))
        }
    }
}

fn check(current: Option<&Value>, request: &Request<'_>, expect: Expect) {
    expect.assert_eq(&show(admit(current, request, &env())));
}

/// What a create leaves in the store.
fn stored(resource: &Resource, body: Value) -> Value {
    match admit(None, &request(resource, "", Operation::Create(body)), &env()) {
        Ok(Decision { verdict: Verdict::Write(mut object), .. }) => {
            object.metadata_mut().insert("resourceVersion".into(), json!("5"));
            object
        }
        other => panic!("not written: {other:?}"),
    }
}

#[test]
fn a_create_fills_in_what_the_server_owns() {
    let body =
        json!({ "metadata": { "generateName": "s-", "uid": "mine", "generation": 9 }, "stringData": { "a": "b" } });
    let secrets = builtin("", "secrets");
    check(
        None,
        &request(&secrets, "", Operation::Create(body)),
        expect![[
            r#"write {"apiVersion":"v1","data":{"a":"Yg=="},"kind":"Secret","metadata":{"creationTimestamp":"2025-06-01T12:00:00Z","generateName":"s-","name":"s-abcde","namespace":"default","uid":"uid-1"},"type":"Opaque"}"#
        ]],
    );
    let body = json!({ "apiVersion": "x.io/v1", "kind": "Widget", "metadata": { "name": "w" }, "spec": {}, "status": { "a": 1 } });
    check(
        None,
        &request(&widgets(), "", Operation::Create(body)),
        expect![[
            r#"write {"apiVersion":"x.io/v1","kind":"Widget","metadata":{"creationTimestamp":"2025-06-01T12:00:00Z","generation":1,"name":"w","namespace":"default","uid":"uid-1"},"spec":{"size":1}}"#
        ]],
    );
}

#[test]
fn a_namespace_that_ends_or_is_not_there_takes_nothing() {
    let maps = builtin("", "configmaps");
    for (namespace, code) in [(NamespaceState::Terminating, 403), (NamespaceState::Missing, 404)] {
        let create = request(&maps, "", Operation::Create(json!({ "metadata": { "name": "a" } })));
        let refused = admit(None, &create, &Env { namespace, ..env() });
        assert_eq!(refused.map_err(|status| status.code), Err(code));
    }
}

#[test]
fn the_same_again_is_no_write() {
    let maps = builtin("", "configmaps");
    let current = stored(&maps, json!({ "metadata": { "name": "a" }, "data": { "x": "1" } }));
    let put = |body: Value| request(&maps, "a", Operation::Update(body));
    check(Some(&current), &put(current.clone()), expect!["unchanged"]);
    check(Some(&current), &put(json!({ "data": { "x": "1" } })), expect!["unchanged"]);
    check(
        Some(&current),
        &put(json!({ "data": { "x": "2" } })),
        expect![[
            r#"write {"apiVersion":"v1","data":{"x":"2"},"kind":"ConfigMap","metadata":{"creationTimestamp":"2025-06-01T12:00:00Z","name":"a","namespace":"default","resourceVersion":"5","uid":"uid-1"}}"#
        ]],
    );
    let merge = Operation::Patch(PatchKind::Merge, json!({ "data": { "x": "1" } }));
    check(Some(&current), &request(&maps, "a", merge), expect!["unchanged"]);
}

#[test]
fn spec_counts_generations_and_status_does_not() {
    let widgets = widgets();
    let body = json!({ "apiVersion": "x.io/v1", "kind": "Widget", "metadata": { "name": "w" } });
    let current = stored(&widgets, body);
    let patch = |patch: Value| request(&widgets, "w", Operation::Patch(PatchKind::Merge, patch));
    check(
        Some(&current),
        &patch(json!({ "spec": { "size": 2 }, "status": { "a": 1 } })),
        expect![[
            r#"write {"apiVersion":"x.io/v1","kind":"Widget","metadata":{"creationTimestamp":"2025-06-01T12:00:00Z","generation":2,"name":"w","namespace":"default","resourceVersion":"5","uid":"uid-1"},"spec":{"size":2}}"#
        ]],
    );
    check(
        Some(&current),
        &patch(json!({ "metadata": { "labels": { "a": "b" } } })),
        expect![[
            r#"write {"apiVersion":"x.io/v1","kind":"Widget","metadata":{"creationTimestamp":"2025-06-01T12:00:00Z","generation":1,"labels":{"a":"b"},"name":"w","namespace":"default","resourceVersion":"5","uid":"uid-1"}}"#
        ]],
    );
    let status = Request { subresource: "status", ..patch(json!({ "spec": { "size": 2 }, "status": { "a": 1 } })) };
    check(
        Some(&current),
        &status,
        expect![[
            r#"write {"apiVersion":"x.io/v1","kind":"Widget","metadata":{"creationTimestamp":"2025-06-01T12:00:00Z","generation":1,"name":"w","namespace":"default","resourceVersion":"5","uid":"uid-1"},"status":{"a":1}}"#
        ]],
    );
}

#[test]
fn what_the_server_owns_cannot_be_changed() {
    let maps = builtin("", "configmaps");
    let current = stored(&maps, json!({ "metadata": { "name": "a" } }));
    let patch = json!({ "metadata": { "creationTimestamp": "2000-01-01T00:00:00Z", "generation": 7,
        "deletionTimestamp": "2000-01-01T00:00:00Z", "generateName": "x" } });
    check(Some(&current), &request(&maps, "a", Operation::Patch(PatchKind::Merge, patch)), expect!["unchanged"]);
    let rename = json!([{ "op": "replace", "path": "/metadata/name", "value": "b" }]);
    check(
        Some(&current),
        &request(&maps, "a", Operation::Patch(PatchKind::Json, rename)),
        expect!["400 the name of the object (b) does not match the name on the URL (a)"],
    );
}

#[test]
fn deletes_are_held_by_finalizers() {
    let maps = builtin("", "configmaps");
    let current = stored(&maps, json!({ "metadata": { "name": "a" } }));
    let delete = |options: DeleteOptions| request(&maps, "a", Operation::Delete(options));
    let with = |propagation| delete(DeleteOptions { propagation: Some(propagation), ..DeleteOptions::default() });
    check(
        Some(&current),
        &with(Propagation::Background),
        expect![[
            r#"delete {"apiVersion":"v1","kind":"ConfigMap","metadata":{"creationTimestamp":"2025-06-01T12:00:00Z","name":"a","namespace":"default","resourceVersion":"5","uid":"uid-1"}}"#
        ]],
    );
    check(
        Some(&current),
        &with(Propagation::Foreground),
        expect![[
            r#"write {"apiVersion":"v1","kind":"ConfigMap","metadata":{"creationTimestamp":"2025-06-01T12:00:00Z","deletionGracePeriodSeconds":0,"deletionTimestamp":"2025-06-01T12:00:00Z","finalizers":["foregroundDeletion"],"name":"a","namespace":"default","resourceVersion":"5","uid":"uid-1"}}"#
        ]],
    );
    let uid = DeleteOptions { uid: Some("other".into()), ..DeleteOptions::default() };
    check(
        Some(&current),
        &delete(uid),
        expect![[
            r#"409 Operation cannot be fulfilled on configmaps "a": Precondition failed: UID in precondition: other, UID in object meta: uid-1"#
        ]],
    );
    check(None, &with(Propagation::Orphan), expect![[r#"404 configmaps "a" not found"#]]);
}

#[test]
fn bound_pods_are_given_time() {
    let pods = builtin("", "pods");
    let mut current = stored(
        &pods,
        json!({ "metadata": { "name": "p" }, "spec": { "containers": [{ "name": "a", "image": "b" }] } }),
    );
    let delete = |grace_period_secs| {
        request(&pods, "p", Operation::Delete(DeleteOptions { grace_period_secs, ..DeleteOptions::default() }))
    };
    let is_gone = |current: &Value, grace| {
        matches!(admit(Some(current), &delete(grace), &env()), Ok(Decision { verdict: Verdict::Delete(_), .. }))
    };
    assert!(is_gone(&current, None), "nothing runs yet");
    current["spec"]["nodeName"] = json!("n");
    assert!(!is_gone(&current, None) && is_gone(&current, Some(0)));
    match admit(Some(&current), &delete(None), &env()).map(|decision| decision.verdict) {
        Ok(Verdict::Write(marked)) => {
            assert_eq!(marked["metadata"]["deletionTimestamp"], "2025-06-01T12:00:30Z");
            assert_eq!(marked["metadata"]["deletionGracePeriodSeconds"], 30);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_namespace_is_held_by_its_spec() {
    let namespaces = builtin("", "namespaces");
    let current = stored(&namespaces, json!({ "metadata": { "name": "n" } }));
    check(
        Some(&current),
        &request(&namespaces, "n", Operation::Delete(DeleteOptions::default())),
        expect![[
            r#"write {"apiVersion":"v1","kind":"Namespace","metadata":{"creationTimestamp":"2025-06-01T12:00:00Z","deletionGracePeriodSeconds":0,"deletionTimestamp":"2025-06-01T12:00:00Z","labels":{"kubernetes.io/metadata.name":"n"},"name":"n","resourceVersion":"5","uid":"uid-1"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Terminating"}}"#
        ]],
    );
    let patch = json!({ "spec": { "finalizers": [] } });
    check(Some(&current), &request(&namespaces, "n", Operation::Patch(PatchKind::Merge, patch)), expect!["unchanged"]);
}

#[test]
fn a_role_that_was_bound_stays_bound() {
    let bindings = builtin("rbac.authorization.k8s.io", "clusterrolebindings");
    let body = |role: &str| {
        json!({ "metadata": { "name": "b" }, "roleRef": { "kind": "ClusterRole", "name": role },
        "subjects": [{ "kind": "User", "name": "u" }] })
    };
    let current = stored(&bindings, body("view"));
    assert_eq!(current["subjects"][0]["apiGroup"], "rbac.authorization.k8s.io");
    check(
        Some(&current),
        &request(&bindings, "b", Operation::Update(body("admin"))),
        expect![[
            r#"422 ClusterRoleBinding.rbac.authorization.k8s.io "b" is invalid: roleRef: Invalid value: rbac.RoleRef{APIGroup:"rbac.authorization.k8s.io", Kind:"ClusterRole", Name:"admin"}: cannot change roleRef"#
        ]],
    );
}
