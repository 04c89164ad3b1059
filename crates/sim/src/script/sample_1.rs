//! What people do with Sample 1: other versions, pools and bounds by commits; edits of live objects; stops in Azure; deletion
//! with Argo CD's finalizer and without, where the credential or the namespace may go first.

use std::time::Duration;

use actions::{ArmMethod, ArmRequest, Verb};
use api::names::{GroupVersionKind, ObjectRef};
use sandbox::{install, workshop::sample_1::CLUSTER};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{PATIENCE, TRIES, pause};
use crate::{
    base::SUBSCRIPTION,
    check::sample_1::{KINDS, application, secret},
    dice::Dice,
    git::{Pool, Sample, State},
    world::World,
};

/// The Secret of the chart that Azure Service Operator signs in with.
const CREDENTIAL: &str = "aso-credentials";

fn saying(sample: Sample) -> State {
    State { sample: Some(sample), ..State::NOTHING }
}

/// Everything once, each from rest: what dies at every commit.
pub(super) async fn fixed(world: &World) -> Result<(), String> {
    let pool = |count, scaled| Some(Pool { count, scaled });
    let text = Sample { finalizer: true, ..Sample::TEXT };
    for state in [
        saying(text),
        saying(Sample { least: 2, third: pool(2, false), ..text }),
        saying(Sample { version: 1, third: pool(4, false), ..text }),
        saying(Sample { version: 2, second: false, third: pool(1, true), ..text }),
        State::NOTHING,
        saying(Sample { finalizer: false, version: 2, ..text }),
    ] {
        world.commit(state, true).await;
        world.rest().await?;
    }
    let_go(world, Removal::Cluster).await?;
    world.rest().await
}

pub(super) async fn drawn(world: &World) -> Result<(), String> {
    let dice = world.dice.clone();
    let first = Sample { team: dice.permille(400), finalizer: dice.permille(500), ..Sample::TEXT };
    world.commit(saying(first), dice.permille(500)).await;
    pause(world).await;
    let mut last = first;
    let mut taken = None;
    for round in 1..=(2 + dice.below(5)) {
        world.pledge(round).await;
        let now = *world.git.lock();
        match now.sample.filter(|sample| !sample.left) {
            Some(sample) => {
                last = sample;
                another(world, sample, &mut taken).await?;
            }
            // A cluster that comes back may be the old one still, which Azure does not bring back to an older version.
            None => world.commit(saying(Sample { left: false, ..last }), dice.permille(500)).await,
        }
        pause(world).await;
    }
    Ok(())
}

/// One step from a state in which Git has Sample 1. `taken` is a credential that somebody deleted.
async fn another(world: &World, sample: Sample, taken: &mut Option<Value>) -> Result<(), String> {
    let dice = world.dice.clone();
    let tells = dice.permille(500);
    match dice.below(10) {
        0..=4 => world.commit(saying(changed(&dice, sample)), tells).await,
        5 => edited(world, &sample, taken).await,
        6 => stopped(world).await,
        7 => {
            world.deletable(&sample, taken.take()).await?;
            world.watchman.dismisses();
            world.commit(State::NOTHING, tells).await;
            if dice.permille(500) {
                world.gone(&application()).await?;
            }
        }
        8 => {
            world.deletable(&sample, taken.take()).await?;
            world.recreate_application().await?;
        }
        _ => {
            world.finalizer(&sample, false).await?;
            let removal = Removal::drawn(&dice, &sample);
            let_go(world, removal).await?;
        }
    }
    Ok(())
}

fn changed(dice: &Dice, sample: Sample) -> Sample {
    let pool = sample.third.unwrap_or(Pool { count: 1, scaled: false });
    match dice.below(8) {
        0 | 1 => Sample { version: sample.version + 1, ..sample },
        2 => Sample { least: 1 + dice.below(3), ..sample },
        3 => Sample { second: !sample.second, ..sample },
        4 => Sample { third: Some(Pool { count: 1 + dice.below(4), ..pool }), ..sample },
        5 => Sample { third: sample.third.is_none().then_some(pool), ..sample },
        6 => Sample { third: Some(Pool { scaled: !pool.scaled, ..pool }), ..sample },
        // Several at once.
        _ => Sample { version: sample.version + 1, second: true, third: Some(Pool { count: 3, ..pool }), ..sample },
    }
}

/// Somebody edits or deletes a live object behind Git's back.
async fn edited(world: &World, sample: &Sample, taken: &mut Option<Value>) {
    let (core, capz) = (KINDS[0].0, KINDS[2].0);
    let of = |group, version, kind, name: &str| {
        ObjectRef::new(&GroupVersionKind::new(group, version, kind), sample.namespace(), name)
    };
    let which = world.dice.below(6);
    world.trace.line(&format!("edit {which}"));
    match which {
        0 => {
            let credential = secret(sample.namespace(), CREDENTIAL);
            *taken = world.object(&credential).await.or(taken.take());
            world.deletes(credential).await;
        }
        1 => {
            // With its resource, and both come back.
            world.watchman.dismisses();
            world.deletes(of(core, "v1beta1", "MachinePool", &format!("{CLUSTER}-pool1"))).await;
        }
        2 => {
            let patch = json!({"spec": {"replicas": 5}});
            world.edits(of(core, "v1beta1", "MachinePool", &format!("{CLUSTER}-pool2")), Verb::Merge { patch }).await;
        }
        3 => {
            let patch = json!({"metadata": {"labels": null}});
            world.edits(of(capz, "v1beta1", "AzureASOManagedCluster", CLUSTER), Verb::Merge { patch }).await;
        }
        4 => world.deletes(secret(sample.namespace(), &format!("{CLUSTER}-kubeconfig"))).await,
        _ => {
            world.watchman.dismisses();
            world.deletes(application()).await;
        }
    }
}

/// As `az aks stop`, and later `az aks start`.
async fn stopped(world: &World) {
    for what in ["stop", "start"] {
        let id = format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/{CLUSTER}/providers/Microsoft.ContainerService/managedClusters/{CLUSTER}/{what}"
        );
        let request = ArmRequest { method: ArmMethod::Post, id, api_version: "2023-10-01".into(), body: None };
        for _ in 0..TRIES {
            let platform = world.platform().await;
            let sent = tokio::time::timeout(PATIENCE, platform.arm().send(platform.owner(), &request)).await;
            match sent {
                Ok(Ok(_)) => break,
                // There is none.
                Ok(Err(error)) if error.status == 404 => return,
                Ok(Err(error)) => world.trace.line(&format!("{what}: {} {}", error.status, error.code)),
                Err(_) => world.trace.line(&format!("{what}: no answer")),
            }
            sleep(Duration::from_secs(20)).await;
        }
        pause(world).await;
    }
}

/// What people do with what an Application without its finalizer left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Removal {
    Nothing,
    Cluster,
    /// And what the Cluster would take along, by hand.
    Everything,
    CredentialFirst,
    Namespace,
}

impl Removal {
    fn drawn(dice: &Dice, sample: &Sample) -> Self {
        match dice.below(5) {
            0 => Self::Nothing,
            1 => Self::Everything,
            2 => Self::CredentialFirst,
            3 if sample.team => Self::Namespace,
            _ => Self::Cluster,
        }
    }
}

/// Git lets the Application go, which has no finalizer, and somebody removes what it leaves.
async fn let_go(world: &World, removal: Removal) -> Result<(), String> {
    let Some(sample) = world.git.lock().sample else { return Ok(()) };
    world.trace.line(&format!("lets go: {removal:?}"));
    // What is not made yet will never be: only a whole cluster can be left, and only a whole one goes with its Cluster.
    let rested = world.rest().await.is_ok();
    let removal = match removal {
        Removal::Nothing | Removal::Cluster if !rested => Removal::Everything,
        other => other,
    };
    world.commit(saying(Sample { left: true, ..sample }), world.dice.permille(500)).await;
    world.gone(&application()).await?;
    // Whoever still worked on it has seen that it is gone.
    sleep(super::REST).await;
    if removal == Removal::Nothing {
        return Ok(());
    }
    world.watchman.dismisses();
    *world.git.lock() = State::NOTHING;
    world.watchman.wants(State::NOTHING.resources());
    let namespace = sample.namespace();
    let credential = secret(namespace, CREDENTIAL);
    let stored = world.object(&credential).await;
    match removal {
        Removal::Namespace => {
            let kind = GroupVersionKind::new("", "v1", "Namespace");
            let namespace = ObjectRef::new(&kind, "", namespace);
            world.deletes(namespace.clone()).await;
            world.gone(&namespace).await?;
        }
        Removal::CredentialFirst => {
            world.deletes(credential).await;
            world.delete_all(namespace).await;
            pause(world).await;
            world.give_back(stored).await;
            world.none_left(namespace).await?;
        }
        Removal::Everything => {
            world.delete_all(namespace).await;
            world.none_left(namespace).await?;
        }
        _ => {
            let (group, version, kind) = KINDS[0];
            let cluster = ObjectRef::new(&GroupVersionKind::new(group, version, kind), namespace, CLUSTER);
            world.deletes(cluster).await;
            world.none_left(namespace).await?;
        }
    }
    Ok(())
}

impl World {
    /// Git and the live Application agree about the finalizer.
    async fn finalizer(&self, sample: &Sample, wanted: bool) -> Result<(), String> {
        if sample.finalizer != wanted {
            self.commit(saying(Sample { finalizer: wanted, ..*sample }), true).await;
        }
        let agrees = async || {
            self.object(&application()).await.is_some_and(|live| {
                live.pointer("/metadata/deletionTimestamp").is_none()
                    && live.pointer("/metadata/finalizers").is_some_and(|found| *found != json!([])) == wanted
            })
        };
        self.until("the Application's finalizer is not as Git says", agrees).await
    }

    /// The Application takes everything along. A credential that somebody deleted, and that is not healed yet, is given back: without
    /// it a deletion waits for a person, as it should.
    async fn deletable(&self, sample: &Sample, taken: Option<Value>) -> Result<(), String> {
        self.finalizer(sample, true).await?;
        let credential = secret(sample.namespace(), CREDENTIAL);
        if taken.is_some() && self.object(&credential).await.is_none() {
            self.give_back(taken).await;
        }
        Ok(())
    }

    async fn delete_all(&self, namespace: &str) {
        for target in self.all(namespace).await {
            self.deletes(target).await;
        }
    }

    async fn none_left(&self, namespace: &str) -> Result<(), String> {
        self.until("objects of Sample 1 are still there", async || self.all(namespace).await.is_empty()).await
    }

    /// What is there of the kinds that the chart makes.
    async fn all(&self, namespace: &str) -> Vec<ObjectRef> {
        let mut found = Vec::new();
        for (group, version, kind) in KINDS {
            let kind = GroupVersionKind::new(group, version, kind);
            let listed = self.admin(async |cluster| cluster.list(&kind, namespace).await).await;
            found.extend(listed.unwrap_or_default().iter().filter_map(ObjectRef::of));
        }
        found
    }

    /// The credential as it was, for deletions that wait for it.
    async fn give_back(&self, stored: Option<Value>) {
        let Some(stored) = stored else { return };
        let object = json!({
            "apiVersion": "v1", "kind": "Secret", "type": stored["type"], "data": stored["data"],
            "metadata": {"name": stored["metadata"]["name"], "namespace": stored["metadata"]["namespace"]},
        });
        self.admin(async |cluster| install::apply(&cluster, object.clone()).await).await;
    }
}
