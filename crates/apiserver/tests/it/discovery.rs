//! Discovery, OpenAPI and version, as kubectl and kube-rs ask for them.

use expect_test::expect;
use http_body_util::BodyExt;
use serde_json::Value;

use crate::harness::{WIDGETS, ask, server};

const KUBECTL: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

#[tokio::test]
async fn aggregated_discovery_lists_every_group() {
    let server = server().await;
    server.crd(WIDGETS).await;
    let mut out = String::new();
    for path in ["/api", "/apis"] {
        let line = format!("GET {path}?timeout=32s");
        let response = server.send(ask(&line).accept(KUBECTL)).await;
        out += &format!("{path} {}\n", response.headers()["content-type"].to_str().expect("text"));
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        let document: Value = serde_json::from_slice(&bytes).expect("JSON");
        for group in document["items"].as_array().into_iter().flatten() {
            for version in group["versions"].as_array().into_iter().flatten() {
                let resources = version["resources"].as_array().into_iter().flatten();
                let names: Vec<&str> = resources.filter_map(|resource| resource["resource"].as_str()).collect();
                let group = group["metadata"]["name"].as_str().unwrap_or_default();
                out += &format!("  {group}/{}: {}\n", version["version"].as_str().unwrap_or("?"), names.join(" "));
            }
        }
    }
    expect![[r#"
        /api application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList
          /v1: bindings configmaps endpoints events limitranges namespaces nodes persistentvolumeclaims persistentvolumes pods podtemplates replicationcontrollers resourcequotas secrets serviceaccounts services
        /apis application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList
          admissionregistration.k8s.io/v1: mutatingwebhookconfigurations validatingwebhookconfigurations
          apiextensions.k8s.io/v1: customresourcedefinitions
          apps/v1: controllerrevisions daemonsets deployments replicasets statefulsets
          authentication.k8s.io/v1: selfsubjectreviews tokenreviews
          authorization.k8s.io/v1: localsubjectaccessreviews selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews
          autoscaling/v2: horizontalpodautoscalers
          autoscaling/v1: horizontalpodautoscalers
          batch/v1: cronjobs jobs
          certificates.k8s.io/v1: certificatesigningrequests
          coordination.k8s.io/v1: leases
          discovery.k8s.io/v1: endpointslices
          events.k8s.io/v1: events
          flowcontrol.apiserver.k8s.io/v1: flowschemas prioritylevelconfigurations
          networking.k8s.io/v1: ingressclasses ingresses networkpolicies
          node.k8s.io/v1: runtimeclasses
          policy/v1: poddisruptionbudgets
          rbac.authorization.k8s.io/v1: clusterrolebindings clusterroles rolebindings roles
          scheduling.k8s.io/v1: priorityclasses
          storage.k8s.io/v1: csidrivers csinodes csistoragecapacities storageclasses volumeattachments
          demo.example.com/v1: widgets
    "#]].assert_eq(&out);
}

#[tokio::test]
async fn plain_discovery_has_every_level() {
    let server = server().await;
    server.crd(WIDGETS).await;
    let mut out = String::new();
    assert_eq!(server.ok(ask("GET /api")).await["versions"], serde_json::json!(["v1"]));
    for path in ["/apis/demo.example.com", "/apis/demo.example.com/v1"] {
        let line = format!("GET {path}");
        out += &format!("{path} {}", server.show(ask(&line)).await);
    }
    expect![[r#"
        /apis/demo.example.com 200 OK
        {
          "apiVersion": "v1",
          "kind": "APIGroup",
          "name": "demo.example.com",
          "preferredVersion": {
            "groupVersion": "demo.example.com/v1",
            "version": "v1"
          },
          "versions": [
            {
              "groupVersion": "demo.example.com/v1",
              "version": "v1"
            }
          ]
        }
        /apis/demo.example.com/v1 200 OK
        {
          "apiVersion": "v1",
          "groupVersion": "demo.example.com/v1",
          "kind": "APIResourceList",
          "resources": [
            {
              "categories": [
                "all"
              ],
              "kind": "Widget",
              "name": "widgets",
              "namespaced": true,
              "shortNames": [
                "wd"
              ],
              "singularName": "widget",
              "storageVersionHash": "bQ1YHmG75GQ=",
              "verbs": [
                "create",
                "delete",
                "deletecollection",
                "get",
                "list",
                "patch",
                "update",
                "watch"
              ]
            },
            {
              "kind": "Widget",
              "name": "widgets/status",
              "namespaced": true,
              "singularName": "",
              "verbs": [
                "get",
                "patch",
                "update"
              ]
            }
          ]
        }
    "#]]
    .assert_eq(&out);
}

#[tokio::test]
async fn subresources_are_listed_and_unknown_groups_are_not() {
    let server = server().await;
    let groups = server.ok(ask("GET /apis")).await;
    assert_eq!(groups["kind"], "APIGroupList");
    let core = server.ok(ask("GET /api/v1")).await;
    let resources = core["resources"].as_array().cloned().unwrap_or_default();
    let names: Vec<&str> = resources.iter().filter_map(|resource| resource["name"].as_str()).collect();
    assert!(names.contains(&"serviceaccounts/token") && names.contains(&"namespaces/finalize"), "{names:?}");
    assert_eq!(server.json(ask("GET /apis/none.example.com")).await.0, 404);
}

#[tokio::test]
async fn openapi_is_made_per_group_version() {
    let server = server().await;
    let before = server.ok(ask("GET /openapi/v3?timeout=32s")).await;
    assert_eq!(before["paths"].get("apis/demo.example.com/v1"), None);
    server.crd(WIDGETS).await;
    let index = server.ok(ask("GET /openapi/v3?timeout=32s")).await;
    let url = index["paths"]["apis/demo.example.com/v1"]["serverRelativeURL"].as_str().expect("a URL");
    assert!(url.starts_with("/openapi/v3/apis/demo.example.com/v1?hash="), "{url}");
    let line = format!("GET {url}&timeout=32s");
    let response = server.send(ask(&line).accept("application/json")).await;
    let etag = response.headers()["etag"].to_str().expect("text").to_string();
    let unchanged = server.send(ask(&line).header("if-none-match", &etag)).await;
    assert_eq!(unchanged.status(), 304);
    let core = server.ok(ask("GET /openapi/v3/api/v1")).await;
    assert_eq!(core["openapi"], "3.0.0");
}

#[tokio::test]
async fn version_and_health() {
    let server = server().await;
    let version = server.ok(ask("GET /version?timeout=32s")).await;
    assert_eq!((&version["major"], &version["minor"]), (&"1".into(), &"33".into()));
    assert!(version["gitVersion"].as_str().is_some_and(|v| v.starts_with("v1.33.1+windlass")));
    assert_eq!(server.show(ask("GET /readyz")).await, "200 OK\nok");
}

#[tokio::test]
async fn requests_are_counted_without_names_of_objects() {
    let server = server().await;
    server.config_map("precious").await;
    let metrics = server.show(ask("GET /metrics")).await;
    let line = "apiserver_request_total{verb=\"CREATE\",group=\"\",version=\"v1\",resource=\"configmaps\",subresource=\"\",code=\"201\"} 1";
    assert!(metrics.contains(line) && !metrics.contains("precious"), "{metrics}");
}

#[tokio::test]
async fn openapi_v2_is_one_document_in_two_forms_that_follows_the_definitions() {
    use http_body_util::BodyExt;
    const PROTOBUF: &str = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    let server = server().await;
    let document = server.ok(ask("GET /openapi/v2").accept("application/json")).await;
    assert!(document["definitions"]["io.k8s.api.core.v1.Pod"].is_object() && document["swagger"] == "2.0");
    let response = server.send(ask("GET /openapi/v2").accept(PROTOBUF)).await;
    let media_type = response.headers()["content-type"].to_str().expect("text").to_string();
    let etag = response.headers()["etag"].to_str().expect("text").to_string();
    assert_eq!(media_type, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    assert!(bytes.starts_with(b"\x0a\x032.0"), "the version comes first");
    let again = server.send(ask("GET /openapi/v2").accept(PROTOBUF).header("if-none-match", &etag)).await;
    assert_eq!(again.status(), 304);
    let version = serde_json::json!({ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object" } } });
    let definition = serde_json::json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "pens.office.example.com" },
        "spec": { "group": "office.example.com", "scope": "Cluster", "names": { "plural": "pens", "kind": "Pen" }, "versions": [version] },
    });
    server.ok(ask("POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions").body(definition)).await;
    let document = server.ok(ask("GET /openapi/v2").accept("application/json")).await;
    assert!(document["definitions"]["com.example.office.v1.Pen"].is_object());
    assert_eq!(server.send(ask("GET /openapi/v2").accept("text/html")).await.status(), 406);
}
