//! One render to be: the chart's files and everything else that its outcome depends on.

use std::sync::Arc;

use api::files::FileSet;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A chart as its source has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Files {
    /// Unpacked; in the order of the archive.
    Archive(Arc<chart::files::FileSet>),
    /// A directory of a repository.
    Directory(Arc<FileSet>),
}

/// A value that is the contents of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetFile {
    pub name: String,
    /// As messages call it.
    pub path: String,
    /// `None`: there is no such file.
    pub contents: Option<Arc<[u8]>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Of the chart's content: two charts of one digest are the same chart.
    pub chart: String,
    pub files: Files,
    pub release: String,
    pub namespace: String,
    pub kube_version: String,
    pub api_versions: Vec<String>,
    /// Path and contents, in order of precedence; `None`: there is no such file.
    pub value_files: Vec<(String, Option<Arc<[u8]>>)>,
    /// `values`, YAML.
    pub values: String,
    /// `valuesObject`, which wins over `values`.
    pub values_object: Option<Value>,
    /// Name and value of `parameters`; the last is whether the value stays text.
    pub parameters: Vec<(String, String, bool)>,
    pub set_files: Vec<SetFile>,
    pub include_crds: bool,
    pub skip_tests: bool,
    pub skip_schema: bool,
    /// Whether to note which values nobody reads.
    pub track: bool,
}

impl Request {
    /// Under which its outcome is remembered.
    pub fn digest(&self) -> String {
        let mut hash = Parts(Sha256::new());
        for text in [&self.chart, &self.release, &self.namespace, &self.kube_version, &self.values] {
            hash.part(text.as_bytes());
        }
        hash.part(&[
            u8::from(self.include_crds),
            u8::from(self.skip_tests),
            u8::from(self.skip_schema),
            u8::from(self.track),
        ]);
        hash.list(&self.api_versions, |hash, text| hash.part(text.as_bytes()));
        hash.list(&self.value_files, |hash, (name, contents)| {
            hash.part(name.as_bytes());
            hash.contents(contents.as_deref());
        });
        hash.part(self.values_object.as_ref().map(Value::to_string).unwrap_or_default().as_bytes());
        hash.list(&self.parameters, |hash, (name, value, text)| {
            hash.part(name.as_bytes());
            hash.part(value.as_bytes());
            hash.part(&[u8::from(*text)]);
        });
        hash.list(&self.set_files, |hash, file| {
            hash.part(file.name.as_bytes());
            hash.part(file.path.as_bytes());
            hash.contents(file.contents.as_deref());
        });
        api::hex::encode(&hash.0.finalize())
    }

    /// The call as upstream's messages show it. Values of parameters are left out: one of them may be a password.
    pub(super) fn command(&self) -> String {
        let mut words = vec![format!("helm template . --name-template {}", self.release)];
        let mut flag = |name: &str, value: &str| words.push(format!("--{name} {value}"));
        if !self.namespace.is_empty() {
            flag("namespace", &self.namespace);
        }
        flag("kube-version", &self.kube_version);
        for (name, _, text) in &self.parameters {
            flag(if *text { "set-string" } else { "set" }, &format!("{name}=******"));
        }
        self.set_files.iter().for_each(|file| flag("set-file", &format!("{}={}", file.name, file.path)));
        self.value_files.iter().for_each(|(name, _)| flag("values", name));
        if !self.values.is_empty() || self.values_object.is_some() {
            flag("values", EXTRA);
        }
        if !self.api_versions.is_empty() {
            words.push("<api versions removed>".into());
        }
        let switches = [
            (self.include_crds, "--include-crds"),
            (self.skip_schema, "--skip-schema-validation"),
            (self.skip_tests, "--skip-tests"),
        ];
        words.extend(switches.iter().filter(|(given, _)| *given).map(|(_, name)| (*name).to_string()));
        words.join(" ")
    }
}

/// How upstream calls the file that it writes `values` and `valuesObject` to.
pub(super) const EXTRA: &str = "<temp file with values from source.helm.values/valuesObject>";

/// Parts with their lengths, so that no two requests have the same bytes.
struct Parts(Sha256);

impl Parts {
    fn part(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn contents(&mut self, contents: Option<&[u8]>) {
        self.part(&[u8::from(contents.is_some())]);
        self.part(contents.unwrap_or_default());
    }

    fn list<T>(&mut self, items: &[T], each: impl Fn(&mut Self, &T)) {
        self.part(&(items.len() as u64).to_be_bytes());
        items.iter().for_each(|item| each(self, item));
    }
}
