//! Applications whose source is a chart: of a repository, and in Git.

use api::names::ObjectRef;
use expect_test::expect;
use serde_json::{Value, json};

use super::world::{World, gvk};
use crate::SourceFailureKind;

const CHART: &str = "apiVersion: v2\nname: app-chart\nversion: 0.4.2\n";
const VALUES: &str = "replicas: 1\npools:\n  pool0: {size: s, mode: System}\n  pool1: {size: s, mode: User}\n";
const TEMPLATE: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  replicas: {{ .Values.replicas | quote }}
  pools: {{ keys .Values.pools | sortAlpha | join \",\" }}
  release: {{ .Release.Namespace }} {{ .Release.Service }} {{ .Capabilities.KubeVersion }}
";

fn files() -> [(&'static str, &'static str); 3] {
    [("Chart.yaml", CHART), ("values.yaml", VALUES), ("templates/a.yaml", TEMPLATE)]
}

fn of_repository(revision: &str, helm: Value) -> World {
    let mut world = World::new(json!({
        "source": {"repoURL": "https://charts.test/stable", "chart": "app-chart", "path": null, "targetRevision": revision, "helm": helm},
        "syncPolicy": {"automated": {"prune": true, "selfHeal": true}},
    }));
    world.chart("app-chart", "0.4.1", &files());
    world.chart("app-chart", "0.4.2", &files());
    world
}

fn data(world: &World, name: &str) -> String {
    let reference = ObjectRef::new(&gvk("", "v1", "ConfigMap"), "dest", name);
    world.objects.get(&reference).map(|object| object["data"].to_string()).unwrap_or_default()
}

#[test]
fn a_pinned_chart_is_rendered_and_applied_and_then_there_is_silence() {
    let mut world = of_repository("v0.4.2", json!({"valuesObject": {"replicas": 3}}));
    expect![[r#"
        ? live AppProject/default
        ? chart app-chart v0.4.2
        ? capabilities
        ? render
        ? kind ConfigMap
        ? tracked by app
        ? live ConfigMap/app
        ! patch Application: automated sync: OutOfSync
        ! apply ConfigMap/app: in Git and not in the cluster
        ? dry run ConfigMap/app
        ! patch Application: operation finished
        = Synced Healthy Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    expect![[r#"{"pools":"pool0,pool1","release":"dest Helm v1.33.1","replicas":"3"}"#]]
        .assert_eq(&data(&world, "app"));
    let app = world.app();
    assert_eq!(app["status"]["sourceType"], "Helm");
    // As upstream: a pinned version stays as it is written.
    assert_eq!(app["status"]["sync"]["revision"], "v0.4.2");
    assert_eq!(app["status"]["history"][0]["revision"], "v0.4.2");
    let writes = world.writes;
    world.sleep(600);
    assert!(!world.pass().contains('!'));
    assert_eq!(world.writes, writes);
}

/// What is recorded of a source has no nulls: a merge patch deletes them.
#[test]
fn a_null_takes_a_default_away_once_and_then_there_is_silence() {
    let mut world = of_repository("0.4.2", json!({}));
    world.edit_app(|app| app["spec"]["source"]["helm"] = json!({"valuesObject": {"pools": {"pool1": null}}}));
    world.pass();
    expect![[r#"{"pools":"pool0","release":"dest Helm v1.33.1","replicas":"1"}"#]].assert_eq(&data(&world, "app"));
    assert_eq!(
        world.app()["status"]["operationState"]["syncResult"]["source"]["helm"]["valuesObject"],
        json!({"pools": {}})
    );
    let writes = world.writes;
    world.sleep(600);
    assert!(!world.pass().contains('!'));
    assert_eq!(world.writes, writes);
}

#[test]
fn a_range_follows_the_newest_version_at_each_poll() {
    let mut world = of_repository("^0.4", json!({}));
    assert!(world.pass().contains("? versions of app-chart\n? chart app-chart 0.4.2\n"));
    assert_eq!(world.app()["status"]["sync"]["revision"], "0.4.2");
    world.chart("app-chart", "0.4.3", &files());
    assert!(world.pass().contains("? chart app-chart 0.4.2\n"), "not before it is time");
    world.sleep(180);
    assert!(world.pass().contains("? versions of app-chart\n? chart app-chart 0.4.3\n"));
    assert_eq!(world.app()["status"]["sync"]["revision"], "0.4.3");
    assert_eq!(world.line(), "Synced Healthy Succeeded: successfully synced (all tasks run)");
}

#[test]
fn what_a_repository_does_not_have_is_a_comparison_error_in_upstreams_words() {
    let said = |revision: &str, chart: &str, failure: Option<SourceFailureKind>| {
        let mut world = of_repository(revision, json!({}));
        world.edit_app(|app| app["spec"]["source"]["chart"] = json!(chart));
        world.chart_failure = failure;
        world.pass();
        assert_eq!(world.app()["status"]["sync"]["status"], "Unknown");
        world.conditions()
    };
    expect![[r#"
        ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = invalid revision: version matching constraint not found in 2 tags
    "#]]
    .assert_eq(&said("^9", "app-chart", None));
    expect![[r#"
        ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = chart 'other' not found in index
    "#]]
    .assert_eq(&said("^9", "other", None));
    expect![[r#"
        ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = error fetching chart: repository https://charts.test/stable says no
    "#]]
    .assert_eq(&said("9.9.9", "app-chart", None));
    expect![[r#"
        ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = error loading repo index: repository https://charts.test/stable says no
    "#]]
    .assert_eq(&said("*", "app-chart", Some(SourceFailureKind::Unreachable)));
}

#[test]
fn a_template_that_fails_keeps_what_is_deployed() {
    let mut world = of_repository("0.4.2", json!({}));
    world.pass();
    world.edit_app(|app| app["spec"]["source"]["helm"] = json!({"values": "pools: 3"}));
    world.pass();
    expect![[r#"
        ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = failed to execute helm template command: `helm template . --name-template app --namespace dest --kube-version 1.33.1 --values <temp file with values from source.helm.values/valuesObject> <api versions removed> --include-crds` failed exit status 1: Error: template: app-chart/templates/a.yaml:7:24: executing "app-chart/templates/a.yaml" at <.Values.pools>: wrong type for value; expected map[string]interface {}; got float64
    "#]]
    .assert_eq(&world.conditions());
    assert!(!data(&world, "app").is_empty());
}

#[test]
fn release_name_namespace_versions_and_parameters_reach_the_templates() {
    let mut world = of_repository(
        "0.4.2",
        json!({"releaseName": "other", "namespace": "apart", "kubeVersion": "v1.30.10-x", "version": "v3",
            "parameters": [{"name": "replicas", "value": "7"}, {"name": "pools.$ARGOCD_APP_NAME", "value": "$ARGOCD_APP_NAME"},
                {"name": "replicas", "value": "$ARGOCD_APP_NAMESPACE-9"}]}),
    );
    world.pass();
    // The object goes where the destination says; only the templates see the other namespace.
    expect![[r#"{"pools":"$ARGOCD_APP_NAME,pool0,pool1","release":"apart Helm v1.30.10","replicas":"dest-9"}"#]]
        .assert_eq(&data(&world, "other"));
}

#[test]
fn a_substituted_chart_is_a_condition_as_long_as_it_stands_in() {
    let mut world = of_repository("0.4.2", json!({}));
    world.substituted = Some("https://charts.test/stable cannot be reached; a built-in chart serves".into());
    world.pass();
    assert_eq!(
        world.conditions(),
        "SourceSubstituted: https://charts.test/stable cannot be reached; a built-in chart serves\n"
    );
    assert_eq!(world.line(), "Synced Healthy Succeeded: successfully synced (all tasks run)");
    world.substituted = None;
    world.pass();
    assert_eq!(world.conditions(), "");
}

#[test]
fn plans_say_which_values_nobody_reads_and_which_defaults_are_kept() {
    let helm = json!({"valuesObject": {"clusterNetwork": "overlay", "pools": {"own": {"size": "l"}}}});
    let mut world = of_repository("0.4.2", helm);
    world.pass();
    assert_eq!(world.conditions(), "");
    world.plans = true;
    world.pass();
    expect![[r#"
        HelmValuesWarning: clusterNetwork: no template of the chart reads this value
        HelmValuesWarning: pools.pool0: comes from the chart's defaults, beside what you gave; set it to null to drop it
        HelmValuesWarning: pools.pool1: comes from the chart's defaults, beside what you gave; set it to null to drop it
    "#]]
    .assert_eq(&world.conditions());
}

#[test]
fn a_default_that_is_written_out_whole_leaves_the_others_by_oversight() {
    for (pool, kept) in [(json!({"size": "l", "mode": "User"}), true), (json!({"size": "l"}), false)] {
        let mut world = of_repository("0.4.2", json!({"valuesObject": {"pools": {"pool0": pool}}}));
        world.plans = true;
        world.pass();
        assert_eq!(
            world.conditions().contains("pools.pool1: comes from the chart's defaults"),
            kept,
            "{}",
            world.conditions()
        );
    }
}

fn in_git(helm: Value, extra: &[(&str, &str)]) -> World {
    let mut world = World::new(json!({"source": {"helm": helm}, "syncPolicy": {"automated": {}}}));
    let chart: Vec<(String, &str)> = files().iter().map(|(path, text)| (format!("samples/{path}"), *text)).collect();
    let mut all: Vec<(&str, &str)> = chart.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    all.extend_from_slice(extra);
    world.commit(&all);
    world
}

#[test]
fn a_directory_with_a_chart_is_one() {
    let mut world = in_git(Value::Null, &[]);
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00001
        ? capabilities
        ? render
        ? kind ConfigMap
        ? tracked by app
        ? live ConfigMap/app
        ! patch Application: automated sync: OutOfSync
        ! apply ConfigMap/app: in Git and not in the cluster
        ? dry run ConfigMap/app
        ! patch Application: operation finished
        = Synced Healthy Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    assert_eq!(world.app()["status"]["sourceType"], "Helm");
}

#[test]
fn files_of_values_come_from_the_chart_and_from_elsewhere_in_the_repository() {
    let helm = json!({"valueFiles": ["small.yaml", "../envs/prod.yaml", "/root.yaml", "missing.yaml"], "ignoreMissingValueFiles": true,
        "fileParameters": [{"name": "pools.text", "path": "../envs/text"}]});
    let extra = [
        ("samples/small.yaml", "replicas: 2\npools: {small: {}}"),
        ("envs/prod.yaml", "replicas: 5\n"),
        ("envs/text", "t"),
        ("root.yaml", "pools: {root: {}}"),
    ];
    let mut world = in_git(helm, &extra);
    assert!(
        world.pass().contains("? tree samples@a00001\n? capabilities\n? tree envs@a00001\n? tree .@a00001\n? render\n")
    );
    expect![[r#"{"pools":"pool0,pool1,root,small,text","release":"dest Helm v1.33.1","replicas":"5"}"#]]
        .assert_eq(&data(&world, "app"));
    world.edit_app(|app| app["spec"]["source"]["helm"] = json!({"valueFiles": ["missing.yaml"]}));
    world.pass();
    assert!(
        world
            .conditions()
            .contains("Error: open <path to cached source>/samples/missing.yaml: no such file or directory")
    );
    world.edit_app(|app| app["spec"]["source"]["helm"] = json!({"valueFiles": ["../../x.yaml"]}));
    world.pass();
    assert!(world.conditions().ends_with("error resolving helm value files: error resolving value file path: file '../../x.yaml' resolved to outside repository root\n"));
}

#[test]
fn an_override_file_in_a_chart_is_refused() {
    let mut world = in_git(Value::Null, &[("samples/.argocd-source-app.yaml", "helm: {}")]);
    world.pass();
    assert!(
        world.conditions().contains("parameter override sources are not supported yet: found .argocd-source-app.yaml")
    );
}

#[test]
fn a_block_of_helm_makes_a_directory_without_a_chart_an_error() {
    let mut world = World::new(json!({"source": {"helm": {"releaseName": "r"}}}));
    world.commit(&[("samples/a.yaml", "kind: x")]);
    world.pass();
    assert!(world.conditions().contains("Error: Chart.yaml file is missing"), "{}", world.conditions());
}
