//! `Chart.yaml`: what it says, read as Helm reads it (numbers become text where text is expected), and checked as Helm checks it.

use std::collections::{BTreeMap, BTreeSet};

use api::object::json_kind;
use gotemplate::{semver::Version, yaml};
use serde_json::Value;

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
}

/// A scalar as text, the way sigs.k8s.io/yaml makes text of numbers.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(match number.as_f64() {
            Some(float) if !number.is_i64() && !number.is_u64() && float.fract() == 0.0 && float.abs() < 1e15 => {
                format!("{float:.0}")
            }
            _ => number.to_string(),
        }),
        Value::Null => Some(String::new()),
        _ => None,
    }
}

/// Go reads a key in any case where there is none in the exact one; a null is none.
pub(crate) fn field<'a>(map: &'a serde_json::Map<String, Value>, key: &str) -> Option<&'a Value> {
    let any = || map.iter().find(|(found, _)| found.eq_ignore_ascii_case(key)).map(|(_, value)| value);
    map.get(key).or_else(any).filter(|value| !value.is_null())
}

struct Fields<'a> {
    of: &'static str,
    map: &'a serde_json::Map<String, Value>,
}

impl Fields<'_> {
    fn get(&self, key: &str) -> Option<&Value> {
        field(self.map, key)
    }

    fn wrong(&self, key: &str, value: &Value, wanted: &str) -> String {
        format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go struct field {}.{key} of type {wanted}",
            json_kind(value),
            self.of
        )
    }

    fn text(&self, key: &str, into: &mut String) -> Result<(), String> {
        if let Some(value) = self.get(key) {
            *into = scalar(value).ok_or_else(|| self.wrong(key, value, "string"))?;
        }
        Ok(())
    }

    fn flag(&self, key: &str, into: &mut bool) -> Result<(), String> {
        match self.get(key) {
            None => {}
            Some(Value::Bool(value)) => *into = *value,
            Some(value) => return Err(self.wrong(key, value, "bool")),
        }
        Ok(())
    }

    fn texts(&self, key: &str, into: &mut Vec<String>) -> Result<(), String> {
        let Some(value) = self.get(key) else { return Ok(()) };
        let items = value.as_array().ok_or_else(|| self.wrong(key, value, "[]string"))?;
        let text = |item: &Value| scalar(item).ok_or_else(|| self.wrong(key, item, "string"));
        *into = items.iter().map(text).collect::<Result<_, _>>()?;
        Ok(())
    }
}

impl Metadata {
    /// What the text says, over what is known already.
    pub(super) fn read(mut self, text: &[u8]) -> Result<Self, String> {
        let json = yaml::read_json(text).map_err(|error| error.to_string())?;
        let map = match json {
            Value::Object(map) => map,
            Value::Null => return Ok(self),
            other => {
                return Err(format!(
                    "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go value of type chart.Metadata",
                    json_kind(&other)
                ));
            }
        };
        let fields = Fields { of: "Metadata", map: &map };
        for (key, into) in [
            ("name", &mut self.name),
            ("home", &mut self.home),
            ("version", &mut self.version),
            ("description", &mut self.description),
            ("icon", &mut self.icon),
            ("apiVersion", &mut self.api_version),
            ("condition", &mut self.condition),
            ("tags", &mut self.tags),
            ("appVersion", &mut self.app_version),
            ("kubeVersion", &mut self.kube_version),
            ("type", &mut self.kind),
        ] {
            fields.text(key, into)?;
        }
        fields.texts("sources", &mut self.sources)?;
        fields.texts("keywords", &mut self.keywords)?;
        fields.flag("deprecated", &mut self.deprecated)?;
        if let Some(value) = fields.get("annotations") {
            let map = value.as_object().ok_or_else(|| fields.wrong("annotations", value, "map[string]string"))?;
            let text = |(key, value): (&String, &Value)| {
                Ok((key.clone(), scalar(value).ok_or_else(|| fields.wrong("annotations", value, "string"))?))
            };
            self.annotations = Some(map.iter().map(text).collect::<Result<_, String>>()?);
        }
        if let Some(value) = fields.get("maintainers") {
            let items = value.as_array().ok_or_else(|| fields.wrong("maintainers", value, "[]*chart.Maintainer"))?;
            self.maintainers = items.iter().map(maintainer).collect::<Result<_, _>>()?;
        }
        if let Some(value) = fields.get("dependencies") {
            let items = value.as_array().ok_or_else(|| fields.wrong("dependencies", value, "[]*chart.Dependency"))?;
            self.dependencies = Some(items.iter().map(dependency).collect::<Result<_, _>>()?);
        }
        Ok(self)
    }

    pub(super) fn validate(&mut self) -> Result<(), String> {
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
        if self.name == "." || self.name == ".." {
            return Err(format!("chart.metadata.name {:?} is not allowed", self.name));
        }
        if self.name.contains('/') {
            return Err(format!("chart.metadata.name {:?} is invalid", self.name));
        }
        if self.version.is_empty() {
            return Err("chart.metadata.version is required".to_owned());
        }
        if Version::parse(&self.version).is_err() {
            return Err(format!("chart.metadata.version {:?} is invalid", self.version));
        }
        if !["", "application", "library"].contains(&self.kind.as_str()) {
            return Err("chart.metadata.type must be application or library".to_owned());
        }
        let mut names = BTreeSet::new();
        for dependency in self.dependencies.iter().flatten() {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if !dependency.alias.chars().all(plain) {
                return Err(format!("dependency {:?} has disallowed characters in the alias", dependency.name));
            }
            let key = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
            if !names.insert(key) {
                return Err(format!("more than one dependency with name or alias {key:?}"));
            }
        }
        Ok(())
    }
}

/// White space becomes a blank, what does not print goes.
fn sanitized(text: &str) -> String {
    let plain = |c: char| if c.is_whitespace() { Some(' ') } else { Some(c).filter(|c| !c.is_control()) };
    text.chars().filter_map(plain).collect()
}

fn maintainer(value: &Value) -> Result<[String; 3], String> {
    let map = value.as_object().ok_or("validation: maintainers must not contain empty or null nodes")?;
    let fields = Fields { of: "Maintainer", map };
    let mut texts = [String::new(), String::new(), String::new()];
    for (key, into) in ["name", "email", "url"].into_iter().zip(&mut texts) {
        fields.text(key, into)?;
        *into = sanitized(into);
    }
    Ok(texts)
}

fn dependency(value: &Value) -> Result<Dependency, String> {
    let map = value.as_object().ok_or("validation: dependencies must not contain empty or null nodes")?;
    let fields = Fields { of: "Dependency", map };
    let mut read = Dependency::default();
    for (key, into) in [
        ("name", &mut read.name),
        ("version", &mut read.version),
        ("repository", &mut read.repository),
        ("condition", &mut read.condition),
        ("alias", &mut read.alias),
    ] {
        fields.text(key, into)?;
        *into = sanitized(into);
    }
    fields.texts("tags", &mut read.tags)?;
    fields.flag("enabled", &mut read.enabled)?;
    if let Some(value) = fields.get("import-values") {
        let items = value.as_array().ok_or_else(|| fields.wrong("import-values", value, "[]interface {}"))?;
        read.import_values = items.iter().map(Tree::of_json).collect();
    }
    Ok(read)
}
