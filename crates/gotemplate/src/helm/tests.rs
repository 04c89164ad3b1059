//! Helm's own functions, as templates call them; the texts are Helm 4.1's.

use expect_test::{Expect, expect};

use crate::testing::render;

/// Renders each line as a template and holds all outcomes together.
fn check(templates: &str, expected: Expect) {
    let mut outcomes = String::new();
    for template in templates.lines().map(str::trim).filter(|line| !line.is_empty()) {
        outcomes
            .push_str(&format!("{template}\n    {:?}\n", render(template, r#"{"a": 5, "empty": "", "nil": null}"#)));
    }
    expected.assert_eq(&outcomes);
}

#[test]
fn other_templates() {
    check(
        r##"
        {{ define "x" }}<{{ .a }}>{{ end }}{{ include "x" . | quote }}
        {{ define "x" }}{{ .nil }}{{ end }}{{ include "x" . | quote }}
        {{ include "nope" . }}
        {{ define "x" }}{{ fail "low" }}{{ end }}{{ include "x" . }}
        {{ define "x" }}{{ $v }}{{ end }}
        {{ tpl "{{ .a }}{{ .nope }}" . | quote }}
        {{ define "x" }}<{{ . }}>{{ end }}{{ tpl "{{ include \"x\" .a }}" . }}
        {{ tpl "{{ define \"y\" }}y{{ end }}{{ include \"y\" . }}" . }}{{ include "y" . }}
        {{ tpl "{{ nope }}" . }}
        {{ tpl "{{ fail \"low\" }}" . }}
        {{ tpl .empty . | quote }}
        {{ tpl 5 . }}
        "##,
        expect![[r#"
            {{ define "x" }}<{{ .a }}>{{ end }}{{ include "x" . | quote }}
                "\"<5>\""
            {{ define "x" }}{{ .nil }}{{ end }}{{ include "x" . | quote }}
                "\"<no value>\""
            {{ include "nope" . }}
                "template: t:1:3: executing \"t\" at <include \"nope\" .>: error calling include: template: no template \"nope\" associated with template \"gotpl\""
            {{ define "x" }}{{ fail "low" }}{{ end }}{{ include "x" . }}
                "template: t:1:44: executing \"t\" at <include \"x\" .>: error calling include: template: t:1:19: executing \"x\" at <fail \"low\">: error calling fail: HELM_ERR_STARTlowHELM_ERR_END"
            {{ define "x" }}{{ $v }}{{ end }}
                "template: t:1: undefined variable \"$v\""
            {{ tpl "{{ .a }}{{ .nope }}" . | quote }}
                "\"5\""
            {{ define "x" }}<{{ . }}>{{ end }}{{ tpl "{{ include \"x\" .a }}" . }}
                "<5>"
            {{ tpl "{{ define \"y\" }}y{{ end }}{{ include \"y\" . }}" . }}{{ include "y" . }}
                "template: t:1:66: executing \"t\" at <include \"y\" .>: error calling include: template: no template \"y\" associated with template \"gotpl\""
            {{ tpl "{{ nope }}" . }}
                "template: t:1:3: executing \"t\" at <tpl \"{{ nope }}\" .>: error calling tpl: cannot parse template \"{{ nope }}\": template: gotpl:1: function \"nope\" not defined"
            {{ tpl "{{ fail \"low\" }}" . }}
                "template: t:1:3: executing \"t\" at <tpl \"{{ fail \\\"low\\\" }}\" .>: error calling tpl: error during tpl function execution for \"{{ fail \\\"low\\\" }}\": template: gotpl:1:3: executing \"gotpl\" at <fail \"low\">: error calling fail: HELM_ERR_STARTlowHELM_ERR_END"
            {{ tpl .empty . | quote }}
                "\"\""
            {{ tpl 5 . }}
                "template: t:1:7: executing \"t\" at <5>: expected string; found 5"
        "#]],
    );
}

#[test]
fn refusing() {
    check(
        r##"
        {{ required "need it" .nil }}
        {{ required "need it" .empty }}
        {{ required "need it" .nope }}
        {{ required "need it" 0 }} {{ required "need it" false }} {{ required "need it" (list) }} {{ required "need it" .a }}
        {{ fail "because" }}
        {{ lookup "v1" "Secret" "ns" "name" | toJson }}
        {{ getHostByName "example.com" | quote }}
        "##,
        expect![[r#"
            {{ required "need it" .nil }}
                "template: t:1:3: executing \"t\" at <required \"need it\" .nil>: error calling required: HELM_ERR_STARTneed itHELM_ERR_END"
            {{ required "need it" .empty }}
                "template: t:1:3: executing \"t\" at <required \"need it\" .empty>: error calling required: HELM_ERR_STARTneed itHELM_ERR_END"
            {{ required "need it" .nope }}
                "template: t:1:3: executing \"t\" at <required \"need it\" .nope>: error calling required: HELM_ERR_STARTneed itHELM_ERR_END"
            {{ required "need it" 0 }} {{ required "need it" false }} {{ required "need it" (list) }} {{ required "need it" .a }}
                "0 false [] 5"
            {{ fail "because" }}
                "template: t:1:3: executing \"t\" at <fail \"because\">: error calling fail: HELM_ERR_STARTbecauseHELM_ERR_END"
            {{ lookup "v1" "Secret" "ns" "name" | toJson }}
                "{}"
            {{ getHostByName "example.com" | quote }}
                "\"\""
        "#]],
    );
}

#[test]
fn documents() {
    check(
        r##"
        {{ toYaml . }}
        {{ toYaml (dict "b" (list 1 "x" nil) "a" (dict)) }}
        {{ toYaml nil }} {{ toYaml "" }} {{ toYaml "a: b" }} {{ toYaml 1.5 }} {{ toYaml true }}
        {{ toYaml (rest (list)) }} {{ toYaml (list) }} {{ toYaml (merge nil nil) }} {{ toYamlPretty (rest (list)) }} {{ toYaml (dict "a" (rest (list))) }}
        {{ mustToYaml (dict "a" 1) }}
        {{ mustToYaml (dict "a" (float64 "inf")) }}
        {{ toYaml (dict "a" (float64 "inf")) | quote }}
        {{ toYamlPretty (dict "a" (list 1 (dict "b" 2))) }}
        {{ fromYaml "a: [1, x]\nb: yes" | toJson }}
        {{ fromYaml "- a" | toJson }}
        {{ fromYaml "a: b: c" | toJson }}
        {{ fromYaml "" | toJson }}
        {{ fromYamlArray "- a\n- 1" | toJson }}
        {{ fromYamlArray "a: 1" | toJson }}
        {{ fromYamlArray "" | toJson }}
        {{ (fromYaml "n: 5").n | typeOf }}
        "##,
        expect![[r#"
            {{ toYaml . }}
                "a: 5\nempty: \"\"\nnil: null"
            {{ toYaml (dict "b" (list 1 "x" nil) "a" (dict)) }}
                "a: {}\nb:\n- 1\n- x\n- null"
            {{ toYaml nil }} {{ toYaml "" }} {{ toYaml "a: b" }} {{ toYaml 1.5 }} {{ toYaml true }}
                "null \"\" 'a: b' 1.5 true"
            {{ toYaml (rest (list)) }} {{ toYaml (list) }} {{ toYaml (merge nil nil) }} {{ toYamlPretty (rest (list)) }} {{ toYaml (dict "a" (rest (list))) }}
                "null [] null [] a: null"
            {{ mustToYaml (dict "a" 1) }}
                "a: 1"
            {{ mustToYaml (dict "a" (float64 "inf")) }}
                "template: t:1:3: executing \"t\" at <mustToYaml (dict \"a\" (float64 \"inf\"))>: error calling mustToYaml: error marshaling into JSON: json: unsupported value: +Inf"
            {{ toYaml (dict "a" (float64 "inf")) | quote }}
                "\"\""
            {{ toYamlPretty (dict "a" (list 1 (dict "b" 2))) }}
                "a:\n  - 1\n  - b: 2"
            {{ fromYaml "a: [1, x]\nb: yes" | toJson }}
                "{\"a\":[1,\"x\"],\"b\":true}"
            {{ fromYaml "- a" | toJson }}
                "{\"Error\":\"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}\"}"
            {{ fromYaml "a: b: c" | toJson }}
                "{\"Error\":\"error converting YAML to JSON: yaml: mapping values are not allowed in this context\"}"
            {{ fromYaml "" | toJson }}
                "{}"
            {{ fromYamlArray "- a\n- 1" | toJson }}
                "[\"a\",1]"
            {{ fromYamlArray "a: 1" | toJson }}
                "[\"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into Go value of type []interface {}\"]"
            {{ fromYamlArray "" | toJson }}
                "[]"
            {{ (fromYaml "n: 5").n | typeOf }}
                "<nil>"
        "#]],
    );
}
