//! Strategic merge patches of real kinds.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::outcome;
use crate::{builtin, patch::strategic};

fn pod(document: &Value, patch: &Value) -> String {
    let schema = builtin::schema("", "v1", "Pod").unwrap();
    outcome(strategic(schema, document, patch))
}

fn check(document: &Value, patches: &[Value], expected: Expect) {
    let lines: Vec<String> = patches.iter().map(|patch| format!("{}\n", pod(document, patch))).collect();
    expected.assert_eq(&lines.concat());
}

fn web() -> Value {
    json!({"spec": {"containers": [
        {"name": "web", "image": "web:1", "ports": [{"containerPort": 80, "name": "http"}]},
        {"name": "proxy", "image": "proxy:1"},
    ]}})
}

#[test]
fn lists_merge_by_key() {
    let containers = |patch: Value| json!({"spec": {"containers": patch}});
    check(
        &web(),
        &[
            containers(json!([{"name": "web", "image": "web:2"}])),
            containers(json!([{"name": "log", "image": "log:1"}])),
            containers(json!([{"name": "web", "ports": [{"containerPort": 81}]}])),
            containers(json!([{"name": "proxy", "$patch": "delete"}])),
            containers(json!([{"$patch": "replace"}, {"name": "only", "image": "x"}])),
            containers(json!([{"name": "web", "image": null}])),
            json!({"spec": {"$setElementOrder/containers": [{"name": "proxy"}, {"name": "web"}], "containers": [{"name": "web", "image": "web:2"}]}}),
            json!({"spec": {"$setElementOrder/containers": [{"name": "new"}, {"name": "web"}], "containers": [{"name": "new", "image": "n"}]}}),
            json!({"spec": {"containers": null}}),
        ],
        expect![[r#"
            {"spec":{"containers":[{"image":"web:2","name":"web","ports":[{"containerPort":80,"name":"http"}]},{"image":"proxy:1","name":"proxy"}]}}
            {"spec":{"containers":[{"image":"log:1","name":"log"},{"image":"web:1","name":"web","ports":[{"containerPort":80,"name":"http"}]},{"image":"proxy:1","name":"proxy"}]}}
            {"spec":{"containers":[{"image":"web:1","name":"web","ports":[{"containerPort":81},{"containerPort":80,"name":"http"}]},{"image":"proxy:1","name":"proxy"}]}}
            {"spec":{"containers":[{"image":"web:1","name":"web","ports":[{"containerPort":80,"name":"http"}]}]}}
            {"spec":{"containers":[{"image":"x","name":"only"}]}}
            {"spec":{"containers":[{"name":"web","ports":[{"containerPort":80,"name":"http"}]},{"image":"proxy:1","name":"proxy"}]}}
            {"spec":{"containers":[{"image":"proxy:1","name":"proxy"},{"image":"web:2","name":"web","ports":[{"containerPort":80,"name":"http"}]}]}}
            {"spec":{"containers":[{"image":"n","name":"new"},{"image":"web:1","name":"web","ports":[{"containerPort":80,"name":"http"}]},{"image":"proxy:1","name":"proxy"}]}}
            {"spec":{}}
        "#]],
    );
}

#[test]
fn lists_without_a_merge_strategy_are_replaced() {
    check(
        &json!({"spec": {"containers": [{"name": "web", "args": ["a", "b"]}]}}),
        &[json!({"spec": {"containers": [{"name": "web", "args": ["c"]}]}})],
        expect![[r#"
            {"spec":{"containers":[{"args":["c"],"name":"web"}]}}
        "#]],
    );
}

#[test]
fn lists_of_primitives_merge() {
    let finalizers = |patch: Value| json!({"metadata": patch});
    check(
        &json!({"metadata": {"finalizers": ["a", "b", "c"]}}),
        &[
            finalizers(json!({"finalizers": ["b", "d"]})),
            finalizers(json!({"$deleteFromPrimitiveList/finalizers": ["b"]})),
            finalizers(
                json!({"$deleteFromPrimitiveList/finalizers": ["b"], "$setElementOrder/finalizers": ["d", "a", "c"], "finalizers": ["d"]}),
            ),
            finalizers(json!({"$deleteFromPrimitiveList/gone": ["b"]})),
        ],
        expect![[r#"
            {"metadata":{"finalizers":["a","b","d","c"]}}
            {"metadata":{"finalizers":["a","c"]}}
            {"metadata":{"finalizers":["d","a","c"]}}
            {"metadata":{"finalizers":["a","b","c"]}}
        "#]],
    );
}

#[test]
fn maps_have_directives() {
    check(
        &json!({"metadata": {"labels": {"a": "1", "b": "2"}}, "spec": {"volumes": [{"name": "v", "emptyDir": {}}]}}),
        &[
            json!({"metadata": {"labels": {"$patch": "replace", "c": "3"}}}),
            json!({"metadata": {"labels": {"$patch": "delete"}}}),
            json!({"metadata": {"labels": {"a": null, "c": "3"}}}),
            json!({"metadata": {"annotations": {"x": null, "y": "z"}}}),
            json!({"spec": {"volumes": [{"name": "v", "$retainKeys": ["name", "configMap"], "configMap": {"name": "c"}}]}}),
            json!({"spec": {"volumes": [{"name": "new", "$retainKeys": ["name", "configMap"], "configMap": {"name": "c"}}]}}),
        ],
        expect![[r#"
            {"metadata":{"labels":{"c":"3"}},"spec":{"volumes":[{"emptyDir":{},"name":"v"}]}}
            {"metadata":{"labels":{}},"spec":{"volumes":[{"emptyDir":{},"name":"v"}]}}
            {"metadata":{"labels":{"b":"2","c":"3"}},"spec":{"volumes":[{"emptyDir":{},"name":"v"}]}}
            {"metadata":{"annotations":{"y":"z"},"labels":{"a":"1","b":"2"}},"spec":{"volumes":[{"emptyDir":{},"name":"v"}]}}
            {"metadata":{"labels":{"a":"1","b":"2"}},"spec":{"volumes":[{"configMap":{"name":"c"},"name":"v"}]}}
            {"metadata":{"labels":{"a":"1","b":"2"}},"spec":{"volumes":[{"configMap":{"name":"c"},"name":"new"},{"emptyDir":{},"name":"v"}]}}
        "#]],
    );
}

#[test]
fn malformed_patches_are_refused() {
    check(
        &web(),
        &[
            json!([]),
            json!({"spec": {"containers": [{"image": "x"}]}}),
            json!({"spec": {"containers": ["x"]}}),
            json!({"spec": {"containers": [{"name": "web", "$patch": "spin"}]}}),
            json!({"spec": {"$patch": "spin"}}),
            json!({"spec": {"$setElementOrder/containers": "x"}}),
            json!({"spec": {"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "b"}]}}),
            json!({"spec": {"$setElementOrder": []}}),
            json!({"spec": {"$deleteFromPrimitiveList": []}}),
            json!({"spec": {"$retainKeys": ["a"], "containers": []}}),
            json!({"metadata": {"finalizers": [["x"]]}}),
        ],
        expect![[r#"
            400 BadRequest: invalid JSON document
            500 : map: map[image:x] does not contain declared merge key: name
            500 : list element types are not identical: [[map[image:web:1 name:web ports:[map[containerPort:80 name:http]]] map[image:proxy:1 name:proxy]] [x]]
            500 : unknown patch type: spin in map: map[$patch:spin name:web]
            500 : unknown patch type: spin in map: map[$patch:spin]
            400 BadRequest: invalid patch format of setElementOrder list
            500 : The order in patch list:
            [map[name:b]]
             doesn't match $setElementOrder list:
            [map[name:a]]

            400 BadRequest: invalid patch format of setElementOrder list
            400 BadRequest: invalid patch format of primitive list
            400 BadRequest: invalid patch format of retainKeys
            {"metadata":{"finalizers":[["x"]]},"spec":{"containers":[{"image":"web:1","name":"web","ports":[{"containerPort":80,"name":"http"}]},{"image":"proxy:1","name":"proxy"}]}}
        "#]],
    );
}

/// `kubectl apply` of a Deployment, as recorded: order directives inside merged items.
#[test]
fn nested_order_directives() {
    let schema = builtin::schema("apps", "v1", "Deployment").unwrap();
    let live = json!({"spec": {"replicas": 1, "template": {"spec": {"containers": [
        {"name": "web", "image": "web:1", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
    ]}}}});
    let patch = json!({"spec": {"template": {"spec": {
        "$setElementOrder/containers": [{"name": "web"}],
        "containers": [{
            "$setElementOrder/env": [{"name": "C"}, {"name": "A"}],
            "name": "web",
            "env": [{"$patch": "delete", "name": "B"}, {"name": "C", "value": "3"}],
        }],
    }}}});
    expect![[r#"{"spec":{"replicas":1,"template":{"spec":{"containers":[{"env":[{"name":"C","value":"3"},{"name":"A","value":"1"}],"image":"web:1","name":"web"}]}}}}"#]].assert_eq(&outcome(strategic(schema, &live, &patch)));
}
