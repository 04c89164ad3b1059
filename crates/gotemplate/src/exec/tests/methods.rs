//! Fields and methods of what the host passes, and what parsed templates promise.

use std::{any::Any, borrow::Cow};

use expect_test::{Expect, expect};

use super::{Limits, TestHost, render, table};
use crate::{
    exec::{Run, Templates},
    function::{FunctionError, Param},
    value::{List, Map, MapType, Methods, Object, Text, Value},
};

/// Like `.Files` and `.Capabilities` in one: a field, methods with and without arguments, and keys.
#[derive(Debug)]
struct Thing;

impl Methods for Thing {
    fn type_name(&self) -> Cow<'static, str> {
        "*chart.Thing".into()
    }

    fn field(&self, name: &str) -> Option<Value> {
        (name == "Name").then(|| Value::text("thing"))
    }

    fn signature(&self, name: &str) -> Option<&'static [Param]> {
        match name {
            "Get" => Some(&[Param::Text]),
            "Add" => Some(&[Param::Int, Param::Int]),
            "Fail" => Some(&[]),
            _ => None,
        }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        match (name, arguments) {
            ("Get", [Value::Text(key)]) => Some(Ok(Value::from(format!("<{key}>")))),
            ("Add", [Value::Integer(left), Value::Integer(right)]) => {
                Some(Ok(Value::int((left.wide() + right.wide()) as i64)))
            }
            ("Fail", []) => Some(Err(FunctionError::new("it does"))),
            ("Loose", arguments) => Some(Ok(Value::List(List::new(arguments.to_vec())))),
            _ => None,
        }
    }

    fn print(&self) -> Vec<u8> {
        b"a thing".to_vec()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn check(template: &str, expected: Expect) {
    let values = Map::from_iter([(Text::from("a"), Value::text("x"))]).with_type(MapType::Values);
    let data = Value::Map(Map::from_iter([
        (Text::from("T"), Value::Object(Object::new(Thing))),
        (Text::from("V"), Value::Map(values)),
        (Text::from("B"), Value::Bytes(b"hi"[..].into())),
    ]));
    expected.assert_eq(&render(template, &data, Limits::default()));
}

#[test]
fn objects_have_fields_and_methods() {
    check(
        "{{ .T.Name }} {{ .T.Get \"a\" }} {{ \"b\" | .T.Get }} {{ .T.Add 1 2 }} {{ .T.Loose 1 nil }}{{ .T.Loose }}",
        expect!["ok:thing <a> <b> 3 [1 <nil>][]"],
    );
    check(
        "{{ .T }} {{ printf \"%v %s %q %T %d\" .T .T .T .T .T }}",
        expect![[r#"ok:a thing a thing a thing "a thing" *chart.Thing %!d(*chart.Thing=a thing)"#]],
    );
    check(
        "{{ $t := .T }}{{ $t.Get \"a\" }}{{ with .T }}{{ .Get \"b\" | upper }}{{ end }}{{ (.T).Name }}",
        expect!["ok:<a><B>thing"],
    );
}

#[test]
fn methods_check_their_arguments() {
    check(
        "{{ .T.Get }}",
        expect![[r#"err:template: t:1:5: executing "t" at <.T.Get>: wrong number of args for Get: want 1 got 0"#]],
    );
    check(
        "{{ .T.Get \"a\" \"b\" }}",
        expect![[r#"err:template: t:1:5: executing "t" at <.T.Get>: wrong number of args for Get: want 1 got 2"#]],
    );
    check("{{ .T.Get 1 }}", expect![[r#"err:template: t:1:10: executing "t" at <1>: expected string; found 1"#]]);
    check(
        "{{ 1 | .T.Get }}",
        expect![[r#"err:template: t:1:9: executing "t" at <.T.Get>: wrong type for value; expected string; got int"#]],
    );
    check(
        "{{ .T.Get .missing }}",
        expect![[
            r#"err:template: t:1:10: executing "t" at <.missing>: wrong type for value; expected string; got interface {}"#
        ]],
    );
    check(
        "{{ .T.Add 1 \"2\" }}",
        expect![[r#"err:template: t:1:12: executing "t" at <"2">: expected integer; found "2""#]],
    );
    check(
        "{{ .T.Fail }}",
        expect![[r#"err:template: t:1:5: executing "t" at <.T.Fail>: error calling Fail: it does"#]],
    );
    check(
        "{{ .T.Get .T.Fail }}",
        expect![[r#"err:template: t:1:12: executing "t" at <.T.Fail>: error calling Fail: it does"#]],
    );
}

#[test]
fn what_an_object_lacks_is_an_error() {
    check(
        "{{ .T.Nothing }}",
        expect![[
            r#"err:template: t:1:5: executing "t" at <.T.Nothing>: can't evaluate field Nothing in type interface {}"#
        ]],
    );
    check(
        "{{ (.T).Nothing }}",
        expect![[r#"err:template: t:1:4: executing "t" at <.T>: can't evaluate field Nothing in type *chart.Thing"#]],
    );
    check(
        "{{ .T.Nothing 1 }}",
        expect![[r#"err:template: t:1:14: executing "t" at <1>: can't evaluate field Nothing in type interface {}"#]],
    );
    check(
        "{{ .T.Name 1 }}",
        expect![[
            r#"err:template: t:1:5: executing "t" at <.T.Name>: Name has arguments but cannot be invoked as function"#
        ]],
    );
    check(
        "{{ .T.Name.More }}",
        expect![[r#"err:template: t:1:5: executing "t" at <.T.Name.More>: can't evaluate field More in type string"#]],
    );
}

#[test]
fn values_have_helms_methods() {
    check(
        "{{ .V.a }}{{ .V.AsMap }}{{ .V.YAML }}{{ .V.yaml }}{{ printf \"%T %T\" .V .V.AsMap }}",
        expect![[r#"
        ok:xmap[a:x]a: x
        <no value>common.Values map[string]interface {}"#]],
    );
}

#[test]
fn bytes_print_as_go_prints_them() {
    check(
        "{{ .B }} {{ printf \"%s %q %x %v %d %#v %T\" .B .B .B .B .B .B .B }} {{ list .B }} {{ len .B }}{{ index .B 1 }}{{ range .B }}{{ . }},{{ end }}",
        expect![[
            r#"ok:[104 105] hi "hi" 6869 [104 105] [104 105] []byte{0x68, 0x69} []uint8 [[104 105]] 2105104,105,"#
        ]],
    );
    check(
        "{{ upper .B }}",
        expect![[r#"err:template: t:1:9: executing "t" at <.B>: wrong type for value; expected string; got []uint8"#]],
    );
}

#[test]
fn parsed_templates_are_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>(value: T) -> T {
        value
    }
    let mut templates = Templates::with_functions(table());
    templates.parse("a", "{{ define \"b\" }}B{{ end }}{{ include \"b\" . }}").unwrap();
    let templates = shared(templates);
    let run = |templates: &Templates| {
        Run::new(templates, &TestHost::seeded(7), Limits::default()).execute("a", &Value::Nil).unwrap()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| run(&templates))).collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap() == b"B"));
    });
    // More definitions in a clone leave the original alone; empty ones replace nothing.
    let mut more = templates.clone();
    more.parse("c", "{{ define \"b\" }}new{{ end }}{{ define \"a\" }} {{ end }}").unwrap();
    assert_eq!((run(&templates), run(&more)), (b"B".to_vec(), b"new".to_vec()));
    assert!(more.defined("c") && !templates.defined("c"));
    assert_eq!(more.names().collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[test]
fn maps_that_templates_change_are_seen_by_the_next() {
    let mut templates = Templates::with_functions(table());
    templates.parse("a", "{{ $_ := set . \"k\" 1 }}").unwrap();
    templates.parse("b", "{{ .k }}{{ fail \"no\" }}").unwrap();
    templates.parse("c", "{{ .k }}").unwrap();
    let data = Value::Map(Map::default());
    let host = TestHost::seeded(7);
    let mut run = Run::new(&templates, &host, Limits::default());
    assert_eq!(run.execute("a", &data).unwrap(), b"");
    let error = run.execute("b", &data).unwrap_err();
    assert_eq!(error.to_string(), "template: b:1:11: executing \"b\" at <fail \"no\">: error calling fail: no");
    assert_eq!(run.execute("c", &data).unwrap(), b"1");
    let missing = run.execute("d", &data).unwrap_err();
    assert_eq!(missing.to_string(), "template: no template \"d\" associated with template \"gotpl\"");
}

#[test]
fn errors_tell_the_chain_of_templates() {
    let mut templates = Templates::with_functions(table());
    templates.parse("h", "{{ define \"in\" }}\n  {{ fail \"deep\" }}{{ end }}").unwrap();
    templates.parse("a", "x\n {{ include \"in\" . }}").unwrap();
    let error = Run::new(&templates, &TestHost::seeded(7), Limits::default()).execute("a", &Value::Nil).unwrap_err();
    let root = error.root();
    assert_eq!(
        (error.name.as_str(), error.line, error.column, error.message.as_str()),
        ("a", 2, 4, "error calling include")
    );
    assert_eq!((root.name.as_str(), root.template.as_str(), root.line, root.column), ("h", "in", 2, 5));
    assert_eq!((root.context.as_str(), root.message.as_str()), ("fail \"deep\"", "error calling fail: deep"));
}
