//! Applications with charts, from a mirror: nothing of these tests needs a network.

use std::{fs, path::Path, process::Command};

use e2e::{Output, Tool, binary, run};
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use tempfile::TempDir;

use crate::Case;

pub(crate) const CASES: &[Case] = &[
    Case { name: "charts::a_mirror_answers_for_a_repository", needs: &[Tool::Git], run: a_mirror_answers },
    Case { name: "charts::the_workshops_chart_stands_in", needs: &[Tool::Git], run: the_workshops_chart_stands_in },
];

fn plan(place: &Path, flags: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.args(["plan", "repo", "-o", "json"]).args(flags).current_dir(place);
    for name in ["WINDLASS_LOG", "HTTPS_PROXY", "https_proxy", "NO_PROXY"] {
        command.env_remove(name);
    }
    run(command.env("HOME", place).env("XDG_CACHE_HOME", place.join("cache")))
}

fn repository(application: &str) -> TempDir {
    let place = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(place.path().join("repo")).expect("made");
    fs::write(place.path().join("repo/app.yaml"), application).expect("written");
    place
}

fn application(repository: &str, chart: &str, revision: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: of-chart, namespace: argocd}}
spec:
  project: default
  source: {{repoURL: {repository}, chart: {chart}, targetRevision: {revision}}}
  destination: {{server: 'https://kubernetes.default.svc', namespace: default}}
  syncPolicy: {{automated: {{}}}}
"
    )
}

/// Files of a chart as helm packs them.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append_data(&mut header, format!("app/{name}"), text.as_bytes()).expect("appended");
    }
    tar.into_inner().expect("packed").finish().expect("compressed")
}

fn document(output: &Output) -> Value {
    assert_eq!(output.code, 0, "{}", output.transcript());
    serde_json::from_str(&output.stdout).expect("a plan")
}

fn messages(plan: &Value) -> String {
    plan["applications"][0]["messages"].to_string()
}

fn a_mirror_answers() {
    let place = repository(&application("https://charts.example.test/stable", "app", "^1.0"));
    let host = place.path().join("mirror/charts.example.test/stable");
    fs::create_dir_all(&host).expect("made");
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Chart.Version }}}\n";
    for version in ["1.0.0", "1.2.0", "2.0.0"] {
        let metadata = format!("apiVersion: v2\nname: app\nversion: {version}\n");
        let files = [("Chart.yaml", metadata.as_str()), ("templates/a.yaml", template)];
        fs::write(host.join(format!("app-{version}.tgz")), archive(&files)).expect("written");
    }
    let entry = |version: &str| format!("  - {{name: app, version: {version}, urls: [app-{version}.tgz]}}\n");
    let index = format!("apiVersion: v1\nentries:\n  app:\n{}{}{}", entry("1.0.0"), entry("1.2.0"), entry("2.0.0"));
    fs::write(host.join("index.yaml"), index).expect("written");
    let plan = document(&self::plan(place.path(), &["--mirror", "mirror"]));
    let names: Vec<&str> =
        plan["objects"].as_array().expect("objects").iter().filter_map(|o| o["object"]["name"].as_str()).collect();
    assert_eq!(names, ["1.2.0", "of-chart"], "{plan:#}");
    assert_eq!(plan["applications"][0]["sync"], "Synced");
}

/// A host of the mirror without an index is a repository that does not answer.
fn the_workshops_chart_stands_in() {
    let place = repository(&application("https://mboersma.github.io/cluster-api-charts", "azure-aks-aso", "v0.4.2"));
    fs::create_dir_all(place.path().join("mirror/mboersma.github.io")).expect("made");
    let without = document(&plan(place.path(), &["--mirror", "mirror"]));
    assert!(messages(&without).contains("ComparisonError: "), "{without:#}");
    let with = document(&plan(place.path(), &["--mirror", "mirror", "--workshop"]));
    assert!(
        messages(&with).contains("SourceSubstituted: chart azure-aks-aso of https://mboersma.github.io/"),
        "{with:#}"
    );
    assert!(!messages(&with).contains("ComparisonError: "), "{with:#}");
}
