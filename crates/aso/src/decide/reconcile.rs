//! Making Azure what the object says.

use std::time::Duration;

use actions::{Action, ArmError, ArmMethod, ArmResponse, Outcome, Requeue};
use api::{Class, ObjectExt};
use serde_json::{Map, Value, json};

use super::Pass;
use crate::{
    arm_id,
    convert::{self, Settled},
    credential::{self, Credential},
    names::{
        FINALIZER, LATEST_RECONCILED_GENERATION, OPERATOR_NAMESPACE, POLLER_CREATE, POLLER_RESUME_ID,
        POLLER_RESUME_TOKEN, Policy, READY, RECONCILE_POLICY, RESOURCE_ID, SENT, SETTLED, reason,
    },
    observed::{Progress, Query},
    owner,
    problem::{Problem, Stop},
    ready::Ready,
};

impl Pass<'_> {
    pub(super) fn reconcile(&self) -> Result<Outcome, Stop> {
        self.check_exports()?;
        let owner = owner::resolve(self.catalogue, self.resource, self.observed)?;
        let credential = credential::find(self.observed, self.env)?;
        let name = convert::azure_name(self.catalogue, self.resource, self.object);
        let id = owner::resource_id(self.resource, &owner, &credential.subscription, &name);
        self.check_subscription(&id, &credential)?;
        self.check_identity(&id)?;
        if let Some(outcome) = self.claim(&owner, &id) {
            return Ok(outcome);
        }
        if Policy::parse(self.object.annotation(RECONCILE_POLICY)) == Policy::Skip {
            return self.observe_only(&id);
        }
        if let Some((poller, operation)) = self.recorded() {
            return self.resume(&poller, &operation, &id, &credential);
        }
        self.converge(&id, &credential)
    }

    /// A resource stays in the subscription in which it was made.
    fn check_subscription(&self, id: &str, credential: &Credential) -> Result<(), Problem> {
        let known = self.object.annotation(RESOURCE_ID).unwrap_or(id);
        match arm_id::subscription(known) {
            Some(other) if !other.eq_ignore_ascii_case(&credential.subscription) => Err(Problem::fatal(
                reason::SUBSCRIPTION_MISMATCH,
                format!(
                    "SubscriptionID \"{other}\" for \"{known}\" resource does not match with Client Credential: \"{}\"",
                    credential.subscription
                ),
            )),
            _ => Ok(()),
        }
    }

    /// What exists in Azure keeps its id: another `azureName` or owner would make a second resource and lose the first. What was
    /// never made may still be renamed, as upstream.
    fn check_identity(&self, id: &str) -> Result<(), Problem> {
        let made = self.object.annotation(LATEST_RECONCILED_GENERATION).is_some() || self.recorded().is_some();
        match self.object.annotation(RESOURCE_ID).filter(|known| made && !known.eq_ignore_ascii_case(id)) {
            Some(known) => Err(Problem::fatal(
                reason::FAILED,
                format!(
                    "updating 'spec.azureName' or 'spec.owner' is not allowed: the resource is \"{known}\" and would be \"{id}\"; \
                     put the fields back, or delete the object and create it anew"
                ),
            )),
            None => Ok(()),
        }
    }

    /// Owner reference, finalizer and ARM id, before anything is sent: what was sent must never be lost.
    fn claim(&self, owner: &owner::Resolved, id: &str) -> Option<Outcome> {
        let mut metadata = Map::new();
        let mut annotations = Map::new();
        for (name, value) in [(OPERATOR_NAMESPACE, self.env.operator_namespace.as_str()), (RESOURCE_ID, id)] {
            let known = self.object.annotation(name);
            if known.is_none() || (name == RESOURCE_ID && known.is_some_and(|known| !known.eq_ignore_ascii_case(value)))
            {
                annotations.insert(name.into(), json!(value));
            }
        }
        if !annotations.is_empty() {
            metadata.insert("annotations".into(), Value::Object(annotations));
        }
        let labels: Map<String, Value> = owner::labels(owner)
            .into_iter()
            .filter(|(name, value)| self.object.label(name) != Some(value))
            .map(|(name, value)| (name.to_string(), json!(value)))
            .collect();
        if !labels.is_empty() {
            metadata.insert("labels".into(), Value::Object(labels));
        }
        if let Some(references) = owner::owner_references(self.object, owner) {
            metadata.insert("ownerReferences".into(), Value::Array(references));
        }
        let mut finalizers = self.object.finalizers();
        if !finalizers.contains(&FINALIZER) {
            finalizers.push(FINALIZER);
            metadata.insert("finalizers".into(), json!(finalizers));
        }
        if metadata.is_empty() {
            return None;
        }
        let why = match owner {
            owner::Resolved::Object { object, .. } => {
                format!("claimed for {id}, owned by {}", object.name().unwrap_or_default())
            }
            _ => format!("claimed for {id}"),
        };
        Some(Outcome::again(vec![self.merge_exactly(metadata, why.into())]))
    }

    /// Policy `skip`: read, never write.
    fn observe_only(&self, id: &str) -> Result<Outcome, Stop> {
        match self.get(id)? {
            Ok(live) => Ok(self.succeeded(live, &[], "reconcile-policy: skip")),
            Err(error) if error.is_not_found() => {
                let message = Problem::from_arm(error).message;
                Err(Problem::warning(reason::AZURE_RESOURCE_NOT_FOUND, message).into())
            }
            Err(error) => Err(Problem::from_arm(error).into()),
        }
    }

    /// Polls the operation that is recorded in the object.
    fn resume(
        &self,
        poller: &str,
        operation: &actions::ArmOperation,
        id: &str,
        credential: &Credential,
    ) -> Result<Outcome, Stop> {
        let progress = self.observed.polled(operation);
        match progress.ok_or_else(|| Stop::Need(vec![Query::Poll(operation.clone())]))? {
            Ok(Progress::InProgress { operation, retry_after_secs }) => {
                let record = self.record(poller, operation, None, "the operation goes on");
                let reconciling = self.ready(None, &Ready::Reconciling, "Azure is working on it");
                Ok(Outcome::done(record.into_iter().chain(reconciling).collect(), self.poll_again(*retry_after_secs)))
            }
            Ok(Progress::Done) if poller == POLLER_CREATE => self.converge(id, credential),
            Ok(Progress::Done) => Ok(Outcome::again(self.forget("the operation ended").into_iter().collect())),
            Err(error) if goes_on(error) => Err(Problem::from_arm(error).into()),
            Err(error) if error.is_not_found() => {
                Ok(Outcome::again(self.forget("Azure no longer knows the operation").into_iter().collect()))
            }
            Err(error) => Ok(self.operation_failed(Problem::from_arm(error))),
        }
    }

    /// What was recorded is dropped, so that the next pass sends again.
    pub(super) fn operation_failed(&self, problem: Problem) -> Outcome {
        let records = [(POLLER_RESUME_ID, None), (POLLER_RESUME_TOKEN, None), (SENT, None)];
        let mut actions: Vec<Action> = self.annotate(&records, "the operation failed").into_iter().collect();
        let why = format!("Ready: {}", problem.reason);
        let requeue = problem.requeue;
        actions.extend(self.ready(None, &Ready::Problem(problem), &why));
        Outcome::done(actions, requeue)
    }

    /// GET, compare, PUT when something differs.
    fn converge(&self, id: &str, credential: &Credential) -> Result<Outcome, Stop> {
        let desired = convert::to_arm::build(self.catalogue, self.resource, self.observed, &credential.subscription)?;
        if let Some(outcome) = self.answered_put(id, &desired)? {
            return Ok(outcome);
        }
        match self.get(id)? {
            Ok(live) => match unfinished(&live.body) {
                Some(state) => Ok(self.wait(live, state)),
                None => self.settle_or_put(id, &desired, live, credential),
            },
            Err(error) if error.is_not_found() => self.create(id, desired, credential),
            Err(error) => Err(Problem::from_arm(error).into()),
        }
    }

    /// Azure refused this very generation for good less than a minute ago: what woke this pass is most likely our own
    /// status, and sending the same again would be noise.
    pub(super) fn refused_just_now(&self) -> Option<Outcome> {
        let ready = api::condition::find(self.object, READY)?;
        let same = ready["severity"] == "Error"
            && ready["observedGeneration"].as_i64() == Some(self.object.generation())
            && !reason::BEFORE_AZURE.contains(&ready["reason"].as_str().unwrap_or_default());
        let since: jiff::Timestamp = ready["lastTransitionTime"].as_str()?.parse().ok()?;
        let left = REFUSAL_HOLDS_SECS - self.env.now.duration_since(since).as_secs();
        let left = u64::try_from(left).ok().filter(|left| same && *left > 0)?;
        Some(Outcome::done(Vec::new(), Requeue::After(Duration::from_secs(left))))
    }

    /// What the PUT of this pass brought: an operation to record, an error, or `None`: go on and read.
    fn answered_put(&self, id: &str, desired: &Value) -> Result<Option<Outcome>, Stop> {
        let Some((sent, result)) = self.observed.written(ArmMethod::Put, id) else { return Ok(None) };
        let response = match result {
            Ok(response) => response,
            Err(error) => return Err(Problem::from_arm(error).into()),
        };
        let Some(operation) = response.operation.as_ref().filter(|operation| !operation.url.is_empty()) else {
            return Ok(None);
        };
        // The body without the operator's own instruction is what the next pass compares with.
        let hash = self.sent_hash(sent.body.as_ref().unwrap_or(desired));
        let record =
            self.record(POLLER_CREATE, operation, Some(hash), "the operation is recorded before it is awaited");
        let reconciling = self.ready(None, &Ready::Reconciling, "Azure is working on it");
        let actions = record.into_iter().chain(reconciling).collect();
        Ok(Some(Outcome::done(actions, self.poll_again(response.retry_after_secs))))
    }

    /// Azure is still working, as the resource itself says.
    fn wait(&self, live: &ArmResponse, state: &str) -> Outcome {
        let why = format!("Azure says {state}");
        let mut actions = Vec::new();
        let id = self.object.annotation(RESOURCE_ID).unwrap_or_default();
        if let Some((sent, Ok(_))) = self.observed.written(ArmMethod::Put, id)
            && let Some(body) = &sent.body
        {
            actions.extend(self.annotate(&[(SENT, Some(self.sent_hash(body)))], why.as_str()));
        }
        let fresh = convert::status(self.catalogue, self.resource, &live.body);
        actions.extend(self.ready(Some(fresh), &Ready::Reconciling, &why));
        Outcome::done(actions, self.poll_again(live.retry_after_secs))
    }

    /// Settled: status, Ready, and what the next pass compares with.
    pub(super) fn succeeded(&self, live: &ArmResponse, annotations: &[(&str, Option<String>)], why: &str) -> Outcome {
        let fresh = convert::status(self.catalogue, self.resource, &live.body);
        let mut wanted = annotations.to_vec();
        wanted.extend([(POLLER_RESUME_ID, None), (POLLER_RESUME_TOKEN, None)]);
        let mut actions: Vec<Action> = self.annotate(&wanted, why).into_iter().collect();
        actions.extend(self.ready(Some(fresh), &Ready::Succeeded, why));
        Outcome::done(actions, Requeue::After(self.resync()))
    }

    /// As [`Self::succeeded`], with the exports that upstream writes before it calls a resource ready, and what is
    /// remembered of the PUT.
    pub(super) fn settle(&self, live: &ArmResponse, settled: &Settled, why: &str) -> Result<Outcome, Stop> {
        let generation = self.object.generation().to_string();
        let annotations =
            [(LATEST_RECONCILED_GENERATION, Some(generation)), (SENT, None), (SETTLED, Some(settled.to_annotation()))];
        let fresh = convert::status(self.catalogue, self.resource, &live.body);
        let mut exports = self.exports(&Value::Object(fresh))?;
        let mut outcome = self.succeeded(live, &annotations, why);
        exports.append(&mut outcome.actions);
        outcome.actions = exports;
        Ok(outcome)
    }

    /// The sync period, a quarter up or down by the object's uid, so that resources made at once do not come back at once.
    fn resync(&self) -> Duration {
        let uid = self.object.uid().unwrap_or_default();
        let spread = uid.bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 501;
        self.env.sync_period.mul_f64(0.75 + spread as f64 / 1000.0)
    }
}

/// How long a refusal that only an edit can change is taken as said.
const REFUSAL_HOLDS_SECS: i64 = 60;

/// The way to Azure failed, not the operation: it is polled again. An answer that tells of an operation's bad end is one of the
/// 200s, and would be told for ever.
pub(super) fn goes_on(error: &ArmError) -> bool {
    let ended = error.is_not_found() || (200..300).contains(&error.status);
    !ended && matches!(error.class(), Class::Transient | Class::Throttled { .. } | Class::Denied)
}

/// The provisioning state, when it is not an end.
fn unfinished(body: &Value) -> Option<&str> {
    let state = body.pointer("/properties/provisioningState").and_then(Value::as_str)?;
    let ended = ["Succeeded", "Failed", "Canceled", "Cancelled", ""];
    (!ended.iter().any(|end| state.eq_ignore_ascii_case(end))).then_some(state)
}
