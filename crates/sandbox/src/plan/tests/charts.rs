//! Applications with charts in a plan: requests to Azure, and what is said about their values.

use std::sync::Arc;

use api::files::FileSet;
use expect_test::expect;
use source::chart::{Charts, Error, FixedCharts};

use super::{SUBSCRIPTION, TENANT, live, planned};
use crate::workshop::{self, sample_1};

const REPOSITORY: &str = "https://charts.windlass.test/stable";

const TEMPLATE: &str = "apiVersion: resources.azure.com/v1api20200601
kind: ResourceGroup
metadata:
  name: {{ .Release.Name }}
  annotations: {serviceoperator.azure.com/credential-from: rg-dev-app-aso-credentials}
spec:
  location: {{ .Values.location }}
  {{- with .Values.colour }}
  colour: {{ . }}
  {{- end }}
  tags: {{- toYaml .Values.tags | nindent 4 }}
{{- if .Values.odd }}
---
apiVersion: example.com/v1
kind: Nobody
metadata: {name: odd}
{{- end }}
";

/// One chart, a resource group; and the workshop's repository, which does not answer.
pub(super) fn repository() -> Arc<dyn Charts> {
    let charts = FixedCharts::new();
    let silent = Error::Unreachable { url: workshop::CHART_REPOSITORY.into(), message: "no route to host".into() };
    charts.set_failure(workshop::CHART_REPOSITORY, Some(silent));
    let mut files = FileSet::default();
    files.insert("Chart.yaml", &b"apiVersion: v2\nname: group\nversion: 1.4.0\n"[..]);
    files.insert("values.yaml", &b"location: eastus\ntags: {}\nodd: false\n"[..]);
    files.insert("templates/group.yaml", TEMPLATE.as_bytes());
    charts.add(REPOSITORY, "group", "1.4.0", files);
    Arc::new(workshop::Charts::new(charts))
}

fn application(revision: &str, values: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: team-group, namespace: argocd}}
spec:
  project: default
  source:
    repoURL: {REPOSITORY}
    chart: group
    targetRevision: {revision}
    helm: {{valuesObject: {values}}}
  destination: {{server: 'https://kubernetes.default.svc', namespace: rg-dev-app}}
  syncPolicy: {{automated: {{prune: true, selfHeal: true}}}}
"
    )
}

fn said(revision: &str, values: &str) -> String {
    let mut head = live().files.clone();
    head.insert("samples/team.yaml", application(revision, values).into_bytes());
    let plan = planned(&head);
    let requests = plan.azure.iter().map(|change| {
        let body = change.body.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {} {body}\n", change.method.as_str(), change.id)
    });
    let applications = plan.applications.iter().filter(|app| app.name == "team-group");
    let applications = applications.map(|app| format!("{} {}\n", app.sync, app.health));
    let ours = |finding: &&actions::Finding| finding.object.as_ref().is_some_and(|object| object.name == "team-group");
    let findings = plan.findings.iter().filter(ours);
    let findings = findings.map(|f| format!("{:?} {} {}: {}\n", f.severity, f.code, f.field, f.message));
    requests.chain(applications).chain(findings).collect()
}

#[test]
fn a_chart_is_planned_down_to_its_requests() {
    expect![[r#"
        PUT /subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/team-group {"location":"westus3","name":"team-group","tags":{"team":"a"}}
        Synced Healthy
        Warning CredentialNotInGit metadata.annotations[serviceoperator.azure.com/credential-from]: manifest in Git references Secret rg-dev-app/rg-dev-app-aso-credentials that Git doesn't define; it must be made by hand
        Warning HelmValuesWarning spec.source.helm: locations: no template of the chart reads this value; did you mean location?
    "#]].assert_eq(&said("^1", "{location: westus3, tags: {team: a}, locations: typo}"));
}

#[test]
fn what_a_chart_makes_of_kinds_that_nobody_serves_is_not_planned() {
    let mut head = live().files.clone();
    head.insert("samples/team.yaml", application("1.4.0", "{odd: true}").into_bytes());
    let plan = planned(&head);
    let left_out = plan.not_planned.iter().filter(|it| it.file.ends_with(" of Application team-group"));
    let names: Vec<String> =
        left_out.map(|it| format!("{}: {}", it.object.as_ref().expect("an object").name, it.why)).collect();
    assert_eq!(names, ["odd: no matches for kind \"Nobody\" in version \"example.com/v1\""]);
    assert!(plan.partial, "and says so");
    assert_eq!(plan.azure.len(), 1, "the others are planned");
}

#[test]
fn what_a_chart_makes_is_looked_at_as_if_it_stood_in_a_file() {
    let mut head = live().files.clone();
    head.insert("samples/team.yaml", application("1.4.0", "{colour: red}").into_bytes());
    let plan = planned(&head);
    let unknown =
        plan.findings.iter().find(|finding| finding.code == "UnknownField" && finding.field.contains("colour"));
    expect![[r#"
        unknown field "spec.colour" is dropped
        remove spec.colour, or check its spelling"#]]
    .assert_eq(&unknown.map(|it| format!("{}\n{}", it.message, it.fix)).unwrap_or_default());
}

#[test]
fn a_chart_that_is_not_there_is_an_error_of_its_application() {
    expect![[r#"
        Unknown Healthy
        Error ComparisonError : Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = error fetching chart: chart "group" version "v2.0.0" not found in https://charts.windlass.test/stable repository
    "#]].assert_eq(&said("v2.0.0", "{}"));
}

/// D17 and D16 of the workshop's text: a value that nothing reads, and a pool that the chart's defaults add.
#[test]
fn sample_1_sets_a_value_that_nothing_reads_and_gets_a_pool_that_nobody_wrote() {
    let mut head = live().files.clone();
    head.insert(sample_1::PATH, sample_1::text(SUBSCRIPTION, TENANT, "client").into_bytes());
    let plan = planned(&head);
    let of_chart =
        |finding: &&actions::Finding| ["HelmValuesWarning", "SourceSubstituted"].contains(&finding.code.as_str());
    let lines = plan.findings.iter().filter(of_chart).map(|f| format!("{:?} {}: {}\n", f.severity, f.code, f.message));
    expect![[r#"
        Warning HelmValuesWarning: clusterNetwork: no template of the chart reads this value
        Warning HelmValuesWarning: managedMachinePoolSpecs.pool1: comes from the chart's defaults, beside what you gave; set it to null to drop it
        Warning SourceSubstituted: chart azure-aks-aso of https://mboersma.github.io/cluster-api-charts is replaced by the built-in chart of the same name and version 0.4.2: https://mboersma.github.io/cluster-api-charts cannot be reached: no route to host
    "#]].assert_eq(&lines.collect::<String>());
}

/// A pool keeps the size of its machines: the request is shown as the replacement that it would take.
#[test]
fn another_vm_size_is_a_replacement() {
    let files = |vm_size: &str| {
        let text = sample_1::text(SUBSCRIPTION, TENANT, SUBSCRIPTION).replace("Standard_DS2_v2", vm_size);
        let mut files = FileSet::default();
        files.insert(sample_1::PATH, text.into_bytes());
        files
    };
    let plan = super::plan(Some(files("Standard_DS2_v2")), files("Standard_D4s_v5"), super::Against::Empty);
    let requests = plan.azure.iter().map(|change| {
        let name = change.id.rsplit('/').next().unwrap_or_default();
        let symbol = change.symbol.as_str();
        format!("{symbol} {} {name}: {} {}\n", change.method.as_str(), change.outcome.error, change.reason)
    });
    let errors = plan.findings.iter().filter(|finding| finding.severity == actions::Severity::Error);
    let errors = errors.map(|finding| {
        let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
        let message = finding.message.split(" (correlation id").next().unwrap_or_default();
        format!("{object}: {message}\n  fix: {}\n", finding.fix)
    });
    expect![[r#"
        -/+ PUT pool0: PropertyChangeNotAllowed spec.vmSize: Standard_DS2_v2 -> Standard_D4s_v5 (Azure cannot change it in place)
        ManagedClustersAgentPool/dev-cluster-pool0 -n default: would not become ready: PropertyChangeNotAllowed: Changing property 'properties.vmSize' is not allowed.
          fix: put the property back: Azure cannot change it in place; a new pool (or cluster) with the new value can take over
    "#]].assert_eq(&requests.chain(errors).collect::<String>());
}
