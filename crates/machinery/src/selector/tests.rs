//! Selectors against objects, and the wording of refusals.

use expect_test::{Expect, expect};
use serde_json::json;

use super::{Fields, Labels};

fn matched(selector: &str) -> String {
    let objects = [
        ("web", json!({"app": "web", "tier": "front", "replicas": "3"})),
        ("db", json!({"app": "db", "tier": ""})),
        ("bare", json!({})),
    ];
    let labels = match Labels::parse(selector) {
        Ok(labels) => labels,
        Err(status) => return format!("{}: {}", status.code, status.message),
    };
    let matched = objects.iter().filter(|(_, labels_of)| labels.matches(&json!({"metadata": {"labels": labels_of}})));
    matched.map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
}

fn check(selectors: &[&str], expected: Expect) {
    let lines: Vec<String> = selectors.iter().map(|text| format!("{text:?} -> {}\n", matched(text))).collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn labels_match() {
    check(
        &[
            "",
            "app=web",
            "app==web",
            "app != web",
            "app in (web, db)",
            "app notin (web)",
            "app in (web,)",
            "tier=",
            "tier in ()",
            "app",
            "!app",
            "!app,",
            "replicas>2",
            "replicas<2",
            "app=web,tier=front",
            "app=web,tier=back",
            "in in (in)",
        ],
        expect![[r#"
            "" -> web db bare
            "app=web" -> web
            "app==web" -> web
            "app != web" -> db bare
            "app in (web, db)" -> web db
            "app notin (web)" -> db bare
            "app in (web,)" -> web
            "tier=" -> db
            "tier in ()" -> db
            "app" -> web db
            "!app" -> bare
            "!app," -> 400: found '', expected: identifier after ','
            "replicas>2" -> web
            "replicas<2" -> 
            "app=web,tier=front" -> web
            "app=web,tier=back" -> 
            "in in (in)" -> 
        "#]],
    );
}

#[test]
fn bad_labels_are_refused_as_upstream_words_it() {
    check(
        &["app=web=x", "=x", "app in web", "app in (a b)", "app=*", "a/b/c=x", ",", "app ~ x", "x>y"],
        expect![[r#"
            "app=web=x" -> 400: found '=', expected: ',' or 'end of string'
            "=x" -> 400: found '=', expected: !, identifier, or 'end of string'
            "app in web" -> 400: unable to parse requirement: found 'web' expected: '('
            "app in (a b)" -> 400: unable to parse requirement: found 'b', expected: ',' or ')'
            "app=*" -> 400: unable to parse requirement: values[0][app]: Invalid value: "*": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
            "a/b/c=x" -> 400: unable to parse requirement: <nil>: Invalid value: "a/b/c": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')
            "," -> 400: found ',', expected: !, identifier, or 'end of string'
            "app ~ x" -> 400: unable to parse requirement: found '~', expected: in, notin, =, ==, !=, gt, lt
            "x>y" -> 400: unable to parse requirement: values[0]: Invalid value: "y": for 'Gt', 'Lt' operators, the value must be an integer
        "#]],
    );
}

#[test]
fn objects_are_selectors_too() {
    let selector = json!({
        "matchLabels": {"app": "web"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["front", "back"]},
            {"key": "legacy", "operator": "DoesNotExist"},
        ],
    });
    let labels = Labels::from_object(&selector).unwrap();
    let object = |labels| json!({"metadata": {"labels": labels}});
    assert!(labels.matches(&object(json!({"app": "web", "tier": "back"}))));
    assert!(!labels.matches(&object(json!({"app": "web", "tier": "back", "legacy": "yes"}))));
    assert!(Labels::from_object(&json!({})).unwrap().is_empty());
    let wrong = json!({"matchExpressions": [{"key": "a", "operator": "Near"}]});
    let message = Labels::from_object(&wrong).unwrap_err().message;
    assert_eq!(message, "\"Near\" is not a valid label selector operator");
}

#[test]
fn fields_parse_and_match() {
    let check = |text: &str| match Fields::parse(text) {
        Ok(fields) => {
            let get = |field: &str| (field == "metadata.name").then(|| "a,b".to_string());
            format!("{:?} {}", fields.requirements(), fields.matches(get))
        }
        Err(status) => format!("{}: {}", status.code, status.message),
    };
    let texts = [
        "",
        r"metadata.name=a\,b",
        r"metadata.name==a\,b,status.phase!=Running",
        "status.phase=",
        "metadata.name",
        r"a=\x",
        "a=b=c",
        r"a=\",
    ];
    let lines: Vec<String> = texts.iter().map(|text| format!("{text:?} -> {}\n", check(text))).collect();
    expect![[r#"
        "" -> [] true
        "metadata.name=a\\,b" -> [("metadata.name", Equals, "a,b")] true
        "metadata.name==a\\,b,status.phase!=Running" -> [("metadata.name", Equals, "a,b"), ("status.phase", NotEquals, "Running")] true
        "status.phase=" -> [("status.phase", Equals, "")] true
        "metadata.name" -> 400: invalid selector: 'metadata.name'; can't understand 'metadata.name'
        "a=\\x" -> 400: invalid field selector: invalid escape sequence: \x
        "a=b=c" -> 400: invalid field selector: unescaped character in value: 61
        "a=\\" -> 400: invalid field selector: invalid escape sequence: \
    "#]].assert_eq(&lines.concat());
}
