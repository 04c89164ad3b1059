use expect_test::expect;
use serde_json::Value;

use super::*;

/// One line per leaf of the served schema, without repeated sources: what is pruned is what is not here.
fn outline(schema: &Value, path: &str, out: &mut Vec<String>) {
    let kind = schema["type"].as_str().unwrap_or("any");
    let children = schema["properties"].as_object();
    if path.ends_with("ource") && path != ".spec.source" && children.is_some() {
        return out.push(format!("{path}: as .spec.source"));
    }
    if let Some(children) = children {
        children.iter().for_each(|(name, child)| outline(child, &format!("{path}.{name}"), out));
    } else if kind == "array" {
        outline(&schema["items"], &format!("{path}[]"), out);
    } else {
        out.push(format!("{path}: {kind}"));
    }
}

fn crd_of(kind: &str) -> Value {
    crds().into_iter().find(|crd| crd["spec"]["names"]["kind"] == kind).unwrap()
}

#[test]
fn application_has_upstreams_names_and_columns_and_no_status_subresource() {
    let crd = crd_of("Application");
    let version = &crd["spec"]["versions"][0];
    let columns: Vec<String> = version["additionalPrinterColumns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| format!("{} {} {}", column["name"], column["jsonPath"], column["priority"]))
        .collect();
    assert_eq!(version["subresources"], serde_json::json!({}));
    expect![[r#"
        applications.argoproj.io ["app","apps"]
        "Sync Status" ".status.sync.status" null
        "Health Status" ".status.health.status" null
        "Revision" ".status.sync.revision" 10
        "Project" ".spec.project" 10"#]]
    .assert_eq(&format!(
        "{} {}\n{}",
        crd["metadata"]["name"].as_str().unwrap(),
        crd["spec"]["names"]["shortNames"],
        columns.join("\n")
    ));
}

#[test]
fn the_spec_holds_what_upstreams_holds() {
    let crd = crd_of("Application");
    let mut lines = Vec::new();
    outline(&crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"], ".spec", &mut lines);
    expect_test::expect_file!["golden/application-spec.txt"].assert_eq(&lines.join("\n"));
}

#[test]
fn no_schema_carries_texts_of_others() {
    for crd in crds() {
        assert!(!crd.to_string().contains("\"description\":\""), "{}", crd["metadata"]["name"]);
    }
}

#[test]
fn application_sets_are_not_served_yet() {
    let kinds: Vec<String> = crds().iter().map(|crd| crd["spec"]["names"]["kind"].to_string()).collect();
    expect![[r#""Application" "AppProject""#]].assert_eq(&kinds.join(" "));
}
