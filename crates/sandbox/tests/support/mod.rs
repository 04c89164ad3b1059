//! What scenarios over a platform in memory share: who the simulated Azure believes, the platform that each starts from, and
//! texts without what is made up anew in every run.

use std::{sync::Arc, thread};

use actions::{Propagation, Verb, Write};
use api::{ObjectExt, Redacted, names::ObjectRef};
use sandbox::{Azure, Keys, Options, Platform, SeededEntropy, VirtualClock, install, workshop};
use serde_json::Value;
use source::Fixed;
use store::Memory;
use tokio::runtime::{Builder, Runtime};

pub(crate) const REPOSITORY: &str = "https://git.windlass.test/app-project-env.git";
pub(crate) const TENANT: &str = "72f988bf-0000-4000-8000-2d7cd011db47";
pub(crate) const SUBSCRIPTION: &str = "11111111-2222-4333-8444-555555555555";
pub(crate) const OWNER: &str = "99999999-8888-4777-8666-555555555555";
pub(crate) const OWNER_SECRET: &str = "owner";

/// A platform with the workshop's identity and objects, on which nothing of Git is yet. Every scenario works on a fork of it.
pub(crate) struct Base {
    pub(crate) store: Arc<Memory>,
    pub(crate) keys: Keys,
    pub(crate) identity: workshop::Identity,
}

impl Base {
    /// On a thread of its own: it needs a runtime, and whoever asks may be within one.
    pub(crate) fn make(options: fn(Arc<Memory>, Keys) -> Options) -> Self {
        let make = move || {
            let (store, keys) = (Memory::new(), keys());
            let identity = runtime().block_on(async {
                let platform = Platform::start(options(store.clone(), keys.clone())).await.expect("the platform");
                let identity = workshop::identity(&platform).await.expect("the identity is made");
                workshop::objects(&platform, &identity, REPOSITORY).await.expect("the objects are made");
                identity
            });
            Self { store, keys, identity }
        };
        thread::spawn(make).join().expect("the base is made")
    }
}

/// Its clock jumps to the next timer when nothing else is to be done.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime")
}

pub(crate) fn keys() -> Keys {
    let entropy = SeededEntropy::new(0);
    let key = || Arc::new(jose::SigningKey::generate(&entropy).expect("a key"));
    Keys { cluster: key(), azure: key() }
}

pub(crate) fn azure() -> Azure {
    Azure {
        tenant_id: TENANT.into(),
        subscription_id: SUBSCRIPTION.into(),
        owner_client_id: OWNER.into(),
        owner_secret: Redacted::new(OWNER_SECRET.into()),
    }
}

/// Must be called within the runtime whose clock the platform follows.
pub(crate) fn options(store: Arc<Memory>, keys: Keys, made_at: &str, crd_pattern: &str, seed: u64) -> Options {
    let clock = Arc::new(VirtualClock::starting_at(made_at.parse().expect("a timestamp")));
    let entropy = Arc::new(SeededEntropy::new(seed));
    Options { crd_pattern: crd_pattern.into(), ..Options::unreached(store, clock, entropy, keys, azure()) }
}

pub(crate) async fn get(platform: &Platform, target: &ObjectRef) -> Option<Value> {
    platform.admin().get(target).await.expect("the API answers")
}

pub(crate) async fn apply(platform: &Platform, object: Value) {
    install::apply(&platform.admin(), object).await.expect("the API takes it");
}

pub(crate) async fn delete(platform: &Platform, target: &ObjectRef) {
    let found = get(platform, target).await;
    let uid = found.and_then(|object| object.uid().map(str::to_string)).expect("it exists");
    let verb = Verb::Delete { uid, propagation: Propagation::Background };
    let write = Write { target: target.clone(), verb, reason: "a test".into() };
    platform.admin().write(&write).await.expect("deleted");
}

/// A repository whose commits are numbered.
#[derive(Debug, Default)]
pub(crate) struct Commits(std::sync::atomic::AtomicU32);

impl Commits {
    /// Pushes a commit with exactly these files, and says so to the platform.
    pub(crate) fn push(&self, platform: &Platform, repository: &Fixed, files: api::files::FileSet) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        repository.set_head(REPOSITORY, workshop::BRANCH, &self.last(), files);
        platform.applications().pushed(None);
    }

    pub(crate) fn last(&self) -> String {
        format!("{:040x}", self.0.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// Without what is made up anew in every run: the identity's ids, and what Azure's errors are numbered by.
pub(crate) fn stable(identity: &workshop::Identity, text: &str) -> String {
    let mut text = text
        .replace(&identity.client_id, "<akspe's client id>")
        .replace(&identity.principal_id, "<akspe's principal id>");
    for (before, width, shown) in [
        ("correlation id ", 36, "<id>"),
        ("Trace ID: ", 36, "<id>"),
        ("Correlation ID: ", 36, "<id>"),
        ("Timestamp: ", 20, "<T>"),
    ] {
        let mut parts = text.split(before);
        let first = parts.next().unwrap_or_default().to_string();
        text = parts.fold(first, |text, part| text + before + shown + part.get(width..).unwrap_or_default());
    }
    text
}
