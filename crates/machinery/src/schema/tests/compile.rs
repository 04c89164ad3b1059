//! What is refused at registration, and how.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{lines, spec};
use crate::schema::{Schema, Shape};

fn check(openapi: &Value, expected: Expect) {
    let text = match Schema::compile(openapi) {
        Ok(_) => "fine".to_string(),
        Err(causes) => lines(&causes),
    };
    expected.assert_eq(&text);
}

#[test]
fn types_are_required_and_known() {
    check(
        &json!({"properties": {"a": {}, "b": {"type": "array"}, "c": {"type": "text"}, "d": {"type": "array", "items": {}}}}),
        expect![[r#"
            FieldValueRequired properties[a].type: Required value: must not be empty for specified object fields
            FieldValueRequired properties[b].items: Required value: must be specified
            FieldValueRequired properties[d].items.type: Required value: must not be empty for specified array items
            FieldValueRequired type: Required value: must not be empty at the root
            FieldValueNotSupported properties[c].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"
        "#]],
    );
}

#[test]
fn junctors_only_restrict() {
    check(
        &spec(&json!({
            "a": {"type": "string"},
            "b": {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": true},
            "c": {"x-kubernetes-int-or-string": true, "allOf": [{"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"pattern": "x"}]},
        })),
        expect!["fine"],
    );
    check(
        &json!({
            "type": "object",
            "properties": {"a": {"type": "string"}},
            "anyOf": [
                {"required": ["a"], "type": "object"},
                {"properties": {"a": {"default": "x", "nullable": true}, "missing": {"minLength": 1}, "metadata": {}}},
            ],
            "not": {"x-kubernetes-preserve-unknown-fields": true, "additionalProperties": {"minLength": 1}},
        }),
        expect![[r#"
            FieldValueForbidden anyOf[0].type: Forbidden: must be empty to be structural
            FieldValueForbidden anyOf[1].properties[a].default: Forbidden: must be undefined to be structural
            FieldValueForbidden anyOf[1].properties[a].nullable: Forbidden: must be false to be structural
            FieldValueForbidden anyOf[1].properties[metadata]: Forbidden: must not be specified in a nested context
            FieldValueForbidden not.additionalProperties: Forbidden: must be undefined to be structural
            FieldValueForbidden not.x-kubernetes-preserve-unknown-fields: Forbidden: must be false to be structural
            FieldValueRequired properties[metadata]: Required value: because it is defined in anyOf[1].properties[metadata]
            FieldValueRequired properties[missing]: Required value: because it is defined in anyOf[1].properties[missing]
        "#]],
    );
}

#[test]
fn metadata_can_only_restrict_names() {
    let metadata = |metadata: Value| json!({"type": "object", "properties": {"metadata": metadata}});
    check(&metadata(json!({"type": "object"})), expect!["fine"]);
    check(
        &metadata(json!({"type": "object", "properties": {"name": {"type": "string", "maxLength": 5}}})),
        expect!["fine"],
    );
    check(
        &metadata(json!({"type": "object", "properties": {"labels": {"type": "object"}}})),
        expect![[r#"
        FieldValueForbidden properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified
    "#]],
    );
}

#[test]
fn exclusive_and_unsupported_keywords_are_refused() {
    check(
        &json!({
            "type": "object",
            "additionalProperties": {"type": "string"},
            "nullable": true,
            "properties": {
                "a": {"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": {"type": "string"}},
                "b": {"type": "array", "items": {"type": "string"}, "uniqueItems": true},
                "c": {"type": "object", "$ref": "#/x", "x-kubernetes-preserve-unknown-fields": false},
                "d": {"type": "string", "pattern": "("},
                "e": {"type": "object", "x-kubernetes-embedded-resource": true},
                "f": {"x-kubernetes-int-or-string": true, "x-kubernetes-preserve-unknown-fields": true},
            },
        }),
        expect![[r#"
            FieldValueForbidden additionalProperties: Forbidden: must not be used at the root
            FieldValueInvalid properties[d].pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: unclosed group: `(`
            FieldValueRequired properties[e].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields
            FieldValueInvalid properties[f].x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true
            FieldValueForbidden nullable: Forbidden: nullable cannot be true at the root
            FieldValueForbidden additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive
            FieldValueForbidden properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive
            FieldValueForbidden properties[b].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic
            FieldValueForbidden properties[c].$ref: Forbidden: $ref is not supported
            FieldValueInvalid properties[c].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined
        "#]],
    );
}

#[test]
fn list_types_have_rules() {
    let list = |list: Value| spec(&json!({"list": list}));
    check(
        &list(json!({
            "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name", "port", "gone", "name"],
            "items": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string", "nullable": true}, "port": {"type": "integer"},
            }},
        })),
        expect![[r#"
            FieldValueInvalid properties[spec].properties[list].x-kubernetes-list-map-keys: Invalid value: []string{"name", "port", "gone", "name"}: entries must all be names of item properties
            FieldValueInvalid properties[spec].properties[list].x-kubernetes-list-map-keys: Invalid value: []string{"name", "port", "gone", "name"}: must not contain duplicate entries
            FieldValueForbidden properties[spec].properties[list].items.properties[name].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable
            FieldValueRequired properties[spec].properties[list].items.properties[port].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property
            FieldValueForbidden properties[spec].properties[list].items.properties[name].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable
        "#]],
    );
    check(
        &list(json!({"type": "object", "x-kubernetes-list-type": "bag"})),
        expect![[r#"
        FieldValueInvalid properties[spec].properties[list].type: Invalid value: "object": must be array if x-kubernetes-list-type is specified
        FieldValueNotSupported properties[spec].properties[list].x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"
    "#]],
    );
    check(
        &list(json!({
            "type": "array", "x-kubernetes-list-type": "set", "x-kubernetes-list-map-keys": ["a"],
            "items": {"type": "object", "nullable": true},
        })),
        expect![[r#"
            FieldValueInvalid properties[spec].properties[list].items.x-kubernetes-map-type: Invalid value: "null": must be atomic as item of a list with x-kubernetes-list-type=set
            FieldValueInvalid properties[spec].properties[list].x-kubernetes-list-type: Invalid value: "set": must be map if x-kubernetes-list-map-keys is non-empty
            FieldValueForbidden properties[spec].properties[list].items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set
        "#]],
    );
    check(
        &list(json!({
            "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port", "protocol"],
            "items": {"type": "object", "required": ["port"], "properties": {
                "port": {"type": "integer"}, "protocol": {"type": "string", "default": "TCP"},
            }},
        })),
        expect!["fine"],
    );
}

#[test]
fn defaults_must_be_valid_and_pruned() {
    check(
        &spec(&json!({
            "a": {"type": "integer", "default": "x"},
            "b": {"type": "object", "default": {"unknown": 1}, "properties": {"known": {"type": "string"}}},
            "c": {"type": "string", "enum": ["x", "y"], "default": "z"},
            "d": {"type": "string", "default": "fine"},
        })),
        expect![[r#"
            FieldValueTypeInvalid properties[spec].properties[a].default: Invalid value: "string":  in body must be of type integer: "string"
            FieldValueInvalid properties[spec].properties[b].default: Invalid value: map[string]interface {}{"unknown":1}: must not have unknown fields
            FieldValueNotSupported properties[spec].properties[c].default: Unsupported value: "z": supported values: "x", "y"
        "#]],
    );
}

#[test]
fn causes_can_be_placed_in_the_definition() {
    let causes =
        Schema::compile_at(&json!({"type": "object", "properties": {"a": {}}}), "spec.validation").unwrap_err();
    assert_eq!(causes[0].field, "spec.validation.properties[a].type");
}

#[test]
fn rules_are_noticed() {
    let rules = json!([{"rule": "self.size() > 0"}]);
    let with = spec(&json!({"a": {"type": "array", "items": {"type": "string", "x-kubernetes-validations": rules}}}));
    assert!(Schema::compile(&with).unwrap().ruled);
    assert!(!Schema::compile(&spec(&json!({"a": {"type": "string"}}))).unwrap().ruled);
}

#[test]
fn every_object_has_type_and_metadata() {
    let schema = Schema::compile(&json!({"type": "object"})).unwrap();
    let Shape::Object(shape) = &schema.shape else { panic!("not an object") };
    assert_eq!(shape.properties.keys().map(|key| &**key).collect::<Vec<_>>(), ["apiVersion", "kind", "metadata"]);
}

#[test]
fn a_schema_that_nests_without_end_is_refused() {
    let deep =
        (0..150).fold(json!({"type": "object"}), |inner, _| json!({"type": "object", "properties": {"a": inner}}));
    check(
        &deep,
        expect![[r#"
        FieldValueForbidden : Forbidden: the schema nests too deeply: flatten it
    "#]],
    );
}
