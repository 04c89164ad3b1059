//! What Helm's own parser answers to the same texts (`testdata/helm.golden` was written by it).

use expect_test::expect_file;
use serde_json::Value;

use super::*;
use crate::values::tree::table_to_json;

fn run_case(case: &Value) -> String {
    let text = |field: &str| case[field].as_str().unwrap_or_default().to_owned();
    let (mode, set_text) = (text("Mode"), text("Text"));
    let mut table = match Tree::of_json(&case["Base"]) {
        Tree::Table(table) => table.into_inner(),
        _ => Table::new(),
    };
    let result = match mode.as_str() {
        "set" => set(&set_text, &mut table),
        "string" => set_string(&set_text, &mut table),
        "json" => set_json(&set_text, &mut table),
        _ => set_literal(&set_text, &mut table),
    };
    match result {
        Ok(()) => format!("{mode} {set_text:?}: {}\n", table_to_json(&table)),
        Err(error) => format!("{mode} {set_text:?}: error: {error}\n"),
    }
}

#[test]
fn as_helm_reads_them() {
    let cases = include_str!("testdata/cases.jsonl");
    let answers: String = cases.lines().map(|line| run_case(&serde_json::from_str(line).unwrap())).collect();
    expect_file!["testdata/helm.golden"].assert_eq(&answers);
}

#[test]
fn a_failed_text_changes_nothing() {
    let mut table = Table::new();
    set("a=1", &mut table).unwrap();
    set("a=2,b[-1]=3", &mut table).unwrap_err();
    assert_eq!(table_to_json(&table).to_string(), r#"{"a":1}"#);
}

#[test]
fn files_are_read_by_the_caller_and_may_be_binary() {
    let mut table = Table::new();
    let mut asked = Vec::new();
    let mut read = |name: &str| {
        asked.push(name.to_owned());
        if name == "gone" { Err("open gone: no such file or directory".to_owned()) } else { Ok(vec![0xff, 0x00]) }
    };
    set_file("a.b=x.der,c={y,z}", &mut table, &mut read).unwrap();
    assert_eq!(asked, ["x.der", "y", "z"]);
    let Some(Tree::Table(inner)) = table.get(&b"a"[..]) else { panic!("a is a table") };
    assert_eq!(inner.get(&b"b"[..]), Some(&Tree::Text(Text::from(vec![0xff, 0x00]))));
    let mut read = |_: &str| Err("open gone: no such file or directory".to_owned());
    let error = set_file("a=gone", &mut table, &mut read).unwrap_err();
    assert_eq!(error.to_string(), "open gone: no such file or directory");
}

#[test]
fn broken_json_is_refused() {
    for text in ["a={", "a=foo", "a={\"b\":}"] {
        set_json(text, &mut Table::new()).unwrap_err();
    }
}

#[test]
fn hostile_texts_end() {
    let mut table = Table::new();
    set("a[65536]=x", &mut table).unwrap();
    assert!(matches!(table.get(&b"a"[..]), Some(Tree::List(items)) if items.len() == 65_537));
    let deep = format!("a{}=1", "[0]".repeat(100_000));
    assert!(set(&deep, &mut table).unwrap_err().to_string().contains("nested deeper"));
}
