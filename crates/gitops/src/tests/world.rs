//! A cluster and a repository as far as a pass needs them. Applies are merges that also remove what the last one had set.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use actions::{Action, Decision, Requeue, Verb, Write};
use api::{
    ObjectExt,
    files::FileSet,
    names::{GroupVersionKind, ObjectRef},
    status::Status,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    Capabilities, ChartFiles, ChartKey, Env, Observed, Polling, Query, Scope, SourceFailure, SourceFailureKind,
    Written, decide, observed::DryRun,
};

const ROUNDS_MAX: usize = 40;

pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) objects: BTreeMap<ObjectRef, Value>,
    applied: BTreeMap<ObjectRef, Value>,
    pub(crate) kinds: BTreeMap<GroupVersionKind, Scope>,
    /// Commits of the one repository; the last one is `main`.
    pub(crate) commits: Vec<FileSet>,
    pub(crate) failure: Option<SourceFailureKind>,
    /// Applies of objects of this name are refused with this message.
    pub(crate) rejects: BTreeMap<String, String>,
    /// Fields that the cluster prunes with a warning, as `Kind:field.of.spec`.
    pub(crate) prunes: Vec<(&'static str, &'static str)>,
    /// Deleted objects stay until `finish_deletions`.
    pub(crate) slow_deletes: bool,
    /// The pass ends, as if the process died, when that many more writes were executed.
    pub(crate) crash_after: Option<usize>,
    /// Unserved kinds are left out.
    pub(crate) plans: bool,
    /// The default AppProject may not be read.
    pub(crate) project_denied: bool,
    /// Charts of the one chart repository, by name and version.
    pub(crate) charts: BTreeMap<(&'static str, &'static str), FileSet>,
    pub(crate) chart_failure: Option<SourceFailureKind>,
    pub(crate) substituted: Option<String>,
    renderer: crate::helm::Renderer,
    entropy: testkit::SeededEntropy,
    polled: Option<Timestamp>,
    revision: u64,
    pub(crate) writes: usize,
}

pub(crate) fn gvk(group: &str, version: &str, kind: &str) -> GroupVersionKind {
    GroupVersionKind::new(group, version, kind)
}

pub(crate) fn commit_id(index: usize) -> String {
    format!("{:040x}", 0xa0_0000 + index + 1)
}

impl World {
    /// With an Application named `app` in `argocd` that follows `samples` of the repository, and these fields on top.
    pub(crate) fn new(spec: Value) -> Self {
        let kinds = [
            (gvk("argoproj.io", "v1alpha1", "Application"), Scope::Namespaced),
            (gvk("", "v1", "ConfigMap"), Scope::Namespaced),
            (gvk("", "v1", "Secret"), Scope::Namespaced),
            (gvk("", "v1", "Namespace"), Scope::Cluster),
            (gvk("apiextensions.k8s.io", "v1", "CustomResourceDefinition"), Scope::Cluster),
            (gvk("resources.azure.com", "v1api20200601", "ResourceGroup"), Scope::Namespaced),
        ];
        let mut world = Self {
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            objects: BTreeMap::new(),
            applied: BTreeMap::new(),
            kinds: kinds.into_iter().collect(),
            commits: Vec::new(),
            failure: None,
            rejects: BTreeMap::new(),
            prunes: Vec::new(),
            slow_deletes: false,
            crash_after: None,
            plans: false,
            project_denied: false,
            charts: BTreeMap::new(),
            chart_failure: None,
            substituted: None,
            renderer: crate::helm::Renderer::default(),
            entropy: testkit::SeededEntropy::new(1),
            polled: None,
            revision: 0,
            writes: 0,
        };
        let mut app = json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
            "metadata": {"name": "app", "namespace": "argocd"},
            "spec": {
                "project": "default",
                "source": {"repoURL": "https://git.test/r.git", "path": "samples", "targetRevision": "main"},
                "destination": {"server": "https://kubernetes.default.svc", "namespace": "dest"},
            },
        });
        merge(&mut app["spec"], &spec);
        world.put(app);
        world.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "dest"}}));
        world
    }

    pub(crate) fn put(&mut self, mut object: Value) -> Value {
        let reference = ObjectRef::of(&object).unwrap();
        self.revision += 1;
        object.metadata_mut().insert("resourceVersion".into(), json!(self.revision.to_string()));
        let uid = object.uid().map(str::to_string).unwrap_or_else(|| format!("uid-{}", self.revision));
        object.metadata_mut().insert("uid".into(), json!(uid));
        self.objects.insert(reference, object.clone());
        object
    }

    pub(crate) fn commit(&mut self, files: &[(&str, &str)]) {
        let mut set = FileSet::default();
        files.iter().for_each(|(path, text)| set.insert(*path, text.as_bytes()));
        self.commits.push(set);
    }

    pub(crate) fn chart(&mut self, name: &'static str, version: &'static str, files: &[(&str, &str)]) {
        let mut set = FileSet::default();
        files.iter().for_each(|(path, text)| set.insert(*path, text.as_bytes()));
        self.charts.insert((name, version), set);
    }

    pub(crate) fn app_reference() -> ObjectRef {
        ObjectRef::new(&gvk("argoproj.io", "v1alpha1", "Application"), "argocd", "app")
    }

    pub(crate) fn app(&self) -> &Value {
        &self.objects[&Self::app_reference()]
    }

    pub(crate) fn edit(&mut self, reference: &ObjectRef, change: impl FnOnce(&mut Value)) {
        let mut object = self.objects[reference].clone();
        change(&mut object);
        self.put(object);
    }

    pub(crate) fn edit_app(&mut self, change: impl FnOnce(&mut Value)) {
        self.edit(&Self::app_reference(), change);
    }

    pub(crate) fn sleep(&mut self, seconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    pub(crate) fn status(&self) -> String {
        serde_json::to_string_pretty(&self.app()["status"]).unwrap()
    }

    /// One line on how the Application is.
    pub(crate) fn line(&self) -> String {
        let text = |path: &str| self.app().pointer(path).and_then(Value::as_str).unwrap_or("-").to_string();
        format!(
            "{} {} {}: {}",
            text("/status/sync/status"),
            text("/status/health/status"),
            text("/status/operationState/phase"),
            text("/status/operationState/message")
        )
    }

    pub(crate) fn conditions(&self) -> String {
        let list = self.app().pointer("/status/conditions").and_then(Value::as_array).cloned().unwrap_or_default();
        list.iter().map(|c| format!("{}: {}\n", c["type"].as_str().unwrap(), c["message"].as_str().unwrap())).collect()
    }

    /// Runs one pass; the log says what was asked and done.
    pub(crate) fn pass(&mut self) -> String {
        let mut log = String::new();
        let Some(application) = self.objects.get(&Self::app_reference()).cloned() else { return "gone\n".into() };
        let mut observed = Observed { application, ..Observed::default() };
        let interval = Some(std::time::Duration::from_secs(120));
        let env = Env {
            now: self.now,
            control_namespace: "argocd".into(),
            skip_unserved_kinds: self.plans,
            track_values: self.plans,
            polling: Polling { interval, last: self.polled, ..Polling::default() },
        };
        for _ in 0..ROUNDS_MAX {
            match decide(&observed, &env) {
                Decision::Need(queries) => {
                    queries.iter().for_each(|query| self.answer(&mut observed, query, &mut log));
                }
                Decision::Do(outcome) => {
                    for action in &outcome.actions {
                        if self.crash_after == Some(0) {
                            self.crash_after = None;
                            self.polled = None;
                            return log + "crash\n";
                        }
                        self.crash_after = self.crash_after.map(|left| left - 1);
                        self.act(&mut observed, action, &mut log);
                    }
                    if !outcome.again {
                        let requeue = match outcome.requeue {
                            Requeue::After(wait) => format!("after {}s", wait.as_secs()),
                            Requeue::OnChange => "on change".into(),
                            Requeue::Backoff => "with backoff".into(),
                        };
                        writeln!(log, "= {} | {requeue}", self.line_or_gone()).unwrap();
                        return log;
                    }
                }
            }
        }
        panic!("no end after {ROUNDS_MAX} rounds:\n{log}");
    }

    fn line_or_gone(&self) -> String {
        if self.objects.contains_key(&Self::app_reference()) { self.line() } else { "gone".into() }
    }

    fn answer(&mut self, observed: &mut Observed, query: &Query, log: &mut String) {
        match query {
            Query::Resolve { .. }
            | Query::Tree { .. }
            | Query::Versions { .. }
            | Query::Chart(_)
            | Query::Capabilities
            | Query::Render(_) => self.answer_of_source(observed, query, log),
            Query::Kind(kind) => {
                writeln!(log, "? kind {}", kind.kind).unwrap();
                observed.kinds.insert(kind.clone(), self.kinds.get(kind).copied().unwrap_or(Scope::NotServed));
            }
            Query::Live(reference) => {
                writeln!(log, "? live {}/{}", reference.kind, reference.name).unwrap();
                let denied = self.project_denied && reference.kind == "AppProject";
                let answer = if denied {
                    Err(Status::forbidden("argoproj.io", "appprojects", "default", "no"))
                } else {
                    Ok(self.objects.get(reference).cloned())
                };
                observed.live.insert(reference.clone(), answer);
            }
            Query::Tracked { instance, kinds } => {
                writeln!(log, "? tracked by {instance}").unwrap();
                let ours = |(reference, object): (&ObjectRef, &Value)| {
                    let id = crate::tracking::TrackingId::read(object)?;
                    (kinds.contains(&reference.gvk()) && id.application == *instance).then(|| object.clone())
                };
                observed.tracked = Some(self.objects.iter().filter_map(ours).collect());
            }
            Query::DryRun { target, object } => {
                writeln!(log, "? dry run {}/{}", target.kind, target.name).unwrap();
                let (result, warnings) = self.predict(target, object);
                observed.dry_runs.insert(target.clone(), DryRun { result, warnings });
            }
        }
    }

    fn answer_of_source(&mut self, observed: &mut Observed, query: &Query, log: &mut String) {
        match query {
            Query::Resolve { url, revision } => {
                writeln!(log, "? resolve {revision}").unwrap();
                self.polled = Some(self.now);
                let failure = |kind, message: &str| SourceFailure { kind, message: message.into() };
                let result = match (self.failure, self.commits.len()) {
                    (Some(kind), _) => Err(failure(kind, &format!("repository {url} says no"))),
                    (None, 0) => {
                        Err(failure(SourceFailureKind::Empty, &format!("repository {url} has no commits yet")))
                    }
                    (None, count) => Ok(commit_id(count - 1)),
                };
                observed.resolved.insert((url.clone(), revision.clone()), result);
            }
            Query::Tree { url, commit, path } => {
                writeln!(log, "? tree {path}@{}", &commit[34..]).unwrap();
                let at = (0..self.commits.len()).find(|index| commit_id(*index) == *commit).unwrap();
                let prefix = if path == "." { String::new() } else { format!("{path}/") };
                let mut files = FileSet::default();
                for (name, contents) in self.commits[at].iter() {
                    if let Some(rest) = name.strip_prefix(&prefix) {
                        files.insert(rest, contents.to_vec());
                    }
                }
                let message = format!("{path}: app path does not exist");
                let result = if files.is_empty() {
                    Err(SourceFailure { kind: SourceFailureKind::PathMissing, message })
                } else {
                    Ok(Arc::new(files))
                };
                observed.trees.insert((url.clone(), commit.clone(), path.clone()), result);
            }
            Query::Versions { repository, chart } => {
                writeln!(log, "? versions of {chart}").unwrap();
                self.polled = Some(self.now);
                let of_chart = self.charts.keys().filter(|(name, _)| name == chart);
                let versions: Vec<String> = of_chart.map(|(_, version)| (*version).to_string()).collect();
                let missing = versions.is_empty().then_some(SourceFailureKind::RevisionMissing);
                let failure = self.chart_failure.or(missing);
                let result = failure.map_or(Ok(versions), |kind| {
                    Err(SourceFailure { kind, message: format!("repository {repository} says no") })
                });
                observed.versions.insert((repository.clone(), chart.clone()), result);
            }
            Query::Chart(key) => {
                writeln!(log, "? chart {} {}", key.chart, key.version).unwrap();
                let result = self.chart_of(key);
                observed.charts.insert(key.clone(), result);
            }
            Query::Capabilities => {
                writeln!(log, "? capabilities").unwrap();
                let api_versions = vec!["v1".into(), "v1/ConfigMap".into()];
                observed.capabilities = Some(Capabilities { kube_version: "v1.33.1-test".into(), api_versions });
            }
            Query::Render(request) => {
                writeln!(log, "? render").unwrap();
                let outcome = match self.renderer.known(request) {
                    Some(known) => known,
                    None => self.renderer.render(request, &testkit::FixedClock::new(self.now), &self.entropy),
                };
                observed.rendered.insert(request.digest(), outcome);
            }
            _ => unreachable!("answered before"),
        }
    }

    fn chart_of(&self, key: &ChartKey) -> Result<ChartFiles, SourceFailure> {
        let failure = |kind| SourceFailure { kind, message: format!("repository {} says no", key.repository) };
        if let Some(kind) = self.chart_failure {
            return Err(failure(kind));
        }
        // As helm reads a version: with or without its `v`.
        let version = key.version.trim_start_matches('v');
        let found = self.charts.iter().find(|((name, known), _)| *name == key.chart && *known == version);
        let (_, files) = found.ok_or_else(|| failure(SourceFailureKind::RevisionMissing))?;
        let files = files.iter().map(|(name, data)| chart::files::File::new(name, data)).collect();
        let files = Arc::new(chart::files::FileSet::from_directory(files).unwrap());
        Ok(ChartFiles { digest: files.digest(), files, substituted: self.substituted.clone() })
    }

    /// Takes finalizers away, which is all that is patched of other objects.
    fn release(
        &mut self,
        observed: &mut Observed,
        target: &ObjectRef,
        patch: &Value,
        reason: &actions::Reason,
        log: &mut String,
    ) {
        writeln!(log, "! patch {}/{}: {reason}", target.kind, target.name).unwrap();
        let mut next = self.objects[target].clone();
        assert_eq!(patch.pointer("/metadata/resourceVersion"), next.pointer("/metadata/resourceVersion"));
        merge(&mut next, patch);
        let gone = next.deletion_timestamp().is_some() && next.finalizers().is_empty();
        let next = self.put(next);
        if gone {
            self.objects.remove(target);
        }
        observed.live.insert(target.clone(), Ok(Some(next).filter(|_| !gone)));
        observed.dry_runs.remove(target);
    }

    fn predict(&self, target: &ObjectRef, object: &Value) -> (Result<Value, Status>, Vec<String>) {
        if let Some(message) = self.rejects.get(&target.name) {
            return (Err(Status::failure(422, "Invalid", message.clone())), Vec::new());
        }
        if !matches!(self.kinds.get(&target.gvk()), Some(Scope::Namespaced | Scope::Cluster)) {
            let message = "the server could not find the requested resource";
            return (Err(Status::failure(404, "NotFound", message)), Vec::new());
        }
        let namespace = ObjectRef::new(&gvk("", "v1", "Namespace"), "", &target.namespace);
        if !target.namespace.is_empty() && target.namespace != "argocd" && !self.objects.contains_key(&namespace) {
            return (Err(Status::not_found("", "namespaces", &target.namespace)), Vec::new());
        }
        let mut object = object.clone();
        let mut warnings = Vec::new();
        for (kind, field) in &self.prunes {
            let spec = object.get_mut("spec").and_then(Value::as_object_mut);
            if target.kind == *kind && spec.is_some_and(|spec| spec.remove(*field).is_some()) {
                warnings.push(format!("unknown field \"spec.{field}\""));
            }
        }
        let mut next = self.objects.get(target).cloned().unwrap_or_else(|| json!({}));
        if let Some(last) = self.applied.get(target) {
            forget(&mut next, last, &object);
        }
        merge(&mut next, &object);
        (Ok(next), warnings)
    }

    fn act(&mut self, observed: &mut Observed, action: &Action, log: &mut String) {
        let Action::Write(Write { target, verb, reason }) = action else { panic!("unexpected {action:?}") };
        let before = self.objects.get(target).cloned();
        let itself = *target == Self::app_reference();
        self.writes += 1;
        let (result, warnings, deleted) = match verb {
            Verb::Apply { object, .. } => {
                writeln!(log, "! apply {}/{}: {reason}", target.kind, target.name).unwrap();
                let (result, warnings) = self.predict(target, object);
                let result = result.map(|next| {
                    self.applied.insert(target.clone(), object.clone());
                    if before.as_ref() == Some(&next) { next } else { self.put(next) }
                });
                (result, warnings, false)
            }
            Verb::Delete { uid, propagation } => {
                writeln!(log, "! delete {}/{} {propagation:?}: {reason}", target.kind, target.name).unwrap();
                assert_eq!(before.as_ref().and_then(|object| object.uid()), Some(uid.as_str()));
                if self.slow_deletes {
                    self.edit(target, |object| {
                        object.metadata_mut().insert("deletionTimestamp".into(), json!("2026-01-01T00:00:00Z"));
                    });
                } else {
                    self.objects.remove(target);
                }
                (Ok(Value::Null), Vec::new(), true)
            }
            Verb::Merge { patch } => {
                if !itself {
                    self.release(observed, target, patch, reason, log);
                    return;
                }
                writeln!(log, "! patch Application: {reason}").unwrap();
                let mut next = before.clone().unwrap();
                assert_eq!(patch.pointer("/metadata/resourceVersion"), next.pointer("/metadata/resourceVersion"));
                merge(&mut next, patch);
                let gone = next.deletion_timestamp().is_some() && next.finalizers().is_empty();
                let next = self.put(next);
                if gone {
                    self.objects.remove(target);
                }
                observed.application = next;
                return;
            }
            Verb::Create { .. } => panic!("nothing is created"),
        };
        if let Err(status) = &result {
            writeln!(log, "  refused: {}", status.message).unwrap();
        }
        observed.live.insert(target.clone(), Ok(self.objects.get(target).cloned()));
        observed.dry_runs.remove(target);
        if target.kind == "CustomResourceDefinition" {
            observed.kinds.clear();
        }
        observed.written.push(Written { target: target.clone(), deleted, before, result, warnings });
    }
}

/// RFC 7386.
pub(crate) fn merge(document: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *document = patch.clone();
        return;
    };
    if !document.is_object() {
        *document = json!({});
    }
    for (key, value) in patch {
        if value.is_null() {
            document.as_object_mut().unwrap().remove(key);
        } else {
            merge(document.as_object_mut().unwrap().entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Removes what the last apply had and this one has not.
fn forget(object: &mut Value, last: &Value, next: &Value) {
    let (Some(object), Some(last)) = (object.as_object_mut(), last.as_object()) else { return };
    for (key, old) in last {
        match (next.get(key), object.get_mut(key)) {
            (None, Some(_)) => {
                object.remove(key);
            }
            (Some(new), Some(child)) => forget(child, old, new),
            _ => {}
        }
    }
}
