//! Cases of reading and writing; every expected text comes from Helm's own libraries.

use expect_test::{Expect, expect};

use super::*;

fn check(yaml: &str, expected: Expect) {
    let text = match read_json(yaml.as_bytes()) {
        Ok(json) => json.to_string(),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&text);
}

fn check_written(yaml: &str, expected: Expect) {
    let value = read(yaml.as_bytes()).unwrap();
    expected.assert_eq(&String::from_utf8(write(&value).unwrap()).unwrap());
}

#[test]
fn collections() {
    check(
        "a: 1\nb:\n- x\n- y: 2\n  z: [1, 2, {k: v}]\nc: {}\n",
        expect![[r#"{"a":1,"b":["x",{"true":2,"z":[1,2,{"k":"v"}]}],"c":{}}"#]],
    );
}

#[test]
fn writes() {
    check_written(
        "b: [1, two, 'yes']\na10: 1.5\na2: |\n  text\n  more\nempty: {}\nlist:\n- a: b\n  c: d\n- - x\n",
        expect![[r#"
            a2: |
              text
              more
            a10: 1.5
            b:
            - 1
            - two
            - "yes"
            empty: {}
            list:
            - a: b
              c: d
            - - x
        "#]],
    );
}
