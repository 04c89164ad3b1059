//! AzureASOManagedControlPlane: the ManagedCluster, its endpoint, its version, its kubeconfig.

use actions::Requeue;
use api::ObjectExt;
use serde_json::{Value, json};

use super::{kubeconfig, lifecycle, mutate, not_ready, ready, refers_to, resources};
use crate::{
    conditions::{Draft, NotReady},
    names::{BLOCK_MOVE, CONTROL_PLANE_FINALIZER, MANAGED_CLUSTER},
    observed::Outcome,
    pass::{self, Pass, Stop, text},
};

pub(crate) fn decide(pass: &Pass<'_>) -> Result<Outcome, Stop> {
    let cluster = lifecycle::owner(pass, pass.object, "Cluster")?;
    if pass::paused(cluster, pass.object) {
        return lifecycle::paused(pass);
    }
    if pass.deleting() {
        return lifecycle::deleted(pass, CONTROL_PLANE_FINALIZER);
    }
    let Some(cluster) = cluster else { return Ok(lifecycle::without_owner(pass, "Cluster")) };
    if !refers_to(cluster.pointer("/spec/infrastructureRef"), MANAGED_CLUSTER) {
        let message = "AzureASOManagedControlPlane cannot be used without AzureASOManagedCluster";
        return Ok(lifecycle::refused(pass, NotReady::error("InvalidClusterKind", message)));
    }
    pass.ensure_finalizer(CONTROL_PLANE_FINALIZER, &[(BLOCK_MOVE, "true")])?;
    let mut listed = match resources::parse(pass) {
        Ok(listed) => listed,
        Err(problem) => return Ok(lifecycle::refused(pass, problem)),
    };
    let at = match mutate::cluster::mutate(pass, cluster, &mut listed)? {
        Ok(at) => at,
        Err(problem) => return Ok(lifecycle::refused(pass, problem)),
    };
    let mut draft = Draft::new(pass);
    let reconciled = resources::reconcile(pass, &listed, &mut draft)?;
    let managed_cluster = listed.get(at).map(|entry| resources::target_of(pass, entry)).unwrap_or_default();
    let live = pass.get(&managed_cluster)?.unwrap_or(&Value::Null);
    if let Some((problem, requeue)) = reconciled.problem {
        return Ok(not_ready(pass, draft, reconciled.actions, problem, requeue));
    }
    let endpoint = endpoint(live);
    if let Some(host) = endpoint {
        draft.set("controlPlaneEndpoint", json!({"host": host, "port": 443}));
    }
    let version = text(live, "/status/currentKubernetesVersion");
    if !version.is_empty() {
        draft.set("version", json!(format!("v{version}")));
    }
    let mut actions = reconciled.actions;
    match kubeconfig::reconcile(pass, cluster, live)? {
        Ok(action) => actions.extend(action),
        Err((problem, requeue)) => return Ok(not_ready(pass, draft, actions, problem, requeue)),
    }
    if endpoint.is_none() {
        let message = format!("ManagedCluster {} has no FQDN yet", live.name().unwrap_or_default());
        let problem = NotReady::info("WaitingForEndpoint", message);
        return Ok(not_ready(pass, draft, actions, problem, Requeue::OnChange));
    }
    draft.set("initialized", json!(true));
    Ok(ready(draft, actions))
}

fn endpoint(managed_cluster: &Value) -> Option<&str> {
    let name = |field: &str| Some(text(managed_cluster, &format!("/status/{field}"))).filter(|name| !name.is_empty());
    name("privateFQDN").or_else(|| name("fqdn"))
}
