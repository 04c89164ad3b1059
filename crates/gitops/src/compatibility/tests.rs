use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::{
    crds,
    sync::options::Options,
    tests::world::{World, gvk, merge},
};

/// The paths of all fields without fields of their own.
fn leaves(schema: &Value, path: &str, out: &mut BTreeSet<String>) {
    if let Some(children) = schema["properties"].as_object() {
        children.iter().for_each(|(name, child)| leaves(child, &format!("{path}.{name}"), out));
    } else if schema["type"] == "array" && schema["items"]["properties"].is_object() {
        leaves(&schema["items"], &format!("{path}[]"), out);
    } else {
        out.insert(path.to_string());
    }
}

fn check_complete(kind: &str, part: &str, rows: &[Row]) {
    let crd = crds().into_iter().find(|crd| crd["spec"]["names"]["kind"] == kind).unwrap();
    let mut fields = BTreeSet::new();
    leaves(&crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"][part], part, &mut fields);
    let covers = |row: &Row, field: &str| {
        field.strip_prefix(row.what).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let missing: Vec<&String> = fields.iter().filter(|field| !rows.iter().any(|row| covers(row, field))).collect();
    assert!(missing.is_empty(), "{kind}: no row for {missing:?}");
    for row in rows {
        assert!(fields.iter().any(|field| covers(row, field)), "{kind} has no field {}", row.what);
    }
}

#[test]
fn every_field_of_the_definitions_has_a_row_and_every_row_a_field() {
    check_complete("Application", "spec", APPLICATION);
    check_complete("Application", "operation", OPERATION);
    check_complete("AppProject", "spec", PROJECT);
}

const OBJECT: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: ANNOTATIONS}}";

fn world(spec: Value, annotations: &Value) -> World {
    let mut world = World::new(spec);
    let plain = "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}";
    world.commit(&[
        ("samples/a.yaml", &OBJECT.replace("ANNOTATIONS", &annotations.to_string())),
        ("samples/b.yaml", plain),
    ]);
    world
}

/// What a user sees after two passes: the Application's line and its conditions.
fn outcome(world: &mut World) -> String {
    world.pass();
    world.pass();
    format!("{}\n{}", world.line(), world.conditions())
}

/// The last part of a path, which a refusal or a warning must name.
fn last(what: &str) -> &str {
    what.rsplit('.').next().unwrap_or(what)
}

fn check(row: &Row, said: &str, named: &str) {
    let refused = said.contains("InvalidSpecError") || said.contains(" Error: ") || said.contains(" Failed: ");
    let warned = said.contains("UnsupportedOptionWarning");
    match row.verdict {
        Verdict::Supported => assert!(row.example.is_empty(), "{}: an example of nothing", row.what),
        Verdict::Partly => assert!(refused || warned, "{}: neither refused nor warned of:\n{said}", row.what),
        Verdict::Ignored => assert!(warned && said.contains(named), "{}: no warning names it:\n{said}", row.what),
        Verdict::Refused => assert!(refused && said.contains(named), "{}: not refused by name:\n{said}", row.what),
    }
}

fn examples(rows: &[Row]) -> impl Iterator<Item = (&Row, Value)> {
    let wanting = rows.iter().filter(|row| row.verdict != Verdict::Supported);
    wanting.map(|row| (row, serde_json::from_str(row.example).unwrap_or_else(|e| panic!("{}: {e}", row.what))))
}

#[test]
fn fields_of_the_spec_are_refused_or_warned_of_as_published() {
    for (row, patch) in examples(APPLICATION) {
        let mut spec = json!({"syncPolicy": {"automated": {}}});
        merge(&mut spec, &patch);
        // A merge of two patches would lose the nulls that remove something.
        let mut world = world(spec, &json!({}));
        world.edit_app(|app| merge(&mut app["spec"], &patch));
        check(row, &outcome(&mut world), last(row.what));
    }
}

#[test]
fn fields_of_the_operation_are_refused_as_published() {
    for (row, patch) in examples(OPERATION) {
        let mut world = world(json!({}), &json!({}));
        world.edit_app(|app| app["operation"] = json!({ "sync": patch }));
        check(row, &outcome(&mut world), last(row.what));
    }
}

#[test]
fn a_source_of_the_operation_needs_the_same_leave() {
    let mut world = world(json!({}), &json!({}));
    let source = json!({"repoURL": "https://git.test/other.git", "path": "p", "kustomize": {}});
    world.edit_app(|app| app["operation"] = json!({"sync": {"source": source}}));
    world.put(project(&json!({"sourceRepos": ["https://git.test/r.git"]})));
    let said = outcome(&mut world);
    for expected in [
        "operation.sync.source: spec.source.kustomize is not supported yet",
        "operation.sync.source: application repo https://git.test/other.git is not permitted",
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

fn project(patch: &Value) -> Value {
    let mut project = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
        "metadata": {"name": "default", "namespace": "argocd"},
        "spec": {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}],
            "clusterResourceWhitelist": [{"group": "*", "kind": "*"}]}});
    merge(&mut project["spec"], patch);
    project
}

#[test]
fn fields_of_the_project_are_refused_or_warned_of_as_published() {
    for (row, patch) in examples(PROJECT) {
        let mut world = world(json!({"syncPolicy": {"automated": {}}}), &json!({}));
        world.kinds.insert(gvk("argoproj.io", "v1alpha1", "AppProject"), crate::Scope::Namespaced);
        world.put(project(&patch));
        check(row, &outcome(&mut world), last(row.what));
    }
}

#[test]
fn sync_options_are_supported_or_warned_of_as_published() {
    for row in SYNC_OPTIONS {
        let option = [row.what.to_string()];
        let unsupported = Options(&option).unsupported().next().is_some();
        assert_eq!(unsupported, row.verdict == Verdict::Ignored, "{}", row.what);
        if row.verdict == Verdict::Ignored {
            check(row, &outcome(&mut world(json!({"syncPolicy": {"syncOptions": option}}), &json!({}))), row.what);
            let annotations = json!({"argocd.argoproj.io/sync-options": row.what});
            check(row, &outcome(&mut world(json!({}), &annotations)), row.what);
        }
    }
    // Every supported option has a row, up to its value.
    for option in crate::sync::options::SUPPORTED {
        let key = option.split('=').next().unwrap_or(option);
        assert!(SYNC_OPTIONS.iter().any(|row| row.what.starts_with(key)), "{option} has no row");
    }
}

#[test]
fn annotations_are_refused_or_warned_of_as_published() {
    for (row, annotations) in examples(ANNOTATIONS) {
        let on_application = row.note.starts_with("on the Application");
        let of_object = if on_application { json!({}) } else { annotations.clone() };
        let mut world = world(json!({"syncPolicy": {"automated": {}, "retry": {"limit": 0}}}), &of_object);
        if on_application {
            world.edit_app(|app| app["metadata"]["annotations"] = annotations.clone());
        }
        check(row, &outcome(&mut world), row.what.split(['*', '-']).next().unwrap_or(row.what));
    }
}
