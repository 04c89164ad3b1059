//! The one composition of the platform. Everything that differs between `up`, `plan`, tests and simulation is an option.

use std::{collections::BTreeMap, sync::Arc};

use actions::{ArmError, ArmMethod, Reason};
use api::{
    Redacted,
    env::{SharedClock, SharedEntropy},
};
use apiserver::{ApiServer, Identity};
use arm::{Credential, Endpoints, Guard};
use async_trait::async_trait;
use bytes::Bytes;
use capi::names;
use controllers::{
    application::{self, Sources},
    aso,
    cluster::Cluster,
    runtime::apart,
};
use parking_lot::Mutex;
use serde_json::Value;
use source::{Repository, chart::Charts};
use store::{Revision, Space, Store};
use tower::util::BoxCloneSyncService;
use twin::Twin;

use crate::{
    hosting::{self, Hosting},
    install,
    wires::{Direct, Wires},
};

/// Signing keys of the two issuers. Making one takes a tenth of a second, so callers keep them.
#[derive(Clone, Debug)]
pub struct Keys {
    pub cluster: Arc<jose::SigningKey>,
    pub azure: Arc<jose::SigningKey>,
}

/// Names and secrets of the simulated Azure.
#[derive(Clone, Debug)]
pub struct Azure {
    pub tenant_id: String,
    pub subscription_id: String,
    /// The service principal that owns the subscription: who prepares it, as a person with `az login` would.
    pub owner_client_id: String,
    pub owner_secret: Redacted<String>,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub store: Arc<dyn Store>,
    pub clock: SharedClock,
    pub entropy: SharedEntropy,
    pub repository: Arc<dyn Repository>,
    /// Where Helm charts come from.
    pub charts: Arc<dyn Charts>,
    pub keys: Keys,
    pub azure: Azure,
    /// Keys the hashes of values that Azure never returns.
    pub hash_key: Redacted<[u8; 32]>,
    /// Who may present client certificates to the network router.
    pub client_ca_pem: Option<String>,
    /// Of the clusters' Kubernetes APIs.
    pub limits: apiserver::Limits,
    /// How the clusters' admission webhooks are reached; a plan calls none.
    pub webhooks: Option<apiserver::webhook::SharedCaller>,
    pub crd_pattern: String,
    /// Where hosted clusters are reached from outside of this process; `None` when nobody listens.
    pub address: Option<hosting::Address>,
    /// The day of which AKS' table of Kubernetes versions is; `None` for the clock's.
    pub kubernetes_versions_of: Option<jiff::civil::Date>,
    /// How long Azure's operations take.
    pub pace: twin::Pace,
    /// What Azure makes of applications, tenants and subscriptions that it does not know.
    pub strangers: twin::Strangers,
    /// What Azure fails with on demand; `None` outside of tests.
    pub faults: Option<Arc<dyn twin::Faults>>,
    /// How often Git is asked.
    pub applications: application::Settings,
}

impl Options {
    /// A platform within this process: nobody reaches it, it calls nobody, Git and charts are empty, no Azure kind is served.
    /// Hashes have no secret key: for state that nobody keeps.
    pub fn unreached(
        store: Arc<dyn Store>,
        clock: SharedClock,
        entropy: SharedEntropy,
        keys: Keys,
        azure: Azure,
    ) -> Self {
        Self {
            store,
            clock,
            entropy,
            repository: source::Fixed::new(),
            charts: source::chart::FixedCharts::new(),
            keys,
            azure,
            hash_key: Redacted::new([0; 32]),
            client_ca_pem: None,
            limits: apiserver::Limits::default(),
            webhooks: None,
            crd_pattern: String::new(),
            address: None,
            kubernetes_versions_of: None,
            pace: twin::Pace::Fast,
            strangers: twin::Strangers::Refused,
            faults: None,
            applications: application::Settings::default(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the store failed")]
    Store(#[from] store::Error),
    #[error("the Kubernetes API refused")]
    Api(#[from] api::status::Status),
    #[error("the Kubernetes API refused")]
    Cluster(#[from] controllers::cluster::Error),
    #[error("the twin of Azure did not start: {0}")]
    Twin(String),
    #[error("Azure refused")]
    Azure(#[from] ArmError),
}

/// A running platform, except for its controllers: those run while [`Platform::run`] is polled.
#[derive(Debug)]
pub struct Platform {
    options: Options,
    space: Arc<dyn Space>,
    twin_space: Arc<dyn Space>,
    api: ApiServer,
    twin: Twin,
    arm: arm::Client,
    owner: Credential,
    hosting: Hosting,
    applications: application::Context,
    reasons: Reasons,
    wires: Arc<dyn Wires>,
}

/// Why Azure was last asked to write something, by method and id. Bounded: `plan` reads them, a long-running `up` does not.
#[derive(Clone, Debug, Default)]
struct Reasons(Arc<Mutex<BTreeMap<(ArmMethod, String), Reason>>>);

const REASONS_MAX: usize = 10_000;

impl Reasons {
    fn recorder(&self) -> aso::Recorder {
        let reasons = self.0.clone();
        aso::Recorder(Arc::new(move |request, reason| {
            let mut reasons = reasons.lock();
            if reasons.len() >= REASONS_MAX {
                reasons.clear();
            }
            reasons.insert((request.method, request.id.to_ascii_lowercase()), reason.clone());
        }))
    }
}

/// What the webhooks of the built-in controllers do upstream.
#[derive(Debug)]
struct Webhooks;

impl apiserver::admission::Admission for Webhooks {
    fn default(&self, group: &str, kind: &str, object: &mut Value) {
        capi::default(group, kind, object);
    }
}

/// The key spaces of a data directory.
pub const CLUSTER_SPACE: &str = "management";
pub const AZURE_SPACE: &str = "azure";

/// A stable name: what federated credentials were told stays true when ports change.
const ISSUER: &str = "https://oidc.windlass.test/management/";

impl Platform {
    /// Starts the API and the twin over the store and installs what the controllers need.
    pub async fn start(options: Options) -> Result<Self, Error> {
        Self::start_over(options, Arc::new(Direct)).await
    }

    /// As [`Platform::start`], with something between the controllers and what they talk to.
    pub async fn start_over(options: Options, wires: Arc<dyn Wires>) -> Result<Self, Error> {
        let space = options.store.space(CLUSTER_SPACE)?;
        let twin_space = options.store.space(AZURE_SPACE)?;
        let api = ApiServer::start(
            space.clone(),
            apiserver::Config {
                clock: options.clock.clone(),
                entropy: options.entropy.clone(),
                issuer: ISSUER.into(),
                signing_key: options.keys.cluster.clone().into(),
                client_ca_pem: options.client_ca_pem.clone(),
                admission: Arc::new(Webhooks),
                version: "v1.33.1".into(),
                limits: options.limits,
                workloads: false,
                webhooks: options.webhooks.clone(),
            },
        )
        .await?;
        let hosting = Hosting::new(hosting::Config {
            store: options.store.clone(),
            clock: options.clock.clone(),
            entropy: options.entropy.clone(),
            secret: options.hash_key.clone(),
            limits: options.limits,
            webhooks: options.webhooks.clone(),
            address: options.address.clone(),
        });
        let issuers = Arc::new(Issuers { api: api.clone(), hosting: hosting.clone() });
        let clusters = Arc::new(hosting.clone());
        let twin = Twin::open(twin_space.clone(), twin::Config { clusters, ..twin_config(&options, issuers) })
            .await
            .map_err(|error| Error::Twin(error.to_string()))?;
        let arm = arm::Client::new(
            wires.azure(in_process(twin.clone())),
            Endpoints::default(),
            Guard::unrestricted(),
            options.clock.clone(),
            options.entropy.clone(),
        );
        let owner = Credential::ClientSecret {
            tenant: options.azure.tenant_id.clone(),
            client_id: options.azure.owner_client_id.clone(),
            secret: options.azure.owner_secret.clone(),
        };
        let identity = Identity::service_account(install::ARGOCD_NAMESPACE, install::ARGOCD_CONTROLLER);
        let applications = application::Context::new(
            wired(&api, identity, application::FIELD_MANAGER, wires.as_ref()),
            Sources { repository: options.repository.clone(), charts: options.charts.clone() },
            (options.clock.clone(), options.entropy.clone()),
            options.applications.clone(),
        );
        let platform = Self {
            options,
            space,
            twin_space,
            api,
            twin,
            arm,
            owner,
            hosting,
            applications,
            reasons: Reasons::default(),
            wires,
        };
        install::install(&platform.admin(), &platform.options.crd_pattern).await?;
        Ok(platform)
    }

    /// Runs every controller until dropped.
    pub async fn run(&self) {
        let identity = Identity::service_account(install::AZURE_NAMESPACE, install::ASO_CONTROLLER);
        let azure = aso::Context::new(
            wired(&self.api, identity, "aso-controller", self.wires.as_ref()),
            self.arm.clone(),
            self.options.clock.clone(),
            (install::AZURE_NAMESPACE.into(), install::ASO_CONTROLLER.into()),
            self.options.hash_key.clone(),
        )
        .with_recorder(self.reasons.recorder());
        let account = |namespace, name, manager| {
            wired(&self.api, Identity::service_account(namespace, name), manager, self.wires.as_ref())
        };
        let capi = controllers::capi::Context::new(
            account(names::CORE_NAMESPACE, names::CORE_ACCOUNT, names::CORE_MANAGER),
            account(names::AZURE_NAMESPACE, names::AZURE_ACCOUNT, names::AZURE_MANAGER),
            Arc::new(self.hosting.clone()),
            self.options.clock.clone(),
        );
        let hosting = self.hosting.clone();
        // Side by side: none waits for what another computes.
        let tasks = [
            apart(self.api.controllers()),
            apart(async move { hosting.run().await }),
            apart(application::run(self.applications.clone())),
            apart(aso::run(azure)),
            apart(controllers::capi::run(capi)),
        ];
        futures::future::join_all(tasks).await;
    }

    /// The Kubernetes API as a member of system:masters.
    pub fn admin(&self) -> Cluster {
        Cluster::new(client(&self.api, Identity::admin()), "windlass")
    }

    /// The controller of Applications: to be told of pushes.
    pub fn applications(&self) -> &application::Context {
        &self.applications
    }

    /// Why Azure was last asked for that write.
    pub fn reason(&self, method: ArmMethod, id: &str) -> Option<Reason> {
        self.reasons.0.lock().get(&(method, id.to_ascii_lowercase())).cloned()
    }

    pub fn api(&self) -> &ApiServer {
        &self.api
    }

    /// The clusters that the twin asked for.
    pub fn hosting(&self) -> &Hosting {
        &self.hosting
    }

    pub fn twin(&self) -> &Twin {
        &self.twin
    }

    pub fn arm(&self) -> &arm::Client {
        &self.arm
    }

    /// The subscription's owner.
    pub fn owner(&self) -> &Credential {
        &self.owner
    }

    pub fn issuer(&self) -> &str {
        ISSUER
    }

    pub fn azure(&self) -> &Azure {
        &self.options.azure
    }

    pub fn subscription_id(&self) -> &str {
        &self.options.azure.subscription_id
    }

    pub fn tenant_id(&self) -> &str {
        &self.options.azure.tenant_id
    }

    /// Changes whenever anything was written, in Kubernetes or in Azure.
    pub fn revisions(&self) -> (Revision, Revision) {
        (self.space.revision(), self.twin_space.revision())
    }
}

/// A client in this process, with that identity's rights.
fn client(api: &ApiServer, identity: Identity) -> kube::Client {
    kube::Client::new(api.in_process(identity), "default")
}

/// A controller's way to the Kubernetes API.
fn wired(api: &ApiServer, identity: Identity, manager: &'static str, wires: &dyn Wires) -> Cluster {
    Cluster::new(wires.kubernetes(manager, client(api, identity)), manager)
}

fn twin_config(options: &Options, issuers: Arc<dyn twin::IssuerKeys>) -> twin::Config {
    let config = azure_config(&options.azure, (&options.clock, &options.entropy), &options.keys.azure, issuers);
    let (kubernetes_versions_of, faults) = (options.kubernetes_versions_of, options.faults.clone());
    let (pace, strangers) = (options.pace, options.strangers);
    twin::Config { kubernetes_versions_of, pace, strangers, faults, ..config }
}

pub(crate) fn azure_config(
    azure: &Azure,
    (clock, entropy): (&SharedClock, &SharedEntropy),
    signing_key: &Arc<jose::SigningKey>,
    issuers: Arc<dyn twin::IssuerKeys>,
) -> twin::Config {
    twin::Config {
        clock: clock.clone(),
        entropy: entropy.clone(),
        tenant_id: azure.tenant_id.clone(),
        subscriptions: vec![azure.subscription_id.clone()],
        signing_key: signing_key.clone().into(),
        issuers,
        owner: twin::OwnerPrincipal { client_id: azure.owner_client_id.clone(), secret: azure.owner_secret.clone() },
        pace: twin::Pace::Fast,
        taken_names: Vec::new(),
        clusters: Arc::new(twin::NoClusters),
        kubernetes_versions_of: None,
        vcpu_quota: None,
        strangers: twin::Strangers::Refused,
        faults: None,
    }
}

/// The twin alone over a copy of its state, to look at.
pub async fn open_twin(options: &Options) -> Result<Twin, Error> {
    let space = options.store.space(AZURE_SPACE)?;
    let config = twin_config(options, Arc::new(NoIssuers));
    Twin::open(space, config).await.map_err(|error| Error::Twin(error.to_string()))
}

/// Nobody is asked for tokens of a twin that is only looked at.
#[derive(Debug)]
struct NoIssuers;

#[async_trait]
impl twin::IssuerKeys for NoIssuers {
    async fn keys(&self, issuer: &str) -> Result<jose::Jwks, String> {
        Err(format!("no issuer at {issuer}"))
    }
}

/// The twin as a transport: no socket, no TLS.
fn in_process(twin: Twin) -> arm::Transport {
    BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<Bytes>| {
        let twin = twin.clone();
        async move { Ok::<_, arm::TransportError>(twin.handle(request).await) }
    }))
}

/// The platform's own API as token issuer, beside the hosted clusters.
#[derive(Debug)]
struct Issuers {
    api: ApiServer,
    hosting: Hosting,
}

#[async_trait]
impl twin::IssuerKeys for Issuers {
    async fn keys(&self, issuer: &str) -> Result<jose::Jwks, String> {
        if issuer == ISSUER {
            return Ok(self.api.jwks());
        }
        twin::IssuerKeys::keys(&self.hosting, issuer).await
    }
}
