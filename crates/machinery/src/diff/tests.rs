//! Differences as paths.

use expect_test::expect;
use serde_json::{Value, json};

use super::changes;

fn print(before: &Value, after: &Value) -> String {
    let show = |value: &Option<Value>| value.as_ref().map_or("-".to_string(), Value::to_string);
    let lines = changes(before, after).into_iter();
    lines.map(|change| format!("{}: {} -> {}\n", change.path, show(&change.before), show(&change.after))).collect()
}

#[test]
fn paths_name_the_smallest_difference() {
    let before = json!({
        "metadata": {"annotations": {"example.com/a": "1"}, "labels": {"app": "web"}},
        "spec": {"replicas": 1, "template": {"containers": [{"image": "web:1", "name": "web"}, {"name": "old"}]}, "gone": {"a": 1}},
    });
    let after = json!({
        "metadata": {"annotations": {"example.com/a": "2"}, "labels": {"app": "web"}},
        "spec": {"replicas": "1", "template": {"containers": [{"image": "web:2", "name": "web"}]}, "new": [1]},
    });
    expect![[r#"
        metadata.annotations[example.com/a]: "1" -> "2"
        spec.gone: {"a":1} -> -
        spec.new: - -> [1]
        spec.replicas: 1 -> "1"
        spec.template.containers[0].image: "web:1" -> "web:2"
        spec.template.containers[1]: {"name":"old"} -> -
    "#]]
    .assert_eq(&print(&before, &after));
    assert_eq!(print(&before, &before), "");
    assert_eq!(print(&json!({}), &json!({"a": {}})), "a: - -> {}\n");
    assert_eq!(print(&json!(1), &json!(2)), ": 1 -> 2\n");
}
