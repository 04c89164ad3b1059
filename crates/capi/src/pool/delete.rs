//! Deleting a MachinePool: the providers' objects first, then nodes that are left, but for no longer than
//! `nodeDeletionTimeout`. A pool whose Cluster is gone does not wait for nodes that nobody can reach any more.

use std::time::Duration;

use actions::{Action, Requeue};
use api::{ObjectExt, names::split_api_version};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{SUMMARY, nodes};
use crate::{
    conditions::Draft,
    contract,
    names::MACHINE_POOL_FINALIZER,
    observed::Outcome,
    pass::{Pass, Stop, text},
};

const REFERENCES: &[&str] = &["/spec/template/spec/bootstrap/configRef", "/spec/template/spec/infrastructureRef"];

pub(super) fn decide(pass: &Pass<'_>, cluster: Option<&Value>, mut draft: Draft<'_>) -> Result<Outcome, Stop> {
    draft.set("phase", json!("Deleting"));
    draft.summarize(SUMMARY);
    let mut actions: Vec<Action> = Vec::new();
    let mut waiting = Vec::new();
    for at in REFERENCES {
        if let Some((deletion, kind)) = external(pass, at)? {
            actions.extend(deletion);
            waiting.push(kind);
        }
    }
    if !waiting.is_empty() {
        let message = format!("Waiting for {} to be deleted", waiting.join(", "));
        draft.next_condition("Deleting", true, "WaitingForInfrastructureDeletion", &message);
        actions.extend(draft.patch("what the deletion waits for"));
        return Ok(Outcome::done(actions, Requeue::OnChange));
    }
    let named = draft.get("nodeRefs").as_array().is_some_and(|references| !references.is_empty());
    let Some(cluster) = cluster.filter(|_| named) else { return Ok(let_go(pass, "what it consisted of is gone")) };
    let left = match timeout(pass) {
        Timeout::Passed => return Ok(let_go(pass, "nodeDeletionTimeout has passed")),
        Timeout::Left(left) => Requeue::After(left),
        Timeout::Never => Requeue::Backoff,
    };
    match pass.nodes(cluster.name().unwrap_or_default())? {
        Ok(found) => {
            let ids = pass.object.pointer("/spec/providerIDList").and_then(Value::as_array);
            let ids: Vec<&str> = ids.into_iter().flatten().filter_map(Value::as_str).collect();
            let mut outcome = let_go(pass, "what it consisted of is gone");
            outcome.remote = nodes::retired(&draft, &ids, found);
            Ok(outcome)
        }
        Err(unreachable) => {
            let timeout = text(pass.object, "/spec/template/spec/nodeDeletionTimeout");
            let message = format!(
                "Waiting for the workload cluster to delete its Nodes (nodeDeletionTimeout {timeout}): {unreachable}"
            );
            draft.next_condition("Deleting", true, "WaitingForNodeDeletion", &message);
            Ok(Outcome::done(draft.patch("what the deletion waits for").into_iter().collect(), left))
        }
    }
}

fn let_go(pass: &Pass<'_>, why: &str) -> Outcome {
    Outcome::done(pass.release(MACHINE_POOL_FINALIZER, why).into_iter().collect(), Requeue::OnChange)
}

/// The deletion of what a reference names, and its kind; `None` when it is gone.
fn external(pass: &Pass<'_>, at: &str) -> Result<Option<(Option<Action>, String)>, Stop> {
    let Some(reference) = pass.object.pointer(at).filter(|reference| reference.is_object()) else { return Ok(None) };
    let (api_version, kind) = (text(reference, "/apiVersion"), text(reference, "/kind"));
    let (group, _) = split_api_version(api_version);
    if pass.definition(&contract::definition_name(group, kind))?.is_none() {
        return Ok(None);
    }
    let target = pass.beside(api_version, kind, text(reference, "/name"));
    let Some(object) = pass.get(&target)? else { return Ok(None) };
    let why = format!("{} is deleted", pass.target);
    let deletion = object.deletion_timestamp().is_none().then(|| pass.delete(&target, object, why));
    Ok(Some((deletion, kind.to_string())))
}

enum Timeout {
    Passed,
    Left(Duration),
    Never,
}

/// Ten seconds unless the pool says otherwise; zero is for ever.
fn timeout(pass: &Pass<'_>) -> Timeout {
    let text = text(pass.object, "/spec/template/spec/nodeDeletionTimeout");
    let span = text.parse::<SignedDuration>().unwrap_or(SignedDuration::from_secs(10));
    if span.is_zero() {
        return Timeout::Never;
    }
    let since: Option<Timestamp> = pass.object.deletion_timestamp().and_then(|at| at.parse().ok());
    let end = since.and_then(|since| since.checked_add(span).ok()).unwrap_or(pass.env.now);
    if end <= pass.env.now {
        return Timeout::Passed;
    }
    let left = end.duration_since(pass.env.now).as_secs().saturating_add(1);
    Timeout::Left(Duration::from_secs(u64::try_from(left).unwrap_or(1)))
}
