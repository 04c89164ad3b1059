//! AzureASOManagedCluster: what the cluster needs in Azure before it (a resource group), and the endpoint.

use actions::Requeue;
use serde_json::{Value, json};

use super::{lifecycle, not_ready, ready, refers_to, resources};
use crate::{
    conditions::{Draft, NotReady},
    names::{BLOCK_MOVE, CLUSTER_FINALIZER, CONTROL_PLANE},
    observed::Outcome,
    pass::{self, Pass, Stop, text},
};

pub(crate) fn decide(pass: &Pass<'_>) -> Result<Outcome, Stop> {
    let cluster = lifecycle::owner(pass, pass.object, "Cluster")?;
    if pass::paused(cluster, pass.object) {
        return lifecycle::paused(pass);
    }
    if pass.deleting() {
        return lifecycle::deleted(pass, CLUSTER_FINALIZER);
    }
    let Some(cluster) = cluster else { return Ok(lifecycle::without_owner(pass, "Cluster")) };
    let reference = cluster.pointer("/spec/controlPlaneRef");
    if !refers_to(reference, CONTROL_PLANE) {
        let message = "AzureASOManagedCluster cannot be used without AzureASOManagedControlPlane";
        return Ok(lifecycle::refused(pass, NotReady::error("InvalidControlPlaneKind", message)));
    }
    pass.ensure_finalizer(CLUSTER_FINALIZER, &[(BLOCK_MOVE, "true")])?;
    let listed = match resources::parse(pass) {
        Ok(listed) => listed,
        Err(problem) => return Ok(lifecycle::refused(pass, problem)),
    };
    let mut draft = Draft::new(pass);
    let reconciled = resources::reconcile(pass, &listed, &mut draft)?;
    let mut actions = reconciled.actions;
    if let Some((problem, requeue)) = reconciled.problem {
        return Ok(not_ready(pass, draft, actions, problem, requeue));
    }
    let reference = reference.unwrap_or(&Value::Null);
    let control_plane = pass.beside(text(reference, "/apiVersion"), CONTROL_PLANE, text(reference, "/name"));
    let endpoint = pass.get(&control_plane)?.and_then(|it| it.pointer("/status/controlPlaneEndpoint"));
    let Some(endpoint) = endpoint.filter(|endpoint| !text(endpoint, "/host").is_empty()) else {
        let message = format!("Waiting for {CONTROL_PLANE} {} to report its endpoint", control_plane.name);
        let problem = NotReady::info("WaitingForControlPlane", message);
        return Ok(not_ready(pass, draft, actions, problem, Requeue::OnChange));
    };
    let endpoint = json!({"host": endpoint["host"], "port": endpoint["port"]});
    actions.extend(lifecycle::own_spec(
        pass,
        "controlPlaneEndpoint",
        &endpoint,
        "the control plane knows its endpoint",
    ));
    Ok(ready(draft, actions))
}
