use expect_test::{Expect, expect};
use machinery::schema::{Schema, judge};
use serde_json::{Value, json};

use super::*;

fn crd_of(kind: &str) -> Value {
    crds().into_iter().find(|crd| crd["spec"]["names"]["kind"] == kind).unwrap()
}

fn compiled(crd: &Value) -> Schema {
    Schema::compile(&crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]).unwrap()
}

fn outline(schema: &Value, path: &str, out: &mut Vec<String>) {
    let kind = schema["type"].as_str().unwrap_or("any");
    if path.ends_with("Ref") || path.ends_with("Refs[]") {
        return out.push(format!("{path}: a reference"));
    }
    if path.ends_with("onditions[]") {
        return out.push(format!("{path}: {:?}", schema["required"].as_array().unwrap()).replace("String", ""));
    }
    if let Some(children) = schema["properties"].as_object() {
        children.iter().for_each(|(name, child)| outline(child, &format!("{path}.{name}"), out));
    } else if kind == "array" {
        outline(&schema["items"], &format!("{path}[]"), out);
    } else {
        out.push(format!("{path}: {kind}"));
    }
}

#[test]
fn names_labels_and_versions() {
    let mut text = String::new();
    for crd in crds() {
        let (metadata, names) = (&crd["metadata"], &crd["spec"]["names"]);
        text += &format!("{} {} {}\n", metadata["name"].as_str().unwrap(), names["shortNames"], names["categories"]);
        for (name, value) in metadata["labels"].as_object().unwrap() {
            text += &format!("  {name}: {value}\n");
        }
        for version in crd["spec"]["versions"].as_array().unwrap() {
            let columns = version["additionalPrinterColumns"].as_array().unwrap();
            let columns: Vec<&str> = columns.iter().filter_map(|column| column["name"].as_str()).collect();
            text += &format!("  {} stored {} {}\n", version["name"], version["storage"], columns.join(", "));
        }
    }
    expect_test::expect_file!["golden/names.txt"].assert_eq(&text);
}

#[test]
fn the_fields_are_upstreams() {
    let mut text = Vec::new();
    for kind in ["Cluster", "ClusterClass", "MachinePool", "AzureASOManagedControlPlane"] {
        let crd = crd_of(kind);
        let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"];
        outline(&schema["spec"], &format!("{kind}.spec"), &mut text);
        outline(&schema["status"], &format!("{kind}.status"), &mut text);
    }
    expect_test::expect_file!["golden/fields.txt"].assert_eq(&(text.join("\n") + "\n"));
}

#[test]
fn every_definition_compiles_and_versions_share_a_schema() {
    for crd in crds() {
        compiled(&crd);
        let versions = crd["spec"]["versions"].as_array().unwrap();
        assert!(versions.iter().all(|version| version["schema"] == versions[0]["schema"]));
    }
}

fn refusals(kind: &str, object: Value, old: Option<Value>, expected: Expect) {
    let causes = judge(&compiled(&crd_of(kind)), &object, old.as_ref()).causes;
    let lines: Vec<String> = causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
    expected.assert_eq(&lines.join("\n"));
}

fn pool(cluster: &str, bootstrap: Value, version: &str) -> Value {
    let spec = json!({"clusterName": cluster, "bootstrap": bootstrap, "infrastructureRef": {}, "version": version});
    json!({
        "apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "MachinePool", "metadata": {"name": "p"},
        "spec": {"clusterName": cluster, "template": {"spec": spec}},
    })
}

#[test]
fn what_webhooks_refuse_is_refused_with_their_words() {
    let cluster = |name: &str, spec: Value| json!({"apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "Cluster", "metadata": {"name": name}, "spec": spec});
    refusals(
        "Cluster",
        cluster(
            "c",
            json!({"topology": {"class": "", "version": "1.30", "controlPlane": {"machineHealthCheck": {}}, "workers": {"machineDeployments": [{}]}}}),
        ),
        None,
        expect![[r#"
            spec.topology.class: Required value: class cannot be empty
            spec.topology.controlPlane.machineHealthCheck: Forbidden: MachineHealthChecks are not served: the nodes of AKS have no Machines, and AKS replaces them itself
            spec.topology.version: Invalid value: "string": version must be a valid semantic version
            spec.topology.workers.machineDeployments: Forbidden: MachineDeployments are not served: the nodes of AKS have no Machines; use machinePools"#]],
    );
    let topology = || json!({"topology": {"class": "x", "version": "1.30.1", "workers": {"machineDeployments": []}}});
    refusals("Cluster", cluster("c", topology()), None, expect![[""]]);
    refusals(
        "Cluster",
        cluster("c", topology()),
        Some(cluster("c", json!({}))),
        expect!["spec.topology: Forbidden: class cannot be set on an existing Cluster"],
    );
    refusals(
        "Cluster",
        cluster("c", json!({})),
        Some(cluster("c", topology())),
        expect!["spec.topology: Forbidden: cannot be removed from an existing Cluster"],
    );
    refusals(
        "MachinePool",
        pool("c", json!({}), "1.30"),
        None,
        expect![[r#"
        spec.template.spec.bootstrap: Required value: expected either spec.bootstrap.dataSecretName or spec.bootstrap.configRef to be populated
        spec.template.spec.version: Invalid value: "string": must be a valid semantic version"#]],
    );
    let none = json!({"dataSecretName": ""});
    refusals("MachinePool", pool("c", none.clone(), "v1.30.10"), None, expect![[""]]);
    refusals(
        "MachinePool",
        pool("d", none.clone(), "1.30.10"),
        Some(pool("c", none, "1.30.10")),
        expect!["spec.clusterName: Forbidden: field is immutable"],
    );
}

#[test]
fn classes_that_ask_for_what_is_not_there_are_refused_by_name() {
    let reference = json!({"ref": {"kind": "X", "name": "x"}});
    let class = |control_plane: &Value, workers: Value, patch: Value| {
        json!({
            "apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "ClusterClass", "metadata": {"name": "c"},
            "spec": {"infrastructure": reference, "controlPlane": control_plane, "workers": workers, "patches": [patch]},
        })
    };
    let selector = json!({"apiVersion": "v1", "kind": "X", "matchResources": {}});
    let definition =
        |operation: Value| json!({"name": "a", "definitions": [{"jsonPatches": [operation], "selector": selector}]});
    let good = definition(json!({"op": "add", "path": "/spec/template/spec/a", "value": [1]}));
    refusals("ClusterClass", class(&reference, json!({"machineDeployments": []}), good.clone()), None, expect![[""]]);
    let bad = definition(json!({"op": "move", "path": "/metadata/name"}));
    refusals(
        "ClusterClass",
        class(&reference, json!({}), bad),
        None,
        expect![[r#"
        spec.patches[0].definitions[0].jsonPatches[0].op: Unsupported value: "move": supported values: "add", "replace", "remove"
        spec.patches[0].definitions[0].jsonPatches[0].path: Invalid value: "/metadata/name": spec.patches[0].definitions[0].jsonPatches[0].path in body should match '^/spec/'
        <nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"#]],
    );
    let external = json!({"name": "a", "external": {"generateExtension": "x"}});
    let mut control_plane = reference.clone();
    control_plane["machineInfrastructure"] = reference.clone();
    control_plane["machineHealthCheck"] = json!({});
    refusals(
        "ClusterClass",
        class(&control_plane, json!({"machineDeployments": [{}]}), external),
        None,
        expect![[r#"
        spec.controlPlane.machineHealthCheck: Forbidden: MachineHealthChecks are not served: the nodes of AKS have no Machines, and AKS replaces them itself
        spec.controlPlane.machineInfrastructure: Forbidden: control planes of Machines are not served: use a control plane that needs none, as AzureASOManagedControlPlaneTemplate
        spec.patches[0].external: Forbidden: patch.external can be used only if the RuntimeSDK feature flag is enabled
        spec.workers.machineDeployments: Forbidden: MachineDeployments are not served: the nodes of AKS have no Machines; use machinePools"#]],
    );
}
