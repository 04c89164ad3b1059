//! Executing what decide said. What became of each write is an observation of the next round.

use actions::{Action, Verb, Write};
use api::{names::ObjectRef, status::Status};
use gitops::{Observed, Written};
use serde_json::Value;

use super::{Context, observe, request};
use crate::cluster::Error;

/// Executes all actions in order. A failure that may pass does not keep the others back, but ends the pass after them.
pub(super) async fn execute(context: &Context, observed: &mut Observed, actions: &[Action]) -> Result<(), Error> {
    let mut passing = None;
    for action in actions {
        match action {
            Action::Write(write) => {
                if let Err(error) = one(context, observed, write).await {
                    passing.get_or_insert(error);
                }
            }
            Action::Status(_) | Action::Arm { .. } => {
                // Applications have no status subresource, and gitops knows no Azure.
                return Err(Error::Request(format!("an Application's pass cannot execute {action:?}")));
            }
        }
    }
    passing.map_or(Ok(()), Err)
}

async fn one(context: &Context, observed: &mut Observed, write: &Write) -> Result<(), Error> {
    let target = &write.target;
    if ObjectRef::of(&observed.application).as_ref() == Some(target) && matches!(write.verb, Verb::Merge { .. }) {
        observed.application = context.cluster.write(write).await?;
        return Ok(());
    }
    if matches!(write.verb, Verb::Merge { .. }) {
        return release(context, observed, write).await;
    }
    let before = observed.live.get(target).and_then(|live| live.as_ref().ok()).cloned().flatten();
    tracing::info!(target = %target, reason = %write.reason, "sync");
    let (result, warnings, deleted) = match &write.verb {
        Verb::Apply { object, .. } => {
            let applied = request::apply(&context.cluster, target, object, false).await?;
            (applied.result, applied.warnings, false)
        }
        Verb::Delete { .. } => (delete(context, write).await?, Vec::new(), true),
        Verb::Create { .. } | Verb::Merge { .. } => {
            return Err(Error::Request(format!("a sync cannot execute {:?}", write.verb)));
        }
    };
    let live = match &result {
        Ok(object) if !deleted => Ok(Some(object.clone())),
        _ => observe::read(&context.cluster, target).await?,
    };
    observed.live.insert(target.clone(), live);
    observed.dry_runs.remove(target);
    if target.kind == "CustomResourceDefinition" {
        observed.kinds.clear();
        context.memory.forget_dry_runs();
    }
    observed.written.push(Written { target: target.clone(), deleted, before, result, warnings });
    Ok(())
}

/// A finalizer is taken away: what is gone with it, or before it, is gone.
async fn release(context: &Context, observed: &mut Observed, write: &Write) -> Result<(), Error> {
    match context.cluster.write(write).await {
        Ok(_) => {}
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error),
    }
    let live = observe::read(&context.cluster, &write.target).await?;
    observed.live.insert(write.target.clone(), live);
    observed.dry_runs.remove(&write.target);
    Ok(())
}

/// What is gone already was deleted.
async fn delete(context: &Context, write: &Write) -> Result<Result<Value, Status>, Error> {
    match context.cluster.write(write).await {
        Ok(_) => Ok(Ok(Value::Null)),
        Err(error) if error.is_not_found() => Ok(Ok(Value::Null)),
        Err(Error::NoKind(_)) => Ok(Ok(Value::Null)),
        Err(Error::Api { code, reason, message, .. }) if !request::is_passing(code) => {
            Ok(Err(Status::failure(code, &reason, message)))
        }
        Err(error) => Err(error),
    }
}
