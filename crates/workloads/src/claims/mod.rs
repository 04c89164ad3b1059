//! Claims and volumes: a claim gets the volume that it names, or a new one of its StorageClass; both go when nobody needs them.
//! No disk stands behind a volume.
//!
//! Not here: finding a volume that fits a claim which names none, snapshots, resizing.

use actions::Outcome;
use api::ObjectExt;
use serde_json::{Value, json};

use crate::{At, Env, Kind, names, pass::Pass, read, world::World};

const CLAIM_FINALIZER: &str = "kubernetes.io/pvc-protection";
const VOLUME_FINALIZER: &str = "kubernetes.io/pv-protection";
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";
const WAIT: &str = "WaitForFirstConsumer";

/// The class of claims that name none.
fn default_class(world: &World) -> Option<&str> {
    let mut classes = world.all(Kind::StorageClass, "").filter(|class| class.annotation(DEFAULT_CLASS) == Some("true"));
    classes.next().and_then(|class| class.name())
}

fn is_used(world: &World, at: &At) -> bool {
    world.pods_in(&at.namespace).any(|pod| !pod.is_over() && pod.claims.contains(&at.name))
}

/// Why a pod's claims keep it from a node, as upstream words it; an empty text where the volume is about to come.
pub(crate) fn obstacle(world: &World, namespace: &str, claims: &[String]) -> Option<String> {
    claims.iter().find_map(|name| {
        let Some(claim) = world.get(Kind::PersistentVolumeClaim, &At::new(namespace, name)) else {
            return Some(format!("persistentvolumeclaim \"{name}\" not found"));
        };
        if claim.deletion_timestamp().is_some() {
            return Some(format!("persistentvolumeclaim \"{name}\" is being deleted"));
        }
        if read::text(claim, "/status/phase") == "Bound" {
            return None;
        }
        let class = world.get(Kind::StorageClass, &At::new("", read::text(claim, "/spec/storageClassName")));
        let waits = class.is_some_and(|class| read::text(class, "/volumeBindingMode") == WAIT);
        Some(if waits { String::new() } else { "pod has unbound immediate PersistentVolumeClaims".into() })
    })
}

fn without(object: &Value, finalizer: &str) -> Value {
    let left: Vec<&str> = object.finalizers().into_iter().filter(|known| *known != finalizer).collect();
    let left = if left.is_empty() { Value::Null } else { json!(left) };
    json!({"metadata": {"finalizers": left, "resourceVersion": object.resource_version()}})
}

pub(crate) fn claim(world: &World, at: &At, env: &Env) -> Outcome {
    let mut pass = Pass::new(env);
    if let Some(claim) = world.get(Kind::PersistentVolumeClaim, at) {
        let this = (at, claim.uid().unwrap_or_default());
        if claim.deletion_timestamp().is_some() {
            if claim.finalizers().contains(&CLAIM_FINALIZER) && !is_used(world, at) {
                pass.merge(Kind::PersistentVolumeClaim, this, without(claim, CLAIM_FINALIZER), "no pod uses it");
            }
        } else if read::text(claim, "/spec/volumeName").is_empty() {
            provide(world, claim, &mut pass);
        } else {
            bind(world, claim, &mut pass);
        }
    }
    pass.finish()
}

/// A new volume.
fn provide(world: &World, claim: &Value, pass: &mut Pass) {
    let at = At::of(claim);
    let this = (&at, claim.uid().unwrap_or_default());
    let Some(class) = claim.pointer("/spec/storageClassName").and_then(Value::as_str) else {
        if let Some(class) = default_class(world) {
            let patch = json!({"spec": {"storageClassName": class}});
            pass.merge(Kind::PersistentVolumeClaim, this, patch, "it is the cluster's default class");
        }
        return;
    };
    let Some(class) = world.get(Kind::StorageClass, &At::new("", class)) else { return };
    if read::text(class, "/volumeBindingMode") == WAIT && !is_used(world, &at) {
        return;
    }
    let name = format!("pvc-{}", this.1);
    if world.get(Kind::PersistentVolume, &At::new("", &name)).is_none() {
        pass.create(Kind::PersistentVolume, volume(claim, class, &name), "a claim asks for a volume of its class");
    }
    let provisioner = read::text(class, "/provisioner");
    let patch = json!({
        "metadata": {"annotations": {
            "pv.kubernetes.io/bind-completed": "yes",
            "pv.kubernetes.io/bound-by-controller": "yes",
            "volume.kubernetes.io/storage-provisioner": provisioner,
        }},
        "spec": {"volumeName": name},
    });
    pass.merge(Kind::PersistentVolumeClaim, this, patch, "a volume was made for it");
}

fn reference(claim: &Value) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "name": claim.name(),
        "namespace": claim.namespace(),
        "uid": claim.uid(),
    })
}

fn volume(claim: &Value, class: &Value, name: &str) -> Value {
    let provisioner = read::text(class, "/provisioner");
    let reclaim = class.get("reclaimPolicy").cloned().unwrap_or_else(|| "Delete".into());
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": name,
            "annotations": {
                "pv.kubernetes.io/provisioned-by": provisioner,
                names::SIMULATED: "no disk stands behind this volume",
            },
        },
        "spec": {
            "accessModes": claim["spec"]["accessModes"],
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "claimRef": reference(claim),
            "csi": {"driver": provisioner, "volumeHandle": name},
            "persistentVolumeReclaimPolicy": reclaim,
            "storageClassName": class.name(),
            "volumeMode": claim["spec"].get("volumeMode").cloned().unwrap_or_else(|| "Filesystem".into()),
        },
    })
}

/// The claim is bound to the volume that it names, unless that is another's.
fn bind(world: &World, claim: &Value, pass: &mut Pass) {
    let name = read::text(claim, "/spec/volumeName");
    let Some(volume) = world.get(Kind::PersistentVolume, &At::new("", name)) else {
        if read::text(claim, "/status/phase") == "Bound" {
            let mut status = claim["status"].clone();
            status["phase"] = "Lost".into();
            pass.status(Kind::PersistentVolumeClaim, claim, &status, "its volume is gone");
        }
        return;
    };
    let of = &volume["spec"]["claimRef"];
    let fits = of["namespace"] == claim["metadata"]["namespace"] && of["name"] == claim["metadata"]["name"];
    if of.is_null() || fits && of["uid"].is_null() {
        let this = (&At::of(volume), volume.uid().unwrap_or_default());
        pass.merge(Kind::PersistentVolume, this, json!({"spec": {"claimRef": reference(claim)}}), "a claim names it");
    } else if of["uid"] != claim["metadata"]["uid"] {
        return;
    }
    let status = json!({
        "phase": "Bound",
        "accessModes": volume["spec"]["accessModes"],
        "capacity": volume["spec"]["capacity"],
    });
    pass.status(Kind::PersistentVolumeClaim, claim, &status, "its volume is there");
}

pub(crate) fn volume_life(world: &World, at: &At, env: &Env) -> Outcome {
    let mut pass = Pass::new(env);
    if let Some(volume) = world.get(Kind::PersistentVolume, at) {
        let this = (at, volume.uid().unwrap_or_default());
        let of = &volume["spec"]["claimRef"];
        let claim = At::new(read::text(of, "/namespace"), read::text(of, "/name"));
        let claim = world.get(Kind::PersistentVolumeClaim, &claim).filter(|claim| claim.uid() == of["uid"].as_str());
        if volume.deletion_timestamp().is_some() {
            if volume.finalizers().contains(&VOLUME_FINALIZER) && claim.is_none() {
                pass.merge(Kind::PersistentVolume, this, without(volume, VOLUME_FINALIZER), "no claim holds it");
            }
            return pass.finish();
        }
        let phase = match claim {
            _ if of["uid"].is_null() => "Available",
            Some(_) => "Bound",
            None if read::text(volume, "/spec/persistentVolumeReclaimPolicy") == "Delete" => {
                pass.delete(Kind::PersistentVolume, this, "its claim is gone, and its reclaim policy is Delete");
                return pass.finish();
            }
            None => "Released",
        };
        if read::text(volume, "/status/phase") != phase {
            let status = json!({"phase": phase, "lastPhaseTransitionTime": pass.stamp()});
            pass.status(Kind::PersistentVolume, volume, &status, "what its claim comes to");
        }
    }
    pass.finish()
}
