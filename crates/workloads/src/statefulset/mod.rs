//! StatefulSets: pods with an ordinal, a name and claims of their own, made, removed and updated in order.
//!
//! Not here: `persistentVolumeClaimRetentionPolicy` (claims stay), more than one unavailable pod in an update (alpha upstream).

mod pods;

use std::{collections::BTreeMap, sync::Arc};

use actions::Outcome;
use api::ObjectExt;
use serde_json::{Value, json};

use crate::{
    At, Env, Kind, adopt, names,
    pass::Pass,
    read,
    revisions::{self, Revisions},
    world::{Phase, Pod, World},
};

/// A StatefulSet and its pods by ordinal.
#[derive(Debug)]
struct Set<'a> {
    object: &'a Value,
    revisions: &'a Revisions,
    /// The revision of pods that the update has not reached.
    current: String,
    pods: BTreeMap<i64, Arc<Pod>>,
    first: i64,
    replicas: i64,
    /// `None`: whatever the ordinal.
    partition: Option<i64>,
    ordered: bool,
    min_ready: i64,
}

pub(crate) fn decide(world: &World, at: &At, env: &Env) -> Outcome {
    let mut pass = Pass::new(env);
    if let Some(object) = world.get(Kind::StatefulSet, at)
        && let Some(selector) = adopt::selector(object)
    {
        let pods = adopt::pods(world, Kind::StatefulSet, (object, &selector), &mut pass);
        if let Some(revisions) = revisions::keep(world, (Kind::StatefulSet, object), &selector, &mut pass)
            && pass.is_idle()
        {
            let set = Set::of(object, &revisions, pods);
            if object.deletion_timestamp().is_none() {
                set.sync(world, &mut pass);
                set.clean(&mut pass);
            }
            let status = set.status(&mut pass);
            pass.status(Kind::StatefulSet, object, &status, "what its pods come to");
        }
    }
    pass.finish()
}

/// `web-3` of `web`.
fn ordinal(set: &str, pod: &str) -> Option<i64> {
    pod.strip_prefix(set)?.strip_prefix('-')?.parse().ok()
}

fn revision_of(pod: &Pod) -> &str {
    pod.labels.get(names::REVISION_HASH).and_then(Value::as_str).unwrap_or_default()
}

fn serves(pod: &Pod) -> bool {
    pod.phase == Phase::Running && pod.ready.is_some()
}

fn is_healthy(pod: &Pod) -> bool {
    serves(pod) && !pod.is_deleting
}

impl<'a> Set<'a> {
    fn of(object: &'a Value, revisions: &'a Revisions, pods: Vec<Arc<Pod>>) -> Self {
        let name = object.name().unwrap_or_default();
        let known = read::text(object, "/status/currentRevision");
        let current = if revisions.get(known).is_some() { known } else { &revisions.update };
        let numbered = pods.into_iter().filter_map(|pod| Some((ordinal(name, &pod.at.name)?, pod)));
        Self {
            object,
            revisions,
            current: current.to_owned(),
            pods: numbered.collect(),
            first: read::number(object, "/spec/ordinals/start").unwrap_or_default(),
            replicas: read::replicas(object),
            partition: object
                .pointer("/spec/updateStrategy/rollingUpdate")
                .map(|rolling| read::number(rolling, "/partition").unwrap_or_default()),
            ordered: read::text(object, "/spec/podManagementPolicy") != "Parallel",
            min_ready: read::number(object, "/spec/minReadySeconds").unwrap_or_default(),
        }
    }

    fn end(&self) -> i64 {
        self.first + self.replicas
    }

    fn sync(&self, world: &World, pass: &mut Pass) {
        if !self.fill(world, pass) {
            return;
        }
        if !self.shrink(pass) {
            return;
        }
        if read::text(self.object, "/spec/updateStrategy/type") != "OnDelete" {
            self.roll(pass);
        }
    }

    /// Every ordinal has its pod; whether there is nothing to wait for.
    fn fill(&self, world: &World, pass: &mut Pass) -> bool {
        let mut settled = true;
        for ordinal in self.first..self.end() {
            let waits = match self.pods.get(&ordinal) {
                None => {
                    pods::create(self, world, ordinal, pass);
                    true
                }
                Some(pod) if pod.is_over() => {
                    if !pod.is_deleting {
                        pass.delete(Kind::Pod, (&pod.at, &pod.uid), "it is over, and made again");
                    }
                    true
                }
                Some(pod) => {
                    if pod.phase == Phase::Pending {
                        pods::claims(self, world, ordinal, pass);
                    }
                    let from = pod.available_from(self.min_ready).filter(|from| *from > pass.now);
                    if let Some(from) = from {
                        pass.wake_at(from);
                    }
                    !is_healthy(pod) || from.is_some()
                }
            };
            if waits && self.ordered {
                return false;
            }
            settled &= !waits || !self.ordered;
        }
        settled
    }

    /// Ordinals that are not asked for go, the highest first; whether there are none.
    fn shrink(&self, pass: &mut Pass) -> bool {
        let outside = |ordinal: &i64| *ordinal < self.first || *ordinal >= self.end();
        let condemned: Vec<_> = self.pods.iter().filter(|(ordinal, _)| outside(ordinal)).rev().collect();
        let unhealthy = condemned.iter().rev().find(|(_, pod)| !is_healthy(pod)).map(|(ordinal, _)| **ordinal);
        for (ordinal, pod) in &condemned {
            if pod.is_deleting {
                if self.ordered {
                    return false;
                }
                continue;
            }
            if self.ordered && !serves(pod) && unhealthy != Some(**ordinal) {
                return false;
            }
            pass.delete(Kind::Pod, (&pod.at, &pod.uid), format!("{} replicas are wanted", self.replicas));
            if self.ordered {
                return false;
            }
        }
        condemned.is_empty() || !self.ordered
    }

    /// The highest pod of another revision goes, once those above it serve.
    fn roll(&self, pass: &mut Pass) {
        let from = self.first + self.partition.unwrap_or_default();
        for ordinal in (from..self.end()).rev() {
            let Some(pod) = self.pods.get(&ordinal) else { return };
            if revision_of(pod) != self.revisions.update && !pod.is_deleting {
                return pass.delete(Kind::Pod, (&pod.at, &pod.uid), "it is of another revision");
            }
            if !is_healthy(pod) {
                return;
            }
        }
    }

    fn clean(&self, pass: &mut Pass) {
        let used = |revision: &Value| {
            let name = revision.name().unwrap_or_default();
            name == self.current || self.pods.values().any(|pod| revision_of(pod) == name)
        };
        self.revisions.clean(self.object, used, pass);
    }

    fn status(&self, pass: &mut Pass) -> Value {
        let count = |holds: &dyn Fn(&Pod) -> bool| {
            i64::try_from(self.pods.values().filter(|pod| holds(pod)).count()).unwrap_or(i64::MAX)
        };
        let (replicas, ready) = (count(&|_| true), count(&serves));
        let of = |revision: &str| count(&|pod| !pod.is_deleting && revision_of(pod) == revision);
        let (mut current, updated) = (of(&self.current), of(&self.revisions.update));
        let mut shown = self.current.as_str();
        // What the update has reached everywhere is current.
        let rolls = read::text(self.object, "/spec/updateStrategy/type") != "OnDelete";
        if rolls && updated == replicas && ready == replicas && replicas == self.replicas {
            (current, shown) = (updated, self.revisions.update.as_str());
        }
        let mut status = json!({
            "observedGeneration": self.object.generation(),
            "replicas": replicas,
            "availableReplicas": count(&|pod| serves(pod) && pod.is_available(self.min_ready, pass.now)),
            "currentRevision": shown,
            "updateRevision": self.revisions.update,
            "collisionCount": read::number(self.object, "/status/collisionCount").unwrap_or_default(),
        });
        for (field, count) in [("readyReplicas", ready), ("currentReplicas", current), ("updatedReplicas", updated)] {
            if count > 0 {
                status[field] = count.into();
            }
        }
        status
    }
}
