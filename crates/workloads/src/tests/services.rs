//! Endpoints of Services, and disruption budgets, from outside.

use api::ObjectExt;
use expect_test::expect;
use serde_json::{Value, json};

use super::cluster::{Cluster, template};
use crate::Kind;

fn set(replicas: i64) -> Value {
    let mut template = template("nginx");
    template["spec"]["containers"][0]["ports"] = json!([{"name": "http", "containerPort": 8080, "protocol": "TCP"}]);
    json!({
        "metadata": {"name": "set"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template},
    })
}

fn endpoints(cluster: &Cluster) -> String {
    let found = cluster.get(Kind::Endpoints, "web").unwrap();
    let line = |subset: &Value| {
        let count = |field: &str| subset[field].as_array().map_or(0, Vec::len);
        let ports: Vec<String> =
            crate::read::list(subset, "/ports").iter().map(|port| port["port"].to_string()).collect();
        format!("{} ready, {} not, ports {}", count("addresses"), count("notReadyAddresses"), ports.join(" "))
    };
    crate::read::list(found, "/subsets").iter().map(line).collect()
}

fn slices(cluster: &Cluster) -> Vec<usize> {
    cluster.all(Kind::EndpointSlice).iter().map(|slice| crate::read::list(slice, "/endpoints").len()).collect()
}

#[test]
fn endpoints_follow_pods() {
    let mut cluster = Cluster::new(3);
    cluster.create(
        Kind::Service,
        json!({"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]}}),
    );
    cluster.run(0);
    assert_eq!(slices(&cluster), [0], "one that says that there are none");
    cluster.create(Kind::ReplicaSet, set(2));
    cluster.run(10);
    expect!["2 ready, 0 not, ports 8080"].assert_eq(&endpoints(&cluster));
    assert_eq!(slices(&cluster), [2]);
    cluster.silent();
    let name = cluster.all(Kind::Pod)[0].name().unwrap().to_owned();
    cluster.edit(Kind::Pod, &name, &json!({"metadata": {"annotations": {"windlass.dev/simulated-ready": "false"}}}));
    cluster.run(1);
    expect!["1 ready, 1 not, ports 8080"].assert_eq(&endpoints(&cluster));
    cluster.edit(Kind::ReplicaSet, "set", &json!({"spec": {"replicas": 250}}));
    cluster.run(10);
    let mut sizes = slices(&cluster);
    sizes.sort_unstable();
    assert_eq!(sizes, [50, 100, 100]);
    cluster.silent();
    cluster.edit(Kind::ReplicaSet, "set", &json!({"spec": {"replicas": 0}}));
    cluster.run(10);
    expect![""].assert_eq(&endpoints(&cluster));
    assert_eq!(slices(&cluster), [0]);
    cluster.silent();
    cluster.delete(Kind::Service, "web");
    cluster.run(1);
    assert!(cluster.get(Kind::Endpoints, "web").is_none() && slices(&cluster).is_empty());
}

#[test]
fn a_service_without_a_selector_is_somebody_elses() {
    let mut cluster = Cluster::new(1);
    cluster.create(Kind::Service, json!({"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}}));
    cluster.create(Kind::Endpoints, json!({"metadata": {"name": "web"}, "subsets": []}));
    let before = cluster.writes;
    cluster.run(10);
    assert_eq!(cluster.writes, before);
}

#[test]
fn budgets_count_what_serves() {
    let mut cluster = Cluster::new(1);
    cluster.create(Kind::ReplicaSet, set(4));
    for (name, spec) in [
        ("share", json!({"minAvailable": "50%"})),
        ("number", json!({"minAvailable": 4})),
        ("most", json!({"maxUnavailable": 1})),
    ] {
        let mut spec = spec;
        spec["selector"] = json!({"matchLabels": {"app": "web"}});
        cluster.create(Kind::PodDisruptionBudget, json!({"metadata": {"name": name}, "spec": spec}));
    }
    cluster.run(10);
    let shown = |cluster: &Cluster, name: &str| {
        let status = &cluster.get(Kind::PodDisruptionBudget, name).unwrap()["status"];
        format!(
            "{} of {}, {} must, {} may go, {}",
            status["currentHealthy"],
            status["expectedPods"],
            status["desiredHealthy"],
            status["disruptionsAllowed"],
            status["conditions"][0]["reason"].as_str().unwrap()
        )
    };
    expect!["4 of 4, 2 must, 2 may go, SufficientPods"].assert_eq(&shown(&cluster, "share"));
    expect!["4 of 4, 4 must, 0 may go, InsufficientPods"].assert_eq(&shown(&cluster, "number"));
    expect!["4 of 4, 3 must, 1 may go, SufficientPods"].assert_eq(&shown(&cluster, "most"));
    cluster.silent();
    let name = cluster.all(Kind::Pod)[0].name().unwrap().to_owned();
    let evicted = json!({"status": {"disruptionsAllowed": 0, "disruptedPods": {&name: "2025-01-02T03:04:15Z"}}});
    cluster.edit(Kind::PodDisruptionBudget, "most", &evicted);
    cluster.run(0);
    expect!["3 of 4, 3 must, 0 may go, InsufficientPods"].assert_eq(&shown(&cluster, "most"));
    cluster.delete(Kind::Pod, &name);
    cluster.run(10);
    expect!["4 of 4, 3 must, 1 may go, SufficientPods"].assert_eq(&shown(&cluster, "most"));
    cluster.silent();
}
