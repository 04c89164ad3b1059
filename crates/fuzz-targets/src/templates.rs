//! Go templates: what parses has a tree, and what has a tree runs to an end.

use std::sync::LazyLock;

use gotemplate::{Function, Run, Templates, json};

use crate::host::{HOST, LIMITS, quick};

/// What templates find at `.`.
const DATA: &str = r#"{"a": "one", "n": 7.5, "t": true, "z": null, "l": [1, "two", [3], {"x": 4}],
    "m": {"x": {"y": "deep"}, "k": "v"}, "u": "https://user@host:1/p?q=r", "d": "2024-02-29T23:59:59Z", "v": "1.2.3-rc.1+b"}"#;

pub(crate) fn parse(data: &[u8]) {
    let _ = Templates::new().parse("t", data);
}

pub(crate) fn execute(data: &[u8]) {
    static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(quick);
    let mut templates = Templates::with_functions(&FUNCTIONS);
    if templates.parse("t", data).is_err() {
        return;
    }
    let Ok(value) = json::read(DATA.as_bytes()) else { return };
    let mut run = Run::new(&templates, &HOST, LIMITS);
    if let gotemplate::Value::Map(map) = &value {
        run.track("", map);
    }
    match run.execute("t", &value) {
        Ok(out) => assert!(out.len() <= LIMITS.output_bytes * 2, "more was written than the limit says"),
        Err(error) => drop(error.to_string()),
    }
}
