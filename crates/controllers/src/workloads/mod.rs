//! What runs in a hosted cluster: the shell of crate `workloads`. One queue for the scheduler, the kubelets and the workload
//! controllers.
//!
//! Flow: the host hands in one stream of everything that changes in the cluster ([`Batch`]), because a watch per kind and
//! idle cluster is what hosting many of them would cost; a change goes into the [`World`], which answers the keys that it concerns; a
//! pass decides on the world alone, and writes. The answers to writes go into the world, too, so that no pass acts twice.
//! Guarantees: after convergence nothing is written and no timer runs, but for schedules and deadlines.

mod execute;

use std::sync::Arc;

use actions::Requeue;
use api::env::SharedClock;
use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use parking_lot::Mutex;
use workloads::{At, Env, Key, Kind, World};

use crate::{
    cluster::Cluster,
    runtime::{self, Backoff, Pass, Queue},
};

const PARALLELISM: usize = 32;

/// What is observed at once.
#[derive(Debug)]
pub enum Batch {
    /// Everything that is there; whatever was known before is void.
    All(Vec<(Kind, Bytes)>),
    Changes(Vec<Change>),
}

#[derive(Debug)]
pub enum Change {
    Put(Kind, Bytes),
    Gone { kind: Kind, at: At, uid: String },
}

#[derive(Debug)]
struct Context {
    cluster: Cluster,
    clock: SharedClock,
    world: Mutex<World>,
    queue: Arc<Queue<Key>>,
}

impl Context {
    fn add(&self, keys: Vec<Key>) {
        keys.into_iter().for_each(|key| self.queue.add(key));
    }

    fn take_in(&self, batch: Batch) {
        let mut world = self.world.lock();
        match batch {
            Batch::All(objects) => {
                *world = World::default();
                for (kind, raw) in objects {
                    drop(world.put(kind, raw));
                }
                self.add(world.keys());
            }
            Batch::Changes(changes) => {
                for change in changes {
                    self.add(match change {
                        Change::Put(kind, raw) => world.put(kind, raw),
                        Change::Gone { kind, at, uid } => world.gone(kind, &at, &uid),
                    });
                }
            }
        }
    }
}

/// Works until dropped, or until the stream ends.
pub async fn run(cluster: Cluster, clock: SharedClock, mut observed: BoxStream<'static, Batch>) {
    let context = Context { cluster, clock, world: Mutex::default(), queue: Arc::default() };
    // Nothing is decided before everything is known.
    let Some(first) = observed.next().await else { return };
    context.take_in(first);
    let queue = context.queue.clone();
    let observe = async {
        while let Some(batch) = observed.next().await {
            context.take_in(batch);
        }
    };
    let work = runtime::run(queue, PARALLELISM, Backoff::default(), |key| reconcile(&context, key));
    tokio::select! {
        biased;
        () = observe => {}
        () = work => {}
    }
}

#[tracing::instrument(name = "reconcile", skip_all, fields(controller = "workloads", key = ?key))]
async fn reconcile(context: &Context, key: Key) -> Pass {
    let env = Env { now: context.clock.now() };
    let outcome = {
        let mut world = context.world.lock();
        let outcome = workloads::decide(&world, &key, &env);
        world.assume(&outcome.actions);
        outcome
    };
    let requeue: Requeue = outcome.requeue;
    execute::execute(context, outcome.actions).await?;
    Ok(requeue)
}
