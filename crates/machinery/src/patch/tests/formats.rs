//! JSON Patch and JSON Merge Patch.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::outcome;
use crate::patch::{json as json_patch, merge};

fn check(cases: &[(Value, Value)], expected: Expect) {
    let lines: Vec<String> = cases
        .iter()
        .map(|(document, patch)| format!("{patch} -> {}\n", outcome(json_patch(document, patch))))
        .collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn operations() {
    let document = json!({"a": 1, "list": [1, 2, 3], "map": {"x/y": 1, "m~n": 2}});
    let patches = [
        json!([]),
        json!([{"op": "add", "path": "/b", "value": {"c": 1}}]),
        json!([{"op": "add", "path": "/list/1", "value": 9}]),
        json!([{"op": "add", "path": "/list/-", "value": 9}]),
        json!([{"op": "remove", "path": "/list/0"}]),
        json!([{"op": "replace", "path": "/map/x~1y", "value": 5}, {"op": "remove", "path": "/map/m~0n"}]),
        json!([{"op": "move", "from": "/a", "path": "/map/a"}]),
        json!([{"op": "copy", "from": "/list", "path": "/map/list"}]),
        json!([{"op": "test", "path": "/list", "value": [1, 2, 3]}, {"op": "replace", "path": "/a", "value": 2}]),
        json!([{"op": "replace", "path": "", "value": {"new": true}}]),
    ];
    let cases: Vec<(Value, Value)> = patches.into_iter().map(|patch| (document.clone(), patch)).collect();
    check(
        &cases,
        expect![[r#"
        [] -> {"a":1,"list":[1,2,3],"map":{"m~n":2,"x/y":1}}
        [{"op":"add","path":"/b","value":{"c":1}}] -> {"a":1,"b":{"c":1},"list":[1,2,3],"map":{"m~n":2,"x/y":1}}
        [{"op":"add","path":"/list/1","value":9}] -> {"a":1,"list":[1,9,2,3],"map":{"m~n":2,"x/y":1}}
        [{"op":"add","path":"/list/-","value":9}] -> {"a":1,"list":[1,2,3,9],"map":{"m~n":2,"x/y":1}}
        [{"op":"remove","path":"/list/0"}] -> {"a":1,"list":[2,3],"map":{"m~n":2,"x/y":1}}
        [{"op":"replace","path":"/map/x~1y","value":5},{"op":"remove","path":"/map/m~0n"}] -> {"a":1,"list":[1,2,3],"map":{"x/y":5}}
        [{"from":"/a","op":"move","path":"/map/a"}] -> {"list":[1,2,3],"map":{"a":1,"m~n":2,"x/y":1}}
        [{"from":"/list","op":"copy","path":"/map/list"}] -> {"a":1,"list":[1,2,3],"map":{"list":[1,2,3],"m~n":2,"x/y":1}}
        [{"op":"test","path":"/list","value":[1,2,3]},{"op":"replace","path":"/a","value":2}] -> {"a":2,"list":[1,2,3],"map":{"m~n":2,"x/y":1}}
        [{"op":"replace","path":"","value":{"new":true}}] -> {"new":true}
    "#]],
    );
}

/// What evanphx/json-patch lets pass and RFC 6902 does not; kube-rs finalizers rest on the first.
#[test]
fn leniencies() {
    let document = json!({"metadata": {"name": "x"}, "list": [1, 2, 3], "null": null});
    let patches = [
        json!([{"op": "test", "path": "/metadata/finalizers", "value": null}, {"op": "add", "path": "/metadata/finalizers", "value": ["f"]}]),
        json!([{"op": "test", "path": "/metadata/finalizers"}]),
        json!([{"op": "test", "path": "/null"}]),
        json!([{"op": "remove", "path": "/list/-1"}]),
        json!([{"op": "add", "path": "/list/-1", "value": 9}]),
        json!([{"op": "replace", "path": "/list/-3", "value": 9}]),
        json!([{"op": "replace", "path": "/absent", "value": 1}]),
        json!([{"op": "add", "path": "/value"}]),
    ];
    let cases: Vec<(Value, Value)> = patches.into_iter().map(|patch| (document.clone(), patch)).collect();
    check(
        &cases,
        expect![[r#"
        [{"op":"test","path":"/metadata/finalizers","value":null},{"op":"add","path":"/metadata/finalizers","value":["f"]}] -> {"list":[1,2,3],"metadata":{"finalizers":["f"],"name":"x"},"null":null}
        [{"op":"test","path":"/metadata/finalizers"}] -> {"list":[1,2,3],"metadata":{"name":"x"},"null":null}
        [{"op":"test","path":"/null"}] -> {"list":[1,2,3],"metadata":{"name":"x"},"null":null}
        [{"op":"remove","path":"/list/-1"}] -> {"list":[1,2],"metadata":{"name":"x"},"null":null}
        [{"op":"add","path":"/list/-1","value":9}] -> {"list":[1,2,3,9],"metadata":{"name":"x"},"null":null}
        [{"op":"replace","path":"/list/-3","value":9}] -> {"list":[9,2,3],"metadata":{"name":"x"},"null":null}
        [{"op":"replace","path":"/absent","value":1}] -> {"absent":1,"list":[1,2,3],"metadata":{"name":"x"},"null":null}
        [{"op":"add","path":"/value"}] -> {"list":[1,2,3],"metadata":{"name":"x"},"null":null,"value":null}
    "#]],
    );
}

#[test]
fn refusals() {
    let document = json!({"a": 1, "list": [1]});
    let patches = [
        json!({"op": "add"}),
        json!(["add"]),
        json!([{"op": "remove", "path": "/gone"}]),
        json!([{"op": "remove", "path": "/gone/deep"}]),
        json!([{"op": "remove", "path": "/list/1"}]),
        json!([{"op": "remove", "path": "/list/-2"}]),
        json!([{"op": "add", "path": "/list/3", "value": 1}]),
        json!([{"op": "add", "path": "/list/x", "value": 1}]),
        json!([{"op": "add", "path": "/gone/deep", "value": 1}]),
        json!([{"op": "add", "path": "", "value": 1}]),
        json!([{"op": "add", "value": 1}]),
        json!([{"op": "replace", "path": "/list/1", "value": 1}]),
        json!([{"op": "replace", "path": "", "value": 1}]),
        json!([{"op": "move", "from": "/gone", "path": "/b"}]),
        json!([{"op": "copy", "from": "/list/7", "path": "/b"}]),
        json!([{"op": "test", "path": "/a", "value": 2}]),
        json!([{"op": "test", "path": "/a"}]),
        json!([{"op": "test", "path": "/gone", "value": 1}]),
        json!([{"op": "test", "path": "/gone/deep", "value": null}]),
        json!([{"op": "spin", "path": "/a"}]),
        json!([{"path": "/a"}]),
    ];
    let cases: Vec<(Value, Value)> = patches.into_iter().map(|patch| (document.clone(), patch)).collect();
    check(
        &cases,
        expect![[r#"
        {"op":"add"} -> 400 BadRequest: json: cannot unmarshal object into Go value of type jsonpatch.Patch
        ["add"] -> 400 BadRequest: json: cannot unmarshal string into Go value of type jsonpatch.Operation
        [{"op":"remove","path":"/gone"}] -> 422 Invalid: the server rejected our request due to an error in our request [/gone: error in remove for path: '/gone': Unable to remove nonexistent key: gone: missing value]
        [{"op":"remove","path":"/gone/deep"}] -> 422 Invalid: the server rejected our request due to an error in our request [/gone/deep: remove operation does not apply: doc is missing path: "/gone/deep": missing value]
        [{"op":"remove","path":"/list/1"}] -> 422 Invalid: the server rejected our request due to an error in our request [/list/1: error in remove for path: '/list/1': Unable to access invalid index: 1: invalid index referenced]
        [{"op":"remove","path":"/list/-2"}] -> 422 Invalid: the server rejected our request due to an error in our request [/list/-2: error in remove for path: '/list/-2': Unable to access invalid index: -2: invalid index referenced]
        [{"op":"add","path":"/list/3","value":1}] -> 422 Invalid: the server rejected our request due to an error in our request [/list/3: error in add for path: '/list/3': Unable to access invalid index: 3: invalid index referenced]
        [{"op":"add","path":"/list/x","value":1}] -> 422 Invalid: the server rejected our request due to an error in our request [/list/x: error in add for path: '/list/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax]
        [{"op":"add","path":"/gone/deep","value":1}] -> 422 Invalid: the server rejected our request due to an error in our request [/gone/deep: add operation does not apply: doc is missing path: "/gone/deep": missing value]
        [{"op":"add","path":"","value":1}] -> 422 Invalid: the server rejected our request due to an error in our request [: add operation does not apply: doc is missing path: "": missing value]
        [{"op":"add","value":1}] -> 422 Invalid: the server rejected our request due to an error in our request [: add operation failed to decode path: missing value]
        [{"op":"replace","path":"/list/1","value":1}] -> 422 Invalid: the server rejected our request due to an error in our request [/list/1: replace operation does not apply: doc is missing key: /list/1: missing value]
        [{"op":"replace","path":"","value":1}] -> 422 Invalid: the server rejected our request due to an error in our request [: replace operation value must be object or array]
        [{"from":"/gone","op":"move","path":"/b"}] -> 422 Invalid: the server rejected our request due to an error in our request [/b: error in move for path: 'gone': Unable to remove nonexistent key: gone: missing value]
        [{"from":"/list/7","op":"copy","path":"/b"}] -> 422 Invalid: the server rejected our request due to an error in our request [/b: error in copy for from: '/list/7': Unable to access invalid index: 7: invalid index referenced]
        [{"op":"test","path":"/a","value":2}] -> 422 Invalid: the server rejected our request due to an error in our request [/a: testing value /a failed: test failed]
        [{"op":"test","path":"/a"}] -> 422 Invalid: the server rejected our request due to an error in our request [/a: testing value /a failed: test failed]
        [{"op":"test","path":"/gone","value":1}] -> 422 Invalid: the server rejected our request due to an error in our request [/gone: testing value /gone failed: test failed]
        [{"op":"test","path":"/gone/deep","value":null}] -> 422 Invalid: the server rejected our request due to an error in our request [/gone/deep: test operation does not apply: is missing path: /gone/deep: missing value]
        [{"op":"spin","path":"/a"}] -> 422 Invalid: the server rejected our request due to an error in our request [/a: Unexpected kind: spin]
        [{"path":"/a"}] -> 422 Invalid: the server rejected our request due to an error in our request [/a: Unexpected kind: unknown]
    "#]],
    );
}

#[test]
fn limits() {
    let add = json!({"op": "add", "path": "/a", "value": 1});
    let many = Value::Array(vec![add; 10_001]);
    let status = json_patch(&json!({}), &many).unwrap_err();
    assert_eq!(
        (status.code, status.message.as_str()),
        (413, "The allowed maximum operations in a JSON patch is 10000, got 10001")
    );
    // Doubling the document with every operation.
    let double: Vec<Value> =
        (0..64).map(|index| json!({"op": "copy", "from": "/a", "path": format!("/a/{index}")})).collect();
    let status = json_patch(&json!({"a": {"x": "x".repeat(1000)}}), &Value::Array(double)).unwrap_err();
    assert_eq!(status.code, 422);
    // Nesting one level deeper with every operation.
    let nest: Vec<Value> =
        (0..200).map(|depth| json!({"op": "add", "path": format!("/a{}", "/a".repeat(depth)), "value": {}})).collect();
    assert_eq!(json_patch(&json!({}), &Value::Array(nest)).unwrap_err().code, 422);
}

#[test]
fn merge_patches() {
    let table = [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "b"}), json!({"a": null}), json!({})),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
        (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
        (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
        (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        (json!(["a"]), json!({"a": 1}), json!({"a": 1})),
        (json!({"a": "foo"}), json!("bar"), json!("bar")),
    ];
    for (document, patch, expected) in table {
        assert_eq!(merge(&document, &patch), expected, "{document} + {patch}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), (0..3_i64).prop_map(Value::from), "[a-c]".prop_map(Value::from)];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn merging_twice_is_merging_once(document in any_json(), patch in any_json()) {
        // But for nulls inside lists: upstream drops them when the list is new, and keeps them when it replaces a map.
        let plain = |value: &Value| merge(&Value::Null, value);
        let once = merge(&document, &patch);
        prop_assert_eq!(plain(&merge(&once, &patch)), plain(&once));
    }

    #[test]
    fn nothing_panics(document in any_json(), path in "[a-d/0-9-]{0,6}", value in any_json(), odd in any_json()) {
        for op in ["add", "remove", "replace", "test", "move", "copy"] {
            let _ = json_patch(&document, &json!([{"op": op, "path": path, "from": "/a", "value": value}]));
        }
        let _ = json_patch(&document, &odd);
    }
}
