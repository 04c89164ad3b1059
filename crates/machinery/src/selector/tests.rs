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
    check(&["app=web=x", "=x", "app in web", "app in (a b)", "app=*", "a/b/c=x", ",", "app ~ x", "x>y"], expect![[]]);
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
    expect![[]].assert_eq(&lines.concat());
}
