//! DaemonSets: a pod on every node that takes it, and the way from an old template to the new one.

mod rolling;

use std::{collections::BTreeMap, sync::Arc};

use actions::Outcome;
use api::ObjectExt;
use serde_json::{Value, json};

use crate::{
    At, Env, Kind, adopt, names,
    pass::{Pass, pod_of},
    read,
    revisions::{self, Revisions},
    scheduler::fit,
    world::{Phase, Pod, World},
};

/// What every pod of a DaemonSet tolerates: key and effect.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// Whether a node is to have a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Wanted,
    /// What is there may stay.
    Kept,
    Refused,
}

/// A DaemonSet, its nodes and its pods by node.
#[derive(Debug)]
struct Set<'a> {
    object: &'a Value,
    template: Value,
    places: BTreeMap<String, Place>,
    pods: BTreeMap<String, Vec<Arc<Pod>>>,
    min_ready: i64,
}

pub(crate) fn decide(world: &World, at: &At, env: &Env) -> Outcome {
    let mut pass = Pass::new(env);
    if let Some(object) = world.get(Kind::DaemonSet, at)
        && let Some(selector) = adopt::selector(object)
    {
        let pods = adopt::pods(world, Kind::DaemonSet, (object, &selector), &mut pass);
        if let Some(revisions) = revisions::keep(world, (Kind::DaemonSet, object), &selector, &mut pass)
            && pass.is_idle()
        {
            sync(world, object, pods, &revisions, &mut pass);
        }
    }
    pass.finish()
}

fn sync(world: &World, object: &Value, pods: Vec<Arc<Pod>>, revisions: &Revisions, pass: &mut Pass) {
    let template = template(object, &revisions.hash);
    let mut set = Set {
        object,
        places: places(world, &template),
        template,
        pods: BTreeMap::new(),
        min_ready: read::number(object, "/spec/minReadySeconds").unwrap_or_default(),
    };
    for pod in pods {
        set.pods.entry(node_of(&pod)).or_default().push(pod);
    }
    if object.deletion_timestamp().is_none() {
        manage(&set, revisions, pass);
        if pass.is_idle() && read::text(object, "/spec/updateStrategy/type") != "OnDelete" {
            rolling::update(&set, revisions, pass);
        }
        let hashes: Vec<&str> = set.pods.values().flatten().filter_map(|pod| hash_of(pod)).collect();
        let used = |revision: &Value| revision.label(names::REVISION_HASH).is_some_and(|hash| hashes.contains(&hash));
        revisions.clean(object, used, pass);
    }
    let status = status(&set, revisions, pass);
    pass.status(Kind::DaemonSet, object, &status, "what its pods come to");
}

fn hash_of(pod: &Pod) -> Option<&str> {
    pod.labels.get(names::REVISION_HASH)?.as_str()
}

/// The node that a pod is on, or is meant for.
fn node_of(pod: &Pod) -> String {
    const TERMS: &str = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchFields/0/values/0";
    if pod.node.is_empty() { read::text(&pod.object(), TERMS).into() } else { pod.node.clone() }
}

fn template(object: &Value, hash: &str) -> Value {
    let mut template = object["spec"]["template"].clone();
    template.set_label(names::REVISION_HASH, hash);
    if let Some(generation) = object.annotation(names::TEMPLATE_GENERATION) {
        template.set_label("pod-template-generation", generation);
    }
    let mut tolerations = read::list(&template, "/spec/tolerations").to_vec();
    let network = read::flag(&template, "/spec/hostNetwork");
    let more = network.then_some(("node.kubernetes.io/network-unavailable", "NoSchedule"));
    for (key, effect) in TOLERATED.into_iter().chain(more) {
        let toleration = json!({"key": key, "operator": "Exists", "effect": effect});
        if !tolerations.contains(&toleration) {
            tolerations.push(toleration);
        }
    }
    template["spec"]["tolerations"] = tolerations.into();
    template
}

fn places(world: &World, template: &Value) -> BTreeMap<String, Place> {
    let wants = fit::Wants::of(template);
    let fixed = read::text(template, "/spec/nodeName");
    let place = |node: &Value| match node.name().unwrap_or_default() {
        name if !fixed.is_empty() && fixed != name => Place::Refused,
        _ if !wants.is_selected(node) => Place::Refused,
        _ if wants.untolerated(node, &["NoSchedule", "NoExecute"]).is_none() => Place::Wanted,
        _ if wants.untolerated(node, &["NoExecute"]).is_none() => Place::Kept,
        _ => Place::Refused,
    };
    world.all(Kind::Node, "").map(|node| (node.name().unwrap_or_default().to_owned(), place(node))).collect()
}

/// Pinned to a node, for the scheduler to put it there.
fn pod_for(set: &Set<'_>, node: &str) -> Value {
    let mut pod = pod_of(&set.template, Kind::DaemonSet, set.object);
    const TERMS: &str = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms";
    let field = json!([{"key": "metadata.name", "operator": "In", "values": [node]}]);
    let mut terms = read::list(&pod["spec"], TERMS).to_vec();
    if terms.is_empty() {
        terms.push(json!({}));
    }
    terms.iter_mut().for_each(|term| term["matchFields"] = field.clone());
    if !pod["spec"]["affinity"].is_object() {
        pod["spec"]["affinity"] = json!({});
    }
    let affinity = &mut pod["spec"]["affinity"];
    if !affinity["nodeAffinity"].is_object() {
        affinity["nodeAffinity"] = json!({});
    }
    affinity["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] = json!({"nodeSelectorTerms": terms});
    pod
}

/// One pod where one is wanted, none where it is refused; what is over is replaced.
fn manage(set: &Set<'_>, revisions: &Revisions, pass: &mut Pass) {
    let none = Vec::new();
    for (node, place) in &set.places {
        let pods = set.pods.get(node).unwrap_or(&none);
        let remove = |pod: &Pod, why: &str, pass: &mut Pass| {
            if !pod.is_deleting {
                pass.delete(Kind::Pod, (&pod.at, &pod.uid), why);
            }
        };
        match place {
            Place::Refused => pods.iter().for_each(|pod| remove(pod, "its node does not take it any more", pass)),
            Place::Kept => {}
            Place::Wanted if pods.is_empty() => {
                pass.create(Kind::Pod, pod_for(set, node), format!("node {node} has none"));
            }
            Place::Wanted => {
                pods.iter().filter(|pod| pod.is_over()).for_each(|pod| remove(pod, "it is over", pass));
                let mut living: Vec<&Arc<Pod>> = pods.iter().filter(|pod| pod.is_active()).collect();
                // An update that surges has two for a while: one of each template.
                living.sort_by_key(|pod| (pod.node.is_empty(), pod.created, &pod.at));
                let new = |pod: &&Arc<Pod>| hash_of(pod) == Some(&revisions.hash);
                let (fresh, stale): (Vec<&Arc<Pod>>, Vec<&Arc<Pod>>) = living.into_iter().partition(new);
                for extra in fresh.into_iter().skip(1).chain(stale.into_iter().skip(1)) {
                    remove(extra, "one pod for each node", pass);
                }
            }
        }
    }
    // Meant for nodes that are gone, and never on one.
    for (_, pods) in set.pods.iter().filter(|(node, _)| !set.places.contains_key(*node)) {
        for pod in pods.iter().filter(|pod| pod.node.is_empty() && !pod.is_deleting) {
            pass.delete(Kind::Pod, (&pod.at, &pod.uid), "its node is gone");
        }
    }
}

fn status(set: &Set<'_>, revisions: &Revisions, pass: &mut Pass) -> Value {
    let (mut desired, mut current, mut misplaced, mut ready, mut available, mut updated) = (0, 0, 0, 0, 0, 0);
    for (node, place) in &set.places {
        let pods = set.pods.get(node).map(Vec::as_slice).unwrap_or_default();
        if *place != Place::Wanted {
            misplaced += i64::from(*place == Place::Refused && pods.iter().any(|pod| !pod.is_deleting));
            continue;
        }
        desired += 1;
        // The oldest one speaks for its node.
        let Some(pod) = pods.iter().min_by_key(|pod| (pod.created, &pod.at)) else { continue };
        current += 1;
        if pod.ready.is_some() && pod.phase == Phase::Running {
            ready += 1;
            if pod.is_available(set.min_ready, pass.now) {
                available += 1;
            } else if let Some(from) = pod.available_from(set.min_ready) {
                pass.wake_at(from);
            }
        }
        updated += i64::from(hash_of(pod) == Some(&revisions.hash));
    }
    let mut status = json!({
        "observedGeneration": set.object.generation(),
        "desiredNumberScheduled": desired,
        "currentNumberScheduled": current,
        "numberMisscheduled": misplaced,
        "numberReady": ready,
    });
    for (field, count) in [
        ("updatedNumberScheduled", updated),
        ("numberAvailable", available),
        ("numberUnavailable", desired - available),
    ] {
        if count > 0 {
            status[field] = count.into();
        }
    }
    if let Some(collisions) = read::number(set.object, "/status/collisionCount") {
        status["collisionCount"] = collisions.into();
    }
    status
}
