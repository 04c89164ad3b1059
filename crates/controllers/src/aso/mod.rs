//! The controller of Azure objects: one for every kind of the catalogue.
//!
//! Flow: a change of an object, of its owner, or of its credential Secret adds its key; a pass reads the object, lets
//! [`aso::decide`] ask and decide, and executes. Guarantees: one object is never worked on twice at the same time; after
//! convergence nothing is written, and Azure is asked again only after the sync period.

mod execute;
mod identity;
mod observe;
mod trigger;

use std::sync::Arc;

use actions::{ArmRequest, Decision, Reason, Requeue};
use api::{
    Redacted,
    env::SharedClock,
    names::{GroupVersionKind, ObjectRef},
};
use aso::{Env, Observed};

use crate::{
    cluster::Cluster,
    runtime::{self, Backoff, Failure, Pass, Queue},
};
use identity::Identity;
use trigger::Dependants;

/// Rounds of asking and acting in one pass. The longest chain (owner, references, secrets, GET, PUT, status) needs ten.
const ROUNDS_MAX: usize = 40;
const PARALLELISM: usize = 16;

/// What the controller works with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Context {
    cluster: Cluster,
    arm: arm::Client,
    clock: SharedClock,
    identity: Arc<Identity>,
    hash_key: Redacted<[u8; 32]>,
    dependants: Arc<Dependants>,
    recorder: Option<Recorder>,
}

/// Told of every write to Azure before it is sent: how `plan` knows the reasons.
#[derive(Clone)]
pub struct Recorder(pub Arc<Record>);

type Record = dyn Fn(&ArmRequest, &Reason) + Send + Sync;

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}

impl Context {
    /// `account` is the service account whose projected token proves to Entra ID who this is; `hash_key` keys the hashes of
    /// values that Azure never returns.
    pub fn new(
        cluster: Cluster,
        arm: arm::Client,
        clock: SharedClock,
        account: (String, String),
        hash_key: Redacted<[u8; 32]>,
    ) -> Self {
        let identity = Arc::new(Identity::new(cluster.clone(), clock.clone(), account));
        Self { cluster, arm, clock, identity, hash_key, dependants: Arc::default(), recorder: None }
    }

    pub fn with_recorder(mut self, recorder: Recorder) -> Self {
        self.recorder = Some(recorder);
        self
    }

    fn env(&self) -> Env {
        Env::new(self.clock.now(), self.hash_key.clone())
    }
}

/// Works on every Azure kind that the cluster serves, until dropped.
pub async fn run(context: Context) {
    let queue = Arc::new(Queue::default());
    let kinds = kinds(&context.cluster).await;
    let triggers = trigger::watch(&context, &kinds, &queue);
    let work = runtime::run(queue.clone(), PARALLELISM, Backoff::default(), |key| reconcile(&context, key));
    tokio::select! {
        biased;
        () = triggers => {}
        () = work => {}
    }
}

/// The kinds that are both in the catalogue and served, at the version that holds everything.
async fn kinds(cluster: &Cluster) -> Vec<GroupVersionKind> {
    let mut found = Vec::new();
    for (group, facts) in catalogue::builtin().kinds() {
        let gvk = GroupVersionKind::new(group, catalogue::crd::storage_version(facts), &facts.kind);
        if cluster.served_at_last(&gvk).await.is_some() {
            found.push(gvk);
        }
    }
    found
}

#[tracing::instrument(name = "reconcile", skip_all, fields(controller = "aso", object = %key))]
async fn reconcile(context: &Context, key: ObjectRef) -> Pass {
    let Some(object) = context.cluster.get(&key).await? else {
        context.dependants.forget(&key);
        return Ok(Requeue::OnChange);
    };
    let env = context.env();
    context.dependants.learn(&key, &object, &env);
    let mut observed = Observed::new(object);
    for _ in 0..ROUNDS_MAX {
        match aso::decide(&observed, &env) {
            Decision::Need(queries) => {
                for query in queries {
                    observe::answer(context, &mut observed, &env, query).await?;
                }
            }
            Decision::Do(outcome) => {
                for action in &outcome.actions {
                    execute::execute(context, &mut observed, &env, action).await?;
                }
                if !outcome.again {
                    return Ok(outcome.requeue);
                }
            }
        }
    }
    let message = format!("{key}: no decision within {ROUNDS_MAX} rounds; this is a bug of Windlass");
    Err(Failure { class: api::Class::Bug, message })
}
