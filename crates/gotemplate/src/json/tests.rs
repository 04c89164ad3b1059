//! Tables of our own; the results were compared with Go over generated values and broken texts.

use expect_test::{Expect, expect};

use super::{read, write, write_pretty, write_raw};
use crate::{
    testing::{render, render_each},
    value::{Bytes, Element, Integer, List, Map, Text, Value},
};

fn check(value: &Value, expected: Expect) {
    let show =
        |written: Result<Vec<u8>, String>| written.map_or_else(|error| error, |text| String::from_utf8(text).unwrap());
    expected.assert_eq(&format!("{}\n{}\n{}", show(write(value)), show(write_raw(value)), show(write_pretty(value))));
}

#[test]
fn values_are_written_as_go_does() {
    let map: Map = [
        (Text::from("b"), Value::text("<a href='x'>&\u{2028}</a>\t\u{1}")),
        (Text::from("a"), vec![Value::int(1), Value::Bool(false), Value::Nil, Value::NilInterface].into()),
        (Text::from(&b"\xff"[..]), Value::text(&b"a\xff\xfeb"[..])),
        (Text::from("c"), Value::Map(Map::default())),
        (Text::from("d"), Vec::new().into()),
        (Text::from("e"), Value::Bytes(Bytes::from(&b"hello"[..]))),
        (Text::from("n"), vec![Value::List(List::nil(Element::Interface)), Value::Map(Map::nil())].into()),
        (Text::from("u"), Value::Integer(Integer::Uint64(u64::MAX))),
    ]
    .into_iter()
    .collect();
    check(
        &Value::Map(map),
        expect![[r#"
        {"a":[1,false,null,null],"b":"\u003ca href='x'\u003e\u0026\u2028\u003c/a\u003e\t\u0001","c":{},"d":[],"e":"aGVsbG8=","n":[null,null],"u":18446744073709551615,"\ufffd":"a\ufffd\ufffdb"}
        {"a":[1,false,null,null],"b":"<a href='x'>&\u2028</a>\t\u0001","c":{},"d":[],"e":"aGVsbG8=","n":[null,null],"u":18446744073709551615,"\ufffd":"a\ufffd\ufffdb"}
        {
          "a": [
            1,
            false,
            null,
            null
          ],
          "b": "\u003ca href='x'\u003e\u0026\u2028\u003c/a\u003e\t\u0001",
          "c": {},
          "d": [],
          "e": "aGVsbG8=",
          "n": [
            null,
            null
          ],
          "u": 18446744073709551615,
          "\ufffd": "a\ufffd\ufffdb"
        }"#]],
    );
}

#[test]
fn floats_look_like_go_s() {
    let floats = [
        0.0,
        -0.0,
        1.0,
        1.5,
        1_234_567.0,
        1e20,
        1e21,
        -1.5e22,
        1e-6,
        1e-7,
        2.5e-10,
        5e-324,
        f64::MAX,
        0.1,
        9_007_199_254_740_993.0,
    ];
    let list: Vec<Value> = floats.into_iter().map(Value::Float).collect();
    expect!["[0,-0,1,1.5,1234567,100000000000000000000,1e+21,-1.5e+22,0.000001,1e-7,2.5e-10,5e-324,1.7976931348623157e+308,0.1,9007199254740992]"].assert_eq(&String::from_utf8(write(&list.into()).unwrap()).unwrap());
    for (float, name) in [(f64::NAN, "NaN"), (f64::INFINITY, "+Inf"), (f64::NEG_INFINITY, "-Inf")] {
        assert_eq!(write(&Value::Float(float)).unwrap_err(), format!("json: unsupported value: {name}"));
    }
}

#[test]
fn broken_texts_get_go_s_errors() {
    let texts = [
        "",
        " ",
        "nul",
        "trux",
        "-",
        "1.",
        "1e",
        "1e+x",
        "01",
        "[1,]",
        "[1 2]",
        "{\"a\" 1}",
        "{\"a\":1,}",
        "{\"a\":1 \"b\"",
        "{a",
        "'a'",
        "\"a",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12",
        "\"\\u12g4\"",
        "1 2",
        "[",
        "{",
        "é",
        "[1e999,2]",
    ];
    expect![[r#"
        "": unexpected end of JSON input
        " ": unexpected end of JSON input
        "nul": invalid character ' ' in literal null (expecting 'l')
        "trux": invalid character 'x' in literal true (expecting 'e')
        "-": invalid character ' ' in numeric literal
        "1.": invalid character ' ' after decimal point in numeric literal
        "1e": invalid character ' ' in exponent of numeric literal
        "1e+x": invalid character 'x' in exponent of numeric literal
        "01": invalid character '1' after top-level value
        "[1,]": invalid character ']' looking for beginning of value
        "[1 2]": invalid character '2' after array element
        "{\"a\" 1}": invalid character '1' after object key
        "{\"a\":1,}": invalid character '}' looking for beginning of object key string
        "{\"a\":1 \"b\"": invalid character '"' after object key:value pair
        "{a": invalid character 'a' looking for beginning of object key string
        "'a'": invalid character '\'' looking for beginning of value
        "\"a": unexpected end of JSON input
        "\"\n\"": invalid character '\n' in string literal
        "\"\\x\"": invalid character 'x' in string escape code
        "\"\\u12": invalid character ' ' in \u hexadecimal character escape
        "\"\\u12g4\"": invalid character 'g' in \u hexadecimal character escape
        "1 2": invalid character '2' after top-level value
        "[": unexpected end of JSON input
        "{": unexpected end of JSON input
        "é": invalid character 'Ã' looking for beginning of value
        "[1e999,2]": json: cannot unmarshal number 1e999 into Go value of type float64"#]]
    .assert_eq(
        &render_each("{{ mustFromJson .s }}", &texts)
            .replace("template: t:1:3: executing \"t\" at <mustFromJson .s>: error calling mustFromJson: ", ""),
    );
}

#[test]
fn helm_puts_errors_into_the_result() {
    let texts = ["{\"a\":[1,null,\"x\"]}", "[1]", "\"x\"", "1", "true", "null", "{", "{\"a\":1e999,\"b\":2}"];
    expect![[r#"
        "{\"a\":[1,null,\"x\"]}": {"a":[1,null,"x"]}
        "[1]": {"Error":"json: cannot unmarshal array into Go value of type map[string]interface {}"}
        "\"x\"": {"Error":"json: cannot unmarshal string into Go value of type map[string]interface {}"}
        "1": {"Error":"json: cannot unmarshal number into Go value of type map[string]interface {}"}
        "true": {"Error":"json: cannot unmarshal bool into Go value of type map[string]interface {}"}
        "null": null
        "{": {"Error":"unexpected end of JSON input"}
        "{\"a\":1e999,\"b\":2}": {"Error":"json: cannot unmarshal number 1e999 into Go value of type float64","a":null,"b":2}"#]].assert_eq(&render_each("{{ fromJson .s | toJson }}", &texts));
    expect![[r#"
        "{\"a\":[1,null,\"x\"]}": ["json: cannot unmarshal object into Go value of type []interface {}"]
        "[1]": [1]
        "\"x\"": ["json: cannot unmarshal string into Go value of type []interface {}"]
        "1": ["json: cannot unmarshal number into Go value of type []interface {}"]
        "true": ["json: cannot unmarshal bool into Go value of type []interface {}"]
        "null": null
        "{": ["unexpected end of JSON input"]
        "{\"a\":1e999,\"b\":2}": ["json: cannot unmarshal object into Go value of type []interface {}"]"#]]
    .assert_eq(&render_each("{{ fromJsonArray .s | toJson }}", &texts));
}

#[test]
fn escapes_are_read() {
    let text = r#""\u00e9\ud83d\ude00\ud800\u0041\udc00\/\b\f\n\r\t\"\\""#;
    let Value::Text(read) = read(text.as_bytes()).unwrap() else { panic!("not a text") };
    assert_eq!(read.to_str(), "é😀\u{fffd}A\u{fffd}/\u{8}\u{c}\n\r\t\"\\");
}

#[test]
fn nesting_ends_with_an_error() {
    let deep = "[".repeat(100_000);
    assert_eq!(read(deep.as_bytes()).unwrap_err(), "invalid character '[' exceeded max depth");
    let map = Map::default();
    map.insert("self".into(), Value::Map(map.clone()));
    assert_eq!(
        write(&Value::Map(map.clone())).unwrap_err(),
        "json: unsupported value: encountered a cycle via map[string]interface {}"
    );
    map.remove(b"self");
}

#[test]
fn html_is_escaped_unless_raw() {
    let all = "{{ toJson .s }} {{ mustToJson .s }} {{ toRawJson .s }} {{ mustToRawJson .s }} {{ toPrettyJson .s }}";
    assert_eq!(render(all, r#"{"s":"<"}"#), r#""\u003c" "\u003c" "<" "<" "\u003c""#);
}
