//! Which values count as read.

use expect_test::{Expect, expect};

use super::{TestHost, data, table};
use crate::{
    exec::{Limits, Run, Templates},
    value::{Map, Text, Value},
};

const VALUES: &str = r#"{"image":{"repository":"r","tag":"t","pull.policy":"p"},"replicas":1,"resources":{"cpu":1,"memory":2},
"hosts":[{"name":"a","port":1},{"name":"b"}],"env":{"A":{"v":1},"B":{"v":2}},"list":[1,2],"empty":{},"other":{"deep":{"x":1}}}"#;

fn check(template: &str, expected: Expect) {
    let values = data(VALUES);
    let Value::Map(root) = &values else { panic!("the values are a map") };
    let data = Value::Map(Map::from_iter([(Text::from("Values"), values.clone())]));
    let mut templates = Templates::with_functions(table());
    templates.parse("t", template).unwrap();
    let host = TestHost::seeded(7);
    let mut run = Run::new(&templates, &host, Limits::default());
    run.track("", root);
    run.execute("t", &data).unwrap();
    let reads = run.reads().unwrap();
    let missing = reads.missing().collect::<Vec<_>>().join(" ");
    let missing = if missing.is_empty() { missing } else { format!("; missing: {missing}") };
    expected.assert_eq(&format!("{}{missing}", reads.unread().join(" ")));
}

#[test]
fn fields_read_what_they_name() {
    check("", expect!["empty env hosts image list other replicas resources"]);
    check(
        "{{ .Values.image.tag }}{{ .Values.replicas }}{{ .Values.list }}",
        expect![[r#"empty env hosts image.pull\.policy image.repository other resources"#]],
    );
    check(
        "{{ index .Values \"image\" \"tag\" }}{{ index .Values.hosts 0 \"name\" }}",
        expect![[
            r#"empty env hosts[0].port hosts[1].name image.pull\.policy image.repository list other replicas resources"#
        ]],
    );
    check(
        "{{ .Values.imgae }}{{ .Values.other.shallow }}",
        expect!["empty env hosts image list other.deep replicas resources; missing: imgae other.shallow"],
    );
}

#[test]
fn conditions_read_no_further() {
    check(
        "{{ if .Values.image }}{{ end }}{{ with .Values.other }}{{ .deep.x }}{{ end }}",
        expect![[r#"empty env hosts image.pull\.policy image.repository image.tag list replicas resources"#]],
    );
}

#[test]
fn whole_uses_read_everything_below() {
    check("{{ toYaml .Values.image }}{{ .Values.other }}", expect!["empty env hosts list replicas resources"]);
    check(
        "{{ toYaml (list .Values.other 1) }}{{ toYaml .Values.hosts }}",
        expect!["empty env image list replicas resources"],
    );
    check("{{ toYaml .Values }}", expect![[r#""#]]);
}

#[test]
fn loops_read_the_keys() {
    check(
        "{{ range $k, $v := .Values.env }}{{ $v.v }}{{ end }}{{ range .Values.hosts }}{{ .name }}{{ end }}",
        expect!["empty hosts[0].port image list other replicas resources"],
    );
    check(
        "{{ range $k, $v := .Values.env }}{{ $k }}{{ end }}{{ if .Values.hosts }}{{ end }}",
        expect!["empty env.A.v env.B.v image list other replicas resources"],
    );
}

#[test]
fn other_templates_read_too() {
    check(
        "{{ define \"i\" }}{{ .tag }}{{ end }}{{ include \"i\" .Values.image }}{{ tpl \"{{ .Values.replicas }}\" . }}",
        expect![[r#"empty env hosts image.pull\.policy image.repository list other resources"#]],
    );
    check(
        "{{ $i := .Values.image }}{{ $i.repository }}{{ $_ := set .Values \"new\" 1 }}{{ .Values.new }}",
        expect![[r#"empty env hosts image.pull\.policy image.tag list other replicas resources"#]],
    );
}
