//! Deployments and ReplicaSets from outside: rollouts, scaling, undoing, pausing, deadlines.

use api::ObjectExt;
use expect_test::expect;
use serde_json::{Value, json};

use super::cluster::{Cluster, template};
use crate::Kind;

fn deployment(replicas: i64, spec: Value) -> Value {
    let object = json!({
        "metadata": {"name": "web", "annotations": {"team": "a"}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template("nginx:1"),
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
        },
    });
    machinery::patch::merge(&object, &json!({"spec": spec}))
}

fn image(image: &str) -> Value {
    json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "image": image}]}}}})
}

fn conditions(cluster: &Cluster) -> String {
    let deployment = cluster.get(Kind::Deployment, "web").unwrap();
    let line = |condition: &Value| {
        let text = |field: &str| condition[field].as_str().unwrap_or_default().to_owned();
        format!("{}={} {}\n", text("type"), text("status"), text("reason"))
    };
    crate::read::list(deployment, "/status/conditions").iter().map(line).collect()
}

/// `wanted/pods/available revision` of each ReplicaSet.
fn sets(cluster: &Cluster) -> String {
    let mut lines: Vec<String> = Vec::new();
    for set in cluster.all(Kind::ReplicaSet) {
        let number = |field: &str| set["status"][field].as_i64().unwrap_or(0);
        let revision = set.annotation("deployment.kubernetes.io/revision").unwrap_or("-");
        lines.push(format!(
            "{revision}: {}/{}/{}\n",
            set["spec"]["replicas"],
            number("replicas"),
            number("availableReplicas")
        ));
    }
    lines.sort();
    lines.concat()
}

#[test]
fn it_becomes_available() {
    let mut cluster = Cluster::new(2);
    cluster.create(Kind::Deployment, deployment(3, json!({})));
    cluster.run(0);
    let status = &cluster.get(Kind::Deployment, "web").unwrap()["status"];
    assert_eq!((&status["replicas"], &status["unavailableReplicas"]), (&json!(3), &json!(3)));
    expect![[r#"
        Available=False MinimumReplicasUnavailable
        Progressing=True ReplicaSetUpdated
    "#]]
    .assert_eq(&conditions(&cluster));
    cluster.run(10);
    let web = cluster.get(Kind::Deployment, "web").unwrap();
    assert_eq!(web.annotation("deployment.kubernetes.io/revision"), Some("1"));
    expect![[r#"
        Available=True MinimumReplicasAvailable
        Progressing=True NewReplicaSetAvailable
    "#]]
    .assert_eq(&conditions(&cluster));
    let set = cluster.all(Kind::ReplicaSet)[0];
    assert_eq!(set.annotation("team"), Some("a"));
    let hash = set.label("pod-template-hash").unwrap();
    assert_eq!(set.name().unwrap(), format!("web-{hash}"));
    assert!(cluster.all(Kind::Pod).iter().all(|pod| pod.label("pod-template-hash") == Some(hash)));
    cluster.silent();
    assert!(cluster.timers().is_empty(), "{:?}", cluster.timers());
}

#[test]
fn a_rolling_update_keeps_to_its_bounds_and_can_be_undone() {
    let mut cluster = Cluster::new(2);
    cluster.create(Kind::Deployment, deployment(8, json!({})));
    cluster.run(10);
    cluster.edit(Kind::Deployment, "web", &image("nginx:2"));
    let (mut most, mut least) = (0, usize::MAX);
    for _ in 0..100 {
        cluster.run(0);
        let pods = cluster.all(Kind::Pod);
        let living = pods.iter().filter(|pod| pod.deletion_timestamp().is_none()).count();
        let available = cluster.pods().lines().filter(|line| line.ends_with(" ready")).count();
        (most, least) = (most.max(living), least.min(available));
        cluster.run(1);
    }
    assert_eq!((most, least), (10, 6));
    expect![[r#"
        1: 0/0/0
        2: 8/8/8
    "#]]
    .assert_eq(&sets(&cluster));
    cluster.edit(Kind::Deployment, "web", &image("nginx:1"));
    cluster.run(60);
    expect![[r#"
        2: 0/0/0
        3: 8/8/8
    "#]]
    .assert_eq(&sets(&cluster));
    let undone = cluster.all(Kind::ReplicaSet).into_iter().find(|set| set["spec"]["replicas"] == 8).unwrap();
    assert_eq!(undone.annotation("deployment.kubernetes.io/revision-history"), Some("1"));
    cluster.silent();
}

#[test]
fn a_recreate_stops_everything_first() {
    let mut cluster = Cluster::new(1);
    let recreate = json!({"strategy": {"type": "Recreate", "rollingUpdate": null}});
    cluster.create(Kind::Deployment, deployment(3, recreate));
    cluster.run(10);
    cluster.edit(Kind::Deployment, "web", &image("nginx:2"));
    cluster.run(0);
    assert_eq!(cluster.all(Kind::ReplicaSet).len(), 1, "no pod of the new template beside one of the old");
    cluster.run(20);
    expect![[r#"
        1: 0/0/0
        2: 3/3/3
    "#]]
    .assert_eq(&sets(&cluster));
    cluster.silent();
}

#[test]
fn scaling_follows_also_while_it_rolls() {
    let mut cluster = Cluster::new(2);
    cluster.create(Kind::Deployment, deployment(4, json!({})));
    cluster.run(10);
    cluster.edit(Kind::Deployment, "web", &json!({"spec": {"replicas": 7}}));
    cluster.run(10);
    assert_eq!(cluster.pods().lines().count(), 7);
    let mut unready = image("nginx:2");
    unready["spec"]["template"]["metadata"]["annotations"] = json!({"windlass.dev/simulated-ready": "false"});
    cluster.edit(Kind::Deployment, "web", &unready);
    cluster.run(10);
    expect![[r#"
        1: 6/6/6
        2: 3/3/0
    "#]]
    .assert_eq(&sets(&cluster));
    cluster.edit(Kind::Deployment, "web", &json!({"spec": {"replicas": 14}}));
    cluster.run(10);
    expect![[r#"
        1: 11/11/11
        2: 7/7/0
    "#]]
    .assert_eq(&sets(&cluster));
    cluster.edit(Kind::Deployment, "web", &json!({"spec": {"replicas": 0}}));
    cluster.run(10);
    assert_eq!(cluster.pods(), "");
    cluster.silent();
}

#[test]
fn a_rollout_that_stands_still_is_told() {
    let mut cluster = Cluster::new(0);
    cluster.create(Kind::Deployment, deployment(1, json!({"progressDeadlineSeconds": 30})));
    cluster.run(20);
    expect![[r#"
        Available=False MinimumReplicasUnavailable
        Progressing=True ReplicaSetUpdated
    "#]]
    .assert_eq(&conditions(&cluster));
    cluster.run(60);
    expect![[r#"
        Available=False MinimumReplicasUnavailable
        Progressing=False ProgressDeadlineExceeded
    "#]]
    .assert_eq(&conditions(&cluster));
    cluster.silent();
    assert!(cluster.timers().is_empty());
    cluster.node("late", json!({}));
    cluster.run(20);
    expect![[r#"
        Available=True MinimumReplicasAvailable
        Progressing=True NewReplicaSetAvailable
    "#]]
    .assert_eq(&conditions(&cluster));
}

#[test]
fn paused_it_scales_and_does_not_roll() {
    let mut cluster = Cluster::new(1);
    cluster.create(Kind::Deployment, deployment(2, json!({})));
    cluster.run(10);
    cluster.edit(Kind::Deployment, "web", &json!({"spec": {"paused": true}}));
    cluster.edit(Kind::Deployment, "web", &image("nginx:2"));
    cluster.edit(Kind::Deployment, "web", &json!({"spec": {"replicas": 3}}));
    cluster.run(10);
    expect![[r#"
        1: 3/3/3
    "#]]
    .assert_eq(&sets(&cluster));
    cluster.silent();
    cluster.edit(Kind::Deployment, "web", &json!({"spec": {"paused": false}}));
    cluster.run(20);
    expect![[r#"
        1: 0/0/0
        2: 3/3/3
    "#]]
    .assert_eq(&sets(&cluster));
}

#[test]
fn history_is_limited_and_minimum_ready_time_is_kept() {
    let mut cluster = Cluster::new(1);
    cluster.create(Kind::Deployment, deployment(1, json!({"revisionHistoryLimit": 1, "minReadySeconds": 5})));
    cluster.run(4);
    assert!(conditions(&cluster).contains("Available=False"), "ready is not available yet: {}", conditions(&cluster));
    assert_eq!(cluster.get(Kind::Deployment, "web").unwrap()["status"].get("availableReplicas"), None);
    cluster.run(4);
    assert_eq!(cluster.get(Kind::Deployment, "web").unwrap()["status"]["availableReplicas"], 1);
    for version in ["2", "3", "4"] {
        cluster.edit(Kind::Deployment, "web", &image(version));
        cluster.run(30);
    }
    expect![[r#"
        3: 0/0/0
        4: 1/1/1
    "#]]
    .assert_eq(&sets(&cluster));
    cluster.delete(Kind::Deployment, "web");
    cluster.run(10);
    assert_eq!((cluster.all(Kind::ReplicaSet).len(), cluster.all(Kind::Pod).len()), (0, 0));
}

#[test]
fn replica_sets_adopt_release_and_replace() {
    let mut cluster = Cluster::new(1);
    let mut orphan = template("nginx:1");
    orphan["metadata"]["name"] = "orphan".into();
    cluster.create(Kind::Pod, orphan);
    let set = json!({
        "metadata": {"name": "set"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template("nginx:1")},
    });
    cluster.create(Kind::ReplicaSet, set);
    cluster.run(10);
    assert_eq!(cluster.all(Kind::Pod).len(), 2);
    assert_eq!(cluster.get(Kind::Pod, "orphan").unwrap().owner_references()[0]["name"], "set");
    cluster.edit(Kind::Pod, "orphan", &json!({"metadata": {"labels": {"app": "other"}}}));
    cluster.run(10);
    assert_eq!(cluster.get(Kind::Pod, "orphan").unwrap().owner_references().len(), 0);
    assert_eq!(cluster.all(Kind::Pod).len(), 3);
    cluster.silent();
}
