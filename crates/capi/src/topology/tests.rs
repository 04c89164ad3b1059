use std::cmp::Ordering;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;

#[test]
fn names_are_as_upstreams_and_stay() {
    let letters = names::suffix("6f1e5f0c-8a45", "infrastructure");
    assert_eq!(letters, names::suffix("6f1e5f0c-8a45", "infrastructure"));
    assert_ne!(letters, names::suffix("6f1e5f0c-8a45", "control-plane"));
    assert_ne!(letters, names::suffix("6f1e5f0c-8a46", "infrastructure"));
    assert!(letters.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte)), "{letters}");
    assert_eq!(names::simple("dev-", "x5z7w"), "dev-x5z7w");
    assert_eq!(names::simple(&"n".repeat(80), "x5z7w").len(), 63);
    let strategy = |text: &str| json!({"namingStrategy": {"template": text}});
    let name = |text: &str| match names::by_strategy(Some(&strategy(text)), "dev", Some("mp-0"), "x5z7w") {
        Ok(name) => name,
        Err(Halt::Failed(message)) => message,
        Err(other) => format!("{other:?}"),
    };
    expect!["dev-mp-0"].assert_eq(&name("{{ .cluster.name }}-{{ .machinePool.topologyName }}"));
    expect!["dev-x5z7w"].assert_eq(&name("{{ .cluster.name }}-{{ .random }}"));
    expect![[r#"rendering template: "{{ .cluster.nam }}" names something that there is not"#]]
        .assert_eq(&name("{{ .cluster.nam }}"));
    assert!(name("{{ .cluster.name }}_{{ .random }}").contains("is not valid: "));
    assert_eq!(names::by_strategy(None, "dev", Some("mp-0"), "x5z7w").unwrap(), "dev-mp-0-x5z7w");
}

#[test]
fn templates_are_gos_with_hermetic_functions() {
    let variables =
        json!({"builtin": {"cluster": {"name": "dev"}}, "count": 3, "half": 2.5, "on": true, "list": ["a"]});
    let shown = |template: &str| match template::value(template, &variables) {
        Ok(value) => value.to_string(),
        Err(error) => error,
    };
    assert_eq!(shown("{{ .builtin.cluster.name | upper }}"), r#""DEV""#);
    assert_eq!(shown("a: {{ .count }}\nb: [{{ .half }}]"), r#"{"a":3,"b":[2.5]}"#);
    assert_eq!(shown("{{ and .on (eq .builtin.cluster.name \"dev\") }}"), "true");
    assert_eq!(shown("{{ .list | toJson }}"), r#"["a"]"#);
    assert_eq!(shown("{{ .missing }}"), r#""<no value>""#);
    assert_eq!(shown(""), "null");
    for absent in ["now", "uuidv4", "randAlpha 5", "genPrivateKey \"rsa\"", "toYaml .list", "include \"a\" ."] {
        let error = template::value(&format!("{{{{ {absent} }}}}"), &variables).unwrap_err();
        assert!(error.contains("not defined"), "{absent}: {error}");
    }
    expect![[r#"failed to render template: "{{ .count.x }}": template: tpl:1:9: executing "tpl" at <.count.x>: can't evaluate field x in type interface {}"#]]
        .assert_eq(&template::value("{{ .count.x }}", &variables).unwrap_err());
}

#[test]
fn variables_are_found_by_path() {
    let variables = json!({"plain": "a", "deep": {"list": [{"name": "b"}], "none": null}});
    let shown = |path: &str| match variables::lookup(&variables, path) {
        Ok(value) => value.to_string(),
        Err(error) => error,
    };
    assert_eq!(shown("plain"), r#""a""#);
    assert_eq!(shown("deep.list[0].name"), r#""b""#);
    assert_eq!(shown("deep.none"), "null");
    assert_eq!(shown("other"), r#"variable "other" does not exist"#);
    assert_eq!(shown("deep.x"), r#"variable "deep.x" does not exist: failed to lookup segment "x""#);
    assert_eq!(shown("deep.list[7]"), r#"variable "deep.list[7]" is invalid: array does not have index 7"#);
    assert_eq!(shown("deep[0]"), r#"variable "deep[0]" is invalid: failed to get array "deep""#);
    assert_eq!(
        shown("deep.list[x]"),
        r#"variable "deep.list[x]" has invalid syntax: failed to parse array index in path segment "list[x]""#
    );
    assert_eq!(shown("plain[0"), r#"variable "plain[0" is invalid: failed to parse path segment "plain[0""#);
}

fn class_of(variables: &[(&str, bool, Value)]) -> Value {
    let listed: Vec<Value> = variables
        .iter()
        .map(|(name, required, schema)| {
            json!({"name": name, "definitionsConflict": false, "definitions": [
                {"from": "inline", "required": required, "schema": {"openAPIV3Schema": schema}},
            ]})
        })
        .collect();
    json!({"status": {"variables": listed}})
}

fn prepared(topology: Value, expected: Expect) {
    let class = class_of(&[
        ("count", false, json!({"type": "integer", "minimum": 1, "default": 2})),
        (
            "network",
            false,
            json!({"type": "object", "properties": {
                "mode": {"type": "string", "enum": ["azure", "none"], "default": "azure"},
                "mtu": {"type": "integer"},
            }}),
        ),
        (
            "zone",
            true,
            json!({"type": "string", "pattern": "^[a-z]+$", "example": "west", "x-kubernetes-validations": [
                {"rule": "self.size() < 6", "message": "is too long"},
            ]}),
        ),
    ]);
    let observed = crate::Observed::new(json!({
        "apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "Cluster", "metadata": {"name": "dev", "namespace": "ns"},
    }));
    let env = crate::Env { now: jiff::Timestamp::UNIX_EPOCH };
    let text = match variables::prepared(&Pass::new(&observed, &env), &topology, &class) {
        Ok(topology) => topology.to_string(),
        Err(Halt::Failed(message)) => message,
        Err(other) => format!("{other:?}"),
    };
    expected.assert_eq(&text);
}

#[test]
fn variables_are_defaulted_and_checked() {
    let variable = |name: &str, value: Value| json!({"name": name, "value": value});
    let of = |list: Value| json!({"variables": list});
    prepared(
        of(json!([variable("zone", json!("west")), variable("network", json!({"mtu": 1500}))])),
        expect![[
            r#"{"variables":[{"name":"zone","value":"west"},{"name":"network","value":{"mode":"azure","mtu":1500}},{"name":"count","value":2}]}"#
        ]],
    );
    prepared(
        of(json!([])),
        expect![[
            r#"Cluster.cluster.x-k8s.io "dev" is invalid: spec.topology.variables: Required value: required variable "zone" must be set"#
        ]],
    );
    prepared(
        of(json!([variable("zone", json!("west")), variable("size", json!(1))])),
        expect![[
            r#"Cluster.cluster.x-k8s.io "dev" is invalid: spec.topology.variables[size]: Invalid value: "1": variable is not defined"#
        ]],
    );
    prepared(
        of(json!([variable("zone", json!("WEST"))])),
        expect![[
            r#"Cluster.cluster.x-k8s.io "dev" is invalid: spec.topology.variables[zone].value: Invalid value: "WEST": value in body should match '^[a-z]+$'"#
        ]],
    );
    prepared(
        of(json!([variable("zone", json!("western"))])),
        expect![[
            r#"Cluster.cluster.x-k8s.io "dev" is invalid: spec.topology.variables[zone].value: Invalid value: "string": is too long"#
        ]],
    );
    prepared(
        of(json!([variable("zone", json!("a")), variable("count", json!(0))])),
        expect![[
            r#"Cluster.cluster.x-k8s.io "dev" is invalid: spec.topology.variables[count].value: Invalid value: 0: value in body should be greater than or equal to 1"#
        ]],
    );
    prepared(
        of(json!([variable("zone", json!("a")), variable("network", json!({"mut": 1}))])),
        expect![[
            r#"Cluster.cluster.x-k8s.io "dev" is invalid: spec.topology.variables[network]: Invalid value: "{\"mode\":\"azure\",\"mut\":1}": failed validation: "mut" field(s) are not specified in the variable schema of variable "network""#
        ]],
    );
    let pool = json!({"name": "p", "variables": {"overrides": [variable("network", json!({})), variable("count", json!("x"))]}});
    prepared(
        json!({"variables": [variable("zone", json!("a"))], "workers": {"machinePools": [pool]}}),
        expect![[
            r#"Cluster.cluster.x-k8s.io "dev" is invalid: spec.topology.workers.machinePools[p].variables.overrides[count].value: Invalid value: "string": value in body must be of type integer: "string""#
        ]],
    );
}

#[test]
fn definitions_that_cannot_be_worked_with_are_named() {
    let check = |name: &str, schema: Value| {
        let class = class_of(&[(name, false, schema)]);
        variables::check_definitions(class["status"]["variables"].as_array().unwrap()).err().unwrap_or_default()
    };
    assert_eq!(check("a", json!({"type": "string", "x-metadata": {"labels": {}}})), "");
    assert!(check("builtin", json!({"type": "string"})).contains("reserved variable name"));
    assert!(check("a.b", json!({"type": "string"})).contains("cannot contain"));
    expect![[r#"spec.variables[a].schema: openAPIV3Schema.default: Invalid value: "integer":  in body must be of type string: "integer""#]].assert_eq(&check("a", json!({"type": "string", "default": 3})));
    expect![[r#"spec.variables[a].schema: openAPIV3Schema.type: Unsupported value: "wrong": supported values: "array", "boolean", "integer", "number", "object", "string""#]].assert_eq(&check("a", json!({"type": "wrong"})));
}

#[test]
fn what_is_there_is_not_applied_again() {
    let entry = |fields: Value| json!({"manager": "capi-topology", "operation": "Apply", "fieldsV1": fields});
    let owner = json!({"kind": "Cluster", "uid": "1", "name": "dev"});
    let wanted = json!({
        "metadata": {"name": "a", "labels": {"x": "y"}, "ownerReferences": [owner]},
        "spec": {"a": {"b": 1}, "list": [1, 2], "empty": {}},
    });
    let mut live = wanted.clone();
    live["metadata"]["labels"]["other"] = json!("z");
    live["spec"]["defaulted"] = json!(true);
    live["spec"].as_object_mut().unwrap().remove("empty");
    assert!(!apply::changes(&live, &wanted));
    let owned = json!({"f:metadata": {"f:labels": {"f:x": {}}, "f:ownerReferences": {"k:{\"uid\":\"1\"}": {".": {}, "f:name": {}}}}, "f:spec": {"f:a": {"f:b": {}}, "f:list": {}}});
    live["metadata"]["managedFields"] = json!([entry(owned)]);
    assert!(!apply::changes(&live, &wanted));
    let mut changed = wanted.clone();
    changed["spec"]["list"] = json!([2, 1]);
    assert!(apply::changes(&live, &changed), "a list is one value");
    let mut fewer = wanted.clone();
    fewer["spec"]["a"] = json!({});
    assert!(apply::changes(&live, &fewer), "the manager owns spec.a.b and wants it no more");
    let mut other = wanted.clone();
    other["metadata"]["ownerReferences"][0]["uid"] = json!("2");
    assert!(apply::changes(&live, &other));
}

#[test]
fn versions_are_compared_by_number() {
    assert_eq!(upgrade::compare("v1.30.10", "1.30.9"), Some(Ordering::Greater));
    assert_eq!(upgrade::compare("v1.30.10", "v1.30.10+build"), Some(Ordering::Equal));
    assert_eq!(upgrade::compare("v1.9.0", "v1.30.0"), Some(Ordering::Less));
    assert_eq!(upgrade::compare("v1.30", "v1.30.0"), None);
}

#[test]
fn patterns_select_classes() {
    let cases = [
        ("*", true),
        ("default-worker", true),
        ("default-*", true),
        ("*-worker", true),
        ("*-system", false),
        ("default", false),
    ];
    for (pattern, expected) in cases {
        assert_eq!(patches::matches(pattern, "default-worker"), expected, "{pattern}");
    }
}

#[test]
fn operations_and_their_errors() {
    let variables = json!({"size": "D2", "builtin": {}});
    let template = json!({"metadata": {"name": "t"}, "spec": {"template": {"spec": {"a": 1, "list": [1]}}}});
    let run = |operation: Value| {
        let definition = json!({"jsonPatches": [operation]});
        let operations = patches::operations(&definition, &variables)?;
        patches::patched(&template, &operations).map(|template| template["spec"]["template"]["spec"].to_string())
    };
    let shown = |operation: Value| run(operation).unwrap_or_else(|error| error);
    let at = |op: &str, path: &str, more: Value| {
        let mut operation = json!({"op": op, "path": format!("/spec/template/spec{path}")});
        operation.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        operation
    };
    assert_eq!(shown(at("add", "/b", json!({"value": {"c": 1}}))), r#"{"a":1,"b":{"c":1},"list":[1]}"#);
    assert_eq!(shown(at("add", "/list/-", json!({"valueFrom": {"variable": "size"}}))), r#"{"a":1,"list":[1,"D2"]}"#);
    assert_eq!(
        shown(at("replace", "/a", json!({"valueFrom": {"template": "x{{ .size }}"}}))),
        r#"{"a":"xD2","list":[1]}"#
    );
    assert_eq!(shown(at("remove", "/a", json!({}))), r#"{"list":[1]}"#);
    let mut errors = String::new();
    for operation in [
        at("replace", "/b", json!({"value": 1})),
        at("remove", "/b", json!({})),
        at("add", "/b/c", json!({"value": 1})),
        at("add", "/b", json!({})),
        at("add", "/b", json!({"value": 1, "valueFrom": {"variable": "size"}})),
        at("add", "/b", json!({"valueFrom": {}})),
        at("add", "/b", json!({"valueFrom": {"variable": "none"}})),
        at("add", "/b", json!({"valueFrom": {"template": "{{ .size "}})),
    ] {
        errors += &format!("{}\n", shown(operation));
    }
    expect![[r#"
        replace operation does not apply: doc is missing key: /spec/template/spec/b: missing value
        error in remove for path: '/spec/template/spec/b': Unable to remove nonexistent key: b: missing value
        add operation does not apply: doc is missing path: "/spec/template/spec/b/c": missing value
        failed to calculate value: neither .value nor .valueFrom are set
        failed to calculate value: both .value and .valueFrom are set
        failed to calculate value: .valueFrom is set, but neither .valueFrom.variable nor .valueFrom.template are set
        failed to calculate value: variable "none" does not exist
        failed to calculate value for template: failed to parse template: "{{ .size ": template: tpl:1: unclosed action
    "#]]
    .assert_eq(&errors);
}
