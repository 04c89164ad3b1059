//! The ReplicaSets of a Deployment: which is the new one, which are old, and what their annotations say.

use api::ObjectExt;
use serde_json::{Map, Value, json};

use super::{Set, Spec};
use crate::{At, Kind, names, pass::Pass, read, world::World};

/// In order of creation.
#[derive(Debug)]
pub(super) struct Sets {
    /// Of the current template.
    pub(super) new: Option<Set>,
    pub(super) old: Vec<Set>,
}

/// Annotations of a Deployment that its ReplicaSets do not inherit.
const KEPT: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    names::REVISION,
    names::REVISION_HISTORY,
    names::DESIRED_REPLICAS,
    names::MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
];

pub(super) fn own_annotations(deployment: &Value) -> Map<String, Value> {
    let all = read::map(deployment, "/metadata/annotations").into_iter().flatten();
    all.filter(|(key, _)| !KEPT.contains(&key.as_str())).map(|(key, value)| (key.clone(), value.clone())).collect()
}

pub(super) fn put_sizes(annotations: &mut Map<String, Value>, spec: &Spec<'_>) {
    annotations.insert(names::DESIRED_REPLICAS.into(), spec.replicas.to_string().into());
    annotations.insert(names::MAX_REPLICAS.into(), spec.most().to_string().into());
}

pub(super) fn revision(set: &Value) -> i64 {
    annotated(set, names::REVISION).unwrap_or_default()
}

pub(super) fn annotated(set: &Value, key: &str) -> Option<i64> {
    set.annotation(key)?.parse().ok()
}

pub(super) fn of_status(set: &Value, field: &str) -> i64 {
    read::number(set, &format!("/status/{field}")).unwrap_or_default()
}

fn template_of(set: &Value) -> Value {
    let mut template = read::without_nulls(set["spec"]["template"].clone());
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove(names::TEMPLATE_HASH);
    }
    template
}

impl Sets {
    pub(super) fn of(spec: &Spec<'_>, mut owned: Vec<Set>) -> Self {
        owned.sort_by_key(|set| (read::text(set, "/metadata/creationTimestamp").to_owned(), At::of(set)));
        let template = read::without_nulls(spec.object["spec"]["template"].clone());
        let place = owned.iter().position(|set| template_of(set) == template);
        let new = place.map(|place| owned.remove(place));
        Self { new, old: owned }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Set> {
        self.old.iter().chain(&self.new)
    }

    /// Pods that all of them ask for.
    pub(super) fn total(&self) -> i64 {
        self.all().map(|set| read::replicas(set)).sum()
    }

    pub(super) fn sum(&self, field: &str) -> i64 {
        self.all().map(|set| of_status(set, field)).sum()
    }

    pub(super) fn last_old_revision(&self) -> i64 {
        self.old.iter().map(|set| revision(set)).max().unwrap_or_default()
    }

    /// Somebody asked for another number of pods since the ReplicaSets were scaled.
    pub(super) fn is_resized(&self, spec: &Spec<'_>) -> bool {
        let active = self.all().filter(|set| read::replicas(set) > 0);
        active.filter_map(|set| annotated(set, names::DESIRED_REPLICAS)).any(|desired| desired != spec.replicas)
    }

    /// The new ReplicaSet has the highest revision and the Deployment's annotations; the Deployment has its revision.
    pub(super) fn keep_revision(&self, spec: &Spec<'_>, pass: &mut Pass) {
        let Some(new) = &self.new else { return };
        let mut annotations = own_annotations(spec.object);
        let (current, wanted) = (revision(new), self.last_old_revision() + 1);
        if current < wanted {
            annotations.insert(names::REVISION.into(), wanted.to_string().into());
            if current > 0 {
                let before = new.annotation(names::REVISION_HISTORY).map(|before| format!("{before},"));
                let history = format!("{}{current}", before.unwrap_or_default());
                annotations.insert(names::REVISION_HISTORY.into(), history.into());
            }
        }
        annotations.retain(|key, value| new.annotation(key) != value.as_str());
        let min_ready = read::number(spec.object, "/spec/minReadySeconds").unwrap_or_default();
        let mut patch = json!({});
        if !annotations.is_empty() {
            patch["metadata"]["annotations"] = annotations.into();
        }
        if read::number(new, "/spec/minReadySeconds").unwrap_or_default() != min_ready {
            patch["spec"]["minReadySeconds"] = min_ready.into();
        }
        if patch != json!({}) {
            pass.merge(
                Kind::ReplicaSet,
                (&At::of(new), new.uid().unwrap_or_default()),
                patch,
                "it is the newest revision of its Deployment",
            );
        }
        let shown = current.max(wanted).to_string();
        if spec.object.annotation(names::REVISION) != Some(&shown) {
            let patch = json!({"metadata": {"annotations": {names::REVISION: shown}}});
            let this = (&At::of(spec.object), spec.object.uid().unwrap_or_default());
            pass.merge(Kind::Deployment, this, patch, "the revision of its newest ReplicaSet");
        }
    }

    /// Whether nothing of an older template runs any more; otherwise it is being removed.
    pub(super) fn old_pods_are_gone(&self, world: &World, spec: &Spec<'_>, pass: &mut Pass) -> bool {
        let mut gone = true;
        for set in &self.old {
            if read::replicas(set) > 0 {
                scale(set, 0, spec, pass);
                gone = false;
            }
            let pods = world.children_of(set.uid().unwrap_or_default(), Kind::Pod).filter_map(|at| world.pod(at));
            gone &= pods.into_iter().all(|pod| pod.is_over());
        }
        gone
    }
}

/// Asks the ReplicaSet for so many pods.
pub(super) fn scale(set: &Value, replicas: i64, spec: &Spec<'_>, pass: &mut Pass) {
    let mut annotations = Map::new();
    put_sizes(&mut annotations, spec);
    let patch = json!({"metadata": {"annotations": annotations}, "spec": {"replicas": replicas}});
    let reason = format!(
        "Scaled {} from {} to {replicas}",
        if read::replicas(set) < replicas { "up" } else { "down" },
        read::replicas(set)
    );
    pass.merge(Kind::ReplicaSet, (&At::of(set), set.uid().unwrap_or_default()), patch, reason);
}
