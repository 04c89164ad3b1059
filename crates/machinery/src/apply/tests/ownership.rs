//! Merging, conflicts and removal.

use expect_test::{Expect, expect};
use serde_json::json;

use super::history::{
    Step::{self, Apply, Force, Update},
    play,
};

fn check(steps: Vec<Step<'_>>, expected: Expect) {
    expected.assert_eq(&play(steps));
}

#[test]
fn applying_twice_changes_nothing() {
    check(
        vec![Apply("a", json!({"replicas": 1})), Apply("a", json!({"replicas": 1}))],
        expect![[r#"
        a: {"replicas":1}
        Apply a example.com/v1 @01 {"f:spec":{"f:replicas":{}}}
        a: {"replicas":1}
        Apply a example.com/v1 @01 {"f:spec":{"f:replicas":{}}}
    "#]],
    );
}

#[test]
fn conflicts_name_manager_version_and_field() {
    check(
        vec![
            Update("kubectl-create", json!({"replicas": 1, "name": "x", "map": {"k": "v"}})),
            Apply("one", json!({"replicas": 2})),
            Apply("one", json!({"replicas": 2, "name": "y", "map": {"k": "w"}})),
            Force("one", json!({"replicas": 2})),
            Apply("two", json!({"replicas": 3})),
        ],
        expect![[r#"
            kubectl-create: {"map":{"k":"v"},"name":"x","replicas":1}
            Update kubectl-create example.com/v1 @01 {"f:spec":{".":{},"f:map":{".":{},"f:k":{}},"f:name":{},"f:replicas":{}}}
            one: 409 Conflict: Apply failed with 1 conflict: conflict with "kubectl-create" using example.com/v1: .spec.replicas
              FieldManagerConflict conflict with "kubectl-create" using example.com/v1 .spec.replicas
            one: 409 Conflict: Apply failed with 3 conflicts: conflicts with "kubectl-create" using example.com/v1:
            - .spec.name
            - .spec.replicas
            - .spec.map.k
              FieldManagerConflict conflict with "kubectl-create" using example.com/v1 .spec.name
              FieldManagerConflict conflict with "kubectl-create" using example.com/v1 .spec.replicas
              FieldManagerConflict conflict with "kubectl-create" using example.com/v1 .spec.map.k
            one: {"map":{"k":"v"},"name":"x","replicas":2}
            Apply one example.com/v1 @01 {"f:spec":{"f:replicas":{}}}
            Update kubectl-create example.com/v1 @01 {"f:spec":{".":{},"f:map":{".":{},"f:k":{}},"f:name":{}}}
            two: 409 Conflict: Apply failed with 1 conflict: conflict with "one": .spec.replicas
              FieldManagerConflict conflict with "one" .spec.replicas
        "#]],
    );
}

#[test]
fn several_managers_conflict_in_one_message() {
    check(
        vec![
            Apply("one", json!({"replicas": 1, "name": "x"})),
            Update("two", json!({"replicas": 1, "name": "x", "flag": true, "list": ["a"]})),
            Apply("three", json!({"replicas": 2, "name": "y", "flag": false, "list": ["b"]})),
        ],
        expect![[r#"
            one: {"name":"x","replicas":1}
            Apply one example.com/v1 @01 {"f:spec":{"f:name":{},"f:replicas":{}}}
            two: {"flag":true,"list":["a"],"name":"x","replicas":1}
            Apply one example.com/v1 @01 {"f:spec":{"f:name":{},"f:replicas":{}}}
            Update two example.com/v1 @01 {"f:spec":{"f:flag":{},"f:list":{}}}
            three: 409 Conflict: Apply failed with 4 conflicts: conflicts with "one":
            - .spec.name
            - .spec.replicas
            conflicts with "two" using example.com/v1:
            - .spec.flag
            - .spec.list
              FieldManagerConflict conflict with "one" .spec.name
              FieldManagerConflict conflict with "one" .spec.replicas
              FieldManagerConflict conflict with "two" using example.com/v1 .spec.flag
              FieldManagerConflict conflict with "two" using example.com/v1 .spec.list
        "#]],
    );
}

#[test]
fn equal_values_are_shared_and_outlive_one_owner() {
    check(
        vec![
            Apply("one", json!({"replicas": 1, "name": "x"})),
            Apply("two", json!({"replicas": 1})),
            Apply("one", json!({"name": "x"})),
            Apply("two", json!({})),
        ],
        expect![[r#"
            one: {"name":"x","replicas":1}
            Apply one example.com/v1 @01 {"f:spec":{"f:name":{},"f:replicas":{}}}
            two: {"name":"x","replicas":1}
            Apply two example.com/v1 @ {"f:spec":{"f:replicas":{}}}
            Apply one example.com/v1 @01 {"f:spec":{"f:name":{},"f:replicas":{}}}
            one: {"name":"x","replicas":1}
            Apply two example.com/v1 @ {"f:spec":{"f:replicas":{}}}
            Apply one example.com/v1 @01 {"f:spec":{"f:name":{}}}
            two: {"name":"x"}
            Apply one example.com/v1 @01 {"f:spec":{"f:name":{}}}
            Apply two example.com/v1 @01 {"f:spec":{}}
        "#]],
    );
}

#[test]
fn fields_no_longer_applied_go_away_unless_owned() {
    check(
        vec![
            Apply(
                "one",
                json!({"map": {"a": "1", "b": "2"}, "deep": {"x": {"y": "z"}}, "any": {"p": {"q": 1, "r": 2}}}),
            ),
            Apply("one", json!({"map": {"a": "1"}, "any": {"p": {"q": 1}}})),
            Apply("one", json!({})),
        ],
        expect![[r#"
            one: {"any":{"p":{"q":1,"r":2}},"deep":{"x":{"y":"z"}},"map":{"a":"1","b":"2"}}
            Apply one example.com/v1 @01 {"f:spec":{"f:any":{"f:p":{".":{},"f:q":{},"f:r":{}}},"f:deep":{"f:x":{".":{},"f:y":{}}},"f:map":{"f:a":{},"f:b":{}}}}
            one: {"any":{"p":{"q":1}},"map":{"a":"1"}}
            Apply one example.com/v1 @01 {"f:spec":{"f:any":{"f:p":{".":{},"f:q":{}}},"f:map":{"f:a":{}}}}
            one: {}
            Apply one example.com/v1 @01 {"f:spec":{}}
        "#]],
    );
}

#[test]
fn an_update_takes_ownership_of_what_it_changes() {
    check(
        vec![
            Apply("one", json!({"replicas": 1, "name": "x", "map": {"a": "1"}})),
            Update("scaler", json!({"replicas": 5, "map": {"a": "1", "b": "2"}})),
            Apply("one", json!({"name": "x", "map": {"a": "1"}})),
        ],
        expect![[r#"
            one: {"map":{"a":"1"},"name":"x","replicas":1}
            Apply one example.com/v1 @01 {"f:spec":{"f:map":{"f:a":{}},"f:name":{},"f:replicas":{}}}
            scaler: {"map":{"a":"1","b":"2"},"replicas":5}
            Apply one example.com/v1 @01 {"f:spec":{"f:map":{"f:a":{}}}}
            Update scaler example.com/v1 @01 {"f:spec":{"f:map":{"f:b":{}},"f:replicas":{}}}
            one: {"map":{"a":"1","b":"2"},"name":"x","replicas":5}
            Apply one example.com/v1 @01 {"f:spec":{"f:map":{"f:a":{}},"f:name":{}}}
            Update scaler example.com/v1 @01 {"f:spec":{"f:map":{"f:b":{}},"f:replicas":{}}}
        "#]],
    );
}

#[test]
fn sets_and_keyed_lists_merge() {
    check(
        vec![
            Apply("one", json!({"set": ["a", "b"], "items": [{"name": "i", "value": "1"}, {"name": "j"}]})),
            Apply(
                "two",
                json!({"set": ["c", "a"], "items": [{"name": "k", "inner": {"a": "1"}}, {"name": "i", "inner": {"b": "2"}}]}),
            ),
            Apply("one", json!({"set": ["b"], "items": [{"name": "j"}]})),
            Apply("two", json!({})),
        ],
        expect![[r#"
            one: {"items":[{"name":"i","value":"1"},{"name":"j"}],"set":["a","b"]}
            Apply one example.com/v1 @01 {"f:spec":{"f:items":{"k:{\"name\":\"i\"}":{".":{},"f:name":{},"f:value":{}},"k:{\"name\":\"j\"}":{".":{},"f:name":{}}},"f:set":{"v:\"a\"":{},"v:\"b\"":{}}}}
            two: {"items":[{"inner":{"a":"1"},"name":"k"},{"inner":{"b":"2"},"name":"i","value":"1"},{"name":"j"}],"set":["c","a","b"]}
            Apply one example.com/v1 @01 {"f:spec":{"f:items":{"k:{\"name\":\"i\"}":{".":{},"f:name":{},"f:value":{}},"k:{\"name\":\"j\"}":{".":{},"f:name":{}}},"f:set":{"v:\"a\"":{},"v:\"b\"":{}}}}
            Apply two example.com/v1 @01 {"f:spec":{"f:items":{"k:{\"name\":\"i\"}":{".":{},"f:inner":{"f:b":{}},"f:name":{}},"k:{\"name\":\"k\"}":{".":{},"f:inner":{"f:a":{}},"f:name":{}}},"f:set":{"v:\"a\"":{},"v:\"c\"":{}}}}
            one: {"items":[{"inner":{"a":"1"},"name":"k"},{"inner":{"b":"2"},"name":"i"},{"name":"j"}],"set":["c","a","b"]}
            Apply one example.com/v1 @01 {"f:spec":{"f:items":{"k:{\"name\":\"j\"}":{".":{},"f:name":{}}},"f:set":{"v:\"b\"":{}}}}
            Apply two example.com/v1 @01 {"f:spec":{"f:items":{"k:{\"name\":\"i\"}":{".":{},"f:inner":{"f:b":{}},"f:name":{}},"k:{\"name\":\"k\"}":{".":{},"f:inner":{"f:a":{}},"f:name":{}}},"f:set":{"v:\"a\"":{},"v:\"c\"":{}}}}
            two: {"items":[{"name":"j"}],"set":["b"]}
            Apply one example.com/v1 @01 {"f:spec":{"f:items":{"k:{\"name\":\"j\"}":{".":{},"f:name":{}}},"f:set":{"v:\"b\"":{}}}}
            Apply two example.com/v1 @01 {"f:spec":{}}
        "#]],
    );
}

#[test]
fn keys_have_defaults() {
    check(
        vec![
            Apply("one", json!({"ports": [{"port": 80}]})),
            Apply(
                "two",
                json!({"ports": [{"port": 80, "protocol": "TCP", "name": "http"}, {"port": 80, "protocol": "UDP"}]}),
            ),
            Apply("one", json!({})),
        ],
        expect![[r#"
            one: {"ports":[{"port":80}]}
            Apply one example.com/v1 @01 {"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}}}}
            two: {"ports":[{"name":"http","port":80,"protocol":"TCP"},{"port":80,"protocol":"UDP"}]}
            Apply one example.com/v1 @01 {"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}}}}
            Apply two example.com/v1 @01 {"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{},"f:protocol":{}},"k:{\"port\":80,\"protocol\":\"UDP\"}":{".":{},"f:port":{},"f:protocol":{}}}}}
            one: {"ports":[{"name":"http","port":80,"protocol":"TCP"},{"port":80,"protocol":"UDP"}]}
            Apply one example.com/v1 @01 {"f:spec":{}}
            Apply two example.com/v1 @01 {"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{},"f:protocol":{}},"k:{\"port\":80,\"protocol\":\"UDP\"}":{".":{},"f:port":{},"f:protocol":{}}}}}
        "#]],
    );
}

#[test]
fn atomic_values_have_one_owner() {
    check(
        vec![
            Apply("one", json!({"list": ["a"], "atomicMap": {"a": "1"}})),
            Apply("two", json!({"list": ["a", "b"], "atomicMap": {"b": "1"}})),
            Force("two", json!({"list": ["a", "b"], "atomicMap": {"b": "1"}})),
        ],
        expect![[r#"
            one: {"atomicMap":{"a":"1"},"list":["a"]}
            Apply one example.com/v1 @01 {"f:spec":{"f:atomicMap":{},"f:list":{}}}
            two: 409 Conflict: Apply failed with 2 conflicts: conflicts with "one":
            - .spec.atomicMap
            - .spec.list
              FieldManagerConflict conflict with "one" .spec.atomicMap
              FieldManagerConflict conflict with "one" .spec.list
            two: {"atomicMap":{"b":"1"},"list":["a","b"]}
            Apply two example.com/v1 @01 {"f:spec":{"f:atomicMap":{},"f:list":{}}}
        "#]],
    );
}

#[test]
fn untyped_maps_merge_and_untyped_lists_do_not() {
    check(
        vec![
            Apply("one", json!({"any": {"a": {"x": 1}, "l": [1, 2]}})),
            Apply("two", json!({"any": {"a": {"y": 2}, "l": [1, 2, 3]}})),
            Force("two", json!({"any": {"a": "text"}})),
        ],
        expect![[r#"
            one: {"any":{"a":{"x":1},"l":[1,2]}}
            Apply one example.com/v1 @01 {"f:spec":{"f:any":{"f:a":{".":{},"f:x":{}},"f:l":{}}}}
            two: 409 Conflict: Apply failed with 1 conflict: conflict with "one": .spec.any.l
              FieldManagerConflict conflict with "one" .spec.any.l
            two: {"any":{"a":"text","l":[1,2]}}
            Apply one example.com/v1 @01 {"f:spec":{"f:any":{"f:l":{}}}}
            Apply two example.com/v1 @01 {"f:spec":{"f:any":{"f:a":{}}}}
        "#]],
    );
}

#[test]
fn configurations_that_do_not_fit_are_refused() {
    check(
        vec![
            Apply("one", json!({"gone": 1, "name": 5, "replicas": "x", "flag": {}, "map": [], "items": "x"})),
            Apply("one", json!({"items": [{"name": "a"}, {"name": "a"}], "set": ["a", "a"]})),
            Apply("one", json!({"items": [{"value": "a"}]})),
            Apply("one", json!({"set": [null]})),
        ],
        expect![[r#"
            one: 500 : failed to create typed patch object (/x; example.com/v1, Kind=Thing): errors:
              .spec.flag: expected boolean, got &{map[]}
              .spec.gone: field not declared in schema
              .spec.items: expected list, got &{x}
              .spec.map: expected map, got &{[]}
              .spec.name: expected string, got &value.valueUnstructured{Value:5}
              .spec.replicas: expected numeric (int or float), got string
            one: 500 : failed to create typed patch object (/x; example.com/v1, Kind=Thing): errors:
              .spec.items: duplicate entries for key [name="a"]
              .spec.set: duplicate entries for key [="a"]
            one: 500 : failed to create typed patch object (/x; example.com/v1, Kind=Thing): .spec.items: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)
            one: 500 : failed to create typed patch object (/x; example.com/v1, Kind=Thing): .spec.set: element 0: associative list without keys has an element that's an explicit null
        "#]],
    );
}

#[test]
fn an_untracked_object_is_owned_before_the_first_apply() {
    let schema = super::schema();
    let live = super::thing(&json!({"replicas": 1, "name": "x"}));
    let mut live = live;
    live["metadata"]["uid"] = json!("1");
    let applied = super::thing(&json!({"replicas": 2}));
    let context = super::context("one", &schema);
    let status = crate::apply::apply(Some(&live), &applied, &context).unwrap_err();
    assert_eq!(
        status.message,
        "Apply failed with 1 conflict: conflict with \"before-first-apply\" using example.com/v1: .spec.replicas"
    );
}
