use expect_test::{Expect, expect};

use serde_json::json;

use super::{canonicalize, facts, kinds, quantity, schema, types};
use crate::schema::{Schema, Shape};

#[test]
fn every_type_of_the_table_can_be_read() {
    let mut fields = 0;
    for of in facts::table().types() {
        fields += of.fields().len();
        assert!(types().get(&of.name).is_some(), "{}", of.name);
    }
    expect!["1178 types, 4029 fields"].assert_eq(&format!("{} types, {fields} fields", facts::table().types().len()));
}

#[test]
fn every_served_kind_has_a_type() {
    for kind in kinds() {
        assert!(schema(kind.group, kind.version, kind.kind).is_some(), "{}", kind.kind);
        assert!(types().get(kind.type_name).is_some(), "{}", kind.type_name);
        for part in kind.subresources {
            assert!(schema(part.group, part.version, part.kind).is_some(), "{}/{}", kind.kind, part.name);
            assert!(types().get(part.type_name).is_some(), "{}", part.type_name);
        }
        if kind.is_stored() {
            assert!(schema(kind.group, kind.version, &kind.list_kind()).is_some(), "{}List", kind.kind);
        }
    }
}

fn check(type_name: &str, fields: &[&str], expected: Expect) {
    let Some(Schema { shape: Shape::Object(object), .. }) = types().get(type_name) else { panic!("{type_name}") };
    let mut text = format!("atomic={} required={:?}\n", object.atomic, object.required);
    for field in fields {
        let of = &object.properties[*field];
        let shape = match &of.shape {
            Shape::Array(array) => format!("Array of {:?}, {:?}", array.items.shape, array.list),
            Shape::Object(object) => format!("Map of {:?}", object.additional.as_ref().map(|of| &of.shape)),
            shape => format!("{shape:?}"),
        };
        text += &format!("{field}: {shape}");
        if let Some(patch) = &of.patch {
            text += &format!(", {patch:?}");
        }
        if let Some(default) = &of.default {
            text += &format!(", default {default}");
        }
        if let Some(checks) = &of.checks {
            text += &format!(", {:?} {:?}", checks.format, checks.enumeration);
        }
        text += "\n";
    }
    expected.assert_eq(&text);
}

#[test]
fn lists_and_maps_know_how_they_merge() {
    let container = "io.k8s.api.core.v1.Container";
    check(
        container,
        &["ports", "args", "env", "imagePullPolicy", "terminationMessagePath"],
        expect![[r#"
        atomic=false required=["name"]
        ports: Array of Named("io.k8s.api.core.v1.ContainerPort"), Map(["containerPort", "protocol"]), PatchFacts { merge: true, retain_keys: false, merge_key: Some("containerPort") }
        args: Array of String, Atomic
        env: Array of Named("io.k8s.api.core.v1.EnvVar"), Map(["name"]), PatchFacts { merge: true, retain_keys: false, merge_key: Some("name") }
        imagePullPolicy: String, None [String("Always"), String("IfNotPresent"), String("Never")]
        terminationMessagePath: String, default "/dev/termination-log"
    "#]],
    );
    check(
        "io.k8s.api.core.v1.ContainerPort",
        &["containerPort", "protocol"],
        expect![[r#"
        atomic=false required=["containerPort"]
        containerPort: Integer, Some("int32") []
        protocol: String, default "TCP", None [String("SCTP"), String("TCP"), String("UDP")]
    "#]],
    );
    check(
        "io.k8s.api.core.v1.Secret",
        &["data", "stringData", "type", "metadata", "apiVersion"],
        expect![[r#"
        atomic=false required=[]
        data: Map of Some(String)
        stringData: Map of Some(String)
        type: String, default "Opaque"
        metadata: Named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
        apiVersion: String
    "#]],
    );
    check(
        "io.k8s.api.core.v1.ObjectReference",
        &["name"],
        expect![[r#"
        atomic=true required=[]
        name: String
    "#]],
    );
    check(
        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
        &["finalizers", "ownerReferences", "labels", "creationTimestamp"],
        expect![[r#"
            atomic=false required=[]
            finalizers: Array of String, Set, PatchFacts { merge: true, retain_keys: false, merge_key: None }
            ownerReferences: Array of Named("io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference"), Map(["uid"]), PatchFacts { merge: true, retain_keys: false, merge_key: Some("uid") }
            labels: Map of Some(String)
            creationTimestamp: String, Some("date-time") []
        "#]],
    );
}

#[test]
fn inlined_fields_belong_to_the_type_that_inlines_them() {
    check(
        "io.k8s.api.core.v1.Volume",
        &["name", "configMap", "secret", "emptyDir"],
        expect![[r#"
        atomic=false required=["name"]
        name: String
        configMap: Named("io.k8s.api.core.v1.ConfigMapVolumeSource")
        secret: Named("io.k8s.api.core.v1.SecretVolumeSource")
        emptyDir: Named("io.k8s.api.core.v1.EmptyDirVolumeSource")
    "#]],
    );
    check(
        "io.k8s.api.core.v1.Probe",
        &["httpGet", "periodSeconds"],
        expect![[r#"
        atomic=false required=[]
        httpGet: Named("io.k8s.api.core.v1.HTTPGetAction")
        periodSeconds: Integer, default 10, Some("int32") []
    "#]],
    );
}

#[test]
fn quantities_have_one_spelling() {
    let given = [
        "0",
        "1",
        "1000m",
        "100m",
        "1500m",
        "0.5",
        "1.5",
        "1k",
        "1000",
        "1500",
        "1024",
        "1Ki",
        "1.5Gi",
        "0.5Gi",
        "0.5Ki",
        "1.1Ki",
        "1e3",
        "12E2",
        "1E",
        "1E3",
        "0.0000000001",
        "-0.5",
        "+2",
        "010",
        "0Ki",
        "1 Gi",
        "",
        ".",
        "1.2.3",
        "abc",
        "1Zi",
        "5e-3",
    ];
    let spelled: Vec<String> =
        given.iter().map(|text| format!("{text}={}", quantity::canonical(text).unwrap_or("-".into()))).collect();
    expect!["0=0 1=1 1000m=1 100m=100m 1500m=1500m 0.5=500m 1.5=1500m 1k=1k 1000=1k 1500=1500 1024=1024 1Ki=1Ki 1.5Gi=1536Mi 0.5Gi=512Mi 0.5Ki=512 1.1Ki=1126400m 1e3=1e3 12E2=1200 1E=1E 1E3=1e3 0.0000000001=1n -0.5=-500m +2=2 010=10 0Ki=0 1 Gi=- =- .=- 1.2.3=- abc=- 1Zi=- 5e-3=5e-3"].assert_eq(&spelled.join(" "));
}

#[test]
fn an_object_has_one_form() {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "web", "labels": {}, "annotations": null, "creationTimestamp": "2026-01-01T01:00:00+01:00" },
        "spec": {
            "nodeName": "", "hostNetwork": false, "terminationGracePeriodSeconds": 0, "unknown": {},
            "containers": [{ "name": "app", "args": [], "resources": { "limits": { "cpu": 2, "memory": "1024Mi" } }, "ports": "wrong" }],
            "initContainers": null,
        },
    });
    canonicalize("", "v1", "Pod", &mut pod);
    expect![[r#"
        {
          "apiVersion": "v1",
          "kind": "Pod",
          "metadata": {
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "name": "web"
          },
          "spec": {
            "containers": [
              {
                "name": "app",
                "ports": "wrong",
                "resources": {
                  "limits": {
                    "cpu": "2",
                    "memory": "1Gi"
                  }
                }
              }
            ],
            "terminationGracePeriodSeconds": 0,
            "unknown": {}
          },
          "status": {}
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&pod).unwrap());
    let again = {
        let mut again = pod.clone();
        canonicalize("", "v1", "Pod", &mut again);
        again
    };
    assert_eq!(pod, again);
    let mut role = json!({ "metadata": { "name": "r" } });
    canonicalize("rbac.authorization.k8s.io", "v1", "Role", &mut role);
    expect![[r#"{"metadata":{"creationTimestamp":null,"name":"r"},"rules":null}"#]].assert_eq(&role.to_string());
}
