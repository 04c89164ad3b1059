//! A text that is in several files is parsed once: nobody can tell.

use super::{Limits, Run, Templates, data};
use crate::{exec::Parsed, testing::TestHost};

const TEXT: &str = r#"{{ define "lib.fails" }}{{ fail "no" }}{{ end }}{{ define "lib.name" }}{{ .a }}{{ end }}
{{ template "lib.name" . }}{{ if .b }}{{ index .m "x" "y" }}{{ end }}"#;

fn outcomes(templates: &Templates) -> Vec<String> {
    let data = data(r#"{"a": "A", "b": true, "m": {"x": "X"}}"#);
    let run = |name: &str| match Run::new(templates, &TestHost::seeded(7), Limits::default()).execute(name, &data) {
        Ok(out) => String::from_utf8_lossy(&out).into_owned(),
        Err(error) => error.to_string(),
    };
    templates.names().map(|name| format!("{name}: {}", run(name))).collect()
}

fn both_ways(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut apart, mut shared) = (Templates::new(), Templates::new());
    for file in ["one.tpl", "two/one.tpl", "three.tpl"] {
        apart.parse(file, text).unwrap();
    }
    let first = shared.parsed("one.tpl", text.as_bytes().into()).unwrap();
    shared.add(&first);
    for file in ["two/one.tpl", "three.tpl"] {
        shared.add(&first.in_file(file).unwrap());
    }
    (outcomes(&apart), outcomes(&shared))
}

#[test]
fn outputs_and_errors_name_the_file_that_they_come_from() {
    let (apart, shared) = both_ways(TEXT);
    assert_eq!(apart, shared);
    assert!(shared.iter().any(|line| line.contains("two/one.tpl:2:")), "{shared:#?}");
    assert!(shared.iter().any(|line| line.starts_with("lib.fails: template: three.tpl:1:")), "{shared:#?}");
}

#[test]
fn a_definition_with_the_files_own_name_is_parsed_again() {
    let parsed: Parsed = Templates::new().parsed("one.tpl", br#"{{ define "one.tpl" }}b{{ end }}"#[..].into()).unwrap();
    assert!(parsed.in_file("two.tpl").is_none());
}
