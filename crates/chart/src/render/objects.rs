//! `.Chart` and `.Files`.

use std::{any::Any, borrow::Cow, collections::BTreeMap, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use gotemplate::{Dialect, Element, FunctionError, List, Map, MapType, Methods, Object, Param, Text, Value, yaml};

use super::{base_name, top::texts};
use crate::{
    Chart, Dependency, Metadata,
    files::{File, Glob},
};

fn map(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Map {
    entries.into_iter().map(|(name, value)| (Text::from(name), value)).collect()
}

/// Helm 4 gives a map, so that an unknown field is empty; Helm 3 a struct, so that it is an error.
pub(super) fn chart(chart: &Chart, is_root: bool, dialect: Dialect) -> Value {
    let fields = fields(&chart.metadata, is_root);
    match dialect {
        Dialect::Helm4 => Value::Map(map(fields)),
        Dialect::Helm3 => Value::Object(Object::new(ChartStruct(fields, chart.metadata.clone(), is_root))),
    }
}

fn fields(chart: &Metadata, is_root: bool) -> Vec<(&'static str, Value)> {
    let text = |text: &String| Value::text(text.as_str());
    let annotations = match &chart.annotations {
        None => Map::nil().with_type(MapType::String),
        Some(annotations) => Map::typed(
            MapType::String,
            annotations.iter().map(|(key, value)| (Text::from(key.as_str()), text(value))).collect(),
        ),
    };
    let list = |items: Vec<Value>| Value::List(List::typed(Element::Interface, items));
    let maintainer = |[name, email, url]: &[String; 3]| {
        Value::Map(map([("Name", text(name)), ("Email", text(email)), ("URL", text(url))]))
    };
    vec![
        ("APIVersion", text(&chart.api_version)),
        ("Annotations", Value::Map(annotations)),
        ("AppVersion", text(&chart.app_version)),
        ("Condition", text(&chart.condition)),
        ("Dependencies", list(chart.dependencies.iter().flatten().map(dependency).collect())),
        ("Deprecated", Value::Bool(chart.deprecated)),
        ("Description", text(&chart.description)),
        ("Home", text(&chart.home)),
        ("Icon", text(&chart.icon)),
        ("IsRoot", Value::Bool(is_root)),
        ("Keywords", texts(&chart.keywords)),
        ("KubeVersion", text(&chart.kube_version)),
        ("Maintainers", list(chart.maintainers.iter().map(maintainer).collect())),
        ("Name", text(&chart.name)),
        ("Sources", texts(&chart.sources)),
        ("Tags", text(&chart.tags)),
        ("Type", text(&chart.kind)),
        ("Version", text(&chart.version)),
    ]
}

fn dependency(of: &Dependency) -> Value {
    let text = |text: &String| Value::text(text.as_str());
    let imports = of.import_values.iter().map(crate::values::Tree::to_value).collect();
    Value::Map(map([
        ("Name", text(&of.name)),
        ("Version", text(&of.version)),
        ("Repository", text(&of.repository)),
        ("Condition", text(&of.condition)),
        ("Tags", texts(&of.tags)),
        ("Enabled", Value::Bool(of.enabled)),
        ("ImportValues", Value::List(List::new(imports))),
        ("Alias", text(&of.alias)),
    ]))
}

#[derive(Debug)]
struct ChartStruct(Vec<(&'static str, Value)>, Metadata, bool);

impl Methods for ChartStruct {
    fn type_name(&self) -> Cow<'static, str> {
        "struct { chart.Metadata; IsRoot bool }".into()
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.0.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone())
    }

    fn print(&self) -> Vec<u8> {
        let Self(_, chart, is_root) = self;
        let annotations: Vec<String> =
            chart.annotations.iter().flatten().map(|(key, value)| format!("{key}:{value}")).collect();
        format!(
            "{{{{{} {} [{}] {} {} [{}] [{}] {} {} {} {} {} {} map[{}] {} [] {}}} {is_root}}}",
            chart.name,
            chart.home,
            chart.sources.join(" "),
            chart.version,
            chart.description,
            chart.keywords.join(" "),
            chart.maintainers.iter().map(|_| "0x0").collect::<Vec<_>>().join(" "),
            chart.icon,
            chart.api_version,
            chart.condition,
            chart.tags,
            chart.app_version,
            chart.deprecated,
            annotations.join(" "),
            chart.kube_version,
            chart.kind
        )
        .into_bytes()
    }

    fn to_json(&self) -> serde_json::Value {
        let Self(_, chart, is_root) = self;
        let mut json = serde_json::Map::new();
        for (name, text) in [
            ("name", &chart.name),
            ("home", &chart.home),
            ("version", &chart.version),
            ("description", &chart.description),
            ("icon", &chart.icon),
            ("apiVersion", &chart.api_version),
            ("condition", &chart.condition),
            ("tags", &chart.tags),
            ("appVersion", &chart.app_version),
            ("kubeVersion", &chart.kube_version),
            ("type", &chart.kind),
        ] {
            if !text.is_empty() {
                json.insert(name.to_owned(), text.as_str().into());
            }
        }
        for (name, texts) in [("sources", &chart.sources), ("keywords", &chart.keywords)] {
            if !texts.is_empty() {
                json.insert(name.to_owned(), texts.as_slice().into());
            }
        }
        json.insert("IsRoot".to_owned(), (*is_root).into());
        json.into()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

pub(super) fn files(files: &[File]) -> Value {
    let files = files.iter().map(|file| (file.name.clone(), Arc::clone(&file.data))).collect();
    Value::Object(Object::new(Files(files)))
}

#[derive(Debug, Clone)]
struct Files(BTreeMap<String, Arc<[u8]>>);

impl Files {
    fn by_base(&self, value: impl Fn(&[u8]) -> Value) -> Value {
        let entries = self.0.iter().map(|(path, data)| (Text::from(base_name(path)), value(data))).collect();
        let written = yaml::write(&Value::Map(Map::typed(MapType::String, entries))).unwrap_or_default();
        Value::text(written.strip_suffix(b"\n").unwrap_or(&written))
    }

    fn lines(&self, path: &str) -> Value {
        let data = self.0.get(path).map(AsRef::as_ref).unwrap_or_default();
        let items = match data.strip_suffix(b"\n").unwrap_or(data) {
            _ if data.is_empty() => Vec::new(),
            text => text.split(|byte| *byte == b'\n').map(Value::text).collect(),
        };
        Value::List(List::typed(Element::String, items))
    }
}

impl Methods for Files {
    fn type_name(&self) -> Cow<'static, str> {
        "engine.files".into()
    }

    fn kind_name(&self) -> &'static str {
        "map"
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.0.get(name).map(|data| Value::Bytes(Arc::clone(data)))
    }

    fn signature(&self, name: &str) -> Option<&'static [Param]> {
        Some(match name {
            "Get" | "GetBytes" | "Glob" | "Lines" => &[Param::Text],
            "AsConfig" | "AsSecrets" => &[],
            _ => return None,
        })
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let path = match arguments.first() {
            Some(Value::Text(text)) => text.to_str().into_owned(),
            _ => String::new(),
        };
        let data = || self.0.get(&path).cloned().unwrap_or_else(|| Arc::from(&b""[..]));
        Some(Ok(match name {
            "Get" => Value::text(&data()[..]),
            "GetBytes" => Value::Bytes(data()),
            "Lines" => self.lines(&path),
            "Glob" => {
                let glob = Glob::new(&path);
                let found = self.0.iter().filter(|(path, _)| glob.matches(path));
                let found = found.map(|(path, data)| (path.clone(), Arc::clone(data))).collect();
                Value::Object(Object::new(Self(found)))
            }
            "AsConfig" => self.by_base(|data| Value::text(data)),
            "AsSecrets" => self.by_base(|data| Value::text(BASE64_STANDARD.encode(data))),
            _ => return None,
        }))
    }

    fn entries(&self) -> Option<Vec<(Text, Value)>> {
        let entry = |(path, data): (&String, &Arc<[u8]>)| (Text::from(path.as_str()), Value::Bytes(Arc::clone(data)));
        Some(self.0.iter().map(entry).collect())
    }

    fn print(&self) -> Vec<u8> {
        let bytes = |data: &[u8]| data.iter().map(u8::to_string).collect::<Vec<_>>().join(" ");
        let entries: Vec<String> = self.0.iter().map(|(path, data)| format!("{path}:[{}]", bytes(data))).collect();
        format!("map[{}]", entries.join(" ")).into_bytes()
    }

    fn to_json(&self) -> serde_json::Value {
        self.0
            .iter()
            .map(|(path, data)| (path.clone(), serde_json::Value::from(BASE64_STANDARD.encode(data))))
            .collect()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
