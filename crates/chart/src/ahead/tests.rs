//! With threads and without, a render gives the same, also what is wrong with it.

use std::sync::Arc;

use gotemplate::{Dialect, Text};

use super::Ahead;
use crate::{
    Chart, Release, Show, render,
    testing::{Still, file_set, given, printed},
};

/// As [`printed`], with so many threads beside.
fn beside(threads: usize, files: &[(&str, &str)], set: &str) -> String {
    let ahead = Arc::new(Ahead::default());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| ahead.work());
        }
        let release = Release { name: "r".to_owned(), ..Release::default() };
        let chart = file_set(files).and_then(|files| Chart::load_ahead(files, Dialect::Helm4, &ahead));
        let rendered = chart.and_then(|chart| render(&chart, &given(set), &release, &Still, &Still));
        ahead.close();
        match rendered.and_then(|rendered| rendered.text(&Show::default())) {
            Ok(text) => Text::from(text).to_string(),
            Err(error) => format!("Error: {error}\n"),
        }
    })
}

fn check(files: &[(&str, &str)], set: &str) {
    let alone = printed(files, set, Dialect::Helm4);
    for threads in [0, 1, 3] {
        for _ in 0..20 {
            assert_eq!(beside(threads, files, set), alone);
        }
    }
}

const LIBRARY: &str = r#"{{ define "lib.name" }}{{ .Chart.Name }} {{ .Template.Name }}{{ end }}"#;

/// A chart that is there twice under other names, a library in two places, one template that names its own file.
fn twice() -> Vec<(&'static str, &'static str)> {
    let chart = "apiVersion: v2\nname: demo\nversion: 0.1.0\ndependencies:\n\
                 - {name: sub, version: 0.1.0, alias: one}\n- {name: sub, version: 0.1.0, alias: two, condition: second}\n";
    vec![
        ("Chart.yaml", chart),
        ("templates/_lib.tpl", LIBRARY),
        ("templates/own.yaml", "{{ define \"demo/templates/own.yaml\" }}kind: A{{ end }}kind: B\n"),
        ("templates/NOTES.txt", "{{ include \"lib.name\" . }}"),
        ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.0\n"),
        ("charts/sub/templates/_lib.tpl", LIBRARY),
        ("charts/sub/templates/a.yaml", "kind: ConfigMap\nname: {{ include \"lib.name\" . }}\n---\nkind: Pod\n"),
        (
            "charts/sub/templates/b.yaml",
            "{{ if .Values.fails }}{{ fail (include \"lib.name\" .) }}{{ end }}kind: Job\n",
        ),
    ]
}

#[test]
fn names_of_aliases_and_files_that_share_a_text() {
    check(&twice(), "second=true");
    check(&twice(), "second=false");
    check(&twice(), "two.fails=true");
}

#[test]
fn the_first_of_several_faults_is_told() {
    let mut files = twice();
    files.push(("templates/c.yaml", "{{ if }}"));
    files.push(("charts/sub/templates/c.yaml", "\n{{ nofunction }}"));
    check(&files, "second=true");
    let mut files = twice();
    files.push(("templates/c.yaml", "kind: [\n"));
    files.push(("templates/d.yaml", "kind: Job\n---\na: b: c\n"));
    check(&files, "second=true");
}

#[test]
fn a_fault_of_what_takes_no_part_is_not_told() {
    let mut files = twice();
    files[0].1 =
        "apiVersion: v2\nname: demo\nversion: 0.1.0\ndependencies: [{name: sub, version: 0.1.0, condition: on}]\n";
    files.push(("charts/sub/templates/c.yaml", "{{ nofunction }}"));
    check(&files, "on=false");
    check(&files, "on=true");
}
