//! The kubelets of simulated nodes: a pod on a node starts, runs, ends and goes. No container runs; what the states are, the
//! pod's own fields and annotations say.
//!
//! Times are short and the same for all pods: a second to start, a second to stop, and a second to run for pods that may end.

mod address;
mod containers;
mod status;

use actions::Outcome;
use api::ObjectExt;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    At, Env, Kind, names,
    pass::{Pass, later},
    read,
    scheduler::WHY_SIMULATED,
    world::{Pod, World},
};
use containers::Plan;

const START_SECS: i64 = 1;
const STOP_SECS: i64 = 1;

pub(crate) fn decide(world: &World, at: &At, env: &Env) -> Outcome {
    let mut pass = Pass::new(env);
    if let Some(pod) = world.pod(at).filter(|pod| !pod.node.is_empty()) {
        run(world, pod, &mut pass);
    }
    pass.finish()
}

fn run(world: &World, pod: &Pod, pass: &mut Pass) {
    let this = (&pod.at, pod.uid.as_str());
    let node = world.get(Kind::Node, &At::new("", &pod.node));
    if pod.is_over() {
        if pod.is_deleting || node.is_none() {
            let why = if pod.is_deleting { "its containers have stopped" } else { "its node is gone" };
            pass.delete(Kind::Pod, this, why);
        }
        return;
    }
    let object = pod.object();
    let Some(node) = node else {
        let status = status::lost(&object, pass);
        return pass.status(Kind::Pod, &object, &status, "its node is gone");
    };
    if object.annotation(names::SIMULATED).is_none() {
        let patch = json!({"metadata": {"annotations": {names::SIMULATED: WHY_SIMULATED}}});
        pass.merge(Kind::Pod, this, patch, "nothing runs on a simulated node");
    }
    if pod.is_deleting {
        return stop(&object, pass);
    }
    match read::time(&object, "/status/startTime") {
        None => {
            let status = status::admitted(&object, node, pass);
            pass.wake_at(later(whole(pass.now), START_SECS));
            pass.status(Kind::Pod, &object, &status, "the node admits the pod");
        }
        Some(since) => live(world, pod, (&object, node), since, pass),
    }
}

/// Timestamps in objects have whole seconds.
fn whole(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn stop(object: &Value, pass: &mut Pass) {
    let grace = read::number(object, "/metadata/deletionGracePeriodSeconds").unwrap_or_default();
    let asked = read::time(object, "/metadata/deletionTimestamp").map(|end| later(end, -grace));
    let due = later(asked.unwrap_or_default(), STOP_SECS.min(grace));
    if due > pass.now {
        return pass.wake_at(due);
    }
    let code = if read::text(object, "/spec/restartPolicy") == "Always" { 0 } else { containers::TERMINATED };
    let status = status::ended(object, code, &pass.stamp());
    pass.status(Kind::Pod, object, &status, "its containers have stopped");
}

fn live(world: &World, pod: &Pod, (object, node): (&Value, &Value), since: Timestamp, pass: &mut Pass) {
    if let Some(secs) = read::number(object, "/spec/activeDeadlineSeconds") {
        if later(since, secs) <= pass.now {
            let status = status::overdue(object, &pass.stamp());
            return pass.status(Kind::Pod, object, &status, "its activeDeadlineSeconds are over");
        }
        pass.wake_at(later(since, secs));
    }
    if pod.ip.is_empty() {
        let due = later(since, START_SECS);
        if due > pass.now {
            return pass.wake_at(due);
        }
        let ip = address::of(world, pod, (object, node));
        let status = status::running(object, &ip, &pass.stamp());
        if let Some(end) = Plan::of(object).end_of_run(whole(pass.now)) {
            pass.wake_at(end);
        }
        return pass.status(Kind::Pod, object, &status, "its containers have started");
    }
    let plan = Plan::of(object);
    let next = containers::next(object, &plan, pass.now);
    if let Some(at) = next.wake_at {
        pass.wake_at(at);
    }
    let status = match next.ended {
        Some(code) => status::ended(object, code, &pass.stamp()),
        None => status::lived(object, next.statuses, &pass.stamp()),
    };
    pass.status(Kind::Pod, object, &status, "its containers' state");
}
