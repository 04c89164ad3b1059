//! What a cache keeps, and that renders of one chart stay apart.

use std::cell::Cell;

use super::*;
use crate::{
    Show,
    files::File,
    testing::{Still, given},
};

fn files(chart: &str, files: &[(&str, &str)]) -> FileSet {
    let metadata = format!("apiVersion: v2\nname: {chart}\nversion: 0.1.0\n");
    let all = files.iter().copied().chain(std::iter::once(("Chart.yaml", metadata.as_str())));
    FileSet::from_directory(all.map(|(name, text)| File::new(name, text.as_bytes())).collect()).unwrap()
}

/// Templates that write into whatever they can reach, and tell what they find there.
fn writing() -> FileSet {
    let values = "list: [a]\nmap: {kept: 1}\nglobal: {g: 1}\nsub: {own: 2}\n";
    let writes = r#"
{{- define "seen" }}{{ .Values.map | toJson }} {{ .Values.global | toJson }} {{ .Values.sub | toJson }}{{ end }}
kind: ConfigMap
before: {{ include "seen" . | quote }}
{{- $_ := set .Values.map "written" .Values.who }}
{{- $_ := set .Values.map "more" (dict "of" .Values.who) }}
{{- $_ := unset .Values.map "kept" }}
{{- $_ := set .Values.global "g" .Values.who }}
{{- $_ := set .Values.sub "own" .Values.who }}
{{- $_ := set .Release "Name" (printf "%v-again" .Release.Name) }}
{{- $_ := set .Chart "Name" (toString .Values.who) }}
{{- $found := lookup "v1" "Secret" "ns" "name" }}
lookup: {{ $found | toJson }}
{{- $_ := set $found "written" .Values.who }}
{{- $_ := set (lookup "v1" "Secret" "ns" "name") "written" .Values.who }}
{{- $_ := mergeOverwrite .Values.map (dict "merged" .Values.who) }}
after: {{ include "seen" . | quote }}
own: {{ tpl "{{ define \"own\" }}{{ .Values.who }}{{ end }}{{ include \"own\" . }}" . }}
chart: {{ .Chart.Name }} {{ .Release.Name }}
"#;
    let constant = format!("kind: CustomResourceDefinition\nmetadata: {{name: c}}\nspec: {}\n", "x".repeat(4000));
    let chart = [
        ("values.yaml", values),
        // Deeper paths are rendered first.
        ("templates/deep/a.yaml", writes),
        ("templates/b.yaml", "kind: Secret\nlast: {{ include \"seen\" . | quote }}\nname: {{ .Release.Name }}\n"),
        ("templates/crd.yaml", &constant),
        ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.0\n"),
        ("charts/sub/values.yaml", "own: 1\nlist: [1]\n"),
        (
            "charts/sub/templates/c.yaml",
            "kind: Pod\nsub: {{ .Values | toJson | quote }}{{ $_ := set .Values \"own\" 9 }}\n",
        ),
    ];
    files("writing", &chart)
}

fn release(name: &str) -> Release {
    Release { name: name.to_owned(), ..Release::default() }
}

fn text_and_objects(charts: &Charts, chart: &Chart, number: usize) -> (String, Vec<Document>) {
    let given = given(&format!("who={number},map.own{number}=x"));
    let rendered = charts.render(chart, &given, &release(&format!("r{number}")), &Still, &Still).unwrap();
    let text = rendered.text(&Show::default()).unwrap();
    (String::from_utf8(text).unwrap(), charts.objects(&rendered).unwrap())
}

/// A chart of its own, that no other render has touched.
fn alone(number: usize) -> (String, Vec<Document>) {
    let chart = Chart::load(writing(), Dialect::Helm4).unwrap();
    text_and_objects(&Charts::new(0, 0), &chart, number)
}

#[test]
fn renders_of_one_chart_side_by_side_are_what_they_are_alone() {
    let charts = Charts::new(1 << 20, 1 << 20);
    let chart = charts.chart("sha256:1", Dialect::Helm4, || Ok(writing())).unwrap();
    let wanted: Vec<_> = (0..6).map(alone).collect();
    assert!(wanted[1].0.contains(r#"\"written\":1"#) && !wanted[1].0.contains("own2"), "{}", wanted[1].0);
    assert!(wanted[1].0.contains("lookup: {}"), "{}", wanted[1].0);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (charts, chart, wanted) = (&charts, &chart, &wanted);
            scope.spawn(move || {
                for turn in 0..24 {
                    let number = (turn * 5 + thread) % wanted.len();
                    assert_eq!(text_and_objects(charts, chart, number), wanted[number]);
                }
            });
        }
    });
    // What was given to one release is not there for a release without values.
    let rendered = charts.render(&chart, &Table::new(), &release("plain"), &Still, &Still).unwrap();
    let fresh = Chart::load(writing(), Dialect::Helm4).unwrap();
    assert_eq!(rendered, render::render(&fresh, &Table::new(), &release("plain"), &Still, &Still).unwrap());
}

#[test]
fn constant_documents_are_one_object_for_all_renders() {
    let charts = Charts::new(1 << 20, 1 << 20);
    let chart = charts.chart("sha256:1", Dialect::Helm4, || Ok(writing())).unwrap();
    let crd = |number| {
        let (_, documents) = text_and_objects(&charts, &chart, number);
        let found = documents.into_iter().find(|document| document.source.ends_with("crd.yaml"));
        found.map(|document| document.object).unwrap()
    };
    assert!(Arc::ptr_eq(&crd(1), &crd(2)));
}

#[test]
fn a_chart_is_loaded_once_for_each_digest_and_helm() {
    let charts = Charts::new(1 << 20, 0);
    let loads = Cell::new(0);
    let load = |digest: &str, dialect| {
        let files = || {
            loads.set(loads.get() + 1);
            Ok(files(digest, &[]))
        };
        charts.chart(digest, dialect, files).unwrap()
    };
    let first = load("one", Dialect::Helm4);
    assert!(Arc::ptr_eq(&first, &load("one", Dialect::Helm4)));
    assert_eq!((load("two", Dialect::Helm4).name(), load("one", Dialect::Helm3).name()), ("two", "one"));
    assert_eq!((loads.get(), charts.kept().0), (3, 3));
    let failed = charts.chart("three", Dialect::Helm4, || Err(Error::new("unreachable")));
    assert_eq!(failed.unwrap_err().to_string(), "unreachable");
    assert_eq!(charts.kept().0, 3, "what failed is asked for again");
}

#[test]
fn the_least_recently_used_chart_makes_room() {
    let charts = Charts::new(3 * CHART_BYTES, 0);
    let is_new = |digest: &str| {
        let asked = Cell::new(false);
        let files = || {
            asked.set(true);
            Ok(files(digest, &[]))
        };
        charts.chart(digest, Dialect::Helm4, files).unwrap();
        asked.get()
    };
    assert_eq!([is_new("a"), is_new("b"), is_new("a"), is_new("c")], [true, true, false, true]);
    assert!(charts.kept().1 <= 3 * CHART_BYTES);
    assert_eq!([is_new("a"), is_new("c"), is_new("b")], [false, false, true], "b was not used for the longest time");
    // One that is larger than all that may be kept drives nobody out.
    let large = "x".repeat(CHART_BYTES);
    charts.chart("large", Dialect::Helm4, || Ok(files("large", &[("values.yaml", &format!("a: {large}"))]))).unwrap();
    assert!(!is_new("b"));
}

#[test]
fn documents_stay_within_their_bytes() {
    const BYTES: usize = 100_000;
    let charts = Charts::new(1 << 20, BYTES);
    let chart = charts.chart("sha256:1", Dialect::Helm4, || Ok(writing())).unwrap();
    let mut most = 0;
    for number in 0..100 {
        assert_eq!(text_and_objects(&charts, &chart, number), alone(number));
        most = most.max(charts.kept().2);
    }
    assert!(most > BYTES / 4 && most <= BYTES, "{most}");
}
