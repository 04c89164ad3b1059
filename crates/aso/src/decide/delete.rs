//! Deleting: the resource in Azure first, then the finalizer. As upstream, the DELETE is sent whatever the state of the
//! owner: a 404 is the only proof that a resource is gone.

use actions::{Action, ArmError, ArmMethod, Outcome, Requeue};
use api::ObjectExt;
use serde_json::{Map, json};

use super::Pass;
use crate::{
    credential,
    names::{FINALIZER, POLLER_DELETE, Policy, RECONCILE_POLICY, RESOURCE_ID},
    observed::{Progress, Query},
    owner,
    problem::{Problem, Stop},
    ready::Ready,
};

impl Pass<'_> {
    pub(super) fn delete(&self) -> Result<Outcome, Stop> {
        if !self.object.finalizers().contains(&FINALIZER) {
            return Ok(Outcome::settled());
        }
        match Policy::parse(self.object.annotation(RECONCILE_POLICY)) {
            Policy::Manage => {}
            Policy::Skip => return Ok(self.release("reconcile-policy: skip: the resource stays in Azure")),
            Policy::DetachOnDelete => {
                return Ok(self.release("reconcile-policy: detach-on-delete: the resource stays in Azure"));
            }
        }
        let Some(id) = self.object.annotation(RESOURCE_ID) else {
            return Ok(self.release("nothing was ever sent to Azure"));
        };
        if self.resource.facts.as_ref().is_some_and(|facts| facts.operations.no_delete) {
            let why = format!("Azure has no DELETE for {}: it goes with its parent", self.resource.arm_type);
            return Ok(self.release(&why));
        }
        let credential = credential::find(self.observed, self.env)?;
        self.check_subscription_of(id, &credential.subscription)?;
        if let Some((poller, operation)) = self.recorded()
            && poller == POLLER_DELETE
        {
            let progress = self.observed.polled(&operation);
            return match progress.ok_or_else(|| Stop::Need(vec![Query::Poll(operation.clone())]))? {
                Ok(Progress::Done) => Ok(self.release("deleted in Azure")),
                Ok(Progress::InProgress { operation, retry_after_secs }) => {
                    let record = self.record(POLLER_DELETE, operation, None, "the deletion goes on");
                    Ok(self.deleting(record, *retry_after_secs))
                }
                Err(error) if error.is_not_found() => Ok(self.release("deleted in Azure")),
                Err(error) => self.deletion_failed(error),
            };
        }
        match self.observed.written(ArmMethod::Delete, id) {
            None if self.goes_with_owner()? => match self.get(id)? {
                Err(error) if error.is_not_found() => Ok(self.release("gone from Azure with its owner")),
                Err(error) => Err(patient(Problem::from_arm(error)).into()),
                Ok(live) => Ok(self.deleting(None, live.retry_after_secs)),
            },
            None => {
                let request = self.request(ArmMethod::Delete, id, None);
                let reason = format!("{} is deleted", self.target).into();
                Ok(Outcome::again(vec![Action::Arm { request, reason }]))
            }
            Some((_, Ok(response))) => match response.operation.as_ref().filter(|it| !it.url.is_empty()) {
                Some(operation) => {
                    let why = "the deletion is recorded before it is awaited";
                    let record = self.record(POLLER_DELETE, operation, None, why);
                    Ok(self.deleting(record, response.retry_after_secs))
                }
                None => Ok(self.release("deleted in Azure")),
            },
            Some((_, Err(error))) if error.is_not_found() => Ok(self.release("it was already gone from Azure")),
            Some((_, Err(error))) => Err(patient(Problem::from_arm(error)).into()),
        }
    }

    /// Whether Azure is about to delete it with its owner, and would refuse a DELETE meanwhile.
    fn goes_with_owner(&self) -> Result<bool, Stop> {
        if !self.resource.facts.as_ref().is_some_and(|facts| facts.part_of_owner) {
            return Ok(false);
        }
        let Some(target) = owner::reference(self.catalogue, self.resource, self.object) else { return Ok(false) };
        let owner = match self.observed.objects.get(&target) {
            None => return Err(Stop::Need(vec![Query::Object(target)])),
            Some(owner) => owner.as_ref(),
        };
        Ok(owner.is_some_and(|owner| {
            owner.deletion_timestamp().is_some() && Policy::parse(owner.annotation(RECONCILE_POLICY)) == Policy::Manage
        }))
    }

    fn check_subscription_of(&self, id: &str, subscription: &str) -> Result<(), Problem> {
        match crate::arm_id::subscription(id) {
            Some(other) if !other.eq_ignore_ascii_case(subscription) => Err(Problem::fatal(
                crate::names::reason::SUBSCRIPTION_MISMATCH,
                format!(
                    "SubscriptionID \"{other}\" for \"{id}\" resource does not match with Client Credential: \"{subscription}\""
                ),
            )),
            _ => Ok(()),
        }
    }

    fn deleting(&self, record: Option<Action>, retry_after_secs: Option<u64>) -> Outcome {
        let status = self.ready(None, &Ready::Deleting, "Azure is deleting it");
        Outcome::done(record.into_iter().chain(status).collect(), self.poll_again(retry_after_secs))
    }

    /// The deletion's record is dropped when Azure ended it badly, so that the next try sends a DELETE again.
    fn deletion_failed(&self, error: &ArmError) -> Result<Outcome, Stop> {
        let problem = patient(Problem::from_arm(error));
        if super::reconcile::goes_on(error) { Err(problem.into()) } else { Ok(self.operation_failed(problem)) }
    }

    /// Lets the object go.
    fn release(&self, why: &str) -> Outcome {
        let finalizers: Vec<&str> =
            self.object.finalizers().into_iter().filter(|finalizer| *finalizer != FINALIZER).collect();
        let mut metadata = Map::new();
        metadata.insert("finalizers".into(), json!(finalizers));
        Outcome::done(vec![self.merge_exactly(metadata, why.into())], Requeue::OnChange)
    }
}

/// Nobody edits an object that is being deleted: what Azure refuses for good today it may allow when something else has
/// gone.
fn patient(problem: Problem) -> Problem {
    match problem.requeue {
        Requeue::OnChange => Problem { requeue: Requeue::Backoff, ..problem },
        _ => problem,
    }
}
