use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};
use store::Revision;

use super::*;

fn parse(bytes: &Bytes) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

#[test]
fn the_version_is_spliced_in_whatever_the_object_holds() {
    for mut object in [
        json!({ "kind": "A", "metadata": { "name": "a", "resourceVersion": "old" } }),
        json!({ "metadata": {}, "spec": { "resourceVersion": "mine", "metadata": { "resourceVersion": "" } } }),
        json!({ "a": "\"resourceVersion\":\"\"", "metadata": { "annotations": { "resourceVersion": "x" } }, "z": null }),
    ] {
        let encoded = Encoded::new(&object);
        let bytes = encoded.at(Revision(42));
        assert!(encoded.len() >= bytes.len());
        object["metadata"]["resourceVersion"] = json!("42");
        assert_eq!(parse(&bytes), object);
    }
}

#[test]
fn keys_are_read_back() {
    let namespaced = Key { group: "x.io", plural: "things", namespace: "n", name: "a" };
    assert_eq!(Key::parse("/registry/x.io/things/n/a"), Some(namespaced));
    let cluster = Key { group: "", plural: "nodes", namespace: "", name: "a" };
    assert_eq!(Key::parse("/registry//nodes/a"), Some(cluster));
    assert_eq!(Key::parse("/registry//nodes"), None);
    assert_eq!(Key::parse("/registry/a/b/c/d/e"), None);
    assert_eq!(Key::parse("/other/a/b/c"), None);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z\"]{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_object_survives(spec in any_json(), labels in any_json(), revision in any::<u64>()) {
        let mut object = json!({ "metadata": { "labels": labels }, "spec": spec });
        let bytes = Encoded::new(&object).at(Revision(revision));
        object["metadata"]["resourceVersion"] = json!(revision.to_string());
        prop_assert_eq!(parse(&bytes), object);
    }
}
