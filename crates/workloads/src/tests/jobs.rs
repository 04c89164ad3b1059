//! Jobs from outside.

use expect_test::expect;
use serde_json::{Value, json};

use super::cluster::Cluster;
use crate::Kind;

fn job(spec: Value, annotations: Value) -> Value {
    let object = json!({
        "metadata": {"name": "work"},
        "spec": {
            "completions": 1,
            "parallelism": 1,
            "backoffLimit": 6,
            "selector": {"matchLabels": {"job": "work"}},
            "template": {
                "metadata": {"labels": {"job": "work"}, "annotations": annotations},
                "spec": {"containers": [{"name": "c", "image": "busybox"}], "restartPolicy": "Never"},
            },
        },
    });
    machinery::patch::merge(&object, &json!({"spec": spec}))
}

fn ran(spec: Value, annotations: Value, secs: i64) -> Cluster {
    let mut cluster = Cluster::new(1);
    cluster.create(Kind::Job, job(spec, annotations));
    cluster.run(secs);
    cluster.silent();
    cluster
}

fn shown(cluster: &Cluster) -> String {
    let status = &cluster.get(Kind::Job, "work").unwrap()["status"];
    let number = |field: &str| status[field].as_i64().unwrap_or(0);
    let conditions: Vec<String> = crate::read::list(status, "/conditions")
        .iter()
        .map(|condition| format!("{}={} {}", condition["type"], condition["status"], condition["reason"]))
        .collect();
    format!(
        "active {} succeeded {} failed {} {}",
        number("active"),
        number("succeeded"),
        number("failed"),
        conditions.join(", ")
    )
    .replace('"', "")
}

#[test]
fn it_completes() {
    let cluster = ran(json!({}), json!({}), 10);
    expect![
        "active 0 succeeded 1 failed 0 SuccessCriteriaMet=True CompletionsReached, Complete=True CompletionsReached"
    ]
    .assert_eq(&shown(&cluster));
    let status = &cluster.get(Kind::Job, "work").unwrap()["status"];
    assert!(status["startTime"].is_string() && status["completionTime"].is_string());
    assert!(cluster.timers().is_empty());
}

#[test]
fn completions_are_worked_off_in_parallel() {
    let mut cluster = Cluster::new(1);
    cluster.create(Kind::Job, job(json!({"completions": 5, "parallelism": 2}), json!({})));
    cluster.run(1);
    assert_eq!(cluster.all(Kind::Pod).len(), 2);
    cluster.run(30);
    assert_eq!(cluster.all(Kind::Pod).len(), 5);
    expect![
        "active 0 succeeded 5 failed 0 SuccessCriteriaMet=True CompletionsReached, Complete=True CompletionsReached"
    ]
    .assert_eq(&shown(&cluster));
}

#[test]
fn indexes_are_completed_once() {
    let cluster = ran(json!({"completionMode": "Indexed", "completions": 4, "parallelism": 3}), json!({}), 30);
    assert_eq!(cluster.get(Kind::Job, "work").unwrap()["status"]["completedIndexes"], "0-3");
    let pod = cluster.all(Kind::Pod)[0];
    assert_eq!(pod["spec"]["hostname"], "work-0");
    assert_eq!(pod["spec"]["containers"][0]["env"][0]["name"], "JOB_COMPLETION_INDEX");
}

#[test]
fn failures_are_repeated_with_pauses_until_the_limit() {
    let failing = json!({"windlass.dev/simulated-exit-code": "1"});
    let cluster = ran(json!({"backoffLimit": 1}), failing.clone(), 8);
    expect!["active 0 succeeded 0 failed 1 "].assert_eq(&shown(&cluster));
    let cluster = ran(json!({"backoffLimit": 1}), failing.clone(), 30);
    expect!["active 0 succeeded 0 failed 2 FailureTarget=True BackoffLimitExceeded, Failed=True BackoffLimitExceeded"]
        .assert_eq(&shown(&cluster));
    let in_place = json!({"backoffLimit": 2, "template": {"spec": {"restartPolicy": "OnFailure"}}});
    let cluster = ran(in_place, failing, 100);
    expect!["active 0 succeeded 0 failed 1 FailureTarget=True BackoffLimitExceeded, Failed=True BackoffLimitExceeded"]
        .assert_eq(&shown(&cluster));
}

#[test]
fn deadlines_suspension_and_age() {
    let slow = json!({"windlass.dev/simulated-seconds": "100"});
    let cluster = ran(json!({"activeDeadlineSeconds": 20}), slow.clone(), 40);
    expect!["active 0 succeeded 0 failed 1 FailureTarget=True DeadlineExceeded, Failed=True DeadlineExceeded"]
        .assert_eq(&shown(&cluster));
    let mut cluster = ran(json!({"suspend": true}), slow, 10);
    expect!["active 0 succeeded 0 failed 0 Suspended=True JobSuspended"].assert_eq(&shown(&cluster));
    cluster.edit(Kind::Job, "work", &json!({"spec": {"suspend": false}}));
    cluster.run(10);
    expect!["active 1 succeeded 0 failed 0 Suspended=False JobResumed"].assert_eq(&shown(&cluster));
    let cluster = ran(json!({"ttlSecondsAfterFinished": 60}), json!({}), 100);
    assert!(cluster.get(Kind::Job, "work").is_none());
    assert_eq!(cluster.all(Kind::Pod).len(), 0);
}
