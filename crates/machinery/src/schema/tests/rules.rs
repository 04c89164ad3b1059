//! `x-kubernetes-validations`: the language, what definitions are refused for, what objects are told. The expected results
//! are kube-apiserver 1.33's.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::lines;
use crate::schema::{Schema, judge};

/// A schema whose `spec` has fields of every type, and these rules.
fn schema(rules: &Value) -> Value {
    let text = json!({"type": "string", "maxLength": 20});
    let item = json!({"type": "object", "required": ["k"], "properties": {"k": text, "v": {"type": "integer"}}});
    let keyed = json!({"type": "array", "maxItems": 10, "items": item, "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["k"]});
    let set = json!({"type": "array", "maxItems": 10, "items": text, "x-kubernetes-list-type": "set"});
    json!({"type": "object", "properties": {"spec": {"type": "object", "x-kubernetes-validations": rules, "properties": {
        "i": {"type": "integer"}, "d": {"type": "number"}, "b": {"type": "boolean"}, "s": text, "none": {"type": "integer"},
        "either": {"x-kubernetes-int-or-string": true}, "list": {"type": "array", "maxItems": 10, "items": {"type": "integer"}},
        "set": set, "set2": set, "keyed": keyed, "keyed2": keyed,
        "map": {"type": "object", "maxProperties": 10, "additionalProperties": text},
        "a-b": {"type": "integer"}, "a.c": {"type": "integer"}, "namespace": {"type": "string"},
        "took": {"type": "string", "format": "duration"}, "at": {"type": "string", "format": "date-time"},
        "open": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        "embedded": {"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true},
    }}}})
}

fn object() -> Value {
    json!({"apiVersion": "x.io/v1", "kind": "Thing", "metadata": {"name": "thing"}, "spec": {
        "i": 5, "d": 2.5, "b": true, "s": "hëllo", "either": "50%", "list": [3, 1, 2], "set": ["x", "y"], "set2": ["y", "x"],
        "keyed": [{"k": "a", "v": 1}, {"k": "b", "v": 2}], "keyed2": [{"k": "b", "v": 2}, {"k": "a", "v": 1}],
        "map": {"x": "1", "y": "22"}, "a-b": 1, "a.c": 2, "namespace": "n", "took": "1h30m",
        "at": "2024-05-06T07:08:09.5Z", "open": {"z": 1},
        "embedded": {"apiVersion": "v1", "kind": "K", "metadata": {"name": "inner"}},
    }})
}

/// What the definition is refused for, or what the object is told.
fn outcome(rule: &str) -> String {
    match Schema::compile(&schema(&json!([{"rule": rule}]))) {
        Err(causes) => {
            let short = |message: &str| {
                message.split_once("(*bool)(nil)}: ").map_or(message.into(), |(_, why)| why.to_string())
            };
            causes.iter().map(|cause| short(&cause.message)).collect::<Vec<_>>().join("\n")
        }
        Ok(schema) => {
            let causes = judge(&schema, &object(), None).causes;
            causes.iter().map(|cause| cause.message.clone()).collect::<Vec<_>>().join("\n")
        }
    }
}

fn all_hold(rules: &str) {
    let failed: Vec<String> = rules
        .lines()
        .map(str::trim)
        .filter(|rule| !rule.is_empty())
        .map(|rule| format!("{rule}\n  {}", outcome(rule)))
        .filter(|outcome| !outcome.ends_with("\n  "))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn check(rules: &[&str], expected: Expect) {
    let shown: Vec<String> = rules.iter().map(|rule| format!("{rule}\n{}\n", outcome(rule))).collect();
    expected.assert_eq(&shown.join("\n"));
}

#[test]
fn operators_and_conversions() {
    all_hold(
        r#"
        self.i == 5 && self.i != 4 && self.i * 2 > 9 && self.d < 3.0 && self.i < 5.5 && -self.i == -5 && !(!self.b)
        self.i / 2 == 2 && self.i % 2 == 1 && 0x1F == 31 && 1e3 == 1000.0 && 5u == uint(5) && -9223372036854775808 < 0
        self.none > 3 || true
        true || self.none > 3
        (self.none > 3 && false) == false
        1 / 0 == 1 || self.b
        self.i > 3 ? self.b : false
        "a" + 'b' == "ab" && r'\d' == '\\d' && '''x'y''' == "x'y" && '\x41\101\u0041' == 'AAA' && b'\xff' == b'\377'
        int('12') == 12 && double('1.5') == 1.5 && string(1e30) == '1e+30' && string(true) == 'true' && bool('true')
        type(1) == int && type('a') == string && type([]) == list && type(null) == null_type && type(type(1)) == type
        dyn(1) == 1.0 && dyn([1]) == [1.0] && dyn(1) != '1'
        {'a': 1}.a == 1 && {1: 'x'}[1] == 'x' && {true: 1}[true] == 1 && 'a' in {'a': 1} && [1, 2][1] == 2
        bytes(self.s).size() == 6 && self.s.size() == 5 && string(b'abc') == 'abc'
        "#,
    );
}

#[test]
fn data_is_what_its_schema_says() {
    all_hold(
        r#"
        self.a__dash__b == 1 && self.a__dot__c == 2 && self.__namespace__ == 'n' && self.namespace == 'n'
        type(self.either) == string ? self.either == '50%' : self.either == 50
        self.set == self.set2 && self.set == ['y', 'x'] && (self.set + ['x', 'z']).size() == 3
        dyn(self.keyed) == dyn(self.keyed2) && (self.keyed + dyn(self.keyed2)).size() == 2
        self.keyed.exists(e, e.k == 'a' && e.v == 1) && self.keyed.map(e, e.k) == ['a', 'b']
        self.took == duration('90m') && self.took.getMinutes() == 90 && string(self.took) == '5400s'
        self.at > timestamp('2024-01-01T00:00:00Z') && self.at.getMonth() == 4 && self.at.getHours('America/New_York') == 3
        self.at + self.took == timestamp('2024-05-06T08:38:09.5Z') && self.at - self.at == duration('0')
        self.open == self.open && self.embedded.metadata.name == 'inner' && self.embedded.kind == 'K'
        has(self.i) && !has(self.none) && has(self.map.x) && !has(self.map.zz)
        "#,
    );
}

#[test]
fn comprehensions_and_optional_values() {
    all_hold(
        r#"
        self.list.all(x, x > 0) && self.list.exists(x, x == 2) && self.list.exists_one(x, x > 2)
        self.list.map(x, x * 2) == [6, 2, 4] && self.list.map(x, x > 1, x) == [3, 2] && self.list.filter(x, x > 1).size() == 2
        self.list.exists(x, x / 0 > 1 || x > 0)
        self.list.all(i, v, i >= 0 && v > 0) && self.map.exists(k, v, v == '22')
        self.list.transformList(i, v, i > 0, i * v) == [1, 4]
        self.map.transformMap(k, v, v + v) == {'x': '11', 'y': '2222'}
        self.map.transformMapEntry(k, v, {v: k}) == {'1': 'x', '22': 'y'}
        self.list.map(x, self.list.map(y, x * y))[0][1] == 3
        self.?none.orValue(3) == 3 && self.?i == optional.of(5) && self.list[?7].orValue(8) == 8
        self.?map[?'y'].orValue('') == '22' && self.?i.optMap(x, x * 2).orValue(1) == 10
        self.?i.optFlatMap(x, optional.of(x)).value() == 5 && !optional.none().hasValue()
        [?self.?none, 1] == [1] && {?'a': self.?none, 'b': 1} == {'b': 1} && optional.of(1).or(optional.of(2)).value() == 1
        "#,
    );
}

#[test]
fn libraries() {
    all_hold(
        r#"
        self.s.charAt(1) == 'ë' && self.s.indexOf('l') == 2 && self.s.lastIndexOf('l') == 3 && self.s.upperAscii() == 'HëLLO'
        self.s.replace('l', 'L', 1) == 'hëLlo' && 'ab'.replace('', '-') == '-a-b-' && 'a,b'.split(',') == ['a', 'b']
        'abc'.split('') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c'] && self.s.substring(1, 3) == 'ël'
        ' x '.trim() == 'x' && self.set.join('-') == 'x-y' && strings.quote('a"b') == '"a\\"b"'
        '%s-%d %.2f %x %b %o'.format([self.s, 5, self.d, 255, 5, 8]) == 'hëllo-5 2.50 ff 101 10'
        '%s'.format([[1, 2]]) == '[1, 2]' && '%s'.format([['a']]) == '["a"]'
        self.s.matches('^h.*o$') && self.s.find('l+') == 'll' && self.s.findAll('l', 1) == ['l']
        [1, 2].isSorted() && self.list.sum() == 6 && self.list.max() == 3 && self.list.min() == 1 && [1, 2, 1].lastIndexOf(1) == 2
        sets.contains([1, 2], [1]) && sets.equivalent([1, 1], [1]) && !sets.intersects([1], [2])
        url('https://u@example.com:8080/a%20b?x=1&y=2&x=3').getHost() == 'example.com:8080'
        url('https://[::1]:80/a').getHostname() == '::1' && url('https://h/?x=1&x=3').getQuery() == {'x': ['1', '3']}
        isURL('/abs') && !isURL('rel') && !isURL('http://a b') && !isURL('http://%zz') && url('http://h/a%20b').getEscapedPath() == '/a%20b'
        ip('::1').isLoopback() && isIP('1.2.3.4') && !isIP('::ffff:1.2.3.4') && !ip.isCanonical('2001:DB8::1')
        cidr('10.0.0.0/8').containsIP('10.2.3.4') && cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !isCIDR('10.0.0.0/33')
        cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && string(cidr('10.1.2.3/8').ip()) == '10.1.2.3'
        quantity('1.5Gi').isGreaterThan(quantity('1Gi')) && quantity('1') == quantity('1000m') && quantity('2k').asInteger() == 2000
        quantity('1').add(2) == quantity('3') && isQuantity('1e3') && !isQuantity('1GiB') && sign(quantity('-3')) == -1
        semver('1.2.3-a').isLessThan(semver('1.2.3')) && isSemver('v1.2', true) && !isSemver('1.2') && semver('1.2.3').minor() == 2
        !format.dns1123Label().validate('abc').hasValue() && format.named('uuid').value().validate('abc').hasValue()
        "#,
    );
}

#[test]
fn rules_that_do_not_compile() {
    check(
        &[
            "self.nope == 1",
            "self.i == 'x'",
            "nope(self.i)",
            "self.i",
            "self.s.all(x, true)",
            "[1, 'a'].size() == 2",
            "'%d'.format([self.s]) == ''",
            "self.s.matches('[')",
            "duration('x') == self.took",
            "int('x') == 1",
            "self.i ==",
            "has(self.map['x'])",
            "self.open.z == 1",
        ],
        expect![[r#"
            self.nope == 1
            compilation failed: ERROR: <input>:1:5: undefined field 'nope'
             | self.nope == 1
             | ....^

            self.i == 'x'
            compilation failed: ERROR: <input>:1:8: found no matching overload for '_==_' applied to '(int, string)'
             | self.i == 'x'
             | .......^

            nope(self.i)
            compilation failed: ERROR: <input>:1:5: undeclared reference to 'nope' (in container '')
             | nope(self.i)
             | ....^

            self.i
            cel expression must evaluate to a bool

            self.s.all(x, true)
            compilation failed: ERROR: <input>:1:5: expression of type 'string' cannot be range of a comprehension (must be list, map, or dynamic)
             | self.s.all(x, true)
             | ....^

            [1, 'a'].size() == 2
            compilation failed: ERROR: <input>:1:5: expected type 'int' but found 'string'
             | [1, 'a'].size() == 2
             | ....^

            '%d'.format([self.s]) == ''
            compilation failed: ERROR: <input>:1:18: error during formatting: decimal clause can only be used on integers, was given string
             | '%d'.format([self.s]) == ''
             | .................^

            self.s.matches('[')
            compilation failed: ERROR: <input>:1:16: invalid matches argument
             | self.s.matches('[')
             | ...............^

            duration('x') == self.took
            compilation failed: ERROR: <input>:1:10: invalid duration argument
             | duration('x') == self.took
             | .........^

            int('x') == 1
            program instantiation failed: type conversion error from 'string' to 'int'

            self.i ==
            compilation failed: ERROR: <input>:1:10: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}
             | self.i ==
             | .........^

            has(self.map['x'])
            compilation failed: ERROR: <input>:1:13: invalid argument to has() macro
             | has(self.map['x'])
             | ............^

            self.open.z == 1
            compilation failed: ERROR: <input>:1:10: undefined field 'z'
             | self.open.z == 1
             | .........^
        "#]],
    );
}

#[test]
fn rules_that_cannot_be_evaluated() {
    check(
        &[
            "self.i == 6",
            "self.none == 1",
            "self.map['zz'] == ''",
            "self.list[7] == 1",
            "1 / (self.i - 5) == 1",
            "self.either > 3",
            "9223372036854775807 + self.i == 1",
            "self.list.all(x, 1 / (x - 1) > 5)",
            "cidr(self.s) == cidr(self.s)",
        ],
        expect![[r#"
            self.i == 6
            Invalid value: "object": failed rule: self.i == 6

            self.none == 1
            Invalid value: "object": no such key: none evaluating rule: self.none == 1

            self.map['zz'] == ''
            Invalid value: "object": no such key: zz evaluating rule: self.map['zz'] == ''

            self.list[7] == 1
            Invalid value: "object": index out of bounds: 7 evaluating rule: self.list[7] == 1

            1 / (self.i - 5) == 1
            Invalid value: "object": division by zero evaluating rule: 1 / (self.i - 5) == 1

            self.either > 3
            Invalid value: "object": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.either > 3

            9223372036854775807 + self.i == 1
            Invalid value: "object": integer overflow evaluating rule: 9223372036854775807 + self.i == 1

            self.list.all(x, 1 / (x - 1) > 5)
            Invalid value: "object": failed rule: self.list.all(x, 1 / (x - 1) > 5)

            cidr(self.s) == cidr(self.s)
            Invalid value: "object": network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("hëllo"): no '/' evaluating rule: cidr(self.s) == cidr(self.s)
        "#]],
    );
}

/// Schemas of one list of maps of texts, with or without limits.
fn unbounded(rule: &Value, limits: bool) -> Value {
    let mut inner = json!({"type": "array", "items": {"type": "string"}});
    let mut outer = json!({"type": "array", "items": inner});
    if limits {
        inner["maxItems"] = json!(5);
        inner["items"]["maxLength"] = json!(10);
        outer["items"] = inner;
        outer["maxItems"] = json!(5);
    }
    json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {"l": outer},
        "x-kubernetes-validations": [rule]}}})
}

#[test]
fn rules_that_may_cost_too_much_are_refused() {
    let rule = json!({"rule": "self.l.all(x, x.all(y, self.l.exists(z, z.exists(w, w == y))))"});
    let causes = Schema::compile(&unbounded(&rule, false)).unwrap_err();
    expect![[r#"
        FieldValueForbidden properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)
        FieldValueForbidden properties[spec].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema
        FieldValueForbidden : Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)
    "#]].assert_eq(&lines(&causes));
    assert!(Schema::compile(&unbounded(&rule, true)).is_ok());
}

#[test]
fn the_form_of_rules_is_checked() {
    let rules = json!([
        {"rule": " "},
        {"rule": "true", "message": " "},
        {"rule": "true", "message": "a\nb"},
        {"rule": "true\n&& true"},
        {"rule": "true", "reason": "Nope"},
        {"rule": "true", "fieldPath": ".nope"},
        {"rule": "true", "messageExpression": " "},
    ]);
    expect![[r#"
        FieldValueRequired properties[spec].x-kubernetes-validations[0].rule: Required value: rule is not specified
        FieldValueInvalid properties[spec].x-kubernetes-validations[1].message: Invalid value: " ": message must be non-empty if specified
        FieldValueInvalid properties[spec].x-kubernetes-validations[2].message: Invalid value: "a\nb": message must not contain line breaks
        FieldValueRequired properties[spec].x-kubernetes-validations[3].message: Required value: message must be specified if rule contains line breaks
        FieldValueNotSupported properties[spec].x-kubernetes-validations[4].reason: Unsupported value: "Nope": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"
        FieldValueInvalid properties[spec].x-kubernetes-validations[5].fieldPath: Invalid value: ".nope": fieldPath must be a valid path
        FieldValueRequired properties[spec].x-kubernetes-validations[6].messageExpression: Required value: messageExpression must be non-empty if specified
    "#]].assert_eq(&lines(&Schema::compile(&schema(&rules)).unwrap_err()));
    let rules = json!([
        {"rule": "true", "optionalOldSelf": true},
        {"rule": "true", "messageExpression": "self.i"},
    ]);
    let causes = Schema::compile(&schema(&rules)).unwrap_err();
    expect![[r#"
        FieldValueInvalid properties[spec].x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule
        FieldValueInvalid properties[spec].x-kubernetes-validations[1].messageExpression: Invalid value: apiextensions.ValidationRule{Rule:"true", Message:"", MessageExpression:"self.i", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:"", OptionalOldSelf:(*bool)(nil)}: messageExpression must evaluate to a string
    "#]].assert_eq(&lines(&causes));
    let list = json!({"type": "object", "properties": {"l": {"type": "array", "maxItems": 3, "items": {"type": "string",
        "maxLength": 5, "x-kubernetes-validations": [{"rule": "self == oldSelf"}]}}}});
    expect![[r#"
        FieldValueInvalid properties[l].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within properties[l]
    "#]].assert_eq(&lines(&Schema::compile(&list).unwrap_err()));
}

#[test]
fn messages_reasons_and_paths() {
    let rules = json!([
        {"rule": "self.i == 6", "message": " said so "},
        {"rule": "self.i == 6", "messageExpression": "'wrong for ' + self.s", "fieldPath": ".i"},
        {"rule": "self.i == 6", "messageExpression": "self.map['zz']", "message": "instead"},
        {"rule": "self.i == 6", "reason": "FieldValueForbidden", "fieldPath": ".map['x']"},
        {"rule": "self.i == 6", "reason": "FieldValueRequired"},
        {"rule": "self.i == 6", "reason": "FieldValueDuplicate"},
    ]);
    let schema = Schema::compile(&schema(&rules)).unwrap();
    expect![[r#"
        FieldValueInvalid spec: Invalid value: "object": said so
        FieldValueInvalid spec.i: Invalid value: "object": wrong for hëllo
        FieldValueInvalid spec: Invalid value: "object": instead
        FieldValueForbidden spec.map[x]: Forbidden: failed rule: self.i == 6
        FieldValueRequired spec: Required value: failed rule: self.i == 6
        FieldValueDuplicate spec: Duplicate value: "object"
    "#]]
    .assert_eq(&lines(&judge(&schema, &object(), None).causes));
}

#[test]
fn old_values() {
    let rules = json!([
        {"rule": "self.i >= oldSelf.i", "message": "no way back"},
        {"rule": "!oldSelf.hasValue() || oldSelf.value().s == self.s", "optionalOldSelf": true, "message": "s stays"},
    ]);
    let mut openapi = schema(&rules);
    openapi["properties"]["spec"]["properties"]["keyed"]["items"]["x-kubernetes-validations"] =
        json!([{"rule": "self.v >= oldSelf.v", "message": "grow"}, {"rule": "self.v < 9", "message": "below 9"}]);
    let schema = Schema::compile(&openapi).unwrap();
    assert_eq!(judge(&schema, &object(), None).causes, []);
    let mut new = object();
    new["spec"]["i"] = json!(4);
    new["spec"]["s"] = json!("other");
    new["spec"]["keyed"] = json!([{"k": "b", "v": 1}, {"k": "c", "v": 0}, {"k": "a", "v": 1}]);
    expect![[r#"
        FieldValueInvalid spec: Invalid value: "object": no way back
        FieldValueInvalid spec: Invalid value: "object": s stays
        FieldValueInvalid spec.keyed[0]: Invalid value: "object": grow
    "#]]
    .assert_eq(&lines(&judge(&schema, &new, Some(&object())).causes));
    // What is unchanged passes, and is said.
    let mut old = object();
    old["spec"]["keyed"] = json!([{"k": "a", "v": 10}]);
    let mut new = old.clone();
    new["spec"]["keyed"] = json!([{"k": "b", "v": 10}, {"k": "a", "v": 10}]);
    let judgement = judge(&schema, &new, Some(&old));
    expect![[r#"
        FieldValueInvalid spec.keyed[0]: Invalid value: "object": below 9
        ["spec.keyed[1]: Invalid value: \"object\": below 9"]"#]]
    .assert_eq(&format!("{}{:?}", lines(&judgement.causes), judgement.warnings));
}

#[test]
fn invalid_objects_are_not_put_to_rules() {
    let mut new = object();
    new["spec"]["i"] = json!("x");
    let schema = Schema::compile(&schema(&json!([{"rule": "self.i == 6"}]))).unwrap();
    expect![[r#"
        FieldValueTypeInvalid spec.i: Invalid value: "string": spec.i in body must be of type integer: "string"
        FieldValueInvalid <nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation
    "#]].assert_eq(&lines(&judge(&schema, &new, None).causes));
}

/// Without limits in the schema a definition would be refused; one that was stored before its rules were checked is not.
fn run_unchecked(rule: &str, object: &Value) -> String {
    let schema = super::super::build::root(&unbounded(&json!({"rule": rule}), false));
    lines(&judge(&schema, object, None).causes)
}

#[test]
fn no_rule_runs_for_long_or_takes_much() {
    let object = json!({"spec": {"l": vec![vec!["abc"; 400]; 400]}});
    let mut out = String::new();
    for rule in [
        "self.l.all(x, x.all(y, self.l.exists(z, z.exists(w, w + 'x' == y))))",
        "self.l.map(x, x.map(y, self.l)).size() > 0 && self.l.all(a, self.l.all(b, a == b))",
        "self.l.all(a, self.l.all(b, self.l.all(c, self == self)))",
        "[self.l].map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).size() == 1",
        "[self.l[0].join('')].map(a, a.replace('', a)).map(a, a.replace('', a)).map(a, a.replace('', a)).size() == 1",
        "self.l[0][0].matches('((((((a{100}){100}){100}){100}){100}){100})') || self.l.size() == 1",
    ] {
        out += &format!("{rule}\n{}", run_unchecked(rule, &object));
    }
    expect![[r#"
        self.l.all(x, x.all(y, self.l.exists(z, z.exists(w, w + 'x' == y))))
        FieldValueInvalid spec: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.l.all(x, x.all(y, self.l.exists(z, z.exists(w, w + 'x' == y))))
        self.l.map(x, x.map(y, self.l)).size() > 0 && self.l.all(a, self.l.all(b, a == b))
        FieldValueInvalid spec: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.l.map(x, x.map(y, self.l)).size() > 0 && self.l.all(a, self.l.all(b, a == b))
        self.l.all(a, self.l.all(b, self.l.all(c, self == self)))
        FieldValueInvalid spec: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.l.all(a, self.l.all(b, self.l.all(c, self == self)))
        [self.l].map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).size() == 1
        FieldValueInvalid spec: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: [self.l].map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).size() == 1
        [self.l[0].join('')].map(a, a.replace('', a)).map(a, a.replace('', a)).map(a, a.replace('', a)).size() == 1
        FieldValueInvalid spec: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: [self.l[0].join('')].map(a, a.replace('', a)).map(a, a.replace('', a)).map(a, a.replace('', a)).size() == 1
        self.l[0][0].matches('((((((a{100}){100}){100}){100}){100}){100})') || self.l.size() == 1
        FieldValueInvalid spec: Invalid value: "object": rule compile error: compilation failed: ERROR: <input>:1:22: invalid matches argument
         | self.l[0][0].matches('((((((a{100}){100}){100}){100}){100}){100})') || self.l.size() == 1
         | .....................^
    "#]].assert_eq(&out);
}

#[test]
fn deep_sources_are_refused() {
    for source in [
        format!("{}1{} == 1", "(".repeat(300), ")".repeat(300)),
        format!("{}true", "!".repeat(100_001)),
        format!("1{} == 1", " + 1".repeat(400)),
        format!("self{} == 1", ".x".repeat(400)),
        format!("{}1{} == 1", "[".repeat(300), "]".repeat(300)),
        format!("self.list{}.size() == 1", ".map(x, [x])".repeat(400)),
        format!("true{}", " ? true : true".repeat(300)),
    ] {
        let shown = outcome(&source);
        assert!(shown.contains("recursion limit exceeded") || shown.contains("code point size"), "{shown}");
    }
    // Long chains of one operator are no depth.
    assert_eq!(outcome(&format!("true{}", " && true".repeat(3000))), "");
}
