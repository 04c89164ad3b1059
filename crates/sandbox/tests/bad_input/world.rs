//! A platform in memory with the workshop's identity and Sample 2 in Git, to be broken and mended.

use std::{
    sync::{Arc, OnceLock},
    thread,
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
    plan::{self, Against, Inputs, Plan},
    settle::settle,
    workshop,
};
use serde_json::{Value, json};
use source::Fixed;
use store::Memory;
use tokio::time::{Instant, sleep};

use crate::{
    report,
    support::{self, Base, Commits, REPOSITORY, SUBSCRIPTION, TENANT},
};

const CRD_PATTERN: &str = "resources.azure.com/*;keyvault.azure.com/*";
const MADE_AT: &str = "2025-06-01T08:00:00Z";

/// Errors come to rest: nothing is written while the same thing fails again.
const REST: Duration = Duration::from_secs(30 * 60);
/// From the mended input to Healthy: a poll of Git, or the longest backoff.
const MENDED: Duration = Duration::from_secs(30 * 60);
const HOUR: Duration = Duration::from_secs(3600);

pub(crate) struct World {
    pub(crate) platform: Platform,
    pub(crate) repository: Arc<Fixed>,
    store: Arc<Memory>,
    base: &'static Base,
    commits: Commits,
    files: Mutex<FileSet>,
}

/// What a plan of the last commit is made over, where a plan can say something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// What is wrong is not in Git and not in the state of the platform.
    NoPlan,
    /// As in a pull request's check.
    Nothing,
    /// As with `--against DATA-DIR`.
    TheState,
}

/// Breaks a fresh platform, compares what is said about it, mends it and demands silence.
pub(crate) fn check(over: Over, break_it: impl AsyncFnOnce(&World), mend: impl AsyncFnOnce(&World), expected: Expect) {
    let base = base();
    support::runtime().block_on(async {
        let world = World::start(base).await;
        // Before anybody looks: what controllers make of the sample until then is chance.
        world.commit(&world.sample());
        break_it(&world).await;
        let script = async {
            assert!(settle(&world.platform, REST).await, "never at rest:\n{}", report::of(&world, over).await);
            expected.assert_eq(&report::of(&world, over).await);
            mend(&world).await;
            world.heals().await;
        };
        tokio::select! {
            biased;
            () = world.platform.run() => panic!("controllers run until they are dropped"),
            () = script => {}
        }
    });
}

/// Made once per process.
fn base() -> &'static Base {
    static BASE: OnceLock<Base> = OnceLock::new();
    BASE.get_or_init(|| Base::make(|store, keys| options(store, keys, Fixed::new(), 1)))
}

/// Must be called within the runtime whose clock the platform follows.
fn options(store: Arc<Memory>, keys: Keys, repository: Arc<Fixed>, seed: u64) -> Options {
    Options { repository, ..support::options(store, keys, MADE_AT, CRD_PATTERN, seed) }
}

pub(crate) fn kind(group: &str, version: &str, kind: &str, name: &str) -> ObjectRef {
    ObjectRef::new(&GroupVersionKind::new(group, version, kind), workshop::NAMESPACE, name)
}

pub(crate) fn credential_secret() -> ObjectRef {
    kind("", "v1", "Secret", workshop::CREDENTIAL)
}

pub(crate) fn vault() -> ObjectRef {
    kind("keyvault.azure.com", "v1api20210401preview", "Vault", "app-keyvault")
}

pub(crate) fn group() -> ObjectRef {
    kind("resources.azure.com", "v1api20200601", "ResourceGroup", "rg-dev-app")
}

pub(crate) fn secret() -> ObjectRef {
    kind("keyvault.azure.com", "v1api20210401preview", "Secret", "app-secret")
}

pub(crate) fn application() -> ObjectRef {
    let gvk = GroupVersionKind::new("argoproj.io", "v1alpha1", "Application");
    ObjectRef::new(&gvk, install::ARGOCD_NAMESPACE, workshop::APPLICATION)
}

impl World {
    async fn start(base: &'static Base) -> Self {
        let store = base.store.fork().expect("memory can be copied");
        let repository = Fixed::new();
        let platform = Platform::start(options(store.clone(), base.keys.clone(), repository.clone(), 2))
            .await
            .expect("the platform");
        Self { platform, repository, store, base, commits: Commits::default(), files: Mutex::default() }
    }

    pub(crate) fn identity(&self) -> &workshop::Identity {
        &self.base.identity
    }

    /// The text of Sample 2.
    pub(crate) fn sample(&self) -> String {
        let files = workshop::files(TENANT, &self.base.identity.principal_id);
        let bytes = files.get(workshop::SAMPLE_2).expect("the sample");
        String::from_utf8(bytes.to_vec()).expect("utf-8")
    }

    /// Pushes a commit with that as the sample's file, and nothing else.
    pub(crate) fn commit(&self, sample: &str) {
        self.commit_files(files(sample));
    }

    /// Pushes a commit with exactly these files.
    pub(crate) fn commit_files(&self, files: FileSet) {
        *self.files.lock() = files.clone();
        self.commits.push(&self.platform, &self.repository, files);
    }

    /// Pushes the sample with the first `from` replaced.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let sample = self.sample();
        assert!(sample.contains(from), "{from} in the sample");
        self.commit(&sample.replacen(from, to, 1));
    }

    pub(crate) async fn apply(&self, object: Value) {
        support::apply(&self.platform, object).await;
    }

    /// The credential Secret of the namespace with these values instead of the workshop's.
    pub(crate) async fn credential(&self, values: Value) {
        let target = credential_secret();
        let mut data = json!({"AZURE_SUBSCRIPTION_ID": SUBSCRIPTION, "AZURE_TENANT_ID": TENANT});
        for (key, value) in values.as_object().expect("a map") {
            data[key] = value.clone();
        }
        if self.get(&target).await.is_some() {
            self.delete(&target).await;
        }
        self.apply(json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "stringData": data,
            "metadata": {"name": target.name, "namespace": target.namespace},
        }))
        .await;
    }

    pub(crate) async fn delete(&self, target: &ObjectRef) {
        support::delete(&self.platform, target).await;
    }

    /// One request to Azure as the subscription's owner.
    pub(crate) async fn azure(&self, method: ArmMethod, id: &str, api_version: &str, body: Option<Value>) {
        let request = ArmRequest { method, id: id.into(), api_version: api_version.into(), body };
        let answer = self.platform.arm().send(self.platform.owner(), &request).await;
        answer.unwrap_or_else(|error| panic!("{method:?} {id}: {error:?}"));
    }

    pub(crate) async fn get(&self, target: &ObjectRef) -> Option<Value> {
        support::get(&self.platform, target).await
    }

    async fn is_done(&self) -> bool {
        let application = self.get(&application()).await.unwrap_or_default();
        let text = |at: &str| application.pointer(at).and_then(Value::as_str).unwrap_or_default().to_string();
        text("/status/sync/status") == "Synced" && text("/status/health/status") == "Healthy"
    }

    /// Synced and Healthy with the last commit, and then nothing is written for a virtual hour.
    async fn heals(&self) {
        assert!(
            settle(&self.platform, MENDED).await,
            "never at rest once mended:\n{}",
            report::of(self, Over::NoPlan).await
        );
        let deadline = Instant::now() + MENDED;
        while !self.is_done().await {
            assert!(
                Instant::now() < deadline,
                "not Synced and Healthy once mended:\n{}",
                report::of(self, Over::NoPlan).await
            );
            sleep(Duration::from_secs(10)).await;
        }
        assert!(
            settle(&self.platform, MENDED).await,
            "never at rest once healthy:\n{}",
            report::of(self, Over::NoPlan).await
        );
        let application = self.get(&application()).await.unwrap_or_default();
        assert_eq!(
            application["status"]["sync"]["revision"],
            self.commits.last(),
            "the last commit is what is deployed"
        );
        let conditions = application["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let errors: Vec<_> = conditions
            .iter()
            .filter(|each| each["type"].as_str().is_some_and(|kind| kind.ends_with("Error")))
            .collect();
        assert!(errors.is_empty(), "errors are left: {errors:#?}");
        let revisions = self.platform.revisions();
        sleep(HOUR).await;
        assert_eq!(self.platform.revisions(), revisions, "an hour of silence");
    }

    /// The plan of the last commit.
    pub(crate) fn plan(&self, over: Over) -> Option<Plan> {
        let files = self.files.lock().clone();
        match over {
            Over::NoPlan => None,
            Over::Nothing => Some(planned(self.base, files, Against::Empty)),
            Over::TheState => {
                let store = self.store.fork().expect("memory can be copied");
                Some(planned(self.base, files, Against::State { store, azure: support::azure() }))
            }
        }
    }

    /// What a plan says about the sample as it should be.
    pub(crate) fn good_plan(&self) -> &'static Plan {
        static GOOD: OnceLock<Plan> = OnceLock::new();
        GOOD.get_or_init(|| planned(self.base, files(&self.sample()), Against::Empty))
    }
}

/// A plan has a runtime of its own, which must not be within another.
fn planned(base: &'static Base, head: FileSet, against: Against) -> Plan {
    let inputs = Inputs {
        base: None,
        base_label: "nothing".into(),
        head,
        head_label: "the working tree".into(),
        remotes: vec![REPOSITORY.into()],
        against,
        outside: Fixed::new(),
        charts: source::chart::FixedCharts::new(),
        keys: base.keys.clone(),
        now: MADE_AT.parse().expect("a timestamp"),
        kubernetes_versions_of: None,
    };
    thread::spawn(move || plan::run(inputs)).join().expect("no panic").expect("a plan")
}

/// The sample's file with that text.
pub(crate) fn files(sample: &str) -> FileSet {
    let mut files = FileSet::default();
    files.insert(workshop::SAMPLE_2, sample.as_bytes().to_vec());
    files
}
