//! What the controller remembers between passes. All of it can be lost: it saves looks at Git and dry runs, and says
//! whose pass a change of an object is worth.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use api::{
    ObjectExt,
    names::{GroupVersionKind, ObjectRef},
};
use gitops::{Capabilities, ChartFiles, ChartKey, DryRun, helm::Rendered};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::Value;

use crate::runtime::Links;

/// Dry runs that are kept; beyond this all are forgotten, which costs one round of dry runs.
const DRY_RUNS_MAX: usize = 10_000;

/// Charts that are kept; beyond this all are forgotten, which costs one look at the cache on disk each.
const CHARTS_MAX: usize = 200;

/// An object without its version.
type Versionless = (String, String, String, String);

#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    applications: BTreeMap<ObjectRef, Known>,
    /// What the Applications deployed.
    deployed: Links<Versionless>,
    dry_runs: BTreeMap<ObjectRef, (u64, DryRun)>,
    charts: BTreeMap<ChartKey, ChartFiles>,
    /// What the charts of Applications made last.
    rendered: BTreeMap<ObjectRef, Arc<Rendered>>,
    capabilities: Option<Capabilities>,
}

#[derive(Debug, Default)]
struct Known {
    url: String,
    polled: Option<Timestamp>,
    woken: bool,
    resources: Vec<ObjectRef>,
}

fn versionless(target: &ObjectRef) -> Versionless {
    (target.group.clone(), target.kind.clone(), target.namespace.clone(), target.name.clone())
}

impl Memory {
    /// Takes in which repository the Application follows and what it deployed.
    pub(super) fn learn(&self, key: &ObjectRef, application: &Value) {
        let url = application.pointer("/spec/source/repoURL").and_then(Value::as_str).unwrap_or_default();
        let list = application.pointer("/status/resources").and_then(Value::as_array);
        let resources: Vec<ObjectRef> = list.into_iter().flatten().map(reference).collect();
        let mut state = self.0.lock();
        state.deployed.set(key, resources.iter().map(versionless).collect());
        let known = state.applications.entry(key.clone()).or_default();
        known.resources = resources;
        if known.url != url {
            known.url = url.to_string();
            known.polled = None;
        }
    }

    pub(super) fn forget(&self, key: &ObjectRef) {
        let mut state = self.0.lock();
        state.deployed.forget(key);
        state.applications.remove(key);
        state.rendered.remove(key);
    }

    /// When Git was asked last, and whether somebody said that there may be something new.
    pub(super) fn polled(&self, key: &ObjectRef) -> (Option<Timestamp>, bool) {
        self.0.lock().applications.get(key).map_or((None, false), |known| (known.polled, known.woken))
    }

    pub(super) fn asked(&self, key: &ObjectRef, now: Timestamp) {
        if let Some(known) = self.0.lock().applications.get_mut(key) {
            known.polled = Some(now);
            known.woken = false;
        }
    }

    /// Marks the Applications that follow the repository and returns them.
    pub(super) fn wake(&self, url: Option<&str>) -> Vec<ObjectRef> {
        let mut woken = Vec::new();
        for (key, known) in &mut self.0.lock().applications {
            if url.is_none_or(|url| source::same_repository(url, &known.url)) {
                known.woken = true;
                woken.push(key.clone());
            }
        }
        woken
    }

    /// The Applications that deployed the object.
    pub(super) fn owners(&self, target: &ObjectRef) -> Vec<ObjectRef> {
        self.0.lock().deployed.of(&versionless(target))
    }

    /// The kinds of what the Application deployed.
    pub(super) fn kinds(&self, key: &ObjectRef) -> BTreeSet<GroupVersionKind> {
        let state = self.0.lock();
        state
            .applications
            .get(key)
            .map(|known| known.resources.iter().map(ObjectRef::gvk).collect())
            .unwrap_or_default()
    }

    /// The dry run of this very object on that version of the live one, if there was one.
    pub(super) fn dry_run(&self, target: &ObjectRef, fingerprint: u64) -> Option<DryRun> {
        let state = self.0.lock();
        state.dry_runs.get(target).filter(|(known, _)| *known == fingerprint).map(|(_, dry_run)| dry_run.clone())
    }

    pub(super) fn keep(&self, target: &ObjectRef, fingerprint: u64, dry_run: DryRun) {
        let mut state = self.0.lock();
        if state.dry_runs.len() >= DRY_RUNS_MAX {
            state.dry_runs.clear();
        }
        state.dry_runs.insert(target.clone(), (fingerprint, dry_run));
    }

    /// A definition changed: what an apply does may have changed with it.
    pub(super) fn forget_dry_runs(&self) {
        let mut state = self.0.lock();
        state.dry_runs.clear();
        state.capabilities = None;
    }

    pub(super) fn chart(&self, key: &ChartKey) -> Option<ChartFiles> {
        self.0.lock().charts.get(key).cloned()
    }

    pub(super) fn keep_chart(&self, key: &ChartKey, files: ChartFiles) {
        let mut state = self.0.lock();
        if state.charts.len() >= CHARTS_MAX {
            state.charts.clear();
        }
        state.charts.insert(key.clone(), files);
    }

    pub(super) fn keep_rendered(&self, key: &ObjectRef, rendered: Arc<Rendered>) {
        self.0.lock().rendered.insert(key.clone(), rendered);
    }

    pub(super) fn rendered(&self) -> Vec<(ObjectRef, Arc<Rendered>)> {
        self.0.lock().rendered.iter().map(|(key, rendered)| (key.clone(), rendered.clone())).collect()
    }

    pub(super) fn capabilities(&self) -> Option<Capabilities> {
        self.0.lock().capabilities.clone()
    }

    pub(super) fn keep_capabilities(&self, capabilities: Option<Capabilities>) {
        self.0.lock().capabilities = capabilities;
    }
}

fn reference(resource: &Value) -> ObjectRef {
    let text = |field: &str| resource[field].as_str().unwrap_or_default().to_string();
    ObjectRef {
        group: text("group"),
        version: text("version"),
        kind: text("kind"),
        namespace: text("namespace"),
        name: text("name"),
    }
}

/// What a dry run's outcome depends on: the live object's uid and version, and what is applied.
pub(super) fn fingerprint(live: Option<&Value>, object: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    live.and_then(|live| live.uid()).hash(&mut hasher);
    live.and_then(|live| live.resource_version()).hash(&mut hasher);
    object.to_string().hash(&mut hasher);
    hasher.finish()
}

/// This Application's share of the jitter: fixed, so that a simulation replays and Applications stay apart.
pub(super) fn spread(key: &ObjectRef, jitter: Duration) -> Duration {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let millis = u64::try_from(jitter.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(hasher.finish().checked_rem(millis.saturating_add(1)).unwrap_or(0))
}
