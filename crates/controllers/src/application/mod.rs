//! The controller of Applications: Git on one side, the Kubernetes API on the other, [`gitops::decide`] in between.
//!
//! Flow: a change of an Application or of an object it deployed, the poll interval, a push, or a webhook adds its key; a pass
//! reads the Application, answers what decide asks, and executes what it says. Guarantees: one Application is never worked on
//! twice at the same time; nothing is written when nothing changed; a transient failure of the Kubernetes API ends the pass and
//! is never recorded as a failed sync. Caveat: every watch of a deployed kind lives until the controller stops.

mod charts;
mod execute;
mod memory;
mod observe;
mod request;
mod trigger;
mod undeclared;
pub mod webhook;

use std::{sync::Arc, time::Duration};

use actions::{Decision, Requeue};
use api::{
    argoproj,
    env::{SharedClock, SharedEntropy},
    names::{GroupVersionKind, ObjectRef},
};
use gitops::{
    Env, Observed, Polling,
    helm::{Rendered, Renderer},
};
use source::{Repository, chart::Charts};

use crate::{
    cluster::{Cluster, Kinds},
    runtime::{self, Backoff, Failure, Pass, Queue},
};
use memory::Memory;

/// Field manager of every write, as Argo CD's server-side apply has it.
pub const FIELD_MANAGER: &str = "argocd-controller";

/// Rounds of asking and acting in one pass: five look-ups, and two rounds for each wave of a sync.
const ROUNDS_MAX: usize = 120;
const PARALLELISM: usize = 10;

/// How often Git is asked, and where the control plane runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `None` switches polling off; pushes, webhooks and refresh requests still count.
    pub poll_interval: Option<Duration>,
    /// Applications are spread over this much on top of the interval.
    pub poll_jitter: Duration,
    pub control_namespace: String,
    /// Objects of kinds that are not served are left out with a warning instead of failing the sync: for plans only.
    pub skip_unserved_kinds: bool,
    /// Values of charts that nobody reads are conditions: for plans only.
    pub track_values: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            poll_interval: Some(Duration::from_secs(120)),
            poll_jitter: Duration::from_secs(60),
            control_namespace: "argocd".into(),
            skip_unserved_kinds: false,
            track_values: false,
        }
    }
}

/// Where desired state comes from.
#[derive(Clone, Debug)]
pub struct Sources {
    pub repository: Arc<dyn Repository>,
    pub charts: Arc<dyn Charts>,
}

/// What the controller works with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Context {
    cluster: Cluster,
    repository: Arc<dyn Repository>,
    charts: Arc<dyn Charts>,
    renderer: Arc<Renderer>,
    clock: SharedClock,
    entropy: SharedEntropy,
    settings: Arc<Settings>,
    queue: Arc<Queue<ObjectRef>>,
    memory: Arc<Memory>,
}

impl Context {
    /// `cluster` is made with [`FIELD_MANAGER`].
    pub fn new(
        cluster: Cluster,
        sources: Sources,
        surroundings: (SharedClock, SharedEntropy),
        settings: Settings,
    ) -> Self {
        let Sources { repository, charts } = sources;
        let (clock, entropy) = surroundings;
        Self {
            cluster,
            repository,
            charts,
            renderer: Arc::default(),
            clock,
            entropy,
            settings: Arc::new(settings),
            queue: Arc::default(),
            memory: Arc::default(),
        }
    }

    /// Something was pushed to that repository: every Application that follows it asks Git now. `None` means any repository.
    pub fn pushed(&self, url: Option<&str>) {
        for key in self.memory.wake(url) {
            self.queue.add(key);
        }
    }

    /// What the charts of Applications made when they were looked at last.
    pub fn rendered(&self) -> Vec<(ObjectRef, Arc<Rendered>)> {
        self.memory.rendered()
    }

    fn env(&self, key: &ObjectRef) -> Env {
        let (last, woken) = self.memory.polled(key);
        Env {
            now: self.clock.now(),
            control_namespace: self.settings.control_namespace.clone(),
            skip_unserved_kinds: self.settings.skip_unserved_kinds,
            track_values: self.settings.track_values,
            polling: Polling {
                interval: self.settings.poll_interval,
                jitter: memory::spread(key, self.settings.poll_jitter),
                last,
                woken,
            },
        }
    }
}

pub(crate) fn application_kind() -> GroupVersionKind {
    GroupVersionKind::new(argoproj::GROUP, argoproj::VERSION, "Application")
}

/// Works on every Application until dropped.
pub async fn run(context: Context) {
    let (queue, kinds) = (context.queue.clone(), Kinds::each_version());
    let triggers = trigger::watch(&context, &kinds);
    let work = runtime::run(queue, PARALLELISM, Backoff::default(), |key| {
        let (context, kinds) = (&context, &kinds);
        async move {
            let pass = reconcile(&key, context).await;
            context.memory.kinds(&key).iter().for_each(|gvk| kinds.want(gvk));
            pass
        }
    });
    tokio::select! {
        biased;
        () = triggers => {}
        () = work => {}
    }
}

/// One pass over one Application.
#[tracing::instrument(name = "reconcile", skip_all, fields(controller = "application", object = %key))]
pub async fn reconcile(key: &ObjectRef, context: &Context) -> Pass {
    let Some(application) = context.cluster.get(key).await? else {
        context.memory.forget(key);
        return Ok(Requeue::OnChange);
    };
    let env = context.env(key);
    let mut observed = Observed { application, ..Observed::default() };
    context.memory.learn(key, &observed.application);
    for _ in 0..ROUNDS_MAX {
        match gitops::decide(&observed, &env) {
            Decision::Need(queries) => {
                for query in queries {
                    observe::answer(context, key, &env, &mut observed, query).await?;
                }
            }
            Decision::Do(outcome) => {
                execute::execute(context, &mut observed, &outcome.actions).await?;
                context.memory.learn(key, &observed.application);
                if !outcome.again {
                    return Ok(outcome.requeue);
                }
            }
        }
    }
    let message = format!("{key}: no decision within {ROUNDS_MAX} rounds; this is a bug of Windlass");
    Err(Failure { class: api::Class::Bug, message })
}

#[cfg(test)]
mod tests;
