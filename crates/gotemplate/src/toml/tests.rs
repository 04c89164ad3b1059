//! Tables of our own; the results were compared with BurntSushi/toml 1.6.

use expect_test::{Expect, expect};

use crate::testing::{render, render_each};

fn check(data: &str, expected: Expect) {
    expected.assert_eq(&render("{{ toToml .v }}", &format!("{{\"v\":{data}}}")));
}

#[test]
fn tables_come_after_what_is_none() {
    check(
        r#"{"z":{"b":1,"a":{"x":[1,"two",true]},"e":{}},"a":5,"n":null,"list":[{"k":1},{"k":2,"in":{"y":1}}],"q k":"v","":"e"}"#,
        expect![[r#"
            "" = "e"
            a = 5.0
            "q k" = "v"

            [[list]]
              k = 1.0

            [[list]]
              k = 2.0
              [list.in]
                y = 1.0

            [z]
              b = 1.0
              [z.a]
                x = [1.0, "two", true]
              [z.e]
        "#]],
    );
    check(
        r#"{"mixed":[{"a":1,"t":{"u":[]}},2],"deep":[[{"a":null,"b":1}]],"empty":[],"é":{"ü.x":{}}}"#,
        expect![[r#"
            deep = [[{b = 1.0}]]
            empty = []
            mixed = [{a = 1.0, t = {u = []}}, 2.0]

            ["é"]
              ["é"."ü.x"]
        "#]],
    );
}

#[test]
fn scalars_look_like_the_library_s() {
    check(
        r#"[0,-0.0,5,1.5,1e20,1e21,1e-7,123456789,1000000]"#,
        expect!["[0.0, -0.0, 5.0, 1.5, 1e+20, 1e+21, 1e-07, 1.23456789e+08, 1e+06]"],
    );
    check(r#""a\"b\\c\n\t\u0001\u007fé""#, expect![[r#""a\"b\\c\n\t\u0001\u007fé""#]]);
    let objects = r#"{{ dict "v" (semver "v1.2.3") "t" (toDate "2006-01-02" "2024-02-29") "d" (now.Sub now) "i" (int64 3) | toToml }}"#;
    expect![[r#"
        d = "0s"
        i = 3
        t = 2024-02-29T00:00:00Z
        v = "1.2.3"
    "#]]
    .assert_eq(&render(objects, "{}"));
}

#[test]
fn what_toml_cannot_hold_is_told() {
    check("[1,null]", expect!["toml: cannot encode array with nil element"]);
    check(r#"[{"a":1}]"#, expect!["toml: top-level values must be Go maps or structs"]);
    check(
        "null",
        expect![[
            r#"template: t:1:3: executing "t" at <toToml .v>: error calling toToml: reflect: call of reflect.Value.Type on zero Value"#
        ]],
    );
    let cycle = r#"{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toToml $d | trunc 80 }}{{ $_ = unset $d "d" }}"#;
    expect![[r#"template: t:1:44: executing "t" at <toToml $d>: error calling toToml: the value nests deeper than 200 levels, or contains itself"#]].assert_eq(&render(cycle, "{}"));
    expect![[r#"template: t:1:3: executing "t" at <mustToToml (list nil)>: error calling mustToToml: toml: cannot encode array with nil element"#]].assert_eq(&render("{{ mustToToml (list nil) }}", "{}"));
}

#[test]
fn documents_are_read() {
    let texts = [
        "a = 1\nb = 1.5\nc = \"x\"\n[t.u]\nd = [1, 2]\n[[l]]\nk = 1\n",
        "o = 1979-05-27T07:32:00.5+02:00\nz = 1979-05-27T07:32:00Z\nl = 1979-05-27T07:32:00\nd = 1979-05-27\nt = 07:32:00",
        "a = 1\na = 2\n",
        "a = \n",
        "\na b",
    ];
    expect![[r#"
        "a = 1\nb = 1.5\nc = \"x\"\n[t.u]\nd = [1, 2]\n[[l]]\nk = 1\n": {"a":1,"b":1.5,"c":"x","l":[{"k":1}],"t":{"u":{"d":[1,2]}}}
        "o = 1979-05-27T07:32:00.5+02:00\nz = 1979-05-27T07:32:00Z\nl = 1979-05-27T07:32:00\nd = 1979-05-27\nt = 07:32:00": {"d":"1979-05-27T00:00:00Z","l":"1979-05-27T07:32:00Z","o":"1979-05-27T07:32:00.5+02:00","t":"0000-01-01T07:32:00Z","z":"1979-05-27T07:32:00Z"}
        "a = 1\na = 2\n": {"Error":"toml: line 2: duplicate key"}
        "a = \n": {"Error":"toml: line 1: string values must be quoted, expected literal string"}
        "\na b": {"Error":"toml: line 2: key with no value, expected `=`"}"#]].assert_eq(&render_each("{{ fromToml .s | toJson }}", &texts));
    let again = "{{ fromToml .s | toToml }}";
    expect![[r#"
        "a = 1\nb = 1.5\nc = \"x\"\n[t.u]\nd = [1, 2]\n[[l]]\nk = 1\n": a = 1
        b = 1.5
        c = "x"

        [[l]]
          k = 1

        [t]
          [t.u]
            d = [1, 2]

        "o = 1979-05-27T07:32:00.5+02:00\nz = 1979-05-27T07:32:00Z\nl = 1979-05-27T07:32:00\nd = 1979-05-27\nt = 07:32:00": d = 1979-05-27
        l = 1979-05-27T07:32:00
        o = 1979-05-27T07:32:00.5+02:00
        t = 07:32:00
        z = 1979-05-27T07:32:00Z
    "#]].assert_eq(&render_each(again, &texts[..2]));
    let deep = format!("a = {}", "[".repeat(10_000));
    assert!(super::read(deep.as_bytes()).is_err());
    assert_eq!(super::read(b"a = 1\nb = \"\xff\"").unwrap_err(), "toml: line 2: invalid UTF-8 byte: 0xff");
}

#[test]
fn seconds_may_be_left_out() {
    let template = r#"{{ fromToml "a = 07:32\nb = 1979-05-27T07:32Z\nc = 1979-05-27T07:32" | toToml }}"#;
    expect![[r#"
        a = 07:32:00
        b = 1979-05-27T07:32:00Z
        c = 1979-05-27T07:32:00
    "#]]
    .assert_eq(&render(template, "{}"));
}

/// Sixty levels that each hold the one below twice: 2^60 values.
#[test]
fn what_doubles_ends_with_an_error() {
    for (build, name) in [("dict \"a\" $d \"b\" $d", "dict"), ("list $d $d", "list")] {
        for function in ["toToml", "toJson"] {
            let range = format!("{{{{ $d := dict }}}}{{{{ range until 60 }}}}{{{{ $d = {build} }}}}{{{{ end }}}}");
            let text = render(&format!("{range}{{{{ {function} (dict \"d\" $d) | len }}}}"), "{}");
            assert!(text.contains("limit") || text.contains("holds more than"), "{function} of {name}: {text}");
        }
    }
}
