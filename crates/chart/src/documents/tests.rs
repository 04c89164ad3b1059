//! Objects of a render, converted once, and renders side by side.

use std::sync::Arc;

use expect_test::expect;
use gotemplate::Dialect;

use super::*;
use crate::{
    Release, render,
    testing::{Still, given, load, render_with},
};

const HOOK: &str =
    "kind: Job\nmetadata: {name: h, annotations: {helm.sh/hook: test, helm.sh/hook-delete-policy: hook-failed}}\n";

fn files(crd: &str) -> Vec<(&str, &str)> {
    vec![
        ("templates/a.yaml", "kind: ConfigMap\nmetadata: {name: a}\n---\n# nothing\n"),
        ("templates/h.yaml", HOOK),
        ("templates/crd.yaml", crd),
    ]
}

#[test]
fn objects_in_the_order_of_installation() {
    let crd = format!("kind: CustomResourceDefinition\nmetadata: {{name: c}}\nspec: {}\n", "x".repeat(600));
    let rendered = render_with(&files(&crd), "", Dialect::Helm4).unwrap();
    let documents = Documents::default();
    let first = documents.of(&rendered).unwrap();
    let told: Vec<String> = first
        .iter()
        .map(|document| format!("{} {} {:?}", document.object["kind"], document.source, document.hook))
        .collect();
    expect![[r#"
        "ConfigMap" demo/templates/a.yaml None
        "CustomResourceDefinition" demo/templates/crd.yaml None
        "Job" demo/templates/h.yaml Some(HookInfo { events: ["test"], weight: 0, delete_policies: ["hook-failed"] })"#]]
    .assert_eq(&told.join("\n"));
    let again = documents.of(&rendered).unwrap();
    assert!(Arc::ptr_eq(&first[1].object, &again[1].object), "a large text is converted once");
}

#[test]
fn a_chart_is_shared_by_threads_and_its_renders_are_not() {
    let files =
        [("values.yaml", "x: 0\n"), ("templates/a.yaml", "{{ $_ := set .Values \"y\" .Values.x }}v: {{ .Values.y }}")];
    let chart = load(&files, Dialect::Helm4).unwrap();
    let texts: Vec<String> = std::thread::scope(|scope| {
        let one = |number: usize| {
            let chart = &chart;
            scope.spawn(move || {
                let given = given(&format!("x={number}"));
                let rendered = render(chart, &given, &Release::default(), &Still, &Still).unwrap();
                String::from_utf8_lossy(&rendered.manifests[0].text).into_owned()
            })
        };
        let threads: Vec<_> = (1..=8).map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let wanted: Vec<String> = (1..=8).map(|number| format!("v: {number}")).collect();
    assert_eq!(texts, wanted);
}
