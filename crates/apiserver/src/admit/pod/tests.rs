use serde_json::{Value, json};

use super::{bind, container, evict};

const NOW: &str = "2025-06-01T12:00:00Z";

fn pod(status: Value) -> Value {
    json!({
        "metadata": { "name": "p", "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "a" }] }, "status": status,
    })
}

fn budget(allowed: i64) -> Value {
    json!({
        "metadata": { "name": "b", "generation": 1 }, "spec": { "selector": { "matchLabels": { "app": "web" } } },
        "status": { "observedGeneration": 1, "disruptionsAllowed": allowed, "currentHealthy": 2, "desiredHealthy": 1 },
    })
}

fn ready() -> Value {
    pod(json!({ "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] }))
}

#[test]
fn a_budget_pays_for_a_ready_pod() {
    let evicted = evict(&ready(), &[budget(2)], NOW).expect("allowed");
    let paid = evicted.budget.expect("paid");
    assert_eq!(paid["status"]["disruptionsAllowed"], 1);
    assert_eq!(paid["status"]["disruptedPods"], json!({ "p": NOW }));
    assert_eq!(paid.pointer("/status/conditions"), None, "there is still one left");
    assert_eq!(evict(&ready(), &[budget(0)], NOW).map_err(|status| status.code), Err(429));
    assert_eq!(evict(&ready(), &[budget(-1)], NOW).map_err(|status| status.code), Err(403));
}

#[test]
fn nobody_pays_for_what_disturbs_nothing() {
    let unready = pod(json!({ "phase": "Running" }));
    let done = pod(json!({ "phase": "Succeeded" }));
    let mut other = budget(0);
    other["spec"]["selector"]["matchLabels"]["app"] = "db".into();
    for (pod, budget) in [(&unready, budget(0)), (&done, budget(0)), (&ready(), other)] {
        assert_eq!(evict(pod, &[budget], NOW).map(|evicted| evicted.budget), Ok(None));
    }
    let mut ill = budget(0);
    ill["status"]["currentHealthy"] = json!(0);
    assert_eq!(evict(&unready, &[ill.clone()], NOW).map_err(|status| status.code), Err(429));
    ill["spec"]["unhealthyPodEvictionPolicy"] = "AlwaysAllow".into();
    assert_eq!(evict(&unready, &[ill], NOW).map(|evicted| evicted.exact), Ok(true));
}

#[test]
fn a_pod_is_bound_once() {
    let binding = json!({ "metadata": { "name": "p", "annotations": { "a": "b" } }, "target": { "name": "node-1" } });
    let bound = bind(&pod(json!({})), &binding, NOW).expect("bound");
    assert_eq!(
        (&bound["spec"]["nodeName"], &bound["metadata"]["annotations"]),
        (&json!("node-1"), &json!({ "a": "b" }))
    );
    assert_eq!(bound["status"]["conditions"][0]["type"], "PodScheduled");
    let again = bind(&bound, &binding, NOW).expect_err("bound already");
    assert!(again.message.ends_with("pod p is already assigned to node \"node-1\""), "{}", again.message);
    let mut gated = pod(json!({}));
    gated["spec"]["schedulingGates"] = json!([{ "name": "g" }]);
    assert!(bind(&gated, &binding, NOW).is_err());
}

#[test]
fn logs_are_of_one_container() {
    let mut pod = pod(json!({}));
    assert_eq!(container(&pod, "").as_deref(), Ok("a"));
    pod["spec"]["containers"] = json!([{ "name": "a" }, { "name": "b" }]);
    assert!(container(&pod, "").is_err());
    assert_eq!(container(&pod, "b").as_deref(), Ok("b"));
    assert!(container(&pod, "c").is_err());
}
