//! The state that runs start from: an installed platform with the workshop's identity, namespace and credential, and the
//! definitions that the story needs. Made once per process; runs get copies.

use std::{
    sync::{Arc, OnceLock},
    thread,
};

use api::Redacted;
use sandbox::{Azure, Keys, Options, Platform, SeededEntropy, VirtualClock, workshop};
use source::{Fixed, chart::FixedCharts};
use store::Memory;

use crate::Story;

pub(crate) const TENANT: &str = "72f988bf-0000-4000-8000-2d7cd011db47";
pub(crate) const SUBSCRIPTION: &str = "11111111-2222-4333-8444-555555555555";
pub(crate) const REPOSITORY: &str = "https://git.windlass.test/app-project-env.git";
/// The kinds of Sample 2: fewer definitions, faster restarts.
const VAULT_PATTERN: &str = "resources.azure.com/*;keyvault.azure.com/*";
/// Those of clusters, which are large.
const AKS_PATTERN: &str = "resources.azure.com/*;containerservice.azure.com/ManagedCluster*";
/// When the base is made; runs start an hour later.
const MADE_AT: &str = "2025-06-01T08:00:00Z";
const RUNS_AT: &str = "2025-06-01T09:00:00Z";

#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) store: Arc<Memory>,
    pub(crate) keys: Keys,
    pub(crate) identity: workshop::Identity,
    /// What is in Azure before Git says anything.
    pub(crate) resources: Vec<String>,
}

/// # Panics
/// When the platform cannot be prepared without any fault: then there is nothing to simulate.
pub(crate) fn base(story: Story) -> &'static Base {
    static BASES: [OnceLock<Base>; 2] = [const { OnceLock::new() }; 2];
    // On a thread of its own: the caller may be within a runtime.
    let base = &BASES[usize::from(story != Story::Vault)];
    base.get_or_init(|| thread::spawn(move || make(story)).join().expect("the base is made"))
}

fn make(story: Story) -> Base {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    let entropy = SeededEntropy::new(0);
    let key = || Arc::new(jose::SigningKey::generate(&entropy).expect("a key"));
    let keys = KEYS.get_or_init(|| Keys { cluster: key(), azure: key() }).clone();
    let store = Memory::new();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    let (identity, resources) = runtime.block_on(async {
        let entropy = Arc::new(SeededEntropy::new(0));
        let options = options(story, store.clone(), &keys, Fixed::new(), entropy, clock(MADE_AT));
        let platform = Platform::start(options).await.expect("the platform starts");
        let identity = workshop::identity(&platform).await.expect("the identity is made");
        workshop::objects(&platform, &identity, REPOSITORY).await.expect("the objects are made");
        let resources = platform.twin().resources().into_iter().map(|resource| resource.id.to_lowercase());
        (identity, resources.collect())
    });
    Base { store, keys, identity, resources }
}

fn clock(at: &str) -> VirtualClock {
    VirtualClock::starting_at(at.parse().expect("a timestamp"))
}

/// The clock of a run. Must be called within its runtime.
pub(crate) fn run_clock() -> VirtualClock {
    clock(RUNS_AT)
}

pub(crate) fn options(
    story: Story,
    store: Arc<dyn store::Store>,
    keys: &Keys,
    repository: Arc<Fixed>,
    entropy: api::env::SharedEntropy,
    clock: impl api::env::Clock + 'static,
) -> Options {
    let charts = FixedCharts::new();
    charts.add(workshop::CHART_REPOSITORY, workshop::CHART, workshop::CHART_VERSION, workshop::built_in());
    let crd_pattern = if story == Story::Vault { VAULT_PATTERN } else { AKS_PATTERN }.into();
    let azure = Azure {
        tenant_id: TENANT.into(),
        subscription_id: SUBSCRIPTION.into(),
        owner_client_id: "99999999-8888-4777-8666-555555555555".into(),
        owner_secret: Redacted::new("owner".into()),
    };
    let options = Options::unreached(store, Arc::new(clock), entropy, keys.clone(), azure);
    Options { repository, charts, crd_pattern, ..options }
}
