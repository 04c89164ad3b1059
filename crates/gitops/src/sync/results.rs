//! What became of each task so far: recorded in `operationState.syncResult.resources`, in upstream's words.

use api::{ObjectExt, argoproj::ResourceResult, names::ObjectRef};
use serde_json::Value;

use super::tasks::{self, Phase, Task};
use crate::{
    health::{self, Code},
    observed::Written,
};

pub(super) const SYNCED: &str = "Synced";
pub(super) const FAILED: &str = "SyncFailed";
const RUNNING: &str = "Running";

/// How the waves that ran so far ended.
pub(super) enum Settled {
    Done,
    Waiting(String),
    Unhealthy(String),
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

    fn find(&self, reference: &ObjectRef) -> Option<usize> {
        self.0.iter().position(|result| {
            (result.group.as_str(), result.kind.as_str()) == (reference.group.as_str(), reference.kind.as_str())
                && (result.namespace.as_str(), result.name.as_str())
                    == (reference.namespace.as_str(), reference.name.as_str())
        })
    }

    pub(super) fn of(&self, task: &Task) -> Option<&ResourceResult> {
        self.find(&task.reference).map(|at| &self.0[at])
    }

    pub(super) fn set(&mut self, task: &Task, status: &str, phase: &str, message: &str) {
        let at = self.find(&task.reference).unwrap_or_else(|| {
            self.0.push(tasks::result(task));
            self.0.len() - 1
        });
        self.0[at].status = status.to_string();
        self.0[at].hook_phase = phase.to_string();
        self.0[at].message = message.to_string();
    }

    /// Takes in what the shell did in this pass.
    pub(super) fn read(&mut self, written: &[Written], tasks: &[Task], server_side: bool) {
        for write in written {
            let listed = tasks.iter().find(|task| task.reference == write.target).cloned();
            let task = listed.unwrap_or_else(|| unlisted(write));
            match &write.result {
                Err(status) => self.set(&task, FAILED, "Failed", &status.message),
                Ok(_) if write.deleted => self.set(&task, "Pruned", "Succeeded", "pruned"),
                Ok(object) => {
                    let verb = if server_side { "serverside-applied" } else { verb(write, object) };
                    let mut message = format!("{} {verb}", resource_name(&task));
                    for warning in &write.warnings {
                        message = format!("{message}. Warning: {warning}");
                    }
                    self.set(&task, SYNCED, RUNNING, &message);
                }
            }
        }
    }

    /// Messages of failed tasks, joined; `None` when nothing failed.
    pub(super) fn failures(&self) -> Option<String> {
        let mut messages: Vec<&str> =
            self.0.iter().filter(|result| result.status == FAILED).map(|result| result.message.as_str()).collect();
        messages.sort_unstable();
        messages.dedup();
        (!messages.is_empty()).then(|| messages.join(","))
    }

    /// Judges what ran in earlier waves by its live object.
    pub(super) fn settle(&mut self, tasks: &[Task]) -> Settled {
        let mut waiting = Vec::new();
        let mut unhealthy = Vec::new();
        let mut deleting = Vec::new();
        for task in tasks {
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
                    unhealthy.push(health.message);
                }
                Some(Some(health)) if health.code != Code::Healthy => waiting.push(task),
                _ => self.set(task, SYNCED, "Succeeded", &result.message),
            }
        }
        // The namespace task disappears once it is done, and a namespace has no health.
        for result in self.0.iter_mut().filter(|r| r.hook_phase == RUNNING && r.sync_phase == "PreSync") {
            result.hook_phase = "Succeeded".into();
        }
        match (unhealthy.is_empty(), waiting.first().map(|t| (t.title(), "healthy state")), deleting.first()) {
            (false, ..) => Settled::Unhealthy(unhealthy.join(",")),
            (true, Some((title, what)), _) => Settled::Waiting(sentence(what, &title, waiting.len())),
            (true, None, Some(task)) => Settled::Waiting(sentence("deletion", &task.title(), deleting.len())),
            (true, None, None) => Settled::Done,
        }
    }
}

fn sentence(what: &str, title: &str, count: usize) -> String {
    match count {
        0 | 1 => format!("waiting for {what} of {title}"),
        _ => format!("waiting for {what} of {title} and {} more resources", count - 1),
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
