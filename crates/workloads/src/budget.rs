//! PodDisruptionBudgets: how many of their pods serve, and how many may be evicted.

use std::{collections::BTreeMap, sync::Arc};

use actions::Outcome;
use api::ObjectExt;
use serde_json::{Map, Value, json};

use crate::{
    At, Env, Kind, adopt,
    pass::{Pass, condition, later},
    read,
    world::{Owner, Pod, World},
};

/// For so long an evicted pod that is still there counts as gone.
const EVICTED_SECS: i64 = 120;

pub(crate) fn decide(world: &World, at: &At, env: &Env) -> Outcome {
    let mut pass = Pass::new(env);
    if let Some(budget) = world.get(Kind::PodDisruptionBudget, at)
        && budget.deletion_timestamp().is_none()
    {
        let selector = adopt::selector(budget);
        let matches = |pod: &&Arc<Pod>| selector.as_ref().is_some_and(|selector| selector.matches_labels(&pod.labels));
        let pods: Vec<&Arc<Pod>> = world.pods_in(&at.namespace).filter(matches).collect();
        let status = status(world, budget, &pods, &mut pass);
        pass.status(Kind::PodDisruptionBudget, budget, &status, "what its pods come to");
    }
    pass.finish()
}

/// Pods that the controllers of these pods ask for.
fn scale(world: &World, pods: &[&Arc<Pod>]) -> i64 {
    let mut controllers: BTreeMap<String, i64> = BTreeMap::new();
    for pod in pods {
        let Some(owner) = &pod.controller else { continue };
        let Some(object) = owner.kind.and_then(|kind| world.get(kind, &At::new(&pod.at.namespace, &owner.name))) else {
            continue;
        };
        let above = Owner::of(object).filter(|_| owner.kind == Some(Kind::ReplicaSet));
        let top = above.and_then(|above| {
            Some((above.uid.clone(), world.get(above.kind?, &At::new(&pod.at.namespace, &above.name))?))
        });
        let (uid, object) = top.unwrap_or((owner.uid.clone(), object));
        controllers.insert(uid, read::replicas(object));
    }
    controllers.values().sum()
}

/// Pods that are expected, and of them those that have to serve.
fn numbers(world: &World, budget: &Value, pods: &[&Arc<Pod>]) -> (i64, i64) {
    let there = i64::try_from(pods.len()).unwrap_or(i64::MAX);
    if let Some(most) = budget.pointer("/spec/maxUnavailable") {
        let expected = scale(world, pods);
        let most = read::int_or_percent(Some(most), expected, true).unwrap_or_default();
        return (expected, (expected - most).max(0));
    }
    match budget.pointer("/spec/minAvailable") {
        Some(Value::String(share)) => {
            let expected = scale(world, pods);
            (expected, read::int_or_percent(Some(&share.as_str().into()), expected, true).unwrap_or_default())
        }
        Some(number) => (there, number.as_i64().unwrap_or_default()),
        // The default.
        None => (there, 1),
    }
}

fn status(world: &World, budget: &Value, pods: &[&Arc<Pod>], pass: &mut Pass) -> Value {
    let mut evicted = Map::new();
    for (name, since) in read::map(budget, "/status/disruptedPods").into_iter().flatten() {
        let pod = pods.iter().find(|pod| pod.at.name == *name && !pod.is_deleting);
        let until = since.as_str().and_then(|since| since.parse().ok()).map(|since| later(since, EVICTED_SECS));
        if let (Some(_), Some(until)) = (pod, until.filter(|until| *until > pass.now)) {
            pass.wake_at(until);
            evicted.insert(name.clone(), since.clone());
        }
    }
    let serves = |pod: &&&Arc<Pod>| pod.ready.is_some() && !pod.is_deleting && !evicted.contains_key(&pod.at.name);
    let healthy = i64::try_from(pods.iter().filter(serves).count()).unwrap_or(i64::MAX);
    let (expected, wanted) = numbers(world, budget, pods);
    let allowed = if expected > 0 { (healthy - wanted).max(0) } else { 0 };
    let said = if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let mut new = condition(budget, ("DisruptionAllowed", said.0), (said.1, ""), &pass.stamp());
    new["observedGeneration"] = budget.generation().into();
    new["message"] = "".into();
    let mut status = json!({
        "observedGeneration": budget.generation(),
        "currentHealthy": healthy,
        "desiredHealthy": wanted,
        "disruptionsAllowed": allowed,
        "expectedPods": expected,
        "conditions": [new],
    });
    if !evicted.is_empty() {
        status["disruptedPods"] = evicted.into();
    }
    status
}
