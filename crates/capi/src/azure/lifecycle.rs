//! What the three kinds do alike around their work: owners, pause, deletion.

use actions::{Action, Requeue};
use api::ObjectExt;
use serde_json::{Map, Value, json};

use super::{not_ready, resources};
use crate::{
    conditions::{Draft, NotReady, READY},
    names::{BLOCK_MOVE, CORE_API_VERSION, CORE_GROUP},
    observed::Outcome,
    pass::{self, Pass, Stop, text},
};

/// The owner of that core kind, without its status: `None` when there is no reference to one, or none of that name any more.
pub(super) fn owner<'a>(pass: &Pass<'a>, object: &Value, kind: &str) -> Result<Option<&'a Value>, Stop> {
    match pass::owner(object, CORE_GROUP, kind) {
        Some(reference) => pass.spec_of(&pass.beside(CORE_API_VERSION, kind, text(reference, "/name"))),
        None => Ok(None),
    }
}

/// Until the core controllers have set the owner there is nothing to do, and this says so.
pub(super) fn without_owner(pass: &Pass<'_>, kind: &str) -> Outcome {
    let message = format!("Waiting for the {kind} controller to set OwnerRef on {}", pass.target.kind);
    not_ready(pass, Draft::new(pass), Vec::new(), NotReady::info("WaitingForOwner", message), Requeue::OnChange)
}

/// Refused for good, until something changes.
pub(super) fn refused(pass: &Pass<'_>, problem: NotReady) -> Outcome {
    not_ready(pass, Draft::new(pass), Vec::new(), problem, Requeue::OnChange)
}

pub(super) fn paused(pass: &Pass<'_>) -> Result<Outcome, Stop> {
    let listed = match resources::parse(pass).and_then(|listed| resources::pause(pass, listed)) {
        Ok(actions) => actions,
        Err(problem) => return Ok(refused(pass, problem)),
    };
    let target_of = |action: &Action| match action {
        Action::Write(write) => Some(write.target.clone()),
        _ => None,
    };
    let targets: Vec<_> = listed.iter().filter_map(target_of).collect();
    let undone: Vec<Action> = listed
        .into_iter()
        .filter(|action| target_of(action).is_none_or(|target| !pass.observed.applied.contains_key(&target)))
        .collect();
    if !undone.is_empty() {
        return Err(Stop::Done(Outcome::again(undone)));
    }
    let refusal = targets.iter().find_map(|target| Some((target, pass.observed.applied.get(target)?.as_ref().err()?)));
    if let Some((target, refusal)) = refusal {
        let message = format!("failed to pause resources: {}/{}: {refusal}", target.kind, target.name);
        let problem = NotReady::error("PauseFailed", message);
        return Ok(not_ready(pass, Draft::new(pass), Vec::new(), problem, Requeue::Backoff));
    }
    let mut actions = Vec::new();
    if pass.object.annotation(BLOCK_MOVE).is_some() {
        let patch = json!({"metadata": {"annotations": {BLOCK_MOVE: null}}});
        actions.push(pass.merge(&pass.target, patch, "it is paused: it can be moved"));
    }
    let problem = NotReady::info("Paused", "reconciliation is paused");
    Ok(not_ready(pass, Draft::new(pass), actions, problem, Requeue::OnChange))
}

/// Deletes the ASO objects, waits for them, then lets go.
pub(super) fn deleted(pass: &Pass<'_>, finalizer: &str) -> Result<Outcome, Stop> {
    if !pass.object.finalizers().contains(&finalizer) {
        return Ok(Outcome::settled());
    }
    let mut draft = Draft::new(pass);
    let (left, actions) = resources::delete(pass, &mut draft)?;
    if left.is_empty() {
        return Ok(released(pass, finalizer, "what it held is gone"));
    }
    let names: Vec<String> = left.iter().map(|target| format!("{}/{}", target.kind, target.name)).collect();
    let mut message = format!("Waiting for {} to be deleted", names.join(", "));
    // What Azure says about a deletion that does not end is the cause.
    for target in &left {
        let ready = pass.get(target)?.and_then(|live| api::condition::find(live, READY));
        if let Some(ready) = ready.filter(|ready| ["Error", "Warning"].contains(&text(ready, "/severity"))) {
            message.push_str(&format!("; {}: {}", text(ready, "/reason"), text(ready, "/message")));
        }
    }
    let problem = NotReady::info("Deleting", message);
    Ok(not_ready(pass, draft, actions, problem, Requeue::OnChange))
}

pub(super) fn released(pass: &Pass<'_>, finalizer: &str, why: &str) -> Outcome {
    Outcome::done(pass.release(finalizer, why).into_iter().collect(), Requeue::OnChange)
}

/// The patch of one field of one's own spec.
pub(super) fn own_spec(pass: &Pass<'_>, field: &str, value: &Value, why: &str) -> Option<Action> {
    let known = pass.object.pointer(&format!("/spec/{field}"));
    let empty = value.as_array().is_some_and(Vec::is_empty) && known.is_none();
    if known == Some(value) || empty {
        return None;
    }
    let mut spec = Map::new();
    spec.insert(field.into(), value.clone());
    Some(pass.merge(&pass.target, json!({"spec": spec}), why.to_string()))
}
