//! Jobs: pods that run to their end, as many as `completions` says, `parallelism` at a time. Refused pods are made again, with
//! pauses, until `backoffLimit` is reached.
//!
//! Not here: pod failure and success policies, limits per index; a pod that somebody deletes after it succeeded is made again.

mod pods;
mod status;

use std::sync::Arc;

use actions::Outcome;
use api::ObjectExt;
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    At, Env, Kind, adopt,
    pass::{Pass, later},
    read,
    world::{Phase, Pod, World},
};
use status::Verdict;

/// Pauses after failures, as upstream has them: doubled each time, up to ten minutes.
const BACKOFF_SECS: i64 = 10;
const BACKOFF_SECS_MAX: i64 = 600;

/// A Job and its pods.
#[derive(Debug)]
struct Work<'a> {
    object: &'a Value,
    active: Vec<Arc<Pod>>,
    /// About to go.
    terminating: usize,
    succeeded: Vec<Arc<Pod>>,
    failed: Vec<Arc<Pod>>,
    indexed: bool,
    /// `None`: the first success ends the Job.
    completions: Option<i64>,
    parallelism: i64,
    suspended: bool,
}

impl<'a> Work<'a> {
    fn of(object: &'a Value, pods: Vec<Arc<Pod>>) -> Self {
        let of = |phase: Phase| pods.iter().filter(|pod| pod.phase == phase).cloned().collect::<Vec<_>>();
        let indexed = read::text(object, "/spec/completionMode") == "Indexed";
        let mut work = Self {
            object,
            active: pods.iter().filter(|pod| pod.is_active()).cloned().collect(),
            terminating: pods.iter().filter(|pod| pod.is_deleting && !pod.is_over()).count(),
            succeeded: of(Phase::Succeeded),
            failed: of(Phase::Failed),
            indexed,
            completions: read::number(object, "/spec/completions"),
            parallelism: read::number(object, "/spec/parallelism").unwrap_or(1),
            suspended: read::flag(object, "/spec/suspend"),
        };
        if indexed {
            work.succeeded.sort_by_key(|pod| pod.index);
            work.succeeded.dedup_by_key(|pod| pod.index);
        }
        work
    }

    fn succeeded(&self) -> i64 {
        i64::try_from(self.succeeded.len()).unwrap_or(i64::MAX)
    }

    fn failed(&self) -> i64 {
        i64::try_from(self.failed.len()).unwrap_or(i64::MAX)
    }

    fn is_done(&self) -> bool {
        match self.completions {
            Some(completions) => self.succeeded() >= completions,
            None => self.succeeded() > 0 && self.active.is_empty(),
        }
    }
}

pub(crate) fn decide(world: &World, at: &At, env: &Env) -> Outcome {
    let mut pass = Pass::new(env);
    if let Some(job) = world.get(Kind::Job, at) {
        if let Some(finished) = status::finished(job) {
            expire(job, finished, &mut pass);
        } else if let Some(selector) = adopt::selector(job) {
            let pods = adopt::pods(world, Kind::Job, (job, &selector), &mut pass);
            let work = Work::of(job, pods);
            if pass.is_idle() && job.deletion_timestamp().is_none() {
                sync(&work, &mut pass);
            }
        }
    }
    pass.finish()
}

/// `ttlSecondsAfterFinished`.
fn expire(job: &Value, finished: Timestamp, pass: &mut Pass) {
    let Some(secs) = read::number(job, "/spec/ttlSecondsAfterFinished") else { return };
    let due = later(finished, secs);
    if job.deletion_timestamp().is_some() {
        return;
    }
    if due > pass.now {
        return pass.wake_at(due);
    }
    pass.delete(Kind::Job, (&At::of(job), job.uid().unwrap_or_default()), format!("it finished {secs} seconds ago"));
}

fn sync(work: &Work<'_>, pass: &mut Pass) {
    let verdict = verdict(work, pass);
    if verdict.is_some() || work.suspended {
        for pod in &work.active {
            pass.delete(
                Kind::Pod,
                (&pod.at, &pod.uid),
                if work.suspended { "the Job is suspended" } else { "the Job is finished" },
            );
        }
    } else {
        pods::keep(work, pass);
    }
    let status = status::of(work, verdict.as_ref(), pass);
    pass.status(Kind::Job, work.object, &status, "what its pods come to");
}

const OVER_LIMIT: Verdict = Verdict::failed("BackoffLimitExceeded", "Job has reached the specified backoff limit");
const OVERDUE: Verdict = Verdict::failed("DeadlineExceeded", "Job was active longer than specified deadline");

fn verdict(work: &Work<'_>, pass: &mut Pass) -> Option<Verdict> {
    // What was said before the last pod went holds.
    if let Some(target) = read::condition(work.object, "FailureTarget").filter(|target| target["status"] == "True") {
        return Some(if target["reason"] == "DeadlineExceeded" { OVERDUE } else { OVER_LIMIT });
    }
    let limit = read::number(work.object, "/spec/backoffLimit").unwrap_or(6);
    let restarts: i64 = work.active.iter().map(|pod| pod.restarts).sum();
    let may_restart = read::text(work.object, "/spec/template/spec/restartPolicy") == "OnFailure";
    // A limit of restarts that is 0 lets the first one happen.
    if work.failed() > limit || may_restart && restarts > 0 && restarts >= limit {
        return Some(OVER_LIMIT);
    }
    if let Some(secs) = read::number(work.object, "/spec/activeDeadlineSeconds")
        && let Some(since) = read::time(work.object, "/status/startTime").filter(|_| !work.suspended)
    {
        if later(since, secs) <= pass.now {
            return Some(OVERDUE);
        }
        pass.wake_at(later(since, secs));
    }
    work.is_done().then(Verdict::complete)
}

/// When the next pod may be made, after what has failed.
fn not_before(work: &Work<'_>) -> Option<Timestamp> {
    let last_success = work.succeeded.iter().filter_map(|pod| pod.finished).max();
    let since = |pod: &&Arc<Pod>| last_success.is_none_or(|success| pod.finished.is_none_or(|end| end > success));
    let failures: Vec<&Arc<Pod>> = work.failed.iter().filter(since).collect();
    let last = failures.iter().filter_map(|pod| pod.finished).max()?;
    let doublings = u32::try_from(failures.len() - 1).unwrap_or(u32::MAX).min(10);
    Some(later(last, (BACKOFF_SECS << doublings).min(BACKOFF_SECS_MAX)))
}
