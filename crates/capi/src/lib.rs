//! What Cluster API's core and its Azure provider (CAPZ, the ASO API) do, as pure functions: from a Cluster, a ClusterClass, a
//! MachinePool or an AzureASOManaged* object, and what was observed around it, to what is to be done next.
//!
//! Entry points: [`decide`] (one round of a pass), [`Observed`] and [`Query`] (its seam to the shell), [`crds`] and [`rules`]
//! (what a cluster needs before), [`names`] (labels, annotations, accounts).
//!
//! Must not depend on tokio, kube or `arm`, reads no clock, and knows no Azure: ASO objects are written as any user would.
//! Contract v1beta1 only. Refused by name: Machines in topologies (`machineDeployments`, health checks), patches of runtime
//! extensions, kubeadm (a KubeadmConfig is what AKS's pools need of one), kubeconfigs of clusters without local accounts.

mod azure;
mod bootstrap;
mod class;
mod cluster;
mod conditions;
mod contract;
mod crds;
mod defaults;
pub mod names;
mod observed;
mod pass;
mod pool;
mod reference;
mod rules;
#[cfg(test)]
mod tests;
mod topology;

pub use crds::crds;
pub use defaults::default;
pub use observed::{Contract, Decision, Env, Node, Observed, Outcome, Query, Unreachable};
pub use rules::{Account, rules};

use api::ObjectExt;
use pass::{Pass, Stop};

/// What to ask or to do next for the object: a Cluster, a ClusterClass, a MachinePool, a KubeadmConfig, an AzureASOManaged*
/// object, or an ASO object that asks to be adopted. Anything else is left alone.
pub fn decide(observed: &Observed, env: &Env) -> Decision {
    let pass = Pass::new(observed, env);
    let object = &observed.object;
    let (group, _) = api::names::split_api_version(object.api_version().unwrap_or_default());
    let outcome = match (group, object.kind().unwrap_or_default()) {
        (names::CORE_GROUP, "Cluster") => cluster::decide(&pass),
        (names::CORE_GROUP, "ClusterClass") => class::decide(&pass),
        (names::BOOTSTRAP_GROUP, "KubeadmConfig") => bootstrap::decide(&pass),
        (names::CORE_GROUP, "MachinePool") => pool::decide(&pass),
        (names::INFRASTRUCTURE_GROUP, names::MANAGED_CLUSTER) => azure::managed_cluster(&pass),
        (names::INFRASTRUCTURE_GROUP, names::CONTROL_PLANE) => azure::control_plane(&pass),
        (names::INFRASTRUCTURE_GROUP, names::MACHINE_POOL) => azure::machine_pool(&pass),
        (names::CONTAINERSERVICE_GROUP, _) => azure::adopt(&pass),
        _ => Ok(Outcome::settled()),
    };
    match outcome {
        Ok(outcome) => Decision::Do(outcome),
        Err(Stop::Need(queries)) => Decision::Need(queries),
        Err(Stop::Done(outcome)) => Decision::Do(outcome),
    }
}
