//! What people do during a run: commits to Git, edits of live objects, deletion of the Application.

mod sample_1;

use std::{future::Future, sync::Arc, sync::atomic::Ordering, time::Duration};

use actions::{Propagation, Verb, Write};
use api::{
    ObjectExt,
    names::{GroupVersionKind, ObjectRef},
};
use controllers::cluster::{Cluster, Error};
use sandbox::{Platform, install, settle::settle, workshop};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::{
    base::REPOSITORY,
    check::{application_ref, converges},
    git::{Aks, State},
    world::{Story, World},
};

/// How long a person waits for an answer before trying again, and how often.
const PATIENCE: Duration = Duration::from_secs(10);
const TRIES: usize = 200;
/// How long the deletion of an Application with all its resources may take while everything fails.
const DELETION: Duration = Duration::from_secs(4 * 3600);
const TRACKING: &str = "argocd.argoproj.io/tracking-id";
const REST: Duration = Duration::from_secs(3600);
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Plays the whole run and checks its end.
pub(crate) async fn play(world: &World) -> Result<(), String> {
    world.follow().await?;
    match (world.plan.story, world.is_fixed()) {
        (Story::Sample1, true) => sample_1::fixed(world).await?,
        (Story::Sample1, false) => sample_1::drawn(world).await?,
        (Story::Vault, true) => fixed(world).await?,
        (Story::Aks, true) => fixed_clusters(world).await?,
        (Story::Vault, false) => drawn(world).await?,
        (Story::Aks, false) => clusters(world).await?,
    }
    world.weather.heal();
    world.ledger.mortal.store(false, Ordering::SeqCst);
    let platform = world.platform().await;
    converges(world, &platform).await
}

/// Everything once, each from rest: what dies at every commit.
async fn fixed(world: &World) -> Result<(), String> {
    for state in [
        State::SAMPLE_2,
        State { tag: 1, permissions: 1, ..State::SAMPLE_2 },
        State { secret: false, ..State::SAMPLE_2 },
        State::NOTHING,
        State::SAMPLE_2,
    ] {
        world.commit(state, true).await;
        world.rest().await?;
    }
    drift(world, 0).await;
    world.rest().await?;
    world.recreate_application().await?;
    world.rest().await
}

/// The same with an AKS cluster.
async fn fixed_clusters(world: &World) -> Result<(), String> {
    let with = |cluster: Aks| State { cluster: Some(cluster), ..State::CLUSTERS };
    let newest = Aks { version: 2, ..Aks::WHOLE };
    for state in [
        State::CLUSTERS,
        with(Aks { count: 3, ..Aks::WHOLE }),
        with(Aks { count: 3, version: 1, ..Aks::WHOLE }),
        with(Aks { pool: false, ..newest }),
        with(newest),
        State::NOTHING,
        with(newest),
    ] {
        world.commit(state, true).await;
        world.rest().await?;
    }
    world.recreate_application().await?;
    world.rest().await
}

async fn drawn(world: &World) -> Result<(), String> {
    let dice = world.dice.clone();
    world.commit(State::SAMPLE_2, dice.permille(500)).await;
    pause(world).await;
    let mut untracked = false;
    for round in 1..=(2 + dice.below(5)) {
        // What nobody tracks stays when Git or the Application lets it go, upstream too: first it has to be healed.
        if std::mem::take(&mut untracked) {
            world.tracked_again().await?;
        }
        let now = *world.git.lock();
        let whole = State { group: true, vault: true, secret: true, ..now };
        world.pledge(round).await;
        let next = match dice.below(10) {
            0 => State { tag: round, ..now },
            1 => State { permissions: now.permissions + 1, ..now },
            2 => State { value: round, ..now },
            3 => State { secret: false, ..now },
            4 => State { vault: false, secret: false, ..now },
            5 => State { ..State::NOTHING },
            // A vault that comes back brings its secrets: it never comes back without them.
            6 | 7 => whole,
            8 => {
                untracked = drift(world, dice.below(if now.group { 4 } else { 3 })).await;
                now
            }
            _ => {
                world.recreate_application().await?;
                now
            }
        };
        if next != now {
            world.commit(next, dice.permille(500)).await;
        }
        pause(world).await;
    }
    Ok(())
}

/// The same with an AKS cluster instead of a vault.
async fn clusters(world: &World) -> Result<(), String> {
    let dice = world.dice.clone();
    world.commit(State::CLUSTERS, dice.permille(500)).await;
    pause(world).await;
    // A cluster that comes back may be the old one still, which Azure does not bring back to an older version.
    let mut newest = 0;
    for round in 1..=(2 + dice.below(4)) {
        world.pledge(round).await;
        let now = *world.git.lock();
        newest = now.cluster.map_or(newest, |cluster| cluster.version.max(newest));
        let cluster = now.cluster.unwrap_or(Aks { version: newest, ..Aks::WHOLE });
        let with = |cluster: Aks| State { group: true, cluster: Some(cluster), ..now };
        let next = match dice.below(9) {
            0 => with(Aks { count: 1 + dice.below(4), ..cluster }),
            1 => with(Aks { version: cluster.version + 1, ..cluster }),
            2 => with(Aks { pool: false, ..cluster }),
            3 => State { cluster: None, ..now },
            4 => State::NOTHING,
            5 | 6 => with(Aks { pool: true, ..cluster }),
            7 => State { group: true, tag: round, ..now },
            _ => {
                world.recreate_application().await?;
                now
            }
        };
        if next != now {
            world.commit(next, dice.permille(500)).await;
        }
        pause(world).await;
    }
    Ok(())
}

/// Sometimes no time at all, sometimes long enough for every token to expire.
async fn pause(world: &World) {
    let longest = match world.dice.below(8) {
        0 | 1 => 200,
        2..=4 => 20_000,
        5 | 6 => 600_000,
        _ => 3 * 3_600_000,
    };
    sleep(Duration::from_millis(world.dice.below(longest))).await;
}

/// Somebody edits or deletes a live object behind Git's back. True when an object lost its tracking annotation.
async fn drift(world: &World, which: u64) -> bool {
    let keyvault = |kind| GroupVersionKind::new("keyvault.azure.com", "v1api20210401preview", kind);
    let group = resource_group();
    let merge = |patch| Verb::Merge { patch };
    let gone = || Verb::Delete { uid: String::new(), propagation: Propagation::Background };
    let (gvk, name, verb) = match which {
        0 => (
            keyvault("Vault"),
            "app-keyvault",
            merge(json!({"spec": {"properties": {"enabledForDeployment": true, "accessPolicies": []}}})),
        ),
        1 => (group, "rg-dev-app", merge(json!({"spec": {"tags": {"drift": "yes"}}}))),
        2 => (keyvault("Secret"), "app-secret", gone()),
        _ => (group, "rg-dev-app", merge(json!({"metadata": {"annotations": {TRACKING: null}}}))),
    };
    world.trace.line(&format!("drift of {name}"));
    if which == 2 {
        // Its resource goes with it, and comes back.
        world.watchman.dismisses();
    }
    let target = ObjectRef::new(&gvk, workshop::NAMESPACE, name);
    world.edits(target, verb).await;
    which > 2
}

fn resource_group() -> GroupVersionKind {
    GroupVersionKind::new("resources.azure.com", "v1api20200601", "ResourceGroup")
}

fn application() -> Value {
    let mut application = workshop::application(REPOSITORY);
    application["metadata"]["finalizers"] = json!(["resources-finalizer.argocd.argoproj.io"]);
    application["spec"]["syncPolicy"]["automated"]["allowEmpty"] = json!(true);
    application
}

impl World {
    fn is_fixed(&self) -> bool {
        self.plan.calm || self.plan.death.is_some()
    }

    /// The platform that lives now, as soon as one does.
    pub(crate) async fn platform(&self) -> Arc<Platform> {
        let mut platform = self.platform.subscribe();
        loop {
            if let Some(platform) = platform.borrow_and_update().clone() {
                return platform;
            }
            if platform.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Something that a person does until it works: the platform may die meanwhile.
    async fn admin<T>(&self, act: impl AsyncFn(Cluster) -> Result<T, Error>) -> Option<T> {
        for _ in 0..TRIES {
            let platform = self.platform().await;
            match timeout(PATIENCE, act(platform.admin())).await {
                Ok(Ok(done)) => return Some(done),
                Ok(Err(error)) => self.trace.line(&format!("a person was refused: {}", error.message())),
                Err(_) => self.trace.line("a person got no answer"),
            }
            sleep(Duration::from_secs(1)).await;
        }
        None
    }

    /// Pushes a commit; the platform hears of it, or finds out.
    async fn commit(&self, state: State, tells: bool) {
        self.trace.line(&format!("git: {state:?}"));
        *self.git.lock() = state;
        self.watchman.wants(state.resources());
        let files = state.files(self.base);
        let number = self.trace.count();
        self.repository.set_head(REPOSITORY, workshop::BRANCH, &format!("{number:040x}"), files);
        if tells {
            self.platform().await.applications().pushed(None);
        }
    }

    async fn follow(&self) -> Result<(), String> {
        self.repository.add(REPOSITORY);
        let made = self.admin(async |cluster| install::apply(&cluster, application()).await).await;
        made.ok_or_else(|| "the Application cannot be applied".to_string())
    }

    /// Waits until the group is tracked again, or gone.
    async fn tracked_again(&self) -> Result<(), String> {
        let group = ObjectRef::new(&resource_group(), workshop::NAMESPACE, "rg-dev-app");
        let group = &group;
        self.until("the group is not tracked again", async || {
            self.object(group).await.is_none_or(|live| live.annotation(TRACKING).is_some())
        })
        .await
    }

    /// Deletes the Application, waits until it and all of its resources are gone, and applies it again.
    async fn recreate_application(&self) -> Result<(), String> {
        self.trace.line("deletes the Application");
        self.watchman.dismisses();
        self.deletes(application_ref()).await;
        self.gone(&application_ref()).await?;
        let left: Vec<String> =
            self.platform().await.twin().resources().into_iter().map(|view| view.id.to_lowercase()).collect();
        if let Some(orphan) = left.iter().find(|id| !self.base.resources.contains(id)) {
            return Err(format!("the Application is gone, {orphan} is not"));
        }
        self.follow().await
    }

    /// Somebody writes to a live object, which need not be there.
    async fn edits(&self, target: ObjectRef, verb: Verb) {
        let write = &Write { target, verb, reason: "the simulation edits".into() };
        self.admin(async |cluster| match cluster.write(write).await {
            Err(error) if error.is_not_found() => Ok(Value::Null),
            other => other,
        })
        .await;
    }

    async fn deletes(&self, target: ObjectRef) {
        self.edits(target, Verb::Delete { uid: String::new(), propagation: Propagation::Background }).await;
    }

    async fn object(&self, target: &ObjectRef) -> Option<Value> {
        self.admin(async |cluster| cluster.get(target).await).await.flatten()
    }

    /// Waits until an object is gone.
    async fn gone(&self, target: &ObjectRef) -> Result<(), String> {
        self.until(&format!("{target} is still there"), async || self.object(target).await.is_none()).await
    }

    /// Looks every few seconds, until it is so.
    async fn until(&self, failure: &str, holds: impl AsyncFn() -> bool) -> Result<(), String> {
        let waits = async {
            while !holds().await {
                sleep(LOOK_EVERY).await;
            }
        };
        within(DELETION, waits, failure).await
    }

    /// A person writes something down that nobody else touches.
    async fn pledge(&self, round: u64) {
        let (key, value) = (format!("round-{round}"), format!("{}", self.trace.count()));
        let data = json!({key.as_str(): value});
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": key, "namespace": "argocd"}, "data": data});
        if self.admin(async |cluster| install::apply(&cluster, object.clone()).await).await.is_some() {
            self.pledges.lock().insert(key, value);
        }
    }

    /// Whatever was acknowledged has outlived every death.
    pub(crate) async fn pledges_are_kept(&self) -> Result<(), String> {
        let pledges = self.pledges.lock().clone();
        for (key, value) in pledges {
            let target = ObjectRef::new(&GroupVersionKind::new("", "v1", "ConfigMap"), install::ARGOCD_NAMESPACE, &key);
            let found = self.object(&target).await.unwrap_or_default();
            if found["data"][&key] != value.as_str() {
                return Err(format!("{key} was acknowledged as {value}, and is {found}"));
            }
        }
        Ok(())
    }

    /// Waits until whoever lives has come to rest.
    async fn rest(&self) -> Result<(), String> {
        let rests = async {
            loop {
                let platform = self.platform().await;
                let settled = settle(&platform, REST).await;
                let lives = self.platform.borrow().as_ref().is_some_and(|now| Arc::ptr_eq(now, &platform));
                if settled && lives {
                    return;
                }
            }
        };
        within(2 * REST, rests, "no rest").await
    }
}

async fn within(limit: Duration, what: impl Future<Output = ()>, failure: &str) -> Result<(), String> {
    timeout(limit, what).await.map_err(|_| format!("{failure} after {limit:?}"))
}
