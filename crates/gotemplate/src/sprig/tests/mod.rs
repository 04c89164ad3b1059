//! Sprig's functions as templates call them, by theme. The goldens are what Go prints: each line was compared with Sprig 3.3 itself.
#![expect(clippy::too_many_lines, reason = "a golden table is one function, however long it is")]

mod calls;
mod dicts;
mod lists;
mod maths;
mod patterns;
mod strings;
mod urls;

use expect_test::Expect;

use crate::testing::render;

/// What the templates see.
const DATA: &str = r#"{
    "text": "Hello, World",
    "empty": "",
    "nil": null,
    "number": 1234567,
    "small": 5,
    "fraction": 2.5,
    "yes": true,
    "list": ["b", "a", null, "c", "a"],
    "numbers": [3, 1, 2, 1],
    "none": [],
    "map": {"a": 1, "b": {"c": "d"}, "n": null},
    "bare": {}
}"#;

/// Renders each line as a template and holds all outcomes together.
fn check(templates: &str, expected: Expect) {
    let mut outcomes = String::new();
    for template in templates.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let outcome = render(&format!("{{{{ {template} }}}}"), DATA);
        // The position and the node are the engine's business.
        let outcome = match outcome.split_once(">: ") {
            Some((before, message)) if before.starts_with("template: t:1:") => format!("! {message}"),
            _ => format!("{outcome:?}"),
        };
        outcomes.push_str(&format!("{template}\n    {outcome}\n"));
    }
    expected.assert_eq(&outcomes);
}
