//! The bytes of `toYaml` and `toYamlPretty`.

use expect_test::expect;

use super::*;

#[test]
fn collections() {
    expect![[r##"
        # "{b: [1, {x: y, z: [p, [q, r]]}], a10: {}, a2: [], c: {d: {e: f}}}"
        a2: []
        a10: {}
        b:
        - 1
        - x: true
          z:
          - p
          - - q
            - r
        c:
          d:
            e: f
        # pretty
        a2: []
        a10: {}
        b:
          - 1
          - x: true
            z:
              - p
              - - q
                - r
        c:
          d:
            e: f
        # "[]"
        []
        # pretty
        same
        # "{}"
        {}
        # pretty
        same
        # "[[], {}, [[a]], {b: []}]"
        - []
        - {}
        - - - a
        - b: []
        # pretty
        same
        # "a"
        a
        # pretty
        same
    "##]]
    .assert_eq(&write_table(&[
        "{b: [1, {x: y, z: [p, [q, r]]}], a10: {}, a2: [], c: {d: {e: f}}}",
        "[]",
        "{}",
        "[[], {}, [[a]], {b: []}]",
        "a",
    ]));
}

#[test]
fn keys() {
    expect![[r##"
        # "{a2: 1, a10: 2, a1: 4, A: 5, _x: 6, 10: 7, 9: 8, a: 9, a-b: 10, aB: 11, a0: 12, a00: 13, é: 14}"
        _x: 6
        "9": 8
        "10": 7
        A: 5
        a: 9
        a-b: 10
        a0: 12
        a00: 13
        a1: 4
        a2: 1
        a10: 2
        aB: 11
        é: 14
        # pretty
        same
        # "{'yes': 1, '': 2, 'a b': 3, 'a: b': 4, '12': 5, ' x': 6, \"n\\nl\": 7}"
        "": 2
        ' x': 6
        "12": 5
        a b: 3
        'a: b': 4
        ? |-
          n
          l
        : 7
        "yes": 1
        # pretty
        same
        # "{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: [x]}"
        ? aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        : - x
        # pretty
        same
    "##]].assert_eq(&write_table(&[
        "{a2: 1, a10: 2, a1: 4, A: 5, _x: 6, 10: 7, 9: 8, a: 9, a-b: 10, aB: 11, a0: 12, a00: 13, é: 14}",
        "{'yes': 1, '': 2, 'a b': 3, 'a: b': 4, '12': 5, ' x': 6, \"n\\nl\": 7}",
        "{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: [x]}",
    ]));
}

#[test]
fn numbers() {
    expect![[r##"
        # "[1, 1.5, 1234567, 0.1, 1e20, 1e21, 1e-7, 123456789.5, -0.0, 18446744073709551615, true, ~]"
        - 1
        - 1.5
        - 1234567
        - 0.1
        - 1e+20
        - 1e+21
        - 1e-07
        - 1.234567895e+08
        - 0
        - 1.8446744073709552e+19
        - true
        - null
        # pretty
        - 1
        - 1.5
        - 1.234567e+06
        - 0.1
        - 1e+20
        - 1e+21
        - 1e-07
        - 1.234567895e+08
        - -0
        - 1.8446744073709552e+19
        - true
        - null
    "##]]
    .assert_eq(&write_table(&[
        "[1, 1.5, 1234567, 0.1, 1e20, 1e21, 1e-7, 123456789.5, -0.0, 18446744073709551615, true, ~]",
    ]));
}

#[test]
fn text_that_looks_like_something_else() {
    expect![[r##"
        # "['yes', 'n', 'true', 'null', '~', '', '12', '0x1f', '1e3', '1_000', '.5', '2001-01-02', '1:30', '1:90', '0o7', '<<', '=']"
        - "yes"
        - "n"
        - "true"
        - "null"
        - "~"
        - ""
        - "12"
        - "0x1f"
        - "1e3"
        - "1_000"
        - ".5"
        - "2001-01-02"
        - "1:30"
        - 1:90
        - "0o7"
        - <<
        - =
        # pretty
        same
    "##]].assert_eq(&write_table(&[
        "['yes', 'n', 'true', 'null', '~', '', '12', '0x1f', '1e3', '1_000', '.5', '2001-01-02', '1:30', '1:90', '0o7', '<<', '=']",
    ]));
}

#[test]
fn indicators() {
    expect![[r##"
        # "['- x', '-x', '-', '? x', '?x', ': x', ':x', 'x:', 'x: y', 'x #y', 'x#y', '#x', '[x', '{x', 'x]', '*x', '&x', '!x', '|', '>', '%x', '@x', '`x', \"'x\", '\"x', \"it's\", '---', '...', '--- x']"
        - '- x'
        - -x
        - '-'
        - '? x'
        - ?x
        - ': x'
        - :x
        - 'x:'
        - 'x: y'
        - 'x #y'
        - x#y
        - '#x'
        - '[x'
        - '{x'
        - x]
        - '*x'
        - '&x'
        - '!x'
        - '|'
        - '>'
        - '%x'
        - '@x'
        - '`x'
        - '''x'
        - '"x'
        - it's
        - '---'
        - '...'
        - '--- x'
        # pretty
        same
    "##]].assert_eq(&write_table(&[
        "['- x', '-x', '-', '? x', '?x', ': x', ':x', 'x:', 'x: y', 'x #y', 'x#y', '#x', '[x', '{x', 'x]', '*x', '&x', '!x', '|', '>', '%x', '@x', '`x', \"'x\", '\"x', \"it's\", '---', '...', '--- x']",
    ]));
}

#[test]
fn special_characters() {
    expect![[r##"
        # "[' x', 'x ', \"x\\ty\", \"\\tx\", \"x\\ry\", \"\\x01\", é, \"\\u00a0\", 😀, \"\\ufeffx\", \"x\\u2028y\"]"
        - ' x'
        - 'x '
        - "x\ty"
        - "\tx"
        - "x\ry"
        - "\x01"
        - é
        -  
        - "\U0001F600"
        - "\uFEFF\x78"
        - 'x   y'
        # pretty
        same
    "##]]
    .assert_eq(&write_table(&[
        "[' x', 'x ', \"x\\ty\", \"\\tx\", \"x\\ry\", \"\\x01\", é, \"\\u00a0\", 😀, \"\\ufeffx\", \"x\\u2028y\"]",
    ]));
}

#[test]
fn lines() {
    expect![[r##"
        # "[\"a\\nb\", \"a\\nb\\n\", \"a\\nb\\n\\n\", \"\\na\", \" a\\nb\", \"a\\n b\"]"
        - |-
          a
          b
        - |
          a
          b
        - |+
          a
          b

        - |2-

          a
        - |2-
           a
          b
        - |-
          a
           b
        # pretty
        same
    "##]]
    .assert_eq(&write_table(&[r#"["a\nb", "a\nb\n", "a\nb\n\n", "\na", " a\nb", "a\n b"]"#]));
}

#[test]
fn lines_that_blocks_cannot_hold() {
    expect![[r##"
        # "[\"a \\nb\", \"a\\n\\tb\", \"\\n\", \"a\\n\\n\\nb\\n\", \"a\\rb\\n\"]"
        - "a \nb"
        - "a\n\tb"
        - |2+

        - |
          a


          b
        - "a\rb\n"
        # pretty
        - "a \nb"
        - |-
          a
          	b
        - |2+

        - |
          a


          b
        - "a\rb\n"
    "##]]
    .assert_eq(&write_table(&[r#"["a \nb", "a\n\tb", "\n", "a\n\n\nb\n", "a\rb\n"]"#]));
}

#[test]
fn blocks_within_maps() {
    expect![[r##"
        # "{k: \"a\\nb\\n\", l: {m: \"  a\\nb\"}}"
        k: |
          a
          b
        l:
          m: |2-
              a
            b
        # pretty
        same
        # "\"a\\nb\\n\""
        |
          a
          b
        # pretty
        same
    "##]]
    .assert_eq(&write_table(&[r#"{k: "a\nb\n", l: {m: "  a\nb"}}"#, "\"a\\nb\\n\""]));
}

#[test]
fn long_lines_fold_after_column_80() {
    let words = "word ".repeat(40);
    let text = words.trim_end();
    let quoted = format!("{text}: {text}");
    let escaped = format!("{text}\t{text}");
    let value = Value::from(vec![Value::from(text), Value::from(quoted), Value::from(escaped)]);
    expect![[r#"
        - word word word word word word word word word word word word word word word word
          word word word word word word word word word word word word word word word word
          word word word word word word word word
        - 'word word word word word word word word word word word word word word word word
          word word word word word word word word word word word word word word word word
          word word word word word word word word: word word word word word word word word
          word word word word word word word word word word word word word word word word
          word word word word word word word word word word word word word word word word'
        - "word word word word word word word word word word word word word word word word
          word word word word word word word word word word word word word word word word
          word word word word word word word word\tword word word word word word word word
          word word word word word word word word word word word word word word word word
          word word word word word word word word word word word word word word word word"
    "#]]
    .assert_eq(&String::from_utf8(write(&value).unwrap()).unwrap());
}

#[test]
fn what_the_detour_through_json_changes() {
    let show = |value: &Value| match write(value) {
        Ok(bytes) => String::from_utf8(bytes).unwrap(),
        Err(error) => error + "\n",
    };
    let key: Map = [("k".repeat(1100).as_str().into(), Value::Bool(true))].into_iter().collect();
    let endless = Map::default();
    endless.insert("self".into(), Value::Map(endless.clone()));
    let texts = [
        show(&Value::text(&b"a\xff\xe2\x80b"[..])),
        show(&Value::text("a\u{7f}")),
        show(&Value::text("a \u{85} b")),
        show(&Value::Bytes((&b"bytes"[..]).into())),
        show(&Value::Float(f64::NAN)),
        show(&Value::Float(f64::NEG_INFINITY)),
        show(&Value::int64(9_007_199_254_740_993)),
        show(&Value::Map(key)),
        show(&Value::Map(endless.clone())),
    ];
    endless.remove(b"self");
    expect![[r#"
        a���b
        yaml: control characters are not allowed
        a b
        Ynl0ZXM=
        error marshaling into JSON: json: unsupported value: NaN
        error marshaling into JSON: json: unsupported value: -Inf
        9007199254740993
        yaml: did not find expected ',' or '}'
        error marshaling into JSON: json: unsupported value: encountered a cycle via map[string]interface {}
    "#]]
    .assert_eq(&texts.concat());
}

#[test]
fn pretty_takes_values_as_they_are() {
    let show = |value: &Value| String::from_utf8(write_pretty(value).unwrap()).unwrap();
    let texts = [
        show(&Value::Float(1_234_567.0)),
        show(&Value::Float(f64::INFINITY)),
        show(&Value::text(&b"a\xffb"[..])),
        show(&Value::text(&[0xff_u8; 80][..])),
        show(&Value::Bytes((&b"ab"[..]).into())),
        show(&Value::text("a\u{7f}")),
    ];
    expect![[r#"
        1.234567e+06
        .inf
        !!binary Yf9i
        !!binary |
          //////////////////////////////////////////////////////////////////////
          ////////////////////////////////////8=
        - 97
        - 98
        "a\x7F"
    "#]]
    .assert_eq(&texts.concat());
}
