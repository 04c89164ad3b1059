//! Deployments: one ReplicaSet per template, and the way from the old ones to the new one.

mod history;
mod progress;
mod rolling;
mod scale;
mod sets;

use std::sync::Arc;

use actions::Outcome;
use api::ObjectExt;
use serde_json::{Value, json};

use crate::{At, Env, Kind, adopt, names, pass::Pass, read, world::World};
use sets::Sets;

/// The fields of a Deployment that its pass works with.
#[derive(Debug)]
struct Spec<'a> {
    object: &'a Value,
    replicas: i64,
    /// Pods more than asked for, while it rolls.
    surge: i64,
    /// Pods less than asked for.
    unavailable: i64,
    recreates: bool,
    paused: bool,
}

impl<'a> Spec<'a> {
    fn of(object: &'a Value) -> Self {
        let replicas = read::replicas(object);
        let recreates = read::text(object, "/spec/strategy/type") == "Recreate";
        let rolling = |field: &str, round_up: bool| {
            let value = object.pointer(&format!("/spec/strategy/rollingUpdate/{field}"));
            read::int_or_percent(value, replicas, round_up).unwrap_or_default()
        };
        let (surge, unavailable) = match (recreates, rolling("maxSurge", true), rolling("maxUnavailable", false)) {
            (true, _, _) => (0, 0),
            // Otherwise nothing could move.
            (false, 0, 0) => (0, 1),
            (false, surge, unavailable) => (surge, unavailable.min(replicas)),
        };
        let paused = read::flag(object, "/spec/paused");
        Self { object, replicas, surge, unavailable, recreates, paused }
    }

    fn name(&self) -> &str {
        self.object.name().unwrap_or_default()
    }

    fn most(&self) -> i64 {
        self.replicas + self.surge
    }

    fn least_available(&self) -> i64 {
        self.replicas - self.unavailable
    }
}

pub(crate) fn decide(world: &World, at: &At, env: &Env) -> Outcome {
    let mut pass = Pass::new(env);
    if let Some(object) = world.get(Kind::Deployment, at)
        && let Some(selector) = adopt::selector(object)
    {
        let spec = Spec::of(object);
        let kinds = (Kind::Deployment, Kind::ReplicaSet);
        let owned = adopt::objects(world, kinds, (object, &selector), &mut pass);
        let sets = Sets::of(&spec, owned);
        if pass.is_idle() && object.deletion_timestamp().is_none() {
            sync(world, &spec, &sets, &mut pass);
        }
        let status = progress::status(&spec, &sets, &mut pass);
        pass.status(Kind::Deployment, object, &status, "what its ReplicaSets come to");
    }
    pass.finish()
}

fn sync(world: &World, spec: &Spec<'_>, sets: &Sets, pass: &mut Pass) {
    if spec.paused {
        sets.keep_revision(spec, pass);
        scale::to_size(spec, sets, pass);
        return history::clean(spec, sets, pass);
    }
    if sets.is_resized(spec) {
        sets.keep_revision(spec, pass);
        return scale::to_size(spec, sets, pass);
    }
    let before = spec.recreates && !sets.old_pods_are_gone(world, spec, pass);
    if before {
        return;
    }
    match &sets.new {
        None => create(world, spec, sets, pass),
        Some(new) => {
            sets.keep_revision(spec, pass);
            let scaled = scale::new_set(spec, sets, new, pass);
            if !scaled && !spec.recreates {
                rolling::old_sets(spec, sets, new, pass);
            }
        }
    }
    if progress::is_complete(spec, sets) {
        history::clean(spec, sets, pass);
    }
}

fn create(world: &World, spec: &Spec<'_>, sets: &Sets, pass: &mut Pass) {
    let collisions = read::number(spec.object, "/status/collisionCount").unwrap_or_default();
    let namespace = spec.object.namespace().unwrap_or_default();
    let named = |collisions: i64| {
        let hash = crate::hash::of(&spec.object["spec"]["template"], collisions);
        (At::new(namespace, format!("{}-{hash}", spec.name())), hash)
    };
    // The count is in the status after the pass that met the collision.
    let free = (collisions..collisions + 8).map(named).find(|(at, _)| world.get(Kind::ReplicaSet, at).is_none());
    let Some((at, hash)) = free else { return };
    let object = new_set(spec, sets, (&at, &hash));
    pass.create(Kind::ReplicaSet, object, "the Deployment's template has no ReplicaSet yet");
}

fn new_set(spec: &Spec<'_>, sets: &Sets, (at, hash): (&At, &str)) -> Value {
    let mut template = spec.object["spec"]["template"].clone();
    // A template has metadata as an object has.
    template.set_label(names::TEMPLATE_HASH, hash);
    let mut selector = spec.object["spec"]["selector"].clone();
    if !selector["matchLabels"].is_object() {
        selector["matchLabels"] = json!({});
    }
    selector["matchLabels"][names::TEMPLATE_HASH] = hash.into();
    let mut annotations = sets::own_annotations(spec.object);
    annotations.insert(names::REVISION.into(), (sets.last_old_revision() + 1).to_string().into());
    sets::put_sizes(&mut annotations, spec);
    let wanted = match spec.recreates {
        true => spec.replicas,
        false => (spec.most() - sets.total()).clamp(0, spec.replicas),
    };
    let mut object = json!({
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": at.name,
            "namespace": at.namespace,
            "labels": template["metadata"]["labels"],
            "annotations": annotations,
            "ownerReferences": [crate::pass::owner_reference(Kind::Deployment, spec.object)],
        },
        "spec": {"replicas": wanted, "selector": selector, "template": template},
    });
    if let Some(secs) = read::number(spec.object, "/spec/minReadySeconds").filter(|secs| *secs > 0) {
        object["spec"]["minReadySeconds"] = secs.into();
    }
    object
}

type Set = Arc<Value>;
