//! No text of a template panics, and no template that parses panics when it runs.

use proptest::prelude::*;

use super::{DATA, Limits, data, render};

/// Pieces that templates are made of, so that most of what is generated gets past the lexer.
fn piece() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "{{",
        "}}",
        "{{- ",
        " -}}",
        " ",
        "\n",
        "|",
        "(",
        ")",
        ".",
        ".a",
        ".m.x",
        "$",
        "$x",
        ":=",
        "=",
        ",",
        "if ",
        "else",
        "end",
        "range ",
        "with ",
        "define ",
        "block ",
        "template ",
        "break",
        "continue",
        "\"one\"",
        "`raw`",
        "'c'",
        "1",
        "-1.5e3",
        "0x",
        "nil",
        "true",
        "print ",
        "printf ",
        "\"%[2]*.[1]*d\"",
        "index ",
        "slice ",
        "include ",
        "tpl ",
        "and ",
        "or ",
        "eq ",
        "/*",
        "*/",
        "é",
        "\u{0}",
        "list ",
    ];
    prop_oneof![8 => proptest::sample::select(PIECES).prop_map(str::to_owned), 1 => ".{0,3}"]
}

fn limits() -> Limits {
    Limits { output_bytes: 100_000, depth: 200, steps: 10_000 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(pieces in proptest::collection::vec(piece(), 0..40)) {
        render(&pieces.concat(), &data(DATA), limits());
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut templates = crate::exec::Templates::with_functions(super::table());
        let text = [b"{{ print `", &bytes[..], b"` }}{{ ", &bytes[..], b" }}"].concat();
        let _ = templates.parse("t", bytes);
        let _ = templates.parse("t", text);
    }

    #[test]
    fn no_action_panics(pieces in proptest::collection::vec(piece(), 0..12)) {
        render(&format!("{{{{ {} }}}}", pieces.join(" ")), &data(DATA), limits());
    }

    #[test]
    fn no_format_panics(format in "(%[-+# 0]{0,2}[0-9*]{0,3}(\\.[0-9*]{0,2})?(\\[[0-9]?\\])?[a-zA-Z%é]?){0,4}") {
        render(&format!("{{{{ printf `{format}` .n .a .l .m nil -7 }}}}"), &data(DATA), limits());
    }
}
