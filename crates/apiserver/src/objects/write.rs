//! The one way objects change: read, let the pure core decide, commit on the condition that what was read is still there.

use api::{
    ObjectExt,
    env::{self, Entropy},
    status::Status,
};
use serde_json::Value;
use store::{Change, Error, Expect, Stored, Write};

use super::{Encoded, Objects, decode, failed};
use crate::{
    Resource,
    admit::{self, DeleteOptions, Env, NamespaceState, Operation, Request, Verdict, service::Taken, webhook::Hook},
    crd,
};

/// As often as upstream, when nobody asked for a certain version.
const ATTEMPTS: usize = 5;
/// Collisions of generated names.
const NAME_ATTEMPTS: usize = 8;
/// etcd's limit for a request, which is upstream's limit for an object.
const OBJECT_BYTES_MAX: usize = 1536 * 1024;
/// The alphabet of generated names: no vowels, nothing that looks alike.
const SUFFIX_ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// May refuse a change from an old to a new state.
pub(crate) type Guard<'a> = dyn Fn(Option<&Value>, &Value) -> Result<(), Status> + Sync + 'a;

/// What a write came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The object as it is now, or its last state when it is gone.
    pub object: Value,
    pub created: bool,
    pub deleted: bool,
    /// For `Warning` headers.
    pub warnings: Vec<String>,
}

/// Which object a delete means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preconditions {
    pub uid: Option<String>,
    pub resource_version: Option<String>,
}

impl Objects {
    /// Creates an object, whose namespace and name are in its metadata.
    pub async fn create(&self, resource: &Resource, object: Value) -> Result<Value, Status> {
        let namespace = object.namespace().unwrap_or_default().to_string();
        let request = Request::own(resource, "", &namespace, "", Operation::Create(object));
        self.write(&request, false).await.map(|outcome| outcome.object)
    }

    /// Creates those that are not there, all in one commit: what a cluster begins with. No webhook is asked.
    pub async fn seed(&self, resource: &Resource, wanted: impl IntoIterator<Item = Value>) -> Result<(), Status> {
        let mut writes = Vec::new();
        for object in wanted {
            let namespace = object.namespace().unwrap_or_default().to_string();
            let key = resource.key(&namespace, object.name().unwrap_or_default());
            if self.space().get(&key).is_some() {
                continue;
            }
            let request = Request::own(resource, "", &namespace, "", Operation::Create(object));
            if let Verdict::Write(object) = admit::admit(None, &request, &self.env(&request))?.verdict {
                let change = Change::Put(Encoded::new(&resource.to_storage(object)).into_encode());
                writes.push(Write { key, expect: Expect::Absent, change });
            }
        }
        match writes.is_empty() {
            true => Ok(()),
            false => self.space().commit(writes).await.map(drop).map_err(failed),
        }
    }

    /// Reads, changes, writes; again when somebody else wrote in between. `subresource` is empty, `status` or `finalize`.
    /// Answers `None` when the object is not there, its last state when the change removed what held it.
    pub async fn modify(
        &self,
        resource: &Resource,
        subresource: &str,
        namespace: &str,
        name: &str,
        mut change: impl FnMut(&mut Value) + Send,
    ) -> Result<Option<Value>, Status> {
        for _ in 0..ATTEMPTS {
            let Some(mut object) = self.get(resource, namespace, name) else { return Ok(None) };
            change(&mut object);
            let request = Request::own(resource, subresource, namespace, name, Operation::Update(object));
            match self.write(&request, false).await {
                Ok(outcome) => return Ok(Some(outcome.object)),
                Err(status) if status.code == 409 => {}
                Err(status) if status.code == 404 => return Ok(None),
                Err(status) => return Err(status),
            }
        }
        Err(Status::stale(&resource.group, &resource.plural, name))
    }

    /// Deletes one object in the background way. Absent is fine; another uid is a conflict.
    pub async fn delete(
        &self,
        resource: &Resource,
        namespace: &str,
        name: &str,
        preconditions: &Preconditions,
    ) -> Result<Option<Outcome>, Status> {
        let options = DeleteOptions {
            uid: preconditions.uid.clone(),
            resource_version: preconditions.resource_version.clone(),
            ..DeleteOptions::default()
        };
        let request = Request::own(resource, "", namespace, name, Operation::Delete(options));
        match self.write(&request, false).await {
            Ok(outcome) => Ok(Some(outcome)),
            Err(status) if status.code == 404 => Ok(None),
            Err(status) => Err(status),
        }
    }

    /// Decides and commits. A dry run does everything but commit.
    pub(crate) async fn write(&self, request: &Request<'_>, dry_run: bool) -> Result<Outcome, Status> {
        self.write_guarded(request, dry_run, &|_, _| Ok(())).await
    }

    /// As [`Self::write`], where `guard` may refuse a change from an old (`None`: absent) to a new state.
    pub(crate) async fn write_guarded(
        &self,
        request: &Request<'_>,
        dry_run: bool,
        guard: &Guard<'_>,
    ) -> Result<Outcome, Status> {
        let generated = matches!(&request.operation, Operation::Create(body) if body.name().is_none());
        let attempts = if generated { NAME_ATTEMPTS } else { ATTEMPTS };
        let mut last = None;
        for _ in 0..attempts {
            match self.attempt(request, dry_run, guard).await {
                Attempt::Done(outcome) => return self.settled(request, *outcome, dry_run).await,
                Attempt::Refused(status) => return Err(status),
                Attempt::Again(status) => last = Some(status),
            }
        }
        Err(last.unwrap_or_else(|| Status::internal("no attempt was made")))
    }

    async fn attempt(&self, request: &Request<'_>, dry_run: bool, guard: &Guard<'_>) -> Attempt {
        self.decide(request, dry_run, guard).await.unwrap_or_else(Attempt::Refused)
    }

    /// Reads, decides, asks webhooks, commits.
    async fn decide(&self, request: &Request<'_>, dry_run: bool, guard: &Guard<'_>) -> Result<Attempt, Status> {
        let resource = request.resource;
        let create = matches!(request.operation, Operation::Create(_));
        let stored = (!create).then(|| self.space().get(&resource.key(request.namespace, request.name))).flatten();
        let current = stored.as_ref().and_then(|stored| decode(resource, stored));
        let (mutating, validating) = (self.hooks(true, request), self.hooks(false, request));
        let mut warnings = Vec::new();
        let proposed = match mutating.is_empty() {
            true => None,
            false => self.propose(request, &mutating, current.as_ref(), dry_run, &mut warnings).await?,
        };
        // From seeing what is taken to writing, nobody else takes an address.
        let _addresses = match resource.is("", "services") && request.subresource.is_empty() {
            true => Some(self.addresses().lock().await),
            false => None,
        };
        let env = Env { taken: self.taken(request), ..self.env(request) };
        let decision = match proposed {
            Some((proposed, changed)) => {
                let env = Env { uid: proposed.uid().unwrap_or_default().to_string(), ..env };
                admit::settle(current.as_ref(), &proposed, changed, request, &env)?
            }
            None => admit::admit(current.as_ref(), request, &env)?,
        };
        warnings.extend(decision.warnings);
        let is_delete = matches!(request.operation, Operation::Delete(_));
        if !validating.is_empty() {
            let object = match &decision.verdict {
                _ if is_delete => None,
                Verdict::Unchanged => current.as_ref(),
                Verdict::Write(object) | Verdict::Delete(object) => Some(object),
            };
            let shown = self.shown(request, current.as_ref(), object, dry_run);
            self.validate(&validating, &shown, current.as_ref(), object, &mut warnings).await?;
        }
        let (object, deleted) = match decision.verdict {
            Verdict::Unchanged => {
                let object = current.unwrap_or(Value::Null);
                return Ok(Attempt::done(Outcome { object, created: false, deleted: false, warnings }));
            }
            Verdict::Write(object) => (object, false),
            Verdict::Delete(object) => (object, true),
        };
        if !deleted {
            guard(current.as_ref(), &object)?;
        }
        let outcome = Outcome { object, created: stored.is_none(), deleted, warnings };
        let name = outcome.object.name().unwrap_or_default().to_string();
        let key = resource.key(request.namespace, &name);
        if dry_run {
            return match stored.is_none() && self.space().get(&key).is_some() {
                true => Err(Status::already_exists(&resource.group, &resource.plural, &name)),
                false => Ok(Attempt::done(outcome)),
            };
        }
        Ok(self.commit(request, key, stored, outcome).await)
    }

    /// What mutating webhooks make of the write: the object as it was proposed, and as it is now. `None` when none changed it.
    async fn propose(
        &self,
        request: &Request<'_>,
        hooks: &[Hook],
        current: Option<&Value>,
        dry_run: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Option<(Value, Value)>, Status> {
        let env = Env { proposing: true, ..self.env(request) };
        let decision = admit::admit(current, request, &env)?;
        let proposed = match decision.verdict {
            Verdict::Write(object) if !matches!(request.operation, Operation::Delete(_)) => Some(object),
            _ => None,
        };
        let shown = self.shown(request, current, proposed.as_ref(), dry_run);
        let changed = self.mutate(hooks, &shown, current, proposed.as_ref(), warnings).await?;
        Ok(match (proposed, changed) {
            (Some(proposed), Some(changed)) => {
                warnings.splice(0..0, decision.warnings);
                Some((proposed, changed))
            }
            _ => None,
        })
    }

    async fn commit(
        &self,
        request: &Request<'_>,
        key: String,
        stored: Option<Stored>,
        mut outcome: Outcome,
    ) -> Attempt {
        let resource = request.resource;
        let name = outcome.object.name().unwrap_or_default().to_string();
        let encoded = Encoded::new(&resource.to_storage(outcome.object.clone()));
        if encoded.len() > OBJECT_BYTES_MAX && !outcome.deleted {
            return Attempt::Refused(too_large(encoded.len()));
        }
        let expect = stored.as_ref().map_or(Expect::Absent, |stored| Expect::At(stored.revision));
        let encode = encoded.into_encode();
        let change = if outcome.deleted { Change::Delete(encode) } else { Change::Put(encode) };
        match self.space().commit(vec![Write { key, expect, change }]).await {
            Ok(written) => {
                if let Some(written) = written.first() {
                    let version = written.revision.0.to_string();
                    outcome.object.metadata_mut().insert("resourceVersion".into(), version.into());
                }
                Attempt::done(outcome)
            }
            Err(Error::Precondition { .. }) if matches!(&request.operation, Operation::Create(body) if body.name().is_some()) => {
                Attempt::Refused(Status::already_exists(&resource.group, &resource.plural, &name))
            }
            Err(Error::Precondition { .. }) if stored.is_none() => {
                Attempt::Again(Status::already_exists(&resource.group, &resource.plural, &name))
            }
            Err(Error::Precondition { .. }) => Attempt::Again(Status::stale(&resource.group, &resource.plural, &name)),
            Err(error) => Attempt::Refused(failed(error)),
        }
    }

    /// A definition that changed is served (or not) before its writer hears of it.
    async fn settled(&self, request: &Request<'_>, outcome: Outcome, dry_run: bool) -> Result<Outcome, Status> {
        if dry_run || !crd::is_definition(request.resource) {
            return Ok(outcome);
        }
        let name = outcome.object.name().unwrap_or_default().to_string();
        let settled = crd::settle(self, &name).await?;
        Ok(match settled {
            Some(object) if !outcome.deleted => Outcome { object, ..outcome },
            _ => outcome,
        })
    }

    fn env(&self, request: &Request<'_>) -> Env {
        let entropy = &*self.config().entropy;
        let creates = matches!(request.operation, Operation::Create(_) | Operation::Apply { .. });
        Env {
            now: self.now(),
            uid: if creates { env::uuid(entropy) } else { String::new() },
            suffix: if creates { suffix(entropy) } else { String::new() },
            namespace: self.namespace_state(request),
            admission: self.config().admission.clone(),
            limits: self.config().limits,
            workloads: self.config().workloads,
            taken: Taken::default(),
            proposing: false,
        }
    }

    /// Addresses and ports of all Services but the one that is written.
    fn taken(&self, request: &Request<'_>) -> Taken {
        let mut taken = Taken::default();
        let writes = !matches!(request.operation, Operation::Delete(_)) && request.subresource.is_empty();
        if !writes || !request.resource.is("", "services") {
            return taken;
        }
        let own = request.resource.key(request.namespace, request.name);
        if let Ok(page) = self.space().list(&request.resource.prefix(None), None, None, 0) {
            let others = page.items.iter().filter(|stored| *stored.key != *own);
            others.filter_map(|stored| decode(request.resource, stored)).for_each(|service| taken.add(&service));
        }
        taken
    }

    fn namespace_state(&self, request: &Request<'_>) -> NamespaceState {
        if !request.resource.namespaced {
            return NamespaceState::Active;
        }
        let namespaces = Resource::prefix_of("", "namespaces");
        match self.space().get(&format!("{namespaces}{}", request.namespace)) {
            None => NamespaceState::Missing,
            Some(stored) => match serde_json::from_slice::<Value>(&stored.value) {
                Ok(namespace) if namespace.deletion_timestamp().is_some() => NamespaceState::Terminating,
                _ => NamespaceState::Active,
            },
        }
    }
}

enum Attempt {
    Done(Box<Outcome>),
    Refused(Status),
    Again(Status),
}

impl Attempt {
    fn done(outcome: Outcome) -> Self {
        Self::Done(Box::new(outcome))
    }
}

fn too_large(bytes: usize) -> Status {
    Status::too_large(format!("Request entity too large: limit is {OBJECT_BYTES_MAX}, the object has {bytes} bytes"))
}

fn suffix(entropy: &dyn Entropy) -> String {
    let mut bytes = [0u8; 5];
    entropy.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(SUFFIX_ALPHABET[usize::from(*byte) % SUFFIX_ALPHABET.len()])).collect()
}
