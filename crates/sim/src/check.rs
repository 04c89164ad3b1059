//! What must hold. The [`Watchman`] sees every write to Azure as it happens; the checks of the end look at a platform that
//! has come to rest.

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
use tokio::time::sleep;

use crate::{base::Base, git::State};

/// Virtual time in which everything must be as Git says, once nothing fails any more: the longest backoffs and polls fit.
const CONVERGE: Duration = Duration::from_secs(2 * 3600);
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How long nothing may be written then.
const SILENCE: Duration = Duration::from_secs(3600);

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
    writes: u64,
    failures: Vec<String>,
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
        state.writes += 1;
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
            // Its value cannot be read back: whoever has not heard the answer, or could not write it down, sends it again.
            let excused = id.contains("/secrets/") && !self.calm;
            if again && !excused {
                state.failures.push(format!("the same PUT of {id} twice{}", if lost { " (answer lost)" } else { "" }));
            }
        }
    }

    pub(crate) fn fails(&self, what: String) {
        self.state.lock().failures.push(what);
    }

    pub(crate) fn failures(&self) -> Vec<String> {
        self.state.lock().failures.clone()
    }

    fn writes(&self) -> u64 {
        self.state.lock().writes
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
pub(crate) async fn converges(
    platform: &Platform,
    base: &Base,
    git: &State,
    watchman: &Watchman,
) -> Result<(), String> {
    // Who is silent may still be waiting for the next look at Git, or for a long backoff.
    sleep(PATIENCE).await;
    if !settle(platform, CONVERGE).await {
        return Err(format!("still writing after {CONVERGE:?} of calm"));
    }
    as_git_says(platform, base, git).await?;
    watchman.rests();
    let (revisions, writes) = (platform.revisions(), watchman.writes());
    sleep(SILENCE).await;
    if platform.revisions() != revisions {
        return Err(format!("after convergence something wrote: {revisions:?} became {:?}", platform.revisions()));
    }
    if watchman.writes() != writes {
        return Err("after convergence something was sent to Azure".into());
    }
    Ok(())
}

async fn as_git_says(platform: &Platform, base: &Base, git: &State) -> Result<(), String> {
    let expected: BTreeSet<String> = base.resources.iter().cloned().chain(git.resources()).collect();
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
    let application = application(platform).await?.ok_or("the Application is gone")?;
    let text = |at: &str| application.pointer(at).and_then(Value::as_str).unwrap_or_default().to_string();
    let (sync, health) = (text("/status/sync/status"), text("/status/health/status"));
    if (sync.as_str(), health.as_str()) != ("Synced", "Healthy") {
        return Err(format!("the Application is {sync} and {health}; {}", report(platform).await));
    }
    Ok(())
}

pub(crate) fn application_ref() -> ObjectRef {
    let kind = GroupVersionKind::new("argoproj.io", "v1alpha1", "Application");
    ObjectRef::new(&kind, install::ARGOCD_NAMESPACE, workshop::APPLICATION)
}

async fn application(platform: &Platform) -> Result<Option<Value>, String> {
    platform.admin().get(&application_ref()).await.map_err(|error| error.message())
}

/// Statuses of everything of ours, for whoever reads the failure.
async fn report(platform: &Platform) -> String {
    let mut lines = Vec::new();
    let application = application(platform).await.ok().flatten().unwrap_or_default();
    let brief = |at: &str| application.pointer(at).cloned().unwrap_or_default();
    lines.push(format!(
        "Application deleted at {}, {} {} {}",
        brief("/metadata/deletionTimestamp"),
        brief("/status/health"),
        brief("/status/conditions"),
        brief("/status/operationState")
    ));
    for (group, version, kind) in [
        ("resources.azure.com", "v1api20200601", "ResourceGroup"),
        ("keyvault.azure.com", "v1api20210401preview", "Vault"),
        ("keyvault.azure.com", "v1api20210401preview", "Secret"),
        ("containerservice.azure.com", "v1api20231001", "ManagedCluster"),
        ("containerservice.azure.com", "v1api20231001", "ManagedClustersAgentPool"),
    ] {
        let listed = platform.admin().list(&GroupVersionKind::new(group, version, kind), "").await.unwrap_or_default();
        for object in listed {
            let metadata = &object["metadata"];
            let brief = (&metadata["name"], &metadata["deletionTimestamp"], &metadata["finalizers"]);
            lines.push(format!("{kind} {brief:?} {}", object["status"]));
        }
    }
    lines.join("\n  ")
}
