//! Custom resources: registration, names, schemas, status, versions, restart.

use expect_test::expect;
use serde_json::{Value, json};

use crate::harness::{WIDGETS, WIDGETS_PATH, ask, over, server, widget};

const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

fn condition(definition: &Value, kind: &str) -> String {
    let conditions = definition["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let found = conditions.into_iter().find(|condition| condition["type"] == kind).unwrap_or_default();
    format!("{}={} {}: {}", kind, found["status"], found["reason"], found["message"])
}

#[tokio::test]
async fn a_definition_is_served_before_its_creator_is_answered() {
    let server = server().await;
    let definition = server.crd(WIDGETS).await;
    expect![[r#"
        NamesAccepted="True" "NoConflicts": "no conflicts found"
        Established="True" "InitialNamesAccepted": "the initial names have been accepted"
        {"categories":["all"],"kind":"Widget","listKind":"WidgetList","plural":"widgets","shortNames":["wd"],"singular":"widget"}
        ["v1"]"#]].assert_eq(&format!(
        "{}\n{}\n{}\n{}",
        condition(&definition, "NamesAccepted"),
        condition(&definition, "Established"),
        definition["status"]["acceptedNames"],
        definition["status"]["storedVersions"],
    ));
    let line = format!("POST {WIDGETS_PATH}");
    let created = server.show(ask(&line).body(widget("w", 3))).await;
    expect![[r#"
        201 Created
        {
          "apiVersion": "demo.example.com/v1",
          "kind": "Widget",
          "metadata": {
            "creationTimestamp": "2025-06-01T12:00:00Z",
            "generation": 1,
            "name": "w",
            "namespace": "default",
            "resourceVersion": "+3",
            "uid": "(uid)"
          },
          "spec": {
            "color": "red",
            "size": 3
          }
        }
    "#]]
    .assert_eq(&created);
}

#[tokio::test]
async fn schemas_default_prune_and_refuse() {
    let server = server().await;
    server.crd(WIDGETS).await;
    let line = format!("POST {WIDGETS_PATH}?fieldValidation=Strict");
    let mut out = String::new();
    for body in [
        widget("Bad_Name", 1),
        widget("w", 0),
        r#"{"apiVersion":"demo.example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"size":"x"}}"#.into(),
        r#"{"apiVersion":"demo.example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"siz":1,"size":1,"size":2}}"#.into(),
        r#"{"metadata":{"name":"w"},"spec":{"size":1}}"#.into(),
    ] {
        out += &format!("{body}\n  {}\n", server.refusal(ask(&line).body(&body)).await);
    }
    expect![[r#"
        {"apiVersion":"demo.example.com/v1","kind":"Widget","metadata":{"name":"Bad_Name"},"spec":{"size":1}}
          422 Invalid: Widget.demo.example.com "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
        {"apiVersion":"demo.example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"size":0}}
          422 Invalid: Widget.demo.example.com "w" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1
        {"apiVersion":"demo.example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"size":"x"}}
          422 Invalid: Widget.demo.example.com "w" is invalid: spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"
        {"apiVersion":"demo.example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"siz":1,"size":1,"size":2}}
          400 BadRequest: Widget in version "v1" cannot be handled as a Widget: strict decoding error: duplicate field "spec.size", unknown field "spec.siz"
        {"metadata":{"name":"w"},"spec":{"size":1}}
          400 BadRequest: Object 'apiVersion' is missing in '{"metadata":{"name":"w"},"spec":{"size":1}}'
    "#]].assert_eq(&out);
}

#[tokio::test]
async fn status_and_spec_do_not_touch_each_other() {
    let server = server().await;
    server.crd(WIDGETS).await;
    let line = format!("POST {WIDGETS_PATH}");
    let with_status = widget("w", 1).replace("\"spec\"", "\"status\":{\"ready\":true},\"spec\"");
    let created = server.ok(ask(&line).body(with_status)).await;
    assert_eq!((created.get("status"), &created["metadata"]["generation"]), (None, &json!(1)));
    let merge = "application/merge-patch+json";
    let line = format!("PATCH {WIDGETS_PATH}/w/status");
    let patched = server.ok(ask(&line).content(merge).body(r#"{"spec":{"size":9},"status":{"ready":true}}"#)).await;
    assert_eq!((&patched["spec"]["size"], &patched["status"]["ready"]), (&json!(1), &json!(true)));
    assert_eq!(patched["metadata"]["generation"], 1);
    let line = format!("PATCH {WIDGETS_PATH}/w");
    let patched = server.ok(ask(&line).content(merge).body(r#"{"spec":{"size":2},"status":{"ready":false}}"#)).await;
    assert_eq!((&patched["spec"]["size"], &patched["status"]["ready"]), (&json!(2), &json!(true)));
    assert_eq!(patched["metadata"]["generation"], 2);
    let line = format!("DELETE {WIDGETS_PATH}/w");
    let finalized = server
        .ok(ask(&line.replace("DELETE", "PATCH")).content(merge).body(r#"{"metadata":{"finalizers":["x.io/f"]}}"#))
        .await;
    assert_eq!(finalized["metadata"]["generation"], 2);
    assert_eq!(server.ok(ask(&line)).await["metadata"]["generation"], 3);
}

#[tokio::test]
async fn a_replacement_must_name_the_version_it_replaces() {
    let server = server().await;
    server.crd(WIDGETS).await;
    let line = format!("POST {WIDGETS_PATH}");
    server.ok(ask(&line).body(widget("w", 1))).await;
    let line = format!("PUT {WIDGETS_PATH}/w");
    expect![[r#"422 Invalid: Widget.demo.example.com "w" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update"#]]
        .assert_eq(&server.refusal(ask(&line).body(widget("w", 2))).await);
    let stale = widget("w", 2).replace("\"name\"", "\"resourceVersion\":\"1\",\"name\"");
    expect![[r#"409 Conflict: Operation cannot be fulfilled on widgets.demo.example.com "w": the object has been modified; please apply your changes to the latest version and try again"#]]
        .assert_eq(&server.refusal(ask(&line).body(stale)).await);
}

#[tokio::test]
async fn definitions_are_checked() {
    let server = server().await;
    let line = format!("POST {CRDS}");
    let mut out = String::new();
    for (from, to) in [
        ("name: widgets.demo", "name: gadgets.demo"),
        ("scope: Namespaced", "scope: Galactic"),
        ("storage: true", "storage: false"),
        ("kind: Widget,", "kind: \"1W\","),
        ("jsonPath: .spec.size", "x: y"),
        ("  scope:", "  conversion: { strategy: Webhook }\n  scope:"),
        (
            "    schema:\n      openAPIV3Schema:\n        type: object",
            "    schema:\n      openAPIV3Schema:\n        type: string",
        ),
        (
            "        properties:\n          spec:\n            type: object",
            "        properties:\n          spec:\n            description: x",
        ),
    ] {
        let body = WIDGETS.replacen(from, to, 1);
        assert_ne!(body, WIDGETS, "{from}");
        out += &format!("{to}\n  {}\n", server.refusal(ask(&line).content("application/yaml").body(body)).await);
    }
    expect![[r#"
        name: gadgets.demo
          422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "gadgets.demo.example.com" is invalid: metadata.name: Invalid value: "gadgets.demo.example.com": must be spec.names.plural+"."+spec.group
        scope: Galactic
          422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: spec.scope: Unsupported value: "Galactic": supported values: "Cluster", "Namespaced"
        storage: false
          422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: spec.versions: Invalid value: "v1": must have exactly one version marked as storage version
        kind: "1W",
          422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: [spec.names.singular: Invalid value: "1w": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?'), spec.names.kind: Invalid value: "1W": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?'), spec.names.listKind: Invalid value: "1WList": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')]
        x: y
          422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: spec.additionalPrinterColumns[0].JSONPath: Required value
          conversion: { strategy: Webhook }
          scope:
          422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: spec.conversion.strategy: Unsupported value: "Webhook": this server calls no conversion webhooks; use "None" and keep the versions' schemas alike, or serve one version
            schema:
              openAPIV3Schema:
                type: string
          422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: spec.validation.openAPIV3Schema.type: Invalid value: "string": must be object at the root
                properties:
                  spec:
                    description: x
          422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields
    "#]].assert_eq(&out);
}

#[tokio::test]
async fn the_first_definition_holds_a_name_until_it_goes() {
    let server = server().await;
    server.crd(WIDGETS).await;
    let other = WIDGETS.replace("widgets", "gadgets").replace("kind: Widget", "kind: Gadget");
    let waiting = server.crd(&other).await;
    expect![[r#"
        NamesAccepted="False" "ShortNamesConflict": "\"wd\" is already in use"
        Established="False" "NotAccepted": "not all names are accepted""#]]
    .assert_eq(&format!("{}\n{}", condition(&waiting, "NamesAccepted"), condition(&waiting, "Established")));
    let gadgets = "GET /apis/demo.example.com/v1/gadgets";
    assert_eq!(server.json(ask(gadgets)).await.0, 404);
    let line = format!("DELETE {CRDS}/widgets.demo.example.com");
    let held = server.ok(ask(&line)).await;
    assert_eq!(held["metadata"]["finalizers"], json!(["customresourcecleanup.apiextensions.k8s.io"]));
    let line = format!("POST {WIDGETS_PATH}");
    expect![[r#"405 MethodNotAllowed: create not allowed while custom resource definition is terminating"#]]
        .assert_eq(&server.refusal(ask(&line).body(widget("w", 1))).await);
    let line = format!("PATCH {CRDS}/widgets.demo.example.com");
    let none = r#"{"metadata":{"finalizers":null}}"#;
    server.ok(ask(&line).content("application/merge-patch+json").body(none)).await;
    assert_eq!(server.json(ask(&format!("GET {WIDGETS_PATH}"))).await.0, 404);
    assert_eq!(server.json(ask(gadgets)).await.0, 200);
}

#[tokio::test]
async fn versions_differ_by_name_only_and_new_defaults_reach_old_objects() {
    let server = server().await;
    server.crd(WIDGETS).await;
    let line = format!("POST {WIDGETS_PATH}");
    server.ok(ask(&line).body(widget("w", 1))).await;
    let line = format!("GET {CRDS}/widgets.demo.example.com");
    let mut definition = server.ok(ask(&line)).await;
    let mut second = definition["spec"]["versions"][0].clone();
    definition["spec"]["versions"][0]["storage"] = json!(false);
    second["name"] = json!("v2");
    second["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["shape"] =
        json!({"type":"string","default":"round"});
    definition["spec"]["versions"].as_array_mut().expect("versions").push(second);
    let line = format!("PUT {CRDS}/widgets.demo.example.com");
    let definition = server.ok(ask(&line).body(definition)).await;
    assert_eq!(definition["status"]["storedVersions"], json!(["v1", "v2"]));
    assert_eq!(definition["metadata"]["generation"], 2);
    let v2 = WIDGETS_PATH.replace("/v1/", "/v2/");
    let line = format!("GET {v2}/w");
    let object = server.ok(ask(&line)).await;
    assert_eq!((&object["apiVersion"], &object["spec"]["shape"]), (&json!("demo.example.com/v2"), &json!("round")));
    let line = format!("GET {WIDGETS_PATH}");
    let list = server.ok(ask(&line)).await;
    assert_eq!(
        (&list["items"][0]["apiVersion"], &list["items"][0]["spec"]["color"]),
        (&json!("demo.example.com/v1"), &json!("red"))
    );
    // The store has it in the old version until it is written again.
    let revision = server.space.revision();
    let line = format!("PATCH {v2}/w");
    let body = r#"{"spec":{"size":5}}"#;
    server.ok(ask(&line).content("application/merge-patch+json").body(body)).await;
    assert!(server.space.revision() > revision);
    let stored = server.space.get("/registry/demo.example.com/widgets/default/w").expect("an object");
    let stored: Value = serde_json::from_slice(&stored.value).expect("JSON");
    assert_eq!(stored["apiVersion"], "demo.example.com/v2");
}

#[tokio::test]
async fn definitions_come_up_again_after_a_restart() {
    let server = server().await;
    server.crd(WIDGETS).await;
    let line = format!("POST {WIDGETS_PATH}");
    let created = server.ok(ask(&line).body(widget("w", 1))).await;
    let revision = server.space.revision();
    let again = over(server.space.clone()).await;
    assert_eq!(again.ok(ask(&format!("GET {WIDGETS_PATH}/w"))).await, created);
    assert_eq!(again.space.revision(), revision, "a restart writes nothing");
}

#[tokio::test]
async fn a_durable_store_gives_back_what_was_answered() {
    let directory = tempfile::tempdir().expect("a directory");
    let open = || store::Durable::open(directory.path()).expect("a store");
    let space = |store: &store::Durable| store::Store::space(store, "cluster").expect("a space");
    let line = format!("POST {WIDGETS_PATH}");
    let (created, revision) = {
        let store = open();
        let server = over(space(&store)).await;
        server.crd(WIDGETS).await;
        (server.ok(ask(&line).body(widget("w", 1))).await, server.space.revision())
    };
    let store = open();
    let again = over(space(&store)).await;
    assert_eq!(again.ok(ask(&format!("GET {WIDGETS_PATH}/w"))).await, created);
    assert_eq!(again.space.revision(), revision, "a restart writes nothing");
}

#[tokio::test]
async fn strategic_patches_are_for_built_in_kinds() {
    let server = server().await;
    server.crd(WIDGETS).await;
    let line = format!("PATCH {WIDGETS_PATH}/w");
    expect![[r#"415 UnsupportedMediaType: the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"#]]
        .assert_eq(&server.refusal(ask(&line).content("application/strategic-merge-patch+json").body("{}")).await);
}

#[tokio::test]
async fn a_table_has_the_columns_of_the_definition() {
    let server = server().await;
    server.crd(WIDGETS).await;
    let line = format!("POST {WIDGETS_PATH}");
    server.ok(ask(&line).body(widget("w", 4))).await;
    server.clock.advance(std::time::Duration::from_secs(300));
    let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    let line = format!("GET {WIDGETS_PATH}?limit=500");
    let table = server.ok(ask(&line).accept(table)).await;
    let names: Vec<&Value> =
        table["columnDefinitions"].as_array().into_iter().flatten().map(|column| &column["name"]).collect();
    expect![[r#"[String("Name"), String("Size"), String("Age")] ["w",4,"5m"] true"#]].assert_eq(&format!(
        "{names:?} {} {}",
        table["rows"][0]["cells"],
        table["metadata"]["resourceVersion"].is_string()
    ));
}
