//! `x-kubernetes-validations` through the API: what a definition may say, and what its instances must hold.

use expect_test::expect;

use crate::harness::{WIDGETS, WIDGETS_PATH, ask, server, widget};

const CRDS: &str = "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const MERGE: &str = "application/merge-patch+json";

/// The definition of widgets with these rules on their spec.
fn ruled(rules: &str) -> String {
    WIDGETS.replace("required: [size]", &format!("required: [size]\n            x-kubernetes-validations:\n{rules}"))
}

#[tokio::test]
async fn rules_hold_for_every_write() {
    let server = server().await;
    server
        .crd(&ruled(
            "            - { rule: 'self.size < 5', messageExpression: \"'too big for ' + self.color\", fieldPath: .size }
            - { rule: 'self.size >= oldSelf.size', message: cannot shrink, reason: FieldValueForbidden }",
        ))
        .await;
    let mut out = String::new();
    let post = format!("POST {WIDGETS_PATH}");
    out += &server.refusal(ask(&post).body(widget("w", 7))).await;
    out += "\n";
    server.ok(ask(&post).body(widget("w", 3))).await;
    let patch = format!("PATCH {WIDGETS_PATH}/w");
    for size in [2, 9] {
        let body = format!(r#"{{"spec":{{"size":{size}}}}}"#);
        out += &server.refusal(ask(&patch).content(MERGE).body(body)).await;
        out += "\n";
    }
    server.ok(ask(&patch).content(MERGE).body(r#"{"spec":{"size":4}}"#)).await;
    expect![[r#"
        422 Invalid: Widget.demo.example.com "w" is invalid: spec.size: Invalid value: "object": too big for red
        422 Invalid: Widget.demo.example.com "w" is invalid: spec: Forbidden: cannot shrink
        422 Invalid: Widget.demo.example.com "w" is invalid: spec.size: Invalid value: "object": too big for red
    "#]]
    .assert_eq(&out);
}

#[tokio::test]
async fn what_broke_a_rule_before_passes_with_a_warning() {
    let server = server().await;
    server.crd(WIDGETS).await;
    server.ok(ask(&format!("POST {WIDGETS_PATH}")).body(widget("w", 9))).await;
    let line = "GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.demo.example.com";
    let mut definition = server.ok(ask(line)).await;
    definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["x-kubernetes-validations"] =
        serde_json::json!([{ "rule": "self.size < 5" }]);
    server.ok(ask(&line.replace("GET", "PUT")).body(definition)).await;
    let patch = format!("PATCH {WIDGETS_PATH}/w");
    let labelled = server.show(ask(&patch).content(MERGE).body(r#"{"metadata":{"labels":{"a":"b"}}}"#)).await;
    let head: Vec<&str> = labelled.lines().take(2).collect();
    expect![[r#"
        200 OK
        warning: 299 - "spec: Invalid value: \"object\": failed rule: self.size < 5""#]]
    .assert_eq(&head.join("\n"));
    expect![[r#"422 Invalid: Widget.demo.example.com "w" is invalid: spec: Invalid value: "object": failed rule: self.size < 5"#]]
        .assert_eq(&server.refusal(ask(&patch).content(MERGE).body(r#"{"spec":{"size":8}}"#)).await);
}

#[tokio::test]
async fn definitions_with_rules_that_cannot_work_are_refused() {
    let server = server().await;
    let mut out = String::new();
    for rule in ["self.sise < 5", "self.size", "self.size < 'x'", "self.size <"] {
        let body = ruled(&format!("            - {{ rule: \"{rule}\" }}"));
        out += &server.refusal(ask(CRDS).content("application/yaml").body(body)).await;
        out += "\n\n";
    }
    expect![[r#"
        422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:"self.sise < 5", Message:"", MessageExpression:"", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:"", OptionalOldSelf:(*bool)(nil)}: compilation failed: ERROR: <input>:1:5: undefined field 'sise'
         | self.sise < 5
         | ....^

        422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:"self.size", Message:"", MessageExpression:"", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:"", OptionalOldSelf:(*bool)(nil)}: cel expression must evaluate to a bool

        422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:"self.size < 'x'", Message:"", MessageExpression:"", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:"", OptionalOldSelf:(*bool)(nil)}: compilation failed: ERROR: <input>:1:11: found no matching overload for '_<_' applied to '(int, string)'
         | self.size < 'x'
         | ..........^

        422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:"self.size <", Message:"", MessageExpression:"", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:"", OptionalOldSelf:(*bool)(nil)}: compilation failed: ERROR: <input>:1:12: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}
         | self.size <
         | ...........^

    "#]]
    .assert_eq(&out);
}
