//! `.Release` and `.Capabilities`.

use std::{any::Any, borrow::Cow};

use gotemplate::{
    Dialect, Element, FunctionError, List, Map, Methods, Object, Text, Value,
    semver::{Constraint, Version},
};
use serde_json::json;

use super::Release;
use crate::Error;

pub(super) struct Top {
    pub(super) release: Map,
    pub(super) capabilities: Value,
}

pub(super) fn top(release: &Release, version: &KubeVersion) -> Top {
    let map: Map = [
        ("Name", Value::text(release.name.as_str())),
        ("Namespace", Value::text(release.namespace.as_str())),
        ("IsUpgrade", Value::Bool(release.is_upgrade)),
        ("IsInstall", Value::Bool(!release.is_upgrade)),
        ("Revision", Value::int(1)),
        ("Service", Value::text("Helm")),
    ]
    .into_iter()
    .map(|(name, value)| (Text::from(name), value))
    .collect();
    let mut versions: Vec<String> = known(release.dialect).map(str::to_owned).collect();
    versions.extend(release.api_versions.iter().cloned());
    let capabilities = Capabilities { version: version.clone(), versions, dialect: release.dialect };
    Top { release: map, capabilities: Value::Object(Object::new(capabilities)) }
}

/// What client-go's scheme knows, in its order. Both Helms' lists are the same but for a few lines.
const KNOWN: &str = "v1 admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1 admissionregistration.k8s.io/v1beta1 \
internal.apiserver.k8s.io/v1alpha1 apps/v1 apps/v1beta1 apps/v1beta2 authentication.k8s.io/v1 authentication.k8s.io/v1alpha1 \
authentication.k8s.io/v1beta1 authorization.k8s.io/v1 authorization.k8s.io/v1beta1 autoscaling/v1 autoscaling/v2 autoscaling/v2beta1 \
autoscaling/v2beta2 batch/v1 batch/v1beta1 certificates.k8s.io/v1 certificates.k8s.io/v1beta1 certificates.k8s.io/v1alpha1 \
coordination.k8s.io/v1alpha2 coordination.k8s.io/v1beta1 coordination.k8s.io/v1 discovery.k8s.io/v1 discovery.k8s.io/v1beta1 \
events.k8s.io/v1 events.k8s.io/v1beta1 extensions/v1beta1 flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta1 \
flowcontrol.apiserver.k8s.io/v1beta2 flowcontrol.apiserver.k8s.io/v1beta3 networking.k8s.io/v1 3:networking.k8s.io/v1alpha1 \
networking.k8s.io/v1beta1 node.k8s.io/v1 node.k8s.io/v1alpha1 node.k8s.io/v1beta1 policy/v1 policy/v1beta1 \
rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1 4:resource.k8s.io/v1 \
4:resource.k8s.io/v1beta2 resource.k8s.io/v1beta1 resource.k8s.io/v1alpha3 scheduling.k8s.io/v1alpha1 scheduling.k8s.io/v1beta1 \
scheduling.k8s.io/v1 storage.k8s.io/v1beta1 storage.k8s.io/v1 storage.k8s.io/v1alpha1 4:storagemigration.k8s.io/v1beta1 \
3:storagemigration.k8s.io/v1alpha1 apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1";

fn known(dialect: Dialect) -> impl Iterator<Item = &'static str> {
    let own = if dialect == Dialect::Helm4 { "4" } else { "3" };
    KNOWN.split_whitespace().filter_map(move |version| match version.split_once(':') {
        Some((only, version)) => (only == own).then_some(version),
        None => Some(version),
    })
}

#[derive(Debug, Clone)]
pub(super) struct KubeVersion {
    pub(super) version: String,
    normalized: String,
    major: String,
    minor: String,
    dialect: Dialect,
}

impl KubeVersion {
    pub(super) fn fits(&self, range: &str) -> bool {
        match (Constraint::parse(range), Version::parse(&self.normalized)) {
            (Ok(range), Ok(version)) => range.check(&version),
            _ => false,
        }
    }
}

pub(super) fn kube_version(release: &Release) -> Result<KubeVersion, Error> {
    let dialect = release.dialect;
    let default = if dialect == Dialect::Helm4 { "v1.35.0" } else { "v1.32.0" };
    let text = release.kube_version.as_deref().unwrap_or(default);
    let wrong = |message: &str| Error::new(format!("invalid kube version '{text}': {message}"));
    if dialect == Dialect::Helm3 {
        let version = Version::parse(text).map_err(|error| wrong(&error.text(dialect)))?;
        let full = format!("v{version}");
        let (major, minor) = (version.major().to_string(), version.minor().to_string());
        return Ok(KubeVersion { normalized: full.clone(), version: full, major, minor, dialect });
    }
    // Kubernetes' generic versions: two numbers at least, what follows them does not matter.
    let digits = text.strip_prefix('v').unwrap_or(text);
    let core = digits.find(|c: char| !c.is_ascii_digit() && c != '.').map_or(digits, |end| &digits[..end]);
    let core = core.trim_end_matches('.');
    let parts: Vec<u64> = core.split('.').filter_map(|part| part.parse().ok()).collect();
    if parts.len() < 2 || parts.len() != core.split('.').count() {
        return Err(wrong(&format!("could not parse {text:?} as version")));
    }
    let version = if text.starts_with('v') { text.to_owned() } else { format!("v{text}") };
    let numbers: Vec<String> = parts.iter().map(u64::to_string).collect();
    let normalized = format!("v{}", numbers.join("."));
    Ok(KubeVersion { version, normalized, major: numbers[0].clone(), minor: numbers[1].clone(), dialect })
}

fn package(dialect: Dialect) -> &'static str {
    if dialect == Dialect::Helm4 { "common" } else { "chartutil" }
}

impl Methods for KubeVersion {
    fn type_name(&self) -> Cow<'static, str> {
        format!("{}.KubeVersion", package(self.dialect)).into()
    }

    fn field(&self, name: &str) -> Option<Value> {
        let text = match name {
            "Version" => &self.version,
            "Major" => &self.major,
            "Minor" => &self.minor,
            _ => return None,
        };
        Some(Value::text(text.as_str()))
    }

    fn signature(&self, name: &str) -> Option<&'static [gotemplate::Param]> {
        matches!(name, "GitVersion" | "String").then_some(&[])
    }

    fn call(&self, name: &str, _: &[Value]) -> Option<Result<Value, FunctionError>> {
        match name {
            "GitVersion" => Some(Ok(Value::text(self.version.as_str()))),
            "String" => Some(Ok(Value::text(self.normalized.as_str()))),
            _ => None,
        }
    }

    fn print(&self) -> Vec<u8> {
        self.normalized.clone().into_bytes()
    }

    fn to_json(&self) -> serde_json::Value {
        json!({"Version": self.version, "Major": self.major, "Minor": self.minor})
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct VersionSet(Vec<String>, Dialect);

impl Methods for VersionSet {
    fn type_name(&self) -> Cow<'static, str> {
        format!("{}.VersionSet", package(self.1)).into()
    }

    fn kind_name(&self) -> &'static str {
        "slice"
    }

    fn signature(&self, name: &str) -> Option<&'static [gotemplate::Param]> {
        (name == "Has").then_some(&[gotemplate::Param::Text])
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        if name != "Has" {
            return None;
        }
        let wanted = match arguments.first() {
            Some(Value::Text(text)) => text.to_str().into_owned(),
            _ => String::new(),
        };
        Some(Ok(Value::Bool(self.0.contains(&wanted))))
    }

    fn print(&self) -> Vec<u8> {
        format!("[{}]", self.0.join(" ")).into_bytes()
    }

    fn is_true(&self) -> bool {
        !self.0.is_empty()
    }

    fn to_json(&self) -> serde_json::Value {
        json!(self.0)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct HelmVersion(Dialect);

impl HelmVersion {
    /// Version, commit, Go's version: of the Helms that are followed.
    fn facts(&self) -> [&'static str; 3] {
        match self.0 {
            Dialect::Helm4 => ["v4.1.4", "05fa37973dc9e42b76e1d2883494c87174b6074f", "go1.25.9"],
            Dialect::Helm3 => ["v3.17.3", "e4da49785aa6e6ee2b86efd5dd9e43400318262b", "go1.23.7"],
        }
    }
}

impl Methods for HelmVersion {
    fn type_name(&self) -> Cow<'static, str> {
        "version.BuildInfo".into()
    }

    fn field(&self, name: &str) -> Option<Value> {
        let [version, commit, go] = self.facts();
        Some(Value::text(match name {
            "Version" => version,
            "GitCommit" => commit,
            "GitTreeState" => "clean",
            "GoVersion" => go,
            "KubeClientVersion" if self.0 == Dialect::Helm4 => "v1.35",
            _ => return None,
        }))
    }

    fn print(&self) -> Vec<u8> {
        let [version, commit, go] = self.facts();
        let client = if self.0 == Dialect::Helm4 { " v1.35" } else { "" };
        format!("{{{version} {commit} clean {go}{client}}}").into_bytes()
    }

    fn to_json(&self) -> serde_json::Value {
        let [version, commit, go] = self.facts();
        let mut json = json!({"version": version, "git_commit": commit, "git_tree_state": "clean", "go_version": go});
        if self.0 == Dialect::Helm4 {
            json["kube_client_version"] = "v1.35".into();
        }
        json
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct Capabilities {
    version: KubeVersion,
    versions: Vec<String>,
    dialect: Dialect,
}

impl Capabilities {
    fn set(&self) -> VersionSet {
        VersionSet(self.versions.clone(), self.dialect)
    }
}

impl Methods for Capabilities {
    fn type_name(&self) -> Cow<'static, str> {
        format!("*{}.Capabilities", package(self.dialect)).into()
    }

    fn kind_name(&self) -> &'static str {
        "ptr"
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(Value::Object(match name {
            "KubeVersion" => Object::new(self.version.clone()),
            "APIVersions" => Object::new(self.set()),
            "HelmVersion" => Object::new(HelmVersion(self.dialect)),
            _ => return None,
        }))
    }

    fn print(&self) -> Vec<u8> {
        let version = &self.version;
        let normalized =
            if self.dialect == Dialect::Helm4 { format!(" {}", version.normalized) } else { String::new() };
        let mut out =
            format!("&{{{{{}{normalized} {} {}}} ", version.version, version.major, version.minor).into_bytes();
        out.extend(self.set().print());
        out.push(b' ');
        out.extend(HelmVersion(self.dialect).print());
        out.push(b'}');
        out
    }

    fn to_json(&self) -> serde_json::Value {
        json!({
            "KubeVersion": self.version.to_json(),
            "APIVersions": self.versions,
            "HelmVersion": HelmVersion(self.dialect).to_json(),
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `[]interface {}` of texts.
pub(super) fn texts(texts: &[String]) -> Value {
    Value::List(List::typed(Element::Interface, texts.iter().map(|text| Value::text(text.as_str())).collect()))
}
