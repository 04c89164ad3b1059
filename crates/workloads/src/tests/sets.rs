//! StatefulSets and DaemonSets from outside.

use api::ObjectExt;
use expect_test::expect;
use serde_json::{Value, json};

use super::cluster::{Cluster, template};
use crate::Kind;

fn image(image: &str) -> Value {
    json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "image": image}]}}}})
}

fn stateful(replicas: i64, spec: Value) -> Value {
    let object = json!({
        "metadata": {"name": "db"},
        "spec": {
            "replicas": replicas,
            "serviceName": "db",
            "podManagementPolicy": "OrderedReady",
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
            "revisionHistoryLimit": 1,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template("1"),
        },
    });
    machinery::patch::merge(&object, &json!({"spec": spec}))
}

fn images(cluster: &Cluster) -> String {
    let line =
        |pod: &&Value| format!("{}={} ", pod.name().unwrap(), pod["spec"]["containers"][0]["image"].as_str().unwrap());
    cluster.all(Kind::Pod).iter().map(line).collect()
}

#[test]
fn ordinals_come_go_and_roll_in_order() {
    let mut cluster = Cluster::new(2);
    cluster.create(Kind::StatefulSet, stateful(3, json!({})));
    cluster.run(0);
    expect!["db-0 Pending\n"].assert_eq(&cluster.pods());
    cluster.run(2);
    expect!["db-0 Running ready\ndb-1 Pending\n"].assert_eq(&cluster.pods());
    cluster.run(10);
    expect!["db-0 Running ready\ndb-1 Running ready\ndb-2 Running ready\n"].assert_eq(&cluster.pods());
    let pod = cluster.get(Kind::Pod, "db-2").unwrap();
    assert_eq!((&pod["spec"]["hostname"], &pod["spec"]["subdomain"]), (&json!("db-2"), &json!("db")));
    let set = cluster.get(Kind::StatefulSet, "db").unwrap();
    assert_eq!(set["status"]["currentRevision"], set["status"]["updateRevision"]);
    assert_eq!(pod.label("controller-revision-hash"), set["status"]["updateRevision"].as_str());
    cluster.silent();
    cluster.edit(Kind::StatefulSet, "db", &image("2"));
    cluster.run(1);
    assert!(
        cluster.pods().contains("db-2 Running ready leaving") && !cluster.pods().contains("db-1 Running ready leaving"),
        "{}",
        cluster.pods()
    );
    cluster.run(20);
    expect!["db-0=2 db-1=2 db-2=2 "].assert_eq(&images(&cluster));
    let status = cluster.get(Kind::StatefulSet, "db").unwrap()["status"].clone();
    assert_eq!(status["currentRevision"], status["updateRevision"]);
    assert_eq!((&status["updatedReplicas"], &status["currentReplicas"]), (&json!(3), &json!(3)));
    cluster.edit(Kind::StatefulSet, "db", &json!({"spec": {"replicas": 1}}));
    cluster.run(20);
    expect!["db-0 Running ready\n"].assert_eq(&cluster.pods());
    for version in ["3", "4", "1"] {
        cluster.edit(Kind::StatefulSet, "db", &image(version));
        cluster.run(20);
    }
    assert_eq!(cluster.all(Kind::ControllerRevision).len(), 2, "one of old, and the newest");
    cluster.silent();
}

#[test]
fn a_partition_holds_the_update_back_and_parallel_sets_do_not_wait() {
    let mut cluster = Cluster::new(2);
    let partition = json!({"updateStrategy": {"rollingUpdate": {"partition": 2}}, "podManagementPolicy": "Parallel"});
    cluster.create(Kind::StatefulSet, stateful(4, partition));
    cluster.run(0);
    assert_eq!(cluster.pods().lines().count(), 4);
    cluster.run(10);
    cluster.edit(Kind::StatefulSet, "db", &image("2"));
    cluster.run(30);
    expect!["db-0=1 db-1=1 db-2=2 db-3=2 "].assert_eq(&images(&cluster));
    cluster.delete(Kind::Pod, "db-0");
    cluster.run(10);
    expect!["db-0=1 db-1=1 db-2=2 db-3=2 "].assert_eq(&images(&cluster));
    cluster.silent();
    cluster.edit(Kind::StatefulSet, "db", &json!({"spec": {"updateStrategy": {"rollingUpdate": {"partition": 0}}}}));
    cluster.run(30);
    expect!["db-0=2 db-1=2 db-2=2 db-3=2 "].assert_eq(&images(&cluster));
}

#[test]
fn each_ordinal_has_its_claim_and_keeps_it() {
    let mut cluster = Cluster::new(1);
    cluster.create(
        Kind::StorageClass,
        json!({"metadata": {"name": "default", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": "disk.csi.azure.com", "volumeBindingMode": "WaitForFirstConsumer"}),
    );
    let claim = json!({"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    cluster.create(Kind::StatefulSet, stateful(2, json!({"volumeClaimTemplates": [claim]})));
    cluster.run(20);
    expect!["db-0 Running ready\ndb-1 Running ready\n"].assert_eq(&cluster.pods());
    let bound = cluster.get(Kind::PersistentVolumeClaim, "data-db-1").unwrap();
    assert_eq!(bound["status"]["phase"], "Bound");
    assert_eq!(bound["spec"]["storageClassName"], "default");
    let volumes = cluster.all(Kind::PersistentVolume);
    assert_eq!(volumes.len(), 2);
    assert_eq!(volumes[0]["status"]["phase"], "Bound");
    cluster.silent();
    cluster.delete(Kind::StatefulSet, "db");
    cluster.run(10);
    assert_eq!((cluster.pods().as_str(), cluster.all(Kind::PersistentVolumeClaim).len()), ("", 2));
    cluster.delete(Kind::PersistentVolumeClaim, "data-db-0");
    cluster.run(1);
    assert_eq!(cluster.all(Kind::PersistentVolume).len(), 1, "its reclaim policy is Delete");
}

fn daemon(spec: Value) -> Value {
    let object = json!({
        "metadata": {"name": "agent"},
        "spec": {
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
            "revisionHistoryLimit": 10,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template("1"),
        },
    });
    machinery::patch::merge(&object, &json!({"spec": spec}))
}

/// `node=image` of each pod, in order of node.
fn by_node(cluster: &Cluster) -> String {
    let living = cluster.all(Kind::Pod).into_iter().filter(|pod| pod.deletion_timestamp().is_none());
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut lines: Vec<String> = living
        .map(|pod| format!("{}={}", text(&pod["spec"]["nodeName"]), text(&pod["spec"]["containers"][0]["image"])))
        .collect();
    lines.sort();
    lines.join(" ")
}

#[test]
fn daemons_are_on_every_node_that_takes_them() {
    let mut cluster = Cluster::new(2);
    cluster.node("gpu", json!({"taints": [{"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}]}));
    cluster.node(
        "cordoned",
        json!({"unschedulable": true, "taints": [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]}),
    );
    cluster.create(Kind::DaemonSet, daemon(json!({})));
    cluster.run(10);
    expect!["cordoned=1 node-0=1 node-1=1"].assert_eq(&by_node(&cluster));
    let status = &cluster.get(Kind::DaemonSet, "agent").unwrap()["status"];
    assert_eq!((&status["desiredNumberScheduled"], &status["numberAvailable"]), (&json!(3), &json!(3)));
    cluster.silent();
    cluster.node("late", json!({}));
    cluster.delete(Kind::Node, "node-0");
    cluster.run(10);
    expect!["cordoned=1 late=1 node-1=1"].assert_eq(&by_node(&cluster));
    cluster.edit(
        Kind::DaemonSet,
        "agent",
        &json!({"spec": {"template": {"spec": {"nodeSelector": {"kubernetes.io/hostname": "late"}}}}}),
    );
    cluster.run(20);
    expect!["late=1"].assert_eq(&by_node(&cluster));
    cluster.silent();
}

#[test]
fn daemons_roll_within_their_bounds() {
    for (strategy, least) in [
        (json!({"maxUnavailable": 1, "maxSurge": 0}), 3),
        (json!({"maxUnavailable": 0, "maxSurge": 1}), 4),
        (json!({"maxUnavailable": "50%", "maxSurge": 0}), 2),
    ] {
        let mut cluster = Cluster::new(4);
        cluster.create(Kind::DaemonSet, daemon(json!({"updateStrategy": {"rollingUpdate": strategy}})));
        cluster.run(10);
        cluster.edit(Kind::DaemonSet, "agent", &image("2"));
        let mut fewest = usize::MAX;
        for _ in 0..60 {
            fewest = fewest.min(cluster.pods().lines().filter(|line| line.ends_with(" ready")).count());
            cluster.run(1);
        }
        assert_eq!(by_node(&cluster), "node-0=2 node-1=2 node-2=2 node-3=2");
        assert_eq!(fewest, least, "{strategy}");
        cluster.silent();
    }
    let mut cluster = Cluster::new(1);
    cluster.create(Kind::DaemonSet, daemon(json!({"updateStrategy": {"type": "OnDelete", "rollingUpdate": null}})));
    cluster.run(10);
    cluster.edit(Kind::DaemonSet, "agent", &image("2"));
    cluster.run(10);
    assert_eq!(by_node(&cluster), "node-0=1");
}
