//! A platform in memory with the workshop's identity, and both samples' repository.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use actions::{ArmMethod, ArmRequest};
use api::{
    files::FileSet,
    names::{GroupVersionKind, ObjectRef},
};
use expect_test::Expect;
use parking_lot::Mutex;
use sandbox::{
    Keys, Options, Platform, install,
    settle::settle,
    workshop::{self, sample_1},
};
use serde_json::{Value, json};
use source::{Fixed, chart::FixedCharts};
use store::Memory;
use twin::{Fault, FaultPoint, FaultTime, Faults};

use crate::{
    report,
    support::{self, Base, Commits, SUBSCRIPTION, TENANT, stable},
};

const CRD_PATTERN: &str = "resources.azure.com/*;containerservice.azure.com/ManagedCluster*";
/// A day on which AKS offers the workshop's version and its successor.
const MADE_AT: &str = "2025-05-01T08:00:00Z";
/// Failed operations are tried again after ever longer times; the longest is some minutes.
const LIMIT: Duration = Duration::from_secs(3 * 3600);
/// Where the chart's objects live.
pub(crate) const NAMESPACE: &str = "default";
pub(crate) const FINALIZER: &str = "  finalizers: [resources-finalizer.argocd.argoproj.io]\n";

pub(crate) struct World {
    pub(crate) platform: Platform,
    pub(crate) azure: Arc<Weather>,
    repository: Arc<Fixed>,
    base: &'static Base,
    commits: Commits,
    sample: Mutex<String>,
}

/// Refuses every write to ids that contain a text, until told otherwise.
#[derive(Debug, Default)]
pub(crate) struct Weather(Mutex<Option<(String, Fault)>>);

impl Weather {
    pub(crate) fn refuse(&self, id_contains: &str, fault: Fault) {
        *self.0.lock() = Some((id_contains.to_lowercase(), fault));
    }

    pub(crate) fn clear_up(&self) {
        *self.0.lock() = None;
    }
}

impl Faults for Weather {
    fn fault(&self, point: &FaultPoint) -> Option<Fault> {
        let refused = self.0.lock();
        let (id_contains, fault) = refused.as_ref()?;
        let fits =
            point.when == FaultTime::Before && point.method != "GET" && point.id.to_lowercase().contains(id_contains);
        fits.then(|| fault.clone())
    }
}

/// Runs the script beside the controllers, from a platform on which nothing of Git is yet.
pub(crate) fn with_world(script: impl AsyncFnOnce(&World)) {
    let base = base();
    support::runtime().block_on(async {
        let world = World::start(base).await;
        tokio::select! {
            biased;
            () = world.platform.run() => panic!("controllers run until they are dropped"),
            () = script(&world) => {}
        }
    });
}

/// Made once per process.
fn base() -> &'static Base {
    static BASE: OnceLock<Base> = OnceLock::new();
    BASE.get_or_init(|| Base::make(|store, keys| options(store, keys, Fixed::new(), Arc::default(), 1)))
}

/// Must be called within the runtime whose clock the platform follows.
fn options(store: Arc<Memory>, keys: Keys, repository: Arc<Fixed>, azure: Arc<Weather>, seed: u64) -> Options {
    let charts = FixedCharts::new();
    charts.add(workshop::CHART_REPOSITORY, workshop::CHART, workshop::CHART_VERSION, workshop::built_in());
    let options = support::options(store, keys, MADE_AT, CRD_PATTERN, seed);
    Options { repository, charts, faults: Some(azure), ..options }
}

/// Of the kinds that the chart makes, and those that Cluster API makes of them.
pub(crate) fn named(api_version: &str, kind: &str, name: &str) -> ObjectRef {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    ObjectRef::new(&GroupVersionKind::new(group, version, kind), NAMESPACE, name)
}

pub(crate) fn application() -> ObjectRef {
    let gvk = GroupVersionKind::new("argoproj.io", "v1alpha1", "Application");
    ObjectRef::new(&gvk, install::ARGOCD_NAMESPACE, sample_1::CLUSTER)
}

pub(crate) fn cluster() -> ObjectRef {
    named("cluster.x-k8s.io/v1beta1", "Cluster", sample_1::CLUSTER)
}

impl World {
    async fn start(base: &'static Base) -> Self {
        let store = base.store.fork().expect("memory can be copied");
        let (repository, azure) = (Fixed::new(), Arc::<Weather>::default());
        let options = options(store, base.keys.clone(), repository.clone(), azure.clone(), 2);
        let platform = Platform::start(options).await.expect("the platform");
        platform.twin().clear_request_log();
        Self { platform, azure, repository, base, commits: Commits::default(), sample: Mutex::default() }
    }

    pub(crate) fn identity(&self) -> &workshop::Identity {
        &self.base.identity
    }

    /// Pushes Sample 1 as the text has it, but with a finalizer where it is wanted.
    pub(crate) fn commit_sample(&self, finalizer: bool) {
        let text = sample_1::text(SUBSCRIPTION, TENANT, &self.identity().client_id);
        let with = format!("  namespace: argocd\n{FINALIZER}");
        self.commit(if finalizer { text.replacen("  namespace: argocd\n", &with, 1) } else { text });
    }

    /// Pushes the last commit's file with the first `from` replaced.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let sample = self.sample.lock().clone();
        assert!(sample.contains(from), "{from} in\n{sample}");
        self.commit(sample.replacen(from, to, 1));
    }

    /// Pushes a commit with that as Sample 1's file, and nothing else.
    fn commit(&self, sample: String) {
        let mut files = kept();
        files.insert(sample_1::PATH, sample.as_bytes().to_vec());
        *self.sample.lock() = sample;
        self.push(files);
    }

    /// Pushes a commit without it.
    pub(crate) fn commit_nothing(&self) {
        self.push(kept());
    }

    fn push(&self, files: FileSet) {
        self.commits.push(&self.platform, &self.repository, files);
    }

    pub(crate) async fn get(&self, target: &ObjectRef) -> Option<Value> {
        support::get(&self.platform, target).await
    }

    pub(crate) async fn apply(&self, object: Value) {
        support::apply(&self.platform, object).await;
    }

    /// The Secret that the chart makes for Azure Service Operator, as it was.
    pub(crate) fn credential(&self) -> Value {
        let data = json!({
            "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION, "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": self.identity().client_id, "USE_WORKLOAD_IDENTITY_AUTH": "true",
        });
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "stringData": data,
            "metadata": {"name": "aso-credentials", "namespace": NAMESPACE},
        })
    }

    pub(crate) async fn delete(&self, target: &ObjectRef) {
        support::delete(&self.platform, target).await;
    }

    /// As `az aks stop` does: from then on it answers nobody.
    pub(crate) async fn stop_cluster(&self) {
        let name = sample_1::CLUSTER;
        let id = format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}/providers/Microsoft.ContainerService/managedClusters/{name}/stop"
        );
        let request = ArmRequest { method: ArmMethod::Post, id, api_version: "2023-10-01".into(), body: None };
        let answer = self.platform.arm().send(self.platform.owner(), &request).await;
        answer.unwrap_or_else(|error| panic!("stop: {error:?}"));
        tokio::time::sleep(Duration::from_secs(60)).await;
    }

    pub(crate) async fn rests(&self) -> bool {
        settle(&self.platform, LIMIT).await
    }

    /// Waits for rest and compares what is there, and what was sent to Azure since the last look.
    pub(crate) async fn is(&self, expected: Expect) {
        let rest = if self.rests().await { "" } else { "never at rest\n" };
        let found = format!("{rest}{}{}", report::objects(self).await, report::requests(self));
        expected.assert_eq(&stable(self.identity(), &found));
    }

    /// The same, and then three hours without a write anywhere.
    pub(crate) async fn is_silent(&self) {
        let before = self.platform.revisions();
        tokio::time::sleep(LIMIT).await;
        assert_eq!(self.platform.revisions(), before, "silence");
        assert_eq!(report::requests(self), "", "nothing is sent to Azure");
    }
}

/// Something stays in Git when everything else is gone: nothing at all would be taken for a mistake and not be pruned.
fn kept() -> FileSet {
    let kept = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, namespace: argocd}\n";
    let mut files = FileSet::default();
    files.insert("samples/kept.yaml", kept.as_bytes());
    files
}
