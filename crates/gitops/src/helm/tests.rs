use std::sync::Arc;

use api::{argoproj::Source, files::FileSet};
use expect_test::expect;
use serde_json::json;

use super::*;

fn source(helm: serde_json::Value) -> Source {
    serde_json::from_value(
        json!({"repoURL": "https://charts.test", "chart": "c", "targetRevision": "1.2.3", "helm": helm}),
    )
    .unwrap()
}

#[test]
fn variables_of_the_build_are_expanded_as_go_expands_them() {
    let source = Source { target_revision: "v1".into(), path: "apps/a".into(), ..Source::default() };
    let build = Build::new("app", "dest", &source, "0123456789abcdef");
    for (text, expected) in [
        ("no variable", "no variable"),
        ("$ARGOCD_APP_NAME-x", "app-x"),
        ("${ARGOCD_APP_NAME}x", "appx"),
        ("$ARGOCD_APP_NAMEx", ""),
        ("$ARGOCD_APP_NAMESPACE/$ARGOCD_APP_SOURCE_PATH", "dest/apps/a"),
        ("$ARGOCD_APP_REVISION_SHORT $ARGOCD_APP_REVISION_SHORT_8", "0123456 01234567"),
        ("$ARGOCD_APP_PROJECT_NAME@$ARGOCD_APP_SOURCE_TARGET_REVISION", "default@v1"),
        ("$$HOME costs 5$", "$HOME costs 5$"),
        ("a$ b", "a$ b"),
        ("${} and ${ and $1", " and  and "),
        ("${ARGOCD_APP_NAME", "ARGOCD_APP_NAME"),
        ("größe $ARGOCD_APP_NAME ü", "größe app ü"),
    ] {
        assert_eq!(build.expand(text), expected, "{text}");
    }
}

#[test]
fn files_of_values_stay_within_the_repository() {
    for (chart, file, expected) in [
        ("", "values-a.yaml", Ok("values-a.yaml")),
        ("apps/a", "values-a.yaml", Ok("apps/a/values-a.yaml")),
        ("./apps/a/", "../b/./v.yaml", Ok("apps/b/v.yaml")),
        ("apps/a", "/envs/prod.yaml", Ok("envs/prod.yaml")),
        ("apps/a", "../../../v.yaml", Err("file '../../../v.yaml' resolved to outside repository root")),
        ("apps", "/../v.yaml", Err("file '/../v.yaml' resolved to outside repository root")),
        ("apps", "..", Err("internal error: failed to resolve path. Check logs for more details")),
    ] {
        let found = resolve(chart, file).map(|place| place.path);
        assert_eq!(found, expected.map(str::to_string).map_err(str::to_string), "{chart} {file}");
    }
}

#[test]
fn ranges_become_the_newest_version_and_pins_stay() {
    let versions: Vec<String> =
        ["0.4.1", "0.4.2", "v0.5.0", "1.0.0-rc.1", "latest"].iter().map(|text| (*text).to_string()).collect();
    for pin in ["v0.4.2", "0.4.2", "0.4", "1", "1.0.0-rc.1"] {
        assert!(is_version(pin), "{pin}");
    }
    for (range, expected) in [
        ("^0.4", Ok("0.4.2")),
        ("0.x", Ok("v0.5.0")),
        (">=0.4.1 <0.5.0", Ok("0.4.2")),
        ("*", Ok("v0.5.0")),
        (">0.0.0-0", Ok("1.0.0-rc.1")),
        ("latest", Ok("latest")),
        ("~2.0", Err("version matching constraint not found in 5 tags")),
        ("main", Err("failed to determine semver constraint: improper constraint: main")),
    ] {
        assert!(!is_version(range), "{range}");
        let expected = expected.map(str::to_string).map_err(str::to_string);
        assert_eq!(max_version(range, &versions), expected, "{range}");
    }
}

#[test]
fn of_a_kubernetes_version_only_the_numbers_count() {
    for (text, expected) in [
        ("v1.33.1", "1.33.1"),
        ("1.30", "1.30"),
        (" v1.30.10-gke.100+x ", "1.30.10"),
        ("1.29+", "1.29"),
        ("latest", "could not parse kubernetes version latest: could not parse \"latest\" as version"),
        ("1", "could not parse kubernetes version 1: could not parse \"1\" as version"),
    ] {
        assert_eq!(plain_kube_version(text).unwrap_or_else(|error| error), expected);
    }
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    let helm = json!({"version": "v2", "valueFiles": ["$values/a.yaml", "https://x/a.yaml", "*.yaml", "$ARGOCD_APP_NAME.yaml", "ok.yaml"],
        "fileParameters": [{"name": "a", "path": "$values/a.txt"}]});
    expect![[r#"
        spec.source.helm.version: helm version 'v2' is not supported
        spec.source.helm.valueFiles: "$values/a.yaml" is not supported yet: it names another source, and there is only one
        spec.source.helm.valueFiles: "https://x/a.yaml" is not supported yet: files are read from the source, not by URL
        spec.source.helm.valueFiles: "*.yaml" is not supported yet: patterns are not expanded; name each file
        spec.source.helm.fileParameters: "$values/a.txt" is not supported yet: it names another source, and there is only one
    "#]]
    .assert_eq(&problems(&source(helm)).iter().map(|problem| format!("{problem}\n")).collect::<String>());
    assert_eq!(problems(&source(json!({"version": "v3", "valuesObject": null}))), Vec::<String>::new());
    let wrong = problems(&source(json!({"valueFiles": "a.yaml"})));
    assert!(wrong[0].starts_with("spec.source.helm cannot be read: "), "{wrong:?}");
}

#[test]
fn a_repository_without_a_scheme_is_a_registry() {
    for (url, expected) in [
        ("https://mboersma.github.io/cluster-api-charts", false),
        ("http://localhost:8080", false),
        ("oci://ghcr.io/x/charts", true),
        ("ghcr.io/x/charts", true),
    ] {
        assert_eq!(is_registry(url), expected, "{url}");
    }
}

const TEMPLATE: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values}\ndata:\n  values: {{ .Values | toJson | quote }}\n";

fn request(files: &[(&str, &str)]) -> Request {
    let mut set = FileSet::default();
    files.iter().for_each(|(path, text)| set.insert(*path, text.as_bytes()));
    Request {
        chart: "digest".into(),
        files: Files::Directory(Arc::new(set)),
        release: "app".into(),
        namespace: "dest".into(),
        kube_version: "1.33.1".into(),
        api_versions: Vec::new(),
        value_files: Vec::new(),
        values: String::new(),
        values_object: None,
        parameters: Vec::new(),
        set_files: Vec::new(),
        include_crds: true,
        skip_tests: false,
        skip_schema: false,
        track: false,
    }
}

fn chart(template: &str) -> Request {
    request(&[
        ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.2.3\n"),
        ("values.yaml", "a: chart\nb: chart\nc: chart\nd: chart\ne: chart\n"),
        ("templates/a.yaml", template),
    ])
}

fn outcome(request: &Request) -> String {
    let renderer = Renderer::default();
    match renderer.render(request, &testkit::FixedClock::default(), &testkit::SeededEntropy::new(1)) {
        Ok(rendered) => rendered.documents.iter().map(|document| format!("{}\n", document.object)).collect(),
        Err(error) => format!("{error}\n"),
    }
}

fn contents(text: &str) -> Option<Arc<[u8]>> {
    Some(Arc::from(text.as_bytes()))
}

#[test]
fn files_values_parameters_and_files_of_parameters_in_helms_order() {
    let mut request = chart(TEMPLATE);
    request.value_files = vec![
        ("one.yaml".into(), contents("b: one\nc: one\nd: one\ne: one\n")),
        ("two.yaml".into(), contents("c: two\nd: two\ne: two\n")),
    ];
    request.values_object = Some(json!({"d": "object", "e": "object", "number": 1234567}));
    request.values = "d: not read".into();
    let parameter = |name: &str, value: &str, text| (name.to_string(), value.to_string(), text);
    request.parameters = vec![
        parameter("e", "parameter", false),
        parameter("count", "2", false),
        parameter("version", "2", true),
        parameter("sentence", "a, b", false),
        parameter("list", "{x,y}", false),
        parameter("deep.list[0].name", "n", false),
    ];
    request.set_files =
        vec![SetFile { name: "text".into(), path: "t.txt".into(), contents: contents("l1\nl2, with {}") }];
    expect![[r#"
        {"apiVersion":"v1","data":{"values":"{\"a\":\"chart\",\"b\":\"one\",\"c\":\"two\",\"count\":2,\"d\":\"object\",\"deep\":{\"list\":[{\"name\":\"n\"}]},\"e\":\"parameter\",\"list\":[\"x\",\"y\"],\"number\":1234567,\"sentence\":\"a, b\",\"text\":\"l1\\nl2, with {}\",\"version\":\"2\"}"},"kind":"ConfigMap","metadata":{"name":"values"}}
    "#]]
    .assert_eq(&outcome(&request));
    request.values_object = None;
    assert!(outcome(&request).contains(r#"\"d\":\"not read\""#));
}

#[test]
fn what_fails_is_said_in_upstreams_and_helms_words() {
    let failing = |change: fn(&mut Request)| {
        let mut request = chart(TEMPLATE);
        request.api_versions = vec!["v1".into()];
        change(&mut request);
        outcome(&request)
    };
    expect![[r#"
        failed to execute helm template command: `helm template . --name-template app --namespace dest --kube-version 1.33.1 --values <path>/x.yaml <api versions removed> --include-crds` failed exit status 1: Error: open <path>/x.yaml: no such file or directory
    "#]]
    .assert_eq(&failing(|request| request.value_files = vec![("<path>/x.yaml".into(), None)]));
    expect![[r#"
        failed to execute helm template command: `helm template . --name-template app --namespace dest --kube-version 1.33.1 --set a[=****** <api versions removed> --include-crds` failed exit status 1: Error: failed parsing --set data: error parsing index: EOF
    "#]]
    .assert_eq(&failing(|request| request.parameters = vec![("a[".into(), "secret".into(), false)]));
    expect![[r#"
        failed to execute helm template command: `helm template . --name-template app --namespace dest --kube-version 1.33.1 --values <temp file with values from source.helm.values/valuesObject> <api versions removed> --include-crds` failed exit status 1: Error: failed to parse <temp file with values from source.helm.values/valuesObject>: error converting YAML to JSON: yaml: line 1: did not find expected node content
    "#]]
    .assert_eq(&failing(|request| request.values = "a: [".into()));
    let mut request = chart("{{ required \"a name is needed\" .Values.name }}");
    request.include_crds = false;
    expect![[r#"
        failed to execute helm template command: `helm template . --name-template app --namespace dest --kube-version 1.33.1` failed exit status 1: Error: execution error at (c/templates/a.yaml:1:3): a name is needed
    "#]]
    .assert_eq(&outcome(&request));
    expect![[r#"
        failed to execute helm template command: `helm template . --name-template app --namespace dest --kube-version 1.33.1 --include-crds` failed exit status 1: Error: Chart.yaml file is missing
    "#]]
    .assert_eq(&outcome(&super::tests::request(&[("a.yaml", "x")])));
}

#[test]
fn crds_and_tests_come_or_stay_away_as_asked() {
    let test = "apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n";
    let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: crd}\n";
    let files =
        [("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.2.3\n"), ("templates/t.yaml", test), ("crds/a.yaml", crd)];
    let names = |change: fn(&mut Request)| {
        let mut request = request(&files);
        change(&mut request);
        let renderer = Renderer::default();
        let rendered =
            renderer.render(&request, &testkit::FixedClock::default(), &testkit::SeededEntropy::new(1)).unwrap();
        rendered
            .documents
            .iter()
            .map(|d| d.object["metadata"]["name"].as_str().unwrap().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(|_| {}), ["crd", "t"]);
    assert_eq!(names(|request| request.include_crds = false), ["t"]);
    assert_eq!(names(|request| request.skip_tests = true), ["crd"]);
}

#[test]
fn what_is_random_in_a_chart_is_made_once() {
    let request =
        chart("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {p: {{ randAlphaNum 20 | quote }}}\n");
    let (renderer, clock) = (Renderer::default(), testkit::FixedClock::default());
    let entropy = testkit::SeededEntropy::new(1);
    assert_eq!(renderer.known(&request), None);
    let first = renderer.render(&request, &clock, &entropy).unwrap();
    assert_eq!(renderer.known(&request), Some(Ok(first.clone())));
    let other = Request { release: "other".into(), ..request.clone() };
    assert_eq!(renderer.known(&other), None, "everything that is asked for counts");
    // Whoever asks for it anew gets another one.
    assert_ne!(renderer.render(&request, &clock, &entropy).unwrap(), first);
}

#[test]
fn every_part_of_a_request_changes_its_digest() {
    let base = chart(TEMPLATE);
    let changes: [fn(&mut Request); 14] = [
        |r| r.chart = "other".into(),
        |r| r.release = "other".into(),
        |r| r.namespace = "other".into(),
        |r| r.kube_version = "1.30".into(),
        |r| r.api_versions.push("v1".into()),
        |r| r.value_files.push(("a".into(), None)),
        |r| r.value_files.push(("a".into(), Some(Arc::from(&b""[..])))),
        |r| r.values = "a: 1".into(),
        |r| r.values_object = Some(json!({"a": 1})),
        |r| r.parameters.push(("a".into(), "1".into(), false)),
        |r| r.parameters.push(("a".into(), "1".into(), true)),
        |r| r.include_crds = false,
        |r| r.skip_tests = true,
        |r| r.track = true,
    ];
    let mut digests = std::collections::BTreeSet::from([base.digest()]);
    for change in changes {
        let mut request = base.clone();
        change(&mut request);
        assert!(digests.insert(request.digest()), "{request:?}");
    }
}
