//! Writing what is desired: by server-side apply, in upstream's order, and only what changes something. Whether it would is seen
//! on the live object: what it lacks, and what the manager owns of it and wants no more.

use actions::{Action, Verb, Write};
use api::{ObjectExt, names::ObjectRef};
use serde_json::{Map, Value, json};

use super::{
    Halt,
    current::Current,
    desired::{self, Desired},
    failed,
    upgrade::Tracker,
};
use crate::{
    names::{CLUSTER_NAME_LABEL, CORE_API_VERSION, TOPOLOGY_MANAGER, TOPOLOGY_OWNED_LABEL},
    observed::Outcome,
    pass::{Pass, Stop},
};

/// Ends the round while something is to be applied. What comes back are the deletions.
pub(super) fn all(
    pass: &Pass<'_>,
    current: &Current<'_>,
    desired: &Desired<'_>,
    tracker: &Tracker,
) -> Result<Vec<Action>, Halt> {
    let mut first = vec![&desired.infrastructure];
    if !tracker.control_plane_pending {
        first.push(&desired.control_plane);
    }
    stage(pass, &first)?;
    let cluster = cluster(pass, desired);
    stage(pass, &[&cluster])?;
    let mut objects = Vec::new();
    for (name, pool) in &desired.pools {
        let waits = match current.pools.get(name) {
            Some(known) => tracker.pending_upgrade.contains(known.name().unwrap_or_default()),
            None => tracker.pending_create.contains(*name),
        };
        if !waits {
            objects.extend([&pool.infrastructure, &pool.bootstrap, &pool.object]);
        }
    }
    stage(pass, &objects)?;
    let gone = current.pools.iter().filter(|(name, _)| !desired.pools.contains_key(*name));
    let deletion = |(name, pool): (&&str, &&Value)| {
        let target = ObjectRef::of(pool).unwrap_or_default();
        pass.delete(&target, pool, format!("{} has no pool {name} any more", pass.target))
    };
    Ok(gone.map(deletion).collect())
}

/// The Cluster's labels and references. Once set, the references do not change.
fn cluster(pass: &Pass<'_>, desired: &Desired<'_>) -> Value {
    let reference = |object: &Value, at: &str| desired::reference(object, Some(pass.object), at);
    json!({
        "apiVersion": CORE_API_VERSION,
        "kind": "Cluster",
        "metadata": {
            "name": pass.target.name,
            "namespace": pass.namespace(),
            "labels": {CLUSTER_NAME_LABEL: pass.target.name, TOPOLOGY_OWNED_LABEL: ""},
        },
        "spec": {
            "infrastructureRef": reference(&desired.infrastructure, "/spec/infrastructureRef"),
            "controlPlaneRef": reference(&desired.control_plane, "/spec/controlPlaneRef"),
        },
    })
}

fn stage(pass: &Pass<'_>, objects: &[&Value]) -> Result<(), Halt> {
    let mut actions = Vec::new();
    let is_own = |target: &ObjectRef| (&target.kind, &target.name) == (&pass.target.kind, &pass.target.name);
    let targets = objects.iter().filter_map(|object| ObjectRef::of(object));
    pass.prefetch(targets.filter(|target| !is_own(target) && !pass.observed.applied.contains_key(target)))?;
    for object in objects {
        let target = ObjectRef::of(object).unwrap_or_default();
        match pass.observed.applied.get(&target) {
            Some(Ok(_)) => continue,
            Some(Err(refusal)) => {
                return failed(format!(
                    "failed to patch {} {}/{}: {refusal}",
                    target.kind, target.namespace, target.name
                ));
            }
            None => {}
        }
        let live = if is_own(&target) { Some(pass.object) } else { pass.get(&target)? };
        if live.is_some_and(|live| !changes(live, object)) {
            continue;
        }
        let reason = format!("the topology of {} asks for it", pass.target).into();
        let verb = Verb::Apply { object: (*object).clone(), force: true };
        actions.push(Action::Write(Write { target, verb, reason }));
    }
    if actions.is_empty() {
        return Ok(());
    }
    let mut outcome = Outcome::again(actions);
    outcome.topology = true;
    Err(Halt::Stop(Stop::Done(outcome)))
}

/// Whether applying the object would change the live one.
pub(super) fn changes(live: &Value, object: &Value) -> bool {
    let metadata = ["labels", "annotations"];
    let lacks = metadata.iter().any(|field| !holds(&live["metadata"][*field], &object["metadata"][*field]));
    let owners = live.owner_references();
    let unowned = object.owner_references().iter().any(|wanted| !owners.iter().any(|known| holds(known, wanted)));
    lacks || unowned || !holds(&live["spec"], &object["spec"]) || owns_more(live, object)
}

/// Whether everything of `wanted` is in `live`. Lists are whole values, as the definitions declare them.
fn holds(live: &Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (_, Value::Null) => true,
        (Value::Object(live), Value::Object(wanted)) => {
            wanted.iter().all(|(key, value)| holds(live.get(key).unwrap_or(&Value::Null), value))
        }
        (Value::Null, Value::Object(wanted)) => wanted.values().all(|value| holds(&Value::Null, value)),
        _ => live == wanted,
    }
}

/// Whether the manager owns something of the live object that it does not want any more.
fn owns_more(live: &Value, object: &Value) -> bool {
    let entries = live.pointer("/metadata/managedFields").and_then(Value::as_array);
    let mut ours = entries.into_iter().flatten().filter(|entry| {
        entry["manager"] == TOPOLOGY_MANAGER
            && entry["operation"] == "Apply"
            && entry["subresource"].as_str().is_none_or(str::is_empty)
    });
    ours.any(|entry| entry["fieldsV1"].as_object().is_some_and(|fields| !covers(object, fields)))
}

/// Whether every owned path is one of the value's.
fn covers(value: &Value, fields: &Map<String, Value>) -> bool {
    fields.iter().all(|(key, inner)| {
        let found = match key.split_once(':') {
            Some(("f", name)) => value.get(name),
            Some(("k", keys)) => {
                let keys: Value = serde_json::from_str(keys).unwrap_or_default();
                let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
                items.iter().find(|item| holds(item, &keys))
            }
            // Of sets and of the thing itself there is nothing more to say.
            _ => return true,
        };
        let inner = inner.as_object().filter(|inner| !inner.is_empty());
        found.is_some_and(|found| inner.is_none_or(|inner| covers(found, inner)))
    })
}
