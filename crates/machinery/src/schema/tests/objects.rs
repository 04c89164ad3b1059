//! Pruning, defaulting and validating objects.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{compiled, lines, spec};
use crate::schema::{ANNOTATIONS_SIZE_MAX, decode_errors, default, drop_nulls, prune, validate, validate_metadata};

#[test]
fn unknown_fields_are_pruned_and_named() {
    let schema = compiled(&spec(&json!({
        "owner": {"type": "object", "properties": {"name": {"type": "string"}}},
        "list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}}},
        "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"a": {"type": "integer"}}}},
        "open": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {
            "closed": {"type": "object", "properties": {"a": {"type": "integer"}}},
        }},
        "resource": {"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true},
        "nothing": {"type": "object"},
    })));
    let mut object = json!({
        "apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x", "colour": "red"}, "extra": 1,
        "spec": {
            "owner": {"name": "x", "kind": "y"},
            "list": [{"a": 1, "x": 2}, {"x": 3}],
            "map": {"k": {"a": 1, "b": 2}},
            "open": {"any": {"thing": 1}, "closed": {"a": 1, "b": 2}},
            "resource": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "y", "nope": 1}, "data": {"a": "b"}},
            "nothing": {"a": 1},
        },
    });
    let removed = prune(&schema, &mut object);
    expect![[r#"
        extra
        metadata.colour
        spec.list[0].x
        spec.list[1].x
        spec.map.k.b
        spec.nothing.a
        spec.open.closed.b
        spec.owner.kind
        spec.resource.metadata.nope
        {"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"x"},"spec":{"list":[{"a":1},{}],"map":{"k":{"a":1}},"nothing":{},"open":{"any":{"thing":1},"closed":{"a":1}},"owner":{"name":"x"},"resource":{"apiVersion":"v1","data":{"a":"b"},"kind":"ConfigMap","metadata":{"name":"y"}}}}"#]]
    .assert_eq(&format!("{}\n{object}", removed.join("\n")));
    assert!(prune(&schema, &mut object).is_empty());
}

#[test]
fn defaults_and_nulls() {
    let schema = compiled(&spec(&json!({
        "plain": {"type": "string", "default": "x"},
        "nullable": {"type": "string", "nullable": true, "default": "x"},
        "never": {"type": "string"},
        "object": {"type": "object", "default": {}, "properties": {"inner": {"type": "integer", "default": 3}}},
        "list": {"type": "array", "items": {"type": "object", "properties": {"protocol": {"type": "string", "default": "TCP"}}}},
        "map": {"type": "object", "additionalProperties": {"type": "string", "default": "y"}},
    })));
    let check = |spec: Value, expected: Expect| {
        let mut object = json!({"spec": spec});
        default(&schema, &mut object);
        expected.assert_eq(&object["spec"].to_string());
    };
    check(json!({}), expect![[r#"{"nullable":"x","object":{"inner":3},"plain":"x"}"#]]);
    check(
        json!({"plain": null, "nullable": null, "never": null, "object": null}),
        expect![[r#"{"nullable":null,"object":{"inner":3},"plain":"x"}"#]],
    );
    check(
        json!({"object": {"inner": null}, "list": [{}, {"protocol": "UDP"}], "map": {"a": null}}),
        expect![[
            r#"{"list":[{"protocol":"TCP"},{"protocol":"UDP"}],"map":{"a":"y"},"nullable":"x","object":{"inner":3},"plain":"x"}"#
        ]],
    );
    let mut absent = json!({});
    default(&schema, &mut absent);
    assert_eq!(absent, json!({}), "defaults do not create their parents");
}

#[test]
fn nulls_of_built_in_kinds_go() {
    let mut object = json!({"metadata": {"creationTimestamp": null, "name": "x"}, "list": [{"a": null}]});
    drop_nulls(&mut object);
    assert_eq!(object, json!({"metadata": {"name": "x"}, "list": [{}]}));
}

fn validated(properties: &Value, spec_value: Value, expected: Expect) {
    let schema = compiled(&spec(properties));
    expected.assert_eq(&lines(&validate(&schema, &json!({"spec": spec_value}), None)));
}

#[test]
fn values_are_validated_with_upstreams_texts() {
    validated(
        &json!({
            "text": {"type": "string", "minLength": 3, "maxLength": 5, "pattern": "^[a-z]+$"},
            "long": {"type": "string", "maxLength": 2},
            "match": {"type": "string", "pattern": "^a"},
            "number": {"type": "integer", "minimum": 2, "maximum": 10, "exclusiveMaximum": true, "multipleOf": 2},
            "small": {"type": "number", "minimum": 0.5},
            "int32": {"type": "integer", "format": "int32"},
            "choice": {"type": "string", "enum": ["a", "b"]},
            "items": {"type": "array", "minItems": 2, "items": {"type": "string"}},
            "many": {"type": "array", "maxItems": 1, "items": {"type": "string"}},
            "map": {"type": "object", "minProperties": 2, "additionalProperties": {"type": "string"}},
            "wide": {"type": "object", "maxProperties": 1, "additionalProperties": {"type": "string"}},
            "flag": {"type": "boolean"},
            "either": {"x-kubernetes-int-or-string": true},
            "inner": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
            "null": {"type": "string"},
        }),
        json!({
            "text": "ab", "long": "abc", "match": "b", "number": 11, "small": 0.25, "int32": 3_000_000_000_u64, "choice": "c",
            "items": [1], "many": ["a", "b"], "map": {"a": 1}, "wide": {"a": "b", "c": "d"}, "flag": "yes", "either": true,
            "inner": {}, "null": null,
        }),
        expect![[r#"
            FieldValueNotSupported spec.choice: Unsupported value: "c": supported values: "a", "b"
            FieldValueTypeInvalid spec.either: Invalid value: "boolean": spec.either in body must be of type integer,string: "boolean"
            FieldValueTypeInvalid spec.flag: Invalid value: "string": spec.flag in body must be of type boolean: "string"
            FieldValueRequired spec.inner.name: Required value
            FieldValueInvalid <nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.int32
            FieldValueInvalid spec.items: Invalid value: 1: spec.items in body should have at least 2 items
            FieldValueTypeInvalid spec.items[0]: Invalid value: "integer": spec.items[0] in body must be of type string: "integer"
            FieldValueTooLong spec.long: Too long: may not be more than 2 bytes
            FieldValueTooMany spec.many: Too many: 2: must have at most 1 items
            FieldValueInvalid spec.map: Invalid value: 1: spec.map in body should have at least 2 properties
            FieldValueTypeInvalid spec.map.a: Invalid value: "integer": spec.map.a in body must be of type string: "integer"
            FieldValueInvalid spec.match: Invalid value: "b": spec.match in body should match '^a'
            FieldValueTypeInvalid spec.null: Invalid value: "null": spec.null in body must be of type string: "null"
            FieldValueInvalid spec.number: Invalid value: 11: spec.number in body should be a multiple of 2
            FieldValueInvalid spec.number: Invalid value: 11: spec.number in body should be less than 10
            FieldValueInvalid spec.small: Invalid value: 0.25: spec.small in body should be greater than or equal to 0.5
            FieldValueInvalid spec.text: Invalid value: "ab": spec.text in body should be at least 3 chars long
            FieldValueTooMany spec.wide: Too many: 2: must have at most 1 items
        "#]],
    );
}

#[test]
fn formats_are_validated_and_unknown_ones_ignored() {
    let text = |format: &str| json!({"type": "string", "format": format});
    let good = json!({
        "time": "2024-01-02T03:04:05Z", "byte": "aGk=", "uuid": "6f1e3f2a-1b2c-4d3e-8f90-123456789abc", "v4": "10.0.0.1",
        "v6": "::1", "cidr": "10.0.0.0/8", "uri": "https://example.com/x", "host": "example.com", "duration": "1h30m",
        "date": "2024-01-02", "mac": "00:00:5e:00:53:01", "email": "a@b.c", "other": "anything",
    });
    let bad = json!({
        "time": "2024-01-02", "byte": "a", "uuid": "x", "v4": "10.0.0.256", "v6": "10.0.0.1", "cidr": "10.0.0.0", "uri": "a b",
        "host": "-a", "duration": "soon", "date": "2024-13-01", "mac": "00:00", "email": "a", "other": "anything",
    });
    let properties = json!({
        "time": text("date-time"), "byte": text("byte"), "uuid": text("uuid"), "v4": text("ipv4"), "v6": text("ipv6"),
        "cidr": text("cidr"), "uri": text("uri"), "host": text("hostname"), "duration": text("duration"),
        "date": text("date"), "mac": text("mac"), "email": text("email"), "other": text("made-up"),
    });
    validated(&properties, good, expect![[r#""#]]);
    validated(
        &properties,
        bad,
        expect![[r#"
        FieldValueTypeInvalid spec.byte: Invalid value: "a": spec.byte in body must be of type byte: "a"
        FieldValueTypeInvalid spec.cidr: Invalid value: "10.0.0.0": spec.cidr in body must be of type cidr: "10.0.0.0"
        FieldValueTypeInvalid spec.date: Invalid value: "2024-13-01": spec.date in body must be of type date: "2024-13-01"
        FieldValueTypeInvalid spec.duration: Invalid value: "soon": spec.duration in body must be of type duration: "soon"
        FieldValueTypeInvalid spec.email: Invalid value: "a": spec.email in body must be of type email: "a"
        FieldValueTypeInvalid spec.host: Invalid value: "-a": spec.host in body must be of type hostname: "-a"
        FieldValueTypeInvalid spec.mac: Invalid value: "00:00": spec.mac in body must be of type mac: "00:00"
        FieldValueTypeInvalid spec.time: Invalid value: "2024-01-02": spec.time in body must be of type date-time: "2024-01-02"
        FieldValueTypeInvalid spec.uri: Invalid value: "a b": spec.uri in body must be of type uri: "a b"
        FieldValueTypeInvalid spec.uuid: Invalid value: "x": spec.uuid in body must be of type uuid: "x"
        FieldValueTypeInvalid spec.v4: Invalid value: "10.0.0.256": spec.v4 in body must be of type ipv4: "10.0.0.256"
        FieldValueTypeInvalid spec.v6: Invalid value: "10.0.0.1": spec.v6 in body must be of type ipv6: "10.0.0.1"
    "#]],
    );
}

#[test]
fn junctors() {
    let properties = json!({
        "a": {"type": "string"}, "b": {"type": "string"},
        "value": {"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}], "allOf": [{"pattern": "^[0-9]+%?$"}]},
    });
    let schema = compiled(&json!({
        "type": "object",
        "properties": {"spec": {
            "type": "object", "properties": properties,
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
            "not": {"properties": {"a": {"enum": ["forbidden"]}}, "required": ["a"]},
        }},
    }));
    let check = |spec: Value, expected: Expect| {
        expected.assert_eq(&lines(&validate(&schema, &json!({"spec": spec}), None)));
    };
    check(json!({"a": "x", "value": "50%"}), expect![[r#""#]]);
    check(json!({"b": "x", "value": 3}), expect![[r#""#]]);
    check(
        json!({}),
        expect![[r#"
        FieldValueInvalid <nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid
        FieldValueRequired spec.a: Required value
    "#]],
    );
    check(
        json!({"a": "forbidden"}),
        expect![[r#"
        FieldValueInvalid <nil>: Invalid value: "": "spec" must not validate the schema (not)
    "#]],
    );
    check(
        json!({"a": "x", "b": "y", "value": "half"}),
        expect![[r#"
        FieldValueInvalid <nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives
        FieldValueInvalid spec.value: Invalid value: "half": spec.value in body should match '^[0-9]+%?$'
        FieldValueInvalid <nil>: Invalid value: "": "spec.value" must validate all the schemas (allOf). None validated
    "#]],
    );
}

#[test]
fn sets_and_maps_have_no_duplicates() {
    validated(
        &json!({
            "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
            "map": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
            "two": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a", "b"],
                "items": {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}},
        }),
        json!({
            "set": ["a", "b", "a", "a"], "map": [{"name": "x"}, {"name": "x"}],
            "two": [{"a": "x", "b": 1}, {"a": "x", "b": 2}, {"a": "x", "b": 1}],
        }),
        expect![[r#"
            FieldValueDuplicate spec.map[1]: Duplicate value: map[string]interface {}{"name":"x"}
            FieldValueDuplicate spec.set[2]: Duplicate value: "a"
            FieldValueDuplicate spec.two[2]: Duplicate value: map[string]interface {}{"a":"x", "b":1}
        "#]],
    );
}

#[test]
fn embedded_resources_are_resources() {
    validated(
        &json!({"template": {"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true}}),
        json!({"template": {"kind": "Bad Kind", "metadata": {"name": "a/b", "labels": {"-": "x"}}}}),
        expect![[r#"
            FieldValueRequired spec.template.apiVersion: Required value
            FieldValueInvalid spec.template.kind: Invalid value: "Bad Kind": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')
            FieldValueInvalid spec.template.metadata.name: Invalid value: "a/b": may not contain '/'
            FieldValueInvalid spec.template.metadata.labels: Invalid value: "-": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
        "#]],
    );
}

#[test]
fn unchanged_invalid_parts_pass_on_update() {
    let schema = compiled(&spec(&json!({
        "name": {"type": "string", "maxLength": 2},
        "size": {"type": "integer", "maximum": 3},
        "list": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"],
            "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "x": {"type": "integer", "maximum": 1}}}},
        "atomic": {"type": "array", "items": {"type": "integer", "maximum": 1}},
        "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
    })));
    let old = json!({"spec": {
        "name": "long", "size": 9, "list": [{"id": "a", "x": 5}, {"id": "b", "x": 6}], "atomic": [5, 6], "set": ["a", "a"],
    }});
    assert_eq!(lines(&validate(&schema, &old, Some(&old))), "");
    let mut new = old.clone();
    new["spec"]["size"] = json!(8);
    new["spec"]["list"] = json!([{"id": "b", "x": 6}, {"id": "a", "x": 7}]);
    new["spec"]["atomic"] = json!([5, 6, 0]);
    expect![[r#"
        FieldValueInvalid spec.atomic[0]: Invalid value: 5: spec.atomic[0] in body should be less than or equal to 1
        FieldValueInvalid spec.atomic[1]: Invalid value: 6: spec.atomic[1] in body should be less than or equal to 1
        FieldValueInvalid spec.list[1].x: Invalid value: 7: spec.list[1].x in body should be less than or equal to 1
        FieldValueInvalid spec.size: Invalid value: 8: spec.size in body should be less than or equal to 3
    "#]]
    .assert_eq(&lines(&validate(&schema, &new, Some(&old))));
}

#[test]
fn metadata_is_validated() {
    let check = |object: Value, namespaced: bool, expected: Expect| {
        expected.assert_eq(&lines(&validate_metadata(&object, namespaced, ANNOTATIONS_SIZE_MAX)));
    };
    check(json!({"metadata": {"name": "web-1.x", "namespace": "default"}}), true, expect![[r#""#]]);
    check(
        json!({"metadata": {"name": "Web_1"}}),
        true,
        expect![[r#"
        FieldValueInvalid metadata.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
        FieldValueRequired metadata.namespace: Required value
    "#]],
    );
    check(
        json!({"metadata": {"generateName": "web-", "namespace": "x"}}),
        false,
        expect![[r#"
        FieldValueRequired metadata.name: Required value: name or generateName is required
        FieldValueForbidden metadata.namespace: Forbidden: not allowed on this type
    "#]],
    );
    check(
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "system:node"}}),
        false,
        expect![[r#""#]],
    );
    check(
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a.b"}}),
        false,
        expect![[r#"
        FieldValueInvalid metadata.name: Invalid value: "a.b": must not contain dots
    "#]],
    );
    check(
        json!({"metadata": {
            "name": "x",
            "labels": {"bad key": "x", "a": "not valid"},
            "annotations": {"a/b/c": "x", "Upper.case/Fine": "y"},
            "finalizers": ["fine", "not fine", "orphan", "foregroundDeletion"],
            "ownerReferences": [
                {"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": "1", "controller": true},
                {"apiVersion": "a/b/c", "kind": "X", "name": "b", "uid": "2", "controller": true},
                {"kind": "Y"},
            ],
        }}),
        false,
        expect![[r#"
            FieldValueInvalid metadata.labels: Invalid value: "not valid": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
            FieldValueInvalid metadata.labels: Invalid value: "bad key": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
            FieldValueInvalid metadata.annotations: Invalid value: "a/b/c": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')
            FieldValueInvalid metadata.ownerReferences[1].apiVersion: Invalid value: "a/b/c": must be <group>/<version> or <version>
            FieldValueInvalid metadata.ownerReferences: Invalid value: []interface {}{map[string]interface {}{"apiVersion":"v1", "controller":true, "kind":"Pod", "name":"a", "uid":"1"}, map[string]interface {}{"apiVersion":"a/b/c", "controller":true, "kind":"X", "name":"b", "uid":"2"}, map[string]interface {}{"kind":"Y"}}: Only one reference can have Controller set to true. Found "true" in references for Pod/a and X/b
            FieldValueRequired metadata.ownerReferences[2].apiVersion: Required value: must not be empty
            FieldValueRequired metadata.ownerReferences[2].name: Required value: must not be empty
            FieldValueRequired metadata.ownerReferences[2].uid: Required value: must not be empty
            FieldValueInvalid metadata.finalizers: Invalid value: "not fine": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
            FieldValueInvalid metadata.finalizers: Invalid value: []string{"fine", "not fine", "orphan", "foregroundDeletion"}: finalizer orphan and foregroundDeletion cannot be both set
        "#]],
    );
    let large = "x".repeat(256 * 1024);
    check(
        json!({"metadata": {"name": "x", "annotations": {"a": large}}}),
        false,
        expect![[r#"
        FieldValueTooLong metadata.annotations: Too long: may not be more than 262144 bytes
    "#]],
    );
}

#[test]
fn go_cannot_decode_wrong_types() {
    let schema = crate::builtin::schema("", "v1", "Pod").unwrap();
    let check = |object: Value| decode_errors(schema, &object).unwrap_or_default();
    let pod = |spec: Value| check(json!({"apiVersion": "v1", "kind": "Pod", "spec": spec}));
    let texts = [
        pod(json!({"hostNetwork": "yes"})),
        pod(json!({"terminationGracePeriodSeconds": "30"})),
        pod(json!({"priority": 99_999_999_999_u64})),
        pod(json!({"containers": {"name": "x"}})),
        pod(json!({"containers": [{"name": 1}]})),
        pod(json!({"nodeSelector": {"a": 1}})),
        pod(json!("x")),
        check(json!({"metadata": {"labels": {"a": true}}})),
        check(json!({"metadata": {"creationTimestamp": "yesterday"}})),
        pod(json!({"containers": [{"name": "x", "image": "y"}]})),
    ];
    expect![[r#"
        json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool
        json: cannot unmarshal string into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64
        json: cannot unmarshal number 99999999999 into Go struct field PodSpec.spec.priority of type int32
        json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container
        json: cannot unmarshal number into Go struct field Container.spec.containers.name of type string
        json: cannot unmarshal number into Go struct field PodSpec.spec.nodeSelector of type string
        json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec
        json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string
        parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"
    "#]]
    .assert_eq(&texts.join("\n"));
}
