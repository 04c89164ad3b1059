//! managedFields as an object's history writes them, and as clients write them.

use expect_test::expect;
use serde_json::{Value, json};

use super::{LATER, context, managers, schema, thing};
use crate::apply::{Context, Versions, apply, track_update, unchanged};

fn stored(mut object: Value) -> Value {
    object["metadata"]["uid"] = json!("1");
    object
}

#[test]
fn entries_look_as_upstream_writes_them() {
    let schema = schema();
    let object =
        apply(None, &thing(&json!({"map": {"k": "v"}, "items": [{"name": "a"}]})), &context("kubectl", &schema));
    expect![[r#"
        {
          "managedFields": [
            {
              "apiVersion": "example.com/v1",
              "fieldsType": "FieldsV1",
              "fieldsV1": {
                "f:spec": {
                  "f:items": {
                    "k:{\"name\":\"a\"}": {
                      ".": {},
                      "f:name": {}
                    }
                  },
                  "f:map": {
                    "f:k": {}
                  }
                }
              },
              "manager": "kubectl",
              "operation": "Apply",
              "time": "2026-01-01T00:00:00Z"
            }
          ],
          "name": "x"
        }"#]]
    .assert_eq(&format!("{:#}", object.unwrap()["metadata"]));
}

#[test]
fn statuses_and_scales_have_entries_of_their_own() {
    let schema = schema();
    let live = stored(apply(None, &thing(&json!({"replicas": 1})), &context("a", &schema)).unwrap());
    let status = Context { subresource: "status", reset: &[&["spec"], &["metadata"]], ..context("a", &schema) };
    let mut new = live.clone();
    new["status"] = json!({"ready": true});
    new["metadata"]["managedFields"] = json!([]);
    let live = track_update(Some(&live), new, &status);
    let scale = Context { subresource: "scale", ..context("hpa", &schema) };
    let mut new = live.clone();
    new["spec"]["replicas"] = json!(3);
    let live = track_update(Some(&live), new, &scale);
    expect![[r#"
        Update a/status example.com/v1 @01 {"f:status":{".":{},"f:ready":{}}}
        Update hpa/scale example.com/v1 @01 {"f:spec":{"f:replicas":{}}}
    "#]]
    .assert_eq(&managers(&live));
    let conflict = apply(Some(&live), &thing(&json!({"replicas": 1})), &context("a", &schema)).unwrap_err();
    expect![[r#"Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using example.com/v1: .spec.replicas"#]].assert_eq(&conflict.message);
}

#[test]
fn reset_fields_are_never_owned() {
    let schema = schema();
    let main = Context { reset: &[&["status"]], ..context("a", &schema) };
    let mut applied = thing(&json!({"replicas": 1}));
    applied["status"] = json!({"ready": true});
    expect![[r#"
        Apply a example.com/v1 @01 {"f:spec":{"f:replicas":{}}}
    "#]]
    .assert_eq(&managers(&apply(None, &applied, &main).unwrap()));
    expect![[r#"
        Update a example.com/v1 @01 {"f:spec":{".":{},"f:replicas":{}}}
    "#]]
    .assert_eq(&managers(&track_update(None, applied, &main)));
}

#[test]
fn times_move_only_with_changes() {
    let schema = schema();
    let applied = thing(&json!({"replicas": 1}));
    let live = stored(apply(None, &applied, &context("a", &schema)).unwrap());
    let later = Context { now: LATER, ..context("a", &schema) };
    let again = apply(Some(&live), &applied, &later).unwrap();
    assert_eq!(again, live);
    assert!(unchanged(&live, &again));
    let updated = track_update(Some(&live), live.clone(), &Context { now: LATER, ..context("b", &schema) });
    assert_eq!(updated, live);
    let moved = apply(Some(&live), &thing(&json!({"replicas": 2})), &later).unwrap();
    assert!(!unchanged(&live, &moved));
    assert_eq!(moved["metadata"]["managedFields"][0]["time"], LATER);
}

#[test]
fn clients_may_write_and_reset_managed_fields() {
    let schema = schema();
    let live = stored(apply(None, &thing(&json!({"replicas": 1, "name": "x"})), &context("a", &schema)).unwrap());
    let with = |entries: Value| {
        let mut new = live.clone();
        new["metadata"]["managedFields"] = entries;
        managers(&track_update(Some(&live), new, &context("b", &schema)))
    };
    let entry = json!({
        "manager": "kubectl", "operation": "Apply", "apiVersion": "example.com/v1", "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:replicas": {}}},
    });
    assert_eq!(with(json!([])), "");
    assert_eq!(with(json!([{}])), "");
    expect![[r#"
        Apply kubectl example.com/v1 @ {"f:spec":{"f:replicas":{}}}
    "#]]
    .assert_eq(&with(json!([entry])));
    let live_entries = managers(&live);
    assert_eq!(with(Value::Null), live_entries);
    let mut broken = entry.clone();
    broken["operation"] = json!("Other");
    assert_eq!(with(json!([broken])), live_entries);
    let mut broken = entry;
    broken["fieldsV1"] = json!({"nocolon": {}});
    assert_eq!(with(json!([broken])), live_entries);
}

#[test]
fn an_object_without_managers_stays_untracked_until_it_is_applied() {
    let schema = schema();
    let live = stored(thing(&json!({"replicas": 1})));
    let mut new = live.clone();
    new["spec"]["replicas"] = json!(2);
    assert_eq!(managers(&track_update(Some(&live), new, &context("a", &schema))), "");
}

#[test]
fn update_managers_are_capped_at_ten() {
    let schema = schema();
    let mut object = stored(track_update(None, thing(&json!({"map": {"m00": "x"}})), &context("m00", &schema)));
    for index in 1..14 {
        let (manager, now) = (format!("m{index:02}"), format!("2026-01-01T00:00:{index:02}Z"));
        let mut new = object.clone();
        new["spec"]["map"][&manager] = json!("x");
        object = track_update(Some(&object), new, &Context { now: &now, ..context(&manager, &schema) });
    }
    expect![[r#"
        Update ancient-changes example.com/v1 @01 {"f:spec":{".":{},"f:map":{".":{},"f:m00":{},"f:m01":{},"f:m02":{},"f:m03":{},"f:m04":{}}}}
        Update m05 example.com/v1 @01 {"f:spec":{"f:map":{"f:m05":{}}}}
        Update m06 example.com/v1 @01 {"f:spec":{"f:map":{"f:m06":{}}}}
        Update m07 example.com/v1 @01 {"f:spec":{"f:map":{"f:m07":{}}}}
        Update m08 example.com/v1 @01 {"f:spec":{"f:map":{"f:m08":{}}}}
        Update m09 example.com/v1 @01 {"f:spec":{"f:map":{"f:m09":{}}}}
        Update m10 example.com/v1 @01 {"f:spec":{"f:map":{"f:m10":{}}}}
        Update m11 example.com/v1 @01 {"f:spec":{"f:map":{"f:m11":{}}}}
        Update m12 example.com/v1 @01 {"f:spec":{"f:map":{"f:m12":{}}}}
        Update m13 example.com/v1 @01 {"f:spec":{"f:map":{"f:m13":{}}}}
    "#]].assert_eq(&managers(&object));
}

/// kubectl's first server-side apply after client-side apply.
#[test]
fn kubectl_takes_over_what_it_applied_client_side() {
    let schema = schema();
    let mut applied = thing(&json!({"replicas": 1, "name": "x"}));
    let last = format!("{applied}\n");
    applied["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/last-applied-configuration": last});
    let live = stored(track_update(None, applied, &context("kubectl-client-side-apply", &schema)));
    let new = thing(&json!({"replicas": 2, "name": "x"}));
    let object = apply(Some(&live), &new, &context("kubectl", &schema)).unwrap();
    expect![[r#"
        {"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"example.com/v1\",\"kind\":\"Thing\",\"metadata\":{\"name\":\"x\"},\"spec\":{\"name\":\"x\",\"replicas\":2}}\n"}
        Apply kubectl example.com/v1 @01 {"f:spec":{"f:name":{},"f:replicas":{}}}
        Update kubectl-client-side-apply example.com/v1 @01 {"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/last-applied-configuration":{}}},"f:spec":{".":{},"f:name":{}}}
    "#]].assert_eq(&format!("{}\n{}", object["metadata"]["annotations"], managers(&object)));
    let other = apply(Some(&live), &new, &context("other", &schema)).unwrap_err();
    assert_eq!(other.code, 409);
}

#[test]
fn wrong_requests_are_refused() {
    let schema = schema();
    let check = |applied: Value| {
        let status = apply(Some(&thing(&json!({}))), &applied, &context("a", &schema)).unwrap_err();
        format!("{} {}\n", status.code, status.message)
    };
    let mut version = thing(&json!({}));
    version["apiVersion"] = json!("example.com/v2");
    let mut kind = thing(&json!({}));
    kind["kind"] = json!("Other");
    let mut entries = thing(&json!({}));
    entries["metadata"]["managedFields"] = json!([]);
    let deep = (0..200).fold(json!({}), |inner, _| json!({"a": inner}));
    let texts = [check(version), check(kind), check(entries), check(thing(&json!({"any": deep}))), check(json!({}))];
    expect![[r#"
        400 Incorrect version specified in apply patch. Specified patch version: example.com/v2, expected: example.com/v1
        400 invalid object type: example.com/v1, Kind=Other
        400 metadata.managedFields must be nil
        400 the object nests deeper than 100 levels: flatten it
        400 Incorrect version specified in apply patch. Specified patch version: , expected: example.com/v1
    "#]].assert_eq(&texts.concat());
}

struct Renamed;

/// `v2` calls `name` `title`.
impl Versions for Renamed {
    fn convert(&self, object: &Value, api_version: &str) -> Option<(crate::schema::Schema, Value)> {
        let (from, to) = match api_version {
            "example.com/v1" => ("title", "name"),
            "example.com/v2" => ("name", "title"),
            _ => return None,
        };
        let mut object = object.clone();
        object["apiVersion"] = json!(api_version);
        if let Some(value) = object["spec"].as_object_mut().and_then(|spec| spec.remove(from)) {
            object["spec"][to] = value;
        }
        let text = json!({"type": "string"});
        let spec = json!({"type": "object", "properties": {to: text, "replicas": {"type": "integer"}}});
        let openapi = json!({"type": "object", "properties": {"spec": spec}});
        Some((crate::schema::Schema::compile(&openapi).ok()?, object))
    }
}

#[test]
fn versions_have_their_own_paths() {
    let (v1, _) = Renamed.convert(&thing(&json!({})), "example.com/v1").unwrap();
    let (v2, _) = Renamed.convert(&thing(&json!({})), "example.com/v2").unwrap();
    let context = |manager, version, schema| Context {
        versions: Some(&Renamed),
        ..Context::new(manager, version, LATER, schema)
    };
    let live =
        apply(None, &thing(&json!({"name": "x", "replicas": 1})), &context("one", "example.com/v1", &v1)).unwrap();
    let live = stored(Renamed.convert(&live, "example.com/v2").unwrap().1);
    let applied = json!({"apiVersion": "example.com/v2", "kind": "Thing", "spec": {"title": "y"}});
    let conflict = apply(Some(&live), &applied, &context("two", "example.com/v2", &v2)).unwrap_err();
    expect![[r#"Apply failed with 1 conflict: conflict with "one": .spec.name"#]].assert_eq(&conflict.message);
    // The applier moves to the new version: its old field is the new one, and what it no longer applies goes.
    let object = apply(Some(&live), &applied, &context("one", "example.com/v2", &v2)).unwrap();
    expect![[r#"
        {"title":"y"}
        Apply one example.com/v2 @02 {"f:spec":{"f:title":{}}}
    "#]]
    .assert_eq(&format!("{}\n{}", object["spec"], managers(&object)));
    // Entries of a version that is gone are dropped.
    let mut gone = live.clone();
    gone["metadata"]["managedFields"][0]["apiVersion"] = json!("example.com/v0");
    let object = apply(Some(&gone), &applied, &context("two", "example.com/v2", &v2)).unwrap();
    expect![[r#"
        Apply two example.com/v2 @02 {"f:spec":{"f:title":{}}}
    "#]]
    .assert_eq(&managers(&object));
}

/// A list became atomic: who owned an item now owns the list.
#[test]
fn schema_changes_move_ownership() {
    let schema = schema();
    let mut live = stored(apply(None, &thing(&json!({"list": ["a"]})), &context("a", &schema)).unwrap());
    live["metadata"]["managedFields"][0]["fieldsV1"] = json!({"f:spec": {"f:list": {"v:\"a\"": {}}}});
    let mut new = live.clone();
    new["spec"]["name"] = json!("x");
    expect![[r#"
        Apply a example.com/v1 @01 {"f:spec":{"f:list":{}}}
        Update b example.com/v1 @01 {"f:spec":{"f:name":{}}}
    "#]]
    .assert_eq(&managers(&track_update(Some(&live), new, &context("b", &schema))));
}

#[test]
fn a_deployment_as_kubectl_applies_it() {
    let schema = crate::builtin::schema("apps", "v1", "Deployment").unwrap();
    let context = Context::new("kubectl", "apps/v1", super::NOW, schema);
    let applied = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default", "labels": {"app": "web"}},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "web:1", "ports": [{"containerPort": 80}],
                "resources": {"limits": {"cpu": "1"}}, "env": [{"name": "A", "value": "1"}]}]},
        }},
    });
    let live = apply(None, &applied, &context).unwrap();
    expect![[r#"
        Apply kubectl apps/v1 @01 {"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}},"f:resources":{"f:limits":{"f:cpu":{}}}}}}}}}
    "#]].assert_eq(&managers(&live));
    let mut scaled = stored(live);
    let live = scaled.clone();
    scaled["spec"]["replicas"] = json!(3);
    let live = track_update(Some(&live), scaled, &Context { manager: "kubectl-edit", ..context });
    let conflict = apply(Some(&live), &applied, &context).unwrap_err();
    expect![[r#"Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas"#]]
        .assert_eq(&conflict.message);
}
