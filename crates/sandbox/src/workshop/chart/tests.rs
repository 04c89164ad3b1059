use std::sync::Arc;

use gitops::helm::{Files, Renderer, Request};
use serde_json::Value;

use super::*;
use crate::{SeededEntropy, VirtualClock, workshop::sample_1};

/// The objects that the built-in chart makes of these values, sorted.
fn render(values: Value) -> Result<Vec<Value>, String> {
    let request = Request {
        chart: "built-in".into(),
        files: Files::Directory(Arc::new(built_in())),
        release: sample_1::CLUSTER.into(),
        namespace: "default".into(),
        kube_version: "1.33.1".into(),
        api_versions: Vec::new(),
        value_files: Vec::new(),
        values: String::new(),
        values_object: Some(values),
        parameters: Vec::new(),
        set_files: Vec::new(),
        include_crds: true,
        skip_tests: false,
        skip_schema: false,
        track: false,
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
    let clock = runtime.block_on(async { VirtualClock::starting_at(jiff::Timestamp::UNIX_EPOCH) });
    let rendered = Renderer::default().render(&request, &clock, &SeededEntropy::new(1))?;
    let mut objects: Vec<Value> = rendered.documents.iter().map(|document| document.object.as_ref().clone()).collect();
    objects.sort_by_key(|object| format!("{}/{}", object["kind"], object["metadata"]["name"]));
    Ok(objects)
}

fn values_of_sample_1() -> Value {
    let text = sample_1::text("sub", "tenant", "client");
    let mut file = FileSet::default();
    file.insert("a.yaml", text.into_bytes());
    let found = gitops::manifests::read(&file, &api::argoproj::Source::default()).expect("the sample is YAML");
    found[0].object["spec"]["source"]["helm"]["valuesObject"].clone()
}

#[test]
fn sample_1_is_a_cluster_with_two_pools() {
    let objects = render(values_of_sample_1()).expect("it renders");
    let text = serde_json::to_string_pretty(&objects).expect("JSON");
    expect_test::expect_file!["golden.json"].assert_eq(&text);
}

#[test]
fn a_pool_that_is_null_is_not_made_and_credentials_can_be_somebody_elses() {
    let values = serde_json::json!({"createCredentials": false, "managedMachinePoolSpecs": {"pool1": null}});
    let objects = render(values).expect("it renders");
    let names: Vec<String> =
        objects.iter().map(|o| format!("{}/{}", o["kind"], o["metadata"]["name"]).replace('"', "")).collect();
    assert_eq!(
        names,
        [
            "AzureASOManagedCluster/dev-cluster",
            "AzureASOManagedControlPlane/dev-cluster",
            "AzureASOManagedMachinePool/dev-cluster-pool0",
            "Cluster/dev-cluster",
            "MachinePool/dev-cluster-pool0"
        ]
    );
}

#[test]
fn what_the_built_in_chart_lacks_it_refuses() {
    for values in [
        serde_json::json!({"withClusterClass": true}),
        serde_json::json!({"managedMachinePoolSpecs": {"pool0": {"owner": {"name": "x"}}}}),
    ] {
        render(values).expect_err("it is refused");
    }
}

fn wanted(repository: &str, chart: &str, version: &str) -> Wanted {
    Wanted {
        repository: Some(repository.into()),
        chart: chart.into(),
        version: Some(version.into()),
        ..Wanted::default()
    }
}

#[tokio::test]
async fn it_stands_in_for_one_silent_repository_only() {
    let silent = || Some(Error::Unreachable { url: REPOSITORY.into(), message: "no route to host".into() });
    let network = FixedCharts::new();
    network.set_failure(REPOSITORY, silent());
    let charts = Charts::new(network.clone());
    let found = charts.fetch(&wanted(REPOSITORY, CHART, "v0.4.2")).await.expect("the built-in chart");
    expect_test::expect!["chart azure-aks-aso of https://mboersma.github.io/cluster-api-charts is replaced by the built-in chart of the same name and version 0.4.2: https://mboersma.github.io/cluster-api-charts cannot be reached: no route to host"]
        .assert_eq(&found.substituted.expect("it says so"));
    assert_eq!(charts.versions(&wanted(REPOSITORY, CHART, "")).await.expect("its versions"), ["0.4.2"]);
    // Another version, another chart, another repository: the network's own error.
    assert!(matches!(charts.fetch(&wanted(REPOSITORY, CHART, "0.5.0")).await, Err(Error::NotFound { .. })));
    assert!(matches!(charts.fetch(&wanted(REPOSITORY, "other", "0.4.2")).await, Err(Error::Unreachable { .. })));
    assert!(matches!(
        charts.fetch(&wanted("https://other.test", CHART, "0.4.2")).await,
        Err(Error::Unreachable { .. })
    ));
    // A repository that answers is believed.
    network.set_failure(REPOSITORY, None);
    network.add(REPOSITORY, CHART, "0.4.3", built_in());
    assert!(matches!(charts.fetch(&wanted(REPOSITORY, CHART, "v0.4.2")).await, Err(Error::NotFound { .. })));
    assert_eq!(charts.fetch(&wanted(REPOSITORY, CHART, "0.4.3")).await.expect("the network's").substituted, None);
}
