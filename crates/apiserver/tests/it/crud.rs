//! create, get, update, delete of built-in kinds: answers and refusals.

use expect_test::expect;
use serde_json::json;

use crate::harness::{ask, server};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

#[tokio::test]
async fn an_object_comes_back_as_it_was_stored() {
    let server = server().await;
    let body = json!({ "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": "a", "creationTimestamp": null, "labels": {} }, "data": { "k": "v" } });
    let line = format!("POST {MAPS}");
    let created = server.show(ask(&line).body(body)).await;
    expect![[r#"
        201 Created
        {
          "apiVersion": "v1",
          "data": {
            "k": "v"
          },
          "kind": "ConfigMap",
          "metadata": {
            "creationTimestamp": "2025-06-01T12:00:00Z",
            "name": "a",
            "namespace": "default",
            "resourceVersion": "+1",
            "uid": "(uid)"
          }
        }
    "#]]
    .assert_eq(&created);
    let line = format!("GET {MAPS}/a");
    let got = server.show(ask(&line)).await;
    assert_eq!(got.split_once('\n').map(|(_, body)| body), created.split_once('\n').map(|(_, body)| body));
}

/// Each request with its refusal.
async fn refusals(requests: &[(&str, &str)]) -> String {
    let server = server().await;
    server.config_map("a").await;
    let mut out = String::new();
    for (line, body) in requests {
        let mut request = ask(line);
        if !body.is_empty() {
            request = request.body(body);
        }
        out += &format!("{line} {body}\n  {}\n", server.refusal(request).await);
    }
    out
}

#[tokio::test]
async fn refused_creates_are_worded_as_upstream_words_them() {
    let out = refusals(&[
        ("GET /api/v1/namespaces/default/configmaps/none", ""),
        ("POST /api/v1/namespaces/default/configmaps", r#"{"metadata":{"name":"a"}}"#),
        ("POST /api/v1/namespaces/default/configmaps", r#"{"metadata":{}}"#),
        ("POST /api/v1/namespaces/default/configmaps", r#"{"kind":"Secret","metadata":{"name":"b"}}"#),
        ("POST /api/v1/namespaces/default/configmaps", r#"{"apiVersion":"v2","metadata":{"name":"b"}}"#),
        ("POST /api/v1/namespaces/default/configmaps", r#"{"metadata":{"name":"b","namespace":"other"}}"#),
        ("POST /api/v1/namespaces/none/configmaps", r#"{"metadata":{"name":"b"}}"#),
        ("POST /api/v1/namespaces/default/configmaps", r#"{"metadata":{"name":"b","resourceVersion":"7"}}"#),
        ("POST /api/v1/namespaces/default/configmaps", "{"),
        ("POST /api/v1/configmaps", r#"{"metadata":{"name":"b"}}"#),
    ])
    .await;
    expect![[r#"
        GET /api/v1/namespaces/default/configmaps/none 
          404 NotFound: configmaps "none" not found
        POST /api/v1/namespaces/default/configmaps {"metadata":{"name":"a"}}
          409 AlreadyExists: configmaps "a" already exists
        POST /api/v1/namespaces/default/configmaps {"metadata":{}}
          422 Invalid: ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required
        POST /api/v1/namespaces/default/configmaps {"kind":"Secret","metadata":{"name":"b"}}
          400 BadRequest: Secret in version "v1" cannot be handled as a ConfigMap: the kind in the data does not match the address
        POST /api/v1/namespaces/default/configmaps {"apiVersion":"v2","metadata":{"name":"b"}}
          400 BadRequest: the API version in the data (v2) does not match the expected API version (v1)
        POST /api/v1/namespaces/default/configmaps {"metadata":{"name":"b","namespace":"other"}}
          400 BadRequest: the namespace of the provided object does not match the namespace sent on the request
        POST /api/v1/namespaces/none/configmaps {"metadata":{"name":"b"}}
          404 NotFound: namespaces "none" not found
        POST /api/v1/namespaces/default/configmaps {"metadata":{"name":"b","resourceVersion":"7"}}
          400 BadRequest: resourceVersion should not be set on objects to be created
        POST /api/v1/namespaces/default/configmaps {
          400 BadRequest: couldn't get version/kind; json parse error: EOF while parsing an object at line 1 column 1
        POST /api/v1/configmaps {"metadata":{"name":"b"}}
          405 MethodNotAllowed: the server does not allow this method on the requested resource
    "#]].assert_eq(&out);
}

#[tokio::test]
async fn other_refusals_are_worded_as_upstream_words_them() {
    let out = refusals(&[
        ("PUT /api/v1/namespaces/default/configmaps/none", r#"{"metadata":{"name":"none"}}"#),
        ("PUT /api/v1/namespaces/default/configmaps/a", r#"{"metadata":{"name":"b"}}"#),
        ("PUT /api/v1/namespaces/default/configmaps/a", r#"{"metadata":{"name":"a","resourceVersion":"1"}}"#),
        ("PUT /api/v1/namespaces/default/configmaps/a", r#"{"metadata":{"name":"a","uid":"x"}}"#),
        ("DELETE /api/v1/namespaces/default/configmaps/none", ""),
        ("DELETE /api/v1/namespaces/default/configmaps/a", r#"{"preconditions":{"uid":"x"}}"#),
        ("DELETE /api/v1/namespaces/default", ""),
        ("DELETE /api/v1/namespaces", ""),
        ("POST /api/v1/namespaces/default/configmaps?dryRun=Some", r#"{"metadata":{"name":"b"}}"#),
        ("GET /apis/none.example.com/v1/things", ""),
        ("GET /api/v1/nodes/x/proxy", ""),
        ("GET /api/v1/configmaps/a", ""),
    ])
    .await;
    expect![[r#"
        PUT /api/v1/namespaces/default/configmaps/none {"metadata":{"name":"none"}}
          404 NotFound: configmaps "none" not found
        PUT /api/v1/namespaces/default/configmaps/a {"metadata":{"name":"b"}}
          400 BadRequest: the name of the object (b) does not match the name on the URL (a)
        PUT /api/v1/namespaces/default/configmaps/a {"metadata":{"name":"a","resourceVersion":"1"}}
          409 Conflict: Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again
        PUT /api/v1/namespaces/default/configmaps/a {"metadata":{"name":"a","uid":"x"}}
          409 Conflict: Operation cannot be fulfilled on configmaps "a": Precondition failed: UID in precondition: x, UID in object meta: (uid)
        DELETE /api/v1/namespaces/default/configmaps/none 
          404 NotFound: configmaps "none" not found
        DELETE /api/v1/namespaces/default/configmaps/a {"preconditions":{"uid":"x"}}
          409 Conflict: Operation cannot be fulfilled on configmaps "a": Precondition failed: UID in precondition: x, UID in object meta: (uid)
        DELETE /api/v1/namespaces/default 
          403 Forbidden: namespaces "default" is forbidden: this namespace may not be deleted
        DELETE /api/v1/namespaces 
          405 MethodNotAllowed: the server does not allow this method on the requested resource
        POST /api/v1/namespaces/default/configmaps?dryRun=Some {"metadata":{"name":"b"}}
          422 Invalid: CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: "Some": supported values: "All"
        GET /apis/none.example.com/v1/things 
          404 NotFound: the server could not find the requested resource
        GET /api/v1/nodes/x/proxy 
          501 NotImplemented: proxy is not served by this server: the nodes of its clusters are simulated, no process runs
        GET /api/v1/configmaps/a 
          404 NotFound: the server could not find the requested resource
    "#]].assert_eq(&out);
}

#[tokio::test]
async fn unknown_paths_outside_of_the_api_are_plain_text() {
    let server = server().await;
    assert_eq!(server.show(ask("GET /nothing")).await, "404 Not Found\n404 page not found\n");
}

#[tokio::test]
async fn names_are_generated_and_owned_by_the_server() {
    let server = server().await;
    let line = format!("POST {MAPS}");
    let object = server.ok(ask(&line).body(r#"{"metadata":{"generateName":"x-","uid":"mine"}}"#)).await;
    let name = object["metadata"]["name"].as_str().expect("a name");
    assert!(name.starts_with("x-") && name.len() == 7, "{name}");
    assert_ne!(object["metadata"]["uid"], "mine");
}

#[tokio::test]
async fn a_write_that_changes_nothing_keeps_the_version() {
    let server = server().await;
    let before = server.config_map("a").await;
    let revision = server.space.revision();
    let line = format!("PUT {MAPS}/a");
    let after = server.ok(ask(&line).body(&before)).await;
    assert_eq!(after, before);
    assert_eq!(server.space.revision(), revision);
}

#[tokio::test]
async fn dry_runs_do_everything_but_write() {
    let server = server().await;
    server.config_map("a").await;
    let revision = server.space.revision();
    for (line, body) in [
        ("POST /api/v1/namespaces/default/configmaps?dryRun=All", r#"{"metadata":{"name":"b"}}"#),
        ("PUT /api/v1/namespaces/default/configmaps/a?dryRun=All", r#"{"metadata":{"name":"a"},"data":{"x":"y"}}"#),
        ("DELETE /api/v1/namespaces/default/configmaps/a?dryRun=All", ""),
        ("DELETE /api/v1/namespaces/default/configmaps/a", r#"{"dryRun":["All"]}"#),
        ("DELETE /api/v1/namespaces/default/configmaps?dryRun=All", ""),
    ] {
        server.ok(ask(line).body(body)).await;
    }
    let line = format!("POST {MAPS}?dryRun=All");
    let (code, _) = server.json(ask(&line).body(r#"{"metadata":{"name":"a"}}"#)).await;
    assert_eq!((code, server.space.revision()), (409, revision));
}

#[tokio::test]
async fn finalizers_hold_an_object_until_the_last_one_goes() {
    let server = server().await;
    let line = format!("POST {MAPS}");
    server.ok(ask(&line).body(r#"{"metadata":{"name":"a","finalizers":["x.io/f"]}}"#)).await;
    let line = format!("DELETE {MAPS}/a");
    let held = server.ok(ask(&line)).await;
    assert_eq!(held["metadata"]["deletionTimestamp"], "2025-06-01T12:00:00Z");
    assert_eq!(held["metadata"]["deletionGracePeriodSeconds"], 0);
    let again = server.ok(ask(&line)).await;
    assert_eq!(again["metadata"]["resourceVersion"], held["metadata"]["resourceVersion"]);
    let line = format!("PATCH {MAPS}/a");
    let more = r#"{"metadata":{"finalizers":["x.io/f","x.io/g"]}}"#;
    expect![[r#"422 Invalid: ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.io/g"}"#]]
        .assert_eq(&server.refusal(ask(&line).content("application/merge-patch+json").body(more)).await);
    let none = r#"{"metadata":{"finalizers":null}}"#;
    server.ok(ask(&line).content("application/merge-patch+json").body(none)).await;
    let line = format!("GET {MAPS}/a");
    assert_eq!(server.json(ask(&line)).await.0, 404);
}

#[tokio::test]
async fn a_deleted_object_is_answered_with_a_status() {
    let server = server().await;
    server.config_map("a").await;
    let line = format!("DELETE {MAPS}/a");
    let body = r#"{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}"#;
    expect![[r#"
        200 OK
        {
          "apiVersion": "v1",
          "details": {
            "kind": "configmaps",
            "name": "a",
            "uid": "(uid)"
          },
          "kind": "Status",
          "metadata": {},
          "status": "Success"
        }
    "#]]
    .assert_eq(&server.show(ask(&line).body(body)).await);
}

#[tokio::test]
async fn propagation_becomes_a_finalizer() {
    let server = server().await;
    for (policy, finalizer) in [("Foreground", "foregroundDeletion"), ("Orphan", "orphan")] {
        server.config_map("a").await;
        let line = format!("DELETE {MAPS}/a?propagationPolicy={policy}");
        let held = server.ok(ask(&line)).await;
        assert_eq!(held["metadata"]["finalizers"], json!([finalizer]));
        let line = format!("PATCH {MAPS}/a");
        let patch = r#"[{"op":"remove","path":"/metadata/finalizers"}]"#;
        server.ok(ask(&line).content("application/json-patch+json").body(patch)).await;
    }
}

#[tokio::test]
async fn secrets_take_plain_data_once() {
    let server = server().await;
    let line = "POST /api/v1/namespaces/default/secrets";
    let body = r#"{"metadata":{"name":"s"},"stringData":{"a":"b"},"immutable":true}"#;
    let secret = server.ok(ask(line).body(body)).await;
    assert_eq!(
        (&secret["data"], &secret["type"], secret.get("stringData")),
        (&json!({"a":"Yg=="}), &json!("Opaque"), None)
    );
    let line = "PATCH /api/v1/namespaces/default/secrets/s";
    let patch = r#"{"data":{"a":"Yw=="},"type":"other"}"#;
    expect![[r#"422 Invalid: Secret "s" is invalid: [type: Invalid value: "other": field is immutable, data: Forbidden: field is immutable when `immutable` is set]"#]]
        .assert_eq(&server.refusal(ask(line).content("application/merge-patch+json").body(patch)).await);
}

#[tokio::test]
async fn events_are_one_object_in_two_groups() {
    let server = server().await;
    let body = json!({ "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": { "name": "e" },
        "regarding": { "kind": "Pod", "name": "p", "namespace": "default" }, "note": "hello", "reason": "R", "action": "A",
        "reportingController": "c", "reportingInstance": "i", "type": "Normal", "eventTime": "2025-06-01T12:00:00.000000Z" });
    server.ok(ask("POST /apis/events.k8s.io/v1/namespaces/default/events").body(body)).await;
    let core = server.ok(ask("GET /api/v1/namespaces/default/events/e")).await;
    assert_eq!((&core["message"], &core["involvedObject"]["name"]), (&json!("hello"), &json!("p")));
    let listed = server.ok(ask("GET /api/v1/events?fieldSelector=involvedObject.name%3Dp")).await;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    let back = server.ok(ask("GET /apis/events.k8s.io/v1/namespaces/default/events/e")).await;
    assert_eq!((&back["note"], &back["apiVersion"]), (&json!("hello"), &json!("events.k8s.io/v1")));
}

#[tokio::test]
async fn a_namespace_ends_through_its_finalizer() {
    let server = server().await;
    let namespace = server.ok(ask("POST /api/v1/namespaces").body(r#"{"metadata":{"name":"n"}}"#)).await;
    assert_eq!(namespace["spec"]["finalizers"], json!(["kubernetes"]));
    assert_eq!(namespace["metadata"]["labels"]["kubernetes.io/metadata.name"], "n");
    let mut held = server.ok(ask("DELETE /api/v1/namespaces/n")).await;
    assert_eq!(held["status"]["phase"], "Terminating");
    let refused =
        server.refusal(ask("POST /api/v1/namespaces/n/configmaps").body(r#"{"metadata":{"name":"a"}}"#)).await;
    expect![[r#"403 Forbidden: configmaps "a" is forbidden: unable to create new content in namespace n because it is being terminated"#]]
        .assert_eq(&refused);
    held["spec"]["finalizers"] = json!([]);
    server.ok(ask("PUT /api/v1/namespaces/n/finalize").body(&held)).await;
    assert_eq!(server.json(ask("GET /api/v1/namespaces/n")).await.0, 404);
}

#[tokio::test]
async fn field_validation_refuses_warns_or_keeps_quiet() {
    let server = server().await;
    let body = r#"{"metadata":{"name":"a"},"data":{"x":"1","x":"2"},"dta":{}}"#;
    let mut out = String::new();
    for mode in ["Strict", "Warn", "Ignore"] {
        let line = format!("POST {MAPS}?dryRun=All&fieldValidation={mode}");
        out += &format!("{mode}: {}", server.show(ask(&line).body(body)).await);
    }
    expect![[r#"
        Strict: 400 Bad Request
        {
          "apiVersion": "v1",
          "code": 400,
          "kind": "Status",
          "message": "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: duplicate field \"data.x\", unknown field \"dta\"",
          "metadata": {},
          "reason": "BadRequest",
          "status": "Failure"
        }
        Warn: 201 Created
        warning: 299 - "duplicate field \"data.x\""
        warning: 299 - "unknown field \"dta\""
        {
          "apiVersion": "v1",
          "data": {
            "x": "2"
          },
          "kind": "ConfigMap",
          "metadata": {
            "creationTimestamp": "2025-06-01T12:00:00Z",
            "name": "a",
            "namespace": "default",
            "uid": "(uid)"
          }
        }
        Ignore: 201 Created
        {
          "apiVersion": "v1",
          "data": {
            "x": "2"
          },
          "kind": "ConfigMap",
          "metadata": {
            "creationTimestamp": "2025-06-01T12:00:00Z",
            "name": "a",
            "namespace": "default",
            "uid": "(uid)"
          }
        }
    "#]].assert_eq(&out);
}

#[tokio::test]
async fn sizes_are_limited() {
    let server = server().await;
    let line = format!("POST {MAPS}");
    let body = format!(r#"{{"metadata":{{"name":"a"}},"data":{{"a":"{}"}}}}"#, "x".repeat(4 << 20));
    expect![[r#"413 RequestEntityTooLarge: Request entity too large: limit is 3145728"#]]
        .assert_eq(&server.refusal(ask(&line).body(body)).await);
    let body = format!(r#"{{"metadata":{{"name":"a"}},"data":{{"a":"{}"}}}}"#, "x".repeat(2 << 20));
    expect![[r#"422 Invalid: ConfigMap "a" is invalid: Too long: may not be more than 1048576 bytes"#]]
        .assert_eq(&server.refusal(ask(&line).body(body)).await);
}

#[tokio::test]
async fn bodies_may_be_yaml_and_nothing_unknown() {
    let server = server().await;
    let line = format!("POST {MAPS}");
    let yaml = "metadata:\n  name: yaml\ndata:\n  a: \"1\"\n";
    let object = server.ok(ask(&line).content("application/yaml").body(yaml)).await;
    assert_eq!(object["data"]["a"], "1");
    expect![[r#"415 UnsupportedMediaType: the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf"#]]
        .assert_eq(&server.refusal(ask(&line).content("application/cbor").body("x")).await);
    expect![[r#"406 NotAcceptable: only the following media types are accepted: application/json"#]]
        .assert_eq(&server.refusal(ask(&line.replace("POST", "GET")).accept("text/html")).await);
}
