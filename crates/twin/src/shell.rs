//! The thin shell: state in memory and in its space, one decision at a time, durable before it is answered.

use std::{collections::BTreeSet, sync::Arc};

use api::env;
use parking_lot::{Mutex, RwLock};
use store::Space;

use crate::{
    Config,
    access::roles::OWNER,
    clusters::Announced,
    core::{Caller, Core, Effects, Outcome, Settings},
    entra::secret_hash,
    log::{Log, LoggedRequest},
    pipeline::{Flying, Lock, Pipeline},
    reply::Reply,
    state::{self, Application, Change, Failure, Meta, Record, State},
};

/// Commits are conditional; somebody else writing to the space is answered by reading it again, this often.
const ATTEMPTS_MAX: usize = 4;
/// How often one request may wait for another that touches the same record.
const WAITS_MAX: usize = 1000;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the twin's space could not be read or written")]
    Store(#[from] store::Error),
    #[error("the record {key} of the twin is not readable: the data is from another version, or damaged")]
    Record {
        key: String,
        #[source]
        source: serde_json::Error,
    },
    #[error("the data belongs to tenant {found}, not to {expected}: use the data directory that it was made in")]
    Tenant { found: String, expected: String },
    #[error("{what} {value:?} is not a GUID")]
    NotGuid { what: &'static str, value: String },
}

/// A resource as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceView {
    pub id: String,
    /// `Microsoft.KeyVault/vaults`
    pub kind: String,
    pub name: String,
    pub location: String,
    /// `None` for types that have none.
    pub provisioning_state: Option<String>,
}

/// A twin of Azure over one space. Cheap to clone; clones are the same twin.
#[derive(Clone, Debug)]
pub struct Twin {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    space: Arc<dyn Space>,
    pub(crate) config: Config,
    pub(crate) settings: Settings,
    pub(crate) state: RwLock<State>,
    pipeline: Lock,
    pub(crate) log: Mutex<Log>,
    /// Client ids that were believed.
    believed: Mutex<BTreeSet<String>>,
    pub(crate) announced: Announced,
}

/// Neither the state nor the space: both hold the secrets of the vaults.
impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Twin {
    /// Reads the state, makes it when there is none, and makes sure that the owner may get in.
    pub async fn open(space: Arc<dyn Space>, config: Config) -> Result<Self, Error> {
        for (what, value) in [("tenant id", &config.tenant_id), ("owner client id", &config.owner.client_id)] {
            require_guid(what, value)?;
        }
        config.subscriptions.iter().try_for_each(|id| require_guid("subscription id", id))?;
        let settings = Settings {
            tenant_id: config.tenant_id.to_lowercase(),
            subscriptions: config.subscriptions.clone(),
            pace: config.pace,
            taken_names: config.taken_names.iter().map(|name| name.to_lowercase()).collect(),
            kubernetes_versions_of: config.kubernetes_versions_of,
            vcpu_quota: config.vcpu_quota,
            strangers: config.strangers,
        };
        let state = RwLock::new(load(space.as_ref())?);
        let inner = Inner {
            space,
            config,
            settings,
            state,
            pipeline: Mutex::new(Pipeline::default()),
            log: Mutex::new(Log::default()),
            believed: Mutex::default(),
            announced: Announced::default(),
        };
        let twin = Self { inner: Arc::new(inner) };
        twin.prepare().await?;
        Ok(twin)
    }

    /// The seed, the owner's application, and its role on every subscription: each written only when missing.
    async fn prepare(&self) -> Result<(), Error> {
        let inner = &self.inner;
        let mut meta = inner.state.read().meta();
        if meta.seed.is_empty() {
            meta = Meta { seed: api::hex::encode(&self.seed()), tenant_id: inner.settings.tenant_id.clone() };
            inner.commit(vec![Change::Put(Record::Meta(meta.clone()))]).await?;
        }
        if meta.tenant_id != inner.settings.tenant_id {
            return Err(Error::Tenant { found: meta.tenant_id, expected: inner.settings.tenant_id.clone() });
        }
        let changes = inner.owner_changes();
        inner.commit(changes).await?;
        inner.announced.touch_all(&inner.state.read());
        inner.announce(true);
        Ok(())
    }

    /// The client ids of applications that signed in though nobody knows them: see [`Strangers::Believed`](crate::Strangers).
    pub fn believed(&self) -> Vec<String> {
        self.inner.believed.lock().iter().cloned().collect()
    }

    /// Everything that exists, role assignments and the like included, in order of id.
    pub fn resources(&self) -> Vec<ResourceView> {
        let now = self.inner.config.clock.now();
        let state = self.inner.state.read();
        let live = state.resources("").filter(|resource| resource.deleted_at.is_none_or(|at| now < at));
        let mut views: Vec<ResourceView> = live
            .map(|resource| ResourceView {
                id: resource.id.clone(),
                kind: resource.kind.clone(),
                name: resource.name.clone(),
                location: resource.location().to_string(),
                provisioning_state: resource.provisioning_state(now).map(str::to_string),
            })
            .collect();
        let vaults: Vec<_> = views.iter().filter(|view| view.kind == state::VAULT).cloned().collect();
        for vault in vaults {
            for secret in state.secrets(&vault.name).into_iter().filter(|secret| secret.deleted.is_none()) {
                views.push(ResourceView {
                    id: format!("{}/secrets/{}", vault.id, secret.name),
                    kind: crate::types::SECRET.to_string(),
                    name: secret.name.clone(),
                    location: vault.location.clone(),
                    provisioning_state: None,
                });
            }
        }
        views.sort_by_key(|view| view.id.to_lowercase());
        views
    }

    /// ARM requests since the start or the last [`Twin::clear_request_log`], oldest first, secrets masked.
    pub fn request_log(&self) -> Vec<LoggedRequest> {
        self.inner.log.lock().all()
    }

    pub fn clear_request_log(&self) {
        self.inner.log.lock().clear();
    }

    /// Fresh randomness for one request.
    pub(crate) fn seed(&self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.inner.config.entropy.fill(&mut seed);
        seed
    }

    /// Waits until what was decided so far is durable, or has failed.
    pub(crate) async fn durable(&self) {
        let last = self.inner.pipeline.lock().last();
        if let Some(flight) = last {
            let _ended = flight.await;
        }
    }

    /// Decides, hands the changes to the space, and answers when everything that the answer rests on is durable. `f` sees a
    /// settled state and must be pure: it may run more than once.
    pub(crate) async fn transact(
        &self,
        caller: &Caller,
        failure: Option<Failure>,
        f: impl Fn(&Core<'_>) -> Outcome,
    ) -> Outcome {
        let outcome = self.decided(caller, failure, f).await;
        self.inner.announce(false);
        outcome
    }

    async fn decided(&self, caller: &Caller, failure: Option<Failure>, f: impl Fn(&Core<'_>) -> Outcome) -> Outcome {
        let inner = &self.inner;
        let now = inner.config.clock.now();
        let seed = self.seed();
        let decide =
            |state: &State| f(&Core { state, settings: &inner.settings, now, seed, caller, failure: failure.clone() });
        let (mut attempts, mut waits) = (0, 0);
        while attempts < ATTEMPTS_MAX && waits < WAITS_MAX {
            match inner.step(now, &decide) {
                Step::Wait(other) => {
                    waits += 1;
                    // Good or bad, it has ended: the next step sees how.
                    let _ended = other.await;
                }
                Step::Answer { outcome, durable: None, .. } => return outcome,
                Step::Answer { outcome, durable: Some(flight), writes } => match flight.await {
                    Ok(_) if writes || !inner.pipeline.lock().has_failed() => return outcome,
                    Ok(_) | Err(store::Error::Precondition { .. }) => attempts += 1,
                    Err(error) => return Err(unavailable(error)),
                },
            }
        }
        Err(unavailable("too many conflicting writes"))
    }
}

/// How far one look at a request came.
enum Step {
    /// Ask again when this has ended.
    Wait(Flying),
    Answer {
        outcome: Outcome,
        durable: Option<Flying>,
        writes: bool,
    },
}

impl Inner {
    /// One decision, under the lock of the pipeline.
    fn step(&self, now: jiff::Timestamp, decide: &dyn Fn(&State) -> Outcome) -> Step {
        let answer = |outcome, durable, writes| Step::Answer { outcome, durable, writes };
        let mut pipeline = self.pipeline.lock();
        match pipeline.land(&self.state) {
            Ok(()) => {}
            Err(Some(last)) => return Step::Wait(last),
            Err(None) => match load(self.space.as_ref()) {
                Ok(fresh) => {
                    self.announced.touch_all(&fresh);
                    *self.state.write() = fresh;
                    pipeline.recover();
                }
                Err(error) => return answer(Err(unavailable(error)), None, false),
            },
        }
        let due = state::settle(&self.state.read(), now);
        self.announced.touch(due.iter());
        if let Err(other) = pipeline.launch(self.space.as_ref(), &self.state, due) {
            return Step::Wait(other);
        }
        let decided = decide(&self.state.read());
        match decided {
            Err(refusal) => answer(Err(refusal), pipeline.last(), false),
            Ok(Effects { reply, changes }) => {
                let writes = !changes.is_empty();
                self.announced.touch(changes.iter());
                match pipeline.launch(self.space.as_ref(), &self.state, changes) {
                    Err(other) => Step::Wait(other),
                    Ok(()) => answer(Ok(Effects::from(reply)), pipeline.last(), writes),
                }
            }
        }
    }

    /// Writes changes of the twin's own, outside of any request.
    async fn commit(&self, changes: Vec<Change>) -> Result<(), store::Error> {
        let flight = {
            let mut pipeline = self.pipeline.lock();
            // Only while opening: nothing else is in flight.
            let _other = pipeline.launch(self.space.as_ref(), &self.state, changes);
            pipeline.last()
        };
        if let Some(flight) = flight {
            flight.await?;
        }
        let _failed = self.pipeline.lock().land(&self.state);
        Ok(())
    }

    /// Keeps who was believed, to be told.
    pub(crate) fn remember_stranger(&self, app_id: &str) {
        if self.settings.believes(&self.state.read(), app_id) {
            self.believed.lock().insert(app_id.to_string());
        }
    }

    fn owner_changes(&self) -> Vec<Change> {
        let state = self.state.read();
        let owner = &self.config.owner;
        let app_id = owner.client_id.to_lowercase();
        let hash = secret_hash(&app_id, owner.secret.reveal());
        let object_id = state.derived_uuid("service principal", &app_id);
        let application = Application {
            app_id: app_id.clone(),
            object_id: object_id.clone(),
            display_name: "windlass-owner".into(),
            secret_hashes: vec![hash],
        };
        let mut changes = Vec::new();
        if !state.applications().any(|known| *known == application) {
            changes.push(Change::Put(Record::Application(application)));
        }
        for subscription in &self.settings.subscriptions {
            let record = owner_assignment(&state, subscription, &object_id, &app_id, self.config.clock.now());
            let id = match &record {
                Record::Resource(resource) => resource.id.to_lowercase(),
                _ => continue,
            };
            if state.resource(&id).is_none() {
                changes.push(Change::Put(record));
            }
        }
        changes
    }
}

fn owner_assignment(state: &State, subscription: &str, object_id: &str, app_id: &str, now: jiff::Timestamp) -> Record {
    let scope = format!("/subscriptions/{subscription}");
    let name = state.derived_uuid("owner assignment", &scope.to_lowercase());
    let at = now.to_string();
    let properties = serde_json::json!({
        "principalId": object_id,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": format!("{scope}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}"),
        "scope": scope,
        "createdOn": at, "updatedOn": at, "createdBy": object_id, "updatedBy": object_id,
    });
    Record::Resource(state::Resource {
        id: format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"),
        name,
        kind: crate::access::ASSIGNMENT.into(),
        api_version: "2022-04-01".into(),
        body: serde_json::Map::from_iter([("properties".to_string(), properties)]),
        etag: "\"owner\"".into(),
        created_at: now,
        changed_at: now,
        created_by: app_id.into(),
        changed_by: app_id.into(),
        state: None,
        pending: None,
        deleted_at: None,
        regenerated: std::collections::BTreeMap::new(),
    })
}

fn load(space: &dyn Space) -> Result<State, Error> {
    let mut state = State::default();
    for stored in space.list("", None, None, 0)?.items {
        let record: Record = serde_json::from_slice(&stored.value)
            .map_err(|source| Error::Record { key: stored.key.to_string(), source })?;
        state.put(stored.revision, record);
    }
    Ok(state)
}

fn require_guid(what: &'static str, value: &str) -> Result<(), Error> {
    match crate::arm::errors::is_guid(value) {
        true => Ok(()),
        false => Err(Error::NotGuid { what, value: value.to_string() }),
    }
}

/// The space failed: Azure would say that it is not well.
fn unavailable(error: impl std::fmt::Display) -> Reply {
    tracing::error!(error = %error, "the twin's space failed");
    let message = "The service is temporarily unavailable. Please retry the request.";
    Reply::error(503, "ServiceUnavailable", message)
}

/// A request id, as Azure puts one on every answer.
pub(crate) fn request_id(twin: &Twin) -> String {
    env::uuid(twin.inner.config.entropy.as_ref())
}
