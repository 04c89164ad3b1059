//! Deleting a Cluster: pools, then the control plane, then the infrastructure; each is waited for. What is waited for stands
//! in the condition Deleting.

use actions::{Action, Requeue};
use api::{ObjectExt, names::ObjectRef};
use serde_json::{Value, json};

use super::{CONTROL_PLANE_READY, INFRASTRUCTURE_READY};
use crate::{
    conditions::Draft,
    names::{CLUSTER_FINALIZER, CORE_API_VERSION},
    observed::Outcome,
    pass::{Pass, Stop, text},
    reference::Followed,
};

/// As many names of what is left as are shown.
const NAMES_MAX: usize = 5;

pub(super) fn decide(
    pass: &Pass<'_>,
    infrastructure: &Followed<'_>,
    control_plane: &Followed<'_>,
    mut draft: Draft<'_>,
) -> Result<Outcome, Stop> {
    draft.set("phase", json!("Deleting"));
    draft.summarize(&[CONTROL_PLANE_READY, INFRASTRUCTURE_READY]);
    let pools = pass.list(CORE_API_VERSION, "MachinePool", &pass.target.name)?;
    let mut actions: Vec<Action> = Vec::new();
    let (reason, message) = if !pools.is_empty() {
        for pool in pools.iter().filter(|pool| is_owned(pass, pool) && pool.deletion_timestamp().is_none()) {
            let target = ObjectRef::of(pool).unwrap_or_default();
            actions.push(pass.delete(&target, pool, format!("{} is deleted, pools first", pass.target)));
        }
        ("WaitingForWorkersDeletion", format!("* MachinePools: {}", names(&pools)))
    } else if let Some((deletion, message)) = external(pass, control_plane, "controlPlaneRef") {
        actions.extend(deletion);
        ("WaitingForControlPlaneDeletion", message)
    } else if let Some((deletion, message)) = external(pass, infrastructure, "infrastructureRef") {
        actions.extend(deletion);
        ("WaitingForInfrastructureDeletion", message)
    } else {
        let release = pass.release(CLUSTER_FINALIZER, "pools, control plane and infrastructure are gone");
        return Ok(Outcome::done(release.into_iter().collect(), Requeue::OnChange));
    };
    draft.next_condition("Deleting", true, reason, &message);
    actions.extend(draft.patch("what the deletion waits for"));
    Ok(Outcome::done(actions, Requeue::OnChange))
}

fn is_owned(pass: &Pass<'_>, pool: &Value) -> bool {
    pool.owner_references().iter().any(|owner| owner["uid"].as_str() == pass.object.uid())
}

/// The deletion of what a reference names and what to say about it; `None` when it is gone.
fn external(pass: &Pass<'_>, followed: &Followed<'_>, field: &str) -> Option<(Option<Action>, String)> {
    let kind = text(pass.object, &format!("/spec/{field}/kind"));
    match followed {
        Followed::Unset | Followed::Missing => None,
        // Somebody else's object, or one that cannot be named: it is not ours to delete, nor to wait for.
        Followed::Refused(_) => None,
        Followed::Found(object, target) => {
            let why = format!("{} is deleted", pass.target);
            let deletion = object.deletion_timestamp().is_none().then(|| pass.delete(target, object, why));
            Some((deletion, format!("Waiting for {kind} to be deleted")))
        }
    }
}

fn names(pools: &[&Value]) -> String {
    let mut names: Vec<&str> = pools.iter().filter_map(|pool| pool.name()).take(NAMES_MAX).collect();
    let more = pools.len().saturating_sub(NAMES_MAX);
    let rest = format!("... ({more} more)");
    if more > 0 {
        names.push(&rest);
    }
    names.join(", ")
}
