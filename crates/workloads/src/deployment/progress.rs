//! A Deployment's status: counts, whether it is available, and how its rollout gets on.

use api::ObjectExt;
use serde_json::{Value, json};

use super::{
    Spec,
    sets::{Sets, of_status},
};
use crate::{
    pass::{Pass, condition, later},
    read,
};

const AVAILABLE: &str = "NewReplicaSetAvailable";
const TIMED_OUT: &str = "ProgressDeadlineExceeded";
const PAUSED: &str = "DeploymentPaused";

/// Every pod is of the newest template and available, and there is no other.
pub(super) fn is_complete(spec: &Spec<'_>, sets: &Sets) -> bool {
    let updated = sets.new.as_ref().map_or(0, |new| of_status(new, "replicas"));
    sets.new.is_some()
        && updated == spec.replicas
        && sets.sum("replicas") == spec.replicas
        && sets.sum("availableReplicas") == spec.replicas
        && read::number(spec.object, "/status/observedGeneration").unwrap_or_default() >= spec.object.generation()
}

pub(super) fn status(spec: &Spec<'_>, sets: &Sets, pass: &mut Pass) -> Value {
    let (replicas, available) = (sets.sum("replicas"), sets.sum("availableReplicas"));
    let updated = sets.new.as_ref().map_or(0, |new| of_status(new, "replicas"));
    let mut status = json!({"observedGeneration": spec.object.generation()});
    let mut put = |field: &str, count: i64| {
        if count > 0 {
            status[field] = count.into();
        }
    };
    put("replicas", replicas);
    put("updatedReplicas", updated);
    put("readyReplicas", sets.sum("readyReplicas"));
    put("availableReplicas", available);
    put("unavailableReplicas", sets.total() - available);
    if let Some(collisions) = read::number(spec.object, "/status/collisionCount") {
        status["collisionCount"] = collisions.into();
    }
    let now = pass.stamp();
    let mut conditions = Vec::new();
    let progressing = progressing(spec, sets, (&status, updated), pass);
    let enough = match available >= spec.least_available() {
        true => ("True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
        false => ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
    };
    conditions.push(updated_condition(spec.object, ("Available", enough.0), (enough.1, enough.2), &now));
    conditions.extend(progressing);
    // Those that are known keep their places.
    let place =
        |kind: &Value| read::list(spec.object, "/status/conditions").iter().position(|old| old["type"] == *kind);
    conditions.sort_by_key(|condition| place(&condition["type"]).unwrap_or(usize::MAX));
    status["conditions"] = conditions.into();
    status
}

/// As upstream: what says the same with the same reason stays as it is.
fn updated_condition(object: &Value, (kind, value): (&str, &str), why: (&str, &str), now: &str) -> Value {
    match read::condition(object, kind) {
        Some(old) if old["status"] == value && old["reason"] == why.0 => old.clone(),
        _ => fresh(object, (kind, value), why, now),
    }
}

fn fresh(object: &Value, this: (&str, &str), why: (&str, &str), now: &str) -> Value {
    let mut condition = condition(object, this, why, now);
    condition["lastUpdateTime"] = now.into();
    condition
}

fn progressing(spec: &Spec<'_>, sets: &Sets, (status, updated): (&Value, i64), pass: &mut Pass) -> Option<Value> {
    const KIND: &str = "Progressing";
    let object = spec.object;
    let old = read::condition(object, KIND);
    let deadline = read::number(object, "/spec/progressDeadlineSeconds")?;
    let now = pass.stamp();
    if spec.paused {
        return Some(updated_condition(object, (KIND, "Unknown"), (PAUSED, "Deployment is paused"), &now));
    }
    let reason = old.map(|old| read::text(old, "/reason")).unwrap_or_default();
    if reason == PAUSED {
        return Some(fresh(object, (KIND, "Unknown"), ("DeploymentResumed", "Deployment is resumed"), &now));
    }
    let subject = match &sets.new {
        Some(new) => format!("ReplicaSet \"{}\"", new.name().unwrap_or_default()),
        None => format!("Deployment \"{}\"", spec.name()),
    };
    let all = of(status, "replicas");
    if is_complete(spec, sets) || reason == AVAILABLE && all == updated {
        let message = format!("{subject} has successfully progressed.");
        return Some(updated_condition(object, (KIND, "True"), (AVAILABLE, &message), &now));
    }
    let before = object.get("status").unwrap_or(&Value::Null);
    let more = |field: &str| of(status, field) > of(before, field);
    let fewer_old = all - updated < of(before, "replicas") - of(before, "updatedReplicas");
    if more("updatedReplicas") || fewer_old || more("readyReplicas") || more("availableReplicas") {
        let message = format!("{subject} is progressing.");
        pass.wake_at(later(pass.now, deadline));
        return Some(fresh(object, (KIND, "True"), ("ReplicaSetUpdated", &message), &now));
    }
    let Some(new) = &sets.new else { return old.cloned() };
    let Some(old) = old.filter(|old| old["reason"] != AVAILABLE) else {
        // It begins: with a ReplicaSet that was made, or one that was there.
        let (reason, what) = match of_status(new, "observedGeneration") > 0 {
            true => ("FoundNewReplicaSet", "Found new replica set"),
            false => ("NewReplicaSetCreated", "Created new replica set"),
        };
        let message = format!("{what} \"{}\"", new.name().unwrap_or_default());
        pass.wake_at(later(pass.now, deadline));
        return Some(fresh(object, (KIND, "True"), (reason, &message), &now));
    };
    let since = read::time(old, "/lastUpdateTime").unwrap_or(pass.now);
    if old["reason"] == TIMED_OUT {
        return Some(old.clone());
    }
    if later(since, deadline) < pass.now {
        let message = format!("{subject} has timed out progressing.");
        return Some(fresh(object, (KIND, "False"), (TIMED_OUT, &message), &now));
    }
    pass.wake_at(later(since, deadline + 1));
    Some(old.clone())
}

fn of(status: &Value, field: &str) -> i64 {
    status.get(field).and_then(Value::as_i64).unwrap_or_default()
}
