//! Containers of a running pod: how long they run, with what they end, and how they start again.

use api::ObjectExt;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{names, pass::later, read};

/// Ended by SIGTERM.
pub(super) const TERMINATED: i64 = 143;
const RUN_SECS: i64 = 1;
/// Pauses between restarts, as the kubelet has them: doubled each time, up to five minutes.
const BACKOFF_SECS: i64 = 10;
const BACKOFF_SECS_MAX: i64 = 300;

/// How the containers of a pod fare.
pub(super) struct Plan<'a> {
    policy: &'a str,
    /// `None`: they run until somebody stops them.
    pub(super) code: Option<i64>,
    secs: i64,
    pub(super) ready: bool,
}

impl<'a> Plan<'a> {
    pub(super) fn of(pod: &'a Value) -> Self {
        let policy = read::text(pod, "/spec/restartPolicy");
        let number = |key: &str| pod.annotation(key).and_then(|text| text.parse::<i64>().ok());
        let code = number(names::EXIT_CODE).or((matches!(policy, "Never" | "OnFailure")).then_some(0));
        Self {
            policy,
            code,
            secs: number(names::SECONDS).unwrap_or(RUN_SECS).max(0),
            ready: pod.annotation(names::READY) != Some("false"),
        }
    }

    /// Of containers that started then.
    pub(super) fn end_of_run(&self, started: Timestamp) -> Option<Timestamp> {
        self.code.map(|_| later(started, self.secs))
    }

    fn restarts(&self, code: i64) -> bool {
        self.policy == "Always" || self.policy == "OnFailure" && code != 0
    }
}

/// What becomes of the containers now.
pub(super) struct Next {
    pub(super) statuses: Vec<Value>,
    /// All ended for good.
    pub(super) ended: Option<i64>,
    pub(super) wake_at: Option<Timestamp>,
}

pub(super) fn next(pod: &Value, plan: &Plan<'_>, now: Timestamp) -> Next {
    let mut next = Next { statuses: read::list(pod, "/status/containerStatuses").to_vec(), ended: None, wake_at: None };
    for status in &mut next.statuses {
        let restarts = read::number(status, "/restartCount").unwrap_or_default();
        if let Some(started) = read::time(status, "/state/running/startedAt") {
            status["ready"] = plan.ready.into();
            let Some((end, code)) = plan.end_of_run(started).zip(plan.code) else { continue };
            if end > now {
                next.wake_at = Some(end);
            } else if plan.restarts(code) {
                let pause = pause(restarts);
                crash(status, code, now, pause);
                next.wake_at = Some(later(now, pause));
            } else {
                next.ended = Some(code);
            }
        } else if let Some(ended) = read::time(status, "/lastState/terminated/finishedAt") {
            let due = later(ended, pause(restarts));
            if due > now {
                next.wake_at = Some(due);
            } else {
                status["state"] = json!({"running": {"startedAt": api::env::rfc3339(now)}});
                status["restartCount"] = (restarts + 1).into();
                status["ready"] = plan.ready.into();
                status["started"] = true.into();
                next.wake_at = plan.end_of_run(now);
            }
        }
    }
    next
}

fn pause(restarts: i64) -> i64 {
    let doubled = u32::try_from(restarts.clamp(0, 10)).map_or(BACKOFF_SECS_MAX, |times| BACKOFF_SECS << times);
    doubled.min(BACKOFF_SECS_MAX)
}

fn crash(status: &mut Value, code: i64, now: Timestamp, pause: i64) {
    let mut ended = terminated(status, code, &api::env::rfc3339(now));
    let name = read::text(status, "/name").to_owned();
    status["lastState"] = std::mem::take(&mut ended);
    let message = format!("back-off {pause}s restarting failed container={name}");
    status["state"] = json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}});
    status["ready"] = false.into();
    status["started"] = false.into();
}

/// The state of a container that ended.
pub(super) fn terminated(status: &Value, code: i64, now: &str) -> Value {
    let started = read::text(status, "/state/running/startedAt");
    json!({"terminated": {
        "exitCode": code,
        "reason": if code == 0 { "Completed" } else { "Error" },
        "startedAt": if started.is_empty() { now } else { started },
        "finishedAt": now,
        "containerID": read::text(status, "/containerID"),
    }})
}
