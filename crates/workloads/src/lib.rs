//! What runs in a hosted cluster, as pure functions: the scheduler, the kubelets of simulated nodes and the workload controllers.
//!
//! Entry points: [`World`] (what is observed, kept from one stream of changes; every change answers the [`Key`]s that it
//! concerns) and [`decide`] (what is to be done about one key now).
//!
//! Guarantees: level-triggered; a pass reads the world only and writes nothing that changes nothing, so that after convergence
//! there is silence. Must not depend on tokio or kube, reads no clock. No container runs: pods say so in an annotation
//! ([`names::SIMULATED`]), and [`names`] has the annotations by which a pod's simulated life is chosen.

mod adopt;
mod budget;
mod claims;
mod cronjob;
mod daemonset;
mod deployment;
mod hash;
mod job;
mod kinds;
mod kubelet;
pub mod names;
mod pass;
mod read;
mod replicas;
mod revisions;
mod scheduler;
mod service;
mod statefulset;
#[cfg(test)]
mod tests;
mod world;

use actions::Outcome;
use jiff::Timestamp;

pub use kinds::{At, Kind};
pub use world::{Key, Task, World};

/// What a pass knows besides the world.
#[derive(Clone, Copy, Debug)]
pub struct Env {
    pub now: Timestamp,
}

/// What is to be done about the key.
pub fn decide(world: &World, key: &Key, env: &Env) -> Outcome {
    match key.task {
        Task::Schedule => scheduler::decide(world, &key.at, env),
        Task::Run => kubelet::decide(world, &key.at, env),
        Task::Deployment => deployment::decide(world, &key.at, env),
        Task::ReplicaSet => replicas::decide(world, Kind::ReplicaSet, &key.at, env),
        Task::ReplicationController => replicas::decide(world, Kind::ReplicationController, &key.at, env),
        Task::StatefulSet => statefulset::decide(world, &key.at, env),
        Task::DaemonSet => daemonset::decide(world, &key.at, env),
        Task::Job => job::decide(world, &key.at, env),
        Task::CronJob => cronjob::decide(world, &key.at, env),
        Task::Service => service::decide(world, &key.at, env),
        Task::Claim => claims::claim(world, &key.at, env),
        Task::Volume => claims::volume_life(world, &key.at, env),
        Task::Budget => budget::decide(world, &key.at, env),
    }
}
