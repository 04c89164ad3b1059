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
    expect![[r#"
        clusters.cluster.x-k8s.io ["cl"] ["cluster-api"]
          cluster.x-k8s.io/provider: "cluster-api"
          cluster.x-k8s.io/v1beta1: "v1beta1"
          clusterctl.cluster.x-k8s.io: ""
          "v1beta1" stored true ClusterClass, Phase, Age, Version
        machinepools.cluster.x-k8s.io ["mp"] ["cluster-api"]
          cluster.x-k8s.io/provider: "cluster-api"
          cluster.x-k8s.io/v1beta1: "v1beta1"
          clusterctl.cluster.x-k8s.io: ""
          "v1beta1" stored true Cluster, Desired, Replicas, Phase, Age, Version
        azureasomanagedclusters.infrastructure.cluster.x-k8s.io [] ["cluster-api"]
          cluster.x-k8s.io/provider: "infrastructure-azure"
          cluster.x-k8s.io/v1beta1: "v1alpha1_v1beta1"
          clusterctl.cluster.x-k8s.io: ""
          "v1alpha1" stored false Ready, Reason, Message, Age
          "v1beta1" stored true Ready, Reason, Message, Age
        azureasomanagedcontrolplanes.infrastructure.cluster.x-k8s.io [] ["cluster-api"]
          cluster.x-k8s.io/provider: "infrastructure-azure"
          cluster.x-k8s.io/v1beta1: "v1alpha1_v1beta1"
          clusterctl.cluster.x-k8s.io: ""
          "v1alpha1" stored false Ready, Reason, Message, Age
          "v1beta1" stored true Ready, Reason, Message, Age
        azureasomanagedmachinepools.infrastructure.cluster.x-k8s.io [] ["cluster-api"]
          cluster.x-k8s.io/provider: "infrastructure-azure"
          cluster.x-k8s.io/v1beta1: "v1alpha1_v1beta1"
          clusterctl.cluster.x-k8s.io: ""
          "v1alpha1" stored false Ready, Reason, Message, Age
          "v1beta1" stored true Ready, Reason, Message, Age
        azureclusteridentities.infrastructure.cluster.x-k8s.io [] ["cluster-api"]
          cluster.x-k8s.io/provider: "infrastructure-azure"
          cluster.x-k8s.io/v1beta1: "v1beta1"
          clusterctl.cluster.x-k8s.io: ""
          clusterctl.cluster.x-k8s.io/move-hierarchy: "true"
          "v1beta1" stored true Type, Age
    "#]]
    .assert_eq(&text);
}

#[test]
fn the_fields_are_upstreams() {
    let mut text = Vec::new();
    for kind in ["Cluster", "MachinePool", "AzureASOManagedControlPlane"] {
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
        cluster("c", json!({"topology": {"class": "x"}})),
        None,
        expect!["spec.topology: Forbidden: can be set only if the ClusterTopology feature flag is enabled"],
    );
    refusals(
        "Cluster",
        cluster(&"c".repeat(64), json!({})),
        None,
        expect![[r#"<nil>: Invalid value: "object": must be a valid label value [must be no more than 63 bytes]"#]],
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
