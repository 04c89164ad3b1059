//! Templates as charts have them: helpers, nested values, lists of containers. Prints figures; asserts only what does not depend on
//! the machine.

use std::time::Instant;

use gotemplate::{Dialect, FunctionError, Host, Limits, Run, Templates, Value, yaml};

const ROUNDS: usize = 200;
const FILES: usize = 40;

const HELPERS: &str = r#"{{- define "app.name" -}}{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}{{- end }}
{{- define "app.labels" -}}
app.kubernetes.io/name: {{ include "app.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}"#;

const DEPLOYMENT: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.name" . }}-{{ .Release.Name }}
  labels:
    {{- include "app.labels" . | nindent 4 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  template:
    spec:
      containers:
        {{- range $name, $container := .Values.containers }}
        - name: {{ $name }}
          image: "{{ $container.image.repository }}:{{ $container.image.tag | default $.Chart.AppVersion }}"
          {{- with $container.env }}
          env:
            {{- range . }}
            - name: {{ .name | upper | quote }}
              value: {{ printf "%s-%v" .name .value | quote }}
            {{- end }}
          {{- end }}
          {{- if and $container.probe (gt (len $container.env) 1) (ne $name "none") }}
          livenessProbe: {{- toYaml $container.probe | nindent 12 }}
          {{- end }}
        {{- else }}
        []
        {{- end }}
"#;

const DATA: &str = r"
Chart: {Name: app, AppVersion: 1.2.3}
Release: {Name: rel, Namespace: default}
Values:
  replicaCount: 3
  autoscaling: {enabled: false}
  commonLabels: {team: a, tier: b}
  containers:
    one: {image: {repository: r/one, tag: v1}, env: [{name: a, value: 1}, {name: b, value: x}], probe: {httpGet: {path: /, port: 80}}}
    two: {image: {repository: r/two}, env: [{name: c, value: true}], probe: {}}
    three: {image: {repository: r/three}, env: [], probe: {tcpSocket: {port: 1}}}
";

fn main() {
    let crds: String =
        (0..2000).map(|line| format!("  property{line}: {{type: string, description: plain text}}\n")).collect();
    let parse = || {
        let mut templates = Templates::new();
        templates.parse("_helpers.tpl", HELPERS).expect("helpers");
        for file in 0..FILES {
            templates.parse(&format!("d{file}.yaml"), DEPLOYMENT).expect("a template");
        }
        templates.parse("crds.yaml", &crds).expect("plain text");
        templates
    };
    let bytes = HELPERS.len() + FILES * DEPLOYMENT.len() + crds.len();
    let parsed = best(|| drop(parse()));
    let templates = parse();
    let data = yaml::read(DATA.as_bytes()).expect("data");
    let mut written = 0;
    let executed = best(|| written = execute(&templates, &data));
    assert_eq!(written, execute(&templates, &data));
    let mega = |bytes: usize, millis: f64| bytes as f64 / millis / 1e3;
    report(&format!("parse   {FILES} files, {bytes} B: {parsed:.3} ms, {:.0} MB/s", mega(bytes, parsed)));
    report(&format!("execute {FILES} files, {written} B: {executed:.3} ms, {:.0} MB/s", mega(written, executed)));
}

fn execute(templates: &Templates, data: &Value) -> usize {
    let mut run = Run::new(templates, &Fixed, Limits::default());
    let files = (0..FILES).map(|file| format!("d{file}.yaml")).chain(["crds.yaml".to_owned()]);
    files.map(|name| run.execute(&name, data).expect("a render").len()).sum()
}

/// The fastest of all rounds, in milliseconds.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn best(mut act: impl FnMut()) -> f64 {
    let round = |act: &mut dyn FnMut()| {
        let start = Instant::now();
        act();
        start.elapsed().as_secs_f64() * 1e3
    };
    (0..ROUNDS).map(|_| round(&mut act)).fold(f64::INFINITY, f64::min)
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn report(line: &str) {
    println!("{line}");
}

#[derive(Debug)]
struct Fixed;

impl api::env::Clock for Fixed {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
}

impl api::env::Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

impl Host for Fixed {
    fn clock(&self) -> &dyn api::env::Clock {
        self
    }

    fn entropy(&self) -> &dyn api::env::Entropy {
        self
    }

    fn lookup(&self, _: &str, _: &str, _: &str, _: &str) -> Result<Value, FunctionError> {
        Ok(Value::Nil)
    }

    fn dialect(&self) -> Dialect {
        Dialect::default()
    }
}
