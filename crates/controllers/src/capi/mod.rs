//! The controllers of Cluster API's core and of its Azure provider: one queue for Clusters, ClusterClasses, MachinePools, KubeadmConfigs,
//! AzureASOManaged* objects and ASO objects that ask to be adopted.
//!
//! Flow: a change of an object, or of anything that its last pass looked at (references, ASO objects, Secrets, nodes of the
//! workload cluster), adds its key; a pass lets [`capi::decide`] ask and decide, and executes. Guarantees: one object is never
//! worked on twice at the same time; what a pass reads is watched before it is read, so that no change is missed; after
//! convergence nothing is written. Only workload clusters that do not answer are asked again by time.

mod dependants;
mod execute;
mod nodes;
mod observe;
mod trigger;

use std::{collections::BTreeMap, sync::Arc};

use actions::Requeue;
use api::{
    env::SharedClock,
    names::{GroupVersionKind, ObjectRef},
};
use capi::{Contract, Decision, Env, Observed, names};
use parking_lot::Mutex;

use crate::{
    cluster::{Cluster, Kinds, Remotes},
    runtime::{self, Backoff, Failure, Pass, Queue},
};
use dependants::{Dependants, Used};
use nodes::Connections;

/// Rounds of asking and acting in one pass. The longest chain (finalizer, owner, references, pools, applies, Secrets, nodes,
/// status) needs about twenty.
const ROUNDS_MAX: usize = 60;
const PARALLELISM: usize = 16;

/// What the controllers work with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Context {
    core: Cluster,
    topology: Cluster,
    azure: Cluster,
    clock: SharedClock,
    queue: Arc<Queue<ObjectRef>>,
    dependants: Arc<Dependants>,
    definitions: Arc<Mutex<BTreeMap<String, Contract>>>,
    connections: Arc<Connections>,
}

impl Context {
    /// `core` acts as [`names::CORE_ACCOUNT`] and writes as [`names::CORE_MANAGER`], what topologies make as
    /// [`names::TOPOLOGY_MANAGER`]; `azure` as [`names::AZURE_ACCOUNT`] and [`names::AZURE_MANAGER`]. `remotes` opens workload
    /// clusters.
    pub fn new(core: Cluster, azure: Cluster, remotes: Arc<dyn Remotes>, clock: SharedClock) -> Self {
        let topology = core.writing_as(names::TOPOLOGY_MANAGER);
        Self {
            core,
            topology,
            azure,
            clock,
            queue: Arc::default(),
            dependants: Arc::default(),
            definitions: Arc::default(),
            connections: Arc::new(Connections::new(remotes)),
        }
    }

    /// As whom an object of that group is read and written.
    fn of(&self, group: &str) -> &Cluster {
        if group.ends_with(".azure.com") || group == names::INFRASTRUCTURE_GROUP { &self.azure } else { &self.core }
    }
}

/// The kinds that are keys of the queue, at the version in which they are read.
fn own_kinds() -> Vec<GroupVersionKind> {
    let kind = |api_version: &str, kind: &str| {
        let (group, version) = api::names::split_api_version(api_version);
        GroupVersionKind::new(group, version, kind)
    };
    vec![
        kind(names::CORE_API_VERSION, "Cluster"),
        kind(names::CORE_API_VERSION, "ClusterClass"),
        kind(names::BOOTSTRAP_API_VERSION, "KubeadmConfig"),
        kind(names::CORE_API_VERSION, "MachinePool"),
        kind(names::INFRASTRUCTURE_API_VERSION, names::MANAGED_CLUSTER),
        kind(names::INFRASTRUCTURE_API_VERSION, names::CONTROL_PLANE),
        kind(names::INFRASTRUCTURE_API_VERSION, names::MACHINE_POOL),
    ]
}

/// The ASO kinds that can ask to be adopted, at the version that holds everything.
fn adoptable_kinds() -> Vec<GroupVersionKind> {
    let kinds = catalogue::builtin().kinds();
    let ours = kinds.filter(|(group, facts)| {
        *group == names::CONTAINERSERVICE_GROUP
            && ["ManagedCluster", "ManagedClustersAgentPool"].contains(&facts.kind.as_str())
    });
    ours.map(|(group, facts)| GroupVersionKind::new(group, catalogue::crd::storage_version(facts), &facts.kind))
        .collect()
}

/// Works on everything until dropped.
pub async fn run(context: Context) {
    let queue = context.queue.clone();
    let kinds = Kinds::any_version();
    let triggers = trigger::watch(&context, &kinds);
    let work = runtime::run(queue, PARALLELISM, Backoff::default(), |key| reconcile(&context, &kinds, key));
    tokio::select! {
        biased;
        () = triggers => {}
        () = work => {}
    }
}

#[tracing::instrument(name = "reconcile", skip_all, fields(controller = "capi", object = %key))]
async fn reconcile(context: &Context, kinds: &Kinds, key: ObjectRef) -> Pass {
    let cluster = context.of(&key.group);
    let Some(object) = cluster.get(&key).await? else {
        context.dependants.forget(&key);
        if key.kind == "Cluster" {
            context.connections.close(&key.namespace, &key.name);
        }
        return Ok(Requeue::OnChange);
    };
    let env = Env { now: context.clock.now() };
    let mut observed = Observed::new(object);
    let mut used = Used::new(&context.dependants, kinds, &key);
    for _ in 0..ROUNDS_MAX {
        match capi::decide(&observed, &env) {
            Decision::Need(queries) => {
                for query in queries {
                    observe::answer(context, &mut observed, &mut used, query).await?;
                }
            }
            Decision::Do(outcome) => {
                let writer = if outcome.topology { &context.topology } else { cluster };
                execute::execute(context, writer, &mut observed, &mut used, &outcome).await?;
                if !outcome.again {
                    used.settle();
                    return Ok(outcome.requeue);
                }
            }
        }
    }
    let message = format!("{key}: no decision within {ROUNDS_MAX} rounds; this is a bug of Windlass");
    Err(Failure { class: api::Class::Bug, message })
}
