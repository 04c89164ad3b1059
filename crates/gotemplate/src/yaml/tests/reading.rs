//! What documents mean.

use expect_test::expect;

use super::*;

#[test]
fn words_and_numbers_are_those_of_yaml_1_1() {
    expect![[r#"
        "[yes, No, on, OFF, y, n, true, FALSE, ~, null, Null, '', Yes1, yES]" => [true,false,true,false,true,false,true,false,null,null,null,"","Yes1","yES"]
        "[0777, 0o17, 0x1F, 0b101, -0x1f, +5, 1_000, 08, 0_8, 1__2]" => [511,15,31,5,-31,5,1000,8,8,12]
        "[1.5, 1., .5, -.5e3, 1e3, 1E+3, 0.1e-7, 1_0.5, .5_0, ._5, 1e400, 1.2.3]" => [1.5,1,0.5,-500,1000,1000,1e-8,10.5,0.5,"._5","1e400","1.2.3"]
        "[18446744073709551615, -9223372036854775808, 99999999999999999999, 1e21]" => [18446744073709551615,-9223372036854775808,1e+20,1e+21]
        "[12:30, 1:30:45, 2001-01-02, 2001-1-2 3:4:5, 2001-01-02T03:04:05Z, 2001-13-01, 2001-02-30]" => ["12:30","1:30:45","2001-01-02","2001-1-2 3:4:5","2001-01-02T03:04:05Z","2001-13-01","2001-02-30"]
        "[!!str 12, !!int '12', !!float 3, !!bool 'yes', !!null '', !foo 12, ! 12, !!timestamp 2001-01-02]" => ["12",12,3,true,null,"12","12","2001-01-02"]
        "!!binary aGVs\n" => "hel"
        "'yes'" => "yes"
        "\"12\"" => "12"
        "1.0" => 1
    "#]].assert_eq(&read_table(&[
        "[yes, No, on, OFF, y, n, true, FALSE, ~, null, Null, '', Yes1, yES]",
        "[0777, 0o17, 0x1F, 0b101, -0x1f, +5, 1_000, 08, 0_8, 1__2]",
        "[1.5, 1., .5, -.5e3, 1e3, 1E+3, 0.1e-7, 1_0.5, .5_0, ._5, 1e400, 1.2.3]",
        "[18446744073709551615, -9223372036854775808, 99999999999999999999, 1e21]",
        "[12:30, 1:30:45, 2001-01-02, 2001-1-2 3:4:5, 2001-01-02T03:04:05Z, 2001-13-01, 2001-02-30]",
        "[!!str 12, !!int '12', !!float 3, !!bool 'yes', !!null '', !foo 12, ! 12, !!timestamp 2001-01-02]",
        "!!binary aGVs\n",
        "'yes'",
        "\"12\"",
        "1.0",
    ]));
}

#[test]
fn keys_become_text() {
    expect![[r#"
        "{y: 1, on: 2, 12: 3, 1.5: 4, 1e3: 5, .inf: 6, 0x10: 7, 2001-01-02: 8, '': 9}" => {"":9,".inf":6,"1.5":4,"1000":5,"12":3,"16":7,"2001-01-02":8,"true":2}
        "a: 1\nb: 2\na: 3\n" => {"a":3,"b":2}
        "? a\n: b\n? c\n" => {"a":"b","c":null}
        "'quoted key': 1\n\"other\\tkey\": 2\n" => {"other\tkey":2,"quoted key":1}
    "#]].assert_eq(&read_table(&[
        "{y: 1, on: 2, 12: 3, 1.5: 4, 1e3: 5, .inf: 6, 0x10: 7, 2001-01-02: 8, '': 9}",
        "a: 1\nb: 2\na: 3\n",
        "? a\n: b\n? c\n",
        "'quoted key': 1\n\"other\\tkey\": 2\n",
    ]));
}

#[test]
fn libyaml_is_lenient() {
    expect![[r##"
        "a: [\n  1,\n]\nb: 2\n" => {"a":[1],"b":2}
        "a: {\n  b: c\n}\n" => {"a":{"b":"c"}}
        "a: 'some\ntext\n\nmore'\nb: 1\n" => {"a":"some text\nmore","b":1}
        "a:\n   - 1\n   - 2\nb:\n- 3\n" => {"a":[1,2],"b":[3]}
        "a:\n  -   b: 1\n      c: 2\n" => {"a":[{"b":1,"c":2}]}
        "- - a\n  - b\n-\n  - c\n- \n" => [["a","b"],["c"],null]
        "[a, , b]" => error converting YAML to JSON: yaml: did not find expected node content
        "[a, b,]" => ["a","b"]
        "{a, b: , c: d}" => {"a":null,"b":null,"c":"d"}
        "[a: b, ? c : d]" => [{"a":"b"},{"c":"d"}]
        "a:\t1\n" => {"a":1}
        "a: b\tc\n" => {"a":"b\tc"}
        "a: b # no\nc: d#yes\n" => {"a":"b","c":"d#yes"}
        "a: b: c" => error converting YAML to JSON: yaml: mapping values are not allowed in this context
        "a: http://x:80/y?z\n" => {"a":"http://x:80/y?z"}
        "a: -\nb: - \n" => error converting YAML to JSON: yaml: block sequence entries are not allowed in this context
        "a: @x" => error converting YAML to JSON: yaml: found character that cannot start any token
        "key with spaces: value with spaces\n" => {"key with spaces":"value with spaces"}
        "a: one\n  two\n\n  three\nb: x\n" => {"a":"one two\nthree","b":"x"}
        "# only a comment\n" => null
        "" => null
        "---\n" => null
        "--- text\n" => "text"
        "a: 1\n---\nb: 2\n" => {"a":1}
        "a: 1\n...\n" => {"a":1}
        "%YAML 1.1\n%TAG ! tag:x,2000:\n---\n!a b\n" => "b"
        "\u{feff}a: 1\n" => {"a":1}
        "a: 1\r\nb: |\r\n  x\r\n  y\r\n" => {"a":1,"b":"x\ny\n"}
        "a: x\u{85}b: y" => {"a":"x","b":true}
    "##]]
    .assert_eq(&read_table(&[
        "a: [\n  1,\n]\nb: 2\n",
        "a: {\n  b: c\n}\n",
        "a: 'some\ntext\n\nmore'\nb: 1\n",
        "a:\n   - 1\n   - 2\nb:\n- 3\n",
        "a:\n  -   b: 1\n      c: 2\n",
        "- - a\n  - b\n-\n  - c\n- \n",
        "[a, , b]",
        "[a, b,]",
        "{a, b: , c: d}",
        "[a: b, ? c : d]",
        "a:\t1\n",
        "a: b\tc\n",
        "a: b # no\nc: d#yes\n",
        "a: b: c",
        "a: http://x:80/y?z\n",
        "a: -\nb: - \n",
        "a: @x",
        "key with spaces: value with spaces\n",
        "a: one\n  two\n\n  three\nb: x\n",
        "# only a comment\n",
        "",
        "---\n",
        "--- text\n",
        "a: 1\n---\nb: 2\n",
        "a: 1\n...\n",
        "%YAML 1.1\n%TAG ! tag:x,2000:\n---\n!a b\n",
        "\u{feff}a: 1\n",
        "a: 1\r\nb: |\r\n  x\r\n  y\r\n",
        "a: x\u{85}b: y",
    ]));
}

#[test]
fn quotes() {
    expect![[r#"
        "[\"a\\tb\\x41\\u00e9\\U0001F600\\N\\_\\L\\P\\0\\e\\\"\\\\\", 'it''s', \"\", '']" => ["a\tbAé😀   \u0000\u001b\"\\","it's","",""]
        "\"one\\\n  two\"" => "onetwo"
        "\"one\n  two\n\n\n  three \"" => "one two\n\nthree "
        "'  leading and trailing  '" => "  leading and trailing  "
    "#]].assert_eq(&read_table(&[
        r#"["a\tb\x41\u00e9\U0001F600\N\_\L\P\0\e\"\\", 'it''s', "", '']"#,
        "\"one\\\n  two\"",
        "\"one\n  two\n\n\n  three \"",
        "'  leading and trailing  '",
    ]));
}

#[test]
fn blocks() {
    expect![[r##"
        "a: |\n  x\n   y\n\n  z\n\n\nb: 1\n" => {"a":"x\n y\n\nz\n","b":1}
        "a: |-\n  x\n\nb: 1\n" => {"a":"x","b":1}
        "a: |+\n  x\n\nb: 1\n" => {"a":"x\n\n","b":1}
        "a: >\n  x\n  y\n\n  z\n   indented\n  w\n" => {"a":"x y\nz\n indented\nw\n"}
        "a: |2\n    x\n  y\n" => {"a":"  x\ny\n"}
        "a: >-2\n   x\n" => {"a":" x"}
        "a: |\n\n  x\n" => {"a":"\nx\n"}
        "a: |\nb: 1\n" => {"a":"","b":1}
        "- |\n x\n- >+\n\n y\n\n" => ["x\n","\ny\n\n"]
        "|\n  # text\n" => "# text\n"
        "a: | # comment\n  x\n" => {"a":"x\n"}
        "a: |\n  x\n # comment\nb: 1\n" => {"a":"x\n","b":1}
    "##]]
    .assert_eq(&read_table(&[
        "a: |\n  x\n   y\n\n  z\n\n\nb: 1\n",
        "a: |-\n  x\n\nb: 1\n",
        "a: |+\n  x\n\nb: 1\n",
        "a: >\n  x\n  y\n\n  z\n   indented\n  w\n",
        "a: |2\n    x\n  y\n",
        "a: >-2\n   x\n",
        "a: |\n\n  x\n",
        "a: |\nb: 1\n",
        "- |\n x\n- >+\n\n y\n\n",
        "|\n  # text\n",
        "a: | # comment\n  x\n",
        "a: |\n  x\n # comment\nb: 1\n",
    ]));
}

#[test]
fn aliases_and_merges() {
    expect![[r#"
        "a: &x {k: 1}\nb: *x\nc: [*x, *x]\n" => {"a":{"k":1},"b":{"k":1},"c":[{"k":1},{"k":1}]}
        "a: &x 1\n*x : y\n" => {"1":true,"a":1}
        "base: &b {a: 1, b: 2}\nx:\n  <<: *b\n  b: 3\n" => {"base":{"a":1,"b":2},"x":{"a":1,"b":3}}
        "base: &b {a: 1, b: 2}\nx:\n  b: 3\n  <<: *b\n" => {"base":{"a":1,"b":2},"x":{"a":1,"b":2}}
        "a: &a {k: 1}\nb: &b {k: 2, l: 3}\nx:\n  <<: [*a, *b]\n" => {"a":{"k":1},"b":{"k":2,"l":3},"x":{"k":1,"l":3}}
        "x: {<<: {a: 1}, b: 2}" => {"x":{"a":1,"b":2}}
        "x: {'<<': 1}" => {"x":{"<<":1}}
        "a: &x 1\nb: &x 2\nc: *x\n" => {"a":1,"b":2,"c":2}
        "&a a: &b b\nc: *a\nd: *b\n" => {"a":"b","c":"a","d":"b"}
    "#]]
    .assert_eq(&read_table(&[
        "a: &x {k: 1}\nb: *x\nc: [*x, *x]\n",
        "a: &x 1\n*x : y\n",
        "base: &b {a: 1, b: 2}\nx:\n  <<: *b\n  b: 3\n",
        "base: &b {a: 1, b: 2}\nx:\n  b: 3\n  <<: *b\n",
        "a: &a {k: 1}\nb: &b {k: 2, l: 3}\nx:\n  <<: [*a, *b]\n",
        "x: {<<: {a: 1}, b: 2}",
        "x: {'<<': 1}",
        "a: &x 1\nb: &x 2\nc: *x\n",
        "&a a: &b b\nc: *a\nd: *b\n",
    ]));
}

#[test]
fn values_are_floats_and_json_keeps_integers() {
    let yaml = b"[1, 1.0, 1.5, 9007199254740993, 18446744073709551615]";
    expect!["[1,1,1.5,9007199254740993,18446744073709551615]"].assert_eq(&read_json(yaml).unwrap().to_string());
    let Value::List(list) = read(yaml).unwrap() else { panic!("a list") };
    assert!(list.iter().all(|item| matches!(item, Value::Float(_))));
    expect!["[1,1,1.5,9007199254740992,1.8446744073709552e+19]"]
        .assert_eq(&to_json(&Value::List(list)).to_string().replace("1.8446744073709552e19", "18446744073709552000"));
}

#[test]
fn a_map_is_shared_by_nobody() {
    let Value::Map(map) = read(b"a: &x {k: 1}\nb: *x\n").unwrap() else { panic!("a map") };
    let (Some(Value::Map(a)), Some(Value::Map(b))) = (map.get(b"a"), map.get(b"b")) else { panic!("maps") };
    a.insert("k".into(), Value::Bool(true));
    assert!(matches!(b.get(b"k"), Some(Value::Float(_))));
}

#[test]
fn streams() {
    let documents = read_documents(b"a: 1\n---\n---\n- b\n...\n---\nc\n").unwrap();
    let texts: Vec<String> = documents.iter().map(|document| to_json(document).to_string()).collect();
    expect![[r#"
        {"a":1}
        null
        ["b"]
        "c""#]]
    .assert_eq(&texts.join("\n"));
}

#[test]
fn utf16_is_read() {
    let units = "\u{feff}a: é😀\n".encode_utf16();
    let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    expect![[r#"{"a":"é😀"}"#]].assert_eq(&read_json(&bytes).unwrap().to_string());
}

#[test]
fn outlines_leave_out_what_is_deep() {
    let outline = |text: &str| {
        read_json_outline(text.as_bytes(), 2).map_or_else(|error| error.to_string(), |json| json.to_string())
    };
    let texts = [
        outline("kind: A\nmetadata:\n  name: x\n  labels: {a: b, 1: [c]}\nspec:\n- [1, two]\n- deep: er\n- 3\n"),
        outline("metadata: {name: &x {a: b}}\nspec: [*x]\n"),
        outline("spec: {a: {b: {c: .inf}}}\n"),
        outline("spec: {a: {b: {~: 1}}}\n"),
        outline("spec: {a: {b: !!int x}}\n"),
        outline("spec: {a: {b: [}}}\n"),
        outline("text"),
        outline(""),
    ];
    expect![[r#"
        {"kind":"A","metadata":{"labels":{"1":[]},"name":"x"},"spec":[[],{},3]}
        {"metadata":{"name":{"a":"b"}},"spec":[{"a":"b"}]}
        error converting YAML to JSON: json: unsupported value: +Inf
        error converting YAML to JSON: unsupported map key of type: %!s(<nil>), key: <nil>, value: 1
        error converting YAML to JSON: yaml: cannot decode !!str `x` as a !!int
        error converting YAML to JSON: yaml: did not find expected node content
        "text"
        null"#]]
    .assert_eq(&texts.join("\n"));
}
