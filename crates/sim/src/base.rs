//! The state that every run starts from: an installed platform with the workshop's identity, namespace and credential. Made
//! once per process; runs get copies.

use std::{
    sync::{Arc, OnceLock},
    thread,
};

use api::Redacted;
use sandbox::{Azure, Keys, Options, Platform, SeededEntropy, VirtualClock, workshop};
use source::Fixed;
use store::Memory;

pub(crate) const TENANT: &str = "72f988bf-0000-4000-8000-2d7cd011db47";
pub(crate) const SUBSCRIPTION: &str = "11111111-2222-4333-8444-555555555555";
pub(crate) const REPOSITORY: &str = "https://git.windlass.test/app-project-env.git";
/// The kinds of Sample 2 and of the identity: fewer definitions, faster restarts.
const CRD_PATTERN: &str = "resources.azure.com/*;keyvault.azure.com/*";
/// When the base is made; runs start an hour later.
const MADE_AT: &str = "2025-06-01T08:00:00Z";
const RUNS_AT: &str = "2025-06-01T09:00:00Z";

#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) store: Arc<Memory>,
    pub(crate) keys: Keys,
    pub(crate) principal_id: String,
    /// What is in Azure before Git says anything.
    pub(crate) resources: Vec<String>,
}

/// # Panics
/// When the platform cannot be prepared without any fault: then there is nothing to simulate.
pub(crate) fn base() -> &'static Base {
    static BASE: OnceLock<Base> = OnceLock::new();
    // On a thread of its own: the caller may be within a runtime.
    BASE.get_or_init(|| thread::spawn(make).join().expect("the base is made"))
}

fn make() -> Base {
    let entropy = SeededEntropy::new(0);
    let key = || Arc::new(jose::SigningKey::generate(&entropy).expect("a key"));
    let keys = Keys { cluster: key(), azure: key() };
    let store = Memory::new();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    let (principal_id, resources) = runtime.block_on(async {
        let options = options(store.clone(), &keys, Fixed::new(), Arc::new(entropy), clock(MADE_AT));
        let platform = Platform::start(options).await.expect("the platform starts");
        let identity = workshop::identity(&platform).await.expect("the identity is made");
        workshop::objects(&platform, &identity, REPOSITORY).await.expect("the objects are made");
        let resources = platform.twin().resources().into_iter().map(|resource| resource.id.to_lowercase());
        (identity.principal_id, resources.collect())
    });
    Base { store, keys, principal_id, resources }
}

fn clock(at: &str) -> VirtualClock {
    VirtualClock::starting_at(at.parse().expect("a timestamp"))
}

/// The clock of a run. Must be called within its runtime.
pub(crate) fn run_clock() -> VirtualClock {
    clock(RUNS_AT)
}

pub(crate) fn options(
    store: Arc<dyn store::Store>,
    keys: &Keys,
    repository: Arc<Fixed>,
    entropy: api::env::SharedEntropy,
    clock: impl api::env::Clock + 'static,
) -> Options {
    Options {
        store,
        clock: Arc::new(clock),
        entropy,
        repository,
        charts: source::chart::FixedCharts::new(),
        keys: keys.clone(),
        azure: Azure {
            tenant_id: TENANT.into(),
            subscription_id: SUBSCRIPTION.into(),
            owner_client_id: "99999999-8888-4777-8666-555555555555".into(),
            owner_secret: Redacted::new("owner".into()),
        },
        hash_key: Redacted::new([7; 32]),
        client_ca_pem: None,
        limits: sandbox::Limits::default(),
        webhooks: None,
        crd_pattern: CRD_PATTERN.into(),
        address: None,
        kubernetes_versions_of: None,
        faults: None,
        applications: controllers::application::Settings::default(),
    }
}
