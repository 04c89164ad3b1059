//! KubeadmConfig, as far as pools of AKS need one: MachinePools of a topology must name a bootstrap configuration, and AKS boots
//! its nodes without. It becomes ready with a Secret that holds nothing. Upstream's waits for the Secret `<cluster>-ca`, which
//! the ASO API never makes. What is meant for kubeadm is refused by the condition.

use actions::{Action, Requeue, Verb, Write};
use api::{
    ObjectExt,
    names::{GroupVersionKind, ObjectRef},
};
use serde_json::{Value, json};

use crate::{
    conditions::{Draft, NotReady, is_true},
    names::{BOOTSTRAP_API_VERSION, CLUSTER_NAME_LABEL, CONTROL_PLANE, CORE_API_VERSION, CORE_GROUP},
    observed::Outcome,
    pass::{self, Pass, Stop, text},
};

const AVAILABLE: &str = "DataSecretAvailable";

pub(crate) fn decide(pass: &Pass<'_>) -> Result<Outcome, Stop> {
    let name = pass.object.label(CLUSTER_NAME_LABEL).unwrap_or_default();
    let owner = pass::owner(pass.object, CORE_GROUP, "MachinePool");
    if pass.deleting() || name.is_empty() || owner.is_none() {
        // Without an owner it is nobody's yet: upstream does nothing either.
        return Ok(Outcome::settled());
    }
    let Some(cluster) = pass.get(&pass.beside(CORE_API_VERSION, "Cluster", name))? else {
        return Ok(Outcome::settled());
    };
    if pass::paused(Some(cluster), pass.object) {
        return Ok(Outcome::settled());
    }
    let mut draft = Draft::new(pass);
    if let Some(problem) = unsupported(pass, cluster) {
        draft.set("ready", json!(false));
        draft.condition(&problem.condition(AVAILABLE));
        draft.summarize(&[AVAILABLE]);
        return Ok(Outcome::done(draft.patch("it asks for kubeadm").into_iter().collect(), Requeue::OnChange));
    }
    if pass.secret(&pass.target.name)?.is_none() {
        let (action, target) = secret(pass, name);
        let Some(Err(refusal)) = pass.observed.applied.get(&target) else {
            return Err(Stop::Done(Outcome::again(vec![action])));
        };
        draft.condition(&NotReady::error("DataSecretGenerationFailed", refusal).condition(AVAILABLE));
        draft.summarize(&[AVAILABLE]);
        let patch = draft.patch("its Secret is refused");
        return Ok(Outcome::done(patch.into_iter().collect(), Requeue::Backoff));
    }
    draft.set("ready", json!(true));
    draft.set("dataSecretName", json!(pass.target.name));
    draft.condition(&is_true(AVAILABLE));
    draft.summarize(&[AVAILABLE]);
    Ok(Outcome::done(draft.patch("AKS boots its nodes itself").into_iter().collect(), Requeue::OnChange))
}

fn unsupported(pass: &Pass<'_>, cluster: &Value) -> Option<NotReady> {
    let kind = text(cluster, "/spec/controlPlaneRef/kind");
    if kind != CONTROL_PLANE {
        let message = format!("kubeadm is not run: the control plane has to be an {CONTROL_PLANE}, not \"{kind}\"");
        return Some(NotReady::error("KubeadmNotSupported", message));
    }
    let spec = pass.object["spec"].as_object()?;
    let field = spec.iter().find(|(_, value)| !empty(value))?.0;
    let message = format!("spec.{field}: kubeadm is not run, AKS boots its nodes itself: remove the field");
    Some(NotReady::error("KubeadmNotSupported", message))
}

fn empty(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty)
}

fn secret(pass: &Pass<'_>, cluster: &str) -> (Action, ObjectRef) {
    let target = ObjectRef::new(&GroupVersionKind::new("", "v1", "Secret"), pass.namespace(), &pass.target.name);
    let object = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": target.name,
            "namespace": target.namespace,
            "labels": {CLUSTER_NAME_LABEL: cluster},
            "ownerReferences": [pass::owner_reference(pass.object, BOOTSTRAP_API_VERSION, true)],
        },
        "type": "cluster.x-k8s.io/secret",
        "data": {"format": "Y2xvdWQtY29uZmln", "value": ""},
    });
    let reason = format!("{} promises bootstrap data", pass.target).into();
    (Action::Write(Write { target: target.clone(), verb: Verb::Create { object }, reason }), target)
}
