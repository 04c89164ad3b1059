//! What a sync has to do: one task per object to apply or prune, plus the destination namespace.

use api::{
    ObjectExt,
    argoproj::{NamespaceMetadata, ResourceResult, SyncResource},
    names::{GroupVersionKind, ObjectRef},
};
use serde_json::{Map, Value, json};

use super::{
    hooks,
    options::{self, Options},
    wave,
};
use crate::{
    compare::{Comparison, Item, deduplicated, served},
    observed::{Observed, Query},
    tracking,
};

/// Phases of a sync, in order. Only hooks are in others than `Sync`, and the namespace that a sync makes. `SyncFail` runs when
/// the others have failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    PreSync,
    Sync,
    PostSync,
    SyncFail,
}

impl Phase {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::PreSync => "PreSync",
            Self::Sync => "Sync",
            Self::PostSync => "PostSync",
            Self::SyncFail => "SyncFail",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::PreSync, Self::Sync, Self::PostSync, Self::SyncFail].into_iter().find(|phase| phase.as_str() == text)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Task {
    pub(crate) reference: ObjectRef,
    pub(crate) phase: Phase,
    pub(crate) wave: i64,
    pub(crate) target: Option<Value>,
    pub(crate) live: Option<Value>,
    /// An apply would change something.
    pub(crate) modified: bool,
    pub(crate) hook: bool,
    /// Made because `CreateNamespace=true` asks for it.
    pub(crate) made: bool,
}

impl Task {
    pub(crate) fn is_prune(&self) -> bool {
        self.target.is_none()
    }

    pub(crate) fn object(&self) -> &Value {
        self.target.as_ref().or(self.live.as_ref()).unwrap_or(&Value::Null)
    }

    /// The destination namespace, which a sync may make before everything else.
    pub(crate) fn is_made_namespace(&self) -> bool {
        self.made
    }

    /// `group/Kind/name`, as upstream names tasks in messages.
    pub(crate) fn title(&self) -> String {
        format!("{}/{}/{}", self.reference.group, self.reference.kind, self.reference.name)
    }
}

/// Tasks of the selected objects, unordered, prune waves already reversed.
pub(crate) fn build(comparison: &Comparison, selected: &[SyncResource], options: Options<'_>) -> Vec<Task> {
    let mut tasks: Vec<Task> = comparison
        .items
        .iter()
        .filter(|item| item.self_reference && !item.is_hook() && is_selected(item, selected))
        .map(|item| Task {
            reference: item.reference.clone(),
            phase: Phase::Sync,
            wave: wave::of(item.object()),
            target: item.target.clone(),
            live: item.live.clone(),
            modified: item.modified || item.live.is_none(),
            hook: false,
            made: false,
        })
        .collect();
    reverse_prune_waves(&mut tasks);
    prune_last(&mut tasks, options);
    tasks
}

/// How hooks are called that have no name of their own, and whose they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Naming<'a> {
    pub(crate) revision: &'a str,
    /// When the operation started.
    pub(crate) started_at: &'a str,
    pub(crate) instance: &'a str,
    pub(crate) destination_namespace: &'a str,
}

/// One task per hook and phase, each with its live object; or what has to be looked up first.
pub(crate) fn hooks(observed: &Observed, comparison: &Comparison, naming: Naming<'_>) -> Result<Vec<Task>, Vec<Query>> {
    let mut tasks = Vec::new();
    let mut needs = Vec::new();
    for (hook, phase) in
        comparison.hooks.iter().flat_map(|hook| hooks::phases(hook).into_iter().map(move |p| (hook, p)))
    {
        let mut target = hook.clone();
        if target.name().is_none() {
            name(&mut target, phase, naming);
        }
        let mut finalizers: Vec<Value> = target.finalizers().into_iter().map(Value::from).collect();
        if !finalizers.iter().any(|finalizer| finalizer == hooks::FINALIZER) {
            finalizers.push(hooks::FINALIZER.into());
        }
        target.metadata_mut().insert("finalizers".into(), Value::Array(finalizers));
        let Some(reference) = ObjectRef::of(&target) else { continue };
        let live = match observed.live.get(&reference) {
            Some(live) => live.as_ref().ok().cloned().flatten(),
            None if served(observed, &reference.gvk()) => {
                needs.push(Query::Live(reference.clone()));
                None
            }
            None => None,
        };
        tasks.push(Task {
            wave: wave::of(&target),
            reference,
            phase,
            target: Some(target),
            live,
            modified: true,
            hook: true,
            made: false,
        });
    }
    if needs.is_empty() { Ok(tasks) } else { Err(deduplicated(needs)) }
}

/// The same name in every pass of an operation.
fn name(target: &mut Value, phase: Phase, naming: Naming<'_>) {
    let prefix = target.pointer("/metadata/generateName").and_then(Value::as_str).unwrap_or_default().to_string();
    let revision = if naming.revision.len() >= 8 { naming.revision.get(..7) } else { None }.unwrap_or(naming.revision);
    let started = naming.started_at.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second);
    let postfix = format!("{revision}-{}-{started}", phase.as_str()).to_lowercase();
    target.metadata_mut().insert("name".into(), format!("{prefix}{postfix}").into());
    target.metadata_mut().remove("generateName");
    tracking::track(target, naming.instance, naming.destination_namespace);
}

fn is_selected(item: &Item, selected: &[SyncResource]) -> bool {
    let r = &item.reference;
    selected.is_empty()
        || selected.iter().any(|s| {
            s.kind == r.kind
                && s.group == r.group
                && s.name == r.name
                && (s.namespace.is_empty() || s.namespace == r.namespace)
        })
}

/// Prunes run in the opposite order of creation: the waves that occur are swapped end for end.
fn reverse_prune_waves(tasks: &mut [Task]) {
    let mut waves: Vec<i64> = tasks.iter().filter(|task| task.is_prune()).map(|task| task.wave).collect();
    waves.sort_unstable();
    waves.dedup();
    for task in tasks.iter_mut().filter(|task| task.is_prune()) {
        if let Ok(at) = waves.binary_search(&task.wave) {
            task.wave = waves[waves.len() - 1 - at];
        }
    }
}

fn prune_last(tasks: &mut [Task], options: Options<'_>) {
    let last = tasks.iter().map(|task| task.wave).max().unwrap_or(0).max(0) + 1;
    for task in tasks.iter_mut().filter(|task| task.is_prune()) {
        let own = options::of_object(task.object()).iter().any(|option| option == "PruneLast=true");
        if own || options.has("PruneLast=true") {
            task.wave = last;
        }
    }
}

/// The namespace that `CreateNamespace=true` asks for: when it is absent, or lacks its managed labels or annotations.
pub(crate) fn namespace(
    name: &str,
    live: Option<&Value>,
    metadata: Option<&NamespaceMetadata>,
    tasks: &[Task],
) -> Option<Task> {
    let gvk = GroupVersionKind::new("", "v1", "Namespace");
    let in_git = tasks.iter().any(|task| {
        task.target.is_some() && task.reference.gvk().group_kind() == gvk.group_kind() && task.reference.name == name
    });
    if name.is_empty() || in_git {
        return None;
    }
    let wanted = metadata.cloned().unwrap_or_default();
    if let Some(live) = live
        && contains(live, "labels", &wanted.labels)
        && contains(live, "annotations", &wanted.annotations)
    {
        return None;
    }
    let mut target = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
    for (field, values) in [("labels", wanted.labels), ("annotations", wanted.annotations)] {
        if !values.is_empty() {
            target["metadata"][field] = Value::Object(values);
        }
    }
    Some(Task {
        reference: ObjectRef::new(&gvk, "", name),
        phase: Phase::PreSync,
        wave: 0,
        target: Some(target),
        live: live.cloned(),
        modified: true,
        hook: false,
        made: true,
    })
}

fn contains(live: &Value, field: &str, wanted: &Map<String, Value>) -> bool {
    let have = |key: &str| if field == "labels" { live.label(key) } else { live.annotation(key) };
    wanted.iter().all(|(key, value)| have(key) == value.as_str())
}

/// The result entry of a task before it ran.
pub(crate) fn result(task: &Task) -> ResourceResult {
    let r = &task.reference;
    ResourceResult {
        group: r.group.clone(),
        version: r.version.clone(),
        kind: r.kind.clone(),
        namespace: r.namespace.clone(),
        name: r.name.clone(),
        sync_phase: task.phase.as_str().to_string(),
        hook_type: if task.hook { task.phase.as_str().to_string() } else { String::new() },
        images: crate::compare::images(task.object()),
        ..ResourceResult::default()
    }
}
