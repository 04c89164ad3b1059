//! Single pods: where they go, how they live, how they end.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::cluster::Cluster;
use crate::Kind;

fn pod(name: &str, spec: Value) -> Value {
    let mut pod = json!({
        "metadata": {"name": name},
        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
    });
    pod = machinery::patch::merge(&pod, &json!({"spec": spec}));
    pod
}

fn refusal(cluster: &Cluster, name: &str) -> String {
    let pod = cluster.get(Kind::Pod, name).unwrap();
    let scheduled = crate::read::condition(pod, "PodScheduled").cloned().unwrap_or_default();
    format!("{} {}: {}", scheduled["status"], scheduled["reason"], scheduled["message"])
}

fn check_refusal(nodes: &[Value], spec: Value, expected: &Expect) {
    let mut cluster = Cluster::new(0);
    for (index, node) in nodes.iter().enumerate() {
        cluster.node(&format!("n{index}"), node.clone());
    }
    cluster.create(Kind::Pod, pod("p", spec));
    cluster.run(5);
    expected.assert_eq(&refusal(&cluster, "p"));
    cluster.silent();
}

#[test]
fn why_no_node_takes_a_pod() {
    let taint = json!({"taints": [{"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}]});
    check_refusal(&[], json!({}), &expect![[r#""False" "Unschedulable": "no nodes available to schedule pods""#]]);
    check_refusal(
        &[taint.clone(), json!({"unschedulable": true}), taint],
        json!({}),
        &expect![[
            r#""False" "Unschedulable": "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) had untolerated taint {dedicated: gpu}. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.""#
        ]],
    );
    check_refusal(
        &[json!({})],
        json!({"nodeSelector": {"disk": "ssd"}}),
        &expect![[
            r#""False" "Unschedulable": "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.""#
        ]],
    );
    check_refusal(
        &[json!({})],
        json!({"schedulingGates": [{"name": "x"}]}),
        &expect![[r#""False" "SchedulingGated": "Scheduling is blocked due to non-empty scheduling gates""#]],
    );
}

#[test]
fn tolerations_selectors_and_affinity_choose_the_node() {
    let mut cluster = Cluster::new(2);
    cluster.node("gpu", json!({"taints": [{"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}]}));
    let tolerations = json!([{"key": "dedicated", "operator": "Equal", "value": "gpu"}]);
    let term = |operator: &str, values: Value| {
        let expression = json!({"key": "kubernetes.io/hostname", "operator": operator, "values": values});
        json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}})
    };
    cluster.create(Kind::Pod, pod("a", json!({"tolerations": tolerations, "affinity": term("In", json!(["gpu"]))})));
    cluster.create(Kind::Pod, pod("b", json!({"affinity": term("NotIn", json!(["node-0", "gpu"]))})));
    cluster.create(Kind::Pod, pod("c", json!({"nodeSelector": {"kubernetes.io/hostname": "node-0"}})));
    cluster.create(Kind::Pod, pod("d", json!({"nodeName": "node-1"})));
    cluster.run(5);
    let node = |name: &str| cluster.get(Kind::Pod, name).unwrap()["spec"]["nodeName"].clone();
    assert_eq!(["a", "b", "c", "d"].map(node), ["gpu", "node-1", "node-0", "node-1"]);
    let marked = |name: &str| {
        !cluster.get(Kind::Pod, name).unwrap()["metadata"]["annotations"]["windlass.dev/simulated"].is_null()
    };
    assert!(["a", "b", "c", "d"].into_iter().all(marked));
}

#[test]
fn a_pod_starts_runs_and_goes() {
    let mut cluster = Cluster::new(1);
    cluster.create(Kind::Pod, pod("p", json!({"initContainers": [{"name": "i", "image": "busybox"}]})));
    cluster.run(0);
    let state = |cluster: &Cluster| cluster.get(Kind::Pod, "p").unwrap()["status"].clone();
    let at_first = state(&cluster);
    assert_eq!(at_first["phase"], "Pending");
    assert_eq!(at_first["containerStatuses"][0]["state"]["waiting"]["reason"], "PodInitializing");
    cluster.run(2);
    let then = state(&cluster);
    assert_eq!(then["phase"], "Running");
    assert_eq!(then["podIP"], "10.244.0.1");
    assert_eq!(then["initContainerStatuses"][0]["state"]["terminated"]["exitCode"], 0);
    expect!["p Running ready\n"].assert_eq(&cluster.pods());
    cluster.silent();
    assert!(cluster.timers().is_empty(), "nobody waits for anything");
    cluster.delete(Kind::Pod, "p");
    expect!["p Running ready leaving\n"].assert_eq(&cluster.pods());
    cluster.run(2);
    expect![""].assert_eq(&cluster.pods());
}

#[test]
fn addresses_are_given_once() {
    let mut cluster = Cluster::new(3);
    for index in 0..60 {
        cluster.create(Kind::Pod, pod(&format!("p{index}"), json!({})));
    }
    cluster.run(5);
    let mut ips: Vec<&Value> = cluster.all(Kind::Pod).iter().map(|pod| &pod["status"]["podIP"]).collect();
    ips.sort_by_key(|ip| ip.to_string());
    ips.dedup();
    assert_eq!(ips.len(), 60);
    let on = |node: &str| cluster.all(Kind::Pod).iter().filter(|pod| pod["spec"]["nodeName"] == node).count();
    assert_eq!([on("node-0"), on("node-1"), on("node-2")], [20, 20, 20]);
}

#[test]
fn a_lost_node_takes_its_pods_along() {
    let mut cluster = Cluster::new(1);
    cluster.create(Kind::Pod, pod("p", json!({})));
    cluster.create(Kind::Pod, pod("done", json!({"restartPolicy": "Never"})));
    cluster.run(5);
    expect!["done Succeeded\np Running ready\n"].assert_eq(&cluster.pods());
    cluster.delete(Kind::Node, "node-0");
    cluster.run(5);
    expect![""].assert_eq(&cluster.pods());
}

#[test]
fn what_a_pod_does_can_be_chosen() {
    let mut cluster = Cluster::new(1);
    let mut failing = pod("failing", json!({"restartPolicy": "Never"}));
    failing["metadata"]["annotations"] = json!({"windlass.dev/simulated-exit-code": "3"});
    let mut slow = pod("slow", json!({"restartPolicy": "Never"}));
    slow["metadata"]["annotations"] = json!({"windlass.dev/simulated-seconds": "60"});
    let mut unready = pod("unready", json!({}));
    unready["metadata"]["annotations"] = json!({"windlass.dev/simulated-ready": "false"});
    let mut crashing = pod("crashing", json!({}));
    crashing["metadata"]["annotations"] = json!({"windlass.dev/simulated-exit-code": "1"});
    for pod in [failing, slow, unready, crashing] {
        cluster.create(Kind::Pod, pod);
    }
    cluster.run(8);
    expect![[r#"
        crashing Running
        failing Failed
        slow Running ready
        unready Running
    "#]]
    .assert_eq(&cluster.pods());
    let crashing = &cluster.get(Kind::Pod, "crashing").unwrap()["status"]["containerStatuses"][0];
    assert_eq!(crashing["state"]["waiting"]["reason"], "CrashLoopBackOff");
    cluster.run(60);
    let crashing = &cluster.get(Kind::Pod, "crashing").unwrap()["status"]["containerStatuses"][0];
    assert_eq!(crashing["restartCount"], 2);
    cluster.edit(Kind::Pod, "unready", &json!({"metadata": {"annotations": {"windlass.dev/simulated-ready": null}}}));
    cluster.run(1);
    assert!(
        cluster.pods().contains("unready Running ready") && cluster.pods().contains("slow Succeeded"),
        "{}",
        cluster.pods()
    );
}
