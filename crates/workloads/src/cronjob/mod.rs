//! CronJobs: a Job at every time of the schedule, as many at once and as many kept as they say.

pub(crate) mod schedule;

use std::sync::Arc;

use actions::Outcome;
use api::ObjectExt;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    At, Env, Kind, names,
    pass::{Pass, later, owner_reference},
    read,
    world::World,
};
use schedule::Schedule;

/// Missed times beyond which upstream looks at the last one only.
const MISSED_MAX: usize = 100;

pub(crate) fn decide(world: &World, at: &At, env: &Env) -> Outcome {
    let mut pass = Pass::new(env);
    if let Some(object) = world.get(Kind::CronJob, at)
        && object.deletion_timestamp().is_none()
    {
        let uid = object.uid().unwrap_or_default();
        let jobs = world.children_of(uid, Kind::Job).filter_map(|at| world.get(Kind::Job, at).cloned());
        let mut cron = Cron { object, jobs: jobs.collect(), last: read::time(object, "/status/lastScheduleTime") };
        cron.jobs.sort_by_key(|job| (read::text(job, "/metadata/creationTimestamp").to_owned(), At::of(job)));
        cron.clean(&mut pass);
        cron.start(&mut pass);
        let status = cron.status();
        pass.status(Kind::CronJob, object, &status, "what its Jobs come to");
    }
    pass.finish()
}

struct Cron<'a> {
    object: &'a Value,
    jobs: Vec<Arc<Value>>,
    last: Option<Timestamp>,
}

fn ended(job: &Value, kind: &str) -> bool {
    read::condition(job, kind).is_some_and(|condition| condition["status"] == "True")
}

fn is_active(job: &Value) -> bool {
    !ended(job, "Complete") && !ended(job, "Failed")
}

impl Cron<'_> {
    /// Finished Jobs beyond the two limits go, the oldest first.
    fn clean(&self, pass: &mut Pass) {
        for (kind, field) in [("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")] {
            let Some(limit) = read::number(self.object, &format!("/spec/{field}")) else { continue };
            let done: Vec<_> =
                self.jobs.iter().filter(|job| ended(job, kind) && job.deletion_timestamp().is_none()).collect();
            let over = done.len().saturating_sub(usize::try_from(limit).unwrap_or_default());
            for job in done.into_iter().take(over) {
                pass.delete(Kind::Job, (&At::of(job), job.uid().unwrap_or_default()), format!("{field} is {limit}"));
            }
        }
    }

    fn start(&mut self, pass: &mut Pass) {
        if read::flag(self.object, "/spec/suspend") {
            return;
        }
        let zone = read::text(self.object, "/spec/timeZone");
        // What cannot be read, the API server does not let in.
        let Some(schedule) = Schedule::parse(read::text(self.object, "/spec/schedule"), zone) else { return };
        let created = read::time(self.object, "/metadata/creationTimestamp").unwrap_or(pass.now);
        let mut since = self.last.unwrap_or(created);
        let deadline = read::number(self.object, "/spec/startingDeadlineSeconds");
        if let Some(secs) = deadline {
            since = since.max(later(pass.now, -secs));
        }
        let mut due = None;
        let mut next = schedule.after(since);
        for _ in 0..MISSED_MAX {
            match next.filter(|next| *next <= pass.now) {
                Some(at) => (due, next) = (Some(at), schedule.after(at)),
                None => break,
            }
        }
        if next.is_some_and(|next| next <= pass.now) {
            // It slept for long.
            due = schedule.last_before(pass.now).or(due);
            next = schedule.after(pass.now);
        }
        if let Some(next) = next {
            pass.wake_at(next);
        }
        if let Some(at) = due {
            self.start_at(at, pass);
        }
    }

    fn start_at(&mut self, at: Timestamp, pass: &mut Pass) {
        let active: Vec<Arc<Value>> = self.jobs.iter().filter(|job| is_active(job)).cloned().collect();
        let name = format!("{}-{}", self.object.name().unwrap_or_default(), at.as_second() / 60);
        if self.jobs.iter().any(|job| job.name() == Some(&name)) {
            self.last = Some(at);
            return;
        }
        match read::text(self.object, "/spec/concurrencyPolicy") {
            // It is looked at again when the one that runs has ended.
            "Forbid" if !active.is_empty() => return,
            "Replace" => {
                for job in &active {
                    pass.delete(Kind::Job, (&At::of(job), job.uid().unwrap_or_default()), "the next one replaces it");
                }
            }
            _ => {}
        }
        self.last = Some(at);
        pass.create(Kind::Job, self.job(&name, at), "the schedule says so");
    }

    fn job(&self, name: &str, at: Timestamp) -> Value {
        let template = &self.object["spec"]["jobTemplate"];
        let mut metadata = json!({
            "name": name,
            "namespace": self.object.namespace(),
            "ownerReferences": [owner_reference(Kind::CronJob, self.object)],
        });
        for field in ["labels", "annotations"] {
            if let Some(value) = template.pointer(&format!("/metadata/{field}")) {
                metadata[field] = value.clone();
            }
        }
        let mut job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template["spec"]});
        job.set_annotation(names::SCHEDULED, &api::env::rfc3339(at));
        job
    }

    fn status(&self) -> Value {
        let mut status = json!({});
        let active: Vec<Value> = self
            .jobs
            .iter()
            .filter(|job| is_active(job))
            .map(|job| {
                json!({
                    "apiVersion": "batch/v1",
                    "kind": "Job",
                    "name": job.name(),
                    "namespace": job.namespace(),
                    "uid": job.uid(),
                    "resourceVersion": job.resource_version(),
                })
            })
            .collect();
        // The version that a reference had when it was made stays.
        let known = read::list(self.object, "/status/active");
        let active: Vec<Value> = active
            .into_iter()
            .map(|new| known.iter().find(|old| old["uid"] == new["uid"]).cloned().unwrap_or(new))
            .collect();
        if !active.is_empty() {
            status["active"] = active.into();
        }
        let ends = self.jobs.iter().filter(|job| ended(job, "Complete"));
        let ends = ends.filter_map(|job| read::time(job, "/status/completionTime"));
        let success = ends.max().max(read::time(self.object, "/status/lastSuccessfulTime"));
        for (field, time) in [("lastScheduleTime", self.last), ("lastSuccessfulTime", success)] {
            if let Some(time) = time {
                status[field] = api::env::rfc3339(time).into();
            }
        }
        status
    }
}
