//! What parses, what does not, and with which words.

use expect_test::{Expect, expect};

use super::{Statement, Tree, parse};
use crate::functions;

fn registry() -> super::Registry {
    super::Registry::new(functions().iter())
}

fn outcome(text: &str) -> String {
    match parse("t", text.as_bytes().into(), &registry()) {
        Err(error) => error.to_string(),
        Ok(trees) => trees.iter().map(show).collect::<Vec<_>>().join("\n"),
    }
}

fn show(tree: &Tree) -> String {
    let mut out = format!("{}:", tree.name);
    for statement in &tree.statements {
        out.push(' ');
        out.push_str(&match statement {
            Statement::Text(span) => format!("{:?}", String::from_utf8_lossy(tree.bytes(*span))),
            Statement::Action(pipe) => format!("[{}]", tree.show_pipe(*pipe)),
            Statement::If(pipe) => format!("if({})", tree.show_pipe(*pipe)),
            Statement::With(pipe) => format!("with({})", tree.show_pipe(*pipe)),
            Statement::Range(pipe) => format!("range({})", tree.show_pipe(*pipe)),
            Statement::Template(call) => tree.show_call(*call),
            other => format!("{other:?}").to_lowercase(),
        });
    }
    out
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&outcome(text));
}

#[test]
fn trims() {
    check("a {{- 1 -}} b", expect![[r#"t: "a" [1] "b""#]]);
    check("a {{- /* c */}} b", expect![[r#"t: "a" " b""#]]);
    check("a {{/* c */ -}} b", expect![[r#"t: "a " "b""#]]);
    check("{{-3}}{{ - 3}}", expect![[r#"template: t:1: illegal number syntax: "-""#]]);
    check("a\n\n{{-\n1\n-}}\n\nb", expect![[r#"t: "a" [1] "b""#]]);
}
