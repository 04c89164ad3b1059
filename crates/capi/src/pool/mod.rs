//! MachinePool: bootstrap, then infrastructure, then the nodes of the workload cluster. What upstream's webhook defaults is
//! written here before anything else, because a pool is no pool without replicas.

mod defaults;
mod delete;
mod nodes;

use actions::{Action, Requeue};
use api::ObjectExt;
use serde_json::{Map, Value, json};

use crate::{
    conditions::{Draft, NotReady, Severity, is_true, mirror},
    names::{CORE_API_VERSION, MACHINE_POOL_FINALIZER, REPLICAS_MANAGED_BY},
    observed::Outcome,
    pass::{self, Pass, Stop, flag, text},
    reference::{self, Follow, Followed},
};

const BOOTSTRAP_READY: &str = "BootstrapReady";
const INFRASTRUCTURE_READY: &str = "InfrastructureReady";
const REPLICAS_READY: &str = "ReplicasReady";
const SUMMARY: &[&str] = &[BOOTSTRAP_READY, INFRASTRUCTURE_READY, REPLICAS_READY];

pub(crate) fn decide(pass: &Pass<'_>) -> Result<Outcome, Stop> {
    if pass.deleting() {
        if !pass.object.finalizers().contains(&MACHINE_POOL_FINALIZER) {
            return Ok(Outcome::settled());
        }
    } else {
        pass.ensure_finalizer(MACHINE_POOL_FINALIZER, &[])?;
    }
    let cluster_name = text(pass.object, "/spec/clusterName");
    let cluster = pass.get(&pass.beside(CORE_API_VERSION, "Cluster", cluster_name))?;
    let mut draft = Draft::new(pass);
    if pass::paused(cluster, pass.object) {
        draft.next_condition("Paused", true, "Paused", "");
        return Ok(Outcome::done(draft.patch("paused").into_iter().collect(), Requeue::OnChange));
    }
    draft.next_condition("Paused", false, "NotPaused", "");
    if pass.deleting() {
        return delete::decide(pass, cluster, draft);
    }
    let Some(cluster) = cluster else {
        let (name, namespace) = (&pass.target.name, pass.namespace());
        let message =
            format!("failed to get cluster \"{cluster_name}\" for machinepool \"{name}\" in namespace \"{namespace}\"");
        draft.set("phase", json!("Pending"));
        draft.condition(&NotReady::new(Severity::Warning, "ClusterNotFound", message).condition("Ready"));
        return Ok(Outcome::done(draft.patch("its Cluster is missing").into_iter().collect(), Requeue::OnChange));
    };
    defaults::ensure(pass, cluster)?;

    let bootstrap = bootstrap(pass, cluster_name, &mut draft)?;
    let mut spec = Map::new();
    if let Some(name) = bootstrap {
        spec.insert("template".into(), json!({"spec": {"bootstrap": {"dataSecretName": name}}}));
    }
    let follow = Follow { at: "/spec/template/spec/infrastructureRef", cluster: cluster_name };
    let infrastructure = reference::follow(pass, &follow)?;
    infrastructure_ready(pass, &infrastructure, &mut draft, &mut spec);
    let found = nodes::observe(pass, cluster, &spec, &mut draft)?;
    finish(pass, draft, spec, found)
}

fn finish(
    pass: &Pass<'_>,
    mut draft: Draft<'_>,
    spec: Map<String, Value>,
    found: nodes::Found,
) -> Result<Outcome, Stop> {
    let phase = phase(pass, &draft);
    draft.set("phase", json!(phase));
    draft.summarize(SUMMARY);
    let mut actions: Vec<Action> = Vec::new();
    if !spec.is_empty() {
        actions.push(pass.merge(&pass.target, json!({"spec": spec}), "its providers know more"));
    }
    actions.extend(draft.patch(format!("the pool is {phase}")));
    let mut outcome = Outcome::done(actions, found.requeue);
    outcome.remote = found.remote;
    Ok(outcome)
}

/// The bootstrap data: an empty `dataSecretName` is a value too, and means that none is needed.
/// Answers the name of the Secret when the provider just told it.
fn bootstrap(pass: &Pass<'_>, cluster: &str, draft: &mut Draft<'_>) -> Result<Option<String>, Stop> {
    let at = "/spec/template/spec/bootstrap";
    if !pass.object.pointer(&format!("{at}/configRef")).is_some_and(Value::is_object) {
        // The definition refuses a pool that has neither.
        draft.set("bootstrapReady", json!(true));
        draft.condition(&is_true(BOOTSTRAP_READY));
        return Ok(None);
    }
    let field = format!("{at}/configRef");
    let object = match reference::follow(pass, &Follow { at: &field, cluster })? {
        Followed::Found(object, _) => object,
        Followed::Refused(problem) => {
            draft.condition(&problem.condition(BOOTSTRAP_READY));
            return Ok(None);
        }
        Followed::Missing | Followed::Unset => {
            let (kind, name) =
                (text(pass.object, &format!("{field}/kind")), text(pass.object, &format!("{field}/name")));
            let problem = NotReady::info("WaitingForDataSecret", format!("{kind} \"{name}\" does not exist yet"));
            draft.condition(&problem.condition(BOOTSTRAP_READY));
            return Ok(None);
        }
    };
    if object.deletion_timestamp().is_some() {
        return Ok(None);
    }
    let ready = flag(object, "/status/ready");
    let fallback = (!ready).then(|| NotReady::info("WaitingForDataSecret", ""));
    draft.condition(&mirror(BOOTSTRAP_READY, object, fallback));
    let name = text(object, "/status/dataSecretName");
    draft.set("bootstrapReady", json!(ready && !name.is_empty()));
    let known = text(pass.object, &format!("{at}/dataSecretName"));
    Ok((ready && !name.is_empty() && name != known).then(|| name.to_string()))
}

fn infrastructure_ready(pass: &Pass<'_>, found: &Followed<'_>, draft: &mut Draft<'_>, spec: &mut Map<String, Value>) {
    let was_ready = draft.flag("infrastructureReady");
    let reference = pass.object.pointer("/spec/template/spec/infrastructureRef").cloned().unwrap_or_default();
    let (kind, name) = (text(&reference, "/kind"), text(&reference, "/name"));
    let (mut reason, mut message) = (None, None);
    match found {
        Followed::Found(object, _) => {
            (reason, message) = reference::failure(object);
            if object.deletion_timestamp().is_none() {
                provisioned(pass, object, draft, spec);
            }
        }
        Followed::Refused(problem) => draft.condition(&problem.clone().condition(INFRASTRUCTURE_READY)),
        Followed::Missing | Followed::Unset => {
            if was_ready {
                let api_version = text(&reference, "/apiVersion");
                reason = Some("InvalidConfiguration".into());
                message = Some(format!(
                    "MachinePool infrastructure resource {api_version}, Kind={kind} with name \"{name}\" has been deleted after being ready"
                ));
            }
            let text = format!("could not find infra reference of kind {kind} with name {name}");
            draft.condition(&NotReady::error("IncorrectExternalRef", text).condition(INFRASTRUCTURE_READY));
        }
    }
    for (field, value) in [("failureReason", reason), ("failureMessage", message)] {
        match value {
            Some(value) => draft.set(field, json!(value)),
            None => draft.remove(field),
        }
    }
}

fn provisioned(pass: &Pass<'_>, object: &Value, draft: &mut Draft<'_>, spec: &mut Map<String, Value>) {
    let ready = flag(object, "/status/ready");
    draft.set("infrastructureReady", json!(ready));
    let fallback = (!ready).then(|| NotReady::info("WaitingForInfrastructure", ""));
    draft.condition(&mirror(INFRASTRUCTURE_READY, object, fallback));
    if !ready {
        return;
    }
    let replicas = object.pointer("/status/replicas").and_then(Value::as_i64).unwrap_or(0);
    draft.set("replicas", json!(replicas));
    let ids = object.pointer("/spec/providerIDList").cloned().unwrap_or_else(|| json!([]));
    if ids.as_array().is_none_or(Vec::is_empty) && replicas != 0 {
        return;
    }
    let known = pass.object.pointer("/spec/providerIDList").cloned().unwrap_or_else(|| json!([]));
    if ids != known {
        spec.insert("providerIDList".into(), ids);
    }
}

fn phase(pass: &Pass<'_>, draft: &Draft<'_>) -> &'static str {
    let wanted = pass.object.pointer("/spec/replicas").and_then(Value::as_i64);
    let ready = draft.number("readyReplicas");
    let external = pass.object.annotation(REPLICAS_MANAGED_BY).is_some_and(|value| value != "false");
    if !draft.get("failureReason").is_null() || !draft.get("failureMessage").is_null() {
        return "Failed";
    }
    match wanted.filter(|_| draft.flag("infrastructureReady")) {
        Some(wanted) if wanted == ready => "Running",
        Some(_) if external => "Scaling",
        Some(wanted) if wanted > ready => "ScalingUp",
        Some(_) => "ScalingDown",
        None if draft.get("nodeRefs").as_array().is_some_and(|nodes| !nodes.is_empty()) => "Provisioned",
        None if draft.flag("bootstrapReady") => "Provisioning",
        None => "Pending",
    }
}
