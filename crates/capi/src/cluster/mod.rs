//! Cluster: follows its two references, copies what they say, and deletes pools, control plane and infrastructure in that
//! order. A topology is worked on first, in the same pass. Upstream waits 30 seconds for objects that are not there yet; here their creation is an event.

mod delete;

use actions::Requeue;
use api::ObjectExt;
use serde_json::{Map, Value, json};

use crate::{
    conditions::{Draft, NotReady, is_true, mirror},
    names::CLUSTER_FINALIZER,
    observed::Outcome,
    pass::{self, Pass, Stop, flag, text},
    reference::{self, Follow, Followed},
    topology,
};

const INFRASTRUCTURE_READY: &str = "InfrastructureReady";
const CONTROL_PLANE_READY: &str = "ControlPlaneReady";
const CONTROL_PLANE_INITIALIZED: &str = "ControlPlaneInitialized";

pub(crate) fn decide(pass: &Pass<'_>) -> Result<Outcome, Stop> {
    if pass.deleting() {
        if !pass.object.finalizers().contains(&CLUSTER_FINALIZER) {
            return Ok(Outcome::settled());
        }
    } else {
        pass.ensure_finalizer(CLUSTER_FINALIZER, &[])?;
    }
    let mut draft = Draft::new(pass);
    let topology = pass.object.pointer("/spec/topology").filter(|topology| topology.is_object());
    if pass::paused(Some(pass.object), pass.object) {
        let by = paused_by(pass.object);
        if topology.is_some() {
            topology::paused(&mut draft, &by);
        }
        draft.next_condition("Paused", true, "Paused", &by);
        return Ok(Outcome::done(draft.patch("paused").into_iter().collect(), Requeue::OnChange));
    }
    draft.next_condition("Paused", false, "NotPaused", "");
    let mut ended = topology::Ended::default();
    match topology {
        Some(_) if pass.deleting() => topology::deleting(&mut draft),
        Some(topology) => {
            ended = topology::reconcile(pass, topology, &mut draft)?;
            if !has_references(pass.object) {
                return Ok(without_references(pass, draft, ended));
            }
        }
        None => {}
    }

    let name = pass.target.name.as_str();
    let infrastructure = reference::follow(pass, &Follow { at: "/spec/infrastructureRef", cluster: name })?;
    let control_plane = reference::follow(pass, &Follow { at: "/spec/controlPlaneRef", cluster: name })?;
    let mut spec = Map::new();
    infrastructure_ready(pass, &infrastructure, &mut draft, &mut spec);
    control_plane_ready(pass, &control_plane, &mut draft, &mut spec);
    failures(&[&infrastructure, &control_plane], &mut draft);

    if pass.deleting() {
        return delete::decide(pass, &infrastructure, &control_plane, draft);
    }
    let phase = phase(pass, &draft, &spec);
    draft.set("phase", json!(phase));
    draft.summarize(&[CONTROL_PLANE_READY, INFRASTRUCTURE_READY]);
    let mut actions = ended.actions;
    if !spec.is_empty() {
        actions.push(pass.merge(&pass.target, json!({"spec": spec}), "its provider knows the endpoint"));
    }
    actions.extend(draft.patch(format!("the cluster is {phase}")));
    Ok(Outcome::done(actions, ended.requeue.unwrap_or(Requeue::OnChange)))
}

fn has_references(object: &Value) -> bool {
    ["/spec/infrastructureRef", "/spec/controlPlaneRef"]
        .iter()
        .all(|at| object.pointer(at).is_some_and(Value::is_object))
}

/// The topology has not come as far as references: there is nothing to follow yet.
fn without_references(pass: &Pass<'_>, mut draft: Draft<'_>, ended: topology::Ended) -> Outcome {
    let phase = phase(pass, &draft, &Map::new());
    draft.set("phase", json!(phase));
    let mut actions = ended.actions;
    actions.extend(draft.patch("its topology makes no objects yet"));
    Outcome::done(actions, ended.requeue.unwrap_or(Requeue::OnChange))
}

fn paused_by(object: &Value) -> String {
    let by_spec = flag(object, "/spec/paused").then_some("Cluster spec.paused is set to true");
    let by_annotation = object
        .annotation(crate::names::PAUSED_ANNOTATION)
        .map(|_| "Cluster has the cluster.x-k8s.io/paused annotation");
    let both: Vec<&str> = by_spec.into_iter().chain(by_annotation).collect();
    both.join(", ")
}

/// A provider's object that is not there.
fn missing(pass: &Pass<'_>, at: &str, was_ready: bool, waiting: &str, deleted: &str) -> NotReady {
    let kind = text(pass.object, &format!("{at}/kind"));
    if was_ready {
        NotReady::error(deleted, format!("{kind} has been deleted after being ready"))
    } else {
        let name = text(pass.object, &format!("{at}/name"));
        NotReady::info(waiting, format!("{kind} \"{name}\" does not exist yet"))
    }
}

fn infrastructure_ready(pass: &Pass<'_>, found: &Followed<'_>, draft: &mut Draft<'_>, spec: &mut Map<String, Value>) {
    let was_ready = draft.flag("infrastructureReady");
    let object = match found {
        Followed::Found(object, _) => *object,
        Followed::Unset if pass.deleting() => return,
        Followed::Unset => {
            draft.set("infrastructureReady", json!(true));
            return draft.condition(&is_true(INFRASTRUCTURE_READY));
        }
        Followed::Missing if pass.deleting() => {
            return draft.condition(&NotReady::info("Deleted", "").condition(INFRASTRUCTURE_READY));
        }
        Followed::Missing => {
            let (waiting, deleted) = ("WaitingForInfrastructure", "InfrastructureDeleted");
            let problem = missing(pass, "/spec/infrastructureRef", was_ready, waiting, deleted);
            draft.set("infrastructureReady", json!(was_ready));
            return draft.condition(&problem.condition(INFRASTRUCTURE_READY));
        }
        Followed::Refused(problem) => {
            draft.set("infrastructureReady", json!(was_ready));
            return draft.condition(&problem.clone().condition(INFRASTRUCTURE_READY));
        }
    };
    let ready = flag(object, "/status/ready");
    let fallback = fallback(pass, ready, "WaitingForInfrastructure");
    draft.condition(&mirror(INFRASTRUCTURE_READY, object, fallback));
    let going = object.deletion_timestamp().is_some();
    if !going && (ready || was_ready) {
        copy_endpoint(pass, object, spec);
        match object.pointer("/status/failureDomains").filter(|domains| domains.is_object()) {
            Some(domains) => draft.set("failureDomains", domains.clone()),
            None => draft.remove("failureDomains"),
        }
    }
    draft.set("infrastructureReady", json!(was_ready || (ready && !going)));
}

fn control_plane_ready(pass: &Pass<'_>, found: &Followed<'_>, draft: &mut Draft<'_>, spec: &mut Map<String, Value>) {
    let was_ready = draft.flag("controlPlaneReady");
    let object = match found {
        Followed::Found(object, _) => *object,
        Followed::Unset if pass.deleting() => return,
        Followed::Unset => {
            let message = "Waiting for the first control plane machine to have its status.nodeRef set";
            return draft.condition(&NotReady::info("MissingNodeRef", message).condition(CONTROL_PLANE_INITIALIZED));
        }
        Followed::Missing if pass.deleting() => {
            return draft.condition(&NotReady::info("Deleted", "").condition(CONTROL_PLANE_READY));
        }
        Followed::Missing => {
            let (waiting, deleted) = ("WaitingForControlPlane", "ControlPlaneDeleted");
            let problem = missing(pass, "/spec/controlPlaneRef", was_ready, waiting, deleted);
            return draft.condition(&problem.condition(CONTROL_PLANE_READY));
        }
        Followed::Refused(problem) => return draft.condition(&problem.clone().condition(CONTROL_PLANE_READY)),
    };
    let ready = flag(object, "/status/ready");
    draft.condition(&mirror(CONTROL_PLANE_READY, object, fallback(pass, ready, "WaitingForControlPlane")));
    if object.deletion_timestamp().is_some() {
        return;
    }
    if !draft.is_true(CONTROL_PLANE_INITIALIZED) {
        let message = "Waiting for control plane provider to indicate the control plane has been initialized";
        let condition = if flag(object, "/status/initialized") {
            is_true(CONTROL_PLANE_INITIALIZED)
        } else {
            NotReady::info("WaitingForControlPlaneProviderInitialized", message).condition(CONTROL_PLANE_INITIALIZED)
        };
        draft.condition(&condition);
    }
    if ready || was_ready {
        copy_endpoint(pass, object, spec);
        draft.set("controlPlaneReady", json!(true));
    }
}

fn fallback(pass: &Pass<'_>, ready: bool, waiting: &str) -> Option<NotReady> {
    if pass.deleting() {
        return Some(NotReady::info("Deleting", ""));
    }
    (!ready).then(|| NotReady::info(waiting, ""))
}

fn is_endpoint(endpoint: &Value) -> bool {
    !text(endpoint, "/host").is_empty() && endpoint["port"].as_i64().unwrap_or(0) != 0
}

/// The first provider that knows the endpoint gives it to a Cluster that has none.
fn copy_endpoint(pass: &Pass<'_>, object: &Value, spec: &mut Map<String, Value>) {
    let known = pass.object.pointer("/spec/controlPlaneEndpoint").is_some_and(is_endpoint);
    let Some(endpoint) = object.pointer("/spec/controlPlaneEndpoint").filter(|endpoint| is_endpoint(endpoint)) else {
        return;
    };
    if !known && !spec.contains_key("controlPlaneEndpoint") {
        spec.insert("controlPlaneEndpoint".into(), endpoint.clone());
    }
}

fn failures(followed: &[&Followed<'_>], draft: &mut Draft<'_>) {
    let (mut reason, mut message) = (None, None);
    for object in followed.iter().filter_map(|followed| followed.object()) {
        let (its_reason, its_message) = reference::failure(object);
        (reason, message) = (its_reason.or(reason), its_message.or(message));
    }
    for (field, value) in [("failureReason", reason), ("failureMessage", message)] {
        match value {
            Some(value) => draft.set(field, json!(value)),
            None => draft.remove(field),
        }
    }
}

fn phase(pass: &Pass<'_>, draft: &Draft<'_>, spec: &Map<String, Value>) -> &'static str {
    let has = |field: &str| pass.object.pointer(&format!("/spec/{field}")).is_some_and(Value::is_object);
    let endpoint = spec.get("controlPlaneEndpoint").or(pass.object.pointer("/spec/controlPlaneEndpoint"));
    if !draft.get("failureReason").is_null() || !draft.get("failureMessage").is_null() {
        "Failed"
    } else if draft.flag("infrastructureReady") && endpoint.is_some_and(is_endpoint) {
        "Provisioned"
    } else if has("infrastructureRef") || has("controlPlaneRef") {
        "Provisioning"
    } else {
        "Pending"
    }
}
