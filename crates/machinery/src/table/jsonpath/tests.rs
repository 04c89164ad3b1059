use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Path;

fn object() -> Value {
    json!({
        "metadata": { "name": "w", "annotations": { "example.com/owner": "ops", "plain": "p" } },
        "spec": { "size": 3, "ratio": 0.5, "on": true, "nothing": null, "names": ["a", "b", "c", "d"] },
        "status": {
            "conditions": [
                { "type": "Synced", "status": "False", "code": 7 },
                { "type": "Ready", "status": "True", "code": 42, "message": "all (really) good" },
            ],
            "counts": [1, 2, 3],
        },
    })
}

fn check(path: &str, expected: Expect) {
    let found = match Path::parse(path) {
        Err(error) => format!("parse: {error}"),
        Ok(path) => match path.find(&object()) {
            Ok(found) => serde_json::to_string(&found).unwrap(),
            Err(mismatch) => format!("{mismatch:?}"),
        },
    };
    expected.assert_eq(&found);
}

#[test]
fn fields() {
    check(".spec.size", expect!["[3]"]);
    check("$.spec.size", expect!["[3]"]);
    check(".spec.missing.deeper", expect!["[]"]);
    check(".spec.size.deeper", expect!["[]"]);
    check(".spec.nothing", expect!["[null]"]);
    check(r".metadata.annotations.example\.com/owner", expect![[r#"["ops"]"#]]);
    check(".metadata.annotations['example\\.com/owner']", expect![[r#"["ops"]"#]]);
    check(".metadata.annotations.*", expect![[r#"["ops","p"]"#]]);
}

#[test]
fn lists() {
    check(".spec.names[0]", expect![[r#"["a"]"#]]);
    check(".spec.names[-1]", expect![[r#"["d"]"#]]);
    check(".spec.names[-1:]", expect![[r#"["d"]"#]]);
    check(".spec.names[1:3]", expect![[r#"["b","c"]"#]]);
    check(".spec.names[::2]", expect![[r#"["a","c"]"#]]);
    check(".spec.names[*]", expect![[r#"["a","b","c","d"]"#]]);
    check(".spec.names[0,2]", expect![[r#"["a","c"]"#]]);
    check(".spec['size','on']", expect!["[3,true]"]);
    check(".spec.names[9]", expect!["Mismatch"]);
    check(".spec.size[0]", expect!["Mismatch"]);
    check(".spec.missing[0]", expect!["[]"]);
}

#[test]
fn filters() {
    check(r#".status.conditions[?(@.type=="Ready")].status"#, expect![[r#"["True"]"#]]);
    check(".status.conditions[?(@.type=='Ready')].status", expect![[r#"["True"]"#]]);
    check(r#".status.conditions[?(@.type == "Ready")].status"#, expect![[r#"["True"]"#]]);
    check(r#".status.conditions[?(@.message=="all (really) good")].type"#, expect![[r#"["Ready"]"#]]);
    check(".status.conditions[?(@.code>=8)].type", expect![[r#"["Ready"]"#]]);
    check(".status.conditions[?(@.code!=7)].type", expect![[r#"["Ready"]"#]]);
    check(".status.conditions[?(@.message)].type", expect![[r#"["Ready"]"#]]);
    check(".status.counts[?(@>1)]", expect!["[2,3]"]);
    check(r#".status.conditions[?(@.code=="7")].type"#, expect!["Mismatch"]);
    check(r#".spec[?(@.type=="Ready")]"#, expect!["Mismatch"]);
    check(r#".spec.missing[?(@.type=="Ready")]"#, expect!["[]"]);
}

#[test]
fn recursive_descent() {
    check("..type", expect![[r#"["Synced","Ready"]"#]]);
    check(".status..code", expect!["[7,42]"]);
}

#[test]
fn what_cannot_be_parsed_says_why() {
    check(".spec.names[", expect!["parse: unterminated array"]);
    check(".spec.names[x]", expect!["parse: invalid array index x"]);
    check(".spec[?(@.a==", expect!["parse: unterminated filter"]);
    check(".spec[?(@.a=~\"b\")]", expect!["parse: unrecognized filter operator ="]);
    check("....", expect!["parse: invalid multiple recursive descent"]);
    check("spec.size", expect!["parse: unrecognized identifier spec"]);
    check("{.spec}", expect!["parse: unrecognized character in action: U+007B '{'"]);
}

#[test]
fn recursive_descents_do_not_explode() {
    let deep = (0..100).fold(json!({}), |inner, _| json!({ "a": inner, "b": { "c": 1 } }));
    let path = Path::parse("..a..a..a..a").unwrap();
    assert!(path.find(&deep).is_err());
}

proptest! {
    #[test]
    fn no_text_panics(text in r#"[.\[\]?()@'":,*$\\=<> a-c0-2{}-]{0,24}"#) {
        if let Ok(path) = Path::parse(&text) {
            let _ = path.find(&object());
        }
    }
}
