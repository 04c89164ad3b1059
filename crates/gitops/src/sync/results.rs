//! What became of each task so far: recorded in `operationState.syncResult.resources`, in upstream's words.

use api::{ObjectExt, argoproj::ResourceResult, names::ObjectRef};
use serde_json::Value;

use super::tasks::{self, Phase, Task};
use crate::{
    health::{self, Code},
    observed::Written,
    operation::is_completed,
};

pub(super) const SYNCED: &str = "Synced";
pub(super) const FAILED: &str = "SyncFailed";
const RUNNING: &str = "Running";

/// Whether the waves that ran so far are over; [`Results::unsuccessful`] says how.
pub(super) enum Settled {
    Done,
    Waiting(String),
}

/// Results so far, in the order in which they were first recorded.
#[derive(Default)]
pub(super) struct Results(Vec<ResourceResult>);

impl Results {
    pub(super) fn new(recorded: &[ResourceResult]) -> Self {
        Self(recorded.to_vec())
    }

    pub(super) fn list(self) -> Vec<ResourceResult> {
        self.0
    }

    /// A hook runs once in each of its phases, everything else once.
    fn find(&self, reference: &ObjectRef, hook: Option<Phase>) -> Option<usize> {
        self.0.iter().position(|result| {
            (result.group.as_str(), result.kind.as_str()) == (reference.group.as_str(), reference.kind.as_str())
                && (result.namespace.as_str(), result.name.as_str())
                    == (reference.namespace.as_str(), reference.name.as_str())
                && result.hook_type == hook.map_or("", Phase::as_str)
        })
    }

    fn place(&self, task: &Task) -> Option<usize> {
        self.find(&task.reference, task.hook.then_some(task.phase))
    }

    pub(super) fn of(&self, task: &Task) -> Option<&ResourceResult> {
        self.place(task).map(|at| &self.0[at])
    }

    pub(super) fn is_completed(&self, task: &Task) -> bool {
        self.of(task).is_some_and(|result| is_completed(&result.hook_phase))
    }

    pub(super) fn set(&mut self, task: &Task, status: &str, phase: &str, message: &str) {
        let at = self.place(task).unwrap_or_else(|| {
            self.0.push(tasks::result(task));
            self.0.len() - 1
        });
        self.0[at].status = status.to_string();
        self.0[at].hook_phase = phase.to_string();
        self.0[at].message = message.to_string();
    }

    /// Takes in what the shell did in this pass.
    pub(super) fn read(&mut self, written: &[Written], tasks: &[Task], server_side: bool) {
        // The first apply of an object is that of its first phase which had not run before this pass, and so on.
        let mut open: Vec<&Task> = tasks.iter().filter(|task| task.hook && self.of(task).is_none()).collect();
        for write in written {
            if tasks.iter().any(|task| task.hook && task.reference == write.target) {
                let next = open.iter().position(|task| task.reference == write.target);
                self.read_hook(write, tasks, next.map(|at| open[at]), server_side);
                if !write.deleted
                    && let Some(at) = next
                {
                    open.remove(at);
                }
                continue;
            }
            let listed = tasks.iter().find(|task| task.reference == write.target).cloned();
            let task = listed.unwrap_or_else(|| unlisted(write));
            match &write.result {
                Ok(_) if write.deleted => self.set(&task, "Pruned", "Succeeded", "pruned"),
                _ => self.applied(write, &task, server_side),
            }
        }
    }

    fn applied(&mut self, write: &Written, task: &Task, server_side: bool) {
        match &write.result {
            Err(status) => self.set(task, FAILED, "Failed", &status.message),
            Ok(object) => {
                let verb = if server_side { "serverside-applied" } else { verb(write, object) };
                let mut message = format!("{} {verb}", resource_name(task));
                for warning in &write.warnings {
                    message = format!("{message}. Warning: {warning}");
                }
                self.set(task, SYNCED, RUNNING, &message);
            }
        }
    }

    /// A hook's object that is deleted makes room for the next one, or is not needed any more: neither is a result, unless it
    /// cannot be deleted and another one has to come.
    fn read_hook(&mut self, write: &Written, tasks: &[Task], next: Option<&Task>, server_side: bool) {
        if write.deleted {
            // It had ended before: how, only its last state tells.
            let ran = tasks.iter().find(|task| task.reference == write.target && self.is_running(task));
            if let (Some(task), Some(before)) = (ran, &write.before) {
                self.judge_hook(task, before);
            }
        }
        match (&write.result, next) {
            (Err(status), Some(task)) if write.deleted => {
                self.set(task, FAILED, "Failed", &format!("failed to delete resource: {}", status.message));
            }
            (_, Some(task)) if !write.deleted => self.applied(write, task, server_side),
            _ => {}
        }
    }

    fn is_running(&self, task: &Task) -> bool {
        self.of(task).is_some_and(|result| result.hook_phase == RUNNING)
    }

    /// Whether the hook still runs.
    fn judge_hook(&mut self, task: &Task, live: &Value) -> bool {
        match health::of(live) {
            None => self.set(task, SYNCED, "Succeeded", &format!("{} created", task.reference.name)),
            Some(health) => match health.code {
                Code::Healthy => self.set(task, SYNCED, "Succeeded", &health.message),
                Code::Degraded | Code::Unknown => self.set(task, SYNCED, "Failed", &health.message),
                Code::Progressing | Code::Suspended | Code::Missing => return true,
            },
        }
        false
    }

    /// Messages of what could not be applied, joined; `None` when everything could. SyncFail hooks are apart.
    pub(super) fn failures(&self) -> Option<String> {
        joined(self.regular().filter(|result| result.status == FAILED && result.hook_phase != "Error"))
    }

    /// Messages of what has ended badly, in this pass or before.
    pub(super) fn unsuccessful(&self) -> Option<String> {
        joined(self.regular().filter(|result| matches!(result.hook_phase.as_str(), "Failed" | "Error")))
    }

    pub(super) fn failures_of(&self, hooks: &[Task]) -> Option<String> {
        joined(hooks.iter().filter_map(|hook| self.of(hook)).filter(|result| result.status == FAILED))
    }

    fn regular(&self) -> impl Iterator<Item = &ResourceResult> {
        self.0.iter().filter(|result| result.hook_type != Phase::SyncFail.as_str())
    }

    /// Judges hooks that run by their live objects. They are waited for, whatever else there is.
    pub(super) fn settle_hooks(&mut self, tasks: &[Task]) -> Settled {
        let mut waiting = Vec::new();
        for task in tasks.iter().filter(|task| task.hook) {
            if !self.is_running(task) {
                continue;
            }
            match &task.live {
                Some(live) if self.judge_hook(task, live) => waiting.push(task),
                Some(_) => {}
                None => {
                    let message = format!("Resource {} is missing, it might have been deleted", task.title());
                    self.set(task, FAILED, "Error", &message);
                }
            }
        }
        match waiting.first() {
            Some(task) => Settled::Waiting(sentence("completion of hook", &task.title(), waiting.len(), "hooks")),
            None => Settled::Done,
        }
    }

    /// Judges what ran in earlier waves by its live object.
    pub(super) fn settle(&mut self, tasks: &[Task]) -> Settled {
        let hooks = self.settle_hooks(tasks);
        let mut waiting = Vec::new();
        let mut deleting = Vec::new();
        for task in tasks.iter().filter(|task| !task.hook) {
            let Some(result) = self.of(task).cloned() else { continue };
            if result.status == "Pruned" && task.live.as_ref().is_some_and(|l| l.deletion_timestamp().is_some()) {
                deleting.push(task);
            }
            if result.hook_phase != RUNNING {
                continue;
            }
            match task.live.as_ref().map(health::of) {
                Some(Some(health)) if health.code == Code::Degraded => {
                    self.set(task, SYNCED, "Failed", &health.message);
                }
                Some(Some(health)) if health.code != Code::Healthy => waiting.push(task),
                _ => self.set(task, SYNCED, "Succeeded", &result.message),
            }
        }
        // The namespace task disappears once it is done, and a namespace has no health.
        let made =
            |r: &&mut ResourceResult| r.hook_phase == RUNNING && r.sync_phase == "PreSync" && r.hook_type.is_empty();
        for result in self.0.iter_mut().filter(made) {
            result.hook_phase = "Succeeded".into();
        }
        // What has ended badly waits for nothing but hooks.
        let hopeless = self.unsuccessful().is_some();
        let (waiting, deleting) = if hopeless { (Vec::new(), Vec::new()) } else { (waiting, deleting) };
        match (hooks, waiting.first(), deleting.first()) {
            (Settled::Waiting(message), ..) => Settled::Waiting(message),
            (_, Some(task), _) => {
                Settled::Waiting(sentence("healthy state of", &task.title(), waiting.len(), "resources"))
            }
            (_, None, Some(task)) => {
                Settled::Waiting(sentence("deletion of", &task.title(), deleting.len(), "resources"))
            }
            (_, None, None) => Settled::Done,
        }
    }
}

fn joined<'a>(results: impl Iterator<Item = &'a ResourceResult>) -> Option<String> {
    let mut messages: Vec<&str> = results.map(|result| result.message.as_str()).collect();
    messages.sort_unstable();
    messages.dedup();
    (!messages.is_empty()).then(|| messages.join(","))
}

/// What is waited for, in upstream's words.
pub(super) fn sentence(what: &str, title: &str, count: usize, others: &str) -> String {
    match count {
        0 | 1 => format!("waiting for {what} {title}"),
        _ => format!("waiting for {what} {title} and {} more {others}", count - 1),
    }
}

/// A task that its own success removed: a pruned object, or the destination namespace once it exists.
fn unlisted(write: &Written) -> Task {
    let is_namespace = write.target.kind == "Namespace" && write.target.group.is_empty();
    Task {
        reference: write.target.clone(),
        phase: if is_namespace && !write.deleted { Phase::PreSync } else { Phase::Sync },
        wave: 0,
        target: write.result.clone().ok().filter(|_| !write.deleted),
        live: write.before.clone(),
        modified: true,
        hook: false,
        made: false,
    }
}

/// kubectl's word for what an apply did.
fn verb(write: &Written, object: &Value) -> &'static str {
    match &write.before {
        None => "created",
        Some(before) if before.resource_version() == object.resource_version() => "unchanged",
        Some(_) => "configured",
    }
}

/// `resourcegroup.resources.azure.com/rg-dev-app`, as kubectl names what it did something to.
pub(super) fn resource_name(task: &Task) -> String {
    let ObjectRef { group, kind, name, .. } = &task.reference;
    let dot = if group.is_empty() { "" } else { "." };
    format!("{}{dot}{group}/{name}", kind.to_lowercase())
}
