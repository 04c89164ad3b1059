//! Laws that hold for every input.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{compiled, spec};
use crate::schema::{ANNOTATIONS_SIZE_MAX, Schema, default, prune, validate, validate_metadata};

/// Any JSON, with keys that meet the schemas here.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-5_i64..5).prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let key =
            prop_oneof!["[a-e]", Just("metadata".to_string()), Just("spec".to_string()), Just("type".to_string())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn schema() -> Schema {
    compiled(&spec(&json!({
        "a": {"type": "string", "default": "x"},
        "b": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        "c": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {"a": {"type": "object", "default": {}}}},
        "d": {"type": "object", "additionalProperties": {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}}},
        "e": {"type": "object", "x-kubernetes-embedded-resource": true, "properties": {"spec": {"type": "object"}}},
    })))
}

proptest! {
    #[test]
    fn pruning_and_defaulting_are_idempotent(spec in any_json()) {
        let schema = schema();
        let mut object = json!({"spec": spec});
        prune(&schema, &mut object);
        let pruned = object.clone();
        prop_assert!(prune(&schema, &mut object).is_empty());
        prop_assert_eq!(&object, &pruned);
        default(&schema, &mut object);
        let defaulted = object.clone();
        default(&schema, &mut object);
        prop_assert_eq!(&object, &defaulted);
        prop_assert!(prune(&schema, &mut object).is_empty(), "defaults are pruned themselves");
    }

    #[test]
    fn nothing_panics_and_unchanged_objects_pass(object in any_json(), other in any_json()) {
        let schema = schema();
        validate(&schema, &object, Some(&other));
        validate_metadata(&object, true, ANNOTATIONS_SIZE_MAX);
        let _ = Schema::compile(&other);
        let root = json!({"spec": object});
        prop_assert_eq!(validate(&schema, &root, Some(&root)).iter().filter(|cause| cause.reason != "FieldValueRequired" && !cause.field.starts_with("spec.e")).count(), 0);
    }
}
