//! One pass over one Azure object: what to do next, given what is known.
//!
//! **Flow** (upstream's loop): another operator's object is left alone; the owner must be Ready; owner reference, finalizer
//! and ARM id are written before anything is sent; a recorded operation is resumed; GET; compare; PUT only when something
//! differs; the operation is recorded before it is awaited; GET again; status, and Ready.
//!
//! **Guarantees:** no PUT while an operation goes on or when nothing differs; nothing is written when nothing changed; a
//! crash between any two actions is harmless, because every pass starts from the object and from Azure.
//!
//! **The shell** answers queries into [`Observed`], executes the actions, replaces `object` by what a write returned, adds
//! results of ARM requests to `arm`, and asks again while the outcome says so.

mod delete;
mod export;
mod reconcile;
mod send;
mod vault;

use actions::{
    Action, ArmMethod, ArmOperation, ArmRequest, ArmResponse, Decision, Outcome, Reason, Requeue, Verb, Write,
};
use api::{ObjectExt, condition, names::ObjectRef};
use catalogue::{Catalogue, ResourceType};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::time::Duration;

use crate::{
    convert,
    names::{OPERATOR_NAMESPACE, POLLER_RESUME_ID, POLLER_RESUME_TOKEN, READY, SENT},
    observed::{Env, Observed, Query},
    problem::{Problem, Stop},
    ready::{self, Ready},
};

/// Decides with the built-in catalogue.
pub fn decide(observed: &Observed, env: &Env) -> Decision<Query> {
    decide_with(catalogue::builtin(), observed, env)
}

/// Decides the next step of a pass.
pub fn decide_with(catalogue: &Catalogue, observed: &Observed, env: &Env) -> Decision<Query> {
    let object = &observed.object;
    let (Some(target), Some(resource)) = (ObjectRef::of(object), convert::resource_type(catalogue, object)) else {
        return Decision::Do(Outcome::settled());
    };
    // Another operator has claimed the object: leave it alone.
    if object.annotation(OPERATOR_NAMESPACE).is_some_and(|other| other != env.operator_namespace) {
        return Decision::Do(Outcome::settled());
    }
    let pass = Pass { catalogue, resource, observed, env, object, target };
    let step = if object.deletion_timestamp().is_some() { pass.delete() } else { pass.reconcile() };
    match step {
        Ok(outcome) => Decision::Do(outcome),
        Err(Stop::Need(queries)) => Decision::Need(queries),
        Err(Stop::Problem(problem)) => Decision::Do(pass.stuck(problem)),
    }
}

pub(crate) struct Pass<'a> {
    pub catalogue: &'a Catalogue,
    pub resource: &'a ResourceType,
    pub observed: &'a Observed,
    pub env: &'a Env,
    pub object: &'a Value,
    pub target: ObjectRef,
}

/// A Retry-After of zero is no invitation to spin.
const POLL_MIN: Duration = Duration::from_millis(100);
/// Between looks when Azure does not say how long it takes: soon at first, then in steps of half the time that it has
/// taken so far.
const POLL_FIRST: Duration = Duration::from_millis(250);
const POLL_DEFAULT: Duration = Duration::from_secs(2);
const POLL_MAX: Duration = Duration::from_secs(15);

impl Pass<'_> {
    pub(crate) fn request(&self, method: ArmMethod, id: &str, body: Option<Value>) -> ArmRequest {
        ArmRequest { method, id: id.to_string(), api_version: self.resource.api_version.to_string(), body }
    }

    /// The answer to a GET, or the question.
    pub(crate) fn get(&self, id: &str) -> Result<&Result<ArmResponse, actions::ArmError>, Stop> {
        let request = self.request(ArmMethod::Get, id, None);
        self.observed.answer(&request).ok_or_else(|| Stop::Need(vec![Query::Arm(request)]))
    }

    /// A merge patch of the object's annotations: `None` removes. Nothing when it would change nothing.
    pub(crate) fn annotate(&self, annotations: &[(&str, Option<String>)], why: impl Into<Reason>) -> Option<Action> {
        let mut patch = Map::new();
        for (name, value) in annotations {
            if self.object.annotation(name) != value.as_deref() {
                patch.insert((*name).to_string(), value.clone().map_or(Value::Null, Value::String));
            }
        }
        (!patch.is_empty()).then(|| self.merge(json!({"metadata": {"annotations": patch}}), why.into()))
    }

    pub(crate) fn merge(&self, patch: Value, reason: Reason) -> Action {
        Action::Write(Write { target: self.target.clone(), verb: Verb::Merge { patch }, reason })
    }

    /// Lists are replaced whole by a merge patch, so the version that they were read at is a precondition.
    pub(crate) fn merge_exactly(&self, mut metadata: Map<String, Value>, reason: Reason) -> Action {
        if let Some(version) = self.object.resource_version() {
            metadata.insert("resourceVersion".into(), json!(version));
        }
        self.merge(json!({"metadata": metadata}), reason)
    }

    pub(crate) fn ready(&self, fresh: Option<Map<String, Value>>, ready: &Ready, why: &str) -> Option<Action> {
        ready::patch(self.object, fresh, ready, self.env.now, why)
    }

    /// The pass ends with a condition that says why.
    fn stuck(&self, problem: Problem) -> Outcome {
        let requeue = problem.requeue;
        let why = format!("Ready: {}", problem.reason);
        let actions = self.ready(None, &Ready::Problem(problem), &why);
        Outcome::done(actions.into_iter().collect(), requeue)
    }

    /// The recorded operation and its poller id.
    pub(crate) fn recorded(&self) -> Option<(String, ArmOperation)> {
        let id = self.object.annotation(POLLER_RESUME_ID)?;
        let operation = serde_json::from_str(self.object.annotation(POLLER_RESUME_TOKEN)?).ok()?;
        Some((id.to_string(), operation))
    }

    /// Records an operation before it is awaited, with the hash of what was sent.
    pub(crate) fn record(
        &self,
        poller: &str,
        operation: &ArmOperation,
        sent: Option<String>,
        why: &str,
    ) -> Option<Action> {
        let token = serde_json::to_string(operation).unwrap_or_default();
        let mut annotations = vec![(POLLER_RESUME_ID, Some(poller.to_string())), (POLLER_RESUME_TOKEN, Some(token))];
        if sent.is_some() {
            annotations.push((SENT, sent));
        }
        self.annotate(&annotations, why)
    }

    /// Removes the record of an operation.
    pub(crate) fn forget(&self, why: &str) -> Option<Action> {
        self.annotate(&[(POLLER_RESUME_ID, None), (POLLER_RESUME_TOKEN, None)], why)
    }

    /// When to look again at what Azure is working on.
    pub(crate) fn poll_again(&self, retry_after_secs: Option<u64>) -> Requeue {
        if let Some(secs) = retry_after_secs {
            return Requeue::After(Duration::from_secs(secs).max(POLL_MIN));
        }
        let working = condition::find(self.object, READY).filter(|ready| ready["severity"] == "Info");
        let Some(ready) = working else {
            let fresh = condition::find(self.object, READY).is_none_or(|ready| ready["status"] != "True");
            return Requeue::After(if fresh { POLL_FIRST } else { POLL_DEFAULT });
        };
        let since: Option<Timestamp> = ready["lastTransitionTime"].as_str().and_then(|since| since.parse().ok());
        let taken = since.map_or(0, |since| self.env.now.duration_since(since).as_secs()).max(0);
        let taken = Duration::from_secs(taken.unsigned_abs());
        Requeue::After((taken / 2).clamp(POLL_FIRST, POLL_MAX))
    }
}

#[cfg(test)]
mod tests;
