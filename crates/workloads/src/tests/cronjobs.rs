//! CronJobs from outside, and their schedules.

use api::ObjectExt;
use expect_test::{Expect, expect};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::cluster::Cluster;
use crate::{Kind, cronjob::schedule::Schedule};

fn check_schedule(text: &str, zone: &str, from: &str, expected: &Expect) {
    let Some(schedule) = Schedule::parse(text, zone) else { return expected.assert_eq("refused") };
    let mut at: Timestamp = from.parse().unwrap();
    let mut shown = Vec::new();
    for _ in 0..3 {
        match schedule.after(at) {
            Some(next) => (at, _) = (next, shown.push(api::env::rfc3339(next))),
            None => shown.push("never".into()),
        }
    }
    expected.assert_eq(&shown.join(" "));
}

#[test]
fn schedules() {
    let from = "2025-01-31T22:59:30Z";
    check_schedule(
        "*/20 * * * *",
        "",
        from,
        &expect!["2025-01-31T23:00:00Z 2025-01-31T23:20:00Z 2025-01-31T23:40:00Z"],
    );
    check_schedule(
        "0 9-11/2 * feb mon-fri",
        "",
        from,
        &expect!["2025-02-03T09:00:00Z 2025-02-03T11:00:00Z 2025-02-04T09:00:00Z"],
    );
    check_schedule(
        "0 0 13 * fri",
        "",
        from,
        &expect!["2025-02-07T00:00:00Z 2025-02-13T00:00:00Z 2025-02-14T00:00:00Z"],
    );
    check_schedule("0 0 29 2 *", "", from, &expect!["2028-02-29T00:00:00Z 2032-02-29T00:00:00Z 2036-02-29T00:00:00Z"]);
    check_schedule("@weekly", "", from, &expect!["2025-02-02T00:00:00Z 2025-02-09T00:00:00Z 2025-02-16T00:00:00Z"]);
    check_schedule(
        "@every 1h30m",
        "",
        from,
        &expect!["2025-02-01T00:29:30Z 2025-02-01T01:59:30Z 2025-02-01T03:29:30Z"],
    );
    check_schedule(
        "30 2 * * *",
        "Europe/Berlin",
        "2025-03-29T12:00:00Z",
        &expect!["2025-03-31T00:30:00Z 2025-04-01T00:30:00Z 2025-04-02T00:30:00Z"],
    );
    check_schedule("0 0 30 2 *", "", from, &expect!["never never never"]);
    for refused in
        ["", "* * * *", "60 * * * *", "* * * * 7", "*/0 * * * *", "5-1 * * * *", "@every x", "@every -1h", "é * * * *"]
    {
        check_schedule(refused, "", from, &expect!["refused"]);
    }
    check_schedule("@daily", "Mars/Phobos", from, &expect!["refused"]);
}

fn cron(spec: Value, secs: &str) -> Value {
    let object = json!({
        "metadata": {"name": "tick"},
        "spec": {
            "schedule": "* * * * *",
            "concurrencyPolicy": "Allow",
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 1,
            "jobTemplate": {"spec": {
                "completions": 1, "parallelism": 1, "backoffLimit": 6,
                "selector": {"matchLabels": {"job": "tick"}},
                "template": {
                    "metadata": {"labels": {"job": "tick"}, "annotations": {"windlass.dev/simulated-seconds": secs}},
                    "spec": {"containers": [{"name": "c", "image": "busybox"}], "restartPolicy": "Never"},
                },
            }},
        },
    });
    machinery::patch::merge(&object, &json!({"spec": spec}))
}

#[test]
fn jobs_start_on_time_and_a_few_are_kept() {
    let mut cluster = Cluster::new(1);
    cluster.create(Kind::CronJob, cron(json!({}), "1"));
    cluster.run(600);
    assert_eq!(cluster.all(Kind::Job).len(), 3);
    let status = &cluster.get(Kind::CronJob, "tick").unwrap()["status"];
    assert_eq!(status["lastScheduleTime"], "2025-01-02T03:14:00Z");
    assert_eq!(status["lastSuccessfulTime"], "2025-01-02T03:14:02Z");
    let job = cluster.all(Kind::Job)[0];
    assert_eq!(job.annotation("batch.kubernetes.io/cronjob-scheduled-timestamp"), Some("2025-01-02T03:12:00Z"));
    cluster.silent();
    cluster.edit(Kind::CronJob, "tick", &json!({"spec": {"suspend": true}}));
    cluster.run(600);
    assert_eq!(cluster.get(Kind::CronJob, "tick").unwrap()["status"]["lastScheduleTime"], "2025-01-02T03:14:00Z");
    assert!(cluster.timers().is_empty());
}

#[test]
fn jobs_that_take_long_stand_beside_wait_or_are_replaced() {
    for (policy, active, last) in [("Allow", 2, "03:07:00"), ("Forbid", 1, "03:06:00"), ("Replace", 1, "03:07:00")] {
        let mut cluster = Cluster::new(1);
        cluster.create(Kind::CronJob, cron(json!({"concurrencyPolicy": policy, "schedule": "5-7 * * * *"}), "90"));
        cluster.run(180);
        let status = &cluster.get(Kind::CronJob, "tick").unwrap()["status"];
        assert_eq!(status["active"].as_array().map_or(0, Vec::len), active, "{policy}: {status:#}");
        assert_eq!(status["lastScheduleTime"], format!("2025-01-02T{last}Z"), "{policy}");
    }
}
