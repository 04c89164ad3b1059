//! A Job's status and how it ends.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Work;
use crate::{
    pass::{Pass, condition},
    read,
};

/// How a Job ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The condition that says so, and the one that says so before its last pod is gone.
    kinds: (&'static str, &'static str),
    reason: &'static str,
    message: &'static str,
}

impl Verdict {
    pub(super) fn complete() -> Self {
        let kinds = ("Complete", "SuccessCriteriaMet");
        Self { kinds, reason: "CompletionsReached", message: "Reached expected number of succeeded pods" }
    }

    pub(super) const fn failed(reason: &'static str, message: &'static str) -> Self {
        Self { kinds: ("Failed", "FailureTarget"), reason, message }
    }
}

impl Verdict {
    fn is_failure(&self) -> bool {
        self.kinds.0 == "Failed"
    }
}

/// When the Job ended, if it did.
pub(super) fn finished(job: &Value) -> Option<Timestamp> {
    let ends = ["Complete", "Failed"].into_iter().filter_map(|kind| read::condition(job, kind));
    let end = ends.into_iter().find(|condition| condition["status"] == "True")?;
    Some(read::time(end, "/lastTransitionTime").unwrap_or_default())
}

pub(super) fn of(work: &Work<'_>, verdict: Option<&Verdict>, pass: &Pass) -> Value {
    let (job, now) = (work.object, pass.stamp());
    let none_left = work.active.is_empty() && work.terminating == 0;
    let mut status = json!({"uncountedTerminatedPods": {}});
    let mut put = |field: &str, count: usize, always: bool| {
        if always || count > 0 {
            status[field] = count.into();
        }
    };
    let running = verdict.is_none() && !work.suspended;
    put("active", if running { work.active.len() } else { 0 }, false);
    put("terminating", work.terminating + if running { 0 } else { work.active.len() }, true);
    put("ready", if running { work.active.iter().filter(|pod| pod.ready.is_some()).count() } else { 0 }, true);
    put("succeeded", work.succeeded.len(), false);
    // What is stopped because the Job failed has failed.
    let stopped = if verdict.is_some_and(Verdict::is_failure) { work.active.len() } else { 0 };
    let before = read::number(job, "/status/failed").and_then(|failed| usize::try_from(failed).ok());
    put("failed", before.unwrap_or_default().max(work.failed.len() + stopped), false);
    if work.indexed && !work.succeeded.is_empty() {
        let done: Vec<i64> = work.succeeded.iter().filter_map(|pod| pod.index).collect();
        status["completedIndexes"] = ranges(&done).into();
    }
    let mut conditions = read::list(job, "/status/conditions").to_vec();
    let mut set = |kind: &str, value: &str, why: (&str, &str)| {
        if let Some(known) = conditions.iter_mut().find(|known| known["type"] == kind) {
            if known["status"] == value && known["reason"] == why.0 {
                return;
            }
            *known = stamped(job, (kind, value), why, &now);
        } else {
            conditions.push(stamped(job, (kind, value), why, &now));
        }
    };
    match (work.suspended, read::condition(job, "Suspended")) {
        (true, _) => set("Suspended", "True", ("JobSuspended", "Job suspended")),
        (false, Some(_)) => set("Suspended", "False", ("JobResumed", "Job resumed")),
        (false, None) => {}
    }
    let started = job.pointer("/status/startTime").filter(|started| !started.is_null() && !work.suspended);
    if let Some(started) = started.cloned().or_else(|| (!work.suspended).then(|| now.clone().into())) {
        status["startTime"] = started;
    }
    if let Some(verdict) = verdict {
        set(verdict.kinds.1, "True", (verdict.reason, verdict.message));
        if none_left {
            set(verdict.kinds.0, "True", (verdict.reason, verdict.message));
            if verdict.kinds.0 == "Complete" {
                status["completionTime"] = now.clone().into();
            }
            status["terminating"] = 0.into();
        }
    }
    if !conditions.is_empty() {
        status["conditions"] = conditions.into();
    }
    status
}

fn stamped(job: &Value, this: (&str, &str), why: (&str, &str), now: &str) -> Value {
    let mut condition = condition(job, this, why, now);
    condition["lastProbeTime"] = now.into();
    condition
}

/// `0-2,5`
fn ranges(indexes: &[i64]) -> String {
    let mut found: Vec<(i64, i64)> = Vec::new();
    for index in indexes {
        match found.last_mut() {
            Some((_, last)) if *last + 1 == *index => *last = *index,
            _ => found.push((*index, *index)),
        }
    }
    let shown = found.iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    });
    shown.collect::<Vec<_>>().join(",")
}
