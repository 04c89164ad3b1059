//! Templates that would never end, never stop writing, or nest without end.

use expect_test::{Expect, expect};

use super::{DATA, Limits, data, render};

fn check(template: &str, limits: Limits, expected: Expect) {
    let got = render(template, &data(DATA), limits);
    // The chain of a thousand includes says the same at every turn: its ends tell.
    let shown = if got.len() > 600 { format!("{} ... {}", &got[..200], &got[got.len() - 300..]) } else { got };
    expected.assert_eq(&shown);
}

fn small() -> Limits {
    Limits { output_bytes: 10_000, depth: 500, steps: 10_000 }
}

#[test]
fn include_of_itself_ends_as_in_helm() {
    check(
        "{{define \"x\"}}{{ include \"x\" . }}{{end}}{{ include \"x\" . }}",
        Limits::default(),
        expect![[
            r#"err:template: t:1:43: executing "t" at <include "x" .>: error calling include: template: t:1:17: executing "x" at <include "x" .>: error calling include: template: t:1:17: executing "x" at <include "x ... mplate: t:1:17: executing "x" at <include "x" .>: error calling include: template: t:1:17: executing "x" at <include "x" .>: error calling include: template: t:1:17: executing "x" at <include "x" .>: error calling include: rendering template has a nested reference name: x: unable to execute template"#
        ]],
    );
}

#[test]
fn includes_in_turns_end() {
    let template =
        "{{define \"x\"}}{{ include \"y\" . }}{{end}}{{define \"y\"}}{{ include \"x\" . }}{{end}}{{ include \"x\" . }}";
    check(
        template,
        Limits::default(),
        expect![[
            r#"err:template: t:1:83: executing "t" at <include "x" .>: error calling include: template: t:1:17: executing "x" at <include "y" .>: error calling include: template: t:1:57: executing "y" at <include "x ... mplate: t:1:57: executing "y" at <include "x" .>: error calling include: template: t:1:17: executing "x" at <include "y" .>: error calling include: template: t:1:57: executing "y" at <include "x" .>: error calling include: rendering template has a nested reference name: x: unable to execute template"#
        ]],
    );
}

#[test]
fn a_long_chain_of_includes_is_no_depth_of_stack() {
    let turn = |at: usize| format!("{{{{define \"x{at}\"}}}}{{{{ include \"x{}\" . }}}}{{{{end}}}}", (at + 1) % 20);
    let template = (0..20).map(turn).collect::<String>() + "{{ include \"x0\" . }}";
    let got = render(&template, &data(DATA), Limits::default());
    assert!(got.ends_with("templates include each other more than 10000 deep"), "{}", &got[got.len() - 200..]);
}

#[test]
fn one_format_prints_within_limits() {
    let format = "%1000000[1]d".repeat(1000);
    let got = render(&format!("{{{{ len (printf \"{format}\" 1) }}}}"), &data(DATA), Limits::default());
    assert!(got.starts_with("ok:6") && got.len() < 20, "{got}");
}

#[test]
fn template_of_itself_ends_as_in_go() {
    check(
        "{{define \"x\"}}{{ template \"x\" . }}{{end}}{{ template \"x\" . }}",
        Limits::default(),
        expect![[
            r#"err:template: t:1:26: executing "x" at <{{template "x" .}}>: exceeded maximum template depth (100000)"#
        ]],
    );
}

#[test]
fn tpl_of_itself_ends() {
    check(
        "{{ $_ := set .m \"t\" \"{{ tpl .t . }}\" }}{{ tpl .m.t .m }}",
        small(),
        expect![[
            r#"err:template: t:1:42: executing "t" at <tpl .m.t .m>: error calling tpl: error during tpl function execution for "{{ tpl .t . }}": template: gotpl:1:3: executing "gotpl" at <tpl .t .>: error calling t ... ing tpl function execution for "{{ tpl .t . }}": template: gotpl:1:3: executing "gotpl" at <tpl .t .>: error calling tpl: error during tpl function execution for "{{ tpl .t . }}": template: gotpl:1:3: executing "gotpl" at <tpl .t .>: error calling tpl: templates include each other more than 500 deep"#
        ]],
    );
}

#[test]
fn loops_end() {
    check(
        "{{ range 1000000000000 }}{{ end }}",
        small(),
        expect![[r#"err:template: t:1:9: executing "t" at <1000000000000>: the templates take more than 10000 steps"#]],
    );
    check(
        "{{ range 1000000000000 }}{{ range 1000000000000 }}{{ end }}{{ end }}",
        small(),
        expect![[
            r#"err:template: t:1:34: executing "t" at <1000000000000>: the templates take more than 10000 steps"#
        ]],
    );
}

#[test]
fn output_ends() {
    check(
        "{{ range 1000000000000 }}some text{{ end }}",
        Limits { steps: u64::MAX, ..small() },
        expect![[r#"err:template: t:1:25: executing "t" at <text>: the templates write more than 10000 bytes"#]],
    );
    check(
        "{{ $s := `abcdefgh` }}{{ range 100 }}{{ $s = print $s $s }}{{ end }}",
        small(),
        expect![[r#"err:template: t:1:54: executing "t" at <$s>: the templates write more than 10000 bytes"#]],
    );
}

#[test]
fn nesting_of_values_is_no_depth_of_stack() {
    let deep = "{{ $l := list }}{{ range 300000 }}{{ $l = list $l }}{{ end }}";
    check(&format!("{deep}done"), Limits::default(), expect!["ok:done"]);
    let got = render(&format!("{deep}{{{{ $l }}}}"), &data(DATA), Limits::default());
    assert!(got.starts_with("ok:[[[[") && got.contains("TOODEEP"), "{}", &got[..100]);
}

#[test]
fn a_map_within_itself_prints_an_end() {
    let got = render("{{ $_ := set .m \"m\" .m }}{{ .m }}{{ $_ = set .m \"m\" 1 }}", &data(DATA), Limits::default());
    assert!(got.contains("TOODEEP"), "{}", &got[..100]);
}

#[test]
fn nesting_of_syntax_is_no_depth_of_stack() {
    let ifs = format!("{}x{}", "{{ if true }}".repeat(100_000), "{{ end }}".repeat(100_000));
    check(&ifs, Limits::default(), expect!["ok:x"]);
    let chain = format!("{{{{ if false }}}}{}{{{{ else }}}}x{{{{ end }}}}", "{{ else if false }}".repeat(100_000));
    check(&chain, Limits::default(), expect!["ok:x"]);
    check(&format!("{{{{ {}1{} }}}}", "(".repeat(200), ")".repeat(200)), Limits::default(), expect!["ok:1"]);
    check(
        &format!("{{{{ {}1 }}}}", "(".repeat(100_000)),
        Limits::default(),
        expect!["err:template: t:1: max expression depth exceeded"],
    );
    check(
        &format!("{{{{ .a{} }}}}", ".a".repeat(100_000)),
        Limits::default(),
        expect![[
            r#"err:template: t:1:5: executing "t" at <.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a. ... .a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a>: can't evaluate field a in type interface {}"#
        ]],
    );
}
