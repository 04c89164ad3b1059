//! Real helm 4 and helm 3 against a running server: releases that they install, and records of releases that crate `chart` writes and
//! reads.

#![expect(clippy::unwrap_used, reason = "these are tests, in a program of their own")]

use std::{fs, process::Command};

use chart::{
    Chart, Release,
    files::{File, FileSet},
    record::Record,
    render,
    values::{Table, strvals},
};
use e2e::{Output, Server, Tool, run, run_with_input};
use expect_test::{Expect, expect};
use gotemplate::Dialect;
use serde_json::Value;
use tempfile::TempDir;
use testkit::{FixedClock, SeededEntropy};

use crate::Case;

const NEEDS: &[Tool] = &[Tool::Kubectl, Tool::Helm, Tool::Helm3];

pub(crate) const CASES: &[Case] = &[
    Case { name: "helm::helm_4_installs", needs: NEEDS, run: helm_4_installs },
    Case { name: "helm::helm_3_installs", needs: NEEDS, run: helm_3_installs },
    Case { name: "helm::reads_our_record", needs: NEEDS, run: reads_our_record },
    Case { name: "helm::writes_what_we_read", needs: NEEDS, run: writes_what_we_read },
];

/// A chart with what charts have: plain objects, access rules, a kind of its own and an object of it, a hook, notes.
const CHART: &[(&str, &str)] = &[
    ("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.2.3\nappVersion: \"2.0\"\ndescription: d\nkeywords: [k]\nmaintainers:\n- {name: m, email: m@example.com}\nannotations: {a: b}\n"),
    ("values.yaml", "greeting: hello\nsize: 3\nratio: 0.1\nlist: [1, {a: null}]\n"),
    ("README.md", "# App\n"),
    (
        "templates/all.yaml",
        "apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-config}
data: {greeting: {{ .Values.greeting | quote }}}
---
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}-secret}
stringData: {password: hunter2}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: {{ .Release.Name }}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: {{ .Release.Name }}}
rules: [{apiGroups: [\"\"], resources: [configmaps], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: {{ .Release.Name }}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .Release.Name }}}
subjects: [{kind: ServiceAccount, name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}]
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: {{ .Release.Name }}}
spec: {size: {{ .Values.size }}}
",
    ),
    (
        "templates/hook.yaml",
        "apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-hook
  annotations: {helm.sh/hook: \"pre-install,pre-upgrade\", helm.sh/hook-weight: \"-5\", helm.sh/hook-delete-policy: \"before-hook-creation,hook-succeeded\"}
data: {revision: \"{{ .Release.Revision }}\"}
",
    ),
    ("templates/NOTES.txt", "Say {{ .Values.greeting }} to {{ .Release.Name }}.\n"),
    (
        "crds/widget.yaml",
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, listKind: WidgetList, plural: widgets, singular: widget}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
",
    ),
];

/// A server, and the chart on disk.
struct Setting {
    server: Server,
    directory: TempDir,
}

impl Setting {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in CHART {
            let path = directory.path().join("app").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { server: Server::start(&[]), directory }
    }

    /// Runs helm beside the chart, with a home of its own.
    fn helm(&self, tool: Tool, arguments: &str) -> Output {
        let mut command = Command::new(tool.find().unwrap());
        command.args(arguments.split_whitespace()).current_dir(self.directory.path());
        command.env("KUBECONFIG", self.server.kubeconfig()).env("HOME", self.server.data_dir());
        run(&mut command)
    }
}

/// Without times, and without the widths that they give to columns.
fn stable(text: &str) -> String {
    let is_time = |cell: &str| cell.contains("20") && cell.matches(':').count() >= 2;
    let cell = |cell: &str| match cell.trim().split_once(": ") {
        Some((key, value)) if is_time(value) => format!("{key}: TIME"),
        _ if is_time(cell) && !cell.contains('"') => "TIME".to_owned(),
        _ => cell.trim_end().to_owned(),
    };
    let line = |line: &str| line.split('\t').map(cell).collect::<Vec<_>>().join("\t").trim_end().to_owned() + "\n";
    text.lines().map(line).collect()
}

fn installs(tool: Tool, expected: Expect) {
    let setting = Setting::new();
    let mut all = String::new();
    for arguments in [
        "install r ./app -n apps --create-namespace",
        "install r ./app -n apps",
        "upgrade r ./app -n apps --set greeting=bye,size=5",
        "history r -n apps",
        "get values r -n apps",
        "rollback r 1 -n apps --wait",
        "list -n apps",
    ] {
        let output = setting.helm(tool, arguments);
        all.push_str(&format!("$ helm {arguments}\n{}", stable(&output.transcript())));
    }
    let live = setting.server.k("get configmaps,secrets,serviceaccounts,roles,rolebindings,widgets -n apps -o name");
    all.push_str(&live.transcript());
    all.push_str(&setting.server.k("get widget r -n apps -o jsonpath={.spec.size}").transcript());
    all.push_str(&format!("\n{}", setting.helm(tool, "uninstall r -n apps").transcript()));
    let left = setting.server.k("get configmaps,secrets,roles,rolebindings,widgets -n apps -o name");
    all.push_str(&left.transcript());
    expected.assert_eq(&all);
}

fn helm_4_installs() {
    installs(
        Tool::Helm,
        expect![[r#"
        $ helm install r ./app -n apps --create-namespace
        NAME: r
        LAST DEPLOYED: TIME
        NAMESPACE: apps
        STATUS: deployed
        REVISION: 1
        DESCRIPTION: Install complete
        TEST SUITE: None
        NOTES:
        Say hello to r.
        $ helm install r ./app -n apps
        --- stderr
        level=ERROR msg="release name check failed" error="cannot reuse a name that is still in use"
        Error: INSTALLATION FAILED: release name check failed: cannot reuse a name that is still in use
        --- exit 1
        $ helm upgrade r ./app -n apps --set greeting=bye,size=5
        Release "r" has been upgraded. Happy Helming!
        NAME: r
        LAST DEPLOYED: TIME
        NAMESPACE: apps
        STATUS: deployed
        REVISION: 2
        DESCRIPTION: Upgrade complete
        TEST SUITE: None
        NOTES:
        Say bye to r.
        $ helm history r -n apps
        REVISION	UPDATED	STATUS	CHART	APP VERSION	DESCRIPTION
        1	TIME	superseded	app-1.2.3	2.0	Install complete
        2	TIME	deployed	app-1.2.3	2.0	Upgrade complete
        $ helm get values r -n apps
        USER-SUPPLIED VALUES:
        greeting: bye
        size: 5
        $ helm rollback r 1 -n apps --wait
        Rollback was a success! Happy Helming!
        $ helm list -n apps
        NAME	NAMESPACE	REVISION	UPDATED	STATUS	CHART	APP VERSION
        r	apps	3	TIME	deployed	app-1.2.3	2.0
        configmap/kube-root-ca.crt
        configmap/r-config
        secret/r-secret
        secret/sh.helm.release.v1.r.v1
        secret/sh.helm.release.v1.r.v2
        secret/sh.helm.release.v1.r.v3
        serviceaccount/default
        serviceaccount/r
        role.rbac.authorization.k8s.io/r
        rolebinding.rbac.authorization.k8s.io/r
        widget.example.com/r
        3
        release "r" uninstalled
        configmap/kube-root-ca.crt
    "#]],
    );
}

fn helm_3_installs() {
    installs(
        Tool::Helm3,
        expect![[r#"
        $ helm install r ./app -n apps --create-namespace
        NAME: r
        LAST DEPLOYED: TIME
        NAMESPACE: apps
        STATUS: deployed
        REVISION: 1
        TEST SUITE: None
        NOTES:
        Say hello to r.
        $ helm install r ./app -n apps
        --- stderr
        Error: INSTALLATION FAILED: cannot re-use a name that is still in use
        --- exit 1
        $ helm upgrade r ./app -n apps --set greeting=bye,size=5
        Release "r" has been upgraded. Happy Helming!
        NAME: r
        LAST DEPLOYED: TIME
        NAMESPACE: apps
        STATUS: deployed
        REVISION: 2
        TEST SUITE: None
        NOTES:
        Say bye to r.
        $ helm history r -n apps
        REVISION	UPDATED	STATUS	CHART	APP VERSION	DESCRIPTION
        1	TIME	superseded	app-1.2.3	2.0	Install complete
        2	TIME	deployed	app-1.2.3	2.0	Upgrade complete
        $ helm get values r -n apps
        USER-SUPPLIED VALUES:
        greeting: bye
        size: 5
        $ helm rollback r 1 -n apps --wait
        Rollback was a success! Happy Helming!
        $ helm list -n apps
        NAME	NAMESPACE	REVISION	UPDATED	STATUS	CHART	APP VERSION
        r	apps	3	TIME	deployed	app-1.2.3	2.0
        configmap/kube-root-ca.crt
        configmap/r-config
        secret/r-secret
        secret/sh.helm.release.v1.r.v1
        secret/sh.helm.release.v1.r.v2
        secret/sh.helm.release.v1.r.v3
        serviceaccount/default
        serviceaccount/r
        role.rbac.authorization.k8s.io/r
        rolebinding.rbac.authorization.k8s.io/r
        widget.example.com/r
        3
        release "r" uninstalled
        configmap/kube-root-ca.crt
    "#]],
    );
}

const SET: &str = "greeting=hey,size=7,more.ratio=1.5,more.list[1]=x";

fn our_record(dialect: Dialect, namespace: &str) -> Record {
    let files = CHART.iter().map(|(name, text)| File::new(*name, text.as_bytes())).collect();
    let chart = Chart::load(FileSet::from_directory(files).unwrap(), dialect).unwrap();
    let mut given = Table::new();
    strvals::set(SET, &mut given).unwrap();
    let release = Release { dialect, name: "r".into(), namespace: namespace.into(), ..Release::default() };
    let rendered = render(&chart, &given, &release, &FixedClock::default(), &SeededEntropy::default()).unwrap();
    Record::of(&chart, &given, &release, &rendered, "2026-11-23T04:05:06.7Z").unwrap()
}

const QUESTIONS: &[&str] = &[
    "list -a",
    "status r",
    "get all r",
    "get values r",
    "get values r -a",
    "get manifest r",
    "get hooks r",
    "get notes r",
    "history r",
    "get metadata r",
];

/// What helm says of a record of ours is what it says of its own.
fn reads_our_record() {
    let setting = Setting::new();
    for (tool, dialect) in [(Tool::Helm, Dialect::Helm4), (Tool::Helm3, Dialect::Helm3)] {
        let (own, ours) = (format!("own-{}", tool.name()), format!("ours-{}", tool.name()));
        let installed = setting.helm(tool, &format!("install r ./app -n {own} --create-namespace --set {SET}"));
        assert_eq!(installed.code, 0, "{}", installed.transcript());
        setting.server.k(&format!("create namespace {ours}"));
        let secret = our_record(dialect, &ours).to_secret(1_795_406_706).to_string();
        let applied = run_with_input(setting.server.kubectl().args(["create", "-n", &ours, "-f", "-"]), &secret);
        assert_eq!(applied.code, 0, "{}", applied.transcript());
        for question in QUESTIONS {
            // The objects themselves are there only where helm has installed them.
            let question = match (*question, dialect) {
                ("list -a", Dialect::Helm4) => "list",
                (question, _) => question,
            };
            let [theirs, read] = [&own, &ours].map(|namespace| {
                let answer = setting.helm(tool, &format!("{question} -n {namespace}")).transcript();
                stable(&answer.replace(namespace.as_str(), "NAMESPACE"))
            });
            assert_eq!(without_resources(&read), without_resources(&theirs), "{} {question}", tool.name());
        }
    }
}

/// Helm 4's status shows live objects, and a label of its record may be called modifiedAt.
fn without_resources(text: &str) -> String {
    let (head, rest) = text.split_once("RESOURCES:\n").unwrap_or((text, ""));
    let rest = rest.split_once("TEST SUITE:").map(|(_, rest)| format!("TEST SUITE:{rest}")).unwrap_or_default();
    let lines = head.lines().filter(|line| !line.starts_with("LABELS:")).map(|line| format!("{line}\n"));
    lines.collect::<String>() + &rest
}

/// What helm has written is what we would have written, but for times.
fn writes_what_we_read() {
    let setting = Setting::new();
    for (tool, dialect) in [(Tool::Helm, Dialect::Helm4), (Tool::Helm3, Dialect::Helm3)] {
        let namespace = format!("read-{}", tool.name());
        for arguments in [
            format!("install r ./app -n {namespace} --create-namespace --set {SET} --labels team=platform"),
            format!("upgrade r ./app -n {namespace} --set greeting=bye"),
        ] {
            let output = setting.helm(tool, &arguments);
            assert_eq!(output.code, 0, "{}", output.transcript());
        }
        let read = |revision: u64| {
            let secret =
                setting.server.k(&format!("get secret sh.helm.release.v1.r.v{revision} -n {namespace} -o json"));
            let secret: Value = serde_json::from_str(&secret.stdout).unwrap();
            Record::from_secret(&secret).unwrap()
        };
        let (first, second) = (read(1), read(2));
        assert_eq!((first.status.as_str(), second.status.as_str()), ("superseded", "deployed"));
        assert_eq!((second.revision, second.description.as_str()), (2, "Upgrade complete"));
        assert_eq!(second.first_deployed, first.first_deployed);
        assert_eq!(second.notes, "Say bye to r.\n");
        assert_eq!(first.labels.get("team").map(String::as_str), Some("platform"));
        let (mut ours, mut theirs) = (our_record(dialect, &namespace), first);
        for files in ["templates", "files"] {
            // When the files were written, which a set of files does not know.
            let files = theirs.chart[files].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut);
            files.for_each(|file| drop(file.remove("modtime")));
        }
        for key in ["modtime", "schemamodtime"] {
            theirs.chart.as_object_mut().unwrap().remove(key);
        }
        let ran = |hooks: &mut Vec<Value>| hooks.iter_mut().for_each(|hook| hook["last_run"] = Value::Null);
        ran(&mut ours.hooks);
        ran(&mut theirs.hooks);
        ours.status.clone_from(&theirs.status);
        ours.first_deployed.clone_from(&theirs.first_deployed);
        ours.last_deployed.clone_from(&theirs.last_deployed);
        ours.labels.clone_from(&theirs.labels);
        let (ours, theirs) = (format!("{ours:#?}"), format!("{theirs:#?}"));
        let lines = ours.lines().zip(theirs.lines()).filter(|(ours, theirs)| ours != theirs);
        let differing: Vec<_> = lines.take(5).collect();
        assert!(ours == theirs, "{}: {differing:#?}", tool.name());
    }
}
