use expect_test::expect;
use serde_json::{Value, json};

use super::*;

fn definition(plural: &str, kind: &str, short: &[&str]) -> Value {
    let mut definition = json!({
        "metadata": { "name": format!("{plural}.x.io") },
        "spec": { "group": "x.io", "scope": "Namespaced", "names": { "plural": plural, "kind": kind, "shortNames": short },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object" } } }] },
    });
    prepare(&mut definition);
    definition
}

const NOW: &str = "2025-06-01T12:00:00Z";

fn settled(definition: &Value, others: &[Value]) -> Value {
    let mut settled = definition.clone();
    settled["status"] = names::desired_status(definition, others, NOW);
    settled
}

fn show(definition: &Value) -> String {
    let conditions = definition["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let lines = conditions.iter().map(|c| format!("{} {} {}", c["type"], c["status"], c["message"]));
    format!("{}\n{}", definition["status"]["acceptedNames"], lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn names_that_others_hold_are_not_accepted() {
    let first = settled(&definition("things", "Thing", &["th"]), &[]);
    expect![[r#"
        {"kind":"Thing","listKind":"ThingList","plural":"things","shortNames":["th"],"singular":"thing"}
        "NamesAccepted" "True" "no conflicts found"
        "Established" "True" "the initial names have been accepted""#]]
    .assert_eq(&show(&first));
    let second = definition("others", "Thing", &["th", "ot"]);
    expect![[r#"
        {"plural":"others"}
        "NamesAccepted" "False" "\"thing\" is already in use"
        "Established" "False" "not all names are accepted""#]]
    .assert_eq(&show(&settled(&second, std::slice::from_ref(&first))));
    let alone = settled(&settled(&second, &[first]), &[]);
    assert!(names::is_true(alone["status"]["conditions"].as_array().expect("conditions"), "Established"));
}

#[test]
fn settling_twice_changes_nothing() {
    let once = settled(&definition("things", "Thing", &[]), &[]);
    assert_eq!(settled(&once, &[]), once);
}

#[test]
fn what_is_established_keeps_its_promises() {
    let old = settled(&definition("things", "Thing", &[]), &[]);
    let mut new = old.clone();
    new["spec"]["scope"] = json!("Cluster");
    new["spec"]["versions"][0]["name"] = json!("v2");
    let causes = validate(&new, Some(&old));
    let lines: Vec<String> = causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
    expect![[r#"
        spec.scope: Invalid value: "Cluster": field is immutable
        status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions"#]].assert_eq(&lines.join("\n"));
    assert_eq!(validate(&old, Some(&old)), []);
}

#[test]
fn a_schema_that_was_accepted_stays_accepted() {
    let mut old = definition("things", "Thing", &[]);
    old["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = json!({ "type": "string" });
    assert_ne!(validate(&old, None), []);
    assert_eq!(validate(&old, Some(&old)), []);
}

#[test]
fn protected_groups_need_an_approval() {
    let mut new = definition("things", "Thing", &[]);
    new["metadata"]["name"] = json!("things.x.k8s.io");
    new["spec"]["group"] = json!("x.k8s.io");
    assert_eq!(validate(&new, None).len(), 1);
    new["metadata"]["annotations"] = json!({ "api-approved.kubernetes.io": "https://example.com" });
    assert_eq!(validate(&new, None), []);
}
