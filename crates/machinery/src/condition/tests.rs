use serde_json::{Value, json};

use super::{COST_MAX, Condition, Input};

fn holds(expression: &str) -> Result<bool, String> {
    let object = json!({ "metadata": { "name": "a", "labels": { "x/y": "1" } }, "spec": { "replicas": 2, "list": [1, 2.5, null] } });
    let request =
        json!({ "operation": "CREATE", "userInfo": { "username": "bob", "groups": ["dev"] }, "dryRun": false });
    let input = Input { object: &object, old_object: &Value::Null, request: &request };
    Condition::compile(expression)?.holds(&input, COST_MAX).0
}

#[test]
fn conditions_see_the_request_and_its_objects() {
    for expression in [
        "request.operation == 'CREATE' && !('admins' in request.userInfo.groups)",
        "oldObject == null && object.spec.replicas > 1",
        "has(object.metadata.labels) && object.metadata.labels['x/y'] == '1'",
        "!has(object.spec.missing)",
        "object.spec.list[1] == 2.5 && object.spec.list.size() == 3",
        "object.metadata.name.startsWith('a')",
    ] {
        assert_eq!(holds(expression), Ok(true), "{expression}");
    }
    assert_eq!(holds("request.dryRun"), Ok(false));
}

#[test]
fn mistakes_are_said() {
    assert!(holds("authorizer.path('/x')").is_err_and(|why| why.contains("undeclared reference to 'authorizer'")));
    assert!(holds("object.nothing.there == 1").is_err_and(|why| why.contains("no such key")));
    assert!(holds("1 + 1").is_err_and(|why| why == "must evaluate to bool"));
    assert!(holds("request.").is_err());
}
