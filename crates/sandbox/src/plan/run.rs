//! Running the plan: one sandbox, two converged states.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use actions::Finding;
use api::{
    ObjectExt, Redacted, argoproj,
    files::FileSet,
    names::{GroupVersionKind, ObjectRef},
};
use controllers::{application::Settings, cluster::Cluster};
use gitops::manifests::Manifest;
use serde_json::{Value, json};
use source::chart::Threaded;
use store::Memory;
use twin::Strangers;

use super::{
    Against, Inputs, NotPlanned, Plan, SCHEMA_VERSION, Summary, compare, compare::Snapshot, findings,
    repository::Worktree, scan, stand_in,
};
use crate::{Azure, Options, Platform, SeededEntropy, VirtualClock, install, settle::settle};

/// Virtual time that a state may take to converge: retries of what cannot work go on for longer, silently.
const CONVERGE: Duration = Duration::from_secs(30 * 60);

/// The Application of a directory that none follows.
const IMPLICIT: &str = "implicit";

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the sandbox did not start")]
    Sandbox(#[from] crate::Error),
    #[error("the sandbox's Kubernetes API refused")]
    Cluster(#[from] controllers::cluster::Error),
    #[error("the sandbox has no runtime")]
    Runtime(#[from] std::io::Error),
}

/// Makes the plan on a thread-local runtime with a paused clock. Must not be called from within another runtime.
pub fn run(inputs: Inputs) -> Result<Plan, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(plan(inputs))
}

async fn plan(inputs: Inputs) -> Result<Plan, Error> {
    let repository = Arc::new(Worktree::new(inputs.remotes.clone(), inputs.outside.clone()));
    let platform = Platform::start(options(&inputs, repository.clone())).await?;
    let session = Session { platform: &platform, cluster: platform.admin(), repository, inputs: &inputs };
    tokio::select! {
        biased;
        () = platform.run() => unreachable!("controllers run until they are dropped"),
        plan = session.run() => plan,
    }
}

/// A sandbox over a copy of the given state. The stand-in Azure takes the tenant that the manifests name.
fn options(inputs: &Inputs, repository: Arc<Worktree>) -> Options {
    let (store, azure) = match &inputs.against {
        Against::State { store, azure } => (store.clone(), azure.clone()),
        Against::Empty => {
            let zero = "00000000-0000-0000-0000-000000000000".to_string();
            let tenant_id = scan::tenant(&scan::objects(&inputs.head)).unwrap_or_else(|| zero.clone());
            let owner_secret = Redacted::new("stand-in".to_string());
            let owner_client_id = "00000000-0000-0000-0000-000000000001".to_string();
            (Memory::new(), Azure { tenant_id, subscription_id: zero, owner_client_id, owner_secret })
        }
    };
    let clock = Arc::new(VirtualClock::starting_at(inputs.now));
    let entropy = Arc::new(SeededEntropy::new(1));
    Options {
        repository,
        charts: Arc::new(Threaded::new(inputs.charts.clone())),
        crd_pattern: install::CRD_PATTERN.into(),
        kubernetes_versions_of: inputs.kubernetes_versions_of,
        strangers: match inputs.against {
            Against::Empty => Strangers::Believed,
            Against::State { .. } => Strangers::Refused,
        },
        // The plan says when to look.
        applications: Settings {
            poll_interval: None,
            skip_unserved_kinds: true,
            track_values: true,
            ..Settings::default()
        },
        ..Options::unreached(store, clock, entropy, inputs.keys.clone(), azure)
    }
}

struct Session<'a> {
    platform: &'a Platform,
    cluster: Cluster,
    repository: Arc<Worktree>,
    inputs: &'a Inputs,
}

/// One converged state.
struct State {
    objects: Snapshot,
    found: Vec<Manifest>,
    not_planned: Vec<NotPlanned>,
}

impl Session<'_> {
    async fn run(&self) -> Result<Plan, Error> {
        let missing = self.stand_in().await?;
        let base = self.converge("base", self.inputs.base.as_ref()).await?;
        let existing = findings::ids(self.platform.twin());
        self.platform.twin().clear_request_log();
        let head = self.converge("head", Some(&self.inputs.head)).await?;
        let received = findings::received(self.platform.twin(), &existing);
        let mut azure = compare::requests(&received);
        let unknown = made_up(&base.objects, &head.objects);
        azure
            .iter_mut()
            .filter_map(|change| change.body.as_mut())
            .for_each(|body| compare::mark_unknown(body, &unknown));
        for change in &mut azure {
            change.reason = self.platform.reason(change.method, &change.id).unwrap_or_default().to_string();
        }
        let applications = self.cluster.list(&application_kind(), "").await?;
        let mut findings = missing;
        let of_charts = findings::of_charts(&self.cluster, self.platform.applications()).await?;
        let manifests = [head.found, of_charts.clone()].concat();
        findings.extend(findings::of_objects(&self.cluster, &manifests).await?);
        findings.extend(findings::of_state(&head.objects));
        findings.extend(findings::of_versions(&head.objects, self.inputs.now));
        for application in &applications {
            findings.extend(findings::of_sync(application, application.name() == Some(IMPLICIT)));
        }
        findings.extend(findings::of_removals(&base.objects, &head.objects));
        findings.extend(findings::of_strangers(&self.platform.twin().believed()));
        findings.extend(findings::of_urls(&self.repository.assumed()));
        let mut not_planned = head.not_planned;
        not_planned.extend(findings::not_served(&self.cluster, &of_charts).await?);
        // They are listed with what is not planned.
        findings.retain(|finding| finding.code != "ExcludedResourceWarning");
        findings.sort();
        findings.dedup();
        let mut plan = Plan {
            schema: SCHEMA_VERSION.into(),
            base: self.inputs.base_label.clone(),
            head: self.inputs.head_label.clone(),
            partial: false,
            applications: applications.iter().map(findings::application_state).collect(),
            objects: compare::objects(&base.objects, &head.objects),
            azure,
            not_planned,
            findings,
            summary: Summary::default(),
        };
        plan.summarize();
        Ok(plan)
    }

    /// What neither state of the repository defines and an empty platform lacks. Made before the base, so that it is no part
    /// of the difference.
    async fn stand_in(&self) -> Result<Vec<Finding>, Error> {
        let mut findings = Vec::new();
        if matches!(self.inputs.against, Against::Empty) {
            for files in self.inputs.base.iter().chain([&self.inputs.head]) {
                let found = scan::objects(files);
                findings.extend(stand_in::provide(&self.cluster, &found, self.platform.azure()).await?);
            }
        }
        Ok(findings)
    }

    /// Brings the platform to that state of the repository.
    async fn converge(&self, commit: &str, files: Option<&FileSet>) -> Result<State, Error> {
        let mut state = State { objects: Snapshot::new(), found: Vec::new(), not_planned: Vec::new() };
        if let Some(files) = files {
            state.found = scan::objects(files);
            state.not_planned = findings::not_served(&self.cluster, &state.found).await?;
            self.repository.set(&format!("{commit:0<40}"), files.clone());
            self.follow(&state.found).await?;
        }
        settle(self.platform, CONVERGE).await;
        state.objects = self.snapshot().await?;
        Ok(state)
    }

    /// Applies the Applications that a person would apply, or one implicit Application over everything, and wakes all.
    async fn follow(&self, found: &[Manifest]) -> Result<(), Error> {
        let ours = |url: &str| self.repository.is_remote(url);
        let roots = scan::roots(found, &ours);
        let applications = found.iter().filter(|manifest| scan::is_application(&manifest.object));
        let follows = applications.clone().any(|app| ours(scan::repo_url(&app.object)));
        let has_more = applications.count() < found.len();
        if !follows && (has_more || roots.is_empty()) && !self.is_followed().await? {
            // Applications of charts or of other repositories are its children, as they are of the one that nobody committed.
            install::apply(&self.cluster, self.implicit()).await?;
            self.platform.applications().pushed(None);
            return Ok(());
        }
        for root in roots {
            let mut object = root.object.clone();
            if object.namespace().is_none() {
                object.metadata_mut().insert("namespace".into(), json!(install::ARGOCD_NAMESPACE));
            }
            install::apply(&self.cluster, object).await?;
        }
        self.platform.applications().pushed(None);
        Ok(())
    }

    /// Whether an Application of the given state follows the repository already.
    async fn is_followed(&self) -> Result<bool, Error> {
        let applications = self.cluster.list(&application_kind(), "").await?;
        let others = applications.iter().filter(|app| app.name() != Some(IMPLICIT));
        Ok(others.map(scan::repo_url).any(|url| self.repository.is_remote(url)))
    }

    /// A directory that no Application follows is one: recursive, in namespace `default`.
    fn implicit(&self) -> Value {
        let url = self.inputs.remotes.first().cloned().unwrap_or_else(|| "file:///repository".into());
        json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": IMPLICIT, "namespace": install::ARGOCD_NAMESPACE},
            "spec": {
                "project": "default",
                "source": {"repoURL": url, "path": ".", "targetRevision": "HEAD", "directory": {"recurse": true}},
                "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"},
                "syncPolicy": {"automated": {"prune": true, "selfHeal": true}, "syncOptions": ["CreateNamespace=true"]},
            },
        })
    }

    /// Everything but what the platform itself keeps.
    async fn snapshot(&self) -> Result<Snapshot, Error> {
        let mut snapshot = Snapshot::new();
        for (gvk, _) in self.cluster.kinds().await? {
            if matches!(gvk.kind.as_str(), "Event" | "Lease") {
                continue;
            }
            for object in self.cluster.list(&gvk, "").await? {
                let Some(key) = ObjectRef::of(&object) else { continue };
                let made_by_the_cluster = matches!(
                    (key.kind.as_str(), key.name.as_str()),
                    ("ConfigMap", "kube-root-ca.crt") | ("ServiceAccount", "default") | ("Application", IMPLICIT)
                );
                if !made_by_the_cluster {
                    snapshot.insert(key, object);
                }
            }
        }
        Ok(snapshot)
    }
}

pub(super) fn application_kind() -> GroupVersionKind {
    GroupVersionKind::new(argoproj::GROUP, argoproj::VERSION, "Application")
}

/// Values that the sandbox made up where only Azure can know: ids of identities that the head state creates.
fn made_up(base: &Snapshot, head: &Snapshot) -> BTreeSet<String> {
    let fresh = head.iter().filter(|(key, object)| base.get(*key).is_none_or(|old| old.uid() != object.uid()));
    let ids = fresh.flat_map(|(_, object)| ["/status/principalId", "/status/clientId"].map(|at| object.pointer(at)));
    ids.flatten().filter_map(|id| id.as_str().map(str::to_string)).collect()
}
