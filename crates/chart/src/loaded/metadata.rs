//! `Chart.yaml`: what it says, read as Helm reads it (numbers become text where text is expected), and checked as Helm checks it.

mod lock;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use gotemplate::{Dialect, print, semver::Version};
use serde_json::Value;

pub(super) use lock::check as check_lock;
pub(super) use read::api_version;

use crate::values::Tree;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    pub name: String,
    pub home: String,
    pub sources: Vec<String>,
    pub version: String,
    pub description: String,
    pub keywords: Vec<String>,
    /// Name, email and URL.
    pub maintainers: Vec<[String; 3]>,
    /// Whether a maintainer or a dependency is a null: text that is read, a chart that is refused.
    pub(super) nulls: Nulls,
    pub icon: String,
    pub api_version: String,
    pub condition: String,
    pub tags: String,
    pub app_version: String,
    pub deprecated: bool,
    pub annotations: Option<BTreeMap<String, String>>,
    pub kube_version: String,
    /// `None` where the chart says nothing of dependencies.
    pub dependencies: Option<Vec<Dependency>>,
    /// `type`
    pub kind: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Nulls {
    maintainer: bool,
    dependency: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dependency {
    pub name: String,
    pub version: String,
    pub repository: String,
    pub condition: String,
    pub tags: Vec<String>,
    pub enabled: bool,
    pub import_values: Vec<Tree>,
    pub alias: String,
    /// Tells it from others while the chart is processed.
    pub(crate) number: usize,
}

/// Go reads a key in any case where there is none in the exact one; a null is none.
pub(crate) fn field<'a>(map: &'a serde_json::Map<String, Value>, key: &str) -> Option<&'a Value> {
    let any = || map.iter().find(|(found, _)| found.eq_ignore_ascii_case(key)).map(|(_, value)| value);
    map.get(key).or_else(any).filter(|value| !value.is_null())
}

impl Metadata {
    pub(super) fn validate(&mut self, dialect: Dialect) -> Result<(), String> {
        for text in [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ]
        .into_iter()
        .chain(&mut self.sources)
        .chain(&mut self.keywords)
        {
            *text = sanitized(text);
        }
        if self.name.is_empty() {
            return Err("chart.metadata.name is required".to_owned());
        }
        if dialect == Dialect::Helm4 && (self.name == "." || self.name == "..") {
            return Err(format!("chart.metadata.name {} is not allowed", quoted(&self.name)));
        }
        if self.name.contains('/') {
            return Err(format!("chart.metadata.name {} is invalid", quoted(&self.name)));
        }
        if self.version.is_empty() {
            return Err("chart.metadata.version is required".to_owned());
        }
        if Version::parse(&self.version).is_err() {
            return Err(format!("chart.metadata.version {} is invalid", quoted(&self.version)));
        }
        if !["", "application", "library"].contains(&self.kind.as_str()) {
            return Err("chart.metadata.type must be application or library".to_owned());
        }
        if self.nulls.maintainer {
            return Err("maintainers must not contain empty or null nodes".to_owned());
        }
        self.maintainers.iter_mut().flatten().for_each(|text| *text = sanitized(text));
        self.validate_dependencies()
    }

    fn validate_dependencies(&mut self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        for dependency in self.dependencies.iter_mut().flatten() {
            let Dependency { name, version, repository, condition, tags, alias, .. } = dependency;
            for text in [&mut *name, version, repository, condition].into_iter().chain(tags) {
                *text = sanitized(text);
            }
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if !alias.chars().all(plain) {
                return Err(format!("dependency {} has disallowed characters in the alias", quoted(name)));
            }
            let key = if alias.is_empty() { name } else { alias };
            if !names.insert(key.clone()) {
                return Err(format!("more than one dependency with name or alias {}", quoted(key)));
            }
        }
        // Helm meets the null where it stands; what is before it is as wrong.
        if self.nulls.dependency {
            return Err("dependencies must not contain empty or null nodes".to_owned());
        }
        Ok(())
    }
}

fn quoted(text: &str) -> String {
    print::quote(text.as_bytes())
}

/// White space becomes a blank, what does not print goes.
fn sanitized(text: &str) -> String {
    let plain = |c: char| if c.is_whitespace() { Some(' ') } else { Some(c).filter(|c| print::is_printable(*c)) };
    text.chars().filter_map(plain).collect()
}
