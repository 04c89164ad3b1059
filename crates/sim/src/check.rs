//! What must hold. The [`Watchman`] sees every write to Azure as it happens; the checks of the end look at a platform that
//! has come to rest.

pub(crate) mod sample_1;

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use api::names::{GroupVersionKind, ObjectRef};
use http::Method;
use parking_lot::Mutex;
use sandbox::{Platform, install, settle::settle, workshop};
use serde_json::Value;
use store::Store;
use tokio::time::{Instant, sleep};

use crate::{Story, git::State, world::World};

/// Virtual time in which everything must be as Git says, once nothing fails any more: the longest backoffs and polls fit.
const CONVERGE: Duration = Duration::from_secs(2 * 3600);
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Azure Service Operator's period of looking at Azure again, with what it is stretched by so that not all looks come at once.
const LOOK: Duration = Duration::from_secs(75 * 60);
/// How long nothing may be written then.
const SILENCE: Duration = Duration::from_secs(3 * 3600);
/// How often one resource may be looked at in silence: once an hour, as documented.
const POLLS: u64 = 4;

/// Watches the writes that reach Azure.
#[derive(Debug)]
pub struct Watchman {
    state: Mutex<Watched>,
    /// No answer is lost and nobody dies: then even values that Azure never returns are sent once.
    calm: bool,
}

#[derive(Debug, Default)]
struct Watched {
    wanted: BTreeSet<String>,
    /// Not wanted at some moment since the last rest: who saw that moment may delete it.
    dismissed: BTreeSet<String>,
    /// What was last accepted for an id that is there.
    accepted: BTreeMap<String, u64>,
    /// Their operation fails after it was accepted.
    failing: BTreeSet<String>,
    asked: Asked,
    failures: Vec<String>,
}

/// What controllers asked for, but for reads of the Kubernetes API: in silence, only what is documented.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Asked {
    azure_writes: u64,
    azure_reads: BTreeMap<String, u64>,
    kubernetes_writes: BTreeMap<String, u64>,
}

impl Watchman {
    pub(crate) fn new(calm: bool) -> Self {
        Self { state: Mutex::default(), calm }
    }

    /// Git says something new.
    pub(crate) fn wants(&self, ids: BTreeSet<String>) {
        let mut state = self.state.lock();
        let gone: Vec<String> = State::ALL.resources().difference(&ids).cloned().collect();
        state.dismissed.extend(gone);
        state.wanted = ids;
    }

    /// Somebody deletes live objects: their resources may go.
    pub(crate) fn dismisses(&self) {
        self.state.lock().dismissed = State::ALL.resources();
    }

    /// Everything is as Git says: nobody acts on what it said before.
    fn rests(&self) {
        let mut state = self.state.lock();
        state.dismissed = State::ALL.resources().difference(&state.wanted).cloned().collect();
    }

    /// One write as Azure answered it.
    pub(crate) fn azure_wrote(&self, method: &Method, path: &str, body: &[u8], code: u16, lost: bool) {
        let id = path.to_lowercase();
        let mut state = self.state.lock();
        // What a POST asks for is a read, too: credentials.
        if *method == Method::POST {
            *state.asked.azure_reads.entry(id).or_default() += 1;
            return;
        }
        state.asked.azure_writes += 1;
        if *method == Method::DELETE {
            state.deletes(&id);
        }
        // Gone already: the answer of the DELETE that did it was lost with the process that sent it.
        let gone = *method == Method::DELETE && code == 404;
        if code >= 300 && !gone {
            return;
        }
        if *method == Method::DELETE {
            let below = format!("{id}/");
            state.accepted.retain(|known, _| *known != id && !known.starts_with(&below));
        } else if *method == Method::PUT {
            let mut hasher = DefaultHasher::new();
            body.hash(&mut hasher);
            let hash = hasher.finish();
            let again = state.accepted.insert(id.clone(), hash) == Some(hash);
            if state.failing.remove(&id) {
                state.accepted.remove(&id);
            }
            // Its value cannot be read back: whoever has not heard the answer, or could not write it down, sends it again.
            let excused = id.contains("/secrets/") && !self.calm;
            if again && !excused {
                state.failures.push(format!("the same PUT of {id} twice{}", if lost { " (answer lost)" } else { "" }));
            }
        }
    }

    /// The operation of the write that is being asked for fails: it is sent again.
    pub(crate) fn will_fail(&self, id: &str) {
        self.state.lock().failing.insert(id.into());
    }

    pub(crate) fn azure_was_read(&self, path: &str) {
        *self.state.lock().asked.azure_reads.entry(path.to_lowercase()).or_default() += 1;
    }

    /// A controller sends a write, whatever comes of it.
    pub(crate) fn kubernetes_wrote(&self, what: &str) {
        *self.state.lock().asked.kubernetes_writes.entry(what.into()).or_default() += 1;
    }

    pub(crate) fn fails(&self, what: String) {
        self.state.lock().failures.push(what);
    }

    pub(crate) fn failures(&self) -> Vec<String> {
        self.state.lock().failures.clone()
    }

    /// What was asked for since the last call.
    fn asked(&self) -> Asked {
        std::mem::take(&mut self.state.lock().asked)
    }
}

impl Watched {
    fn deletes(&mut self, id: &str) {
        let ours = State::ALL.resources();
        if !ours.contains(id) {
            self.failures.push(format!("DELETE of {id}, which was never ours"));
        } else if self.wanted.contains(id) && !self.dismissed.contains(id) {
            self.failures.push(format!("DELETE of {id}, which Git wants"));
        }
    }
}

/// After healing: as Git says, then silence.
pub(crate) async fn converges(world: &World, platform: &Platform) -> Result<(), String> {
    let git = *world.git.lock();
    // Who is silent may still be waiting for the next look at Git, or for a long backoff.
    sleep(PATIENCE).await;
    if world.plan.story == Story::Sample1 {
        // Somebody may have stopped and started the cluster in Azure, which nobody here is told of.
        sleep(LOOK).await;
    }
    let deadline = Instant::now() + CONVERGE;
    loop {
        if !settle(platform, CONVERGE).await {
            return Err(format!("still writing after {CONVERGE:?} of calm; {}", report(platform).await));
        }
        // Nobody writes while Azure works on what had failed before, and that may take it longer than a rest.
        match as_git_says(world, platform, &git).await {
            Err(_) if Instant::now() < deadline => {}
            Err(failure) => return Err(failure),
            Ok(()) => break,
        }
    }
    world.pledges_are_kept().await?;
    world.watchman.rests();
    let before = revisions(world);
    world.watchman.asked();
    sleep(SILENCE).await;
    let after = revisions(world);
    if after != before {
        return Err(format!("after convergence something wrote: {before:?} became {after:?}"));
    }
    only_polls(&world.watchman.asked())?;
    as_git_says(world, platform, &git).await
}

/// Of every key space, those of hosted clusters too.
fn revisions(world: &World) -> BTreeMap<String, u64> {
    let revision = |name: &String| world.store.space(name).map(|space| space.revision().0).unwrap_or_default();
    world.store.names().iter().map(|name| (name.clone(), revision(name))).collect()
}

/// Nothing is written anywhere, and Azure is looked at now and then only.
fn only_polls(asked: &Asked) -> Result<(), String> {
    let often: Vec<_> = asked.azure_reads.iter().filter(|(id, count)| **count > POLLS && !is_token(id)).collect();
    let writes: Vec<_> = asked.kubernetes_writes.iter().filter(|(what, _)| !is_token(what)).collect();
    if asked.azure_writes > 0 || !often.is_empty() || !writes.is_empty() {
        return Err(format!(
            "silence: {} writes to Azure, reads {often:?}, requests to write {writes:?}",
            asked.azure_writes
        ));
    }
    Ok(())
}

/// Proofs of identity run out.
fn is_token(what: &str) -> bool {
    what.ends_with("/token")
}

async fn as_git_says(world: &World, platform: &Platform, git: &State) -> Result<(), String> {
    let expected: BTreeSet<String> = world.base.resources.iter().cloned().chain(git.resources()).collect();
    let found: BTreeSet<String> = platform.twin().resources().into_iter().map(|view| view.id.to_lowercase()).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    // Azure Resource Manager cannot delete a vault's secret: it stays until its vault goes.
    let stays = |id: &&String| git.vault && id.ends_with("/secrets/app-secret");
    let orphans: Vec<_> = found.difference(&expected).filter(|id| !stays(id)).collect();
    if !missing.is_empty() || !orphans.is_empty() {
        return Err(format!(
            "Azure is not as Git says: missing {missing:?}, orphans {orphans:?}; {}",
            report(platform).await
        ));
    }
    is_synced(platform, &application_ref()).await?;
    hosted(world, platform, git)?;
    if world.plan.story != Story::Sample1 {
        return Ok(());
    }
    match &git.sample {
        Some(sample) => sample_1::is_there(platform, sample).await,
        None => sample_1::is_gone(platform).await,
    }
}

/// Every cluster of Azure has an API, and of those that are gone nothing is left.
fn hosted(world: &World, platform: &Platform, git: &State) -> Result<(), String> {
    let clusters = platform.hosting().clusters();
    let wanted = usize::from(git.cluster.is_some()) + usize::from(git.sample.is_some());
    if clusters.len() != wanted {
        return Err(format!("{} clusters are hosted, not {wanted}", clusters.len()));
    }
    for name in world.store.names() {
        let Some(host) = name.strip_prefix("hosted/") else { continue };
        let lives = clusters.iter().any(|cluster| cluster.fqdn == host);
        let left = world.store.space(&name).and_then(|space| space.list("", None, None, 1));
        if !lives && left.is_ok_and(|page| !page.items.is_empty()) {
            return Err(format!("{host} is deleted, and its objects are still there"));
        }
    }
    Ok(())
}

async fn is_synced(platform: &Platform, target: &ObjectRef) -> Result<(), String> {
    let application = get(platform, target).await?.ok_or_else(|| format!("{target} is gone"))?;
    let text = |at: &str| application.pointer(at).and_then(Value::as_str).unwrap_or_default().to_string();
    let (sync, health) = (text("/status/sync/status"), text("/status/health/status"));
    if (sync.as_str(), health.as_str()) != ("Synced", "Healthy") {
        return Err(format!("{target} is {sync} and {health}; {}", report(platform).await));
    }
    Ok(())
}

async fn get(platform: &Platform, target: &ObjectRef) -> Result<Option<Value>, String> {
    platform.admin().get(target).await.map_err(|error| error.message())
}

pub(crate) fn application_ref() -> ObjectRef {
    let kind = GroupVersionKind::new("argoproj.io", "v1alpha1", "Application");
    ObjectRef::new(&kind, install::ARGOCD_NAMESPACE, workshop::APPLICATION)
}

/// Statuses of everything of ours, for whoever reads the failure.
async fn report(platform: &Platform) -> String {
    let mut lines = Vec::new();
    for target in [application_ref(), sample_1::application()] {
        let application = get(platform, &target).await.ok().flatten().unwrap_or_default();
        let brief = |at: &str| application.pointer(at).cloned().unwrap_or_default();
        lines.push(format!(
            "{target} deleted at {}, {} {} {}",
            brief("/metadata/deletionTimestamp"),
            brief("/status/health"),
            brief("/status/conditions"),
            brief("/status/operationState")
        ));
    }
    let of_azure = [
        ("resources.azure.com", "v1api20200601", "ResourceGroup"),
        ("keyvault.azure.com", "v1api20210401preview", "Vault"),
        ("keyvault.azure.com", "v1api20210401preview", "Secret"),
        ("containerservice.azure.com", "v1api20231001", "ManagedCluster"),
        ("containerservice.azure.com", "v1api20231001", "ManagedClustersAgentPool"),
    ];
    for (group, version, kind) in sample_1::KINDS.into_iter().chain(of_azure) {
        let listed = platform.admin().list(&GroupVersionKind::new(group, version, kind), "").await.unwrap_or_default();
        for object in listed {
            let metadata = &object["metadata"];
            let brief = (&metadata["name"], &metadata["deletionTimestamp"], &metadata["finalizers"]);
            lines.push(format!("{kind} {brief:?} {}", object["status"]));
        }
    }
    lines.join("\n  ")
}
