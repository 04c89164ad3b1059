use std::collections::BTreeSet;

use expect_test::expect;
use serde_json::{Value, json};

use super::{CustomEntry, Entry, openapi_v2, openapi_v2_protobuf, openapi_v3};
use crate::builtin::{kind, kinds};

fn builtin(group: &str, version: &str) -> Value {
    let of_version = kinds().iter().filter(|kind| kind.group == group && kind.version == version);
    openapi_v3(group, version, &of_version.map(Entry::Builtin).collect::<Vec<_>>())
}

fn widget(schema: Option<&Value>) -> Value {
    let entry = CustomEntry {
        group: "stable.example.com",
        version: "v1",
        kind: "Widget",
        list_kind: "WidgetList",
        plural: "widgets",
        namespaced: true,
        schema,
        status: true,
        scale: true,
    };
    openapi_v3("stable.example.com", "v1", &[Entry::Custom(entry)])
}

/// One line per path, one per component.
fn outline(document: &Value) -> String {
    let mut text = String::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods: Vec<&str> = item.as_object().unwrap().keys().map(String::as_str).collect();
        text += &format!("{path} {}\n", methods.join(" "));
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        text += &format!("{name}\n");
    }
    text
}

/// Each member on a line of its own.
fn one_line_each(object: &Value) -> String {
    let members = object.as_object().unwrap().iter();
    members.map(|(name, value)| format!("{name}: {value}\n")).collect()
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(to)) = object.get("$ref") {
                found.insert(to.trim_start_matches("#/components/schemas/").to_string());
            }
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn no_reference_dangles_and_nothing_is_there_that_is_not_reached() {
    let versions: BTreeSet<(&str, &str)> = kinds().iter().map(|kind| (kind.group, kind.version)).collect();
    let documents = versions.into_iter().map(|(group, version)| builtin(group, version));
    for document in documents.chain([widget(None)]) {
        let mut referred = BTreeSet::new();
        references(&document, &mut referred);
        let known: BTreeSet<String> = document["components"]["schemas"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(referred, known);
    }
}

#[test]
fn operation_ids_are_unique() {
    let document = builtin("", "v1");
    let mut seen = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(method, _)| *method != "parameters") {
            assert!(seen.insert(operation["operationId"].to_string()), "{method} {path}");
        }
    }
}

#[test]
fn a_review_can_only_be_created() {
    let review = kind("authorization.k8s.io", "v1", "SelfSubjectAccessReview").unwrap();
    expect![[r#"
        /apis/authorization.k8s.io/v1/selfsubjectaccessreviews post
        io.k8s.api.authorization.v1.FieldSelectorAttributes
        io.k8s.api.authorization.v1.LabelSelectorAttributes
        io.k8s.api.authorization.v1.NonResourceAttributes
        io.k8s.api.authorization.v1.ResourceAttributes
        io.k8s.api.authorization.v1.SelfSubjectAccessReview
        io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec
        io.k8s.api.authorization.v1.SubjectAccessReviewStatus
        io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement
        io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1
        io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement
        io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry
        io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta
        io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference
        io.k8s.apimachinery.pkg.apis.meta.v1.Time
    "#]]
    .assert_eq(&outline(&openapi_v3("authorization.k8s.io", "v1", &[Entry::Builtin(review)])));
}

#[test]
fn patch_says_what_kubectl_looks_for() {
    let config_map = kind("", "v1", "ConfigMap").unwrap();
    let document = openapi_v3("", "v1", &[Entry::Builtin(config_map)]);
    let patch = &document["paths"]["/api/v1/namespaces/{namespace}/configmaps/{name}"]["patch"];
    expect![[r##"
        operationId: "patchCoreV1NamespacedConfigMap"
        parameters: [{"in":"query","name":"dryRun","schema":{"type":"string"}},{"in":"query","name":"fieldManager","schema":{"type":"string"}},{"in":"query","name":"fieldValidation","schema":{"type":"string"}},{"in":"query","name":"force","schema":{"type":"boolean"}}]
        requestBody: {"content":{"application/apply-patch+yaml":{"schema":{"$ref":"#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Patch"}},"application/json-patch+json":{"schema":{"$ref":"#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Patch"}},"application/merge-patch+json":{"schema":{"$ref":"#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Patch"}},"application/strategic-merge-patch+json":{"schema":{"$ref":"#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Patch"}}}}
        responses: {"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/io.k8s.api.core.v1.ConfigMap"}}},"description":"OK"},"401":{"description":"Unauthorized"}}
        tags: ["core_v1"]
        x-kubernetes-action: "patch"
        x-kubernetes-group-version-kind: {"group":"","kind":"ConfigMap","version":"v1"}
    "##]].assert_eq(&one_line_each(patch));
}

#[test]
fn schemas_say_how_lists_merge() {
    let document = builtin("", "v1");
    let schemas = &document["components"]["schemas"];
    let meta = &schemas["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"]["properties"];
    expect![[r##"
        {
          "items": {
            "allOf": [
              {
                "$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference"
              }
            ]
          },
          "type": "array",
          "x-kubernetes-list-map-keys": [
            "uid"
          ],
          "x-kubernetes-list-type": "map",
          "x-kubernetes-patch-merge-key": "uid",
          "x-kubernetes-patch-strategy": "merge"
        }"##]]
    .assert_eq(&serde_json::to_string_pretty(&meta["ownerReferences"]).unwrap());
    let container = &schemas["io.k8s.api.core.v1.Container"];
    let of_container =
        json!([container["properties"]["ports"], container["required"], container["properties"]["resources"]]);
    expect![[r##"
        [
          {
            "items": {
              "allOf": [
                {
                  "$ref": "#/components/schemas/io.k8s.api.core.v1.ContainerPort"
                }
              ]
            },
            "type": "array",
            "x-kubernetes-list-map-keys": [
              "containerPort",
              "protocol"
            ],
            "x-kubernetes-list-type": "map",
            "x-kubernetes-patch-merge-key": "containerPort",
            "x-kubernetes-patch-strategy": "merge"
          },
          [
            "name"
          ],
          {
            "allOf": [
              {
                "$ref": "#/components/schemas/io.k8s.api.core.v1.ResourceRequirements"
              }
            ]
          }
        ]"##]]
    .assert_eq(&serde_json::to_string_pretty(&of_container).unwrap());
    expect![[r#"{"properties":{"key":{"type":"string"},"name":{"default":"","type":"string"},"optional":{"type":"boolean"}},"required":["key"],"type":"object","x-kubernetes-map-type":"atomic"}"#]].assert_eq(&schemas["io.k8s.api.core.v1.SecretKeySelector"].to_string());
}

#[test]
fn custom_resources_keep_their_schema_and_gain_what_every_object_has() {
    let schema = json!({
        "type": "object",
        "description": "A thing.",
        "properties": {
            "metadata": { "type": "object" },
            "spec": {
                "type": "object",
                "properties": {
                    "template": {
                        "type": "object",
                        "x-kubernetes-embedded-resource": true,
                        "x-kubernetes-preserve-unknown-fields": true,
                    },
                    "size": { "type": "integer", "description": "How large.", "minimum": 1 },
                },
            },
        },
    });
    let document = widget(Some(&schema));
    let widget = &document["components"]["schemas"]["com.example.stable.v1.Widget"];
    expect![[r##"
        apiVersion: {"type":"string"}
        kind: {"type":"string"}
        metadata: {"allOf":[{"$ref":"#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]}
        spec: {"properties":{"size":{"description":"How large.","minimum":1,"type":"integer"},"template":{"properties":{"apiVersion":{"type":"string"},"kind":{"type":"string"},"metadata":{"allOf":[{"$ref":"#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]}},"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}},"type":"object"}
    "##]].assert_eq(&one_line_each(&widget["properties"]));
    assert_eq!(widget["description"], "A thing.");
}

#[test]
fn custom_resources_have_their_parts_and_no_strategic_merge() {
    let document = widget(None);
    expect![[r#"
        /apis/stable.example.com/v1/namespaces/{namespace}/widgets delete get parameters post
        /apis/stable.example.com/v1/namespaces/{namespace}/widgets/{name} delete get parameters patch put
        /apis/stable.example.com/v1/namespaces/{namespace}/widgets/{name}/scale get parameters patch put
        /apis/stable.example.com/v1/namespaces/{namespace}/widgets/{name}/status get parameters patch put
        /apis/stable.example.com/v1/widgets get
        com.example.stable.v1.Widget
        com.example.stable.v1.WidgetList
        io.k8s.api.autoscaling.v1.Scale
        io.k8s.api.autoscaling.v1.ScaleSpec
        io.k8s.api.autoscaling.v1.ScaleStatus
        io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions
        io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1
        io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta
        io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry
        io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta
        io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference
        io.k8s.apimachinery.pkg.apis.meta.v1.Patch
        io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions
        io.k8s.apimachinery.pkg.apis.meta.v1.Status
        io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause
        io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails
        io.k8s.apimachinery.pkg.apis.meta.v1.Time
    "#]]
    .assert_eq(&outline(&document));
    let patch = &document["paths"]["/apis/stable.example.com/v1/namespaces/{namespace}/widgets/{name}"]["patch"];
    let media_types: Vec<&String> = patch["requestBody"]["content"].as_object().unwrap().keys().collect();
    expect![[r#"["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"]"#]]
        .assert_eq(&format!("{media_types:?}"));
}

fn whole() -> Value {
    let versions: BTreeSet<(&str, &str)> = kinds().iter().map(|kind| (kind.group, kind.version)).collect();
    let schema = json!({ "type": "object", "properties": {
        "port": { "x-kubernetes-int-or-string": true, "anyOf": [{ "type": "integer" }, { "type": "string" }] },
        "maybe": { "type": "string", "nullable": true },
        "list": { "type": "array", "items": { "type": "object", "required": ["a"], "properties": { "a": { "type": "number", "maximum": 2.5 } } } },
    } });
    openapi_v2(
        "v1.33.1",
        versions.into_iter().map(|(group, version)| builtin(group, version)).chain([widget(Some(&schema))]),
    )
}

#[test]
fn the_older_document_is_whole_and_speaks_v2() {
    let document = whole();
    let text = document.to_string();
    for word in ["components/schemas", "\"oneOf\":[", "\"anyOf\":[", "\"nullable\":true", "requestBody"] {
        assert!(!text.contains(word), "{word}");
    }
    let mut referred = BTreeSet::new();
    references(&document, &mut referred);
    let known = document["definitions"].as_object().unwrap();
    let dangling: Vec<&String> =
        referred.iter().filter(|to| !known.contains_key(to.trim_start_matches("#/definitions/"))).collect();
    assert!(dangling.is_empty(), "{dangling:?}");
    let spec = &known["io.k8s.api.apps.v1.DeploymentSpec"]["properties"];
    expect![[r##"
        {"$ref":"#/definitions/io.k8s.api.core.v1.PodTemplateSpec"}
        {"$ref":"#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString"}
        {"format":"int-or-string","type":"string"}
        {"x-kubernetes-int-or-string":true}
        {}"##]]
    .assert_eq(
        &[
            &spec["template"],
            &known["io.k8s.api.apps.v1.RollingUpdateDeployment"]["properties"]["maxSurge"],
            &known["io.k8s.apimachinery.pkg.util.intstr.IntOrString"],
            &known["com.example.stable.v1.Widget"]["properties"]["port"],
            &known["com.example.stable.v1.Widget"]["properties"]["maybe"],
        ]
        .map(Value::to_string)
        .join("\n"),
    );
    let patch = &document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"];
    assert_eq!(patch["parameters"][0]["in"], "body");
    assert!(patch["consumes"].to_string().contains("strategic-merge-patch"));
    let kinds = &known["io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"]["x-kubernetes-group-version-kind"];
    assert!(kinds.as_array().is_some_and(|kinds| kinds.len() > 10), "of every group-version: {kinds}");
}

#[test]
fn its_protobuf_has_every_name() {
    let document = whole();
    let bytes = openapi_v2_protobuf(&document);
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    for name in document["definitions"].as_object().unwrap().keys().chain(document["paths"].as_object().unwrap().keys())
    {
        assert!(has(name), "{name}");
    }
    assert!(has("x-kubernetes-patch-merge-key") && has("2.0"));
}
