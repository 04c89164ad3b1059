use expect_test::{Expect, expect};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Columns, Include, age, render};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// What kubectl would print with `-o wide`.
fn check(columns: &Columns, objects: &[Value], expected: Expect) {
    let table = render(columns, objects, json!({}), now(), Include::None, true);
    let names = table["columnDefinitions"].as_array().unwrap().iter();
    let names: Vec<String> = names
        .map(|of| {
            format!("{}{}", if of["priority"] == 0 { "" } else { "+" }, of["name"].as_str().unwrap().to_uppercase())
        })
        .collect();
    let mut text = names.join(" | ");
    for row in table["rows"].as_array().unwrap() {
        let cells: Vec<String> = row["cells"].as_array().unwrap().iter().map(Value::to_string).collect();
        assert_eq!(cells.len(), names.len());
        text += &format!("\n{}", cells.join(" | "));
        if let Some(conditions) = row.get("conditions") {
            text += &format!("  {conditions}");
        }
    }
    expected.assert_eq(&text);
}

fn named(name: &str, rest: Value) -> Value {
    let mut object =
        json!({ "metadata": { "name": name, "namespace": "d", "creationTimestamp": "2026-03-01T11:55:30Z" } });
    for (key, value) in rest.as_object().unwrap() {
        match (key.as_str(), value) {
            ("metadata", Value::Object(more)) => {
                more.iter().for_each(|(key, value)| object["metadata"][key] = value.clone())
            }
            _ => object[key] = value.clone(),
        }
    }
    object
}

#[test]
fn ages_follow_upstreams_table() {
    let ages: Vec<String> = [
        -2,
        -1,
        0,
        1,
        119,
        120,
        125,
        180,
        599,
        600,
        10_799,
        10_800,
        11_400,
        28_799,
        28_800,
        172_799,
        172_800,
        176_400,
        691_199,
        691_200,
        63_071_999,
        63_072_000,
        63_158_400,
        252_287_999,
        252_288_000,
    ]
    .into_iter()
    .map(|seconds| format!("{seconds}={}", age(seconds)))
    .collect();
    expect!["-2=<invalid> -1=0s 0=0s 1=1s 119=119s 120=2m 125=2m5s 180=3m 599=9m59s 600=10m 10799=179m 10800=3h 11400=3h10m 28799=7h59m 28800=8h 172799=47h 172800=2d 176400=2d1h 691199=7d23h 691200=8d 63071999=729d 63072000=2y 63158400=2y1d 252287999=7y364d 252288000=8y"].assert_eq(&ages.join(" "));
}

#[test]
fn small_kinds() {
    let of = |kind: &str| Columns::builtin("", kind);
    check(
        &of("Namespace"),
        &[
            named("default", json!({ "status": { "phase": "Active" } })),
            named("old", json!({ "status": { "phase": "Terminating" }, "metadata": { "creationTimestamp": null } })),
        ],
        expect![[r#"
            NAME | STATUS | AGE
            "default" | "Active" | "4m30s"
            "old" | "Terminating" | "<unknown>""#]],
    );
    check(
        &of("Secret"),
        &[named("s", json!({ "type": "Opaque", "data": { "a": "", "b": "" } }))],
        expect![[r#"
        NAME | TYPE | DATA | AGE
        "s" | "Opaque" | 2 | "4m30s""#]],
    );
    check(
        &of("ConfigMap"),
        &[named("c", json!({ "data": { "a": "" }, "binaryData": { "b": "" } }))],
        expect![[r#"
        NAME | DATA | AGE
        "c" | 2 | "4m30s""#]],
    );
    check(
        &of("ServiceAccount"),
        &[named("default", json!({}))],
        expect![[r#"
        NAME | SECRETS | AGE
        "default" | 0 | "4m30s""#]],
    );
    let lease = Columns::builtin("coordination.k8s.io", "Lease");
    check(
        &lease,
        &[named("l", json!({ "spec": { "holderIdentity": "me" } }))],
        expect![[r#"
        NAME | HOLDER | AGE
        "l" | "me" | "4m30s""#]],
    );
    let crd = Columns::builtin("apiextensions.k8s.io", "CustomResourceDefinition");
    check(
        &crd,
        &[named("vaults.keyvault.azure.com", json!({}))],
        expect![[r#"
        NAME | CREATED AT
        "vaults.keyvault.azure.com" | "2026-03-01T11:55:30Z""#]],
    );
}

#[test]
fn roles_and_bindings() {
    let rbac = "rbac.authorization.k8s.io";
    check(
        &Columns::builtin(rbac, "ClusterRole"),
        &[named("admin", json!({ "rules": null }))],
        expect![[r#"
        NAME | CREATED AT
        "admin" | "2026-03-01T11:55:30Z""#]],
    );
    let binding = json!({
        "roleRef": { "kind": "ClusterRole", "name": "admin" },
        "subjects": [
            { "kind": "User", "name": "ann" },
            { "kind": "User", "name": "bob" },
            { "kind": "Group", "name": "ops" },
            { "kind": "ServiceAccount", "name": "ci", "namespace": "tools" },
        ],
    });
    check(
        &Columns::builtin(rbac, "RoleBinding"),
        &[named("b", binding)],
        expect![[r#"
        NAME | ROLE | AGE | +USERS | +GROUPS | +SERVICEACCOUNTS
        "b" | "ClusterRole/admin" | "4m30s" | "ann, bob" | "ops" | "tools/ci""#]],
    );
}

#[test]
fn nodes() {
    let ready =
        |status: &str| json!([{ "type": "DiskPressure", "status": "False" }, { "type": "Ready", "status": status }]);
    let full = json!({
        "metadata": { "labels": { "node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": "", "kubernetes.io/role": "agent" } },
        "spec": { "unschedulable": true },
        "status": {
            "conditions": ready("True"),
            "addresses": [{ "type": "Hostname", "address": "n" }, { "type": "InternalIP", "address": "10.0.0.4" }],
            "nodeInfo": { "kubeletVersion": "v1.33.1", "osImage": "Linux", "kernelVersion": "6.1", "containerRuntimeVersion": "containerd://2" },
        },
    });
    check(
        &Columns::builtin("", "Node"),
        &[named("n", full), named("m", json!({ "status": { "conditions": ready("Unknown") } })), named("o", json!({}))],
        expect![[r#"
            NAME | STATUS | ROLES | AGE | VERSION | +INTERNAL-IP | +EXTERNAL-IP | +OS-IMAGE | +KERNEL-VERSION | +CONTAINER-RUNTIME
            "n" | "Ready,SchedulingDisabled" | "agent,control-plane,worker" | "4m30s" | "v1.33.1" | "10.0.0.4" | "<none>" | "Linux" | "6.1" | "containerd://2"
            "m" | "NotReady" | "<none>" | "4m30s" | "" | "<none>" | "<none>" | "<unknown>" | "<unknown>" | "<unknown>"
            "o" | "Unknown" | "<none>" | "4m30s" | "" | "<none>" | "<none>" | "<unknown>" | "<unknown>" | "<unknown>""#]],
    );
}

#[test]
fn services_and_endpoints() {
    let port = json!({ "port": 80, "protocol": "TCP", "nodePort": 30080 });
    let balanced = json!({
        "spec": { "type": "LoadBalancer", "clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ports": [port, { "port": 443, "protocol": "TCP" }], "selector": { "app": "web", "tier": "front" } },
        "status": { "loadBalancer": { "ingress": [{ "ip": "20.1.2.3" }, { "hostname": "lb.example.com" }] } },
    });
    check(
        &Columns::builtin("", "Service"),
        &[
            named("lb", balanced),
            named("wait", json!({ "spec": { "type": "LoadBalancer" } })),
            named(
                "headless",
                json!({ "spec": { "type": "ClusterIP", "clusterIP": "None", "ports": [{ "port": 5432, "protocol": "TCP" }] } }),
            ),
            named("alias", json!({ "spec": { "type": "ExternalName", "externalName": "db.example.com" } })),
        ],
        expect![[r#"
            NAME | TYPE | CLUSTER-IP | EXTERNAL-IP | PORT(S) | AGE | +SELECTOR
            "lb" | "LoadBalancer" | "10.0.0.1" | "20.1.2.3,lb.example.com" | "80:30080/TCP,443/TCP" | "4m30s" | "app=web,tier=front"
            "wait" | "LoadBalancer" | "<none>" | "<pending>" | "<none>" | "4m30s" | "<none>"
            "headless" | "ClusterIP" | "None" | "<none>" | "5432/TCP" | "4m30s" | "<none>"
            "alias" | "ExternalName" | "<none>" | "db.example.com" | "<none>" | "4m30s" | "<none>""#]],
    );
    let subset = json!({
        "addresses": [{ "ip": "10.1.0.1" }, { "ip": "10.1.0.2" }],
        "ports": [{ "port": 80 }, { "port": 443 }],
    });
    check(
        &Columns::builtin("", "Endpoints"),
        &[
            named("e", json!({ "subsets": [subset] })),
            named("none", json!({})),
            named("six", json!({ "subsets": [{ "addresses": [{ "ip": "fd00::1" }], "ports": [{ "port": 53 }] }] })),
        ],
        expect![[r#"
            NAME | ENDPOINTS | AGE
            "e" | "10.1.0.1:80,10.1.0.2:80,10.1.0.1:443 + 1 more..." | "4m30s"
            "none" | "<none>" | "4m30s"
            "six" | "[fd00::1]:53" | "4m30s""#]],
    );
}

#[test]
fn events_of_both_forms() {
    let old = json!({
        "type": "Normal", "reason": "Created", "message": "made it\n", "count": 3,
        "involvedObject": { "kind": "Pod", "name": "web", "fieldPath": "spec.containers{app}" },
        "source": { "component": "kubelet", "host": "n1" },
        "firstTimestamp": "2026-03-01T11:00:00Z", "lastTimestamp": "2026-03-01T11:59:00Z",
    });
    let new = json!({
        "type": "Warning", "reason": "Failed", "note": "no", "regarding": { "kind": "Application", "name": "a" },
        "reportingController": "argocd", "reportingInstance": "argocd-0", "eventTime": "2026-03-01T11:58:00.123456Z",
    });
    let series = json!({ "eventTime": "2026-03-01T11:58:00.123456Z", "series": { "count": 9, "lastObservedTime": "2026-03-01T11:59:50.000000Z" } });
    check(
        &Columns::builtin("", "Event"),
        &[named("e1", old), named("e2", new), named("e3", series)],
        expect![[r#"
        LAST SEEN | TYPE | REASON | OBJECT | +SUBOBJECT | +SOURCE | MESSAGE | +FIRST SEEN | +COUNT | +NAME
        "60s" | "Normal" | "Created" | "pod/web" | "spec.containers{app}" | "kubelet, n1" | "made it" | "60m" | 3 | "e1"
        "119s" | "Warning" | "Failed" | "application/a" | "" | "argocd, argocd-0" | "no" | "119s" | 1 | "e2"
        "10s" | "" | "" | "" | "" | "" | "" | "119s" | 9 | "e3""#]],
    );
}

fn pod(status: Value) -> Value {
    named(
        "web",
        json!({ "apiVersion": "v1", "kind": "Pod", "spec": { "containers": [{ "name": "app" }], "nodeName": "n1" }, "status": status }),
    )
}

#[test]
fn pods() {
    let running = json!({ "name": "app", "ready": true, "restartCount": 2, "state": { "running": {} },
        "lastState": { "terminated": { "finishedAt": "2026-03-01T11:50:00Z" } } });
    let mut deleted = pod(json!({ "phase": "Running", "containerStatuses": [running] }));
    deleted["metadata"]["deletionTimestamp"] = json!("2026-03-01T11:59:00Z");
    let mut gates = pod(json!({ "phase": "Running", "conditions": [{ "type": "lb", "status": "True" }] }));
    gates["spec"]["readinessGates"] = json!([{ "conditionType": "lb" }, { "conditionType": "dns" }]);
    let mut starting = pod(json!({ "phase": "Pending", "initContainerStatuses": [
        { "name": "i0", "state": { "terminated": { "exitCode": 0 } } }, { "name": "i1", "state": { "waiting": { "reason": "PodInitializing" } } } ] }));
    starting["spec"]["initContainers"] = json!([{ "name": "i0" }, { "name": "i1" }]);
    let mut sidecar = pod(json!({ "phase": "Running",
        "initContainerStatuses": [{ "name": "proxy", "ready": true, "started": true, "restartCount": 1, "state": { "running": {} } }],
        "containerStatuses": [running] }));
    sidecar["spec"]["initContainers"] = json!([{ "name": "proxy", "restartPolicy": "Always" }]);
    let waiting = json!({ "phase": "Pending", "containerStatuses": [{ "name": "app", "state": { "waiting": { "reason": "ImagePullBackOff" } } }] });
    let failed = json!({ "phase": "Failed", "podIP": "10.1.1.1", "containerStatuses": [{ "name": "app", "state": { "terminated": { "exitCode": 137, "signal": 9 } } }] });
    let init_failed = json!({ "phase": "Pending", "initContainerStatuses": [{ "name": "i", "restartCount": 4, "state": { "terminated": { "exitCode": 1 } } }] });
    check(
        &Columns::builtin("", "Pod"),
        &[
            pod(json!({ "phase": "Running", "podIPs": [{ "ip": "10.1.0.9" }], "containerStatuses": [running] })),
            deleted,
            gates,
            starting,
            sidecar,
            pod(waiting),
            pod(failed),
            pod(init_failed),
            pod(json!({ "phase": "Pending", "conditions": [{ "type": "PodScheduled", "reason": "SchedulingGated" }] })),
            pod(json!({ "phase": "Succeeded", "reason": "Evicted" })),
        ],
        expect![[r#"
            NAME | READY | STATUS | RESTARTS | AGE | +IP | +NODE | +NOMINATED NODE | +READINESS GATES
            "web" | "1/1" | "Running" | "2 (10m ago)" | "4m30s" | "10.1.0.9" | "n1" | "<none>" | "<none>"
            "web" | "1/1" | "Terminating" | "2 (10m ago)" | "4m30s" | "<none>" | "n1" | "<none>" | "<none>"
            "web" | "0/1" | "Running" | "0" | "4m30s" | "<none>" | "n1" | "<none>" | "1/2"
            "web" | "0/1" | "Init:1/2" | "0" | "4m30s" | "<none>" | "n1" | "<none>" | "<none>"
            "web" | "2/2" | "Running" | "3 (10m ago)" | "4m30s" | "<none>" | "n1" | "<none>" | "<none>"
            "web" | "0/1" | "ImagePullBackOff" | "0" | "4m30s" | "<none>" | "n1" | "<none>" | "<none>"
            "web" | "0/1" | "Signal:9" | "0" | "4m30s" | "10.1.1.1" | "n1" | "<none>" | "<none>"  [{"reason":"Failed","status":"True","type":"Completed"}]
            "web" | "0/1" | "Init:ExitCode:1" | "4" | "4m30s" | "<none>" | "n1" | "<none>" | "<none>"
            "web" | "0/1" | "SchedulingGated" | "0" | "4m30s" | "<none>" | "n1" | "<none>" | "<none>"
            "web" | "0/1" | "Evicted" | "0" | "4m30s" | "<none>" | "n1" | "<none>" | "<none>"  [{"reason":"Succeeded","status":"True","type":"Completed"}]"#]],
    );
}

#[test]
fn custom_columns_are_typed() {
    let columns = json!([
        { "name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" },
        { "name": "Size", "type": "integer", "jsonPath": ".spec.size", "description": "How large." },
        { "name": "Ratio", "type": "number", "jsonPath": ".spec.ratio" },
        { "name": "On", "type": "boolean", "jsonPath": ".spec.on" },
        { "name": "Tags", "type": "string", "jsonPath": ".spec.tags", "priority": 1 },
        { "name": "Synced", "type": "date", "jsonPath": ".status.syncedAt" },
    ]);
    check(
        &Columns::custom(Some(&columns)),
        &[
            named(
                "full",
                json!({
                    "spec": { "size": 3, "ratio": 1.5, "on": true, "tags": { "a": ["b"] } },
                    "status": { "conditions": [{ "type": "Ready", "status": "True" }], "syncedAt": "2026-02-27T12:00:00+01:00" },
                }),
            ),
            named(
                "odd",
                json!({ "spec": { "size": 3.9, "ratio": 2.0, "on": "yes", "tags": 1e6 }, "status": { "syncedAt": "soon" } }),
            ),
            named("empty", json!({ "status": { "syncedAt": "" } })),
        ],
        expect![[r#"
            NAME | READY | SIZE | RATIO | ON | +TAGS | SYNCED
            "full" | "True" | 3 | 1.5 | true | "{\"a\":[\"b\"]}" | "2d1h"
            "odd" | null | 3 | 2 | null | "1e+06" | "<invalid>"
            "empty" | null | null | null | null | null | "<unknown>""#]],
    );
    check(
        &Columns::custom(None),
        &[named("plain", json!({}))],
        expect![[r#"
        NAME | AGE
        "plain" | "4m30s""#]],
    );
}

#[test]
fn a_table_carries_what_was_asked_for() {
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "a" }, "status": { "phase": "Active" } });
    let columns = Columns::builtin("", "Namespace");
    let list = json!({ "resourceVersion": "12" });
    let first = render(&columns, [&namespace], list.clone(), now(), Include::Metadata, true);
    expect![[r#"
        {
          "apiVersion": "meta.k8s.io/v1",
          "columnDefinitions": [
            {
              "description": "",
              "format": "name",
              "name": "Name",
              "priority": 0,
              "type": "string"
            },
            {
              "description": "",
              "format": "",
              "name": "Status",
              "priority": 0,
              "type": "string"
            },
            {
              "description": "",
              "format": "",
              "name": "Age",
              "priority": 0,
              "type": "string"
            }
          ],
          "kind": "Table",
          "metadata": {
            "resourceVersion": "12"
          },
          "rows": [
            {
              "cells": [
                "a",
                "Active",
                "<unknown>"
              ],
              "object": {
                "apiVersion": "meta.k8s.io/v1",
                "kind": "PartialObjectMetadata",
                "metadata": {
                  "name": "a"
                }
              }
            }
          ]
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&first).unwrap());
    let later = render(&columns, [&namespace], list, now(), Include::Object, false);
    expect![[r#"{"apiVersion":"meta.k8s.io/v1","columnDefinitions":null,"kind":"Table","metadata":{"resourceVersion":"12"},"rows":[{"cells":["a","Active","<unknown>"],"object":{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"},"status":{"phase":"Active"}}}]}"#]].assert_eq(&later.to_string());
}
