//! Charts through the shell: fetched once, asked for again when it is time, rendered with what the cluster serves.

use super::*;

const REPOSITORY: &str = "https://charts.test/stable";

fn chart(template: &str) -> FileSet {
    let mut files = FileSet::default();
    files.insert("Chart.yaml", &b"apiVersion: v2\nname: c\nversion: 1.0.0\n"[..]);
    files.insert("templates/a.yaml", template.as_bytes());
    files
}

fn map(value: &str) -> FileSet {
    chart(&format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{v: {value}}}\n"))
}

impl Rig {
    fn of_chart(revision: &str) -> Self {
        let rig = Self::new();
        let mut app = rig.server.get(APP).unwrap();
        app["spec"]["source"] = json!({"repoURL": REPOSITORY, "chart": "c", "targetRevision": revision});
        rig.server.put(APP, app);
        rig
    }

    fn value(&self) -> String {
        let map = self.server.get(MAP).unwrap_or_default();
        map["data"]["v"].as_str().unwrap_or_default().to_string()
    }
}

#[tokio::test(start_paused = true)]
async fn a_pinned_chart_is_fetched_once_until_a_hard_refresh() {
    let rig = Rig::of_chart("v1.0.0");
    rig.charts.add(REPOSITORY, "c", "1.0.0", map("one"));
    rig.pass().await.unwrap();
    assert_eq!((rig.line().as_str(), rig.value().as_str()), ("Synced Healthy Succeeded", "one"));
    assert_eq!(rig.charts.asked(), 1);
    // What is published under a version does not change for those who have it.
    rig.charts.add(REPOSITORY, "c", "1.0.0", map("two"));
    tokio::time::sleep(Duration::from_secs(600)).await;
    rig.pass().await.unwrap();
    assert_eq!((rig.charts.asked(), rig.value().as_str()), (1, "one"));
    let mut app = rig.server.get(APP).unwrap();
    app["metadata"]["annotations"] = json!({REFRESH_ANNOTATION: "hard"});
    rig.server.put(APP, app);
    rig.pass().await.unwrap();
    assert_eq!(rig.charts.asked(), 2);
    rig.pass().await.unwrap();
    assert_eq!(rig.value(), "two");
}

#[tokio::test(start_paused = true)]
async fn a_range_is_resolved_at_each_poll_and_not_between() {
    let rig = Rig::of_chart("^1");
    rig.charts.add(REPOSITORY, "c", "1.0.0", map("one"));
    rig.pass().await.unwrap();
    rig.charts.add(REPOSITORY, "c", "1.1.0", map("two"));
    rig.pass().await.unwrap();
    assert_eq!(rig.value(), "one");
    tokio::time::sleep(Duration::from_secs(200)).await;
    rig.pass().await.unwrap();
    assert_eq!(rig.value(), "two");
    assert_eq!(rig.server.get(APP).unwrap()["status"]["sync"]["revision"], "1.1.0");
}

#[tokio::test(start_paused = true)]
async fn a_repository_that_cannot_be_reached_is_asked_again() {
    let rig = Rig::of_chart("1.0.0");
    rig.charts.add(REPOSITORY, "c", "1.0.0", map("one"));
    let failure = source::chart::Error::Unreachable { url: REPOSITORY.into(), message: "no route to host".into() };
    rig.charts.set_failure(REPOSITORY, Some(failure));
    rig.pass().await.unwrap();
    let message = rig.server.get(APP).unwrap()["status"]["conditions"][0]["message"].clone();
    expect_test::expect!["Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = error fetching chart: https://charts.test/stable cannot be reached: no route to host"]
        .assert_eq(message.as_str().unwrap());
    rig.charts.set_failure(REPOSITORY, None);
    rig.pass().await.unwrap();
    assert_eq!((rig.line().as_str(), rig.value().as_str()), ("Synced Healthy Succeeded", "one"));
}

#[tokio::test(start_paused = true)]
async fn templates_see_the_destinations_version_and_kinds() {
    let rig = Rig::of_chart("1.0.0");
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  v: >-\n    {{ .Capabilities.KubeVersion }}\n    {{ .Capabilities.APIVersions.Has \"argoproj.io/v1alpha1/Application\" }}\n    {{ .Capabilities.APIVersions.Has \"no.such/v1\" }}\n";
    rig.charts.add(REPOSITORY, "c", "1.0.0", chart(template));
    rig.pass().await.unwrap();
    assert_eq!(rig.value(), "v1.31.4 true false");
}
