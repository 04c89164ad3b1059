//! Executing what decide said. What a write returns is the object as it is now; a refusal of an apply is an observation.

use actions::{Action, Verb, Write};
use api::{Class, names::ObjectRef};
use capi::{Observed, Outcome};
use serde_json::Value;

use super::{Context, dependants::Used};
use crate::cluster::{Cluster, Error};

pub(super) async fn execute(
    context: &Context,
    cluster: &Cluster,
    observed: &mut Observed,
    used: &mut Used<'_>,
    outcome: &Outcome,
) -> Result<(), Error> {
    // Nodes first: when the finalizer goes, nobody comes back to them.
    for (namespace, name) in observed.nodes.keys() {
        if let Some(remote) = context.connections.known(namespace, name) {
            for write in &outcome.remote {
                if let Err(error) = remote.write(write).await {
                    tracing::debug!(target = %write.target, error = error.message(), "a node cannot be written");
                }
            }
        }
    }
    for action in &outcome.actions {
        match action {
            Action::Write(write) => one(cluster, observed, used, write).await?,
            Action::Status(status) => {
                let now = cluster.patch_status(status).await?;
                learn(observed, &status.target, now);
            }
            Action::Arm { .. } => {
                return Err(Error::Request("a pass of Cluster API cannot send requests to Azure".into()));
            }
        }
    }
    Ok(())
}

async fn one(cluster: &Cluster, observed: &mut Observed, used: &mut Used<'_>, write: &Write) -> Result<(), Error> {
    let target = &write.target;
    let applied = matches!(write.verb, Verb::Apply { .. } | Verb::Create { .. });
    if applied {
        used.object(target);
    }
    match cluster.write(write).await {
        // A secret is not kept: what is read of it goes through its own query.
        Ok(_) if target.kind == "Secret" => {
            observed.secrets.remove(&(target.namespace.clone(), target.name.clone()));
        }
        Ok(now) if applied => {
            learn(observed, target, now.clone());
            observed.applied.insert(target.clone(), Ok(now));
        }
        Ok(now) if matches!(write.verb, Verb::Merge { .. }) => learn(observed, target, now),
        Ok(_) => forget(observed, target),
        Err(error) if matches!(write.verb, Verb::Delete { .. }) && error.is_not_found() => forget(observed, target),
        Err(error) if applied && is_refusal(&write.verb, &error) => {
            observed.applied.insert(target.clone(), Err(error.message()));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// What the same write would be told again. Somebody else's fields are a refusal of an apply without force.
fn is_refusal(verb: &Verb, error: &Error) -> bool {
    let not_served = matches!(error, Error::NoKind(_)) || error.is_not_found();
    match error.class() {
        Class::Invalid | Class::Denied => true,
        Class::Conflict => matches!(verb, Verb::Apply { force: false, .. } | Verb::Create { .. }),
        Class::Transient | Class::Throttled { .. } | Class::Bug => not_served,
    }
}

fn learn(observed: &mut Observed, target: &ObjectRef, now: Value) {
    let own = ObjectRef::of(&observed.object);
    let same = own.is_some_and(|own| {
        (own.group, own.kind, own.namespace, own.name)
            == (target.group.clone(), target.kind.clone(), target.namespace.clone(), target.name.clone())
    });
    if same {
        observed.object = now;
        return;
    }
    if observed.specs.contains_key(target) {
        observed.answer_spec(target.clone(), Some(now.clone()));
    }
    if let Some(Ok(known)) = observed.applied.get_mut(target) {
        known.clone_from(&now);
    }
    observed.objects.insert(target.clone(), Some(now));
    // Lists that it may be part of are read anew.
    observed.lists.retain(|(gvk, ..), _| gvk.kind != target.kind);
}

fn forget(observed: &mut Observed, target: &ObjectRef) {
    observed.objects.remove(target);
    observed.specs.remove(target);
    observed.applied.remove(target);
}
