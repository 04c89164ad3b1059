//! ReplicaSets and ReplicationControllers: as many pods as asked for, made and removed in upstream's order.

mod rank;

use std::sync::Arc;

use actions::Outcome;
use api::ObjectExt;
use machinery::selector::Labels;
use serde_json::{Value, json};

use crate::{
    At, Env, Kind, adopt,
    pass::{Pass, pod_of},
    read,
    world::{Pod, World},
};

/// Pods that one pass makes or removes at most.
const BURST: usize = 500;

pub(crate) fn decide(world: &World, kind: Kind, at: &At, env: &Env) -> Outcome {
    let mut pass = Pass::new(env);
    if let Some(set) = world.get(kind, at)
        && let Some(selector) = selector(kind, set)
    {
        let pods = adopt::pods(world, kind, (set, &selector), &mut pass);
        let active: Vec<Arc<Pod>> = pods.into_iter().filter(|pod| pod.is_active()).collect();
        if set.deletion_timestamp().is_none() && pass.is_idle() {
            scale((kind, set), &active, &mut pass);
        }
        let status = status(set, &active, &mut pass);
        pass.status(kind, set, &status, "what its pods come to");
    }
    pass.finish()
}

/// ReplicationControllers select by a plain map.
fn selector(kind: Kind, set: &Value) -> Option<Labels> {
    match kind {
        Kind::ReplicationController => {
            Labels::from_object(&json!({"matchLabels": set.pointer("/spec/selector")?})).ok()
        }
        _ => adopt::selector(set),
    }
}

fn scale((kind, set): (Kind, &Value), active: &[Arc<Pod>], pass: &mut Pass) {
    let wanted = usize::try_from(read::replicas(set)).unwrap_or_default();
    let template = &set["spec"]["template"];
    for _ in active.len()..wanted.min(active.len() + BURST) {
        pass.create(Kind::Pod, pod_of(template, kind, set), format!("{wanted} replicas are wanted"));
    }
    if active.len() > wanted {
        for pod in rank::first_to_go(active).into_iter().take((active.len() - wanted).min(BURST)) {
            pass.delete(Kind::Pod, (&pod.at, &pod.uid), format!("{wanted} replicas are wanted"));
        }
    }
}

fn status(set: &Value, active: &[Arc<Pod>], pass: &mut Pass) -> Value {
    let min_ready = read::number(set, "/spec/minReadySeconds").unwrap_or_default();
    let labels = Labels::from_object(&json!({"matchLabels": set.pointer("/spec/template/metadata/labels")}));
    let count = |holds: &dyn Fn(&Pod) -> bool| active.iter().filter(|pod| holds(pod)).count();
    let available = count(&|pod| pod.is_available(min_ready, pass.now));
    let waiting = active.iter().filter_map(|pod| pod.available_from(min_ready)).filter(|from| *from > pass.now);
    let mut status = json!({"replicas": active.len(), "observedGeneration": set.generation()});
    let mut put = |field: &str, count: usize| {
        if count > 0 {
            status[field] = count.into();
        }
    };
    put("fullyLabeledReplicas", labels.map_or(0, |labels| count(&|pod| labels.matches_labels(&pod.labels))));
    put("readyReplicas", count(&|pod| pod.ready.is_some()));
    put("availableReplicas", available);
    if let Some(first) = waiting.min() {
        pass.wake_at(first);
    }
    status
}
