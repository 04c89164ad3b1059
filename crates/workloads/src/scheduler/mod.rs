//! The scheduler: a pod without a node gets one that takes it, or hears why none does, in upstream's words.

pub(crate) mod fit;

use std::collections::BTreeMap;

use api::ObjectExt;
use serde_json::{Value, json};

use crate::{
    At, Env, Kind, claims, names,
    pass::{Pass, condition},
    read,
    world::{BINDING, World},
};
use actions::Outcome;

const REFUSED: &str = "Unschedulable";
/// Why a pod's annotation says that it is simulated.
pub(crate) const WHY_SIMULATED: &str = "no container of this pod runs";

pub(crate) fn decide(world: &World, at: &At, env: &Env) -> Outcome {
    let mut pass = Pass::new(env);
    if let Some(pod) = world.pod(at).filter(|pod| pod.node.is_empty() && pod.is_active()) {
        schedule(world, (&pod.object(), &pod.claims), &mut pass);
    }
    pass.finish()
}

fn schedule(world: &World, (pod, claims): (&Value, &[String]), pass: &mut Pass) {
    let gates = read::list(pod, "/spec/schedulingGates");
    if !gates.is_empty() {
        return refuse(pod, "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates", pass);
    }
    let scheduler = read::text(pod, "/spec/schedulerName");
    if !matches!(scheduler, "" | "default-scheduler") {
        // Somebody else's, as upstream has it.
        return;
    }
    if let Some(why) = claims::obstacle(world, pod.namespace().unwrap_or_default(), claims) {
        if why.is_empty() {
            // The volume comes, now that somebody asks for it.
            return;
        }
        let nodes = world.all(Kind::Node, "").count();
        let message = format!("0/{nodes} nodes are available: {why}. {}", unhelpful(nodes));
        return refuse(pod, REFUSED, &message, pass);
    }
    let wants = fit::Wants::of(pod);
    let mut refusals: BTreeMap<String, usize> = BTreeMap::new();
    let mut best: Option<(usize, &Value)> = None;
    let mut nodes = 0;
    for node in world.all(Kind::Node, "") {
        nodes += 1;
        let pods = world.count_on_node(node.name().unwrap_or_default());
        match wants.refusal(node, pods) {
            Some(why) => *refusals.entry(why).or_default() += 1,
            // The emptiest of those that take it; among equals the first by name.
            None if best.is_none_or(|(fewest, _)| pods < fewest) => best = Some((pods, node)),
            None => {}
        }
    }
    match best {
        Some((_, node)) => bind(pod, node.name().unwrap_or_default(), pass),
        None if nodes == 0 => refuse(pod, REFUSED, "no nodes available to schedule pods", pass),
        None => {
            let mut why: Vec<String> = refusals.iter().map(|(why, nodes)| format!("{nodes} {why}")).collect();
            why.sort();
            let message = format!("0/{nodes} nodes are available: {}. {}", why.join(", "), unhelpful(nodes));
            refuse(pod, REFUSED, &message, pass);
        }
    }
}

fn unhelpful(nodes: usize) -> String {
    format!("preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling.")
}

fn bind(pod: &Value, node: &str, pass: &mut Pass) {
    let at = At::of(pod);
    let binding = json!({
        "apiVersion": "v1",
        "kind": BINDING,
        "metadata": {
            "name": at.name,
            "namespace": at.namespace,
            "uid": pod.uid(),
            "annotations": {names::SIMULATED: WHY_SIMULATED},
        },
        "target": {"apiVersion": "v1", "kind": "Node", "name": node},
    });
    pass.bind(&at, binding, format!("node {node} takes the pod"));
}

fn refuse(pod: &Value, reason: &str, message: &str, pass: &mut Pass) {
    let kind = "PodScheduled";
    let new = condition(pod, (kind, "False"), (reason, message), &pass.stamp());
    let mut status = pod.get("status").cloned().unwrap_or_else(|| json!({}));
    let mut conditions = read::list(pod, "/status/conditions").to_vec();
    match conditions.iter_mut().find(|known| known["type"] == kind) {
        Some(known) if known["reason"] == reason && known["message"] == message => return,
        Some(known) => *known = new,
        None => conditions.push(new),
    }
    status["conditions"] = conditions.into();
    pass.status(Kind::Pod, pod, &status, format!("no node takes the pod: {message}"));
}
