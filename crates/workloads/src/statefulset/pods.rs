//! A StatefulSet's pod and its claims.

use api::ObjectExt;
use serde_json::{Value, json};

use super::Set;
use crate::{At, Kind, names, pass::Pass, pass::pod_of, read, world::World};

fn claim_name(template: &Value, set: &Set<'_>, ordinal: i64) -> String {
    format!("{}-{}-{ordinal}", template.name().unwrap_or_default(), set.object.name().unwrap_or_default())
}

/// Makes those that are missing.
pub(super) fn claims(set: &Set<'_>, world: &World, ordinal: i64, pass: &mut Pass) {
    for template in read::list(set.object, "/spec/volumeClaimTemplates") {
        let at = At::new(set.object.namespace().unwrap_or_default(), claim_name(template, set, ordinal));
        if world.get(Kind::PersistentVolumeClaim, &at).is_some() {
            continue;
        }
        let mut labels = read::map(template, "/metadata/labels").cloned().unwrap_or_default();
        labels.extend(read::map(set.object, "/spec/selector/matchLabels").cloned().unwrap_or_default());
        let mut claim = json!({
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": at.name, "namespace": at.namespace, "labels": labels},
            "spec": template["spec"],
        });
        if let Some(annotations) = template.pointer("/metadata/annotations") {
            claim["metadata"]["annotations"] = annotations.clone();
        }
        pass.create(Kind::PersistentVolumeClaim, claim, format!("pod {ordinal} has a claim of its own"));
    }
}

/// Of the current revision below the partition or where the update has not come yet, of the newest one otherwise.
fn template<'a>(set: &'a Set<'_>, ordinal: i64) -> (&'a Value, &'a str) {
    let below = match set.partition {
        Some(partition) => partition,
        None => read::number(set.object, "/status/currentReplicas").unwrap_or_default(),
    };
    let reached = ordinal >= set.first + below;
    let newest = (&set.object["spec"]["template"], set.revisions.update.as_str());
    let current = set.revisions.get(&set.current).and_then(|revision| revision.pointer("/data/spec/template"));
    match current.filter(|_| !reached) {
        Some(template) => (template, &set.current),
        None => newest,
    }
}

pub(super) fn create(set: &Set<'_>, world: &World, ordinal: i64, pass: &mut Pass) {
    claims(set, world, ordinal, pass);
    let (template, revision) = template(set, ordinal);
    let mut pod = pod_of(template, Kind::StatefulSet, set.object);
    let name = format!("{}-{ordinal}", set.object.name().unwrap_or_default());
    let metadata = pod.metadata_mut();
    metadata.remove("generateName");
    metadata.insert("name".into(), name.clone().into());
    for (label, value) in [
        ("statefulset.kubernetes.io/pod-name", name.as_str()),
        ("apps.kubernetes.io/pod-index", &ordinal.to_string()),
        (names::REVISION_HASH, revision),
    ] {
        pod.set_label(label, value);
    }
    pod["spec"]["hostname"] = name.into();
    if let Some(subdomain) = set.object.pointer("/spec/serviceName") {
        pod["spec"]["subdomain"] = subdomain.clone();
    }
    let claims = read::list(set.object, "/spec/volumeClaimTemplates");
    let named = |volume: &Value| claims.iter().any(|claim| claim.name() == volume["name"].as_str());
    let mut volumes: Vec<Value> =
        read::list(&pod, "/spec/volumes").iter().filter(|volume| !named(volume)).cloned().collect();
    volumes.extend(claims.iter().map(
        |claim| json!({"name": claim.name(), "persistentVolumeClaim": {"claimName": claim_name(claim, set, ordinal)}}),
    ));
    if !volumes.is_empty() {
        pod["spec"]["volumes"] = volumes.into();
    }
    pass.create(Kind::Pod, pod, format!("there is no pod {ordinal}"));
}
