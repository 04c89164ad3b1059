//! Randomness by seed, and the limits.

use expect_test::expect;

use super::check;
use crate::testing::{TestHost, render_with};

#[test]
fn randomness_comes_from_the_host() {
    let template = "{{ randAlphaNum 8 }} {{ randAlpha 8 }} {{ randNumeric 8 }} {{ randAscii 8 | len }} {{ uuidv4 }} {{ shuffle \"abcdef\" }} {{ randInt 5 10 }}";
    let render = |seed| render_with(&TestHost::seeded(seed), template, "{}");
    assert_eq!(render(1), render(1));
    assert_ne!(render(1), render(2));
    expect!["D9JAoM6D LnNKMKmj 64950932 8 2a53f973-70de-4808-8967-baf52a59453d fadecb 9"].assert_eq(&render(1));
}

#[test]
fn random_texts_refuse_what_go_refuses() {
    check(
        r##"
        randAlphaNum -5 | quote
        randAlpha 0 | quote
        randInt 5 5
        randInt 5 6
        shuffle "" | quote
        "##,
        expect![[r#"
            randAlphaNum -5 | quote
                "\"\""
            randAlpha 0 | quote
                "\"\""
            randInt 5 5
                ! error calling randInt: invalid argument to Intn
            randInt 5 6
                "5"
            shuffle "" | quote
                "\"\""
        "#]],
    );
}

#[test]
fn one_call_makes_no_more_than_its_limit() {
    check(
        r##"
        repeat 100000000 "ab"
        indent 100000000 "a\nb"
        nindent 9223372036854775807 "a"
        $s := repeat 100000 "a" }}{{ replace "a" $s $s
        $s := repeat 100000 "a" }}{{ replace "" $s $s
        $s := repeat 60000000 "a" }}{{ cat $s $s
        $s := repeat 60000000 "a" }}{{ join "," (list $s $s)
        $s := repeat 100000 "ab" }}{{ regexReplaceAll "a" $s $s
        $s := repeat 100000 "ab" }}{{ wrapWith 1 $s $s
        randAlphaNum 100000000
        until 1048577
        untilStep 0 9223372036854775807 1
        seq -9223372036854775808 9223372036854775807
        "##,
        expect![[r#"
            repeat 100000000 "ab"
                ! error calling repeat: a text of 200000000 bytes is over the limit of 67108864 bytes
            indent 100000000 "a\nb"
                ! error calling indent: a text of 100000000 bytes is over the limit of 67108864 bytes
            nindent 9223372036854775807 "a"
                ! error calling nindent: a text of 9223372036854775807 bytes is over the limit of 67108864 bytes
            $s := repeat 100000 "a" }}{{ replace "a" $s $s
                ! error calling replace: a text of 10000000000 bytes is over the limit of 67108864 bytes
            $s := repeat 100000 "a" }}{{ replace "" $s $s
                ! error calling replace: a text of 10000200000 bytes is over the limit of 67108864 bytes
            $s := repeat 60000000 "a" }}{{ cat $s $s
                ! error calling cat: a text of 120000001 bytes is over the limit of 67108864 bytes
            $s := repeat 60000000 "a" }}{{ join "," (list $s $s)
                ! error calling join: a text of 120000002 bytes is over the limit of 67108864 bytes
            $s := repeat 100000 "ab" }}{{ regexReplaceAll "a" $s $s
                ! error calling regexReplaceAll: a text of 67200335 bytes is over the limit of 67108864 bytes
            $s := repeat 100000 "ab" }}{{ wrapWith 1 $s $s
                ! error calling wrapWith: a text of 67200336 bytes is over the limit of 67108864 bytes
            randAlphaNum 100000000
                ! error calling randAlphaNum: a text of 100000000 bytes is over the limit of 67108864 bytes
            until 1048577
                ! error calling until: a list of 1048577 items is over the limit of 1048576 items
            untilStep 0 9223372036854775807 1
                ! error calling untilStep: a list of 9223372036854775807 items is over the limit of 1048576 items
            seq -9223372036854775808 9223372036854775807
                ""
        "#]],
    );
}

#[test]
fn values_within_values_end() {
    // A map that holds the one before it twice: sixty levels would be 2^60 values.
    let shared = r#"{{ $d := dict "x" 1 }}{{ range until 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}"#;
    // A map that holds itself.
    let endless = r#"{{ $d := dict }}{{ $_ := set $d "d" $d }}"#;
    let mut outcomes = String::new();
    for (name, value) in [("shared", shared), ("endless", endless)] {
        for call in [
            "deepCopy $d",
            "merge (dict \"a\" (dict \"x\" 2) \"d\" (dict \"x\" 2)) $d | len",
            "mergeOverwrite $d $d | len",
            "toJson $d | len",
            "toYaml $d | len",
            "deepEqual $d (dict \"d\" (dict \"d\" $d)) | toString",
        ] {
            let outcome = crate::testing::render(&format!("{value}{{{{ {call} }}}}"), "{}");
            let outcome = outcome.rsplit(">: ").next().unwrap_or_default().to_owned();
            outcomes.push_str(&format!("{name}: {call}: {outcome}\n"));
        }
    }
    expect![[r#"
        shared: deepCopy $d: error calling deepCopy: the value holds more than 1000000 others
        shared: merge (dict "a" (dict "x" 2) "d" (dict "x" 2)) $d | len: 3
        shared: mergeOverwrite $d $d | len: error calling mergeOverwrite: the value holds more than 1000000 others
        shared: toJson $d | len: error calling toJson: the document is over the limit of 67108864 bytes
        shared: toYaml $d | len: error calling toYaml: the document is over the limit of 67108864 bytes
        shared: deepEqual $d (dict "d" (dict "d" $d)) | toString: false
        endless: deepCopy $d: error calling deepCopy: the value nests deeper than 1000 levels, or contains itself
        endless: merge (dict "a" (dict "x" 2) "d" (dict "x" 2)) $d | len: 2
        endless: mergeOverwrite $d $d | len: error calling mergeOverwrite: the value nests deeper than 1000 levels, or contains itself
        endless: toJson $d | len: 0
        endless: toYaml $d | len: 0
        endless: deepEqual $d (dict "d" (dict "d" $d)) | toString: true
    "#]].assert_eq(&outcomes);
}

#[test]
fn lists_do_not_grow_without_end() {
    check(
        r##"
        $l := until 1000000 }}{{ range until 30 }}{{ $l = concat $l $l }}{{ end }}{{ len $l
        $l := until 1048576 }}{{ append $l 1
        $l := until 1048576 }}{{ prepend $l 1
        "##,
        expect![[r#"
            $l := until 1000000 }}{{ range until 30 }}{{ $l = concat $l $l }}{{ end }}{{ len $l
                ! error calling concat: a list of 2000000 items is over the limit of 1048576 items
            $l := until 1048576 }}{{ append $l 1
                ! error calling append: a list of 1048577 items is over the limit of 1048576 items
            $l := until 1048576 }}{{ prepend $l 1
                ! error calling prepend: a list of 1048577 items is over the limit of 1048576 items
        "#]],
    );
}
