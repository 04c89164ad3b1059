//! The shell against a pretended API server: passes end where decide says, transient failures are not recorded, watches and
//! pushes wake the right Application, and after convergence there is silence.

mod charts;
mod server;

use std::{sync::Arc, time::Duration};

use api::{ObjectExt, argoproj::REFRESH_ANNOTATION, files::FileSet};
use async_trait::async_trait;
use axum::body::Body;
use base64::Engine;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde_json::{Value, json};
use source::chart::FixedCharts;

use super::*;
use server::{Moment, Server};

/// One file, `a.yaml`, whose contents a test changes.
#[derive(Debug, Default)]
struct Files(Mutex<(u64, String)>);

impl Files {
    fn commit(&self, yaml: &str) {
        let mut state = self.0.lock();
        *state = (state.0 + 1, yaml.into());
    }
}

#[async_trait]
impl Repository for Files {
    async fn resolve(&self, url: &str, _: &str) -> Result<String, source::Error> {
        match self.0.lock().0 {
            0 => Err(source::Error::Empty { url: url.into() }),
            commit => Ok(format!("{commit:040x}")),
        }
    }

    async fn tree(&self, _: &str, _: &str, _: &str) -> Result<Arc<FileSet>, source::Error> {
        let mut files = FileSet::default();
        files.insert("a.yaml", self.0.lock().1.as_bytes());
        Ok(Arc::new(files))
    }
}

/// Follows the paused clock of tokio.
#[derive(Debug)]
struct Virtual(tokio::time::Instant);

impl api::env::Clock for Virtual {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        start.checked_add(SignedDuration::try_from(self.0.elapsed()).unwrap()).unwrap()
    }
}

const APP: &str = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/app";
const MAP: &str = "/api/v1/namespaces/dest/configmaps/a";

fn config(value: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{{value}}}\n")
}

struct Rig {
    server: Server,
    files: Arc<Files>,
    charts: Arc<FixedCharts>,
    context: Context,
}

impl Rig {
    fn new() -> Self {
        let server = Server::new();
        server.put(
            APP,
            json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "app", "namespace": "argocd"},
                "spec": {"project": "default", "source": {"repoURL": "https://git.test/r.git", "path": "p", "targetRevision": "main"},
                    "destination": {"server": "https://kubernetes.default.svc", "namespace": "dest"},
                    "syncPolicy": {"automated": {"prune": true, "selfHeal": true}}}}),
        );
        Self::over(server, Arc::default())
    }

    fn over(server: Server, files: Arc<Files>) -> Self {
        let cluster = Cluster::new(server.client(), FIELD_MANAGER);
        let clock = Arc::new(Virtual(tokio::time::Instant::now()));
        let charts = FixedCharts::new();
        let sources = Sources { repository: files.clone(), charts: charts.clone() };
        let entropy = Arc::new(testkit::SeededEntropy::new(1));
        let context = Context::new(cluster, sources, (clock, entropy), Settings::default());
        Self { server, files, charts, context }
    }

    async fn pass(&self) -> Pass {
        let key = ObjectRef::new(&application_kind(), "argocd", "app");
        reconcile(&key, &self.context).await
    }

    fn line(&self) -> String {
        let app = self.server.get(APP).unwrap_or_default();
        let text = |path: &str| app.pointer(path).and_then(Value::as_str).unwrap_or("-").to_string();
        format!(
            "{} {} {}",
            text("/status/sync/status"),
            text("/status/health/status"),
            text("/status/operationState/phase")
        )
    }

    /// Virtual seconds until the line says this, at most that many.
    async fn until(&self, line: &str, secs: u64) -> u64 {
        let start = tokio::time::Instant::now();
        while self.line() != line {
            assert!(start.elapsed().as_secs() < secs, "still {} after {secs} s", self.line());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        start.elapsed().as_secs()
    }
}

#[tokio::test(start_paused = true)]
async fn one_pass_syncs_and_the_next_is_silent() {
    let rig = Rig::new();
    rig.files.commit(&config("v: one, odd: x"));
    rig.pass().await.unwrap();
    expect_test::expect![[r#"
        PATCH /apis/argoproj.io/v1alpha1/namespaces/argocd/applications/app
        PATCH /api/v1/namespaces/dest/configmaps/a
        PATCH /apis/argoproj.io/v1alpha1/namespaces/argocd/applications/app
    "#]]
    .assert_eq(&rig.server.writes());
    assert_eq!(rig.line(), "Synced Healthy Succeeded");
    let message =
        rig.server.get(APP).unwrap()["status"]["operationState"]["syncResult"]["resources"][0]["message"].clone();
    assert_eq!(message, "configmap/a created. Warning: unknown field \"data.odd\"");
    rig.pass().await.unwrap();
    assert_eq!(rig.server.writes(), "");
}

#[tokio::test(start_paused = true)]
async fn a_write_of_another_controller_between_two_reads_is_no_difference() {
    let rig = Rig::new();
    rig.files.commit(&config("v: one"));
    rig.pass().await.unwrap();
    let mut touched = rig.server.get(MAP).unwrap();
    touched["metadata"]["annotations"]["first"] = json!("1");
    rig.server.put(MAP, touched);
    rig.server.race_next(MAP, json!({"metadata": {"annotations": {"second": "2"}}}));
    rig.server.writes();
    rig.pass().await.unwrap();
    assert_eq!((rig.line().as_str(), rig.server.writes().as_str()), ("Synced Healthy Succeeded", ""));
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_ends_the_pass_and_is_no_failed_sync() {
    for path in [APP, MAP] {
        for moment in [Moment::Before, Moment::After] {
            let rig = Rig::new();
            rig.files.commit(&config("v: one"));
            rig.server.fail_next(path, moment);
            let pass = rig.pass().await;
            assert!(matches!(&pass, Err(failure) if failure.class == api::Class::Transient), "{pass:?}");
            rig.pass().await.unwrap();
            assert_eq!(rig.line(), "Synced Healthy Succeeded");
            let app = rig.server.get(APP).unwrap();
            assert_eq!(app["status"]["operationState"].get("retryCount"), None);
            assert_eq!(app["status"]["history"].as_array().unwrap().len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_for_a_moment_does_not_end_the_pass_and_one_that_goes_on_failing_is_named() {
    for path in ["/api/v1", APP, MAP] {
        let rig = Rig::new();
        rig.files.commit(&config("v: one"));
        rig.server.be_busy(path, 4);
        rig.pass().await.unwrap();
        assert_eq!(rig.line(), "Synced Healthy Succeeded");
        rig.server.be_busy(path, u32::MAX);
        rig.files.commit(&config("v: two"));
        // A new process remembers no kinds.
        let fresh = Rig::over(rig.server, rig.files);
        let failure = fresh.pass().await.unwrap_err();
        assert_eq!(failure.message, format!("GET {path}: not now"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_controller_follows_git_and_the_cluster_and_then_is_silent() {
    let rig = Rig::new();
    let context = rig.context.clone();
    let script = async {
        rig.until("Unknown Healthy -", 5).await;
        rig.files.commit(&config("v: one"));
        let polled = rig.until("Synced Healthy Succeeded", 200).await;
        assert!((110..=181).contains(&polled), "polled after {polled} s");
        // A push is seen at once.
        rig.files.commit(&config("v: two"));
        context.pushed(Some("https://git.test/r"));
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(rig.server.get(MAP).unwrap()["data"]["v"], "two");
        // So is a change of the deployed object, and its deletion.
        let mut drifted = rig.server.get(MAP).unwrap();
        drifted["data"]["v"] = json!("drift");
        rig.server.put(MAP, drifted);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(rig.server.get(MAP).unwrap()["data"]["v"], "two");
        tokio::time::sleep(Duration::from_secs(400)).await;
        rig.server.remove(MAP);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(rig.server.get(MAP).is_some());
        tokio::time::sleep(Duration::from_secs(10)).await;
        rig.server.writes();
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(rig.server.writes(), "", "an hour of silence");
    };
    tokio::select! {
        biased;
        () = run(rig.context.clone()) => panic!("the controller ended"),
        () = script => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_signed_webhook_refreshes_the_application() {
    use tower::ServiceExt;
    let rig = Rig::new();
    rig.files.commit(&config("v: one"));
    rig.pass().await.unwrap();
    let body = r#"{"ref":"refs/heads/main","repository":{"html_url":"https://git.test/r","default_branch":"main"}}"#;
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"s3cret");
    let tag = ring::hmac::sign(&key, body.as_bytes());
    let signature = api::hex::encode(tag.as_ref());
    let deliver = || {
        let request = Request::post("/api/webhook")
            .header("content-type", "application/json")
            .header("x-github-event", "push")
            .header("x-hub-signature-256", format!("sha256={signature}"))
            .body(Body::from(body))
            .unwrap();
        webhook::router(rig.context.clone()).oneshot(request)
    };
    assert_eq!(deliver().await.unwrap().status(), 403, "without a secret nothing is accepted");
    let data = base64::engine::general_purpose::STANDARD.encode("s3cret");
    rig.server.put(
        "/api/v1/namespaces/argocd/secrets/argocd-secret",
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "argocd-secret", "namespace": "argocd"},
            "data": {"webhook.github.secret": data}}),
    );
    assert_eq!(deliver().await.unwrap().status(), 200);
    assert_eq!(rig.server.get(APP).unwrap().annotation(REFRESH_ANNOTATION), Some("normal"));
    rig.files.commit(&config("v: two"));
    rig.pass().await.unwrap();
    assert_eq!(rig.server.get(APP).unwrap().annotation(REFRESH_ANNOTATION), None);
    assert_eq!(rig.server.get(MAP).unwrap()["data"]["v"], "two");
}
