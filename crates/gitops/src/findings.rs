//! What a person should know about an Application before anything happens: `plan` prints these.

use actions::{Finding, Severity};
use api::{
    ObjectExt,
    argoproj::{Application, RESOURCES_FINALIZER, Spec},
    names::ObjectRef,
};
use serde_json::Value;

use crate::validate;

/// Findings about an Application as it stands: its spec, and what its last comparison said.
pub fn of_application(object: &Value) -> Vec<Finding> {
    let Ok(app) = serde_json::from_value::<Application>(object.clone()) else { return Vec::new() };
    let make = |severity, code: &str, field: &str, message: String, fix: &str| Finding {
        severity,
        code: code.to_string(),
        object: ObjectRef::of(object),
        field: field.to_string(),
        message,
        fix: fix.to_string(),
    };
    let mut findings = Vec::new();
    if let Some(source) = app.spec.source.as_ref().filter(|_| app.spec.sources.is_empty()) {
        for message in validate::check_source(source) {
            findings.push(make(
                Severity::Error,
                "UnsupportedSource",
                "spec.source",
                message,
                "correct spec.source as the message says",
            ));
        }
    }
    if is_wide_open(&app.spec) {
        findings.push(make(
            Severity::Warning,
            "DefaultProject",
            "spec.project",
            format!(
                "project default, a recursive path and the in-cluster destination: whoever pushes to {} is cluster administrator",
                app.spec.source.as_ref().map(|source| source.repo_url.as_str()).unwrap_or_default()
            ),
            "restrict AppProject default: spec.sourceRepos and spec.destinations",
        ));
    }
    for condition in &app.status.conditions {
        let message = condition.message.clone();
        if let Some(fix) = waiting(&message) {
            findings.push(make(Severity::Info, "WaitingForSource", "spec.source", message, fix));
        } else if let Some((field, fix)) = advice(&condition.r#type) {
            findings.push(make(Severity::Warning, &condition.r#type, field, message, fix));
        } else if condition.r#type.ends_with("Error") {
            findings.push(make(Severity::Error, &condition.r#type, "", message, "correct the named field or file"));
        } else {
            findings.push(make(Severity::Warning, &condition.r#type, "", message, "remove or correct what is named"));
        }
    }
    findings
}

/// States that the next push ends: not an error of the Application's.
fn waiting(message: &str) -> Option<&'static str> {
    if message.contains("waiting for the first push") {
        Some("push a first commit; the Application follows by itself")
    } else if message.contains("app path does not exist") {
        Some("commit a file below spec.source.path (Git keeps no empty directories) or correct the path")
    } else {
        None
    }
}

/// The field and the next step of conditions that are about a chart.
fn advice(condition: &str) -> Option<(&'static str, &'static str)> {
    match condition {
        "HelmValuesWarning" => {
            Some(("spec.source.helm", "remove the value or correct its name; set a default that is not wanted to null"))
        }
        "SourceSubstituted" => {
            Some(("spec.source.repoURL", "make the chart's repository reachable, or give --mirror DIR"))
        }
        _ => None,
    }
}

fn is_wide_open(spec: &Spec) -> bool {
    let recursive = spec.source.as_ref().and_then(|source| source.directory.as_ref()).is_some_and(|d| d.recurse);
    matches!(spec.project.as_str(), "" | "default") && recursive
}

/// Findings about an Application that a change removes: without its finalizer what it deployed goes on, and goes on costing.
pub fn of_removal(object: &Value) -> Vec<Finding> {
    if object.finalizers().iter().any(|finalizer| finalizer.starts_with(RESOURCES_FINALIZER)) {
        return Vec::new();
    }
    let resources = object.pointer("/status/resources").and_then(Value::as_array).map_or(0, Vec::len);
    let azure = object.pointer("/status/resources").and_then(Value::as_array).into_iter().flatten();
    let azure = azure.filter(|r| r["group"].as_str().is_some_and(|group| group.ends_with(".azure.com"))).count();
    vec![Finding {
        severity: Severity::Warning,
        code: "OrphanedResources".into(),
        object: ObjectRef::of(object),
        field: "metadata.finalizers".into(),
        message: format!(
            "the Application has no {RESOURCES_FINALIZER}: its {resources} resources ({azure} of them in Azure) stay and become unmanaged"
        ),
        fix: format!("add {RESOURCES_FINALIZER} to metadata.finalizers before removing the Application"),
    }]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    fn lines(findings: &[Finding]) -> String {
        findings
            .iter()
            .map(|f| format!("{:?} {} {}: {}\n  fix: {}\n", f.severity, f.code, f.field, f.message, f.fix))
            .collect()
    }

    #[test]
    fn the_workshops_application() {
        let mut app = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "a", "namespace": "argocd"},
            "spec": {"project": "default", "destination": {"server": "https://kubernetes.default.svc"},
                "source": {"repoURL": "https://x/r.git", "path": "samples", "directory": {"recurse": true}}},
            "status": {"conditions": [{"type": "ComparisonError", "message": "... unable to resolve 'main' to a commit SHA: repository has no commits yet; waiting for the first push"}],
                "resources": [{"group": "resources.azure.com"}, {"group": ""}]}});
        expect![[r#"
            Warning DefaultProject spec.project: project default, a recursive path and the in-cluster destination: whoever pushes to https://x/r.git is cluster administrator
              fix: restrict AppProject default: spec.sourceRepos and spec.destinations
            Info WaitingForSource spec.source: ... unable to resolve 'main' to a commit SHA: repository has no commits yet; waiting for the first push
              fix: push a first commit; the Application follows by itself
        "#]].assert_eq(&lines(&of_application(&app)));
        expect![[r#"
            Warning OrphanedResources metadata.finalizers: the Application has no resources-finalizer.argocd.argoproj.io: its 2 resources (1 of them in Azure) stay and become unmanaged
              fix: add resources-finalizer.argocd.argoproj.io to metadata.finalizers before removing the Application
        "#]].assert_eq(&lines(&of_removal(&app)));
        app["metadata"]["finalizers"] = json!(["resources-finalizer.argocd.argoproj.io"]);
        assert_eq!(of_removal(&app), []);
    }

    #[test]
    fn what_is_not_supported_is_an_error_before_anything_happens() {
        let app = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "a"},
            "spec": {"project": "default", "source": {"repoURL": "https://charts", "chart": "azure-aks-aso"}}});
        expect![[r#"
            Error UnsupportedSource spec.source: spec.source.targetRevision is required if the manifest source is a helm chart
              fix: correct spec.source as the message says
        "#]].assert_eq(&lines(&of_application(&app)));
    }
}
