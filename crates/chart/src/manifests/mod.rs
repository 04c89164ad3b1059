//! What templates made, cut into documents: hooks apart, the rest in the order of installation, notes apart. And the text that
//! `helm template` prints of it.

mod made;
mod split;

use std::{collections::BTreeMap, sync::Arc};

use api::object::json_kind;
use gotemplate::{Dialect, yaml};
use serde_json::Value;

pub(crate) use made::Made;
pub(crate) use split::documents;

use crate::{Documents, Error, files::path_matches, loaded::field};

/// One document.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The template that made it, with the chart's name before it.
    pub source: String,
    pub text: Arc<[u8]>,
    pub kind: String,
    pub name: String,
}

/// A document that is installed at an event and not with the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook {
    pub manifest: Manifest,
    /// `pre-install`, `test`, ...
    pub events: Vec<String>,
    pub weight: i64,
    pub delete_policies: Vec<String>,
    pub log_policies: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rendered {
    /// Files of `crds/`, where they are asked for.
    pub crds: Vec<(String, Arc<[u8]>)>,
    pub manifests: Vec<Manifest>,
    pub hooks: Vec<Hook>,
    /// Templates called `NOTES.txt`.
    pub notes: BTreeMap<String, Vec<u8>>,
    pub warnings: Vec<String>,
    /// Paths of values that no template read; only where it was asked for.
    pub unread: Vec<String>,
    /// Paths that templates have read and that were not there; only where it was asked for.
    pub missing: Vec<String>,
}

/// What of a render is shown.
#[derive(Debug, Clone, Default)]
pub struct Show {
    pub no_hooks: bool,
    pub skip_tests: bool,
    /// Patterns of templates, without the chart's name.
    pub only: Vec<String>,
}

const EVENTS: &[&str] = &[
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
];

const KINDS: &[&str] = &[
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Kinds that only Helm 4 has in its order.
const KINDS_OF_HELM_4: usize = 2;

pub(crate) fn sort(
    files: BTreeMap<String, Arc<Made>>,
    crds: Vec<(String, Arc<[u8]>)>,
    dialect: Dialect,
    memory: Option<&Documents>,
    warnings: &mut Vec<String>,
) -> Result<Rendered, Error> {
    let mut rendered = Rendered { crds, ..Rendered::default() };
    for (path, made) in files {
        if is_notes(&path) {
            rendered.notes.insert(path, made.text.clone());
            continue;
        }
        let documents = made.documents(memory);
        let refused = |error| Error::Output(format!("YAML parse error on {path}: {error}"));
        for (text, head) in documents.map_err(refused)? {
            let manifest = Manifest { source: path.clone(), text, kind: head.kind.clone(), name: head.name.clone() };
            head.place(manifest, &mut rendered, warnings);
        }
    }
    let known = if dialect == Dialect::Helm4 { KINDS } else { &KINDS[..KINDS.len() - KINDS_OF_HELM_4] };
    let rank = |kind: &str| match known.iter().position(|known| *known == kind) {
        Some(at) => (at, String::new()),
        None => (known.len(), kind.to_owned()),
    };
    rendered.manifests.sort_by_cached_key(|manifest| rank(&manifest.kind));
    rendered.hooks.sort_by_cached_key(|hook| rank(&hook.manifest.kind));
    Ok(rendered)
}

/// Notes are shown, and are no documents.
pub(crate) fn is_notes(path: &str) -> bool {
    path.ends_with("NOTES.txt")
}

/// The document, its metadata, their annotations: nobody asks the head for more.
const HEAD_DEPTH: usize = 3;

/// What is read of a document.
#[derive(Debug)]
pub(crate) struct Head {
    kind: String,
    name: String,
    annotations: BTreeMap<String, String>,
}

impl Head {
    /// What it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let annotations = self.annotations.iter().map(|(key, value)| key.len() + value.len() + 2 * size_of::<String>());
        size_of::<Self>() + self.kind.len() + self.name.len() + annotations.sum::<usize>()
    }

    fn read(text: &[u8], dialect: Dialect) -> Result<Self, String> {
        let json = yaml::read_json_outline(text, HEAD_DEPTH).map_err(|error| error.to_string())?;
        let package = if dialect == Dialect::Helm4 { "util" } else { "releaseutil" };
        let wrong = |value: &Value, what: &str| {
            let kind = json_kind(value);
            format!("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {kind} into {what}")
        };
        let mut head = Self { kind: String::new(), name: String::new(), annotations: BTreeMap::new() };
        let map = match &json {
            Value::Null => return Ok(head),
            Value::Object(map) => map,
            other => return Err(wrong(other, &format!("Go value of type {package}.SimpleHead"))),
        };
        let text = |value: &Value, path: &str| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
            other => Err(wrong(other, &format!("Go struct field SimpleHead.{path} of type string"))),
        };
        if let Some(value) = field(map, "apiVersion") {
            text(value, "apiVersion")?;
        }
        if let Some(value) = field(map, "kind") {
            head.kind = text(value, "kind")?;
        }
        let Some(metadata) = field(map, "metadata") else { return Ok(head) };
        let Value::Object(metadata) = metadata else {
            let target = "Go struct field SimpleHead.metadata of type struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \"json:\\\"annotations\\\"\" }";
            return Err(wrong(metadata, target));
        };
        if let Some(value) = field(metadata, "name") {
            head.name = text(value, "metadata.name")?;
        }
        match field(metadata, "annotations") {
            None => {}
            Some(Value::Object(annotations)) => {
                for (key, value) in annotations {
                    let value = if value.is_null() { String::new() } else { text(value, "metadata.annotations")? };
                    head.annotations.insert(key.clone(), value);
                }
            }
            Some(other) => {
                return Err(wrong(other, "Go struct field SimpleHead.metadata.annotations of type map[string]string"));
            }
        }
        Ok(head)
    }

    fn place(&self, manifest: Manifest, rendered: &mut Rendered, warnings: &mut Vec<String>) {
        let Some(wanted) = self.annotations.get("helm.sh/hook") else { return rendered.manifests.push(manifest) };
        let words = |key: &str| -> Vec<String> {
            let list = self.annotations.get(key).map(|list| list.split(',').map(|word| word.trim().to_lowercase()));
            list.into_iter().flatten().collect()
        };
        let mut events = words("helm.sh/hook");
        for event in &mut events {
            if event == "test-success" {
                "test".clone_into(event);
            }
        }
        if events.iter().any(|event| !EVENTS.contains(&event.as_str())) {
            warnings.push(format!("info: skipping unknown hook: {wanted:?}"));
            return;
        }
        let weight = self.annotations.get("helm.sh/hook-weight").and_then(|weight| weight.parse().ok()).unwrap_or(0);
        rendered.hooks.push(Hook {
            manifest,
            events,
            weight,
            delete_policies: words("helm.sh/hook-delete-policy"),
            log_policies: words("helm.sh/hook-output-log-policy"),
        });
    }
}

fn document(out: &mut Vec<u8>, source: &str, text: &[u8]) {
    out.extend_from_slice(b"---\n# Source: ");
    out.extend_from_slice(source.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(text);
    out.push(b'\n');
}

impl Rendered {
    /// The bytes that `helm template` prints.
    pub fn text(&self, show: &Show) -> Result<Vec<u8>, Error> {
        let mut out = Vec::with_capacity(self.bytes());
        for (source, text) in &self.crds {
            document(&mut out, source, text);
        }
        for manifest in &self.manifests {
            document(&mut out, &manifest.source, &manifest.text);
        }
        // Nothing but the end can be blank: documents begin with `---`.
        out.truncate(split::trimmed(&out).len());
        out.push(b'\n');
        if !show.no_hooks {
            for hook in &self.hooks {
                if !(show.skip_tests && hook.events.iter().any(|event| event == "test")) {
                    document(&mut out, &hook.manifest.source, &hook.manifest.text);
                }
            }
        }
        if show.only.is_empty() { Ok(out) } else { only(&out, &show.only) }
    }
}

impl Rendered {
    /// About as much as the text takes.
    fn bytes(&self) -> usize {
        const AROUND: usize = 32;
        let crds = self.crds.iter().map(|(source, text)| source.len() + text.len());
        let hooks = self.hooks.iter().map(|hook| &hook.manifest);
        let documents = self.manifests.iter().chain(hooks).map(|document| document.source.len() + document.text.len());
        crds.chain(documents).map(|bytes| bytes + AROUND).sum()
    }
}

/// The documents of some templates, in the order in which the templates are asked for.
fn only(text: &[u8], wanted: &[String]) -> Result<Vec<u8>, Error> {
    let documents = split::documents(text);
    let mut out = Vec::new();
    for wanted in wanted {
        let mut missing = true;
        for document in &documents {
            let Some(path) = split::source(document) else { continue };
            if path_matches(wanted, &path).unwrap_or(false) {
                missing = false;
                out.extend_from_slice(b"---\n");
                out.extend_from_slice(document);
                out.push(b'\n');
            }
        }
        if missing {
            return Err(Error::new(format!("could not find template {wanted} in chart")));
        }
    }
    Ok(out)
}
