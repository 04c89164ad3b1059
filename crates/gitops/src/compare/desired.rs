//! Desired state: manifests of the source as objects with namespace and tracking id.

use std::collections::BTreeMap;

use api::{
    ObjectExt,
    names::{GroupVersionKind, ObjectRef},
};
use serde_json::Value;

use super::{Against, COMPARISON_ERROR, Key, deduplicated, source};
use crate::{
    manifests::Manifest,
    observed::{Observed, Query, Scope},
    sync::{hooks, kind_defined},
    tracking,
    validate::{Finding, Validated},
    warnings::WARNING as UNSUPPORTED,
};

pub(super) struct Desired {
    pub(super) revision: String,
    pub(super) objects: Vec<Value>,
    pub(super) hooks: Vec<Value>,
    pub(super) failed: bool,
    pub(super) findings: Vec<Finding>,
    /// Empty when no manifests were made.
    pub(super) source_type: &'static str,
}

pub(super) fn load(observed: &Observed, spec: &Validated, against: &Against) -> Result<Desired, Vec<Query>> {
    let loaded = match source::load(observed, spec, against)? {
        Ok(loaded) => loaded,
        Err((revision, message)) => return Ok(failure(revision, &message)),
    };
    let unknown: Vec<Query> = loaded
        .manifests
        .iter()
        .filter_map(|manifest| GroupVersionKind::of(&manifest.object))
        .filter(|gvk| !observed.kinds.contains_key(gvk))
        .map(Query::Kind)
        .collect();
    if !unknown.is_empty() {
        return Err(deduplicated(unknown));
    }
    Ok(normalised(observed, spec, loaded))
}

fn failure(revision: String, message: &str) -> Desired {
    let message = format!("Failed to load target state: failed to generate manifest for source 1 of 1: {message}");
    Desired {
        revision,
        objects: Vec::new(),
        hooks: Vec::new(),
        failed: true,
        findings: vec![(COMPARISON_ERROR, message)],
        source_type: "",
    }
}

fn normalised(observed: &Observed, spec: &Validated, loaded: source::Loaded) -> Desired {
    let source::Loaded { revision, mut manifests, source_type, mut findings } = loaded;
    let mut hooks = Vec::new();
    if spec.skip_unserved_kinds {
        leave_out_unserved(observed, &mut manifests, &mut findings);
    }
    let mut by_key: BTreeMap<Key, (usize, Value)> = BTreeMap::new();
    for manifest in manifests {
        let mut object = manifest.object;
        if hooks::is_skipped(&object) {
            continue;
        }
        place(&mut object, observed, &spec.destination_namespace);
        tracking::track(&mut object, &spec.instance, &spec.destination_namespace);
        if hooks::is_hook(&object) {
            findings.extend(hooks::unheard(&object).map(|message| (UNSUPPORTED, message)));
            hooks.push(object);
            continue;
        }
        let Some(reference) = ObjectRef::of(&object) else {
            let message = format!(
                "Failed to load target state: {}#{}: metadata.generateName is only supported for hooks",
                manifest.file, manifest.document
            );
            findings.push((COMPARISON_ERROR, message));
            continue;
        };
        let entry = by_key.entry(Key::of(&reference)).or_insert((0, Value::Null));
        *entry = (entry.0 + 1, object);
    }
    for (key, (times, _)) in &by_key {
        if *times > 1 {
            let Key { group, kind, namespace, name } = key;
            findings.push((
                "RepeatedResourceWarning",
                format!(
                    "Resource {group}/{kind}/{namespace}/{name} appeared {times} times among application resources."
                ),
            ));
        }
    }
    let failed = findings.iter().any(|(kind, _)| *kind == COMPARISON_ERROR);
    let objects = by_key.into_values().map(|(_, object)| object).collect();
    Desired { revision, objects, hooks, failed, findings, source_type }
}

/// Takes away what no kind is served for, and what no definition among the manifests will serve.
fn leave_out_unserved(observed: &Observed, manifests: &mut Vec<Manifest>, findings: &mut Vec<Finding>) {
    let defined: Vec<String> = manifests.iter().filter_map(|manifest| kind_defined(&manifest.object)).collect();
    manifests.retain(|manifest| {
        let Some(gvk) = GroupVersionKind::of(&manifest.object) else { return true };
        let missing = observed.kinds.get(&gvk) == Some(&Scope::NotServed);
        let keep = !missing || defined.contains(&format!("{}/{}", gvk.group, gvk.kind));
        if !keep {
            let name = manifest.object.name().unwrap_or_default();
            let message = format!("Resource {}/{} {name} is left out: the kind is not served", gvk.group, gvk.kind);
            findings.push(("ExcludedResourceWarning", message));
        }
        keep
    });
}

/// Cluster-scoped objects lose their namespace, namespaced ones without one get the destination's. A kind that nobody serves
/// is taken for namespaced, as upstream takes it.
fn place(object: &mut Value, observed: &Observed, destination_namespace: &str) {
    let scope = GroupVersionKind::of(object).and_then(|gvk| observed.kinds.get(&gvk).copied());
    if scope == Some(Scope::Cluster) {
        object.metadata_mut().remove("namespace");
    } else if object.namespace().is_none() && !destination_namespace.is_empty() {
        object.metadata_mut().insert("namespace".into(), destination_namespace.into());
    }
}
