//! Desired state: revision to commit, commit to files, files to objects with namespace and tracking id.

use std::{collections::BTreeMap, sync::Arc};

use api::{
    ObjectExt,
    files::FileSet,
    names::{GroupVersionKind, ObjectRef},
};
use serde_json::Value;

use super::{Against, COMPARISON_ERROR, Key, deduplicated};
use crate::{
    manifests::{self, Manifest},
    observed::{Observed, Query, Scope, SourceFailure, SourceFailureKind},
    sync::{hooks, kind_defined},
    tracking,
    validate::{Finding, Validated},
};

pub(super) struct Desired {
    pub(super) revision: String,
    pub(super) objects: Vec<Value>,
    pub(super) hooks: Vec<Value>,
    pub(super) failed: bool,
    pub(super) findings: Vec<Finding>,
}

/// Whether the text names exactly one commit for ever.
pub(crate) fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

pub(super) fn load(observed: &Observed, spec: &Validated, against: &Against) -> Result<Desired, Vec<Query>> {
    let files = match files(observed, against)? {
        Ok(found) => found,
        Err(message) => return Ok(failure(against.revision.clone(), &message)),
    };
    let (commit, files) = files;
    let manifests = match manifests::read(&files, &against.source) {
        Ok(manifests) => manifests,
        Err(error) => {
            return Ok(failure(commit, &format!("rpc error: code = FailedPrecondition desc = {error}")));
        }
    };
    let unknown: Vec<Query> = manifests
        .iter()
        .filter_map(|manifest| GroupVersionKind::of(&manifest.object))
        .filter(|gvk| !observed.kinds.contains_key(gvk))
        .map(Query::Kind)
        .collect();
    if !unknown.is_empty() {
        return Err(deduplicated(unknown));
    }
    Ok(normalised(observed, spec, commit, manifests))
}

fn failure(revision: String, message: &str) -> Desired {
    let message = format!("Failed to load target state: failed to generate manifest for source 1 of 1: {message}");
    Desired {
        revision,
        objects: Vec::new(),
        hooks: Vec::new(),
        failed: true,
        findings: vec![(COMPARISON_ERROR, message)],
    }
}

type Files = (String, Arc<FileSet>);

/// The commit and its files; the inner error is the text of a condition.
fn files(observed: &Observed, against: &Against) -> Result<Result<Files, String>, Vec<Query>> {
    let url = &against.source.repo_url;
    let commit = if is_commit(&against.revision) {
        against.revision.clone()
    } else {
        match observed.resolved.get(&(url.clone(), against.revision.clone())) {
            None => return Err(vec![Query::Resolve { url: url.clone(), revision: against.revision.clone() }]),
            Some(Ok(commit)) => commit.clone(),
            Some(Err(failure)) => return Ok(Err(describe(failure, against))),
        }
    };
    let path = &against.source.path;
    match observed.trees.get(&(url.clone(), commit.clone(), path.clone())) {
        None => Err(vec![Query::Tree { url: url.clone(), commit, path: path.clone() }]),
        Some(Ok(files)) => Ok(Ok((commit, files.clone()))),
        Some(Err(failure)) => Ok(Err(describe(failure, against))),
    }
}

/// Argo CD's words first, ours behind them: people search for the former and need the latter.
fn describe(failure: &SourceFailure, against: &Against) -> String {
    let (revision, path) = (&against.revision, &against.source.path);
    let text = match failure.kind {
        SourceFailureKind::Empty => {
            format!("unable to resolve '{revision}' to a commit SHA: {}; waiting for the first push", failure.message)
        }
        SourceFailureKind::RevisionMissing => {
            format!("unable to resolve '{revision}' to a commit SHA: {}", failure.message)
        }
        SourceFailureKind::PathMissing => format!("{path}: app path does not exist"),
        SourceFailureKind::Unreachable | SourceFailureKind::Denied => {
            format!("failed to list refs: {}", failure.message)
        }
        SourceFailureKind::NotAllowed | SourceFailureKind::TooLarge | SourceFailureKind::Other => {
            failure.message.clone()
        }
    };
    format!("rpc error: code = Unknown desc = {text}")
}

fn normalised(observed: &Observed, spec: &Validated, revision: String, mut manifests: Vec<Manifest>) -> Desired {
    let mut hooks = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    if spec.skip_unserved_kinds {
        leave_out_unserved(observed, &mut manifests, &mut findings);
    }
    let mut by_key: BTreeMap<Key, (usize, Value)> = BTreeMap::new();
    for manifest in manifests {
        let mut object = manifest.object;
        match hooks::of(&object) {
            Some(kinds) if kinds.iter().any(|kind| kind == "Skip") => continue,
            Some(_) => {
                hooks.push(object);
                continue;
            }
            None => {}
        }
        place(&mut object, observed, &spec.destination_namespace);
        tracking::track(&mut object, &spec.instance, &spec.destination_namespace);
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
    Desired { revision, objects, hooks, failed, findings }
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
