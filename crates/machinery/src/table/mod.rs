//! Server-rendered tables: what `kubectl get` prints. Columns of built-in kinds as upstream's printers have them, columns of
//! custom resources from `additionalPrinterColumns`.
//!
//! Cells are final text: kubectl prints ages verbatim, so `now` is an argument here. Descriptions of built-in columns are
//! empty: upstream's are not ours to copy, and kubectl does not show them.

mod age;
mod builtin;
mod cluster;
mod custom;
mod event;
mod jsonpath;
mod node;
mod pod;
mod service;
mod system;
#[cfg(test)]
mod tests;
mod workload;

use api::text;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub use age::{age, since};

/// The columns of one kind.
#[derive(Clone, Debug)]
pub struct Columns {
    definitions: Vec<Definition>,
    printer: Printer,
}

#[derive(Clone, Debug)]
struct Definition {
    name: String,
    column_type: String,
    format: String,
    description: String,
    /// 0 is always shown, more than 0 only by `-o wide`.
    priority: i64,
}

#[derive(Clone, Debug)]
enum Printer {
    Builtin(fn(&Value, Timestamp) -> Vec<Value>),
    Custom(Vec<custom::Column>),
}

/// `includeObject` of the request: what each row carries besides its cells. The client's default is `Metadata`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Include {
    None,
    #[default]
    Metadata,
    Object,
}

impl Include {
    /// The query parameter; empty means the default. `None` when upstream would refuse it.
    pub fn parse(text: &str) -> Option<Include> {
        match text {
            "" | "Metadata" => Some(Include::Metadata),
            "None" => Some(Include::None),
            "Object" => Some(Include::Object),
            _ => None,
        }
    }
}

impl Columns {
    /// Of a built-in kind; name and creation time for kinds without a printer, as upstream's default.
    pub fn builtin(group: &str, kind: &str) -> Columns {
        builtin::columns(group, kind)
    }

    /// Of `additionalPrinterColumns` of a CRD's version, as the user wrote it; name and age when there are none.
    pub fn custom(additional_printer_columns: Option<&Value>) -> Columns {
        custom::columns(additional_printer_columns)
    }

    /// The cells of one object, in the order of the definitions.
    pub fn row(&self, object: &Value, now: Timestamp) -> Vec<Value> {
        match &self.printer {
            Printer::Builtin(print) => print(object, now),
            Printer::Custom(columns) => custom::row(columns, object, now),
        }
    }

    /// `columnDefinitions` of a Table.
    pub fn definitions(&self) -> Value {
        let define = |of: &Definition| {
            json!({
                "name": of.name, "type": of.column_type, "format": of.format,
                "description": of.description, "priority": of.priority,
            })
        };
        self.definitions.iter().map(define).collect()
    }
}

impl Definition {
    fn new(name: &str, column_type: &str, priority: i64) -> Self {
        let format = if name == "Name" && priority == 0 { "name" } else { "" };
        Self {
            name: name.into(),
            column_type: column_type.into(),
            format: format.into(),
            description: String::new(),
            priority,
        }
    }
}

/// Why a `jsonPath` of `additionalPrinterColumns` cannot be used; admission of CRDs asks.
pub fn check_json_path(path: &str) -> Result<(), String> {
    jsonpath::Path::parse(path).map(|_| ())
}

/// A whole `meta.k8s.io/v1` Table. `list_metadata` is the list's metadata (resourceVersion, continue) or, for one object,
/// its resourceVersion; `definitions` is false for watch events after the first.
pub fn render<'a>(
    columns: &Columns,
    objects: impl IntoIterator<Item = &'a Value>,
    list_metadata: Value,
    now: Timestamp,
    include: Include,
    definitions: bool,
) -> Value {
    let rows: Vec<Value> = objects.into_iter().map(|object| row(columns, object, now, include)).collect();
    json!({
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": list_metadata,
        "columnDefinitions": if definitions { columns.definitions() } else { Value::Null },
        "rows": rows,
    })
}

fn row(columns: &Columns, object: &Value, now: Timestamp, include: Include) -> Value {
    let mut row = Map::new();
    row.insert("cells".into(), columns.row(object, now).into());
    if let Some(reason) = completed(object) {
        row.insert("conditions".into(), json!([{ "type": "Completed", "status": "True", "reason": reason }]));
    }
    let carried = match include {
        Include::None => Value::Null,
        Include::Object => object.clone(),
        Include::Metadata => json!({
            "kind": "PartialObjectMetadata",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": object.get("metadata").cloned().unwrap_or(Value::Null),
        }),
    };
    row.insert("object".into(), carried);
    row.into()
}

/// Pods that ran to their end are marked, so that clients can leave them out.
fn completed(object: &Value) -> Option<&str> {
    let pod = object.get("kind")?.as_str()? == "Pod" && object.get("apiVersion")?.as_str()? == "v1";
    let phase = object.pointer("/status/phase")?.as_str()?;
    (pod && ["Succeeded", "Failed"].contains(&phase)).then_some(phase)
}

fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn int(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

fn or<'a>(text: &'a str, instead: &'a str) -> &'a str {
    if text.is_empty() { instead } else { text }
}

fn name(object: &Value) -> Value {
    text(object, "/metadata/name").into()
}

/// The first of many; the rest is counted.
fn first_of(all: &[String], none: &str) -> String {
    const SHOWN_MAX: usize = 3;
    let first = all.iter().take(SHOWN_MAX).cloned().collect::<Vec<_>>().join(",");
    match all.len().saturating_sub(SHOWN_MAX) {
        _ if all.is_empty() => none.to_string(),
        0 => first,
        more => format!("{first} + {more} more..."),
    }
}

/// `a=b,c=d`, or `<none>`.
fn labels(object: &Value, pointer: &str) -> String {
    let labels = object.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
    let labels: Vec<String> =
        labels.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    or(&labels.join(","), "<none>").to_string()
}

/// How long ago the object was made.
fn created(object: &Value, now: Timestamp) -> Value {
    since(text(object, "/metadata/creationTimestamp"), now).into()
}
