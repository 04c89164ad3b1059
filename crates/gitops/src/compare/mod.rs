//! Desired state against live state: what is needed to know both, and pairs of the two.
//!
//! The comparison is a server-side apply dry run for every object that exists: the server says what it would change. Objects to
//! prune are found by name, in `status.resources`, which lists everything before it is first applied; only the very first
//! comparison of an Application (and a hard refresh) also lists the desired kinds by tracking id.

mod desired;
pub(crate) mod managed;
mod normalise;
pub(crate) mod source;
mod verdict;

use std::collections::BTreeMap;

use api::{
    argoproj::{Application, REFRESH_ANNOTATION, Source},
    names::{GroupVersionKind, ObjectRef},
};
use serde_json::Value;

use crate::{
    observed::{Observed, Query, Scope},
    sync::hooks,
    tracking::TrackingId,
    validate::{Finding, Validated},
};

pub(crate) use verdict::{Verdict, images, verdict};

pub(crate) const COMPARISON_ERROR: &str = "ComparisonError";

/// An object without its version: the same object at two versions is one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) group: String,
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Key {
    pub(crate) fn of(reference: &ObjectRef) -> Self {
        let ObjectRef { group, kind, namespace, name, .. } = reference.clone();
        Self { group, kind, namespace, name }
    }
}

/// One object of the Application: desired, live, or both.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) reference: ObjectRef,
    pub(crate) target: Option<Value>,
    pub(crate) live: Option<Value>,
    /// An apply would change the live object, or would be refused.
    pub(crate) modified: bool,
    /// The tracking id names this very object, or there is nothing yet that could say otherwise.
    pub(crate) self_reference: bool,
}

impl Item {
    /// The desired object, or the live one where nothing is desired any more.
    pub(crate) fn object(&self) -> &Value {
        self.target.as_ref().or(self.live.as_ref()).unwrap_or(&Value::Null)
    }

    /// What a hook made: shown, but neither compared nor pruned.
    pub(crate) fn is_hook(&self) -> bool {
        self.target.is_none() && self.live.as_ref().is_some_and(hooks::is_hook)
    }

    pub(crate) fn requires_pruning(&self) -> bool {
        self.target.is_none() && self.live.is_some() && self.self_reference && !self.is_hook()
    }
}

/// What to compare with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Against {
    pub(crate) source: Source,
    /// A branch, tag, commit or `HEAD`; of a chart a version or a range.
    pub(crate) revision: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) source: Source,
    /// The commit or the chart's version, or what was asked for when it could not be resolved.
    pub(crate) revision: String,
    pub(crate) items: Vec<Item>,
    pub(crate) hooks: Vec<Value>,
    /// Desired or live state could not be loaded: every status is Unknown.
    pub(crate) failed: bool,
    pub(crate) findings: Vec<Finding>,
    /// `Directory` or `Helm`, once manifests were made.
    pub(crate) source_type: &'static str,
}

/// Both sides, or what has to be looked up first.
pub(crate) fn compare(
    observed: &Observed,
    app: &Application,
    spec: &Validated,
    against: &Against,
) -> Result<Comparison, Vec<Query>> {
    let desired = desired::load(observed, spec, against)?;
    let mut findings = desired.findings;
    let mut remembered = remembered(app);
    for hook in desired.hooks.iter().filter_map(ObjectRef::of).chain(hooks_run(app)) {
        if !remembered.contains(&hook) {
            remembered.push(hook);
        }
    }
    let mut needs = kind_queries(observed, remembered.iter());
    let wanted: Vec<ObjectRef> = desired.objects.iter().filter_map(ObjectRef::of).collect();
    let first_look = app.status.resources.is_empty() || app.metadata_annotation(REFRESH_ANNOTATION) == Some("hard");
    if first_look && observed.tracked.is_none() && !desired.failed {
        let mut kinds: Vec<GroupVersionKind> =
            wanted.iter().map(ObjectRef::gvk).filter(|gvk| served(observed, gvk)).collect();
        kinds.sort();
        kinds.dedup();
        needs.push(Query::Tracked { instance: spec.instance.clone(), kinds });
    }
    for reference in wanted.iter().chain(&remembered) {
        if served(observed, &reference.gvk()) && !observed.live.contains_key(reference) {
            needs.push(Query::Live(reference.clone()));
        }
    }
    if !needs.is_empty() {
        return Err(deduplicated(needs));
    }
    let (live, denied) = live_objects(observed, &wanted, &remembered, &spec.instance);
    findings.extend(denied.iter().map(|message| (COMPARISON_ERROR, format!("Failed to load live state: {message}"))));
    let mut items = pair(desired.objects, live, spec, &mut findings);
    judge(observed, app, &mut items, &mut findings)?;
    Ok(Comparison {
        source: against.source.clone(),
        revision: desired.revision,
        items,
        hooks: desired.hooks,
        failed: desired.failed || !denied.is_empty(),
        findings,
        source_type: desired.source_type,
    })
}

/// What `status.resources` says was deployed or about to be.
pub(crate) fn remembered(app: &Application) -> Vec<ObjectRef> {
    let reference = |resource: &api::argoproj::ResourceStatus| {
        let gvk = GroupVersionKind::new(&resource.group, &resource.version, &resource.kind);
        ObjectRef::new(&gvk, &resource.namespace, &resource.name)
    };
    app.status.resources.iter().map(reference).collect()
}

/// The hooks of the last operation: some have their names from it.
fn hooks_run(app: &Application) -> Vec<ObjectRef> {
    let result = app.status.operation_state.as_ref().and_then(|state| state.sync_result.as_ref());
    let hooks = result.into_iter().flat_map(|result| &result.resources).filter(|each| !each.hook_type.is_empty());
    let reference = |hook: &api::argoproj::ResourceResult| {
        let gvk = GroupVersionKind::new(&hook.group, &hook.version, &hook.kind);
        ObjectRef::new(&gvk, &hook.namespace, &hook.name)
    };
    hooks.map(reference).collect()
}

pub(crate) fn kind_queries<'a>(observed: &Observed, references: impl Iterator<Item = &'a ObjectRef>) -> Vec<Query> {
    let unknown = references.map(ObjectRef::gvk).filter(|gvk| !observed.kinds.contains_key(gvk));
    deduplicated(unknown.map(Query::Kind).collect())
}

pub(crate) fn served(observed: &Observed, gvk: &GroupVersionKind) -> bool {
    matches!(observed.kinds.get(gvk), Some(Scope::Namespaced | Scope::Cluster))
}

pub(crate) fn deduplicated(queries: Vec<Query>) -> Vec<Query> {
    let mut unique: Vec<Query> = Vec::with_capacity(queries.len());
    for query in queries {
        if !unique.contains(&query) {
            unique.push(query);
        }
    }
    unique
}

/// Live objects that are desired, or that carry this Application's tracking id; and why others could not be read.
fn live_objects(
    observed: &Observed,
    wanted: &[ObjectRef],
    remembered: &[ObjectRef],
    instance: &str,
) -> (BTreeMap<Key, Value>, Vec<String>) {
    let mut found = BTreeMap::new();
    let mut denied = Vec::new();
    let ours = |object: &Value| TrackingId::read(object).is_some_and(|id| id.application == instance);
    for (reference, is_wanted) in wanted.iter().map(|r| (r, true)).chain(remembered.iter().map(|r| (r, false))) {
        match observed.live.get(reference) {
            Some(Ok(Some(object))) if is_wanted || ours(object) => {
                found.entry(Key::of(reference)).or_insert_with(|| object.clone());
            }
            Some(Err(status)) if !denied.contains(&status.message) => denied.push(status.message.clone()),
            _ => {}
        }
    }
    for object in observed.tracked.iter().flatten().filter(|object| ours(object)) {
        if let Some(reference) = ObjectRef::of(object) {
            // What was read by name in this pass is fresher than the listing.
            if !observed.live.contains_key(&reference) {
                found.entry(Key::of(&reference)).or_insert_with(|| object.clone());
            }
        }
    }
    (found, denied)
}

fn pair(
    desired: Vec<Value>,
    mut live: BTreeMap<Key, Value>,
    spec: &Validated,
    findings: &mut Vec<Finding>,
) -> Vec<Item> {
    let mut items = Vec::new();
    for mut target in desired {
        let Some(reference) = ObjectRef::of(&target) else { continue };
        let live = live.remove(&Key::of(&reference));
        if let Some(message) = live.as_ref().and_then(|live| managed::hand_over(&mut target, live)) {
            findings.push((managed::WARNING, message));
        }
        if let Some(other) = live.as_ref().and_then(TrackingId::read).map(|id| id.application)
            && other != spec.instance
        {
            let (kind, name) = (&reference.kind, &reference.name);
            let (own, other) = (format!("{}/{}", spec.namespace, spec.name), other.replace('_', "/"));
            let message = format!("{kind}/{name} is part of applications {own} and {other}");
            findings.push(("SharedResourceWarning", message));
        }
        items.push(Item { reference, target: Some(target), live, modified: false, self_reference: true });
    }
    for object in live.into_values() {
        let Some(reference) = ObjectRef::of(&object) else { continue };
        let self_reference =
            TrackingId::read(&object).is_some_and(|id| id.is_self_reference(&object, &spec.destination_namespace));
        items.push(Item { reference, target: None, live: Some(object), modified: false, self_reference });
    }
    items
}

/// Asks for and reads the dry runs. A refused one counts as a difference: the sync will say why.
fn judge(
    observed: &Observed,
    app: &Application,
    items: &mut [Item],
    findings: &mut Vec<Finding>,
) -> Result<(), Vec<Query>> {
    let mut needs = Vec::new();
    for item in items.iter_mut() {
        let (Some(target), Some(live)) = (&item.target, &item.live) else { continue };
        let Some(dry_run) = observed.dry_runs.get(&item.reference) else {
            needs.push(Query::DryRun { target: item.reference.clone(), object: target.clone() });
            continue;
        };
        item.modified = match &dry_run.result {
            Ok(predicted) => !normalise::equal(live, predicted, &app.spec.ignore_differences),
            Err(_) => true,
        };
        for warning in dry_run.warnings.iter().filter(|warning| warning.contains("unknown field")) {
            findings.push(("UnknownFieldWarning", format!("{}: {warning}", item.reference)));
        }
    }
    if needs.is_empty() { Ok(()) } else { Err(needs) }
}

trait Annotation {
    fn metadata_annotation(&self, key: &str) -> Option<&str>;
}

impl Annotation for Application {
    fn metadata_annotation(&self, key: &str) -> Option<&str> {
        self.metadata.get("annotations")?.get(key)?.as_str()
    }
}
