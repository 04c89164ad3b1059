//! Execution. The tables in `go/` hold templates and what Go 1.26 makes of them, outputs and errors alike.

mod again;
mod functions;
mod limits;
mod methods;
mod properties;
mod reads;

use super::{Limits, Run, Templates};
use crate::{
    testing::TestHost,
    value::{Text, Value},
};
pub(super) use functions::table;

/// What the tables' templates see.
const DATA: &str = r#"{"a":"str","b":true,"n":3.0,"f":1.5,"big":1e6,"z":0.0,"nil":null,"e":"","m":{"x":"X","y":{"z":"deep","n":null},"k":2.0},
"l":["p","q",3.0,null,{"w":1.0}],"el":[],"em":{},"s":"a,b,c","u":"héllo <&>\"'\n\t=x","t":"{{ .a }}","ml":[{"k":"1"},{"k":"2"}]}"#;

pub(super) fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::NilInterface,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => Value::Float(number.as_f64().unwrap()),
        serde_json::Value::String(text) => Value::text(text.as_str()),
        serde_json::Value::Array(items) => Value::from(items.iter().map(value).collect::<Vec<_>>()),
        serde_json::Value::Object(entries) => {
            Value::Map(entries.iter().map(|(key, entry)| (Text::from(key.as_str()), value(entry))).collect())
        }
    }
}

pub(super) fn data(json: &str) -> Value {
    value(&serde_json::from_str(json).unwrap())
}

pub(super) fn render(template: &str, data: &Value, limits: Limits) -> String {
    let mut templates = Templates::with_functions(table());
    if let Err(error) = templates.parse("t", template) {
        return format!("err:{error}");
    }
    match Run::new(&templates, &TestHost::seeded(7), limits).execute("t", data) {
        Ok(out) => format!("ok:{}", String::from_utf8_lossy(&out)),
        Err(error) => format!("err:{error}"),
    }
}

fn check_table(table: &str) {
    let data = data(DATA);
    let mut wrong = Vec::new();
    for line in table.lines() {
        let (template, expected): (String, String) = serde_json::from_str(line).unwrap();
        // A table changes its data in places, so every template gets its own.
        let data = if template.contains("set ") { self::data(DATA) } else { data.clone() };
        let got = render(&template, &data, Limits::default());
        if got != expected {
            wrong.push(format!("{template}\n  Go:   {expected}\n  here: {got}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn trims_as_go() {
    check_table(include_str!("go/trimming.jsonl"));
}

#[test]
fn refuses_what_go_refuses_to_parse() {
    check_table(include_str!("go/parse_errors.jsonl"));
}

#[test]
fn walks_fields_as_go() {
    check_table(include_str!("go/fields.jsonl"));
}

#[test]
fn controls_as_go() {
    check_table(include_str!("go/control.jsonl"));
}

#[test]
fn nests_templates_as_go_and_helm() {
    check_table(include_str!("go/templates.jsonl"));
}

#[test]
fn checks_arguments_as_go() {
    check_table(include_str!("go/arguments.jsonl"));
}

#[test]
fn has_the_functions_of_go() {
    check_table(include_str!("go/builtins.jsonl"));
}

#[test]
fn compares_as_go() {
    check_table(include_str!("go/compare.jsonl"));
}

#[test]
fn prints_as_go() {
    check_table(include_str!("go/printf.jsonl"));
}

#[test]
fn finds_of_fuzzing_stay_fixed() {
    check_table(include_str!("go/fuzzed.jsonl"));
}
