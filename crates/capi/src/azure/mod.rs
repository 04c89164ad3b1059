//! CAPZ's ASO API: objects of Azure Service Operator stand whole in `spec.resources`; what Cluster API knows better is put
//! into them, they are applied as `capz-manager`, and what they say comes back.
//!
//! Differs from upstream where it hangs or is silent: a Ready condition carries the error of the ASO object; a cluster is
//! not sent to Azure before its pools are known; deletion goes on when owners went first, and takes along an agent pool that came with its cluster.

mod adopt;
mod control_plane;
mod inherited;
mod kubeconfig;
mod lifecycle;
mod machine_pool;
mod managed_cluster;
mod mutate;
mod resources;

pub(crate) use adopt::adopt;
pub(crate) use control_plane::decide as control_plane;
pub(crate) use machine_pool::decide as machine_pool;
pub(crate) use managed_cluster::decide as managed_cluster;

use actions::{Action, Requeue};
use serde_json::{Value, json};

use crate::{
    conditions::{Draft, NotReady, READY, is_true},
    names::INFRASTRUCTURE_GROUP,
    observed::Outcome,
    pass::{Pass, text},
};

/// Whether the reference names that kind of ours, in either version.
fn refers_to(reference: Option<&Value>, kind: &str) -> bool {
    let Some(reference) = reference else { return false };
    let (group, version) = api::names::split_api_version(text(reference, "/apiVersion"));
    group == INFRASTRUCTURE_GROUP && ["v1alpha1", "v1beta1"].contains(&version) && text(reference, "/kind") == kind
}

/// The end of a pass that is not ready, after `actions`.
fn not_ready(
    pass: &Pass<'_>,
    mut draft: Draft<'_>,
    mut actions: Vec<Action>,
    problem: NotReady,
    requeue: Requeue,
) -> Outcome {
    let why = format!("not ready: {}", problem.reason);
    draft.set("ready", json!(false));
    if pass.target.kind == crate::names::CONTROL_PLANE {
        draft.set("initialized", json!(false));
    }
    draft.condition(&problem.condition(READY));
    actions.extend(draft.patch(why));
    Outcome::done(actions, requeue)
}

/// The end of a pass that is ready, after `actions`.
fn ready(mut draft: Draft<'_>, mut actions: Vec<Action>) -> Outcome {
    draft.set("ready", json!(true));
    draft.condition(&is_true(READY));
    actions.extend(draft.patch("ready"));
    Outcome::done(actions, Requeue::OnChange)
}
