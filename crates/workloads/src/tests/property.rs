//! Whatever is done to a cluster, in whatever order: it comes to rest, is silent then, and everybody has the pods that were asked for.

use api::ObjectExt;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::cluster::Cluster;
use crate::Kind;

#[derive(Clone, Debug)]
enum Step {
    Scale(usize, i64),
    Image(usize, u8),
    Ready(usize, bool),
    Pause(bool),
    DeletePod(usize),
    Finish(usize),
    Cordon(bool),
    LoseNode,
    Wait(i64),
}

const SCALED: [(Kind, &str); 3] = [(Kind::Deployment, "a"), (Kind::ReplicaSet, "b"), (Kind::StatefulSet, "c")];
const ALL: [(Kind, &str); 4] =
    [(Kind::Deployment, "a"), (Kind::ReplicaSet, "b"), (Kind::StatefulSet, "c"), (Kind::DaemonSet, "d")];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..SCALED.len(), 0..6_i64).prop_map(|(which, replicas)| Step::Scale(which, replicas)),
        (0..ALL.len(), 0..3_u8).prop_map(|(which, image)| Step::Image(which, image)),
        // A StatefulSet that is not ready waits for a person, as upstream's does.
        (prop_oneof![Just(0_usize), Just(1), Just(3)], any::<bool>())
            .prop_map(|(which, ready)| Step::Ready(which, ready)),
        any::<bool>().prop_map(Step::Pause),
        (0..20_usize).prop_map(Step::DeletePod),
        (0..20_usize).prop_map(Step::Finish),
        any::<bool>().prop_map(Step::Cordon),
        Just(Step::LoseNode),
        (0..3_i64).prop_map(Step::Wait),
    ]
}

fn start() -> Cluster {
    let mut cluster = Cluster::new(3);
    for (kind, name) in ALL {
        let template = json!({
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "c", "image": "0"}], "restartPolicy": "Always"},
        });
        let mut spec =
            json!({"selector": {"matchLabels": {"app": name}}, "template": template, "revisionHistoryLimit": 2});
        if kind != Kind::DaemonSet {
            spec["replicas"] = 2.into();
        }
        if kind == Kind::Deployment {
            spec["strategy"] =
                json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}});
        }
        cluster.create(kind, json!({"metadata": {"name": name}, "spec": spec}));
        cluster.create(
            Kind::Service,
            json!({"metadata": {"name": name}, "spec": {"selector": {"app": name}, "ports": [{"port": 80}]}}),
        );
    }
    cluster
}

fn take(cluster: &mut Cluster, step: &Step) {
    let template = |change: Value| json!({"spec": {"template": change}});
    match step {
        Step::Scale(which, replicas) => {
            let (kind, name) = SCALED[*which];
            cluster.edit(kind, name, &json!({"spec": {"replicas": replicas}}));
        }
        Step::Image(which, image) => {
            let (kind, name) = ALL[*which];
            let containers = json!([{"name": "c", "image": image.to_string()}]);
            cluster.edit(kind, name, &template(json!({"spec": {"containers": containers}})));
        }
        Step::Ready(which, ready) => {
            let (kind, name) = ALL[*which];
            let value = if *ready { Value::Null } else { "false".into() };
            let annotations = json!({"windlass.dev/simulated-ready": value});
            cluster.edit(kind, name, &template(json!({"metadata": {"annotations": annotations}})));
        }
        Step::Pause(paused) => cluster.edit(Kind::Deployment, "a", &json!({"spec": {"paused": paused}})),
        Step::DeletePod(place) => {
            let name = cluster.all(Kind::Pod).get(*place).and_then(|pod| pod.name().map(str::to_owned));
            name.iter().for_each(|name| cluster.delete(Kind::Pod, name));
        }
        Step::Finish(place) => {
            let name = cluster.all(Kind::Pod).get(*place).and_then(|pod| pod.name().map(str::to_owned));
            name.iter().for_each(|name| cluster.edit(Kind::Pod, name, &json!({"status": {"phase": "Failed"}})));
        }
        Step::Cordon(cordoned) => {
            if cluster.get(Kind::Node, "node-1").is_some() {
                cluster.edit(Kind::Node, "node-1", &json!({"spec": {"unschedulable": cordoned}}));
            }
        }
        Step::LoseNode => cluster.delete(Kind::Node, "node-2"),
        Step::Wait(secs) => cluster.run(*secs),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_comes_to_rest_as_asked(steps in proptest::collection::vec(step(), 1..25)) {
        let mut cluster = start();
        for step in &steps {
            take(&mut cluster, step);
            cluster.step();
        }
        // What keeps a rollout from its end goes.
        take(&mut cluster, &Step::Pause(false));
        for which in [0, 1, 3] {
            take(&mut cluster, &Step::Ready(which, true));
        }
        cluster.run(600);
        cluster.silent();
        let nodes = cluster.all(Kind::Node).len();
        for (kind, name) in ALL {
            let object = cluster.get(kind, name).unwrap();
            let wanted = object["spec"]["replicas"].as_u64().map_or(nodes, |count| usize::try_from(count).unwrap());
            let image = &object["spec"]["template"]["spec"]["containers"];
            let pods: Vec<&Value> = cluster.all(Kind::Pod).into_iter().filter(|pod| pod.label("app") == Some(name)).collect();
            let serving = pods.iter().filter(|pod| pod["status"]["phase"] == "Running").count();
            prop_assert_eq!(serving, wanted, "{} {}:\n{}", name, wanted, cluster.pods());
            // A ReplicaSet never replaces its pods.
            if kind != Kind::ReplicaSet {
                prop_assert!(pods.iter().filter(|pod| pod["status"]["phase"] == "Running").all(|pod| pod["spec"]["containers"] == *image));
            }
        }
    }
}
