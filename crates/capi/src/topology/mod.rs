//! Clusters by class: what a ClusterClass and `Cluster.spec.topology` make together, as Cluster API's topology controller does it.
//!
//! Flow: the class and its templates ([`blueprint`]), what there is ([`current`]), what there should be ([`desired`], with the
//! order of an upgrade in [`upgrade`]), the class's patches over it ([`patches`]), then the applies that change something
//! ([`apply`]). All of it is one part of a pass of the Cluster. Not here: hooks and patches of runtime extensions, Machines.

mod apply;
mod blueprint;
mod builtins;
mod condition;
mod current;
mod desired;
mod names;
mod patches;
mod pools;
mod template;
#[cfg(test)]
mod tests;
mod upgrade;
pub(crate) mod variables;

use actions::{Action, Requeue};
use api::ObjectExt;
use serde_json::Value;

use crate::{
    class::VARIABLES_RECONCILED,
    conditions::Draft,
    pass::{Pass, Stop, text},
};
use blueprint::Blueprint;
use upgrade::Tracker;

/// Why the work on a topology ends early.
#[derive(Debug)]
pub(super) enum Halt {
    /// The round ends: something is to be read or written first.
    Stop(Stop),
    /// What the condition TopologyReconciled says, until something changes.
    Failed(String),
    /// The same, to be tried again.
    Unreachable(String),
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl Halt {
    /// The same with words before the message.
    fn within(self, what: &str) -> Self {
        match self {
            Self::Failed(message) => Self::Failed(format!("{what}: {message}")),
            Self::Unreachable(message) => Self::Unreachable(format!("{what}: {message}")),
            stop @ Self::Stop(_) => stop,
        }
    }
}

fn failed<T>(message: impl Into<String>) -> Result<T, Halt> {
    Err(Halt::Failed(message.into()))
}

/// What the topology asks of the end of the pass.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) actions: Vec<Action>,
    /// When to come back, where nothing would be an event.
    pub(crate) requeue: Option<Requeue>,
}

/// The topology of a Cluster that has one, is not paused and is not deleted. Writes end the round; at the end, the draft says
/// how far it came.
pub(crate) fn reconcile(pass: &Pass<'_>, topology: &Value, draft: &mut Draft<'_>) -> Result<Ended, Stop> {
    match run(pass, topology) {
        Ok((tracker, actions)) => {
            condition::reached(draft, topology, &tracker);
            Ok(Ended { actions, requeue: None })
        }
        Err(Halt::Stop(stop)) => Err(stop),
        Err(Halt::Failed(message)) => {
            condition::failed(draft, &message);
            Ok(Ended::default())
        }
        Err(Halt::Unreachable(message)) => {
            condition::failed(draft, &message);
            Ok(Ended { actions: Vec::new(), requeue: Some(Requeue::Backoff) })
        }
    }
}

pub(crate) use condition::{deleting, paused};

fn run(pass: &Pass<'_>, topology: &Value) -> Result<(Tracker, Vec<Action>), Halt> {
    let class = class(pass, topology)?;
    let topology = variables::prepared(pass, topology, class)?;
    pools::check(pass, &topology, class)?;
    let blueprint =
        Blueprint::read(pass, &topology, class).map_err(|halt| halt.within("error reading the ClusterClass"))?;
    let current = current::read(pass, &blueprint)
        .map_err(|halt| halt.within("error reading current state of the Cluster topology"))?;
    let mut tracker = Tracker::new(pass.object);
    let desired = desired::compute(pass, &blueprint, &current, &mut tracker)
        .map_err(|halt| halt.within("error computing the desired state of the Cluster topology"))?;
    let actions = apply::all(pass, &current, &desired, &tracker)
        .map_err(|halt| halt.within("error reconciling the Cluster topology"))?;
    Ok((tracker, actions))
}

/// The class, once its own controller is done with it.
fn class<'a>(pass: &Pass<'a>, topology: &Value) -> Result<&'a Value, Halt> {
    let name = text(topology, "/class");
    let namespace = Some(text(topology, "/classNamespace")).filter(|namespace| !namespace.is_empty());
    let mut target = pass.beside(crate::names::CORE_API_VERSION, "ClusterClass", name);
    target.namespace = namespace.unwrap_or(pass.namespace()).to_string();
    let Some(class) = pass.get(&target)? else {
        return failed(format!(
            "failed to retrieve ClusterClass {}/{name}: clusterclasses.cluster.x-k8s.io \"{name}\" not found",
            target.namespace
        ));
    };
    let reconciled = api::condition::find(class, VARIABLES_RECONCILED);
    if reconciled.is_none_or(|condition| condition["status"] == "False") {
        return failed(format!(
            "ClusterClass is not successfully reconciled: status of {VARIABLES_RECONCILED} condition on ClusterClass must be \"True\""
        ));
    }
    let observed = class.pointer("/status/observedGeneration").and_then(Value::as_i64).unwrap_or(0);
    if class.generation() != observed {
        return failed(format!(
            "ClusterClass is not successfully reconciled: ClusterClass.status.observedGeneration must be {}, but is {observed}",
            class.generation()
        ));
    }
    Ok(class)
}

/// The pools of a topology or of a class, as they are written.
fn pools_of<'v>(holder: &'v Value, at: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    holder.pointer(at).and_then(Value::as_array).into_iter().flatten()
}
