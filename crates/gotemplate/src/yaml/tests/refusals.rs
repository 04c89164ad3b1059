//! What is refused, in go-yaml's words, and the limits.

use expect_test::expect;

use super::*;

#[test]
fn syntax() {
    expect![[r#"
        "a: b: c\n" => error converting YAML to JSON: yaml: mapping values are not allowed in this context
        "x: 1\na: b: c\n" => error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context
        "a: 1\nb\n" => error converting YAML to JSON: yaml: line 3: could not find expected ':'
        "a: 1\nb\nc: 2\n" => error converting YAML to JSON: yaml: line 3: could not find expected ':'
        "a:\n  - b\n c: d\n" => error converting YAML to JSON: yaml: line 2: did not find expected key
        "a: [1, 2\nb: 3\n" => error converting YAML to JSON: yaml: line 1: did not find expected ',' or ']'
        "a: {b: 1\nc: 2\n" => error converting YAML to JSON: yaml: line 1: did not find expected ',' or '}'
        "a: 'x\n" => error converting YAML to JSON: yaml: line 2: found unexpected end of stream
        "a: \"x\\q\"\n" => error converting YAML to JSON: yaml: found unknown escape character
        "a: \"\\xZZ\"\n" => error converting YAML to JSON: yaml: did not find expected hexdecimal number
        "\ta: 1\n" => error converting YAML to JSON: yaml: found character that cannot start any token
        "a:\n\tb: 1\n" => error converting YAML to JSON: yaml: line 2: found character that cannot start any token
        "a: |\n\tx\n" => error converting YAML to JSON: yaml: line 2: found a tab character where an indentation space is expected
        "a: |0\n  x\n" => error converting YAML to JSON: yaml: found an indentation indicator equal to 0
        "a: | x\n" => error converting YAML to JSON: yaml: did not find expected comment or line break
        "- a\nb: c\n" => error converting YAML to JSON: yaml: line 1: did not find expected '-' indicator
        "a: 1\n- b\n" => error converting YAML to JSON: yaml: line 1: did not find expected key
        "a: *unknown\n" => error converting YAML to JSON: yaml: unknown anchor 'unknown' referenced
        "a: &\n" => error converting YAML to JSON: yaml: did not find expected alphabetic or numeric character
        "a: !x!y z\n" => error converting YAML to JSON: yaml: found undefined tag handle
        "%FOO\n---\n" => error converting YAML to JSON: yaml: found unknown directive name
        "%YAML 1.2\n---\na\n" => error converting YAML to JSON: yaml: found incompatible YAML document
        "%YAML 1.1\na\n" => error converting YAML to JSON: yaml: line 1: did not find expected <document start>
        "@a" => error converting YAML to JSON: yaml: found character that cannot start any token
        "`a`" => error converting YAML to JSON: yaml: found character that cannot start any token
        "a: ]\n" => error converting YAML to JSON: yaml: did not find expected node content
        "[a b: c]: d: e" => error converting YAML to JSON: yaml: mapping values are not allowed in this context
        "a\n  b: c\n" => error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context
        "x: a\n  b: c\n" => error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context
    "#]].assert_eq(&read_table(&[
        "a: b: c\n",
        "x: 1\na: b: c\n",
        "a: 1\nb\n",
        "a: 1\nb\nc: 2\n",
        "a:\n  - b\n c: d\n",
        "a: [1, 2\nb: 3\n",
        "a: {b: 1\nc: 2\n",
        "a: 'x\n",
        "a: \"x\\q\"\n",
        "a: \"\\xZZ\"\n",
        "\ta: 1\n",
        "a:\n\tb: 1\n",
        "a: |\n\tx\n",
        "a: |0\n  x\n",
        "a: | x\n",
        "- a\nb: c\n",
        "a: 1\n- b\n",
        "a: *unknown\n",
        "a: &\n",
        "a: !x!y z\n",
        "%FOO\n---\n",
        "%YAML 1.2\n---\na\n",
        "%YAML 1.1\na\n",
        "@a",
        "`a`",
        "a: ]\n",
        "[a b: c]: d: e",
        "a\n  b: c\n",
        "x: a\n  b: c\n",
    ]));
}

#[test]
fn what_json_cannot_express() {
    expect![[r#"
        "name: {{ .Values.name }}\n" => error converting YAML to JSON: yaml: invalid map key: map[interface {}]interface {}{".Values.name":interface {}(nil)}
        "{{ .Values.name }}: x\n" => error converting YAML to JSON: yaml: invalid map key: map[interface {}]interface {}{".Values.name":interface {}(nil)}
        "{{- if .Values.on }}\na: 1\n{{- end }}\n" => error converting YAML to JSON: yaml: did not find expected node content
        "[a, b]: c\n" => error converting YAML to JSON: yaml: invalid map key: []interface {}{"a", "b"}
        "? {a: 1, b: [x, ~, 1.5, true], 2: 'q\"'}\n: c\n" => error converting YAML to JSON: yaml: invalid map key: map[interface {}]interface {}{"a":1, "b":[]interface {}{"x", interface {}(nil), 1.5, true}, 2:"q\""}
        "~: 1\n" => error converting YAML to JSON: unsupported map key of type: %!s(<nil>), key: <nil>, value: 1
        "? \n: {a: [1]}\n" => error converting YAML to JSON: unsupported map key of type: %!s(<nil>), key: <nil>, value: map[interface {}]interface {}{"a":[]interface {}{1}}
        "18446744073709551615: x\n" => error converting YAML to JSON: unsupported map key of type: uint64, key: 0xffffffffffffffff, value: "x"
        "a: .inf\n" => error converting YAML to JSON: json: unsupported value: +Inf
        "[.nan]" => error converting YAML to JSON: json: unsupported value: NaN
        "a: -.inf\n" => error converting YAML to JSON: json: unsupported value: -Inf
    "#]].assert_eq(&read_table(&[
        "name: {{ .Values.name }}\n",
        "{{ .Values.name }}: x\n",
        "{{- if .Values.on }}\na: 1\n{{- end }}\n",
        "[a, b]: c\n",
        "? {a: 1, b: [x, ~, 1.5, true], 2: 'q\"'}\n: c\n",
        "~: 1\n",
        "? \n: {a: [1]}\n",
        "18446744073709551615: x\n",
        "a: .inf\n",
        "[.nan]",
        "a: -.inf\n",
    ]));
}

#[test]
fn what_decoding_refuses() {
    expect![[r#"
        "!!int abc" => error converting YAML to JSON: yaml: cannot decode !!str `abc` as a !!int
        "!!bool 12" => error converting YAML to JSON: yaml: cannot decode !!int `12` as a !!bool
        "!!float x" => error converting YAML to JSON: yaml: cannot decode !!str `x` as a !!float
        "!!null x" => error converting YAML to JSON: yaml: cannot decode !!str `x` as a !!null
        "!!timestamp x" => error converting YAML to JSON: yaml: cannot decode !!str `x` as a !!timestamp
        "!!binary '*'" => error converting YAML to JSON: yaml: !!binary value contains invalid base64 data
        "&a [*a]" => error converting YAML to JSON: yaml: anchor 'a' value contains itself
        "<<: 1\n" => error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value
        "<<: [1]\n" => error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value
        "a: &s [x]\nb: {<<: *s}\n" => error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value
        "a: &s 1\nb: {<<: *s}\n" => error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value
    "#]].assert_eq(&read_table(&[
        "!!int abc",
        "!!bool 12",
        "!!float x",
        "!!null x",
        "!!timestamp x",
        "!!binary '*'",
        "&a [*a]",
        "<<: 1\n",
        "<<: [1]\n",
        "a: &s [x]\nb: {<<: *s}\n",
        "a: &s 1\nb: {<<: *s}\n",
    ]));
}

#[test]
fn text_that_is_no_text() {
    let message = |bytes: &[u8]| read(bytes).unwrap_err().to_string() + "\n";
    let messages = [
        &b"a: \x01"[..],
        b"a: \x7f",
        b"a: \xff",
        b"a: \xc3",
        b"a: \xc3(",
        b"a: \xed\xa0\x80",
        b"a: \xc0\x80",
        "a: \u{fffe}".as_bytes(),
        b"\xff\xfea",
    ]
    .map(message);
    expect![[r#"
        error converting YAML to JSON: yaml: control characters are not allowed
        error converting YAML to JSON: yaml: control characters are not allowed
        error converting YAML to JSON: yaml: invalid leading UTF-8 octet
        error converting YAML to JSON: yaml: incomplete UTF-8 octet sequence
        error converting YAML to JSON: yaml: invalid trailing UTF-8 octet
        error converting YAML to JSON: yaml: invalid Unicode character
        error converting YAML to JSON: yaml: invalid length of a UTF-8 sequence
        error converting YAML to JSON: yaml: control characters are not allowed
        error converting YAML to JSON: yaml: incomplete UTF-16 character
    "#]]
    .assert_eq(&messages.concat());
    // What comes long after the first document is not looked at.
    let mut late = b"a: 1\n---\n".to_vec();
    late.extend([b' '; 4000]);
    late.push(1);
    assert!(read(&late).is_ok());
}

#[test]
fn other_kinds_than_asked_for() {
    expect![[r#"
        error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}
        error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into Go value of type []interface {}"#]].assert_eq(&format!("{}\n{}", read_map(b"[a]").unwrap_err(), read_list(b"a: 1").unwrap_err()));
    assert!(read_map(b"").unwrap().is_empty());
    assert!(read_list(b"null").unwrap().is_empty());
}

#[test]
fn a_billion_laughs() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    expect!["error converting YAML to JSON: yaml: document has more than 10000000 nodes"]
        .assert_eq(&read(text.as_bytes()).unwrap_err().to_string());
}

#[test]
fn limits() {
    let message = |text: &str, limits: Limits| read_as::<Values>(text.as_bytes(), limits).unwrap_err().to_string();
    let deep = "[".repeat(600) + &"]".repeat(600);
    let deep_block: String = (0..600).map(|level| " ".repeat(level) + "a:\n").collect();
    let deep_dashes = "- ".repeat(600);
    let messages = [
        message(&deep, Limits::default()),
        message(&deep_block, Limits::default()),
        message(&deep_dashes, Limits::default()),
        message(&"[".repeat(20_000), Limits { depth: 100_000, ..Limits::default() }),
        message("[a, b, c]", Limits { nodes: 3, ..Limits::default() }),
        message("abcdef", Limits { bytes: 5, ..Limits::default() }),
    ];
    expect![[r#"
        error converting YAML to JSON: yaml: exceeded max depth of 512
        error converting YAML to JSON: yaml: exceeded max depth of 512
        error converting YAML to JSON: yaml: exceeded max depth of 512
        error converting YAML to JSON: yaml: exceeded max depth of 10000
        error converting YAML to JSON: yaml: document has more than 3 nodes
        error converting YAML to JSON: yaml: document is larger than 5 bytes"#]]
    .assert_eq(&messages.join("\n"));
    // At the limit everything still works by recursion: dropping, copying, writing.
    let text = "[".repeat(500) + &"]".repeat(500);
    let value = read(text.as_bytes()).unwrap();
    assert!(write(&value).is_ok() && to_json(&value).is_array());
}
