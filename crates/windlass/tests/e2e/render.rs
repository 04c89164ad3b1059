//! `windlass render` beside the real helm 4 and helm 3: the same bytes, the same errors.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use e2e::{Output, Tool, binary, run};
use expect_test::{Expect, expect};
use tempfile::TempDir;

use crate::Case;

const HELMS: &[Tool] = &[Tool::Helm, Tool::Helm3];

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "render::workshop_charts",
        needs: &[Tool::WorkshopCharts, Tool::Helm, Tool::Helm3],
        run: workshop_charts,
    },
    Case { name: "render::built_in_chart", needs: &[Tool::WorkshopCharts], run: built_in_chart },
    Case { name: "render::as_helm", needs: HELMS, run: as_helm },
    Case { name: "render::errors_as_helm", needs: HELMS, run: errors_as_helm },
    Case { name: "render::written_as_helm", needs: HELMS, run: written_as_helm },
    Case { name: "render::objects", needs: &[], run: objects },
    Case { name: "render::unused", needs: &[], run: unused },
    Case { name: "render::refused", needs: &[], run: refused },
    Case { name: "render::flags_about_installing", needs: &[], run: flags_about_installing },
];

const CAPI_OPERATOR: &str = "core: {cluster-api: {version: v1.9.6}}
infrastructure: {azure: {version: v1.19.2}}
addon: {helm: {version: v0.3.1}}
manager: {featureGates: {core: {ClusterTopology: true, MachinePool: true}}}
additionalDeployments:
  azureserviceoperator-controller-manager:
    deployment:
      containers:
        - name: manager
          args:
            --crd-pattern: \"resources.azure.com/*;keyvault.azure.com/*\"
";

const AKS: &str = "clusterName: aks0
location: eastus
subscriptionID: 00000000-0000-0000-0000-000000000001
clientID: 00000000-0000-0000-0000-000000000002
tenantID: 00000000-0000-0000-0000-000000000003
authMode: workloadidentity
kubernetesVersion: v1.30.10
clusterNetwork: overlay
managedMachinePoolSpecs:
  pool0: {count: 1, enableAutoScaling: true, maxCount: 3, minCount: 1, mode: System, osSKU: AzureLinux, vmSize: Standard_DS2_v2}
";

/// A chart of ours that touches what charts touch.
const CHART: &[(&str, &str)] = &[
    (
        "Chart.yaml",
        "apiVersion: v2\nname: app\nversion: 1.2.3\nappVersion: \"2.0\"\nkubeVersion: '>=1.20-0'\ndependencies:\n  - {name: sub, version: '0.x', repository: '', alias: first, condition: first.enabled}\n  - {name: sub, version: '0.x', repository: '', alias: second, tags: [off], import-values: [{child: exported, parent: imported}]}\n",
    ),
    (
        "values.yaml",
        "image: {repository: nginx, tag: ~}\nreplicas: 2\nbig: 12345678\nport: 0777\nlabels: {on: \"yes\", b: 'true'}\nlist: [1, 1.5, \"x\"]\nfirst: {enabled: true, greeting: hello}\nglobal: {team: platform}\npools:\n  pool1: {size: 1}\n",
    ),
    (
        "templates/_helpers.tpl",
        "{{- define \"app.labels\" -}}\napp: {{ .Chart.Name }}\nrelease: {{ .Release.Name | quote }}\n{{- end }}\n{{- define \"app.needs\" -}}{{ required \"a tag is needed\" .Values.image.tag }}{{- end }}\n",
    ),
    (
        "templates/deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n  labels: {{- include \"app.labels\" . | nindent 4 }}\n  annotations: {checksum: {{ include (print $.Template.BasePath \"/config.yaml\") . | sha256sum }}}\nspec:\n  replicas: {{ .Values.replicas | int }}\n  big: {{ .Values.big }}\n  port: {{ .Values.port }}\n  pools: {{- range $name, $pool := .Values.pools }}\n    {{ $name }}: {{ toJson $pool }}\n    {{- end }}\n",
    ),
    (
        "templates/config.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config, namespace: {{ .Release.Namespace }}}\ndata:\n{{ (.Files.Glob \"conf/*\").AsConfig | indent 2 }}\n  values: |\n{{ toYaml (omit .Values \"first\" \"second\") | indent 4 }}\n  kube: {{ .Capabilities.KubeVersion }} {{ .Capabilities.APIVersions.Has \"example.com/v1\" }}\n  tpl: {{ tpl \"{{ .Values.list | join `,` }}\" . | quote }}\n---\n---\n# only a comment\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: extra}\n",
    ),
    (
        "templates/hook.yaml",
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, annotations: {helm.sh/hook: \"pre-install,pre-upgrade\", helm.sh/hook-weight: \"-5\"}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: check, annotations: {helm.sh/hook: test}}\n---\nkind: Pod\nmetadata: {name: gone, annotations: {helm.sh/hook: crd-install}}\n",
    ),
    (
        "templates/webhook.yaml",
        "kind: ValidatingWebhookConfiguration\nmetadata: {name: hook}\n---\nkind: Zebra\nmetadata: {name: z}\n---\nkind: Aardvark\nmetadata: {name: a}\n",
    ),
    ("templates/NOTES.txt", "Installed {{ .Release.Name }}\n"),
    // Left out without a `.helmignore`, too.
    ("templates/.notes", "no: [YAML\n"),
    ("conf/a.conf", "one\ntwo\n"),
    ("crds/thing.yaml", "kind: CustomResourceDefinition\nmetadata: {name: things.example.com}\n"),
    ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.0\n"),
    ("charts/sub/values.yaml", "greeting: none\nexported: {answer: 42}\n"),
    (
        "charts/sub/templates/config.yaml",
        "kind: ConfigMap\nmetadata: {name: {{ .Chart.Name }}-{{ .Values.global.team }}}\ndata: {greeting: {{ .Values.greeting | quote }}}\n",
    ),
];

fn chart(change: &[(&str, &str)]) -> TempDir {
    let place = tempfile::tempdir().expect("a directory");
    for (name, text) in CHART.iter().chain(change) {
        let path = place.path().join("app").join(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("made");
        fs::write(path, text).expect("written");
    }
    place
}

fn quiet(mut command: Command, directory: &Path) -> Output {
    for name in ["WINDLASS_CHART_USERNAME", "WINDLASS_LOG", "HELM_NAMESPACE", "KUBECONFIG", "HELM_DEBUG"] {
        command.env_remove(name);
    }
    let home = directory.join("home");
    run(command.current_dir(directory).env("HOME", &home).env("XDG_CACHE_HOME", home.join("cache")))
}

fn windlass(arguments: &[&str], directory: &Path) -> Output {
    let mut command = Command::new(binary());
    command.arg("render").args(arguments);
    quiet(command, directory)
}

/// Both versions: the same bytes where helm succeeds, the same error where it fails.
fn compare(arguments: &[&str], directory: &Path) {
    for (tool, version) in [(Tool::Helm, "4"), (Tool::Helm3, "3")] {
        let mut command = Command::new(tool.find().expect("helm"));
        command.arg("template").args(arguments);
        let helm = quiet(command, directory);
        let ours = windlass(&[&["--helm-version", version], arguments].concat(), directory);
        let shown = format!("helm {version} {arguments:?}\n{}\n{}", helm.stderr, ours.stderr);
        assert_eq!(ours.code, helm.code, "{shown}");
        if helm.code == 0 {
            assert!(ours.stdout == helm.stdout, "{shown}\n{}", difference(&helm.stdout, &ours.stdout));
        } else {
            assert_eq!(error(&ours.stderr), error(&helm.stderr), "{shown}");
        }
    }
}

fn difference(helm: &str, ours: &str) -> String {
    let at = helm.lines().zip(ours.lines()).position(|(helm, ours)| helm != ours);
    let at = at.unwrap_or(helm.lines().count().min(ours.lines().count()));
    format!("line {}:\nhelm: {:?}\nours: {:?}", at + 1, helm.lines().nth(at), ours.lines().nth(at))
}

/// The error without warnings before it and hints behind it.
fn error(stderr: &str) -> String {
    let lines = stderr.lines().skip_while(|line| !line.to_lowercase().starts_with("error: "));
    let lines = lines.take_while(|line| !line.starts_with("hint: "));
    let text: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with("Use --debug flag")).collect();
    text.join("\n")[7..].to_owned()
}

fn workshop_charts() {
    let charts = Tool::WorkshopCharts.find().expect("charts");
    let place = tempfile::tempdir().expect("a directory");
    fs::write(place.path().join("operator.yaml"), CAPI_OPERATOR).expect("written");
    fs::write(place.path().join("aks.yaml"), AKS).expect("written");
    let cases: &[(&str, &[&str])] = &[
        ("azure-aks-aso-0.4.2", &["-f", "aks.yaml"]),
        ("azure-managed-cluster-0.2.4", &["-f", "aks.yaml"]),
        ("cert-manager-v1.15.3", &["--set", "crds.enabled=true", "-n", "cert-manager"]),
        ("cluster-api-operator-v0.18.1", &["-f", "operator.yaml", "-n", "capi-operator-system"]),
        ("cluster-api-operator-v0.24.1", &["-f", "operator.yaml", "-n", "capi-operator-system"]),
    ];
    for (name, values) in cases {
        let chart = charts.join(name);
        let chart = chart.to_str().expect("UTF-8");
        compare(&["rel", chart], place.path());
        compare(&["rel", chart, "--include-crds"], place.path());
        compare(&[&["rel", chart], *values].concat(), place.path());
    }
}

/// What stands in for the public chart of Sample 1 makes the same objects, of the workshop's values and of none.
fn built_in_chart() {
    let public = Tool::WorkshopCharts.find().expect("charts").join("azure-aks-aso-0.4.2");
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox/src/workshop/chart");
    let place = tempfile::tempdir().expect("a directory");
    fs::write(place.path().join("aks.yaml"), AKS).expect("written");
    for values in [&["-f", "aks.yaml"][..], &[]] {
        let objects = |chart: &Path| {
            let chart = chart.to_str().expect("UTF-8");
            let arguments = [&["dev-cluster", chart, "-n", "default", "-o", "json"], values].concat();
            let rendered = windlass(&arguments, place.path());
            assert_eq!(rendered.code, 0, "{}", rendered.transcript());
            let list: serde_json::Value = serde_json::from_str(&rendered.stdout).expect("a list");
            let objects = list["items"].as_array().expect("items").iter();
            let key = |object: &serde_json::Value| format!("{}/{}", object["kind"], object["metadata"]["name"]);
            objects.map(|object| (key(object), object.clone())).collect::<BTreeMap<_, _>>()
        };
        let (own, public) = (objects(&own), objects(&public));
        assert_eq!(own.len(), 8);
        assert_eq!(own, public);
    }
}

fn as_helm() {
    let place = chart(&[("values-extra.yaml", "replicas: 5\nlabels: ~\nsecond: {greeting: \"two\"}\n")]);
    let cases: &[&[&str]] = &[
        &[],
        &["--include-crds"],
        &["--include-crds", "--skip-crds", "--skip-tests"],
        &["--no-hooks"],
        &["-s", "templates/config.yaml"],
        &["-s", "charts/*/templates/config.yaml", "--show-only", "templates/hook.yaml"],
        &["-f", "app/values-extra.yaml", "-n", "team"],
        &["--set", "replicas=3,list={a,b},image.tag=v1", "--set-string", "big=1", "--set-file", "note=app/conf/a.conf"],
        &["--set-json", "pools={\"a\":{\"size\":1}}", "--set-literal", "note=a,b=c"],
        &["--set-json", "{\"replicas\": 9, \"labels\": null}"],
        &["--set", "first.enabled=false"],
        &["--set", "tags.off=false"],
        &["--is-upgrade", "--kube-version", "1.29.1", "--api-versions", "example.com/v1,b/v1"],
        &["--set", "image=null"],
    ];
    for flags in cases {
        compare(&[&["rel", "./app"], *flags].concat(), place.path());
    }
    compare(&["./app"], place.path());
    compare(&["./app", "--name-template", "{{ `NAMED` | lower }}"], place.path());
}

fn errors_as_helm() {
    let broken: &[(&str, &str)] = &[
        ("templates/broken.yaml", "a: {{ .Values.image.tag.deep }}\n"),
        ("templates/broken.yaml", "a: {{ include \"app.needs\" . }}\n"),
        ("templates/broken.yaml", "\n{{ if }}\n"),
        ("templates/broken.yaml", "{{ nosuch 1 }}\n"),
        ("templates/broken.yaml", "a: {{ fail \"stop here\" }}\n"),
        ("templates/broken.yaml", "a: {{ include \"app.missing\" . }}\n"),
        ("templates/broken.yaml", "a: {{ index .Values.list 7 }}\n"),
        ("templates/broken.yaml", "a: b: c\n"),
        ("templates/broken.yaml", "- a\n"),
        ("templates/broken.yaml", "kind: [a]\n"),
        ("templates/broken.yaml", "a: {{ tpl \"{{ .Values.x.y }}\" . }}\n"),
        ("Chart.yaml", "name: app\nversion: one\n"),
        ("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\ntype: library\n"),
        ("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\nkubeVersion: '>=9'\n"),
        ("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies: [{name: none, version: 1.0.0}]\n"),
        ("values.yaml", "a: [\n"),
    ];
    for change in broken {
        compare(&["rel", "./app"], chart(&[*change]).path());
    }
    let place = chart(&[("bad.yaml", "- a\n")]);
    let flags: &[&[&str]] = &[
        &["-f", "no-such-file"],
        &["-f", "app/bad.yaml"],
        &["--set", "a"],
        &["--set-json", "a={"],
        &["--set-file", "a=no-such-file"],
        &["-s", "templates/none.yaml"],
        &["--kube-version", "abc"],
    ];
    for flags in flags {
        compare(&[&["rel", "./app"], *flags].concat(), place.path());
    }
    compare(&["NOT_A_NAME", "./app"], place.path());
    compare(&["rel", "./none"], place.path());
    compare(&["rel", "none/app"], place.path());
}

/// `--output-dir`: the same files, told of with the same lines; a second run over the first too.
fn written_as_helm() {
    let place = chart(&[]);
    let values = ["rel", "./app", "--set", "image.tag=1,second.greeting=x"];
    for flags in [&[][..], &["--include-crds", "--skip-tests"], &["--release-name", "--no-hooks"], &[]] {
        let flags = [&values[..], flags, &["--output-dir", "out"]].concat();
        compare(&flags, place.path());
        for (tool, version) in [(Tool::Helm, "4"), (Tool::Helm3, "3")] {
            let into = |who: &str| place.path().join(format!("{who}{version}"));
            let inside = |who: &str| {
                fs::create_dir_all(into(who)).expect("made");
                let app = place.path().join("app").display().to_string();
                flags
                    .iter()
                    .map(|flag| if *flag == "./app" { app.clone() } else { (*flag).to_owned() })
                    .collect::<Vec<_>>()
            };
            let mut command = Command::new(tool.find().expect("helm"));
            command.arg("template").args(inside("helm"));
            quiet(command, &into("helm"));
            let mut command = Command::new(binary());
            command.args(["render", "--helm-version", version]).args(inside("ours"));
            quiet(command, &into("ours"));
            let (helm, ours) = (files(&into("helm").join("out")), files(&into("ours").join("out")));
            assert!(!helm.is_empty());
            assert_eq!(ours, helm, "helm {version} {flags:?}");
        }
    }
}

/// Every file below a directory, by its path.
fn files(directory: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)));
        } else {
            found.insert(name, fs::read_to_string(&path).expect("text"));
        }
    }
    found
}

fn check(arguments: &[&str], directory: &Path, expected: Expect) {
    expected.assert_eq(&windlass(arguments, directory).transcript());
}

fn objects() {
    let place = chart(&[]);
    let output = windlass(&["./app", "-o", "json", "--no-hooks"], place.path());
    let list: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(list["kind"], "List");
    let kinds: Vec<&str> =
        list["items"].as_array().expect("items").iter().filter_map(|item| item["kind"].as_str()).collect();
    assert_eq!(
        kinds,
        [
            "Namespace",
            "ConfigMap",
            "ConfigMap",
            "ConfigMap",
            "Deployment",
            "ValidatingWebhookConfiguration",
            "Aardvark",
            "Zebra"
        ]
    );
}

fn unused() {
    // `toYaml` of all values reads them all: without it a misspelt name stands out.
    let place = chart(&[("templates/config.yaml", "kind: ConfigMap\ndata: {list: {{ .Values.list }}}\n")]);
    let found = windlass(&["./app", "--unused", "--set", "replica=3,pools.pool0.size=2"], place.path());
    assert_eq!(found.code, 1, "{}", found.transcript());
    for line in [
        "replica: no template reads this value; did you mean replicas?",
        "pools.pool1: comes from the chart's defaults, beside what you gave; set it to null to drop it",
    ] {
        assert!(found.stdout.lines().any(|found| found == line), "{line}\n{}", found.transcript());
    }
    let none = windlass(&["./app", "--unused", "--set", "replicas=3"], place.path());
    assert_eq!((none.code, none.stdout.as_str()), (0, ""), "{}", none.transcript());
}

fn refused() {
    let place = chart(&[]);
    check(
        &["./app", "--post-renderer", "./script"],
        place.path(),
        expect![[r#"
        --- stderr
        error: --post-renderer is not supported: a render runs no program
        hint: pipe the output instead: `windlass render ... | my-renderer`
        --- exit 2
    "#]],
    );
    check(
        &["./app", "--dependency-update"],
        place.path(),
        expect![[r#"
        --- stderr
        error: --dependency-update is not supported: a render changes no files
        hint: run `helm dependency build` once; charts in charts/ are used as they are
        --- exit 2
    "#]],
    );
    check(
        &["./app", "--verify"],
        place.path(),
        expect![[r#"
        --- stderr
        error: --verify is not supported: provenance files are not checked
        hint: digests of repositories and registries are always checked
        --- exit 2
    "#]],
    );
    check(
        &["./app", "--dry-run=server"],
        place.path(),
        expect![[r#"
        --- stderr
        error: --dry-run=server and --validate are not supported: a render asks no cluster
        hint: apply the output with `kubectl apply --dry-run=server -f -`
        --- exit 2
    "#]],
    );
    check(
        &["./app", "--output-dir", "out", "-o", "json"],
        place.path(),
        expect![[r#"
        --- stderr
        error: --output-dir goes with manifests only, not with -o json or --unused
        hint: leave one of the flags away
        --- exit 2
    "#]],
    );
    check(
        &["rel", "./app", "--name", "other"],
        place.path(),
        expect![[r#"
        --- stderr
        error: cannot set --name and also specify a name
        --- exit 2
    "#]],
    );
    check(
        &["jetstack/cert-manager"],
        place.path(),
        expect![[r#"
        --- stderr
        error: repo jetstack not found
        hint: names of repositories are not kept: name it by URL, `windlass render NAME cert-manager --repo https://...`
        --- exit 1
    "#]],
    );
}

fn flags_about_installing() {
    let place = chart(&[]);
    // About installing: helm takes them, and they change nothing.
    let of_helm =
        ["--dry-run", "--wait", "--timeout", "1m", "--labels", "a=b", "--create-namespace", "--kube-context", "x"];
    let without = windlass(&["./app", "--set", "image.tag=1"], place.path());
    let with = windlass(&[&["./app", "--set", "image.tag=1"][..], &of_helm].concat(), place.path());
    assert_eq!((with.code, with.stdout), (0, without.stdout), "{}", with.stderr);
}
