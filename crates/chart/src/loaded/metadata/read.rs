//! `Chart.yaml` and `requirements.yaml` into [`Metadata`], as Go decodes JSON into a struct: keys in their order and in any case,
//! nulls that leave what is there, numbers that become text where text is wanted, and the first type that does not fit as the error.

use api::object::json_kind;
use gotemplate::{Dialect, Value as Go, print, yaml};
use serde_json::{Map, Value};

use super::{Dependency, Metadata};
use crate::values::Tree;

/// Where a value is: the struct's name, and the way there through the document.
pub(super) struct Place<'a> {
    pub(super) of: &'static str,
    pub(super) path: &'a str,
    pub(super) dialect: Dialect,
}

impl Place<'_> {
    pub(super) fn wrong(&self, value: &Value, wanted: &str) -> String {
        let Self { of, path, dialect } = self;
        let wanted = wanted.replace("PACKAGE", package(*dialect));
        format!(
            "{DECODING} json: cannot unmarshal {} into Go struct field {of}.{path} of type {wanted}",
            json_kind(value)
        )
    }

    pub(super) fn text(&self, value: &Value, into: &mut String) -> Result<(), String> {
        if !value.is_null() {
            *into = scalar(value).ok_or_else(|| self.wrong(value, "string"))?;
        }
        Ok(())
    }

    fn flag(&self, value: &Value, into: &mut bool) -> Result<(), String> {
        match value {
            Value::Null => {}
            Value::Bool(value) => *into = *value,
            other => return Err(self.wrong(other, "bool")),
        }
        Ok(())
    }

    fn texts(&self, value: &Value, into: &mut Vec<String>) -> Result<(), String> {
        let items = match value {
            Value::Null => {
                into.clear();
                return Ok(());
            }
            Value::Array(items) => items,
            other => return Err(self.wrong(other, "[]string")),
        };
        into.resize(items.len(), String::new());
        items.iter().zip(into).try_for_each(|(item, into)| self.text(item, into))
    }
}

const DECODING: &str = "error unmarshaling JSON: while decoding JSON:";

/// What is no mapping at all; `target` is Go's name of the struct.
pub(super) fn not_a_map(value: &Value, target: &str, dialect: Dialect) -> String {
    let target = target.replace("PACKAGE", package(dialect));
    format!("{DECODING} json: cannot unmarshal {} into Go value of type {target}", json_kind(value))
}

/// A part of the document that has an error of its own.
pub(super) fn decoding(error: &str) -> String {
    format!("{DECODING} {error}")
}

fn package(dialect: Dialect) -> &'static str {
    if dialect == Dialect::Helm4 { "v2" } else { "chart" }
}

/// A scalar as text, the way sigs.k8s.io/yaml makes text of numbers: floats as Go prints them, of single precision.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(match number.as_f64() {
            Some(float) if number.is_f64() => single(float),
            _ => number.to_string(),
        }),
        _ => None,
    }
}

/// The digits that tell it from the next number of 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "that is what sigs.k8s.io/yaml does")]
fn single(float: f64) -> String {
    let short = (float as f32).to_string().parse().unwrap_or(float);
    String::from_utf8_lossy(&print::print(&Go::Float(short))).into_owned()
}

/// What an API version is looked for in, before anything else of a chart is read. Helm 4 only.
pub(in crate::loaded) fn api_version(text: &[u8]) -> Result<String, String> {
    let mut version = String::new();
    let map = match yaml::read_json_exact(text).map_err(|error| error.to_string())? {
        Value::Object(map) => map,
        Value::Null => return Ok(version),
        other => return Err(not_a_map(&other, "loader.chartBase", Dialect::Helm4)),
    };
    let place = Place { of: "chartBase", path: "apiVersion", dialect: Dialect::Helm4 };
    for (_, value) in map.iter().filter(|(key, _)| key.eq_ignore_ascii_case("apiVersion")) {
        place.text(value, &mut version)?;
    }
    Ok(version)
}

/// Each known key with its value, in the order in which Go comes by them.
pub(super) fn known<'a>(
    map: &'a Map<String, Value>,
    keys: &'static [&'static str],
) -> impl Iterator<Item = (&'static str, &'a Value)> {
    let named = |key: &str| keys.iter().find(|known| known.eq_ignore_ascii_case(key));
    map.iter().filter_map(move |(key, value)| Some((*named(key)?, value)))
}

const KEYS: &[&str] = &[
    "name",
    "home",
    "sources",
    "version",
    "description",
    "keywords",
    "maintainers",
    "icon",
    "apiVersion",
    "condition",
    "tags",
    "appVersion",
    "deprecated",
    "annotations",
    "kubeVersion",
    "dependencies",
    "type",
];

impl Metadata {
    /// What the text says, over what is known already.
    pub(in crate::loaded) fn read(mut self, text: &[u8], dialect: Dialect) -> Result<Self, String> {
        let map = match yaml::read_json_exact(text).map_err(|error| error.to_string())? {
            Value::Object(map) => map,
            Value::Null => return Ok(self),
            other => return Err(not_a_map(&other, "PACKAGE.Metadata", dialect)),
        };
        for (key, value) in known(&map, KEYS) {
            self.read_field(&Place { of: "Metadata", path: key, dialect }, value)?;
        }
        Ok(self)
    }

    fn read_field(&mut self, place: &Place<'_>, value: &Value) -> Result<(), String> {
        let into = match place.path {
            "name" => &mut self.name,
            "home" => &mut self.home,
            "version" => &mut self.version,
            "description" => &mut self.description,
            "icon" => &mut self.icon,
            "apiVersion" => &mut self.api_version,
            "condition" => &mut self.condition,
            "tags" => &mut self.tags,
            "appVersion" => &mut self.app_version,
            "kubeVersion" => &mut self.kube_version,
            "type" => &mut self.kind,
            "sources" => return place.texts(value, &mut self.sources),
            "keywords" => return place.texts(value, &mut self.keywords),
            "deprecated" => return place.flag(value, &mut self.deprecated),
            "annotations" => return self.read_annotations(place, value),
            "maintainers" => return self.read_maintainers(place, value),
            _ => {
                let read = dependencies(place, value, self.dependencies.take())?;
                (self.dependencies, self.nulls.dependency) = read;
                return Ok(());
            }
        };
        place.text(value, into)
    }

    fn read_annotations(&mut self, place: &Place<'_>, value: &Value) -> Result<(), String> {
        let map = match value {
            Value::Null => {
                self.annotations = None;
                return Ok(());
            }
            Value::Object(map) => map,
            other => return Err(place.wrong(other, "map[string]string")),
        };
        let annotations = self.annotations.get_or_insert_default();
        for (key, value) in map {
            let mut text = String::new();
            place.text(value, &mut text)?;
            annotations.insert(key.clone(), text);
        }
        Ok(())
    }

    fn read_maintainers(&mut self, place: &Place<'_>, value: &Value) -> Result<(), String> {
        let items = match value {
            Value::Null => {
                self.maintainers.clear();
                return Ok(());
            }
            Value::Array(items) => items,
            other => return Err(place.wrong(other, "[]*PACKAGE.Maintainer")),
        };
        self.maintainers.resize(items.len(), Default::default());
        self.nulls.maintainer = items.iter().any(Value::is_null);
        for (item, into) in items.iter().zip(&mut self.maintainers) {
            let map = match item {
                Value::Null => continue,
                Value::Object(map) => map,
                other => return Err(place.wrong(other, "PACKAGE.Maintainer")),
            };
            let [name, email, url] = into;
            for (key, value) in known(map, &["name", "email", "url"]) {
                let path = format!("{}.{key}", place.path);
                let place = Place { of: "Maintainer", path: &path, dialect: place.dialect };
                place.text(
                    value,
                    match key {
                        "name" => &mut *name,
                        "email" => email,
                        _ => url,
                    },
                )?;
            }
        }
        Ok(())
    }
}

/// Over those that are there already; and whether one of them is a null.
pub(super) fn dependencies(
    place: &Place<'_>,
    value: &Value,
    before: Option<Vec<Dependency>>,
) -> Result<(Option<Vec<Dependency>>, bool), String> {
    let items = match value {
        Value::Null => return Ok((None, false)),
        Value::Array(items) => items,
        other => return Err(place.wrong(other, "[]*PACKAGE.Dependency")),
    };
    let mut read = before.unwrap_or_default();
    read.resize(items.len(), Dependency::default());
    for (item, into) in items.iter().zip(&mut read) {
        match item {
            Value::Null => {}
            Value::Object(map) => dependency(place, map, into)?,
            other => return Err(place.wrong(other, "PACKAGE.Dependency")),
        }
    }
    Ok((Some(read), items.iter().any(Value::is_null)))
}

const DEPENDENCY_KEYS: &[&str] =
    &["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"];

fn dependency(place: &Place<'_>, map: &Map<String, Value>, into: &mut Dependency) -> Result<(), String> {
    for (key, value) in known(map, DEPENDENCY_KEYS) {
        let path = format!("{}.{key}", place.path);
        let place = Place { of: "Dependency", path: &path, dialect: place.dialect };
        match key {
            "name" => place.text(value, &mut into.name)?,
            "version" => place.text(value, &mut into.version)?,
            "repository" => place.text(value, &mut into.repository)?,
            "condition" => place.text(value, &mut into.condition)?,
            "alias" => place.text(value, &mut into.alias)?,
            "tags" => place.texts(value, &mut into.tags)?,
            "enabled" => place.flag(value, &mut into.enabled)?,
            _ => match value {
                Value::Null => into.import_values.clear(),
                Value::Array(items) => into.import_values = items.iter().map(Tree::of_json).collect(),
                other => return Err(place.wrong(other, "[]interface {}")),
            },
        }
    }
    Ok(())
}
